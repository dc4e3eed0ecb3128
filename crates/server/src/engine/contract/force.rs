//! Taking and freeing over a holder's head (L08).

use holdfast_protocol::{
    lock::{LockMode, ReleaseReason},
    room::Event,
};

use crate::{
    engine::LockError,
    fixture::{World, workspace_target},
    happening::Happening,
    store::{Accounts as _, PageRequest},
};

pub(super) async fn l08_an_owner_takes_the_lock_in_one_step(world: World) {
    let team = world.team().await;
    let space = Some(team.workspace);
    let (one, two) = (
        world.session(&team.editor, space).await,
        world.session(&team.colleague, space).await,
    );
    world
        .acquire(&team.editor, team.document, one, LockMode::Shared)
        .await
        .unwrap();
    world
        .acquire(&team.colleague, team.document, two, LockMode::Shared)
        .await
        .unwrap();
    let target = world.target(&team.owner, team.document).await;
    let taker = world.session(&team.owner, space).await;
    world.told.take();
    let taken = world
        .engine
        .force_take(&team.owner, &target, taker, "deadline")
        .await
        .unwrap();
    let told = world.told.take();
    assert_eq!(told.len(), 3, "two releases, then the taking: {told:?}");
    for happening in &told[..2] {
        let Happening::Event { event, .. } = happening else {
            panic!("{happening:?}")
        };
        let Event::DocumentUnlocked { reason, by, .. } = event else {
            panic!("{event:?}")
        };
        assert_eq!((*reason, by.id), (ReleaseReason::Forced, team.owner.user.id));
    }
    let Happening::Event { event, .. } = &told[2] else {
        panic!()
    };
    let Event::DocumentForceTaken {
        lock,
        previous,
        by,
        reason,
    } = event
    else {
        panic!("{event:?}")
    };
    assert_eq!(
        (lock, reason.as_str(), by.session_id),
        (&taken, "deadline", Some(taker))
    );
    let displaced: Vec<_> = previous.iter().map(|lock| lock.session_id).collect();
    assert_eq!(displaced, [one, two]);
    assert_eq!(taken.mode, LockMode::Exclusive);
    assert_eq!(world.engine.state(&target).await.unwrap().holders, [taken]);
    let log = world
        .store
        .audit(&team.owner, team.workspace, &PageRequest::default())
        .await
        .unwrap();
    assert_eq!(
        (log.items[0].action.as_str(), log.items[0].reason.as_deref()),
        ("force_take", Some("deadline"))
    );
}

pub(super) async fn l08_taking_a_workspace_displaces_all_inside(world: World) {
    let team = world.team().await;
    let space = Some(team.workspace);
    world.holder(&team.editor, space, team.document).await;
    let second = world.document(&team.owner, space).await;
    world.holder(&team.colleague, space, second).await;
    let taker = world.session(&team.owner, space).await;
    let whole = workspace_target(team.workspace);
    world.told.take();
    let lock = world
        .engine
        .force_take(&team.owner, &whole, taker, "audit")
        .await
        .unwrap();
    let expected = [
        "unlocked forced".into(),
        "unlocked forced".into(),
        format!("workspace force_taken {} from 2", lock.fence),
    ];
    assert_eq!(world.told.take_short(), expected);
}

pub(super) async fn l08_a_user_takes_over_from_an_own_session(world: World) {
    let team = world.team().await;
    let space = Some(team.workspace);
    let old = world.holder(&team.editor, space, team.document).await;
    let window = world.session(&team.editor, space).await;
    let target = world.target(&team.editor, team.document).await;
    let taken = world
        .engine
        .force_take(&team.editor, &target, window, "here now")
        .await
        .unwrap();
    assert!(taken.fence > old.fence);
    assert_eq!(taken.session_id, window);
    let own = world.document(&team.editor, None).await;
    world.holder(&team.editor, None, own).await;
    let own_target = world.target(&team.editor, own).await;
    world
        .engine
        .force_release(&team.editor, &own_target, "forgot")
        .await
        .unwrap();
    assert!(!world.engine.state(&own_target).await.unwrap().locked);
}

pub(super) async fn l08_others_may_not_and_strangers_see_nothing(world: World) {
    let team = world.team().await;
    let space = Some(team.workspace);
    let lock = world.holder(&team.editor, space, team.document).await;
    let target = world.target(&team.editor, team.document).await;
    let session = world.session(&team.colleague, space).await;
    let taken = world
        .engine
        .force_take(&team.colleague, &target, session, "me")
        .await;
    assert!(matches!(taken, Err(LockError::Forbidden(_))));
    let freed = world.engine.force_release(&team.colleague, &target, "me").await;
    assert!(matches!(freed, Err(LockError::Forbidden(_))));
    let own = world.document(&team.editor, None).await;
    world.holder(&team.editor, None, own).await;
    let own_target = world.target(&team.editor, own).await;
    let at_home = world.session(&team.owner, None).await;
    let taken = world
        .engine
        .force_take(&team.owner, &own_target, at_home, "boss")
        .await;
    assert!(matches!(taken, Err(LockError::NotFound)));
    assert!(world.engine.state(&own_target).await.unwrap().locked);
    assert_eq!(world.engine.state(&target).await.unwrap().lock, Some(lock));
}

pub(super) async fn l08_a_free_lock_is_simply_acquired(world: World) {
    let team = world.team().await;
    let session = world.session(&team.editor, Some(team.workspace)).await;
    let target = world.target(&team.editor, team.document).await;
    world.told.take();
    let lock = world
        .engine
        .force_take(&team.editor, &target, session, "why not")
        .await
        .unwrap();
    assert_eq!(world.told.take_short(), [format!("locked {}", lock.fence)]);
    let again = world
        .engine
        .force_take(&team.editor, &target, session, "again")
        .await
        .unwrap();
    assert_eq!(again.fence, lock.fence, "what one has is not taken from oneself");
}

pub(super) async fn l08_force_release_frees_and_is_logged(world: World) {
    let team = world.team().await;
    world
        .holder(&team.editor, Some(team.workspace), team.document)
        .await;
    let target = world.target(&team.owner, team.document).await;
    world.told.take();
    world
        .engine
        .force_release(&team.owner, &target, "left for lunch")
        .await
        .unwrap();
    assert_eq!(world.told.take_short(), ["unlocked forced"]);
    assert!(!world.engine.state(&target).await.unwrap().locked);
    let log = world
        .store
        .audit(&team.owner, team.workspace, &PageRequest::default())
        .await
        .unwrap();
    assert_eq!(log.items[0].action, "force_release");
    assert_eq!(log.items[0].subject, "Sketch");
}

pub(super) async fn l10_a_document_is_not_taken_under_anothers_workspace_lock(world: World) {
    let team = world.team().await;
    let space = Some(team.workspace);
    let keeper = world.session(&team.editor, space).await;
    let whole = workspace_target(team.workspace);
    let lock = world
        .engine
        .acquire(&team.editor, &whole, keeper, LockMode::Exclusive)
        .await
        .unwrap()
        .lock;
    let taker = world.session(&team.owner, space).await;
    let target = world.target(&team.owner, team.document).await;
    let refused = world.engine.force_take(&team.owner, &target, taker, "now").await;
    assert!(matches!(refused, Err(LockError::Held { holder, .. }) if *holder == lock));
}
