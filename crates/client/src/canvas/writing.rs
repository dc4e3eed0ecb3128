//! Overwriting and merging: with the lock, through the journal, by commits on the server's versions.

use std::time::Duration;

use holdfast_protocol::{Code, DocumentId, document::Change};
use tokio::sync::oneshot;

use super::{
    actor::Actor,
    command::{Reply, Wish},
    resolving::{Resolving, Stage, Wanted, moved},
};
use crate::{
    clock::Tick,
    conflict::Plan,
    document::{Edits, Key, Shadow},
    lock::State,
    view::{CanvasEvent, CommandError},
};

/// How long the server may take to say whether the lock can be had.
const LOCK_WITHIN: Duration = Duration::from_secs(15);

type Refused = oneshot::Receiver<Result<(), CommandError>>;

impl Actor {
    /// Overwriting and merging need the lock first.
    pub(super) fn begin_to_write(&mut self, wanted: Wanted, reply: Reply<Option<DocumentId>>) {
        let refused = match self.lock.state() {
            State::NotAllowed | State::Gone => {
                let detail = "You may not change this canvas. Save your version as a copy.";
                let _ = reply.send(Err(CommandError::of("forbidden", detail)));
                return;
            }
            State::Looking | State::Lost(_) if !self.lock.wants() => {
                let (asked, refused) = oneshot::channel();
                self.wish(
                    Wish::IfFree {
                        refusal_is_error: true,
                    },
                    asked,
                );
                Some(refused)
            }
            _ => None,
        };
        let by = self.now().plus(LOCK_WITHIN);
        if let Some(conflict) = &mut self.conflict {
            let revision = conflict.revision;
            let stage = Stage::Locking {
                wanted,
                revision,
                by,
                refused,
            };
            conflict.resolving = Some(Resolving { reply, stage });
        }
    }

    /// When a word under way is to be looked at again.
    pub(super) fn resolving_wake_at(&self) -> Option<Tick> {
        match self.conflict.as_ref()?.resolving.as_ref()?.stage {
            Stage::Locking { by, .. } => Some(by),
            Stage::Committing | Stage::Copying => None,
        }
    }

    /// Takes the next step of a word under way.
    pub(super) fn go_on_resolving(&mut self, now: Tick) {
        let can_write = self.sendable(now).is_some() && !self.loading && self.edits.is_empty();
        let Some(resolving) = self
            .conflict
            .as_mut()
            .and_then(|conflict| conflict.resolving.take())
        else {
            return;
        };
        let (reply, stage) = (resolving.reply, resolving.stage);
        let stage = match stage {
            Stage::Locking { wanted, revision, .. } if can_write => {
                return self.write(&wanted, revision, reply);
            }
            Stage::Locking {
                wanted,
                revision,
                by,
                refused,
            } => match self.still_locking(now, by, refused) {
                Ok(refused) => Stage::Locking {
                    wanted,
                    revision,
                    by,
                    refused,
                },
                Err(error) => {
                    let _ = reply.send(Err(error));
                    return;
                }
            },
            Stage::Committing if self.edits.is_empty() => {
                let resolving = Resolving { reply, stage };
                return self.is_resolved(resolving, None);
            }
            stage => stage,
        };
        let stuck = matches!(stage, Stage::Committing) && self.saving.is_stuck();
        if let Some(conflict) = &mut self.conflict {
            conflict.resolving = Some(Resolving { reply, stage });
        }
        if stuck {
            self.give_up_resolving();
        }
    }

    /// Whether the lock may still come.
    fn still_locking(
        &self,
        now: Tick,
        by: Tick,
        mut refused: Option<Refused>,
    ) -> Result<Option<Refused>, CommandError> {
        if let Some(Ok(Err(error))) = refused.as_mut().map(oneshot::Receiver::try_recv) {
            return Err(error);
        }
        let given_up = match self.lock.state() {
            State::Looking => !self.lock.wants(),
            State::Lost(_) | State::NotAllowed | State::Gone => true,
            _ => false,
        };
        if given_up {
            return Err(self.no_lock());
        }
        if now >= by {
            let detail = "The server can't be reached just now. Nothing was changed; your version is safe on this device.";
            return Err(CommandError::of("offline", detail));
        }
        Ok(refused)
    }

    fn no_lock(&self) -> CommandError {
        match self.lock.holder() {
            Some(lock) => CommandError {
                holder: Some(self.holder_view(lock)),
                ..CommandError::of(
                    &crate::api::code_name(Code::LockHeld),
                    "Somebody else is editing this canvas. Your version is safe on this device.",
                )
            },
            None => CommandError::of(
                &crate::api::code_name(Code::LockRequired),
                "The lock could not be had. Your version is safe on this device.",
            ),
        }
    }

    /// With the lock, on what the server has: the decision, as edits.
    fn write(&mut self, wanted: &Wanted, revision: u32, reply: Reply<Option<DocumentId>>) {
        let (Some(conflict), Some(shadow)) = (&mut self.conflict, &self.shadow) else {
            return;
        };
        if conflict.revision != revision || !conflict.is_of(shadow) {
            let _ = reply.send(Err(moved()));
            return;
        }
        let plan = match wanted {
            Wanted::Mine => Ok(Plan::overwrite(&conflict.drawings)),
            Wanted::Merged(choices) => Plan::merge(&conflict.drawings, choices),
        };
        let plan = match plan {
            Ok(plan) => plan,
            Err(error) => {
                let _ = reply.send(Err(CommandError::of("invalid", error.to_string())));
                return;
            }
        };
        let changes = changes(shadow, plan);
        let resolving = Resolving {
            reply,
            stage: Stage::Committing,
        };
        if changes.is_empty() {
            return self.is_resolved(resolving, None);
        }
        conflict.resolving = Some(resolving);
        for file in &conflict.aside.files {
            let about = (file.sha256.clone(), file.mime_type.clone(), file.bytes.clone());
            self.files.insert(file.id.clone(), about);
        }
        drop(self.put_on(changes));
        self.tell_window(CanvasEvent::Reload);
    }

    /// What was decided can't be written any more: the conflict is open again, with what became of the other side. Nothing of
    /// mine is lost by it, as the draft is still there. False where nothing was being written.
    pub(super) fn give_up_resolving(&mut self) -> bool {
        let Some(conflict) = &mut self.conflict else {
            return false;
        };
        let Some(resolving) = conflict.resolving.take_if(|resolving| resolving.commits()) else {
            return false;
        };
        let error = match self.saving.failing() {
            Some(failing) if self.saving.is_stuck() => CommandError::of("invalid", &failing.detail),
            _ => self.no_lock(),
        };
        self.edits = Edits::default();
        self.files.clear();
        self.saving.forget();
        if let Some(journal) = self.journal.take() {
            tokio::spawn(journal.end(None));
        }
        resolving.answer(Err(error));
        self.tell_window(CanvasEvent::Reload);
        // part of it may have arrived
        self.load();
        true
    }
}

/// A plan as changes of what the server has.
fn changes(shadow: &Shadow, plan: Plan) -> Vec<Change> {
    let base = |key: Key| shadow.base_of(&key);
    let files = plan.files.into_iter().map(|(id, sha256, data)| Change::File {
        base_version: base(Key::File(id.clone())),
        id,
        sha256,
        data,
    });
    let scene = plan.scene.map(|data| Change::Scene {
        base_version: base(Key::Scene),
        data,
    });
    let puts = plan.puts.into_iter().map(|put| Change::Put {
        base_version: base(Key::Element(put.piece.id.clone())),
        data: if put.moved {
            shadow.stored_at(&put.piece.id, &put.piece.data, put.piece.index.as_deref())
        } else {
            put.piece.data
        },
        id: put.piece.id,
    });
    let deletes = plan.deletes.into_iter().map(|id| Change::Delete {
        base_version: base(Key::Element(id.clone())),
        id,
    });
    files.chain(scene).chain(puts).chain(deletes).collect()
}
