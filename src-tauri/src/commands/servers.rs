//! Signing in and out.

use holdfast_client::view::{ServerId, ServerView};

use super::{Answer, App};
use crate::{local_server, sign_in as accounts};

#[tauri::command]
pub(super) async fn sign_in(
    host: App<'_>,
    url: String,
    email: String,
    password: String,
) -> Answer<ServerView> {
    accounts::sign_in(&host, &url, &email, &password).await
}

#[tauri::command]
pub(super) async fn sign_out(host: App<'_>, server: ServerId) -> Answer<()> {
    accounts::sign_out(&host, &server).await
}

#[tauri::command]
pub(super) async fn forget_server(host: App<'_>, server: ServerId) -> Answer<()> {
    accounts::forget(&host, &server).await
}

#[tauri::command]
pub(super) async fn retry_connection(host: App<'_>, server: ServerId) -> Answer<()> {
    if server == local_server::id() {
        local_server::start(&host).await;
        return Ok(());
    }
    host.server(&server)?.retry();
    Ok(())
}
