//! Locks as they are stored, with the lease that keeps them alive.

use holdfast_protocol::{
    DocumentId, ProjectId, SessionId, SignInId, Timestamp,
    lock::{Lock, Resource},
    room::{Actor, Room},
};

use crate::{
    database::{Columns as _, Row},
    engine::{Space, lease},
    store::StorageError,
};

/// A query for locks with their sessions and users, continued by a clause over `l`, `s` (session), `u` (user) and `d` (document).
macro_rules! locks_where {
    ($clause:literal) => {
        concat!(
            "SELECT l.kind, l.document_id, l.resource_id, l.session_id, l.workspace_id, l.owner_id, l.mode, l.fence, \
             l.acquired_at, s.sign_in_id, s.user_id, s.device_name, s.heartbeat_at, s.expires_at, s.cut, u.name, \
             d.project_id \
             FROM locks l JOIN sessions s ON s.id = l.session_id JOIN users u ON u.id = s.user_id \
             LEFT JOIN documents d ON d.id = l.document_id WHERE ",
            $clause
        )
    };
}
pub(crate) use locks_where;

/// A stored lock. It may be over: [`Stored::is_live`] tells, and nothing may be done with one before that was asked.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) lock: Lock,
    pub(crate) space: Space,
    pub(crate) project: Option<ProjectId>,
    /// The sign-in that its session belongs to.
    pub(crate) sign_in: SignInId,
    /// Whether its session's lease was cut to the grace.
    pub(crate) cut: bool,
}

impl Stored {
    pub(crate) fn from_row(row: &Row) -> Result<Self, StorageError> {
        let kind = row.text("kind")?;
        let resource = match kind.as_str() {
            "workspace" => Resource::Workspace {
                id: row.id("resource_id")?,
            },
            "document" => Resource::Document {
                id: row.id("document_id")?,
            },
            "element" => Resource::Element {
                id: row.text("resource_id")?,
                document_id: row.id("document_id")?,
            },
            other => return Err(StorageError::Broken(format!("a lock of the kind {other}"))),
        };
        let space = match row.id_or_null("workspace_id")? {
            Some(workspace) => Space::Workspace(workspace),
            None => Space::Personal(row.id("owner_id")?),
        };
        Ok(Self {
            lock: Lock {
                resource,
                mode: row.name("mode")?,
                fence: row.number("fence")?,
                session_id: row.id("session_id")?,
                user_id: row.id("user_id")?,
                user_name: row.text("name")?,
                device_name: row.text("device_name")?,
                acquired_at: row.moment("acquired_at")?,
                heartbeat_at: row.moment("heartbeat_at")?,
                expires_at: row.moment("expires_at")?,
            },
            space,
            project: row.id_or_null("project_id")?,
            sign_in: row.id("sign_in_id")?,
            cut: row.flag("cut")?,
        })
    }

    pub(crate) fn from_rows(rows: &[Row]) -> Result<Vec<Self>, StorageError> {
        rows.iter().map(Self::from_row).collect()
    }

    pub(crate) fn is_live(&self, now: Timestamp) -> bool {
        lease::is_live(now, self.lock.expires_at)
    }

    /// Where it is heard that something happened to it.
    pub(crate) fn rooms(&self) -> Vec<Room> {
        match self.lock.resource.document_id() {
            Some(document) => rooms_of(document, self.project, self.space),
            None => vec![space_room(self.space)],
        }
    }

    /// Its holder, as the one who did something.
    pub(crate) fn holder(&self) -> Actor {
        Actor {
            id: self.lock.user_id,
            name: self.lock.user_name.clone(),
            session_id: Some(self.lock.session_id),
        }
    }
}

/// A document's rooms: its own with all data first, then the project's, then the space's.
pub(crate) fn rooms_of(document: DocumentId, project: Option<ProjectId>, space: Space) -> Vec<Room> {
    let mut rooms = vec![Room::Document(document)];
    rooms.extend(project.map(Room::Project));
    rooms.push(space_room(space));
    rooms
}

/// The room of a space.
pub(crate) const fn space_room(space: Space) -> Room {
    match space {
        Space::Personal(user) => Room::User(user),
        Space::Workspace(workspace) => Room::Workspace(workspace),
    }
}

/// The columns under which a resource's lock is stored: kind, document_id, resource_id.
pub(crate) fn key(resource: &Resource) -> (&'static str, String, String) {
    match resource {
        Resource::Workspace { id } => ("workspace", String::new(), id.to_string()),
        Resource::Document { id } => ("document", id.to_string(), id.to_string()),
        Resource::Element { id, document_id } => ("element", document_id.to_string(), id.clone()),
    }
}

/// A user with the session that acted.
pub(crate) fn actor(user: &holdfast_protocol::account::User, session_id: Option<SessionId>) -> Actor {
    Actor {
        id: user.id,
        name: user.name.clone(),
        session_id,
    }
}
