//! One journal, and the task that writes it.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use bytes::Bytes;
use holdfast_protocol::{CommitId, document::Change};
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    Base, DraftId, NotOnDisk, Shelf, private,
    record::{self, Opened, Record},
    recovery,
};
use crate::{
    document::Key,
    view::{DraftReason, disk_refusal},
};

/// A full disk may have room again after this.
const RETRY: Duration = Duration::from_secs(1);
/// How often it is made sure that what was written is still there.
const LOOK: Duration = Duration::from_secs(5);

type Done = oneshot::Sender<Result<(), NotOnDisk>>;
/// Tells when something is on disk.
pub(crate) type OnDisk = oneshot::Receiver<Result<(), NotOnDisk>>;

enum Order {
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
        let writer = Writer {
            path,
            head: record::write_head(opened),
            shelf: shelf.clone(),
            file: None,
            good: 0,
            backlog: Vec::new(),
            pictures: Vec::new(),
        };
        tokio::spawn(run(writer, receiver, publish, shelf));
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
        let (done, on_disk) = oneshot::channel();
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
        let (done, _) = oneshot::channel();
        let bytes = record::write(&Record::MadeBy { version, commit });
        let _ = self.orders.send(Order::Append(bytes, done));
    }

    /// Writes a file's bytes beside the journal.
    pub(crate) fn keep_file(&self, sha256: String, bytes: Bytes) -> OnDisk {
        let (done, on_disk) = oneshot::channel();
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
        let (done, _) = oneshot::channel();
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

/// A picture beside the journal.
struct Picture {
    sha256: String,
    /// Shared with whoever shows it: no second copy in memory.
    bytes: Bytes,
    on_disk: bool,
}

/// What is on disk, and what should be.
struct Writer {
    path: PathBuf,
    head: Vec<u8>,
    shelf: Shelf,
    file: Option<File>,
    /// How much of the file is whole.
    good: u64,
    /// Written down, not on disk yet.
    backlog: Vec<u8>,
    /// The pictures of what is not acknowledged.
    pictures: Vec<Picture>,
}

/// Takes orders in groups: what comes while the disk is busy goes down together.
async fn run(
    mut writer: Writer,
    mut orders: mpsc::UnboundedReceiver<Order>,
    publish: watch::Sender<Option<NotOnDisk>>,
    shelf: Shelf,
) {
    let path = writer.path.clone();
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
        let Ok((back, (problem, waiting, end))) = work.await else {
            break;
        };
        writer = back;
        for done in waiting {
            let _ = done.send(problem.clone().map_or(Ok(()), Err));
        }
        failing = problem.is_some();
        publish.send_if_modified(|current| {
            let changed = *current != problem;
            *current = problem;
            changed
        });
        // nobody is kept waiting by a full disk; what it does not take yet stays in memory, and is a draft once it does
        ending |= end.is_some();
        if ending && !failing {
            shelf.put_back(&path);
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

type Outcome = (Option<NotOnDisk>, Vec<Done>, Option<oneshot::Sender<()>>);

impl Writer {
    /// Whether there is anything that would be missed.
    fn has_edits(&self) -> bool {
        self.file.is_some() && self.good > self.head.len() as u64
    }

    fn carry_out(&mut self, group: Vec<Order>) -> Outcome {
        let (mut waiting, mut end, mut shrink, mut problem) = (Vec::new(), None, false, None);
        for order in group {
            match order {
                Order::Append(bytes, done) => {
                    self.backlog.extend(bytes);
                    shrink = false;
                    waiting.push(done);
                }
                Order::Acknowledged(bytes, all) => {
                    if self.file.is_some() || !self.backlog.is_empty() {
                        self.backlog.extend(bytes);
                        shrink = all;
                    }
                }
                Order::File(sha256, bytes, done) => {
                    self.pictures.push(Picture {
                        sha256,
                        bytes,
                        on_disk: false,
                    });
                    shrink = false;
                    waiting.push(done);
                }
                Order::Base(base) => self.write_base(&base),
                Order::End { keep, done } => end = Some((keep, done)),
            }
        }
        let reason = end.as_ref().and_then(|(keep, _)| *keep);
        if let Some(reason) = reason
            && (self.file.is_some() || !self.backlog.is_empty())
        {
            self.backlog.extend(record::write(&Record::PutAside(reason)));
        }
        if end.is_none() || reason.is_some() {
            let written = if shrink { self.shrink() } else { self.flush() };
            problem = written.err().map(|error| self.not_written(&error));
        } else if self.file.take().is_some()
            && let Err(error) = self.shelf.remove(&self.path)
        {
            tracing::warn!(path = %self.path.display(), %error, "an acknowledged journal stays");
        }
        (problem, waiting, end.map(|(_, done)| done))
    }

    /// What people are told; the system's own words are for the log.
    fn not_written(&self, error: &io::Error) -> NotOnDisk {
        tracing::error!(path = %self.path.display(), %error, "edits are in memory only");
        NotOnDisk(disk_refusal(error))
    }

    /// Everything is acknowledged: nothing but the head stays.
    fn shrink(&mut self) -> io::Result<()> {
        self.backlog.clear();
        self.pictures.clear();
        if let Some(file) = &mut self.file {
            self.good = self.head.len() as u64;
            file.set_len(self.good)?;
            file.seek(SeekFrom::Start(self.good))?;
            file.sync_data()?;
        }
        Ok(())
    }

    /// After a failed write the file is cut back to what is whole, so that a later one does not follow a torn record.
    fn flush(&mut self) -> io::Result<()> {
        self.stay_in_place()?;
        self.write_pictures()?;
        if self.backlog.is_empty() {
            return Ok(());
        }
        let backlog = std::mem::take(&mut self.backlog);
        let head = self.head.len() as u64;
        let good = self.good.max(head);
        let written = self.file().and_then(|file| {
            if file.stream_position()? != good {
                file.set_len(good)?;
                file.seek(SeekFrom::Start(good))?;
            }
            file.write_all(&backlog)?;
            file.sync_data()
        });
        match written {
            Ok(()) => self.good = good + backlog.len() as u64,
            Err(_) => self.backlog = backlog,
        }
        written
    }

    /// A file that somebody removed or moved takes writes, and nobody finds them again: what is in it is written anew
    /// where it belongs.
    fn stay_in_place(&mut self) -> io::Result<()> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        if private::is_at(file, &self.path) {
            return Ok(());
        }
        if file.metadata()?.len() < self.good {
            // its edits were taken up or discarded
            (self.file, self.good) = (None, 0);
            self.pictures.clear();
            return Ok(());
        }
        tracing::warn!(path = %self.path.display(), "a journal was taken away: it is written anew");
        let mut written = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        file.take(self.good).read_to_end(&mut written)?;
        for picture in &mut self.pictures {
            picture.on_disk = false;
        }
        self.file = Some(create(&self.path, &written)?);
        Ok(())
    }

    /// The file, made with its head when it is first needed.
    fn file(&mut self) -> io::Result<&mut File> {
        let file = match self.file.take() {
            Some(file) => file,
            None => create(&self.path, &self.head)?,
        };
        Ok(self.file.insert(file))
    }

    fn write_pictures(&mut self) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        for picture in self.pictures.iter_mut().filter(|picture| !picture.on_disk) {
            write_picture(folder, picture)?;
            picture.on_disk = true;
        }
        Ok(())
    }

    /// Without it a draft is drawn with its server's help only: no reason to keep anybody from anything.
    fn write_base(&self, base: &Base) {
        let path = recovery::base_path(&self.path);
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let written = private::folder(folder).and_then(|()| {
            let mut file = private::file(&path)?;
            file.write_all(&serde_json::to_vec(base)?)?;
            file.sync_data()
        });
        if let Err(error) = written {
            tracing::warn!(path = %path.display(), %error, "what a draft was made on is not kept");
            let _ = std::fs::remove_file(&path);
        }
    }
}

fn write_picture(folder: &Path, picture: &Picture) -> io::Result<()> {
    private::folder(folder)?;
    let path = file_path(folder, &picture.sha256);
    if path
        .metadata()
        .is_ok_and(|about| about.len() == picture.bytes.len() as u64)
    {
        return Ok(());
    }
    let mut file = private::file(&path)?;
    file.write_all(&picture.bytes)?;
    file.sync_data()
}

fn create(path: &Path, contents: &[u8]) -> io::Result<File> {
    let folder = path.parent().unwrap_or(Path::new("."));
    private::folder(folder)?;
    let mut file = private::file(path)?;
    file.write_all(contents)?;
    file.sync_data()?;
    // a new name is only on disk once its folder is; systems that can't sync a folder keep names safe themselves
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(file)
}
