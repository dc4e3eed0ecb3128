//! Closing windows: flush, commit, release, then destroy (C04).

use std::{sync::Arc, time::Duration};

use holdfast_client::{CloseReport, view::ServerId};
use tauri::{CloseRequestApi, Manager as _};

use crate::{
    host::{CLOSE_BUDGET, Host, Shared},
    notifications, words,
};

/// The client keeps to its budget; where it does not, the window goes all the same, this much later.
const MARGIN: Duration = Duration::from_millis(250);

/// Somebody wants to close a window. A canvas window waits until its canvas is closed; others just go.
pub(crate) fn request(host: &Shared, label: &str, api: &CloseRequestApi) {
    if !host.windows.has(label) {
        host.watches.forget(label);
        return;
    }
    api.prevent_close();
    let Some(canvas) = host.windows.begin_close(label) else {
        return;
    };
    let host = Arc::clone(host);
    tauri::async_runtime::spawn(async move {
        match tokio::time::timeout(CLOSE_BUDGET + MARGIN, canvas.close(CLOSE_BUDGET)).await {
            Ok(report) => closed(&host, &[report]),
            Err(_) => tracing::warn!(
                window = canvas.window(),
                "a canvas did not close within its budget"
            ),
        }
        destroy(&host, canvas.window());
    });
}

/// Canvases were closed: tells the user of edits that had to stay here, and lets the windows go.
pub(crate) fn closed(host: &Shared, reports: &[CloseReport]) {
    for report in reports {
        if !report.released {
            tracing::info!(
                window = report.window,
                "the server was not told of the end; the lease ends by itself"
            );
        }
        if report.kept_changes > 0 {
            let document = report.document.to_string();
            host.tell(words::kept_changes(&document, &report.name, report.kept_changes));
            notifications::kept(host, &report.name, report.kept_changes);
        }
        destroy(host, &report.window);
    }
}

/// Lets all windows of a server go, whatever became of their canvases.
pub(crate) fn destroy_of(host: &Shared, server: &ServerId) {
    for canvas in host.windows.all() {
        if canvas.server() == server {
            destroy(host, canvas.window());
        }
    }
}

fn destroy(host: &Host, label: &str) {
    host.windows.remove(label);
    if let Some(window) = host.app.get_webview_window(label)
        && let Err(error) = window.destroy()
    {
        tracing::warn!(%error, label, "a window could not be destroyed");
    }
    host.touch();
}
