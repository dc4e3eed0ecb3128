//! Sessions and their leases over HTTP.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use holdfast_protocol::{
    SessionId,
    account::Page,
    limits::HEARTBEATS_PER_TTL,
    session::{HeartbeatAnswer, HeartbeatRequest, OpenSession, OpenedSession, Session},
};
use http::StatusCode;

use crate::{
    app::Shared,
    engine::{Beat, LockError},
    http::{
        check,
        extract::{As, Body, Id, MaybeBody, Params, created},
    },
    refusal::Refusal,
    store::StorageError,
};

/// Opens a session's lease, or finds the caller's own live one again.
#[utoipa::path(post, path = "/v1/sessions", tag = "sessions", request_body = OpenSession,
    responses((status = 201, description = "Opened", body = OpenedSession),
        (status = 200, description = "Was open already", body = OpenedSession)))]
pub(crate) async fn open(
    State(app): State<Shared>,
    As(caller): As,
    Body(request): Body<OpenSession>,
) -> Result<Response, Refusal> {
    check::name("device_name", &request.device_name)?;
    let opened = app.engine.open(&caller, &request).await?;
    let answer = OpenedSession {
        session_id: opened.lease.session,
        ttl_ms: millis(opened.lease.ttl),
        heartbeat_ms: millis(opened.lease.ttl / HEARTBEATS_PER_TTL),
        grace_ms: millis(app.settings.grace),
        expires_at: opened.lease.expires_at,
    };
    Ok(if opened.created {
        created(answer)
    } else {
        Json(answer).into_response()
    })
}

/// A duration for the wire.
pub(crate) fn millis(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A live session of this sign-in.
#[utoipa::path(get, path = "/v1/sessions/{id}", tag = "sessions",
    params(("id" = SessionId, Path)), responses((status = 200, description = "It", body = Session)))]
pub(crate) async fn show(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<SessionId>,
) -> Result<Json<Session>, Refusal> {
    Ok(Json(app.engine.session(&caller, id).await?))
}

/// Goodbye: ends the session and releases all it holds.
#[utoipa::path(delete, path = "/v1/sessions/{id}", tag = "sessions",
    params(("id" = SessionId, Path)), responses((status = 204, description = "Ended")))]
pub(crate) async fn end(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<SessionId>,
) -> Result<StatusCode, Refusal> {
    app.engine.end(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Renews the session, and with it every lock it holds.
#[utoipa::path(post, path = "/v1/sessions/{id}/heartbeat", tag = "sessions",
    params(("id" = SessionId, Path)), request_body = HeartbeatRequest,
    responses((status = 200, description = "Renewed", body = HeartbeatAnswer)))]
pub(crate) async fn heartbeat(
    State(app): State<Shared>,
    As(caller): As,
    Id(session): Id<SessionId>,
    MaybeBody(request): MaybeBody<HeartbeatRequest>,
) -> Result<Json<HeartbeatAnswer>, Refusal> {
    let idle = request
        .idle_ms
        .map(|ms| check::millis("idle_ms", ms))
        .transpose()?;
    let answers = app.engine.heartbeat(&caller, &[Beat { session, idle }]).await?;
    let unanswered = || {
        LockError::from(StorageError::Broken(
            "the engine left a heartbeat unanswered".to_owned(),
        ))
    };
    let lease = answers.into_iter().next().ok_or_else(unanswered)??;
    let locks = app.engine.held_by(session).await?;
    Ok(Json(HeartbeatAnswer {
        expires_at: lease.expires_at,
        locks,
    }))
}

/// The caller's live sessions on all devices, with what they hold.
#[utoipa::path(get, path = "/v1/me/sessions", tag = "sessions",
    params(("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "In order of opening", body = Page<Session>)))]
pub(crate) async fn mine(
    State(app): State<Shared>,
    As(caller): As,
    params: Params,
) -> Result<Json<Page<Session>>, Refusal> {
    let limit = usize::try_from(params.limit()?).unwrap_or(usize::MAX);
    let after: Option<SessionId> = params.read("cursor")?;
    let mut sessions = app.engine.sessions_of(caller.user.id).await?;
    sessions.sort_by_key(|session| (session.opened_at, session.session_id));
    let passed = after.and_then(|id| sessions.iter().position(|session| session.session_id == id));
    let mut items = sessions.split_off(passed.map_or(0, |index| index + 1));
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items
        .last()
        .filter(|_| more)
        .map(|last| last.session_id.to_string());
    Ok(Json(Page { items, next }))
}
