//! People and what they share: sign-in, workspaces, members, projects, audit.

use serde::{Deserialize, Serialize};

use crate::{ProjectId, SignInId, Timestamp, UserId, WorkspaceId};

/// A user, as others see one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// The name people know.
    pub name: String,
}

/// What a member may do in a workspace (A03). Greater may do all that lesser may.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    ts_rs::TS,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Read and watch.
    Viewer,
    /// Add elements, and change or delete own ones.
    Annotator,
    /// Create, rename, move, delete documents and projects; any lock.
    Editor,
    /// Members, roles, the workspace itself, force, audit.
    Owner,
}

/// `POST /v1/auth/sign-in`.
#[derive(Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct SignInRequest {
    /// The account.
    pub email: String,
    /// Its password.
    pub password: String,
    /// What this device is called.
    pub device_name: String,
}

impl std::fmt::Debug for SignInRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignInRequest")
            .field("device_name", &self.device_name)
            .finish_non_exhaustive()
    }
}

/// 200 to `POST /v1/auth/sign-in`.
#[derive(Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct SignedIn {
    /// The bearer token; shown once.
    pub token: String,
    /// When it ends if it is not used.
    pub expires_at: Timestamp,
    /// Who signed in.
    pub user: User,
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedIn")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// `GET /v1/me`.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Me {
    /// Who.
    pub id: UserId,
    /// The name others see.
    pub name: String,
    /// The account.
    pub email: String,
    /// The sign-in that asked.
    pub sign_in_id: SignInId,
}

/// `PUT /v1/me/password`.
#[derive(Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct ChangePassword {
    /// The password that holds now.
    pub current: String,
    /// The one to come: 8 to 1,000 characters.
    pub new: String,
}

impl std::fmt::Debug for ChangePassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChangePassword(..)")
    }
}

/// One sign-in of the caller.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct SignIn {
    /// The sign-in.
    pub id: SignInId,
    /// The device's name.
    pub device_name: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used.
    pub used_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// A workspace, as a member sees it.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Workspace {
    /// The workspace.
    pub id: WorkspaceId,
    /// Its name.
    pub name: String,
    /// The caller's role in it.
    pub role: Role,
    /// When it was created.
    pub created_at: Timestamp,
}

/// A member of a workspace.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Member {
    /// Who.
    pub user: User,
    /// The account.
    pub email: String,
    /// What the member may do.
    pub role: Role,
    /// Since when.
    pub joined_at: Timestamp,
}

/// `POST /v1/workspaces/{id}/members`.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct AddMember {
    /// An account of this server.
    pub email: String,
    /// What the member may do.
    pub role: Role,
}

/// `PATCH /v1/workspaces/{id}/members/{user_id}`.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct ChangeMember {
    /// What the member may do from now on.
    pub role: Role,
}

/// A project: a folder of documents in a workspace.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Project {
    /// The project.
    pub id: ProjectId,
    /// Where it is.
    pub workspace_id: WorkspaceId,
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created_at: Timestamp,
}

/// Creates or renames a workspace or project.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Named {
    /// 1 to 200 characters.
    pub name: String,
}

/// One line of a workspace's audit log (A05).
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub by: User,
    /// What: `force_take`, `force_release`, `member_added`, `role_changed`, `member_removed`, `signed_in`, `document_deleted`, …
    pub action: String,
    /// To what or whom, in words: a document's name, a member's name.
    pub subject: String,
    /// The reason given, where one was asked for.
    pub reason: Option<String>,
}

/// One page of a list.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Page<T> {
    /// The page's items.
    pub items: Vec<T>,
    /// Pass as `cursor` for the next page; null on the last.
    pub next: Option<String>,
}
