//! The running app, as commands, windows and the tray reach it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use holdfast_client::{
    Client, Server,
    credentials::Credentials,
    view::{CommandError, NoticeView, ServerId},
};
use holdfast_protocol::limits;
use tauri::AppHandle;
use tokio::sync::watch;

use crate::{
    accounts::Accounts,
    event_bridge::{Jobs, Watches},
    folders::Folders,
    local_server::LocalServer,
    notices::Notices,
    settings::SettingsFile,
    shutdown::Ending,
    thumbnails::Thumbnails,
    tray::Tray,
    windows::Windows,
    words,
};

/// How long a canvas may take to flush and release; its window then closes regardless (C04).
pub(crate) const CLOSE_BUDGET: Duration = limits::CLOSE_BUDGET;

/// Everything the host has. One a process, never dropped.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) app: AppHandle,
    pub(crate) client: Client,
    pub(crate) credentials: Credentials,
    pub(crate) settings: SettingsFile,
    pub(crate) accounts: Accounts,
    pub(crate) notices: Notices,
    pub(crate) windows: Windows,
    pub(crate) watches: Watches,
    pub(crate) jobs: Jobs,
    pub(crate) thumbnails: Thumbnails,
    pub(crate) local: LocalServer,
    pub(crate) tray: Tray,
    pub(crate) ending: Ending,
    ready: watch::Sender<bool>,
    changes: watch::Sender<()>,
    /// Kept open for the lock on the data folder; a temporary folder where that can't be had.
    _claim: Mutex<Claim>,
}

/// What makes the data folder this process's own.
#[derive(Debug)]
pub(crate) enum Claim {
    /// The lock on it.
    Locked(#[expect(dead_code, reason = "held, not read")] std::fs::File),
    /// The folder that stands in for one that can't be written to.
    Temporary(#[expect(dead_code, reason = "held, not read")] tempfile::TempDir),
}

/// How everybody holds the [`Host`].
pub(crate) type Shared = Arc<Host>;

/// What a [`Host`] is made of that had to be there before.
pub(crate) struct Parts {
    pub(crate) app: AppHandle,
    pub(crate) client: Client,
    pub(crate) folders: Folders,
    pub(crate) claim: Claim,
    pub(crate) settings: SettingsFile,
    pub(crate) accounts: Accounts,
    pub(crate) notices: Vec<NoticeView>,
}

impl Host {
    /// Puts the parts together.
    pub(crate) fn new(parts: Parts) -> Shared {
        let notices = Notices::default();
        for notice in parts.notices {
            notices.show(notice);
        }
        let durable = matches!(parts.claim, Claim::Locked(_));
        Arc::new(Self {
            app: parts.app,
            client: parts.client,
            credentials: Credentials::system(),
            settings: parts.settings,
            accounts: parts.accounts,
            notices,
            windows: Windows::default(),
            watches: Watches::default(),
            jobs: Jobs::default(),
            thumbnails: Thumbnails::new(parts.folders.cache.join("thumbnails")),
            local: LocalServer::new(durable.then(|| parts.folders.local_server())),
            tray: Tray::default(),
            ending: Ending::default(),
            ready: watch::Sender::new(false),
            changes: watch::Sender::new(()),
            _claim: Mutex::new(parts.claim),
        })
    }

    /// A server that is signed in to.
    pub(crate) fn server(&self, id: &ServerId) -> Result<Server, CommandError> {
        self.client.server(id).ok_or_else(|| words::unknown_server(id))
    }

    /// Something that all windows show has changed.
    pub(crate) fn touch(&self) {
        self.changes.send_replace(());
    }

    /// Wakes whenever [`Host::touch`] is called.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// All servers that can be had without asking the user are added.
    pub(crate) fn set_ready(&self) {
        self.ready.send_replace(true);
    }

    /// Whether [`Host::set_ready`] was called.
    pub(crate) fn is_ready(&self) -> bool {
        *self.ready.borrow()
    }

    /// Waits for [`Host::set_ready`].
    pub(crate) async fn ready(&self) {
        // It can't fail: the sender lives as long as the host.
        let _ = self.ready.subscribe().wait_for(|ready| *ready).await;
    }

    /// Tells the user about something that does not work.
    pub(crate) fn tell(&self, notice: NoticeView) {
        tracing::warn!(id = notice.id, detail = notice.detail, "told the user");
        if self.notices.show(notice) {
            self.touch();
        }
    }

    /// Takes back what was told.
    pub(crate) fn untell(&self, id: &str) {
        if self.notices.dismiss(id) {
            self.touch();
        }
    }
}

/// A lock that no panic makes unusable: what it guards is replaced whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
