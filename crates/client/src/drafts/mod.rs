//! The shelf of drafts as people use it: listed live, looked at, saved as a copy. That a draft is gone on with is a canvas's
//! affair, [`crate::Canvas::open_draft`]; how it lies on the disk, the [`crate::journal`]'s.
//!
//! **Only the user's word removes a draft**, with one exception: edits that are proved to be what the server has are no
//! draft at all.

mod content;
mod copy;
mod watching;

pub use copy::DraftCopy;
pub(crate) use copy::save_as_copy;
pub(crate) use watching::watch;

use bytes::Bytes;

use crate::{
    client::Client,
    journal::{DraftId, Recovered},
    view::{CommandError, DraftContent, ServerId},
};

impl Client {
    /// A draft's drawings: what it was made on, that with its edits, and what the server has now where that can be had.
    ///
    /// # Errors
    ///
    /// Where it is gone, or what it was made on can't be had.
    pub async fn draft_content(&self, id: &DraftId) -> Result<DraftContent, CommandError> {
        let draft = self.read_draft(id).await?;
        let server = self.server(&draft.draft.server);
        content::drawings(&draft, server.as_ref()).await
    }

    /// The bytes of a picture of a draft: beside its journal, or at its server.
    ///
    /// # Errors
    ///
    /// Where the draft is gone, has no such picture, or it can't be fetched.
    pub async fn draft_file(&self, id: &DraftId, file_id: &str) -> Result<Bytes, CommandError> {
        let draft = self.read_draft(id).await?;
        let server = self.server(&draft.draft.server);
        content::file(&draft, server.as_ref(), file_id).await
    }

    /// Makes a new document, named after the draft's, of the drawing that the draft was made on and its edits: where the
    /// document is, or among the user's own where that is gone or closed to the user. A draft of a server that the user is
    /// not signed in to goes to `elsewhere`. The draft goes once all of it is there.
    ///
    /// # Errors
    ///
    /// Where its server is out of reach or refuses; the draft stays.
    pub async fn save_draft_as_copy(
        &self,
        id: &DraftId,
        elsewhere: Option<&ServerId>,
    ) -> Result<DraftCopy, CommandError> {
        let draft = self.read_draft(id).await?.draft;
        let own = self.server(&draft.server);
        let elsewhere = elsewhere.and_then(|server| self.server(server));
        save_as_copy(
            self.shelf(),
            id,
            own.as_ref().map(crate::Server::links),
            elsewhere.as_ref().map(crate::Server::links),
        )
        .await
    }

    async fn read_draft(&self, id: &DraftId) -> Result<Recovered, CommandError> {
        self.shelf().read(id).await.ok_or_else(gone)
    }
}

fn gone() -> CommandError {
    CommandError::of("not_found", "This draft is not there any more.")
}
