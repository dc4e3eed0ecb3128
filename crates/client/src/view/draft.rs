//! The shelf of drafts: edits that could not be committed or were put aside. Only the user's word removes one.

use holdfast_protocol::{DocumentId, Timestamp};
use serde::{Deserialize, Serialize};

use super::{CanvasContent, ServerId};

/// A draft on this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct DraftView {
    /// Which.
    pub id: String,
    /// Of a document of which server,
    pub server: ServerId,
    /// of which document,
    pub document_id: DocumentId,
    /// and how that was called when it was last seen.
    pub name: String,
    /// The version that it was made on.
    #[ts(type = "number")]
    pub base_version: i64,
    /// When its last edit was made, by this device's clock, where that is known.
    pub at: Option<Timestamp>,
    /// How many changed elements.
    pub changes: u32,
    /// Why it is here.
    pub why: DraftReason,
}

/// Why edits are a draft and not in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum DraftReason {
    /// Others changed the document meanwhile.
    Conflict,
    /// The lock went before they were sent.
    LostLock,
    /// The app ended before they were sent.
    Crash,
    /// The user chose the other side of a conflict.
    PutAside,
    /// The user was signed out before they were sent.
    SignedOut,
    /// The document was deleted, or the user lost access.
    Gone,
}

/// Where a draft that was saved as a copy is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct DraftCopyView {
    /// Which server has the copy,
    pub server: ServerId,
    /// and how people call that.
    pub server_label: String,
    /// The copy.
    pub document_id: DocumentId,
    /// How many pictures could not be had any more. Where one of the draft's own is among them, the draft stays.
    pub missing_pictures: u32,
}

/// The drawings of a draft: what `draft_content` answers, as raw JSON bytes.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS)]
pub struct DraftContent {
    /// What it was made on.
    pub base: CanvasContent,
    /// That with the draft's edits.
    pub mine: CanvasContent,
    /// What the server has now; null where that can't be had.
    pub theirs: Option<CanvasContent>,
}
