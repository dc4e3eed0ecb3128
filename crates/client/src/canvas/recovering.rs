//! Going on with edits that are off the drawing: what a crash has left (X07), what was kept while the lock was in doubt, what
//! the user opens from the shelf. One way for all (X03): nobody else has saved since and the lock is this session's, then they
//! are in the drawing again and on their way; somebody has saved, then there is a conflict; else they rest on the shelf until
//! the lock is this session's. Until that is clear nothing is accepted, so that no older edit goes over a newer one.

use holdfast_protocol::{Code, document::Change};

use super::{
    actor::{Actor, Done},
    aside::Aside,
    command::Reply,
    judging::{Since, Verdict},
    locking::ASK_AGAIN,
};
use crate::{
    api::ApiError,
    clock::Tick,
    document::{Shadow, key_of, set_base},
    journal::DraftId,
    lock::State,
    view::{CanvasEvent, CommandError, DraftReason, LossReason},
};

/// How far a canvas is with edits that are off the drawing.
#[derive(Debug, Default)]
pub(super) enum Recovery {
    /// Whether a crash has left something was not asked yet.
    #[default]
    Unknown,
    /// The shelf is being looked at.
    Looking,
    /// There are some, and the truth is waited for.
    Waiting(Box<Aside>),
    /// Whether somebody else has saved since is being asked.
    Judging(Box<Aside>),
    /// There are none to go on with.
    Settled,
}

/// Edits that are kept as a draft, as this window shows.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) draft: DraftId,
    pub(super) changes: u32,
    /// What goes on by itself once the lock is this session's; none where the user has decided about it.
    pub(super) rests: Option<Box<Aside>>,
}

impl Recovery {
    pub(super) fn is_settled(&self) -> bool {
        matches!(self, Self::Settled)
    }
}

impl Actor {
    /// Goes on with a draft of the shelf.
    pub(super) fn open_draft(&mut self, id: DraftId, reply: Reply<()>) {
        if let Some(conflict) = &self.conflict {
            let same = conflict.aside.draft == id;
            let detail = "This canvas has a conflict to settle first.";
            let answer = same.then_some(()).ok_or(CommandError::of("conflict", detail));
            let _ = reply.send(answer);
            return;
        }
        let waits = match &self.recovery {
            Recovery::Waiting(aside) | Recovery::Judging(aside) => aside.draft == id,
            _ => false,
        };
        if waits && self.draft_reply.is_none() {
            self.draft_reply = Some(reply);
            return;
        }
        let idle = matches!(self.recovery, Recovery::Unknown | Recovery::Settled);
        if !idle || !self.edits.is_empty() {
            let detail = "This canvas is still busy with other edits. Try again in a moment.";
            let _ = reply.send(Err(CommandError::of("unavailable", detail)));
            return;
        }
        self.draft_reply = Some(reply);
        self.recovery = Recovery::Looking;
        let shelf = self.links.shelf.clone();
        self.tasks.spawn(async move {
            match shelf.claim(&id).await {
                Some(claimed) => Done::Claimed(Some(Aside::of(claimed).await)),
                None => Done::Claimed(None),
            }
        });
    }

    pub(super) fn recover_from(&mut self, aside: Box<Aside>) {
        self.kept = Some(Kept {
            draft: aside.draft.clone(),
            changes: aside.edits.count(),
            rests: None,
        });
        self.recovery = Recovery::Waiting(aside);
    }

    pub(super) fn claimed(&mut self, claimed: Option<Box<Aside>>) {
        if let Some(aside) = claimed {
            return self.recover_from(aside);
        }
        self.kept = None;
        let detail = "This draft is not there any more.";
        self.recovered(Err(CommandError::of("not_found", detail)));
    }

    pub(super) fn recovered(&mut self, answer: Result<(), CommandError>) {
        self.recovery = if self.looked {
            Recovery::Settled
        } else {
            Recovery::Unknown
        };
        if let Some(reply) = self.draft_reply.take() {
            let _ = reply.send(answer);
        }
    }

    /// Takes the next step, where one can be taken.
    pub(super) fn recover(&mut self, now: Tick) {
        let holds = matches!(self.lock.state(), State::Held { .. });
        match &self.recovery {
            Recovery::Unknown if holds => self.look_for_drafts(),
            Recovery::Settled if holds && self.conflict.is_none() => self.look_for_kept(),
            Recovery::Waiting(_) if matches!(self.lock.state(), State::Gone) => self.rest(),
            // one question at a time
            Recovery::Waiting(_) if self.conflict.is_some() => {}
            Recovery::Waiting(_) if self.knows_the_truth(now) => self.judge(),
            _ => {}
        }
    }

    /// Whether drawing and lock are as they are at the server.
    fn knows_the_truth(&self, now: Tick) -> bool {
        let read = self.shadow.is_some() && !self.loading && self.load_at.is_none() && !self.unsure;
        let read = read && self.edits.is_empty();
        read && match self.lock.state() {
            State::Held { .. } => self.sendable(now).is_some(),
            State::Looking => !self.lock.wants(),
            State::Lost(_) | State::NotAllowed | State::Gone => true,
            State::Acquiring { .. } | State::Lapsed { .. } | State::Proving { .. } => false,
        }
    }

    fn look_for_drafts(&mut self) {
        self.looked = true;
        self.recovery = Recovery::Looking;
        let (shelf, server) = (self.links.shelf.clone(), self.links.id.clone());
        let (document, user) = (self.document.id, self.whose.user.id);
        self.tasks.spawn(async move {
            match shelf.claim_crashed(&server, document, user).await {
                Some(claimed) => Done::Claimed(Some(Aside::of(claimed).await)),
                None => Done::Claimed(None),
            }
        });
    }

    /// The lock is this session's again: what rested goes on, unless the user has done something else with it meanwhile.
    fn look_for_kept(&mut self) {
        let Some(mut aside) = self.kept.as_mut().and_then(|kept| kept.rests.take()) else {
            return;
        };
        self.recovery = Recovery::Looking;
        let shelf = self.links.shelf.clone();
        self.tasks.spawn(async move {
            if let Some(ended) = aside.ended.take() {
                let _ = ended.await;
            }
            aside.claim = shelf.claim_again(&aside.draft).await;
            aside.asked = false;
            Done::Claimed(aside.claim.is_some().then_some(aside))
        });
    }

    fn judge(&mut self) {
        let Recovery::Waiting(aside) = std::mem::take(&mut self.recovery) else {
            return;
        };
        let since = Since::of(&aside, &self.recovered_by);
        let untouched = self.shadow.as_ref().is_some_and(|shadow| since.is_now(shadow));
        let (api, document) = (self.links.api.clone(), self.document.id);
        self.recovery = Recovery::Judging(aside);
        if untouched {
            return self.judged(Ok(Verdict::default()));
        }
        self.tasks.spawn(async move {
            loop {
                match since.ask(&api, document).await {
                    Err(error) if error.is_passing() => tokio::time::sleep(ASK_AGAIN).await,
                    verdict => return Done::Judged(verdict),
                }
            }
        });
    }

    pub(super) fn judged(&mut self, verdict: Result<Verdict, ApiError>) {
        let mut aside = match std::mem::take(&mut self.recovery) {
            Recovery::Judging(aside) => aside,
            // an answer about edits that are none any more says nothing
            other => {
                self.recovery = other;
                return;
            }
        };
        let others = match verdict {
            Ok(verdict) => {
                aside.on = aside.on.or(verdict.on);
                verdict.others
            }
            Err(error) => {
                tracing::info!(%error, "a draft's history can't be read");
                true
            }
        };
        if let Some(shadow) = &self.shadow {
            let lost = aside.leave_out_lost_pictures(shadow);
            self.links
                .shelf
                .tell_lost_pictures(&self.document.name, lost, aside.edits.count());
        }
        if self.is_there_already(&aside) {
            // the server has all of it: nobody is asked about a draft that is none
            aside.forget(&self.links.shelf);
            self.kept = None;
            return self.recovered(Ok(()));
        }
        let now = self.now();
        self.recovery = Recovery::Waiting(aside);
        match self.lock.state() {
            // what was asked may have changed while it was being asked
            _ if !self.knows_the_truth(now) => {}
            State::Gone | State::NotAllowed => self.rest(),
            _ if others => self.begin_conflict(),
            State::Held { .. } => self.take_up(),
            State::Lost(lost) if lost.why == LossReason::Expired => self.ask_to_go_on(),
            State::Looking if self.draft_reply.is_some() => self.ask_to_go_on(),
            _ => self.rest(),
        }
    }

    /// The lock was not given away by anybody, or the user wants to go on: where it is free it is had anew.
    fn ask_to_go_on(&mut self) {
        let free = self.lock.holder().is_none();
        match &mut self.recovery {
            Recovery::Waiting(aside) if free && !aside.asked => {
                aside.asked = true;
                self.want();
            }
            _ => self.rest(),
        }
    }

    /// The edits rest on the shelf; with the lock they go on.
    fn rest(&mut self) {
        let Recovery::Waiting(mut aside) = std::mem::take(&mut self.recovery) else {
            return;
        };
        aside.lay_down();
        self.kept = Some(Kept {
            draft: aside.draft.clone(),
            changes: aside.edits.count(),
            rests: Some(aside),
        });
        let error = match self.lock.holder() {
            Some(lock) => CommandError {
                holder: Some(self.holder_view(lock)),
                ..CommandError::of(
                    &crate::api::code_name(Code::LockHeld),
                    "Somebody else is editing. The draft is kept: it goes on when the canvas is yours to edit, or becomes a copy.",
                )
            },
            None => CommandError::of(
                "lock_required",
                "The draft is kept. It goes on when this canvas is yours to edit.",
            ),
        };
        self.recovered(Err(error));
    }

    /// Whether the server has all of it already: a commit that arrived, and whose answer did not.
    fn is_there_already(&self, aside: &Aside) -> bool {
        self.shadow
            .as_ref()
            .is_some_and(|shadow| aside.edits.changes().all(|change| shadow.says(change)))
    }

    /// The edits are in the drawing again, on what the server has now, and on their way. The draft goes once they are in this
    /// window's own journal, on the disk.
    fn take_up(&mut self) {
        let Recovery::Waiting(mut aside) = std::mem::take(&mut self.recovery) else {
            return;
        };
        self.kept = None;
        let changes = self.changes_of(&aside);
        let count = u32::try_from(changes.len()).unwrap_or(u32::MAX);
        for file in std::mem::take(&mut aside.files) {
            self.files
                .insert(file.id, (file.sha256, file.mime_type, file.bytes));
        }
        let (why, at, shelf) = (aside.why, aside.at, self.links.shelf.clone());
        let on_disk = self.put_on(changes);
        tokio::spawn(async move {
            if matches!(on_disk.await, Ok(Ok(()))) {
                aside.forgotten(&shelf).await;
            } else {
                aside.lay_down();
            }
        });
        self.tell_window(CanvasEvent::Reload);
        if why == DraftReason::Crash {
            self.tell_window(CanvasEvent::Recovered { changes: count, at });
            // there may be another one
            self.looked = false;
        }
        self.recovered(Ok(()));
    }

    /// Puts changes on the drawing, and down in the journal.
    pub(super) fn put_on(&mut self, changes: Vec<Change>) -> super::command::OnDisk {
        self.edit += 1;
        let (edit, version) = (self.edit, self.shadow.as_ref().map_or(0, Shadow::version));
        let on_disk = self.write_down(edit, version, changes.clone());
        for change in changes {
            self.edits.add(change, edit);
        }
        self.saving.edited(self.now());
        on_disk
    }

    fn changes_of(&self, aside: &Aside) -> Vec<Change> {
        let Some(shadow) = &self.shadow else {
            return Vec::new();
        };
        let missing = aside.edits.changes().filter(|change| !shadow.says(change));
        missing
            .cloned()
            .map(|mut change| {
                let base = shadow.base_of(&key_of(&change));
                set_base(&mut change, base);
                change
            })
            .collect()
    }

    /// What was kept lives on in a document of its own.
    pub(super) fn kept_is_saved(&mut self) {
        self.kept = None;
        self.conflict = None;
        if matches!(self.recovery, Recovery::Waiting(_) | Recovery::Judging(_)) {
            self.recovered(Ok(()));
        }
    }

    /// A draft that was taken off the shelf and not taken up.
    pub(super) fn give_back_draft(&mut self) {
        if let Recovery::Waiting(aside) | Recovery::Judging(aside) = &mut self.recovery {
            aside.lay_down();
        }
    }
}
