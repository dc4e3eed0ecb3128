//! One journal, and the task that writes it.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    time::Duration,
};

use bytes::Bytes;
use holdfast_protocol::{CommitId, document::Change};
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    Base, DraftId, NotOnDisk, Shelf,
    disk::Writer,
    record::{self, Opened, Record},
};
use crate::{document::Key, view::DraftReason};

/// A full disk may have room again after this.
const RETRY: Duration = Duration::from_secs(1);
/// How often it is made sure that what was written is still there.
const LOOK: Duration = Duration::from_secs(5);

/// Tells when something is on disk.
pub(crate) type OnDisk = oneshot::Receiver<Result<(), NotOnDisk>>;

/// Whoever waits until something is on disk. A writer that has failed drops it unanswered, and then it says that it is not:
/// nobody is told of edits as safe that nobody has written.
pub(super) struct Done(Option<oneshot::Sender<Result<(), NotOnDisk>>>);

impl Done {
    fn new() -> (Self, OnDisk) {
        let (done, on_disk) = oneshot::channel();
        (Self(Some(done)), on_disk)
    }

    fn tell(mut self, outcome: Result<(), NotOnDisk>) {
        if let Some(done) = self.0.take() {
            let _ = done.send(outcome);
        }
    }
}

impl Drop for Done {
    fn drop(&mut self) {
        if let Some(done) = self.0.take() {
            let _ = done.send(Err(NotOnDisk::WriterFailed));
        }
    }
}

pub(super) enum Order {
    Append(Vec<u8>, Done),
    /// Everything before is acknowledged; with nothing left, the file shrinks to its head.
    Acknowledged(Vec<u8>, bool),
    File(String, Bytes, Done),
    Base(Box<Base>),
    End {
        keep: Option<DraftReason>,
        done: oneshot::Sender<()>,
    },
}

/// A document's edits on disk.
#[derive(Debug)]
pub struct Journal {
    id: DraftId,
    orders: mpsc::UnboundedSender<Order>,
    problem: watch::Receiver<Option<NotOnDisk>>,
}

impl std::fmt::Debug for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Append(..) => "Append",
            Self::Acknowledged(..) => "Acknowledged",
            Self::File(..) => "File",
            Self::Base(_) => "Base",
            Self::End { .. } => "End",
        })
    }
}

impl Journal {
    pub(super) fn start(path: PathBuf, opened: Opened, shelf: Shelf) -> Self {
        let (orders, receiver) = mpsc::unbounded_channel();
        let (publish, problem) = watch::channel(None);
        let id = shelf.draft_id(&path);
        let writer = Writer::new(path.clone(), record::write_head(opened), shelf.clone());
        tokio::spawn(run(writer, receiver, publish, Place { shelf, path }));
        Self { id, orders, problem }
    }

    /// The draft that this becomes where edits are left in it.
    #[must_use]
    pub fn draft_id(&self) -> &DraftId {
        &self.id
    }

    /// What is wrong with the disk; none where all is well.
    #[must_use]
    pub fn problem(&self) -> watch::Receiver<Option<NotOnDisk>> {
        self.problem.clone()
    }

    /// Until the disk begins or ceases to refuse. Cancel-safe.
    pub(crate) async fn problem_changed(&mut self) {
        if self.problem.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Writes an edit down; the answer comes when it is on disk, or can't be for now.
    pub(crate) fn append(&self, edit: u64, version: i64, changes: Vec<Change>) -> OnDisk {
        let (done, on_disk) = Done::new();
        let bytes = record::write(&Record::Edited {
            edit,
            version,
            changes,
        });
        let _ = self.orders.send(Order::Append(bytes, done));
        on_disk
    }

    /// Writes down which commit made the version that the next edits are made on. It goes down with them.
    pub(crate) fn made_by(&self, version: i64, commit: CommitId) {
        let (done, _) = Done::new();
        let bytes = record::write(&Record::MadeBy { version, commit });
        let _ = self.orders.send(Order::Append(bytes, done));
    }

    /// Writes a file's bytes beside the journal.
    pub(crate) fn keep_file(&self, sha256: String, bytes: Bytes) -> OnDisk {
        let (done, on_disk) = Done::new();
        let _ = self.orders.send(Order::File(sha256, bytes, done));
        on_disk
    }

    /// The server has all edits up to `through`; nothing is left where `all`.
    pub(crate) fn acknowledged(&self, through: u64, made: &HashMap<Key, i64>, version: i64, all: bool) {
        let made = made.iter().map(|(key, version)| (key.clone().into(), *version));
        let bytes = record::write(&Record::Acknowledged {
            through,
            made: made.collect(),
            version,
        });
        let _ = self.orders.send(Order::Acknowledged(bytes, all));
    }

    /// A commit is about to be sent. Nobody waits for the disk: without the record an unknown outcome is a conflict, no loss.
    pub(crate) fn sent(&self, commit: CommitId) {
        let (done, _) = Done::new();
        let bytes = record::write(&Record::Sent(commit));
        let _ = self.orders.send(Order::Append(bytes, done));
    }

    /// Writes down what the edits were made on: they are about to become a draft.
    pub(crate) fn keep_base(&self, base: Base) {
        let _ = self.orders.send(Order::Base(Box::new(base)));
    }

    /// Closes the journal: a draft from now on, for this reason, or gone.
    pub(crate) async fn end(self, keep: Option<DraftReason>) {
        let (done, ended) = oneshot::channel();
        let _ = self.orders.send(Order::End { keep, done });
        let _ = ended.await;
    }
}

/// Where a file's bytes are. Hashes are made here, never taken from elsewhere.
pub(super) fn file_path(folder: &Path, sha256: &str) -> PathBuf {
    folder.join(format!("{sha256}.file"))
}

/// Where a journal lies.
struct Place {
    shelf: Shelf,
    path: PathBuf,
}

/// Takes orders in groups: what comes while the disk is busy goes down together.
async fn run(
    mut writer: Writer,
    mut orders: mpsc::UnboundedReceiver<Order>,
    publish: watch::Sender<Option<NotOnDisk>>,
    Place { shelf, path }: Place,
) {
    let (mut failing, mut ending) = (false, false);
    loop {
        let first = tokio::select! {
            order = orders.recv(), if !ending => match order {
                Some(order) => Some(order),
                // dropped without a word: what is on disk stays, as after a crash
                None if !failing => break,
                None => {
                    ending = true;
                    continue;
                }
            },
            () = tokio::time::sleep(RETRY), if failing => None,
            () = tokio::time::sleep(LOOK), if writer.has_edits() => None,
        };
        let mut group: Vec<_> = first.into_iter().collect();
        while let Ok(order) = orders.try_recv() {
            group.push(order);
        }
        let work = tokio::task::spawn_blocking(move || {
            let outcome = writer.carry_out(group);
            (writer, outcome)
        });
        let (problem, waiting, end) = match work.await {
            Ok((back, outcome)) => {
                writer = back;
                outcome
            }
            Err(error) => {
                tracing::error!(path = %path.display(), %error, "a journal's writer has failed");
                publish.send_replace(Some(NotOnDisk::WriterFailed));
                // each is answered by being dropped, until the journal is let go of
                while orders.recv().await.is_some() {}
                break;
            }
        };
        for done in waiting {
            done.tell(problem.clone().map_or(Ok(()), Err));
        }
        failing = problem.is_some();
        publish.send_if_modified(|current| {
            let changed = *current != problem;
            *current = problem;
            changed
        });
        // nobody is kept waiting by a full disk; what it does not take yet stays in memory, and is a draft once it does
        ending |= end.is_some();
        if ending && shelf.has_forgotten(&path) {
            return;
        }
        if ending {
            if failing {
                shelf.owe(&path);
            } else {
                shelf.put_back(&path);
            }
        }
        if let Some(done) = end {
            let _ = done.send(());
        }
        if ending && !failing {
            return;
        }
    }
    shelf.put_back(&path);
}
