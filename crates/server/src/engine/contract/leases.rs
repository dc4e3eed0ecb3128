//! Sessions and leases (S01 to S10).

use std::time::Duration;

use holdfast_protocol::{SessionId, limits::SESSION_RESERVED, lock::LockMode, session::OpenSession};
use uuid::Uuid;

use crate::{
    engine::{Beat, ConnectionId, LockError},
    fixture::{GRACE, TTL, World},
    happening::Happening,
    store::Accounts as _,
};

const MS: Duration = Duration::from_millis(1);

fn connection() -> ConnectionId {
    ConnectionId(Uuid::new_v4())
}

fn beat(session: SessionId) -> Beat {
    Beat { session, idle: None }
}

pub(super) async fn s02_one_heartbeat_renews_all_locks_at_the_cost_of_one_row(world: World) {
    let ada = world.user("Ada").await;
    let session = world.session(&ada, None).await;
    for _ in 0..20 {
        let document = world.document(&ada, None).await;
        world
            .acquire(&ada, document, session, LockMode::Exclusive)
            .await
            .unwrap();
    }
    world.clock.advance(TTL / 2);
    let before = world.rows_changed().await;
    let answers = world.engine.heartbeat(&ada, &[beat(session)]).await.unwrap();
    assert_eq!(world.rows_changed().await - before, 1);
    let lease = answers.into_iter().next().unwrap().unwrap();
    assert_eq!(lease.expires_at.0, world.db.now().0 + 45_000);
    world.clock.advance(TTL - MS);
    let found = world.engine.session(&ada, session).await.unwrap();
    assert_eq!(found.locks.len(), 20);
    assert!(found.locks.iter().all(|lock| lock.expires_at == lease.expires_at));
}

pub(super) async fn s02_opening_an_own_live_session_again_keeps_its_locks(world: World) {
    let ada = world.user("Ada").await;
    let document = world.document(&ada, None).await;
    let lock = world.holder(&ada, None, document).await;
    world.clock.advance(TTL - MS);
    let again = world.open(&ada, lock.session_id, None).await.unwrap();
    assert!(!again.created);
    world.clock.advance(TTL - MS);
    let held = world.engine.held_by(lock.session_id).await.unwrap();
    assert_eq!(
        held.iter().map(|lock| lock.fence).collect::<Vec<_>>(),
        [lock.fence]
    );
}

pub(super) async fn s02_a_lease_out_of_bounds_is_refused(world: World) {
    let ada = world.user("Ada").await;
    for (ttl_ms, granted) in [
        (9_999, false),
        (10_000, true),
        (3_600_000, true),
        (3_600_001, false),
    ] {
        let request = OpenSession {
            session_id: SessionId::random(),
            workspace_id: None,
            device_name: "bench".into(),
            ttl_ms: Some(ttl_ms),
        };
        match world.engine.open(&ada, &request).await {
            Ok(opened) => {
                assert!(granted, "{ttl_ms}");
                assert_eq!(opened.lease.ttl.as_millis(), u128::try_from(ttl_ms).unwrap());
            }
            Err(LockError::TtlOutOfBounds { .. }) => assert!(!granted, "{ttl_ms}"),
            Err(other) => panic!("{other:?}"),
        }
    }
}

pub(super) async fn s03_an_unclean_close_cuts_the_lease_to_the_grace(world: World) {
    let ada = world.user("Ada").await;
    let document = world.document(&ada, None).await;
    let lock = world.holder(&ada, None, document).await;
    let socket = connection();
    world.engine.attach(&ada, lock.session_id, socket).await.unwrap();
    world.engine.disconnected(socket).await.unwrap();
    world.clock.advance(GRACE - MS);
    assert_eq!(world.engine.held_by(lock.session_id).await.unwrap().len(), 1);
    world.told.take();
    world.clock.advance(MS);
    world.engine.expire_due().await.unwrap();
    assert_eq!(world.told.take_short(), ["unlocked disconnected"]);
}

pub(super) async fn s03_coming_back_within_the_grace_restores_the_lease(world: World) {
    let ada = world.user("Ada").await;
    let session = world.session(&ada, None).await;
    for by_socket in [true, false] {
        let socket = connection();
        world.engine.attach(&ada, session, socket).await.unwrap();
        world.engine.disconnected(socket).await.unwrap();
        let cut = world.engine.session(&ada, session).await.unwrap();
        assert_eq!(cut.expires_at.0, world.db.now().0 + 5_000);
        world.clock.advance(GRACE - MS);
        let back = connection();
        let lease = if by_socket {
            world.engine.attach(&ada, session, back).await.unwrap()
        } else {
            let mut answers = world.engine.heartbeat(&ada, &[beat(session)]).await.unwrap();
            answers.remove(0).unwrap()
        };
        assert_eq!(lease.expires_at.0, world.db.now().0 + 45_000);
        world.engine.disconnected(back).await.unwrap();
    }
}

pub(super) async fn s03_one_socket_of_two_may_close(world: World) {
    let ada = world.user("Ada").await;
    let session = world.session(&ada, None).await;
    let (first, second) = (connection(), connection());
    world.engine.attach(&ada, session, first).await.unwrap();
    let lease = world.engine.attach(&ada, session, second).await.unwrap();
    world.engine.disconnected(first).await.unwrap();
    let left = world.engine.session(&ada, session).await.unwrap();
    assert_eq!(left.expires_at, lease.expires_at);
    world.engine.disconnected(second).await.unwrap();
    let cut = world.engine.session(&ada, session).await.unwrap();
    assert_eq!(cut.expires_at.0, world.db.now().0 + 5_000);
}

pub(super) async fn s03_a_restart_of_the_server_cuts_no_lease(mut world: World) {
    let ada = world.user("Ada").await;
    let session = world.session(&ada, None).await;
    let old_socket = connection();
    let lease = world.engine.attach(&ada, session, old_socket).await.unwrap();
    world.restart().await;
    assert_eq!(
        world.engine.session(&ada, session).await.unwrap().expires_at,
        lease.expires_at
    );
    // The socket of the former life is forgotten: a new one's close counts.
    let new_socket = connection();
    world.engine.attach(&ada, session, new_socket).await.unwrap();
    world.engine.disconnected(new_socket).await.unwrap();
    let cut = world.engine.session(&ada, session).await.unwrap();
    assert_eq!(cut.expires_at.0, world.db.now().0 + 5_000);
}

pub(super) async fn s04_a_restarted_server_comes_to_the_same_answer(mut world: World) {
    let ada = world.user("Ada").await;
    let document = world.document(&ada, None).await;
    let lock = world.holder(&ada, None, document).await;
    world.restart().await;
    let target = world.target(&ada, document).await;
    world.clock.advance(TTL - MS);
    assert_eq!(world.engine.state(&target).await.unwrap().lock, Some(lock));
    world.restart().await;
    world.clock.advance(MS);
    assert_eq!(world.engine.state(&target).await.unwrap().lock, None);
    world.told.take();
    world.engine.expire_due().await.unwrap();
    assert_eq!(world.told.take_short(), ["unlocked expired"]);
}

pub(super) async fn s05_a_goodbye_releases_everything_as_one_batch(world: World) {
    let ada = world.user("Ada").await;
    let session = world.session(&ada, None).await;
    for _ in 0..3 {
        let document = world.document(&ada, None).await;
        world
            .acquire(&ada, document, session, LockMode::Exclusive)
            .await
            .unwrap();
    }
    world.told.take();
    world.engine.end(&ada, session).await.unwrap();
    let told = world.told.take();
    assert_eq!(told.len(), 4, "three releases and the session's end: {told:?}");
    assert!(matches!(told[3], Happening::SessionEnded { session: ended } if ended == session));
    assert!(world.engine.held_by(session).await.unwrap().is_empty());
    let again = world.engine.end(&ada, session).await;
    assert!(matches!(again, Err(LockError::SessionNotFound)));
}

pub(super) async fn s06_an_ended_id_is_its_users_for_a_day(world: World) {
    let (ada, bob) = (world.user("Ada").await, world.user("Bob").await);
    let document = world.document(&ada, None).await;
    let id = world.holder(&ada, None, document).await.session_id;
    world.clock.advance(TTL);
    let beats = world.engine.heartbeat(&ada, &[beat(id)]).await.unwrap();
    assert!(matches!(beats[0], Err(LockError::SessionNotFound)));
    assert!(matches!(
        world.open(&bob, id, None).await,
        Err(LockError::SessionNotYours)
    ));
    let elsewhere = world.sign_in("Ada").await;
    assert!(world.open(&elsewhere, id, None).await.unwrap().created);
    assert!(
        world.engine.held_by(id).await.unwrap().is_empty(),
        "its old locks are gone all the same"
    );
    world.engine.end(&elsewhere, id).await.unwrap();
    world.clock.advance(SESSION_RESERVED - MS);
    assert!(matches!(
        world.open(&bob, id, None).await,
        Err(LockError::SessionNotYours)
    ));
    world.clock.advance(MS);
    assert!(world.open(&bob, id, None).await.unwrap().created);
}

pub(super) async fn s07_a_session_is_its_sign_ins(world: World) {
    let ada = world.user("Ada").await;
    let document = world.document(&ada, None).await;
    let lock = world.holder(&ada, None, document).await;
    let (id, target) = (lock.session_id, world.target(&ada, document).await);
    let elsewhere = world.sign_in("Ada").await;
    let engine = &world.engine;
    let refusals = [
        engine.session(&elsewhere, id).await.map(drop),
        engine.end(&elsewhere, id).await,
        engine.attach(&elsewhere, id, connection()).await.map(drop),
        engine
            .acquire(&elsewhere, &target, id, LockMode::Exclusive)
            .await
            .map(drop),
        engine.renew(&elsewhere, &target, id).await.map(drop),
        engine
            .release(
                &elsewhere,
                &target,
                id,
                holdfast_protocol::lock::ReleaseReason::Released,
            )
            .await,
        engine.force_take(&elsewhere, &target, id, "mine").await.map(drop),
        world.open(&elsewhere, id, None).await.map(drop),
        engine
            .heartbeat(&elsewhere, &[beat(id)])
            .await
            .unwrap()
            .remove(0)
            .map(drop),
    ];
    for (index, refusal) in refusals.into_iter().enumerate() {
        assert!(
            matches!(refusal, Err(LockError::SessionNotYours)),
            "{index}: {refusal:?}"
        );
    }
    assert_eq!(engine.state(&target).await.unwrap().lock, Some(lock));
}

pub(super) async fn s08_the_end_of_a_sign_in_ends_its_sessions(world: World) {
    let ada = world.user("Ada").await;
    let elsewhere = world.sign_in("Ada").await;
    let (one, two) = (world.document(&ada, None).await, world.document(&ada, None).await);
    let ended = world.holder(&elsewhere, None, one).await;
    let kept = world.holder(&ada, None, two).await;
    world.told.take();
    world.store.sign_out(&ada, elsewhere.sign_in).await.unwrap();
    let told = world.told.take();
    assert!(matches!(told.last(), Some(Happening::SignInEnded { sign_in }) if *sign_in == elsewhere.sign_in));
    assert!(world.engine.held_by(ended.session_id).await.unwrap().is_empty());
    assert_eq!(world.engine.held_by(kept.session_id).await.unwrap().len(), 1);
    let beats = world
        .engine
        .heartbeat(&elsewhere, &[beat(ended.session_id)])
        .await
        .unwrap();
    assert!(matches!(beats[0], Err(LockError::SessionNotFound)));
}

pub(super) async fn s09_two_windows_of_one_user_are_two_sessions(world: World) {
    let ada = world.user("Ada").await;
    let document = world.document(&ada, None).await;
    let lock = world.holder(&ada, None, document).await;
    let window = world.session(&ada, None).await;
    let target = world.target(&ada, document).await;
    let refused = world.acquire(&ada, document, window, LockMode::Exclusive).await;
    assert!(matches!(refused, Err(LockError::Held { same_user: true, .. })));
    let refused = world.engine.renew(&ada, &target, window).await;
    assert!(matches!(refused, Err(LockError::NotHolder)));
    assert_eq!(world.engine.sessions_of(ada.user.id).await.unwrap().len(), 2);
    assert_eq!(world.engine.state(&target).await.unwrap().holders, [lock]);
}

pub(super) async fn s10_a_session_locks_nothing_outside_its_space(world: World) {
    let team = world.team().await;
    let own = world.document(&team.editor, None).await;
    let at_home = world.session(&team.editor, None).await;
    let at_work = world.session(&team.editor, Some(team.workspace)).await;
    for (document, session) in [(team.document, at_home), (own, at_work)] {
        let refused = world
            .acquire(&team.editor, document, session, LockMode::Exclusive)
            .await;
        assert!(matches!(refused, Err(LockError::OtherSpace)), "{refused:?}");
    }
    let elsewhere = world.open(&team.editor, at_home, Some(team.workspace)).await;
    assert!(matches!(elsewhere, Err(LockError::OtherSpace)));
}
