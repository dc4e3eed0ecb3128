//! Ending what is over, so that it is told without anybody having to read (L09).

use holdfast_protocol::{SessionId, Timestamp, limits::SESSION_RESERVED};

use super::release::end_session;
use crate::{
    clock::millis,
    database::{Columns as _, Database, Tx},
    engine::lease,
    store::StorageError,
};

/// Most sessions that one transaction ends: others want to write too.
const AT_ONCE: i64 = 200;

/// Ends every lease that is over; answers when the next one will be. While none is due this only reads.
pub(super) async fn expire_due(db: &Database) -> Result<Option<Timestamp>, StorageError> {
    loop {
        let mut reader = db.reader().await?;
        let next: Option<i64> =
            sqlx::query_scalar("SELECT min(expires_at) FROM sessions WHERE ended_at IS NULL")
                .fetch_one(&mut *reader)
                .await?;
        drop(reader);
        match next.map(Timestamp) {
            Some(end) if !lease::is_live(db.now(), end) => {
                db.write((), |tx, ()| Box::pin(end_due(tx))).await?;
            }
            next => return Ok(next),
        }
    }
}

async fn end_due(tx: &mut Tx<'_>) -> Result<(), StorageError> {
    let rows = sqlx::query(
        "SELECT id, cut FROM sessions WHERE ended_at IS NULL AND expires_at <= $1 ORDER BY expires_at, id LIMIT $2",
    )
    .bind(tx.now.0)
    .bind(AT_ONCE)
    .fetch_all(&mut *tx.conn)
    .await?;
    for row in rows {
        let session: SessionId = row.id("id")?;
        end_session(tx, session, lease::end_reason(row.flag("cut")?), None).await?;
    }
    sqlx::query("DELETE FROM sessions WHERE ended_at <= $1")
        .bind(tx.now.0 - millis(SESSION_RESERVED))
        .execute(&mut *tx.conn)
        .await?;
    Ok(())
}
