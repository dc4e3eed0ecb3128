//! Renaming, moving and deleting documents: what other users' locks forbid (D10), and which locks go with the ground (L13).

use holdfast_protocol::{
    DocumentId, WorkspaceId,
    account::Role,
    document::Document,
    lock::ReleaseReason,
    room::{Event, Room},
};

use super::{
    access::{Place, document_for, enough, member_with, project_for},
    audit,
    document::load,
    text::{check_name, invalid},
};
use crate::{
    caller::Caller,
    database::{Columns as _, Connection, Tx},
    engine::{
        Space,
        sql::{
            release::{lock_of_workspace, locks_on_document, remove},
            stored::{Stored, actor, rooms_of},
        },
    },
    happening::Happening,
    store::{DocumentPatch, StorageError, StoreError},
};

/// Refuses while other users hold the document, or the workspace around it (D10), unless an owner insists.
async fn unlocked_by_others(
    tx: &mut Tx<'_>,
    caller: &Caller,
    place: &Place,
    force: bool,
) -> Result<(), StoreError> {
    if force {
        return enough(place.role, Role::Owner);
    }
    let mut locks = locks_on_document(tx, place.document).await?;
    if let Some(workspace) = place.workspace() {
        locks.extend(lock_of_workspace(tx, workspace).await?);
    }
    not_held_by_others(caller, &locks)
}

/// Refuses where one of the locks is another user's.
pub(super) fn not_held_by_others(caller: &Caller, locks: &[Stored]) -> Result<(), StoreError> {
    locks
        .iter()
        .find(|stored| stored.lock.user_id != caller.user.id)
        .map_or(Ok(()), |stored| {
            Err(StoreError::Held {
                holder: Box::new(stored.lock.clone()),
            })
        })
}

/// Renames or moves it. A lock belongs to a space: it goes when the document leaves it.
pub(super) async fn change(
    tx: &mut Tx<'_>,
    caller: &Caller,
    id: DocumentId,
    patch: &DocumentPatch,
    force: bool,
) -> Result<Document, StoreError> {
    if let Some(name) = &patch.name {
        check_name("name", name)?;
    }
    let place = document_for(tx.conn, caller.user.id, id, Role::Editor).await?;
    unlocked_by_others(tx, caller, &place, force).await?;
    let to = destination(tx.conn, caller, &place, patch).await?;
    if to.space != place.space {
        let gone = locks_on_document(tx, id).await?;
        remove(
            tx,
            &gone,
            ReleaseReason::Revoked,
            Some(&actor(&caller.user, None)),
        )
        .await?;
    }
    let (owner, workspace) = match to.space {
        Space::Personal(user) => (Some(user.to_string()), None),
        Space::Workspace(workspace) => (None, Some(workspace.to_string())),
    };
    sqlx::query(
        "UPDATE documents SET name = COALESCE($1, name), owner_id = $2, workspace_id = $3, project_id = $4, \
         updated_at = $5, updated_by = $6 WHERE id = $7",
    )
    .bind(patch.name.as_deref())
    .bind(owner)
    .bind(workspace)
    .bind(to.project.map(|id| id.to_string()))
    .bind(tx.now.0)
    .bind(caller.user.id.to_string())
    .bind(id.to_string())
    .execute(&mut *tx.conn)
    .await?;
    let document = load(tx.conn, id, tx.now).await?;
    let event = Event::DocumentChanged {
        document: document.clone(),
        by: actor(&caller.user, None),
    };
    let rooms = rooms_of_both(&place, &to);
    tx.tell(Happening::Event { rooms, event });
    Ok(document)
}

/// Where a patch moves a document to, refusing where the caller may not put it.
async fn destination(
    conn: &mut Connection,
    caller: &Caller,
    place: &Place,
    patch: &DocumentPatch,
) -> Result<Place, StoreError> {
    let user = caller.user.id;
    let mut to = place.clone();
    match patch.workspace {
        Some(None) => to.space = Space::Personal(user),
        Some(Some(workspace)) => {
            visible(
                member_with(conn, user, workspace, Role::Editor).await,
                "workspace_id",
            )?;
            to.space = Space::Workspace(workspace);
        }
        None => {}
    }
    if to.space != place.space {
        to.project = None;
    }
    match patch.project {
        Some(None) => to.project = None,
        Some(Some(project)) => {
            let found = project_for(conn, user, project, Role::Editor).await;
            let (workspace, _): (WorkspaceId, _) = visible(found, "project_id")?;
            if patch.workspace.is_some() && to.space != Space::Workspace(workspace) {
                return Err(invalid("project_id", "is in another workspace"));
            }
            to.space = Space::Workspace(workspace);
            to.project = Some(project);
        }
        None => {}
    }
    Ok(to)
}

/// A destination that does not exist is a fault of the request, not of its address.
fn visible<T>(found: Result<T, StoreError>, field: &str) -> Result<T, StoreError> {
    found.map_err(|refusal| match refusal {
        StoreError::NotFound => invalid(field, "does not exist"),
        other => other,
    })
}

fn rooms_of_both(from: &Place, to: &Place) -> Vec<Room> {
    let mut rooms = rooms_of(from.document, from.project, from.space);
    for room in rooms_of(to.document, to.project, to.space) {
        if !rooms.contains(&room) {
            rooms.push(room);
        }
    }
    rooms
}

/// Deletes it with its history and its locks.
pub(super) async fn delete(
    tx: &mut Tx<'_>,
    caller: &Caller,
    id: DocumentId,
    force: bool,
) -> Result<(), StoreError> {
    let place = document_for(tx.conn, caller.user.id, id, Role::Editor).await?;
    unlocked_by_others(tx, caller, &place, force).await?;
    delete_unchecked(tx, caller, &place).await?;
    let deed = audit::Deed {
        workspace: place.workspace(),
        by: caller.user.id,
        action: "document_deleted",
        subject: &place.name,
        reason: None,
    };
    Ok(audit::record(tx, deed).await?)
}

/// The deletion itself: locks first, so that their release is told before the document is gone.
pub(super) async fn delete_unchecked(
    tx: &mut Tx<'_>,
    caller: &Caller,
    place: &Place,
) -> Result<(), StorageError> {
    let by = actor(&caller.user, None);
    let gone = locks_on_document(tx, place.document).await?;
    remove(tx, &gone, ReleaseReason::Revoked, Some(&by)).await?;
    let document = place.document.to_string();
    let files = sqlx::query("DELETE FROM document_files WHERE document_id = $1 RETURNING sha256")
        .bind(document.as_str())
        .fetch_all(&mut *tx.conn)
        .await?;
    for file in files {
        sqlx::query(
            "DELETE FROM blobs WHERE sha256 = $1 \
             AND NOT EXISTS (SELECT 1 FROM document_files f WHERE f.sha256 = blobs.sha256)",
        )
        .bind(file.text("sha256")?)
        .execute(&mut *tx.conn)
        .await?;
    }
    sqlx::query("DELETE FROM documents WHERE id = $1")
        .bind(document)
        .execute(&mut *tx.conn)
        .await?;
    tx.tell(Happening::Event {
        rooms: rooms_of(place.document, place.project, place.space),
        event: Event::DocumentDeleted {
            document_id: place.document,
            by,
        },
    });
    Ok(())
}
