//! The client: the servers it knows, the drafts on this device, and what it tells whoever listens.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use futures_util::future::join_all;
use holdfast_protocol::{
    DocumentId,
    account::{SignInRequest, SignedIn},
    limits,
    socket::Program,
};
use tokio::sync::{broadcast, watch};
use url::Url;

use crate::{
    api::{Api, ApiError},
    canvas::CloseReport,
    config::ClientConfig,
    connection::{Connection, Endpoint},
    credentials::Token,
    drafts,
    journal::{Damage, Draft, DraftId, Shelf},
    server::{Canvases, Filling, Known, Links, Server, Waiting, Waits},
    view::{CommandError, DraftView, ServerId, disk_refusal},
};

/// How many freed locks may wait for a slow listener.
const FREED_WAITING: usize = 64;

/// A lock that somebody waited for is free (C05).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freed {
    /// Where.
    pub server: ServerId,
    /// Which document.
    pub document: DocumentId,
    /// Its name.
    pub name: String,
}

/// Holdfast without a window. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: ClientConfig,
    http: reqwest::Client,
    device: Arc<RwLock<String>>,
    shelf: Shelf,
    drafts: watch::Receiver<Vec<DraftView>>,
    canvases: Canvases,
    servers: Known,
    waits: Waits,
    stop_when_lapsed: watch::Sender<bool>,
    freed: broadcast::Sender<Freed>,
}

impl Client {
    /// A client that keeps its files in the configured folder. Must be called inside a tokio runtime.
    ///
    /// # Errors
    ///
    /// Where the folder can't be written (code `disk`), or the system offers no TLS.
    pub fn new(config: ClientConfig) -> Result<Self, CommandError> {
        let shelf = Shelf::open(&config.data_dir).map_err(|error| {
            let (folder, why) = (config.data_dir.display(), disk_refusal(&error));
            tracing::error!(%folder, %error, "the data folder can't be written");
            let detail = format!(
                "Holdfast can't write to its folder {folder}, so that edits would not be safe: {why}."
            );
            CommandError::of("disk", detail)
        })?;
        let agent = format!("holdfast/{}", config.version);
        let http = Api::http(config.http, &agent)?;
        let servers = Known::default();
        let waits = Waits::load(&config.data_dir);
        let stop_when_lapsed = watch::Sender::new(config.stop_editing_when_lapsed);
        Ok(Self {
            inner: Arc::new(Inner {
                http,
                device: Arc::new(RwLock::new(config.device_name.clone())),
                config,
                drafts: drafts::watch(shelf.clone(), servers.clone()),
                shelf,
                canvases: Canvases::default(),
                servers,
                waits,
                stop_when_lapsed,
                freed: broadcast::Sender::new(FREED_WAITING),
            }),
        })
    }

    pub(crate) fn shelf(&self) -> &Shelf {
        &self.inner.shelf
    }

    fn program(&self) -> Program {
        Program {
            name: "holdfast".to_owned(),
            version: self.inner.config.version.clone(),
        }
    }

    fn api(&self, base: Url, token: Option<Token>) -> Api {
        Api::new(self.inner.http.clone(), base, token, self.inner.config.http)
    }

    /// What others see as the holder's device, for sessions opened from now on.
    pub fn set_device_name(&self, name: &str) {
        name.clone_into(&mut self.inner.device.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Whether drawing stops once a lock has run out; else it goes on as a draft (X02). Open canvases follow at once.
    pub fn set_stop_editing_when_lapsed(&self, stop: bool) {
        self.inner.stop_when_lapsed.send_replace(stop);
    }

    /// Signs in, without adding the server: the caller keeps the token first.
    ///
    /// # Errors
    ///
    /// A wrong password is [`ApiError::Refused`] with `unauthenticated`.
    pub async fn sign_in(&self, base: &Url, email: &str, password: &str) -> Result<SignedIn, ApiError> {
        let device_name = self
            .inner
            .device
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let request = SignInRequest {
            email: email.to_owned(),
            password: password.to_owned(),
            device_name,
        };
        self.api(base.clone(), None).sign_in(&request).await
    }

    /// Adds a server and begins to connect. One added again gets the new address and token, and its canvases are closed;
    /// where the same user has only signed in again, [`Server::renew`] keeps them.
    pub fn add_server(&self, id: ServerId, label: &str, base: Url, token: Token) -> Server {
        let api = self.api(base, Some(token.clone()));
        let endpoint = Endpoint {
            api: api.clone(),
            token,
            program: self.program(),
        };
        let config = &self.inner.config;
        let connection = Connection::start(endpoint, Arc::clone(&config.dial), Arc::clone(&config.clock));
        let canvases = self.inner.canvases.clone();
        let freed = self.inner.freed.clone();
        let server = Server::start(Links {
            waiting: Waiting::new(
                id.clone(),
                connection.clone(),
                canvases.clone(),
                freed,
                self.inner.waits.clone(),
            ),
            id,
            label: label.to_owned(),
            api,
            connection,
            shelf: self.inner.shelf.clone(),
            clock: Arc::clone(&config.clock),
            filling: Filling::default(),
            canvases,
            idle_release: config.idle_release,
            stop_when_lapsed: self.inner.stop_when_lapsed.subscribe(),
            lease_ttl: config.lease_ttl,
            device: Arc::clone(&self.inner.device),
        });
        if let Some(old) = self.inner.servers.add(server.clone()) {
            // its sessions belong to the old sign-in (S07): they end, and what is not saved is a draft
            let canvases = old.canvases();
            tokio::spawn(async move { old.close_all(canvases, limits::CLOSE_BUDGET).await });
        }
        server
    }

    /// A server that was added.
    #[must_use]
    pub fn server(&self, id: &ServerId) -> Option<Server> {
        self.inner.servers.get(id)
    }

    /// All servers, in the order in which they were added.
    #[must_use]
    pub fn servers(&self) -> Vec<Server> {
        self.inner.servers.list()
    }

    /// Closes a server's canvases within the budget and forgets the server. The sign-in stays.
    pub async fn remove_server(&self, id: &ServerId, budget: Duration) -> Vec<CloseReport> {
        let Some(server) = self.server(id) else {
            return Vec::new();
        };
        let reports = server.close(budget).await;
        self.inner.servers.forget(id);
        reports
    }

    /// Locks that became free and that the user asked to be told about.
    #[must_use]
    pub fn freed(&self) -> broadcast::Receiver<Freed> {
        self.inner.freed.subscribe()
    }

    /// Drafts on this device: edits that were not acknowledged and that no open canvas is about to send.
    pub async fn drafts(&self) -> Vec<Draft> {
        self.inner.shelf.drafts().await
    }

    /// The shelf as a window shows it, live, the last edited first.
    #[must_use]
    pub fn draft_views(&self) -> watch::Receiver<Vec<DraftView>> {
        self.inner.drafts.clone()
    }

    /// Journals of which a part could not be read, since the start.
    #[must_use]
    pub fn damages(&self) -> watch::Receiver<Vec<Damage>> {
        self.inner.shelf.damages()
    }

    /// Forgets a draft for good.
    ///
    /// # Errors
    ///
    /// Where it is gone or in use.
    pub async fn discard_draft(&self, id: &DraftId) -> Result<(), CommandError> {
        match self.inner.shelf.discard(id).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(CommandError::of("not_found", "This draft is not there any more.")),
            Err(error) => {
                tracing::warn!(%error, "a draft can't be removed");
                let detail = format!("The draft can't be removed: {}.", disk_refusal(&error));
                Err(CommandError::of("disk", detail))
            }
        }
    }

    /// Closes all canvases of all servers at once: commits what is pending, releases, within the budget (C04).
    pub async fn close(&self, budget: Duration) -> Vec<CloseReport> {
        let servers = self.servers();
        let reports = join_all(servers.iter().map(|server| server.close(budget))).await;
        reports.into_iter().flatten().collect()
    }
}
