//! Getting, keeping and giving back a lock (L01 to L03, L06, L10).

use holdfast_protocol::{
    SessionId,
    lock::{AcquireStatus, Lock, LockMode, ReleaseReason, Resource},
    room::Event,
};

use super::{
    ground::{Ground, around, ground, held, locks_of},
    release::remove,
    sessions::{Renewed, must_be_own, renew},
    stored::{Stored, key},
};
use crate::{
    caller::Caller,
    database::Tx,
    engine::{Acquired, Lease, LockError, Target, blocking::in_the_way},
    happening::Happening,
    store::StorageError,
};

/// Acquires or refreshes.
pub(super) async fn acquire(
    tx: &mut Tx<'_>,
    caller: &Caller,
    resource: &Resource,
    session: SessionId,
    mode: LockMode,
) -> Result<Acquired, LockError> {
    let (ground, renewed) = prepare(tx, caller, resource, session, mode).await?;
    let around = around(tx, &ground.target).await?;
    if let Some(own) = own_lock(&around, resource, session)
        && own.mode == mode
    {
        return Ok(Acquired {
            status: AcquireStatus::Refreshed,
            lock: own.clone(),
        });
    }
    if let Some(lock) = in_the_way(resource, mode, session, around.iter().map(|stored| &stored.lock)) {
        return Err(held(lock, caller));
    }
    let lock = grant(tx, caller, &ground.target, &renewed, mode).await?;
    tell_locked(tx, &ground.target, lock.clone());
    Ok(Acquired {
        status: AcquireStatus::Acquired,
        lock,
    })
}

/// Checks all that has nothing to do with other sessions, and renews the caller's lease.
pub(super) async fn prepare(
    tx: &mut Tx<'_>,
    caller: &Caller,
    resource: &Resource,
    session: SessionId,
    mode: LockMode,
) -> Result<(Ground, Renewed), LockError> {
    let ground = ground(tx, caller, resource).await?;
    ground.may_lock()?;
    if matches!(resource, Resource::Workspace { .. }) && mode == LockMode::Shared {
        return Err(LockError::SharedWorkspace);
    }
    let renewed = renew(tx, caller, session, None).await?;
    if renewed.space != ground.target.space {
        return Err(LockError::OtherSpace);
    }
    Ok((ground, renewed))
}

/// The session's own lock on exactly this resource.
pub(super) fn own_lock<'a>(
    around: &'a [Stored],
    resource: &Resource,
    session: SessionId,
) -> Option<&'a Lock> {
    around
        .iter()
        .map(|stored| &stored.lock)
        .find(|lock| lock.session_id == session && &lock.resource == resource)
}

/// Writes the lock, with a fence greater than every earlier one of the resource (L07): the counter is kept with the
/// resource, and outlives every lock.
pub(super) async fn grant(
    tx: &mut Tx<'_>,
    caller: &Caller,
    target: &Target,
    renewed: &Renewed,
    mode: LockMode,
) -> Result<Lock, StorageError> {
    let session = renewed.lease.session;
    let fence = next_fence(tx, target, session, mode).await?;
    let (kind, document, resource) = key(&target.resource);
    let (workspace, owner) = match target.space {
        crate::engine::Space::Workspace(id) => (Some(id.to_string()), None),
        crate::engine::Space::Personal(id) => (None, Some(id.to_string())),
    };
    sqlx::query(
        "INSERT INTO locks (kind, document_id, resource_id, session_id, workspace_id, owner_id, mode, fence, acquired_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (kind, document_id, resource_id, session_id) \
         DO UPDATE SET mode = excluded.mode, fence = excluded.fence, acquired_at = excluded.acquired_at",
    )
    .bind(kind)
    .bind(document)
    .bind(resource)
    .bind(session.to_string())
    .bind(workspace)
    .bind(owner)
    .bind(mode_name(mode))
    .bind(fence)
    .bind(tx.now.0)
    .execute(&mut *tx.conn)
    .await?;
    Ok(Lock {
        resource: target.resource.clone(),
        mode,
        fence,
        session_id: session,
        user_id: caller.user.id,
        user_name: caller.user.name.clone(),
        device_name: renewed.device_name.clone(),
        acquired_at: tx.now,
        heartbeat_at: tx.now,
        expires_at: renewed.lease.expires_at,
    })
}

/// The next number on a resource's counter, and never less than the time of day: a database that was restored from an older
/// copy does not give numbers out again that it gave out before.
macro_rules! next {
    () => {
        "CASE WHEN fence < $1 THEN $1 ELSE fence + 1 END"
    };
}

/// Elements count on their document's counter. An exclusive grant leaves its mark on the document, by which a commit
/// knows that somebody else had it since (D03).
async fn next_fence(
    tx: &mut Tx<'_>,
    target: &Target,
    session: SessionId,
    mode: LockMode,
) -> Result<i64, StorageError> {
    let sql = match (&target.resource, mode) {
        (Resource::Workspace { .. }, _) => {
            concat!(
                "UPDATE workspaces SET fence = ",
                next!(),
                " WHERE id = $2 RETURNING fence"
            )
        }
        (Resource::Document { .. }, LockMode::Exclusive) => concat!(
            "UPDATE documents SET fence = ",
            next!(),
            ", exclusive_fence = ",
            next!(),
            ", exclusive_session = $3 ",
            "WHERE id = $2 RETURNING fence"
        ),
        (Resource::Document { .. } | Resource::Element { .. }, _) => {
            concat!(
                "UPDATE documents SET fence = ",
                next!(),
                " WHERE id = $2 RETURNING fence"
            )
        }
    };
    let counted = match &target.resource {
        Resource::Workspace { id } => id.to_string(),
        Resource::Document { id } | Resource::Element { document_id: id, .. } => id.to_string(),
    };
    let fence = sqlx::query_scalar(sql).bind(tx.now.0).bind(counted);
    let fence = match (&target.resource, mode) {
        (Resource::Document { .. }, LockMode::Exclusive) => fence.bind(session.to_string()),
        _ => fence,
    };
    Ok(fence.fetch_one(&mut *tx.conn).await?)
}

pub(super) const fn mode_name(mode: LockMode) -> &'static str {
    match mode {
        LockMode::Exclusive => "exclusive",
        LockMode::Shared => "shared",
    }
}

pub(super) fn tell_locked(tx: &mut Tx<'_>, target: &Target, lock: Lock) {
    let rooms = super::rooms_of_target(target);
    let event = match target.resource {
        Resource::Workspace { .. } => Event::WorkspaceLocked { lock },
        Resource::Document { .. } => Event::DocumentLocked { lock },
        Resource::Element { .. } => Event::ElementsLocked { locks: vec![lock] },
    };
    tx.tell(Happening::Event { rooms, event });
}

/// Renews the lease of the session that holds this lock.
pub(super) async fn renew_lock(
    tx: &mut Tx<'_>,
    caller: &Caller,
    target: &Target,
    session: SessionId,
) -> Result<Lease, LockError> {
    must_hold(tx, caller, target, session).await?;
    Ok(renew(tx, caller, session, None).await?.lease)
}

/// Gives the lock back; the session's element locks in the document go with it.
pub(super) async fn release(
    tx: &mut Tx<'_>,
    caller: &Caller,
    target: &Target,
    session: SessionId,
    reason: ReleaseReason,
) -> Result<(), LockError> {
    let own = must_hold(tx, caller, target, session).await?;
    Ok(remove(tx, &own, reason, None).await?)
}

/// What the session holds on the resource (and inside, if it is a document), or why it holds nothing (L06).
async fn must_hold(
    tx: &mut Tx<'_>,
    caller: &Caller,
    target: &Target,
    session: SessionId,
) -> Result<Vec<Stored>, LockError> {
    let held = locks_of(tx, target).await?;
    let is_held = held.iter().any(|stored| stored.lock.resource == target.resource);
    let own: Vec<Stored> = held
        .into_iter()
        .filter(|stored| stored.lock.session_id == session)
        .collect();
    // what it holds says whose it is; one that holds nothing has to be looked up
    let foreign = match own.first() {
        Some(stored) => stored.sign_in != caller.sign_in,
        None => matches!(
            must_be_own(tx.conn, caller, session, tx.now).await,
            Err(LockError::SessionNotYours)
        ),
    };
    if foreign {
        return Err(LockError::SessionNotYours);
    }
    match (own_lock(&own, &target.resource, session).is_some(), is_held) {
        (true, _) => Ok(own),
        (false, true) => Err(LockError::NotHolder),
        (false, false) => Err(LockError::LockNotFound),
    }
}
