//! Somebody at a desktop of their own, with the app in front of them.

use holdfast_testkit::{
    Client, Server,
    app::App,
    desktop::{Desktop, Furniture},
    eventually, seconds,
    server::PASSWORD,
};

use crate::{canvas::Canvas, library::Library};

pub(crate) struct Person {
    // the app goes before the desktop that it runs on
    pub(crate) app: App,
    pub(crate) desktop: Desktop,
}

impl Person {
    /// A person who has just started the app for the first time.
    pub(crate) async fn new() -> Self {
        Self::at(Desktop::start().await).await
    }

    /// [`Person::new`] at a desktop that lacks something.
    pub(crate) async fn with(furniture: Furniture) -> Self {
        Self::at(Desktop::furnished(furniture).await).await
    }

    async fn at(desktop: Desktop) -> Self {
        let app = App::start(&desktop).await;
        Self { app, desktop }
    }

    /// [`Person::new`] whose app is told something by the environment.
    pub(crate) async fn told(environment: &[(&str, &str)]) -> Self {
        let desktop = Desktop::start().await;
        let app = App::start_with(&desktop, &[], environment).await;
        Self { app, desktop }
    }

    /// Starts the app again on the same desktop, after it has ended.
    pub(crate) async fn start_again(self) -> Self {
        self.start_again_with(&[]).await
    }

    /// [`Person::start_again`] with arguments.
    pub(crate) async fn start_again_with(self, arguments: &[&str]) -> Self {
        let Self { app, desktop } = self;
        drop(app);
        let app = App::start_with(&desktop, arguments, &[]).await;
        Self { app, desktop }
    }

    /// The library window.
    pub(crate) async fn library(&self) -> Library {
        Library::new(self.app.window_with("library").await)
    }

    /// The one window in which a canvas of this name is open and painted.
    pub(crate) async fn canvas(&self, name: &str) -> Canvas {
        let canvas = Canvas::new(self.app.window(name, &Canvas::is_named(name)).await);
        canvas.is_painted().await;
        canvas
    }

    /// All windows in which a canvas of this name is open, as soon as there are `count`.
    pub(crate) async fn canvases(&self, name: &str, count: usize) -> Vec<Canvas> {
        let what = format!("{count} windows show {name}");
        let pages = eventually(&what, seconds(30), async || {
            let pages = self.app.windows(&Canvas::is_named(name)).await;
            (pages.len() == count).then_some(pages)
        })
        .await;
        let canvases: Vec<_> = pages.into_iter().map(Canvas::new).collect();
        for canvas in &canvases {
            canvas.is_painted().await;
        }
        canvases
    }

    /// Closes a canvas's window as its close button does, and waits until it is gone.
    pub(crate) async fn close(&self, name: &str) {
        let window = self.desktop.window(name).await;
        self.desktop.close(&window);
        self.desktop.window_is_gone(name).await;
    }

    /// Makes an account on a server and signs the app in to it; answers a client of the same account for looking on.
    pub(crate) async fn join(&self, server: &Server, name: &str) -> Client {
        let client = server.user(name).await;
        let email = format!("{}@example.org", name.to_lowercase());
        self.library()
            .await
            .sign_in(&server.url(), &email, PASSWORD)
            .await;
        client
    }

    /// Answers a native file dialog with a path, as typing it and pressing Return does.
    ///
    /// Such a dialog loses keys while it brings up its field for paths, and then complains: that is closed, and the path
    /// typed again.
    pub(crate) async fn choose_file(&self, path: &std::path::Path, dialog: &str) {
        let window = self.desktop.window(dialog).await;
        let gone = || !self.desktop.windows().iter().any(|other| other.id == window.id);
        eventually("the file is chosen", seconds(30), async || {
            if gone() {
                return Some(());
            }
            self.desktop.raise(&window);
            if self.desktop.active_title()? != window.title {
                self.desktop.press(&["Escape"]);
                return None;
            }
            self.desktop.press(&["ctrl+l", "ctrl+a"]);
            self.desktop.type_text(&path.to_string_lossy());
            self.desktop.press(&["Return"]);
            let closes = async { eventually("it closes", seconds(2), async || gone().then_some(())).await };
            tokio::time::timeout(seconds(1), closes).await.ok()
        })
        .await;
    }

    /// Brings a file in through the native dialog and waits for its card.
    pub(crate) async fn import(&self, path: &std::path::Path, name: &str) {
        let library = self.library().await;
        library.page.click("import").await;
        self.choose_file(path, "Open").await;
        library
            .page
            .shows_css("[data-testid=\"progress\"][data-state=\"done\"]")
            .await;
        library.shows_card(name).await;
    }
}
