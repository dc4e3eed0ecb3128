//! Looking: what is locked, and what sessions hold. Every query leaves out what is over (L05).

use std::collections::HashMap;

use holdfast_protocol::{
    SessionId, Timestamp, UserId,
    lock::{Lock, LockMode, LockState},
    session::{HeldLock, Session},
};

use super::stored::{Stored, key, locks_where};
use crate::{
    database::{Columns as _, Connection, Row},
    engine::{LockScope, Target},
    store::StorageError,
};

fn locks_from(rows: &[Row]) -> Result<Vec<Lock>, StorageError> {
    rows.iter().map(|row| Ok(Stored::from_row(row)?.lock)).collect()
}

/// The live locks on a resource.
pub(super) async fn state(
    conn: &mut Connection,
    target: &Target,
    now: Timestamp,
) -> Result<LockState, StorageError> {
    let (kind, document, resource) = key(&target.resource);
    let rows = sqlx::query(locks_where!(
        "l.kind = $1 AND l.document_id = $2 AND l.resource_id = $3 AND s.expires_at > $4 AND s.ended_at IS NULL \
         ORDER BY l.acquired_at, l.fence"
    ))
    .bind(kind)
    .bind(document)
    .bind(resource)
    .bind(now.0)
    .fetch_all(conn)
    .await?;
    let holders = locks_from(&rows)?;
    Ok(LockState {
        locked: !holders.is_empty(),
        lock: foremost(&holders).cloned(),
        holders,
        offer: None,
    })
}

/// The exclusive lock, or the oldest shared one.
pub(crate) fn foremost(holders: &[Lock]) -> Option<&Lock> {
    holders
        .iter()
        .find(|lock| lock.mode == LockMode::Exclusive)
        .or_else(|| holders.first())
}

/// The live locks of a scope, oldest first, in one query (L12).
pub(crate) async fn locks(
    conn: &mut Connection,
    scope: LockScope,
    now: Timestamp,
) -> Result<Vec<Lock>, StorageError> {
    let (query, id) = match scope {
        LockScope::Workspace(id) => (
            locks_where!(
                "l.workspace_id = $1 AND s.expires_at > $2 AND s.ended_at IS NULL ORDER BY l.acquired_at, l.fence"
            ),
            id.to_string(),
        ),
        LockScope::Project(id) => (
            locks_where!(
                "d.project_id = $1 AND s.expires_at > $2 AND s.ended_at IS NULL ORDER BY l.acquired_at, l.fence"
            ),
            id.to_string(),
        ),
        LockScope::Document(id) => (
            locks_where!(
                "l.document_id = $1 AND s.expires_at > $2 AND s.ended_at IS NULL ORDER BY l.acquired_at, l.fence"
            ),
            id.to_string(),
        ),
        LockScope::Personal(id) => (
            locks_where!(
                "l.owner_id = $1 AND s.expires_at > $2 AND s.ended_at IS NULL ORDER BY l.acquired_at, l.fence"
            ),
            id.to_string(),
        ),
    };
    let rows = sqlx::query(query).bind(id).bind(now.0).fetch_all(conn).await?;
    locks_from(&rows)
}

/// What a live session holds.
pub(super) async fn locks_held(
    conn: &mut Connection,
    session: SessionId,
    now: Timestamp,
) -> Result<Vec<Lock>, StorageError> {
    let rows = sqlx::query(locks_where!(
        "l.session_id = $1 AND s.expires_at > $2 AND s.ended_at IS NULL ORDER BY l.acquired_at, l.fence"
    ))
    .bind(session.to_string())
    .bind(now.0)
    .fetch_all(conn)
    .await?;
    locks_from(&rows)
}

/// The same in short.
pub(super) fn in_short(locks: Vec<Lock>) -> Vec<HeldLock> {
    let short = |lock: Lock| HeldLock {
        resource: lock.resource,
        fence: lock.fence,
    };
    locks.into_iter().map(short).collect()
}

/// The live sessions of a user, or one of them, each with what it holds.
pub(super) async fn sessions_of(
    conn: &mut Connection,
    user: UserId,
    only: Option<SessionId>,
    now: Timestamp,
) -> Result<Vec<Session>, StorageError> {
    let sessions = sqlx::query(
        "SELECT id, workspace_id, device_name, opened_at, heartbeat_at, ttl_ms, expires_at FROM sessions \
         WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2 AND id = COALESCE($3, id) ORDER BY opened_at, id",
    )
    .bind(user.to_string())
    .bind(now.0)
    .bind(only.map(|id| id.to_string()))
    .fetch_all(&mut *conn)
    .await?;
    let locks = sqlx::query(locks_where!(
        "s.user_id = $1 AND s.expires_at > $2 AND s.ended_at IS NULL AND s.id = COALESCE($3, s.id) \
         ORDER BY l.acquired_at, l.fence"
    ))
    .bind(user.to_string())
    .bind(now.0)
    .bind(only.map(|id| id.to_string()))
    .fetch_all(conn)
    .await?;
    let mut held: HashMap<SessionId, Vec<Lock>> = HashMap::new();
    for lock in locks_from(&locks)? {
        held.entry(lock.session_id).or_default().push(lock);
    }
    sessions.iter().map(|row| session_from(row, &mut held)).collect()
}

fn session_from(row: &Row, held: &mut HashMap<SessionId, Vec<Lock>>) -> Result<Session, StorageError> {
    let session_id = row.id("id")?;
    Ok(Session {
        session_id,
        workspace_id: row.id_or_null("workspace_id")?,
        device_name: row.text("device_name")?,
        opened_at: row.moment("opened_at")?,
        heartbeat_at: row.moment("heartbeat_at")?,
        ttl_ms: row.number("ttl_ms")?,
        expires_at: row.moment("expires_at")?,
        locks: held.remove(&session_id).unwrap_or_default(),
    })
}
