//! One canvas window.

use holdfast_protocol::{
    DocumentId, SessionId, Timestamp,
    account::{Role, User},
    document::DocumentKind,
};
use serde::{Deserialize, Serialize};

use super::{ConflictView, ConnectionView, ServerId};

/// All that a canvas window shows beside the drawing itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct CanvasState {
    /// Which server.
    pub server: ServerId,
    /// How people call it: "On this device", or its host.
    pub server_label: String,
    /// The document.
    pub document_id: DocumentId,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: DocumentKind,
    /// The workspace's name; null for a personal document.
    pub workspace: Option<String>,
    /// What the user may do; owner of own documents.
    pub role: Role,
    /// Who is looking at this window.
    pub user: User,
    /// This window's session.
    pub session_id: SessionId,
    /// Whether strokes are accepted now. The webview checks nothing else.
    pub editable: bool,
    /// The lock.
    pub lock: LockView,
    /// What has become of the edits.
    pub save: SaveView,
    /// The link to the server.
    pub connection: ConnectionView,
    /// Whether the user asked to be told when the lock frees.
    pub notify_me: bool,
    /// Two versions that the user has to choose between; null while there is but one.
    pub conflict: Option<ConflictView>,
}

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct HolderView {
    /// The holder.
    pub user: User,
    /// The device.
    pub device_name: String,
    /// Since when, by the server's clock.
    pub since: Timestamp,
    /// Whether the holder is the same user.
    pub same_user: bool,
    /// The label of the window that holds it, where that is one of this app (C03).
    pub window: Option<String>,
}

/// This window's lock on its document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum LockView {
    /// Asked, not answered yet.
    Acquiring,
    /// This window may edit.
    Held {
        /// Since when, by the server's clock.
        since: Timestamp,
        /// How long it can still be relied on without a heartbeat, in milliseconds. Shown while offline.
        #[ts(type = "number")]
        remaining_ms: i64,
    },
    /// Somebody else, or another window, holds it.
    HeldByOther {
        /// Who.
        holder: HolderView,
        /// Whether this user may take it over.
        can_take_over: bool,
    },
    /// Nobody holds it; the window reads only, by choice or because it waits to be asked.
    Free,
    /// This window held it and its time ran out while the server could not be reached: others may be editing now.
    Lapsed {
        /// For how long, in milliseconds.
        #[ts(type = "number")]
        for_ms: i64,
    },
    /// This window held it and lost it (C06).
    Lost {
        /// Why.
        why: LossReason,
        /// Who took it, where somebody did.
        by: Option<User>,
        /// The reason that was given.
        reason: Option<String>,
        /// Who holds it now.
        holder: Option<HolderView>,
        /// Whether this user may take it back.
        can_take_over: bool,
        /// Edits kept as a draft on this device.
        kept_changes: u32,
    },
    /// This user may only look.
    NotAllowed,
    /// The document was deleted, or the user lost access.
    Gone {
        /// Edits kept as a draft on this device.
        kept_changes: u32,
    },
}

/// Why a window lost its lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum LossReason {
    /// Somebody with the right to do so took it over.
    TakenOver,
    /// Somebody freed it.
    ForcedFree,
    /// Another window of this user moved the editing there.
    MovedToOwnWindow,
    /// The lease ran out.
    Expired,
    /// No input for long.
    Idle,
    /// Access changed.
    Revoked,
    /// Signed out.
    SignedOut,
}

/// What has become of the edits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SaveView {
    /// All of them are at the server.
    Saved {
        /// The document's version.
        #[ts(type = "number")]
        version: i64,
    },
    /// On their way; on this device's disk already or within 300 ms.
    Saving {
        /// How many changed elements.
        pending: u32,
    },
    /// On this device's disk; the server can't be reached.
    Offline {
        /// How many changed elements.
        pending: u32,
    },
    /// Kept on this device; they can't be sent as things are.
    Draft {
        /// How many changed elements.
        changes: u32,
    },
    /// Saving keeps failing.
    Failing {
        /// For how long, in milliseconds.
        #[ts(type = "number")]
        for_ms: i64,
        /// What is wrong and what is safe.
        detail: String,
        /// How many changed elements.
        pending: u32,
        /// Whether they are at least on this device's disk.
        on_disk: bool,
    },
}

/// Somebody else who looks at the canvas.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct PersonView {
    /// The window that looks.
    pub session_id: SessionId,
    /// Who.
    pub user: User,
    /// Whether it is this user in another window.
    pub own: bool,
    /// Whether this session holds the lock.
    pub editing: bool,
    /// Where the pointer is, in scene coordinates.
    pub pointer: Option<Pointer>,
    /// What is selected.
    pub selected: Vec<String>,
}

/// A pointer in scene coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct Pointer {
    /// Across.
    pub x: f64,
    /// Down.
    pub y: f64,
}

/// What a window tells others about itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct PresenceState {
    /// Where the pointer is; null when it left.
    pub pointer: Option<Pointer>,
    /// What is selected.
    #[serde(default)]
    pub selected: Vec<String>,
}

/// An element as the webview gets and gives it: whole, as JSON.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS)]
pub struct ElementData {
    /// Its id.
    pub id: String,
    /// All of it. Its `index` is one that sorts the element to its place, also where the stored one does not.
    #[ts(type = "unknown")]
    pub data: holdfast_protocol::Json,
}

/// A file (image) that elements refer to; its bytes are fetched one by one.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS)]
pub struct FileData {
    /// The canvas's own id for it.
    pub id: String,
    /// `mimeType`, `created` and what else the file said of it, without `dataURL`.
    #[ts(type = "unknown")]
    pub data: holdfast_protocol::Json,
}

/// The drawing: what `canvas_content` answers, as raw JSON bytes.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS)]
pub struct CanvasContent {
    /// The drawing's version at the server that this is built on.
    #[ts(type = "number")]
    pub version: i64,
    /// In drawing order, with the edits that are not acknowledged yet.
    pub elements: Vec<ElementData>,
    /// The file's `appState`; an empty object where there is none.
    #[ts(type = "unknown")]
    pub app_state: holdfast_protocol::Json,
    /// The files.
    pub files: Vec<FileData>,
}

/// Edits of one moment, from the webview: the body of `canvas_edit`, as raw JSON bytes.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ts_rs::TS)]
pub struct Edit {
    /// Elements created or changed, whole.
    pub puts: Vec<ElementData>,
    /// Elements deleted.
    pub deletes: Vec<String>,
    /// The file's `appState`, where what belongs into the file changed (background, grid).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "unknown")]
    pub app_state: Option<holdfast_protocol::Json>,
    /// Files that elements now refer to; their bytes were given with `canvas_add_file` before.
    #[serde(default)]
    pub files: Vec<FileData>,
}

/// What a canvas window is told, in order, over its channel.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CanvasEvent {
    /// The state, whole.
    State {
        /// Replaces the one before.
        state: Box<CanvasState>,
    },
    /// Others' changes, to be put into the drawing outside of undo.
    Remote {
        /// The changes, as JSON text of an [`Edit`] (kept as text across the boundary).
        #[ts(type = "Edit")]
        edit: serde_json::Value,
    },
    /// The drawing is another one now (after a gap, or edits undone): fetch it again with `canvas_content`.
    Reload,
    /// Who else is here, whole.
    People {
        /// Replaces the list before.
        people: Vec<PersonView>,
    },
    /// The window is about to close or to lose its lock: send what is not sent yet with `canvas_edit`, then call `canvas_flushed`.
    Flush,
    /// Edits that an earlier run of the app left behind are in the drawing again (X07).
    Recovered {
        /// How many changed elements.
        changes: u32,
        /// When the last of them was made, by this device's clock, where that is known.
        at: Option<Timestamp>,
    },
}
