//! Who may do what where (A02, A03). Every transaction asks here, at the time of the action.

use holdfast_protocol::{DocumentId, ProjectId, UserId, WorkspaceId, account::Role, lock::Resource};

use crate::{
    database::{Columns as _, Connection},
    engine::{Space, Target},
    store::{StorageError, StoreError},
};

/// Where a document is, and what the user may do there.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) document: DocumentId,
    pub(crate) name: String,
    pub(crate) space: Space,
    pub(crate) project: Option<ProjectId>,
    pub(crate) role: Role,
}

impl Place {
    /// The document as something to be locked.
    pub(crate) const fn target(&self) -> Target {
        Target {
            resource: Resource::Document { id: self.document },
            space: self.space,
            project: self.project,
        }
    }

    /// The workspace; none for a personal document.
    pub(crate) const fn workspace(&self) -> Option<WorkspaceId> {
        match self.space {
            Space::Workspace(id) => Some(id),
            Space::Personal(_) => None,
        }
    }
}

/// The place of a document that the user may see; its owner may do everything with a personal one.
pub(crate) async fn place_of(
    conn: &mut Connection,
    user: UserId,
    document: DocumentId,
) -> Result<Option<Place>, StorageError> {
    let row = sqlx::query(
        "SELECT d.name, d.owner_id, d.workspace_id, d.project_id, m.role \
         FROM documents d LEFT JOIN members m ON m.workspace_id = d.workspace_id AND m.user_id = $1 \
         WHERE d.id = $2",
    )
    .bind(user.to_string())
    .bind(document.to_string())
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let owner = row.id_or_null::<UserId>("owner_id")?;
    let role = match owner {
        Some(owner) if owner == user => Some(Role::Owner),
        Some(_) => None,
        None => row.name_or_null("role")?,
    };
    let Some(role) = role else { return Ok(None) };
    let space = match owner {
        Some(owner) => Space::Personal(owner),
        None => Space::Workspace(row.id("workspace_id")?),
    };
    Ok(Some(Place {
        document,
        name: row.text("name")?,
        space,
        project: row.id_or_null("project_id")?,
        role,
    }))
}

/// As [`place_of`], refusing what the user may not see, and what takes more than the user's role.
pub(crate) async fn document_for(
    conn: &mut Connection,
    user: UserId,
    document: DocumentId,
    least: Role,
) -> Result<Place, StoreError> {
    let place = place_of(conn, user, document)
        .await?
        .ok_or(StoreError::NotFound)?;
    enough(place.role, least)?;
    Ok(place)
}

/// The user's role in a workspace, and the workspace's name.
pub(crate) async fn role_in(
    conn: &mut Connection,
    user: UserId,
    workspace: WorkspaceId,
) -> Result<Option<(Role, String)>, StorageError> {
    let row = sqlx::query(
        "SELECT m.role, w.name FROM members m JOIN workspaces w ON w.id = m.workspace_id \
         WHERE m.workspace_id = $1 AND m.user_id = $2",
    )
    .bind(workspace.to_string())
    .bind(user.to_string())
    .fetch_optional(conn)
    .await?;
    row.map(|row| Ok((row.name("role")?, row.text("name")?)))
        .transpose()
}

/// As [`role_in`], refusing who is no member, and who may do less than `least`. Answers the workspace's name.
pub(crate) async fn member_with(
    conn: &mut Connection,
    user: UserId,
    workspace: WorkspaceId,
    least: Role,
) -> Result<String, StoreError> {
    let (role, name) = role_in(conn, user, workspace)
        .await?
        .ok_or(StoreError::NotFound)?;
    enough(role, least)?;
    Ok(name)
}

/// The workspace of a project, for a member with at least this role; and the project's name.
pub(crate) async fn project_for(
    conn: &mut Connection,
    user: UserId,
    project: ProjectId,
    least: Role,
) -> Result<(WorkspaceId, String), StoreError> {
    let row = sqlx::query("SELECT workspace_id, name FROM projects WHERE id = $1")
        .bind(project.to_string())
        .fetch_optional(&mut *conn)
        .await?
        .ok_or(StoreError::NotFound)?;
    let workspace = row.id("workspace_id")?;
    member_with(conn, user, workspace, least).await?;
    Ok((workspace, row.text("name")?))
}

/// Refuses a role that is less than what is needed.
pub(crate) fn enough(role: Role, least: Role) -> Result<(), StoreError> {
    if role >= least {
        return Ok(());
    }
    Err(StoreError::Forbidden(match least {
        Role::Owner => "only an owner of the workspace may do this",
        Role::Editor => "only editors and owners of the workspace may do this",
        Role::Annotator | Role::Viewer => "viewers may only look",
    }))
}
