//! The desktop app in its real windows, driven through WebKit's own WebDriver.
//!
//! The app is the program that people get: it knows nothing of tests but `data-testid`s. Its windows are found by what
//! is in them, for their order says nothing.

mod page;

use std::{fs, net::TcpListener, path::Path, process::Command, sync::Arc, thread, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use thirtyfour::{Capabilities, WebDriver, session::handle::SessionHandle};
use tokio::{net::TcpStream, sync::Mutex};

pub use page::{Key, Page};

use crate::{
    binary::built,
    desktop::Desktop,
    eventually::{eventually, seconds, until},
    process::Process,
};

/// How long the app may take from its start to its first window, on a busy machine without a graphics card.
const START_WITHIN: Duration = seconds(60);

/// What WebKit says where it can't listen for its driver.
const PORT_TAKEN: &str = "Failed to start remote inspector server";

/// A command that starts the app as a person would, without WebDriver.
#[must_use]
pub fn command(desktop: &Desktop) -> Command {
    desktop.command(built("holdfast", "HOLDFAST_APP_BIN"))
}

/// The way to the app's windows. A driver looks at one window at a time, so whoever looks holds it meanwhile.
type Driver = Arc<Mutex<Arc<SessionHandle>>>;

/// A running app under WebDriver. Dropping it kills it.
#[derive(Debug)]
pub struct App {
    driver: Driver,
    pid: Pid,
    webdriver: Process,
    /// Takes a picture of the screen where a test fails while the app runs.
    camera: Command,
}

impl App {
    /// Starts the app on a desktop.
    pub async fn start(desktop: &Desktop) -> Self {
        Self::start_with(desktop, &[], &[]).await
    }

    /// Starts the app with arguments and environment variables.
    pub async fn start_with(desktop: &Desktop, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let program = built("holdfast", "HOLDFAST_APP_BIN");
        Self::start_program(desktop, &program, arguments, environment).await
    }

    /// [`App::start_with`] of another program with a WebKit window: what the app is compared with.
    ///
    /// # Panics
    ///
    /// Where it does not come up.
    pub async fn start_program(
        desktop: &Desktop,
        program: &Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        loop {
            if let Some(app) = Self::try_to_start(desktop, program, arguments, environment).await {
                return app;
            }
        }
    }

    /// None where WebKit's driver has chosen a port that is somebody else's: it can't be told one.
    async fn try_to_start(
        desktop: &Desktop,
        program: &Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Option<Self> {
        let port = free_port();
        let mut command = desktop.command("WebKitWebDriver");
        command
            .args(["--host=127.0.0.1".to_owned(), format!("--port={port}")])
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .envs(environment.iter().copied());
        let webdriver = Process::start("app", desktop.folder(), &mut command);
        // the log is that of all starts on this desktop
        let refused = || webdriver.log().matches(PORT_TAKEN).count();
        let before = refused();
        until("WebKitWebDriver listens", START_WITHIN, async || {
            TcpStream::connect(("127.0.0.1", port)).await.is_ok()
        })
        .await;
        let options = json!({"binary": program, "args": arguments});
        let mut capabilities = Capabilities::new();
        capabilities
            .set("webkitgtk:browserOptions", options)
            .expect("JSON is JSON");
        let connecting = WebDriver::builder(format!("http://127.0.0.1:{port}"), capabilities)
            .request_timeout(START_WITHIN)
            .connect();
        let driver = tokio::select! {
            driver = connecting => driver,
            () = until("the port is free or not", 2 * START_WITHIN, async || refused() > before) => {
                if let Some(app) = child_of(webdriver.id()) {
                    let _ = kill_process(app, Signal::KILL);
                    until("the app is gone", seconds(10), async || child_of(webdriver.id()).is_none()).await;
                }
                return None;
            }
        };
        let driver =
            driver.unwrap_or_else(|error| panic!("the app did not come up: {error}\n{}", webdriver.log()));
        let session = Arc::clone(driver.handle());
        // the session ends with the app, which is killed: nobody would answer a goodbye
        driver.leak().expect("a new session has not ended");
        let pid = eventually("the app runs below its driver", seconds(5), async || {
            child_of(webdriver.id())
        })
        .await;
        Some(Self {
            driver: Arc::new(Mutex::new(session)),
            pid,
            webdriver,
            camera: desktop
                .camera("root", &format!("failed-{}-{port}", test_name()))
                .0,
        })
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.pid.as_raw_nonzero().get().cast_unsigned()
    }

    /// What it has written to standard error.
    #[must_use]
    pub fn log(&self) -> String {
        self.webdriver.log()
    }

    /// Sends a signal to the app.
    pub fn signal(&self, signal: Signal) {
        let _ = kill_process(self.pid, signal);
    }

    /// SIGKILL, as a crash: no goodbye to anybody.
    pub async fn kill(&self) {
        self.signal(Signal::KILL);
        self.end(seconds(10)).await;
    }

    /// Waits until the app has ended.
    pub async fn end(&self, within: Duration) {
        until("the app ends", within, async || !self.runs()).await;
    }

    /// Whether the app runs. A process that ended but was not waited for runs no more.
    #[must_use]
    pub fn runs(&self) -> bool {
        state_and_parent(self.id()).is_some_and(|(state, _)| state != 'Z')
    }

    /// Waits for the window in which a JavaScript expression holds, as `document.title.startsWith("A")`.
    pub async fn window(&self, what: &str, expression: &str) -> Page {
        self.window_within(what, expression, seconds(30)).await
    }

    /// [`App::window`] where a rule times it.
    pub async fn window_within(&self, what: &str, expression: &str, within: Duration) -> Page {
        let what = format!("a window is there: {what}");
        eventually(&what, within, async || self.windows(expression).await.pop()).await
    }

    /// Waits for the window that shows an element with this `data-testid`.
    pub async fn window_with(&self, testid: &str) -> Page {
        self.window(
            testid,
            &format!("document.querySelector('[data-testid=\"{testid}\"]') !== null"),
        )
        .await
    }

    /// All windows in which a JavaScript expression holds.
    pub async fn windows(&self, expression: &str) -> Vec<Page> {
        let handles = self.driver.lock().await.windows().await.unwrap_or_default();
        let mut found = Vec::new();
        for handle in handles {
            let page = Page::new(Arc::clone(&self.driver), handle);
            if page
                .try_evaluate(expression)
                .await
                .is_some_and(|value| value == true)
            {
                found.push(page);
            }
        }
        found
    }
}

impl Drop for App {
    fn drop(&mut self) {
        if thread::panicking() {
            let _ = self.camera.status();
        }
        self.signal(Signal::KILL);
    }
}

/// The test that runs: Rust's test harness names a thread after each.
fn test_name() -> String {
    let thread = thread::current();
    let name = thread.name().unwrap_or("test");
    name.rsplit("::").next().unwrap_or(name).to_owned()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener
        .local_addr()
        .expect("a bound listener has an address")
        .port()
}

/// The first live child of a process.
fn child_of(parent: u32) -> Option<Pid> {
    let processes = fs::read_dir("/proc").ok()?;
    let ids = processes
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let child = ids
        .filter(|id| state_and_parent(*id).is_some_and(|(state, of)| state != 'Z' && of == parent))
        .min()?;
    Pid::from_raw(child.cast_signed())
}

/// What `/proc` says of a process: its state and its parent.
fn state_and_parent(id: u32) -> Option<(char, u32)> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // the program's name is in brackets and may itself contain some
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}
