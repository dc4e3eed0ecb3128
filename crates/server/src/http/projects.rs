//! Projects: folders of documents in a workspace.

use axum::{Json, extract::State, response::Response};
use holdfast_protocol::{
    ProjectId, WorkspaceId,
    account::{Named, Page, Project},
    lock::Locks,
};
use http::StatusCode;

use crate::{
    app::Shared,
    engine::LockScope,
    http::{
        check,
        extract::{As, Body, Id, Params, created},
    },
    refusal::Refusal,
};

/// The projects of a workspace.
#[utoipa::path(get, path = "/v1/workspaces/{id}/projects", tag = "projects",
    params(("id" = WorkspaceId, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "Projects", body = Page<Project>)))]
pub(crate) async fn list(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<WorkspaceId>,
    params: Params,
) -> Result<Json<Page<Project>>, Refusal> {
    Ok(Json(app.accounts.projects(&caller, id, &params.page()?).await?))
}

/// A new project.
#[utoipa::path(post, path = "/v1/workspaces/{id}/projects", tag = "projects",
    params(("id" = WorkspaceId, Path)), request_body = Named,
    responses((status = 201, description = "Created", body = Project)))]
pub(crate) async fn create(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<WorkspaceId>,
    Body(named): Body<Named>,
) -> Result<Response, Refusal> {
    check::name("name", &named.name)?;
    Ok(created(
        app.accounts.create_project(&caller, id, &named.name).await?,
    ))
}

/// One project.
#[utoipa::path(get, path = "/v1/projects/{id}", tag = "projects",
    params(("id" = ProjectId, Path)), responses((status = 200, description = "It", body = Project)))]
pub(crate) async fn show(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<ProjectId>,
) -> Result<Json<Project>, Refusal> {
    Ok(Json(app.accounts.project(&caller, id).await?))
}

/// Renames it.
#[utoipa::path(patch, path = "/v1/projects/{id}", tag = "projects",
    params(("id" = ProjectId, Path)), request_body = Named,
    responses((status = 200, description = "Renamed", body = Project)))]
pub(crate) async fn rename(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<ProjectId>,
    Body(named): Body<Named>,
) -> Result<Json<Project>, Refusal> {
    check::name("name", &named.name)?;
    Ok(Json(app.accounts.rename_project(&caller, id, &named.name).await?))
}

/// Deletes it with its documents.
#[utoipa::path(delete, path = "/v1/projects/{id}", tag = "projects",
    params(("id" = ProjectId, Path), ("force" = Option<bool>, Query, description = "Also where others hold locks")),
    responses((status = 204, description = "Deleted")))]
pub(crate) async fn delete(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<ProjectId>,
    params: Params,
) -> Result<StatusCode, Refusal> {
    app.accounts.delete_project(&caller, id, params.force()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// All live locks on its documents (L12).
#[utoipa::path(get, path = "/v1/projects/{id}/locks", tag = "locks",
    params(("id" = ProjectId, Path)), responses((status = 200, description = "Oldest first", body = Locks)))]
pub(crate) async fn locks(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<ProjectId>,
) -> Result<Json<Locks>, Refusal> {
    app.accounts.project(&caller, id).await?;
    let locks = app.engine.locks(LockScope::Project(id)).await?;
    Ok(Json(Locks { locks }))
}
