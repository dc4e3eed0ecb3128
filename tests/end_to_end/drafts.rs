//! What could not be saved waits on a shelf (X06, X07): gone on with, compared, saved as a copy, and thrown away only when asked to.

use crate::{
    disputed::Disputed,
    linked::{CANVAS, Linked},
};

/// Ada's app was killed while she was away, Ben has saved meanwhile and gone, and she has started it again.
async fn crashed() -> Linked {
    let Disputed { it, ben, fence } = Disputed::before().await;
    ben.commit(&it.document, fence, &crate::disputed::by_ben())
        .await
        .ok(200);
    ben.close().await.ok(204);
    it.crashes_and_starts_again().await
}

#[tokio::test]
async fn x07_what_a_crash_has_left_goes_on_where_nobody_else_has_saved() {
    let it = Linked::with(&crate::disputed::SHORT_LEASE, &[]).await;
    it.goes_offline().await;
    it.canvas.draw((300, 300), (380, 360)).await;
    it.canvas.draw((500, 300), (580, 360)).await;
    let mut it = it.crashes_and_starts_again().await;
    it.library().await.open(CANVAS).await;
    it.canvas = it.ada.canvas(CANVAS).await;
    it.canvas.page.says("recovered", "Recovered 2 changes").await;
    it.canvas.is_editable().await;
    it.canvas.is_saved().await;
    it.ada.desktop.screenshot("100-recovered");
    assert_eq!(it.stored().await.len(), 2);
    it.library().await.has_no_drafts().await;
}

#[tokio::test]
async fn x07_a_draft_of_a_crash_is_shown_compared_and_opened_as_a_conflict() {
    let mut it = crashed().await;
    let library = it.library().await;
    library.shows_draft(CANVAS).await;
    let page = &library.page;
    page.says("draft", "4 changes").await;
    page.says("draft", "Holdfast ended before these were saved").await;
    page.rests().await;
    it.ada.desktop.screenshot("101-shelf");
    page.click("draft-compare").await;
    for side in ["compare-mine", "compare-theirs"] {
        page.attribute_is(side, "data-state", "ready").await;
    }
    page.says("draft-compare-dialog", "5 differences").await;
    page.rests().await;
    it.ada.desktop.screenshot("102-draft-and-latest");
    it.ada.desktop.press(&["Escape"]);
    page.hides("draft-compare-dialog").await;

    page.click("draft-open").await;
    it.canvas = it.ada.canvas(CANVAS).await;
    let page = &it.canvas.page;
    page.shows("conflict-dialog").await;
    page.click("conflict-merge").await;
    page.click("pick-all-mine").await;
    page.click("merge-commit").await;
    page.hides("conflict-dialog").await;
    it.canvas.is_saved().await;
    for id in ["apple", "pear", "plum"] {
        assert_eq!(
            it.element(id).await.expect("it is there")["x"],
            crate::disputed::moved(id),
            "{id}"
        );
    }
    assert_eq!(it.stored().await.len(), 5);
    it.library().await.has_no_drafts().await;
}

#[tokio::test]
async fn x06_a_draft_becomes_a_copy_and_the_canvas_stays_as_it_is() {
    let it = crashed().await;
    let library = it.library().await;
    library.shows_draft(CANVAS).await;
    library.page.click("draft-copy").await;
    let copy = it.copy().await;
    assert_eq!(copy.len(), 4);
    let apple = copy
        .iter()
        .find(|element| element["id"] == "apple")
        .expect("an apple");
    assert_eq!(apple["x"], crate::disputed::moved("apple"));
    library.has_no_drafts().await;
    assert_eq!(it.version().await, 2);
}

#[tokio::test]
async fn x06_a_draft_is_thrown_away_only_after_a_question() {
    let it = crashed().await;
    let library = it.library().await;
    library.shows_draft(CANVAS).await;
    let page = &library.page;
    page.click("draft-discard").await;
    page.says("confirm-dialog", "can’t be undone").await;
    page.rests().await;
    it.ada.desktop.screenshot("103-discard");
    page.click("cancel").await;
    page.hides("confirm-dialog").await;
    assert!(page.has("draft").await);
    let it = it.crashes_and_starts_again().await;
    let library = it.library().await;
    library.shows_draft(CANVAS).await;
    library.page.click("draft-discard").await;
    library.page.click("confirm").await;
    library.has_no_drafts().await;
    library.page.rests().await;
    it.ada.desktop.screenshot("104-empty-shelf");
    assert_eq!(it.version().await, 2);
}
