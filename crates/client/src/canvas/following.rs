//! Following the document's room: reading the drawing, and what others do to it.

use std::{sync::Arc, time::Duration};

use holdfast_protocol::{
    Code, CommitId,
    document::CommittedChange,
    room::{Event, Room},
};
use tokio::sync::oneshot;

use super::{
    actor::{Actor, Done},
    command::{FileSource, Reply},
    lineage::Read,
};
use crate::{
    api::ApiError,
    connection::{News, RoomNews},
    document::{Applied, Key, Shadow},
    lock::{Input, State},
    view::{CanvasContent, CanvasEvent, CommandError, Edit},
};

/// When to read the drawing again after the server could not be reached; the link coming up is sooner.
const LOAD_AGAIN: Duration = Duration::from_secs(3);

/// A commit that came while the drawing was being read.
#[derive(Debug)]
pub(super) struct Remote {
    version: i64,
    commit_id: CommitId,
    changes: Vec<CommittedChange>,
}

impl Actor {
    pub(super) fn heard(&mut self, news: News) {
        match news {
            News::Up => {
                self.saving.hurry();
                self.ask_again();
                if self.shadow.is_none() {
                    self.load();
                }
            }
            News::Lease(lease) => self.lease(lease),
            News::Room(Room::Document(id), news) if id == self.document.id => self.room(news),
            News::Down => self.doubt_the_server(),
            News::Room(..) => {}
        }
    }

    fn room(&mut self, news: RoomNews) {
        match news {
            RoomNews::Snapshot(snapshot) => {
                self.people.replace(&snapshot.presence);
                self.step(Input::Snapshot(snapshot.locks.clone()));
                self.people_changed();
                self.load();
            }
            // the same process goes on with the same data
            RoomNews::Resumed => {
                self.is_sure();
                if self.load_failed.is_none() {
                    self.load_at = None;
                }
            }
            RoomNews::Event(event) => self.event(&event),
            RoomNews::Presence(presence) => {
                self.people.tell(presence);
                self.people_changed();
            }
            RoomNews::Refused(code, detail) => {
                tracing::info!(document = %self.document.id, ?code, detail, "the document's room is closed to this user");
                if matches!(code, Code::Forbidden | Code::NotFound) {
                    self.step(Input::Gone);
                }
            }
        }
    }

    fn event(&mut self, event: &Arc<Event>) {
        match &**event {
            Event::DocumentLocked { lock } => self.step(Input::Locked(lock.clone())),
            Event::DocumentUnlocked { reason, by, .. } => {
                self.step(Input::Unlocked {
                    reason: *reason,
                    by: by.clone(),
                });
                self.lost_access();
                if self.lock.wants() {
                    self.ask_again();
                }
            }
            Event::DocumentForceTaken {
                lock,
                previous,
                by,
                reason,
            } => self.step(Input::ForceTaken {
                lock: lock.clone(),
                previous: previous.clone(),
                by: by.clone(),
                reason: reason.clone(),
            }),
            Event::DocumentCommitted {
                version,
                commit_id,
                changes,
                ..
            } => self.committed(Remote {
                version: *version,
                commit_id: *commit_id,
                changes: changes.clone(),
            }),
            Event::DocumentChanged { document, .. } => self.document = document.clone(),
            Event::DocumentDeleted { .. } => self.step(Input::Gone),
            _ => return,
        }
        self.people_changed();
    }

    fn committed(&mut self, remote: Remote) {
        if self.loading || self.shadow.is_none() {
            self.backlog.push(remote);
            return;
        }
        self.apply(&remote);
    }

    fn apply(&mut self, remote: &Remote) {
        let in_flight = self.edits.in_flight().map(|batch| batch.commit_id);
        if in_flight == Some(remote.commit_id) {
            // the room was faster than the answer
            let made = remote.changes.iter().filter_map(made).collect();
            return self.arrived(remote.version, &made);
        }
        let news = |shadow: &Shadow| shadow.version() < remote.version;
        if !self.edits.is_empty() && self.shadow.as_ref().is_some_and(news) {
            // somebody else has saved under edits that were not sent yet
            self.keep_draft();
        }
        let Some(shadow) = &mut self.shadow else {
            return;
        };
        match shadow.committed(remote.version, remote.commit_id, &remote.changes) {
            Applied::Known => {}
            Applied::Gap => self.load(),
            Applied::New(edit) => {
                self.lineage.note(shadow);
                self.tell_remote(&edit);
            }
        }
    }

    fn tell_remote(&mut self, edit: &Edit) {
        match serde_json::to_value(edit) {
            Ok(edit) => self.tell_window(CanvasEvent::Remote { edit }),
            Err(error) => {
                tracing::warn!(%error, "a remote edit can't be told as one");
                self.tell_window(CanvasEvent::Reload);
            }
        }
    }

    /// Reads the drawing; once more where it is being read already.
    pub(super) fn load(&mut self) {
        if matches!(self.lock.state(), State::Gone) {
            return;
        }
        if self.loading {
            self.load_again = true;
            return;
        }
        self.loading = true;
        let after_grant = matches!(self.lock.state(), State::Held { .. });
        let (api, document) = (self.links.api.clone(), self.document.id);
        let (lineage, downs) = (self.lineage.clone(), self.downs);
        self.tasks.spawn(async move {
            let read = lineage.read(&api, document, downs).await.map(Box::new);
            Done::Loaded { after_grant, read }
        });
    }

    pub(super) fn loaded(&mut self, after_grant: bool, read: Result<Box<Read>, ApiError>) {
        self.loading = false;
        match read {
            Ok(read) => self.take_content(after_grant, *read),
            Err(error) => {
                // while the server may be another one nothing is sent, and only its drawing tells
                let settled = matches!(
                    error.code(),
                    Some(Code::NotFound | Code::Forbidden | Code::Unauthenticated)
                );
                if self.unsure {
                    self.saving.truth_is_out_of_reach(self.now(), &error);
                }
                if error.is_passing() || (self.unsure && !settled) {
                    self.load_at = Some(self.now().plus(LOAD_AGAIN));
                }
                self.refused_outright(&error);
                for reply in std::mem::take(&mut self.content_replies) {
                    let _ = reply.send(Err(error.clone().into()));
                }
                self.load_failed = Some(error);
            }
        }
        if std::mem::take(&mut self.load_again) {
            self.load();
        }
    }

    /// The link is down: what comes up again may be a server with other data, and says so with its first answer.
    fn doubt_the_server(&mut self) {
        self.downs += 1;
        if self.shadow.is_some() {
            self.unsure = true;
            self.load_at = Some(self.now().plus(LOAD_AGAIN));
        }
    }

    /// The server is the one that was known.
    fn is_sure(&mut self) {
        self.unsure = false;
        self.saving.truth_is_known();
    }

    fn take_content(&mut self, after_grant: bool, read: Read) {
        self.load_failed = None;
        let Read {
            content,
            commit,
            fork,
            downs,
        } = read;
        if downs == self.downs {
            self.is_sure();
        }
        let before = self.shadow.as_ref().map(Shadow::version);
        match fork {
            Some(fork) => self.part_ways(content, fork),
            // an answer that is older than what the room has told meanwhile says nothing new
            None if before.is_none_or(|before| before < content.version) => {
                // the drawing below edits never moves on but by them: else nobody could tell what they were made on
                let in_flight = self.edits.in_flight().map(|batch| batch.commit_id);
                let by_them = in_flight.is_some() && in_flight == commit;
                let next = before.map(|before| before + 1) == Some(content.version);
                let explained = self.edits.is_empty() || (by_them && next);
                if !explained {
                    self.keep_draft();
                }
                self.shadow = Some(Shadow::of_content(content));
                if before.is_some() {
                    self.tell_window(CanvasEvent::Reload);
                }
            }
            None => {}
        }
        if let Some(shadow) = &mut self.shadow
            && shadow.commit().is_none()
        {
            shadow.is_made_by(commit);
            self.lineage.note(shadow);
        }
        for remote in std::mem::take(&mut self.backlog) {
            self.apply(&remote);
        }
        if after_grant {
            self.step(Input::Confirmed);
        }
        for reply in std::mem::take(&mut self.content_replies) {
            self.content(reply);
        }
    }

    pub(super) fn content(&mut self, reply: Reply<CanvasContent>) {
        match (&self.shadow, &self.load_failed) {
            (Some(shadow), _) => {
                let _ = reply.send(Ok(shadow.content(&self.edits)));
            }
            (None, Some(error)) if !self.loading => {
                let _ = reply.send(Err(error.clone().into()));
            }
            (None, _) => self.content_replies.push(reply),
        }
    }

    pub(super) fn file(&self, id: &str, reply: Reply<FileSource>) {
        if let Some((sha256, _, bytes)) = self.files.get(id) {
            let _ = reply.send(Ok(FileSource {
                sha256: sha256.clone(),
                bytes: Some(bytes.clone()),
            }));
            return;
        }
        if let Some(source) = self.conflict_file(id) {
            let _ = reply.send(Ok(source));
            return;
        }
        let sha256 = self
            .shadow
            .as_ref()
            .and_then(|shadow| shadow.file(id, &self.edits));
        let source = sha256.map(|sha256| FileSource { sha256, bytes: None });
        let missing = || CommandError::of("not_found", "The drawing has no such picture.");
        let _ = reply.send(source.ok_or_else(missing));
    }

    pub(super) fn drawing(&self, reply: oneshot::Sender<Result<super::Picture, CommandError>>) {
        let Some(shadow) = &self.shadow else {
            let detail = "The drawing has not been read yet: try again when the server can be reached.";
            let _ = reply.send(Err(CommandError::of("offline", detail)));
            return;
        };
        let elements = shadow.elements(&self.edits).into_iter().map(|(_, data)| data);
        let files = shadow.files(&self.edits).into_iter().map(|(id, sha256, data)| {
            let bytes = self.files.get(&id).map(|(_, _, bytes)| bytes.clone());
            (id, sha256, data, bytes)
        });
        let _ = reply.send(Ok(super::Picture {
            scene: shadow.scene(&self.edits).clone(),
            elements: elements.collect(),
            files: files.collect(),
        }));
    }
}

/// What a committed change made.
fn made(change: &CommittedChange) -> Option<(Key, i64)> {
    let key = match (change.op.as_str(), &change.id) {
        ("put" | "delete", Some(id)) => Key::Element(id.clone()),
        ("file", Some(id)) => Key::File(id.clone()),
        ("scene", _) => Key::Scene,
        _ => return None,
    };
    Some((key, change.version))
}
