//! What a journal's writer does with the disk: one group of orders at a time, and nothing torn is left in between.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use tokio::sync::oneshot;

use super::{
    Base, NotOnDisk, Shelf, private,
    record::{self, Record},
    recovery,
    writer::{Done, Order, file_path},
};
use crate::view::disk_refusal;

/// A picture beside the journal.
struct Picture {
    sha256: String,
    /// Shared with whoever shows it: no second copy in memory.
    bytes: Bytes,
    on_disk: bool,
}

/// What is on disk, and what should be.
pub(super) struct Writer {
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

pub(super) type Outcome = (Option<NotOnDisk>, Vec<Done>, Option<oneshot::Sender<()>>);

impl Writer {
    pub(super) fn new(path: PathBuf, head: Vec<u8>, shelf: Shelf) -> Self {
        Self {
            path,
            head,
            shelf,
            file: None,
            good: 0,
            backlog: Vec::new(),
            pictures: Vec::new(),
        }
    }

    /// Whether there is anything that would be missed.
    pub(super) fn has_edits(&self) -> bool {
        self.file.is_some() && self.good > self.head.len() as u64
    }

    /// Carries out orders that came together. Answers what is wrong with the disk, who waits for it, and who for the end.
    pub(super) fn carry_out(&mut self, group: Vec<Order>) -> Outcome {
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
        NotOnDisk::Refused(disk_refusal(error))
    }

    /// Everything is acknowledged: nothing but the head stays. A picture that is not written yet may be the next edit's.
    fn shrink(&mut self) -> io::Result<()> {
        self.backlog.clear();
        self.pictures.retain(|picture| !picture.on_disk);
        if let Some(file) = &mut self.file {
            self.good = self.head.len() as u64;
            file.set_len(self.good)?;
            file.seek(SeekFrom::Start(self.good))?;
            file.sync_data()?;
        }
        self.write_pictures()
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
            self.pictures.retain(|picture| !picture.on_disk);
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
    // of the same length is not enough: a crash may have left a file whose bytes were never written
    if std::fs::read(&path).is_ok_and(|there| there == picture.bytes) {
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
