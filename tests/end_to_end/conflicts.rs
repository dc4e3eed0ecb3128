//! Two versions of a canvas, and the five ways out (X04 to X06). After each one a second client looks: nothing is lost.

use crate::{
    disputed::{Disputed, by_ben},
    linked::CANVAS,
};

#[tokio::test]
async fn x04_the_dialog_names_both_versions_and_shows_what_differs() {
    let it = Disputed::new().await;
    let page = &it.it.canvas.page;
    page.says("conflict-dialog", "Ben").await;
    page.says("conflict-dialog", "Version 2").await;
    page.says("conflict-dialog", "Ben's laptop").await;
    page.says("conflict-dialog", "Made on version 1").await;
    for (id, mine, theirs) in [
        ("apple", "changed", "changed"),
        ("pear", "changed", "deleted"),
        ("plum", "changed", "same"),
        ("fig", "same", "added"),
    ] {
        let row = format!(
            "[data-testid=\"difference\"][data-id=\"{id}\"][data-mine=\"{mine}\"][data-theirs=\"{theirs}\"]"
        );
        page.shows_css(&row).await;
    }
    page.shows_css("[data-testid=\"difference\"][data-mine=\"added\"][data-theirs=\"same\"]")
        .await;
    it.photograph("90-conflict").await;
    assert!(
        !it.it.canvas.takes_strokes().await,
        "nothing is accepted while it is open"
    );
    assert_eq!(it.it.version().await, 2, "nothing was sent");
}

#[tokio::test]
async fn x06_reload_shows_the_latest_and_keeps_mine_as_a_draft() {
    let it = Disputed::new().await;
    it.it.canvas.page.click("conflict-reload").await;
    it.is_settled().await;
    it.it.canvas.shows_elements(3).await;
    assert_eq!(it.it.version().await, 2);
    let library = it.it.library().await;
    library.shows_draft(CANVAS).await;
    library.page.rests().await;
    it.it.ada.desktop.screenshot("91-reloaded");
    // it is all there: as a copy it is what Ada had
    library.page.click("draft-copy").await;
    library.has_no_drafts().await;
    let copy = it.it.copy().await;
    assert_eq!(copy.len(), 4);
    assert!(copy.iter().any(|element| element["id"] == "pear"));
}

#[tokio::test]
async fn x06_overwrite_makes_it_mine_and_keeps_theirs_in_the_history() {
    let it = Disputed::new().await;
    it.it.canvas.page.click("conflict-overwrite").await;
    it.is_settled().await;
    it.it.canvas.is_editable().await;
    it.it.canvas.is_saved().await;
    for id in ["apple", "pear", "plum"] {
        assert!(it.is_adas(id).await, "{id}");
    }
    assert_eq!(it.drawn().await, 1);
    assert!(it.it.element("fig").await.is_none());
    it.bens_version_is_in_the_history().await;
    it.it.canvas.shows_elements(4).await;
    it.it.library().await.has_no_drafts().await;
}

#[tokio::test]
async fn x05_merge_takes_what_one_side_changed_and_asks_about_the_rest() {
    let it = Disputed::new().await;
    let page = &it.it.canvas.page;
    page.click("conflict-merge").await;
    page.shows_css("[data-testid=\"merge-commit\"]:disabled").await;
    it.pick("apple", "mine").await;
    page.shows_css("[data-testid=\"merge-commit\"]:disabled").await;
    it.pick("pear", "theirs").await;
    page.attribute_is("merge-preview", "data-state", "ready").await;
    it.photograph("92-merge").await;
    page.click("merge-commit").await;
    it.is_settled().await;
    it.it.canvas.is_editable().await;
    it.it.canvas.is_saved().await;
    assert!(it.is_adas("apple").await);
    assert!(it.it.element("pear").await.is_none());
    assert!(it.is_adas("plum").await);
    assert!(it.it.element("fig").await.is_some());
    assert_eq!(it.drawn().await, 1);
    it.it.canvas.shows_elements(4).await;
    it.bens_version_is_in_the_history().await;
    it.it.library().await.has_no_drafts().await;
}

#[tokio::test]
async fn x05_where_nothing_overlaps_the_merge_has_nothing_to_ask() {
    let it = Disputed::before().await;
    let [_, _, fig] = by_ben();
    it.ben.commit(&it.it.document, it.fence, &[fig]).await.ok(200);
    it.ben.close().await.ok(204);
    it.it.comes_back().await;
    let page = &it.it.canvas.page;
    page.shows("conflict-dialog").await;
    page.attribute_is("merge-preview", "data-state", "ready").await;
    page.hides("pick-mine").await;
    it.photograph("105-no-overlap").await;
    page.click("merge-commit").await;
    it.is_settled().await;
    it.it.canvas.is_editable().await;
    it.it.canvas.is_saved().await;
    for id in ["apple", "pear", "plum"] {
        assert!(it.is_adas(id).await, "{id}");
    }
    assert!(it.it.element("fig").await.is_some());
    assert_eq!(it.drawn().await, 1);
    it.it.library().await.has_no_drafts().await;
}

#[tokio::test]
async fn x05_all_mine_or_all_theirs_answers_everything_at_once() {
    let it = Disputed::new().await;
    let page = &it.it.canvas.page;
    page.click("conflict-merge").await;
    page.click("pick-all-mine").await;
    page.shows_css("[data-testid=\"merge-commit\"]:enabled").await;
    page.click("pick-all-theirs").await;
    page.click("merge-commit").await;
    it.is_settled().await;
    it.it.canvas.is_saved().await;
    assert_eq!(
        it.it.element("apple").await.expect("it is there")["backgroundColor"],
        crate::disputed::RED
    );
    assert!(it.it.element("pear").await.is_none());
    assert!(it.is_adas("plum").await);
    assert_eq!(it.drawn().await, 1);
    assert!(it.it.element("fig").await.is_some());
}

#[tokio::test]
async fn x06_a_copy_of_mine_is_a_canvas_of_its_own_and_the_original_theirs() {
    let it = Disputed::new().await;
    it.it.canvas.page.click("conflict-copy").await;
    it.is_settled().await;
    it.it.canvas.shows_elements(3).await;
    let copy = it.it.copy().await;
    assert_eq!(copy.len(), 4);
    assert!(copy.iter().any(|element| element["id"] == "pear"));
    assert_eq!(it.it.version().await, 2);
    it.it.ada.canvas("Sketch (copy)").await.shows_elements(4).await;
    it.it.library().await.has_no_drafts().await;
}

#[tokio::test]
async fn x06_deciding_later_looks_on_and_keeps_mine_as_a_draft_that_can_be_opened() {
    let it = Disputed::new().await;
    it.photograph("90-conflict").await;
    it.it.ada.desktop.press(&["Escape"]);
    it.is_settled().await;
    it.it.canvas.is_read_only().await;
    it.it.canvas.shows_elements(3).await;
    assert_eq!(it.it.version().await, 2);
    let window = it.it.ada.desktop.window(CANVAS).await;
    it.it.ada.desktop.screenshot_of(&window, "93-decided-later").await;
    let library = it.it.library().await;
    library.shows_draft(CANVAS).await;
    library.page.click("draft-open").await;
    it.it.canvas.page.shows("conflict-dialog").await;
    it.it.canvas.page.click("conflict-overwrite").await;
    it.is_settled().await;
    it.it.canvas.is_saved().await;
    assert!(it.is_adas("pear").await);
    library.has_no_drafts().await;
}

#[tokio::test]
async fn x04_a_second_conflict_while_merging_updates_it_and_keeps_the_choices() {
    let it = Disputed::still_held().await;
    let page = &it.it.canvas.page;
    page.click("conflict-merge").await;
    it.pick("apple", "mine").await;
    it.pick("pear", "mine").await;
    let plum = crate::shapes::changed(
        &crate::disputed::fruit()[2],
        &serde_json::json!({"backgroundColor": crate::disputed::RED}),
    );
    let again = [crate::shapes::put(&plum, 1)];
    it.ben.commit(&it.it.document, it.fence, &again).await.ok(200);
    page.says("conflict-updated", "version 3").await;
    page.shows_css(
        "[data-testid=\"difference\"][data-id=\"plum\"][data-mine=\"changed\"][data-theirs=\"changed\"]",
    )
    .await;
    for id in ["apple", "pear"] {
        page.shows_css(&format!(
            "[data-id=\"{id}\"] [data-testid=\"pick-mine\"][aria-pressed=\"true\"]"
        ))
        .await;
    }
    it.photograph("94-changed-again").await;
    page.shows_css("[data-testid=\"merge-commit\"]:disabled").await;
    it.pick("plum", "theirs").await;
    it.ben.close().await.ok(204);
    page.click("merge-commit").await;
    it.is_settled().await;
    it.it.canvas.is_saved().await;
    assert!(it.is_adas("apple").await && it.is_adas("pear").await);
    assert_eq!(
        it.it.element("plum").await.expect("it is there")["backgroundColor"],
        crate::disputed::RED
    );
    assert_eq!(it.drawn().await, 1);
}

#[tokio::test]
async fn x04_while_somebody_holds_it_only_what_writes_nothing_is_offered() {
    let it = Disputed::still_held().await;
    let page = &it.it.canvas.page;
    page.says("conflict-held", "Ben is editing").await;
    page.shows_css("[data-testid=\"conflict-overwrite\"]:disabled")
        .await;
    page.click("conflict-merge").await;
    page.click("pick-all-mine").await;
    page.shows_css("[data-testid=\"merge-commit\"]:disabled").await;
    it.photograph("95-still-held").await;
    // behind the dialog there is another
    page.click_css("[data-testid=\"conflict-dialog\"] [data-testid=\"take-over\"]")
        .await;
    page.fill("take-over-reason", "Both have to fit").await;
    page.click("take-over-confirm").await;
    page.hides("conflict-held").await;
    page.click("merge-commit").await;
    it.is_settled().await;
    it.it.canvas.is_saved().await;
    assert!(it.is_adas("apple").await && it.is_adas("pear").await);
    assert!(it.it.element("fig").await.is_some());
    assert_eq!(it.it.lock().await["user_id"], it.it.client.user_id());
}

#[tokio::test]
async fn x03_what_somebody_took_and_gave_back_unchanged_is_no_conflict() {
    let it = Disputed::before().await;
    it.it
        .canvas
        .page
        .says("lapsed-bar", "Others may be editing now")
        .await;
    it.it.comes_back().await;
    it.it.canvas.is_read_only().await;
    let window = it.it.ada.desktop.window(CANVAS).await;
    it.it.canvas.page.rests().await;
    it.it
        .ada
        .desktop
        .screenshot_of(&window, "96-taken-meanwhile")
        .await;
    it.ben.close().await.ok(204);
    it.it.canvas.page.shows("start-editing").await;
    it.it.canvas.page.click("start-editing").await;
    it.it.canvas.is_editable().await;
    it.it.canvas.is_saved().await;
    for id in ["apple", "pear", "plum"] {
        assert!(it.is_adas(id).await, "{id}");
    }
    assert_eq!(it.drawn().await, 1);
    it.it.library().await.has_no_drafts().await;
}

/// What of the dialog can't be brought into sight or not be clicked there.
const OUT_OF_SIGHT: &str = "[...document.querySelectorAll('[data-testid=\"conflict-dialog\"] button')].filter((one) => {
    one.scrollIntoView({ block: 'nearest' });
    const { left, right, top, bottom } = one.getBoundingClientRect();
    const list = one.closest('[data-testid=\"conflict-differences\"]');
    return list === null && (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight
      || right - left < 20 || !one.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2)));
  }).map((one) => one.textContent || one.ariaLabel)";

#[tokio::test]
async fn x04_the_dialog_fits_a_small_window_and_a_dark_one() {
    let it = Disputed::new().await;
    let page = &it.it.canvas.page;
    page.click("conflict-merge").await;
    it.pick("apple", "mine").await;
    page.attribute_is("merge-preview", "data-state", "ready").await;
    for (theme, size, name) in [
        ("dark", (1280, 860), "99-dark"),
        ("dark", (760, 600), "99-dark-and-small"),
        ("light", (760, 600), "99-small"),
        ("light", (480, 460), "99-very-small"),
    ] {
        let library = it.it.ada.library().await.page;
        library.click("settings-open").await;
        library.click("setting-theme").await;
        library
            .click_css(&format!("[role=\"option\"][data-value=\"{theme}\"]"))
            .await;
        library.press('\u{e00c}').await;
        library.hides("settings").await;
        page.until(
            "the theme is there",
            &format!("document.documentElement.dataset.theme === '{theme}'"),
        )
        .await;
        let window = it.it.ada.desktop.window(CANVAS).await;
        it.it.ada.desktop.resize(&window, size);
        let (width, height) = size;
        page.until(
            "the window has its size",
            &format!("innerWidth === {width} && innerHeight === {height}"),
        )
        .await;
        it.photograph(name).await;
        let hidden = page.evaluate(OUT_OF_SIGHT).await;
        assert_eq!(hidden, serde_json::json!([]), "{size:?}");
    }
}
