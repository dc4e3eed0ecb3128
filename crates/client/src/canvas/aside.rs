//! Edits off the drawing: on the shelf as a draft, and at hand here, until it is clear what becomes of them.

use std::collections::HashSet;

use bytes::Bytes;
use holdfast_protocol::{CommitId, Timestamp, document::Change};
use tokio::task::JoinHandle;

use super::actor::Actor;
use crate::{
    copying,
    document::{Edits, Shadow},
    journal::{Base, Claim, DraftId, Recovered, Shelf},
    lock::State,
    view::{CanvasEvent, DraftReason, LossReason},
};

/// A new picture of the drawing: its bytes are not at the server yet.
#[derive(Debug, Clone)]
pub(super) struct NewFile {
    pub(super) id: String,
    pub(super) sha256: String,
    pub(super) mime_type: String,
    pub(super) bytes: Bytes,
}

/// Edits that are off the drawing.
#[derive(Debug)]
pub(super) struct Aside {
    /// What they are on the shelf.
    pub(super) draft: DraftId,
    /// Keeps the draft off the shelf, for this window; without it, the draft lies there for all to see.
    pub(super) claim: Option<Claim>,
    /// The draft is on the disk once this is done.
    pub(super) ended: Option<JoinHandle<()>>,
    pub(super) edits: Edits,
    pub(super) files: Vec<NewFile>,
    pub(super) why: DraftReason,
    /// When the last of them was made, by this device's clock.
    pub(super) at: Option<Timestamp>,
    /// The version that they were made on,
    pub(super) base_version: i64,
    /// the commit that made it, where that is known,
    pub(super) base_commit: Option<CommitId>,
    /// and its drawing, where this window still has it.
    pub(super) on: Option<Box<Shadow>>,
    /// Commits of these edits that were sent and perhaps not answered.
    pub(super) sent: Vec<CommitId>,
    /// Whether the lock was asked for to go on with them.
    pub(super) asked: bool,
}

impl Aside {
    /// A draft of the shelf, with the bytes that are kept beside it.
    pub(super) async fn of((recovered, claim): (Recovered, Claim)) -> Box<Self> {
        let mut files = Vec::new();
        for change in recovered.edits.changes() {
            if let Change::File { id, sha256, data, .. } = change
                && let Some(bytes) = recovered.file(sha256).await
            {
                files.push(NewFile {
                    id: id.clone(),
                    sha256: sha256.clone(),
                    mime_type: copying::mime_type(data, &bytes),
                    bytes,
                });
            }
        }
        let base = recovered.base().await.map(Base::into_shadow);
        let on = base.filter(|base| base.version() == recovered.draft.base_version);
        Box::new(Self {
            claim: Some(claim),
            ended: None,
            files,
            why: recovered.draft.why,
            at: recovered.draft.view().at,
            base_version: recovered.draft.base_version,
            base_commit: recovered
                .base_commit
                .or_else(|| on.as_ref().and_then(Shadow::commit)),
            on: on.map(Box::new),
            sent: recovered.sent,
            asked: false,
            draft: recovered.draft.id,
            edits: recovered.edits,
        })
    }

    /// Leaves out the pictures whose bytes neither this device nor the server has any more: a commit that names one is refused,
    /// and nothing else in it would ever be saved. Answers how many there are.
    pub(super) fn leave_out_lost_pictures(&mut self, server: &Shadow) -> u32 {
        let none = Edits::default();
        let drawings = std::iter::once(server).chain(self.on.as_deref());
        let at_server = drawings.flat_map(|drawing| drawing.files(&none));
        let mut there: HashSet<_> = at_server.map(|(_, sha256, _)| sha256).collect();
        there.extend(self.files.iter().map(|file| file.sha256.clone()));
        let is_there = |change: &Change| match change {
            Change::File { sha256, .. } => there.contains(sha256),
            _ => true,
        };
        let (left, lost): (Vec<_>, Vec<_>) = self.edits.changes().cloned().partition(is_there);
        if !lost.is_empty() {
            self.edits = Edits::default();
            for change in left {
                self.edits.add(change, 1);
            }
        }
        u32::try_from(lost.len()).unwrap_or(u32::MAX)
    }

    /// It lies on the shelf from now on.
    pub(super) fn lay_down(&mut self) {
        self.claim = None;
    }

    /// It stays on the shelf, for this reason.
    pub(super) async fn stays(self, shelf: &Shelf, why: DraftReason) {
        if let Some(ended) = self.ended {
            let _ = ended.await;
        }
        shelf.relabel(&self.draft, why).await;
    }

    /// All of it is at the server, or in another journal: the draft is none any more.
    pub(super) fn forget(self, shelf: &Shelf) {
        let shelf = shelf.clone();
        tokio::spawn(async move { self.forgotten(&shelf).await });
    }

    pub(super) async fn forgotten(self, shelf: &Shelf) {
        if let Some(ended) = self.ended {
            let _ = ended.await;
        }
        if let Some(claim) = self.claim {
            claim.forget();
        } else if let Err(error) = shelf.discard(&self.draft).await {
            tracing::warn!(%error, "a draft that is none any more stays on the disk");
        }
    }
}

impl Actor {
    /// The lock is gone, or the drawing has moved on: what is not saved is a draft, off the drawing, until it is clear who
    /// else has saved (X03).
    pub(super) fn keep_draft(&mut self) {
        let why = match self.lock.state() {
            State::Gone => DraftReason::Gone,
            State::Lost(lost) if lost.why == LossReason::SignedOut => DraftReason::SignedOut,
            State::Held { .. } | State::Proving { .. } => DraftReason::Conflict,
            _ => DraftReason::LostLock,
        };
        if let Some(aside) = self.put_aside(why) {
            self.recover_from(aside);
            self.load();
        }
    }

    /// Takes the new pictures off the drawing.
    pub(super) fn take_new_files(&mut self) -> Vec<NewFile> {
        let files = std::mem::take(&mut self.files);
        files
            .into_iter()
            .map(|(id, (sha256, mime_type, bytes))| NewFile {
                id,
                sha256,
                mime_type,
                bytes,
            })
            .collect()
    }

    /// Takes the edits off the drawing; they are on the disk already.
    fn put_aside(&mut self, why: DraftReason) -> Option<Box<Aside>> {
        self.saving.forget();
        let files = self.take_new_files();
        if self.edits.is_empty() || self.give_up_resolving() {
            return None;
        }
        let edits = std::mem::take(&mut self.edits);
        self.tell_window(CanvasEvent::Reload);
        let journal = self.journal.take()?;
        let draft = journal.draft_id().clone();
        tracing::info!(document = %self.document.id, changes = edits.count(), "edits are kept as a draft");
        let shadow = self.shadow.as_ref();
        if let Some(shadow) = shadow {
            journal.keep_base(Base::of(shadow));
        }
        let sent = edits.in_flight().map(|batch| batch.commit_id);
        Some(Box::new(Aside {
            draft,
            claim: None,
            ended: Some(tokio::spawn(journal.end(Some(why)))),
            files,
            why,
            at: None,
            base_version: shadow.map_or(0, Shadow::version),
            base_commit: shadow.and_then(Shadow::commit),
            on: shadow.cloned().map(Box::new),
            sent: sent.into_iter().collect(),
            asked: false,
            edits,
        }))
    }
}
