//! Edits on disk until the server has acknowledged them.

use holdfast_protocol::DocumentId;

use crate::view::ServerId;

/// Names a draft on this device.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DraftId(pub String);

/// Edits on disk that were not acknowledged and that nobody is about to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Which.
    pub id: DraftId,
    /// The server that the document is on.
    pub server: ServerId,
    /// The document.
    pub document: DocumentId,
    /// Its name when the draft was made.
    pub name: String,
    /// The document's version that the edits were made on.
    pub base_version: i64,
    /// When it was last written, in milliseconds since the Unix epoch, by this device's clock: to show, not to compare.
    pub edited_at_ms: i64,
    /// How many elements, files and scene changes it has.
    pub changes: u32,
}
