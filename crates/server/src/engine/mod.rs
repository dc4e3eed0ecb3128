//! The lock engine: sessions, leases, locks and fences behind one trait.
//!
//! A lease belongs to a *session*; a lock lives exactly as long as its session's lease, so one heartbeat renews all
//! locks at the cost of one row (S02). A lock's `expires_at` in every answer is its session's. Each engine reads time from
//! one clock of its own (the database's, the server's), never from a caller, and enforces expiry in every read (L05).

pub mod blocking;
#[cfg(test)]
mod contract;
pub mod lease;
pub mod sql;

use std::time::Duration;

use async_trait::async_trait;
use holdfast_protocol::{
    DocumentId, ProjectId, SessionId, SignInId, Timestamp, UserId, WorkspaceId,
    lock::{AcquireStatus, Lock, LockMode, LockState, ReleaseReason, Resource},
    session::{HeldLock, OpenSession, Session},
};

use crate::{caller::Caller, store::StorageError};

/// A space: what a session is opened for, and what it can lock inside (S10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Space {
    /// A user's own documents.
    Personal(UserId),
    /// A workspace.
    Workspace(WorkspaceId),
}

/// A resource, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What is to be locked.
    pub resource: Resource,
    /// The space that it is in.
    pub space: Space,
    /// The project, for a document in one.
    pub project: Option<ProjectId>,
}

/// The durations that an engine works with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseTimes {
    /// Lease of a session without a wish of its own.
    pub ttl: Duration,
    /// What is left of it after an unclean close.
    pub grace: Duration,
}

/// A lease, just opened or renewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Whose.
    pub session: SessionId,
    /// How long it lasts from each renewal.
    pub ttl: Duration,
    /// When it ends unless renewed.
    pub expires_at: Timestamp,
}

/// A session opened: a new one (201), or the caller's own live one again (200).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Its lease.
    pub lease: Lease,
    /// Whether it is new.
    pub created: bool,
}

/// One session's part of a heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beat {
    /// Whose lease to renew.
    pub session: SessionId,
    /// How long its window has had no input.
    pub idle: Option<Duration>,
}

/// A lock granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acquired {
    /// New, or held already.
    pub status: AcquireStatus,
    /// The lock.
    pub lock: Lock,
}

/// One socket of one server process, for as long as it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConnectionId(pub uuid::Uuid);

/// Whose locks a list is about (L12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockScope {
    /// All in a workspace, its own included.
    Workspace(WorkspaceId),
    /// All on documents of a project.
    Project(ProjectId),
    /// One document's, its elements' included.
    Document(DocumentId),
    /// All on a user's personal documents.
    Personal(UserId),
}

/// Whose locks go when access goes (L13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// A member was removed, or made a viewer: all its locks in the workspace.
    Member {
        /// Where.
        workspace: WorkspaceId,
        /// Whose.
        user: UserId,
    },
    /// A document is going, or leaves its space.
    Document(DocumentId),
    /// A workspace is going with all in it.
    Workspace(WorkspaceId),
}

/// How a commit's right to write is proved, inside the transaction that writes (D02, D03).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FenceGuard {
    /// Locks are in the same database as documents: the transaction itself looks at them.
    InDatabase,
}

/// Why the engine refused.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// The session has ended or never was.
    #[error("the session has ended or never was")]
    SessionNotFound,
    /// The session is another sign-in's, or its id is reserved for another user.
    #[error("the session belongs to another sign-in")]
    SessionNotYours,
    /// The session was opened for another space (S10).
    #[error("the session was opened for another space")]
    OtherSpace,
    /// A lease of this length is not given.
    #[error("a lease lasts from {min:?} to {max:?}")]
    TtlOutOfBounds {
        /// Shortest.
        min: Duration,
        /// Longest.
        max: Duration,
    },
    /// A workspace is locked exclusively or not at all (L10).
    #[error("a workspace can only be locked exclusively")]
    SharedWorkspace,
    /// The resource is gone, or the caller may not know of it.
    #[error("no such thing")]
    NotFound,
    /// The caller's role does not allow it.
    #[error("{0}")]
    Forbidden(&'static str),
    /// Nobody holds a live lock.
    #[error("nobody holds this lock")]
    LockNotFound,
    /// Somebody else holds it.
    #[error("somebody else holds this lock")]
    NotHolder,
    /// A lock stands in the way.
    #[error("locked by {} on {}", holder.user_name, holder.device_name)]
    Held {
        /// Which.
        holder: Box<Lock>,
        /// Whether it is another session of the caller.
        same_user: bool,
        /// How many wait.
        waiters: u32,
    },
    /// The engine did not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Sessions, leases, locks and fences. One contract suite runs over every implementation.
///
/// Every method is atomic, may be called on any replica, and publishes what it did as
/// [`Happening`](crate::happening::Happening)s in the order in which it took effect. Dropping a returned future may leave the
/// change done or not done, never half done.
#[async_trait]
pub trait LockEngine: Send + Sync + 'static {
    /// Opens a session (S02), or finds the caller's own live one again. An ended id may be opened again by its user only (S06).
    async fn open(&self, caller: &Caller, request: &OpenSession) -> Result<Opened, LockError>;

    /// Renews leases; restores the TTL of those in their grace (S03). One answer a beat, in order:
    /// [`LockError::SessionNotFound`] and [`LockError::SessionNotYours`] are answers, not failures of the whole.
    async fn heartbeat(
        &self,
        caller: &Caller,
        beats: &[Beat],
    ) -> Result<Vec<Result<Lease, LockError>>, StorageError>;

    /// A live session of the caller's sign-in with what it holds.
    async fn session(&self, caller: &Caller, session: SessionId) -> Result<Session, LockError>;

    /// What a live session holds, in short.
    async fn held_by(&self, session: SessionId) -> Result<Vec<HeldLock>, StorageError>;

    /// The live sessions of a user, all sign-ins, each with what it holds.
    async fn sessions_of(&self, user: UserId) -> Result<Vec<Session>, StorageError>;

    /// Goodbye: ends the session and releases all it holds as one batch (S05).
    async fn end(&self, caller: &Caller, session: SessionId) -> Result<(), LockError>;

    /// Ends all sessions of a sign-in (S08), with reason `signed_out`.
    async fn end_sign_in(&self, sign_in: SignInId) -> Result<(), StorageError>;

    /// From now on this socket speaks for the session; renews the lease.
    async fn attach(
        &self,
        caller: &Caller,
        session: SessionId,
        connection: ConnectionId,
    ) -> Result<Lease, LockError>;

    /// A socket closed without a goodbye: cuts the leases of those of its sessions that no other socket speaks for to
    /// the grace (S03).
    async fn disconnected(&self, connection: ConnectionId) -> Result<(), StorageError>;

    /// The process begins to serve: attachments of its former life are forgotten; no lease is cut.
    async fn process_started(&self) -> Result<(), StorageError>;

    /// L01, L02, L03, L10. Renews the session's lease as well. Checks the caller's role in the same transaction where the engine can.
    async fn acquire(
        &self,
        caller: &Caller,
        target: &Target,
        session: SessionId,
        mode: LockMode,
    ) -> Result<Acquired, LockError>;

    /// Renews the session's lease if it holds this lock (L06).
    async fn renew(&self, caller: &Caller, target: &Target, session: SessionId) -> Result<Lease, LockError>;

    /// Gives the lock back, with `released` or `idle`.
    async fn release(
        &self,
        caller: &Caller,
        target: &Target,
        session: SessionId,
        reason: ReleaseReason,
    ) -> Result<(), LockError>;

    /// Gives the lock to the session, whoever holds it, in one step (L08). An owner may, and anybody from own sessions.
    async fn force_take(
        &self,
        caller: &Caller,
        target: &Target,
        session: SessionId,
        reason: &str,
    ) -> Result<Lock, LockError>;

    /// Frees the lock, whoever holds it (L08).
    async fn force_release(&self, caller: &Caller, target: &Target, reason: &str) -> Result<(), LockError>;

    /// Who holds it now.
    async fn state(&self, target: &Target) -> Result<LockState, StorageError>;

    /// The live locks of a scope in one query, oldest first (L12).
    async fn locks(&self, scope: LockScope) -> Result<Vec<Lock>, StorageError>;

    /// Releases locks whose ground is gone, with `revoked` (L13). `by` lost nothing: it is who took the access away.
    async fn revoke(&self, by: &Caller, what: Revocation) -> Result<(), StorageError>;

    /// Ends every lease that is over and broadcasts what it freed (L09). Any replica may call it at any time; each expiry is told once.
    /// Answers when the next lease ends, as far as is known.
    async fn expire_due(&self) -> Result<Option<Timestamp>, StorageError>;

    /// What a commit has to check in its transaction.
    fn guard(&self) -> FenceGuard;
}
