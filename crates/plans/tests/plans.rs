//! D02, D05, L07, L16, S03 to S06, X01 to X09: a thousand random plans, and what must hold of each.
//!
//! A plan that fails is made shorter, saved, and told with the command that replays it.

use holdfast_plans::{Plan, carry_out, machine::Pace, run::failed, stage::Stage, world::Tally};

/// How many plans a test carries out; together they are a thousand.
const EACH: u64 = 100;

/// What has to occur in so many plans, or they prove less than they say.
const OCCURS: [&str; 20] = [
    "apps killed",
    "backups",
    "breaks in answers",
    "breaks in requests",
    "conflicts settled",
    "connections reset",
    "connections turned away",
    "delays",
    "edits accepted",
    "edits refused",
    "edits without a disk",
    "imposters' answers",
    "losses",
    "machines suspended",
    "restores of older data",
    "server clock jumps",
    "server kills",
    "server stalls",
    "sign-outs",
    "silences",
];

fn plans(from: u64) {
    let stage = Stage::set();
    let mut tally = Tally::new();
    for seed in from..from + EACH {
        let plan = Plan::draw(seed);
        let outcome = carry_out(&stage, &plan, Pace::Paused);
        assert!(
            outcome.violations.is_empty(),
            "{}",
            failed(&stage, &plan, Pace::Paused, &outcome.violations)
        );
        for (what, times) in outcome.tally {
            *tally.entry(what).or_default() += times;
        }
    }
    println!("{tally:#?}");
    for what in OCCURS {
        assert!(
            tally.get(what).is_some_and(|times| *times > 0),
            "no {what} in {tally:#?}"
        );
    }
}

macro_rules! plans {
    ($($name:ident: $from:literal,)*) => {
        $(#[test]
        fn $name() {
            plans($from);
        })*
    };
}

plans! {
    nothing_is_lost_from_0: 0,
    nothing_is_lost_from_100: 100,
    nothing_is_lost_from_200: 200,
    nothing_is_lost_from_300: 300,
    nothing_is_lost_from_400: 400,
    nothing_is_lost_from_500: 500,
    nothing_is_lost_from_600: 600,
    nothing_is_lost_from_700: 700,
    nothing_is_lost_from_800: 800,
    nothing_is_lost_from_900: 900,
}
