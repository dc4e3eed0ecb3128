//! The tray icon: whether something is held or out of reach, and a way back to every window.
//!
//! A desktop may have no tray. Then closing the last window quits, for there would be no way back in (C05).

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use holdfast_client::view::{AppState, ConnectionView, LockView, ServerId};
use tauri::{
    AppHandle,
    image::Image,
    include_image,
    menu::{Menu, MenuBuilder, MenuItemBuilder},
    tray::{TrayIcon, TrayIconBuilder},
};

use crate::{
    host::{Shared, lock},
    shutdown,
    windows::{self, Mode},
    words,
};

const LIBRARY: &str = "library";
const QUIT: &str = "quit";
/// Ids of lines that bring a window to the front begin with this.
const FOCUS: &str = "focus ";
/// Ids of lines that open a document: this, the document, a space, the server.
const OPEN: &str = "open ";

/// The tray icon, where there is one.
#[derive(Default)]
pub(crate) struct Tray {
    icon: Mutex<Option<TrayIcon>>,
    shown: Mutex<Option<Shown>>,
    there: AtomicBool,
}

impl std::fmt::Debug for Tray {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tray")
            .field("there", &self.there)
            .finish_non_exhaustive()
    }
}

/// What the icon says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Idle,
    Holding,
    Offline,
}

/// All that the tray shows.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shown {
    mood: Mood,
    /// Window and name.
    held: Vec<(String, String)>,
    /// Id of the line and name.
    waiting: Vec<(String, String)>,
}

impl Tray {
    /// Whether a user without windows could come back through it.
    pub(crate) fn is_there(&self) -> bool {
        self.there.load(Ordering::Relaxed)
    }
}

/// Puts the icon into the tray, or tells the user that there is none. On the main thread.
pub(crate) fn start(host: &Shared) {
    let empty = Shown {
        mood: Mood::Idle,
        held: Vec::new(),
        waiting: Vec::new(),
    };
    match host_is_there().and_then(|()| build(host, &empty)) {
        Ok(icon) => {
            *lock(&host.tray.icon) = Some(icon);
            *lock(&host.tray.shown) = Some(empty);
            host.tray.there.store(true, Ordering::Relaxed);
        }
        Err(reason) => {
            tracing::info!(reason, "no tray");
            host.tell(words::no_tray());
        }
    }
}

fn build(host: &Shared, shown: &Shown) -> Result<TrayIcon, String> {
    let menu = menu(&host.app, shown).map_err(|error| error.to_string())?;
    let chosen = Arc::clone(host);
    let builder = TrayIconBuilder::with_id("holdfast")
        .icon(picture(shown.mood))
        .tooltip(words::LIBRARY)
        .menu(&menu)
        .on_menu_event(move |_, event| choose(&chosen, event.id().as_ref()));
    // The tray's system library is looked for at run time, and its absence is a panic over there.
    let built = catch_unwind(AssertUnwindSafe(|| builder.build(&host.app)));
    match built {
        Ok(icon) => icon.map_err(|error| error.to_string()),
        Err(_) => Err("the system's library for tray icons is missing".to_owned()),
    }
}

/// Whether anybody on this desktop shows tray icons: an icon is made all the same where nobody does.
#[cfg(target_os = "linux")]
fn host_is_there() -> Result<(), String> {
    let asked = zbus::blocking::Connection::session().and_then(|bus| {
        let names = zbus::blocking::fdo::DBusProxy::new(&bus)?;
        let watcher = zbus::names::BusName::try_from("org.kde.StatusNotifierWatcher")?;
        Ok(names.name_has_owner(watcher)?)
    });
    match asked {
        Ok(true) => Ok(()),
        Ok(false) => Err("nobody on this desktop shows tray icons".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Other systems always have one.
#[cfg(not(target_os = "linux"))]
fn host_is_there() -> Result<(), String> {
    Ok(())
}

/// Shows the state of the app. From any thread.
pub(crate) fn update(host: &Shared, state: &AppState) {
    if !host.tray.is_there() {
        return;
    }
    let now = shown(host, state);
    let before = lock(&host.tray.shown).replace(now.clone());
    if before.as_ref() == Some(&now) {
        return;
    }
    let worker = Arc::clone(host);
    let shown = host.app.run_on_main_thread(move || {
        if let Err(error) = show(&worker, &now) {
            tracing::warn!(%error, "the tray could not be updated");
        }
    });
    if let Err(error) = shown {
        tracing::warn!(%error, "the tray could not be updated");
    }
}

fn show(host: &Shared, shown: &Shown) -> tauri::Result<()> {
    let icon = lock(&host.tray.icon);
    let Some(icon) = icon.as_ref() else {
        return Ok(());
    };
    icon.set_icon(Some(picture(shown.mood)))?;
    icon.set_menu(Some(menu(&host.app, shown)?))
}

fn shown(host: &Shared, state: &AppState) -> Shown {
    let mut held: Vec<(String, String)> = Vec::new();
    for canvas in host.windows.all() {
        let state = canvas.state().borrow().clone();
        if matches!(state.lock, LockView::Held { .. }) {
            held.push((canvas.window().to_owned(), state.name));
        }
    }
    held.sort_by(|one, other| one.1.cmp(&other.1));
    let waiting = state.waiting.iter().map(|wait| {
        let id = format!("{OPEN}{} {}", wait.document_id, wait.server.0);
        (id, wait.name.clone())
    });
    Shown {
        mood: mood(state, !held.is_empty()),
        held,
        waiting: waiting.collect(),
    }
}

/// Out of reach matters more than held, for it says that the lock may be lost.
fn mood(state: &AppState, holding: bool) -> Mood {
    let offline = |connection: &ConnectionView| matches!(connection, ConnectionView::Offline { .. });
    if state.servers.iter().any(|server| offline(&server.connection)) {
        Mood::Offline
    } else if holding {
        Mood::Holding
    } else {
        Mood::Idle
    }
}

fn picture(mood: Mood) -> Image<'static> {
    match mood {
        Mood::Idle => include_image!("icons/tray-idle.png"),
        Mood::Holding => include_image!("icons/tray-holding.png"),
        Mood::Offline => include_image!("icons/tray-offline.png"),
    }
}

fn menu(app: &AppHandle, shown: &Shown) -> tauri::Result<Menu<tauri::Wry>> {
    let heading = |text| MenuItemBuilder::new(text).enabled(false).build(app);
    let mut menu = MenuBuilder::new(app).text(LIBRARY, words::menu::LIBRARY);
    if !shown.held.is_empty() {
        menu = menu.separator().item(&heading(words::menu::HELD)?);
        for (window, name) in &shown.held {
            menu = menu.text(format!("{FOCUS}{window}"), plain(name));
        }
    }
    if !shown.waiting.is_empty() {
        menu = menu.separator().item(&heading(words::menu::WAITING)?);
        for (id, name) in &shown.waiting {
            menu = menu.text(id, plain(name));
        }
    }
    menu.separator().text(QUIT, words::menu::QUIT).build()
}

/// A name as a menu shows it letter by letter: `&` alone would mark the key of the letter after it.
fn plain(name: &str) -> String {
    name.replace('&', "&&")
}

fn choose(host: &Shared, id: &str) {
    let host = Arc::clone(host);
    let id = id.to_owned();
    tauri::async_runtime::spawn(async move {
        let done = if id == QUIT {
            shutdown::quit(&host).await;
            Ok(())
        } else if let Some(window) = id.strip_prefix(FOCUS) {
            windows::focus(&host.app, window)
        } else if let Some((document, server)) = id.strip_prefix(OPEN).and_then(|id| id.split_once(' ')) {
            match document.parse() {
                Ok(document) => {
                    windows::open(&host, &ServerId(server.to_owned()), document, Mode::Edit).await
                }
                Err(_) => Ok(()),
            }
        } else {
            windows::library(&host.app)
        };
        if let Err(error) = done {
            host.tell(words::arrival_failed(&error));
            let _ = windows::library(&host.app);
        }
    });
}
