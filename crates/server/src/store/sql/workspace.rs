//! Workspaces: lists, names, deletion, the audit log.

use holdfast_protocol::{
    UserId, WorkspaceId,
    account::{AuditEntry, Page, Role, Workspace},
    lock::ReleaseReason,
    room::{Event, Room},
};

use super::{
    access::{member_with, place_of},
    audit, moving, paging,
    text::check_name,
};
use crate::{
    caller::Caller,
    database::{Columns as _, Connection, Row, Tx},
    engine::sql::{
        release::{end_session, locks_in_workspace},
        stored::actor,
    },
    happening::Happening,
    store::{PageRequest, StorageError, StoreError},
};

fn from_row(row: &Row) -> Result<Workspace, StorageError> {
    Ok(Workspace {
        id: row.id("id")?,
        name: row.text("name")?,
        role: row.name("role")?,
        created_at: row.moment("created_at")?,
    })
}

/// One of the caller's workspaces.
pub(super) async fn load(
    conn: &mut Connection,
    caller: &Caller,
    id: WorkspaceId,
) -> Result<Workspace, StoreError> {
    let row = sqlx::query(
        "SELECT w.id, w.name, m.role, w.created_at FROM workspaces w JOIN members m ON m.workspace_id = w.id \
         WHERE w.id = $1 AND m.user_id = $2",
    )
    .bind(id.to_string())
    .bind(caller.user.id.to_string())
    .fetch_optional(conn)
    .await?
    .ok_or(StoreError::NotFound)?;
    Ok(from_row(&row)?)
}

/// The caller's workspaces, oldest first.
pub(super) async fn list(
    conn: &mut Connection,
    caller: &Caller,
    page: &PageRequest,
) -> Result<Page<Workspace>, StoreError> {
    let (start, limit) = (
        paging::start(page, paging::Cursor::FIRST)?,
        paging::limit(page.limit),
    );
    let rows = sqlx::query(
        "SELECT w.id, w.name, m.role, w.created_at FROM members m JOIN workspaces w ON w.id = m.workspace_id \
         WHERE m.user_id = $1 AND (w.created_at > $2 OR (w.created_at = $2 AND w.id > $3)) \
         ORDER BY w.created_at, w.id LIMIT $4",
    )
    .bind(caller.user.id.to_string())
    .bind(start.at)
    .bind(start.id)
    .bind(limit + 1)
    .fetch_all(conn)
    .await?;
    Ok(paging::page(rows, limit, from_row, |row| {
        paging::after(row, "created_at", "id")
    })?)
}

/// A new workspace with the caller as owner.
pub(super) async fn create(tx: &mut Tx<'_>, caller: &Caller, name: &str) -> Result<Workspace, StoreError> {
    check_name("name", name)?;
    let id = WorkspaceId::random();
    sqlx::query("INSERT INTO workspaces (id, name, created_at, fence) VALUES ($1, $2, $3, 0)")
        .bind(id.to_string())
        .bind(name)
        .bind(tx.now.0)
        .execute(&mut *tx.conn)
        .await?;
    sqlx::query("INSERT INTO members (workspace_id, user_id, role, joined_at) VALUES ($1, $2, 'owner', $3)")
        .bind(id.to_string())
        .bind(caller.user.id.to_string())
        .bind(tx.now.0)
        .execute(&mut *tx.conn)
        .await?;
    tell_changed(tx, caller, id, name).await?;
    load(tx.conn, caller, id).await
}

/// Renames it.
pub(super) async fn rename(
    tx: &mut Tx<'_>,
    caller: &Caller,
    id: WorkspaceId,
    name: &str,
) -> Result<Workspace, StoreError> {
    check_name("name", name)?;
    member_with(tx.conn, caller.user.id, id, Role::Owner).await?;
    sqlx::query("UPDATE workspaces SET name = $1 WHERE id = $2")
        .bind(name)
        .bind(id.to_string())
        .execute(&mut *tx.conn)
        .await?;
    tell_changed(tx, caller, id, name).await?;
    load(tx.conn, caller, id).await
}

/// All members of a workspace.
pub(super) async fn members(conn: &mut Connection, id: WorkspaceId) -> Result<Vec<UserId>, StorageError> {
    let rows = sqlx::query("SELECT user_id FROM members WHERE workspace_id = $1")
        .bind(id.to_string())
        .fetch_all(conn)
        .await?;
    rows.iter().map(|row| row.id("user_id")).collect()
}

/// Tells the workspace's room and each member's own: not everybody who has it in a list listens in it.
pub(super) async fn tell_changed(
    tx: &mut Tx<'_>,
    caller: &Caller,
    id: WorkspaceId,
    name: &str,
) -> Result<(), StorageError> {
    let mut rooms = vec![Room::Workspace(id)];
    rooms.extend(members(tx.conn, id).await?.into_iter().map(Room::User));
    let event = Event::WorkspaceChanged {
        workspace_id: id,
        name: name.to_owned(),
        by: actor(&caller.user, None),
    };
    tx.tell(Happening::Event { rooms, event });
    Ok(())
}

/// Deletes it with all in it.
pub(super) async fn delete(
    tx: &mut Tx<'_>,
    caller: &Caller,
    id: WorkspaceId,
    force: bool,
) -> Result<(), StoreError> {
    let name = member_with(tx.conn, caller.user.id, id, Role::Owner).await?;
    if !force {
        moving::not_held_by_others(caller, &locks_in_workspace(tx, id).await?)?;
    }
    let by = actor(&caller.user, None);
    let sessions =
        sqlx::query("SELECT id FROM sessions WHERE workspace_id = $1 AND ended_at IS NULL ORDER BY id")
            .bind(id.to_string())
            .fetch_all(&mut *tx.conn)
            .await?;
    for row in sessions {
        end_session(tx, row.id("id")?, ReleaseReason::Revoked, Some(&by)).await?;
    }
    let documents = sqlx::query("SELECT id FROM documents WHERE workspace_id = $1")
        .bind(id.to_string())
        .fetch_all(&mut *tx.conn)
        .await?;
    delete_documents(tx, caller, &documents).await?;
    let members = members(tx.conn, id).await?;
    sqlx::query("DELETE FROM workspaces WHERE id = $1")
        .bind(id.to_string())
        .execute(&mut *tx.conn)
        .await?;
    let mut rooms = vec![Room::Workspace(id)];
    rooms.extend(members.iter().copied().map(Room::User));
    let event = Event::WorkspaceRemoved { workspace_id: id, by };
    tx.tell(Happening::Event { rooms, event });
    for user in members {
        let workspace = id;
        tx.tell(Happening::AccessChanged { user, workspace });
    }
    let deed = audit::Deed {
        workspace: Some(id),
        by: caller.user.id,
        action: "workspace_deleted",
        subject: &name,
        reason: None,
    };
    Ok(audit::record(tx, deed).await?)
}

/// Deletes the documents of these rows' ids.
pub(super) async fn delete_documents(
    tx: &mut Tx<'_>,
    caller: &Caller,
    rows: &[Row],
) -> Result<(), StoreError> {
    for row in rows {
        if let Some(place) = place_of(tx.conn, caller.user.id, row.id("id")?).await? {
            moving::delete_unchecked(tx, caller, &place).await?;
        }
    }
    Ok(())
}

/// The audit log, newest first.
pub(super) async fn audit_log(
    conn: &mut Connection,
    caller: &Caller,
    id: WorkspaceId,
    page: &PageRequest,
) -> Result<Page<AuditEntry>, StoreError> {
    member_with(conn, caller.user.id, id, Role::Owner).await?;
    let (start, limit) = (
        paging::start(page, paging::Cursor::newest())?,
        paging::limit(page.limit),
    );
    let rows = sqlx::query(
        "SELECT a.id, a.at, a.user_id, u.name, a.action, a.subject, a.reason \
         FROM audit a JOIN users u ON u.id = a.user_id \
         WHERE a.workspace_id = $1 AND a.id < $2 ORDER BY a.id DESC LIMIT $3",
    )
    .bind(id.to_string())
    .bind(start.id)
    .bind(limit + 1)
    .fetch_all(conn)
    .await?;
    let item = |row: &Row| {
        Ok(AuditEntry {
            at: row.moment("at")?,
            by: row.user("user_id", "name")?,
            action: row.text("action")?,
            subject: row.text("subject")?,
            reason: row.text_or_null("reason")?,
        })
    };
    Ok(paging::page(rows, limit, item, |row| {
        paging::after(row, "at", "id")
    })?)
}
