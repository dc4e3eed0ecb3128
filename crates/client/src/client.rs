//! The client: the servers it knows, the drafts on this device, and what it tells whoever listens.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::Duration,
};

use futures_util::future::join_all;
use holdfast_protocol::{
    DocumentId,
    account::{SignInRequest, SignedIn},
    limits,
    socket::Program,
};
use tokio::sync::broadcast;
use url::Url;

use crate::{
    api::{Api, ApiError},
    canvas::CloseReport,
    config::ClientConfig,
    connection::{Connection, Endpoint},
    credentials::Token,
    journal::{Draft, DraftId, Shelf},
    server::{Canvases, Links, Server, Waiting},
    view::{CommandError, ServerId},
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
    canvases: Canvases,
    servers: Mutex<Vec<Server>>,
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
            let folder = config.data_dir.display();
            let detail = format!(
                "Holdfast can't write to its folder {folder} ({error}): edits would not be safe. Make it writable, then start again."
            );
            CommandError::of("disk", detail)
        })?;
        let agent = format!("holdfast/{}", config.version);
        let http = Api::http(config.http, &agent)?;
        Ok(Self {
            inner: Arc::new(Inner {
                http,
                device: Arc::new(RwLock::new(config.device_name.clone())),
                config,
                shelf,
                canvases: Canvases::default(),
                servers: Mutex::default(),
                freed: broadcast::Sender::new(FREED_WAITING),
            }),
        })
    }

    fn list(&self) -> MutexGuard<'_, Vec<Server>> {
        self.inner.servers.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// Adds a server and begins to connect. One added again gets the new address and token.
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
            waiting: Waiting::new(id.clone(), connection.clone(), canvases.clone(), freed),
            id,
            label: label.to_owned(),
            api,
            connection,
            shelf: self.inner.shelf.clone(),
            clock: Arc::clone(&config.clock),
            canvases,
            idle_release: config.idle_release,
            lease_ttl: config.lease_ttl,
            device: Arc::clone(&self.inner.device),
        });
        let mut servers = self.list();
        match servers.iter_mut().find(|known| known.id() == server.id()) {
            Some(known) => {
                // its sessions belong to the old sign-in (S07): they end, and what is not saved is a draft
                let old = std::mem::replace(known, server.clone());
                let canvases = old.canvases();
                tokio::spawn(async move { old.close_all(canvases, limits::CLOSE_BUDGET).await });
            }
            None => servers.push(server.clone()),
        }
        server
    }

    /// A server that was added.
    #[must_use]
    pub fn server(&self, id: &ServerId) -> Option<Server> {
        self.list().iter().find(|server| server.id() == id).cloned()
    }

    /// All servers, in the order in which they were added.
    #[must_use]
    pub fn servers(&self) -> Vec<Server> {
        self.list().clone()
    }

    /// Closes a server's canvases within the budget and forgets the server. The sign-in stays.
    pub async fn remove_server(&self, id: &ServerId, budget: Duration) -> Vec<CloseReport> {
        let Some(server) = self.server(id) else {
            return Vec::new();
        };
        let reports = server.close(budget).await;
        self.list().retain(|server| server.id() != id);
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

    /// Forgets a draft for good.
    ///
    /// # Errors
    ///
    /// Where it is gone or in use.
    pub async fn discard_draft(&self, id: &DraftId) -> Result<(), CommandError> {
        match self.inner.shelf.discard(id).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(CommandError::of("not_found", "This draft is not there any more.")),
            Err(error) => Err(CommandError::of(
                "disk",
                format!("The draft can't be removed: {error}"),
            )),
        }
    }

    /// Makes a new personal document, named after the draft's, of the drawing that the draft was made on and its edits.
    ///
    /// # Errors
    ///
    /// Where its server is not there or refuses; the draft stays.
    pub async fn save_draft_as_copy(&self, id: &DraftId) -> Result<DocumentId, CommandError> {
        let drafts = self.drafts().await;
        let draft = drafts.into_iter().find(|draft| draft.id == *id);
        let draft =
            draft.ok_or_else(|| CommandError::of("not_found", "This draft is not there any more."))?;
        let Some(server) = self.server(&draft.server) else {
            let detail = "Sign in to the draft's server first; the draft is safe on this device.";
            return Err(CommandError::of("offline", detail));
        };
        server.links().save_draft_as_copy(id).await
    }

    /// Closes all canvases of all servers at once: commits what is pending, releases, within the budget (C04).
    pub async fn close(&self, budget: Duration) -> Vec<CloseReport> {
        let servers = self.servers();
        let reports = join_all(servers.iter().map(|server| server.close(budget))).await;
        reports.into_iter().flatten().collect()
    }
}
