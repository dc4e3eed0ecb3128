//! A server, people, their apps: what every test begins with.

use std::time::Duration;

use holdfast_client::{
    Canvas, Client, ClientConfig, HttpConfig, OpenMode, Server,
    credentials::Token,
    view::{CanvasEvent, CanvasState, ConnectionView, Edit, ElementData, LockView, SaveView, ServerId},
};
use holdfast_protocol::DocumentId;
use holdfast_testkit::{self as testkit, eventually, eventually::until, network::Link, seconds};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::mpsc;

/// No step of a test takes this long, however busy the machine.
pub(crate) const SOON: Duration = seconds(20);
/// What people's windows are given to close.
pub(crate) const BUDGET: Duration = seconds(5);

/// A person's app: a client with its own folder, signed in to one server.
pub(crate) struct App {
    pub(crate) client: Client,
    pub(crate) server: Server,
    pub(crate) folder: TempDir,
}

/// What a test may want otherwise.
pub(crate) fn config(folder: &TempDir, device: &str) -> ClientConfig {
    ClientConfig {
        http: HttpConfig {
            connect_within: seconds(2),
            answer_within: seconds(2),
            transfer_within: seconds(10),
        },
        ..ClientConfig::new(folder.path(), device)
    }
}

impl App {
    /// An app of somebody who is signed in, at the server's own address.
    pub(crate) async fn of(person: &testkit::Client) -> Self {
        Self::at(person, person.base()).await
    }

    /// An app that reaches the server through a link.
    pub(crate) async fn through(person: &testkit::Client, link: &Link) -> Self {
        Self::at(person, &link.url()).await
    }

    async fn at(person: &testkit::Client, base: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = config(&folder, person.device());
        Self::with(person, base, folder, config).await
    }

    /// An app with a configuration of its own.
    pub(crate) async fn with(
        person: &testkit::Client,
        base: &str,
        folder: TempDir,
        config: ClientConfig,
    ) -> Self {
        let client = Client::new(config).unwrap();
        let server = add_server(&client, person, base);
        connected(&server).await;
        Self {
            client,
            server,
            folder,
        }
    }

    /// Opens a canvas and waits until it may be drawn on.
    pub(crate) async fn edit(&self, document: &str, window: &str) -> Canvas {
        let canvas = self.open(document, window).await;
        editable(&canvas).await;
        canvas
    }

    /// Opens a canvas to edit, whatever comes of it.
    pub(crate) async fn open(&self, document: &str, window: &str) -> Canvas {
        let id = document.parse().unwrap();
        self.server.open_canvas(id, OpenMode::Edit, window).await.unwrap()
    }

    /// Opens a canvas to look at.
    pub(crate) async fn look(&self, document: &str, window: &str) -> Canvas {
        let id = document.parse().unwrap();
        self.server
            .open_canvas(id, OpenMode::ReadOnly, window)
            .await
            .unwrap()
    }
}

pub(crate) fn add_server(client: &Client, person: &testkit::Client, base: &str) -> Server {
    let token = Token::new(person.token());
    client.add_server(ServerId("team".into()), "Team", base.parse().unwrap(), token)
}

pub(crate) async fn connected(server: &Server) {
    let mut status = server.status();
    let online = status.wait_for(|status| *status == ConnectionView::Online);
    tokio::time::timeout(SOON, online)
        .await
        .expect("the link comes up")
        .unwrap();
}

/// Waits for a state.
pub(crate) async fn shows(
    canvas: &Canvas,
    what: &str,
    holds: impl FnMut(&CanvasState) -> bool,
) -> CanvasState {
    let mut state = canvas.state();
    match tokio::time::timeout(SOON, state.wait_for(holds)).await {
        Ok(Ok(state)) => state.clone(),
        Ok(Err(_)) => panic!("the canvas closed before: {what}"),
        Err(_) => panic!("{what}: not in time; it shows {:#?}", *canvas.state().borrow()),
    }
}

pub(crate) async fn editable(canvas: &Canvas) -> CanvasState {
    shows(canvas, "it may be drawn on", |state| state.editable).await
}

pub(crate) async fn saved(canvas: &Canvas) -> i64 {
    let is_saved = |state: &CanvasState| matches!(state.save, SaveView::Saved { .. });
    match shows(canvas, "all is saved", is_saved).await.save {
        SaveView::Saved { version } => version,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn held_by_other(canvas: &Canvas) -> CanvasState {
    let held = |state: &CanvasState| matches!(state.lock, LockView::HeldByOther { .. });
    shows(canvas, "somebody else holds the lock", held).await
}

pub(crate) fn rectangle(id: &str) -> Value {
    json!({"id": id, "type": "rectangle", "x": 1.5, "index": "a0"})
}

pub(crate) fn element(data: &Value) -> ElementData {
    ElementData {
        id: data["id"].as_str().unwrap().to_owned(),
        data: serde_json::value::to_raw_value(data).unwrap(),
    }
}

/// A stroke: one new element.
pub(crate) fn stroke(id: &str) -> Edit {
    Edit {
        puts: vec![element(&rectangle(id))],
        ..Edit::default()
    }
}

/// What the server has of a document, by HTTP.
pub(crate) async fn at_server(person: &testkit::Client, document: &str) -> Vec<String> {
    let content = person
        .get(&format!("/v1/documents/{document}/content"))
        .await
        .ok(200);
    let elements = content.list("/elements").iter();
    elements
        .map(|element| element["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Waits until the server has an element.
pub(crate) async fn arrives(person: &testkit::Client, document: &str, id: &str) {
    until(&format!("{id} is at the server"), SOON, async || {
        at_server(person, document)
            .await
            .iter()
            .any(|element| element == id)
    })
    .await;
}

/// Who holds a document's lock, by HTTP: session and fence.
pub(crate) async fn holder(person: &testkit::Client, document: &str) -> Option<(String, i64)> {
    let lock = person.get(&testkit::session::lock_of(document)).await.ok(200);
    lock["locked"].as_bool().unwrap().then(|| {
        (
            lock.text("/lock/session_id").to_owned(),
            lock.integer("/lock/fence"),
        )
    })
}

/// Waits for an event of a window.
pub(crate) async fn event<T>(
    events: &mut mpsc::Receiver<CanvasEvent>,
    what: &str,
    mut fits: impl FnMut(CanvasEvent) -> Option<T>,
) -> T {
    let found = async {
        loop {
            let event = events
                .recv()
                .await
                .unwrap_or_else(|| panic!("the window's events ended before: {what}"));
            if let Some(found) = fits(event) {
                return found;
            }
        }
    };
    tokio::time::timeout(SOON, found)
        .await
        .unwrap_or_else(|_| panic!("{what}: not in time"))
}

/// A draft comes up on this device.
pub(crate) async fn draft(client: &Client, document: DocumentId) -> holdfast_client::journal::Draft {
    eventually("a draft is kept", SOON, async || {
        client
            .drafts()
            .await
            .into_iter()
            .find(|draft| draft.document == document)
    })
    .await
}
