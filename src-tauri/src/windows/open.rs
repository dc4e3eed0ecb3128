//! Opening windows and bringing them to the front.

use std::sync::Arc;

use holdfast_client::{
    Canvas, Freed, OpenMode,
    view::{CanvasState, CommandError, LockView, LossReason, ServerId, Theme},
};
use holdfast_protocol::DocumentId;
use serde::Deserialize;
use tauri::{
    AppHandle, Manager as _, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
    webview::{DownloadEvent, NewWindowResponse},
};
use url::Url;
use uuid::Uuid;

use super::{CANVAS, LIBRARY};
use crate::{
    host::{CLOSE_BUDGET, Shared},
    notifications, words,
};

/// How a window wants to see a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// In the window that shows it already, else in a new one that asks for the lock.
    Edit,
    /// In a new window that only looks.
    ReadOnly,
    /// In a new window that asks for the lock.
    NewWindow,
}

/// Opens a document. Twice at the same moment opens it once.
pub(crate) async fn open(
    host: &Shared,
    server: &ServerId,
    document: DocumentId,
    mode: Mode,
) -> Result<(), CommandError> {
    let Some(_opening) = host.windows.begin_open(server, document) else {
        return Ok(());
    };
    if mode == Mode::Edit
        && let Some(canvas) = host.windows.showing(server, document)
    {
        return edit_there(host, &canvas).await;
    }
    let open_mode = match mode {
        Mode::Edit | Mode::NewWindow => OpenMode::Edit,
        Mode::ReadOnly => OpenMode::ReadOnly,
    };
    let label = format!("{CANVAS}{}", Uuid::new_v4());
    let server = host.server(server)?;
    let canvas = server.open_canvas(document, open_mode, &label).await?;
    host.windows.insert(canvas.clone());
    if let Err(error) = canvas_window(host, &canvas) {
        host.windows.remove(&label);
        canvas.close(CLOSE_BUDGET).await;
        return Err(words::window_failed(&error));
    }
    follow(host, &canvas);
    Ok(())
}

/// Brings the window to the front, and takes the lock if nobody has it.
async fn edit_there(host: &Shared, canvas: &Canvas) -> Result<(), CommandError> {
    focus(&host.app, canvas.window())?;
    if is_free(&canvas.state().borrow().lock) {
        canvas.start_editing().await?;
    }
    Ok(())
}

/// Whether nobody has the lock, as far as the window knows, and asking for it again makes sense.
fn is_free(lock: &LockView) -> bool {
    match lock {
        LockView::Free => true,
        LockView::Lost { holder, why, .. } => {
            holder.is_none() && !matches!(why, LossReason::Revoked | LossReason::SignedOut)
        }
        _ => false,
    }
}

/// Brings a window to the front, wherever it is.
pub(crate) fn focus(app: &AppHandle, label: &str) -> Result<(), CommandError> {
    let window = app
        .get_webview_window(label)
        .ok_or_else(|| words::no_such_window(label))?;
    let shown = window
        .show()
        .and_then(|()| window.unminimize())
        .and_then(|()| window.set_focus());
    shown.map_err(|error| words::window_failed(&error))
}

/// Opens the library window, or brings it to the front.
pub(crate) fn library(app: &AppHandle) -> Result<(), CommandError> {
    if app.get_webview_window(LIBRARY).is_some() {
        return focus(app, LIBRARY);
    }
    let built = secured(app, LIBRARY, "index.html")
        .title(words::LIBRARY)
        .inner_size(1200.0, 800.0)
        .min_inner_size(640.0, 480.0)
        .build();
    built.map(drop).map_err(|error| words::window_failed(&error))
}

fn canvas_window(host: &Shared, canvas: &Canvas) -> tauri::Result<WebviewWindow> {
    let state = canvas.state().borrow().clone();
    secured(&host.app, canvas.window(), "index.html#/canvas")
        .title(words::canvas_title(&state.name, state.editable))
        .inner_size(1280.0, 860.0)
        .min_inner_size(480.0, 360.0)
        // Drawings are moved by dragging inside the page, which the host's own file drop would swallow.
        .disable_drag_drop_handler()
        .build()
}

/// A window that shows the app's own pages and nothing else: links and pop-ups lead nowhere.
fn secured<'a>(
    app: &'a AppHandle,
    label: &str,
    page: &str,
) -> WebviewWindowBuilder<'a, tauri::Wry, AppHandle> {
    WebviewWindowBuilder::new(app, label, WebviewUrl::App(page.into()))
        .on_navigation(is_own)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, event| match event {
            DownloadEvent::Requested { url, .. } => is_made_here(&url),
            _ => true,
        })
}

/// A picture that the page itself has drawn, to be saved; nothing from elsewhere.
fn is_made_here(url: &Url) -> bool {
    matches!(url.scheme(), "blob" | "data")
}

/// The app's pages, under the addresses that Tauri gives them on this system.
fn is_own(url: &Url) -> bool {
    let development = cfg!(debug_assertions) && url.host_str() == Some("localhost");
    development
        || (url.scheme() == "tauri" && url.host_str() == Some("localhost"))
        || (matches!(url.scheme(), "http" | "https") && url.host_str() == Some("tauri.localhost"))
}

/// Gives all windows, their pages included, the theme that the user chose.
pub(crate) fn set_theme(app: &AppHandle, theme: Theme) {
    app.set_theme(match theme {
        Theme::System => None,
        Theme::Light => Some(tauri::Theme::Light),
        Theme::Dark => Some(tauri::Theme::Dark),
    });
}

fn freed(state: &CanvasState) -> Freed {
    Freed {
        server: state.server.clone(),
        document: state.document_id,
        name: state.name.clone(),
    }
}

/// Keeps a window's title true, and the tray, until the canvas is closed; tells where idleness ended the editing.
fn follow(host: &Shared, canvas: &Canvas) {
    let host = Arc::clone(host);
    let mut states = canvas.state();
    let label = canvas.window().to_owned();
    tauri::async_runtime::spawn(async move {
        let mut titled = None;
        let mut was_idle = false;
        loop {
            let state = states.borrow_and_update().clone();
            let idle = matches!(
                state.lock,
                LockView::Lost {
                    why: LossReason::Idle,
                    ..
                }
            );
            if idle && !was_idle {
                notifications::idle(&host, freed(&state));
            }
            was_idle = idle;
            let title = words::canvas_title(&state.name, state.editable);
            if titled.as_ref() != Some(&title) {
                if let Some(window) = host.app.get_webview_window(&label) {
                    let _ = window.set_title(&title);
                }
                host.touch();
                titled = Some(title);
            }
            if states.changed().await.is_err() {
                host.touch();
                return;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c07_a_window_shows_the_app_s_own_pages_only() {
        let own = |url: &str| is_own(&Url::parse(url).unwrap());
        assert!(own("tauri://localhost/index.html#/canvas"));
        assert!(own("http://tauri.localhost/index.html"));
        for url in [
            "https://example.org/",
            "tauri://example.org/",
            "https://tauri.localhost.example.org/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "data:text/html,hello",
        ] {
            assert!(!own(url), "{url}");
        }
    }
}
