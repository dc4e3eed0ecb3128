//! What a change has to tell, collected in the transaction that makes it and published, in the order of the
//! transactions, once it is durable.
//!
//! **Invariant:** a happening is published after its transaction committed, never before, and two happenings of one
//! room are published in the order in which their transactions took effect (R02).

use holdfast_protocol::{
    SessionId, SignInId, UserId, WorkspaceId,
    room::{Event, Room},
};

/// One thing that happened.
#[derive(Debug, Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all of them are events: a box for each would cost more"
)]
pub enum Happening {
    /// An event for rooms.
    Event {
        /// Where it is heard. A document's own room gets the event whole, the others without data.
        rooms: Vec<Room>,
        /// What.
        event: Event,
    },
    /// Somebody's access changed: their subscriptions are to be checked again (R05).
    AccessChanged {
        /// Whose.
        user: UserId,
        /// Where.
        workspace: WorkspaceId,
    },
    /// A sign-in ended: its sockets are to be closed.
    SignInEnded {
        /// Which.
        sign_in: SignInId,
    },
    /// A session ended: its presence goes.
    SessionEnded {
        /// Which.
        session: SessionId,
    },
}

/// Where happenings go. Called from the one place that commits, in order; must not block.
pub trait Publisher: Send + Sync + 'static {
    /// Takes what one or more transactions had to tell.
    fn publish(&self, happenings: Vec<Happening>);
}
