//! The lock engine on the same database as the documents.
//!
//! **Invariants:** a lock is live exactly while its session's lease is, and nothing stores that a second time: a heartbeat is one
//! row whatever the session holds. Every acquisition raises a counter kept with the resource, so that fences rise after any
//! end of a lock and any restart (L07). A session that is found over is ended in the transaction that found it, and told before
//! what comes next, so that its rooms see the release before the next acquisition.

mod acquire;
mod expiry;
mod force;
mod ground;
pub(crate) mod release;
pub(crate) mod revoke;
mod sessions;
pub(crate) mod stored;
pub(crate) mod view;

use async_trait::async_trait;
use holdfast_protocol::{
    SessionId, SignInId, Timestamp, UserId,
    lock::{LockMode, LockState, ReleaseReason},
    room::Room,
    session::{HeldLock, OpenSession, Session},
};
use uuid::Uuid;

use super::{
    Acquired, Beat, ConnectionId, FenceGuard, Lease, LeaseTimes, LockEngine, LockError, LockScope, Opened,
    Revocation, Target,
};
use crate::{caller::Caller, database::Database, store::StorageError};
use holdfast_protocol::lock::Lock;

/// Sessions, leases and locks in SQL.
pub struct SqlEngine {
    db: Database,
    times: LeaseTimes,
    /// This process, for as long as it runs: whose sockets an attachment is about.
    replica: Uuid,
}

impl SqlEngine {
    /// An engine on this database.
    #[must_use]
    pub fn new(db: Database, times: LeaseTimes) -> Self {
        Self {
            db,
            times,
            replica: Uuid::new_v4(),
        }
    }
}

/// The rooms that hear of a target's locks.
fn rooms_of_target(target: &Target) -> Vec<Room> {
    match target.resource.document_id() {
        Some(document) => stored::rooms_of(document, target.project, target.space),
        None => vec![stored::space_room(target.space)],
    }
}

#[async_trait]
impl LockEngine for SqlEngine {
    async fn open(&self, caller: &Caller, request: &OpenSession) -> Result<Opened, LockError> {
        let arguments = (caller.clone(), request.clone(), self.times.clone());
        self.db
            .write(arguments, |tx, (caller, request, times)| {
                Box::pin(sessions::open(tx, caller, request, times))
            })
            .await
    }

    async fn heartbeat(
        &self,
        caller: &Caller,
        beats: &[Beat],
    ) -> Result<Vec<Result<Lease, LockError>>, StorageError> {
        self.db
            .write((caller.clone(), beats.to_vec()), |tx, (caller, beats)| {
                Box::pin(sessions::renew_all(tx, caller, beats))
            })
            .await
    }

    async fn session(&self, caller: &Caller, session: SessionId) -> Result<Session, LockError> {
        let mut reads = self.db.snapshot().await?;
        let now = self.db.now();
        sessions::must_be_own(&mut reads, caller, session, now).await?;
        view::sessions_of(&mut reads, caller.user.id, Some(session), now)
            .await?
            .pop()
            .ok_or(LockError::SessionNotFound)
    }

    async fn held_by(&self, session: SessionId) -> Result<Vec<HeldLock>, StorageError> {
        let mut reader = self.db.reader().await?;
        let locks = view::locks_held(&mut reader, session, self.db.now()).await?;
        Ok(view::in_short(locks))
    }

    async fn sessions_of(&self, user: UserId) -> Result<Vec<Session>, StorageError> {
        let mut reads = self.db.snapshot().await?;
        view::sessions_of(&mut reads, user, None, self.db.now()).await
    }

    async fn end(&self, caller: &Caller, session: SessionId) -> Result<(), LockError> {
        self.db
            .write((caller.clone(), session), |tx, (caller, session)| {
                Box::pin(sessions::end(tx, caller, *session))
            })
            .await
    }

    async fn end_sign_in(&self, sign_in: SignInId) -> Result<(), StorageError> {
        self.db
            .write(sign_in, |tx, sign_in| {
                Box::pin(release::end_sign_in(tx, *sign_in))
            })
            .await
    }

    async fn attach(
        &self,
        caller: &Caller,
        session: SessionId,
        connection: ConnectionId,
    ) -> Result<Lease, LockError> {
        let arguments = (caller.clone(), session, connection, self.replica);
        self.db
            .write(arguments, |tx, (caller, session, connection, replica)| {
                Box::pin(sessions::attach(tx, caller, *session, *connection, *replica))
            })
            .await
    }

    async fn disconnected(&self, connection: ConnectionId) -> Result<(), StorageError> {
        self.db
            .write((connection, self.times.grace), |tx, (connection, grace)| {
                Box::pin(sessions::disconnected(tx, *connection, *grace))
            })
            .await
    }

    /// One process at a time serves a SQLite file, so every attachment that is not this one's is of a former life. No lease is
    /// longer than its TTL, though the machine's clock was set back between the two.
    async fn process_started(&self) -> Result<(), StorageError> {
        self.db
            .write(self.replica, |tx, replica| {
                Box::pin(async move {
                    sqlx::query("DELETE FROM attachments WHERE replica <> $1")
                        .bind(replica.to_string())
                        .execute(&mut *tx.conn)
                        .await?;
                    sqlx::query(
                        "UPDATE sessions SET expires_at = $1 + ttl_ms WHERE ended_at IS NULL AND expires_at > $1 + ttl_ms",
                    )
                    .bind(tx.now.0)
                    .execute(&mut *tx.conn)
                    .await?;
                    Ok(())
                })
            })
            .await
    }

    async fn acquire(
        &self,
        caller: &Caller,
        target: &Target,
        session: SessionId,
        mode: LockMode,
    ) -> Result<Acquired, LockError> {
        let arguments = (caller.clone(), target.resource.clone(), session, mode);
        self.db
            .write(arguments, |tx, (caller, resource, session, mode)| {
                Box::pin(acquire::acquire(tx, caller, resource, *session, *mode))
            })
            .await
    }

    async fn renew(&self, caller: &Caller, target: &Target, session: SessionId) -> Result<Lease, LockError> {
        let arguments = (caller.clone(), target.clone(), session);
        self.db
            .write(arguments, |tx, (caller, target, session)| {
                Box::pin(acquire::renew_lock(tx, caller, target, *session))
            })
            .await
    }

    async fn release(
        &self,
        caller: &Caller,
        target: &Target,
        session: SessionId,
        reason: ReleaseReason,
    ) -> Result<(), LockError> {
        let arguments = (caller.clone(), target.clone(), session, reason);
        self.db
            .write(arguments, |tx, (caller, target, session, reason)| {
                Box::pin(acquire::release(tx, caller, target, *session, *reason))
            })
            .await
    }

    async fn force_take(
        &self,
        caller: &Caller,
        target: &Target,
        session: SessionId,
        reason: &str,
    ) -> Result<Lock, LockError> {
        let arguments = (
            caller.clone(),
            target.resource.clone(),
            session,
            reason.to_owned(),
        );
        self.db
            .write(arguments, |tx, (caller, resource, session, reason)| {
                Box::pin(force::force_take(tx, caller, resource, *session, reason))
            })
            .await
    }

    async fn force_release(&self, caller: &Caller, target: &Target, reason: &str) -> Result<(), LockError> {
        let arguments = (caller.clone(), target.resource.clone(), reason.to_owned());
        self.db
            .write(arguments, |tx, (caller, resource, reason)| {
                Box::pin(force::force_release(tx, caller, resource, reason))
            })
            .await
    }

    async fn state(&self, target: &Target) -> Result<LockState, StorageError> {
        let mut reader = self.db.reader().await?;
        view::state(&mut reader, target, self.db.now()).await
    }

    async fn locks(&self, scope: LockScope) -> Result<Vec<Lock>, StorageError> {
        let mut reader = self.db.reader().await?;
        view::locks(&mut reader, scope, self.db.now()).await
    }

    async fn revoke(&self, by: &Caller, what: Revocation) -> Result<(), StorageError> {
        self.db
            .write((by.clone(), what), |tx, (by, what)| {
                Box::pin(revoke::revoke(tx, by, *what))
            })
            .await
    }

    async fn expire_due(&self) -> Result<Option<Timestamp>, StorageError> {
        expiry::expire_due(&self.db).await
    }

    fn guard(&self) -> FenceGuard {
        FenceGuard::InDatabase
    }
}
