//! A canvas window: one session, one lock machine, one journal.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use holdfast_protocol::{DocumentId, SessionId};
use tokio::sync::{mpsc, watch};

use crate::{
    jobs::Job,
    view::{CanvasContent, CanvasEvent, CanvasState, CommandError, Edit, PresenceState, ServerId},
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

/// A canvas. Cheap to clone; it lives until [`Canvas::close`].
#[derive(Debug, Clone)]
pub struct Canvas {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {}

impl Canvas {
    /// Its server.
    #[must_use]
    pub fn server(&self) -> &ServerId {
        unimplemented!()
    }

    /// Its document.
    #[must_use]
    pub fn document(&self) -> DocumentId {
        unimplemented!()
    }

    /// Its session.
    #[must_use]
    pub fn session(&self) -> SessionId {
        unimplemented!()
    }

    /// The label of its window.
    #[must_use]
    pub fn window(&self) -> &str {
        unimplemented!()
    }

    /// The state, live. Ends when the canvas is closed.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<CanvasState> {
        unimplemented!()
    }

    /// What the window is told, in order, beginning with `State` and `People`. A later call ends the earlier stream (a reload).
    pub async fn events(&self) -> mpsc::Receiver<CanvasEvent> {
        unimplemented!()
    }

    /// The drawing with the edits that are not acknowledged. What happens after it comes as events.
    ///
    /// # Errors
    ///
    /// Where it was never read yet and the server can't be reached.
    pub async fn content(&self) -> Result<CanvasContent, CommandError> {
        unimplemented!()
    }

    /// A file's bytes.
    ///
    /// # Errors
    ///
    /// Where the drawing has no such file, or it can't be fetched.
    pub async fn file(&self, id: &str) -> Result<Bytes, CommandError> {
        unimplemented!()
    }

    /// Takes edits; done when they are on disk.
    ///
    /// # Errors
    ///
    /// `read_only` where the canvas is not editable (C06); `disk` where they could only be kept in memory;
    /// `invalid` where an element is none.
    pub async fn edit(&self, edit: Edit) -> Result<(), CommandError> {
        unimplemented!()
    }

    /// Takes a file's bytes, before an edit that refers to it; done when they are on disk.
    ///
    /// # Errors
    ///
    /// As [`Canvas::edit`]; `too_large` over 16 MiB; `bad_file` for what is no image.
    pub async fn add_file(&self, id: String, mime_type: String, bytes: Bytes) -> Result<(), CommandError> {
        unimplemented!()
    }

    /// The window has sent all its edits: the answer to `Flush`.
    pub fn flushed(&self) {
        unimplemented!()
    }

    /// Tells the others where this window's pointer is. Lossy, at most one each 50 ms.
    pub fn presence(&self, state: PresenceState) {
        unimplemented!()
    }

    /// There was input: the idle clock starts anew.
    pub fn input(&self) {
        unimplemented!()
    }

    /// Asks the server again who holds the lock, and takes it where it is free.
    ///
    /// # Errors
    ///
    /// Where the server can't be asked; a lock that is held is no error but a state.
    pub async fn check_again(&self) -> Result<(), CommandError> {
        unimplemented!()
    }

    /// Takes the lock where it is free.
    ///
    /// # Errors
    ///
    /// `lock_held` with the holder; others where the server can't be asked.
    pub async fn start_editing(&self) -> Result<(), CommandError> {
        unimplemented!()
    }

    /// Flushes, commits, releases; the window stays and looks on.
    ///
    /// # Errors
    ///
    /// Where the server could not be told; the lease then ends by itself.
    pub async fn stop_editing(&self) -> Result<(), CommandError> {
        unimplemented!()
    }

    /// Takes the lock by force, with a reason (L08).
    ///
    /// # Errors
    ///
    /// `forbidden` where the user has no right to.
    pub async fn take_over(&self, reason: &str) -> Result<(), CommandError> {
        unimplemented!()
    }

    /// Takes the lock over from an own window: one of this app flushes and commits first (C03).
    ///
    /// # Errors
    ///
    /// As [`Canvas::take_over`].
    pub async fn move_editing_here(&self) -> Result<(), CommandError> {
        unimplemented!()
    }

    /// Asks to be told, or no longer, when the lock frees.
    ///
    /// # Errors
    ///
    /// As [`crate::Server::notify_me`].
    pub async fn notify_me(&self, on: bool) -> Result<(), CommandError> {
        unimplemented!()
    }

    /// Makes a new document of the drawing as this window has it, kept edits included, and lets go of the kept edits.
    ///
    /// # Errors
    ///
    /// Where the server refuses or can't be reached; the kept edits stay.
    pub async fn keep_draft_as_copy(&self) -> Result<DocumentId, CommandError> {
        unimplemented!()
    }

    /// Exports the drawing as this window has it, unsaved edits included.
    #[must_use]
    pub fn export(&self, path: std::path::PathBuf) -> Job {
        unimplemented!()
    }

    /// Flushes the window, commits what is pending, releases and ends the session, within the budget (C04).
    /// What could not be committed stays in the journal.
    pub async fn close(&self, budget: Duration) -> CloseReport {
        unimplemented!()
    }
}
