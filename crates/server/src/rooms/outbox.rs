//! What waits to be written to one socket: bounded, so that a slow reader costs others neither time nor memory (R04).
//!
//! **Invariant:** events wait within [`QUEUED_FRAMES`] and [`QUEUED_BYTES`]. Answers are always taken: whoever reads
//! the socket's requests stops reading while [`Outbox::has_room`] waits, so their number is bounded by what one
//! request causes. An event that is larger than the bound by itself counts as half of it: a reader that keeps up gets
//! all of a large commit (R02), one that is behind does not, and the text is in memory once for all of them.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use axum::extract::ws::Utf8Bytes;
use holdfast_protocol::{
    SessionId,
    limits::{QUEUED_BYTES, QUEUED_FRAMES},
    room::Room,
    socket::ServerFrame,
};
use tokio::sync::Notify;

/// Why the server ends a socket: the `reason` of `closing`, and the code of the close frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The server is about to stop; the client comes back after so many milliseconds.
    Draining {
        /// Spread, so that not all come back at once.
        reconnect_after_ms: i64,
    },
    /// The sign-in has ended.
    SignedOut,
    /// No `hello` came in time.
    NoHello,
    /// A frame was over the limit.
    FrameTooLarge,
    /// The client speaks another protocol.
    Protocol,
}

impl Ending {
    /// For the `closing` frame.
    pub(crate) fn frame(self) -> ServerFrame {
        let (reason, reconnect_after_ms) = match self {
            Self::Draining { reconnect_after_ms } => ("draining", Some(reconnect_after_ms)),
            Self::SignedOut => ("signed_out", None),
            Self::NoHello => ("no_hello", None),
            Self::FrameTooLarge => ("frame_too_large", None),
            Self::Protocol => ("protocol", None),
        };
        ServerFrame::Closing {
            reason: reason.to_owned(),
            reconnect_after_ms,
        }
    }

    /// For the close frame (RFC 6455, 7.4.1).
    pub(crate) const fn close_code(self) -> u16 {
        match self {
            Self::Draining { .. } => 1001,
            Self::FrameTooLarge => 1009,
            Self::SignedOut | Self::NoHello | Self::Protocol => 1008,
        }
    }
}

/// What a queued frame is, which decides what may be dropped.
#[derive(Debug, PartialEq, Eq)]
enum Kind {
    /// An answer: never dropped.
    Answer,
    /// A room's event: dropped with all of its room.
    Event(Room),
    /// Somebody's presence: a newer one takes its place (R06).
    Presence(Room, SessionId),
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<(Kind, Utf8Bytes)>,
    bytes: usize,
    ending: Option<Ending>,
}

impl Queue {
    fn push(&mut self, kind: Kind, text: Utf8Bytes) {
        if self.ending.is_some() {
            return;
        }
        self.bytes += weight(&text);
        self.frames.push_back((kind, text));
    }

    /// Whether one more frame is still within the bounds.
    fn fits(&self, text: &Utf8Bytes) -> bool {
        self.frames.len() < QUEUED_FRAMES && self.bytes + weight(text) <= QUEUED_BYTES
    }

    /// Drops what is not to be kept.
    fn retain(&mut self, mut keep: impl FnMut(&Kind) -> bool) {
        self.frames.retain(|(kind, _)| keep(kind));
        self.bytes = self.frames.iter().map(|(_, text)| weight(text)).sum();
    }
}

/// How many of the [`QUEUED_BYTES`] a frame takes.
fn weight(text: &Utf8Bytes) -> usize {
    if text.len() > QUEUED_BYTES {
        QUEUED_BYTES / 2
    } else {
        text.len()
    }
}

/// What the writer does next.
pub(crate) enum Next {
    /// Writes this.
    Frame(Utf8Bytes),
    /// Says so and closes.
    End(Ending),
    /// Waits.
    Nothing,
}

/// The queue of one socket: filled from anywhere, emptied by the socket's own task.
#[derive(Default)]
pub(crate) struct Outbox {
    queue: Mutex<Queue>,
    filled: Notify,
    emptied: Notify,
}

impl Outbox {
    /// Queues an answer.
    pub(crate) fn answer(&self, frame: &ServerFrame) {
        self.with(|queue| queue.push(Kind::Answer, text_of(frame)));
        self.filled.notify_one();
    }

    /// Queues a room's event; false where it does not fit any more.
    #[must_use]
    pub(crate) fn event(&self, room: Room, text: Utf8Bytes) -> bool {
        let queued = self.with(|queue| {
            let fits = queue.fits(&text);
            if fits {
                queue.push(Kind::Event(room), text);
            }
            fits
        });
        self.filled.notify_one();
        queued
    }

    /// Queues a presence, in the place of an older one of the same session; drops it where half of the room is taken.
    /// A leave is taken all the same: it is the last word on a session.
    pub(crate) fn presence(&self, room: Room, session: SessionId, text: Utf8Bytes, leaves: bool) {
        let kind = Kind::Presence(room, session);
        self.with(|queue| {
            if let Some((_, waiting)) = queue.frames.iter_mut().rev().find(|(queued, _)| *queued == kind) {
                queue.bytes = queue.bytes + weight(&text) - weight(waiting);
                *waiting = text;
            } else if leaves || (queue.frames.len() < QUEUED_FRAMES / 2 && queue.bytes < QUEUED_BYTES / 2) {
                queue.push(kind, text);
            }
        });
        self.filled.notify_one();
    }

    /// Drops what waits of a room, and says `instead`.
    pub(crate) fn cut(&self, room: Room, instead: &ServerFrame) {
        self.with(|queue| {
            let of_room =
                |kind: &Kind| matches!(kind, Kind::Event(other) | Kind::Presence(other, _) if *other == room);
            queue.retain(|kind| !of_room(kind));
            queue.push(Kind::Answer, text_of(instead));
        });
        self.filled.notify_one();
    }

    /// Ends the socket: events that wait are not delivered any more, and answers only to somebody still signed in (R05).
    /// The first reason stands.
    pub(crate) fn end(&self, ending: Ending) {
        self.with(|queue| {
            let ending = *queue.ending.get_or_insert(ending);
            queue.retain(|kind| *kind == Kind::Answer && ending != Ending::SignedOut);
        });
        self.filled.notify_one();
    }

    /// What to write next.
    pub(crate) fn pop(&self) -> Next {
        let next = self.with(|queue| {
            let Some((_, text)) = queue.frames.pop_front() else {
                if let Some(ending) = queue.ending {
                    return Next::End(ending);
                }
                // An idle socket keeps no memory for its busiest moment.
                queue.frames.shrink_to(8);
                return Next::Nothing;
            };
            queue.bytes -= weight(&text);
            Next::Frame(text)
        });
        self.emptied.notify_one();
        next
    }

    /// Waits until there may be something to write. Cancel-safe.
    pub(crate) async fn filled(&self) {
        self.filled.notified().await;
    }

    /// Waits until half of the bounds is free. Cancel-safe; for one waiter.
    pub(crate) async fn has_room(&self) {
        while self.with(|queue| queue.frames.len() > QUEUED_FRAMES / 2 || queue.bytes > QUEUED_BYTES / 2) {
            self.emptied.notified().await;
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Queue) -> T) -> T {
        act(&mut self.queue.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A frame as text.
pub(crate) fn text_of<T: serde::Serialize>(frame: &T) -> Utf8Bytes {
    // Frames are plain data with string keys: there is nothing in them that JSON could not hold.
    serde_json::to_string(frame).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_protocol::DocumentId;

    fn room() -> Room {
        Room::Document(DocumentId::random())
    }

    fn drained(outbox: &Outbox) -> Vec<String> {
        std::iter::from_fn(|| match outbox.pop() {
            Next::Frame(text) => Some(text.as_str().to_owned()),
            _ => None,
        })
        .collect()
    }

    #[test]
    fn r04_events_wait_within_both_bounds() {
        let (outbox, room) = (Outbox::default(), room());
        for _ in 0..QUEUED_FRAMES {
            assert!(outbox.event(room, "{}".into()));
        }
        assert!(!outbox.event(room, "{}".into()));
        let large = Outbox::default();
        assert!(large.event(room, "x".repeat(QUEUED_BYTES).into()));
        assert!(!large.event(room, "x".into()));
    }

    #[test]
    fn r02_an_event_larger_than_the_bound_reaches_a_reader_that_keeps_up() {
        let (outbox, room) = (Outbox::default(), room());
        let huge = || "x".repeat(3 * QUEUED_BYTES).into();
        assert!(outbox.event(room, huge()));
        assert!(outbox.event(room, "{}".into()), "and what follows it at once");
        assert!(
            !outbox.event(room, huge()),
            "a reader that is behind gets no more of them"
        );
        assert_eq!(drained(&outbox).len(), 2);
        assert!(
            outbox.event(room, "x".repeat(QUEUED_BYTES).into()),
            "all of the bound is free again"
        );
    }

    #[test]
    fn r04_cutting_a_room_leaves_the_others_alone() {
        let (outbox, slow, other) = (Outbox::default(), room(), room());
        assert!(outbox.event(slow, "slow".into()));
        assert!(outbox.event(other, "other".into()));
        outbox.cut(slow, &ServerFrame::Resync { room: slow });
        let expected = [
            "other".to_owned(),
            text_of(&ServerFrame::Resync { room: slow }).to_string(),
        ];
        assert_eq!(drained(&outbox), expected);
    }

    #[test]
    fn r06_a_newer_presence_takes_the_place_of_an_older_one() {
        let (outbox, room, session) = (Outbox::default(), room(), SessionId::random());
        outbox.presence(room, session, "old".into(), false);
        outbox.presence(room, session, "new".into(), false);
        assert_eq!(drained(&outbox), ["new"]);
    }

    #[test]
    fn r05_nothing_is_delivered_after_the_end() {
        let (outbox, room) = (Outbox::default(), room());
        outbox.answer(&ServerFrame::Resync { room });
        assert!(outbox.event(room, "{}".into()));
        outbox.end(Ending::SignedOut);
        outbox.end(Ending::NoHello);
        assert!(outbox.event(room, "{}".into()));
        assert!(matches!(outbox.pop(), Next::End(Ending::SignedOut)));
    }

    #[test]
    fn an_answer_comes_before_the_end_and_an_event_does_not() {
        let (outbox, room) = (Outbox::default(), room());
        assert!(outbox.event(room, "{}".into()));
        outbox.answer(&ServerFrame::Resync { room });
        outbox.end(Ending::Protocol);
        assert_eq!(drained(&outbox).len(), 1);
        assert!(matches!(outbox.pop(), Next::End(Ending::Protocol)));
    }
}
