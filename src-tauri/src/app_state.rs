//! What all windows share. It is composed anew from its sources whenever one of them changed, and told only where that
//! made a difference: nobody keeps a second copy that could go stale.

use std::sync::Arc;

use holdfast_client::{
    Server,
    view::{AppState, ConnectionView, ServerView},
};
use tauri::Emitter as _;

use crate::{accounts::Account, host::Shared, local_server, tray, words};

/// The event that carries an [`AppState`] to all windows.
const EVENT: &str = "app-state";

/// The state now: the embedded server first, then the others as they were added.
pub(crate) fn compose(host: &Shared) -> AppState {
    let accounts = host.accounts.list();
    let mut servers = vec![local_view(host)];
    servers.extend(accounts.iter().map(|account| account_view(host, account)));
    let waiting = host
        .client
        .servers()
        .iter()
        .flat_map(|server| server.waiting().borrow().clone())
        .collect();
    AppState {
        servers,
        settings: host.settings.get(),
        notices: host.notices.list(),
        waiting,
        drafts: host.client.draft_views().borrow().clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

fn local_view(host: &Shared) -> ServerView {
    let id = local_server::id();
    host.client.server(&id).map_or_else(
        || ServerView {
            id,
            label: words::ON_THIS_DEVICE.to_owned(),
            embedded: true,
            user: None,
            connection: host.local.connection(),
            workspaces: Vec::new(),
        },
        |server| view(&server, true),
    )
}

fn account_view(host: &Shared, account: &Account) -> ServerView {
    let id = account.id();
    host.client.server(&id).map_or_else(
        || ServerView {
            id,
            label: account.label(),
            embedded: false,
            user: None,
            connection: ConnectionView::SignedOut {
                detail: words::SIGN_IN_AGAIN.to_owned(),
            },
            workspaces: Vec::new(),
        },
        |server| view(&server, false),
    )
}

/// A server that the client knows.
pub(crate) fn view(server: &Server, embedded: bool) -> ServerView {
    ServerView {
        id: server.id().clone(),
        label: server.label().to_owned(),
        embedded,
        user: server.user().borrow().clone(),
        connection: server.status().borrow().clone(),
        workspaces: server.workspaces().borrow().clone(),
    }
}

/// Tells all windows, and the tray, of each change, for as long as the app runs.
pub(crate) async fn publish(host: Shared) {
    let mut changes = host.changes();
    changes.mark_changed();
    let mut told = None;
    while changes.changed().await.is_ok() {
        let state = compose(&host);
        tray::update(&host, &state);
        if told.as_ref() == Some(&state) {
            continue;
        }
        if let Err(error) = host.app.emit(EVENT, &state) {
            tracing::warn!(%error, "the windows were not told of a change");
        }
        told = Some(state);
    }
}

/// Touches the host whenever a draft comes or goes, and tells of journals that are damaged, for as long as the app runs.
pub(crate) async fn follow_drafts(host: Shared) {
    let (mut drafts, mut damages) = (host.client.draft_views(), host.client.damages());
    let mut told = 0;
    loop {
        host.touch();
        let damaged = damages.borrow_and_update().clone();
        for damage in damaged.iter().skip(told) {
            host.tell(words::damaged_journal(damage));
        }
        told = damaged.len();
        tokio::select! {
            changed = drafts.changed() => if changed.is_err() { return },
            changed = damages.changed() => if changed.is_err() { return },
        }
    }
}

/// Touches the host whenever something of a server changes, until the server is forgotten.
pub(crate) fn follow(host: &Shared, server: &Server) {
    let host = Arc::clone(host);
    let (mut status, mut user) = (server.status(), server.user());
    let (mut workspaces, mut waiting) = (server.workspaces(), server.waiting());
    tauri::async_runtime::spawn(async move {
        loop {
            host.touch();
            let changed = tokio::select! {
                changed = status.changed() => changed,
                changed = user.changed() => changed,
                changed = workspaces.changed() => changed,
                changed = waiting.changed() => changed,
            };
            if changed.is_err() {
                host.touch();
                return;
            }
        }
    });
}
