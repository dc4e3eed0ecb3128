//! The lock of a workspace: routes for what [`super::locks`] does.

use axum::{Json, extract::State, response::Response};
use holdfast_protocol::{
    SessionId, WorkspaceId,
    lock::{
        AcquireAnswer, AcquireRequest, ExpiresAt, ForceTakeRequest, LockAnswer, LockHeartbeatRequest,
        LockState,
    },
};
use http::StatusCode;

use crate::{
    app::Shared,
    http::{
        extract::{As, Body, Id, Params},
        locks::{self, Place},
    },
    refusal::Refusal,
};

/// Asks for the lock.
#[utoipa::path(post, path = "/v1/workspaces/{id}/lock", tag = "locks",
    params(("id" = WorkspaceId, Path)), request_body = AcquireRequest,
    responses((status = 201, description = "Acquired", body = AcquireAnswer),
        (status = 200, description = "Refreshed", body = AcquireAnswer)))]
pub(crate) async fn acquire(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<WorkspaceId>,
    Body(request): Body<AcquireRequest>,
) -> Result<Response, Refusal> {
    locks::acquire(&app, &caller, Place::Workspace(id), &request).await
}

/// Who holds it.
#[utoipa::path(get, path = "/v1/workspaces/{id}/lock", tag = "locks",
    params(("id" = WorkspaceId, Path)), responses((status = 200, description = "Now", body = LockState)))]
pub(crate) async fn state(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<WorkspaceId>,
) -> Result<Json<LockState>, Refusal> {
    locks::state(&app, &caller, Place::Workspace(id)).await
}

/// Gives it back.
#[utoipa::path(delete, path = "/v1/workspaces/{id}/lock", tag = "locks",
    params(("id" = WorkspaceId, Path), ("session_id" = SessionId, Query),
        ("reason" = Option<String>, Query, description = "`released` or `idle`")),
    responses((status = 204, description = "Released")))]
pub(crate) async fn release(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<WorkspaceId>,
    params: Params,
) -> Result<StatusCode, Refusal> {
    locks::release(&app, &caller, Place::Workspace(id), &params).await
}

/// Renews the session, if it holds this lock.
#[utoipa::path(post, path = "/v1/workspaces/{id}/lock/heartbeat", tag = "locks",
    params(("id" = WorkspaceId, Path)), request_body = LockHeartbeatRequest,
    responses((status = 200, description = "Renewed", body = ExpiresAt)))]
pub(crate) async fn heartbeat(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<WorkspaceId>,
    Body(request): Body<LockHeartbeatRequest>,
) -> Result<Json<ExpiresAt>, Refusal> {
    locks::heartbeat(&app, &caller, Place::Workspace(id), &request).await
}

/// Takes it from whoever holds it.
#[utoipa::path(post, path = "/v1/workspaces/{id}/lock/force-take", tag = "locks",
    params(("id" = WorkspaceId, Path)), request_body = ForceTakeRequest,
    responses((status = 200, description = "Taken", body = LockAnswer)))]
pub(crate) async fn force_take(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<WorkspaceId>,
    Body(request): Body<ForceTakeRequest>,
) -> Result<Json<LockAnswer>, Refusal> {
    locks::force_take(&app, &caller, Place::Workspace(id), &request).await
}

/// Frees it, whoever holds it.
#[utoipa::path(delete, path = "/v1/workspaces/{id}/lock/force", tag = "locks",
    params(("id" = WorkspaceId, Path), ("reason" = String, Query)),
    responses((status = 204, description = "Freed")))]
pub(crate) async fn force_release(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<WorkspaceId>,
    params: Params,
) -> Result<StatusCode, Refusal> {
    locks::force_release(&app, &caller, Place::Workspace(id), &params).await
}
