//! The server's one clock. Everything that reads the time takes it from here, so that tests can move it.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use holdfast_protocol::Timestamp;

/// A duration in whole milliseconds.
#[must_use]
pub fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Tells the time.
///
/// **Invariant:** within a process it never goes back, so that a lease once over stays over.
pub trait Clock: Send + Sync + 'static {
    /// This moment.
    fn now(&self) -> Timestamp;
}

/// The machine's wall clock, held still while it is set back: what is stored must mean the same after a restart,
/// which a monotonic clock could not give.
#[derive(Debug, Default)]
pub struct SystemClock {
    latest: AtomicI64,
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis);
        Timestamp(self.latest.fetch_max(wall, Ordering::Relaxed).max(wall))
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock {
    now: AtomicI64,
}

impl ManualClock {
    /// A clock that shows this moment.
    #[must_use]
    pub const fn at(moment: Timestamp) -> Self {
        Self {
            now: AtomicI64::new(moment.0),
        }
    }

    /// Moves it on.
    pub fn advance(&self, by: Duration) {
        self.now.fetch_add(millis(by), Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_clock_never_goes_back() {
        let clock = SystemClock::default();
        let ahead = Timestamp(clock.now().0 + 60_000);
        clock.latest.store(ahead.0, Ordering::Relaxed);
        assert_eq!(
            clock.now(),
            ahead,
            "the wall clock is a minute behind what was told before"
        );
    }
}
