//! What a window's user decides about edits that are off the drawing: drafts, and conflicts.

use holdfast_protocol::DocumentId;
use tokio::sync::oneshot;

use super::{Canvas, closed, command::Command};
use crate::{
    journal::DraftId,
    view::{CommandError, ConflictContent, Resolution},
};

impl Canvas {
    /// Makes a new document of the drawing that the kept edits were made on and these edits, and lets go of them here.
    ///
    /// # Errors
    ///
    /// Where the server refuses or can't be reached; the kept edits stay.
    pub async fn keep_draft_as_copy(&self) -> Result<DocumentId, CommandError> {
        let (reply, kept) = oneshot::channel();
        self.tell(Command::KeptDraft(reply));
        let Some(draft) = kept.await.map_err(|_| closed())? else {
            return Err(CommandError::of("not_found", "No edits are kept here."));
        };
        let document = self.inner.links.save_draft_as_copy(&draft).await?;
        self.tell(Command::KeptDraftSaved);
        Ok(document)
    }

    /// The three drawings of the conflict that the state shows.
    ///
    /// # Errors
    ///
    /// Where there is none any more.
    pub async fn conflict_content(&self) -> Result<ConflictContent, CommandError> {
        self.ask(Command::ConflictContent).await
    }

    /// The user's word on a conflict (X04 to X06), given at a revision; done when nothing is under way any more, with the new
    /// document where a copy was made.
    ///
    /// # Errors
    ///
    /// `conflict_moved` where the other side has changed meanwhile; `lock_held` with the holder; `invalid` where choices are
    /// missing. The conflict is then open as before.
    pub async fn resolve(
        &self,
        id: &str,
        revision: u32,
        resolution: Resolution,
    ) -> Result<Option<DocumentId>, CommandError> {
        self.input();
        let id = id.to_owned();
        let resolve = |reply| Command::Resolve {
            id,
            revision,
            resolution,
            reply,
        };
        self.ask(resolve).await
    }

    /// Goes on with a draft of the shelf (X03): its edits are in the drawing again, and sent; or there is a conflict, where
    /// others have saved since.
    ///
    /// # Errors
    ///
    /// `lock_held` with the holder where somebody else is editing and has saved nothing yet: the draft stays on the shelf, and
    /// goes on once this window may edit.
    pub async fn open_draft(&self, id: &DraftId) -> Result<(), CommandError> {
        let id = id.clone();
        self.ask(|reply| Command::OpenDraft(id, reply)).await
    }
}
