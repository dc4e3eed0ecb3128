//! Waiting for something to become true.
//!
//! A test never sleeps in the hope that something has happened meanwhile: it looks until it has, and fails by name
//! when it takes longer than it may.

use std::{
    fmt::Display,
    time::{Duration, Instant},
};

/// How often a condition is looked at: short beside any deadline of the rules, long beside the cost of looking.
const LOOK_EVERY: Duration = Duration::from_millis(15);

/// `n` seconds.
#[must_use]
pub const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Looks until `look` finds something and answers it; panics, naming `what`, once `within` has passed.
pub async fn eventually<T>(what: &str, within: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    eventually_ok(what, within, async || look().await.ok_or("it is not so")).await
}

/// [`eventually`] for what can say why it does not hold yet; the last reason is told.
///
/// The last look begins at the deadline or after it, so that a busy machine does not fail a condition that holds.
pub async fn eventually_ok<T, E: Display>(
    what: &str,
    within: Duration,
    mut look: impl AsyncFnMut() -> Result<T, E>,
) -> T {
    let start = Instant::now();
    loop {
        let last = start.elapsed() >= within;
        match look().await {
            Ok(found) => return found,
            Err(reason) if last => panic!("waited {within:?} in vain: {what}: {reason}"),
            Err(_) => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
}

/// [`eventually`] for a plain yes or no.
pub async fn until(what: &str, within: Duration, mut holds: impl AsyncFnMut() -> bool) {
    eventually(what, within, async || holds().await.then_some(())).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_answers_as_soon_as_the_condition_holds() {
        let mut looks = 0;
        let found = eventually("the third look", seconds(10), async || {
            looks += 1;
            (looks == 3).then_some("found")
        })
        .await;
        assert_eq!(found, "found");
        assert_eq!(looks, 3);
    }

    #[tokio::test]
    #[should_panic(expected = "in vain: a wonder")]
    async fn it_fails_by_name_after_the_deadline() {
        until("a wonder", Duration::from_millis(40), async || false).await;
    }
}
