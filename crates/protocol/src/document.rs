//! Documents: what they are, what is in them, how they change.

use serde::{Deserialize, Serialize};

use crate::{
    CommitId, DocumentId, Json, ProjectId, SessionId, Timestamp, WorkspaceId, account::User, lock::Lock,
};

/// What kind of document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// A drawing.
    Canvas,
    /// A picture that people annotate.
    Image,
}

/// A document without its content.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Document {
    /// The document.
    pub id: DocumentId,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: DocumentKind,
    /// Its workspace; null for a personal document.
    pub workspace_id: Option<WorkspaceId>,
    /// Its project; null outside of projects.
    pub project_id: Option<ProjectId>,
    /// Counts its commits; 0 for one that was never saved.
    #[ts(type = "number")]
    pub version: i64,
    /// When it was created,
    pub created_at: Timestamp,
    /// and by whom.
    pub created_by: User,
    /// When it was last saved or renamed,
    pub updated_at: Timestamp,
    /// and by whom.
    pub updated_by: User,
    /// The exclusive lock, or the oldest shared one.
    pub lock: Option<Lock>,
}

/// `POST /v1/documents`.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct CreateDocument {
    /// 1 to 200 characters.
    pub name: String,
    /// What it is to be.
    pub kind: DocumentKind,
    /// Where; a personal document where neither is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub workspace_id: Option<WorkspaceId>,
    /// The folder; its workspace is implied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub project_id: Option<ProjectId>,
}

/// An element with its version.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Element {
    /// Unique in the document; 1 to 256 bytes of UTF-8 without control characters.
    pub id: String,
    /// Counts its changes, from 1.
    #[ts(type = "number")]
    pub version: i64,
    /// When it was last changed,
    pub updated_at: Timestamp,
    /// and by whom.
    pub updated_by: User,
    /// The element itself, as it was sent.
    #[ts(type = "unknown")]
    #[schema(value_type = Object)]
    pub data: Json,
}

/// A file (image) that the document refers to.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct FileEntry {
    /// The canvas's own id for it.
    pub id: String,
    /// Counts its changes, from 1.
    #[ts(type = "number")]
    pub version: i64,
    /// Its bytes: lower-case hexadecimal SHA-256.
    pub sha256: String,
    /// What else the canvas says of it (`mimeType`, `created`, …), as it was sent.
    #[ts(type = "unknown")]
    #[schema(value_type = Object)]
    pub data: Json,
}

/// Everything of a canvas that is neither element nor file: the other top-level fields of its file.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Scene {
    /// Counts its changes; 0 where none was ever sent.
    #[ts(type = "number")]
    pub version: i64,
    /// As it was sent; `{}` at version 0.
    #[ts(type = "unknown")]
    #[schema(value_type = Object)]
    pub data: Json,
}

/// `GET /v1/documents/{id}/content`.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Content {
    /// The document's version that this is.
    #[ts(type = "number")]
    pub version: i64,
    /// The canvas's other fields.
    pub scene: Scene,
    /// In the order of `data.index`; those without, in order of creation, after them (D08).
    pub elements: Vec<Element>,
    /// The files that it refers to.
    pub files: Vec<FileEntry>,
}

/// One change of a commit. `base_version` is the version of the thing changed that the change was made on; 0 for a new one.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
#[serde(tag = "op", rename_all = "snake_case", try_from = "FlatChange")]
pub enum Change {
    /// Creates or replaces an element.
    Put {
        /// The element; the same as `data.id`.
        id: String,
        /// 0 for a new one.
        #[ts(type = "number")]
        base_version: i64,
        /// The whole element.
        #[ts(type = "unknown")]
        #[schema(value_type = Object)]
        data: Json,
    },
    /// Deletes an element.
    Delete {
        /// The element.
        id: String,
        /// What is deleted.
        #[ts(type = "number")]
        base_version: i64,
    },
    /// Replaces the scene.
    Scene {
        /// 0 for the first.
        #[ts(type = "number")]
        base_version: i64,
        /// The whole of it.
        #[ts(type = "unknown")]
        #[schema(value_type = Object)]
        data: Json,
    },
    /// Adds or replaces a file entry; its bytes are at the server already.
    File {
        /// The canvas's own id for it.
        id: String,
        /// 0 for a new one.
        #[ts(type = "number")]
        base_version: i64,
        /// Its bytes.
        sha256: String,
        /// What else the canvas says of it.
        #[ts(type = "unknown")]
        #[schema(value_type = Object)]
        data: Json,
    },
}

/// A [`Change`] as it comes over the wire, before anybody has looked whether it is one: data kept as text does not
/// survive the buffering that serde does for a tagged enum, and a refusal can name the field this way.
#[derive(Debug, Clone, Deserialize)]
pub struct FlatChange {
    /// `put`, `delete`, `scene` or `file`.
    pub op: String,
    /// Of an element or a file.
    pub id: Option<String>,
    /// See [`Change`].
    pub base_version: Option<i64>,
    /// Of a file.
    pub sha256: Option<String>,
    /// Of all but a deletion.
    pub data: Option<Json>,
}

/// Why a [`FlatChange`] is no [`Change`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {detail}")]
pub struct NoChange {
    /// The field of the change.
    pub field: &'static str,
    /// What is wrong with it.
    pub detail: &'static str,
}

impl TryFrom<FlatChange> for Change {
    type Error = NoChange;

    fn try_from(flat: FlatChange) -> Result<Self, NoChange> {
        let missing = |field| NoChange {
            field,
            detail: "is missing",
        };
        let base_version = flat.base_version.ok_or(missing("base_version"))?;
        let id = flat.id.ok_or(missing("id"));
        let data = flat.data.ok_or(missing("data"));
        match flat.op.as_str() {
            "put" => Ok(Self::Put {
                id: id?,
                base_version,
                data: data?,
            }),
            "delete" => Ok(Self::Delete {
                id: id?,
                base_version,
            }),
            "scene" => Ok(Self::Scene {
                base_version,
                data: data?,
            }),
            "file" => Ok(Self::File {
                id: id?,
                base_version,
                sha256: flat.sha256.ok_or(missing("sha256"))?,
                data: data?,
            }),
            _ => Err(NoChange {
                field: "op",
                detail: "is none of put, delete, scene, file",
            }),
        }
    }
}

/// `POST /v1/documents/{id}/commits`.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct CommitRequest {
    /// Made by the client; the same again where the answer was lost (D05).
    pub commit_id: CommitId,
    /// The session that holds the lock.
    pub session_id: SessionId,
    /// Its fencing token.
    #[ts(type = "number")]
    pub fence: i64,
    /// The document version that the client had last seen: recorded, not compared.
    #[ts(type = "number")]
    pub base_version: i64,
    /// At least one; each element, file and the scene at most once.
    pub changes: Vec<Change>,
}

/// The new version of an element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct ElementVersion {
    /// The element.
    pub id: String,
    /// Its version now.
    #[ts(type = "number")]
    pub version: i64,
}

/// 200 to a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct CommitAnswer {
    /// The document's version now.
    #[ts(type = "number")]
    pub version: i64,
    /// Each element put or deleted, in the order of the request.
    pub elements: Vec<ElementVersion>,
    /// The scene's version now, where the commit changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub scene_version: Option<i64>,
    /// Each file entry changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<ElementVersion>>", optional)]
    pub files: Vec<ElementVersion>,
}

/// An element that moved on under a commit (D04). The scene is named `scene`, a file `file:ID`.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct ElementConflict {
    /// The element.
    pub element_id: String,
    /// The version that the change was made on.
    #[ts(type = "number")]
    pub your_version: i64,
    /// The version it has.
    #[ts(type = "number")]
    pub current_version: i64,
    /// Since when; null for one that never was.
    pub updated_at: Option<Timestamp>,
    /// By whom.
    pub updated_by: Option<User>,
    /// What it is now; null where deleted.
    #[ts(type = "unknown")]
    #[schema(value_type = Option<Object>)]
    pub data: Option<Json>,
    /// Whether it was deleted; it is put again on the deletion's version.
    pub deleted: bool,
}

/// An element that stops a commit, and who holds or created it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct HeldElement {
    /// The element.
    pub element_id: String,
    /// Who has it locked; null where nobody has.
    pub holder: Option<Lock>,
}

/// What a change of a commit was, without its data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct ChangeSummary {
    /// `put`, `delete`, `scene` or `file`.
    pub op: String,
    /// The element or file; absent for the scene.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub id: Option<String>,
    /// The version that it made.
    #[ts(type = "number")]
    pub version: i64,
}

/// A change with its data, as a document's room sees it.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct CommittedChange {
    /// `put`, `delete`, `scene` or `file`.
    pub op: String,
    /// The element or file; absent for the scene.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub id: Option<String>,
    /// The version that it made.
    #[ts(type = "number")]
    pub version: i64,
    /// With `file`: its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub sha256: Option<String>,
    /// The new data; absent for a deletion, and in rooms that get no data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "unknown")]
    #[schema(value_type = Option<Object>)]
    pub data: Option<Json>,
}

/// A version in a document's history.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct CommitEntry {
    /// The version that it made.
    #[ts(type = "number")]
    pub version: i64,
    /// The commit.
    pub commit_id: CommitId,
    /// The document version that its client had last seen.
    #[ts(type = "number")]
    pub base_version: i64,
    /// When.
    pub at: Timestamp,
    /// By whom,
    pub by: User,
    /// on which device.
    pub device_name: String,
    /// Where the commit restored an older version: which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub restored_version: Option<i64>,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name: Option<String>,
    /// How many elements, files and scenes changed.
    #[serde(default)]
    #[ts(type = "number")]
    pub change_count: i64,
    /// What changed.
    pub changes: Vec<ChangeSummary>,
}

/// `PATCH /v1/documents/{id}/commits/{version}`.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct NameVersion {
    /// 1 to 200 characters; null takes the name away. It must be there: a version doesn't lose its name by a slip.
    #[serde(deserialize_with = "Option::deserialize")]
    pub name: Option<String>,
}

/// `POST /v1/documents/{id}/restore`.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct RestoreRequest {
    /// The version to go back to.
    #[ts(type = "number")]
    pub version: i64,
    /// The session that holds the lock.
    pub session_id: SessionId,
    /// Its fencing token.
    #[ts(type = "number")]
    pub fence: i64,
    /// As with a commit.
    pub commit_id: CommitId,
}
