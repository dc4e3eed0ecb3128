//! A canvas window's commands. The document follows from the window that asks: no page can name another's.

use bytes::Bytes;
use holdfast_client::{
    Canvas,
    view::{CanvasEvent, CanvasState, PresenceState, Progress},
};
use tauri::{
    WebviewWindow,
    ipc::{Channel, Request, Response},
};

use super::{Answer, App, body, header, jobs};
use crate::{
    event_bridge,
    windows::{self, Mode},
    words,
};

pub(super) fn canvas(host: &App<'_>, window: &WebviewWindow) -> Answer<Canvas> {
    host.windows.get(window.label()).ok_or_else(words::not_a_canvas)
}

/// Also of a window that is about to close: it has edits to hand in.
fn closing_too(host: &App<'_>, window: &WebviewWindow) -> Answer<Canvas> {
    host.windows
        .get_closing(window.label())
        .ok_or_else(words::not_a_canvas)
}

#[tauri::command]
pub(super) async fn canvas_open(
    window: WebviewWindow,
    host: App<'_>,
    channel: Channel<CanvasEvent>,
) -> Answer<CanvasState> {
    let canvas = canvas(&host, &window)?;
    event_bridge::canvas(&canvas, channel).await;
    let state = canvas.state().borrow().clone();
    Ok(state)
}

#[tauri::command]
pub(super) async fn canvas_content(window: WebviewWindow, host: App<'_>) -> Answer<Response> {
    let content = canvas(&host, &window)?.content().await?;
    let text = serde_json::to_vec(&content).map_err(|_| words::malformed("The drawing"))?;
    Ok(Response::new(text))
}

#[tauri::command]
pub(super) async fn canvas_file(window: WebviewWindow, host: App<'_>, file_id: String) -> Answer<Response> {
    let bytes = canvas(&host, &window)?.file(&file_id).await?;
    Ok(Response::new(Vec::from(bytes)))
}

#[tauri::command]
pub(super) async fn canvas_edit(window: WebviewWindow, host: App<'_>, request: Request<'_>) -> Answer<()> {
    let text = body(&request, "The edit")?;
    let edit = serde_json::from_slice(text).map_err(|_| words::malformed("The edit"))?;
    closing_too(&host, &window)?.edit(edit).await
}

#[tauri::command]
pub(super) async fn canvas_add_file(
    window: WebviewWindow,
    host: App<'_>,
    request: Request<'_>,
) -> Answer<()> {
    let id = header(&request, "x-file-id")?;
    let mime_type = header(&request, "x-mime-type")?;
    let bytes = Bytes::copy_from_slice(body(&request, "The image")?);
    closing_too(&host, &window)?.add_file(id, mime_type, bytes).await
}

#[tauri::command]
pub(super) async fn canvas_flushed(window: WebviewWindow, host: App<'_>) -> Answer<()> {
    closing_too(&host, &window)?.flushed();
    Ok(())
}

#[tauri::command]
pub(super) async fn canvas_presence(
    window: WebviewWindow,
    host: App<'_>,
    state: PresenceState,
) -> Answer<()> {
    canvas(&host, &window)?.presence(state);
    Ok(())
}

#[tauri::command]
pub(super) async fn canvas_input(window: WebviewWindow, host: App<'_>) -> Answer<()> {
    canvas(&host, &window)?.input();
    Ok(())
}

#[tauri::command]
pub(super) async fn canvas_check_again(window: WebviewWindow, host: App<'_>) -> Answer<()> {
    canvas(&host, &window)?.check_again().await
}

#[tauri::command]
pub(super) async fn canvas_start_editing(window: WebviewWindow, host: App<'_>) -> Answer<()> {
    canvas(&host, &window)?.start_editing().await
}

#[tauri::command]
pub(super) async fn canvas_stop_editing(window: WebviewWindow, host: App<'_>) -> Answer<()> {
    canvas(&host, &window)?.stop_editing().await
}

#[tauri::command]
pub(super) async fn canvas_take_over(window: WebviewWindow, host: App<'_>, reason: String) -> Answer<()> {
    canvas(&host, &window)?.take_over(&reason).await
}

#[tauri::command]
pub(super) async fn canvas_move_editing_here(window: WebviewWindow, host: App<'_>) -> Answer<()> {
    canvas(&host, &window)?.move_editing_here().await
}

#[tauri::command]
pub(super) async fn canvas_notify_me(window: WebviewWindow, host: App<'_>, on: bool) -> Answer<()> {
    canvas(&host, &window)?.notify_me(on).await
}

#[tauri::command]
pub(super) async fn canvas_open_copy(window: WebviewWindow, host: App<'_>) -> Answer<()> {
    let canvas = canvas(&host, &window)?;
    let copy = host.server(canvas.server())?.copy(canvas.document()).await?;
    windows::open(&host, canvas.server(), copy.id, Mode::Edit).await
}

#[tauri::command]
pub(super) async fn canvas_keep_draft_as_copy(window: WebviewWindow, host: App<'_>) -> Answer<()> {
    let canvas = canvas(&host, &window)?;
    let copy = canvas.keep_draft_as_copy().await?;
    windows::open(&host, canvas.server(), copy, Mode::Edit).await
}

#[tauri::command]
pub(super) async fn canvas_export(
    window: WebviewWindow,
    host: App<'_>,
    channel: Channel<Progress>,
) -> Answer<()> {
    let canvas = canvas(&host, &window)?;
    let name = canvas.state().borrow().name.clone();
    if let Some(path) = jobs::ask_where_to(&window, &name).await {
        event_bridge::job(&host, canvas.export(path), channel);
    }
    Ok(())
}
