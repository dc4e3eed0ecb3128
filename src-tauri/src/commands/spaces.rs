//! Workspaces, their members and projects.

use holdfast_client::view::{ProjectView, ServerId, WorkspaceView};
use holdfast_protocol::{
    ProjectId, UserId, WorkspaceId,
    account::{AddMember, ChangeMember, Member, Role},
};

use super::{Answer, App};

#[tauri::command]
pub(super) async fn create_workspace(host: App<'_>, server: ServerId, name: String) -> Answer<WorkspaceView> {
    let made = host.server(&server)?.api().create_workspace(&name).await?;
    Ok(WorkspaceView {
        id: made.id,
        name: made.name,
        role: made.role,
        projects: Vec::new(),
    })
}

#[tauri::command]
pub(super) async fn rename_workspace(
    host: App<'_>,
    server: ServerId,
    id: WorkspaceId,
    name: String,
) -> Answer<()> {
    host.server(&server)?.api().rename_workspace(id, &name).await?;
    Ok(())
}

#[tauri::command]
pub(super) async fn delete_workspace(
    host: App<'_>,
    server: ServerId,
    id: WorkspaceId,
    force: bool,
) -> Answer<()> {
    Ok(host.server(&server)?.api().delete_workspace(id, force).await?)
}

#[tauri::command]
pub(super) async fn members(host: App<'_>, server: ServerId, id: WorkspaceId) -> Answer<Vec<Member>> {
    Ok(host.server(&server)?.api().members(id).await?)
}

#[tauri::command]
pub(super) async fn add_member(
    host: App<'_>,
    server: ServerId,
    id: WorkspaceId,
    email: String,
    role: Role,
) -> Answer<Member> {
    let request = AddMember { email, role };
    Ok(host.server(&server)?.api().add_member(id, &request).await?)
}

#[tauri::command]
pub(super) async fn change_member(
    host: App<'_>,
    server: ServerId,
    id: WorkspaceId,
    user_id: UserId,
    role: Role,
) -> Answer<()> {
    let request = ChangeMember { role };
    host.server(&server)?
        .api()
        .change_member(id, user_id, &request)
        .await?;
    Ok(())
}

#[tauri::command]
pub(super) async fn remove_member(
    host: App<'_>,
    server: ServerId,
    id: WorkspaceId,
    user_id: UserId,
) -> Answer<()> {
    Ok(host.server(&server)?.api().remove_member(id, user_id).await?)
}

#[tauri::command]
pub(super) async fn create_project(
    host: App<'_>,
    server: ServerId,
    workspace_id: WorkspaceId,
    name: String,
) -> Answer<ProjectView> {
    let made = host
        .server(&server)?
        .api()
        .create_project(workspace_id, &name)
        .await?;
    Ok(ProjectView {
        id: made.id,
        name: made.name,
    })
}

#[tauri::command]
pub(super) async fn rename_project(
    host: App<'_>,
    server: ServerId,
    id: ProjectId,
    name: String,
) -> Answer<()> {
    host.server(&server)?.api().rename_project(id, &name).await?;
    Ok(())
}

#[tauri::command]
pub(super) async fn delete_project(
    host: App<'_>,
    server: ServerId,
    id: ProjectId,
    force: bool,
) -> Answer<()> {
    Ok(host.server(&server)?.api().delete_project(id, force).await?)
}
