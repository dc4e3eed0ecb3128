//! Releasing locks whose ground is gone (L13).

use holdfast_protocol::{
    UserId, WorkspaceId,
    account::Role,
    lock::{ReleaseReason, Resource},
    room::Actor,
};

use super::{
    release::{end_membership, locks_in_workspace, locks_on_document, remove},
    stored::actor,
};
use crate::{
    caller::Caller,
    database::Tx,
    engine::Revocation,
    store::{StorageError, sql::access::role_in},
};

/// Releases what a revocation is about.
pub(crate) async fn revoke(tx: &mut Tx<'_>, by: &Caller, what: Revocation) -> Result<(), StorageError> {
    let by = actor(&by.user, None);
    match what {
        Revocation::Member { workspace, user } => revoke_member(tx, workspace, user, &by).await,
        Revocation::Document(document) => {
            let gone = locks_on_document(tx, document).await?;
            remove(tx, &gone, ReleaseReason::Revoked, Some(&by)).await
        }
        Revocation::Workspace(workspace) => {
            let gone = locks_in_workspace(tx, workspace).await?;
            remove(tx, &gone, ReleaseReason::Revoked, Some(&by)).await
        }
    }
}

/// What the role that is left does not give goes: of a viewer all locks, of an annotator the workspace's own, of nobody's
/// the sessions too.
async fn revoke_member(
    tx: &mut Tx<'_>,
    workspace: WorkspaceId,
    user: UserId,
    by: &Actor,
) -> Result<(), StorageError> {
    let role = role_in(tx.conn, user, workspace).await?.map(|(role, _)| role);
    let mut gone = locks_in_workspace(tx, workspace).await?;
    gone.retain(|stored| stored.lock.user_id == user);
    match role {
        None => return end_membership(tx, workspace, user, by).await,
        Some(Role::Viewer) => {}
        Some(Role::Annotator) => {
            gone.retain(|stored| matches!(stored.lock.resource, Resource::Workspace { .. }));
        }
        Some(Role::Editor | Role::Owner) => return Ok(()),
    }
    remove(tx, &gone, ReleaseReason::Revoked, Some(by)).await
}
