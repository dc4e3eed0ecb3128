//! What the window is shown and told.

use holdfast_protocol::{SessionId, account::Role, document::Document, lock::Lock, room::Room};
use tokio::sync::{mpsc, oneshot};

use super::actor::{Actor, Opening};
use crate::{
    clock::Tick,
    document::Shadow,
    lock::State,
    server::Links,
    view::{
        CanvasEvent, CanvasState, ConnectionView, HolderView, LockView, LossReason, PresenceState, SaveView,
    },
};

/// How many events may wait for a window that is busy; beyond, it is told to read the drawing anew.
const WAITING_EVENTS: usize = 512;
/// A save that fails for this long while the link is up is worth a word.
const WORTH_A_WORD_MS: u64 = 5_000;

/// The state before anything is known.
pub(super) fn first(
    links: &Links,
    document: &Document,
    opening: &Opening,
    session: SessionId,
    connection: &ConnectionView,
) -> CanvasState {
    CanvasState {
        server: links.id.clone(),
        server_label: links.label.clone(),
        document_id: document.id,
        name: document.name.clone(),
        kind: document.kind,
        workspace: opening.whose.workspace.clone(),
        role: opening.whose.role,
        user: opening.whose.user.clone(),
        session_id: session,
        editable: false,
        lock: match opening.mode {
            super::OpenMode::Edit => LockView::Acquiring,
            super::OpenMode::ReadOnly => LockView::Free,
        },
        save: SaveView::Saved {
            version: document.version,
        },
        connection: connection.clone(),
        notify_me: links.waiting.has(document.id),
        conflict: None,
    }
}

impl Actor {
    pub(super) fn attach_window(&mut self, reply: oneshot::Sender<mpsc::Receiver<CanvasEvent>>) {
        let (to_window, events) = mpsc::channel(WAITING_EVENTS);
        self.to_window = Some(to_window);
        self.window_behind = false;
        let _ = reply.send(events);
        let now = self.now();
        let state = Box::new(self.state(now));
        self.tell_window(CanvasEvent::State { state });
        let people = self.people.list(self.session, self.whose.user.id, self.editor());
        self.tell_window(CanvasEvent::People { people });
        if let Some(event) = self.untold.take() {
            self.tell_window(event);
        }
    }

    /// Tells the window. One that takes nothing is not waited for: it reads the drawing anew once it does.
    pub(super) fn tell_window(&mut self, event: CanvasEvent) {
        let Some(window) = &self.to_window else {
            // all else is in what a window is told first, or reads
            if matches!(event, CanvasEvent::Recovered { .. }) {
                self.untold = Some(event);
            }
            return;
        };
        match window.try_send(event) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => self.window_behind = true,
            Err(mpsc::error::TrySendError::Closed(_)) => self.to_window = None,
        }
    }

    /// Publishes the state where it is another one.
    pub(super) fn show(&mut self, now: Tick) {
        self.catch_up(now);
        let state = self.state(now);
        let deadline = self.lock.deadline();
        let timeless = timeless(&state);
        if self.shown.as_ref() == Some(&(timeless.clone(), deadline)) {
            return;
        }
        self.shown = Some((timeless, deadline));
        self.publish.send_replace(state.clone());
        self.tell_window(CanvasEvent::State {
            state: Box::new(state),
        });
        self.people_changed();
    }

    /// A window that was too slow begins anew.
    fn catch_up(&mut self, now: Tick) {
        let has_room = |window: &mpsc::Sender<CanvasEvent>| window.capacity() > WAITING_EVENTS / 2;
        if !self.window_behind || !self.to_window.as_ref().is_some_and(has_room) {
            return;
        }
        self.window_behind = false;
        let state = Box::new(self.state(now));
        let people = self.people.list(self.session, self.whose.user.id, self.editor());
        for event in [
            CanvasEvent::State { state },
            CanvasEvent::People { people },
            CanvasEvent::Reload,
        ] {
            self.tell_window(event);
        }
    }

    pub(super) fn people_changed(&mut self) {
        let editor = self.editor();
        if let Some(people) = self.people.changed(self.session, self.whose.user.id, editor) {
            self.tell_window(CanvasEvent::People { people });
        }
    }

    fn editor(&self) -> Option<SessionId> {
        self.lock.holder().map(|lock| lock.session_id)
    }

    pub(super) fn tell_presence(&mut self, state: PresenceState) {
        self.people.own = state;
        self.say_presence();
    }

    pub(super) fn say_presence(&self) {
        if self.session_open {
            let state = serde_json::to_value(&self.people.own).ok();
            let room = Room::Document(self.document.id);
            self.links.connection.presence(room, self.session, state);
        }
    }

    fn state(&self, now: Tick) -> CanvasState {
        CanvasState {
            server: self.links.id.clone(),
            server_label: self.links.label.clone(),
            document_id: self.document.id,
            name: self.document.name.clone(),
            kind: self.document.kind,
            workspace: self.whose.workspace.clone(),
            role: self.whose.role,
            user: self.whose.user.clone(),
            session_id: self.session,
            editable: self.editable(),
            lock: self.lock_view(now),
            save: self.save_view(now),
            connection: self.connection.borrow().clone(),
            notify_me: self.notify_me,
            conflict: self.conflict_view(),
        }
    }

    fn lock_view(&self, now: Tick) -> LockView {
        let since_ms = |at: Tick| now.millis_from(at);
        let holder = self.lock.holder().map(|lock| self.holder_view(lock));
        let can_take_over = self.can_take_over();
        let kept_changes = self.kept.as_ref().map_or(0, |kept| kept.changes);
        match self.lock.state() {
            // who holds it is told while the end of a session that nobody has any more is waited for
            State::Looking if self.lock.wants() && (holder.is_none() || self.outliving_since.is_none()) => {
                LockView::Acquiring
            }
            State::Looking => holder.map_or(LockView::Free, |holder| LockView::HeldByOther {
                holder,
                can_take_over,
            }),
            State::Acquiring { .. } | State::Proving { .. } | State::Held { confirmed: false, .. } => {
                LockView::Acquiring
            }
            State::Held { since, deadline, .. } => LockView::Held {
                since: *since,
                remaining_ms: deadline.millis_from(now).max(0),
            },
            State::Lapsed { at, .. } => LockView::Lapsed {
                for_ms: since_ms(*at).max(0),
            },
            State::Lost(lost) => LockView::Lost {
                why: lost.why,
                by: lost.by.clone(),
                reason: lost.reason.clone(),
                holder,
                can_take_over: can_take_over && lost.why != LossReason::SignedOut,
                kept_changes,
            },
            State::NotAllowed => LockView::NotAllowed,
            State::Gone => LockView::Gone { kept_changes },
        }
    }

    pub(super) fn holder_view(&self, lock: &Lock) -> HolderView {
        let window = self.links.canvases.window_of(lock.session_id);
        HolderView::of(lock, lock.user_id == self.whose.user.id, window)
    }

    /// L08: an owner may in the workspace, and anybody from an own session.
    pub(super) fn can_take_over(&self) -> bool {
        let own = |lock: &Lock| lock.user_id == self.whose.user.id;
        self.may_edit() && (self.whose.role == Role::Owner || self.lock.holder().is_some_and(own))
    }

    fn save_view(&self, now: Tick) -> SaveView {
        let pending = self.edits.count();
        let problem = self
            .journal
            .as_ref()
            .and_then(|journal| journal.problem().borrow().clone());
        if let Some(problem) = problem {
            return SaveView::Failing {
                for_ms: 0,
                detail: problem.to_string(),
                pending,
                on_disk: false,
            };
        }
        if pending == 0 {
            return match &self.kept {
                Some(kept) => SaveView::Draft {
                    changes: kept.changes,
                },
                None => SaveView::Saved {
                    version: self
                        .shadow
                        .as_ref()
                        .map_or(self.document.version, Shadow::version),
                },
            };
        }
        if matches!(self.lock.state(), State::Lapsed { .. }) {
            return SaveView::Draft { changes: pending };
        }
        let online = *self.connection.borrow() == ConnectionView::Online;
        match self.saving.failing() {
            Some(failing)
                if self.saving.is_stuck()
                    || (online && now.since(failing.since).as_millis() >= u128::from(WORTH_A_WORD_MS)) =>
            {
                SaveView::Failing {
                    for_ms: now.millis_from(failing.since).max(0),
                    detail: failing.detail.clone(),
                    pending,
                    on_disk: true,
                }
            }
            Some(failing) if failing.unreachable => SaveView::Offline { pending },
            _ if online => SaveView::Saving { pending },
            _ => SaveView::Offline { pending },
        }
    }
}

/// The same state but for the durations that a window counts on by itself.
fn timeless(state: &CanvasState) -> CanvasState {
    let mut state = state.clone();
    match &mut state.lock {
        LockView::Held { remaining_ms, .. } => *remaining_ms = 0,
        LockView::Lapsed { for_ms } => *for_ms = 0,
        _ => {}
    }
    if let SaveView::Failing { for_ms, .. } = &mut state.save {
        *for_ms = 0;
    }
    state
}
