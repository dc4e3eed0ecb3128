//! A conflict's drawings, and the user's word on it. The canvas follows from the window that asks.

use holdfast_client::view::Resolution;
use tauri::{WebviewWindow, ipc::Response};

use super::{Answer, App, canvas::canvas};
use crate::{
    windows::{self, Mode},
    words,
};

#[tauri::command]
pub(super) async fn canvas_conflict_content(window: WebviewWindow, host: App<'_>) -> Answer<Response> {
    let content = canvas(&host, &window)?.conflict_content().await?;
    let text = serde_json::to_vec(&content).map_err(|_| words::malformed("The conflict"))?;
    Ok(Response::new(text))
}

#[tauri::command]
pub(super) async fn canvas_resolve(
    window: WebviewWindow,
    host: App<'_>,
    conflict_id: String,
    revision: u32,
    resolution: Resolution,
) -> Answer<()> {
    let canvas = canvas(&host, &window)?;
    let copy = canvas.resolve(&conflict_id, revision, resolution).await?;
    match copy {
        Some(copy) => windows::open(&host, canvas.server(), copy, Mode::Edit).await,
        None => Ok(()),
    }
}
