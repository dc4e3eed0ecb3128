//! Everything together: a server, a network, people's apps, and what each step does to them.

mod healing;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
    time::Duration,
};

use holdfast_testkit::{
    Client,
    network::{Imposter, Link, Way},
};
use tempfile::TempDir;
use tokio::runtime::Handle;

use crate::{
    app::App,
    host::{Host, WorldClock},
    machine::{Machine, Pace, quiet},
    observer::Observer,
    plan::{Plan, WINDOWS},
    record,
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
