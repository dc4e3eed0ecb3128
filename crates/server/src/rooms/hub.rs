//! The state behind all rooms, and the sockets that listen.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use holdfast_protocol::{Code, SessionId, room::Room, socket::ServerFrame};
use metrics::Counter;
use rand::Rng;
use tokio::sync::mpsc;

use crate::{
    caller::Caller,
    engine::{ConnectionId, Space},
    rooms::{
        outbox::{Ending, Outbox},
        past::{FORGOTTEN_AFTER, Past},
        presence::Seen,
    },
};

/// Least time before clients of a stopping server come back, and the span over which they are spread.
const RECONNECT_AFTER_MS: std::ops::Range<i64> = 500..2_500;

/// A reader who may have lost access to a room, and the last event that it got.
#[derive(Debug)]
pub(crate) struct Doubt {
    pub(crate) connection: ConnectionId,
    pub(crate) caller: Caller,
    pub(crate) room: Room,
    pub(crate) seq: i64,
}

/// One room that somebody listens to, or did until lately.
pub(super) struct Place {
    /// Its count: another one each time the room comes to be, as a seq without its past means nothing.
    pub(super) epoch: String,
    /// Whose space it is in, for [`crate::happening::Happening::AccessChanged`].
    pub(super) space: Space,
    pub(super) past: Past,
    pub(super) members: HashMap<ConnectionId, Arc<Outbox>>,
    pub(super) presence: HashMap<SessionId, Seen>,
    /// When it was last left or asked about.
    pub(super) used: Instant,
}

/// One socket.
pub(super) struct Listener {
    pub(super) caller: Caller,
    pub(super) outbox: Arc<Outbox>,
    /// The rooms it is in, or was when doubts arose.
    pub(super) rooms: HashSet<Room>,
    /// The sessions it speaks for.
    pub(super) sessions: HashSet<SessionId>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) places: HashMap<Room, Place>,
    pub(super) listeners: HashMap<ConnectionId, Listener>,
    /// The sockets that speak for a session.
    pub(super) sessions: HashMap<SessionId, HashSet<ConnectionId>>,
    /// Counts the changes of access: a check made before one does not hold after it.
    pub(super) accesses: u64,
    /// Bytes kept by all rooms.
    pub(super) bytes: usize,
    epochs: u64,
}

/// All rooms of one server process.
pub(crate) struct Rooms {
    state: Mutex<State>,
    /// What epochs of this process begin with, so that no other process's position is taken for one of ours.
    process: String,
    draining: AtomicBool,
    pub(super) doubts: mpsc::UnboundedSender<Doubt>,
    pub(super) slow_readers: Counter,
}

/// A socket's place in the hub. Dropping it takes it out.
pub(crate) struct Connection {
    pub(crate) id: ConnectionId,
    pub(crate) outbox: Arc<Outbox>,
    rooms: Arc<Rooms>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.rooms.disconnect(self.id);
    }
}

impl Rooms {
    /// No rooms yet; and where doubts about access arrive, for [`super::access::settle`].
    pub(crate) fn new(slow_readers: Counter) -> (Arc<Self>, mpsc::UnboundedReceiver<Doubt>) {
        let (doubts, arriving) = mpsc::unbounded_channel();
        let rooms = Self {
            state: Mutex::default(),
            process: format!("{:016x}", rand::rng().random::<u64>()),
            draining: AtomicBool::new(false),
            doubts,
            slow_readers,
        };
        (Arc::new(rooms), arriving)
    }

    /// A socket opens; none does on a server that is about to stop.
    pub(crate) fn connect(self: &Arc<Self>, caller: &Caller) -> Option<Connection> {
        let connection = Connection {
            id: ConnectionId(uuid::Uuid::new_v4()),
            outbox: Arc::default(),
            rooms: self.clone(),
        };
        let listener = Listener {
            caller: caller.clone(),
            outbox: connection.outbox.clone(),
            rooms: HashSet::new(),
            sessions: HashSet::new(),
        };
        self.with(|state| state.listeners.insert(connection.id, listener));
        // Looked at after the insertion: either the drain finds the listener, or this finds the drain.
        (!self.is_draining()).then_some(connection)
    }

    fn disconnect(&self, connection: ConnectionId) {
        self.with(|state| {
            let Some(listener) = state.listeners.remove(&connection) else {
                return;
            };
            for room in listener.rooms {
                state.leave(room, connection);
            }
            for session in listener.sessions {
                state.unspeak(session, connection);
            }
        });
    }

    /// The socket speaks for the session.
    pub(crate) fn attach(&self, connection: ConnectionId, session: SessionId) {
        self.with(|state| {
            if let Some(listener) = state.listeners.get_mut(&connection) {
                listener.sessions.insert(session);
                state.sessions.entry(session).or_default().insert(connection);
            }
        });
    }

    /// The socket no longer speaks for the session.
    pub(crate) fn detach(&self, connection: ConnectionId, session: SessionId) {
        self.with(|state| {
            if let Some(listener) = state.listeners.get_mut(&connection) {
                listener.sessions.remove(&session);
            }
            state.unspeak(session, connection);
            state.vanish(session, connection);
        });
    }

    /// Whether the socket speaks for any session.
    pub(crate) fn speaks(&self, connection: ConnectionId) -> bool {
        self.with(|state| {
            state
                .listeners
                .get(&connection)
                .is_some_and(|listener| !listener.sessions.is_empty())
        })
    }

    /// The socket leaves a room.
    pub(crate) fn unsubscribe(&self, connection: ConnectionId, room: Room) {
        self.with(|state| {
            if let Some(listener) = state.listeners.get_mut(&connection) {
                listener.rooms.remove(&room);
            }
            state.leave(room, connection);
        });
    }

    /// Whether the server is about to stop.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }

    /// The server is about to stop: every socket is told so and closed.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
        self.with(|state| {
            for listener in state.listeners.values() {
                let reconnect_after_ms = rand::rng().random_range(RECONNECT_AFTER_MS);
                listener.outbox.end(Ending::Draining { reconnect_after_ms });
            }
        });
    }

    /// Forgets rooms that nobody has been in for long; due now and then.
    pub(crate) fn forget(&self) {
        self.with(|state| {
            let State { places, bytes, .. } = state;
            places.retain(|_, place| {
                let kept = !place.members.is_empty() || place.used.elapsed() < FORGOTTEN_AFTER;
                if !kept {
                    *bytes -= place.past.bytes();
                }
                kept
            });
        });
    }

    /// The room, made where nobody listened yet.
    pub(super) fn place<'a>(&self, state: &'a mut State, room: Room, space: Space) -> &'a mut Place {
        let State { places, epochs, .. } = state;
        places.entry(room).or_insert_with(|| {
            *epochs += 1;
            Place {
                epoch: format!("{}-{epochs}", self.process),
                space,
                past: Past::default(),
                members: HashMap::new(),
                presence: HashMap::new(),
                used: Instant::now(),
            }
        })
    }

    pub(super) fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    /// Takes a socket out of a room, with the presence of its sessions.
    pub(super) fn leave(&mut self, room: Room, connection: ConnectionId) {
        let Some(place) = self.places.get_mut(&room) else {
            return;
        };
        place.members.remove(&connection);
        place.used = Instant::now();
        place.forget_presence(room, |seen| seen.connection == connection);
    }

    /// Takes a session's presence out of the rooms that a socket is in.
    pub(super) fn vanish(&mut self, session: SessionId, connection: ConnectionId) {
        let Some(listener) = self.listeners.get(&connection) else {
            return;
        };
        for room in &listener.rooms {
            if let Some(place) = self.places.get_mut(room) {
                place.forget_presence(*room, |seen| {
                    seen.session == session && seen.connection == connection
                });
            }
        }
    }

    fn unspeak(&mut self, session: SessionId, connection: ConnectionId) {
        if let Some(sockets) = self.sessions.get_mut(&session) {
            sockets.remove(&connection);
            if sockets.is_empty() {
                self.sessions.remove(&session);
            }
        }
    }
}

/// R01, R05: all that a reader without access learns, whether there is such a room or not.
pub(crate) fn forbidden(room: Room) -> ServerFrame {
    ServerFrame::Error {
        code: Code::Forbidden,
        detail: "this room is not open to you".to_owned(),
        room: Some(room),
        session_id: None,
    }
}
