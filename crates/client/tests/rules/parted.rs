//! Two people who drew on the same canvas, one of them out of reach: what tests of returns and conflicts begin with.

use std::collections::BTreeMap;

use holdfast_client::{
    Canvas, Client,
    journal::Draft,
    view::{ConflictView, Edit},
};
use holdfast_testkit::{self as testkit, Server, eventually::until, network::Link, session::Session};
use serde_json::{Value, json};

use crate::studio::{self, App, SOON, element, saved, shows};

/// Ada's app behind a link, and Ben, on a canvas with the elements `one` and `two`.
pub(crate) struct Parted {
    pub(crate) server: Server,
    pub(crate) ada: testkit::Client,
    pub(crate) ben: testkit::Client,
    pub(crate) workspace: String,
    pub(crate) document: String,
    pub(crate) link: Link,
    pub(crate) app: App,
    pub(crate) canvas: Canvas,
}

/// An element at a place, with an index of its own.
pub(crate) fn shape(id: &str, x: i64, index: &str) -> Value {
    json!({"id": id, "type": "rectangle", "x": x, "index": index})
}

pub(crate) fn puts(shapes: &[Value]) -> Edit {
    Edit {
        puts: shapes.iter().map(element).collect(),
        ..Edit::default()
    }
}

/// A change of a commit.
pub(crate) fn put(base_version: i64, data: &Value) -> Value {
    json!({"op": "put", "id": data["id"], "base_version": base_version, "data": data})
}

/// Where each element is, at the server, now or at a version.
pub(crate) async fn places(
    person: &testkit::Client,
    document: &str,
    version: Option<i64>,
) -> BTreeMap<String, i64> {
    let at = version.map_or_else(String::new, |version| format!("?version={version}"));
    let content = person
        .get(&format!("/v1/documents/{document}/content{at}"))
        .await
        .ok(200);
    let elements = content.list("/elements").iter();
    let place = |element: &Value| {
        let id = element["id"].as_str().unwrap().to_owned();
        (id, element["data"]["x"].as_i64().unwrap())
    };
    elements.map(place).collect()
}

pub(crate) fn map(places: &[(&str, i64)]) -> BTreeMap<String, i64> {
    places.iter().map(|(id, x)| ((*id).to_owned(), *x)).collect()
}

impl Parted {
    /// Ada edits, and all that she has is saved. Her lock ends a second after she is gone.
    pub(crate) async fn together() -> Self {
        let server = Server::start_with(["--lease-ttl", "10s", "--grace", "1s"]).await;
        let (ada, ben) = (server.user("Ada").await, server.user("Ben").await);
        let workspace = ada.workspace("Team").await;
        ada.add_member(&workspace, "ben@example.org", "editor").await;
        let document = ada.canvas_in(&workspace, "Plan").await;
        let link = Link::to(server.address()).await;
        let app = App::through(&ada, &link).await;
        let canvas = app.edit(&document, "canvas-a").await;
        let both = puts(&[shape("one", 1, "a1"), shape("two", 1, "a2")]);
        canvas.edit(both).await.unwrap();
        saved(&canvas).await;
        Self {
            server,
            ada,
            ben,
            workspace,
            document,
            link,
            app,
            canvas,
        }
    }

    /// Ada is out of reach, and draws on: `one` is moved, `mine` is new. Her lock has ended.
    pub(crate) async fn away() -> Self {
        let parted = Self::together().await;
        parted.link.cut();
        let edit = puts(&[shape("one", 2, "a1"), shape("mine", 2, "a3")]);
        parted.canvas.edit(edit).await.unwrap();
        parted.unlocked().await;
        parted
    }

    pub(crate) async fn unlocked(&self) {
        until("nobody holds the lock", SOON, async || {
            studio::holder(&self.ada, &self.document).await.is_none()
        })
        .await;
    }

    /// Ben takes the free lock.
    pub(crate) async fn taken(&self) -> (Session, i64) {
        let session = self.ben.session(Some(&self.workspace)).await;
        let fence = session.lock(&self.document).await;
        (session, fence)
    }

    /// Ben saves these changes, and gives the lock back.
    pub(crate) async fn ben_saves(&self, changes: &[Value]) {
        let (session, fence) = self.taken().await;
        session.commit(&self.document, fence, changes).await.ok(200);
        session.close().await.ok(204);
    }

    /// Ada is away while Ben moves `one` too and draws `theirs`; then she comes back to a conflict.
    pub(crate) async fn in_conflict() -> (Self, ConflictView) {
        let parted = Self::away().await;
        let theirs = [put(1, &shape("one", 3, "a1")), put(0, &shape("theirs", 3, "a3"))];
        parted.ben_saves(&theirs).await;
        parted.link.mend();
        let conflict = parted.conflict().await;
        (parted, conflict)
    }

    pub(crate) async fn conflict(&self) -> ConflictView {
        let state = shows(&self.canvas, "a conflict", |state| state.conflict.is_some()).await;
        assert!(!state.editable, "nothing is accepted while a conflict is open");
        state.conflict.unwrap()
    }

    pub(crate) async fn settled(&self) {
        shows(&self.canvas, "no conflict", |state| state.conflict.is_none()).await;
    }

    pub(crate) async fn places(&self) -> BTreeMap<String, i64> {
        places(&self.ben, &self.document, None).await
    }

    /// Nothing is left on this device that the server does not have.
    pub(crate) async fn no_draft(&self) {
        until("no draft is left", SOON, async || self.drafts().await.is_empty()).await;
    }

    /// Drafts as another program on the same device would find them.
    pub(crate) async fn drafts(&self) -> Vec<Draft> {
        let other = Client::new(studio::config(&self.app.folder, "Ada's laptop")).unwrap();
        other.drafts().await
    }
}
