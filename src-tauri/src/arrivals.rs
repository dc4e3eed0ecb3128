//! Files and links from outside, from the command line of this start and of later ones (C09, C10).

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use holdfast_client::{
    Server,
    view::{CommandError, ConnectionView, ProgressStep, ScopeView, ServerId},
};
use holdfast_protocol::Code;
use tokio::sync::mpsc;

use crate::{
    arguments::{self, Arrival, Request},
    deep_link::DocumentLink,
    event_bridge,
    host::Shared,
    local_server,
    windows::{self, Mode},
    words,
};

const A_LINK: &str = "The link";
/// How long something that arrived waits for its server to be reached.
const SERVER_WITHIN: Duration = Duration::from_secs(20);

/// A later start's command line, and the folder that it was given in.
#[derive(Debug)]
pub(crate) struct HandedOver {
    pub(crate) arguments: Vec<String>,
    pub(crate) folder: PathBuf,
}

/// Opens what later starts hand over, as long as the app runs.
pub(crate) async fn listen(host: Shared, mut handed_over: mpsc::UnboundedReceiver<HandedOver>) {
    while let Some(HandedOver { arguments, folder }) = handed_over.recv().await {
        // The first word is the program's own name.
        match arguments::read(arguments.into_iter().skip(1), &folder) {
            Ok(Request::Open(arrivals)) => open(&host, arrivals),
            Ok(Request::Help | Request::Version) => {}
            Err(error) => {
                host.tell(words::arrival_failed(&words::could_not_open(
                    "What was asked for",
                    &error,
                )));
                open(&host, Vec::new());
            }
        }
    }
}

/// Opens all that arrived; the library where nothing did.
pub(crate) fn open(host: &Shared, arrivals: Vec<Arrival>) {
    if arrivals.is_empty()
        && let Err(error) = windows::library(&host.app)
    {
        tracing::error!(%error, "the library could not be opened");
    }
    for arrival in arrivals {
        let host = Arc::clone(host);
        tauri::async_runtime::spawn(async move {
            let opened = match &arrival {
                Arrival::File(path) => file(&host, path).await,
                Arrival::Link(link) => document(&host, link).await,
            };
            if let Err(why) = opened {
                host.tell(words::arrival_failed(&why));
                let _ = windows::library(&host.app);
            }
        });
    }
}

/// Imports a drawing into the documents on this device, or where those are not available, into the user's own on the
/// first server that can be reached; then opens it.
async fn file(host: &Shared, path: &Path) -> Result<(), String> {
    let server = match reachable(host, &local_server::id()).await {
        Some(server) => server,
        None => anywhere(host).ok_or_else(|| words::not_imported(path, &words::nowhere_to_import()))?,
    };
    let job = server.import(path.to_owned(), ScopeView::Personal);
    match event_bridge::finish(&job, |_| {}).await {
        ProgressStep::Done {
            document_id: Some(document),
        } => {
            let opened = windows::open(host, server.id(), document, Mode::Edit).await;
            opened.map_err(|error| error.detail)
        }
        ProgressStep::Failed { detail } => Err(detail),
        _ => Ok(()),
    }
}

/// Opens a document where the link says, or on the first server that has it.
async fn document(host: &Shared, link: &DocumentLink) -> Result<(), String> {
    let servers: Vec<ServerId> = match &link.server {
        Some(server) => vec![server.clone()],
        None => {
            let accounts = host.accounts.list();
            let others = accounts.iter().map(crate::accounts::Account::id);
            std::iter::once(local_server::id()).chain(others).collect()
        }
    };
    for id in servers {
        let Some(server) = reachable(host, &id).await else {
            continue;
        };
        match server.api().document(link.document).await {
            Ok(_) => {
                let opened = windows::open(host, &id, link.document, Mode::Edit).await;
                return opened.map_err(|error| error.detail);
            }
            Err(error) if error.is(Code::NotFound) => {}
            Err(error) => return Err(words::could_not_open(A_LINK, &CommandError::from(error))),
        }
    }
    Err(words::could_not_open(A_LINK, &words::link_elsewhere()))
}

/// The server once it is online; none where it does not come, or can't without the user.
async fn reachable(host: &Shared, id: &ServerId) -> Option<Server> {
    let wait = async {
        host.ready().await;
        let server = host.client.server(id)?;
        let mut status = server.status();
        loop {
            match &*status.borrow_and_update() {
                ConnectionView::Online => break,
                ConnectionView::SignedOut { .. } | ConnectionView::Incompatible { .. } => return None,
                ConnectionView::Connecting | ConnectionView::Offline { .. } => {}
            }
            status.changed().await.ok()?;
        }
        Some(server)
    };
    tokio::time::timeout(SERVER_WITHIN, wait).await.ok().flatten()
}

fn anywhere(host: &Shared) -> Option<Server> {
    let mut servers = host.client.servers().into_iter();
    servers.find(|server| *server.status().borrow() == ConnectionView::Online)
}
