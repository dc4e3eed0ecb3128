//! Workspaces, their members, locks and audit log.

use axum::{Json, extract::State, response::Response};
use holdfast_protocol::{
    UserId, WorkspaceId,
    account::{AddMember, AuditEntry, ChangeMember, Member, Named, Page, Workspace},
    lock::Locks,
};
use http::StatusCode;

use crate::{
    app::Shared,
    engine::LockScope,
    http::{
        check,
        extract::{As, Body, Id, MemberId, Params, created},
    },
    refusal::Refusal,
};

/// The caller's workspaces.
#[utoipa::path(get, path = "/v1/workspaces", tag = "workspaces",
    params(("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "Workspaces", body = Page<Workspace>)))]
pub(crate) async fn list(
    State(app): State<Shared>,
    As(caller): As,
    params: Params,
) -> Result<Json<Page<Workspace>>, Refusal> {
    Ok(Json(app.accounts.workspaces(&caller, &params.page()?).await?))
}

/// A new workspace, with the caller as its owner.
#[utoipa::path(post, path = "/v1/workspaces", tag = "workspaces", request_body = Named,
    responses((status = 201, description = "Created", body = Workspace)))]
pub(crate) async fn create(
    State(app): State<Shared>,
    As(caller): As,
    Body(named): Body<Named>,
) -> Result<Response, Refusal> {
    check::name("name", &named.name)?;
    Ok(created(
        app.accounts.create_workspace(&caller, &named.name).await?,
    ))
}

/// One workspace.
#[utoipa::path(get, path = "/v1/workspaces/{id}", tag = "workspaces",
    params(("id" = WorkspaceId, Path)), responses((status = 200, description = "It", body = Workspace)))]
pub(crate) async fn show(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<WorkspaceId>,
) -> Result<Json<Workspace>, Refusal> {
    Ok(Json(app.accounts.workspace(&caller, id).await?))
}

/// Renames it.
#[utoipa::path(patch, path = "/v1/workspaces/{id}", tag = "workspaces",
    params(("id" = WorkspaceId, Path)), request_body = Named,
    responses((status = 200, description = "Renamed", body = Workspace)))]
pub(crate) async fn rename(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<WorkspaceId>,
    Body(named): Body<Named>,
) -> Result<Json<Workspace>, Refusal> {
    check::name("name", &named.name)?;
    Ok(Json(
        app.accounts.rename_workspace(&caller, id, &named.name).await?,
    ))
}

/// Deletes it with all that is in it.
#[utoipa::path(delete, path = "/v1/workspaces/{id}", tag = "workspaces",
    params(("id" = WorkspaceId, Path), ("force" = Option<bool>, Query, description = "Also where others hold locks")),
    responses((status = 204, description = "Deleted")))]
pub(crate) async fn delete(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<WorkspaceId>,
    params: Params,
) -> Result<StatusCode, Refusal> {
    app.accounts
        .delete_workspace(&caller, id, params.force()?)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who is a member.
#[utoipa::path(get, path = "/v1/workspaces/{id}/members", tag = "workspaces",
    params(("id" = WorkspaceId, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "Members", body = Page<Member>)))]
pub(crate) async fn members(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<WorkspaceId>,
    params: Params,
) -> Result<Json<Page<Member>>, Refusal> {
    Ok(Json(app.accounts.members(&caller, id, &params.page()?).await?))
}

/// Makes somebody a member.
#[utoipa::path(post, path = "/v1/workspaces/{id}/members", tag = "workspaces",
    params(("id" = WorkspaceId, Path)), request_body = AddMember,
    responses((status = 201, description = "Added", body = Member)))]
pub(crate) async fn add_member(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<WorkspaceId>,
    Body(new): Body<AddMember>,
) -> Result<Response, Refusal> {
    Ok(created(
        app.accounts.add_member(&caller, id, &new.email, new.role).await?,
    ))
}

/// Changes a member's role.
#[utoipa::path(patch, path = "/v1/workspaces/{id}/members/{user_id}", tag = "workspaces",
    params(("id" = WorkspaceId, Path), ("user_id" = UserId, Path)), request_body = ChangeMember,
    responses((status = 200, description = "Changed", body = Member)))]
pub(crate) async fn change_member(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<WorkspaceId>,
    MemberId(user): MemberId,
    Body(change): Body<ChangeMember>,
) -> Result<Json<Member>, Refusal> {
    Ok(Json(
        app.accounts.change_member(&caller, id, user, change.role).await?,
    ))
}

/// Removes a member, or lets the caller leave.
#[utoipa::path(delete, path = "/v1/workspaces/{id}/members/{user_id}", tag = "workspaces",
    params(("id" = WorkspaceId, Path), ("user_id" = UserId, Path)),
    responses((status = 204, description = "Removed")))]
pub(crate) async fn remove_member(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<WorkspaceId>,
    MemberId(user): MemberId,
) -> Result<StatusCode, Refusal> {
    app.accounts.remove_member(&caller, id, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The audit log, newest first; for owners.
#[utoipa::path(get, path = "/v1/workspaces/{id}/audit", tag = "workspaces",
    params(("id" = WorkspaceId, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "Entries", body = Page<AuditEntry>)))]
pub(crate) async fn audit(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<WorkspaceId>,
    params: Params,
) -> Result<Json<Page<AuditEntry>>, Refusal> {
    Ok(Json(app.accounts.audit(&caller, id, &params.page()?).await?))
}

/// All live locks in it, its own included (L12).
#[utoipa::path(get, path = "/v1/workspaces/{id}/locks", tag = "locks",
    params(("id" = WorkspaceId, Path)), responses((status = 200, description = "Oldest first", body = Locks)))]
pub(crate) async fn locks(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<WorkspaceId>,
) -> Result<Json<Locks>, Refusal> {
    app.accounts.role(&caller, id).await?;
    let locks = app.engine.locks(LockScope::Workspace(id)).await?;
    Ok(Json(Locks { locks }))
}
