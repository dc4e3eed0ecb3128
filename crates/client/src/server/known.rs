//! The servers that the client knows.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::Server;
use crate::view::ServerId;

/// The servers that the client knows, in the order in which they were added. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    servers: Arc<Mutex<Vec<Server>>>,
    changed: watch::Sender<()>,
}

impl Known {
    fn lock(&self) -> MutexGuard<'_, Vec<Server>> {
        self.servers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All of them.
    pub(crate) fn list(&self) -> Vec<Server> {
        self.lock().clone()
    }

    /// One of them.
    pub(crate) fn get(&self, id: &ServerId) -> Option<Server> {
        self.lock().iter().find(|server| server.id() == id).cloned()
    }

    /// Adds a server, in the place of one of the same id; answers that.
    pub(crate) fn add(&self, server: Server) -> Option<Server> {
        let before = {
            let mut servers = self.lock();
            match servers.iter_mut().find(|known| known.id() == server.id()) {
                Some(known) => Some(std::mem::replace(known, server)),
                None => {
                    servers.push(server);
                    None
                }
            }
        };
        self.changed.send_replace(());
        before
    }

    /// Forgets a server.
    pub(crate) fn forget(&self, id: &ServerId) {
        self.lock().retain(|server| server.id() != id);
        self.changed.send_replace(());
    }

    /// Wakes whenever one comes or goes.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }
}
