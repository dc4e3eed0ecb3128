//! Locks: getting, refusing, losing (L01 to L09).

use std::time::Duration;

use holdfast_protocol::{
    lock::{AcquireStatus, LockMode, ReleaseReason},
    room::Room,
};
use uuid::Uuid;

use crate::{
    engine::{ConnectionId, LockError, LockScope},
    fixture::{GRACE, TTL, World},
    happening::Happening,
    store::Documents as _,
};

pub(super) async fn l01_a_free_lock_is_acquired(world: World) {
    let ada = world.user("Ada").await;
    let document = world.document(&ada, None).await;
    let session = world.session(&ada, None).await;
    world.told.take();
    let acquired = world
        .acquire(&ada, document, session, LockMode::Exclusive)
        .await
        .unwrap();
    assert_eq!(acquired.status, AcquireStatus::Acquired);
    assert_eq!(
        (acquired.lock.session_id, acquired.lock.user_id),
        (session, ada.user.id)
    );
    let target = world.target(&ada, document).await;
    let state = world.engine.state(&target).await.unwrap();
    assert_eq!((state.locked, state.lock.as_ref()), (true, Some(&acquired.lock)));
    let told = world.told.take();
    let [Happening::Event { rooms, .. }] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert_eq!(rooms, &[Room::Document(document), Room::User(ada.user.id)]);
    let listed = world.store.document(&ada, document).await.unwrap();
    assert_eq!(listed.lock, Some(acquired.lock));
}

pub(super) async fn l02_the_holder_refreshes_and_changes_the_mode(world: World) {
    let ada = world.user("Ada").await;
    let document = world.document(&ada, None).await;
    let first = world.holder(&ada, None, document).await;
    world.clock.advance(Duration::from_secs(1));
    world.told.take();
    let again = world
        .acquire(&ada, document, first.session_id, LockMode::Exclusive)
        .await
        .unwrap();
    assert_eq!(again.status, AcquireStatus::Refreshed);
    assert_eq!(
        (again.lock.fence, again.lock.acquired_at),
        (first.fence, first.acquired_at)
    );
    assert_eq!(again.lock.expires_at, first.expires_at.plus_millis(1_000));
    assert!(
        world.told.take().is_empty(),
        "a refresh is nobody else's business"
    );
    let shared = world
        .acquire(&ada, document, first.session_id, LockMode::Shared)
        .await
        .unwrap();
    assert_eq!(shared.status, AcquireStatus::Acquired);
    assert!(shared.lock.fence > first.fence);
    let target = world.target(&ada, document).await;
    assert_eq!(world.engine.state(&target).await.unwrap().holders, [shared.lock]);
}

pub(super) async fn l02_shared_becomes_exclusive_only_where_nobody_else_holds_it(world: World) {
    let team = world.team().await;
    let (one, two) = (
        world.session(&team.editor, Some(team.workspace)).await,
        world.session(&team.colleague, Some(team.workspace)).await,
    );
    world
        .acquire(&team.editor, team.document, one, LockMode::Shared)
        .await
        .unwrap();
    world
        .acquire(&team.colleague, team.document, two, LockMode::Shared)
        .await
        .unwrap();
    let refused = world
        .acquire(&team.editor, team.document, one, LockMode::Exclusive)
        .await;
    assert!(matches!(refused, Err(LockError::Held { holder, .. }) if holder.session_id == two));
    world.engine.end(&team.colleague, two).await.unwrap();
    let granted = world
        .acquire(&team.editor, team.document, one, LockMode::Exclusive)
        .await
        .unwrap();
    assert_eq!(granted.lock.mode, LockMode::Exclusive);
}

pub(super) async fn l03_another_session_is_refused_and_told_the_holder(world: World) {
    let team = world.team().await;
    let lock = world
        .holder(&team.editor, Some(team.workspace), team.document)
        .await;
    for (caller, own) in [(&team.colleague, false), (&team.editor, true)] {
        let session = world.session(caller, Some(team.workspace)).await;
        match world
            .acquire(caller, team.document, session, LockMode::Exclusive)
            .await
        {
            Err(LockError::Held {
                holder,
                same_user,
                waiters,
            }) => {
                assert_eq!((*holder, same_user, waiters), (lock.clone(), own, 0));
            }
            other => panic!("{other:?}"),
        }
    }
}

pub(super) async fn l04_of_many_at_once_exactly_one_gets_it(world: World) {
    let team = world.team().await;
    let target = world.target(&team.editor, team.document).await;
    for _ in 0..5 {
        let mut tasks = Vec::new();
        for _ in 0..32 {
            let session = world.session(&team.editor, Some(team.workspace)).await;
            let (engine, caller, target) = (world.engine.clone(), team.editor.clone(), target.clone());
            tasks.push(tokio::spawn(async move {
                engine
                    .acquire(&caller, &target, session, LockMode::Exclusive)
                    .await
            }));
        }
        let mut winners = Vec::new();
        for task in tasks {
            match task.await.unwrap() {
                Ok(acquired) => winners.push(acquired.lock),
                Err(LockError::Held { .. }) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(winners.len(), 1);
        assert_eq!(world.engine.state(&target).await.unwrap().holders, winners);
        world
            .engine
            .end(&team.editor, winners[0].session_id)
            .await
            .unwrap();
    }
}

pub(super) async fn l05_an_expired_lock_is_absent_on_every_path(world: World) {
    let team = world.team().await;
    let lock = world
        .holder(&team.editor, Some(team.workspace), team.document)
        .await;
    let target = world.target(&team.editor, team.document).await;
    world.clock.advance(TTL);
    let engine = &world.engine;
    assert!(!engine.state(&target).await.unwrap().locked);
    for scope in [
        LockScope::Document(team.document),
        LockScope::Workspace(team.workspace),
        LockScope::Personal(team.editor.user.id),
    ] {
        assert!(engine.locks(scope).await.unwrap().is_empty());
    }
    assert!(engine.held_by(lock.session_id).await.unwrap().is_empty());
    assert!(engine.sessions_of(team.editor.user.id).await.unwrap().is_empty());
    assert!(matches!(
        engine.session(&team.editor, lock.session_id).await,
        Err(LockError::SessionNotFound)
    ));
    assert_eq!(
        world
            .store
            .document(&team.editor, team.document)
            .await
            .unwrap()
            .lock,
        None
    );
    let renewed = engine.renew(&team.editor, &target, lock.session_id).await;
    assert!(matches!(renewed, Err(LockError::LockNotFound)), "{renewed:?}");
    let freed = engine.force_release(&team.owner, &target, "is it?").await;
    assert!(matches!(freed, Err(LockError::LockNotFound)), "{freed:?}");
    world.told.take();
    let next = world
        .holder(&team.colleague, Some(team.workspace), team.document)
        .await;
    let expected = ["unlocked expired".to_owned(), format!("locked {}", next.fence)];
    assert_eq!(world.told.take_short(), expected, "whoever finds it removes it");
}

pub(super) async fn l06_only_the_holder_renews_and_releases(world: World) {
    let team = world.team().await;
    let target = world.target(&team.editor, team.document).await;
    let other = world.session(&team.colleague, Some(team.workspace)).await;
    let engine = &world.engine;
    let free = engine
        .release(&team.colleague, &target, other, ReleaseReason::Released)
        .await;
    assert!(matches!(free, Err(LockError::LockNotFound)));
    let lock = world
        .holder(&team.editor, Some(team.workspace), team.document)
        .await;
    let refused = engine
        .release(&team.colleague, &target, other, ReleaseReason::Released)
        .await;
    assert!(matches!(refused, Err(LockError::NotHolder)));
    let refused = engine.renew(&team.colleague, &target, other).await;
    assert!(matches!(refused, Err(LockError::NotHolder)));
    world.clock.advance(Duration::from_secs(1));
    let lease = engine
        .renew(&team.editor, &target, lock.session_id)
        .await
        .unwrap();
    assert_eq!(lease.expires_at, lock.expires_at.plus_millis(1_000));
    world.told.take();
    engine
        .release(&team.editor, &target, lock.session_id, ReleaseReason::Idle)
        .await
        .unwrap();
    assert_eq!(world.told.take_short(), ["unlocked idle"]);
    assert!(!engine.state(&target).await.unwrap().locked);
}

pub(super) async fn l07_fences_rise_through_every_end_of_a_lock(mut world: World) {
    let team = world.team().await;
    let space = Some(team.workspace);
    let target = world.target(&team.editor, team.document).await;
    let mut fences = Vec::new();
    let released = world.holder(&team.editor, space, team.document).await;
    fences.push(released.fence);
    world
        .engine
        .release(
            &team.editor,
            &target,
            released.session_id,
            ReleaseReason::Released,
        )
        .await
        .unwrap();
    fences.push(world.holder(&team.editor, space, team.document).await.fence);
    world.clock.advance(TTL);
    fences.push(world.holder(&team.editor, space, team.document).await.fence);
    world.restart().await;
    let taker = world.session(&team.owner, space).await;
    let taken = world
        .engine
        .force_take(&team.owner, &target, taker, "urgent")
        .await
        .unwrap();
    fences.push(taken.fence);
    world
        .engine
        .force_release(&team.owner, &target, "done")
        .await
        .unwrap();
    world.restart().await;
    fences.push(world.holder(&team.colleague, space, team.document).await.fence);
    assert!(fences.is_sorted_by(|a, b| a < b), "{fences:?}");
}

pub(super) async fn l09_each_expiry_is_told_once_and_with_its_reason(world: World) {
    let ada = world.user("Ada").await;
    let (silent, closed) = (world.document(&ada, None).await, world.document(&ada, None).await);
    world.holder(&ada, None, silent).await;
    let lock = world.holder(&ada, None, closed).await;
    let socket = ConnectionId(Uuid::new_v4());
    world.engine.attach(&ada, lock.session_id, socket).await.unwrap();
    world.engine.disconnected(socket).await.unwrap();
    world.told.take();
    let next = world.engine.expire_due().await.unwrap();
    assert_eq!(
        next,
        Some(world.db.now().plus_millis(5_000)),
        "the next end is foretold"
    );
    assert!(world.told.take().is_empty());
    world.clock.advance(GRACE);
    let (one, two) = tokio::join!(world.engine.expire_due(), world.engine.expire_due());
    assert_eq!(one.unwrap(), two.unwrap());
    assert_eq!(world.told.take_short(), ["unlocked disconnected"]);
    world.clock.advance(TTL - GRACE);
    assert_eq!(world.engine.expire_due().await.unwrap(), None);
    assert_eq!(world.told.take_short(), ["unlocked expired"]);
}
