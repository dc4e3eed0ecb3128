//! Commits (D01 to D06).

use holdfast_protocol::{
    document::{Change, ElementVersion},
    lock::{LockMode, ReleaseReason},
};
use serde_json::value::RawValue;

use crate::{
    fixture::{TTL, World, commit, delete, put},
    store::{CommitError, Documents as _, StoreError},
};

fn invalid_field<T: std::fmt::Debug>(result: Result<T, CommitError>) -> String {
    match result {
        Err(CommitError::Store(StoreError::Invalid { field, .. })) => field,
        other => panic!("{other:?}"),
    }
}

pub(super) async fn d01_every_commit_counts(world: World) {
    let ada = world.user("Ada").await;
    let document = world.document(&ada, None).await;
    let lock = world.holder(&ada, None, document).await;
    let first = world
        .commit(&ada, &lock, vec![put("a", 0, "1"), put("b", 0, "1")])
        .await
        .unwrap();
    assert_eq!(first.version, 1);
    let second = world
        .commit(&ada, &lock, vec![delete("b", 1), put("a", 1, "2")])
        .await
        .unwrap();
    assert_eq!(second.version, 2);
    let version = |id: &str, version| ElementVersion {
        id: id.into(),
        version,
    };
    assert_eq!(
        second.elements,
        [version("b", 2), version("a", 2)],
        "in the order of the request"
    );
    let again = world
        .commit(&ada, &lock, vec![put("b", 2, "back")])
        .await
        .unwrap();
    assert_eq!((again.version, again.elements), (3, vec![version("b", 3)]));
    assert_eq!(world.store.document(&ada, document).await.unwrap().version, 3);
}

pub(super) async fn d02_all_of_a_commit_is_written_or_nothing(world: World) {
    let ada = world.user("Ada").await;
    let document = world.document(&ada, None).await;
    let lock = world.holder(&ada, None, document).await;
    world.commit(&ada, &lock, vec![put("a", 0, "1")]).await.unwrap();
    world.told.take();
    let changes = vec![put("new", 0, "x"), put("a", 0, "stale")];
    let refused = world.commit(&ada, &lock, changes).await;
    assert!(matches!(refused, Err(CommitError::VersionConflict { .. })));
    assert!(world.told.take().is_empty());
    let content = world.store.content(&ada, document, None).await.unwrap();
    assert_eq!(content.version, 1);
    let ids: Vec<_> = content
        .elements
        .iter()
        .map(|element| element.id.as_str())
        .collect();
    assert_eq!(ids, ["a"]);
}

pub(super) async fn d03_only_the_lock_in_force_commits(world: World) {
    let team = world.team().await;
    let space = Some(team.workspace);
    let editor = &team.editor;
    let without = world.session(editor, space).await;
    let lock = world.holder(editor, space, team.document).await;
    let with = |session, fence| {
        let mut commit = commit(&lock, vec![put("x", 0, "x")]);
        (commit.session, commit.fence) = (session, fence);
        world.store.commit(editor, commit, world.engine.guard())
    };
    let refused = with(without, lock.fence).await;
    assert!(
        matches!(refused, Err(CommitError::LockRequired { .. })),
        "{refused:?}"
    );
    for fence in [lock.fence - 1, lock.fence + 1] {
        let refused = with(lock.session_id, fence).await;
        assert!(matches!(refused, Err(CommitError::StaleFence)), "{refused:?}");
    }
    let elsewhere = world.sign_in("Edda").await;
    let refused = world.commit(&elsewhere, &lock, vec![put("x", 0, "x")]).await;
    assert!(matches!(refused, Err(CommitError::SessionNotYours)));
    let at_home = world.session(editor, None).await;
    assert!(matches!(
        with(at_home, lock.fence).await,
        Err(CommitError::OtherSpace)
    ));

    world.clock.advance(TTL);
    let refused = with(lock.session_id, lock.fence).await;
    assert!(
        matches!(refused, Err(CommitError::LockRequired { .. })),
        "lapsed, nobody came: {refused:?}"
    );
    let next = world.holder(&team.colleague, space, team.document).await;
    let refused = with(lock.session_id, lock.fence).await;
    assert!(
        matches!(refused, Err(CommitError::StaleFence)),
        "lapsed and taken: {refused:?}"
    );
    let target = world.target(editor, team.document).await;
    let reason = ReleaseReason::Released;
    world
        .engine
        .release(&team.colleague, &target, next.session_id, reason)
        .await
        .unwrap();
    let refused = with(lock.session_id, lock.fence).await;
    assert!(
        matches!(refused, Err(CommitError::StaleFence)),
        "taken and given back: {refused:?}"
    );
    assert_eq!(
        world
            .store
            .content(editor, team.document, None)
            .await
            .unwrap()
            .version,
        0
    );
}

pub(super) async fn d03_in_shared_mode_existing_elements_need_their_own_lock(world: World) {
    let team = world.team().await;
    let session = world.session(&team.editor, Some(team.workspace)).await;
    let shared = world
        .acquire(&team.editor, team.document, session, LockMode::Shared)
        .await
        .unwrap()
        .lock;
    world
        .commit(&team.editor, &shared, vec![put("a", 0, "new ones need none")])
        .await
        .unwrap();
    let refused = world
        .commit(&team.editor, &shared, vec![put("a", 1, "x"), put("b", 0, "x")])
        .await;
    let Err(CommitError::LockRequired { elements }) = refused else {
        panic!("{refused:?}")
    };
    let named: Vec<_> = elements
        .iter()
        .map(|element| element.element_id.as_str())
        .collect();
    assert_eq!(named, ["a"]);
}

pub(super) async fn d04_a_conflict_tells_what_is_there_now(world: World) {
    let team = world.team().await;
    let lock = world
        .holder(&team.editor, Some(team.workspace), team.document)
        .await;
    let editor = &team.editor;
    world
        .commit(editor, &lock, vec![put("a", 0, "1"), put("b", 0, "1")])
        .await
        .unwrap();
    world
        .commit(editor, &lock, vec![put("a", 1, "2"), delete("b", 1)])
        .await
        .unwrap();
    let at = world.db.now();
    let changes = vec![put("a", 1, "mine"), put("b", 0, "mine"), put("c", 0, "fine")];
    let refused = world.commit(editor, &lock, changes).await;
    let Err(CommitError::VersionConflict {
        current_version,
        conflicts,
    }) = refused
    else {
        panic!("{refused:?}")
    };
    assert_eq!((current_version, conflicts.len()), (2, 2));
    let (a, b) = (&conflicts[0], &conflicts[1]);
    assert_eq!(
        (
            a.element_id.as_str(),
            a.your_version,
            a.current_version,
            a.deleted
        ),
        ("a", 1, 2, false)
    );
    assert_eq!(a.data.as_ref().unwrap().get(), r#"{"id":"a","text":"2"}"#);
    assert_eq!(
        (a.updated_at, a.updated_by.as_ref()),
        (Some(at), Some(&editor.user))
    );
    assert_eq!(
        (
            b.element_id.as_str(),
            b.your_version,
            b.current_version,
            b.deleted
        ),
        ("b", 0, 2, true)
    );
    assert!(b.data.is_none());
    let settled = world
        .commit(editor, &lock, vec![put("a", 2, "mine"), put("b", 2, "mine")])
        .await;
    assert_eq!(
        settled.unwrap().version,
        3,
        "a deleted one is put again on the deletion's version"
    );
}

pub(super) async fn d05_a_commit_sent_again_gives_the_first_answer(world: World) {
    let ada = world.user("Ada").await;
    let document = world.document(&ada, None).await;
    let lock = world.holder(&ada, None, document).await;
    let guard = world.engine.guard();
    let scene = Change::Scene {
        base_version: 0,
        data: RawValue::from_string(r#"{"appState":{}}"#.into()).unwrap(),
    };
    let once = commit(&lock, vec![put("a", 0, "1"), scene]);
    let first = world.store.commit(&ada, once.clone(), guard).await.unwrap();
    assert_eq!(first.scene_version, Some(1));
    world.commit(&ada, &lock, vec![put("a", 1, "2")]).await.unwrap();
    world.engine.end(&ada, lock.session_id).await.unwrap();
    world.told.take();
    let again = world.store.commit(&ada, once, guard).await.unwrap();
    assert_eq!(again, first, "even after the lock is gone");
    assert!(world.told.take().is_empty());
    assert_eq!(
        world.store.content(&ada, document, None).await.unwrap().version,
        2
    );

    let lock = world.holder(&ada, None, document).await;
    let early = commit(&lock, vec![put("b", 1, "too early")]);
    assert_eq!(
        invalid_field(world.store.commit(&ada, early.clone(), guard).await),
        "changes[0].base_version"
    );
    world
        .commit(&ada, &lock, vec![put("b", 0, "there")])
        .await
        .unwrap();
    assert_eq!(
        world.store.commit(&ada, early, guard).await.unwrap().version,
        4,
        "after a refusal it is tried anew"
    );
}

pub(super) async fn d05_what_can_not_be_is_refused_by_its_field(world: World) {
    let ada = world.user("Ada").await;
    let document = world.document(&ada, None).await;
    let lock = world.holder(&ada, None, document).await;
    world.commit(&ada, &lock, vec![put("a", 0, "1")]).await.unwrap();
    world.commit(&ada, &lock, vec![delete("a", 1)]).await.unwrap();
    for (changes, field) in [
        (vec![], "changes"),
        (vec![put("a", 3, "x")], "changes[0].base_version"),
        (vec![put("b", 0, "x"), put("b", 0, "y")], "changes[1].id"),
        (vec![delete("never", 0)], "changes[0].base_version"),
        (vec![delete("never", 1)], "changes[0].base_version"),
        (vec![delete("a", 2)], "changes[0].id"),
    ] {
        let refused = world.commit(&ada, &lock, changes).await;
        assert_eq!(invalid_field(refused), field);
    }
    assert_eq!(
        world.store.content(&ada, document, None).await.unwrap().version,
        2
    );
}

pub(super) async fn r02_whoever_sees_the_lock_has_seen_every_commit_before(world: World) {
    let team = world.team().await;
    let space = Some(team.workspace);
    world.told.take();
    let mut tasks = Vec::new();
    for number in 0..8 {
        let session = world.session(&team.editor, space).await;
        let target = world.target(&team.editor, team.document).await;
        let (engine, store, caller) = (world.engine.clone(), world.store.clone(), team.editor.clone());
        tasks.push(tokio::spawn(async move {
            // Each takes it from the one before, commits, and may find that it was too late.
            let lock = engine
                .force_take(&caller, &target, session, "next")
                .await
                .unwrap();
            let commit = commit(&lock, vec![put(&format!("e{number}"), 0, "x")]);
            drop(store.commit(&caller, commit, engine.guard()).await);
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let mut holder = None;
    let mut fence = 0;
    for happening in world.told.take() {
        let crate::happening::Happening::Event { event, .. } = happening else {
            continue;
        };
        match event {
            holdfast_protocol::room::Event::DocumentLocked { lock }
            | holdfast_protocol::room::Event::DocumentForceTaken { lock, .. } => {
                assert!(lock.fence > fence);
                fence = lock.fence;
                holder = Some(lock.session_id);
            }
            holdfast_protocol::room::Event::DocumentUnlocked { .. } => holder = None,
            holdfast_protocol::room::Event::DocumentCommitted { by, .. } => {
                assert_eq!(by.session_id, holder, "only the holder of the moment commits");
            }
            _ => {}
        }
    }
}
