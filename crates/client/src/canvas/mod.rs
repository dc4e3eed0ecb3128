//! A canvas window: one session, one lock machine, one journal, one actor that owns them.
//!
//! The actor takes one thing at a time: a command of the window, news of the connection, an answer of the server, the time.
//! What takes long runs beside it and comes back as an answer, so that no edit waits for the network.

mod about;
mod actor;
mod aside;
mod command;
mod conflicting;
mod deciding;
mod editing;
mod farewell;
mod following;
mod judging;
mod lineage;
mod locking;
mod parting;
mod people;
mod proving;
mod recovering;
mod resolving;
mod saving;
mod session;
mod showing;
mod writing;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use holdfast_protocol::{DocumentId, SessionId, document::Document};
use tokio::sync::{mpsc, oneshot, watch};

pub use self::about::{CloseReport, OpenMode};
use self::command::{Command, Farewell, Reply, Wish};
pub(crate) use self::{
    about::{Picture, Whose},
    actor::Opening,
    editing::sha256,
};
use crate::{
    clock::Tick,
    jobs::Job,
    journal::NotOnDisk,
    server::Links,
    view::{CanvasContent, CanvasEvent, CanvasState, CommandError, Edit, PresenceState, ServerId},
};

/// Presence goes out at most this often.
const PRESENCE_EVERY: Duration = Duration::from_millis(50);
/// How long another window of the user's may take to flush before its lock passes on.
const FLUSH_BUDGET: Duration = Duration::from_secs(2);

/// A canvas. Cheap to clone; it lives until [`Canvas::close`].
#[derive(Debug, Clone)]
pub struct Canvas {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    links: Links,
    document: DocumentId,
    session: SessionId,
    window: String,
    state: watch::Receiver<CanvasState>,
    commands: mpsc::UnboundedSender<Command>,
    /// When there was last input, in the clock's milliseconds.
    input: Arc<AtomicU64>,
    last_presence: AtomicU64,
}

impl Canvas {
    /// Opens a canvas; its drawing and its lock follow on their own.
    pub(crate) fn open(links: &Links, document: Document, opening: Opening) -> Self {
        let session = SessionId::random();
        let input = Arc::new(AtomicU64::new(links.clock.now().as_millis()));
        let (commands, orders) = mpsc::unbounded_channel();
        let (id, window) = (document.id, opening.window.clone());
        let (actor, state) = actor::Actor::new(links.clone(), document, opening, session, Arc::clone(&input));
        let canvas = Self {
            inner: Arc::new(Inner {
                links: links.clone(),
                document: id,
                session,
                window,
                state,
                commands,
                input,
                last_presence: AtomicU64::default(),
            }),
        };
        links.canvases.add(canvas.clone());
        tokio::spawn(actor.run(orders));
        canvas
    }

    /// Its server.
    #[must_use]
    pub fn server(&self) -> &ServerId {
        &self.inner.links.id
    }

    /// Its document.
    #[must_use]
    pub fn document(&self) -> DocumentId {
        self.inner.document
    }

    /// Its session.
    #[must_use]
    pub fn session(&self) -> SessionId {
        self.inner.session
    }

    /// The label of its window.
    #[must_use]
    pub fn window(&self) -> &str {
        &self.inner.window
    }

    /// The state, live. Ends when the canvas is closed.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<CanvasState> {
        self.inner.state.clone()
    }

    /// What the window is told, in order, beginning with `State` and `People`. A later call ends the earlier stream (a reload).
    pub async fn events(&self) -> mpsc::Receiver<CanvasEvent> {
        let (reply, events) = oneshot::channel();
        self.tell(Command::Events(reply));
        // a closed canvas has no events: an ended stream says so
        events.await.unwrap_or_else(|_| mpsc::channel(1).1)
    }

    /// The drawing with the edits that are not acknowledged. What happens after it comes as events.
    ///
    /// # Errors
    ///
    /// Where it was never read yet and the server can't be reached.
    pub async fn content(&self) -> Result<CanvasContent, CommandError> {
        self.ask(Command::Content).await
    }

    /// A file's bytes.
    ///
    /// # Errors
    ///
    /// Where the drawing has no such file, or it can't be fetched.
    pub async fn file(&self, id: &str) -> Result<Bytes, CommandError> {
        let id = id.to_owned();
        let source = self.ask(|reply| Command::File(id, reply)).await?;
        match source.bytes {
            Some(bytes) => Ok(bytes),
            None => {
                let fetched = self.inner.links.api.file(self.document(), &source.sha256).await;
                Ok(fetched?)
            }
        }
    }

    /// Takes edits; done when they are on disk.
    ///
    /// # Errors
    ///
    /// `read_only` where the canvas is not editable (C06); `disk` where they could only be kept in memory;
    /// `invalid` where an element is none.
    pub async fn edit(&self, edit: Edit) -> Result<(), CommandError> {
        self.input();
        let on_disk = self.ask(|reply| Command::Edit(Box::new(edit), reply)).await?;
        match on_disk {
            Some(on_disk) => written(on_disk).await,
            None => Ok(()),
        }
    }

    /// Takes a file's bytes, before an edit that refers to it; done when they are on disk.
    ///
    /// # Errors
    ///
    /// As [`Canvas::edit`]; `too_large` over 16 MiB; `bad_file` for what is no image.
    pub async fn add_file(&self, id: String, mime_type: String, bytes: Bytes) -> Result<(), CommandError> {
        self.input();
        let command = |reply| Command::AddFile {
            id,
            mime_type,
            bytes,
            reply,
        };
        written(self.ask(command).await?).await
    }

    /// The window has sent all its edits: the answer to `Flush`.
    pub fn flushed(&self) {
        self.tell(Command::Flushed);
    }

    /// Tells the others where this window's pointer is. Lossy, at most one each 50 ms.
    pub fn presence(&self, state: PresenceState) {
        self.input();
        let now = self.inner.links.clock.now();
        let last = Tick::from_millis(self.inner.last_presence.load(Ordering::Relaxed));
        if now.since(last) < PRESENCE_EVERY && state.pointer.is_some() {
            return;
        }
        self.inner.last_presence.store(now.as_millis(), Ordering::Relaxed);
        self.tell(Command::Presence(state));
    }

    /// Tries at once to save what could not be saved.
    pub(crate) fn save_now(&self) {
        self.tell(Command::SaveNow);
    }

    /// There was input: the idle clock starts anew.
    pub fn input(&self) {
        let now = self.inner.links.clock.now();
        self.inner.input.store(now.as_millis(), Ordering::Relaxed);
    }

    /// Asks the server again who holds the lock, and takes it where it is free.
    ///
    /// # Errors
    ///
    /// Where the server can't be asked; a lock that is held is no error but a state.
    pub async fn check_again(&self) -> Result<(), CommandError> {
        self.wish(Wish::IfFree {
            refusal_is_error: false,
        })
        .await
    }

    /// Takes the lock where it is free.
    ///
    /// # Errors
    ///
    /// `lock_held` with the holder; others where the server can't be asked.
    pub async fn start_editing(&self) -> Result<(), CommandError> {
        self.wish(Wish::IfFree {
            refusal_is_error: true,
        })
        .await
    }

    /// Flushes, commits, releases; the window stays and looks on.
    ///
    /// # Errors
    ///
    /// Where the server could not be told; the lease then ends by itself.
    pub async fn stop_editing(&self) -> Result<(), CommandError> {
        let stop = |reply| Command::Farewell(Farewell::Stop(reply), FLUSH_BUDGET);
        self.ask(stop).await
    }

    /// Takes the lock by force, with a reason (L08).
    ///
    /// # Errors
    ///
    /// `forbidden` where the user has no right to.
    pub async fn take_over(&self, reason: &str) -> Result<(), CommandError> {
        let reason = reason.to_owned();
        self.wish(Wish::Force { reason }).await
    }

    /// Takes the lock over from an own window: one of this app flushes and commits first (C03).
    ///
    /// # Errors
    ///
    /// As [`Canvas::take_over`].
    pub async fn move_editing_here(&self) -> Result<(), CommandError> {
        let document = self.document();
        for other in self.inner.links.canvases.of(document) {
            if other.session() != self.session() && other.state().borrow().editable {
                let flush = |reply| Command::Farewell(Farewell::Flush(reply), FLUSH_BUDGET);
                other.ask(flush).await?;
            }
        }
        self.take_over("Moved to another window of the same user").await
    }

    /// Asks to be told, or no longer, when the lock frees.
    ///
    /// # Errors
    ///
    /// As [`crate::Server::notify_me`].
    pub async fn notify_me(&self, on: bool) -> Result<(), CommandError> {
        let name = self.state().borrow().name.clone();
        self.inner.links.waiting.set(self.document(), &name, on);
        self.ask(|reply| Command::NotifyMe(on, Some(reply))).await
    }

    /// The wait for the lock has ended elsewhere.
    pub(crate) fn set_notify_me(&self, on: bool) {
        self.tell(Command::NotifyMe(on, None));
    }

    /// Saves what the window has, and answers what to write with. The window stands still until that is dropped.
    pub(crate) async fn saved_with(&self) -> Result<WriteBeside, CommandError> {
        let flush = |reply| Command::Farewell(Farewell::Flush(reply), FLUSH_BUDGET);
        self.ask(flush).await?;
        // from here on it is let go of, whoever gives up waiting
        let mut beside = WriteBeside {
            canvas: self.clone(),
            fence: 0,
            version: None,
        };
        beside.fence = self.ask(Command::Fence).await?;
        Ok(beside)
    }

    /// Exports the drawing as this window has it, unsaved edits included.
    #[must_use]
    pub fn export(&self, path: PathBuf) -> Job {
        let name = self.state().borrow().name.clone();
        let (canvas, api, document) = (self.clone(), self.inner.links.api.clone(), self.document());
        Job::start(&name, async move |reporter| {
            let picture = canvas.picture().await?;
            crate::jobs::export(&api, document, picture, &path, reporter).await
        })
    }

    pub(crate) async fn picture(&self) -> Result<Picture, CommandError> {
        self.ask(Command::Drawing).await
    }

    /// Flushes the window, commits what is pending, releases and ends the session, within the budget (C04).
    /// What could not be committed stays in the journal.
    pub async fn close(&self, budget: Duration) -> CloseReport {
        let (reply, report) = oneshot::channel();
        self.tell(Command::Farewell(Farewell::Close(reply), budget));
        let report = tokio::time::timeout(budget, report).await;
        self.inner.links.canvases.remove(self.session());
        match report {
            Ok(Ok(report)) => report,
            _ => {
                let state = self.inner.state.borrow();
                CloseReport {
                    window: self.inner.window.clone(),
                    document: state.document_id,
                    name: state.name.clone(),
                    released: false,
                    kept_changes: state.save.unsaved(),
                }
            }
        }
    }

    async fn wish(&self, wish: Wish) -> Result<(), CommandError> {
        self.input();
        self.ask(|reply| Command::Lock(wish, reply)).await
    }

    async fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, CommandError> {
        let (reply, answer) = oneshot::channel();
        self.tell(command(reply));
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    fn tell(&self, command: Command) {
        // a closed canvas takes nothing; who asked is told by the dropped reply
        let _ = self.inner.commands.send(command);
    }
}

/// The right to write beside a window, with its session and fence. The window accepts nothing until this is dropped, and what
/// was written has been read.
#[derive(Debug)]
pub(crate) struct WriteBeside {
    canvas: Canvas,
    pub(crate) fence: i64,
    /// What was written.
    pub(crate) version: Option<i64>,
}

impl WriteBeside {
    pub(crate) fn session(&self) -> SessionId {
        self.canvas.session()
    }
}

impl Drop for WriteBeside {
    fn drop(&mut self) {
        self.canvas.tell(Command::Written(self.version));
    }
}

async fn written(on_disk: command::OnDisk) -> Result<(), CommandError> {
    // who writes answers everybody: without an answer nothing was written
    let outcome = on_disk.await.unwrap_or(Err(NotOnDisk::WriterFailed));
    outcome.map_err(|error| CommandError::of("disk", error.to_string()))
}

fn closed() -> CommandError {
    CommandError::of("closed", "This canvas is closed.")
}
