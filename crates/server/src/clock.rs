//! The server's one clock. Everything that reads the time takes it from here, so that tests can move it.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
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

/// The machine's wall clock, which goes on at its own pace while it is set back: a lease must end at its time all the same.
/// What is stored must mean the same after a restart, which a monotonic clock alone could not give.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
    /// The furthest that the wall clock was seen ahead of the time since the start.
    ahead: AtomicI64,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            ahead: AtomicI64::new(0),
        }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis);
        let running = millis(self.started.elapsed());
        let ahead = wall - running;
        Timestamp(running + self.ahead.fetch_max(ahead, Ordering::Relaxed).max(ahead))
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
    fn s04_a_clock_that_is_set_back_goes_on_from_where_it_was() {
        let clock = SystemClock::default();
        let hour = 3_600_000;
        clock.ahead.fetch_add(hour, Ordering::Relaxed);
        let true_time = SystemClock::default();
        clock.now();
        clock.ahead.fetch_max(true_time.now().0 + hour, Ordering::Relaxed);
        let (first, started) = (clock.now(), Instant::now());
        while started.elapsed() < Duration::from_millis(20) {
            std::hint::spin_loop();
        }
        let gone = clock.now().0 - first.0;
        assert!(
            first.0 >= true_time.now().0 + hour - 1_000,
            "the wall clock is an hour behind what was told"
        );
        assert!((19..1_000).contains(&gone), "{gone} ms went by in 20");
    }
}
