//! A conflict: two drawings made of one, shown until the user has decided (X04).
//!
//! It begins with edits that are off the drawing and on the shelf, and never takes them from there: whatever ends it, or the
//! program, they are a draft. While it is open nothing is accepted. Theirs is the drawing as this window follows it; each time
//! that it moves on, the comparison is made anew and `revision` counts, so that no choice is made about what was not seen.

use holdfast_protocol::{CommitId, document::CommitEntry};
use uuid::Uuid;

use super::{
    actor::{Actor, Done},
    aside::Aside,
    command::{FileSource, Reply},
    locking::ASK_AGAIN,
    recovering::Recovery,
    resolving::Resolving,
};
use crate::{
    api::ApiError,
    conflict::{Choices, Comparison, Drawings, Plan, Side},
    document::{Edits, Key, Shadow, base_version, key_of},
    lock::State,
    view::{CommandError, ConflictContent, ConflictLock, ConflictView, DraftReason, SideView},
};

/// A conflict that waits for the user's word.
pub(super) struct Conflict {
    pub(super) id: String,
    pub(super) revision: u32,
    pub(super) aside: Box<Aside>,
    /// The three drawings as they were compared last.
    pub(super) drawings: Drawings,
    comparison: Comparison,
    /// What mine has changed beside elements.
    beside: u32,
    /// The server's version that was compared last, with its commit; none before the first time.
    compared: Option<(i64, Option<CommitId>)>,
    /// Who made it.
    saved: Option<CommitEntry>,
    /// Whether that is being asked.
    asking: bool,
    pub(super) resolving: Option<Resolving>,
}

impl Conflict {
    /// Whether the other side is still the one that was compared.
    pub(super) fn is_of(&self, shadow: &Shadow) -> bool {
        self.compared == Some((shadow.version(), shadow.commit()))
    }

    /// The drawing that mine was made on; the server's own where nobody has that any more.
    pub(super) fn on<'a>(&'a self, theirs: &'a Shadow) -> &'a Shadow {
        self.aside.on.as_deref().unwrap_or(theirs)
    }

    fn compare(&mut self, theirs: &Shadow) {
        let nothing = Edits::default();
        let base = self.on(theirs);
        if self.compared.is_none() || self.aside.on.is_none() {
            let (base, mine) = (Side::of(base, &nothing), Side::of(base, &self.aside.edits));
            (self.drawings.base, self.drawings.mine) = (base, mine);
        }
        if self.aside.on.is_none() {
            // what was there before is not known; what was new still is
            let changed = self
                .aside
                .edits
                .changes()
                .filter(|change| base_version(change) > 0);
            let ids = changed.filter_map(|change| match key_of(change) {
                Key::Element(id) => Some(id),
                Key::File(_) | Key::Scene => None,
            });
            self.drawings.unknown = ids.collect();
        }
        self.drawings.theirs = Side::of(theirs, &nothing);
        self.comparison = Comparison::of(&self.drawings);
        let all_mine = self.comparison.contested().map(|each| each.element_id.clone());
        let choices = Choices {
            mine: all_mine.collect(),
            theirs: Vec::new(),
        };
        let plan = Plan::merge(&self.drawings, &choices).unwrap_or_default();
        let beside = plan.files.len() + usize::from(plan.scene.is_some());
        self.beside = u32::try_from(beside).unwrap_or(u32::MAX);
        self.compared = Some((theirs.version(), theirs.commit()));
    }

    /// Whether the server has all that this device has.
    fn is_none(&self) -> bool {
        self.comparison.mine() == 0 && self.beside == 0
    }
}

impl Actor {
    /// The edits that wait become one side of a conflict. They are on the shelf from this moment on.
    pub(super) fn begin_conflict(&mut self) {
        let Recovery::Waiting(mut aside) = std::mem::take(&mut self.recovery) else {
            return;
        };
        tracing::warn!(document = %self.document.id, base = aside.base_version, "a conflict: the drawing has moved on under edits");
        if let Some(claim) = aside.claim.take() {
            let (shelf, draft) = (self.links.shelf.clone(), aside.draft.clone());
            aside.ended = Some(tokio::spawn(async move {
                // no later window shall go on with it unasked
                shelf.relabel(&draft, DraftReason::Conflict).await;
                drop(claim);
            }));
        }
        self.conflict = Some(Conflict {
            id: Uuid::new_v4().to_string(),
            revision: 0,
            aside,
            drawings: Drawings::default(),
            comparison: Comparison::default(),
            beside: 0,
            compared: None,
            saved: None,
            asking: false,
            resolving: None,
        });
        self.recovered(Ok(()));
    }

    /// Where the other side has moved on, asks who it was; with the answer the conflict is shown anew. Without a document there
    /// is no conflict: mine is a draft.
    pub(super) fn follow_conflict(&mut self) {
        let gone = matches!(self.lock.state(), State::Gone);
        let idle = |conflict: &mut Conflict| conflict.resolving.is_none();
        if gone && let Some(conflict) = self.conflict.take_if(idle) {
            let (shelf, aside) = (self.links.shelf.clone(), conflict.aside);
            tokio::spawn(async move { aside.stays(&shelf, DraftReason::Gone).await });
            return;
        }
        let (Some(conflict), Some(shadow)) = (&mut self.conflict, &self.shadow) else {
            return;
        };
        let commits = conflict.resolving.as_ref().is_some_and(Resolving::commits);
        if conflict.asking || commits || self.loading || conflict.is_of(shadow) {
            return;
        }
        conflict.asking = true;
        let (api, document, version) = (self.links.api.clone(), self.document.id, shadow.version());
        let shelved = conflict.aside.ended.take();
        self.tasks.spawn(async move {
            // nothing is asked of the user before mine is on the shelf
            if let Some(shelved) = shelved {
                let _ = shelved.await;
            }
            loop {
                match api.commit_of(document, Some(version)).await {
                    Err(error) if error.is_passing() => tokio::time::sleep(ASK_AGAIN).await,
                    saved => return Done::SavedBy(saved),
                }
            }
        });
    }

    pub(super) fn saved_by(&mut self, saved: Result<Option<CommitEntry>, ApiError>) {
        let (Some(conflict), Some(shadow)) = (&mut self.conflict, &self.shadow) else {
            return;
        };
        conflict.asking = false;
        match saved {
            Ok(saved) => conflict.saved = saved,
            Err(error) => tracing::info!(%error, "who saved last can't be read"),
        }
        if conflict.resolving.as_ref().is_some_and(Resolving::commits) {
            return;
        }
        conflict.compare(shadow);
        conflict.revision += 1;
        if conflict.is_none() {
            // others have done the same: nothing is left to decide
            self.end_conflict();
        }
    }

    /// What this device had is at the server.
    fn end_conflict(&mut self) {
        if let Some(conflict) = self.conflict.take() {
            self.kept = None;
            conflict.aside.forget(&self.links.shelf);
            if let Some(resolving) = conflict.resolving {
                resolving.answer(Ok(None));
            }
        }
    }

    pub(super) fn conflict_view(&self) -> Option<ConflictView> {
        let conflict = self.conflict.as_ref()?;
        let (version, _) = conflict.compared?;
        let holder = self.lock.holder();
        let lock = match self.lock.state() {
            State::Held { .. } => ConflictLock::Ours,
            _ if holder.is_some() => ConflictLock::Held,
            _ => ConflictLock::Free,
        };
        let saved = conflict.saved.as_ref();
        let document = &self.document;
        Some(ConflictView {
            id: conflict.id.clone(),
            revision: conflict.revision,
            mine: SideView {
                version: conflict.aside.base_version,
                by: self.whose.user.clone(),
                device_name: self.links.device_name(),
                at: None,
                changes: conflict.comparison.mine() + conflict.beside,
            },
            theirs: SideView {
                version,
                by: saved.map_or_else(|| document.updated_by.clone(), |saved| saved.by.clone()),
                device_name: saved.map_or_else(String::new, |saved| saved.device_name.clone()),
                at: Some(saved.map_or(document.updated_at, |saved| saved.at)),
                changes: conflict.comparison.theirs(),
            },
            base_version: conflict.aside.base_version,
            differences: conflict.comparison.differences.clone(),
            lock,
            holder: holder
                .filter(|_| lock == ConflictLock::Held)
                .map(|lock| self.holder_view(lock)),
            can_take_over: lock == ConflictLock::Held && self.can_take_over(),
        })
    }

    /// The three drawings, to be looked at.
    pub(super) fn conflict_content(&self, reply: Reply<ConflictContent>) {
        let content = match (&self.conflict, &self.shadow) {
            (Some(conflict), Some(theirs)) => {
                let (nothing, base) = (Edits::default(), conflict.on(theirs));
                Ok(ConflictContent {
                    revision: conflict.revision,
                    base: base.content(&nothing),
                    mine: base.content(&conflict.aside.edits),
                    theirs: theirs.content(&nothing),
                })
            }
            _ => Err(settled()),
        };
        let _ = reply.send(content);
    }

    /// A picture of this device's side.
    pub(super) fn conflict_file(&self, id: &str) -> Option<FileSource> {
        let aside = &self.conflict.as_ref()?.aside;
        if let Some(file) = aside.files.iter().find(|file| file.id == id) {
            return Some(FileSource {
                sha256: file.sha256.clone(),
                bytes: Some(file.bytes.clone()),
            });
        }
        let sha256 = aside.on.as_ref()?.file(id, &aside.edits)?;
        Some(FileSource { sha256, bytes: None })
    }
}

/// The conflict that somebody speaks of is none any more.
pub(super) fn settled() -> CommandError {
    CommandError::of("not_found", "This conflict is settled already.")
}
