//! Ada at her desk, signed in through a link that can fail, with a canvas of a workspace open to edit.

use std::time::Duration;

use holdfast_testkit::{
    Client, Server, Session, eventually, network::Link, seconds, server::PASSWORD, session::lock_of,
};
use serde_json::{Value, json};

use crate::{canvas::Canvas, library::Library, person::Person, shapes};

pub(crate) const CANVAS: &str = "Sketch";

pub(crate) struct Linked {
    pub(crate) ada: Person,
    /// Ada as well, by a way that does not fail.
    pub(crate) client: Client,
    pub(crate) canvas: Canvas,
    pub(crate) workspace: String,
    pub(crate) document: String,
    pub(crate) link: Link,
    // last: the app goes before it
    pub(crate) server: Server,
}

impl Linked {
    pub(crate) async fn new() -> Self {
        Self::with(&[], &[]).await
    }

    /// With a server's arguments, and with what is in the canvas before Ada opens it.
    pub(crate) async fn with(arguments: &[&str], elements: &[Value]) -> Self {
        let server = Server::start_with(arguments).await;
        let link = Link::to(server.address()).await;
        let client = server.user("Ada").await;
        let workspace = client.workspace("Studio").await;
        let document = client.canvas_in(&workspace, CANVAS).await;
        if !elements.is_empty() {
            let session = client.session(Some(&workspace)).await;
            let fence = session.lock(&document).await;
            let changes: Vec<_> = elements.iter().map(|element| shapes::put(element, 0)).collect();
            session.commit(&document, fence, &changes).await.ok(200);
            session.close().await.ok(204);
        }
        let ada = Person::new().await;
        let library = ada.library().await;
        library.sign_in(&link.url(), "ada@example.org", PASSWORD).await;
        library.go_to_workspace("Studio").await;
        library.open(CANVAS).await;
        let canvas = ada.canvas(CANVAS).await;
        canvas.is_editable().await;
        canvas.shows_elements(elements.len() as u64).await;
        Self {
            ada,
            client,
            canvas,
            workspace,
            document,
            link,
            server,
        }
    }

    /// The library, showing the workspace.
    pub(crate) async fn library(&self) -> Library {
        let library = self.ada.library().await;
        library.go_to_workspace("Studio").await;
        library
    }

    /// Ben, who may edit, at a desk whose network does not fail.
    pub(crate) async fn ben(&self) -> Session {
        self.member("Ben", "editor").await
    }

    /// Somebody else of the workspace, with a session of their own.
    pub(crate) async fn member(&self, name: &str, role: &str) -> Session {
        let somebody = self.server.user(name).await;
        let email = format!("{}@example.org", name.to_lowercase());
        self.client.add_member(&self.workspace, &email, role).await;
        // nobody renews it: it has to last for the whole test, whatever lease the server gives
        somebody
            .session_with(Some(&self.workspace), &json!(600_000))
            .await
    }

    /// Cuts the link, and waits until the window says so.
    pub(crate) async fn goes_offline(&self) {
        self.link.cut();
        self.canvas
            .page
            .attribute_is("connection", "data-state", "offline")
            .await;
    }

    /// Mends the link. The waiting time until the next try may have grown long: it is tried now.
    pub(crate) async fn comes_back(&self) {
        self.link.mend();
        assert!(self.link.faults().reset > 0, "the network did fail");
        // by script: a dialog may come up over it at any moment
        let try_now = "(document.querySelector('[data-testid=\"connection\"][data-state=\"offline\"]')?.click(), \
                       document.querySelector('[data-testid=\"connection\"]').dataset.state === 'online')";
        self.canvas.page.until("the window is online", try_now).await;
    }

    /// The app is killed and started again; the network is there again too. The canvas has to be opened anew.
    pub(crate) async fn crashes_and_starts_again(mut self) -> Self {
        self.ada.app.kill().await;
        self.link.mend();
        self.ada = self.ada.start_again().await;
        self
    }

    /// What the server has.
    pub(crate) async fn content(&self) -> Value {
        let path = format!("/v1/documents/{}/content", self.document);
        self.client.get(&path).await.ok(200).body
    }

    /// The elements that the server has and that are not deleted.
    pub(crate) async fn stored(&self) -> Vec<Value> {
        live(&self.content().await)
    }

    /// The element that the server has; none where it is deleted.
    pub(crate) async fn element(&self, id: &str) -> Option<Value> {
        let stored = self.stored().await;
        stored.into_iter().find(|element| element["id"] == id)
    }

    /// What is in the copy of the canvas, as soon as it is complete.
    pub(crate) async fn copy(&self) -> Vec<Value> {
        let name = format!("{CANVAS} (copy)");
        eventually("the copy is there", seconds(20), async || {
            for scope in [
                "scope=personal".to_owned(),
                format!("workspace_id={}", self.workspace),
            ] {
                let list = self.client.get(&format!("/v1/documents?{scope}")).await.ok(200);
                let copy = list
                    .list("/items")
                    .iter()
                    .find(|document| document["name"] == name);
                if let Some(copy) = copy.filter(|copy| copy["version"].as_i64() > Some(0)) {
                    let path = format!("/v1/documents/{}/content", copy["id"].as_str()?);
                    return Some(live(&self.client.get(&path).await.ok(200).body));
                }
            }
            None
        })
        .await
    }

    /// The document's version.
    pub(crate) async fn version(&self) -> i64 {
        self.content().await["version"].as_i64().expect("a version")
    }

    /// The live lock; null where there is none.
    pub(crate) async fn lock(&self) -> Value {
        self.client.get(&lock_of(&self.document)).await.ok(200)["lock"].clone()
    }

    /// Waits until nobody holds the canvas.
    pub(crate) async fn is_free(&self, within: Duration) {
        eventually("nobody holds the canvas", within, async || {
            self.lock().await.is_null().then_some(())
        })
        .await;
    }
}

/// The elements of a server's content that are not deleted, as the drawing has them.
pub(crate) fn live(content: &Value) -> Vec<Value> {
    let elements = content["elements"].as_array().expect("content has elements");
    let data = elements.iter().map(|element| element["data"].clone());
    data.filter(|data| !data.is_null() && data["isDeleted"] != true)
        .collect()
}
