//! One plan, from its beginning to its verdict.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Mutex, Once, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    judge::{Violation, judge},
    machine::Pace,
    plan::Plan,
    shrink::shrink,
    stage::Stage,
    world::{Tally, World},
};

/// How long a plan that failed is made shorter.
const SHRINK_WITHIN: Duration = Duration::from_secs(40);

/// How a plan went.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What did not hold.
    pub violations: Vec<Violation>,
    /// What happened.
    pub tally: Tally,
    /// How much time passed in it.
    pub lived: Duration,
    /// How long that took.
    pub took: Duration,
}

/// Panics of any thread since they were last asked for.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// From now on panics of all threads are kept, and told as ever.
fn watch_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            PANICS
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(panic.to_string());
            told(panic);
        }));
    });
}

/// Carries a plan out and judges it. A panic anywhere is a violation too; with several plans at once it may be another's.
#[must_use]
pub fn carry_out(stage: &Stage, plan: &Plan, pace: Pace) -> Outcome {
    watch_panics();
    let began = Instant::now();
    let mut outcome = catch_unwind(AssertUnwindSafe(|| lived(stage, plan, pace))).unwrap_or_else(broken);
    outcome.took = began.elapsed();
    let panics = std::mem::take(&mut *PANICS.lock().unwrap_or_else(PoisonError::into_inner));
    let told = panics.into_iter().map(Violation::Unsettled);
    outcome.violations.extend(told);
    outcome
}

fn lived(stage: &Stage, plan: &Plan, pace: Pace) -> Outcome {
    let mut world = World::new(stage, plan, pace);
    for step in &plan.steps {
        world.step(*step);
    }
    let lived = world.age;
    let (record, tally) = world.finish();
    Outcome {
        violations: judge(&record),
        tally,
        lived,
        took: Duration::ZERO,
    }
}

/// The panic itself was kept where it happened.
fn broken(_: Box<dyn Any + Send>) -> Outcome {
    Outcome::default()
}

/// A plan that failed: made shorter, saved, told with the command that replays it.
#[must_use]
pub fn failed(stage: &Stage, plan: &Plan, pace: Pace, violations: &[Violation]) -> String {
    let shorter = shrink(plan, SHRINK_WITHIN, |plan| {
        !carry_out(stage, plan, pace).violations.is_empty()
    });
    let path = folder().join(format!("plan-{}.json", plan.seed));
    let saved = shorter.save(&path).map_or_else(
        |error| format!("it could not be saved: {error}"),
        |()| {
            let real = if pace == Pace::Real { " --processes" } else { "" };
            format!("replay it: cargo xtask soak{real} --plan {}", path.display())
        },
    );
    let told: Vec<_> = violations
        .iter()
        .map(|violation| format!("  {violation}"))
        .collect();
    format!(
        "plan {} fails:\n{}\nas short as it gets:\n{shorter}{saved}",
        plan.seed,
        told.join("\n")
    )
}

/// Where plans that failed are kept.
fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target"),
        PathBuf::from,
    );
    target.canonicalize().unwrap_or(target).join("plans")
}
