//! Taking and freeing locks over their holders' heads (L08).

use holdfast_protocol::{
    SessionId,
    account::Role,
    lock::{Lock, LockMode, ReleaseReason, Resource},
    room::Event,
};

use super::{
    acquire::{grant, own_lock, prepare, tell_locked},
    ground::{Ground, around, ground, held, locks_of},
    release::remove,
    stored::{Stored, actor},
};
use crate::{
    caller::Caller,
    database::Tx,
    engine::LockError,
    happening::Happening,
    store::{StorageError, sql::audit},
};

const NOT_AN_OWNER: LockError =
    LockError::Forbidden("only an owner of the workspace may take or free the locks of others");

/// Gives the lock to the session in one step. Each displaced session is told so first (`forced`), then all are told who has it now.
pub(super) async fn force_take(
    tx: &mut Tx<'_>,
    caller: &Caller,
    resource: &Resource,
    session: SessionId,
    reason: &str,
) -> Result<Lock, LockError> {
    let (ground, renewed) = prepare(tx, caller, resource, session, LockMode::Exclusive).await?;
    let around = around(tx, &ground.target).await?;
    let own = own_lock(&around, resource, session).cloned();
    let (displaced, standing): (Vec<Stored>, Vec<Stored>) = around
        .into_iter()
        .filter(|stored| stored.lock.session_id != session)
        .partition(|stored| goes_with(resource, &stored.lock.resource));
    if let Some(stored) = standing.first() {
        return Err(held(&stored.lock, caller));
    }
    if displaced.is_empty() {
        if let Some(own) = own.filter(|own| own.mode == LockMode::Exclusive) {
            return Ok(own);
        }
        let lock = grant(tx, caller, &ground.target, &renewed, LockMode::Exclusive).await?;
        tell_locked(tx, &ground.target, lock.clone());
        return Ok(lock);
    }
    let is_own = |stored: &Stored| stored.lock.user_id == caller.user.id;
    if ground.role < Role::Owner && !displaced.iter().all(is_own) {
        return Err(NOT_AN_OWNER);
    }
    let by = actor(&caller.user, Some(session));
    remove(tx, &displaced, ReleaseReason::Forced, Some(&by)).await?;
    let lock = grant(tx, caller, &ground.target, &renewed, LockMode::Exclusive).await?;
    record(tx, caller, &ground, "force_take", reason).await?;
    let previous = displaced.into_iter().map(|stored| stored.lock).collect();
    let (lock_told, reason) = (lock.clone(), reason.to_owned());
    let event = match resource {
        Resource::Workspace { .. } => Event::WorkspaceForceTaken {
            lock: lock_told,
            previous,
            by,
            reason,
        },
        _ => Event::DocumentForceTaken {
            lock: lock_told,
            previous,
            by,
            reason,
        },
    };
    let rooms = super::rooms_of_target(&ground.target);
    tx.tell(Happening::Event { rooms, event });
    Ok(lock)
}

/// Whether another's lock is displaced by taking this resource. A workspace's lock is not displaced by taking a document in it.
const fn goes_with(taken: &Resource, held: &Resource) -> bool {
    matches!(taken, Resource::Workspace { .. }) || !matches!(held, Resource::Workspace { .. })
}

/// Frees the lock. Who is no owner frees own sessions' locks only.
pub(super) async fn force_release(
    tx: &mut Tx<'_>,
    caller: &Caller,
    resource: &Resource,
    reason: &str,
) -> Result<(), LockError> {
    let ground = ground(tx, caller, resource).await?;
    let mut gone = locks_of(tx, &ground.target).await?;
    if !gone.iter().any(|stored| &stored.lock.resource == resource) {
        return Err(LockError::LockNotFound);
    }
    if ground.role < Role::Owner {
        gone.retain(|stored| stored.lock.user_id == caller.user.id);
    }
    if gone.is_empty() {
        return Err(NOT_AN_OWNER);
    }
    remove(tx, &gone, ReleaseReason::Forced, Some(&actor(&caller.user, None))).await?;
    Ok(record(tx, caller, &ground, "force_release", reason).await?)
}

async fn record(
    tx: &mut Tx<'_>,
    caller: &Caller,
    ground: &Ground,
    action: &'static str,
    reason: &str,
) -> Result<(), StorageError> {
    let deed = audit::Deed {
        workspace: ground.workspace(),
        by: caller.user.id,
        action,
        subject: &ground.name,
        reason: Some(reason),
    };
    audit::record(tx, deed).await
}
