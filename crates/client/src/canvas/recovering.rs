//! Going on with a draft: what a crash has left (X07), what was kept while the lock was in doubt, what the user opens from the
//! shelf. One way for all (X03): the lock is this session's, nobody else has saved since, then the edits are in the drawing
//! again and on their way. Until that is clear nothing is accepted, so that no older edit goes over a newer one.

use bytes::Bytes;
use holdfast_protocol::{Code, CommitId, DocumentId, document::Change};

use super::{
    actor::{Actor, Done},
    command::Reply,
    locking::ASK_AGAIN,
};
use crate::{
    api::{Api, ApiError},
    clock::Tick,
    copying,
    document::{Shadow, key_of, set_base},
    journal::{DraftId, Recovered, Shelf},
    lock::State,
    view::{CanvasEvent, CommandError, DraftReason},
};

/// A draft off the shelf, with the bytes of its new pictures: id, hash, type.
#[derive(Debug)]
pub(super) struct Claimed {
    recovered: Recovered,
    files: Vec<(String, String, String, Bytes)>,
}

/// How far a canvas is with a draft.
#[derive(Debug, Default)]
pub(super) enum Recovery {
    /// Whether a crash has left something was not asked yet.
    #[default]
    Unknown,
    /// The shelf is being looked at.
    Looking,
    /// There is one to go on with.
    Claimed(Box<Claimed>),
    /// Whether somebody else has saved since is being asked.
    Judging(Box<Claimed>),
    /// There is nothing to go on with.
    Settled,
}

impl Recovery {
    pub(super) fn is_settled(&self) -> bool {
        matches!(self, Self::Settled)
    }
}

impl Actor {
    /// Goes on with a draft of the shelf.
    pub(super) fn open_draft(&mut self, id: DraftId, reply: Reply<()>) {
        if matches!(
            self.recovery,
            Recovery::Looking | Recovery::Claimed(_) | Recovery::Judging(_)
        ) {
            let detail = "Another draft is being looked at. Try again in a moment.";
            let _ = reply.send(Err(CommandError::of("unavailable", detail)));
            return;
        }
        self.draft_reply = Some(reply);
        self.recovery = Recovery::Looking;
        let shelf = self.links.shelf.clone();
        self.tasks
            .spawn(async move { Done::Claimed(claimed(shelf.claim(&id).await).await) });
    }

    /// Edits that are on an older drawing, perhaps: off the drawing, and on again once that is clear.
    pub(super) fn doubt_edits(&mut self) {
        let Some((id, ended)) = self.put_aside(DraftReason::Conflict) else {
            return;
        };
        self.recovery = Recovery::Looking;
        let shelf = self.links.shelf.clone();
        self.tasks.spawn(async move {
            ended.await;
            Done::Claimed(claimed(shelf.claim(&id).await).await)
        });
    }

    pub(super) fn claimed(&mut self, claimed: Option<Box<Claimed>>) {
        match claimed {
            Some(claimed) => self.recovery = Recovery::Claimed(claimed),
            None => {
                let detail = "This draft is not there any more.";
                self.recovered(Err(CommandError::of("not_found", detail)));
            }
        }
    }

    fn recovered(&mut self, answer: Result<(), CommandError>) {
        self.recovery = Recovery::Settled;
        if let Some(reply) = self.draft_reply.take() {
            let _ = reply.send(answer);
        }
    }

    /// Takes the next step, where one can be taken.
    pub(super) fn recover(&mut self, now: Tick) {
        match (&self.recovery, self.lock.state()) {
            (Recovery::Unknown, State::Held { .. }) => self.look_for_drafts(),
            (Recovery::Claimed(_), State::Held { .. }) => self.try_to_go_on(now),
            (Recovery::Claimed(_), State::Looking) if !self.lock.wants() => self.cannot_go_on(),
            (Recovery::Claimed(_), State::Lost(_) | State::NotAllowed | State::Gone) => self.cannot_go_on(),
            _ => {}
        }
    }

    fn look_for_drafts(&mut self) {
        self.recovery = Recovery::Looking;
        let (shelf, server, document) = (self.links.shelf.clone(), self.links.id.clone(), self.document.id);
        self.tasks
            .spawn(async move { Done::Claimed(claimed(shelf.claim_crashed(&server, document).await).await) });
    }

    fn try_to_go_on(&mut self, now: Tick) {
        let Some(version) = self.shadow.as_ref().map(Shadow::version) else {
            return;
        };
        if self.sendable(now).is_none() || self.loading || !self.edits.is_empty() {
            return;
        }
        let Recovery::Claimed(claimed) = std::mem::take(&mut self.recovery) else {
            return;
        };
        let base = claimed.recovered.draft.base_version;
        if version == base {
            return self.take_up(*claimed);
        }
        let (api, document) = (self.links.api.clone(), self.document.id);
        let sent = claimed.recovered.sent.clone();
        self.recovery = Recovery::Judging(claimed);
        self.tasks.spawn(async move {
            // a server whose versions went back has lost what these edits were made on
            if version < base {
                return Done::Judged(Ok(false));
            }
            loop {
                match only_ours(&api, document, base, &sent).await {
                    Err(error) if error.is_passing() => tokio::time::sleep(ASK_AGAIN).await,
                    judged => return Done::Judged(judged),
                }
            }
        });
    }

    pub(super) fn judged(&mut self, judged: Result<bool, ApiError>) {
        let Recovery::Judging(claimed) = std::mem::take(&mut self.recovery) else {
            return;
        };
        let clear = match judged {
            // the drawing may have gone out of reach meanwhile
            Ok(only_ours) => {
                only_ours && self.sendable(self.now()).is_some() || self.is_there_already(&claimed.recovered)
            }
            Err(error) => {
                tracing::info!(%error, "a draft's history can't be read");
                false
            }
        };
        if clear {
            self.take_up(*claimed);
        } else {
            self.recovery = Recovery::Claimed(claimed);
            self.cannot_go_on();
        }
    }

    /// Back onto the shelf: the user decides.
    fn cannot_go_on(&mut self) {
        let Recovery::Claimed(claimed) = std::mem::take(&mut self.recovery) else {
            return;
        };
        self.links.shelf.unclaim(&claimed.recovered.draft.id);
        let error = match self.lock.holder() {
            Some(lock) => CommandError {
                holder: Some(self.holder_view(lock)),
                ..CommandError::of(
                    &crate::api::code_name(Code::LockHeld),
                    "Somebody else is editing. The draft is kept; open it when the canvas is free, or save it as a copy.",
                )
            },
            None => CommandError::of(
                "conflict",
                "The canvas was changed since the draft was made. The draft is kept: compare it with the canvas, or save it as a copy.",
            ),
        };
        self.recovered(Err(error));
    }

    /// Whether the server has all of it already: a commit that arrived, and whose answer did not.
    fn is_there_already(&self, recovered: &Recovered) -> bool {
        self.shadow
            .as_ref()
            .is_some_and(|shadow| recovered.edits.changes().all(|change| shadow.says(change)))
    }

    /// The edits are in the drawing again, on what the server has now, and on their way. The draft goes once they are in this
    /// window's own journal, on the disk.
    fn take_up(&mut self, claimed: Claimed) {
        let Claimed { recovered, files } = claimed;
        let id = recovered.draft.id.clone();
        let changes = self.changes_of(&recovered);
        self.kept = None;
        if changes.is_empty() {
            // the server has all of it: nobody is asked about a draft that is none
            self.links.shelf.forget_claimed(&id);
            return self.recovered(Ok(()));
        }
        self.edit += 1;
        let (edit, version) = (self.edit, self.shadow.as_ref().map_or(0, Shadow::version));
        let on_disk = self.journal().append(edit, version, changes.clone());
        let shelf = self.links.shelf.clone();
        tokio::spawn(async move {
            if matches!(on_disk.await, Ok(Ok(()))) {
                shelf.forget_claimed(&id);
            }
        });
        for (id, sha256, mime_type, bytes) in files {
            self.files.insert(id, (sha256, mime_type, bytes));
        }
        let count = u32::try_from(changes.len()).unwrap_or(u32::MAX);
        for change in changes {
            self.edits.add(change, edit);
        }
        self.saving.edited(self.now());
        self.tell_window(CanvasEvent::Reload);
        if recovered.draft.why == DraftReason::Crash {
            let at = recovered.draft.view().at;
            self.tell_window(CanvasEvent::Recovered { changes: count, at });
        }
        self.recovered(Ok(()));
    }

    fn changes_of(&self, recovered: &Recovered) -> Vec<Change> {
        let Some(shadow) = &self.shadow else {
            return Vec::new();
        };
        let missing = recovered.edits.changes().filter(|change| !shadow.says(change));
        missing
            .cloned()
            .map(|mut change| {
                let base = shadow.base_of(&key_of(&change));
                set_base(&mut change, base);
                change
            })
            .collect()
    }

    /// A draft that was taken off the shelf and not taken up.
    pub(super) fn give_back_draft(&self, shelf: &Shelf) {
        if let Recovery::Claimed(claimed) | Recovery::Judging(claimed) = &self.recovery {
            shelf.unclaim(&claimed.recovered.draft.id);
        }
    }
}

/// A draft with the bytes that are kept beside it.
async fn claimed(recovered: Option<Recovered>) -> Option<Box<Claimed>> {
    let recovered = recovered?;
    let mut files = Vec::new();
    for change in recovered.edits.changes() {
        if let Change::File { id, sha256, data, .. } = change
            && let Some(bytes) = recovered.file(sha256).await
        {
            let mime_type = copying::mime_type(data, &bytes);
            files.push((id.clone(), sha256.clone(), mime_type, bytes));
        }
    }
    Some(Box::new(Claimed { recovered, files }))
}

/// Whether every commit since a version is one of these.
async fn only_ours(api: &Api, document: DocumentId, base: i64, sent: &[CommitId]) -> Result<bool, ApiError> {
    let mut before = None;
    loop {
        let page = api.commits(document, before).await?;
        for entry in page.items {
            if entry.version <= base {
                return Ok(true);
            }
            if !sent.contains(&entry.commit_id) {
                return Ok(false);
            }
        }
        before = page.next.and_then(|next| next.parse().ok());
        if before.is_none() {
            return Ok(true);
        }
    }
}
