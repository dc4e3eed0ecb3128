//! What Holdfast is measured against: the least programs that do the same work.

pub(crate) mod broadcast;
pub(crate) mod http;
mod writes;

use std::net::SocketAddr;

use anyhow::Result;
use tokio::net::TcpListener;

/// A free port on the loopback interface, told on standard output as Holdfast's server tells its own.
async fn listen() -> Result<TcpListener> {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(listener)
}
