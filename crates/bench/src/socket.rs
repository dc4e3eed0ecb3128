//! A client's end of a WebSocket.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Message, Utf8Bytes,
        client::IntoClientRequest as _,
        http::{HeaderValue, header::AUTHORIZATION},
    },
};

/// An open socket.
pub(crate) struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    /// Connects; with a token it says hello and waits for its welcome.
    pub(crate) async fn open(address: SocketAddr, token: Option<&str>) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut request = format!("ws://{address}/v1/ws").into_client_request()?;
        if let Some(token) = token {
            let value = HeaderValue::try_from(format!("Bearer {token}"))?;
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        let (stream, _) = client_async(request, stream).await?;
        let mut socket = Self(stream);
        if token.is_some() {
            let client = json!({"name": "holdfast-bench", "version": env!("CARGO_PKG_VERSION")});
            socket
                .say(&json!({"type": "hello", "protocol": 1, "client": client}))
                .await?;
            socket.until("welcome").await?;
        }
        Ok(socket)
    }

    /// Sends a frame.
    pub(crate) async fn say(&mut self, frame: &Value) -> Result<()> {
        self.say_text(frame.to_string().into()).await
    }

    /// Sends a frame that is ready.
    pub(crate) async fn say_text(&mut self, text: Utf8Bytes) -> Result<()> {
        Ok(self.0.send(Message::Text(text)).await?)
    }

    /// The next text frame.
    pub(crate) async fn next(&mut self) -> Result<Utf8Bytes> {
        loop {
            match self.0.next().await.context("the socket ended")?? {
                Message::Text(text) => return Ok(text),
                Message::Close(frame) => bail!("the socket was closed: {frame:?}"),
                _ => {}
            }
        }
    }

    /// Skips to the first frame of this type.
    pub(crate) async fn until(&mut self, kind: &str) -> Result<Value> {
        loop {
            let frame: Value = serde_json::from_str(&self.next().await?)?;
            if frame["type"] == kind {
                return Ok(frame);
            }
            if frame["type"] == "error" || frame["type"] == "closing" {
                bail!("{frame} instead of {kind}");
            }
        }
    }
}
