//! What the facade asks of the canvas's actor.

use std::time::Duration;

use bytes::Bytes;
use holdfast_protocol::DocumentId;
use tokio::sync::{mpsc, oneshot};

use super::CloseReport;
use crate::{
    journal::NotOnDisk,
    view::{CanvasContent, CanvasEvent, CommandError, ConflictContent, Edit, PresenceState, Resolution},
};

pub(super) type Reply<T> = oneshot::Sender<Result<T, CommandError>>;
/// Tells when something accepted is on disk.
pub(super) type OnDisk = oneshot::Receiver<Result<(), NotOnDisk>>;

/// A file of the drawing: its hash, and where its bytes are if this device has them.
#[derive(Debug)]
pub(super) struct FileSource {
    pub(super) sha256: String,
    pub(super) bytes: Option<Bytes>,
}

/// How a window wants the lock.
#[derive(Debug, Clone)]
pub(super) enum Wish {
    /// Where it is free.
    IfFree {
        /// Whether a refusal is an error: it is none for somebody who only looks again.
        refusal_is_error: bool,
    },
    /// From whoever has it.
    Force { reason: String },
}

/// Why the window sends what it has not sent yet.
#[derive(Debug)]
pub(super) enum Farewell {
    /// The lock is about to pass to another window of the user's.
    Flush(Reply<()>),
    /// The user stops editing.
    Stop(Reply<()>),
    /// There was no input for long.
    Idle,
    /// The window closes.
    Close(oneshot::Sender<CloseReport>),
}

/// What the actor is asked to do.
#[derive(Debug)]
pub(super) enum Command {
    Events(oneshot::Sender<mpsc::Receiver<CanvasEvent>>),
    Content(Reply<CanvasContent>),
    File(String, Reply<FileSource>),
    Edit(Box<Edit>, Reply<Option<OnDisk>>),
    AddFile {
        id: String,
        mime_type: String,
        bytes: Bytes,
        reply: Reply<OnDisk>,
    },
    Flushed,
    /// What could not be saved is tried again now.
    SaveNow,
    Presence(PresenceState),
    Lock(Wish, Reply<()>),
    Farewell(Farewell, Duration),
    NotifyMe(bool, Option<Reply<()>>),
    /// The drawings of the conflict.
    ConflictContent(Reply<ConflictContent>),
    /// The user's word on it.
    Resolve {
        id: String,
        revision: u32,
        resolution: Resolution,
        reply: Reply<Option<DocumentId>>,
    },
    /// Goes on with a draft of the shelf.
    OpenDraft(crate::journal::DraftId, Reply<()>),
    /// The fence to write with beside the window, where nothing waits to be saved; nothing is accepted until
    /// [`Command::Written`].
    Fence(Reply<i64>),
    /// That was done, and made this version; or it was not.
    Written(Option<i64>),
    /// The drawing as it is, to be written to a file.
    Drawing(Reply<super::Picture>),
    /// The kept edits, and the word that they are not this window's any more once they live elsewhere.
    KeptDraft(oneshot::Sender<Option<crate::journal::DraftId>>),
    KeptDraftSaved,
}
