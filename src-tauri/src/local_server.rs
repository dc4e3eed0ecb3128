//! "On this device": a server of the app's own, in its process, on a loopback port that only this process knows the
//! token for. Its code path is the same as that of a server elsewhere.
//!
//! **Each start is a sign-in of its own, and ends all earlier ones**: those belong to processes that are gone, and what
//! a killed app had locked is free again at once instead of when its lease ends.

use std::{net::SocketAddr, path::PathBuf, sync::Mutex, time::Duration};

use holdfast_client::{
    credentials::Token,
    view::{ConnectionView, ServerId},
};
use holdfast_server::{
    config::Config,
    server::{RunningServer, Server as Embedded, StartError},
};
use url::Url;

use crate::{
    app_state,
    host::{Shared, lock},
    words,
};

/// How the app names it.
pub(crate) const ID: &str = "device";
/// How long after a failure it is tried again to start it.
const AGAIN_AFTER: Duration = Duration::from_secs(15);
/// What it may take to end: everything is on disk already, so little is left to do.
const DRAIN_WITHIN: Duration = Duration::from_secs(1);

/// How the app names it.
pub(crate) fn id() -> ServerId {
    ServerId(ID.to_owned())
}

/// The embedded server, as far as it has come.
#[derive(Debug)]
pub(crate) struct LocalServer {
    /// None where the data folder can't be written: what was saved there would be lost with the process.
    folder: Option<PathBuf>,
    running: tokio::sync::Mutex<Option<Running>>,
    connection: Mutex<ConnectionView>,
}

struct Running(RunningServer);

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Running").field(&self.0.address()).finish()
    }
}

/// Why there is no embedded server.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("its user could not be signed in: {0}")]
    SignIn(String),
    #[error("the data folder can't be written")]
    NoFolder,
}

impl LocalServer {
    /// One that has not started yet.
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self {
            folder,
            running: tokio::sync::Mutex::new(None),
            connection: Mutex::new(ConnectionView::Connecting),
        }
    }

    /// What windows show while the client does not know it.
    pub(crate) fn connection(&self) -> ConnectionView {
        lock(&self.connection).clone()
    }
}

/// Starts it, and again every while until it runs: a full disk has space again some day.
pub(crate) async fn keep_starting(host: Shared) {
    while host.local.folder.is_some() && host.local.running.lock().await.is_none() {
        tokio::time::sleep(AGAIN_AFTER).await;
        start(&host).await;
    }
}

/// Starts it, or tries again to. A failure is told to the user; other servers work all the same.
pub(crate) async fn start(host: &Shared) {
    let mut running = host.local.running.lock().await;
    if running.is_some() {
        if let Some(server) = host.client.server(&id()) {
            server.retry();
        }
        return;
    }
    match try_start(host).await {
        Ok(started) => {
            tracing::info!(address = %started.0.address(), "the embedded server serves");
            *running = Some(started);
            host.untell("local_server");
        }
        Err(failure) => {
            *lock(&host.local.connection) = ConnectionView::Offline {
                detail: words::sentence(&failure.to_string()),
                retry_in_ms: i64::try_from(AGAIN_AFTER.as_millis()).unwrap_or(0),
            };
            // That the folder can't be written has been told already, with what to do about it.
            if !matches!(failure, Failure::NoFolder) {
                host.tell(words::local_server(&failure));
            }
        }
    }
    host.touch();
}

async fn try_start(host: &Shared) -> Result<Running, Failure> {
    let folder = host.local.folder.clone().ok_or(Failure::NoFolder)?;
    let config = Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        data_dir: folder,
        ..Config::default()
    };
    // Opening a database runs migrations, whose future the compiler can't show to be Send: it gets a thread.
    let starting =
        tauri::async_runtime::spawn_blocking(|| tauri::async_runtime::block_on(Embedded::start(config)));
    let running = starting
        .await
        .map_err(|error| Failure::SignIn(error.to_string()))??;
    let settings = host.settings.get();
    let token = running
        .local_sign_in(&settings.display_name, &settings.device_name)
        .await
        .map_err(|error| Failure::SignIn(error.to_string()))?;
    let base = Url::parse(&format!("http://{}/", running.address()))
        .map_err(|error| Failure::SignIn(error.to_string()))?;
    let server = host
        .client
        .add_server(id(), words::ON_THIS_DEVICE, base, Token::new(token));
    app_state::follow(host, &server);
    Ok(Running(running))
}

/// Gives its user another name. The sign-in in use stays: sessions belong to it.
pub(crate) async fn rename(host: &Shared, display_name: &str, device_name: &str) {
    if let Some(Running(server)) = &*host.local.running.lock().await
        && let Err(error) = server.rename_local(display_name, device_name).await
    {
        tracing::warn!(%error, "the name on this device could not be changed");
    }
}

/// Ends it, after all canvases are closed.
pub(crate) async fn drain(host: &Shared) {
    let running = host.local.running.lock().await.take();
    if let Some(Running(server)) = running
        && tokio::time::timeout(DRAIN_WITHIN, server.shutdown())
            .await
            .is_err()
    {
        tracing::warn!(
            within_ms = DRAIN_WITHIN.as_millis(),
            "the embedded server did not finish in time"
        );
    }
}
