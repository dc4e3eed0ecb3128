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
    let journal = shelf.journal(&server(), document, "Plan", None);
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
    let journal = shelf.journal(&server(), DocumentId::random(), "Plan", None);
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
async fn x07_the_deletion_of_what_was_on_its_way_is_not_forgotten() {
    for answered in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(folder.path()).unwrap();
        let journal = shelf.journal(&server(), DocumentId::random(), "Plan", None);
        journal.append(1, 7, vec![put("a", 0)]).await.unwrap().unwrap();
        journal.sent(holdfast_protocol::CommitId::random());
        let deleted = Change::Delete {
            id: "a".into(),
            base_version: 0,
        };
        journal.append(2, 7, vec![deleted]).await.unwrap().unwrap();
        if answered {
            journal.acknowledged(1, &HashMap::from([(Key::Element("a".into()), 1)]), 8, false);
        }
        let id = journal.draft_id().clone();
        journal.end(Some(DraftReason::Crash)).await;
        let recovered = shelf.read(&id).await.unwrap();
        let expected = i64::from(answered);
        assert!(
            matches!(
                recovered.edits.get(&Key::Element("a".into())),
                Some(Change::Delete { base_version, .. }) if *base_version == expected
            ),
            "answered: {answered}"
        );
    }
}

#[tokio::test]
async fn an_acknowledged_journal_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let journal = shelf.journal(&server(), DocumentId::random(), "Plan", None);
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
    let journal = shelf.journal(&server(), DocumentId::random(), "Plan", None);
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
    let journal = shelf.journal(&server(), DocumentId::random(), "Plan", None);
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
    let journal = shelf.journal(&server(), DocumentId::random(), "Plan", None);
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
    let journal = shelf.journal(&server(), DocumentId::random(), "Plan", None);
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

/// A journal of three edits and a draft's end: its bytes, where each record ends, and where it lies.
async fn three_edits(shelf: &Shelf, folder: &Path) -> (Vec<u8>, std::path::PathBuf) {
    let journal = shelf.journal(&server(), DocumentId::random(), "Plan", None);
    for (edit, id) in (1..).zip(["a", "b", "c"]) {
        journal.append(edit, 7, vec![put(id, 3)]).await.unwrap().unwrap();
    }
    drop(journal);
    let path = journals(folder).pop().unwrap();
    (std::fs::read(&path).unwrap(), path)
}

/// What the next start finds in a journal of these bytes.
async fn found(folder: &Path, path: &Path, bytes: &[u8]) -> (u32, Vec<super::Damage>) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
    let shelf = Shelf::open(folder).unwrap();
    let drafts = shelf.drafts().await;
    assert!(drafts.len() <= 1);
    let damages = shelf.damages().borrow().clone();
    if let Some(draft) = drafts.first() {
        // what was cut off is cut off for good: the next look finds nothing damaged
        let again = Shelf::open(folder).unwrap();
        assert_eq!(again.drafts().await[0].changes, draft.changes);
        assert!(again.damages().borrow().is_empty());
    }
    (drafts.first().map_or(0, |draft| draft.changes), damages)
}

#[tokio::test]
async fn x07_a_journal_cut_at_any_byte_has_what_is_whole_before_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let (whole, path) = three_edits(&shelf, folder.path()).await;
    let records = super::record::read(&whole);
    assert_eq!(
        (records.records.len(), records.damaged),
        (5, 0),
        "its head twice, and three edits"
    );
    let mut ends = vec![0];
    let mut at = 0;
    while at < whole.len() {
        at += 12 + u32::from_le_bytes(whole[at..at + 4].try_into().unwrap()) as usize;
        ends.push(at);
    }
    for cut in 0..=whole.len() {
        let (changes, damages) = found(folder.path(), &path, &whole[..cut]).await;
        let whole_records = ends.iter().filter(|end| **end <= cut).count() - 1;
        assert_eq!(changes as usize, whole_records.saturating_sub(2), "cut at {cut}");
        let said: usize = damages.iter().map(|damage| damage.bytes).sum();
        let torn = cut - ends.iter().filter(|end| **end <= cut).max().unwrap();
        assert_eq!(said, torn, "cut at {cut}: {damages:?}");
        for damage in damages {
            let kept = std::fs::read(damage.kept_at.unwrap()).unwrap();
            assert_eq!(kept, whole[..cut], "as it was found");
            assert_eq!(damage.changes, changes);
        }
    }
}

#[tokio::test]
async fn x07_a_journal_with_any_byte_changed_loses_one_edit_at_most_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let (whole, path) = three_edits(&shelf, folder.path()).await;
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        let (changes, damages) = found(folder.path(), &path, &bytes).await;
        assert!(changes >= 2, "at {at}: {changes} changes");
        assert_eq!(damages.len(), 1, "at {at}");
        assert!(damages[0].bytes > 0);
    }
}

#[tokio::test]
async fn a_journal_that_is_nothing_but_damage_is_kept_and_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let (whole, path) = three_edits(&shelf, folder.path()).await;
    let garbage: Vec<u8> = whole
        .iter()
        .map(|byte| byte.wrapping_mul(7).wrapping_add(3))
        .collect();
    let (changes, damages) = found(folder.path(), &path, &garbage).await;
    assert_eq!(changes, 0);
    assert_eq!(
        (damages[0].bytes, damages[0].name.as_deref()),
        (garbage.len(), None)
    );
    let kept = damages[0].kept_at.clone().unwrap();
    assert_eq!(std::fs::read(kept).unwrap(), garbage);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn x01_a_full_disk_is_told_at_once_and_the_edits_are_written_once_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let journal = shelf.journal(&server(), DocumentId::random(), "Plan", None);
    journal.append(1, 7, vec![put("a", 3)]).await.unwrap().unwrap();
    let path = journals(folder.path()).pop().unwrap();
    // a device that refuses each byte as a full disk does, in the journal's place
    std::fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/dev/full", &path).unwrap();
    let start = std::time::Instant::now();
    let refused = journal.append(2, 7, vec![put("b", 3)]).await.unwrap();
    assert_eq!(refused, Err(super::NotOnDisk::Refused("the disk is full")));
    assert!(start.elapsed() < std::time::Duration::from_secs(1));
    let more = journal.append(3, 7, vec![put("c", 3)]).await.unwrap();
    assert!(more.is_err());

    std::fs::remove_file(&path).unwrap();
    let mut problem = journal.problem();
    let room = problem.wait_for(Option::is_none);
    let room = tokio::time::timeout(std::time::Duration::from_secs(10), room).await;
    drop(room.expect("it is tried again").unwrap());
    drop(journal);
    let next = Shelf::open(folder.path()).unwrap();
    assert_eq!(
        next.drafts().await[0].changes,
        3,
        "those before the disk was full, too"
    );
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn x01_a_draft_put_aside_on_a_full_disk_is_kept_in_memory_until_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let journal = shelf.journal(&server(), DocumentId::random(), "Plan", None);
    journal.append(1, 7, vec![put("a", 3)]).await.unwrap().unwrap();
    let path = journals(folder.path()).pop().unwrap();
    std::fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/dev/full", &path).unwrap();
    assert!(journal.append(2, 7, vec![put("b", 3)]).await.unwrap().is_err());
    let within = std::time::Duration::from_secs(10);
    let ended = tokio::time::timeout(within, journal.end(Some(DraftReason::LostLock))).await;
    ended.expect("nobody is kept waiting");
    assert!(shelf.drafts().await.is_empty(), "it is in memory only");

    let mut changes = shelf.changes();
    std::fs::remove_file(&path).unwrap();
    tokio::time::timeout(within, changes.changed())
        .await
        .unwrap()
        .unwrap();
    let draft = &shelf.drafts().await[0];
    assert_eq!((draft.changes, draft.why), (2, DraftReason::LostLock));
}

#[cfg(unix)]
#[tokio::test]
async fn a_journal_that_is_taken_away_is_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let journal = shelf.journal(&server(), DocumentId::random(), "Plan", None);
    let picture = bytes::Bytes::from_static(b"a picture");
    journal.keep_file("hash".into(), picture).await.unwrap().unwrap();
    journal.append(1, 7, vec![put("a", 3)]).await.unwrap().unwrap();
    std::fs::remove_dir_all(folder.path().join("journal")).unwrap();
    journal.append(2, 7, vec![put("b", 3)]).await.unwrap().unwrap();
    drop(journal);
    let next = Shelf::open(folder.path()).unwrap();
    assert_eq!(next.drafts().await[0].changes, 2);
    let names: Vec<_> = journals(folder.path());
    assert!(names.iter().any(|name| name.ends_with("hash.file")), "{names:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_a_journal() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let journal = shelf.journal(&server(), DocumentId::random(), "Plan", None);
    journal
        .keep_file("hash".into(), bytes::Bytes::from_static(b"x"))
        .await
        .unwrap()
        .unwrap();
    journal.append(1, 7, vec![put("a", 3)]).await.unwrap().unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    for path in journals(folder.path()) {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        assert_eq!(mode(path.parent().unwrap()), 0o700);
    }
}

#[tokio::test]
async fn a_long_journal_is_read_in_one_pass() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let time = async |edits: u64| {
        let journal = shelf.journal(&server(), DocumentId::random(), "Plan", None);
        let mut last = None;
        for edit in 1..=edits {
            last = Some(journal.append(edit, 7, vec![put(&format!("e{edit}"), 0)]));
            // half of them are acknowledged, one by one, as by a server that is slow
            if edit % 2 == 0 {
                journal.acknowledged(edit / 2, &HashMap::new(), 7, false);
            }
        }
        last.unwrap().await.unwrap().unwrap();
        let id = journal.draft_id().clone();
        journal.end(Some(DraftReason::Crash)).await;
        let start = std::time::Instant::now();
        let draft = shelf.read(&id).await.unwrap().draft;
        assert_eq!(u64::from(draft.changes), edits - edits / 2);
        let taken = start.elapsed();
        shelf.discard(&id).await.unwrap();
        taken
    };
    let (short, long) = (time(1_000).await, time(10_000).await);
    // ten times as many, and some room for a busy machine; what is quadratic takes a hundred times as long
    assert!(long < short * 40, "{short:?}, then {long:?}");
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
    let journal = shelf.journal(&server(), DocumentId::random(), "Plan", None);
    journal.append(1, 7, vec![put("a", 3)]).await.unwrap().unwrap();
    let id = journal.draft_id().clone();
    journal.end(Some(DraftReason::Conflict)).await;
    assert!(!shelf.discard(&super::DraftId("../../x".into())).await.unwrap());
    assert!(shelf.discard(&id).await.unwrap());
    assert!(shelf.drafts().await.is_empty());
}

#[tokio::test]
async fn x07_a_picture_that_is_told_to_be_on_disk_is_there_whatever_is_acknowledged_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let journal = shelf.journal(&server(), DocumentId::random(), "Plan", None);
    journal.append(1, 7, vec![put("a", 3)]).await.unwrap().unwrap();
    // both come to the writer at once: the answer to the last commit, and the picture of the next edit
    let told = journal.keep_file("ab".repeat(32), bytes::Bytes::from_static(b"picture"));
    journal.acknowledged(1, &HashMap::new(), 8, true);
    told.await.unwrap().unwrap();
    let found = journals(folder.path());
    assert!(
        found.iter().any(|path| path.ends_with("ab".repeat(32) + ".file")),
        "{found:?}"
    );
}

#[tokio::test]
async fn x07_a_picture_whose_bytes_a_crash_has_lost_is_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let document = DocumentId::random();
    let picture = bytes::Bytes::from_static(b"a picture");
    let hash = crate::canvas::sha256(&picture);
    let crashed = shelf.journal(&server(), document, "Plan", None);
    crashed
        .keep_file(hash.clone(), picture.clone())
        .await
        .unwrap()
        .unwrap();
    let path = journals(folder.path()).pop().unwrap();
    std::fs::write(&path, [0; 9]).unwrap();

    let next = shelf.journal(&server(), document, "Plan", None);
    next.keep_file(hash, picture.clone()).await.unwrap().unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), picture);
}

/// Bytes that break whoever lets go of them.
struct Breaks(&'static [u8]);

impl AsRef<[u8]> for Breaks {
    fn as_ref(&self) -> &[u8] {
        self.0
    }
}

impl Drop for Breaks {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            std::panic::panic_any("a defect in the writer");
        }
    }
}

#[tokio::test]
async fn x01_edits_that_a_broken_writer_was_given_are_not_told_to_be_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let journal = shelf.journal(&server(), DocumentId::random(), "Plan", None);
    journal.append(1, 7, vec![put("a", 3)]).await.unwrap().unwrap();
    let picture = bytes::Bytes::from_owner(Breaks(b"picture"));
    journal.keep_file("hash".into(), picture).await.unwrap().unwrap();
    // the writer lets go of the picture, and breaks
    journal.acknowledged(0, &HashMap::new(), 7, true);
    let mut problem = journal.problem();
    let within = std::time::Duration::from_secs(10);
    let broken = tokio::time::timeout(within, problem.wait_for(Option::is_some)).await;
    drop(broken.expect("it is told").unwrap());
    let failed = Err(super::NotOnDisk::WriterFailed);
    assert_eq!(journal.append(2, 7, vec![put("b", 3)]).await.unwrap(), failed);
    let picture = journal.keep_file("other".into(), bytes::Bytes::from_static(b"x"));
    assert_eq!(picture.await.unwrap(), failed);
    // its end is not waited for in vain
    let ended = tokio::time::timeout(within, journal.end(Some(DraftReason::Crash))).await;
    ended.expect("nobody is kept waiting");
}

#[test]
fn x01_an_edit_that_nobody_writes_any_more_is_not_told_to_be_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let journal = runtime.block_on(async { shelf.journal(&server(), DocumentId::random(), "Plan", None) });
    runtime.shutdown_timeout(std::time::Duration::from_secs(10));
    let told = journal.append(1, 7, vec![put("a", 3)]).blocking_recv().unwrap();
    assert_eq!(told, Err(super::NotOnDisk::WriterFailed));
}

#[tokio::test]
async fn x06_a_claim_that_is_let_go_of_is_a_draft_on_the_shelf_again() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let journal = shelf.journal(&server(), DocumentId::random(), "Plan", None);
    journal.append(1, 7, vec![put("a", 3)]).await.unwrap().unwrap();
    let id = journal.draft_id().clone();
    journal.end(Some(DraftReason::Crash)).await;

    let claimed = shelf.claim(&id).await.unwrap();
    assert!(shelf.drafts().await.is_empty());
    assert!(shelf.claim(&id).await.is_none(), "one canvas goes on with it");
    drop(claimed);
    assert_eq!(shelf.drafts().await.len(), 1);

    // a window that is closed while it still looks: what it was about to get is nobody's
    let looking = tokio::spawn({
        let (shelf, id) = (shelf.clone(), id.clone());
        async move { shelf.claim(&id).await }
    });
    tokio::task::yield_now().await;
    looking.abort();
    drop(looking.await);
    let mut changes = shelf.changes();
    let within = std::time::Duration::from_secs(10);
    let back = async {
        while shelf.drafts().await.is_empty() {
            changes.changed().await.unwrap();
        }
    };
    tokio::time::timeout(within, back).await.expect("it is back");
    let (_, claim) = shelf.claim(&id).await.unwrap();
    claim.forget();
    assert!(journals(folder.path()).is_empty());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn x03_a_draft_that_the_disk_does_not_take_is_gone_on_with_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let full = async |why| {
        let journal = shelf.journal(&server(), DocumentId::random(), "Plan", None);
        journal.append(1, 7, vec![put("a", 3)]).await.unwrap().unwrap();
        let path = journals(folder.path()).pop().unwrap();
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/dev/full", &path).unwrap();
        assert!(journal.append(2, 7, vec![put("b", 3)]).await.unwrap().is_err());
        let id = journal.draft_id().clone();
        journal.end(Some(why)).await;
        (id, path)
    };
    let within = std::time::Duration::from_secs(10);
    let (id, _) = full(DraftReason::LostLock).await;
    let claim = shelf.claim_again(&id).await.expect("its edits are at hand");
    assert!(shelf.claim_again(&id).await.is_none(), "once");
    // they are safe elsewhere now: nothing of it comes up once there is room
    claim.forget();
    assert!(journals(folder.path()).is_empty());
    let mut changes = shelf.changes();
    let stopped = tokio::time::timeout(within, changes.changed()).await;
    stopped.expect("its writer stops").unwrap();
    assert!(shelf.drafts().await.is_empty());
    assert!(journals(folder.path()).is_empty());

    let (id, path) = full(DraftReason::LostLock).await;
    drop(shelf.claim_again(&id).await.expect("its edits are at hand"));
    assert!(shelf.drafts().await.is_empty(), "it is in memory only");
    let mut changes = shelf.changes();
    std::fs::remove_file(&path).unwrap();
    let there = async {
        while shelf.drafts().await.is_empty() {
            changes.changed().await.unwrap();
        }
    };
    tokio::time::timeout(within, there).await.expect("it is written");
    assert_eq!(shelf.drafts().await[0].changes, 2, "given back, it is written");
    let claim = shelf.claim_again(&id).await;
    assert!(claim.is_some(), "and is a draft as any other");
}
