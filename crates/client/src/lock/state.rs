//! The states of a lock, what drives them, and what they ask for.

use holdfast_protocol::{
    Timestamp,
    account::User,
    lock::{Lock, ReleaseReason},
    room::Actor,
    session::HeldLock,
};

use crate::{clock::Tick, view::LossReason};

/// Where a session stands with its document's lock.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// It reads only.
    Looking,
    /// It has asked; `settling` once the answer was lost and it asks what became of it (L16).
    Acquiring {
        /// When the request was sent.
        sent_at: Tick,
        /// Whether the answer was lost.
        settling: bool,
    },
    /// It may edit and commit.
    Held {
        /// The fencing token.
        fence: i64,
        /// Since when, by the server's clock.
        since: Timestamp,
        /// The client's own deadline.
        deadline: Tick,
        /// Whether this client has seen all that was committed before it got the lock (R02).
        confirmed: bool,
    },
    /// Its time ran out with the server out of reach. Edits go on, into the journal only.
    Lapsed {
        /// The fencing token it had.
        fence: i64,
        /// Since when, by the server's clock.
        since: Timestamp,
        /// When it ran out.
        at: Tick,
    },
    /// The server is in reach again, or has said that the lease ended: continuity is being proved (X03).
    Proving {
        /// The fencing token it had.
        fence: i64,
        /// Since when, by the server's clock.
        since: Timestamp,
    },
    /// It lost the lock.
    Lost(Lost),
    /// Its user may only look.
    NotAllowed,
    /// The document is gone, or not to be seen any more.
    Gone,
}

/// How a lock was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Why.
    pub why: LossReason,
    /// Who did it.
    pub by: Option<User>,
    /// The reason given.
    pub reason: Option<String>,
}

/// What happens to a lock.
#[derive(Debug, Clone)]
pub enum Input {
    /// The window wants to edit.
    Want,
    /// The window takes the lock by force.
    Force,
    /// The request was granted.
    Granted {
        /// The lock.
        lock: Lock,
        /// When the request was sent: a grant renews the lease.
        sent_at: Tick,
        /// Whether the drawing is known to be that of this moment.
        confirmed: bool,
    },
    /// The request was refused, in favour of this lock where there is one.
    Refused(Option<Lock>),
    /// The request was refused in favour of a session that nobody has any more: its end is waited for.
    Outlived(Lock),
    /// The request did not reach the server.
    NotSent,
    /// The request may have reached the server; no answer came.
    AnswerLost,
    /// What the server says after a lost answer: who holds the lock.
    Settled(Option<Lock>),
    /// A heartbeat was answered; with what the session holds, where the answer says so.
    Renewed {
        /// When it was sent.
        sent_at: Tick,
        /// What the session holds.
        locks: Option<Vec<HeldLock>>,
    },
    /// The session speaks through a new socket, and holds these.
    Attached(Vec<HeldLock>),
    /// The server knows no such live session, or refuses the fence.
    SessionEnded,
    /// All that was committed before the lock was granted has been seen.
    Confirmed,
    /// The lock is still this session's, says the answer to what was sent at this moment.
    Proved(Tick),
    /// The lock could not be proved; somebody else has it, or nobody may say.
    Unproved(Option<Lock>),
    /// Room: somebody got the lock.
    Locked(Lock),
    /// Room: the lock ended.
    Unlocked {
        /// Why.
        reason: ReleaseReason,
        /// Who.
        by: Actor,
    },
    /// Room: somebody took it by force.
    ForceTaken {
        /// The taker's lock.
        lock: Lock,
        /// Those displaced.
        previous: Vec<Lock>,
        /// The taker.
        by: Actor,
        /// The reason given.
        reason: String,
    },
    /// Room: the live locks, as of now.
    Snapshot(Vec<Lock>),
    /// Time has passed.
    Tick,
    /// The window gave the lock back; by itself where it was idle.
    GivenBack {
        /// After long without input.
        idle: bool,
    },
    /// The user may not edit (any more).
    Denied,
    /// The document is gone.
    Gone,
}

/// What a lock machine asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Ask for the lock.
    Acquire,
    /// Find out who holds it (L16).
    Settle,
    /// Prove that the lock is still this session's, or get it anew where nothing has happened (X03).
    Prove,
    /// Give back a lock that came too late to be wanted (L16).
    Release,
    /// Keep what is not saved as a draft.
    KeepDraft,
}
