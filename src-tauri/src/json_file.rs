//! Small files that are read whole and replaced whole.
//!
//! **A file is never half-written**: what is new is written beside it, flushed to disk and renamed over it. **A damaged
//! file is never overwritten**: it is set aside under another name, and the user is told.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Loaded<T> {
    /// No such file yet.
    Missing,
    /// This.
    Read(T),
    /// It can't be used.
    Damaged(Damage),
}

/// A file that can't be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Damage {
    /// Where it is now; where it was, if it could not be set aside.
    pub(crate) kept_at: PathBuf,
}

/// Reads a file.
pub(crate) fn load<T: DeserializeOwned>(path: &Path) -> Loaded<T> {
    let text = match fs::read(path) {
        Ok(text) => text,
        // A folder that is none is told of where it matters.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Loaded::Missing;
        }
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "a file can't be read");
            return Loaded::Damaged(Damage {
                kept_at: path.to_owned(),
            });
        }
    };
    match serde_json::from_slice(&text) {
        Ok(value) => Loaded::Read(value),
        Err(error) => {
            let aside = free_name(path);
            let moved = fs::rename(path, &aside);
            tracing::warn!(path = %path.display(), %error, "a file is damaged");
            Loaded::Damaged(Damage {
                kept_at: if moved.is_ok() { aside } else { path.to_owned() },
            })
        }
    }
}

/// Replaces a file, or makes it and its folder.
pub(crate) fn save<T: Serialize>(path: &Path, value: &T) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut beside = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer_pretty(&mut beside, value)?;
    beside.write_all(b"\n")?;
    beside.as_file().sync_all()?;
    beside.persist(path)?;
    Ok(())
}

/// `settings.json` → `settings.damaged.json`, or `settings.damaged-2.json`.
fn free_name(path: &Path) -> PathBuf {
    let first = path.with_extension("damaged.json");
    let others = (2..).map(|number| path.with_extension(format!("damaged-{number}.json")));
    let mut names = std::iter::once(first).chain(others);
    names
        .find(|name| !name.exists())
        .unwrap_or_else(|| path.with_extension("damaged"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/down/list.json");
        assert_eq!(load::<Vec<u8>>(&path), Loaded::Missing);
        save(&path, &vec![1_u8, 2]).unwrap();
        save(&path, &vec![3_u8]).unwrap();
        assert_eq!(load(&path), Loaded::Read(vec![3_u8]));
        assert_eq!(
            fs::read_dir(path.parent().unwrap()).unwrap().count(),
            1,
            "no leftovers"
        );
    }

    #[test]
    fn each_damaged_file_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        for (text, name) in [
            ("{\"a\":", "settings.damaged.json"),
            ("no", "settings.damaged-2.json"),
        ] {
            fs::write(&path, text).unwrap();
            let Loaded::Damaged(damage) = load::<Vec<u8>>(&path) else {
                panic!("damage is noticed");
            };
            assert_eq!(damage.kept_at, folder.path().join(name));
            assert_eq!(fs::read_to_string(&damage.kept_at).unwrap(), text);
            assert!(!path.exists());
        }
    }
}
