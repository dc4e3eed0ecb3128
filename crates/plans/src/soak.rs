//! `holdfast-soak`: random plans for as long as one likes, in memory and against real server processes.

use std::{
    path::PathBuf,
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use clap::Parser;
use holdfast_plans::{
    Plan, carry_out,
    machine::Pace,
    run::{Outcome, failed},
    stage::Stage,
    world::Tally,
};

/// A plan that failed is tried so often again.
const REPLAYS: u64 = 10;

#[derive(Parser)]
#[command(about = "Carries out random plans of edits and faults, and judges each")]
struct Options {
    /// For how long
    #[arg(long, default_value_t = 5)]
    minutes: u64,
    /// Where the seeds begin; by the clock where it is not said
    #[arg(long)]
    seed: Option<u64>,
    /// So many plans instead of so many minutes
    #[arg(long)]
    count: Option<u64>,
    /// One plan that was saved, ten times
    #[arg(long)]
    plan: Option<PathBuf>,
    /// Only against server processes, in real time
    #[arg(long)]
    processes: bool,
    /// How many plans at once [default: three a core, two in memory and one against a process]
    #[arg(long)]
    jobs: Option<usize>,
}

/// What all workers share.
struct Soak {
    stage: Stage,
    options: Options,
    first: u64,
    until: Option<Instant>,
    next: AtomicU64,
    sum: Mutex<Sum>,
}

/// What came of it.
#[derive(Default)]
struct Sum {
    in_memory: u64,
    against_processes: u64,
    lived: Duration,
    tally: Tally,
    failures: Vec<String>,
}

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let soak = Soak::new(options);
    if let Some(path) = &soak.options.plan {
        let plan = Plan::read(path).with_context(|| path.display().to_string())?;
        for _ in 0..REPLAYS {
            soak.carry_out(&plan, soak.pace(0));
        }
    } else {
        thread::scope(|scope| {
            for worker in 0..soak.jobs() {
                let soak = &soak;
                scope.spawn(move || soak.work(worker));
            }
        });
    }
    Ok(soak.tell())
}

impl Soak {
    fn new(options: Options) -> Self {
        let by_clock = || {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            now.unwrap_or_default().as_secs() * 1_000
        };
        let first = options.seed.unwrap_or_else(by_clock);
        let until = options
            .count
            .is_none()
            .then(|| Instant::now() + Duration::from_secs(60 * options.minutes));
        Self {
            stage: Stage::set(),
            options,
            first,
            until,
            next: AtomicU64::new(0),
            sum: Mutex::default(),
        }
    }

    fn jobs(&self) -> usize {
        let cores = thread::available_parallelism().map_or(2, usize::from);
        self.options.jobs.unwrap_or(3 * cores)
    }

    /// Every third worker takes real processes.
    fn pace(&self, worker: usize) -> Pace {
        if self.options.processes || worker % 3 == 2 {
            Pace::Real
        } else {
            Pace::Paused
        }
    }

    /// Plan after plan, until time or plans are used up.
    fn work(&self, worker: usize) {
        while self.until.is_none_or(|until| Instant::now() < until) {
            let number = self.next.fetch_add(1, Ordering::SeqCst);
            if self.options.count.is_some_and(|count| number >= count) {
                return;
            }
            self.carry_out(&Plan::draw(self.first + number), self.pace(worker));
        }
    }

    fn carry_out(&self, plan: &Plan, pace: Pace) {
        let outcome = carry_out(&self.stage, plan, pace);
        let failure = (!outcome.violations.is_empty()).then(|| {
            let told = failed(&self.stage, plan, pace, &outcome.violations);
            eprintln!("{told}");
            told
        });
        self.sum
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(outcome, pace, failure);
    }

    /// The summary.
    fn tell(&self) -> ExitCode {
        let sum = self.sum.lock().unwrap_or_else(PoisonError::into_inner);
        let plans = sum.in_memory + sum.against_processes;
        println!(
            "{plans} plans from seed {}: {} in memory, {} against server processes; {} min passed in them",
            self.first,
            sum.in_memory,
            sum.against_processes,
            sum.lived.as_secs() / 60
        );
        for (what, times) in &sum.tally {
            println!("  {times:>8}  {what}");
        }
        println!("{} failed", sum.failures.len());
        for failure in &sum.failures {
            println!("{failure}");
        }
        if sum.failures.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

impl Sum {
    fn add(&mut self, outcome: Outcome, pace: Pace, failure: Option<String>) {
        match pace {
            Pace::Paused => self.in_memory += 1,
            Pace::Real => self.against_processes += 1,
        }
        self.lived += outcome.lived;
        for (what, times) in outcome.tally {
            *self.tally.entry(what).or_default() += times;
        }
        self.failures.extend(failure);
    }
}
