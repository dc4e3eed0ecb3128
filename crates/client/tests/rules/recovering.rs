//! What a crash, a lapsed lock or a closed window has left is gone on with, or kept (X03, X07).

use std::path::Path;

use holdfast_client::{
    Client,
    view::{CanvasEvent, DraftReason, Edit, FileData, LockView, Resolution},
};
use holdfast_testkit::{Server, eventually::until, network::Link};

use crate::studio::{
    self, App, add_server, at_server, connected, draft, editable, element, event, rectangle, saved, shows,
    stroke,
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

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

async fn next(app: &App, ada: &holdfast_testkit::Client) -> (Client, holdfast_client::Server) {
    let next = Client::new(studio::config(&app.folder, "Ada's laptop")).unwrap();
    let server = add_server(&next, ada, ada.base());
    connected(&server).await;
    (next, server)
}

#[tokio::test]
async fn c04_who_comes_back_before_the_crashed_lock_has_ended_gets_it_then_unasked() {
    let server = Server::start_with(["--grace", "3s"]).await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let link = Link::to(server.address()).await;
    let app = App::through(&ada, &link).await;
    let canvas = app.edit(&document, "canvas-a").await;
    canvas.edit(stroke("saved")).await.unwrap();
    saved(&canvas).await;
    link.cut();
    until("the link is cut", studio::SOON, async || link.faults().reset > 0).await;
    let (_client, again) = next(&app, &ada).await;
    let canvas = again
        .open_canvas(
            document.parse().unwrap(),
            holdfast_client::OpenMode::Edit,
            "canvas-b",
        )
        .await
        .unwrap();
    studio::held_by_other(&canvas).await;
    shows(&canvas, "it may be drawn on", |state| {
        assert!(!matches!(state.lock, LockView::Free), "free, and not had");
        state.editable
    })
    .await;
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
async fn x07_all_that_crashes_have_left_of_one_canvas_goes_on_without_a_conflict_with_oneself() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let (app, _link, document) = killed(&server, &ada).await;
    // another journal of the same canvas, made on the same version
    let link = Link::to(server.address()).await;
    let other = App::through(&ada, &link).await;
    let canvas = other.edit(&document, "canvas-a").await;
    link.cut();
    canvas.edit(stroke("kept too")).await.unwrap();
    let freed = format!(
        "{}/force?reason=Crashed",
        holdfast_testkit::session::lock_of(&document)
    );
    ada.delete(&freed).await.ok(204);
    copy(
        &other.folder.path().join("journal"),
        &app.folder.path().join("journal"),
    );

    let (client, again) = next(&app, &ada).await;
    let canvas = again
        .open_canvas(
            document.parse().unwrap(),
            holdfast_client::OpenMode::Edit,
            "canvas-b",
        )
        .await
        .unwrap();
    let settled = |state: &holdfast_client::view::CanvasState| state.editable || state.conflict.is_some();
    let state = shows(&canvas, "all is settled", settled).await;
    assert!(state.conflict.is_none(), "nobody else has saved");
    studio::arrives(&ada, &document, "kept").await;
    studio::arrives(&ada, &document, "kept too").await;
    saved(&canvas).await;
    assert_eq!(at_server(&ada, &document).await.len(), 3);
    assert!(client.drafts().await.is_empty(), "both are in the document now");
    assert!(link.faults().reset > 0);
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

/// The smallest beginning that a PNG has.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";

#[tokio::test]
async fn x07_a_picture_that_the_disk_has_lost_is_told_of_and_all_else_is_saved() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let link = Link::to(server.address()).await;
    let app = App::through(&ada, &link).await;
    let canvas = app.edit(&document, "canvas-a").await;
    link.cut();
    let png = bytes::Bytes::from_static(PNG);
    canvas
        .add_file("p".into(), "image/png".into(), png)
        .await
        .unwrap();
    let data = serde_json::json!({"id": "p", "mimeType": "image/png"});
    let picture = FileData {
        id: "p".into(),
        data: serde_json::value::to_raw_value(&data).unwrap(),
    };
    let edit = Edit {
        puts: vec![element(&rectangle("frame"))],
        files: vec![picture],
        ..Edit::default()
    };
    canvas.edit(edit).await.unwrap();
    assert!(link.faults().reset > 0, "the link was cut");
    let lock = holdfast_testkit::session::lock_of(&document);
    ada.delete(&format!("{lock}/force?reason=Crashed")).await.ok(204);

    // the app is killed, and the disk has lost the picture
    let (client, again) = next(&app, &ada).await;
    let kept = draft(&client, canvas.document()).await;
    let journal = app.folder.path().join("journal").join(&kept.id.0);
    let mut beside = std::fs::read_dir(journal.parent().unwrap()).unwrap().flatten();
    let lost = beside.find(|entry| entry.path().extension().is_some_and(|kind| kind == "file"));
    std::fs::write(lost.unwrap().path(), b"damaged").unwrap();

    let canvas = again
        .open_canvas(canvas.document(), holdfast_client::OpenMode::Edit, "canvas-b")
        .await
        .unwrap();
    editable(&canvas).await;
    saved(&canvas).await;
    assert_eq!(at_server(&ada, &document).await, ["frame"]);
    canvas.edit(stroke("later")).await.unwrap();
    saved(&canvas).await;
    assert_eq!(at_server(&ada, &document).await.len(), 2);
    let told = client.damages().borrow().clone();
    assert_eq!(
        told.iter()
            .map(|damage| (damage.pictures, damage.changes))
            .collect::<Vec<_>>(),
        [(1, 1)],
        "one picture is lost, one element is safe"
    );
}
