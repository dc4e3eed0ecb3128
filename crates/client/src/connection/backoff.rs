//! When to try again (X09).

use std::time::Duration;

use rand::Rng;

/// The longest wait after the first failure.
const FIRST: Duration = Duration::from_millis(500);
/// The longest wait ever.
const LONGEST: Duration = Duration::from_secs(30);

/// Full jitter: any wait up to a limit that doubles with each failure, so that the clients of a server that comes back
/// do not all come at once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// One more failure; how long to wait now.
    pub(crate) fn failed(&mut self, chance: &mut impl Rng) -> Duration {
        let limit = self.limit();
        self.failures = self.failures.saturating_add(1);
        chance.random_range(Duration::ZERO..=limit)
    }

    /// The link has proved itself.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }

    /// The longest wait that the next failure can bring.
    fn limit(&self) -> Duration {
        FIRST.saturating_mul(1 << self.failures.min(10)).min(LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x09_the_limit_doubles_to_thirty_seconds_and_falls_only_when_reset() {
        let mut backoff = Backoff::default();
        let mut chance = rand::rng();
        let mut limits = Vec::new();
        for _ in 0..9 {
            limits.push(backoff.limit().as_millis());
            let limit = backoff.limit();
            assert!(backoff.failed(&mut chance) <= limit);
        }
        assert_eq!(
            limits,
            [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]
        );
        backoff.reset();
        assert_eq!(backoff.limit(), FIRST);
    }

    #[test]
    fn x09_waits_are_spread_over_all_of_the_limit() {
        let mut chance = rand::rng();
        let waits: Vec<_> = (0..400)
            .map(|_| {
                let mut backoff = Backoff { failures: 6 };
                backoff.failed(&mut chance)
            })
            .collect();
        assert!(waits.iter().any(|wait| *wait < LONGEST / 4));
        assert!(waits.iter().any(|wait| *wait > LONGEST / 4 * 3));
    }
}
