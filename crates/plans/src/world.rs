//! Everything together: a server, a network, people's apps, and what each step does to them.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use holdfast_client::view::CanvasContent;
use holdfast_testkit::{
    Client,
    network::{Imposter, Link, Way},
};
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Handle;

use crate::{
    app::App,
    host::{Host, WorldClock},
    machine::{Machine, Pace, quiet},
    observer::Observer,
    plan::{LEASE_MS, Plan, WINDOWS},
    record::{self, Disagreement, Drawing, Record},
    stage::{self, Stage},
    step::{Act, Blow, Choice, Step, Weather},
    strokes::{Fate, Ledger, Mark},
};

/// Time goes on in slices of this: fine beside what the rules count, which is whole seconds.
const SLICE: Duration = Duration::from_millis(250);
/// How long what is healed may take to come to rest: the longest backoff, and then some.
const REST_WITHIN: Duration = Duration::from_secs(120);

/// More conflicts than this, one after the other with nobody else at work, have no end.
const CONFLICTS: usize = 8;

/// How often windows are compared before they disagree: longer than anything is on its way.
const COMPARED: u32 = 10;
/// How often a document is opened that does not open.
const OPENED: u32 = 3;

/// How often each thing happened that a plan can do.
pub type Tally = BTreeMap<&'static str, u64>;

/// A server, a network, people's apps.
#[derive(Debug)]
pub struct World<'a> {
    stage: &'a Stage,
    pace: Pace,
    documents: Vec<String>,
    clock: Arc<WorldClock>,
    /// How long it has lived, in its own time.
    pub age: Duration,
    apps: Vec<App>,
    links: Vec<Link>,
    host: Host,
    observer: Observer,
    network: Machine,
    ledger: Ledger,
    strokes: u64,
    /// Machines on which something turned in circles.
    restless: BTreeSet<String>,
    /// What is said to conflicts that are still open in the end.
    last_words: [Choice; 5],
    tally: Tally,
    outside: Handle,
    folder: TempDir,
}

impl<'a> World<'a> {
    /// A world in which nothing has happened yet.
    ///
    /// # Panics
    ///
    /// Where it can't be set up.
    #[must_use]
    pub fn new(stage: &'a Stage, plan: &Plan, pace: Pace) -> Self {
        let folder = stage::folder();
        let clock = Arc::new(WorldClock::default());
        let outside = stage.outside.handle().clone();
        let host = match pace {
            Pace::Paused => Host::in_memory(stage, folder.path(), Arc::clone(&clock)),
            Pace::Real => Host::process(stage, folder.path(), outside.clone()),
        };
        let network = Machine::idle("network", pace);
        let documents = stage.documents[..plan.documents.min(stage.documents.len())].to_vec();
        let observer = Observer::new(outside.clone(), stage.nobody.with_token(&stage.eve), &documents);
        let target = host.address();
        let links: Vec<Link> = (0..plan.apps.min(stage::APPS.len()))
            .map(|_| network.call(Link::to(target)))
            .collect();
        let apps = links.iter().enumerate().map(|(index, link)| {
            let home = folder.path().join(format!("app-{index}"));
            App::new(index, pace, home, link.url(), stage.tokens[index].clone())
        });
        let mut world = Self {
            stage,
            pace,
            documents,
            clock,
            age: Duration::ZERO,
            apps: apps.collect(),
            links,
            host,
            observer,
            network,
            ledger: Ledger::default(),
            strokes: 0,
            restless: BTreeSet::new(),
            last_words: last_words(plan.seed),
            tally: Tally::new(),
            outside,
            folder,
        };
        world.served();
        for app in &mut world.apps {
            app.start();
        }
        world.pass(Duration::from_millis(600));
        world
    }

    fn count(&mut self, what: &'static str, happened: bool) {
        *self.tally.entry(what).or_default() += u64::from(happened);
    }

    /// What happened so far, the links' faults included.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let mut tally = self.tally.clone();
        let mut add = |what, times| *tally.entry(what).or_default() += times;
        for link in &self.links {
            let faults = link.faults();
            add("connections turned away", faults.refused);
            add("connections reset", faults.reset);
            add("silences", faults.silenced);
            add("delays", faults.delayed);
            add("losses", faults.lost);
            add("breaks in requests", faults.broken_there);
            add("breaks in answers", faults.broken_back);
            add("imposters' answers", faults.impersonated);
        }
        let drawn = self.ledger.drawn();
        add("conflicts settled", drawn.settled);
        for stroke in &drawn.strokes {
            match stroke.fate {
                Fate::Accepted => add("edits accepted", 1),
                Fate::InMemory => add("edits without a disk", 1),
                Fate::Refused => add("edits refused", 1),
                Fate::Unknown => add("edits never answered", 1),
            }
        }
        drop(drawn);
        tally
    }

    /// Where an app keeps its journals.
    #[must_use]
    pub fn app_folder(&self, app: usize) -> &Path {
        self.apps[app].folder()
    }

    /// The server.
    pub fn host(&mut self) -> &mut Host {
        &mut self.host
    }

    /// Waits until nothing is going on.
    pub fn quiet(&mut self) {
        let apps = self.apps.iter().filter_map(App::machine_ref);
        let mut machines: Vec<&Machine> = apps.chain([&self.network]).collect();
        machines.extend(self.host.machine().map(|machine| &*machine));
        if let Some(machine) = quiet(&machines) {
            self.restless.insert(machine);
        }
    }

    /// Lets time pass.
    pub fn pass(&mut self, by: Duration) {
        let mut left = by;
        while !left.is_zero() {
            let slice = left.min(SLICE);
            left -= slice;
            self.age += slice;
            if self.pace == Pace::Real {
                std::thread::sleep(slice);
                continue;
            }
            self.clock.advance(slice);
            let apps = self.apps.iter_mut().filter_map(App::machine);
            for machine in apps.chain([&mut self.network]).chain(self.host.machine()) {
                machine.advance(slice);
            }
            self.quiet();
        }
    }

    /// Does one step.
    pub fn step(&mut self, step: Step) {
        match step {
            Step::Pass(ms) => self.pass(Duration::from_millis(ms)),
            Step::App(app, act) if app < self.apps.len() => self.act(app, act),
            Step::Link(app, weather) if app < self.links.len() => self.weather(app, weather),
            Step::Server(blow) => self.blow(blow),
            Step::App(..) | Step::Link(..) => {}
        }
        self.quiet();
    }

    fn act(&mut self, at: usize, act: Act) {
        let app = &mut self.apps[at];
        match act {
            Act::Open {
                window,
                document,
                edit,
            } => app.open(
                window % WINDOWS,
                &self.documents[document % self.documents.len()],
                edit,
            ),
            Act::Close(window) => {
                app.close(window % WINDOWS);
                self.without_disk(at);
            }
            Act::Draw(window, pen) => {
                self.strokes += 1;
                let name = format!("{at}-{}", self.strokes);
                app.draw(window % WINDOWS, pen, name, self.ledger.clone());
            }
            Act::StartEditing(window) => app.with(window % WINDOWS, |canvas| async move {
                let _ = canvas.start_editing().await;
            }),
            Act::StopEditing(window) => app.with(window % WINDOWS, |canvas| async move {
                let _ = canvas.stop_editing().await;
            }),
            Act::TakeOver(window) => app.with(window % WINDOWS, |canvas| async move {
                let _ = canvas.take_over("It is my turn").await;
            }),
            Act::Resolve(window, choice) => app.resolve(window % WINDOWS, choice, self.ledger.clone()),
            Act::OpenDraft(window, n) => app.open_draft(window % WINDOWS, n),
            Act::CopyDraft(n) => app.copy_draft(n, self.ledger.clone()),
            Act::Kill => {
                let killed = app.kill();
                self.without_disk(at);
                self.count("apps killed", killed);
            }
            Act::Start => {
                if app.is_signed_out() {
                    app.kill();
                }
                app.start();
            }
            Act::Suspend(ms) => self.suspend(at, Duration::from_millis(ms)),
            Act::DiskFull => {
                let full = app.fill_disk();
                self.count("disks full", full);
            }
            Act::DiskFree => app.free_disk(),
            Act::SignOut => {
                let signed_out = app.runs() && app.sign_out();
                self.without_disk(at);
                self.count("sign-outs", signed_out);
            }
        }
    }

    /// What a person was told is in memory only is gone when that is, and nobody was promised anything else.
    fn without_disk(&mut self, app: usize) {
        self.ledger
            .waive(|stroke| stroke.app == app && stroke.fate == Fate::InMemory);
    }

    fn suspend(&mut self, app: usize, by: Duration) {
        let Some(machine) = self.apps[app].machine() else {
            return;
        };
        machine.freeze();
        self.pass(by);
        let missed = self.apps[app].machine().map_or(Duration::ZERO, Machine::thaw);
        self.apps[app].slept(missed);
        self.count("machines suspended", true);
    }

    fn weather(&mut self, app: usize, weather: Weather) {
        let link = &self.links[app];
        match weather {
            Weather::Mend => link.mend(),
            Weather::Cut => link.cut(),
            Weather::Reset => link.reset(),
            Weather::Silent => link.fall_silent(),
            Weather::SilentThere => link.fall_silent_one_way(Way::There),
            Weather::SilentBack => link.fall_silent_one_way(Way::Back),
            Weather::Delay(ms) => link.delay(Duration::from_millis(ms)),
            Weather::Lose(per_mille) => link.lose(per_mille),
            Weather::BreakThere(bytes) => link.break_after(Way::There, bytes),
            Weather::BreakBack(bytes) => link.break_after(Way::Back, bytes),
            Weather::Portal => link.impersonate(Imposter::CaptivePortal),
            Weather::Garbage => link.impersonate(Imposter::Garbage),
            Weather::Refuse(status) => link.impersonate(Imposter::Refusal {
                status,
                retry_after: 2,
            }),
        }
    }

    fn blow(&mut self, blow: Blow) {
        match blow {
            Blow::Kill => {
                let killed = self.host.kill();
                self.count("server kills", killed);
            }
            Blow::Start => self.serve(),
            Blow::Stall => {
                let stalled = self.host.stall();
                self.count("server stalls", stalled);
            }
            Blow::BackUp => {
                self.serve();
                self.host.back_up();
                self.serve();
                self.count("backups", true);
            }
            Blow::Restore => self.restore(),
            Blow::ClockJump(ms) => {
                let jumped = self.host.jump(ms);
                self.count("server clock jumps", jumped);
            }
        }
    }

    /// The server serves from now on.
    fn serve(&mut self) {
        if self.host.start() {
            self.served();
        }
    }

    /// A new server is watched before anybody else can reach it.
    fn served(&mut self) {
        let address = self.host.address();
        self.observer.join(address);
        for link in &self.links {
            link.retarget(address);
        }
    }

    fn restore(&mut self) {
        self.serve();
        let before = self.saved();
        if !self.host.restore() {
            return;
        }
        self.serve();
        let after = self.saved();
        let lost: BTreeSet<_> = before.difference(&after).cloned().collect();
        self.ledger
            .waive(|stroke| lost.contains(&stroke.token) || matches!(stroke.mark, Mark::Erased(_)));
        self.count("restores of older data", true);
    }

    /// All tokens that the server has.
    fn saved(&self) -> BTreeSet<String> {
        let histories = self.histories();
        let versions = histories.iter().flat_map(|history| &history.versions);
        versions
            .flat_map(|version| version.drawing.tokens().cloned())
            .collect()
    }

    /// Somebody who asks the server from outside.
    fn person(&self, app: usize) -> Client {
        let base = format!("http://{}", self.host.address());
        self.stage.nobody.at(&base).with_token(&self.stage.tokens[app][0])
    }

    fn histories(&self) -> Vec<record::History> {
        self.outside.block_on(async {
            let mut seen = BTreeSet::new();
            let mut histories = Vec::new();
            for app in 0..2 {
                let person = self.person(app);
                for document in record::documents(&person, &self.stage.workspace).await {
                    if seen.insert(document.clone()) {
                        histories.push(record::history(&person, &document).await);
                    }
                }
            }
            histories
        })
    }

    /// Everything is healed, comes to rest, and is looked at.
    #[must_use]
    pub fn finish(mut self) -> (Record, Tally) {
        let mut record = Record::default();
        self.heal();
        self.settle(&mut record, "healed", 0);
        self.compare(&mut record);
        self.look_everywhere(&mut record);
        let tally = self.tally();
        for app in &mut self.apps {
            app.kill();
        }
        record.histories = self.histories();
        let drawn = std::mem::take(&mut *self.ledger.drawn());
        record.strokes = drawn.strokes;
        record.waived = drawn.waived;
        record.overwritten = drawn.overwritten;
        for app in &self.apps {
            let drafts = record::drafts(app.index, app.folder());
            record.drafts.extend(self.outside.block_on(drafts));
        }
        let restless = self.restless.into_iter();
        record
            .unsettled
            .extend(restless.map(|machine| format!("{machine} never rests")));
        record.logs = self.observer.logs();
        drop(self.folder);
        (record, tally)
    }

    fn heal(&mut self) {
        self.serve();
        for link in &self.links {
            link.mend();
        }
        for app in &mut self.apps {
            app.free_disk();
            if app.is_signed_out() {
                app.kill();
            }
            app.start();
        }
    }

    /// Lets time pass until nothing is under way; what is, if it takes too long.
    fn rest(&mut self, when: &str) -> Option<String> {
        let until = self.age + REST_WITHIN;
        loop {
            self.pass(2 * SLICE);
            let busy = self
                .apps
                .iter()
                .find_map(|app| app.is_settled().err().map(|why| (app.index, why)));
            let (app, why) = busy?;
            if self.age >= until {
                return Some(format!("{when}: app {app}: {why}"));
            }
        }
    }

    /// Every open window shows what the server has, or does as soon as what is on its way has arrived.
    fn compare(&mut self, record: &mut Record) {
        let mut found = Vec::new();
        for _ in 0..COMPARED {
            found = self.disagreements();
            if found.is_empty() {
                return;
            }
            self.pass(2 * SLICE);
        }
        record.disagreements.extend(found);
    }

    fn disagreements(&mut self) -> Vec<Disagreement> {
        let mut found = Vec::new();
        for at in 0..self.apps.len() {
            for (window, canvas) in self.apps[at].canvases() {
                let document = canvas.document().to_string();
                let shown = Arc::new(Mutex::new(None));
                let show = Arc::clone(&shown);
                self.apps[at].with(window, move |canvas| async move {
                    let content = canvas.content().await.ok();
                    *show.lock().unwrap_or_else(PoisonError::into_inner) = content;
                });
                self.pass(Duration::from_millis(20));
                let content = shown.lock().unwrap_or_else(PoisonError::into_inner).take();
                if let Some(detail) = self.differs(&document, content.as_ref()) {
                    let window = format!("app {at}, window {window} on {document}");
                    found.push(Disagreement { window, detail });
                }
            }
        }
        found
    }

    fn differs(&self, document: &str, shown: Option<&CanvasContent>) -> Option<String> {
        let Some(shown) = shown else {
            return Some("it shows nothing".to_owned());
        };
        let path = format!("/v1/documents/{document}/content");
        let there = self.outside.block_on(self.person(0).get(&path)).ok(200).body;
        let elements: Vec<_> = shown
            .elements
            .iter()
            .map(|element| json!({"id": element.id, "data": element.data}))
            .collect();
        let files: Vec<_> = shown.files.iter().map(|file| json!({"id": file.id})).collect();
        let scene = json!({"data": {"appState": shown.app_state}});
        let drawing = Drawing::of_content(&json!({"elements": elements, "files": files, "scene": scene}));
        let expected = Drawing::of_content(&there);
        if drawing != expected {
            return Some(format!("it shows {drawing:?}, the server has {expected:?}"));
        }
        let (version, expected) = (shown.version, there["version"].as_i64().unwrap_or(0));
        (version != expected).then(|| format!("it shows version {version}, the server has {expected}"))
    }

    /// Comes to rest, with every conflict settled.
    fn settle(&mut self, record: &mut Record, when: &str, first_word: usize) {
        for round in first_word..first_word + CONFLICTS {
            if let Some(busy) = self.rest(when) {
                record.unsettled.push(busy);
                return;
            }
            let mut open = false;
            for app in &self.apps {
                for (window, state) in app.states() {
                    if state.conflict.is_some() {
                        open = true;
                        app.resolve(
                            window,
                            self.last_words[round % self.last_words.len()],
                            self.ledger.clone(),
                        );
                    }
                }
            }
            if !open {
                return;
            }
        }
        record.unsettled.push(format!("{when}: conflicts without end"));
    }

    /// Each app opens each document once more, alone: what crashes have left is gone on with, and all see the same.
    fn look_everywhere(&mut self, record: &mut Record) {
        self.close_all(record);
        for at in 0..self.apps.len() {
            for document in self.documents.clone() {
                self.look(record, at, &document);
            }
        }
    }

    fn look(&mut self, record: &mut Record, at: usize, document: &str) {
        let when = format!("app {at} opens {document}");
        for _ in 0..OPENED {
            self.apps[at].open(0, document, true);
            self.settle(record, &when, 0);
            if !self.apps[at].canvases().is_empty() {
                break;
            }
        }
        if !self.may_edit(at) {
            // what was killed holds on for the rest of its lease; what was decided against is read-only until asked again
            self.pass(Duration::from_millis(LEASE_MS));
            self.apps[at].with(0, |canvas| async move {
                let _ = canvas.start_editing().await;
            });
            // who has said "later" has to say something else now
            self.settle(record, &when, 1);
        }
        if !self.may_edit(at) {
            let states: Vec<_> = self.apps[at]
                .states()
                .into_iter()
                .map(|(_, state)| (state.lock, state.save, state.conflict.is_some()))
                .collect();
            record
                .unsettled
                .push(format!("app {at} can't edit {document}, alone: {states:?}"));
        }
        self.compare(record);
        self.close_all(record);
    }

    fn may_edit(&self, app: usize) -> bool {
        let states = self.apps[app].states();
        states.iter().any(|(_, state)| state.editable)
    }

    fn close_all(&mut self, record: &mut Record) {
        for app in &self.apps {
            for window in 0..WINDOWS {
                app.close(window);
            }
        }
        record.unsettled.extend(self.rest("all windows close"));
    }
}

/// All choices, beginning with another one for each seed.
fn last_words(seed: u64) -> [Choice; 5] {
    let mut words = [
        Choice::Reload,
        Choice::Overwrite,
        Choice::Merge(seed),
        Choice::Copy,
        Choice::Cancel,
    ];
    words.rotate_left(usize::try_from(seed % 5).unwrap_or(0));
    words
}
