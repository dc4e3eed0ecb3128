//! A socket from its `hello` to its end.
//!
//! The reader and the writer are two futures polled by one task, side by side: a client that reads nothing is still
//! listened to, until its queue is full, and one that says nothing is still written to. Whichever ends first ends the
//! socket. Neither is ever restarted, so neither needs to be cancel-safe.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use bytes::Bytes;
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use holdfast_protocol::limits::{FRAME_BYTES, HELLO_WITHIN, LEASE_TTL_MAX, SLOW_READER};
use tokio::time::{Instant, timeout, timeout_at};

use super::frames::{Talk, Turn};
use crate::{
    app::{App, Shared},
    caller::Caller,
    rooms::{Connection, Ending, Outbox, outbox::Next, outbox::text_of},
};

/// How often an idle socket is pinged, so that networks on the way keep it open.
const PING_EVERY: Duration = Duration::from_secs(5 * 60);
/// A socket from which nothing came for longer than any lease lasts speaks for nobody any more.
const SILENT_FOR: Duration = LEASE_TTL_MAX.saturating_add(PING_EVERY);
/// How long a client that is told why its socket closes may go on sending: a connection reset over unread data
/// could take the reason away before it is read.
const LINGER: Duration = Duration::from_secs(1);

/// How a socket ended.
enum End {
    /// The client went, with or without a close frame.
    Gone,
    /// The server ends it, and has yet to say why.
    Refused(Ending),
    /// The server ended it and said why.
    Said,
    /// The client took nothing for too long: there is no way left to tell it so.
    Slow,
}

/// Serves a socket to its end.
pub(super) async fn run(app: Shared, caller: Caller, token: String, socket: WebSocket) {
    let (mut sink, mut stream) = socket.split();
    let Some(connection) = app.rooms.connect(&caller) else {
        let ending = Ending::Draining {
            reconnect_after_ms: 1_000,
        };
        let _ = timeout(SLOW_READER, say_goodbye(&mut sink, ending)).await;
        return;
    };
    app.metrics.sockets.increment(1.0);
    serve(
        &app,
        Talk::new(&app, &connection, caller, token),
        &connection,
        &mut sink,
        &mut stream,
    )
    .await;
    app.metrics.sockets.decrement(1.0);
    leave(&app, connection).await;
}

async fn serve(
    app: &App,
    mut talk: Talk<'_>,
    connection: &Connection,
    sink: &mut SplitSink<WebSocket, Message>,
    stream: &mut SplitStream<WebSocket>,
) {
    let end = tokio::select! {
        biased;
        end = read(stream, &mut talk, &connection.outbox) => end,
        end = write(sink, &connection.outbox) => end,
    };
    match end {
        End::Refused(ending) => {
            connection.outbox.end(ending);
            let _ = write(sink, &connection.outbox).await;
            linger(stream).await;
        }
        End::Said => linger(stream).await,
        End::Slow => app.metrics.slow_readers.increment(1),
        End::Gone => {}
    }
}

/// S03: a socket that is gone without a goodbye cuts the leases of the sessions it spoke for. The server's own end
/// cuts none.
async fn leave(app: &App, connection: Connection) {
    let (id, spoke) = (connection.id, app.rooms.speaks(connection.id));
    drop(connection);
    if !spoke || app.rooms.is_draining() {
        return;
    }
    if let Err(error) = app.engine.disconnected(id).await {
        tracing::warn!(%error, "a closed socket's leases were not cut; they end at their TTL");
    }
}

async fn read(stream: &mut SplitStream<WebSocket>, talk: &mut Talk<'_>, outbox: &Outbox) -> End {
    let hello_by = Instant::now() + HELLO_WITHIN;
    loop {
        outbox.has_room().await;
        let welcomed = talk.is_welcomed();
        let deadline = if welcomed {
            Instant::now() + SILENT_FOR
        } else {
            hello_by
        };
        let message = match timeout_at(deadline, stream.next()).await {
            Err(_) if welcomed => return End::Gone,
            Err(_) => return End::Refused(Ending::NoHello),
            Ok(None) => return End::Gone,
            Ok(Some(Err(error))) => {
                return if too_long(&error) {
                    End::Refused(Ending::FrameTooLarge)
                } else {
                    End::Gone
                };
            }
            Ok(Some(Ok(message))) => message,
        };
        let turn = match message {
            Message::Text(text) if text.len() > FRAME_BYTES => Turn::End(Ending::FrameTooLarge),
            Message::Binary(bytes) if bytes.len() > FRAME_BYTES => Turn::End(Ending::FrameTooLarge),
            Message::Text(text) => talk.hear(&text).await,
            Message::Binary(_) => talk.not_understood("binary frames are not spoken here"),
            Message::Close(_) => return End::Gone,
            Message::Ping(_) | Message::Pong(_) => Turn::Next,
        };
        if let Turn::End(ending) = turn {
            return End::Refused(ending);
        }
    }
}

/// Whether reading failed for the size of a frame. axum keeps the kind of the error to itself.
fn too_long(error: &axum::Error) -> bool {
    error.to_string().contains("too long")
}

/// Writes what is queued, each frame within [`SLOW_READER`].
async fn write(sink: &mut SplitSink<WebSocket, Message>, outbox: &Outbox) -> End {
    loop {
        let written = match outbox.pop() {
            Next::Frame(text) => timeout(SLOW_READER, sink.feed(Message::Text(text))).await,
            Next::End(ending) => {
                return match timeout(SLOW_READER, say_goodbye(sink, ending)).await {
                    Ok(Ok(())) => End::Said,
                    Ok(Err(_)) => End::Gone,
                    Err(_) => End::Slow,
                };
            }
            Next::Nothing => match timeout(SLOW_READER, sink.flush()).await {
                Ok(Ok(())) => {
                    if timeout(PING_EVERY, outbox.filled()).await.is_ok() {
                        continue;
                    }
                    timeout(SLOW_READER, sink.send(Message::Ping(Bytes::new()))).await
                }
                failed => failed,
            },
        };
        match written {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return End::Gone,
            Err(_) => return End::Slow,
        }
    }
}

async fn say_goodbye(sink: &mut SplitSink<WebSocket, Message>, ending: Ending) -> Result<(), axum::Error> {
    sink.feed(Message::Text(text_of(&ending.frame()))).await?;
    let close = CloseFrame {
        code: ending.close_code(),
        reason: "".into(),
    };
    sink.send(Message::Close(Some(close))).await
}

async fn linger(stream: &mut SplitStream<WebSocket>) {
    let _ = timeout(LINGER, async { while let Some(Ok(_)) = stream.next().await {} }).await;
}
