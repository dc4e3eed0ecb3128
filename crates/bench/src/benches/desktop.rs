//! A desktop of somebody who has drawn before: what the app finds when it is started on most days.

use holdfast_testkit::{
    app::{App, Page},
    binary::{built, repository},
    desktop::Desktop,
    process::Signal,
    seconds,
};

/// Holds in a window whose drawing is on the screen.
pub(super) const PAINTED: &str =
    "document.querySelector('[data-testid=\"canvas\"]')?.dataset.ready === 'true'";
/// The drawing, and its name in the library.
const DRAWING: &str = "landing-page";

/// A desktop with one drawing in the app.
pub(super) struct Studio {
    pub(super) desktop: Desktop,
    document: String,
}

impl Studio {
    /// Starts the app for the first time and brings the drawing in.
    pub(super) async fn furnish() -> Self {
        let desktop = Desktop::start().await;
        let file = repository().join(format!("tests/samples/{DRAWING}.excalidraw"));
        let app = App::start_with(&desktop, &[&file.to_string_lossy()], &[]).await;
        let page = app.window("the drawing is painted", PAINTED).await;
        page.attribute_is("save-state", "data-state", "saved").await;
        quit(&app).await;
        drop(app);
        let app = App::start(&desktop).await;
        let library = app.window_with("library").await;
        library.shows_css(&card()).await;
        let document = library
            .evaluate(&format!("document.querySelector({:?}).dataset.id", card()))
            .await;
        quit(&app).await;
        Self {
            desktop,
            document: document.as_str().unwrap_or_default().to_owned(),
        }
    }

    /// Starts the app on the drawing and nothing else.
    pub(super) async fn open_drawing(&self) -> App {
        let link = format!("holdfast://document/{}?server=device", self.document);
        App::start_with(&self.desktop, &[&link], &[]).await
    }

    /// Starts the bare window.
    pub(super) async fn open_bare_window(&self) -> App {
        let program = built("bare-window", "HOLDFAST_BARE_WINDOW_BIN");
        App::start_program(&self.desktop, &program, &[], &[]).await
    }

    /// Starts the app with its library and opens the drawing in two windows; the first one may edit it.
    pub(super) async fn open_twice(&self) -> (App, Page, Page) {
        let app = App::start(&self.desktop).await;
        let library = app.window_with("library").await;
        choose(&library, "menu-open").await;
        let editor = app.window("an editable canvas", &painted_and("true")).await;
        choose(&library, "menu-open-new-window").await;
        let watcher = app.window("a read-only canvas", &painted_and("false")).await;
        (app, editor, watcher)
    }
}

/// Ends the app as a session's end does: what it holds is released.
pub(super) async fn quit(app: &App) {
    app.signal(Signal::TERM);
    app.end(seconds(15)).await;
}

async fn choose(library: &Page, item: &str) {
    library.shows_css(&card()).await;
    library
        .click_css(&format!("{} [data-testid=\"card-menu\"]", card()))
        .await;
    library.click(item).await;
}

fn card() -> String {
    format!("[data-testid=\"card\"][data-name=\"{DRAWING}\"]")
}

fn painted_and(editable: &str) -> String {
    format!(
        "{PAINTED} && document.querySelector('[data-testid=\"canvas\"]').dataset.editable === '{editable}'"
    )
}
