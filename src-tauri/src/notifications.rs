//! OS notifications, through the desktop's own service: they come up even if every window is closed (C05).

use std::sync::Arc;

use holdfast_client::Freed;
use notify_rust::{Notification, Timeout};
use tokio::sync::broadcast::error::RecvError;

use crate::{
    host::{Host, Shared},
    windows::{self, Mode},
    words,
};

/// What a click on the notification itself is called.
const DEFAULT: &str = "default";
/// The button.
const OPEN: &str = "open";

/// Says at the start if this desktop shows no notifications, so that nobody relies on one.
pub(crate) async fn check(host: Shared) {
    let asked = tauri::async_runtime::spawn_blocking(server_answers).await;
    if let Ok(Err(error)) = asked {
        host.tell(words::no_notifications(&error));
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn server_answers() -> Result<(), notify_rust::error::Error> {
    notify_rust::get_server_information().map(drop)
}

/// Other systems always have a service.
#[cfg(not(all(unix, not(target_os = "macos"))))]
fn server_answers() -> Result<(), notify_rust::error::Error> {
    Ok(())
}

/// Tells of each lock that became free and that the user waits for, as long as the app runs.
pub(crate) async fn listen(host: Shared) {
    let mut freed = host.client.freed();
    loop {
        match freed.recv().await {
            Ok(freed) => tell(&host, freed),
            // What was missed is seen in the library all the same.
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

fn tell(host: &Shared, freed: Freed) {
    if !host.settings.get().notifications {
        return;
    }
    let host = Arc::clone(host);
    tauri::async_runtime::spawn(async move {
        let summary = words::free_again(&freed.name);
        if !offer(&host, &freed, &summary, words::FREE_AGAIN_BODY).await {
            host.tell(words::free_but_silent(&freed.document.to_string(), &freed.name));
        }
    });
}

/// Says that nothing was drawn for long and a canvas is free for others; the window itself says so as well.
pub(crate) fn idle(host: &Shared, freed: Freed) {
    if !host.settings.get().notifications {
        return;
    }
    let host = Arc::clone(host);
    tauri::async_runtime::spawn(async move {
        let summary = words::given_back(&freed.name);
        offer(&host, &freed, &summary, words::GIVEN_BACK_BODY).await;
    });
}

/// Shows a notification whose action edits the canvas; answers whether it could be shown.
async fn offer(host: &Shared, freed: &Freed, summary: &str, body: &str) -> bool {
    match show(summary, body, true).await {
        Ok(action) => {
            if action.is_some_and(|action| action == DEFAULT || action == OPEN) {
                edit(host, freed).await;
            }
            true
        }
        Err(error) => {
            host.tell(words::no_notifications(&error));
            false
        }
    }
}

/// Opens the canvas, which takes the lock if it is still free.
async fn edit(host: &Shared, freed: &Freed) {
    host.untell(&words::free_but_silent(&freed.document.to_string(), &freed.name).id);
    if let Err(error) = windows::open(host, &freed.server, freed.document, Mode::Edit).await {
        let what = format!("“{}”", freed.name);
        host.tell(words::arrival_failed(&words::could_not_open(&what, &error)));
        let _ = windows::library(&host.app);
    }
}

/// Says that edits stayed on this device.
pub(crate) fn kept(host: &Host, name: &str, changes: u32) {
    if !host.settings.get().notifications {
        return;
    }
    let summary = words::kept(name, changes);
    tauri::async_runtime::spawn(async move {
        if let Err(error) = show(&summary, "", false).await {
            tracing::info!(%error, "no notification of kept changes");
        }
    });
}

/// Shows a notification and waits until it is gone; answers which action was chosen. Waiting takes a thread of its own,
/// which is why it is not asked of an async one.
async fn show(summary: &str, body: &str, actions: bool) -> Result<Option<String>, notify_rust::error::Error> {
    let mut notification = Notification::new();
    notification
        .appname(words::LIBRARY)
        .summary(summary)
        .body(body)
        .icon("holdfast");
    if actions {
        notification
            // It may be seen only when somebody comes back to the desk.
            .timeout(Timeout::Never)
            .action(DEFAULT, words::OPEN)
            .action(OPEN, words::OPEN_AND_EDIT);
    }
    let waited = tauri::async_runtime::spawn_blocking(move || {
        let handle = notification.show()?;
        let mut chosen = None;
        handle.wait_for_action(|action| chosen = Some(action.to_owned()));
        Ok(chosen)
    });
    // The thread ends early only where the app does.
    waited.await.unwrap_or(Ok(None))
}
