//! What a lock request stands on: the resource as it is now, what the caller may do there, and what is locked around it.

use holdfast_protocol::{
    account::Role,
    lock::{Lock, Resource},
};

use super::release::{lock_of_workspace, locks_in_workspace, locks_on_document, without_expired};
use super::stored::{Stored, locks_where};
use crate::{
    caller::Caller,
    database::Tx,
    engine::{LockError, Space, Target},
    store::{
        StorageError,
        sql::access::{place_of, role_in},
    },
};

/// A resource that the caller may see. The target is read anew: what a request was routed by may have changed since.
pub(super) struct Ground {
    pub(super) target: Target,
    pub(super) role: Role,
    /// What people call it.
    pub(super) name: String,
}

impl Ground {
    /// Refuses a role that may not lock this (A03).
    pub(super) fn may_lock(&self) -> Result<(), LockError> {
        match (&self.target.resource, self.role) {
            (_, Role::Viewer) => Err(LockError::Forbidden("viewers get no locks")),
            (Resource::Workspace { .. }, Role::Annotator) => Err(LockError::Forbidden(
                "only editors and owners may lock a workspace",
            )),
            _ => Ok(()),
        }
    }

    pub(super) const fn workspace(&self) -> Option<holdfast_protocol::WorkspaceId> {
        match self.target.space {
            Space::Workspace(id) => Some(id),
            Space::Personal(_) => None,
        }
    }
}

/// The ground of a request; `NotFound` where the caller may not know of it. Elements are locked through their document.
pub(super) async fn ground(
    tx: &mut Tx<'_>,
    caller: &Caller,
    resource: &Resource,
) -> Result<Ground, LockError> {
    match resource {
        Resource::Workspace { id } => {
            let (role, name) = role_in(tx.conn, caller.user.id, *id)
                .await?
                .ok_or(LockError::NotFound)?;
            let target = Target {
                resource: resource.clone(),
                space: Space::Workspace(*id),
                project: None,
            };
            Ok(Ground { target, role, name })
        }
        Resource::Document { id } => {
            let place = place_of(tx.conn, caller.user.id, *id)
                .await?
                .ok_or(LockError::NotFound)?;
            Ok(Ground {
                target: place.target(),
                role: place.role,
                name: place.name,
            })
        }
        Resource::Element { .. } => Err(LockError::NotFound),
    }
}

/// The live locks that could stand in a request's way: of a document, its own, its elements' and its workspace's; of a
/// workspace, all inside.
pub(super) async fn around(tx: &mut Tx<'_>, target: &Target) -> Result<Vec<Stored>, StorageError> {
    match (&target.resource, target.space) {
        (Resource::Workspace { id }, _) => locks_in_workspace(tx, *id).await,
        (Resource::Document { id: document_id } | Resource::Element { document_id, .. }, space) => {
            let Space::Workspace(workspace) = space else {
                return locks_on_document(tx, *document_id).await;
            };
            let rows = sqlx::query(locks_where!(
                "l.document_id = $1 OR (l.kind = 'workspace' AND l.document_id = '' AND l.resource_id = $2) \
                 ORDER BY l.acquired_at, l.fence"
            ))
            .bind(document_id.to_string())
            .bind(workspace.to_string())
            .fetch_all(&mut *tx.conn)
            .await?;
            let found = Stored::from_rows(&rows)?;
            without_expired(tx, found).await
        }
    }
}

/// The live locks on the resource itself; of a document, its elements' too, which go with it.
pub(super) async fn locks_of(tx: &mut Tx<'_>, target: &Target) -> Result<Vec<Stored>, StorageError> {
    match &target.resource {
        Resource::Workspace { id } => lock_of_workspace(tx, *id).await,
        Resource::Document { id } => locks_on_document(tx, *id).await,
        Resource::Element { document_id, .. } => Ok(locks_on_document(tx, *document_id)
            .await?
            .into_iter()
            .filter(|stored| stored.lock.resource == target.resource)
            .collect()),
    }
}

/// Refused because of this lock.
pub(super) fn held(by: &Lock, caller: &Caller) -> LockError {
    LockError::Held {
        same_user: by.user_id == caller.user.id,
        holder: Box::new(by.clone()),
        waiters: 0,
    }
}
