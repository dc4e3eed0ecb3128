//! A document's versions. A canvas window's page may only ask about the document that is in it.

use holdfast_client::{
    Server,
    view::{HistoryPage, ServerId},
};
use holdfast_protocol::DocumentId;
use tauri::{WebviewWindow, ipc::Response};

use super::{Answer, App};
use crate::{windows, words};

/// The server of a document that this window may ask about.
pub(super) fn server_for(
    host: &App<'_>,
    window: &WebviewWindow,
    server: &ServerId,
    document: DocumentId,
) -> Answer<Server> {
    if window.label() != windows::LIBRARY {
        let canvas = host.windows.get(window.label());
        let own = canvas.is_some_and(|canvas| canvas.server() == server && canvas.document() == document);
        if !own {
            return Err(words::not_a_canvas());
        }
    }
    host.server(server)
}

#[tauri::command]
pub(super) async fn history(
    window: WebviewWindow,
    host: App<'_>,
    server: ServerId,
    id: DocumentId,
    before: Option<i64>,
) -> Answer<HistoryPage> {
    server_for(&host, &window, &server, id)?.history(id, before).await
}

#[tauri::command]
pub(super) async fn version_content(
    window: WebviewWindow,
    host: App<'_>,
    server: ServerId,
    id: DocumentId,
    version: i64,
) -> Answer<Response> {
    let server = server_for(&host, &window, &server, id)?;
    let content = server.version_content(id, version).await?;
    let text = serde_json::to_vec(&content).map_err(|_| words::malformed("The drawing"))?;
    Ok(Response::new(text))
}

#[tauri::command]
pub(super) async fn restore_version(
    window: WebviewWindow,
    host: App<'_>,
    server: ServerId,
    id: DocumentId,
    version: i64,
) -> Answer<()> {
    server_for(&host, &window, &server, id)?
        .restore_version(id, version)
        .await
}

#[tauri::command]
pub(super) async fn copy_version(
    window: WebviewWindow,
    host: App<'_>,
    server: ServerId,
    id: DocumentId,
    version: i64,
) -> Answer<()> {
    let server = server_for(&host, &window, &server, id)?;
    server.copy_version(id, version).await.map(drop)
}

#[tauri::command]
pub(super) async fn name_version(
    window: WebviewWindow,
    host: App<'_>,
    server: ServerId,
    id: DocumentId,
    version: i64,
    name: Option<String>,
) -> Answer<()> {
    let server = server_for(&host, &window, &server, id)?;
    server.name_version(id, version, name.as_deref()).await
}
