//! Pictures of documents, kept in the cache folder so that a library opens without fetching every drawing.
//!
//! One picture a document: a newer version replaces the older. What was not looked at for longest goes first when all of
//! them together grow too large.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use holdfast_client::view::{CommandError, ServerId};
use holdfast_protocol::DocumentId;
use sha2::{Digest as _, Sha256};

use crate::words;

/// A picture for the grid is a few dozen KiB; this leaves room for noisy ones.
const LARGEST: usize = 512 << 10;
/// All pictures together, in bytes: a thousand documents or more.
const ALL: u64 = 64 << 20;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The cache. Its calls read and write files: not for an async task itself.
#[derive(Debug, Clone)]
pub(crate) struct Thumbnails {
    folder: PathBuf,
    all: u64,
}

impl Thumbnails {
    /// A cache in this folder.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, all: ALL }
    }

    /// The picture of this version; empty where there is none.
    pub(crate) fn get(&self, server: &ServerId, document: DocumentId, version: i64) -> Vec<u8> {
        let path = self.place(server, document).join(file_name(version));
        let picture = fs::read(&path).unwrap_or_default();
        if !picture.is_empty() {
            let looked_at = File::options().append(true).open(&path);
            let _ = looked_at.and_then(|file| file.set_modified(SystemTime::now()));
        }
        picture
    }

    /// Keeps the picture of this version.
    pub(crate) fn put(
        &self,
        server: &ServerId,
        document: DocumentId,
        version: i64,
        png: &[u8],
    ) -> Result<(), CommandError> {
        if !png.starts_with(PNG) {
            return Err(words::bad_thumbnail("it is no PNG picture"));
        }
        if png.len() > LARGEST {
            return Err(words::bad_thumbnail("it is larger than 512 KiB"));
        }
        let written = self.write(&self.place(server, document), version, png);
        written.map_err(|error| words::bad_thumbnail(&error.to_string()))
    }

    fn write(&self, place: &Path, version: i64, png: &[u8]) -> io::Result<()> {
        fs::create_dir_all(place)?;
        let name = file_name(version);
        for other in fs::read_dir(place)?.flatten() {
            if other.file_name() != name.as_str() {
                let _ = fs::remove_file(other.path());
            }
        }
        let mut beside = tempfile::NamedTempFile::new_in(place)?;
        io::Write::write_all(&mut beside, png)?;
        beside.persist(place.join(name))?;
        self.shrink();
        Ok(())
    }

    /// Forgets what was not looked at for longest, until all fits.
    fn shrink(&self) {
        let mut pictures: Vec<(SystemTime, u64, PathBuf)> = self.pictures().collect();
        let mut size: u64 = pictures.iter().map(|(_, size, _)| size).sum();
        pictures.sort();
        for (_, bytes, path) in pictures {
            if size <= self.all {
                return;
            }
            if fs::remove_file(&path).is_ok() {
                size -= bytes;
                // Only an empty folder goes.
                let _ = path.parent().map(fs::remove_dir);
            }
        }
    }

    fn pictures(&self) -> impl Iterator<Item = (SystemTime, u64, PathBuf)> {
        let folders = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
        let servers = folders(&self.folder).map(|entry| entry.path());
        let documents = servers.flat_map(move |server| folders(&server).map(|entry| entry.path()));
        documents.flat_map(move |document| {
            folders(&document).filter_map(|entry| {
                let about = entry.metadata().ok()?;
                Some((about.modified().ok()?, about.len(), entry.path()))
            })
        })
    }

    /// A server's address is no file name.
    fn place(&self, server: &ServerId, document: DocumentId) -> PathBuf {
        let hash = Sha256::digest(server.0.as_bytes());
        let server: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        self.folder.join(server).join(document.to_string())
    }
}

fn file_name(version: i64) -> String {
    format!("{version}.png")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(bytes: usize) -> Vec<u8> {
        let mut png = PNG.to_vec();
        png.resize(bytes, 7);
        png
    }

    fn cache(folder: &Path, all: u64) -> (Thumbnails, ServerId) {
        let cache = Thumbnails {
            folder: folder.to_owned(),
            all,
        };
        (cache, ServerId("https://draw.example.org/".to_owned()))
    }

    #[test]
    fn a_newer_version_replaces_the_older() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, server) = cache(folder.path(), ALL);
        let document = DocumentId::random();
        assert!(cache.get(&server, document, 1).is_empty());
        cache.put(&server, document, 1, &picture(100)).unwrap();
        assert_eq!(cache.get(&server, document, 1), picture(100));
        cache.put(&server, document, 2, &picture(200)).unwrap();
        assert!(cache.get(&server, document, 1).is_empty());
        assert_eq!(cache.get(&server, document, 2), picture(200));
        assert!(cache.get(&ServerId("device".to_owned()), document, 2).is_empty());
    }

    #[test]
    fn only_small_pngs_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, server) = cache(folder.path(), ALL);
        let document = DocumentId::random();
        for bad in [b"<svg/>".to_vec(), Vec::new(), picture(LARGEST + 1)] {
            assert_eq!(
                cache.put(&server, document, 1, &bad).unwrap_err().code,
                "bad_file"
            );
        }
        assert!(cache.get(&server, document, 1).is_empty());
    }

    #[test]
    fn what_nobody_looked_at_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, server) = cache(folder.path(), 250);
        let documents: Vec<DocumentId> = (0..3).map(|_| DocumentId::random()).collect();
        for &document in &documents[..2] {
            cache.put(&server, document, 1, &picture(100)).unwrap();
        }
        let old = cache.place(&server, documents[1]).join(file_name(1));
        let long_ago = SystemTime::now() - std::time::Duration::from_secs(3600);
        File::options()
            .append(true)
            .open(old)
            .unwrap()
            .set_modified(long_ago)
            .unwrap();
        cache.put(&server, documents[2], 1, &picture(100)).unwrap();
        let kept: Vec<bool> = documents
            .iter()
            .map(|&id| !cache.get(&server, id, 1).is_empty())
            .collect();
        assert_eq!(kept, [true, false, true]);
    }
}
