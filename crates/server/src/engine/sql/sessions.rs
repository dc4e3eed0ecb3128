//! Sessions: opening, renewing, ending, and the sockets that speak for them.

use std::time::Duration;

use holdfast_protocol::{
    SessionId, SignInId, Timestamp, UserId, WorkspaceId, lock::ReleaseReason, session::OpenSession,
};

use super::release::end_session;
use crate::{
    caller::Caller,
    clock::millis,
    database::{Columns as _, Connection, Row, Tx},
    engine::{Beat, ConnectionId, Lease, LeaseTimes, LockError, Opened, Space, lease},
    store::{StorageError, sql::access::role_in},
};

/// A session as it is stored, live or not.
struct Known {
    sign_in: SignInId,
    user: UserId,
    workspace: Option<WorkspaceId>,
    ttl_ms: i64,
    expires_at: Timestamp,
    cut: bool,
    ended_at: Option<Timestamp>,
}

impl Known {
    fn from_row(row: &Row) -> Result<Self, StorageError> {
        Ok(Self {
            sign_in: row.id("sign_in_id")?,
            user: row.id("user_id")?,
            workspace: row.id_or_null("workspace_id")?,
            ttl_ms: row.number("ttl_ms")?,
            expires_at: row.moment("expires_at")?,
            cut: row.flag("cut")?,
            ended_at: row.number_or_null("ended_at")?.map(Timestamp),
        })
    }

    fn is_live(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && lease::is_live(now, self.expires_at)
    }
}

async fn find(conn: &mut Connection, session: SessionId) -> Result<Option<Known>, StorageError> {
    let row = sqlx::query(
        "SELECT sign_in_id, user_id, workspace_id, ttl_ms, expires_at, cut, ended_at FROM sessions WHERE id = $1",
    )
    .bind(session.to_string())
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(Known::from_row).transpose()
}

/// Refuses a session that is over or another sign-in's (S06, S07).
pub(super) async fn must_be_own(
    conn: &mut Connection,
    caller: &Caller,
    session: SessionId,
    now: Timestamp,
) -> Result<(), LockError> {
    match find(conn, session).await? {
        Some(known) if known.sign_in != caller.sign_in => Err(LockError::SessionNotYours),
        Some(known) if known.is_live(now) => Ok(()),
        _ => Err(LockError::SessionNotFound),
    }
}

/// Opens a session, or finds the caller's own live one again.
pub(super) async fn open(
    tx: &mut Tx<'_>,
    caller: &Caller,
    request: &OpenSession,
    times: &LeaseTimes,
) -> Result<Opened, LockError> {
    let asked = lease::ttl(request.ttl_ms, times.ttl)?;
    if let Some(workspace) = request.workspace_id {
        role_in(tx.conn, caller.user.id, workspace)
            .await?
            .ok_or(LockError::NotFound)?;
    }
    let known = find(tx.conn, request.session_id).await?;
    if let Some(known) = &known {
        if known.is_live(tx.now) {
            return reopen_live(tx, caller, request, known).await;
        }
        let ended_at = known.ended_at.unwrap_or(known.expires_at);
        if known.user != caller.user.id && lease::is_reserved(tx.now, ended_at) {
            return Err(LockError::SessionNotYours);
        }
        if known.ended_at.is_none() {
            end_session(tx, request.session_id, lease::end_reason(known.cut), None).await?;
        }
    }
    store_new(tx, caller, request, asked).await?;
    Ok(Opened {
        lease: Lease {
            session: request.session_id,
            ttl: duration(asked),
            expires_at: lease::renewed(tx.now, asked),
        },
        created: true,
    })
}

async fn reopen_live(
    tx: &mut Tx<'_>,
    caller: &Caller,
    request: &OpenSession,
    known: &Known,
) -> Result<Opened, LockError> {
    if known.sign_in != caller.sign_in {
        return Err(LockError::SessionNotYours);
    }
    if known.workspace != request.workspace_id {
        return Err(LockError::OtherSpace);
    }
    let ttl_ms = request.ttl_ms.unwrap_or(known.ttl_ms);
    sqlx::query("UPDATE sessions SET ttl_ms = $1, device_name = $2 WHERE id = $3")
        .bind(ttl_ms)
        .bind(request.device_name.clone())
        .bind(request.session_id.to_string())
        .execute(&mut *tx.conn)
        .await?;
    let renewed = renew(tx, caller, request.session_id, None).await?;
    Ok(Opened {
        lease: renewed.lease,
        created: false,
    })
}

async fn store_new(
    tx: &mut Tx<'_>,
    caller: &Caller,
    request: &OpenSession,
    ttl_ms: i64,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO sessions (id, sign_in_id, user_id, workspace_id, device_name, ttl_ms, opened_at, heartbeat_at, \
         expires_at, cut) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, 0) \
         ON CONFLICT (id) DO UPDATE SET sign_in_id = excluded.sign_in_id, user_id = excluded.user_id, \
         workspace_id = excluded.workspace_id, device_name = excluded.device_name, ttl_ms = excluded.ttl_ms, \
         opened_at = excluded.opened_at, heartbeat_at = excluded.heartbeat_at, expires_at = excluded.expires_at, \
         cut = 0, idle_ms = NULL, ended_at = NULL",
    )
    .bind(request.session_id.to_string())
    .bind(caller.sign_in.to_string())
    .bind(caller.user.id.to_string())
    .bind(request.workspace_id.map(|id| id.to_string()))
    .bind(request.device_name.clone())
    .bind(ttl_ms)
    .bind(tx.now.0)
    .bind(lease::renewed(tx.now, ttl_ms).0)
    .execute(&mut *tx.conn)
    .await?;
    Ok(())
}

/// A lease renewed, and what the caller may want to know of its session.
pub(super) struct Renewed {
    pub(super) lease: Lease,
    pub(super) space: Space,
    pub(super) device_name: String,
}

/// Renews a lease: one row, whatever the session holds (S02).
pub(super) async fn renew(
    tx: &mut Tx<'_>,
    caller: &Caller,
    session: SessionId,
    idle: Option<Duration>,
) -> Result<Renewed, LockError> {
    let row = sqlx::query(
        "UPDATE sessions SET heartbeat_at = $1, expires_at = $1 + ttl_ms, cut = 0, idle_ms = COALESCE($2, idle_ms) \
         WHERE id = $3 AND sign_in_id = $4 AND ended_at IS NULL AND expires_at > $1 \
         RETURNING ttl_ms, expires_at, workspace_id, device_name",
    )
    .bind(tx.now.0)
    .bind(idle.map(millis))
    .bind(session.to_string())
    .bind(caller.sign_in.to_string())
    .fetch_optional(&mut *tx.conn)
    .await?;
    let Some(row) = row else {
        return Err(match must_be_own(tx.conn, caller, session, tx.now).await {
            Err(refusal) => refusal,
            Ok(()) => LockError::SessionNotFound,
        });
    };
    let workspace = row.id_or_null("workspace_id")?;
    Ok(Renewed {
        lease: Lease {
            session,
            ttl: duration(row.number("ttl_ms")?),
            expires_at: row.moment("expires_at")?,
        },
        space: workspace.map_or(Space::Personal(caller.user.id), Space::Workspace),
        device_name: row.text("device_name")?,
    })
}

/// Renews many: what a beat is refused is its answer, and no failure of the others.
pub(super) async fn renew_all(
    tx: &mut Tx<'_>,
    caller: &Caller,
    beats: &[Beat],
) -> Result<Vec<Result<Lease, LockError>>, StorageError> {
    let mut answers = Vec::with_capacity(beats.len());
    for beat in beats {
        answers.push(match renew(tx, caller, beat.session, beat.idle).await {
            Err(LockError::Storage(failure)) => return Err(failure),
            answer => answer.map(|renewed| renewed.lease),
        });
    }
    Ok(answers)
}

/// Goodbye.
pub(super) async fn end(tx: &mut Tx<'_>, caller: &Caller, session: SessionId) -> Result<(), LockError> {
    must_be_own(tx.conn, caller, session, tx.now).await?;
    Ok(end_session(tx, session, ReleaseReason::Released, None).await?)
}

/// A socket speaks for the session from now on.
pub(super) async fn attach(
    tx: &mut Tx<'_>,
    caller: &Caller,
    session: SessionId,
    connection: ConnectionId,
    replica: uuid::Uuid,
) -> Result<Lease, LockError> {
    let renewed = renew(tx, caller, session, None).await?;
    sqlx::query(
        "INSERT INTO attachments (session_id, connection_id, replica) VALUES ($1, $2, $3) \
         ON CONFLICT (session_id, connection_id) DO NOTHING",
    )
    .bind(session.to_string())
    .bind(connection.0.to_string())
    .bind(replica.to_string())
    .execute(&mut *tx.conn)
    .await?;
    Ok(renewed.lease)
}

/// A socket closed without a goodbye: the leases that it alone spoke for are cut to the grace.
pub(super) async fn disconnected(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    grace: Duration,
) -> Result<(), StorageError> {
    let rows = sqlx::query("DELETE FROM attachments WHERE connection_id = $1 RETURNING session_id")
        .bind(connection.0.to_string())
        .fetch_all(&mut *tx.conn)
        .await?;
    for row in rows {
        let session: SessionId = row.id("session_id")?;
        let others: i64 = sqlx::query_scalar("SELECT count(*) FROM attachments WHERE session_id = $1")
            .bind(session.to_string())
            .fetch_one(&mut *tx.conn)
            .await?;
        let live = find(tx.conn, session)
            .await?
            .filter(|known| known.is_live(tx.now));
        let (0, Some(known)) = (others, live) else {
            continue;
        };
        sqlx::query("UPDATE sessions SET expires_at = $1, cut = 1 WHERE id = $2")
            .bind(lease::cut(tx.now, known.expires_at, grace).0)
            .bind(session.to_string())
            .execute(&mut *tx.conn)
            .await?;
    }
    Ok(())
}

fn duration(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}
