//! Joining a room from a position on, so that nothing is lost between the snapshot and the events, and nothing
//! comes twice.
//!
//! The position is taken first, the snapshot after it, and the events from the position on are replayed from the
//! room's past in the same step that makes the reader a member. So the snapshot may know more than `seq` says, never less.

use holdfast_protocol::{
    lock::Lock,
    room::Room,
    socket::{Position, RoomSnapshot, ServerFrame},
};

use crate::{
    engine::{ConnectionId, Space},
    rooms::{Rooms, hub::State},
};

/// Most rooms of one socket: a client's windows and lists need a few dozen.
pub(crate) const ROOMS_PER_SOCKET: usize = 1_000;

/// What a new member is told first.
#[derive(Debug)]
pub(crate) struct Greeting {
    /// From here on events follow.
    pub(crate) from: Position,
    /// Whether what was missed follows.
    pub(crate) resumed: bool,
    /// The live locks, looked up after `from` was taken.
    pub(crate) locks: Vec<Lock>,
}

/// How an attempt to enter ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Entered {
    /// The reader is a member.
    In,
    /// Its queue is full; the next attempt goes on after this event.
    Full(i64),
    /// Somebody's access changed since the check: it has to be made again.
    Unchecked,
    /// What came after the position is not kept any more, or the room's count is another.
    Lost,
}

impl Rooms {
    /// Counts the changes of access; taken before a check, it tells whether the check still holds.
    pub(crate) fn accesses(&self) -> u64 {
        self.with(|state| state.accesses)
    }

    /// Where a room stands, and whether all that came after `last` can be told.
    pub(crate) fn position(&self, room: Room, space: Space, last: Option<&Position>) -> (Position, bool) {
        self.with(|state| {
            let place = self.place(state, room, space);
            place.used = std::time::Instant::now();
            let known = last.filter(|last| last.epoch == place.epoch && place.past.covers(last.seq));
            let now = Position {
                epoch: place.epoch.clone(),
                seq: place.past.seq(),
            };
            (known.cloned().unwrap_or(now), known.is_some())
        })
    }

    /// Whether the socket is in too many rooms to join one more.
    pub(crate) fn is_crowded(&self, connection: ConnectionId, room: Room) -> bool {
        self.with(|state| {
            let rooms = state.listeners.get(&connection).map(|listener| &listener.rooms);
            rooms.is_some_and(|rooms| rooms.len() >= ROOMS_PER_SOCKET && !rooms.contains(&room))
        })
    }

    /// Makes the socket a member from the greeting's position on; says the greeting, then what came since.
    pub(crate) fn enter(
        &self,
        connection: ConnectionId,
        room: Room,
        checked_at: u64,
        greeting: &Greeting,
        lost_before: bool,
    ) -> Entered {
        self.with(|state| {
            if state.accesses != checked_at {
                return Entered::Unchecked;
            }
            state.leave(room, connection);
            let (Some(place), Some(listener)) = (state.places.get(&room), state.listeners.get(&connection))
            else {
                return Entered::Lost;
            };
            if place.epoch != greeting.from.epoch || !place.past.covers(greeting.from.seq) {
                return Entered::Lost;
            }
            if lost_before {
                listener.outbox.answer(&ServerFrame::Resync { room });
            }
            listener.outbox.answer(&ServerFrame::Subscribed {
                room,
                epoch: greeting.from.epoch.clone(),
                seq: greeting.from.seq,
                resumed: greeting.resumed,
                snapshot: RoomSnapshot {
                    locks: greeting.locks.clone(),
                    presence: place.everybody(),
                },
            });
            state.admit(connection, room, greeting.from.seq)
        })
    }

    /// Goes on with an entry that found the queue full, or lets a doubted reader in again, with what came since.
    pub(crate) fn go_on(
        &self,
        connection: ConnectionId,
        room: Room,
        checked_at: u64,
        after: &Position,
    ) -> Entered {
        self.with(|state| {
            if state.accesses != checked_at {
                return Entered::Unchecked;
            }
            match state.places.get(&room) {
                Some(place) if place.epoch == after.epoch && place.past.covers(after.seq) => {
                    state.admit(connection, room, after.seq)
                }
                _ => Entered::Lost,
            }
        })
    }

    /// Lets a doubted reader in again, if it still wants to be in.
    pub(crate) fn readmit(&self, connection: ConnectionId, room: Room, checked_at: u64, seq: i64) -> Entered {
        self.with(|state| {
            if state.accesses != checked_at {
                return Entered::Unchecked;
            }
            let wanted = state
                .listeners
                .get(&connection)
                .is_some_and(|listener| listener.rooms.contains(&room));
            match state.places.get(&room) {
                // It joined again by itself meanwhile, or left.
                Some(place) if place.members.contains_key(&connection) || !wanted => Entered::In,
                Some(place) if place.past.covers(seq) => state.admit(connection, room, seq),
                _ => Entered::Lost,
            }
        })
    }

    /// Puts a reader out of a room with a word: `forbidden`, or `resync`.
    pub(crate) fn put_out(&self, connection: ConnectionId, room: Room, word: &ServerFrame) {
        self.with(|state| {
            let Some(listener) = state.listeners.get_mut(&connection) else {
                return;
            };
            if listener.rooms.remove(&room) {
                listener.outbox.cut(room, word);
            }
            state.leave(room, connection);
        });
    }
}

impl State {
    /// Replays what came after `seq` and makes the socket a member, in one step.
    fn admit(&mut self, connection: ConnectionId, room: Room, seq: i64) -> Entered {
        let (Some(place), Some(listener)) = (self.places.get_mut(&room), self.listeners.get_mut(&connection))
        else {
            return Entered::Lost;
        };
        listener.rooms.insert(room);
        for (told, text) in (seq..).zip(place.past.after(seq)) {
            if !listener.outbox.event(room, text.clone()) {
                return Entered::Full(told);
            }
        }
        place.members.insert(connection, listener.outbox.clone());
        Entered::In
    }
}
