//! The past of a room: the events that a reader who comes back may have missed (R03).
//!
//! At least [`EVENTS_KEPT`] events and [`EVENTS_KEPT_FOR`] are kept, both within a budget of bytes: what does not fit
//! is forgotten, oldest first, and whoever would need it is told to begin anew. So memory is bounded by what a
//! server grants, not by what its users draw.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use axum::extract::ws::Utf8Bytes;
use holdfast_protocol::limits::{EVENTS_KEPT, EVENTS_KEPT_FOR, QUEUED_BYTES};

/// Most bytes of events that one room keeps: 1,000 events of 16 KiB.
const ROOM_BYTES: usize = 16 << 20;
/// What is left to a room of that where all rooms together keep more than [`ALL_ROOMS_BYTES`].
const CROWDED_ROOM_BYTES: usize = 1 << 20;
/// Most bytes that all rooms keep before each has to be content with less.
const ALL_ROOMS_BYTES: usize = 256 << 20;
/// Most events of one room, however small and young.
const MOST_EVENTS: usize = 10 * EVENTS_KEPT;

/// The last events of one room, without a gap.
#[derive(Default)]
pub(crate) struct Past {
    events: VecDeque<(Instant, Utf8Bytes)>,
    bytes: usize,
    /// The number of the newest event; 0 before the first.
    seq: i64,
}

impl Past {
    /// The number of the newest event.
    pub(crate) const fn seq(&self) -> i64 {
        self.seq
    }

    /// Bytes kept.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds the event with the next number. One larger than what may wait for a reader is not kept for those who come
    /// back, for whom a snapshot is no more: the past begins anew behind it.
    pub(crate) fn push(&mut self, now: Instant, text: &Utf8Bytes, all_rooms: usize) {
        self.seq += 1;
        if text.len() > QUEUED_BYTES {
            self.events.clear();
            self.bytes = 0;
            return;
        }
        self.bytes += text.len();
        self.events.push_back((now, text.clone()));
        let budget = if all_rooms > ALL_ROOMS_BYTES {
            CROWDED_ROOM_BYTES
        } else {
            ROOM_BYTES
        };
        while self.over(now, budget) {
            let (_, oldest) = self.events.pop_front().unwrap_or((now, Utf8Bytes::default()));
            self.bytes -= oldest.len();
        }
    }

    fn over(&self, now: Instant, budget: usize) -> bool {
        let Some((oldest, _)) = self.events.front() else {
            return false;
        };
        let old = now.saturating_duration_since(*oldest) > EVENTS_KEPT_FOR;
        self.bytes > budget || self.events.len() > MOST_EVENTS || (old && self.events.len() > EVENTS_KEPT)
    }

    /// Whether everything after `seq` is here.
    pub(crate) fn covers(&self, seq: i64) -> bool {
        let kept = i64::try_from(self.events.len()).unwrap_or(i64::MAX);
        seq <= self.seq && self.seq - seq <= kept && seq >= 0
    }

    /// The events after `seq`, oldest first; only where [`Past::covers`] it.
    pub(crate) fn after(&self, seq: i64) -> impl Iterator<Item = &Utf8Bytes> {
        let missed = usize::try_from(self.seq - seq)
            .unwrap_or(0)
            .min(self.events.len());
        self.events
            .range(self.events.len() - missed..)
            .map(|(_, text)| text)
    }
}

/// How long a room that nobody is in keeps its past.
pub(crate) const FORGOTTEN_AFTER: Duration = EVENTS_KEPT_FOR;

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(events: usize, size: usize, apart: Duration) -> Past {
        let mut past = Past::default();
        let mut now = Instant::now();
        for _ in 0..events {
            past.push(now, &"x".repeat(size).into(), 0);
            now += apart;
        }
        past
    }

    #[test]
    fn r03_a_thousand_events_are_kept_however_old() {
        let past = filled(1_500, 10, Duration::from_secs(60));
        assert!(past.covers(500));
        assert!(!past.covers(499));
        assert_eq!(past.after(1_498).count(), 2);
        assert_eq!(past.after(500).count(), 1_000);
    }

    #[test]
    fn r03_ten_minutes_are_kept_however_many_events() {
        let past = filled(5_000, 10, Duration::from_millis(100));
        assert!(past.covers(0));
    }

    #[test]
    fn r03_memory_is_bounded_and_a_hole_is_no_past() {
        let past = filled(1_000, 100_000, Duration::ZERO);
        assert!(past.bytes() <= ROOM_BYTES);
        assert!(!past.covers(0));
        let mut past = filled(3, 10, Duration::ZERO);
        past.push(Instant::now(), &"x".repeat(QUEUED_BYTES + 1).into(), 0);
        assert_eq!(past.seq(), 4);
        assert!(!past.covers(3));
        assert!(past.covers(4));
    }

    #[test]
    fn r03_a_position_of_the_future_is_not_covered() {
        let past = filled(3, 10, Duration::ZERO);
        assert!(past.covers(3));
        assert!(!past.covers(4));
        assert!(!past.covers(-1));
    }
}
