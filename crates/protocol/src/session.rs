//! Sessions and their leases.

use serde::{Deserialize, Serialize};

use crate::{
    SessionId, Timestamp, WorkspaceId,
    lock::{Lock, Resource},
};

/// `POST /v1/sessions`.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct OpenSession {
    /// Made by the client, one an editor window.
    pub session_id: SessionId,
    /// The workspace it will work in; null for the user's own documents (S10).
    pub workspace_id: Option<WorkspaceId>,
    /// What people see as the holder's device.
    pub device_name: String,
    /// The lease it would like, in milliseconds; the server's default where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub ttl_ms: Option<i64>,
}

/// 201 or 200 to `POST /v1/sessions`: the lease.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct OpenedSession {
    /// The session.
    pub session_id: SessionId,
    /// How long the lease lasts from each renewal, in milliseconds.
    #[ts(type = "number")]
    pub ttl_ms: i64,
    /// How often to renew it, in milliseconds.
    #[ts(type = "number")]
    pub heartbeat_ms: i64,
    /// What is left of it after an unclean close, in milliseconds.
    #[ts(type = "number")]
    pub grace_ms: i64,
    /// When it ends unless renewed.
    pub expires_at: Timestamp,
}

/// `POST /v1/sessions/{id}/heartbeat`; the body may be left out.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct HeartbeatRequest {
    /// How long the window has had no input, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub idle_ms: Option<i64>,
}

/// A lock that a session holds, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct HeldLock {
    /// What is locked.
    pub resource: Resource,
    /// Its fencing token.
    #[ts(type = "number")]
    pub fence: i64,
}

/// 200 to `POST /v1/sessions/{id}/heartbeat`.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct HeartbeatAnswer {
    /// When the lease ends unless renewed.
    pub expires_at: Timestamp,
    /// What the session holds.
    pub locks: Vec<HeldLock>,
}

/// A live session, as its own user sees it.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Session {
    /// The session.
    pub session_id: SessionId,
    /// The workspace it works in; null for the user's own documents.
    pub workspace_id: Option<WorkspaceId>,
    /// The device.
    pub device_name: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When its lease was last renewed.
    pub heartbeat_at: Timestamp,
    /// How long the lease lasts from each renewal, in milliseconds.
    #[ts(type = "number")]
    pub ttl_ms: i64,
    /// When it ends unless renewed.
    pub expires_at: Timestamp,
    /// What it holds.
    pub locks: Vec<Lock>,
}
