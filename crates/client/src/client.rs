//! The client: the servers it knows, the drafts on this device, and what it tells whoever listens.

use std::{sync::Arc, time::Duration};

use holdfast_protocol::{DocumentId, account::SignedIn};
use tokio::sync::broadcast;
use url::Url;

use crate::{
    api::ApiError,
    canvas::CloseReport,
    config::ClientConfig,
    credentials::Token,
    journal::{Draft, DraftId},
    server::Server,
    view::{CommandError, ServerId},
};

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
struct Inner {}

impl Client {
    /// A client that keeps its files in the configured folder. Must be called inside a tokio runtime.
    ///
    /// # Errors
    ///
    /// Where the folder can't be written: code `disk`.
    pub fn new(config: ClientConfig) -> Result<Self, CommandError> {
        unimplemented!()
    }

    /// What others see as the holder's device, for sessions opened from now on.
    pub fn set_device_name(&self, name: &str) {
        unimplemented!()
    }

    /// Signs in, without adding the server: the caller keeps the token first.
    ///
    /// # Errors
    ///
    /// A wrong password is [`ApiError::Refused`] with `unauthenticated`.
    pub async fn sign_in(&self, base: &Url, email: &str, password: &str) -> Result<SignedIn, ApiError> {
        unimplemented!()
    }

    /// Adds a server and begins to connect. One added again gets the new address and token.
    pub fn add_server(&self, id: ServerId, label: &str, base: Url, token: Token) -> Server {
        unimplemented!()
    }

    /// A server that was added.
    #[must_use]
    pub fn server(&self, id: &ServerId) -> Option<Server> {
        unimplemented!()
    }

    /// All servers, in the order in which they were added.
    #[must_use]
    pub fn servers(&self) -> Vec<Server> {
        unimplemented!()
    }

    /// Closes a server's canvases within the budget and forgets the server. The sign-in stays.
    pub async fn remove_server(&self, id: &ServerId, budget: Duration) -> Vec<CloseReport> {
        unimplemented!()
    }

    /// Locks that became free and that the user asked to be told about.
    #[must_use]
    pub fn freed(&self) -> broadcast::Receiver<Freed> {
        unimplemented!()
    }

    /// Drafts on this device: edits that were not acknowledged and that no open canvas is about to send.
    pub async fn drafts(&self) -> Vec<Draft> {
        unimplemented!()
    }

    /// Forgets a draft for good.
    ///
    /// # Errors
    ///
    /// Where it is gone or in use.
    pub async fn discard_draft(&self, id: &DraftId) -> Result<(), CommandError> {
        unimplemented!()
    }

    /// Makes a new personal document, named after the draft's, of the drawing that the draft was made on and its edits.
    ///
    /// # Errors
    ///
    /// Where its server is not there or refuses; the draft stays.
    pub async fn save_draft_as_copy(&self, id: &DraftId) -> Result<DocumentId, CommandError> {
        unimplemented!()
    }

    /// Closes all canvases of all servers at once: commits what is pending, releases, within the budget (C04).
    pub async fn close(&self, budget: Duration) -> Vec<CloseReport> {
        unimplemented!()
    }
}
