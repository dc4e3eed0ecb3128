//! A canvas window.

use std::time::{Duration, Instant};

use holdfast_testkit::app::Page;

pub(crate) struct Canvas {
    pub(crate) page: Page,
}

impl Canvas {
    pub(crate) fn new(page: Page) -> Self {
        Self { page }
    }

    /// A JavaScript expression that holds in the windows that show a canvas of this name.
    pub(crate) fn is_named(name: &str) -> String {
        format!("document.querySelector('[data-testid=\"canvas-name\"]')?.textContent?.trim() === {name:?}")
    }

    /// Waits until the drawing is on the screen.
    pub(crate) async fn is_painted(&self) {
        self.page.attribute_is("canvas", "data-ready", "true").await;
    }

    /// Waits until strokes are accepted.
    pub(crate) async fn is_editable(&self) {
        self.page.attribute_is("canvas", "data-editable", "true").await;
    }

    /// Waits until strokes are refused.
    pub(crate) async fn is_read_only(&self) {
        self.page.attribute_is("canvas", "data-editable", "false").await;
    }

    /// Whether strokes are accepted now.
    pub(crate) async fn takes_strokes(&self) -> bool {
        self.page.attribute("canvas", "data-editable").await == "true"
    }

    /// How many live elements are shown.
    pub(crate) async fn elements(&self) -> u64 {
        self.page
            .attribute("canvas", "data-elements")
            .await
            .parse()
            .expect("data-elements is a count")
    }

    /// Waits until so many elements are shown; answers how long it took.
    pub(crate) async fn shows_elements(&self, count: u64) -> Duration {
        let start = Instant::now();
        self.page
            .attribute_is("canvas", "data-elements", &count.to_string())
            .await;
        start.elapsed()
    }

    /// Waits until everything is at the server.
    pub(crate) async fn is_saved(&self) {
        self.page.attribute_is("save-state", "data-state", "saved").await;
    }

    /// Draws a rectangle and waits until it is shown here.
    pub(crate) async fn draw(&self, from: (i64, i64), to: (i64, i64)) {
        let before = self.elements().await;
        self.try_to_draw(from, to).await;
        self.shows_elements(before + 1).await;
    }

    /// Makes the moves that draw a rectangle where that is allowed.
    pub(crate) async fn try_to_draw(&self, from: (i64, i64), to: (i64, i64)) {
        // the keyboard belongs to what was clicked last; a second click at the same place would be a double click
        self.page.click_at(from.0 - 60, from.1 - 40).await;
        self.page.press('r').await;
        self.page.drag(from, to).await;
    }

    /// Waits until the bar says who holds the canvas.
    pub(crate) async fn is_held_by(&self, who: &str) {
        self.page.says("held-bar", who).await;
        self.is_read_only().await;
    }

    /// Waits until somebody is shown as present.
    pub(crate) async fn shows_person(&self, name: &str) {
        self.page
            .shows_css(&format!("[data-testid=\"person\"][data-name=\"{name}\"]"))
            .await;
    }
}
