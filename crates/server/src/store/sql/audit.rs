//! The audit log (A05): written in the transaction of what it records.

use holdfast_protocol::{UserId, WorkspaceId};
use uuid::Uuid;

use crate::{database::Tx, store::StorageError};

/// One line to be.
pub(crate) struct Deed<'a> {
    /// Where; none in a user's own space.
    pub(crate) workspace: Option<WorkspaceId>,
    /// Who did it.
    pub(crate) by: UserId,
    /// What.
    pub(crate) action: &'static str,
    /// To what or whom, in words.
    pub(crate) subject: &'a str,
    /// Why, where a reason was asked for.
    pub(crate) reason: Option<&'a str>,
}

/// Writes a line.
pub(crate) async fn record(tx: &mut Tx<'_>, deed: Deed<'_>) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO audit (id, workspace_id, at, user_id, action, subject, reason) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(Uuid::now_v7().to_string())
    .bind(deed.workspace.map(|id| id.to_string()))
    .bind(tx.now.0)
    .bind(deed.by.to_string())
    .bind(deed.action)
    .bind(deed.subject.to_owned())
    .bind(deed.reason.map(str::to_owned))
    .execute(&mut *tx.conn)
    .await?;
    Ok(())
}
