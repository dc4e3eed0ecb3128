//! What can be done with a lock, whatever it is on. The routes are in [`super::workspace_lock`] and
//! [`super::document_lock`].

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use holdfast_protocol::{
    DocumentId, WorkspaceId,
    lock::{
        AcquireAnswer, AcquireRequest, AcquireStatus, ExpiresAt, ForceTakeRequest, LockAnswer,
        LockHeartbeatRequest, LockState, ReleaseReason, Resource,
    },
};
use http::StatusCode;

use crate::{
    app::App,
    caller::Caller,
    engine::{Space, Target},
    http::{
        check,
        extract::{Params, created},
    },
    refusal::Refusal,
};

/// Where a lock is, as the path says it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    Workspace(WorkspaceId),
    Document(DocumentId),
}

impl Place {
    /// The resource with its space; refused with 404 where the caller may not see it (A02).
    async fn target(self, app: &App, caller: &Caller) -> Result<Target, Refusal> {
        match self {
            Self::Document(id) => Ok(app.documents.target(caller, id).await?),
            Self::Workspace(id) => {
                app.accounts.role(caller, id).await?;
                Ok(Target {
                    resource: Resource::Workspace { id },
                    space: Space::Workspace(id),
                    project: None,
                })
            }
        }
    }
}

/// L01, L02, L03.
pub(crate) async fn acquire(
    app: &App,
    caller: &Caller,
    place: Place,
    request: &AcquireRequest,
) -> Result<Response, Refusal> {
    let target = place.target(app, caller).await?;
    let acquired = app
        .engine
        .acquire(caller, &target, request.session_id, request.mode)
        .await?;
    let answer = AcquireAnswer {
        status: acquired.status,
        lock: acquired.lock,
    };
    Ok(match acquired.status {
        AcquireStatus::Acquired => created(answer),
        AcquireStatus::Refreshed => Json(answer).into_response(),
    })
}

/// Who holds it.
pub(crate) async fn state(app: &App, caller: &Caller, place: Place) -> Result<Json<LockState>, Refusal> {
    let target = place.target(app, caller).await?;
    Ok(Json(app.engine.state(&target).await?))
}

/// The holder gives it back.
pub(crate) async fn release(
    app: &App,
    caller: &Caller,
    place: Place,
    params: &Params,
) -> Result<StatusCode, Refusal> {
    let session = params.required("session_id")?;
    let reason = match params.text("reason") {
        None | Some("released") => ReleaseReason::Released,
        Some("idle") => ReleaseReason::Idle,
        Some(_) => return Err(Refusal::invalid("reason", "is neither released nor idle")),
    };
    let target = place.target(app, caller).await?;
    app.engine.release(caller, &target, session, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The holder renews its lease.
pub(crate) async fn heartbeat(
    app: &App,
    caller: &Caller,
    place: Place,
    request: &LockHeartbeatRequest,
) -> Result<Json<ExpiresAt>, Refusal> {
    let target = place.target(app, caller).await?;
    let lease = app.engine.renew(caller, &target, request.session_id).await?;
    Ok(Json(ExpiresAt {
        expires_at: lease.expires_at,
    }))
}

/// L08: takes it, whoever holds it.
pub(crate) async fn force_take(
    app: &App,
    caller: &Caller,
    place: Place,
    request: &ForceTakeRequest,
) -> Result<Json<LockAnswer>, Refusal> {
    check::reason("reason", &request.reason)?;
    let target = place.target(app, caller).await?;
    let lock = app
        .engine
        .force_take(caller, &target, request.session_id, &request.reason)
        .await?;
    Ok(Json(LockAnswer { lock }))
}

/// L08: frees it, whoever holds it.
pub(crate) async fn force_release(
    app: &App,
    caller: &Caller,
    place: Place,
    params: &Params,
) -> Result<StatusCode, Refusal> {
    let reason: String = params.required("reason")?;
    check::reason("reason", &reason)?;
    let target = place.target(app, caller).await?;
    app.engine.force_release(caller, &target, &reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
