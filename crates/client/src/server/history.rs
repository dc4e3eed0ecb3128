//! A document's versions: listed, looked at, named, restored, copied (D07).

use std::time::Duration;

use holdfast_protocol::{
    CommitId, DocumentId, SessionId,
    document::{CommitAnswer, CommitEntry, Document, RestoreRequest},
    lock::Resource,
    session::OpenSession,
};

use super::Server;
use crate::{
    api::{Api, ApiError},
    canvas::Canvas,
    copying,
    view::{CanvasContent, CommandError, HistoryPage, HolderView, VersionView},
};

/// How often a restore without an answer is sent again: with the same commit's id it is done once (D05).
const TRIES: u32 = 3;
/// The wait before that.
const AGAIN: Duration = Duration::from_millis(500);

impl Server {
    /// A part of a document's history, newest first, below a version.
    ///
    /// # Errors
    ///
    /// Where the document can't be read.
    pub async fn history(
        &self,
        document: DocumentId,
        before: Option<i64>,
    ) -> Result<HistoryPage, CommandError> {
        let page = self.api().commits(document, before).await?;
        Ok(HistoryPage {
            entries: page.items.into_iter().map(version_view).collect(),
            next: page.next.and_then(|next| next.parse().ok()),
        })
    }

    /// The drawing as it was at a version.
    ///
    /// # Errors
    ///
    /// Where there is no such version (any more), or it can't be read.
    pub async fn version_content(
        &self,
        document: DocumentId,
        version: i64,
    ) -> Result<CanvasContent, CommandError> {
        self.content_at(document, Some(version)).await
    }

    /// Gives a version a name, or takes it away. Named versions are never thinned out.
    ///
    /// # Errors
    ///
    /// Where the name is none, or the user may not write.
    pub async fn name_version(
        &self,
        document: DocumentId,
        version: i64,
        name: Option<&str>,
    ) -> Result<(), CommandError> {
        self.api().name_version(document, version, name).await?;
        Ok(())
    }

    /// Goes back to a version by a commit: in the window that holds the lock where that is one of this app, after what it
    /// has is saved; else with the lock taken for that moment.
    ///
    /// # Errors
    ///
    /// `lock_held` with the holder; `unsaved` where a window's edits can't be saved before.
    pub async fn restore_version(&self, document: DocumentId, version: i64) -> Result<(), CommandError> {
        let holds = |canvas: &Canvas| canvas.server() == self.id() && canvas.state().borrow().editable;
        let canvases = self.links().canvases.of(document);
        if let Some(canvas) = canvases.iter().find(|canvas| holds(canvas)) {
            let mut beside = canvas.saved_with().await?;
            let made = restore(self.api(), document, version, beside.session(), beside.fence).await?;
            beside.version = Some(made.version);
            return Ok(());
        }
        let session = SessionId::random();
        let restored = self.restore_by(session, document, version).await;
        if let Err(error) = self.api().end_session(session).await {
            tracing::debug!(%error, "a restoring session ends with its lease");
        }
        restored.map_err(|error| self.with_window(error))
    }

    async fn restore_by(
        &self,
        session: SessionId,
        document: DocumentId,
        version: i64,
    ) -> Result<(), ApiError> {
        let about = self.api().document(document).await?;
        let request = OpenSession {
            session_id: session,
            workspace_id: about.workspace_id,
            device_name: self.links().device_name(),
            ttl_ms: None,
        };
        self.api().open_session(&request).await?;
        let resource = Resource::Document { id: document };
        let fence = self.api().acquire(&resource, session).await?.lock.fence;
        restore(self.api(), document, version, session, fence).await?;
        Ok(())
    }

    /// An error that names a holder, with the window where it is one of this app.
    fn with_window(&self, error: ApiError) -> CommandError {
        let holder = error.problem().and_then(|problem| problem.holder.as_deref());
        let own = self.user().borrow().as_ref().map(|user| user.id);
        let holder = holder.map(|lock| {
            let window = self.links().canvases.window_of(lock.session_id);
            HolderView::of(lock, Some(lock.user_id) == own, window)
        });
        CommandError {
            holder,
            ..error.into()
        }
    }

    /// Makes a new document of a version, beside the document or among the user's own.
    ///
    /// # Errors
    ///
    /// Where the server refuses or can't be reached; nothing is left behind.
    pub async fn copy_version(&self, document: DocumentId, version: i64) -> Result<Document, CommandError> {
        copying::of_document(self.links(), document, Some(version)).await
    }
}

/// The restoring commit; sent again where its answer was lost.
async fn restore(
    api: &Api,
    document: DocumentId,
    version: i64,
    session_id: SessionId,
    fence: i64,
) -> Result<CommitAnswer, ApiError> {
    let request = RestoreRequest {
        version,
        session_id,
        fence,
        commit_id: CommitId::random(),
    };
    let mut tries = 1;
    loop {
        match api.restore(document, &request).await {
            Ok(made) => return Ok(made),
            Err(error) if error.is_passing() && tries < TRIES => {
                tries += 1;
                tokio::time::sleep(AGAIN).await;
            }
            Err(error) => return Err(error),
        }
    }
}

fn version_view(entry: CommitEntry) -> VersionView {
    VersionView {
        version: entry.version,
        by: entry.by,
        device_name: entry.device_name,
        at: entry.at,
        changes: u32::try_from(entry.change_count).unwrap_or(u32::MAX),
        name: entry.name,
        restored_version: entry.restored_version,
    }
}
