//! The rows that a lock or a heartbeat writes, written and nothing more: nobody is asked whether they may, nothing is
//! looked up, nobody is told.
//!
//! The file has Holdfast's schema, indexes and settings. Each write is a transaction of its own.

use std::{
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::Result;
use sqlx::{
    Connection as _, Row as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

const SCHEMA: &str = include_str!("../../../server/migrations/0001_first.sql");

/// The one user, and the one workspace.
const NOBODY: Uuid = Uuid::nil();

/// The file, which has one writer.
pub(super) struct Writes(Mutex<SqliteConnection>);

impl Writes {
    pub(super) async fn open(folder: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(folder.join("bare.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .pragma("cache_size", "-8000")
            .pragma("temp_store", "MEMORY")
            .pragma("journal_size_limit", "67108864");
        let mut conn = SqliteConnection::connect_with(&options).await?;
        let schema = SCHEMA.replace("{bytes}", "BLOB").replace("{bytewise}", "");
        sqlx::raw_sql(sqlx::AssertSqlSafe(schema))
            .execute(&mut conn)
            .await?;
        sqlx::query("INSERT INTO users (id, email, account, name, created_at) VALUES ($1, '', '', '', 0)")
            .bind(NOBODY.to_string())
            .execute(&mut conn)
            .await?;
        sqlx::query("INSERT INTO workspaces (id, name, created_at, fence) VALUES ($1, '', 0, 0)")
            .bind(NOBODY.to_string())
            .execute(&mut conn)
            .await?;
        Ok(Self(Mutex::new(conn)))
    }

    pub(super) async fn document(&self, id: Uuid) -> Result<()> {
        let mut conn = self.0.lock().await;
        sqlx::query(
            "INSERT INTO documents (id, name, kind, workspace_id, version, elements, fence, exclusive_fence, created_at, \
             created_by, updated_at, updated_by) VALUES ($1, 'Bench', 'canvas', $2, 0, 0, 0, 0, $3, $2, $3, $2)",
        )
        .bind(id.to_string())
        .bind(NOBODY.to_string())
        .bind(now())
        .execute(&mut *conn)
        .await?;
        Ok(())
    }

    pub(super) async fn session(&self, id: Uuid, ttl_ms: i64) -> Result<()> {
        let mut conn = self.0.lock().await;
        sqlx::query(
            "INSERT INTO sessions (id, sign_in_id, user_id, workspace_id, device_name, ttl_ms, opened_at, heartbeat_at, \
             expires_at, cut) VALUES ($1, $2, $2, $2, 'Bench', $3, $4, $4, $4 + $3, 0)",
        )
        .bind(id.to_string())
        .bind(NOBODY.to_string())
        .bind(ttl_ms)
        .bind(now())
        .execute(&mut *conn)
        .await?;
        Ok(())
    }

    /// The session's lease, the document's fence, the lock; answers the fence.
    pub(super) async fn acquire(&self, document: Uuid, session: Uuid) -> Result<i64> {
        let mut conn = self.begin().await?;
        renew(&mut conn, session, None).await?;
        let fence: i64 = sqlx::query_scalar(
            "UPDATE documents SET fence = fence + 1, exclusive_fence = fence + 1, exclusive_session = $2 \
             WHERE id = $1 RETURNING fence",
        )
        .bind(document.to_string())
        .bind(session.to_string())
        .fetch_one(&mut *conn)
        .await?;
        sqlx::query(
            "INSERT INTO locks (kind, document_id, resource_id, session_id, workspace_id, owner_id, mode, fence, \
             acquired_at) VALUES ('document', $1, $1, $2, $3, NULL, 'exclusive', $4, $5)",
        )
        .bind(document.to_string())
        .bind(session.to_string())
        .bind(NOBODY.to_string())
        .bind(fence)
        .bind(now())
        .execute(&mut *conn)
        .await?;
        commit(&mut conn).await?;
        Ok(fence)
    }

    pub(super) async fn release(&self, document: Uuid, session: Uuid) -> Result<()> {
        let mut conn = self.begin().await?;
        sqlx::query(
            "DELETE FROM locks WHERE kind = 'document' AND document_id = $1 AND resource_id = $1 AND session_id = $2",
        )
        .bind(document.to_string())
        .bind(session.to_string())
        .execute(&mut *conn)
        .await?;
        commit(&mut conn).await
    }

    /// Renews each lease, in one transaction; answers their ends.
    pub(super) async fn heartbeat(&self, sessions: &[Uuid], idle_ms: Option<i64>) -> Result<Vec<i64>> {
        let mut conn = self.begin().await?;
        let mut ends = Vec::with_capacity(sessions.len());
        for session in sessions {
            ends.push(renew(&mut conn, *session, idle_ms).await?);
        }
        commit(&mut conn).await?;
        Ok(ends)
    }

    async fn begin(&self) -> Result<MutexGuard<'_, SqliteConnection>> {
        let mut conn = self.0.lock().await;
        sqlx::query("BEGIN IMMEDIATE").execute(&mut *conn).await?;
        Ok(conn)
    }
}

async fn renew(conn: &mut SqliteConnection, session: Uuid, idle_ms: Option<i64>) -> Result<i64> {
    let row = sqlx::query(
        "UPDATE sessions SET heartbeat_at = $1, expires_at = $1 + ttl_ms, cut = 0, idle_ms = COALESCE($2, idle_ms) \
         WHERE id = $3 RETURNING expires_at",
    )
    .bind(now())
    .bind(idle_ms)
    .bind(session.to_string())
    .fetch_one(conn)
    .await?;
    Ok(row.try_get(0)?)
}

async fn commit(conn: &mut SqliteConnection) -> Result<()> {
    sqlx::query("COMMIT").execute(conn).await?;
    Ok(())
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
