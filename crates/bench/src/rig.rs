//! A server under load, Holdfast or a baseline: set up by the same calls, asked by the same calls.

use std::{net::SocketAddr, process::Command};

use anyhow::{Context, Result};
use holdfast_testkit::{
    Server,
    eventually::{eventually, seconds},
    process::Process,
};
use hyper::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{
    http::{Call, Connection},
    socket::Socket,
};

/// Longest lease that a session may ask for: none ends while we measure.
const LEASE_MS: u32 = 3_600_000;
/// Connections that set things up at once.
const HANDS: usize = 32;

/// A running server.
pub(crate) struct Rig {
    address: SocketAddr,
    pid: u32,
    token: Option<String>,
    /// The workspace that documents and sessions are in.
    workspace: String,
    process: Kept,
}

/// Ends the server with the rig.
enum Kept {
    Holdfast { server: Server },
    Baseline { _process: Process, _folder: TempDir },
}

impl Rig {
    /// A Holdfast server with one user, who owns a workspace.
    pub(crate) async fn holdfast() -> Self {
        let server = Server::start().await;
        let client = server.user("Ada").await;
        Self {
            address: server.address(),
            pid: server.id(),
            token: Some(client.token().to_owned()),
            workspace: client.workspace("Bench").await,
            process: Kept::Holdfast { server },
        }
    }

    /// The bare axum handlers.
    pub(crate) async fn bare_http() -> Result<Self> {
        Self::baseline(&["baseline-http", "--data-dir"], true).await
    }

    /// The bare broadcast.
    pub(crate) async fn bare_broadcast() -> Result<Self> {
        Self::baseline(&["baseline-broadcast"], false).await
    }

    async fn baseline(arguments: &[&str], with_folder: bool) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(arguments);
        if with_folder {
            command.arg(folder.path());
        }
        let process = Process::start("baseline", folder.path(), &mut command);
        let address = eventually("the baseline says where it listens", seconds(20), async || {
            let output = process.output();
            let line = output.strip_suffix('\n')?;
            line.strip_prefix("listening on http://")?.parse().ok()
        })
        .await;
        Ok(Self {
            address,
            pid: process.id(),
            token: None,
            workspace: Uuid::nil().to_string(),
            process: Kept::Baseline {
                _process: process,
                _folder: folder,
            },
        })
    }

    pub(crate) const fn pid(&self) -> u32 {
        self.pid
    }

    /// Ends the server in an orderly way; answers the bytes of its database.
    pub(crate) async fn stored(self) -> Result<u64> {
        let Kept::Holdfast { mut server } = self.process else {
            anyhow::bail!("a baseline stores what it likes");
        };
        server.terminate().await;
        let mut bytes = 0;
        for entry in std::fs::read_dir(server.data_dir())? {
            let entry = entry?;
            // the log is here too
            if entry.file_name().to_string_lossy().contains(".db") {
                bytes += entry.metadata()?.len();
            }
        }
        Ok(bytes)
    }

    pub(crate) async fn connection(&self) -> Result<Connection> {
        Connection::open(self.address, self.token.as_deref()).await
    }

    /// A socket that has been welcomed.
    pub(crate) async fn socket(&self) -> Result<Socket> {
        Socket::open(self.address, self.token.as_deref()).await
    }

    /// Many sockets, in order; opened a few at a time.
    pub(crate) async fn sockets(&self, count: usize) -> Result<Vec<Socket>> {
        let mut sockets = Vec::with_capacity(count);
        let mut opening = JoinSet::new();
        while sockets.len() < count {
            while opening.len() < HANDS && sockets.len() + opening.len() < count {
                let (address, token) = (self.address, self.token.clone());
                opening.spawn(async move { Socket::open(address, token.as_deref()).await });
            }
            let opened = opening.join_next().await.context("some are being opened")?;
            sockets.push(opened??);
        }
        Ok(sockets)
    }

    /// Creates a canvas; answers its id.
    pub(crate) async fn document(&self) -> Result<String> {
        let body = json!({"name": "Bench", "kind": "canvas", "workspace_id": self.workspace});
        let call = Call::post("/v1/documents", &body, StatusCode::CREATED);
        let answer = self.connection().await?.json(&call).await?;
        Ok(answer["id"].as_str().context("a document has an id")?.to_owned())
    }

    /// Opens a session; answers its id.
    pub(crate) async fn session(&self) -> Result<String> {
        let mut sessions = self.sessions(1).await?;
        sessions.pop().context("one was asked for")
    }

    /// Opens many sessions.
    pub(crate) async fn sessions(&self, count: usize) -> Result<Vec<String>> {
        let ids: Vec<String> = (0..count).map(|_| Uuid::new_v4().to_string()).collect();
        let mut hands = JoinSet::new();
        for share in ids.chunks(count.div_ceil(HANDS).max(1)) {
            let calls: Vec<Call> = share.iter().map(|id| self.open_session(id)).collect();
            let mut connection = self.connection().await?;
            hands.spawn(async move {
                for call in calls {
                    connection.call(&call).await?;
                }
                anyhow::Ok(())
            });
        }
        while let Some(hand) = hands.join_next().await {
            hand??;
        }
        Ok(ids)
    }

    fn open_session(&self, id: &str) -> Call {
        let body = json!({
            "session_id": id,
            "workspace_id": self.workspace,
            "device_name": "Bench",
            "ttl_ms": LEASE_MS,
        });
        Call::post("/v1/sessions", &body, StatusCode::CREATED)
    }
}

/// Asks for a document's lock.
pub(crate) fn acquire(document: &str, session: &str) -> Call {
    let body = json!({"session_id": session});
    Call::post(
        format!("/v1/documents/{document}/lock"),
        &body,
        StatusCode::CREATED,
    )
}

/// Gives it back.
pub(crate) fn release(document: &str, session: &str) -> Call {
    Call::delete(format!("/v1/documents/{document}/lock?session_id={session}"))
}

/// Renews a session's lease.
pub(crate) fn heartbeat(session: &str) -> Call {
    let body: Value = json!({"idle_ms": 1000});
    Call::post(format!("/v1/sessions/{session}/heartbeat"), &body, StatusCode::OK)
}
