//! The actor of one canvas: what it knows, and its one loop.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use holdfast_protocol::{
    CommitId, DocumentId, SessionId,
    account::Workspace,
    document::{CommitAnswer, CommitEntry, Document},
    lock::{AcquireAnswer, Lock, LockState, Resource},
    room::Room,
    session::OpenedSession,
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

use super::{
    OpenMode, Whose,
    aside::Aside,
    command::{Command, Reply},
    conflicting::Conflict,
    farewell::Leaving,
    following::Remote,
    judging::Verdict,
    lineage::{Lineage, Read},
    locking::Releasing,
    people::People,
    proving::Proof,
    recovering::{Kept, Recovery},
    saving::Saving,
};
use crate::{
    api::ApiError,
    clock::Tick,
    connection::{News, Subscription},
    document::{Edits, Shadow},
    journal::Journal,
    lock::LockMachine,
    server::Links,
    view::{CanvasContent, CanvasEvent, CanvasState, CommandError, ConnectionView},
};

/// How long the loop sleeps where nothing is due.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);

/// How a canvas is opened.
#[derive(Debug)]
pub(crate) struct Opening {
    pub(crate) mode: OpenMode,
    pub(crate) window: String,
    pub(crate) whose: Whose,
}

/// An answer of what ran beside the actor.
#[derive(Debug)]
pub(super) enum Done {
    Session(Result<OpenedSession, ApiError>),
    Acquired(Tick, Result<AcquireAnswer, ApiError>),
    Forced(Tick, Result<Lock, ApiError>),
    Settled(Result<LockState, ApiError>),
    Proved(Proof),
    Released(Result<(), ApiError>),
    Loaded {
        after_grant: bool,
        read: Result<Box<Read>, ApiError>,
    },
    Saved(CommitId, Result<CommitAnswer, ApiError>),
    Role(Result<Workspace, ApiError>),
    Claimed(Option<Box<Aside>>),
    Judged(Result<Verdict, ApiError>),
    SavedBy(Result<Option<CommitEntry>, ApiError>),
    Copied(Result<DocumentId, CommandError>),
}

/// One canvas.
pub(super) struct Actor {
    pub(super) links: Links,
    pub(super) document: Document,
    pub(super) whose: Whose,
    pub(super) window: String,
    pub(super) session: SessionId,
    pub(super) mode: OpenMode,
    pub(super) input: Arc<AtomicU64>,

    pub(super) lock: LockMachine,
    /// Whether the server knows the session, as far as this client knows.
    pub(super) session_open: bool,
    pub(super) opening: bool,
    pub(super) releasing: Option<Releasing>,
    pub(super) lock_reply: Option<(bool, Reply<()>)>,
    /// When to ask again what could not be asked.
    pub(super) ask_at: Option<Tick>,
    /// Since when a session that nobody has any more is in the way.
    pub(super) outliving_since: Option<Tick>,
    /// When to read the drawing to make sure that all before the lock was seen.
    pub(super) confirm_at: Option<Tick>,

    pub(super) shadow: Option<Shadow>,
    pub(super) lineage: Lineage,
    /// How often the link went down.
    pub(super) downs: u64,
    /// Whether the server may be another one since: nothing is sent before it has told its truth.
    pub(super) unsure: bool,
    pub(super) loading: bool,
    pub(super) load_again: bool,
    pub(super) load_failed: Option<ApiError>,
    pub(super) load_at: Option<Tick>,
    pub(super) backlog: Vec<Remote>,
    pub(super) content_replies: Vec<Reply<CanvasContent>>,

    pub(super) edits: Edits,
    pub(super) edit: u64,
    pub(super) journal: Option<Journal>,
    pub(super) files: HashMap<String, (String, String, Bytes)>,
    pub(super) saving: Saving,
    pub(super) kept: Option<Kept>,
    pub(super) leaving: Option<Leaving>,
    pub(super) recovery: Recovery,
    /// Whether it was looked what a crash has left.
    pub(super) looked: bool,
    pub(super) draft_reply: Option<Reply<()>>,
    pub(super) conflict: Option<Conflict>,
    /// Commits of what was recovered since the window is open.
    pub(super) recovered_by: Vec<CommitId>,
    /// Nothing is accepted before this version has been read: it is being written beside this window.
    pub(super) still_until: Option<i64>,

    pub(super) people: People,
    pub(super) notify_me: bool,
    pub(super) to_window: Option<mpsc::Sender<CanvasEvent>>,
    /// What was recovered before a window could be told of it.
    pub(super) untold: Option<CanvasEvent>,
    pub(super) window_behind: bool,
    pub(super) publish: watch::Sender<CanvasState>,
    pub(super) shown: Option<(CanvasState, Option<Tick>)>,
    pub(super) connection: watch::Receiver<ConnectionView>,

    pub(super) tasks: JoinSet<Done>,
    pub(super) news: mpsc::UnboundedSender<News>,
    incoming: Option<mpsc::UnboundedReceiver<News>>,
    _room: Subscription,
}

impl Actor {
    pub(super) fn new(
        links: Links,
        document: Document,
        opening: Opening,
        session: SessionId,
        input: Arc<AtomicU64>,
    ) -> (Self, watch::Receiver<CanvasState>) {
        let (news, incoming) = mpsc::unbounded_channel();
        let room = links.connection.join(Room::Document(document.id), news.clone());
        let ttl = holdfast_protocol::limits::LEASE_TTL;
        let lock = LockMachine::new(document.id, session, opening.whose.user.id, ttl);
        let connection = links.connection.status();
        let notify_me = links.waiting.has(document.id);
        let first = super::showing::first(&links, &document, &opening, session, &connection.borrow());
        let (publish, state) = watch::channel(first);
        let actor = Self {
            links,
            document,
            whose: opening.whose,
            window: opening.window,
            session,
            mode: opening.mode,
            input,
            lock,
            session_open: false,
            opening: false,
            releasing: None,
            lock_reply: None,
            ask_at: None,
            outliving_since: None,
            confirm_at: None,
            shadow: None,
            lineage: Lineage::default(),
            downs: 0,
            unsure: false,
            loading: false,
            load_again: false,
            load_failed: None,
            load_at: None,
            backlog: Vec::new(),
            content_replies: Vec::new(),
            edits: Edits::default(),
            edit: 0,
            journal: None,
            files: HashMap::new(),
            saving: Saving::default(),
            kept: None,
            leaving: None,
            recovery: Recovery::default(),
            looked: false,
            draft_reply: None,
            conflict: None,
            recovered_by: Vec::new(),
            still_until: None,
            people: People::default(),
            notify_me,
            to_window: None,
            untold: None,
            window_behind: false,
            publish,
            shown: None,
            connection,
            tasks: JoinSet::new(),
            news,
            incoming: Some(incoming),
            _room: room,
        };
        (actor, state)
    }

    /// Lives until the window closes. Cancel-safe at each turn: what came is handled before anything else is awaited.
    pub(super) async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Command>) {
        let Some(mut incoming) = self.incoming.take() else {
            return;
        };
        let mut connection = self.connection.clone();
        let mut stop_when_lapsed = self.links.stop_when_lapsed.clone();
        self.begin();
        loop {
            self.turn();
            if self.has_left() {
                return self.close().await;
            }
            let now = self.now();
            let wake = self
                .wake_at()
                .map_or(LONGEST_SLEEP, |at| at.since(now).min(LONGEST_SLEEP));
            tokio::select! {
                biased;
                Some(news) = incoming.recv() => self.heard(news),
                Some(Ok(done)) = self.tasks.join_next() => self.done(done),
                order = orders.recv() => match order {
                    Some(order) => self.carry_out(order),
                    // nobody can ever ask for anything again
                    None => return self.close().await,
                },
                Ok(()) = connection.changed() => self.link_changed(),
                () = disk_changed(self.journal.as_mut()) => {}
                Ok(()) = stop_when_lapsed.changed() => {}
                () = tokio::time::sleep(wake) => {}
            }
        }
    }

    pub(super) fn now(&self) -> Tick {
        self.links.clock.now()
    }

    pub(super) fn resource(&self) -> Resource {
        Resource::Document { id: self.document.id }
    }

    fn begin(&mut self) {
        if self.may_edit() {
            if self.mode == OpenMode::Edit {
                self.want();
            }
        } else {
            let now = self.now();
            self.lock.step(crate::lock::Input::Denied, now);
        }
        self.open_session();
        self.load();
    }

    pub(super) fn may_edit(&self) -> bool {
        self.whose.role >= holdfast_protocol::account::Role::Annotator
    }

    /// What is due by now.
    fn turn(&mut self) {
        let now = self.now();
        self.step(crate::lock::Input::Tick);
        let due = |at: &mut Option<Tick>| at.take_if(|at| *at <= now).is_some();
        if due(&mut self.ask_at) {
            self.ask_again();
        }
        if due(&mut self.confirm_at) && !self.lock.accepts_edits() {
            self.load();
        }
        if due(&mut self.load_at) {
            self.load();
        }
        self.go_on();
        self.release_when_idle(now);
        self.recover(now);
        self.follow_conflict();
        self.go_on_resolving(now);
        self.save(now);
        self.leave(now);
        self.show(now);
    }

    fn wake_at(&self) -> Option<Tick> {
        let times = [
            self.lock.deadline(),
            self.ask_at,
            self.confirm_at,
            self.load_at,
            // what can't be sent as things are is no reason to wake
            self.sendable(self.now()).and_then(|_| self.saving.wake_at()),
            self.leaving.as_ref().map(Leaving::wake_at),
            self.idle_at(),
            self.resolving_wake_at(),
        ];
        times.into_iter().flatten().min()
    }

    pub(super) fn last_input(&self) -> Tick {
        Tick::from_millis(self.input.load(Ordering::Relaxed))
    }

    fn done(&mut self, done: Done) {
        match done {
            Done::Session(opened) => self.session_opened(opened),
            Done::Acquired(sent_at, answer) => self.acquired(sent_at, answer.map(|answer| answer.lock)),
            Done::Forced(sent_at, answer) => self.acquired(sent_at, answer),
            Done::Settled(answer) => self.settled(answer),
            Done::Proved(proof) => self.proved(proof),
            Done::Released(answer) => self.released(answer),
            Done::Loaded { after_grant, read } => self.loaded(after_grant, read),
            Done::Saved(commit, answer) => self.saved(commit, answer),
            Done::Claimed(claimed) => self.claimed(claimed),
            Done::Judged(verdict) => self.judged(verdict),
            Done::SavedBy(saved) => self.saved_by(saved),
            Done::Copied(copied) => self.copied(copied),
            Done::Role(workspace) => self.role_is(workspace),
        }
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            Command::Events(reply) => self.attach_window(reply),
            Command::Content(reply) => self.content(reply),
            Command::File(id, reply) => self.file(&id, reply),
            Command::Edit(edit, reply) => {
                let taken = self.take_edit(*edit);
                let _ = reply.send(taken);
            }
            Command::AddFile {
                id,
                mime_type,
                bytes,
                reply,
            } => {
                let taken = self.take_file(id, mime_type, bytes);
                let _ = reply.send(taken);
            }
            Command::Flushed => self.flushed(),
            Command::SaveNow => self.saving.hurry(),
            Command::Presence(state) => self.tell_presence(state),
            Command::Lock(wish, reply) => self.wish(wish, reply),
            Command::Farewell(farewell, budget) => self.begin_leaving(farewell, budget),
            Command::NotifyMe(on, reply) => {
                self.notify_me = on;
                if let Some(reply) = reply {
                    let _ = reply.send(Ok(()));
                }
            }
            Command::ConflictContent(reply) => self.conflict_content(reply),
            Command::Resolve {
                id,
                revision,
                resolution,
                reply,
            } => self.resolve(&id, revision, resolution, reply),
            Command::OpenDraft(id, reply) => self.open_draft(id, reply),
            Command::Fence(reply) => {
                let _ = reply.send(self.stand_still());
            }
            Command::Written(version) => self.written_beside(version),
            Command::Drawing(reply) => self.drawing(reply),
            Command::KeptDraft(reply) => {
                let _ = reply.send(self.kept.as_ref().map(|kept| kept.draft.clone()));
            }
            Command::KeptDraftSaved => self.kept_is_saved(),
        }
    }
}

/// Until the disk begins or ceases to refuse edits: that is shown at once. Cancel-safe.
async fn disk_changed(journal: Option<&mut Journal>) {
    match journal {
        Some(journal) => journal.problem_changed().await,
        None => std::future::pending().await,
    }
}
