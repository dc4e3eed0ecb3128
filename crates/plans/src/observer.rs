//! Eve: she is in the room of every document and writes down what happens, in the order in which it does (R02).

use std::net::SocketAddr;

use holdfast_testkit::{Client, Socket};
use serde_json::Value;
use tokio::runtime::Handle;

/// What was seen of one server's life, frame by frame; its first frames are what was there already.
pub type Log = Vec<Value>;

/// Somebody who looks on, with a clock of her own.
#[derive(Debug)]
pub struct Observer {
    runtime: Handle,
    eve: Client,
    documents: Vec<String>,
    socket: Option<Socket>,
    logs: Vec<Log>,
}

impl Observer {
    /// Somebody who may see these documents.
    #[must_use]
    pub fn new(runtime: Handle, eve: Client, documents: &[String]) -> Self {
        Self {
            runtime,
            eve,
            documents: documents.to_vec(),
            socket: None,
            logs: Vec::new(),
        }
    }

    /// Joins a server that has just been started; what was seen of the one before is kept.
    pub fn join(&mut self, server: SocketAddr) {
        self.leave();
        let eve = self.eve.at(&format!("http://{server}"));
        let documents = self.documents.clone();
        self.socket = Some(self.runtime.block_on(async {
            let socket = Socket::connect(&eve).await;
            for document in documents {
                socket.subscribe(&format!("document:{document}")).await;
            }
            socket
        }));
    }

    fn leave(&mut self) {
        if let Some(socket) = self.socket.take() {
            self.logs.push(socket.frames(|_| true));
        }
    }

    /// All that was seen.
    #[must_use]
    pub fn logs(mut self) -> Vec<Log> {
        self.leave();
        self.logs
    }
}
