//! The app killed by SIGKILL at random moments while somebody draws (X07): all that is older than 300 ms is in the canvas in
//! the end, each stroke once.
//!
//! Each life of the app begins with what the life before has left in the journal. In some the server can't be reached, so
//! that the journal is all there is; in others commits are on their way. Some lives end before they have begun.

use std::{
    cell::RefCell,
    collections::HashMap,
    time::{Duration, Instant},
};

use holdfast_testkit::{
    Client, Server, eventually::eventually_ok, network::Link, process::Process, seconds, server::PASSWORD,
};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

use crate::{canvas::Canvas, linked::live, person::Person};

/// What an edit may take until it is on disk.
const ON_DISK_WITHIN: Duration = Duration::from_millis(300);
const LIVES: i64 = 10;
const CANVAS: &str = "Sketch";

/// A rectangle whose size tells which it is: its height the life, its width the number.
type Stroke = (i64, i64);

struct Mortal {
    random: StdRng,
    client: Client,
    document: String,
    /// How many elements must not be lost.
    due: u64,
    // last: the app, its link and its server outlive what uses them
    link: Link,
    _server: Server,
}

impl Mortal {
    /// A person who has signed in, with an empty canvas.
    async fn new(seed: u64) -> (Self, Person) {
        let server = Server::start_with(["--grace", "300ms"]).await;
        let link = Link::to(server.address()).await;
        let client = server.user("Ada").await;
        let document = client.canvas(CANVAS).await;
        let ada = Person::new().await;
        let library = ada.library().await;
        library.sign_in(&link.url(), "ada@example.org", PASSWORD).await;
        let mortal = Self {
            random: StdRng::seed_from_u64(seed),
            client,
            document,
            due: 0,
            link,
            _server: server,
        };
        (mortal, ada)
    }

    /// How often each stroke is in the canvas.
    async fn stored(&self) -> HashMap<Stroke, u32> {
        let path = format!("/v1/documents/{}/content", self.document);
        let mut counts = HashMap::new();
        for element in live(&self.client.get(&path).await.ok(200).body) {
            let size = |name: &str| element[name].as_f64().map(f64::round);
            if let (Some(width), Some(height)) = (size("width"), size("height")) {
                #[expect(clippy::cast_possible_truncation, reason = "pixels of a screen")]
                let stroke = (width as i64, height as i64);
                *counts.entry(stroke).or_default() += 1;
            }
        }
        counts
    }

    /// Kills what runs, and starts it anew with the link of the canvas.
    async fn start_again(&self, person: Person) -> Person {
        person.app.kill().await;
        self.link.mend();
        person
            .start_again_with(&[&format!("holdfast://document/{}", self.document)])
            .await
    }

    /// Waits until all that is due is in the canvas, and judges it.
    async fn is_whole(&self, canvas: &Canvas) {
        eventually_ok("what was drawn is there", seconds(20), async || {
            let stored = self.stored().await;
            let count = u64::from(stored.values().sum::<u32>());
            if count >= self.due {
                Ok(())
            } else {
                Err(format!("of {} there are {stored:?}", self.due))
            }
        })
        .await;
        canvas.is_editable().await;
        canvas.is_saved().await;
        let twice: Vec<_> = self
            .stored()
            .await
            .into_iter()
            .filter(|(_, count)| *count > 1)
            .collect();
        assert!(
            twice.is_empty(),
            "strokes that are there more than once: {twice:?}"
        );
    }

    /// Draws until the random moment at which the app is killed; what was older than 300 ms then is due.
    async fn live_and_die(&mut self, canvas: &Canvas, person: &Person, life: i64, offline: bool) {
        if offline {
            self.link.cut();
            canvas
                .page
                .attribute_is("connection", "data-state", "offline")
                .await;
        }
        let before = canvas.elements().await;
        let window = person.desktop.window(CANVAS).await;
        let mut command = person.desktop.command("xdotool");
        let hand = Process::start(
            "hand",
            person.desktop.folder(),
            command.args(script(&window.id, life)),
        );
        canvas
            .page
            .until("the first stroke is begun", &has_more_than(before))
            .await;
        let moment = Duration::from_millis(self.random.random_range(0..2_500));
        let seen = RefCell::new(Vec::new());
        tokio::select! {
            () = watch(canvas, &seen) => {}
            () = tokio::time::sleep(moment) => {}
        }
        let killed = Instant::now();
        person.app.kill().await;
        drop(hand);
        let seen = seen.into_inner();
        let old = seen.iter().rev().find(|(_, at)| killed - *at > ON_DISK_WITHIN);
        // the last element that was seen may not have been finished then
        let due = old.map_or(before, |(count, _)| before.max(count - 1));
        let drawn = seen.last().map_or(0, |(count, _)| count - before);
        eprintln!(
            "life {life} ended {moment:?} after its first stroke; drawn: {drawn}, due of them: {}",
            due - before
        );
        self.due = due;
    }
}

fn stroke(life: i64, number: i64) -> Stroke {
    (60 + number, 60 + life)
}

fn has_more_than(count: u64) -> String {
    format!("Number(document.querySelector('[data-testid=\"canvas\"]').dataset.elements) > {count}")
}

/// Looks at how many elements there are, without end.
async fn watch(canvas: &Canvas, seen: &RefCell<Vec<(u64, Instant)>>) {
    loop {
        let count = canvas.elements().await;
        // it was drawn before it was seen: what is old by this clock is older by any other
        seen.borrow_mut().push((count, Instant::now()));
    }
}

/// What a hand does with pointer and keys: rectangle after rectangle, several a second.
fn script(window: &str, life: i64) -> Vec<String> {
    let to = |(x, y): (i64, i64)| format!("mousemove --window {window} {x} {y} sleep 0.015");
    let mut words = format!("windowactivate --sync {window} {} click 1", to((240, 420)));
    for number in 0..60 {
        let (width, height) = stroke(life, number);
        let from = (300 + number % 10 * 60, 200 + number / 10 % 4 * 120);
        let end = (from.0 + width, from.1 + height);
        words += &format!(
            " key r {} mousedown 1 sleep 0.015 {} mouseup 1 sleep 0.03",
            to(from),
            to(end)
        );
    }
    words.split(' ').map(str::to_owned).collect()
}

async fn lives(offline: bool) {
    let seed = std::env::var("HOLDFAST_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed: u64 = seed.unwrap_or_else(rand::random);
    eprintln!("HOLDFAST_SEED={seed}");
    let (mut mortal, mut ada) = Mortal::new(seed).await;
    for life in 0..LIVES {
        ada = mortal.start_again(ada).await;
        if mortal.random.random_ratio(1, 4) {
            let moment = Duration::from_millis(mortal.random.random_range(0..1_000));
            tokio::time::sleep(moment).await;
            eprintln!("killed {moment:?} after its start");
            ada = mortal.start_again(ada).await;
        }
        let canvas = ada.canvas(CANVAS).await;
        mortal.is_whole(&canvas).await;
        mortal.live_and_die(&canvas, &ada, life, offline).await;
    }
    ada = mortal.start_again(ada).await;
    let canvas = ada.canvas(CANVAS).await;
    mortal.is_whole(&canvas).await;
    assert!(
        mortal.due >= 15,
        "too little was drawn to prove anything: {}",
        mortal.due
    );
    let faults = mortal.link.faults();
    assert!(
        !offline || faults.reset + faults.refused > 0,
        "the network did fail: {faults:?}"
    );
    canvas.page.click("open-library").await;
    let shelf = ada.library().await.page;
    shelf.click("sidebar-drafts").await;
    shelf.shows("drafts").await;
    assert!(
        !shelf.has("draft").await,
        "what is in the canvas is no draft as well"
    );
}

#[tokio::test]
async fn x07_killed_ten_times_while_offline_first() {
    lives(true).await;
}

#[tokio::test]
async fn x07_killed_ten_times_while_offline_second() {
    lives(true).await;
}

#[tokio::test]
async fn x07_killed_ten_times_while_offline_third() {
    lives(true).await;
}

#[tokio::test]
async fn x07_killed_ten_times_while_commits_are_under_way_first() {
    lives(false).await;
}

#[tokio::test]
async fn x07_killed_ten_times_while_commits_are_under_way_second() {
    lives(false).await;
}
