//! A canvas that two people have changed, and the dialog that says so.
//!
//! What was there: an apple, a pear and a plum. Ada, who is offline, moves all of them and draws one more. Ben paints the apple,
//! deletes the pear and adds a fig. So both did something to the apple and to the pear; all else is one side's.

use holdfast_testkit::{Session, app::Key, seconds};
use serde_json::{Value, json};

use crate::{linked::Linked, shapes};

/// A lease as short as a session may have, so that it ends while a test looks on.
pub(crate) const SHORT_LEASE: [&str; 4] = ["--lease-ttl", "10s", "--grace", "500ms"];

pub(crate) const RED: &str = "#ffc9c9";
const ARROW_RIGHT: char = '\u{e014}';

pub(crate) struct Disputed {
    pub(crate) it: Linked,
    pub(crate) ben: Session,
    pub(crate) fence: i64,
}

/// What was there.
pub(crate) fn fruit() -> [Value; 3] {
    let painted = |id, index, x, colour| {
        let plain = shapes::rectangle(id, index, (x, 0), (160, 110));
        shapes::changed(&plain, &json!({"backgroundColor": colour}))
    };
    [
        painted("apple", "a1", 0, "#b2f2bb"),
        painted("pear", "a2", 240, "#ffec99"),
        painted("plum", "a3", 480, "#d0bfff"),
    ]
}

/// Where the fruit is after Ada has moved it.
pub(crate) fn moved(id: &str) -> i64 {
    match id {
        "apple" => 5,
        "pear" => 245,
        _ => 485,
    }
}

pub(crate) fn by_ben() -> [Value; 3] {
    let [apple, pear, _] = fruit();
    let painted = shapes::changed(&apple, &json!({"backgroundColor": RED}));
    let fig = shapes::rectangle("fig", "a4", (0, 200), (160, 110));
    [
        shapes::put(&painted, 1),
        json!({"op": "delete", "id": pear["id"], "base_version": 1}),
        shapes::put(&fig, 0),
    ]
}

impl Disputed {
    /// Both have changed it, Ben has gone, and Ada is asked.
    pub(crate) async fn new() -> Self {
        let it = Self::still_held().await;
        it.ben.close().await.ok(204);
        it.it
            .canvas
            .page
            .until(
                "the way is free",
                "document.querySelector('[data-testid=\"conflict-held\"]') === null",
            )
            .await;
        it
    }

    /// Both have changed it, Ben still holds it, and Ada is asked.
    pub(crate) async fn still_held() -> Self {
        let it = Self::before().await;
        it.ben.commit(&it.it.document, it.fence, &by_ben()).await.ok(200);
        it.it.comes_back().await;
        it.it.canvas.page.shows("conflict-dialog").await;
        it
    }

    /// Ada has changed it and is away; Ben holds it and has not saved yet.
    pub(crate) async fn before() -> Self {
        let it = Linked::with(&SHORT_LEASE, &fruit()).await;
        let ben = it.ben().await;
        it.goes_offline().await;
        move_everything(&it).await;
        it.canvas.draw((900, 700), (1000, 760)).await;
        it.is_free(seconds(15)).await;
        let fence = ben.lock(&it.document).await;
        Self { it, ben, fence }
    }

    /// Waits until both pictures are drawn, and takes a picture of all.
    pub(crate) async fn photograph(&self, name: &str) {
        let page = &self.it.canvas.page;
        for side in ["conflict-mine", "conflict-theirs"] {
            page.attribute_is(side, "data-state", "ready").await;
        }
        page.rests().await;
        let window = self.it.ada.desktop.window(crate::linked::CANVAS).await;
        self.it.ada.desktop.screenshot_of(&window, name).await;
    }

    /// Takes a side for an element.
    pub(crate) async fn pick(&self, id: &str, side: &str) {
        let button = format!("[data-testid=\"difference\"][data-id=\"{id}\"] [data-testid=\"pick-{side}\"]");
        self.it.canvas.page.click_css(&button).await;
    }

    /// Waits until the dialog has gone.
    pub(crate) async fn is_settled(&self) {
        self.it.canvas.page.hides("conflict-dialog").await;
    }

    /// Whether the server has Ada's state of an element.
    pub(crate) async fn is_adas(&self, id: &str) -> bool {
        let element = self.it.element(id).await;
        element.is_some_and(|element| element["x"] == moved(id) && element["backgroundColor"] != RED)
    }

    /// How many of the server's elements are neither fruit nor Ben's: what Ada has drawn.
    pub(crate) async fn drawn(&self) -> usize {
        let known = ["apple", "pear", "plum", "fig"];
        let stored = self.it.stored().await;
        let drawn = stored
            .iter()
            .filter(|element| !known.contains(&element["id"].as_str().unwrap_or_default()));
        drawn.count()
    }

    /// What Ben had saved, as the history has it.
    pub(crate) async fn bens_version_is_in_the_history(&self) {
        let path = format!("/v1/documents/{}/content?version=2", self.it.document);
        let old = crate::linked::live(&self.it.client.get(&path).await.ok(200).body);
        let ids: Vec<_> = old.iter().map(|element| element["id"].clone()).collect();
        assert_eq!(ids, ["apple", "plum", "fig"]);
        assert_eq!(old[0]["backgroundColor"], RED);
    }
}

/// Ada selects all and moves it by five.
pub(crate) async fn move_everything(it: &Linked) {
    let page = &it.canvas.page;
    page.click_at(900, 760).await;
    page.press_with(&[Key::Control], 'a').await;
    page.press_with(&[Key::Shift], ARROW_RIGHT).await;
    // on a busy machine the lock has run out by now
    page.until(
        "the change is kept on this device",
        "['offline', 'draft'].includes(document.querySelector('[data-testid=\"save-state\"]').dataset.state)",
    )
    .await;
    page.press('\u{e00c}').await;
}
