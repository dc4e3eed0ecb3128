//! Leaving: the window sends what it has, that is committed, then the lock goes.

use std::time::Duration;

use holdfast_protocol::Code;

use super::{CloseReport, actor::Actor, command::Farewell};
use crate::{
    api::ApiError,
    clock::Tick,
    journal::Base,
    lock::{Input, State},
    view::{CanvasEvent, DraftReason},
};

/// How long the window may take to send what it has.
const FLUSH_WITHIN: Duration = Duration::from_millis(500);
/// How long an idle window may take to commit before its lock goes.
const IDLE_BUDGET: Duration = Duration::from_secs(10);

/// How much later than its end a session's opening may come to the server.
const OVERTAKEN_WITHIN: Duration = Duration::from_millis(250);

/// A farewell under way.
#[derive(Debug)]
pub(super) struct Leaving {
    farewell: Farewell,
    /// Until when the window's last edits are waited for; none once they came.
    flush_by: Option<Tick>,
    /// Until when they are committed; what is left then is a draft.
    save_by: Tick,
    /// Until when all is over.
    end_by: Tick,
}

impl Leaving {
    pub(super) fn wake_at(&self) -> Tick {
        self.flush_by.unwrap_or(self.save_by)
    }
}

impl Actor {
    pub(super) fn begin_leaving(&mut self, farewell: Farewell, budget: Duration) {
        let now = self.now();
        let has_window = self.to_window.as_ref().is_some_and(|window| !window.is_closed());
        let waits = has_window && self.editable();
        // closing cannot be held up by another farewell; any other waits for the one under way to be over
        if let Some(under_way) = self.leaving.take() {
            if matches!(under_way.farewell, Farewell::Close(_)) {
                self.leaving = Some(under_way);
                return;
            }
            self.part(under_way.farewell);
        }
        self.leaving = Some(Leaving {
            farewell,
            flush_by: waits.then(|| now.plus(FLUSH_WITHIN.min(budget / 4))),
            save_by: now.plus(budget / 4 * 3),
            end_by: now.plus(budget),
        });
        // nobody waits for a backoff with the door in hand
        self.saving.hurry();
        if waits {
            self.tell_window(CanvasEvent::Flush);
        }
    }

    pub(super) fn flushed(&mut self) {
        if let Some(leaving) = &mut self.leaving {
            leaving.flush_by = None;
        }
    }

    pub(super) fn release_when_idle(&mut self, now: Tick) {
        if self.leaving.is_none() && self.idle_at().is_some_and(|at| at <= now) {
            tracing::info!(document = %self.document.id, "no input for long: the lock is given back");
            self.begin_leaving(Farewell::Idle, IDLE_BUDGET);
        }
    }

    /// When this window's lock goes for want of input.
    pub(super) fn idle_at(&self) -> Option<Tick> {
        let holds = matches!(self.lock.state(), State::Held { .. }) && self.leaving.is_none();
        holds.then(|| self.last_input().plus(self.links.idle_release))
    }

    /// Whether there is still something to wait for.
    fn is_saving(&self, now: Tick) -> bool {
        let Some(leaving) = &self.leaving else {
            return false;
        };
        let flushing = leaving.flush_by.is_some_and(|by| now < by);
        let can_save = self.sendable(now).is_some();
        flushing || (!self.edits.is_empty() && can_save && now < leaving.save_by)
    }

    /// Ends a farewell but that of a closing window, once nothing is waited for.
    pub(super) fn leave(&mut self, now: Tick) {
        if let Some(leaving) = &mut self.leaving
            && leaving.flush_by.is_some_and(|by| now >= by)
        {
            leaving.flush_by = None;
        }
        if self.is_saving(now) {
            return;
        }
        if let Some(leaving) = self
            .leaving
            .take_if(|leaving| !matches!(leaving.farewell, Farewell::Close(_)))
        {
            self.part(leaving.farewell);
        }
    }

    fn part(&mut self, farewell: Farewell) {
        let held = matches!(
            self.lock.state(),
            State::Held { .. } | State::Lapsed { .. } | State::Proving { .. }
        );
        match farewell {
            Farewell::Flush(reply) => {
                let _ = reply.send(Ok(()));
            }
            Farewell::Stop(reply) => {
                if held {
                    self.step(Input::GivenBack { idle: false });
                    self.release(false);
                }
                let _ = reply.send(Ok(()));
            }
            Farewell::Idle => {
                if held {
                    self.step(Input::GivenBack { idle: true });
                    self.release(true);
                }
            }
            Farewell::Close(report) => drop(report),
        }
    }

    /// Whether the window is closing and there is nothing left to wait for.
    pub(super) fn has_left(&self) -> bool {
        let closing = self
            .leaving
            .as_ref()
            .is_some_and(|leaving| matches!(leaving.farewell, Farewell::Close(_)));
        closing && !self.is_saving(self.now())
    }

    /// Ends the session. One that was being opened just now may have been overtaken by its end: it is ended once more.
    async fn goodbye(&self, opening: bool) -> Result<(), ApiError> {
        let ended = self.links.api.end_session(self.session).await;
        if !opening || ended.as_ref().is_err_and(ApiError::is_passing) {
            return ended;
        }
        tokio::time::sleep(OVERTAKEN_WITHIN).await;
        self.links.api.end_session(self.session).await
    }

    /// The end: goodbye to the server, and the journal is a draft or gone.
    pub(super) async fn close(mut self) {
        self.links.connection.forget(self.session);
        let left = self
            .leaving
            .as_ref()
            .map_or(FLUSH_WITHIN, |leaving| leaving.end_by.since(self.now()));
        let kept_changes = self.edits.count() + self.kept.as_ref().map_or(0, |kept| kept.changes);
        // the next window on this document goes on with it; the disk does not wait for the network
        let keep = (!self.edits.is_empty()).then_some(DraftReason::Crash);
        self.give_back_draft();
        let journal = self.journal.take().map(|journal| {
            if let (Some(_), Some(shadow)) = (keep, &self.shadow) {
                journal.keep_base(Base::of(shadow));
            }
            tokio::spawn(journal.end(keep))
        });
        // nothing of this session is asked for any more
        let opening = self.opening || matches!(self.lock.state(), State::Proving { .. });
        self.tasks.shutdown().await;
        // a little is left for the way back to whoever waits
        let goodbye = tokio::time::timeout(left / 10 * 9, self.goodbye(opening)).await;
        let released = match goodbye {
            Ok(Ok(())) => true,
            Ok(Err(error)) => error.is(Code::SessionNotFound) || error.is(Code::Unauthenticated),
            Err(_) => false,
        };
        if let Some(journal) = journal {
            let _ = journal.await;
        }
        self.links.canvases.remove(self.session);
        tracing::info!(document = %self.document.id, released, kept_changes, "a canvas is closed");
        let report = CloseReport {
            window: self.window.clone(),
            document: self.document.id,
            name: self.document.name.clone(),
            released,
            kept_changes,
        };
        if let Some(Leaving {
            farewell: Farewell::Close(reply),
            ..
        }) = self.leaving.take()
        {
            let _ = reply.send(report);
        }
    }
}
