//! Saving: one commit in flight, the first begun at once, each further one with what a moment gathers.

use std::{collections::HashMap, time::Duration};

use bytes::Bytes;
use holdfast_protocol::{
    Code, CommitId, DocumentId,
    document::{Change, CommitAnswer, CommitRequest},
};

use super::actor::{Actor, Done};
use crate::{
    api::{Api, ApiError},
    clock::Tick,
    document::{Batch, Key, Shadow},
    lock::Input,
    view::{CommandError, ConnectionView},
};

/// From one commit's start to the next one's at least: a stroke's points come one by one, and so many share a commit.
const GATHER: Duration = Duration::from_millis(80);
/// The first wait after a failed save; it doubles up to [`RETRY_MAX`].
const RETRY_MIN: Duration = Duration::from_millis(500);
/// The longest wait after a failed save.
const RETRY_MAX: Duration = Duration::from_secs(10);

/// A server's wish to be asked later is granted up to this.
const PATIENCE_MAX: Duration = Duration::from_secs(60);

/// Where saving stands.
#[derive(Debug, Default)]
pub(super) struct Saving {
    /// Since when there is something to send.
    gathering: Option<Tick>,
    /// When the last commit was begun.
    begun: Option<Tick>,
    /// The commit whose answer is waited for.
    sending: Option<CommitId>,
    /// When to send again what did not arrive.
    retry_at: Option<Tick>,
    wait: Duration,
    /// Since when it fails, why, and whether waiting helps.
    failing: Option<Failing>,
}

/// Why nothing is saved.
#[derive(Debug, Clone)]
pub(super) struct Failing {
    pub(super) since: Tick,
    pub(super) detail: String,
    /// Whether the server was out of reach, as opposed to refusing.
    pub(super) unreachable: bool,
    /// Whether nothing but another edit can help.
    stuck: bool,
    /// Whether it was the drawing that could not be read, before anything is sent.
    reading: bool,
}

impl Saving {
    pub(super) fn edited(&mut self, now: Tick) {
        self.gathering.get_or_insert(now);
        if self.failing.as_ref().is_some_and(|failing| failing.stuck) {
            self.failing = None;
        }
    }

    /// When the next commit is due.
    pub(super) fn wake_at(&self) -> Option<Tick> {
        if self.sending.is_some() || self.is_stuck() {
            return None;
        }
        let gathered = self.gathering.map(|since| match self.begun {
            Some(begun) => since.max(begun.plus(GATHER)),
            None => since,
        });
        self.retry_at.or(gathered)
    }

    pub(super) fn failing(&self) -> Option<&Failing> {
        self.failing.as_ref()
    }

    /// Whether nothing but another edit can help.
    pub(super) fn is_stuck(&self) -> bool {
        self.failing.as_ref().is_some_and(|failing| failing.stuck)
    }

    /// Nothing is to be sent any more.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    fn fail(&mut self, now: Tick, error: &ApiError, stuck: bool) {
        let since = self.failing.as_ref().map_or(now, |failing| failing.since);
        let unreachable = !matches!(error, ApiError::Refused(_));
        let detail = format!("{} {}", error.in_words(), what_to_do(error));
        self.failing = Some(Failing {
            since,
            detail,
            unreachable,
            stuck,
            reading: false,
        });
    }

    /// Nothing is sent before the server's drawing was read, and that fails: for the user it is saving that fails.
    pub(super) fn truth_is_out_of_reach(&mut self, now: Tick, error: &ApiError) {
        if !self.is_stuck() {
            self.fail(now, error, false);
        }
        if let Some(failing) = &mut self.failing {
            failing.reading = true;
        }
    }

    /// The drawing was read; whether it can be saved, the next commit tells.
    pub(super) fn truth_is_known(&mut self) {
        self.failing.take_if(|failing| failing.reading && !failing.stuck);
    }

    fn again(&mut self, now: Tick, error: &ApiError) {
        self.fail(now, error, false);
        self.wait = (self.wait * 2).clamp(RETRY_MIN, RETRY_MAX);
        let wait = match error {
            ApiError::Refused(refusal) => refusal.retry_after_secs.map_or(self.wait, |secs| {
                Duration::from_secs(secs.into()).min(PATIENCE_MAX)
            }),
            _ => self.wait,
        };
        self.retry_at = Some(now.plus(wait));
    }

    /// The server is in reach again, or the user does not want to wait.
    pub(super) fn hurry(&mut self) {
        self.retry_at = self.retry_at.map(|_| Tick::default());
        self.wait = Duration::ZERO;
    }
}

/// What somebody can do about a save that fails. That nothing is lost, the window says itself.
fn what_to_do(error: &ApiError) -> &'static str {
    match error.code() {
        Some(Code::TooLarge) => {
            "Take something out of the drawing or make it smaller; then all else is saved."
        }
        Some(Code::Unavailable | Code::Internal | Code::RateLimited) | None => {
            "It is tried again by itself. If it lasts, tell whoever runs the server."
        }
        Some(_) => "Change what was drawn last, or save a copy, and tell whoever runs the server.",
    }
}

impl Actor {
    /// Sends the next commit where one is due and the lock allows it.
    pub(super) fn save(&mut self, now: Tick) {
        let Some(fence) = self.sendable(now) else {
            return;
        };
        let due = self.saving.wake_at().is_some_and(|at| at <= now) || self.leaving.is_some();
        if self.saving.sending.is_some() || !due {
            return;
        }
        if self.saving.retry_at.is_some_and(|at| at > now) {
            return;
        }
        let Some(base_version) = self.shadow.as_ref().map(Shadow::version) else {
            return;
        };
        let batch = match self.edits.in_flight().cloned() {
            Some(batch) => batch,
            None => match self.edits.send().cloned() {
                Some(batch) => batch,
                None => {
                    self.saving.gathering = None;
                    return;
                }
            },
        };
        self.saving.retry_at = None;
        self.saving.sending = Some(batch.commit_id);
        self.saving.begun = Some(now);
        self.saving.gathering = None;
        let files = self.files_of(&batch);
        let (api, document, commit_id) = (self.links.api.clone(), self.document.id, batch.commit_id);
        if let Some(journal) = &self.journal {
            journal.sent(commit_id);
        }
        let request = CommitRequest {
            commit_id,
            session_id: self.session,
            fence,
            base_version,
            changes: batch.changes,
        };
        self.tasks
            .spawn(async move { Done::Saved(commit_id, send(&api, document, &request, files).await) });
    }

    /// The fence to send with; none where nothing can be sent as things are.
    pub(super) fn sendable(&self, now: Tick) -> Option<i64> {
        let signed_out = matches!(*self.connection.borrow(), ConnectionView::SignedOut { .. });
        let may = self.lock.accepts_edits() && !self.saving.is_stuck() && !signed_out && !self.unsure;
        self.lock.fence(now).filter(|_| may)
    }

    /// The fence to write with beside this window, once everything is saved. Nothing is accepted from then on, until what was
    /// written has been read: an edit on the drawing before it would be one in conflict with its own window.
    pub(super) fn stand_still(&mut self) -> Result<i64, CommandError> {
        let fence = self.settled_fence()?;
        self.still_until = Some(i64::MAX);
        Ok(fence)
    }

    /// That is over, with the version that was written; none where nothing was.
    pub(super) fn written_beside(&mut self, version: Option<i64>) {
        self.still_until = version;
        self.go_on();
        if self.still_until.is_some() {
            self.load();
        }
    }

    /// Edits are accepted again where what was written has been read, or is not this window's to go on with.
    pub(super) fn go_on(&mut self) {
        let seen = self.shadow.as_ref().map_or(0, Shadow::version);
        let holds = self.lock.accepts_edits();
        self.still_until.take_if(|until| *until <= seen || !holds);
    }

    /// The fence to send with, once everything is saved.
    fn settled_fence(&self) -> Result<i64, CommandError> {
        if !self.edits.is_empty() {
            let detail = "Some edits are not saved yet; nothing was changed. Try again when they are.";
            return Err(CommandError::of("unsaved", detail));
        }
        let fence = self.sendable(self.now());
        fence.ok_or_else(|| CommandError::of("lock_required", "This window does not hold the lock any more."))
    }

    fn files_of(&self, batch: &Batch) -> Vec<(String, String, Bytes)> {
        let ids = batch.changes.iter().filter_map(|change| match change {
            Change::File { id, .. } => Some(id),
            _ => None,
        });
        ids.filter_map(|id| self.files.get(id).cloned()).collect()
    }

    /// An answer to a commit. One that the room told first is old news.
    pub(super) fn saved(&mut self, commit: CommitId, answer: Result<CommitAnswer, ApiError>) {
        self.saving.sending.take_if(|sending| *sending == commit);
        let in_flight = self.edits.in_flight().filter(|batch| batch.commit_id == commit);
        let Some(batch) = in_flight else {
            if self.edits.has_pending() {
                self.saving.edited(self.now());
            }
            return;
        };
        match answer {
            Ok(answer) => {
                let made = batch.versions(&answer);
                self.arrived(answer.version, &made);
            }
            Err(error) => self.not_saved(&error),
        }
    }

    /// The commit in flight is at the server.
    pub(super) fn arrived(&mut self, version: i64, made: &HashMap<Key, i64>) {
        let Some(batch) = self.edits.acknowledged(made) else {
            return;
        };
        let Some(shadow) = &mut self.shadow else {
            return;
        };
        if !self.recovery.is_settled() {
            // nothing is drawn meanwhile: these are edits that a crash has left
            self.recovered_by.push(batch.commit_id);
        }
        // the room may have told first: its answer is not waited for any more
        self.saving.sending = None;
        let missed = version > shadow.version() + 1;
        for change in &batch.changes {
            if let Change::File { id, .. } = change {
                self.files.remove(id);
            }
        }
        // what is missing in between is read before the version counts as known
        let known = if missed { shadow.version() } else { version };
        shadow.acknowledged(batch, known, made);
        self.lineage.note(shadow);
        // the draft of an earlier conflict is on the shelf; this window goes on from here
        self.kept = None;
        if let Some(journal) = &self.journal {
            let through = self.edits.acknowledged_through(self.edit);
            journal.acknowledged(through, made, known, self.edits.is_empty());
            if let Some(commit) = shadow.commit().filter(|_| !self.edits.is_empty()) {
                journal.made_by(known, commit);
            }
        }
        self.saving.failing = None;
        self.saving.wait = Duration::ZERO;
        self.saving.retry_at = None;
        if self.edits.has_pending() {
            self.saving.edited(self.now());
        }
        if missed {
            self.load();
        }
    }

    fn not_saved(&mut self, error: &ApiError) {
        let now = self.now();
        tracing::debug!(document = %self.document.id, %error, "a commit was not written");
        match error.code() {
            Some(Code::LockRequired | Code::StaleFence | Code::SessionNotFound | Code::SessionNotYours) => {
                self.saving.again(now, error);
                self.step(Input::SessionEnded);
            }
            Some(Code::VersionConflict) => self.moved_on(error),
            Some(Code::Unauthenticated) => {
                self.saving.again(now, error);
                self.refused_outright(error);
            }
            Some(Code::NotFound) => self.step(Input::Gone),
            Some(Code::Forbidden) => {
                self.step(Input::Denied);
                self.ask_role();
            }
            // an answer that is not understood says nothing: the same commit asks once more (D05)
            _ if error.is_passing() || matches!(error, ApiError::Incompatible(_)) => {
                self.saving.again(now, error);
            }
            _ => {
                // it is refused as it is: with the next edit it is another commit
                self.edits.returned();
                self.saving.fail(now, error, true);
            }
        }
    }

    /// Elements have moved on. Where they were only deleted, nothing of anybody's is overwritten: they are put again on the
    /// deletion (D04). Else what is not saved becomes a draft, and the drawing is read anew.
    fn moved_on(&mut self, error: &ApiError) {
        let conflicts = error
            .problem()
            .map(|problem| problem.conflicts.as_slice())
            .unwrap_or_default();
        let only_deleted = !conflicts.is_empty()
            && conflicts
                .iter()
                .all(|conflict| conflict.deleted && conflict.your_version == 0);
        if only_deleted {
            self.edits.returned();
            for conflict in conflicts {
                self.edits
                    .rebase_on_deletion(&conflict.element_id, conflict.current_version);
            }
            self.saving.edited(self.now());
            return;
        }
        tracing::warn!(document = %self.document.id, conflicts = conflicts.len(), "the drawing has moved on under a commit");
        self.keep_draft();
        self.load();
    }
}

/// Pictures first: the server takes no commit that names bytes it does not have. The same bytes again are no harm.
async fn send(
    api: &Api,
    document: DocumentId,
    request: &CommitRequest,
    files: Vec<(String, String, Bytes)>,
) -> Result<CommitAnswer, ApiError> {
    for (sha256, mime_type, bytes) in files {
        api.put_file(document, &sha256, &mime_type, bytes).await?;
    }
    api.commit(document, request).await
}
