//! Projects: folders of documents in a workspace.

use holdfast_protocol::{
    ProjectId, WorkspaceId,
    account::{Page, Project, Role},
    room::{Event, Room},
};

use super::{
    access::{enough, member_with, project_for, role_in},
    audit, moving, paging,
    text::check_name,
    workspace::delete_documents,
};
use crate::{
    caller::Caller,
    database::{Columns as _, Connection, Row, Tx},
    engine::sql::{release::locks_on_document, stored::actor},
    happening::Happening,
    store::{PageRequest, StorageError, StoreError},
};

fn from_row(row: &Row) -> Result<Project, StorageError> {
    Ok(Project {
        id: row.id("id")?,
        workspace_id: row.id("workspace_id")?,
        name: row.text("name")?,
        created_at: row.moment("created_at")?,
    })
}

/// One project.
pub(super) async fn load(
    conn: &mut Connection,
    caller: &Caller,
    id: ProjectId,
) -> Result<Project, StoreError> {
    let row = sqlx::query("SELECT id, workspace_id, name, created_at FROM projects WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(&mut *conn)
        .await?
        .ok_or(StoreError::NotFound)?;
    let project = from_row(&row)?;
    member_with(conn, caller.user.id, project.workspace_id, Role::Viewer).await?;
    Ok(project)
}

/// The projects of a workspace, oldest first.
pub(super) async fn list(
    conn: &mut Connection,
    caller: &Caller,
    id: WorkspaceId,
    page: &PageRequest,
) -> Result<Page<Project>, StoreError> {
    member_with(conn, caller.user.id, id, Role::Viewer).await?;
    let (start, limit) = (
        paging::start(page, paging::Cursor::FIRST)?,
        paging::limit(page.limit),
    );
    let rows = sqlx::query(
        "SELECT id, workspace_id, name, created_at FROM projects \
         WHERE workspace_id = $1 AND (created_at > $2 OR (created_at = $2 AND id > $3)) \
         ORDER BY created_at, id LIMIT $4",
    )
    .bind(id.to_string())
    .bind(start.at)
    .bind(start.id)
    .bind(limit + 1)
    .fetch_all(conn)
    .await?;
    Ok(paging::page(rows, limit, from_row, |row| {
        paging::after(row, "created_at", "id")
    })?)
}

/// A new project.
pub(super) async fn create(
    tx: &mut Tx<'_>,
    caller: &Caller,
    workspace: WorkspaceId,
    name: &str,
) -> Result<Project, StoreError> {
    check_name("name", name)?;
    member_with(tx.conn, caller.user.id, workspace, Role::Editor).await?;
    let id = ProjectId::random();
    sqlx::query("INSERT INTO projects (id, workspace_id, name, created_at) VALUES ($1, $2, $3, $4)")
        .bind(id.to_string())
        .bind(workspace.to_string())
        .bind(name)
        .bind(tx.now.0)
        .execute(&mut *tx.conn)
        .await?;
    told(tx, caller, id).await
}

/// Renames it.
pub(super) async fn rename(
    tx: &mut Tx<'_>,
    caller: &Caller,
    id: ProjectId,
    name: &str,
) -> Result<Project, StoreError> {
    check_name("name", name)?;
    project_for(tx.conn, caller.user.id, id, Role::Editor).await?;
    sqlx::query("UPDATE projects SET name = $1 WHERE id = $2")
        .bind(name)
        .bind(id.to_string())
        .execute(&mut *tx.conn)
        .await?;
    told(tx, caller, id).await
}

async fn told(tx: &mut Tx<'_>, caller: &Caller, id: ProjectId) -> Result<Project, StoreError> {
    let project = load(tx.conn, caller, id).await?;
    let event = Event::ProjectChanged {
        project: project.clone(),
        by: actor(&caller.user, None),
    };
    let rooms = vec![Room::Project(id), Room::Workspace(project.workspace_id)];
    tx.tell(Happening::Event { rooms, event });
    Ok(project)
}

/// Deletes it with its documents.
pub(super) async fn delete(
    tx: &mut Tx<'_>,
    caller: &Caller,
    id: ProjectId,
    force: bool,
) -> Result<(), StoreError> {
    let (workspace, name) = project_for(tx.conn, caller.user.id, id, Role::Editor).await?;
    let documents = sqlx::query("SELECT id FROM documents WHERE project_id = $1")
        .bind(id.to_string())
        .fetch_all(&mut *tx.conn)
        .await?;
    if force {
        let role = role_in(tx.conn, caller.user.id, workspace)
            .await?
            .map(|(role, _)| role);
        enough(role.unwrap_or(Role::Viewer), Role::Owner)?;
    } else {
        for row in &documents {
            moving::not_held_by_others(caller, &locks_on_document(tx, row.id("id")?).await?)?;
        }
    }
    delete_documents(tx, caller, &documents).await?;
    sqlx::query("DELETE FROM projects WHERE id = $1")
        .bind(id.to_string())
        .execute(&mut *tx.conn)
        .await?;
    let event = Event::ProjectDeleted {
        project_id: id,
        by: actor(&caller.user, None),
    };
    let rooms = vec![Room::Project(id), Room::Workspace(workspace)];
    tx.tell(Happening::Event { rooms, event });
    let deed = audit::Deed {
        workspace: Some(workspace),
        by: caller.user.id,
        action: "project_deleted",
        subject: &name,
        reason: None,
    };
    Ok(audit::record(tx, deed).await?)
}
