//! A server that the user is signed in to, or was.

use std::{path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use holdfast_protocol::{DocumentId, account::User};
use tokio::sync::watch;
use url::Url;

use crate::{
    api::Api,
    canvas::{Canvas, CloseReport, OpenMode},
    jobs::Job,
    view::{
        CanvasContent,
        CommandError, ConnectionView, DocumentList, OwnLockView, ScopeView, ServerId, WaitView, WorkspaceView,
    },
};

/// A server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Server {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {}

impl Server {
    /// Which.
    #[must_use]
    pub fn id(&self) -> &ServerId {
        unimplemented!()
    }

    /// How people call it.
    #[must_use]
    pub fn label(&self) -> &str {
        unimplemented!()
    }

    /// Its address.
    #[must_use]
    pub fn base(&self) -> &Url {
        unimplemented!()
    }

    /// Its HTTP interface, typed.
    #[must_use]
    pub fn api(&self) -> &Api {
        unimplemented!()
    }

    /// The link, live.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<ConnectionView> {
        unimplemented!()
    }

    /// Who is signed in; none until the server has said so.
    #[must_use]
    pub fn user(&self) -> watch::Receiver<Option<User>> {
        unimplemented!()
    }

    /// The user's workspaces with their projects, live.
    #[must_use]
    pub fn workspaces(&self) -> watch::Receiver<Vec<WorkspaceView>> {
        unimplemented!()
    }

    /// The documents of a scope, live. Watching ends when the receiver is dropped.
    #[must_use]
    pub fn documents(&self, scope: ScopeView) -> watch::Receiver<DocumentList> {
        unimplemented!()
    }

    /// Tries to connect now.
    pub fn retry(&self) {
        unimplemented!()
    }

    /// Opens a canvas for a window with this label: a new session (S01). The drawing and the lock follow on their own.
    ///
    /// # Errors
    ///
    /// Where the document can't be read: not there, not to be seen, the server not to be reached.
    pub async fn open_canvas(
        &self,
        document: DocumentId,
        mode: OpenMode,
        window: &str,
    ) -> Result<Canvas, CommandError> {
        unimplemented!()
    }

    /// The canvases that are open now.
    #[must_use]
    pub fn canvases(&self) -> Vec<Canvas> {
        unimplemented!()
    }

    /// A document's drawing as the server has it, without opening it: for its thumbnail.
    ///
    /// # Errors
    ///
    /// Where the document can't be read.
    pub async fn content(&self, document: DocumentId) -> Result<CanvasContent, CommandError> {
        unimplemented!()
    }

    /// A file's bytes, of a document that is not opened.
    ///
    /// # Errors
    ///
    /// Where the drawing has no such file, or it can't be fetched.
    pub async fn file(&self, document: DocumentId, file_id: &str) -> Result<Bytes, CommandError> {
        unimplemented!()
    }

    /// The user's locks, wherever they are held.
    ///
    /// # Errors
    ///
    /// Where the server can't be asked.
    pub async fn own_locks(&self) -> Result<Vec<OwnLockView>, CommandError> {
        unimplemented!()
    }

    /// Releases a lock of the user's own, in whatever window or device it is held.
    ///
    /// # Errors
    ///
    /// Where the server refuses or can't be reached.
    pub async fn release_own_lock(&self, document: DocumentId) -> Result<(), CommandError> {
        unimplemented!()
    }

    /// Asks to be told, or no longer, when a document's lock frees ([`crate::Client::freed`]).
    ///
    /// # Errors
    ///
    /// Where the document is not to be seen.
    pub async fn notify_me(&self, document: DocumentId, on: bool) -> Result<(), CommandError> {
        unimplemented!()
    }

    /// The documents waited for, live.
    #[must_use]
    pub fn waiting(&self) -> watch::Receiver<Vec<WaitView>> {
        unimplemented!()
    }

    /// Imports an `.excalidraw` file as a new document named after it.
    #[must_use]
    pub fn import(&self, path: PathBuf, scope: ScopeView) -> Job {
        unimplemented!()
    }

    /// Exports a document to an `.excalidraw` file; a canvas open here with its unsaved edits.
    #[must_use]
    pub fn export(&self, document: DocumentId, path: PathBuf) -> Job {
        unimplemented!()
    }

    /// Makes a copy in the same scope, or in the personal one where the user may not write there.
    ///
    /// # Errors
    ///
    /// Where the server refuses or can't be reached; nothing is left behind.
    pub async fn copy(
        &self,
        document: DocumentId,
    ) -> Result<holdfast_protocol::document::Document, CommandError> {
        unimplemented!()
    }

    /// Closes all canvases and ends the sign-in. The caller forgets the token.
    pub async fn sign_out(&self, budget: Duration) -> Vec<CloseReport> {
        unimplemented!()
    }

    /// Closes all canvases within the budget, then the link.
    pub async fn close(&self, budget: Duration) -> Vec<CloseReport> {
        unimplemented!()
    }
}
