//! The conflict dialog at its limits: three thousand differences, and nothing but a keyboard.

use std::time::Instant;

use holdfast_testkit::{eventually::until, seconds};
use serde_json::{Value, json};

use crate::{
    disputed::{Disputed, RED, SHORT_LEASE, move_everything},
    linked::Linked,
    shapes,
};

const MANY: usize = 3_000;

/// A drawing order for thousands: `b00` to `bzz`.
fn index(number: usize) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    format!(
        "b{}{}",
        char::from(DIGITS[number / 62]),
        char::from(DIGITS[number % 62])
    )
}

fn many() -> Vec<Value> {
    let place = |number: usize| i64::try_from(number).expect("a small number");
    let one = |number| {
        let at = (place(number % 75) * 14, place(number / 75) * 14);
        shapes::rectangle(&format!("e{number}"), &index(number), at, (10, 10))
    };
    (0..MANY).map(one).collect()
}

#[tokio::test]
async fn x04_three_thousand_differences_are_shown_chosen_and_merged() {
    let it = Linked::with(&SHORT_LEASE, &many()).await;
    let ben = it.ben().await;
    it.goes_offline().await;
    move_everything(&it).await;
    it.is_free(seconds(15)).await;
    let fence = ben.lock(&it.document).await;
    let red = |element: &Value| shapes::changed(element, &json!({"strokeColor": "#e03131"}));
    let painted: Vec<_> = many()
        .iter()
        .map(|element| shapes::put(&red(element), 1))
        .collect();
    ben.commit(&it.document, fence, &painted).await.ok(200);
    ben.close().await.ok(204);
    it.comes_back().await;
    let page = &it.canvas.page;
    page.shows("conflict-dialog").await;
    let shown = Instant::now();
    page.says("conflict-dialog", "3,000 differences").await;
    page.attribute_is("conflict-mine", "data-state", "ready").await;
    eprintln!("first picture {:?} after the dialog", shown.elapsed());
    assert!(shown.elapsed() < seconds(10));
    page.attribute_is("conflict-theirs", "data-state", "ready").await;
    eprintln!("second picture {:?} after the dialog", shown.elapsed());
    let rows = page
        .evaluate("document.querySelectorAll('[data-testid=\"difference\"]').length")
        .await;
    assert!(
        rows.as_u64() < Some(100),
        "only rows in sight are in the page: {rows}"
    );

    page.click("conflict-merge").await;
    let merging = Instant::now();
    page.attribute_is("merge-preview", "data-state", "ready").await;
    eprintln!("preview {:?} after the choice", merging.elapsed());
    page.click_css("[data-testid=\"difference\"]").await;
    it.ada.desktop.press(&["End"]);
    page.shows_css("[data-testid=\"difference\"][data-id=\"e2999\"][aria-selected=\"true\"]")
        .await;
    let window = it.ada.desktop.window(crate::linked::CANVAS).await;
    page.click("pick-all-theirs").await;
    page.attribute_is("merge-preview", "data-state", "ready").await;
    page.rests().await;
    it.ada.desktop.screenshot_of(&window, "97-three-thousand").await;
    page.click("merge-commit").await;
    page.hides("conflict-dialog").await;
    it.canvas.is_saved().await;
    let stored = it.stored().await;
    assert_eq!(stored.len(), MANY);
    assert!(stored.iter().all(|element| element["strokeColor"] == "#e03131"));
    eprintln!("merged {:?} after the dialog", shown.elapsed());
}

/// What has the focus: its `data-testid`, or its tag; with its name.
async fn focus(it: &Disputed) -> (String, String) {
    let expression = "(() => { const one = document.activeElement; return [one?.dataset.testid ?? one?.tagName ?? '', \
                      one?.getAttribute('aria-label') ?? one?.textContent ?? '']; })()";
    let value = it.it.canvas.page.evaluate(expression).await;
    let text = |at: usize| value[at].as_str().unwrap_or_default().to_owned();
    (text(0), text(1))
}

/// Presses Tab until something has the focus; everything on the way has to have a name.
async fn tab_to(it: &Disputed, testid: &str) {
    let mut passed = Vec::new();
    for _ in 0..40 {
        let before = focus(it).await;
        if before.0 == testid {
            return;
        }
        it.it.ada.desktop.press(&["Tab"]);
        until("the focus moves on", seconds(5), async || {
            focus(it).await != before
        })
        .await;
        let (now, name) = focus(it).await;
        assert!(!name.trim().is_empty(), "{now} has no name");
        passed.push(now);
    }
    panic!("Tab does not lead to {testid}: {passed:?}");
}

#[tokio::test]
async fn x04_a_keyboard_is_enough() {
    let it = Disputed::new().await;
    let desktop = &it.it.ada.desktop;
    let window = desktop.window(crate::linked::CANVAS).await;
    it.photograph("90-conflict").await;
    desktop.raise(&window);
    let page = &it.it.canvas.page;
    assert_eq!(
        focus(&it).await.0,
        "conflict-dialog",
        "nothing is chosen by a key on its way"
    );
    tab_to(&it, "conflict-merge").await;
    desktop.press(&["space"]);
    page.shows_css("[data-testid=\"conflict-merge\"][aria-pressed=\"true\"]")
        .await;
    tab_to(&it, "difference").await;
    desktop.press(&["Home"]);
    page.shows_css("[data-testid=\"difference\"][data-id=\"apple\"][aria-selected=\"true\"]")
        .await;
    desktop.press(&["Left", "Down", "Right"]);
    page.shows_css("[data-id=\"apple\"] [data-testid=\"pick-mine\"][aria-pressed=\"true\"]")
        .await;
    page.shows_css("[data-id=\"pear\"] [data-testid=\"pick-theirs\"][aria-pressed=\"true\"]")
        .await;
    page.shows_css("[data-testid=\"merge-commit\"]:enabled").await;
    tab_to(&it, "merge-commit").await;
    it.photograph("98-by-keyboard").await;
    desktop.press(&["Return"]);
    it.is_settled().await;
    it.it.canvas.is_saved().await;
    let apple = it.it.element("apple").await.expect("it is there");
    assert_ne!(apple["backgroundColor"], RED);
    assert!(it.it.element("pear").await.is_none());
    assert!(it.it.element("fig").await.is_some());
}
