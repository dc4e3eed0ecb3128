//! What is said about a canvas from outside.

use bytes::Bytes;
use holdfast_protocol::{
    DocumentId, Json,
    account::{Role, User},
};

/// How a window wants to open a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// Asks for the lock (C02).
    Edit,
    /// Looks only, until told otherwise.
    ReadOnly,
}

/// What became of a canvas that was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseReport {
    /// Which window it was.
    pub window: String,
    /// The document.
    pub document: DocumentId,
    /// Its name.
    pub name: String,
    /// Whether the server knows that the session has ended; else the lease ends by itself.
    pub released: bool,
    /// Changes that are kept as a draft on this device.
    pub kept_changes: u32,
}

/// A drawing as a window has it, unsaved edits included.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    pub(crate) scene: Json,
    pub(crate) elements: Vec<Json>,
    /// Id, hash, what else is said of it, and the bytes where this device has them.
    pub(crate) files: Vec<(String, String, Json, Option<Bytes>)>,
}

/// Whose windows a state is about: the user, and what the user may do.
#[derive(Debug, Clone)]
pub(crate) struct Whose {
    pub(crate) user: User,
    pub(crate) role: Role,
    pub(crate) workspace: Option<String>,
}
