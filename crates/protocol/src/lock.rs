//! Locks: who may change what, since when, until when.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{DocumentId, SessionId, Timestamp, UserId, WorkspaceId};

/// What a lock is on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Resource {
    /// A whole workspace: exclusive only; shuts out everyone else's locks inside it (L10).
    Workspace {
        /// The workspace.
        id: WorkspaceId,
    },
    /// One document.
    Document {
        /// The document.
        id: DocumentId,
    },
    /// One element of a document.
    Element {
        /// The element: 1 to 256 bytes of UTF-8 without control characters.
        id: String,
        /// The document that it is in.
        document_id: DocumentId,
    },
}

impl Resource {
    /// `workspace`, `document` or `element`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Workspace { .. } => "workspace",
            Self::Document { .. } => "document",
            Self::Element { .. } => "element",
        }
    }

    /// The UUID of a workspace or document; none for an element.
    #[must_use]
    pub const fn uuid(&self) -> Option<Uuid> {
        match self {
            Self::Workspace { id } => Some(id.0),
            Self::Document { id } => Some(id.0),
            Self::Element { .. } => None,
        }
    }

    /// The document that the resource is, or is in.
    #[must_use]
    pub const fn document_id(&self) -> Option<DocumentId> {
        match self {
            Self::Workspace { .. } => None,
            Self::Document { id } => Some(*id),
            Self::Element { document_id, .. } => Some(*document_id),
        }
    }
}

/// How many sessions may hold the lock at once.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum LockMode {
    /// One.
    #[default]
    Exclusive,
    /// Many; each then locks the elements that it changes.
    Shared,
}

/// A live lock, as everybody who may see the resource sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Lock {
    /// What is locked.
    pub resource: Resource,
    /// How.
    pub mode: LockMode,
    /// The fencing token: greater than every earlier one of this resource (L07), below 2^53.
    #[ts(type = "number")]
    pub fence: i64,
    /// Who holds it: the session,
    pub session_id: SessionId,
    /// its user,
    pub user_id: UserId,
    /// the user's name
    pub user_name: String,
    /// and the device.
    pub device_name: String,
    /// When this session got it.
    pub acquired_at: Timestamp,
    /// When its lease was last renewed.
    pub heartbeat_at: Timestamp,
    /// When its lease ends unless renewed.
    pub expires_at: Timestamp,
}

/// A freed lock, reserved for the first waiter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Offer {
    /// Only this session can take it,
    pub session_id: SessionId,
    /// of this user,
    pub user_id: UserId,
    /// until then.
    pub until: Timestamp,
}

/// Why a lock was released (L09).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseReason {
    /// The holder gave it back.
    Released,
    /// The lease ran out in silence.
    Expired,
    /// The socket closed without a goodbye and nobody came back within the grace.
    Disconnected,
    /// The holder had no input for long.
    Idle,
    /// The sign-in ended.
    SignedOut,
    /// Somebody with the right to do so freed or took it.
    Forced,
    /// The holder passed it on.
    HandedOver,
    /// The holder lost access, or what was locked is gone.
    Revoked,
}

/// `POST LOCK`.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct AcquireRequest {
    /// The asking session.
    pub session_id: SessionId,
    /// Exclusive where absent.
    #[serde(default)]
    pub mode: LockMode,
    /// Queue for it where it is held (L14).
    #[serde(default)]
    pub wait: bool,
}

/// How a lock request ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AcquireStatus {
    /// 201: it was free.
    Acquired,
    /// 200: the session held it already; same fence, new expiry.
    Refreshed,
}

/// 201 or 200 to `POST LOCK`.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct AcquireAnswer {
    /// Which of the two.
    pub status: AcquireStatus,
    /// The lock.
    pub lock: Lock,
}

/// `GET LOCK`.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct LockState {
    /// Whether anybody holds it.
    pub locked: bool,
    /// The exclusive lock, or the oldest shared one.
    pub lock: Option<Lock>,
    /// All that hold it.
    pub holders: Vec<Lock>,
    /// For whom it is reserved.
    pub offer: Option<Offer>,
}

/// `POST LOCK/heartbeat`.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct LockHeartbeatRequest {
    /// The holder.
    pub session_id: SessionId,
}

/// 200 to `POST LOCK/heartbeat`.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct ExpiresAt {
    /// When the lease ends unless renewed.
    pub expires_at: Timestamp,
}

/// `POST LOCK/force-take`.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct ForceTakeRequest {
    /// The session that gets the lock.
    pub session_id: SessionId,
    /// Why, in a person's words: for those displaced and for the audit log.
    pub reason: String,
}

/// 200 to `POST LOCK/force-take`.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct LockAnswer {
    /// The taker's lock.
    pub lock: Lock,
}

/// A list of live locks.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Locks {
    /// Oldest first.
    pub locks: Vec<Lock>,
}
