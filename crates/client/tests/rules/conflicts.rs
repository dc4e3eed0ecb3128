//! Two versions and the user's word (X04 to X06): every way out, looked at from outside.

use holdfast_client::{
    journal::Draft,
    view::{ChangeKind, ConflictView, DraftReason, LockView, Resolution, SaveView},
};
use holdfast_testkit::eventually::until;

use crate::{
    parted::{Parted, map, places, put, puts, shape},
    studio::{SOON, draft, editable, saved, shows, stroke},
};

/// What becomes of each element that differs.
fn kinds(conflict: &ConflictView) -> Vec<(&str, ChangeKind, ChangeKind)> {
    let differences = conflict.differences.iter();
    differences
        .map(|each| (each.element_id.as_str(), each.mine, each.theirs))
        .collect()
}

fn merge(mine: &[&str], theirs: &[&str]) -> Resolution {
    let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    Resolution::Merge {
        mine: owned(mine),
        theirs: owned(theirs),
    }
}

impl Parted {
    async fn decide(&self, conflict: &ConflictView, word: Resolution) {
        let resolved = self.canvas.resolve(&conflict.id, conflict.revision, word);
        resolved.await.unwrap();
        self.settled().await;
    }

    async fn one_draft(&self) -> Draft {
        let mut drafts = self.drafts().await;
        assert_eq!(drafts.len(), 1);
        drafts.remove(0)
    }
}

#[tokio::test]
async fn x04_both_versions_are_named_and_what_differs_is_listed() {
    let (parted, conflict) = Parted::in_conflict().await;
    assert_eq!(conflict.mine.by.name, "Ada");
    assert_eq!((conflict.mine.version, conflict.base_version), (1, 1));
    assert_eq!(conflict.theirs.by.name, "Ben");
    assert_eq!(conflict.theirs.device_name, "Ben's laptop");
    assert!(conflict.theirs.at.is_some() && conflict.mine.at.is_none());
    assert_eq!(conflict.theirs.version, 2);
    assert_eq!((conflict.mine.changes, conflict.theirs.changes), (2, 2));
    let expected = [
        ("one", ChangeKind::Changed, ChangeKind::Changed),
        ("mine", ChangeKind::Added, ChangeKind::Same),
        ("theirs", ChangeKind::Same, ChangeKind::Added),
    ];
    assert_eq!(kinds(&conflict), expected);

    let content = parted.canvas.conflict_content().await.unwrap();
    assert_eq!(content.revision, conflict.revision);
    let ids = |content: &holdfast_client::view::CanvasContent| -> Vec<String> {
        content
            .elements
            .iter()
            .map(|element| element.id.clone())
            .collect()
    };
    assert_eq!(ids(&content.base), ["one", "two"]);
    assert_eq!(ids(&content.mine), ["one", "two", "mine"]);
    assert_eq!(ids(&content.theirs), ["one", "two", "theirs"]);
    let kept = draft(&parted.app.client, parted.canvas.document()).await;
    assert_eq!((kept.changes, kept.base_version), (2, 1));
}

#[tokio::test]
async fn x04_a_second_conflict_updates_the_first_and_an_old_choice_is_not_taken() {
    let parted = Parted::away().await;
    let (ben, fence) = parted.taken().await;
    let theirs = [put(1, &shape("one", 3, "a1")), put(0, &shape("theirs", 3, "a3"))];
    ben.commit(&parted.document, fence, &theirs).await.ok(200);
    parted.link.mend();
    let first = parted.conflict().await;
    let more = [put(1, &shape("two", 4, "a2"))];
    ben.commit(&parted.document, fence, &more).await.ok(200);
    let state = shows(&parted.canvas, "the update", |state| {
        state
            .conflict
            .as_ref()
            .is_some_and(|conflict| conflict.theirs.version == 3)
    })
    .await;
    let second = state.conflict.unwrap();
    assert_eq!(second.id, first.id, "the dialog stays");
    assert!(second.revision > first.revision);
    assert!(kinds(&second).contains(&("two", ChangeKind::Same, ChangeKind::Changed)));
    let old = parted
        .canvas
        .resolve(&first.id, first.revision, merge(&["one"], &[]));
    assert_eq!(old.await.unwrap_err().code, "conflict_moved");
    ben.close().await.ok(204);
    parted.decide(&second, merge(&["one"], &[])).await;
    let merged = map(&[("mine", 2), ("one", 2), ("theirs", 3), ("two", 4)]);
    assert_eq!(parted.places().await, merged);
}

#[tokio::test]
async fn x05_a_merge_asks_for_each_element_that_both_changed() {
    let (parted, conflict) = Parted::in_conflict().await;
    let resolve = |word| parted.canvas.resolve(&conflict.id, conflict.revision, word);
    let missing = resolve(merge(&[], &[])).await.unwrap_err();
    assert_eq!(missing.code, "invalid");
    assert!(missing.detail.contains("Rectangle"), "{}", missing.detail);
    assert_eq!(
        resolve(merge(&["one", "two"], &[])).await.unwrap_err().code,
        "invalid"
    );
    assert_eq!(
        parted.places().await,
        map(&[("one", 3), ("theirs", 3), ("two", 1)])
    );

    parted.decide(&conflict, merge(&[], &["one"])).await;
    let merged = map(&[("mine", 2), ("one", 3), ("theirs", 3), ("two", 1)]);
    assert_eq!(parted.places().await, merged);
    parted.no_draft().await;
    // the window edits on, and both have a place of their own
    editable(&parted.canvas).await;
    let content = parted.canvas.content().await.unwrap();
    let indices: Vec<_> = content
        .elements
        .iter()
        .map(|element| {
            let data: serde_json::Value = serde_json::from_str(element.data.get()).unwrap();
            data["index"].as_str().unwrap().to_owned()
        })
        .collect();
    assert!(indices.is_sorted_by(|a, b| a < b), "{indices:?}");
    parted.canvas.edit(stroke("next")).await.unwrap();
    saved(&parted.canvas).await;
}

#[tokio::test]
async fn x05_without_overlap_a_merge_asks_nothing() {
    let parted = Parted::away().await;
    parted.ben_saves(&[put(1, &shape("two", 4, "a2"))]).await;
    parted.link.mend();
    let conflict = parted.conflict().await;
    let both = |(_, mine, theirs): &(&str, ChangeKind, ChangeKind)| {
        *mine != ChangeKind::Same && *theirs != ChangeKind::Same
    };
    assert!(!kinds(&conflict).iter().any(both));
    parted.decide(&conflict, merge(&[], &[])).await;
    assert_eq!(parted.places().await, map(&[("mine", 2), ("one", 2), ("two", 4)]));
    parted.no_draft().await;
}

#[tokio::test]
async fn x05_the_same_change_on_both_sides_is_no_conflict() {
    let parted = Parted::away().await;
    let same = [put(1, &shape("one", 2, "a1")), put(0, &shape("mine", 2, "a3"))];
    parted.ben_saves(&same).await;
    parted.link.mend();
    saved(&parted.canvas).await;
    editable(&parted.canvas).await;
    assert!(parted.canvas.state().borrow().conflict.is_none());
    parted.no_draft().await;
}

#[tokio::test]
async fn x06_reload_shows_theirs_and_keeps_mine_as_a_draft() {
    let (parted, conflict) = Parted::in_conflict().await;
    parted.decide(&conflict, Resolution::Reload).await;
    assert_eq!(parted.one_draft().await.why, DraftReason::PutAside);
    assert_eq!(
        parted.places().await,
        map(&[("one", 3), ("theirs", 3), ("two", 1)])
    );
    let state = editable(&parted.canvas).await;
    assert_eq!(state.save, SaveView::Saved { version: 2 });
    // the draft can be gone on with: the conflict is there again
    let id = draft(&parted.app.client, parted.canvas.document()).await.id;
    parted.canvas.open_draft(&id).await.unwrap();
    let again = parted.conflict().await;
    assert_ne!(again.id, conflict.id);
    assert_eq!(again.differences, conflict.differences);
}

#[tokio::test]
async fn x06_cancel_decides_nothing_and_loses_nothing() {
    let (parted, conflict) = Parted::in_conflict().await;
    parted.decide(&conflict, Resolution::Cancel).await;
    assert_eq!(parted.one_draft().await.why, DraftReason::Conflict);
    let state = shows(&parted.canvas, "read-only", |state| {
        !state.editable && state.lock == LockView::Free
    })
    .await;
    assert_eq!(state.save, SaveView::Draft { changes: 2 });
    parted.unlocked().await;
    assert_eq!(
        parted.places().await,
        map(&[("one", 3), ("theirs", 3), ("two", 1)])
    );
    let gone = parted
        .canvas
        .resolve(&conflict.id, conflict.revision, Resolution::Overwrite);
    assert_eq!(gone.await.unwrap_err().code, "not_found");
}

#[tokio::test]
async fn x06_overwrite_makes_the_document_mine_and_theirs_is_in_the_history() {
    let (parted, conflict) = Parted::in_conflict().await;
    parted.decide(&conflict, Resolution::Overwrite).await;
    assert_eq!(parted.places().await, map(&[("mine", 2), ("one", 2), ("two", 1)]));
    let theirs = places(&parted.ben, &parted.document, Some(2)).await;
    assert_eq!(theirs, map(&[("one", 3), ("theirs", 3), ("two", 1)]));
    parted.no_draft().await;
    editable(&parted.canvas).await;
}

#[tokio::test]
async fn x06_a_copy_has_mine_and_the_document_theirs() {
    let (parted, conflict) = Parted::in_conflict().await;
    let copied = parted
        .canvas
        .resolve(&conflict.id, conflict.revision, Resolution::Copy)
        .await
        .unwrap();
    let copy = copied.expect("the copy is named").to_string();
    parted.settled().await;
    let mine = places(&parted.ada, &copy, None).await;
    assert_eq!(mine, map(&[("mine", 2), ("one", 2), ("two", 1)]));
    assert_eq!(
        parted.places().await,
        map(&[("one", 3), ("theirs", 3), ("two", 1)])
    );
    parted.no_draft().await;
}

#[tokio::test]
async fn x06_an_overwrite_that_loses_its_server_half_way_loses_nothing() {
    let (parted, conflict) = Parted::in_conflict().await;
    // the commit arrives, its answer never does, and the app ends
    parted
        .link
        .fall_silent_one_way(holdfast_testkit::network::Way::Back);
    let canvas = parted.canvas.clone();
    let word = tokio::spawn({
        let (id, revision) = (conflict.id.clone(), conflict.revision);
        async move { canvas.resolve(&id, revision, Resolution::Overwrite).await }
    });
    until("the answer is lost", SOON, async || {
        parted.link.faults().silenced > 0
    })
    .await;
    let drafts = parted.drafts().await;
    assert!(drafts.iter().any(|draft| draft.changes == 2), "{drafts:?}");
    parted.link.reset();
    parted.link.mend();
    word.await.unwrap().unwrap();
    assert_eq!(parted.places().await, map(&[("mine", 2), ("one", 2), ("two", 1)]));
    parted.no_draft().await;
}

#[tokio::test]
async fn x04_three_thousand_differing_elements_are_compared_and_merged() {
    const MANY: usize = 3_000;
    let parted = Parted::together().await;
    let all = |x: i64| -> Vec<_> {
        (0..MANY)
            .map(|n| shape(&format!("e{n}"), x, &format!("b00{n:04}V")))
            .collect()
    };
    parted.canvas.edit(puts(&all(1))).await.unwrap();
    saved(&parted.canvas).await;
    parted.link.cut();
    parted.canvas.edit(puts(&all(2))).await.unwrap();
    parted.unlocked().await;
    let theirs: Vec<_> = all(3).iter().map(|data| put(1, data)).collect();
    parted.ben_saves(&theirs).await;
    parted.link.mend();
    let conflict = parted.conflict().await;
    assert_eq!(conflict.differences.len(), MANY);
    let (mine, others): (Vec<_>, Vec<_>) = (0..MANY)
        .map(|n| format!("e{n}"))
        .partition(|id| id.ends_with('7'));
    let word = Resolution::Merge { mine, theirs: others };
    parted.decide(&conflict, word).await;
    let places = parted.places().await;
    assert_eq!(places.values().filter(|x| **x == 2).count(), MANY / 10);
    assert_eq!(places.values().filter(|x| **x == 3).count(), MANY - MANY / 10);
}
