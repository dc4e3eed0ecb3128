//! The library window, and what all windows share.

use holdfast_protocol::{
    DocumentId, ProjectId, Timestamp, WorkspaceId,
    account::{Role, User},
    document::Document,
    lock::Resource,
};
use serde::{Deserialize, Serialize};

use super::{DraftView, HolderView};

/// A server, as the app names it: `device` for the embedded one, else its base URL.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[serde(transparent)]
#[ts(type = "string")]
pub struct ServerId(pub String);

/// The link to a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ConnectionView {
    /// First attempt under way.
    Connecting,
    /// The link has proved itself.
    Online,
    /// Down; tried again by itself.
    Offline {
        /// Why, in words.
        detail: String,
        /// When it is tried next, in milliseconds from now.
        #[ts(type = "number")]
        retry_in_ms: i64,
    },
    /// No valid sign-in; `detail` says why.
    SignedOut {
        /// Revoked, expired, never signed in.
        detail: String,
    },
    /// The server speaks another protocol.
    Incompatible {
        /// Which of the two is older, and what to do.
        detail: String,
    },
}

/// Where documents are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ScopeView {
    /// The user's own.
    Personal,
    /// A workspace's.
    Workspace {
        /// Which.
        id: WorkspaceId,
    },
    /// A project's.
    Project {
        /// Which.
        id: ProjectId,
        /// Where it is.
        workspace_id: WorkspaceId,
    },
}

/// A project in the sidebar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct ProjectView {
    /// The project.
    pub id: ProjectId,
    /// Its name.
    pub name: String,
}

/// A workspace in the sidebar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct WorkspaceView {
    /// The workspace.
    pub id: WorkspaceId,
    /// Its name.
    pub name: String,
    /// The user's role.
    pub role: Role,
    /// Its projects.
    pub projects: Vec<ProjectView>,
}

/// A server in the sidebar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct ServerView {
    /// Which.
    pub id: ServerId,
    /// "On this device", or the host.
    pub label: String,
    /// Whether it is the embedded one.
    pub embedded: bool,
    /// Who is signed in.
    pub user: Option<User>,
    /// The link.
    pub connection: ConnectionView,
    /// What the user is a member of.
    pub workspaces: Vec<WorkspaceView>,
}

/// Something that does not work on this machine, with a way on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct NoticeView {
    /// Stable: `no_keychain`, `no_notifications`, `no_tray`, `data_folder`, `local_server`.
    pub id: String,
    /// What happened, what is safe, what to do.
    pub detail: String,
}

/// All windows' shared state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct AppState {
    /// The embedded server first.
    pub servers: Vec<ServerView>,
    /// The user's settings.
    pub settings: Settings,
    /// What does not work here.
    pub notices: Vec<NoticeView>,
    /// Documents that the user waits for.
    pub waiting: Vec<WaitView>,
    /// Edits on this device that are in no document, newest first.
    pub drafts: Vec<DraftView>,
    /// The app's version.
    pub version: String,
}

/// A document that the user asked to be told about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct WaitView {
    /// Where.
    pub server: ServerId,
    /// Which.
    pub document_id: DocumentId,
    /// Its name.
    pub name: String,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the desktop says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// The user's settings on this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Settings {
    /// What others see as the holder's device.
    pub device_name: String,
    /// The name others see on documents of this device's own server.
    pub display_name: String,
    /// Whether OS notifications are shown.
    pub notifications: bool,
    /// Light or dark.
    pub theme: Theme,
    /// Whether closing the last window keeps the app in the tray.
    pub close_to_tray: bool,
    /// Whether drawing stops once a lock has run out; else it goes on as a draft (X02).
    pub stop_editing_when_lapsed: bool,
}

/// A document in the grid.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS)]
pub struct DocumentCard {
    /// The document.
    pub document: Document,
    /// Who holds its lock.
    pub holder: Option<HolderView>,
    /// Windows of this app that show it.
    pub windows: Vec<String>,
    /// Whether the user waits for it.
    pub notify_me: bool,
    /// Whether this app is still importing it: until then its lock is the import's.
    pub importing: bool,
}

/// The documents of one scope, whole: each update replaces the one before.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DocumentList {
    /// Being fetched.
    Loading,
    /// Here they are, newest change first.
    Ready {
        /// The documents.
        cards: Vec<DocumentCard>,
        /// Whether the list follows changes live; false while offline.
        live: bool,
    },
    /// It could not be fetched.
    Failed {
        /// What happened, and what to do.
        detail: String,
    },
}

/// How far a longer piece of work is.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS)]
pub struct Progress {
    /// To cancel it with.
    pub job: String,
    /// The file or document.
    pub name: String,
    /// How far.
    pub step: ProgressStep,
}

/// A step of an import or export.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ProgressStep {
    /// Being read and checked.
    Reading,
    /// Being sent.
    Sending {
        /// Parts done.
        done: u32,
        /// Of so many.
        total: u32,
    },
    /// Done; the document that came of it, for an import.
    Done {
        /// Where it is now.
        document_id: Option<DocumentId>,
    },
    /// Stopped by the user; nothing was changed.
    Cancelled,
    /// Refused or failed; nothing was changed.
    Failed {
        /// The file, what is wrong with it, and what to do.
        detail: String,
    },
}

/// An error as a window shows it.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, thiserror::Error)]
#[error("{detail}")]
pub struct CommandError {
    /// The server's code, where somebody acts on it, or one of `offline`, `read_only`, `bad_file`, `wrong_password`, `keychain`, `disk`.
    pub code: String,
    /// What happened, what is safe, what to do.
    pub detail: String,
    /// With `lock_held`: who.
    pub holder: Option<HolderView>,
    /// With `rate_limited` and `unavailable`: in how many seconds to try again.
    pub retry_after_secs: Option<u32>,
}

/// A lock of the user, wherever it is held.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS)]
pub struct OwnLockView {
    /// Where.
    pub server: ServerId,
    /// What is locked.
    pub resource: Resource,
    /// The name of what is locked.
    pub name: String,
    /// On which device.
    pub device_name: String,
    /// Since when, by the server's clock.
    pub since: Timestamp,
    /// The window that holds it, where it is one of this app.
    pub window: Option<String>,
}
