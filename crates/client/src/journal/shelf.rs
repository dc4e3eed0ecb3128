//! The folder of all journals: those in use, and the drafts.

use std::{
    collections::{HashMap, HashSet},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::UNIX_EPOCH,
};

use bytes::Bytes;
use holdfast_protocol::{CommitId, DocumentId, Timestamp};
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use uuid::Uuid;

use super::{
    Journal,
    record::{self, Opened, Record},
};
use crate::{
    document::Edits,
    view::{DraftReason, DraftView, ServerId},
};

/// Names a draft on this device.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DraftId(pub String);

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
    folder: PathBuf,
}

impl Recovered {
    /// A file's bytes, where they are kept beside the journal.
    pub async fn file(&self, sha256: &str) -> Option<Bytes> {
        let path = super::writer::file_path(&self.folder, sha256);
        tokio::fs::read(path).await.ok().map(Bytes::from)
    }
}

/// The folder of all journals. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Shelf {
    root: PathBuf,
    in_use: Arc<Mutex<HashSet<PathBuf>>>,
    changed: watch::Sender<()>,
}

impl Shelf {
    /// The shelf in a data folder; made where it is not there.
    ///
    /// # Errors
    ///
    /// Where it can't be written to.
    pub fn open(data_dir: &Path) -> io::Result<Self> {
        let root = data_dir.join("journal");
        std::fs::create_dir_all(&root)?;
        let probe = root.join(format!(".probe-{}", Uuid::new_v4()));
        std::fs::write(&probe, b"")?;
        std::fs::remove_file(&probe)?;
        Ok(Self {
            root,
            in_use: Arc::default(),
            changed: watch::Sender::new(()),
        })
    }

    fn in_use(&self) -> MutexGuard<'_, HashSet<PathBuf>> {
        self.in_use.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A journal for a document's edits. Nothing is on disk before the first one.
    #[must_use]
    pub fn journal(&self, server: &ServerId, document: DocumentId, name: &str) -> Journal {
        let path = self
            .root
            .join(server_folder(server))
            .join(document.to_string())
            .join(format!("{}.journal", Uuid::new_v4()));
        self.in_use().insert(path.clone());
        let opened = Opened {
            server: server.clone(),
            document,
            name: name.to_owned(),
        };
        Journal::start(path, opened, self.clone())
    }

    /// A journal is nobody's any more: with edits in it, it is a draft from now on.
    pub(super) fn put_back(&self, path: &Path) {
        self.in_use().remove(path);
        self.changed.send_replace(());
    }

    /// Wakes whenever a draft may have come or gone.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Takes a draft off the shelf for a canvas that is to go on with it; none where it is not there.
    pub(crate) async fn claim(&self, id: &DraftId) -> Option<Recovered> {
        let id = id.clone();
        let claimed = self.blocking(move |shelf| shelf.claim_now(&id));
        claimed.await.flatten()
    }

    fn claim_now(&self, id: &DraftId) -> Option<Recovered> {
        let path = self.find(id)?;
        let recovered = self.recover(&path)?;
        if !self.in_use().insert(path) {
            return None;
        }
        self.changed.send_replace(());
        Some(recovered)
    }

    /// Takes what a crash has left of a document off the shelf, the oldest first.
    pub(crate) async fn claim_crashed(&self, server: &ServerId, document: DocumentId) -> Option<Recovered> {
        let drafts = self.drafts().await;
        let crashed = drafts.into_iter().rev().find(|draft| {
            draft.why == DraftReason::Crash && draft.server == *server && draft.document == document
        });
        self.claim(&crashed?.id).await
    }

    /// A draft that was claimed is back on the shelf.
    pub(crate) fn unclaim(&self, id: &DraftId) {
        if let Some(path) = self.claimed(id) {
            self.put_back(&path);
        }
    }

    /// A draft that was claimed lives on elsewhere.
    pub(crate) fn forget_claimed(&self, id: &DraftId) {
        let Some(path) = self.claimed(id) else {
            return;
        };
        if let Err(error) = remove(&path) {
            tracing::warn!(path = %path.display(), %error, "a draft that was taken up stays on the disk");
        }
        self.put_back(&path);
    }

    fn claimed(&self, id: &DraftId) -> Option<PathBuf> {
        let in_use = self.in_use();
        in_use.iter().find(|path| self.draft_id(path) == *id).cloned()
    }

    pub(super) fn draft_id(&self, path: &Path) -> DraftId {
        let relative = path.strip_prefix(&self.root).unwrap_or(path).with_extension("");
        DraftId(relative.to_string_lossy().replace('\\', "/"))
    }

    /// All drafts, the last edited first. Journals of others that hold nothing any more are cleared away.
    pub async fn drafts(&self) -> Vec<Draft> {
        let recovered = self.blocking(|shelf| {
            let paths = shelf.paths();
            let recovered = paths.into_iter().filter_map(|path| shelf.recover(&path));
            recovered.map(|recovered| recovered.draft).collect::<Vec<_>>()
        });
        let mut drafts = recovered.await.unwrap_or_default();
        drafts.sort_by_key(|draft| std::cmp::Reverse(draft.edited_at_ms));
        drafts
    }

    /// A draft with its edits.
    pub async fn read(&self, id: &DraftId) -> Option<Recovered> {
        let id = id.clone();
        let found = self.blocking(move |shelf| shelf.find(&id).and_then(|path| shelf.recover(&path)));
        found.await.flatten()
    }

    /// Forgets a draft; false where it is not there.
    ///
    /// # Errors
    ///
    /// Where the disk refuses.
    pub async fn discard(&self, id: &DraftId) -> io::Result<bool> {
        let id = id.clone();
        let discarded = self.blocking(move |shelf| match shelf.find(&id) {
            Some(path) => remove(&path).map(|()| true),
            None => Ok(false),
        });
        let discarded = discarded.await.unwrap_or(Ok(false));
        self.changed.send_replace(());
        discarded
    }

    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce(&Self) -> T + Send + 'static) -> Option<T> {
        let shelf = self.clone();
        tokio::task::spawn_blocking(move || work(&shelf)).await.ok()
    }

    /// By looking, never by building a path of what somebody names.
    fn find(&self, id: &DraftId) -> Option<PathBuf> {
        self.paths().into_iter().find(|path| self.draft_id(path) == *id)
    }

    /// Journals that nobody uses.
    fn paths(&self) -> Vec<PathBuf> {
        let entries = |folder: &Path| {
            let entries = std::fs::read_dir(folder).into_iter().flatten();
            entries.flatten().map(|entry| entry.path()).collect::<Vec<_>>()
        };
        let documents = entries(&self.root)
            .into_iter()
            .flat_map(|server| entries(&server));
        let files = documents.flat_map(|document| entries(&document));
        let in_use = self.in_use().clone();
        files
            .filter(|path| path.extension().is_some_and(|extension| extension == "journal"))
            .filter(|path| !in_use.contains(path))
            .collect()
    }

    fn recover(&self, path: &Path) -> Option<Recovered> {
        let bytes = std::fs::read(path).ok()?;
        let (records, whole) = record::read(&bytes);
        if whole < bytes.len() {
            tracing::warn!(path = %path.display(), lost_bytes = bytes.len() - whole, "a journal's damaged tail is cut off");
            let _ = std::fs::File::options()
                .write(true)
                .open(path)
                .and_then(|file| file.set_len(whole as u64));
        }
        let recovered = self.replay(path, records);
        if recovered.is_none()
            && let Err(error) = remove(path)
        {
            tracing::warn!(path = %path.display(), %error, "a journal with nothing in it stays");
        }
        recovered
    }

    fn replay(&self, path: &Path, records: Vec<Record>) -> Option<Recovered> {
        let mut records = records.into_iter();
        let Some(Record::Opened(opened)) = records.next() else {
            return None;
        };
        let mut log: Vec<(u64, i64, Vec<holdfast_protocol::document::Change>)> = Vec::new();
        let (mut made, mut sent) = (HashMap::new(), Vec::new());
        let (mut acknowledged, mut why) = (0, DraftReason::Crash);
        for record in records {
            match record {
                Record::Opened(_) => {}
                Record::Sent(commit) => sent.push(commit),
                Record::PutAside(reason) => why = reason,
                Record::Edited {
                    edit,
                    version,
                    changes,
                } => log.push((edit, version, changes)),
                Record::Acknowledged {
                    through,
                    made: new,
                    version,
                } => {
                    acknowledged = version;
                    log.retain(|(edit, ..)| *edit > through);
                    made.extend(new.into_iter().map(|(thing, version)| (thing.into(), version)));
                }
            }
        }
        // later edits build on what the server had acknowledged before
        let base_version = log.first()?.1.max(acknowledged);
        let mut edits = Edits::default();
        for (edit, _, changes) in log {
            for change in changes {
                edits.add(change, edit);
            }
        }
        edits.rebase(&made);
        let modified = path.metadata().and_then(|about| about.modified()).ok()?;
        let edited_at = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        let draft = Draft {
            id: self.draft_id(path),
            server: opened.server,
            document: opened.document,
            name: opened.name,
            base_version,
            edited_at_ms: i64::try_from(edited_at.as_millis()).unwrap_or(i64::MAX),
            changes: edits.count(),
            why,
        };
        (draft.changes > 0).then(|| Recovered {
            draft,
            edits,
            sent,
            folder: path.parent().map(Path::to_owned).unwrap_or_default(),
        })
    }
}

/// Removes a journal, and the folder with its files when it was the document's last one.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let Some(folder) = path.parent() else {
        return Ok(());
    };
    let others = std::fs::read_dir(folder)?.flatten();
    let journals = others.filter(|entry| {
        entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "journal")
    });
    if journals.count() == 0 {
        std::fs::remove_dir_all(folder)?;
    }
    Ok(())
}

/// A server's folder: addresses have characters that file names must not have.
fn server_folder(server: &ServerId) -> String {
    use std::fmt::Write as _;
    let hash = Sha256::digest(server.0.as_bytes());
    hash.iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
