//! The session and the lock: what the machine asks for is done here.

use std::time::Duration;

use holdfast_protocol::{Code, lock::Lock};

use super::{
    actor::{Actor, Done},
    command::{Reply, Wish},
};
use crate::{
    api::ApiError,
    clock::Tick,
    lock::{Effect, Input, State},
    view::CommandError,
};

/// When to ask again what could not be asked; the link coming up is sooner.
pub(super) const ASK_AGAIN: Duration = Duration::from_secs(3);
/// How long our own `document_locked` may take before the drawing is read to make sure.
pub(super) const CONFIRM_WITHIN: Duration = Duration::from_millis(500);

/// How long a window waits for the end of a session that nobody has any more: the longest lease that servers give unasked, and
/// some time to find it over.
const OUTLIVE_WITHIN: Duration = Duration::from_secs(60);

/// A release under way.
#[derive(Debug, Default)]
pub(super) struct Releasing {
    /// Whether a lock of this session was seen meanwhile.
    once_more: bool,
}

impl Actor {
    /// Takes one step of the machine, and does what it asks for.
    pub(super) fn step(&mut self, input: Input) {
        let now = self.now();
        let effects = self.lock.step(input, now);
        for effect in effects {
            match effect {
                Effect::Acquire => self.acquire(now),
                Effect::Settle => self.settle(Duration::ZERO),
                Effect::Prove => self.prove(Duration::ZERO),
                Effect::Release => self.release(false),
                Effect::KeepDraft => self.keep_draft(),
            }
        }
        if !matches!(self.lock.state(), State::Acquiring { .. }) {
            self.answer_wish(Ok(()));
        }
    }

    /// What could not be asked before is asked again.
    pub(super) fn ask_again(&mut self) {
        if !self.session_open {
            self.open_session();
        } else if self.lock.wants() && self.releasing.is_none() {
            self.want();
        }
    }

    pub(super) fn want(&mut self) {
        self.step(Input::Want);
    }

    pub(super) fn wish(&mut self, wish: Wish, reply: Reply<()>) {
        if !self.may_edit() {
            let detail = "You may look at this canvas, but not change it.";
            let _ = reply.send(Err(CommandError::of("forbidden", detail)));
            return;
        }
        if matches!(self.lock.state(), State::Acquiring { .. } | State::Proving { .. }) {
            let detail = "The server is being asked already.";
            let _ = reply.send(Err(CommandError::of("unavailable", detail)));
            return;
        }
        match wish {
            Wish::IfFree { refusal_is_error } => {
                self.lock_reply = Some((refusal_is_error, reply));
                if matches!(self.lock.state(), State::Looking | State::Lost(_)) {
                    self.want();
                } else {
                    self.answer_wish(Ok(()));
                }
            }
            Wish::Force { .. } if matches!(self.lock.state(), State::Held { .. }) => {
                let _ = reply.send(Ok(()));
            }
            // what was drawn since waits for this very lock to be proved: asking for another one would leave it behind
            Wish::Force { .. } if matches!(self.lock.state(), State::Lapsed { .. }) => {
                let detail = "The server can't be reached just now; nothing was changed.";
                let _ = reply.send(Err(CommandError::of("offline", detail)));
            }
            // the release would give back what was taken (L16)
            Wish::Force { .. } if self.releasing.is_some() => {
                let detail = "The lock is being given back just now. Try again in a moment.";
                let _ = reply.send(Err(CommandError::of("unavailable", detail)));
            }
            Wish::Force { reason } => {
                self.lock_reply = Some((true, reply));
                self.force(reason);
            }
        }
    }

    pub(super) fn answer_wish(&mut self, answer: Result<(), CommandError>) {
        // a session still to be opened asks by itself, and answers then
        if answer.is_ok() && self.lock.wants() && self.opening {
            return;
        }
        if let Some((_, reply)) = self.lock_reply.take() {
            let _ = reply.send(answer);
        }
    }

    fn acquire(&mut self, sent_at: Tick) {
        if !self.session_open {
            self.open_session();
            return self.step(Input::NotSent);
        }
        if self.releasing.is_some() {
            return self.step(Input::NotSent);
        }
        let (api, resource, session) = (self.links.api.clone(), self.resource(), self.session);
        self.tasks
            .spawn(async move { Done::Acquired(sent_at, api.acquire(&resource, session).await) });
    }

    fn force(&mut self, reason: String) {
        if !self.session_open {
            let detail = "The server can't be reached just now; nothing was changed.";
            return self.answer_wish(Err(CommandError::of("offline", detail)));
        }
        let sent_at = self.now();
        self.lock.step(Input::Force, sent_at);
        let (api, resource, session) = (self.links.api.clone(), self.resource(), self.session);
        self.tasks
            .spawn(async move { Done::Forced(sent_at, api.force_take(&resource, session, &reason).await) });
    }

    pub(super) fn acquired(&mut self, sent_at: Tick, answer: Result<Lock, ApiError>) {
        let error = match answer {
            Ok(lock) => {
                self.outliving_since = None;
                self.confirm_at = Some(self.now().plus(CONFIRM_WITHIN));
                return self.step(Input::Granted {
                    lock,
                    sent_at,
                    confirmed: false,
                });
            }
            Err(error) => error,
        };
        let told = self.lock_reply.as_ref().is_some_and(|(told, _)| *told);
        let input = match (&error, error.code()) {
            (_, Some(Code::LockHeld | Code::LockOffered)) => {
                let holder = error.problem().and_then(|problem| problem.holder.as_deref());
                match holder.filter(|holder| !told && self.outlives(holder)) {
                    Some(gone) => {
                        self.ask_at = Some(self.now().plus(ASK_AGAIN));
                        Input::Outlived(gone.clone())
                    }
                    None => {
                        self.outliving_since = None;
                        Input::Refused(holder.cloned())
                    }
                }
            }
            (_, Some(Code::SessionNotFound)) => {
                self.session_open = false;
                self.open_session();
                Input::NotSent
            }
            (ApiError::Unreachable { maybe_done: true, .. }, _) | (_, Some(Code::Internal)) => {
                Input::AnswerLost
            }
            _ if error.is_passing() => {
                self.ask_at = Some(self.now().plus(ASK_AGAIN));
                Input::NotSent
            }
            _ => Input::Refused(self.lock.holder().cloned()),
        };
        let held = matches!(error.code(), Some(Code::LockHeld | Code::LockOffered));
        if !matches!(input, Input::AnswerLost) && (told || !held) {
            self.answer_wish(Err(self.with_window(error.clone())));
        }
        self.step(input);
        self.refused_outright(&error);
    }

    /// Whether a holder is a session of this user's on this device that has no window: one app runs here at a time, so it was that of an
    /// app which crashed, or of a window that is just closing. Its lock is about to end, and nobody else was asked to wait for it. Not for
    /// ever: another device may have the same name.
    fn outlives(&mut self, holder: &Lock) -> bool {
        let is_gone = holder.user_id == self.whose.user.id
            && holder.device_name == self.links.device_name()
            && self.links.canvases.window_of(holder.session_id).is_none();
        let now = self.now();
        is_gone && now.since(*self.outliving_since.get_or_insert(now)) < OUTLIVE_WITHIN
    }

    /// An error that names a holder, with the window where it is one of this app.
    fn with_window(&self, error: ApiError) -> CommandError {
        let holder = error.problem().and_then(|problem| problem.holder.as_deref());
        let holder = holder.map(|lock| self.holder_view(lock));
        CommandError {
            holder,
            ..error.into()
        }
    }

    /// Refusals after which asking again is of no use.
    pub(super) fn refused_outright(&mut self, error: &ApiError) {
        match error.code() {
            Some(Code::NotFound) => self.step(Input::Gone),
            Some(Code::Forbidden) => {
                self.ask_role();
                if !matches!(self.lock.state(), State::Held { .. }) {
                    self.step(Input::Refused(None));
                }
            }
            Some(Code::Unauthenticated) => {
                self.session_open = false;
                self.links.connection.signed_out(&error.in_words());
            }
            _ => {}
        }
    }

    fn settle(&mut self, after: Duration) {
        let (api, resource) = (self.links.api.clone(), self.resource());
        self.tasks.spawn(async move {
            tokio::time::sleep(after).await;
            Done::Settled(api.lock(&resource).await)
        });
    }

    pub(super) fn settled(&mut self, answer: Result<holdfast_protocol::lock::LockState, ApiError>) {
        match answer {
            Ok(answer) => {
                self.confirm_at = Some(self.now().plus(CONFIRM_WITHIN));
                self.step(Input::Settled(answer.lock));
            }
            Err(error) if error.is_passing() => self.settle(ASK_AGAIN),
            Err(error) => {
                self.step(Input::NotSent);
                self.refused_outright(&error);
            }
        }
    }

    /// Gives the lock back to the server; asked again until it is answered, and nothing else is asked before (L16). One that is
    /// seen meanwhile may have come after the release: it is given back in its turn.
    pub(super) fn release(&mut self, idle: bool) {
        if let Some(releasing) = &mut self.releasing {
            releasing.once_more = true;
            return;
        }
        self.releasing = Some(Releasing::default());
        let (api, resource, session) = (self.links.api.clone(), self.resource(), self.session);
        self.tasks.spawn(async move {
            loop {
                match api.release(&resource, session, idle).await {
                    Err(error) if error.is_passing() => tokio::time::sleep(ASK_AGAIN).await,
                    answer => return Done::Released(answer),
                }
            }
        });
    }

    pub(super) fn released(&mut self, answer: Result<(), ApiError>) {
        let releasing = self.releasing.take().unwrap_or_default();
        if let Err(error) = answer {
            // no such lock, or no such session: it is free all the same
            tracing::debug!(%error, "the lock was gone already");
        }
        if self.lock.wants() {
            self.want();
        } else if releasing.once_more {
            self.release(false);
        }
    }
}
