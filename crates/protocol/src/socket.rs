//! The frames of `GET /v1/ws`: one JSON object a text frame, many sessions on one socket.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::{
    Code, SessionId, Timestamp,
    lock::Lock,
    room::{Presence, Room},
    session::HeldLock,
};

/// A program and its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Program {
    /// As `holdfast`.
    pub name: String,
    /// As `0.1.0`.
    pub version: String,
}

/// A place in a room's order of events.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Position {
    /// Which count: `seq` of two epochs have nothing to do with each other.
    pub epoch: String,
    /// The event, counted from 1; 0 before the first.
    pub seq: i64,
}

/// What a client says.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// First, within 10 s.
    Hello {
        /// [`crate::PROTOCOL`].
        protocol: u32,
        /// Who speaks.
        client: Program,
    },
    /// This socket speaks for the session from now on; restores its TTL within the grace.
    Attach {
        /// A live session of this sign-in.
        session_id: SessionId,
    },
    /// Goodbye: the session ends and all it holds is released (S05).
    Detach {
        /// An attached session.
        session_id: SessionId,
    },
    /// Renews leases.
    Heartbeat {
        /// Whose.
        sessions: Vec<SessionId>,
        /// How long each has had no input, in milliseconds.
        #[serde(default, skip_serializing_if = "HashMap::is_empty")]
        idle_ms: HashMap<SessionId, i64>,
    },
    /// Joins a room.
    Subscribe {
        /// Which.
        room: Room,
        /// The last event seen, to get what was missed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Position>,
    },
    /// Leaves a room.
    Unsubscribe {
        /// Which.
        room: Room,
    },
    /// Tells a room's others what the session looks at.
    Presence {
        /// A joined document room.
        room: Room,
        /// An attached session.
        session_id: SessionId,
        /// What to tell; null when leaving.
        #[schema(value_type = Option<Object>)]
        state: Option<serde_json::Value>,
    },
}

/// One session's part of a heartbeat's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum HeartbeatAck {
    /// Renewed.
    Renewed {
        /// Whose.
        session_id: SessionId,
        /// When the lease ends unless renewed.
        expires_at: Timestamp,
    },
    /// Not renewed.
    Refused {
        /// Whose.
        session_id: SessionId,
        /// `session_not_found` or `session_not_yours`.
        code: Code,
    },
}

/// What a client needs to begin with in a room.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RoomSnapshot {
    /// The room's live locks.
    pub locks: Vec<Lock>,
    /// Who is looking.
    pub presence: Vec<Presence>,
}

/// What a server says, but for `event`, whose body is shared by all its readers: see [`EventFrame`].
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The answer to `hello`.
    Welcome {
        /// [`crate::PROTOCOL`].
        protocol: u32,
        /// Who speaks.
        server: Program,
        /// How often the default lease wants a heartbeat, in milliseconds.
        heartbeat_ms: i64,
    },
    /// The answer to `attach`.
    Attached {
        /// Which session.
        session_id: SessionId,
        /// When its lease ends unless renewed.
        expires_at: Timestamp,
        /// What it holds.
        locks: Vec<HeldLock>,
    },
    /// The answer to `heartbeat`.
    HeartbeatAck {
        /// In the order asked.
        sessions: Vec<HeartbeatAck>,
    },
    /// The answer to `subscribe`. The next event of the room is `seq` + 1.
    Subscribed {
        /// Which room.
        room: Room,
        /// The count that holds now.
        epoch: String,
        /// The position from which events follow.
        seq: i64,
        /// Whether what was missed follows.
        resumed: bool,
        /// As of now; what is replayed after it is part of it already.
        snapshot: RoomSnapshot,
    },
    /// Somebody's presence changed.
    Presence {
        /// Where.
        room: Room,
        /// Whose.
        #[serde(flatten)]
        presence: Presence,
    },
    /// Events were lost to this reader: what it knows of the room is void.
    Resync {
        /// Which room.
        room: Room,
    },
    /// Something asked for was refused; the socket stays open.
    Error {
        /// For programs.
        code: Code,
        /// In words.
        detail: String,
        /// The room concerned.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<Room>,
        /// The session concerned.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session_id: Option<SessionId>,
    },
    /// The server closes this socket.
    Closing {
        /// `draining`, `signed_out`, `slow_reader`, `no_hello`, `frame_too_large`, `protocol`.
        reason: String,
        /// When to come back, in milliseconds; null where it makes no sense.
        reconnect_after_ms: Option<i64>,
    },
}

/// An event with its place in its room: `{"type": "event", room, epoch, seq, event}`.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename = "event")]
pub struct EventFrame<E> {
    /// Where.
    pub room: Room,
    /// Which count.
    pub epoch: String,
    /// Its number.
    pub seq: i64,
    /// What happened.
    pub event: E,
}

/// The first look at a server's frame: an `event` is read as [`EventFrame`], the rest as [`ServerFrame`].
#[derive(Debug, Clone, Deserialize)]
pub struct ServerFrameHead {
    /// The frame's `type`.
    #[serde(rename = "type")]
    pub kind: String,
}
