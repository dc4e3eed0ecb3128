//! Content, history, files, lists (D07 to D09).

use std::time::Duration;

use bytes::Bytes;
use holdfast_protocol::{CommitId, DocumentId, document::Change, lock::Lock};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::{
    caller::Caller,
    fixture::{World, delete, put},
    store::{CommitError, DocumentScope, Documents as _, PageRequest, StoreError},
};

async fn texts(world: &World, ada: &Caller, document: DocumentId, version: Option<i64>) -> Vec<String> {
    let content = world.store.content(ada, document, version).await.unwrap();
    content
        .elements
        .iter()
        .map(|element| element.data.get().to_owned())
        .collect()
}

async fn three_versions(world: &World, ada: &Caller, document: DocumentId) -> Lock {
    let lock = world.holder(ada, None, document).await;
    world
        .commit(ada, &lock, vec![put("a", 0, "1"), put("b", 0, "1")])
        .await
        .unwrap();
    world
        .commit(ada, &lock, vec![put("a", 1, "2"), put("c", 0, "2")])
        .await
        .unwrap();
    world.commit(ada, &lock, vec![delete("b", 1)]).await.unwrap();
    lock
}

pub(super) async fn d07_each_version_can_be_listed_and_looked_at(world: World) {
    let ada = world.user("Ada").await;
    let document = world.document(&ada, None).await;
    three_versions(&world, &ada, document).await;
    let a = |text: &str| format!(r#"{{"id":"a","text":"{text}"}}"#);
    let (b, c) = (
        r#"{"id":"b","text":"1"}"#.to_owned(),
        r#"{"id":"c","text":"2"}"#.to_owned(),
    );
    assert!(texts(&world, &ada, document, Some(0)).await.is_empty());
    assert_eq!(texts(&world, &ada, document, Some(1)).await, [a("1"), b.clone()]);
    assert_eq!(
        texts(&world, &ada, document, Some(2)).await,
        [a("2"), b, c.clone()]
    );
    assert_eq!(texts(&world, &ada, document, Some(3)).await, [a("2"), c]);
    assert_eq!(
        texts(&world, &ada, document, None).await,
        texts(&world, &ada, document, Some(3)).await
    );
    for never in [-1, 4] {
        let refused = world.store.content(&ada, document, Some(never)).await;
        assert!(matches!(refused, Err(StoreError::Invalid { field, .. }) if field == "version"));
    }
    let page = world.store.commits(&ada, document, None, 2).await.unwrap();
    let versions: Vec<_> = page.items.iter().map(|entry| entry.version).collect();
    assert_eq!((versions, page.next.as_deref()), (vec![3, 2], Some("2")));
    let ops: Vec<_> = page.items[1]
        .changes
        .iter()
        .map(|change| change.op.as_str())
        .collect();
    assert_eq!(ops, ["put", "put"]);
    let rest = world.store.commits(&ada, document, Some(2), 2).await.unwrap();
    assert_eq!((rest.items.len(), rest.items[0].version, rest.next), (1, 1, None));
    assert_eq!(rest.items[0].by, ada.user);
}

pub(super) async fn d07_restoring_is_a_commit(world: World) {
    let ada = world.user("Ada").await;
    let document = world.document(&ada, None).await;
    let lock = three_versions(&world, &ada, document).await;
    let guard = world.engine.guard();
    let id = CommitId::random();
    let restore = |version, id, fence| {
        world
            .store
            .restore(&ada, document, version, (id, lock.session_id, fence), guard)
    };
    let before = texts(&world, &ada, document, Some(1)).await;
    assert!(matches!(
        restore(1, id, lock.fence + 1).await,
        Err(CommitError::StaleFence)
    ));
    world.told.take();
    let answer = restore(1, id, lock.fence).await.unwrap();
    assert_eq!(answer.version, 4);
    assert_eq!(world.told.take_short(), ["committed 4"]);
    assert_eq!(texts(&world, &ada, document, None).await, before);
    assert_eq!(
        restore(1, id, lock.fence).await.unwrap(),
        answer,
        "sent again: the first answer"
    );
    let history = world.store.commits(&ada, document, None, 1).await.unwrap();
    assert_eq!(history.items[0].restored_version, Some(1));
    for version in [5, -1, 1] {
        let refused = restore(version, CommitId::random(), lock.fence).await;
        let Err(CommitError::Store(StoreError::Invalid { field, .. })) = refused else {
            panic!("{version}: {refused:?}")
        };
        assert_eq!(field, "version");
    }
    restore(3, CommitId::random(), lock.fence).await.unwrap();
    assert_eq!(
        texts(&world, &ada, document, None).await,
        texts(&world, &ada, document, Some(3)).await,
        "what a restoration replaced is in the history"
    );
}

pub(super) async fn d08_content_comes_out_as_it_went_in_and_in_order(world: World) {
    let ada = world.user("Ada").await;
    let document = world.document(&ada, None).await;
    let lock = world.holder(&ada, None, document).await;
    let raw = |text: &str| RawValue::from_string(text.to_owned()).unwrap();
    let element = |id: &str, text: &str| Change::Put {
        id: id.into(),
        base_version: 0,
        data: raw(text),
    };
    // Bytewise by index, upper case first; then those without, in order of creation.
    let late = r#"{ "id":"late", "x":1.50, "index":"b00", "unknown":{"z":1e400,"a":[null]} }"#;
    let plain_1 = r#"{"id":"z-plain"}"#;
    let early = r#"{"id":"early","index":"Zz","text":"ünïcode \u0000"}"#;
    let twin = r#"{"id":"a-twin","index":"b00"}"#;
    let plain_2 = r#"{"id":"a-plain","index":null}"#;
    let scene = r#"{"appState":{"gridSize":20},"type":"excalidraw"}"#;
    let changes = vec![
        element("late", late),
        element("z-plain", plain_1),
        element("early", early),
        element("a-twin", twin),
        element("a-plain", plain_2),
        Change::Scene {
            base_version: 0,
            data: raw(scene),
        },
    ];
    world.commit(&ada, &lock, changes).await.unwrap();
    for version in [None, Some(1)] {
        assert_eq!(
            texts(&world, &ada, document, version).await,
            [early, late, twin, plain_1, plain_2]
        );
        let content = world.store.content(&ada, document, version).await.unwrap();
        assert_eq!((content.scene.version, content.scene.data.get()), (1, scene));
    }
    let empty = world.store.content(&ada, document, Some(0)).await.unwrap();
    assert_eq!((empty.scene.version, empty.scene.data.get()), (0, "{}"));
}

const GIF: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0;";

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

pub(super) async fn d09_files_are_read_through_their_document_only(world: World) {
    let team = world.team().await;
    let second = world.document(&team.owner, Some(team.workspace)).await;
    let (bytes, sha256) = (Bytes::from_static(GIF), hash(GIF));
    let store = &world.store;
    assert!(
        store
            .put_file(&team.editor, team.document, &sha256, bytes.clone())
            .await
            .unwrap()
    );
    assert!(
        !store
            .put_file(&team.editor, team.document, &sha256, bytes.clone())
            .await
            .unwrap()
    );
    let read = store.file(&team.viewer, team.document, &sha256).await.unwrap();
    assert_eq!(read, (bytes.clone(), "image/gif".to_owned()));
    let through_another = store.file(&team.viewer, second, &sha256).await;
    assert!(matches!(through_another, Err(StoreError::NotFound)));
    let stranger = world.user("Zoe").await;
    let by_stranger = store.file(&stranger, team.document, &sha256).await;
    assert!(matches!(by_stranger, Err(StoreError::NotFound)));
    let by_viewer = store
        .put_file(&team.viewer, team.document, &sha256, bytes.clone())
        .await;
    assert!(matches!(by_viewer, Err(StoreError::Forbidden(_))));
    let wrong = store
        .put_file(&team.editor, team.document, &hash(b"x"), bytes.clone())
        .await;
    assert!(matches!(wrong, Err(StoreError::HashMismatch)));
    let page = Bytes::from_static(b"<html>");
    let no_image = store
        .put_file(&team.editor, team.document, &hash(&page), page)
        .await;
    assert!(matches!(no_image, Err(StoreError::Invalid { field, .. }) if field == "body"));
    assert!(
        store
            .put_file(&team.editor, second, &sha256, bytes)
            .await
            .unwrap()
    );
    store.delete(&team.owner, team.document, false).await.unwrap();
    assert!(
        store.file(&team.viewer, second, &sha256).await.is_ok(),
        "another document still has it"
    );
}

pub(super) async fn d09_a_file_that_was_not_put_here_is_not_referred_to(world: World) {
    let ada = world.user("Ada").await;
    let (document, other) = (world.document(&ada, None).await, world.document(&ada, None).await);
    let lock = world.holder(&ada, None, document).await;
    let sha256 = hash(GIF);
    let file = |base_version| Change::File {
        id: "f1".into(),
        base_version,
        sha256: sha256.clone(),
        data: RawValue::from_string(r#"{"mimeType":"image/gif"}"#.into()).unwrap(),
    };
    world
        .store
        .put_file(&ada, other, &sha256, Bytes::from_static(GIF))
        .await
        .unwrap();
    let refused = world.commit(&ada, &lock, vec![put("a", 0, "1"), file(0)]).await;
    let Err(CommitError::Store(StoreError::Invalid { field, .. })) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(field, "changes[1].sha256");
    world
        .store
        .put_file(&ada, document, &sha256, Bytes::from_static(GIF))
        .await
        .unwrap();
    let answer = world.commit(&ada, &lock, vec![file(0)]).await.unwrap();
    assert_eq!((answer.elements.len(), answer.files[0].version), (0, 1));
    let content = world.store.content(&ada, document, None).await.unwrap();
    assert_eq!(
        (content.files[0].id.as_str(), content.files[0].sha256.as_str()),
        ("f1", sha256.as_str())
    );
    let refused = world.commit(&ada, &lock, vec![file(0)]).await;
    let Err(CommitError::VersionConflict { conflicts, .. }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(conflicts[0].element_id, "file:f1");
}

pub(super) async fn documents_are_listed_newest_first_and_in_pages(world: World) {
    let ada = world.user("Ada").await;
    let mut made = Vec::new();
    for number in 0..5 {
        // Two at the same moment: the page's end may fall between them.
        world.clock.advance(Duration::from_millis(number % 2));
        made.push(world.document(&ada, None).await);
    }
    let lock = world.holder(&ada, None, made[0]).await;
    world.clock.advance(Duration::from_secs(1));
    world.commit(&ada, &lock, vec![put("a", 0, "1")]).await.unwrap();
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = PageRequest { limit: 2, cursor };
        let page = world
            .store
            .documents(&ada, DocumentScope::Personal, &page)
            .await
            .unwrap();
        seen.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!((seen[0].id, seen[0].lock.as_ref()), (made[0], Some(&lock)));
    assert!(seen.is_sorted_by(|a, b| a.updated_at >= b.updated_at));
    let mut ids: Vec<_> = seen.iter().map(|document| document.id).collect();
    ids.sort_unstable();
    made.sort_unstable();
    assert_eq!(ids, made);
    let page = PageRequest {
        limit: 2,
        cursor: Some("nonsense".into()),
    };
    let refused = world.store.documents(&ada, DocumentScope::Personal, &page).await;
    assert!(matches!(refused, Err(StoreError::Invalid { field, .. }) if field == "cursor"));
}
