//! What a crash, a lapsed lock or a closed window has left is gone on with, or kept (X03, X07).

use holdfast_client::{
    Client,
    view::{CanvasEvent, DraftReason, Resolution},
};
use holdfast_testkit::{Server, network::Link};

use crate::studio::{
    self, App, add_server, at_server, connected, draft, editable, event, rectangle, saved, shows, stroke,
};

/// An app that was killed with an edit that the server does not have: its folder, and the document.
async fn killed(server: &Server, ada: &holdfast_testkit::Client) -> (App, Link, String) {
    let document = ada.canvas("Plan").await;
    let link = Link::to(server.address()).await;
    let app = App::through(ada, &link).await;
    let canvas = app.edit(&document, "canvas-a").await;
    canvas.edit(stroke("saved")).await.unwrap();
    saved(&canvas).await;
    link.cut();
    canvas.edit(stroke("kept")).await.unwrap();
    assert!(link.faults().reset > 0, "the link was cut");
    // its session is as good as dead: what it held is freed by its user
    let freed = format!(
        "{}/force?reason=Crashed",
        holdfast_testkit::session::lock_of(&document)
    );
    ada.delete(&freed).await.ok(204);
    (app, link, document)
}

async fn next(app: &App, ada: &holdfast_testkit::Client) -> (Client, holdfast_client::Server) {
    let next = Client::new(studio::config(&app.folder, "Ada's laptop")).unwrap();
    let server = add_server(&next, ada, ada.base());
    connected(&server).await;
    (next, server)
}

#[tokio::test]
async fn x07_the_next_start_goes_on_with_what_a_crash_has_left() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let (app, _link, document) = killed(&server, &ada).await;
    let (client, again) = next(&app, &ada).await;
    let id = document.parse().unwrap();
    assert_eq!(draft(&client, id).await.why, DraftReason::Crash);

    let canvas = again
        .open_canvas(id, holdfast_client::OpenMode::Edit, "canvas-b")
        .await
        .unwrap();
    let mut events = canvas.events().await;
    let recovered = event(&mut events, "the toast", |event| match event {
        CanvasEvent::Recovered { changes, at } => Some((changes, at.is_some())),
        _ => None,
    })
    .await;
    assert_eq!(recovered, (1, true));
    editable(&canvas).await;
    studio::arrives(&ada, &document, "kept").await;
    saved(&canvas).await;
    assert_eq!(at_server(&ada, &document).await.len(), 2);
    assert!(client.drafts().await.is_empty(), "it is in the document now");
}

#[tokio::test]
async fn x07_a_window_that_comes_up_late_is_told_what_was_recovered() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let (app, _link, document) = killed(&server, &ada).await;
    let (_client, again) = next(&app, &ada).await;
    let canvas = again
        .open_canvas(
            document.parse().unwrap(),
            holdfast_client::OpenMode::Edit,
            "canvas-b",
        )
        .await
        .unwrap();
    studio::arrives(&ada, &document, "kept").await;
    let mut events = canvas.events().await;
    let recovered = |event| match event {
        CanvasEvent::Recovered { changes, .. } => Some(changes),
        _ => None,
    };
    assert_eq!(event(&mut events, "the toast", recovered).await, 1);
}

#[tokio::test]
async fn x03_a_draft_on_a_drawing_that_others_changed_is_kept_and_nothing_overwritten() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let (app, _link, document) = killed(&server, &ada).await;
    let session = ada.session(None).await;
    let fence = session.acquire(&document).await.ok(201).integer("/lock/fence");
    let theirs =
        serde_json::json!({"op": "put", "id": "theirs", "base_version": 0, "data": rectangle("theirs")});
    session.commit(&document, fence, &[theirs]).await.ok(200);
    session.release(&document).await.ok(204);

    let (client, again) = next(&app, &ada).await;
    let id = document.parse().unwrap();
    let canvas = again
        .open_canvas(id, holdfast_client::OpenMode::Edit, "canvas-b")
        .await
        .unwrap();
    let state = shows(&canvas, "a conflict", |state| state.conflict.is_some()).await;
    let conflict = state.conflict.unwrap();
    assert!(!state.editable);
    assert_eq!((conflict.mine.changes, conflict.theirs.changes), (1, 1));
    assert!(!at_server(&ada, &document).await.contains(&"kept".to_owned()));
    let kept = draft(&client, id).await;
    assert_eq!((kept.changes, kept.why), (1, DraftReason::Conflict));
    canvas
        .resolve(&conflict.id, conflict.revision, Resolution::Reload)
        .await
        .unwrap();
    editable(&canvas).await;
    assert_eq!(
        draft(&client, id).await.id,
        kept.id,
        "nothing but the user's word removes it"
    );
}
