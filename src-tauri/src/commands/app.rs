//! The app itself: its state, settings, windows, end.

use std::sync::Arc;

use holdfast_client::view::{AppState, Settings};
use tauri::AppHandle;

use super::{Answer, App};
use crate::{app_state as state, local_server, shutdown, windows};

#[tauri::command]
pub(super) async fn app_state(host: App<'_>) -> Answer<AppState> {
    Ok(state::compose(&host))
}

#[tauri::command]
pub(super) async fn update_settings(host: App<'_>, settings: Settings) -> Answer<()> {
    let before = host.settings.set(&settings)?;
    let now = host.settings.get();
    host.touch();
    if now.theme != before.theme {
        windows::set_theme(&host.app, now.theme);
    }
    host.client
        .set_stop_editing_when_lapsed(now.stop_editing_when_lapsed);
    let names = |settings: &Settings| (settings.device_name.clone(), settings.display_name.clone());
    if names(&now) != names(&before) {
        host.client.set_device_name(&now.device_name);
        local_server::rename(&host, &now.display_name, &now.device_name).await;
    }
    Ok(())
}

#[tauri::command]
pub(super) async fn dismiss_notice(host: App<'_>, id: String) -> Answer<()> {
    host.untell(&id);
    Ok(())
}

/// The library can always be come back to.
#[tauri::command]
pub(super) async fn focus_window(app: AppHandle, label: String) -> Answer<()> {
    if label == windows::LIBRARY {
        return windows::library(&app);
    }
    windows::focus(&app, &label)
}

/// Answers before it ends: the asking window is among what goes.
#[tauri::command]
pub(super) async fn quit(host: App<'_>) -> Answer<()> {
    let host = Arc::clone(&host);
    tauri::async_runtime::spawn(async move { shutdown::quit(&host).await });
    Ok(())
}
