//! What everything of one server shares.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use holdfast_protocol::DocumentId;
use tokio::sync::watch;

use super::{Canvases, Filling, Waiting};
use crate::{
    api::Api,
    clock::Clock,
    connection::Connection,
    drafts,
    journal::{DraftId, Shelf},
    view::{CommandError, ConnectionView, ServerId},
};

/// What everything of one server shares. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Links {
    pub(crate) id: ServerId,
    pub(crate) label: String,
    pub(crate) api: Api,
    pub(crate) connection: Connection,
    pub(crate) shelf: Shelf,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) canvases: Canvases,
    pub(crate) waiting: Waiting,
    pub(crate) filling: Filling,
    pub(crate) idle_release: Duration,
    pub(crate) stop_when_lapsed: watch::Receiver<bool>,
    pub(crate) lease_ttl: Option<Duration>,
    pub(crate) device: Arc<RwLock<String>>,
}

impl Links {
    /// What others see as the holder's device.
    pub(crate) fn device_name(&self) -> String {
        self.device.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the server takes this user's word.
    pub(crate) fn is_signed_in(&self) -> bool {
        !matches!(
            *self.connection.status().borrow(),
            ConnectionView::SignedOut { .. }
        )
    }

    /// Makes a new document of a draft of this server's; the draft goes once that is there.
    pub(crate) async fn save_draft_as_copy(&self, id: &DraftId) -> Result<DocumentId, CommandError> {
        let copy = drafts::save_as_copy(&self.shelf, id, Some(self), None).await?;
        Ok(copy.document)
    }
}
