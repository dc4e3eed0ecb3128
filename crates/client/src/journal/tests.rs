//! Edits survive what happens to programs and disks.

use std::{collections::HashMap, io::Write, path::Path};

use holdfast_protocol::{DocumentId, document::Change};

use super::Shelf;
use crate::{
    document::Key,
    view::{DraftReason, ServerId},
};

fn put(id: &str, base_version: i64) -> Change {
    let data = serde_json::value::RawValue::from_string(format!(r#"{{"id":"{id}","x":1.0}}"#)).unwrap();
    Change::Put {
        id: id.into(),
        base_version,
        data,
    }
}

fn server() -> ServerId {
    ServerId("https://example.org".into())
}

fn journals(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found
}

#[tokio::test]
async fn x07_an_edit_is_on_disk_when_its_caller_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let document = DocumentId::random();
    let shelf = Shelf::open(folder.path()).unwrap();
    let journal = shelf.journal(&server(), document, "Plan");
    journal.append(1, 7, vec![put("a", 3)]).await.unwrap().unwrap();

    // the program is killed here: nothing is closed, a new one looks
    let next = Shelf::open(folder.path()).unwrap();
    let drafts = next.drafts().await;
    assert_eq!(drafts.len(), 1);
    let draft = &drafts[0];
    assert_eq!(
        (
            &draft.server,
            draft.document,
            draft.name.as_str(),
            draft.base_version,
            draft.changes
        ),
        (&server(), document, "Plan", 7, 1)
    );
    let recovered = next.read(&draft.id).await.unwrap();
    let Some(Change::Put {
        base_version, data, ..
    }) = recovered.edits.get(&Key::Element("a".into()))
    else {
        panic!("the edit is gone");
    };
    assert_eq!(
        (*base_version, data.get()),
        (3, r#"{"id":"a","x":1.0}"#),
        "to the letter"
    );
    assert!(shelf.drafts().await.is_empty(), "a journal in use is no draft");
}

#[tokio::test]
async fn edits_go_only_once_acknowledged_and_later_ones_build_on_what_was_made() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let journal = shelf.journal(&server(), DocumentId::random(), "Plan");
    journal
        .append(1, 7, vec![put("a", 3), put("b", 0)])
        .await
        .unwrap()
        .unwrap();
    journal.append(2, 7, vec![put("a", 3)]).await.unwrap().unwrap();
    journal.acknowledged(1, &HashMap::from([(Key::Element("a".into()), 4)]), 8, false);
    let id = journal.draft_id().clone();
    journal.end(Some(DraftReason::Conflict)).await;
    let recovered = shelf.read(&id).await.unwrap();
    assert_eq!((recovered.draft.changes, recovered.draft.base_version), (1, 8));
    assert_eq!(recovered.draft.why, DraftReason::Conflict);
    assert!(matches!(
        recovered.edits.get(&Key::Element("a".into())),
        Some(Change::Put { base_version: 4, .. })
    ));
}

#[tokio::test]
async fn an_acknowledged_journal_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let journal = shelf.journal(&server(), DocumentId::random(), "Plan");
    journal.append(1, 7, vec![put("a", 3)]).await.unwrap().unwrap();
    journal
        .keep_file("00ff".into(), bytes::Bytes::from_static(b"picture"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(journals(folder.path()).len(), 2);
    journal.acknowledged(1, &HashMap::new(), 7, true);
    journal.end(None).await;
    assert!(journals(folder.path()).is_empty());
    assert!(shelf.drafts().await.is_empty());
}

#[tokio::test]
async fn a_journal_used_again_after_everything_was_acknowledged_has_only_the_new_edits() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let journal = shelf.journal(&server(), DocumentId::random(), "Plan");
    for edit in 1..4 {
        journal.append(edit, 7, vec![put("a", 3)]).await.unwrap().unwrap();
        journal.acknowledged(edit, &HashMap::new(), 7, true);
    }
    journal.append(4, 10, vec![put("b", 0)]).await.unwrap().unwrap();
    let id = journal.draft_id().clone();
    journal.end(Some(DraftReason::Conflict)).await;
    let recovered = shelf.read(&id).await.unwrap();
    assert_eq!((recovered.draft.changes, recovered.draft.base_version), (1, 10));
}

#[tokio::test]
async fn a_damaged_tail_is_cut_off_and_what_is_before_it_counts() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let journal = shelf.journal(&server(), DocumentId::random(), "Plan");
    journal.append(1, 7, vec![put("a", 3)]).await.unwrap().unwrap();
    let id = journal.draft_id().clone();
    journal.end(Some(DraftReason::Conflict)).await;
    let path = journals(folder.path()).pop().unwrap();
    let whole = std::fs::metadata(&path).unwrap().len();
    let torn = [&200_u32.to_le_bytes()[..], b"12345678", br#"{"Edited"#].concat();
    std::fs::File::options()
        .append(true)
        .open(&path)
        .unwrap()
        .write_all(&torn)
        .unwrap();

    let recovered = shelf.read(&id).await.unwrap();
    assert_eq!(recovered.draft.changes, 1);
    assert_eq!(std::fs::metadata(&path).unwrap().len(), whole);
}

#[tokio::test]
async fn a_changed_byte_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let journal = shelf.journal(&server(), DocumentId::random(), "Plan");
    journal.append(1, 7, vec![put("a", 3)]).await.unwrap().unwrap();
    journal.append(2, 7, vec![put("b", 3)]).await.unwrap().unwrap();
    let id = journal.draft_id().clone();
    journal.end(Some(DraftReason::Conflict)).await;
    let path = journals(folder.path()).pop().unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let last_edit = bytes.windows(3).rposition(|text| text == b"1.0").unwrap();
    bytes[last_edit] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(shelf.read(&id).await.unwrap().draft.changes, 1);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_disk_that_refuses_is_told_at_once_and_written_when_it_takes_again() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let journal = shelf.journal(&server(), DocumentId::random(), "Plan");
    // a file where the folder should be: whatever the user's rights, it can't be made
    let root = folder.path().join("journal");
    std::fs::remove_dir(&root).unwrap();
    std::fs::write(&root, b"in the way").unwrap();
    let refused = journal.append(1, 7, vec![put("a", 3)]).await.unwrap();
    assert!(refused.is_err());
    assert!(journal.problem().borrow().is_some());

    std::fs::remove_file(&root).unwrap();
    let mut problem = journal.problem();
    tokio::time::timeout(
        std::time::Duration::from_secs(10),
        problem.wait_for(Option::is_none),
    )
    .await
    .expect("it is tried again")
    .unwrap();
    let id = journal.draft_id().clone();
    journal.end(Some(DraftReason::Conflict)).await;
    assert_eq!(shelf.read(&id).await.unwrap().draft.changes, 1);
}

#[tokio::test]
async fn a_data_folder_that_can_t_be_used_is_said_so_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, b"").unwrap();
    assert!(Shelf::open(&file).is_err());
}

#[tokio::test]
async fn a_draft_is_discarded_by_name_and_no_other_file() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let journal = shelf.journal(&server(), DocumentId::random(), "Plan");
    journal.append(1, 7, vec![put("a", 3)]).await.unwrap().unwrap();
    let id = journal.draft_id().clone();
    journal.end(Some(DraftReason::Conflict)).await;
    assert!(!shelf.discard(&super::DraftId("../../x".into())).await.unwrap());
    assert!(shelf.discard(&id).await.unwrap());
    assert!(shelf.drafts().await.is_empty());
}
