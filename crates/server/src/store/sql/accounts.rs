//! [`Accounts`] on SQL: passwords are looked at outside of transactions, everything else inside of one.

use async_trait::async_trait;
use holdfast_protocol::{
    ProjectId, SignInId, UserId, WorkspaceId,
    account::{AuditEntry, Me, Member, Page, Project, Role, SignIn, Workspace},
};

use super::{
    SqlStore,
    access::role_in,
    member, project,
    sign_in::{self, Attempt},
    text::{check_name, invalid},
    workspace,
};
use crate::{
    caller::Caller,
    store::{Accounts, NewSignIn, PageRequest, SignInOutcome, StorageError, StoreError},
};

#[async_trait]
impl Accounts for SqlStore {
    async fn add_user(&self, email: &str, name: &str, password: &str) -> Result<UserId, StoreError> {
        sign_in::check_email(email)?;
        check_name("name", name)?;
        sign_in::check_password("password", password)?;
        let hash = self.passwords.hash(password).await?;
        self.db
            .write(
                (email.to_owned(), name.to_owned(), hash),
                |tx, (email, name, hash)| Box::pin(sign_in::add_user(tx, email, name, Some(hash.as_str()))),
            )
            .await
    }

    async fn local_sign_in(&self, name: &str, device_name: &str) -> Result<NewSignIn, StoreError> {
        self.db
            .write(
                (name.to_owned(), device_name.to_owned()),
                |tx, (name, device_name)| Box::pin(sign_in::begin_local(tx, name, device_name)),
            )
            .await
    }

    async fn rename_local(&self, name: &str, device_name: &str) -> Result<(), StoreError> {
        self.db
            .write(
                (name.to_owned(), device_name.to_owned()),
                |tx, (name, device_name)| Box::pin(sign_in::rename_local(tx, name, device_name)),
            )
            .await
    }

    async fn sign_in(
        &self,
        email: &str,
        password: &str,
        device_name: &str,
        address: &str,
    ) -> Result<SignInOutcome, StoreError> {
        check_name("device_name", device_name)?;
        let turn = self.passwords.turn().await?;
        let mut reads = self.db.snapshot().await?;
        let limited = sign_in::limited(&mut reads, email, address, self.db.now()).await?;
        if let Some(retry_after_secs) = limited {
            return Ok(SignInOutcome::Limited { retry_after_secs });
        }
        let account = sign_in::find(&mut reads, email).await?;
        drop(reads);
        let stored = account
            .as_ref()
            .and_then(|account| account.password_hash.as_deref());
        let right = self.passwords.matches(password, stored).await?;
        drop(turn);
        let attempt = Attempt {
            email: email.to_owned(),
            address: address.to_owned(),
            device_name: device_name.to_owned(),
            user: account.map(|account| account.user).filter(|_| right),
        };
        self.db
            .write(attempt, |tx, attempt| Box::pin(sign_in::settle(tx, attempt)))
            .await
    }

    async fn caller(&self, token: &str) -> Result<Option<Caller>, StorageError> {
        let mut reader = self.db.reader().await?;
        let found = sign_in::caller(&mut reader, token, self.db.now()).await?;
        drop(reader);
        let Some((caller, due)) = found else {
            return Ok(None);
        };
        if due {
            self.db
                .write(caller.sign_in, |tx, sign_in| {
                    Box::pin(sign_in::note_use(tx, *sign_in))
                })
                .await?;
        }
        Ok(Some(caller))
    }

    async fn sign_out(&self, caller: &Caller, sign_in: SignInId) -> Result<(), StoreError> {
        self.db
            .write((caller.clone(), sign_in), |tx, (caller, sign_in)| {
                Box::pin(sign_in::end(tx, caller, *sign_in))
            })
            .await
    }

    async fn me(&self, caller: &Caller) -> Result<Me, StoreError> {
        let mut reader = self.db.reader().await?;
        Ok(sign_in::me(&mut reader, caller).await?.0)
    }

    async fn sign_ins(&self, caller: &Caller, page: &PageRequest) -> Result<Page<SignIn>, StoreError> {
        let mut reader = self.db.reader().await?;
        sign_in::list(&mut reader, caller, page, self.db.now()).await
    }

    async fn change_password(&self, caller: &Caller, current: &str, new: &str) -> Result<(), StoreError> {
        sign_in::check_password("new", new)?;
        let (_, stored) = sign_in::me(&mut *self.db.reader().await?, caller).await?;
        let turn = self.passwords.turn().await?;
        if !self.passwords.matches(current, stored.as_deref()).await? {
            return Err(invalid("current", "is not the password"));
        }
        let hash = self.passwords.hash(new).await?;
        drop(turn);
        self.db
            .write((caller.clone(), hash), |tx, (caller, hash)| {
                Box::pin(sign_in::set_password(tx, caller, hash))
            })
            .await
    }

    async fn workspaces(&self, caller: &Caller, page: &PageRequest) -> Result<Page<Workspace>, StoreError> {
        let mut reader = self.db.reader().await?;
        workspace::list(&mut reader, caller, page).await
    }

    async fn create_workspace(&self, caller: &Caller, name: &str) -> Result<Workspace, StoreError> {
        self.db
            .write((caller.clone(), name.to_owned()), |tx, (caller, name)| {
                Box::pin(workspace::create(tx, caller, name))
            })
            .await
    }

    async fn workspace(&self, caller: &Caller, id: WorkspaceId) -> Result<Workspace, StoreError> {
        let mut reader = self.db.reader().await?;
        workspace::load(&mut reader, caller, id).await
    }

    async fn rename_workspace(
        &self,
        caller: &Caller,
        id: WorkspaceId,
        name: &str,
    ) -> Result<Workspace, StoreError> {
        self.db
            .write((caller.clone(), id, name.to_owned()), |tx, (caller, id, name)| {
                Box::pin(workspace::rename(tx, caller, *id, name))
            })
            .await
    }

    async fn delete_workspace(
        &self,
        caller: &Caller,
        id: WorkspaceId,
        force: bool,
    ) -> Result<(), StoreError> {
        self.db
            .write((caller.clone(), id, force), |tx, (caller, id, force)| {
                Box::pin(workspace::delete(tx, caller, *id, *force))
            })
            .await
    }

    async fn members(
        &self,
        caller: &Caller,
        id: WorkspaceId,
        page: &PageRequest,
    ) -> Result<Page<Member>, StoreError> {
        let mut reads = self.db.snapshot().await?;
        member::list(&mut reads, caller, id, page).await
    }

    async fn add_member(
        &self,
        caller: &Caller,
        id: WorkspaceId,
        email: &str,
        role: Role,
    ) -> Result<Member, StoreError> {
        self.db
            .write(
                (caller.clone(), id, email.to_owned(), role),
                |tx, (caller, id, email, role)| Box::pin(member::add(tx, caller, *id, email, *role)),
            )
            .await
    }

    async fn change_member(
        &self,
        caller: &Caller,
        id: WorkspaceId,
        user: UserId,
        role: Role,
    ) -> Result<Member, StoreError> {
        self.db
            .write(
                (caller.clone(), id, user, role),
                |tx, (caller, id, user, role)| Box::pin(member::change(tx, caller, *id, *user, *role)),
            )
            .await
    }

    async fn remove_member(&self, caller: &Caller, id: WorkspaceId, user: UserId) -> Result<(), StoreError> {
        self.db
            .write((caller.clone(), id, user), |tx, (caller, id, user)| {
                Box::pin(member::remove(tx, caller, *id, *user))
            })
            .await
    }

    async fn role(&self, caller: &Caller, id: WorkspaceId) -> Result<Role, StoreError> {
        let mut reader = self.db.reader().await?;
        let found = role_in(&mut reader, caller.user.id, id).await?;
        found.map(|(role, _)| role).ok_or(StoreError::NotFound)
    }

    async fn audit(
        &self,
        caller: &Caller,
        id: WorkspaceId,
        page: &PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError> {
        let mut reads = self.db.snapshot().await?;
        workspace::audit_log(&mut reads, caller, id, page).await
    }

    async fn projects(
        &self,
        caller: &Caller,
        id: WorkspaceId,
        page: &PageRequest,
    ) -> Result<Page<Project>, StoreError> {
        let mut reads = self.db.snapshot().await?;
        project::list(&mut reads, caller, id, page).await
    }

    async fn create_project(
        &self,
        caller: &Caller,
        id: WorkspaceId,
        name: &str,
    ) -> Result<Project, StoreError> {
        self.db
            .write((caller.clone(), id, name.to_owned()), |tx, (caller, id, name)| {
                Box::pin(project::create(tx, caller, *id, name))
            })
            .await
    }

    async fn project(&self, caller: &Caller, id: ProjectId) -> Result<Project, StoreError> {
        let mut reads = self.db.snapshot().await?;
        project::load(&mut reads, caller, id).await
    }

    async fn rename_project(
        &self,
        caller: &Caller,
        id: ProjectId,
        name: &str,
    ) -> Result<Project, StoreError> {
        self.db
            .write((caller.clone(), id, name.to_owned()), |tx, (caller, id, name)| {
                Box::pin(project::rename(tx, caller, *id, name))
            })
            .await
    }

    async fn delete_project(&self, caller: &Caller, id: ProjectId, force: bool) -> Result<(), StoreError> {
        self.db
            .write((caller.clone(), id, force), |tx, (caller, id, force)| {
                Box::pin(project::delete(tx, caller, *id, *force))
            })
            .await
    }
}
