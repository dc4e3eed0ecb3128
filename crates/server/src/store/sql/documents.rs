//! [`Documents`] on SQL: each method finds who may do it and where it is done.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use holdfast_protocol::{
    CommitId, DocumentId, SessionId,
    account::{Page, Role},
    document::{CommitAnswer, CommitEntry, Content, CreateDocument, Document},
};

use super::{
    SqlStore,
    access::document_for,
    commit::{self, Header},
    content, document, files, history, moving,
    text::{check_name, invalid},
    thinning,
};
use crate::{
    caller::Caller,
    engine::{FenceGuard, Target},
    store::{
        Commit, CommitError, DocumentPatch, DocumentScope, Documents, PageRequest, StorageError, StoreError,
    },
};

#[async_trait]
impl Documents for SqlStore {
    async fn documents(
        &self,
        caller: &Caller,
        scope: DocumentScope,
        page: &PageRequest,
    ) -> Result<Page<Document>, StoreError> {
        let mut reads = self.db.snapshot().await?;
        document::list(&mut reads, caller, scope, page, self.db.now()).await
    }

    async fn create(&self, caller: &Caller, request: &CreateDocument) -> Result<Document, StoreError> {
        self.db
            .write((caller.clone(), request.clone()), |tx, (caller, request)| {
                Box::pin(document::create(tx, caller, request))
            })
            .await
    }

    async fn document(&self, caller: &Caller, id: DocumentId) -> Result<Document, StoreError> {
        let mut reads = self.db.snapshot().await?;
        document_for(&mut reads, caller.user.id, id, Role::Viewer).await?;
        document::load(&mut reads, id, self.db.now()).await
    }

    async fn change(
        &self,
        caller: &Caller,
        id: DocumentId,
        patch: &DocumentPatch,
        force: bool,
    ) -> Result<Document, StoreError> {
        self.db
            .write(
                (caller.clone(), id, patch.clone(), force),
                |tx, (caller, id, patch, force)| Box::pin(moving::change(tx, caller, *id, patch, *force)),
            )
            .await
    }

    async fn delete(&self, caller: &Caller, id: DocumentId, force: bool) -> Result<(), StoreError> {
        self.db
            .write((caller.clone(), id, force), |tx, (caller, id, force)| {
                Box::pin(moving::delete(tx, caller, *id, *force))
            })
            .await
    }

    async fn target(&self, caller: &Caller, id: DocumentId) -> Result<Target, StoreError> {
        let mut reader = self.db.reader().await?;
        let place = document_for(&mut reader, caller.user.id, id, Role::Viewer).await?;
        Ok(place.target())
    }

    async fn content(
        &self,
        caller: &Caller,
        id: DocumentId,
        version: Option<i64>,
    ) -> Result<Content, StoreError> {
        let mut reads = self.db.snapshot().await?;
        document_for(&mut reads, caller.user.id, id, Role::Viewer).await?;
        content::content(&mut reads, id, version).await
    }

    async fn commit(
        &self,
        caller: &Caller,
        commit: Commit,
        guard: FenceGuard,
    ) -> Result<CommitAnswer, CommitError> {
        let FenceGuard::InDatabase = guard;
        let prepared = commit::prepare(commit)?;
        self.db
            .write((caller.clone(), prepared), |tx, (caller, prepared)| {
                Box::pin(commit::commit(tx, caller, prepared))
            })
            .await
    }

    async fn restore(
        &self,
        caller: &Caller,
        id: DocumentId,
        version: i64,
        (commit_id, session, fence): (CommitId, SessionId, i64),
        guard: FenceGuard,
    ) -> Result<CommitAnswer, CommitError> {
        let FenceGuard::InDatabase = guard;
        let header = Header {
            document: id,
            commit_id,
            session,
            fence,
            base_version: 0,
            restored: Some(version),
        };
        self.db
            .write(
                (caller.clone(), version, header),
                |tx, (caller, version, header)| Box::pin(commit::restore(tx, caller, *version, header)),
            )
            .await
    }

    async fn commits(
        &self,
        caller: &Caller,
        id: DocumentId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Page<CommitEntry>, StoreError> {
        let mut reads = self.db.snapshot().await?;
        document_for(&mut reads, caller.user.id, id, Role::Viewer).await?;
        history::list(&mut reads, id, before, limit).await
    }

    async fn name_version(
        &self,
        caller: &Caller,
        id: DocumentId,
        version: i64,
        name: Option<&str>,
    ) -> Result<CommitEntry, StoreError> {
        name.map_or(Ok(()), |name| check_name("name", name))?;
        self.db
            .write(
                (caller.clone(), id, version, name.map(str::to_owned)),
                |tx, (caller, id, version, name)| {
                    Box::pin(async move {
                        document_for(tx.conn, caller.user.id, *id, Role::Editor).await?;
                        history::name(tx, *id, *version, name.as_deref()).await
                    })
                },
            )
            .await
    }

    async fn thin(&self, keep: Duration) -> Result<u64, StorageError> {
        thinning::thin(&self.db, keep).await
    }

    async fn put_file(
        &self,
        caller: &Caller,
        id: DocumentId,
        sha256: &str,
        bytes: Bytes,
    ) -> Result<bool, StoreError> {
        let sha256 = sha256.to_owned();
        let image = tokio::task::spawn_blocking(move || files::look(&sha256, bytes))
            .await
            .map_err(|error| StorageError::Broken(error.to_string()))??;
        self.db
            .write((caller.clone(), id, image), |tx, (caller, id, image)| {
                Box::pin(async move {
                    document_for(tx.conn, caller.user.id, *id, Role::Annotator).await?;
                    Ok(files::put(tx, *id, image).await?)
                })
            })
            .await
    }

    async fn file(
        &self,
        caller: &Caller,
        id: DocumentId,
        sha256: &str,
    ) -> Result<(Bytes, String), StoreError> {
        if !commit::is_sha256(sha256) {
            return Err(invalid("sha256", "is not 64 lower-case hexadecimal digits"));
        }
        let mut reads = self.db.snapshot().await?;
        document_for(&mut reads, caller.user.id, id, Role::Viewer).await?;
        files::get(&mut reads, id, sha256).await
    }

    /// The reading side answers, and the writer takes a job.
    async fn ready(&self) -> Result<(), StorageError> {
        sqlx::query("SELECT 1")
            .execute(&mut *self.db.reader().await?)
            .await?;
        self.db.write((), |_, ()| Box::pin(async { Ok(()) })).await
    }
}
