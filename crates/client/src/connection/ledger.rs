//! Heartbeats sent and answered, without a network.

use std::time::Duration;

use crate::clock::Tick;

/// An answer later than this means that the link is dead, however open the socket looks.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// A link that lasted this long has proved itself even without an answered heartbeat.
const PROVED_AFTER: Duration = Duration::from_secs(10);

/// What one link has sent and what came back.
#[derive(Debug)]
pub(crate) struct Ledger {
    up_since: Tick,
    last_sent: Option<Tick>,
    unanswered: Option<Tick>,
    answered: bool,
}

impl Ledger {
    pub(crate) fn new(now: Tick) -> Self {
        Self {
            up_since: now,
            last_sent: None,
            unanswered: None,
            answered: false,
        }
    }

    /// Whether to send one now: one at a time, the first at once.
    pub(crate) fn is_due(&self, now: Tick, every: Duration) -> bool {
        self.unanswered.is_none() && self.last_sent.is_none_or(|sent| now.since(sent) >= every)
    }

    pub(crate) fn sent(&mut self, now: Tick) {
        self.last_sent = Some(now);
        self.unanswered = Some(now);
    }

    /// An answer came; to the heartbeat that was sent when?
    pub(crate) fn answered(&mut self) -> Option<Tick> {
        let sent = self.unanswered.take();
        self.answered |= sent.is_some();
        sent
    }

    /// A session joined: it is renewed with the next frame, which goes out as soon as it may.
    pub(crate) fn hurry(&mut self) {
        self.last_sent = None;
    }

    /// Whether the answer is so late that there will be none.
    pub(crate) fn is_overdue(&self, now: Tick) -> bool {
        self.unanswered
            .is_some_and(|sent| now.since(sent) >= ANSWER_WITHIN)
    }

    /// Whether the link has proved itself (X09).
    pub(crate) fn has_proved_itself(&self, now: Tick) -> bool {
        self.answered || now.since(self.up_since) >= PROVED_AFTER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: Duration = Duration::from_secs(15);

    fn at(ms: u64) -> Tick {
        Tick::from_millis(ms)
    }

    #[test]
    fn x09_a_link_has_proved_itself_with_the_first_answer_or_after_ten_seconds() {
        let mut ledger = Ledger::new(at(0));
        assert!(ledger.is_due(at(0), EVERY));
        ledger.sent(at(0));
        assert!(!ledger.has_proved_itself(at(9_999)));
        assert!(ledger.has_proved_itself(at(10_000)));
        assert_eq!(ledger.answered(), Some(at(0)));
        assert!(ledger.has_proved_itself(at(1)));
    }

    #[test]
    fn a_heartbeat_without_an_answer_ends_the_link_and_is_not_followed_by_another() {
        let mut ledger = Ledger::new(at(0));
        ledger.sent(at(0));
        assert!(!ledger.is_due(at(20_000), EVERY));
        assert!(!ledger.is_overdue(at(9_999)));
        assert!(ledger.is_overdue(at(10_000)));
    }
}
