//! Rooms and what happens in them, in one order for everybody (R01, R02).

use serde::{Deserialize, Serialize};

use crate::{
    CommitId, DocumentId, ProjectId, SessionId, UserId, WorkspaceId,
    account::Project,
    document::{CommittedChange, Document},
    lock::{Lock, ReleaseReason, Resource},
};

/// A place to listen: `document:ID`, `project:ID`, `workspace:ID` or `user:ID`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, ts_rs::TS)]
#[ts(type = "string")]
pub enum Room {
    /// All of one document, with data.
    Document(DocumentId),
    /// All documents of a project, without data.
    Project(ProjectId),
    /// All documents of a workspace, without data.
    Workspace(WorkspaceId),
    /// A user's personal documents without data, and what concerns the user alone.
    User(UserId),
}

impl std::fmt::Display for Room {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Document(id) => write!(f, "document:{id}"),
            Self::Project(id) => write!(f, "project:{id}"),
            Self::Workspace(id) => write!(f, "workspace:{id}"),
            Self::User(id) => write!(f, "user:{id}"),
        }
    }
}

/// A room's name that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a room is document:ID, project:ID, workspace:ID or user:ID")]
pub struct NoRoom;

impl std::str::FromStr for Room {
    type Err = NoRoom;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, id) = text.split_once(':').ok_or(NoRoom)?;
        match kind {
            "document" => id.parse().map(Self::Document).map_err(|_| NoRoom),
            "project" => id.parse().map(Self::Project).map_err(|_| NoRoom),
            "workspace" => id.parse().map(Self::Workspace).map_err(|_| NoRoom),
            "user" => id.parse().map(Self::User).map_err(|_| NoRoom),
            _ => Err(NoRoom),
        }
    }
}

impl utoipa::PartialSchema for Room {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::Object::with_type(utoipa::openapi::schema::Type::String).into()
    }
}

impl utoipa::ToSchema for Room {}

impl Serialize for Room {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Room {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'_, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Who did it: a user, and the session where there was one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Actor {
    /// The user.
    pub id: UserId,
    /// The user's name.
    pub name: String,
    /// The session that acted; null where none did (an owner's force-release, a removal of a member).
    pub session_id: Option<SessionId>,
}

/// Something that happened. The order of a room's events is the order in which they took effect.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
#[serde(remote = "Self", tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A session got a document's lock.
    DocumentLocked {
        /// The lock.
        lock: Lock,
    },
    /// A session's lock on a document ended.
    DocumentUnlocked {
        /// What was locked.
        resource: Resource,
        /// Why it ended.
        reason: ReleaseReason,
        /// The former holder; with `forced` and `revoked`, who did it.
        by: Actor,
    },
    /// Somebody took the lock by force.
    DocumentForceTaken {
        /// The taker's lock.
        lock: Lock,
        /// Those displaced.
        previous: Vec<Lock>,
        /// The taker.
        by: Actor,
        /// The reason given.
        reason: String,
    },
    /// Element locks were granted.
    ElementsLocked {
        /// The locks.
        locks: Vec<Lock>,
    },
    /// Element locks ended.
    ElementsUnlocked {
        /// What was locked.
        resources: Vec<Resource>,
        /// Why they ended.
        reason: ReleaseReason,
        /// As with `document_unlocked`.
        by: Actor,
    },
    /// A session got a workspace's lock.
    WorkspaceLocked {
        /// The lock.
        lock: Lock,
    },
    /// A workspace's lock ended.
    WorkspaceUnlocked {
        /// What was locked.
        resource: Resource,
        /// Why it ended.
        reason: ReleaseReason,
        /// As with `document_unlocked`.
        by: Actor,
    },
    /// Somebody took a workspace's lock by force.
    WorkspaceForceTaken {
        /// The taker's lock.
        lock: Lock,
        /// Those displaced.
        previous: Vec<Lock>,
        /// The taker.
        by: Actor,
        /// The reason given.
        reason: String,
    },
    /// A commit was written.
    DocumentCommitted {
        /// Which document: other rooms than its own need to know.
        document_id: DocumentId,
        /// The version that it made.
        #[ts(type = "number")]
        version: i64,
        /// The commit.
        commit_id: CommitId,
        /// Who committed.
        by: Actor,
        /// What changed; without data in rooms other than the document's.
        changes: Vec<CommittedChange>,
    },
    /// A document came to be.
    DocumentCreated {
        /// The document.
        document: Document,
        /// Who created it.
        by: Actor,
    },
    /// A document was renamed or moved.
    DocumentChanged {
        /// The document as it is now.
        document: Document,
        /// Who changed it.
        by: Actor,
    },
    /// A document is gone.
    DocumentDeleted {
        /// Which.
        document_id: DocumentId,
        /// Who deleted it.
        by: Actor,
    },
    /// A workspace was created, renamed, or its members changed.
    WorkspaceChanged {
        /// The workspace, without a role: each member has its own.
        workspace_id: WorkspaceId,
        /// Its name.
        name: String,
        /// Who changed it.
        by: Actor,
    },
    /// A workspace is gone, or the user is no longer a member.
    WorkspaceRemoved {
        /// Which.
        workspace_id: WorkspaceId,
        /// Who did it.
        by: Actor,
    },
    /// A project was created or renamed.
    ProjectChanged {
        /// The project.
        project: Project,
        /// Who changed it.
        by: Actor,
    },
    /// A project is gone.
    ProjectDeleted {
        /// Which.
        project_id: ProjectId,
        /// Who deleted it.
        by: Actor,
    },
    /// A freed lock is reserved for a waiter.
    LockOffered {
        /// What is offered.
        resource: Resource,
        /// To whom.
        session_id: SessionId,
        /// Until when.
        until: crate::Timestamp,
    },
    /// A waiter asks the holder to hand over.
    HandOverRequested {
        /// What is asked for.
        resource: Resource,
        /// Who asks.
        by: Actor,
        /// In the asker's words.
        message: Option<String>,
    },
    /// The holder said not now.
    HandOverDeclined {
        /// What was asked for.
        resource: Resource,
        /// The holder.
        by: Actor,
    },
    /// The queue for a lock grew or shrank.
    WaitersChanged {
        /// What is waited for.
        resource: Resource,
        /// How many wait.
        waiters: u32,
    },
}

impl Serialize for Event {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

/// By hand, because data kept as text does not survive the buffering that serde does for a tagged enum: the one
/// event with such data is read from the text itself.
impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;

        #[derive(Deserialize)]
        struct Kind<'a> {
            #[serde(rename = "type", borrow)]
            kind: std::borrow::Cow<'a, str>,
        }
        #[derive(Deserialize)]
        struct Committed {
            document_id: DocumentId,
            version: i64,
            commit_id: CommitId,
            by: Actor,
            changes: Vec<CommittedChange>,
        }

        let text = crate::Json::deserialize(deserializer)?;
        let kind: Kind<'_> = serde_json::from_str(text.get()).map_err(D::Error::custom)?;
        if kind.kind == "document_committed" {
            let Committed {
                document_id,
                version,
                commit_id,
                by,
                changes,
            } = serde_json::from_str(text.get()).map_err(D::Error::custom)?;
            return Ok(Self::DocumentCommitted {
                document_id,
                version,
                commit_id,
                by,
                changes,
            });
        }
        Self::deserialize(&mut serde_json::Deserializer::from_str(text.get())).map_err(D::Error::custom)
    }
}

/// Somebody looking at a document: never stored (R06).
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Presence {
    /// The session that looks.
    pub session_id: SessionId,
    /// Its user.
    pub user: crate::account::User,
    /// Cursor, selection and what else the client tells; null when the session has left.
    #[ts(type = "unknown")]
    #[schema(value_type = Option<Object>)]
    pub state: Option<serde_json::Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r02_a_commit_event_keeps_its_data_to_the_letter() {
        let text = r#"{"type":"document_committed","document_id":"00000000-0000-4000-8000-000000000001","version":3,"commit_id":"00000000-0000-4000-8000-000000000002","by":{"id":"00000000-0000-4000-8000-000000000003","name":"Ada","session_id":null},"changes":[{"op":"put","id":"a","version":1,"data":{"id":"a","x":1.50}}]}"#;
        let event: Event = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&event).unwrap(), text);
        let framed = format!(
            r#"{{"type":"event","room":"document:00000000-0000-4000-8000-000000000001","epoch":"e","seq":1,"event":{text}}}"#
        );
        let frame: crate::socket::EventFrame<Event> = serde_json::from_str(&framed).unwrap();
        assert_eq!(serde_json::to_string(&frame).unwrap(), framed);
    }
}
