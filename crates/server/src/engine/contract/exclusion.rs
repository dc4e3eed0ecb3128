//! Spaces and roles: what shuts out what (L10), lists (L12), who may lock (A03, L13).

use std::{collections::HashSet, time::Duration};

use holdfast_protocol::{SessionId, account::Role, lock::LockMode};

use crate::{
    engine::{LockError, LockScope, Space},
    fixture::{World, workspace_target},
    happening::Happening,
    store::{Accounts as _, Documents as _},
};

pub(super) async fn l10_a_workspace_lock_and_locks_inside_exclude_each_other(world: World) {
    let team = world.team().await;
    let space = Some(team.workspace);
    let whole = workspace_target(team.workspace);
    let inside = world.holder(&team.editor, space, team.document).await;
    let other = world.session(&team.colleague, space).await;
    let refused = world
        .engine
        .acquire(&team.colleague, &whole, other, LockMode::Exclusive)
        .await;
    assert!(matches!(refused, Err(LockError::Held { holder, .. }) if *holder == inside));
    let shared = world
        .engine
        .acquire(&team.colleague, &whole, other, LockMode::Shared)
        .await;
    assert!(matches!(shared, Err(LockError::SharedWorkspace)));
    let own = world
        .engine
        .acquire(&team.editor, &whole, inside.session_id, LockMode::Exclusive)
        .await;
    let own = own.unwrap().lock;
    for mode in [LockMode::Exclusive, LockMode::Shared] {
        let second = world.document(&team.colleague, space).await;
        let refused = world.acquire(&team.colleague, second, other, mode).await;
        assert!(matches!(refused, Err(LockError::Held { holder, .. }) if *holder == own));
    }
    let third = world.document(&team.editor, space).await;
    let within = world
        .acquire(&team.editor, third, inside.session_id, LockMode::Exclusive)
        .await;
    assert!(within.is_ok(), "own locks inside are not shut out");
}

pub(super) async fn l12_a_scope_lists_its_live_locks(world: World) {
    let team = world.team().await;
    let project = world
        .store
        .create_project(&team.owner, team.workspace, "Posters")
        .await
        .unwrap();
    let request = holdfast_protocol::document::CreateDocument {
        name: "Poster".into(),
        kind: holdfast_protocol::document::DocumentKind::Canvas,
        workspace_id: None,
        project_id: Some(project.id),
    };
    let poster = world.store.create(&team.editor, &request).await.unwrap().id;
    let first = world
        .holder(&team.editor, Some(team.workspace), team.document)
        .await;
    world.clock.advance(Duration::from_secs(1));
    let second = world.holder(&team.colleague, Some(team.workspace), poster).await;
    let engine = &world.engine;
    let all = engine.locks(LockScope::Workspace(team.workspace)).await.unwrap();
    assert_eq!(all, [first, second.clone()], "oldest first");
    assert_eq!(
        engine.locks(LockScope::Project(project.id)).await.unwrap(),
        [second]
    );
}

pub(super) async fn l13_whoever_loses_access_loses_locks(world: World) {
    let team = world.team().await;
    let space = Some(team.workspace);
    let demoted = world.holder(&team.editor, space, team.document).await;
    let second = world.document(&team.owner, space).await;
    let removed = world.holder(&team.colleague, space, second).await;
    world.told.take();
    let (owner, store) = (&team.owner, &world.store);
    let viewer = store.change_member(owner, team.workspace, team.editor.user.id, Role::Viewer);
    viewer.await.unwrap();
    assert_eq!(world.told.take_short(), ["unlocked revoked"]);
    assert!(
        world
            .engine
            .session(&team.editor, demoted.session_id)
            .await
            .is_ok(),
        "a viewer may watch"
    );
    store
        .remove_member(owner, team.workspace, team.colleague.user.id)
        .await
        .unwrap();
    let told = world.told.take();
    let access = |happening: &Happening| matches!(happening, Happening::AccessChanged { user, .. } if *user == team.colleague.user.id);
    assert!(told.iter().any(access), "{told:?}");
    let gone = world.engine.session(&team.colleague, removed.session_id).await;
    assert!(matches!(gone, Err(LockError::SessionNotFound)));
    let left = world
        .engine
        .locks(LockScope::Workspace(team.workspace))
        .await
        .unwrap();
    assert!(left.is_empty());
    let third = world.holder(owner, space, team.document).await;
    world.told.take();
    store.delete(owner, team.document, false).await.unwrap();
    assert_eq!(world.told.take_short(), ["unlocked revoked", "deleted"]);
    assert!(world.engine.held_by(third.session_id).await.unwrap().is_empty());
}

pub(super) async fn a03_roles_decide_who_locks_what(world: World) {
    let team = world.team().await;
    let document = world.target(&team.owner, team.document).await;
    let whole = workspace_target(team.workspace);
    assert_eq!(document.space, Space::Workspace(team.workspace));
    let mut allowed = HashSet::new();
    for (name, caller) in [
        ("owner", &team.owner),
        ("editor", &team.editor),
        ("annotator", &team.annotator),
        ("viewer", &team.viewer),
    ] {
        for (what, target) in [("document", &document), ("workspace", &whole)] {
            let session = world.session(caller, Some(team.workspace)).await;
            match world
                .engine
                .acquire(caller, target, session, LockMode::Exclusive)
                .await
            {
                Ok(_) => drop(allowed.insert((name, what))),
                Err(LockError::Forbidden(_)) => {}
                Err(other) => panic!("{name} {what}: {other:?}"),
            }
            world.engine.end(caller, session).await.unwrap();
        }
    }
    let expected = [
        ("owner", "document"),
        ("owner", "workspace"),
        ("editor", "document"),
        ("editor", "workspace"),
        ("annotator", "document"),
    ];
    assert_eq!(allowed, HashSet::from(expected));
    let stranger = world.user("Zoe").await;
    let refused = world
        .open(&stranger, SessionId::random(), Some(team.workspace))
        .await;
    assert!(matches!(refused, Err(LockError::NotFound)));
    let session = world.session(&stranger, None).await;
    let refused = world
        .engine
        .acquire(&stranger, &document, session, LockMode::Exclusive)
        .await;
    assert!(
        matches!(refused, Err(LockError::NotFound)),
        "what one may not see does not exist (A02)"
    );
}
