//! Where the app keeps its files, and that only one process does.
//!
//! **One running app a data folder.** The desktop's bus usually sees to that before (C09); where there is no bus, the
//! lock on a file here does: two embedded servers on one database would both be right.

use std::{
    fs::{File, TryLockError},
    io,
    path::PathBuf,
};

/// Also the name under which desktops know the app; the same as in `tauri.conf.json`.
pub(crate) const IDENTIFIER: &str = "io.holdfast.desktop";
/// Puts everything into one folder: for tests, and to try something out.
pub(crate) const OVERRIDE: &str = "HOLDFAST_DATA_DIR";

/// The app's folders. None of them need exist yet.
#[derive(Debug, Clone)]
pub(crate) struct Folders {
    /// Documents, journals, logs.
    pub(crate) data: PathBuf,
    /// Settings and known servers.
    pub(crate) config: PathBuf,
    /// What can be made again.
    pub(crate) cache: PathBuf,
}

/// Why the data folder can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotOurs {
    /// Another process of this user has it.
    #[error("Holdfast is already running with the data folder {0}")]
    Running(PathBuf),
    /// It can't be written to.
    #[error("the data folder {folder} can't be written: {error}")]
    Unwritable {
        /// Which.
        folder: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

impl Folders {
    /// As the desktop's conventions say, or all in the folder that `HOLDFAST_DATA_DIR` names.
    pub(crate) fn find() -> Self {
        if let Some(folder) = std::env::var_os(OVERRIDE).filter(|folder| !folder.is_empty()) {
            let data = std::path::absolute(&folder).unwrap_or_else(|_| PathBuf::from(folder));
            return Self {
                config: data.join("config"),
                cache: data.join("cache"),
                data,
            };
        }
        // A user without a home folder has at least one for what is temporary.
        let or_temporary =
            |folder: Option<PathBuf>| folder.unwrap_or_else(std::env::temp_dir).join(IDENTIFIER);
        Self {
            data: or_temporary(dirs::data_dir()),
            config: or_temporary(dirs::config_dir()),
            cache: or_temporary(dirs::cache_dir()),
        }
    }

    /// Claims the data folder for as long as the answer is kept.
    pub(crate) fn claim(&self) -> Result<File, NotOurs> {
        let unwritable = |error| NotOurs::Unwritable {
            folder: self.data.clone(),
            error,
        };
        std::fs::create_dir_all(&self.data).map_err(unwritable)?;
        let file = File::create(self.data.join("running.lock")).map_err(unwritable)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(NotOurs::Running(self.data.clone())),
            Err(TryLockError::Error(error)) => Err(unwritable(error)),
        }
    }

    /// The logs of the last days.
    pub(crate) fn logs(&self) -> PathBuf {
        self.data.join("logs")
    }

    /// What the embedded server keeps.
    pub(crate) fn local_server(&self) -> PathBuf {
        self.data.join("server")
    }

    /// Journals and drafts.
    pub(crate) fn client(&self) -> PathBuf {
        self.data.join("client")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(folder: &std::path::Path) -> Folders {
        Folders {
            data: folder.join("data"),
            config: folder.join("config"),
            cache: folder.join("cache"),
        }
    }

    #[test]
    fn c09_a_data_folder_has_one_app_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let folders = inside(folder.path());
        let claim = folders.claim().unwrap();
        assert!(matches!(folders.claim(), Err(NotOurs::Running(_))));
        drop(claim);
        assert!(folders.claim().is_ok());
    }

    #[test]
    fn a_folder_that_is_a_file_is_named_in_the_error() {
        let folder = tempfile::tempdir().unwrap();
        let folders = inside(folder.path());
        std::fs::write(&folders.data, "in the way").unwrap();
        let error = folders.claim().unwrap_err().to_string();
        assert!(error.contains(&folders.data.display().to_string()), "{error}");
    }
}
