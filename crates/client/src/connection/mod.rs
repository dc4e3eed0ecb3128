//! One socket for all sessions of a server.
//!
//! An actor owns the socket. It says hello, attaches every session, joins every room where it left it, renews all leases
//! with one frame, and comes back by itself, each time from what the *client* knows. Whoever wants news hands over a
//! [`Listener`] and is told in order. A listener's queue is not bounded: what fills it was bounded by the server (R04),
//! and a heartbeat must never wait for a window.

mod actor;
mod backoff;
mod dial;
mod ledger;
mod rooms;
mod talk;

pub use dial::{Dial, DialError, FrameSink, FrameStream, WebSocketDial};

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use holdfast_protocol::{
    Code, SessionId,
    room::{Event, Presence, Room},
    session::HeldLock,
    socket::{Program, RoomSnapshot},
};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    api::Api,
    clock::{Clock, Tick},
    credentials::Token,
    view::ConnectionView,
};

/// What a listener is told, in the order in which it happened.
#[derive(Debug, Clone)]
pub enum News {
    /// The link is up.
    Up,
    /// The link is down: nothing is known of the rooms until it is up again.
    Down,
    /// About the listener's session.
    Lease(Lease),
    /// In a room that the listener joined.
    Room(Room, RoomNews),
}

/// What happened to a session's lease.
#[derive(Debug, Clone)]
pub enum Lease {
    /// Renewed by a heartbeat sent at this moment; over HTTP the answer says what the session holds.
    Renewed {
        /// When it was sent.
        sent_at: Tick,
        /// What the session holds.
        locks: Option<Vec<HeldLock>>,
    },
    /// The session speaks through a new socket.
    Attached {
        /// What the session holds.
        locks: Vec<HeldLock>,
    },
    /// The server knows no such live session.
    Ended,
}

/// What happened in a room.
#[derive(Debug, Clone)]
pub enum RoomNews {
    /// Joined: what is there now. What was known before is void.
    Snapshot(Arc<RoomSnapshot>),
    /// Joined again, and nothing was missed: what happened meanwhile follows.
    Resumed,
    /// Something happened.
    Event(Arc<Event>),
    /// Somebody looks elsewhere now.
    Presence(Presence),
    /// The server lets nobody in, or not this user.
    Refused(Code, String),
}

/// Where news go.
pub type Listener = mpsc::UnboundedSender<News>;

/// What the actor is asked to do.
#[derive(Debug)]
enum Command {
    Attach(Attachment),
    Forget(SessionId),
    Join(Room, u64, Listener),
    Leave(Room, u64),
    Presence(Room, SessionId, Option<serde_json::Value>),
    Retry,
    SignedOut(String),
    Renew(Token),
}

/// A live session that the socket shall speak for.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// The session.
    pub session: SessionId,
    /// Who is told about its lease.
    pub listener: Listener,
    /// How often to renew it.
    pub heartbeat: Duration,
    /// When its window last had input, in the clock's milliseconds.
    pub input: Arc<AtomicU64>,
}

/// What the link needs to know of its server.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// For the socket's address, and for heartbeats while there is no socket.
    pub api: Api,
    /// The sign-in.
    pub token: Token,
    /// Who speaks.
    pub program: Program,
}

/// The link to one server. Cheap to clone; it lives until [`Connection::stop`].
#[derive(Debug, Clone)]
pub struct Connection {
    commands: mpsc::UnboundedSender<Command>,
    status: watch::Receiver<ConnectionView>,
    stop: CancellationToken,
    joins: Arc<AtomicU64>,
}

impl Connection {
    /// Begins to connect, and goes on until stopped.
    #[must_use]
    pub fn start(endpoint: Endpoint, dial: Arc<dyn Dial>, clock: Arc<dyn Clock>) -> Self {
        let (commands, orders) = mpsc::unbounded_channel();
        let (publish, status) = watch::channel(ConnectionView::Connecting);
        let stop = CancellationToken::new();
        let actor = actor::Actor::new(endpoint, dial, clock, publish);
        tokio::spawn(actor.run(orders, stop.clone()));
        Self {
            commands,
            status,
            stop,
            joins: Arc::default(),
        }
    }

    /// The link, live.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<ConnectionView> {
        self.status.clone()
    }

    /// Speaks for a session from now on, and renews its lease.
    pub fn attach(&self, attachment: Attachment) {
        self.tell(Command::Attach(attachment));
    }

    /// Speaks for a session no longer, without a goodbye: that goes over HTTP, where it is answered.
    pub fn forget(&self, session: SessionId) {
        self.tell(Command::Forget(session));
    }

    /// Joins a room until the subscription is dropped; joined rooms are shared.
    #[must_use]
    pub fn join(&self, room: Room, listener: Listener) -> Subscription {
        let id = self.joins.fetch_add(1, Ordering::Relaxed);
        self.tell(Command::Join(room, id, listener));
        Subscription {
            room,
            id,
            commands: self.commands.clone(),
        }
    }

    /// Tells a room what a session looks at; lost where the link is down (R06).
    pub fn presence(&self, room: Room, session: SessionId, state: Option<serde_json::Value>) {
        self.tell(Command::Presence(room, session, state));
    }

    /// Tries again now.
    pub fn retry(&self) {
        self.tell(Command::Retry);
    }

    /// An HTTP answer said that the token is not valid any more.
    pub fn signed_out(&self, detail: &str) {
        self.tell(Command::SignedOut(detail.to_owned()));
    }

    /// The same user has signed in again: the earlier sign-in ends, and everything goes on with this token.
    pub fn renew(&self, token: Token) {
        self.tell(Command::Renew(token));
    }

    /// Closes the socket for good.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    fn tell(&self, command: Command) {
        // a stopped link has nobody to tell, and whoever asks is about to go too
        let _ = self.commands.send(command);
    }
}

/// A joined room. Dropping it leaves.
#[derive(Debug)]
pub struct Subscription {
    room: Room,
    id: u64,
    commands: mpsc::UnboundedSender<Command>,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let _ = self.commands.send(Command::Leave(self.room, self.id));
    }
}
