//! Locks against deletion and moving (D10, L13), and what is one's own (D11).

use holdfast_protocol::{document::Document, lock::LockMode};

use crate::{
    caller::Caller,
    fixture::{Team, World, delete, put},
    store::{Accounts as _, CommitError, DocumentPatch, Documents as _, StoreError},
};

fn renamed(name: &str) -> DocumentPatch {
    DocumentPatch {
        name: Some(name.into()),
        ..DocumentPatch::default()
    }
}

async fn rename(world: &World, team: &Team, by: &Caller, force: bool) -> Result<Document, StoreError> {
    world
        .store
        .change(by, team.document, &renamed("Poster"), force)
        .await
}

pub(super) async fn d10_a_document_that_others_hold_stays_where_it_is(world: World) {
    let team = world.team().await;
    let lock = world
        .holder(&team.editor, Some(team.workspace), team.document)
        .await;
    let refused = rename(&world, &team, &team.colleague, false).await;
    assert!(matches!(refused, Err(StoreError::Held { holder }) if *holder == lock));
    let refused = world.store.delete(&team.owner, team.document, false).await;
    assert!(matches!(refused, Err(StoreError::Held { .. })));
    let refused = rename(&world, &team, &team.colleague, true).await;
    assert!(
        matches!(refused, Err(StoreError::Forbidden(_))),
        "only an owner may insist"
    );
    assert_eq!(
        rename(&world, &team, &team.editor, false).await.unwrap().name,
        "Poster",
        "the holder may"
    );
    let forced = rename(&world, &team, &team.owner, true).await.unwrap();
    assert_eq!(
        forced.lock,
        Some(lock),
        "a new name takes nothing from the holder"
    );
    world.told.take();
    world
        .store
        .delete(&team.owner, team.document, true)
        .await
        .unwrap();
    assert_eq!(world.told.take_short(), ["unlocked revoked", "deleted"]);
    let gone = world.store.document(&team.owner, team.document).await;
    assert!(matches!(gone, Err(StoreError::NotFound)));
}

pub(super) async fn d10_what_has_others_locks_inside_is_not_deleted(world: World) {
    let team = world.team().await;
    let store = &world.store;
    let project = store
        .create_project(&team.owner, team.workspace, "Posters")
        .await
        .unwrap();
    let into = DocumentPatch {
        project: Some(Some(project.id)),
        ..DocumentPatch::default()
    };
    store
        .change(&team.editor, team.document, &into, false)
        .await
        .unwrap();
    let lock = world
        .holder(&team.editor, Some(team.workspace), team.document)
        .await;
    let refused = store.delete_project(&team.colleague, project.id, false).await;
    assert!(matches!(refused, Err(StoreError::Held { holder }) if *holder == lock));
    let refused = store.delete_project(&team.colleague, project.id, true).await;
    assert!(matches!(refused, Err(StoreError::Forbidden(_))));
    let refused = store.delete_workspace(&team.owner, team.workspace, false).await;
    assert!(matches!(refused, Err(StoreError::Held { .. })));
    world.told.take();
    store.delete_project(&team.owner, project.id, true).await.unwrap();
    assert_eq!(world.told.take_short(), ["unlocked revoked", "deleted"]);
    store
        .delete_workspace(&team.owner, team.workspace, false)
        .await
        .unwrap();
    assert!(matches!(
        store.workspace(&team.owner, team.workspace).await,
        Err(StoreError::NotFound)
    ));
    let ended = world.engine.session(&team.editor, lock.session_id).await;
    assert!(ended.is_err(), "sessions of a workspace end with it");
}

pub(super) async fn l13_a_document_that_leaves_its_space_loses_its_locks(world: World) {
    let team = world.team().await;
    world
        .holder(&team.editor, Some(team.workspace), team.document)
        .await;
    world.told.take();
    let home = DocumentPatch {
        workspace: Some(None),
        ..DocumentPatch::default()
    };
    let moved = world
        .store
        .change(&team.editor, team.document, &home, false)
        .await
        .unwrap();
    assert_eq!((moved.workspace_id, moved.lock), (None, None));
    assert_eq!(world.told.take_short(), ["unlocked revoked", "changed"]);
    let seen = world.store.document(&team.owner, team.document).await;
    assert!(
        matches!(seen, Err(StoreError::NotFound)),
        "it is the mover's own now"
    );
    let elsewhere = world.user("Zoe").await;
    let other = world.store.create_workspace(&elsewhere, "Other").await.unwrap();
    let there = DocumentPatch {
        workspace: Some(Some(other.id)),
        ..DocumentPatch::default()
    };
    let refused = world
        .store
        .change(&team.editor, team.document, &there, false)
        .await;
    assert!(matches!(refused, Err(StoreError::Invalid { field, .. }) if field == "workspace_id"));
}

pub(super) async fn d11_an_annotator_changes_only_its_own(world: World) {
    let team = world.team().await;
    let space = Some(team.workspace);
    let lock = world.holder(&team.editor, space, team.document).await;
    world
        .commit(&team.editor, &lock, vec![put("theirs", 0, "x")])
        .await
        .unwrap();
    world.engine.end(&team.editor, lock.session_id).await.unwrap();
    let annotator = &team.annotator;
    let session = world.session(annotator, space).await;
    let lock = world
        .acquire(annotator, team.document, session, LockMode::Exclusive)
        .await
        .unwrap()
        .lock;
    world
        .commit(annotator, &lock, vec![put("own", 0, "x")])
        .await
        .unwrap();
    world
        .commit(annotator, &lock, vec![put("own", 1, "y")])
        .await
        .unwrap();
    for change in [put("theirs", 1, "mine"), delete("theirs", 1)] {
        let refused = world
            .commit(annotator, &lock, vec![delete("own", 2), change])
            .await;
        let Err(CommitError::NotCreator { elements }) = refused else {
            panic!("{refused:?}")
        };
        let named: Vec<_> = elements
            .iter()
            .map(|element| element.element_id.as_str())
            .collect();
        assert_eq!(named, ["theirs"]);
    }
    world
        .commit(annotator, &lock, vec![delete("own", 2)])
        .await
        .unwrap();
}
