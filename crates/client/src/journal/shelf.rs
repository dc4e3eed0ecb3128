//! The folder of all journals: those in use, and the drafts.

use std::{
    collections::{HashMap, HashSet},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use holdfast_protocol::{DocumentId, UserId};
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use uuid::Uuid;

use super::{
    Journal,
    claim::{Claim, Use},
    private,
    record::Opened,
    recovery::{self, Damage, Draft, Found, Recovered},
};
use crate::view::{DraftReason, ServerId};

/// Names a draft on this device.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DraftId(pub String);

/// The folder of all journals. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Shelf {
    root: PathBuf,
    in_use: Arc<Mutex<HashMap<PathBuf, Use>>>,
    changed: watch::Sender<()>,
    damages: watch::Sender<Vec<Damage>>,
    copying: Arc<Mutex<HashSet<DraftId>>>,
}

/// A draft that is being saved as a copy, until this is dropped.
#[derive(Debug)]
pub(crate) struct CopyGuard {
    shelf: Shelf,
    id: DraftId,
}

impl Drop for CopyGuard {
    fn drop(&mut self) {
        self.shelf.copying().remove(&self.id);
    }
}

impl Shelf {
    /// The shelf in a data folder; made where it is not there.
    ///
    /// # Errors
    ///
    /// Where it can't be written to.
    pub fn open(data_dir: &Path) -> io::Result<Self> {
        let root = data_dir.join("journal");
        private::folder(&root)?;
        let probe = root.join(format!(".probe-{}", Uuid::new_v4()));
        std::fs::write(&probe, b"")?;
        std::fs::remove_file(&probe)?;
        Ok(Self {
            root,
            in_use: Arc::default(),
            changed: watch::Sender::new(()),
            damages: watch::Sender::default(),
            copying: Arc::default(),
        })
    }

    pub(super) fn in_use(&self) -> MutexGuard<'_, HashMap<PathBuf, Use>> {
        self.in_use.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn copying(&self) -> MutexGuard<'_, HashSet<DraftId>> {
        self.copying.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Claims the copying of a draft; none where it is being copied already.
    pub(crate) fn begin_copy(&self, id: &DraftId) -> Option<CopyGuard> {
        let fresh = self.copying().insert(id.clone());
        fresh.then(|| CopyGuard {
            shelf: self.clone(),
            id: id.clone(),
        })
    }

    /// A journal for a user's edits of a document. Nothing is on disk before the first one.
    #[must_use]
    pub fn journal(
        &self,
        server: &ServerId,
        document: DocumentId,
        name: &str,
        user: Option<UserId>,
    ) -> Journal {
        let path = self
            .root
            .join(server_folder(server))
            .join(document.to_string())
            .join(format!("{}.journal", Uuid::new_v4()));
        self.in_use().insert(path.clone(), Use::Written);
        let opened = Opened {
            server: server.clone(),
            document,
            name: name.to_owned(),
            user,
        };
        Journal::start(path, opened, self.clone())
    }

    /// A draft has come or gone, or is another one now.
    pub(super) fn told(&self) {
        self.changed.send_replace(());
    }

    /// Wakes whenever a draft may have come or gone.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Journals of which a part could not be read, or pictures beside them, since the start.
    #[must_use]
    pub fn damages(&self) -> watch::Receiver<Vec<Damage>> {
        self.damages.subscribe()
    }

    /// Takes what a crash has left of a user's edits of a document off the shelf, the oldest first.
    pub(crate) async fn claim_crashed(
        &self,
        server: &ServerId,
        document: DocumentId,
        user: UserId,
    ) -> Option<(Recovered, Claim)> {
        let drafts = self.drafts().await;
        let crashed = drafts.into_iter().rev().find(|draft| {
            let own = draft.user.is_none_or(|by| by == user);
            own && draft.why == DraftReason::Crash && draft.server == *server && draft.document == document
        });
        self.claim(&crashed?.id).await
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
        let discarded = self.blocking(move |shelf| {
            if let Some(owed) = shelf.used(&id, Use::Owed { claimed: false }) {
                // its writer stops at that
                shelf.in_use().remove(&owed);
                return shelf.remove(&owed).map(|()| true);
            }
            let found = shelf.find(&id);
            found.map_or(Ok(false), |path| shelf.remove(&path).map(|()| true))
        });
        let discarded = discarded.await.unwrap_or(Ok(false));
        self.changed.send_replace(());
        discarded
    }

    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Option<T> {
        let shelf = self.clone();
        tokio::task::spawn_blocking(move || work(&shelf)).await.ok()
    }

    /// By looking, never by building a path of what somebody names.
    pub(super) fn find(&self, id: &DraftId) -> Option<PathBuf> {
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
            .filter(|path| path.extension().is_some_and(is_journal) && path.is_file())
            .filter(|path| !in_use.contains_key(path))
            .collect()
    }

    pub(super) fn recover(&self, path: &Path) -> Option<Recovered> {
        let aside = self.root.join("damaged");
        let (found, damage) = recovery::recover(path, self.draft_id(path), &aside);
        if let Some(damage) = damage {
            tracing::warn!(path = %path.display(), ?damage, "a journal is damaged");
            self.tell_damage(damage);
        }
        match found {
            Found::Draft(recovered) => Some(*recovered),
            Found::Unreadable => None,
            Found::Nothing => {
                if let Err(error) = self.remove(path) {
                    tracing::warn!(path = %path.display(), %error, "a journal with nothing in it stays");
                }
                None
            }
        }
    }

    fn tell_damage(&self, damage: Damage) {
        self.damages.send_if_modified(|told| {
            let new = !told.contains(&damage);
            if new {
                told.push(damage);
            }
            new
        });
    }

    /// Tells of pictures of a draft whose bytes are lost, where there are any; the rest of it is safe.
    pub(crate) fn tell_lost_pictures(&self, name: &str, pictures: u32, changes: u32) {
        if pictures > 0 {
            tracing::warn!(pictures, "pictures of a draft are lost: they are left out");
            self.tell_damage(Damage {
                name: Some(name.to_owned()),
                bytes: 0,
                pictures,
                changes,
                kept_at: None,
            });
        }
    }

    /// Removes a journal, and the folder with its pictures when it was the document's last one. It is emptied first: whoever
    /// has it open can tell that from a file that was taken away.
    pub(super) fn remove(&self, path: &Path) -> io::Result<()> {
        let there = |done: io::Result<()>| match done {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
        let journal = std::fs::File::options().write(true).open(path);
        if let Err(error) = there(journal.and_then(|journal| journal.set_len(0))) {
            tracing::debug!(path = %path.display(), %error, "a journal can't be emptied before it goes");
        }
        there(std::fs::remove_file(path))?;
        there(std::fs::remove_file(recovery::base_path(path)))?;
        let Some(folder) = path.parent().filter(|folder| folder.exists()) else {
            return Ok(());
        };
        // one that is in use may have pictures here before it has a file
        let in_use = self.in_use();
        let beside = |other: &&PathBuf| other.as_path() != path && other.parent() == Some(folder);
        let mut entries = std::fs::read_dir(folder)?.flatten();
        let is_journal = |entry: std::fs::DirEntry| entry.path().extension().is_some_and(is_journal);
        if !in_use.keys().any(|other| beside(&other)) && !entries.any(is_journal) {
            std::fs::remove_dir_all(folder)?;
        }
        Ok(())
    }
}

fn is_journal(extension: &std::ffi::OsStr) -> bool {
    extension == "journal"
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
