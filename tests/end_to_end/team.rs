//! Two people at their desks, and what they share.

use std::time::{Duration, Instant};

use holdfast_testkit::{Client, Server, eventually, session::lock_of};

use crate::{canvas::Canvas, person::Person};

/// A server with a workspace that Ada owns and Ben edits, and a canvas in it.
pub(crate) struct Team {
    pub(crate) ada: Person,
    pub(crate) ada_client: Client,
    pub(crate) ben: Person,
    pub(crate) ben_client: Client,
    pub(crate) workspace: String,
    pub(crate) document: String,
    // last: the apps go before it
    pub(crate) server: Server,
}

pub(crate) const WORKSPACE: &str = "Studio";
pub(crate) const CANVAS: &str = "Poster";

impl Team {
    pub(crate) async fn new() -> Self {
        let server = Server::start().await;
        let (ada, ben) = tokio::join!(Person::new(), Person::new());
        let ada_client = ada.join(&server, "Ada").await;
        let workspace = ada_client.workspace(WORKSPACE).await;
        let document = ada_client.canvas_in(&workspace, CANVAS).await;
        let ben_client = ben.join(&server, "Ben").await;
        ada_client
            .add_member(&workspace, "ben@example.org", "editor")
            .await;
        for person in [&ada, &ben] {
            person.library().await.go_to_workspace(WORKSPACE).await;
        }
        Self {
            ada,
            ada_client,
            ben,
            ben_client,
            workspace,
            document,
            server,
        }
    }

    /// Opens the canvas, which nobody holds.
    pub(crate) async fn open(&self, person: &Person) -> Canvas {
        person.library().await.open(CANVAS).await;
        let canvas = person.canvas(CANVAS).await;
        canvas.is_editable().await;
        canvas
    }

    /// Opens the canvas while somebody else holds it.
    pub(crate) async fn watch(&self, person: &Person, holder: &str) -> Canvas {
        person.library().await.open(CANVAS).await;
        let canvas = person.canvas(CANVAS).await;
        canvas.is_held_by(holder).await;
        canvas
    }

    /// The live lock of the canvas.
    pub(crate) async fn lock(&self) -> serde_json::Value {
        self.ada_client.get(&lock_of(&self.document)).await.ok(200)["lock"].clone()
    }

    /// Waits until nobody holds the canvas; answers how long that took.
    pub(crate) async fn is_free(&self, within: Duration) -> Duration {
        let start = Instant::now();
        eventually("nobody holds the canvas", within, async || {
            self.lock().await.is_null().then_some(())
        })
        .await;
        start.elapsed()
    }
}
