//! Access (A02, A03, A05).

use holdfast_protocol::{
    account::Role,
    document::{CreateDocument, DocumentKind},
};

use crate::{
    caller::Caller,
    fixture::{Team, World},
    store::{Accounts as _, DocumentPatch, DocumentScope, Documents as _, PageRequest, StoreError},
};

pub(super) async fn a02_what_one_may_not_see_does_not_exist(world: World) {
    let team = world.team().await;
    let zoe = world.user("Zoe").await;
    let own = world.document(&team.editor, None).await;
    let store = &world.store;
    let page = PageRequest::default();
    let workspace = DocumentScope::Workspace(team.workspace);
    let patch = DocumentPatch {
        name: Some("Mine".into()),
        ..DocumentPatch::default()
    };
    let refusals = [
        store.document(&zoe, team.document).await.map(drop),
        store.content(&zoe, team.document, None).await.map(drop),
        store.commits(&zoe, team.document, None, 1).await.map(drop),
        store.target(&zoe, team.document).await.map(drop),
        store.change(&zoe, team.document, &patch, true).await.map(drop),
        store.delete(&zoe, team.document, true).await,
        store.documents(&zoe, workspace, &page).await.map(drop),
        store.workspace(&zoe, team.workspace).await.map(drop),
        store.members(&zoe, team.workspace, &page).await.map(drop),
        store.projects(&zoe, team.workspace, &page).await.map(drop),
        store.audit(&zoe, team.workspace, &page).await.map(drop),
        store.role(&zoe, team.workspace).await.map(drop),
        store
            .rename_workspace(&zoe, team.workspace, "Mine")
            .await
            .map(drop),
        store.delete_workspace(&zoe, team.workspace, true).await,
        store
            .remove_member(&zoe, team.workspace, team.editor.user.id)
            .await,
        store.document(&team.owner, own).await.map(drop),
    ];
    for (index, refusal) in refusals.into_iter().enumerate() {
        assert!(
            matches!(refusal, Err(StoreError::NotFound)),
            "{index}: {refusal:?}"
        );
    }
}

/// What a caller may do, tried in order, each as yes or no.
async fn abilities(world: &World, team: &Team, caller: &Caller) -> Vec<bool> {
    let store = &world.store;
    let page = PageRequest::default();
    let request = CreateDocument {
        name: "New".into(),
        kind: DocumentKind::Image,
        workspace_id: Some(team.workspace),
        project_id: None,
    };
    let patch = DocumentPatch {
        name: Some("Renamed".into()),
        ..DocumentPatch::default()
    };
    let added = format!("{}-friend", caller.user.name);
    world.user(&added).await;
    let email = format!("{added}@example.org");
    let tried = [
        store.content(caller, team.document, None).await.map(drop),
        store.members(caller, team.workspace, &page).await.map(drop),
        store.create(caller, &request).await.map(drop),
        store.change(caller, team.document, &patch, false).await.map(drop),
        store
            .create_project(caller, team.workspace, "Project")
            .await
            .map(drop),
        store.change(caller, team.document, &patch, true).await.map(drop),
        store
            .add_member(caller, team.workspace, &email, Role::Viewer)
            .await
            .map(drop),
        store
            .rename_workspace(caller, team.workspace, "Renamed")
            .await
            .map(drop),
        store.audit(caller, team.workspace, &page).await.map(drop),
    ];
    tried
        .into_iter()
        .map(|outcome| match outcome {
            Ok(()) => true,
            Err(StoreError::Forbidden(_)) => false,
            Err(other) => panic!("{}: {other:?}", caller.user.name),
        })
        .collect()
}

pub(super) async fn a03_roles_decide_who_may_do_what(world: World) {
    let team = world.team().await;
    for (caller, reads, edits, owns) in [
        (&team.viewer, true, false, false),
        (&team.annotator, true, false, false),
        (&team.editor, true, true, false),
        (&team.owner, true, true, true),
    ] {
        let expected = [reads, reads, edits, edits, edits, owns, owns, owns, owns];
        assert_eq!(
            abilities(&world, &team, caller).await,
            expected,
            "{}",
            caller.user.name
        );
    }
    // Checked at the time of the action: the same caller, the moment after.
    let (owner, editor) = (&team.owner, &team.editor);
    world
        .store
        .change_member(owner, team.workspace, editor.user.id, Role::Viewer)
        .await
        .unwrap();
    let late = world.store.delete(editor, team.document, false).await;
    assert!(matches!(late, Err(StoreError::Forbidden(_))));
}

pub(super) async fn a03_a_workspace_keeps_an_owner(world: World) {
    let team = world.team().await;
    let (store, owner) = (&world.store, &team.owner);
    let demoted = store
        .change_member(owner, team.workspace, owner.user.id, Role::Editor)
        .await;
    assert!(matches!(demoted, Err(StoreError::LastOwner)));
    let left = store.remove_member(owner, team.workspace, owner.user.id).await;
    assert!(matches!(left, Err(StoreError::LastOwner)));
    let again = store
        .add_member(owner, team.workspace, "edda@EXAMPLE.org", Role::Viewer)
        .await;
    assert!(matches!(again, Err(StoreError::AlreadyMember)));
    let nobody = store
        .add_member(owner, team.workspace, "nobody@example.org", Role::Viewer)
        .await;
    assert!(matches!(nobody, Err(StoreError::Invalid { field, .. }) if field == "email"));
    store
        .change_member(owner, team.workspace, team.editor.user.id, Role::Owner)
        .await
        .unwrap();
    store
        .remove_member(owner, team.workspace, owner.user.id)
        .await
        .unwrap();
    store
        .remove_member(&team.viewer, team.workspace, team.viewer.user.id)
        .await
        .unwrap();
    let left = store
        .members(&team.editor, team.workspace, &PageRequest::default())
        .await
        .unwrap();
    assert_eq!(left.items.len(), 3, "everybody may leave");
}

pub(super) async fn a05_an_owner_reads_what_was_done(world: World) {
    let team = world.team().await;
    world.sign_in("Edda").await;
    let (store, owner) = (&world.store, &team.owner);
    store
        .change_member(owner, team.workspace, team.viewer.user.id, Role::Annotator)
        .await
        .unwrap();
    store.delete(owner, team.document, false).await.unwrap();
    store
        .remove_member(owner, team.workspace, team.viewer.user.id)
        .await
        .unwrap();
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = PageRequest { limit: 3, cursor };
        let page = store.audit(owner, team.workspace, &page).await.unwrap();
        seen.extend(page.items.into_iter().map(|entry| (entry.action, entry.subject)));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let pair = |action: &str, subject: &str| (action.to_owned(), subject.to_owned());
    assert_eq!(
        seen[..4],
        [
            pair("member_removed", "Vera"),
            pair("document_deleted", "Sketch"),
            pair("role_changed", "Vera: annotator"),
            pair("signed_in", "bench"),
        ],
        "newest first"
    );
    assert_eq!(seen.len(), 8, "and four members added before");
}
