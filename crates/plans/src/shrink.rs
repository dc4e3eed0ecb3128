//! The shortest plan that still fails: steps are left out in ever smaller pieces (delta debugging).

use std::time::{Duration, Instant};

use crate::plan::Plan;

/// Leaves out what it can within the time. Chance has a part in each run: what does not fail may fail the next time, so the
/// answer need not be the shortest, but it has failed.
#[must_use]
pub fn shrink(plan: &Plan, within: Duration, fails: impl Fn(&Plan) -> bool) -> Plan {
    let until = Instant::now() + within;
    let mut best = plan.clone();
    let mut piece = best.steps.len().div_ceil(2);
    while piece > 0 {
        let mut at = 0;
        let before = best.steps.len();
        while at < best.steps.len() {
            if Instant::now() >= until {
                return best;
            }
            let mut shorter = best.clone();
            shorter.steps.drain(at..(at + piece).min(best.steps.len()));
            if fails(&shorter) {
                best = shorter;
            } else {
                at += piece;
            }
        }
        if piece > 1 || best.steps.len() == before {
            piece /= 2;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::{Blow, Step};

    #[test]
    fn only_what_matters_is_left() {
        let mut plan = Plan::draw(7);
        plan.steps.insert(3, Step::Server(Blow::Stall));
        plan.steps.push(Step::Pass(4_711));
        let both = |plan: &Plan| {
            plan.steps.contains(&Step::Server(Blow::Stall)) && plan.steps.contains(&Step::Pass(4_711))
        };
        let shortest = shrink(&plan, Duration::from_secs(10), both);
        assert_eq!(shortest.steps.len(), 2);
    }
}
