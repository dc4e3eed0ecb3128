//! A server that the user is signed in to, or was.

mod canvases;
mod documents;
mod drawing;
mod filling;
mod history;
mod known;
mod links;
mod spaces;
mod waiting;
mod waits;

pub(crate) use canvases::Canvases;
pub(crate) use filling::Filling;
pub(crate) use known::Known;
pub(crate) use links::Links;
pub(crate) use waiting::Waiting;
pub(crate) use waits::Waits;

use std::{path::PathBuf, sync::Arc, time::Duration};

use futures_util::future::join_all;
use holdfast_protocol::{
    DocumentId,
    account::{Role, User},
    document::Document,
    lock::Resource,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    api::Api,
    canvas::{Canvas, CloseReport, OpenMode, Opening, Whose},
    copying,
    credentials::Token,
    jobs::{self, Job},
    view::{
        CommandError, ConnectionView, DocumentList, DraftReason, OwnLockView, ScopeView, ServerId, WaitView,
        WorkspaceView,
    },
};

/// A server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Server {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    links: Links,
    user: watch::Receiver<Option<User>>,
    workspaces: watch::Receiver<Vec<WorkspaceView>>,
    last_read: drawing::LastRead,
    stop: CancellationToken,
}

impl Server {
    /// Begins to follow a server.
    pub(crate) fn start(links: Links) -> Self {
        let (tell_user, user) = watch::channel(None);
        let (tell_workspaces, workspaces) = watch::channel(Vec::new());
        let stop = CancellationToken::new();
        let spaces = spaces::Spaces {
            api: links.api.clone(),
            connection: links.connection.clone(),
            user: tell_user,
            workspaces: tell_workspaces,
        };
        tokio::spawn(spaces.run(stop.clone()));
        let inner = Inner {
            links,
            user,
            workspaces,
            last_read: drawing::LastRead::default(),
            stop,
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    pub(crate) fn links(&self) -> &Links {
        &self.inner.links
    }

    /// Which.
    #[must_use]
    pub fn id(&self) -> &ServerId {
        &self.inner.links.id
    }

    /// How people call it.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.inner.links.label
    }

    /// Its address.
    #[must_use]
    pub fn base(&self) -> &Url {
        self.inner.links.api.base()
    }

    /// Its HTTP interface, typed.
    #[must_use]
    pub fn api(&self) -> &Api {
        &self.inner.links.api
    }

    /// The link, live.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<ConnectionView> {
        self.inner.links.connection.status()
    }

    /// Who is signed in; none until the server has said so.
    #[must_use]
    pub fn user(&self) -> watch::Receiver<Option<User>> {
        self.inner.user.clone()
    }

    /// The user's workspaces with their projects, live.
    #[must_use]
    pub fn workspaces(&self) -> watch::Receiver<Vec<WorkspaceView>> {
        self.inner.workspaces.clone()
    }

    /// The documents of a scope, live. Watching ends when the receiver is dropped.
    #[must_use]
    pub fn documents(&self, scope: ScopeView) -> watch::Receiver<DocumentList> {
        let (publish, list) = watch::channel(DocumentList::Loading);
        let documents = documents::Documents {
            links: self.inner.links.clone(),
            scope,
            user: self.user(),
            publish,
        };
        tokio::spawn(documents.run());
        list
    }

    /// Tries to connect now, and to save what could not be saved.
    pub fn retry(&self) {
        self.inner.links.connection.retry();
        for canvas in self.canvases() {
            canvas.save_now();
        }
    }

    /// The same user has signed in again: the earlier sign-in ends. Open canvases go on in their windows, with their
    /// edits, as after a lease that ended (X03).
    pub fn renew(&self, token: Token) {
        self.inner.links.connection.renew(token);
    }

    /// Opens a canvas for a window with this label: a new session (S01). The drawing and the lock follow on their own.
    /// One that this app is still importing is opened when it is there.
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
        self.inner.links.filling.ended(document).await;
        let document = self.api().document(document).await?;
        let whose = self.whose(&document).await?;
        let opening = Opening {
            mode,
            window: window.to_owned(),
            whose,
        };
        Ok(Canvas::open(&self.inner.links, document, opening))
    }

    async fn whose(&self, document: &Document) -> Result<Whose, CommandError> {
        let known = self.inner.user.borrow().clone();
        let user = match known {
            Some(user) => user,
            None => {
                let me = self.api().me().await?;
                User {
                    id: me.id,
                    name: me.name,
                }
            }
        };
        let (role, workspace) = match document.workspace_id {
            None => (Role::Owner, None),
            Some(id) => {
                let workspace = self.api().workspace(id).await?;
                (workspace.role, Some(workspace.name))
            }
        };
        Ok(Whose {
            user,
            role,
            workspace,
        })
    }

    /// The canvases that are open now.
    #[must_use]
    pub fn canvases(&self) -> Vec<Canvas> {
        self.inner.links.canvases.of_server(self.id())
    }

    /// The user's locks, wherever they are held.
    ///
    /// # Errors
    ///
    /// Where the server can't be asked.
    pub async fn own_locks(&self) -> Result<Vec<OwnLockView>, CommandError> {
        let mut own = Vec::new();
        for session in self.api().own_sessions().await? {
            for lock in session.locks {
                let name = match &lock.resource {
                    Resource::Workspace { id } => {
                        self.api().workspace(*id).await.map(|workspace| workspace.name)
                    }
                    Resource::Document { id } => self.api().document(*id).await.map(|document| document.name),
                    Resource::Element { .. } => continue,
                };
                own.push(OwnLockView {
                    server: self.id().clone(),
                    // what vanished between the two questions has no name any more, and no lock
                    name: match name {
                        Ok(name) => name,
                        Err(error) if error.problem().is_some() => continue,
                        Err(error) => return Err(error.into()),
                    },
                    device_name: lock.device_name,
                    since: lock.acquired_at,
                    window: self.inner.links.canvases.window_of(lock.session_id),
                    resource: lock.resource,
                });
            }
        }
        own.sort_by_key(|lock| std::cmp::Reverse(lock.since));
        Ok(own)
    }

    /// Releases a lock of the user's own, in whatever window or device it is held: a window of this app flushes first.
    ///
    /// # Errors
    ///
    /// Where the server refuses or can't be reached.
    pub async fn release_own_lock(&self, resource: &Resource) -> Result<(), CommandError> {
        if let Resource::Document { id } = resource {
            for canvas in self.inner.links.canvases.of(*id) {
                if canvas.state().borrow().editable {
                    return canvas.stop_editing().await;
                }
            }
        }
        let released = self
            .api()
            .force_release(resource, "Released by its user from another device")
            .await;
        Ok(released?)
    }

    /// Asks to be told, or no longer, when a document's lock frees ([`crate::Client::freed`]).
    ///
    /// # Errors
    ///
    /// Where the document is not to be seen.
    pub async fn notify_me(&self, document: DocumentId, on: bool) -> Result<(), CommandError> {
        let waiting = &self.inner.links.waiting;
        if on {
            let document = self.api().document(document).await?;
            waiting.set(document.id, &document.name, true);
        } else {
            waiting.set(document, "", false);
        }
        for canvas in self.inner.links.canvases.of(document) {
            canvas.set_notify_me(on);
        }
        Ok(())
    }

    /// The documents waited for, live.
    #[must_use]
    pub fn waiting(&self) -> watch::Receiver<Vec<WaitView>> {
        self.inner.links.waiting.list()
    }

    /// Imports an `.excalidraw` file as a new document named after it.
    #[must_use]
    pub fn import(&self, path: PathBuf, scope: ScopeView) -> Job {
        let api = self.api().clone();
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let place = copying::Place::new(&self.inner.links, name.clone(), scope);
        Job::start(&name, async move |reporter| {
            jobs::import(&api, &path, place, reporter).await
        })
    }

    /// Exports a document to an `.excalidraw` file; a canvas open here with its unsaved edits.
    #[must_use]
    pub fn export(&self, document: DocumentId, path: PathBuf) -> Job {
        let canvases = self.inner.links.canvases.of(document);
        let editing = canvases
            .into_iter()
            .find(|canvas| canvas.state().borrow().save.unsaved() > 0);
        if let Some(canvas) = editing {
            return canvas.export(path);
        }
        let api = self.api().clone();
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        Job::start(&name, async move |reporter| {
            let picture = copying::picture_of(&api, document).await?;
            jobs::export(&api, document, picture, &path, reporter).await
        })
    }

    /// Makes a copy in the same scope, or in the personal one where the user may not write there.
    ///
    /// # Errors
    ///
    /// Where the server refuses or can't be reached; nothing is left behind.
    pub async fn copy(&self, document: DocumentId) -> Result<Document, CommandError> {
        copying::of_document(&self.inner.links, document, None).await
    }

    /// Closes all canvases and ends the sign-in. The caller forgets the token.
    pub async fn sign_out(&self, budget: Duration) -> Vec<CloseReport> {
        let reports = close_canvases(&self.canvases(), budget).await;
        match tokio::time::timeout(budget, self.api().sign_out()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the server was not told of the sign-out"),
            Err(_) => tracing::warn!("the server did not answer the sign-out in time"),
        }
        self.inner.links.waiting.forget();
        self.left_behind().await;
        self.stop();
        reports
    }

    /// What could not be saved before the sign-out is nobody's to go on with unasked.
    async fn left_behind(&self) {
        let shelf = &self.inner.links.shelf;
        for draft in shelf.drafts().await {
            if draft.server == *self.id() && draft.why == DraftReason::Crash {
                shelf.relabel(&draft.id, DraftReason::SignedOut).await;
            }
        }
    }

    /// Closes all canvases within the budget, then the link.
    pub async fn close(&self, budget: Duration) -> Vec<CloseReport> {
        self.close_all(self.canvases(), budget).await
    }

    pub(crate) async fn close_all(&self, canvases: Vec<Canvas>, budget: Duration) -> Vec<CloseReport> {
        let reports = close_canvases(&canvases, budget).await;
        self.stop();
        reports
    }

    pub(crate) fn stop(&self) {
        self.inner.links.waiting.clear();
        self.inner.stop.cancel();
        self.inner.links.connection.stop();
    }
}

async fn close_canvases(canvases: &[Canvas], budget: Duration) -> Vec<CloseReport> {
    join_all(canvases.iter().map(|canvas| canvas.close(budget))).await
}
