//! Each text frame from anybody goes to everybody: no rooms, no order beyond the channel's, no slow readers.

use anyhow::Result;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{net::TcpStream, sync::broadcast};
use tokio_tungstenite::{
    accept_async,
    tungstenite::{Message, Utf8Bytes},
};

/// Frames that wait for one reader.
const QUEUE: usize = 64;

/// Serves until it is killed.
pub(crate) async fn serve() -> Result<()> {
    let listener = super::listen().await?;
    let (frames, _) = broadcast::channel(QUEUE);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(client(stream, frames.clone()));
    }
}

/// Ends with its socket, whatever the reason.
async fn client(stream: TcpStream, frames: broadcast::Sender<Utf8Bytes>) -> Result<()> {
    let mut waiting = frames.subscribe();
    let mut socket = accept_async(stream).await?;
    loop {
        tokio::select! {
            frame = waiting.recv() => socket.send(Message::Text(frame?)).await?,
            said = socket.next() => match said {
                Some(Ok(Message::Text(text))) => drop(frames.send(text)),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => return Ok(()),
            },
        }
    }
}
