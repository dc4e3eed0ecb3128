//! The shelf of drafts.

use holdfast_client::{journal::DraftId, view::DraftCopyView};
use tauri::ipc::Response;

use super::{Answer, App};
use crate::{local_server, windows, words};

#[tauri::command]
pub(super) async fn draft_content(host: App<'_>, id: String) -> Answer<Response> {
    let content = host.client.draft_content(&DraftId(id)).await?;
    let text = serde_json::to_vec(&content).map_err(|_| words::malformed("The draft"))?;
    Ok(Response::new(text))
}

#[tauri::command]
pub(super) async fn draft_file(host: App<'_>, id: String, file_id: String) -> Answer<Response> {
    let bytes = host.client.draft_file(&DraftId(id), &file_id).await?;
    Ok(Response::new(Vec::from(bytes)))
}

/// Opens the draft's canvas and goes on with it there, or asks there what shall become of it.
#[tauri::command]
pub(super) async fn draft_open(host: App<'_>, id: String) -> Answer<()> {
    windows::open_draft(&host, &DraftId(id)).await
}

/// A draft of a server that is not signed in to becomes a canvas on this device.
#[tauri::command]
pub(super) async fn draft_save_copy(host: App<'_>, id: String) -> Answer<DraftCopyView> {
    let elsewhere = local_server::id();
    let copy = host
        .client
        .save_draft_as_copy(&DraftId(id), Some(&elsewhere))
        .await?;
    let label = host.server(&copy.server)?.label().to_owned();
    Ok(DraftCopyView {
        server: copy.server,
        server_label: label,
        document_id: copy.document,
        missing_pictures: copy.missing_pictures,
    })
}

#[tauri::command]
pub(super) async fn draft_discard(host: App<'_>, id: String) -> Answer<()> {
    host.client.discard_draft(&DraftId(id)).await
}
