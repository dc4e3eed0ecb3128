//! What is kept: accounts, workspaces, documents with all their versions, files.
//!
//! Two traits, for two readers: [`Accounts`] (people and what they share) and [`Documents`] (what they draw). One
//! contract suite each runs over every implementation.

#[cfg(test)]
mod contract;
pub mod sql;

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use holdfast_protocol::{
    CommitId, DocumentId, ProjectId, SessionId, SignInId, Timestamp, UserId, WorkspaceId,
    account::{AuditEntry, Me, Member, Page, Project, Role, SignIn, User, Workspace},
    document::{
        Change, CommitAnswer, CommitEntry, Content, CreateDocument, Document, ElementConflict, HeldElement,
    },
    lock::Lock,
};

use crate::{
    caller::Caller,
    engine::{FenceGuard, Target},
};

/// The storage itself failed; nothing was changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StorageError {
    /// It may work again later: busy, unreachable, disk full.
    #[error("storage is not available: {0}")]
    Unavailable(String),
    /// It will not work again by waiting: a defect, or damaged data.
    #[error("storage failed: {0}")]
    Broken(String),
}

/// Why a store refused.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It does not exist, or the caller may not know that it does (A02).
    #[error("no such thing")]
    NotFound,
    /// The caller's role does not allow it (A03).
    #[error("{0}")]
    Forbidden(&'static str),
    /// A field is not acceptable.
    #[error("{field}: {detail}")]
    Invalid {
        /// Path of the field in the request.
        field: String,
        /// What is wrong.
        detail: String,
    },
    /// Over a limit; nothing was written.
    #[error("{0}")]
    TooLarge(String),
    /// The workspace would be without an owner (A03).
    #[error("a workspace keeps at least one owner")]
    LastOwner,
    /// The user is a member already.
    #[error("is a member already")]
    AlreadyMember,
    /// Other users hold locks in it (D10).
    #[error("locked by {} on {}", holder.user_name, holder.device_name)]
    Held {
        /// One of the locks.
        holder: Box<Lock>,
    },
    /// The bytes are not those of the hash.
    #[error("the bytes have another SHA-256")]
    HashMismatch,
    /// The storage itself failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a commit was refused; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// As any other refusal.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The session belongs to another sign-in (S07).
    #[error("the session belongs to another sign-in")]
    SessionNotYours,
    /// The session was opened for another space (S10).
    #[error("the session was opened for another space")]
    OtherSpace,
    /// The session holds no live lock on the document, or, in shared mode, not on these elements (D03).
    #[error("a lock is needed first")]
    LockRequired {
        /// The elements, in shared mode.
        elements: Vec<HeldElement>,
    },
    /// Not the fence of the session's lock, or another session had the document exclusively since (D03).
    #[error("the lock has moved on")]
    StaleFence,
    /// Others hold these elements (D03, D10).
    #[error("others hold elements of this commit")]
    ElementsHeld {
        /// Which, and who.
        elements: Vec<HeldElement>,
    },
    /// An annotator may only change own elements (D11).
    #[error("only its creator may change it")]
    NotCreator {
        /// Which.
        elements: Vec<HeldElement>,
    },
    /// Elements have moved on (D04).
    #[error("changed by somebody else")]
    VersionConflict {
        /// The document's version now.
        current_version: i64,
        /// What moved.
        conflicts: Vec<ElementConflict>,
    },
}

/// A commit, its fields checked for shape.
#[derive(Debug, Clone)]
pub struct Commit {
    /// Where.
    pub document: DocumentId,
    /// Made by the client.
    pub commit_id: CommitId,
    /// The session that claims the lock.
    pub session: SessionId,
    /// The fence that it claims.
    pub fence: i64,
    /// Recorded, not compared.
    pub base_version: i64,
    /// At least one.
    pub changes: Vec<Change>,
}

/// Where a list looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentScope {
    /// The caller's own.
    Personal,
    /// A workspace's outside of projects and in them.
    Workspace(WorkspaceId),
    /// A project's.
    Project(ProjectId),
}

/// A page that is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// At most so many items.
    pub limit: u32,
    /// From the `next` of an earlier page.
    pub cursor: Option<String>,
}

/// What changes about a document that is renamed or moved. Absent: stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentPatch {
    /// Its new name.
    pub name: Option<String>,
    /// Where it goes: `Some(None)` takes it out of its project (within its workspace).
    pub project: Option<Option<ProjectId>>,
    /// `Some(None)` makes it personal, for its mover.
    pub workspace: Option<Option<WorkspaceId>>,
}

/// A token's owner, and the sign-in that it stands for.
#[derive(Debug, Clone)]
pub struct NewSignIn {
    /// The sign-in.
    pub id: SignInId,
    /// The user.
    pub user: User,
    /// The bearer token, shown once; only its hash is kept.
    pub token: String,
    /// When it ends if it is not used.
    pub expires_at: Timestamp,
}

/// How a sign-in attempt ended.
#[derive(Debug)]
pub enum SignInOutcome {
    /// In.
    In(NewSignIn),
    /// Wrong account or password: which of the two is not told.
    Wrong,
    /// Too many wrong attempts (A04).
    Limited {
        /// Whole seconds until the next attempt makes sense.
        retry_after_secs: u64,
    },
}

/// People and what they share. Every method checks the caller's role itself, in its transaction (A03), and writes the
/// audit log where A05 asks for it. Deletions and loss of access release locks in the same transaction (L13) where locks are in the database.
#[async_trait]
pub trait Accounts: Send + Sync + 'static {
    /// Adds a user; `Invalid` naming `email` where it is taken or no address.
    async fn add_user(&self, email: &str, name: &str, password: &str) -> Result<UserId, StoreError>;
    /// A sign-in for the only user of an embedded server, who is made or renamed as needed. Its earlier sign-ins and their
    /// sessions end: they belong to processes that are gone.
    async fn local_sign_in(&self, name: &str, device_name: &str) -> Result<NewSignIn, StoreError>;
    /// Gives the only user of an embedded server and its device other names; its sign-in stays.
    async fn rename_local(&self, name: &str, device_name: &str) -> Result<(), StoreError>;
    /// A04: counts wrong attempts by account and by address.
    async fn sign_in(
        &self,
        email: &str,
        password: &str,
        device_name: &str,
        address: &str,
    ) -> Result<SignInOutcome, StoreError>;
    /// Who a token stands for; none where it is unknown, revoked or unused for 30 days. Marks it as used (at most once a minute).
    async fn caller(&self, token: &str) -> Result<Option<Caller>, StorageError>;
    /// Ends a sign-in of the caller's and its sessions (S08); `NotFound` for somebody else's.
    async fn sign_out(&self, caller: &Caller, sign_in: SignInId) -> Result<(), StoreError>;
    /// The caller's account.
    async fn me(&self, caller: &Caller) -> Result<Me, StoreError>;
    /// The caller's live sign-ins.
    async fn sign_ins(&self, caller: &Caller, page: &PageRequest) -> Result<Page<SignIn>, StoreError>;
    /// Changes the password; ends all other sign-ins of the user. `Invalid` naming `current` where it is wrong.
    async fn change_password(&self, caller: &Caller, current: &str, new: &str) -> Result<(), StoreError>;

    /// The caller's workspaces.
    async fn workspaces(&self, caller: &Caller, page: &PageRequest) -> Result<Page<Workspace>, StoreError>;
    /// A new workspace with the caller as owner.
    async fn create_workspace(&self, caller: &Caller, name: &str) -> Result<Workspace, StoreError>;
    /// One of the caller's workspaces.
    async fn workspace(&self, caller: &Caller, id: WorkspaceId) -> Result<Workspace, StoreError>;
    /// Renames it; owners.
    async fn rename_workspace(
        &self,
        caller: &Caller,
        id: WorkspaceId,
        name: &str,
    ) -> Result<Workspace, StoreError>;
    /// Deletes it with all in it; owners; `Held` where others hold locks inside, unless forced (D10).
    async fn delete_workspace(&self, caller: &Caller, id: WorkspaceId, force: bool)
    -> Result<(), StoreError>;
    /// Its members.
    async fn members(
        &self,
        caller: &Caller,
        id: WorkspaceId,
        page: &PageRequest,
    ) -> Result<Page<Member>, StoreError>;
    /// Adds one; owners. `Invalid` naming `email` where there is no such account.
    async fn add_member(
        &self,
        caller: &Caller,
        id: WorkspaceId,
        email: &str,
        role: Role,
    ) -> Result<Member, StoreError>;
    /// Changes a role; owners. Losing the right to lock releases locks (L13).
    async fn change_member(
        &self,
        caller: &Caller,
        id: WorkspaceId,
        user: UserId,
        role: Role,
    ) -> Result<Member, StoreError>;
    /// Removes a member, or lets the caller leave.
    async fn remove_member(&self, caller: &Caller, id: WorkspaceId, user: UserId) -> Result<(), StoreError>;
    /// The caller's role; `NotFound` where it has none.
    async fn role(&self, caller: &Caller, id: WorkspaceId) -> Result<Role, StoreError>;
    /// The audit log, newest first; owners.
    async fn audit(
        &self,
        caller: &Caller,
        id: WorkspaceId,
        page: &PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError>;

    /// The projects of a workspace.
    async fn projects(
        &self,
        caller: &Caller,
        id: WorkspaceId,
        page: &PageRequest,
    ) -> Result<Page<Project>, StoreError>;
    /// A new project; editors.
    async fn create_project(
        &self,
        caller: &Caller,
        id: WorkspaceId,
        name: &str,
    ) -> Result<Project, StoreError>;
    /// One project.
    async fn project(&self, caller: &Caller, id: ProjectId) -> Result<Project, StoreError>;
    /// Renames it; editors.
    async fn rename_project(&self, caller: &Caller, id: ProjectId, name: &str)
    -> Result<Project, StoreError>;
    /// Deletes it with its documents; editors; `Held` as with a workspace, `force` for owners.
    async fn delete_project(&self, caller: &Caller, id: ProjectId, force: bool) -> Result<(), StoreError>;
}

/// What people draw. Roles as with [`Accounts`].
#[async_trait]
pub trait Documents: Send + Sync + 'static {
    /// A list with live locks, newest change first.
    async fn documents(
        &self,
        caller: &Caller,
        scope: DocumentScope,
        page: &PageRequest,
    ) -> Result<Page<Document>, StoreError>;
    /// A new document.
    async fn create(&self, caller: &Caller, request: &CreateDocument) -> Result<Document, StoreError>;
    /// One document with its live lock.
    async fn document(&self, caller: &Caller, id: DocumentId) -> Result<Document, StoreError>;
    /// Renames or moves it; `Held` where other users hold it (D10), unless an owner forces it.
    async fn change(
        &self,
        caller: &Caller,
        id: DocumentId,
        patch: &DocumentPatch,
        force: bool,
    ) -> Result<Document, StoreError>;
    /// Deletes it; as with `change`.
    async fn delete(&self, caller: &Caller, id: DocumentId, force: bool) -> Result<(), StoreError>;
    /// Where a document is, for its lock; `NotFound` where the caller may not see it.
    async fn target(&self, caller: &Caller, id: DocumentId) -> Result<Target, StoreError>;
    /// Its content now, or as of a version.
    async fn content(
        &self,
        caller: &Caller,
        id: DocumentId,
        version: Option<i64>,
    ) -> Result<Content, StoreError>;
    /// D02 to D06: checks fence, element locks and versions in the transaction that writes.
    async fn commit(
        &self,
        caller: &Caller,
        commit: Commit,
        guard: FenceGuard,
    ) -> Result<CommitAnswer, CommitError>;
    /// Makes the content what it was at a version, as a commit (D07). `Invalid` naming `version` where it never was or is not kept.
    async fn restore(
        &self,
        caller: &Caller,
        id: DocumentId,
        version: i64,
        commit: (CommitId, SessionId, i64),
        guard: FenceGuard,
    ) -> Result<CommitAnswer, CommitError>;
    /// The history, newest first, `before` exclusive.
    async fn commits(
        &self,
        caller: &Caller,
        id: DocumentId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Page<CommitEntry>, StoreError>;
    /// Gives a version a name, or takes it away; editors. `NotFound` where it is not kept.
    async fn name_version(
        &self,
        caller: &Caller,
        id: DocumentId,
        version: i64,
        name: Option<&str>,
    ) -> Result<CommitEntry, StoreError>;
    /// Of the versions older than `keep` (a day at least), lets go of all but the last of each day (UTC), the newest and named
    /// ones; answers how many went. What the others hold stays as it is. Works in short transactions; a dropped future leaves the rest for the next call.
    async fn thin(&self, keep: Duration) -> Result<u64, StorageError>;
    /// Keeps bytes under their hash (lower-case hexadecimal SHA-256); whether they are new. `HashMismatch`; `Invalid` naming `body` for what is no image.
    async fn put_file(
        &self,
        caller: &Caller,
        id: DocumentId,
        sha256: &str,
        bytes: Bytes,
    ) -> Result<bool, StoreError>;
    /// The bytes and media type, where the document refers to them or they were put through it (D09).
    async fn file(
        &self,
        caller: &Caller,
        id: DocumentId,
        sha256: &str,
    ) -> Result<(Bytes, String), StoreError>;
    /// Whether the storage answers.
    async fn ready(&self) -> Result<(), StorageError>;
}
