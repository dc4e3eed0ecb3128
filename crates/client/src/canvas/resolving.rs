//! The user's word on a conflict (X05, X06). What writes does so like any edit: with the lock, through the journal, by a
//! commit on the server's versions. The draft goes when the server has acknowledged it, and not before.

use holdfast_protocol::DocumentId;
use tokio::sync::oneshot;

use super::{
    actor::{Actor, Done},
    command::Reply,
    conflicting::{Conflict, settled},
    recovering::Kept,
};
use crate::{
    clock::Tick,
    conflict::{Choices, Plan},
    copying,
    lock::{Input, State},
    view::{CommandError, DraftReason, Resolution},
};

/// A word under way.
pub(super) struct Resolving {
    pub(super) reply: Reply<Option<DocumentId>>,
    pub(super) stage: Stage,
}

/// How far it is.
pub(super) enum Stage {
    /// The lock is being asked for, until a moment.
    Locking {
        wanted: Wanted,
        /// What the user saw when deciding.
        revision: u32,
        by: Tick,
        refused: Option<oneshot::Receiver<Result<(), CommandError>>>,
    },
    /// What was decided is on its way.
    Committing,
    /// A document is being made of this device's side.
    Copying,
}

/// What the document is to become.
pub(super) enum Wanted {
    /// What this device has.
    Mine,
    /// What both have, with these choices.
    Merged(Choices),
}

impl Resolving {
    /// Whether what was decided is on its way: the document's versions that come now are this window's.
    pub(super) fn commits(&self) -> bool {
        matches!(self.stage, Stage::Committing)
    }

    pub(super) fn answer(self, answer: Result<Option<DocumentId>, CommandError>) {
        let _ = self.reply.send(answer);
    }
}

impl Actor {
    pub(super) fn resolve(
        &mut self,
        id: &str,
        revision: u32,
        resolution: Resolution,
        reply: Reply<Option<DocumentId>>,
    ) {
        let conflict = self.conflict.as_ref().filter(|conflict| conflict.id == id);
        let (Some(conflict), Some(shadow)) = (conflict, &self.shadow) else {
            let _ = reply.send(Err(settled()));
            return;
        };
        if conflict.resolving.is_some() {
            let detail = "What was chosen before is still being done.";
            let _ = reply.send(Err(CommandError::of("unavailable", detail)));
            return;
        }
        if conflict.revision != revision || !conflict.is_of(shadow) {
            let _ = reply.send(Err(moved()));
            return;
        }
        match resolution {
            Resolution::Reload => self.reload(reply),
            Resolution::Cancel => self.decide_later(reply),
            Resolution::Copy => self.copy_mine(reply),
            Resolution::Overwrite => self.begin_to_write(Wanted::Mine, reply),
            Resolution::Merge { mine, theirs } => {
                let choices = Choices { mine, theirs };
                match Plan::merge(&conflict.drawings, &choices) {
                    Ok(_) => self.begin_to_write(Wanted::Merged(choices), reply),
                    Err(error) => {
                        let _ = reply.send(Err(CommandError::of("invalid", error.to_string())));
                    }
                }
            }
        }
    }

    /// Theirs, and on from there; mine stays a draft.
    fn reload(&mut self, reply: Reply<Option<DocumentId>>) {
        if let Some(conflict) = self.conflict.take() {
            self.kept = None;
            self.leave_on_shelf(conflict, DraftReason::PutAside, reply);
        }
        let free = self.lock.holder().is_none();
        if free && self.may_edit() && matches!(self.lock.state(), State::Looking | State::Lost(_)) {
            self.want();
        }
    }

    /// Read-only, with theirs shown and mine a draft.
    fn decide_later(&mut self, reply: Reply<Option<DocumentId>>) {
        if let Some(conflict) = self.conflict.take() {
            self.kept = Some(Kept {
                draft: conflict.aside.draft.clone(),
                changes: conflict.aside.edits.count(),
                rests: None,
            });
            self.leave_on_shelf(conflict, DraftReason::Conflict, reply);
        }
        if matches!(
            self.lock.state(),
            State::Held { .. } | State::Lapsed { .. } | State::Proving { .. }
        ) {
            self.step(Input::GivenBack { idle: false });
            self.release(false);
        }
    }

    fn leave_on_shelf(&self, conflict: Conflict, why: DraftReason, reply: Reply<Option<DocumentId>>) {
        let shelf = self.links.shelf.clone();
        tokio::spawn(async move {
            conflict.aside.stays(&shelf, why).await;
            let _ = reply.send(Ok(None));
        });
    }

    fn copy_mine(&mut self, reply: Reply<Option<DocumentId>>) {
        let (Some(conflict), Some(shadow)) = (&mut self.conflict, &self.shadow) else {
            return;
        };
        let (links, document) = (self.links.clone(), self.document.clone());
        let (on, edits) = (conflict.on(shadow).clone(), conflict.aside.edits.clone());
        let files = conflict.aside.files.iter();
        let files: Vec<_> = files
            .map(|file| (file.sha256.clone(), file.bytes.clone()))
            .collect();
        conflict.resolving = Some(Resolving {
            reply,
            stage: Stage::Copying,
        });
        self.tasks.spawn(async move {
            Done::Copied(copying::of_edits(&links, &document, &on, &edits, &files).await)
        });
    }

    /// The copy is there: the draft goes, then whoever asked is told.
    pub(super) fn copied(&mut self, copied: Result<DocumentId, CommandError>) {
        let Some(conflict) = &mut self.conflict else {
            return;
        };
        let Some(resolving) = conflict.resolving.take() else {
            return;
        };
        match copied {
            Ok(document) => self.is_resolved(resolving, Some(document)),
            Err(error) => resolving.answer(Err(error)),
        }
    }

    pub(super) fn is_resolved(&mut self, resolving: Resolving, copy: Option<DocumentId>) {
        self.kept = None;
        if let Some(conflict) = self.conflict.take() {
            let shelf = self.links.shelf.clone();
            tokio::spawn(async move {
                conflict.aside.forgotten(&shelf).await;
                resolving.answer(Ok(copy));
            });
        }
    }
}

pub(super) fn moved() -> CommandError {
    CommandError::of(
        "conflict_moved",
        "The other side has changed meanwhile. Look at it, and choose again.",
    )
}
