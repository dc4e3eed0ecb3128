//! Every way to end: quit from a window or the tray, the last window closed, SIGTERM, SIGINT, the desktop's own quit.
//!
//! **All of them flush and release within the close budget, then the process ends whatever happened** (C04). What could
//! not be committed is in the journal; a lock that could not be released ends with its lease.

use std::{sync::Arc, time::Duration};

use tauri::ExitRequestApi;

use crate::{
    host::{CLOSE_BUDGET, Shared},
    local_server, windows,
};

/// The client keeps to its budget; where it does not, the process ends all the same, this much later.
const MARGIN: Duration = Duration::from_millis(250);

/// How far the end has come.
#[derive(Debug, Default)]
pub(crate) struct Ending(tokio::sync::OnceCell<()>);

/// Ends the app. Several at once end it once; all of them come back when it has been done.
pub(crate) async fn quit(host: &Shared) {
    release(host).await;
    host.app.exit(0);
}

/// Flushes and releases everything, once.
async fn release(host: &Shared) {
    let once = host.ending.0.get_or_init(async || {
        tracing::info!("ending");
        match tokio::time::timeout(CLOSE_BUDGET + MARGIN, host.client.close(CLOSE_BUDGET)).await {
            Ok(reports) => windows::closed(host, &reports),
            Err(_) => tracing::warn!("not every canvas closed within its budget"),
        }
        local_server::drain(host).await;
        tracing::info!("ended");
    });
    once.await;
}

/// The event loop wants to end: by a call to exit, or because the last window is gone.
pub(crate) fn exit_requested(host: &Shared, code: Option<i32>, api: &ExitRequestApi) {
    if host.ending.0.initialized() {
        return;
    }
    api.prevent_exit();
    let windows_closed = code.is_none();
    let stay = host.settings.get().close_to_tray && host.tray.is_there();
    if windows_closed && stay {
        return;
    }
    let host = Arc::clone(host);
    tauri::async_runtime::spawn(async move { quit(&host).await });
}

/// The event loop ends, perhaps without having asked (as some desktops' own quit does).
pub(crate) fn exiting(host: &Shared) {
    if !host.ending.0.initialized() {
        tauri::async_runtime::block_on(release(host));
    }
    host.app.cleanup_before_exit();
}

/// Ends the app when the system asks the process to.
pub(crate) async fn on_signals(host: Shared) {
    match signalled().await {
        Ok(()) => quit(&host).await,
        Err(error) => tracing::warn!(%error, "signals are not listened for"),
    }
}

#[cfg(unix)]
async fn signalled() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        _ = hang_up.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn signalled() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
