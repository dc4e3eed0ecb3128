//! A canvas's versions (D07): looked at, compared, restored, saved as a copy, named.

use serde_json::json;

use crate::{linked::Linked, shapes};

fn three() -> [serde_json::Value; 3] {
    [
        shapes::rectangle("first", "a1", (0, 0), (120, 80)),
        shapes::rectangle("second", "a2", (200, 0), (120, 80)),
        shapes::rectangle("third", "a3", (400, 0), (120, 80)),
    ]
}

/// Ada at a canvas of three versions, by two people: three rectangles; one moved; one deleted and one added by Ben.
async fn with_history() -> Linked {
    let it = Linked::with(&[], &three()).await;
    it.canvas.page.click("lock-chip").await;
    it.canvas.page.click("stop-editing").await;
    it.canvas.page.shows("start-editing").await;
    let [first, second, _] = three();
    let ben = it.ben().await;
    let fence = ben.lock(&it.document).await;
    let moved = shapes::changed(&first, &json!({"y": 140}));
    ben.commit(&it.document, fence, &[shapes::put(&moved, 1)])
        .await
        .ok(200);
    let added = shapes::rectangle("fourth", "a4", (600, 0), (120, 80));
    let deletion = json!({"op": "delete", "id": second["id"], "base_version": 1});
    ben.commit(&it.document, fence, &[deletion, shapes::put(&added, 0)])
        .await
        .ok(200);
    ben.close().await.ok(204);
    it.canvas.page.click("history-open").await;
    it.canvas.page.shows_css(&version(3, "version")).await;
    it
}

/// The selector of what belongs to a version in the panel.
fn version(number: i64, what: &str) -> String {
    let row = format!("[data-testid=\"version\"][data-version=\"{number}\"]");
    if what == "version" {
        return row;
    }
    format!("{row} [data-testid=\"{what}\"]")
}

#[tokio::test]
async fn d07_a_version_is_looked_at_compared_named_and_saved_as_a_copy() {
    let it = with_history().await;
    let page = &it.canvas.page;
    page.until(
        "the versions have their pictures",
        "document.querySelectorAll('[data-testid=\"version\"] [data-state=\"ready\"]').length === 3",
    )
    .await;
    page.rests().await;
    it.ada.desktop.screenshot("80-history");

    page.click_css(&version(1, "version-view")).await;
    page.says("version-dialog", "You are looking at it read-only")
        .await;
    page.attribute_is("compare-mine", "data-state", "ready").await;
    page.rests().await;
    it.ada.desktop.screenshot("81-an-old-version");
    it.ada.desktop.press(&["Escape"]);
    page.hides("version-dialog").await;

    page.click_css(&version(1, "version-compare")).await;
    page.click_css(&version(3, "version-compare")).await;
    for side in ["compare-mine", "compare-theirs"] {
        page.attribute_is(side, "data-state", "ready").await;
    }
    for (id, kind) in [("first", "changed"), ("second", "deleted"), ("fourth", "added")] {
        page.shows_css(&format!(
            "[data-testid=\"difference\"][data-id=\"{id}\"][data-theirs=\"{kind}\"]"
        ))
        .await;
    }
    page.says("version-compare-dialog", "3 differences").await;
    page.rests().await;
    it.ada.desktop.screenshot("82-two-versions");
    it.ada.desktop.press(&["Escape"]);
    page.hides("version-compare-dialog").await;

    page.click_css(&version(2, "version-name")).await;
    page.fill("name-input", "Before the review").await;
    page.click("confirm").await;
    page.says("version", "Before the review").await;
    let commits = format!("/v1/documents/{}/commits", it.document);
    let commits = it.client.get(&commits).await.ok(200);
    let named = commits
        .list("/items")
        .iter()
        .find(|commit| commit["version"] == 2);
    assert_eq!(named.expect("version 2")["name"], "Before the review");

    page.click_css(&version(1, "version-copy")).await;
    let library = it.library().await;
    library.shows_card("Sketch (copy)").await;
    library.open("Sketch (copy)").await;
    it.ada.canvas("Sketch (copy)").await.shows_elements(3).await;
    assert_eq!(it.version().await, 3, "the original is as it was");
}

#[tokio::test]
async fn d07_a_version_is_restored_as_a_new_one_and_nothing_is_gone() {
    let it = with_history().await;
    let page = &it.canvas.page;
    page.click_css(&version(1, "version-restore")).await;
    page.rests().await;
    it.ada.desktop.screenshot("83-restore");
    page.click("confirm").await;
    page.shows_css(&version(4, "version")).await;
    page.says("version", "restored version 1").await;
    it.canvas.shows_elements(3).await;
    page.rests().await;
    it.ada.desktop.screenshot("84-restored");
    let mut ids: Vec<_> = it
        .stored()
        .await
        .iter()
        .map(|element| element["id"].clone())
        .collect();
    ids.sort_by_key(ToString::to_string);
    assert_eq!(ids, ["first", "second", "third"]);
    assert_eq!(it.element("first").await.expect("it is back")["y"], 0);
    assert!(
        it.lock().await.is_null(),
        "what was only needed to restore is given back"
    );
    let old = format!("/v1/documents/{}/content?version=3", it.document);
    let old = it.client.get(&old).await.ok(200);
    assert_eq!(
        old.list("/elements").len(),
        3,
        "what was there before stays in the history"
    );
}

#[tokio::test]
async fn d07_what_somebody_holds_is_not_restored_over() {
    let it = with_history().await;
    it.member("Carol", "editor").await.lock(&it.document).await;
    let page = &it.canvas.page;
    page.click_css(&version(1, "version-restore")).await;
    page.click("confirm").await;
    page.says("refusal", "Carol").await;
    page.rests().await;
    it.ada.desktop.screenshot("85-not-restored");
    assert_eq!(it.version().await, 3);
}

#[tokio::test]
async fn d07_the_history_opens_from_the_library_too() {
    let it = with_history().await;
    it.ada.close(crate::linked::CANVAS).await;
    let library = it.library().await;
    library.choose(crate::linked::CANVAS, "history-open").await;
    library.page.shows_css(&version(3, "version")).await;
    library
        .page
        .until(
            "the versions have their pictures",
            "document.querySelectorAll('[data-testid=\"version\"] [data-state=\"ready\"]').length === 3",
        )
        .await;
    library.page.rests().await;
    it.ada.desktop.screenshot("86-history-in-the-library");
    library.page.click_css(&version(2, "version-restore")).await;
    library.page.click("confirm").await;
    library.page.shows_css(&version(4, "version")).await;
    assert_eq!(it.stored().await.len(), 3);
    assert_eq!(it.version().await, 4);
}
