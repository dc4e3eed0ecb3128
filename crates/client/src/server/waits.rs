//! The documents that the user waits for, on disk: a wait outlives the app.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use holdfast_protocol::DocumentId;

use crate::{
    journal::private,
    view::{ServerId, WaitView},
};

/// What is waited for, of all servers. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Waits {
    path: Arc<PathBuf>,
    list: Arc<Mutex<Vec<WaitView>>>,
}

impl Waits {
    /// What an earlier run of the app has left in a folder. What can't be read is waited for no more.
    pub(crate) fn load(folder: &Path) -> Self {
        let path = folder.join("waiting.json");
        let list = match std::fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).unwrap_or_else(|error| {
                tracing::warn!(path = %path.display(), %error, "what was waited for can't be read");
                Vec::new()
            }),
            Err(_) => Vec::new(),
        };
        Self {
            path: Arc::new(path),
            list: Arc::new(Mutex::new(list)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<WaitView>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is waited for at a server.
    pub(crate) fn of(&self, server: &ServerId) -> Vec<WaitView> {
        let list = self.lock();
        list.iter()
            .filter(|wait| wait.server == *server)
            .cloned()
            .collect()
    }

    pub(crate) fn add(&self, wait: WaitView) {
        self.change(|list| {
            let new = !list.contains(&wait);
            if new {
                list.push(wait);
            }
            new
        });
    }

    pub(crate) fn remove(&self, server: &ServerId, document: DocumentId) {
        self.forget(|wait| wait.server == *server && wait.document_id == document);
    }

    /// The user has left a server.
    pub(crate) fn remove_all(&self, server: &ServerId) {
        self.forget(|wait| wait.server == *server);
    }

    fn forget(&self, which: impl Fn(&WaitView) -> bool) {
        self.change(|list| {
            let before = list.len();
            list.retain(|wait| !which(wait));
            list.len() != before
        });
    }

    /// A list that can't be written is waited for until the app ends: no reason to refuse anything.
    fn change(&self, change: impl FnOnce(&mut Vec<WaitView>) -> bool) {
        let mut list = self.lock();
        if change(&mut list)
            && let Err(error) = self.write(&list)
        {
            tracing::warn!(path = %self.path.display(), %error, "what is waited for is not on disk");
        }
    }

    /// Whole or not at all.
    fn write(&self, list: &[WaitView]) -> io::Result<()> {
        let beside = self.path.with_extension("new");
        let mut file = private::file(&beside)?;
        file.write_all(&serde_json::to_vec(list)?)?;
        file.sync_data()?;
        std::fs::rename(&beside, &*self.path)
    }
}
