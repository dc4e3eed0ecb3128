//! How locks end, whatever ended them: one place that removes them and tells why (L09).

use holdfast_protocol::{
    DocumentId, SessionId, UserId, WorkspaceId,
    lock::{ReleaseReason, Resource},
    room::{Actor, Event},
};

use super::stored::{Stored, key, locks_where};
use crate::{
    database::{Columns as _, Tx},
    engine::lease,
    happening::Happening,
    store::StorageError,
};

/// Removes locks and tells their rooms. `by` is who did it; without, each holder itself.
pub(crate) async fn remove(
    tx: &mut Tx<'_>,
    gone: &[Stored],
    reason: ReleaseReason,
    by: Option<&Actor>,
) -> Result<(), StorageError> {
    for stored in gone {
        let (kind, document, resource) = key(&stored.lock.resource);
        sqlx::query(
            "DELETE FROM locks WHERE kind = $1 AND document_id = $2 AND resource_id = $3 AND session_id = $4",
        )
        .bind(kind)
        .bind(document)
        .bind(resource)
        .bind(stored.lock.session_id.to_string())
        .execute(&mut *tx.conn)
        .await?;
    }
    tell(tx, gone, reason, by);
    Ok(())
}

/// Elements of one session in one document are told together, and before the document that they go with.
fn tell(tx: &mut Tx<'_>, gone: &[Stored], reason: ReleaseReason, by: Option<&Actor>) {
    let is_element = |stored: &&Stored| matches!(stored.lock.resource, Resource::Element { .. });
    let mut elements: Vec<&Stored> = gone.iter().filter(is_element).collect();
    elements.sort_by_key(|stored| (stored.lock.resource.document_id(), stored.lock.session_id));
    let together = |a: &&Stored, b: &&Stored| {
        a.lock.resource.document_id() == b.lock.resource.document_id()
            && a.lock.session_id == b.lock.session_id
    };
    for group in elements.chunk_by(together) {
        let event = Event::ElementsUnlocked {
            resources: group.iter().map(|stored| stored.lock.resource.clone()).collect(),
            reason,
            by: by.cloned().unwrap_or_else(|| group[0].holder()),
        };
        let rooms = group[0].rooms();
        tx.tell(Happening::Event { rooms, event });
    }
    for stored in gone.iter().filter(|stored| !is_element(stored)) {
        let resource = stored.lock.resource.clone();
        let by = by.cloned().unwrap_or_else(|| stored.holder());
        let event = match resource {
            Resource::Workspace { .. } => Event::WorkspaceUnlocked { resource, reason, by },
            _ => Event::DocumentUnlocked { resource, reason, by },
        };
        let rooms = stored.rooms();
        tx.tell(Happening::Event { rooms, event });
    }
}

/// Ends a session: its locks go as one batch, its id stays reserved.
pub(crate) async fn end_session(
    tx: &mut Tx<'_>,
    session: SessionId,
    reason: ReleaseReason,
    by: Option<&Actor>,
) -> Result<(), StorageError> {
    let rows = sqlx::query(locks_where!("l.session_id = $1 ORDER BY l.fence"))
        .bind(session.to_string())
        .fetch_all(&mut *tx.conn)
        .await?;
    remove(tx, &Stored::from_rows(&rows)?, reason, by).await?;
    sqlx::query("DELETE FROM attachments WHERE session_id = $1")
        .bind(session.to_string())
        .execute(&mut *tx.conn)
        .await?;
    sqlx::query("UPDATE sessions SET ended_at = $1 WHERE id = $2")
        .bind(tx.now.0)
        .bind(session.to_string())
        .execute(&mut *tx.conn)
        .await?;
    tx.tell(Happening::SessionEnded { session });
    Ok(())
}

/// Of what was found, what is live; the sessions of the rest are ended on the spot, and told before anything else is (L05).
pub(crate) async fn without_expired(
    tx: &mut Tx<'_>,
    found: Vec<Stored>,
) -> Result<Vec<Stored>, StorageError> {
    let now = tx.now;
    let (live, over): (Vec<_>, Vec<_>) = found.into_iter().partition(|stored| stored.is_live(now));
    let mut ended: Vec<SessionId> = Vec::new();
    for stored in over {
        if !ended.contains(&stored.lock.session_id) {
            ended.push(stored.lock.session_id);
            end_session(tx, stored.lock.session_id, lease::end_reason(stored.cut), None).await?;
        }
    }
    Ok(live)
}

/// Ends the live sessions of a sign-in (S08).
pub(crate) async fn end_sign_in(
    tx: &mut Tx<'_>,
    sign_in: holdfast_protocol::SignInId,
) -> Result<(), StorageError> {
    let rows = sqlx::query("SELECT id FROM sessions WHERE sign_in_id = $1 AND ended_at IS NULL ORDER BY id")
        .bind(sign_in.to_string())
        .fetch_all(&mut *tx.conn)
        .await?;
    for row in rows {
        end_session(tx, row.id("id")?, ReleaseReason::SignedOut, None).await?;
    }
    Ok(())
}

/// A former member's sessions in the workspace end (L13).
pub(crate) async fn end_membership(
    tx: &mut Tx<'_>,
    workspace: WorkspaceId,
    user: UserId,
    by: &Actor,
) -> Result<(), StorageError> {
    let rows = sqlx::query(
        "SELECT id FROM sessions WHERE user_id = $1 AND workspace_id = $2 AND ended_at IS NULL ORDER BY id",
    )
    .bind(user.to_string())
    .bind(workspace.to_string())
    .fetch_all(&mut *tx.conn)
    .await?;
    for row in rows {
        end_session(tx, row.id("id")?, ReleaseReason::Revoked, Some(by)).await?;
    }
    Ok(())
}

/// The locks of a document and its elements, dead ones ended first.
pub(crate) async fn locks_on_document(
    tx: &mut Tx<'_>,
    document: DocumentId,
) -> Result<Vec<Stored>, StorageError> {
    let rows = sqlx::query(locks_where!("l.document_id = $1 ORDER BY l.fence"))
        .bind(document.to_string())
        .fetch_all(&mut *tx.conn)
        .await?;
    let found = Stored::from_rows(&rows)?;
    without_expired(tx, found).await
}

/// The locks of a workspace and all in it, dead ones ended first.
pub(crate) async fn locks_in_workspace(
    tx: &mut Tx<'_>,
    workspace: WorkspaceId,
) -> Result<Vec<Stored>, StorageError> {
    let rows = sqlx::query(locks_where!(
        "l.workspace_id = $1 ORDER BY l.acquired_at, l.fence"
    ))
    .bind(workspace.to_string())
    .fetch_all(&mut *tx.conn)
    .await?;
    let found = Stored::from_rows(&rows)?;
    without_expired(tx, found).await
}

/// The lock of a workspace itself, if it is held.
pub(crate) async fn lock_of_workspace(
    tx: &mut Tx<'_>,
    workspace: WorkspaceId,
) -> Result<Vec<Stored>, StorageError> {
    let rows = sqlx::query(locks_where!(
        "l.kind = 'workspace' AND l.document_id = '' AND l.resource_id = $1"
    ))
    .bind(workspace.to_string())
    .fetch_all(&mut *tx.conn)
    .await?;
    let found = Stored::from_rows(&rows)?;
    without_expired(tx, found).await
}
