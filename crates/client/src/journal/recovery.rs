//! From a journal's bytes to the edits that were not acknowledged.

use std::{
    collections::{HashMap, VecDeque},
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use holdfast_protocol::{CommitId, DocumentId, Timestamp, UserId, document::Change};

use super::{
    DraftId,
    base::Base,
    private,
    record::{self, Record},
};
use crate::{
    document::{Edits, Key, key_of, set_base},
    view::{DraftReason, DraftView, ServerId},
};

/// Edits on disk that were not acknowledged and that nobody is about to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Which.
    pub id: DraftId,
    /// The server that the document is on.
    pub server: ServerId,
    /// The document.
    pub document: DocumentId,
    /// Its name when the draft was made.
    pub name: String,
    /// Who made it, where that is known.
    pub user: Option<UserId>,
    /// The document's version that the edits were made on.
    pub base_version: i64,
    /// When it was last written, in milliseconds since the Unix epoch, by this device's clock: to show, not to compare.
    pub edited_at_ms: i64,
    /// How many elements, files and scene changes it has.
    pub changes: u32,
    /// Why it is here.
    pub why: DraftReason,
}

impl Draft {
    /// As a window shows it.
    #[must_use]
    pub fn view(&self) -> DraftView {
        DraftView {
            id: self.id.0.clone(),
            server: self.server.clone(),
            document_id: self.document,
            name: self.name.clone(),
            base_version: self.base_version,
            at: Some(Timestamp(self.edited_at_ms)),
            changes: self.changes,
            why: self.why,
        }
    }
}

/// What a journal has.
#[derive(Debug)]
pub struct Recovered {
    /// What it is.
    pub draft: Draft,
    /// The edits that were not acknowledged.
    pub edits: Edits,
    /// Commits that were sent and perhaps not answered.
    pub sent: Vec<CommitId>,
    /// The commit that made the version that they were made on, where that was known.
    pub base_commit: Option<CommitId>,
    path: PathBuf,
}

impl Recovered {
    /// A file's bytes, where they are kept beside the journal.
    pub async fn file(&self, sha256: &str) -> Option<Bytes> {
        let path = super::writer::file_path(self.path.parent()?, sha256);
        let bytes = Bytes::from(tokio::fs::read(path).await.ok()?);
        // a picture that was being written when the program died is none
        (crate::canvas::sha256(&bytes) == sha256).then_some(bytes)
    }

    /// The drawing that the edits were made on, where it was kept.
    pub(crate) async fn base(&self) -> Option<Base> {
        let text = tokio::fs::read(base_path(&self.path)).await.ok()?;
        let base = serde_json::from_slice(&text);
        base.inspect_err(|error| tracing::warn!(%error, "what a draft was made on can't be read"))
            .ok()
    }
}

/// Where the drawing below a journal's edits is kept.
pub(super) fn base_path(journal: &Path) -> PathBuf {
    journal.with_extension("base")
}

/// A journal of which a part could not be read, or pictures beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Its document's name, where that could be read.
    pub name: Option<String>,
    /// How many bytes were cut.
    pub bytes: usize,
    /// How many of its pictures are not there any more, or not as they were.
    pub pictures: u32,
    /// How many changes could be read, and are safe.
    pub changes: u32,
    /// Where the whole journal is kept as it was found; none where the disk took no copy.
    pub kept_at: Option<PathBuf>,
}

/// What was found in a journal's place.
#[derive(Debug)]
pub(super) enum Found {
    /// Edits.
    Draft(Box<Recovered>),
    /// A journal whose edits are all acknowledged.
    Nothing,
    /// No journal, or one that can't be read.
    Unreadable,
}

/// Reads a journal. Damaged parts are cut off, and the journal as it was found is kept in `aside`.
pub(super) fn recover(path: &Path, id: DraftId, aside: &Path) -> (Found, Option<Damage>) {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "a journal can't be read");
            return (Found::Unreadable, None);
        }
    };
    let modified = path.metadata().and_then(|about| about.modified());
    let modified = modified.unwrap_or(UNIX_EPOCH);
    let contents = record::read(&bytes);
    let has_head = matches!(contents.records.first(), Some(Record::Opened(_)));
    let name = contents.records.first().and_then(|record| match record {
        Record::Opened(opened) => Some(opened.name.clone()),
        _ => None,
    });
    let mut damage = (contents.damaged > 0).then(|| Damage {
        name,
        bytes: contents.damaged,
        pictures: 0,
        changes: 0,
        kept_at: keep(path, &bytes, aside),
    });
    if damage.as_ref().is_some_and(|damage| damage.kept_at.is_some()) {
        let mended = if has_head {
            replace(path, &contents.whole, modified)
        } else {
            fs::remove_file(path)
        };
        if let Err(error) = mended {
            tracing::warn!(path = %path.display(), %error, "a journal's damaged part can't be cut off");
        }
    }
    let found = if has_head {
        replay(path, id, contents.records, modified)
    } else if bytes.is_empty() {
        Found::Nothing
    } else {
        Found::Unreadable
    };
    if let (Some(damage), Found::Draft(recovered)) = (&mut damage, &found) {
        damage.changes = recovered.draft.changes;
    }
    (found, damage)
}

/// A copy of a damaged journal, for whoever wants to look at what can't be read here.
fn keep(path: &Path, bytes: &[u8], aside: &Path) -> Option<PathBuf> {
    let kept = aside.join(path.file_name()?);
    let written = private::folder(aside).and_then(|()| {
        let mut file = private::file(&kept)?;
        file.write_all(bytes)?;
        file.sync_data()
    });
    match written {
        Ok(()) => Some(kept),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "a damaged journal can't be set aside, and stays as it is");
            None
        }
    }
}

/// Whole or not at all, and as old as it was.
fn replace(path: &Path, bytes: &[u8], modified: SystemTime) -> io::Result<()> {
    let beside = path.with_extension("mended");
    let mut file = private::file(&beside)?;
    file.write_all(bytes)?;
    file.set_modified(modified)?;
    file.sync_data()?;
    fs::rename(&beside, path)
}

fn replay(path: &Path, id: DraftId, records: Vec<Record>, modified: SystemTime) -> Found {
    let mut records = records.into_iter();
    let Some(Record::Opened(opened)) = records.next() else {
        return Found::Unreadable;
    };
    let mut log: VecDeque<(u64, i64, Vec<Change>)> = VecDeque::new();
    let (mut sent, mut makers) = (Vec::new(), HashMap::new());
    let mut made: HashMap<Key, i64> = HashMap::new();
    let (mut acknowledged, mut why, mut under_way) = (0, DraftReason::Crash, false);
    for record in records {
        match record {
            Record::Opened(_) => {}
            Record::Sent(commit) => {
                under_way = true;
                sent.push(commit);
            }
            Record::PutAside(reason) => why = reason,
            Record::MadeBy { version, commit } => _ = makers.insert(version, commit),
            Record::Edited {
                edit,
                version,
                changes,
            } => log.push_back((edit, version, changes)),
            Record::Acknowledged {
                through,
                made: new,
                version,
            } => {
                acknowledged = version;
                under_way = false;
                // edits are counted upwards: those that are acknowledged are the first ones
                while log.front().is_some_and(|(edit, ..)| *edit <= through) {
                    log.pop_front();
                }
                made.extend(new.into_iter().map(|(thing, version)| (thing.into(), version)));
            }
        }
    }
    // later edits build on what the server had acknowledged before
    let Some(base_version) = log.front().map(|(_, version, _)| (*version).max(acknowledged)) else {
        return Found::Nothing;
    };
    let mut edits = Edits::default();
    for (edit, _, changes) in log {
        for mut change in changes {
            // before it is added: the deletion of what was created on its way to the server is one of something that is there
            if let Some(version) = made.get(&key_of(&change)) {
                set_base(&mut change, *version);
            }
            if under_way {
                edits.merge(change, edit);
            } else {
                edits.add(change, edit);
            }
        }
    }
    if edits.is_empty() {
        return Found::Nothing;
    }
    let edited_at = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    let draft = Draft {
        id,
        server: opened.server,
        document: opened.document,
        name: opened.name,
        user: opened.user,
        base_version,
        edited_at_ms: i64::try_from(edited_at.as_millis()).unwrap_or(i64::MAX),
        changes: edits.count(),
        why,
    };
    Found::Draft(Box::new(Recovered {
        draft,
        edits,
        sent,
        base_commit: makers.get(&base_version).copied(),
        path: path.to_owned(),
    }))
}
