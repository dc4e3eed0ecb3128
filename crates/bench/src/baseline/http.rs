//! Bare axum handlers that make the same writes as a lock, a release and a heartbeat do.

use std::{path::PathBuf, sync::Arc};

use anyhow::Result;
use axum::{
    Json, Router,
    extract::{
        Path, Query, State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{any, post},
};
use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::writes::Writes;

#[derive(Args)]
pub(crate) struct Options {
    /// Where its database goes
    #[arg(long)]
    data_dir: PathBuf,
}

type Shared = State<Arc<Writes>>;
type Answer<T> = Result<T, Failed>;

/// Whatever went wrong: 500.
struct Failed(anyhow::Error);

impl From<anyhow::Error> for Failed {
    fn from(error: anyhow::Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, format!("{:#}", self.0)).into_response()
    }
}

/// Serves until it is killed.
pub(crate) async fn serve(options: &Options) -> Result<()> {
    let writes = Arc::new(Writes::open(&options.data_dir).await?);
    let router = Router::new()
        .route("/v1/documents", post(document))
        .route("/v1/documents/{id}/lock", post(acquire).delete(release))
        .route("/v1/sessions", post(session))
        .route("/v1/sessions/{id}/heartbeat", post(heartbeat))
        .route("/v1/ws", any(socket))
        .with_state(writes);
    axum::serve(
        axum::serve::ListenerExt::tap_io(super::listen().await?, |stream| {
            let _ = stream.set_nodelay(true);
        }),
        router,
    )
    .await?;
    Ok(())
}

async fn document(State(writes): Shared) -> Answer<(StatusCode, Json<Value>)> {
    let id = Uuid::new_v4();
    writes.document(id).await?;
    Ok((StatusCode::CREATED, Json(json!({"id": id}))))
}

#[derive(Deserialize)]
struct OpenSession {
    session_id: Uuid,
    ttl_ms: i64,
}

async fn session(State(writes): Shared, Json(body): Json<OpenSession>) -> Answer<StatusCode> {
    writes.session(body.session_id, body.ttl_ms).await?;
    Ok(StatusCode::CREATED)
}

#[derive(Deserialize)]
struct Asking {
    session_id: Uuid,
}

async fn acquire(
    State(writes): Shared,
    Path(document): Path<Uuid>,
    Json(body): Json<Asking>,
) -> Answer<(StatusCode, Json<Value>)> {
    let fence = writes.acquire(document, body.session_id).await?;
    let lock = json!({"session_id": body.session_id, "fence": fence});
    Ok((
        StatusCode::CREATED,
        Json(json!({"status": "acquired", "lock": lock})),
    ))
}

async fn release(
    State(writes): Shared,
    Path(document): Path<Uuid>,
    Query(asking): Query<Asking>,
) -> Answer<StatusCode> {
    writes.release(document, asking.session_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct Beat {
    idle_ms: Option<i64>,
}

async fn heartbeat(
    State(writes): Shared,
    Path(session): Path<Uuid>,
    Json(body): Json<Beat>,
) -> Answer<Json<Value>> {
    let ends = writes.heartbeat(&[session], body.idle_ms).await?;
    Ok(Json(json!({"expires_at": ends})))
}

async fn socket(State(writes): Shared, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(|socket| async move {
        if let Err(error) = beats(socket, &writes).await {
            eprintln!("a socket ended: {error:#}");
        }
    })
}

#[derive(Deserialize)]
struct Beats {
    sessions: Vec<Uuid>,
}

/// Answers `heartbeat` frames.
async fn beats(mut socket: WebSocket, writes: &Writes) -> Result<()> {
    while let Some(message) = socket.recv().await {
        let Message::Text(text) = message? else { continue };
        let frame: Beats = serde_json::from_str(&text)?;
        let ends = writes.heartbeat(&frame.sessions, None).await?;
        let sessions: Vec<Value> = frame
            .sessions
            .iter()
            .zip(ends)
            .map(|(id, end)| json!({"session_id": id, "expires_at": end}))
            .collect();
        let ack = json!({"type": "heartbeat_ack", "sessions": sessions});
        socket.send(Message::text(ack.to_string())).await?;
    }
    Ok(())
}
