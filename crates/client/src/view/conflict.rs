//! A conflict: two versions of one drawing, what differs, and the ways out of it (X04 to X06).

use holdfast_protocol::{Timestamp, account::User};
use serde::{Deserialize, Serialize};

use super::{CanvasContent, HolderView};

/// A conflict that waits for the user's word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct ConflictView {
    /// New for each conflict; stays while the dialog is open.
    pub id: String,
    /// Counts the updates of the other side since the conflict began.
    pub revision: u32,
    /// What this device has.
    pub mine: SideView,
    /// What the server has.
    pub theirs: SideView,
    /// The version that both were made on.
    #[ts(type = "number")]
    pub base_version: i64,
    /// Every element that differs from the base on either side, in drawing order.
    pub differences: Vec<DifferenceView>,
    /// Whether the choices that write can be taken now.
    pub lock: ConflictLock,
    /// With `held`: who.
    pub holder: Option<HolderView>,
    /// Whether this user may take the lock over.
    pub can_take_over: bool,
}

/// One of the two versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct SideView {
    /// The server's version; for one's own side the version that it was made on.
    #[ts(type = "number")]
    pub version: i64,
    /// Who saved it last.
    pub by: User,
    /// On which device.
    pub device_name: String,
    /// When it was saved, by the server's clock; null for what was not.
    pub at: Option<Timestamp>,
    /// How many elements differ from the base.
    pub changes: u32,
}

/// An element that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct DifferenceView {
    /// Which.
    pub element_id: String,
    /// Its type, and the beginning of its text.
    pub label: String,
    /// What this device did to it.
    pub mine: ChangeKind,
    /// What others did to it. Where both did something, the user chooses.
    pub theirs: ChangeKind,
}

/// What became of an element since the base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Nothing.
    Same,
    /// It is new.
    Added,
    /// It is another one.
    Changed,
    /// It is gone.
    Deleted,
}

/// The document's lock, as far as resolving a conflict goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ConflictLock {
    /// Nobody holds it.
    Free,
    /// This window does.
    Ours,
    /// Somebody else does.
    Held,
}

/// The three drawings of a conflict: what `canvas_conflict_content` answers, as raw JSON bytes.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS)]
pub struct ConflictContent {
    /// The revision of the conflict that this shows.
    pub revision: u32,
    /// What both were made on.
    pub base: CanvasContent,
    /// What this device has.
    pub mine: CanvasContent,
    /// What the server has.
    pub theirs: CanvasContent,
}

/// The user's word on a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Resolution {
    /// Show the server's version and go on from there; what this device has becomes a draft.
    Reload,
    /// The document becomes what this device has, by a commit on the server's version.
    Overwrite,
    /// What one side changed is taken; of what both changed, this. Each such element is in exactly one list.
    Merge {
        /// Elements to take from this device.
        mine: Vec<String>,
        /// Elements to take from the server.
        theirs: Vec<String>,
    },
    /// What this device has becomes a document of its own; this one shows the server's version.
    Copy,
    /// Decide later: read-only, with a draft.
    Cancel,
}
