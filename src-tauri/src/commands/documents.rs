//! Documents: the list, what is done to them, their pictures.

use std::sync::Arc;

use holdfast_client::view::{DocumentList, OwnLockView, ScopeView, ServerId};
use holdfast_protocol::{
    DocumentId,
    document::{CreateDocument, Document, DocumentKind},
    lock::Resource,
};
use tauri::{
    WebviewWindow,
    ipc::{Channel, Request, Response},
};

use super::{Answer, App, body, history::server_for, parsed};
use crate::{
    event_bridge,
    windows::{self, Mode},
    words,
};

#[tauri::command]
pub(super) async fn watch_documents(
    window: WebviewWindow,
    host: App<'_>,
    server: ServerId,
    scope: ScopeView,
    channel: Channel<DocumentList>,
) -> Answer<()> {
    let following = event_bridge::documents(Arc::clone(&host), server, scope, channel);
    host.watches.follow(window.label(), following);
    Ok(())
}

#[tauri::command]
pub(super) async fn create_document(
    host: App<'_>,
    server: ServerId,
    scope: ScopeView,
    name: String,
) -> Answer<Document> {
    let (workspace_id, project_id) = match scope {
        ScopeView::Personal => (None, None),
        ScopeView::Workspace { id } => (Some(id), None),
        ScopeView::Project { id, .. } => (None, Some(id)),
    };
    let request = CreateDocument {
        name,
        kind: DocumentKind::Canvas,
        workspace_id,
        project_id,
    };
    Ok(host.server(&server)?.api().create_document(&request).await?)
}

#[tauri::command]
pub(super) async fn rename_document(
    host: App<'_>,
    server: ServerId,
    id: DocumentId,
    name: String,
) -> Answer<()> {
    host.server(&server)?.api().rename_document(id, &name).await?;
    Ok(())
}

#[tauri::command]
pub(super) async fn move_document(
    host: App<'_>,
    server: ServerId,
    id: DocumentId,
    scope: ScopeView,
) -> Answer<()> {
    host.server(&server)?.api().move_document(id, &scope).await?;
    Ok(())
}

#[tauri::command]
pub(super) async fn delete_document(
    host: App<'_>,
    server: ServerId,
    id: DocumentId,
    force: bool,
) -> Answer<()> {
    Ok(host.server(&server)?.api().delete_document(id, force).await?)
}

#[tauri::command]
pub(super) async fn duplicate_document(host: App<'_>, server: ServerId, id: DocumentId) -> Answer<Document> {
    host.server(&server)?.copy(id).await
}

#[tauri::command]
pub(super) async fn open_document(host: App<'_>, server: ServerId, id: DocumentId, mode: Mode) -> Answer<()> {
    windows::open(&host, &server, id, mode).await
}

/// The user's locks on all servers. A server that can't be asked now has none to show; its connection says why.
#[tauri::command]
pub(super) async fn own_locks(host: App<'_>) -> Answer<Vec<OwnLockView>> {
    let mut locks = Vec::new();
    for server in host.client.servers() {
        match server.own_locks().await {
            Ok(own) => locks.extend(own),
            Err(error) => tracing::debug!(%error, server = server.label(), "own locks could not be listed"),
        }
    }
    Ok(locks)
}

#[tauri::command]
pub(super) async fn release_own_lock(host: App<'_>, server: ServerId, resource: Resource) -> Answer<()> {
    host.server(&server)?.release_own_lock(&resource).await
}

#[tauri::command]
pub(super) async fn notify_me(
    host: App<'_>,
    server: ServerId,
    document_id: DocumentId,
    on: bool,
) -> Answer<()> {
    host.server(&server)?.notify_me(document_id, on).await
}

#[tauri::command]
pub(super) async fn document_content(host: App<'_>, server: ServerId, id: DocumentId) -> Answer<Response> {
    let content = host.server(&server)?.content(id).await?;
    let text = serde_json::to_vec(&content).map_err(|_| words::malformed("The drawing"))?;
    Ok(Response::new(text))
}

#[tauri::command]
pub(super) async fn document_file(
    window: WebviewWindow,
    host: App<'_>,
    server: ServerId,
    id: DocumentId,
    file_id: String,
) -> Answer<Response> {
    let bytes = server_for(&host, &window, &server, id)?
        .file(id, &file_id)
        .await?;
    Ok(Response::new(Vec::from(bytes)))
}

#[tauri::command]
pub(super) async fn thumbnail(
    host: App<'_>,
    server: ServerId,
    id: DocumentId,
    version: i64,
) -> Answer<Response> {
    let thumbnails = host.thumbnails.clone();
    let read = tauri::async_runtime::spawn_blocking(move || thumbnails.get(&server, id, version)).await;
    Ok(Response::new(read.unwrap_or_default()))
}

#[tauri::command]
pub(super) async fn put_thumbnail(host: App<'_>, request: Request<'_>) -> Answer<()> {
    let server = ServerId(super::header(&request, "x-server")?);
    let document: DocumentId = parsed(&request, "x-document")?;
    let version: i64 = parsed(&request, "x-version")?;
    let png = body(&request, "The thumbnail")?.to_vec();
    let thumbnails = host.thumbnails.clone();
    let written =
        tauri::async_runtime::spawn_blocking(move || thumbnails.put(&server, document, version, &png)).await;
    written.unwrap_or(Ok(()))
}
