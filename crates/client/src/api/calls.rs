//! Each call of the specification's list, one function. What the server says in words is in [`ApiError`].

use bytes::Bytes;
use holdfast_protocol::{
    DocumentId, ProjectId, SessionId, SignInId, UserId, WorkspaceId,
    account::{
        AddMember, AuditEntry, ChangeMember, ChangePassword, Me, Member, Named, Page, Project, SignIn,
        SignInRequest, SignedIn, Workspace,
    },
    document::{
        CommitAnswer, CommitEntry, CommitRequest, Content, CreateDocument, Document, NameVersion,
        RestoreRequest,
    },
    limits,
    lock::{
        AcquireAnswer, AcquireRequest, ExpiresAt, ForceTakeRequest, Lock, LockAnswer, LockHeartbeatRequest,
        LockMode, LockState, Locks, Resource,
    },
    session::{HeartbeatAnswer, HeartbeatRequest, OpenSession, OpenedSession, Session},
};
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{Api, ApiError};
use crate::view::ScopeView;

type Answer<T> = Result<T, ApiError>;

/// A path below `/v1/`: its segments, percent-encoded when the request is made.
macro_rules! path {
    ($($segment:expr),+ $(,)?) => { &[$($segment.to_string()),+] };
}

/// A lock's place, as its path names it, and what follows.
fn lock_path(resource: &Resource, rest: &[&str]) -> Vec<String> {
    let mut path = match resource {
        Resource::Workspace { id } => vec!["workspaces".to_owned(), id.to_string()],
        Resource::Document { id } => vec!["documents".to_owned(), id.to_string()],
        Resource::Element { id, document_id } => vec![
            "documents".to_owned(),
            document_id.to_string(),
            "elements".to_owned(),
            id.clone(),
        ],
    };
    path.push("lock".to_owned());
    path.extend(rest.iter().map(|&segment| segment.to_owned()));
    path
}

/// Sign-in and the caller.
impl Api {
    /// Signs in; the answer has the token.
    pub async fn sign_in(&self, request: &SignInRequest) -> Answer<SignedIn> {
        self.send(Method::POST, path!["auth", "sign-in"], request).await
    }

    /// Ends this sign-in.
    pub async fn sign_out(&self) -> Answer<()> {
        self.send_empty(Method::POST, path!["auth", "sign-out"]).await
    }

    /// The caller.
    pub async fn me(&self) -> Answer<Me> {
        self.get(path!["me"]).await
    }

    /// The caller's live sessions on all devices, with the locks they hold.
    pub async fn own_sessions(&self) -> Answer<Vec<Session>> {
        self.all(path!["me", "sessions"], &[]).await
    }

    /// Changes the password.
    pub async fn change_password(&self, request: &ChangePassword) -> Answer<()> {
        self.send_none(Method::PUT, path!["me", "password"], request)
            .await
    }

    /// The caller's sign-ins on all devices.
    pub async fn sign_ins(&self) -> Answer<Vec<SignIn>> {
        self.all(path!["me", "sign-ins"], &[]).await
    }

    /// Revokes a sign-in.
    pub async fn revoke_sign_in(&self, id: SignInId) -> Answer<()> {
        self.send_empty(Method::DELETE, path!["me", "sign-ins", id]).await
    }
}

/// Workspaces, members, projects.
impl Api {
    /// The workspaces that the caller is a member of.
    pub async fn workspaces(&self) -> Answer<Vec<Workspace>> {
        self.all(path!["workspaces"], &[]).await
    }

    /// One workspace.
    pub async fn workspace(&self, id: WorkspaceId) -> Answer<Workspace> {
        self.get(path!["workspaces", id]).await
    }

    /// Creates a workspace, of which the caller is the owner.
    pub async fn create_workspace(&self, name: &str) -> Answer<Workspace> {
        self.send(Method::POST, path!["workspaces"], &named(name)).await
    }

    /// Renames a workspace.
    pub async fn rename_workspace(&self, id: WorkspaceId, name: &str) -> Answer<Workspace> {
        self.send(Method::PATCH, path!["workspaces", id], &named(name))
            .await
    }

    /// Deletes a workspace with all in it; by force also where others hold locks in it.
    pub async fn delete_workspace(&self, id: WorkspaceId, force: bool) -> Answer<()> {
        self.delete(path!["workspaces", id], force).await
    }

    /// A workspace's members.
    pub async fn members(&self, id: WorkspaceId) -> Answer<Vec<Member>> {
        self.all(path!["workspaces", id, "members"], &[]).await
    }

    /// Makes somebody a member.
    pub async fn add_member(&self, id: WorkspaceId, request: &AddMember) -> Answer<Member> {
        self.send(Method::POST, path!["workspaces", id, "members"], request)
            .await
    }

    /// Changes a member's role.
    pub async fn change_member(
        &self,
        id: WorkspaceId,
        user: UserId,
        request: &ChangeMember,
    ) -> Answer<Member> {
        self.send(Method::PATCH, path!["workspaces", id, "members", user], request)
            .await
    }

    /// Removes a member; oneself, to leave.
    pub async fn remove_member(&self, id: WorkspaceId, user: UserId) -> Answer<()> {
        self.send_empty(Method::DELETE, path!["workspaces", id, "members", user])
            .await
    }

    /// A workspace's projects.
    pub async fn projects(&self, id: WorkspaceId) -> Answer<Vec<Project>> {
        self.all(path!["workspaces", id, "projects"], &[]).await
    }

    /// Creates a project.
    pub async fn create_project(&self, id: WorkspaceId, name: &str) -> Answer<Project> {
        self.send(Method::POST, path!["workspaces", id, "projects"], &named(name))
            .await
    }

    /// One project.
    pub async fn project(&self, id: ProjectId) -> Answer<Project> {
        self.get(path!["projects", id]).await
    }

    /// Renames a project.
    pub async fn rename_project(&self, id: ProjectId, name: &str) -> Answer<Project> {
        self.send(Method::PATCH, path!["projects", id], &named(name))
            .await
    }

    /// Deletes a project with its documents; by force also where others hold locks in it.
    pub async fn delete_project(&self, id: ProjectId, force: bool) -> Answer<()> {
        self.delete(path!["projects", id], force).await
    }

    /// A project's live locks.
    pub async fn project_locks(&self, id: ProjectId) -> Answer<Locks> {
        self.get(path!["projects", id, "locks"]).await
    }

    /// A workspace's live locks.
    pub async fn workspace_locks(&self, id: WorkspaceId) -> Answer<Locks> {
        self.get(path!["workspaces", id, "locks"]).await
    }

    /// One page of a workspace's audit log, newest first.
    pub async fn audit(&self, id: WorkspaceId, cursor: Option<&str>) -> Answer<Page<AuditEntry>> {
        self.page(path!["workspaces", id, "audit"], &[], cursor).await
    }
}

/// Documents.
impl Api {
    /// All documents of a scope.
    pub async fn documents(&self, scope: &ScopeView) -> Answer<Vec<Document>> {
        let query = match scope {
            ScopeView::Personal => ("scope", "personal".to_owned()),
            ScopeView::Workspace { id } => ("workspace_id", id.to_string()),
            ScopeView::Project { id, .. } => ("project_id", id.to_string()),
        };
        self.all(path!["documents"], &[query]).await
    }

    /// Creates a document.
    pub async fn create_document(&self, request: &CreateDocument) -> Answer<Document> {
        self.send(Method::POST, path!["documents"], request).await
    }

    /// One document, without its content.
    pub async fn document(&self, id: DocumentId) -> Answer<Document> {
        self.get(path!["documents", id]).await
    }

    /// Renames a document.
    pub async fn rename_document(&self, id: DocumentId, name: &str) -> Answer<Document> {
        self.send(Method::PATCH, path!["documents", id], &named(name))
            .await
    }

    /// Moves a document to another scope.
    pub async fn move_document(&self, id: DocumentId, scope: &ScopeView) -> Answer<Document> {
        let place = match scope {
            ScopeView::Personal => json!({"workspace_id": null, "project_id": null}),
            ScopeView::Workspace { id } => json!({"workspace_id": id, "project_id": null}),
            ScopeView::Project { id, workspace_id } => {
                json!({"workspace_id": workspace_id, "project_id": id})
            }
        };
        self.send(Method::PATCH, path!["documents", id], &place).await
    }

    /// Deletes a document; by force also where others hold its lock.
    pub async fn delete_document(&self, id: DocumentId, force: bool) -> Answer<()> {
        self.delete(path!["documents", id], force).await
    }

    /// A document's content, now or at a version.
    pub async fn content(&self, id: DocumentId, version: Option<i64>) -> Answer<Content> {
        let version = version.map(|version| ("version", version.to_string()));
        self.fetch(path!["documents", id, "content"], version.as_slice())
            .await
    }

    /// Saves, atomically.
    pub async fn commit(&self, id: DocumentId, request: &CommitRequest) -> Answer<CommitAnswer> {
        self.upload(Method::POST, path!["documents", id, "commits"], request)
            .await
    }

    /// One page of a document's history, newest first, below a version.
    pub async fn commits(&self, id: DocumentId, before: Option<i64>) -> Answer<Page<CommitEntry>> {
        let before = before.map(|version| ("before", version.to_string()));
        self.page(path!["documents", id, "commits"], before.as_slice(), None)
            .await
    }

    /// The commit that made a version, or the last one; none where there is none (any more).
    pub async fn commit_of(&self, id: DocumentId, version: Option<i64>) -> Answer<Option<CommitEntry>> {
        let mut query = vec![("limit", "1".to_owned())];
        query.extend(version.map(|version| ("before", version.saturating_add(1).to_string())));
        let page: Page<CommitEntry> = self.fetch(path!["documents", id, "commits"], &query).await?;
        let last = page.items.into_iter().next();
        Ok(last.filter(|entry| version.is_none_or(|version| entry.version == version)))
    }

    /// Gives a version a name, or takes it away.
    pub async fn name_version(
        &self,
        id: DocumentId,
        version: i64,
        name: Option<&str>,
    ) -> Answer<CommitEntry> {
        let request = NameVersion {
            name: name.map(str::to_owned),
        };
        self.send(
            Method::PATCH,
            path!["documents", id, "commits", version],
            &request,
        )
        .await
    }

    /// Goes back to a version by a commit.
    pub async fn restore(&self, id: DocumentId, request: &RestoreRequest) -> Answer<CommitAnswer> {
        self.upload(Method::POST, path!["documents", id, "restore"], request)
            .await
    }

    /// A file's bytes: these and no others.
    pub async fn file(&self, id: DocumentId, sha256: &str) -> Answer<Bytes> {
        let bytes = self.download(path!["documents", id, "files", sha256]).await?;
        if crate::canvas::sha256(&bytes) != sha256 {
            return Err(self.other_bytes());
        }
        Ok(bytes)
    }

    /// Stores a file's bytes.
    pub async fn put_file(&self, id: DocumentId, sha256: &str, mime_type: &str, bytes: Bytes) -> Answer<()> {
        self.upload_bytes(path!["documents", id, "files", sha256], mime_type, bytes)
            .await
    }
}

/// Sessions.
impl Api {
    /// Opens a session's lease.
    pub async fn open_session(&self, request: &OpenSession) -> Answer<OpenedSession> {
        self.send(Method::POST, path!["sessions"], request).await
    }

    /// Renews a session's lease.
    pub async fn heartbeat(&self, id: SessionId, idle_ms: Option<i64>) -> Answer<HeartbeatAnswer> {
        let request = HeartbeatRequest { idle_ms };
        self.send(Method::POST, path!["sessions", id, "heartbeat"], &request)
            .await
    }

    /// A live session of this sign-in.
    pub async fn session(&self, id: SessionId) -> Answer<Session> {
        self.get(path!["sessions", id]).await
    }

    /// Goodbye: ends a session and releases all it holds.
    pub async fn end_session(&self, id: SessionId) -> Answer<()> {
        self.send_empty(Method::DELETE, path!["sessions", id]).await
    }
}

/// Locks.
impl Api {
    /// Asks for a lock in exclusive mode, without waiting.
    pub async fn acquire(&self, resource: &Resource, session_id: SessionId) -> Answer<AcquireAnswer> {
        let request = AcquireRequest {
            session_id,
            mode: LockMode::Exclusive,
            wait: false,
        };
        self.send(Method::POST, &lock_path(resource, &[]), &request).await
    }

    /// Who holds a lock.
    pub async fn lock(&self, resource: &Resource) -> Answer<LockState> {
        self.get(&lock_path(resource, &[])).await
    }

    /// Gives a lock back.
    pub async fn release(&self, resource: &Resource, session_id: SessionId, idle: bool) -> Answer<()> {
        let mut query = vec![("session_id", session_id.to_string())];
        if idle {
            query.push(("reason", "idle".to_owned()));
        }
        let path = lock_path(resource, &[]);
        self.plain(Method::DELETE, &path, &query).await
    }

    /// Renews the session, if it holds this lock.
    pub async fn lock_heartbeat(&self, resource: &Resource, session_id: SessionId) -> Answer<ExpiresAt> {
        let request = LockHeartbeatRequest { session_id };
        self.send(Method::POST, &lock_path(resource, &["heartbeat"]), &request)
            .await
    }

    /// Takes a lock by force.
    pub async fn force_take(&self, resource: &Resource, session_id: SessionId, reason: &str) -> Answer<Lock> {
        let request = ForceTakeRequest {
            session_id,
            reason: reason.chars().take(limits::REASON_CHARS).collect(),
        };
        let path = lock_path(resource, &["force-take"]);
        let answer: LockAnswer = self.send(Method::POST, &path, &request).await?;
        Ok(answer.lock)
    }

    /// Frees a lock by force.
    pub async fn force_release(&self, resource: &Resource, reason: &str) -> Answer<()> {
        let query = [("reason", reason.chars().take(limits::REASON_CHARS).collect())];
        self.plain(Method::DELETE, &lock_path(resource, &["force"]), &query)
            .await
    }
}

/// Shapes that several calls share.
impl Api {
    /// Every page of a list, in order.
    async fn all<T: DeserializeOwned>(&self, path: &[String], query: &[(&str, String)]) -> Answer<Vec<T>> {
        let mut items = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let page: Page<T> = self.page(path, query, cursor.as_deref()).await?;
            items.extend(page.items);
            match page.next {
                Some(next) if cursor.as_ref() != Some(&next) => cursor = Some(next),
                _ => return Ok(items),
            }
        }
    }

    async fn page<T: DeserializeOwned>(
        &self,
        path: &[String],
        query: &[(&str, String)],
        cursor: Option<&str>,
    ) -> Answer<Page<T>> {
        let mut query = query.to_vec();
        query.push(("limit", limits::PAGE_MAX.to_string()));
        query.extend(cursor.map(|cursor| ("cursor", cursor.to_owned())));
        self.fetch(path, &query).await
    }

    async fn delete(&self, path: &[String], force: bool) -> Answer<()> {
        let query = force.then(|| ("force", "true".to_owned()));
        self.plain(Method::DELETE, path, query.as_slice()).await
    }
}

fn named(name: &str) -> Named {
    Named {
        name: name.to_owned(),
    }
}
