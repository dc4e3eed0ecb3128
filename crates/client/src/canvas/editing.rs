//! Taking edits from the window: checked, journaled, merged.

use std::collections::HashSet;

use bytes::Bytes;
use holdfast_protocol::{Json, document::Change, limits};
use sha2::{Digest, Sha256};

use super::{actor::Actor, command::OnDisk};
use crate::{
    document::{Key, RawObject, Shadow, key_of, to_json},
    file::picture,
    lock::{Input, State},
    view::{CommandError, Edit, ElementData},
};

impl Actor {
    /// An edit, into the journal and on its way; nothing where it changes nothing. So an edit that comes again, as one that
    /// the disk has refused does, makes no other version: what is in memory is on its way, and the state says where it is.
    pub(super) fn take_edit(&mut self, edit: Edit) -> Result<Option<OnDisk>, CommandError> {
        self.check_editable()?;
        let Some(shadow) = &self.shadow else {
            return Err(read_only());
        };
        let mut changes = self.changes(shadow, edit)?;
        let mut changed = HashSet::new();
        changes.retain(|change| {
            let key = key_of(change);
            // the last word on a thing may take back an earlier one of the same edit
            let new = changed.contains(&key) || !shadow.says_with(&self.edits, change);
            if new {
                changed.insert(key);
            }
            new
        });
        if changes.is_empty() {
            return Ok(None);
        }
        let version = shadow.version();
        self.edit += 1;
        let edit = self.edit;
        let on_disk = self.write_down(edit, version, changes.clone());
        for change in changes {
            self.edits.add(change, edit);
        }
        self.saving.edited(self.now());
        Ok(Some(on_disk))
    }

    /// C06: the state is brought up to now before the edit is looked at.
    fn check_editable(&mut self) -> Result<(), CommandError> {
        self.step(Input::Tick);
        if self.editable() { Ok(()) } else { Err(read_only()) }
    }

    /// Whether the next stroke is accepted.
    pub(super) fn editable(&self) -> bool {
        self.lock.accepts_edits()
            && !self.stopped_by_lapse()
            && self.shadow.is_some()
            && self.recovery.is_settled()
            && self.conflict.is_none()
            && self.still_until.is_none()
    }

    /// Whether the user wants drawing to stop once the lock has run out (X02).
    fn stopped_by_lapse(&self) -> bool {
        let stops = *self.links.stop_when_lapsed.borrow();
        stops && matches!(self.lock.state(), State::Lapsed { .. })
    }

    fn changes(&self, shadow: &Shadow, edit: Edit) -> Result<Vec<Change>, CommandError> {
        let mut changes = Vec::new();
        for file in edit.files {
            let known = self.files.get(&file.id).map(|(sha256, ..)| sha256.clone());
            let Some(sha256) = known.or_else(|| shadow.file(&file.id, &self.edits)) else {
                let detail = format!("The bytes of the picture {:?} were not given.", file.id);
                return Err(CommandError::of("invalid", detail));
            };
            changes.push(Change::File {
                base_version: shadow.base_of(&Key::File(file.id.clone())),
                id: file.id,
                sha256,
                data: file.data,
            });
        }
        if let Some(app_state) = edit.app_state {
            changes.push(Change::Scene {
                base_version: shadow.base_of(&Key::Scene),
                data: with_app_state(shadow.scene(&self.edits), app_state),
            });
        }
        for put in edit.puts {
            check_element(&put)?;
            let key = Key::Element(put.id.clone());
            changes.push(Change::Put {
                base_version: shadow.base_of(&key),
                data: shadow.stored(&put.id, &put.data),
                id: put.id,
            });
        }
        for id in edit.deletes {
            let key = Key::Element(id.clone());
            if shadow.has(&id) || matches!(self.edits.get(&key), Some(Change::Put { .. })) {
                let base_version = shadow.base_of(&key);
                changes.push(Change::Delete { id, base_version });
            }
        }
        Ok(changes)
    }

    /// A picture's bytes, beside the journal.
    pub(super) fn take_file(
        &mut self,
        id: String,
        mime_type: String,
        bytes: Bytes,
    ) -> Result<OnDisk, CommandError> {
        self.check_editable()?;
        check_id(&id)?;
        if bytes.len() > limits::FILE_BYTES {
            let detail = format!(
                "The picture has {} MiB; the most is {} MiB.",
                bytes.len() >> 20,
                limits::FILE_BYTES >> 20
            );
            return Err(CommandError::of("too_large", detail));
        }
        picture::check(&mime_type, &bytes).map_err(|detail| CommandError::of("bad_file", detail))?;
        let sha256 = sha256(&bytes);
        let on_disk = self.journal().keep_file(sha256.clone(), bytes.clone());
        self.files.insert(id, (sha256, mime_type, bytes));
        Ok(on_disk)
    }

    /// An edit, into the journal; the first one on a version with the commit that made it.
    pub(super) fn write_down(&mut self, edit: u64, version: i64, changes: Vec<Change>) -> OnDisk {
        let first = self.edits.is_empty();
        let commit = self.shadow.as_ref().and_then(Shadow::commit).filter(|_| first);
        let journal = self.journal();
        if let Some(commit) = commit {
            journal.made_by(version, commit);
        }
        journal.append(edit, version, changes)
    }

    pub(super) fn journal(&mut self) -> &crate::journal::Journal {
        let (shelf, server) = (&self.links.shelf, &self.links.id);
        let (document, name) = (self.document.id, &self.document.name);
        let user = Some(self.whose.user.id);
        self.journal
            .get_or_insert_with(|| shelf.journal(server, document, name, user))
    }
}

fn read_only() -> CommandError {
    let detail = "This canvas is read-only now; the last stroke was not taken.";
    CommandError::of("read_only", detail)
}

/// The lower-case hexadecimal SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let hash = Sha256::digest(bytes);
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn check_id(id: &str) -> Result<(), CommandError> {
    let fits = (1..=limits::ELEMENT_ID_BYTES).contains(&id.len()) && !id.chars().any(char::is_control);
    if fits {
        return Ok(());
    }
    let detail = format!(
        "An id has 1 to {} bytes without control characters.",
        limits::ELEMENT_ID_BYTES
    );
    Err(CommandError::of("invalid", detail))
}

fn check_element(element: &ElementData) -> Result<(), CommandError> {
    check_id(&element.id)?;
    let invalid = |detail: String| Err(CommandError::of("invalid", detail));
    let data = match RawObject::parse(element.data.get()) {
        Ok(data) => data,
        Err(error) => return invalid(format!("The element {:?} is no object: {error}.", element.id)),
    };
    if data.text("id").as_deref() != Some(&element.id) {
        return invalid(format!(
            "The element {:?} names another id in its data.",
            element.id
        ));
    }
    if element.data.get().len() > limits::ELEMENT_BYTES {
        let detail = format!("The element {:?} has more than 1 MiB.", element.id);
        return Err(CommandError::of("too_large", detail));
    }
    Ok(())
}

/// A scene with another `appState`; a new one gets what a file begins with.
fn with_app_state(scene: &Json, app_state: Json) -> Json {
    let mut scene = RawObject::parse(scene.get()).unwrap_or_default();
    if scene.iter().next().is_none() {
        scene.set("type", to_json(&"excalidraw"));
        scene.set("version", to_json(&2));
        scene.set("source", to_json(&"holdfast"));
    }
    scene.set("appState", app_state);
    scene.to_json()
}
