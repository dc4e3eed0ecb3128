//! The local clock: milliseconds since the machine booted, suspend included.
//!
//! A lease runs on while the laptop sleeps, but `std::time::Instant` does not on Linux and macOS. All arithmetic with
//! leases and deadlines is made on this clock, and never on the time of day, which people and NTP set back and forth (X10).

use std::{sync::Arc, time::Duration};

/// A moment of one machine's clock that counts suspend. Only differences mean anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Tick(u64);

impl Tick {
    /// So many milliseconds after boot.
    #[must_use]
    pub const fn from_millis(ms: u64) -> Self {
        Self(ms)
    }

    /// Milliseconds since boot.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// This moment, so much later.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(millis(by)))
    }

    /// How long after `earlier` this is; zero where it is not after it.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// Milliseconds from `now` until this moment; negative once it has passed.
    #[must_use]
    pub fn millis_from(self, now: Self) -> i64 {
        let (at, now) = (i64::try_from(self.0), i64::try_from(now.0));
        at.unwrap_or(i64::MAX).saturating_sub(now.unwrap_or(i64::MAX))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Tells the time since boot.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Now.
    fn now(&self) -> Tick;
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct BootClock;

impl Clock for BootClock {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn now(&self) -> Tick {
        tick_of(rustix::time::clock_gettime(rustix::time::ClockId::Boottime))
    }

    /// Darwin's monotonic clock counts suspend; it is `Instant`'s clock there that does not.
    #[cfg(target_vendor = "apple")]
    fn now(&self) -> Tick {
        tick_of(rustix::time::clock_gettime(rustix::time::ClockId::Monotonic))
    }

    /// On Windows `Instant` reads the performance counter, which counts suspend.
    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    fn now(&self) -> Tick {
        use std::{sync::LazyLock, time::Instant};
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        Tick(millis(START.elapsed()))
    }
}

#[cfg(unix)]
fn tick_of(time: rustix::time::Timespec) -> Tick {
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(time.tv_nsec).unwrap_or(0);
    Tick(seconds * 1_000 + nanos / 1_000_000)
}

/// A clock for tests: tokio's (which tests pause), plus jumps, as a suspended machine's clock makes them.
#[derive(Debug, Clone)]
pub struct JumpClock {
    start: tokio::time::Instant,
    jumped_ms: Arc<std::sync::atomic::AtomicU64>,
}

impl Default for JumpClock {
    fn default() -> Self {
        Self {
            start: tokio::time::Instant::now(),
            jumped_ms: Arc::default(),
        }
    }
}

impl JumpClock {
    /// The machine sleeps for so long: no timer fires meanwhile.
    pub fn sleep_machine(&self, by: Duration) {
        self.jumped_ms
            .fetch_add(millis(by), std::sync::atomic::Ordering::SeqCst);
    }
}

impl Clock for JumpClock {
    fn now(&self) -> Tick {
        let jumped = self.jumped_ms.load(std::sync::atomic::Ordering::SeqCst);
        Tick(1_000_000 + millis(self.start.elapsed()) + jumped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boot_clock_goes_forward() {
        let first = BootClock.now();
        let second = BootClock.now();
        assert!(second >= first && first > Tick::default());
    }

    #[tokio::test(start_paused = true)]
    async fn a_sleeping_machine_s_clock_jumps() {
        let clock = JumpClock::default();
        let before = clock.now();
        tokio::time::advance(Duration::from_secs(1)).await;
        clock.sleep_machine(Duration::from_secs(60));
        assert_eq!(clock.now().since(before), Duration::from_secs(61));
        assert_eq!(before.millis_from(clock.now()), -61_000);
    }
}
