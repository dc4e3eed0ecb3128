//! The WebSocket: one task a connection, in which a reader and a writer take turns.
//!
//! | module | what it does |
//! |---|---|
//! | [`connection`] | a socket from `hello` to its end |
//! | [`frames`] | what each of the client's frames does |
//! | [`subscribe`] | joining a room |

mod connection;
mod frames;
mod subscribe;

use axum::{
    extract::{
        FromRequestParts, Request, State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    response::Response,
};
use holdfast_protocol::limits::FRAME_BYTES;

use crate::{
    app::Shared,
    http::{extract::As, layers::Bearer},
    refusal::Refusal,
};

/// A socket's buffers: most frames are heartbeats and their answers, and 10,000 idle sockets are to fit anywhere.
const BUFFER_BYTES: usize = 4 << 10;
/// A frame over the limit is read up to this, so that the client gets to read why it is closed.
const READ_BYTES: usize = 4 * FRAME_BYTES;

/// Opens the socket; frames are described in the specification.
#[utoipa::path(get, path = "/v1/ws", tag = "socket",
    responses((status = 101, description = "One JSON object a text frame from here on")))]
pub(crate) async fn upgrade(
    State(app): State<Shared>,
    As(caller): As,
    Bearer(token): Bearer,
    request: Request,
) -> Result<Response, Refusal> {
    let (mut parts, _) = request.into_parts();
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &app)
        .await
        .map_err(|rejection| refused(&rejection))?;
    if app.rooms.is_draining() {
        return Err(Refusal::unavailable("this server is about to stop"));
    }
    let upgrade = upgrade
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .max_frame_size(READ_BYTES)
        .max_message_size(READ_BYTES);
    let running = app.sockets.token();
    Ok(upgrade.on_upgrade(move |socket| async move {
        connection::run(app, caller, token, socket).await;
        drop(running);
    }))
}

fn refused(rejection: &WebSocketUpgradeRejection) -> Refusal {
    Refusal::invalid("upgrade", rejection.body_text())
}
