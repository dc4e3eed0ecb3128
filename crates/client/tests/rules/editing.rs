//! Opening, drawing, watching.

use std::time::Instant;

use holdfast_client::{
    OpenMode,
    view::{CanvasEvent, Edit, ElementData, LockView, Pointer, PresenceState, SaveView},
};
use holdfast_testkit::{Server, eventually::until, seconds};
use serde_json::json;

use crate::studio::{self, App, arrives, editable, event, held_by_other, holder, rectangle, saved, stroke};

#[tokio::test]
async fn c02_opening_takes_the_lock_and_the_next_one_looks_on_live() {
    let server = Server::start().await;
    let (ada, ben) = (server.user("Ada").await, server.user("Ben").await);
    let workspace = ada.workspace("Team").await;
    ada.add_member(&workspace, "ben@example.org", "editor").await;
    let document = ada.canvas_in(&workspace, "Plan").await;
    let (hers, his) = (App::of(&ada).await, App::of(&ben).await);

    let writer = hers.edit(&document, "canvas-a").await;
    assert!(matches!(writer.state().borrow().lock, LockView::Held { .. }));
    let reader = his.open(&document, "canvas-b").await;
    let state = held_by_other(&reader).await;
    let LockView::HeldByOther {
        holder,
        can_take_over,
    } = state.lock
    else {
        unreachable!()
    };
    assert_eq!(
        (holder.user.name.as_str(), holder.device_name.as_str()),
        ("Ada", "Ada's laptop")
    );
    assert!(!holder.same_user && holder.window.is_none() && !can_take_over);
    assert!(!state.editable);

    assert!(reader.content().await.unwrap().elements.is_empty());
    let mut events = reader.events().await;
    let drawn = Instant::now();
    writer.edit(stroke("one")).await.unwrap();
    let edit = event(&mut events, "the stroke", |event| match event {
        CanvasEvent::Remote { edit } => Some(edit),
        _ => None,
    })
    .await;
    assert!(drawn.elapsed() < seconds(2), "{:?}", drawn.elapsed());
    assert_eq!(edit["puts"][0]["data"], rectangle("one"));
    assert_eq!(edit["deletes"], json!([]));

    let refused = reader.edit(stroke("two")).await.unwrap_err();
    assert_eq!(refused.code, "read_only");
    let refused = reader.start_editing().await.unwrap_err();
    assert_eq!(refused.code, "lock_held");
    assert_eq!(refused.holder.unwrap().user.name, "Ada");
    reader.check_again().await.unwrap();
    held_by_other(&reader).await;
}

#[tokio::test]
async fn c01_the_lock_outlives_its_lease_without_any_window_doing_anything() {
    let server = Server::start_with(["--lease-ttl", "10s"]).await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let app = App::of(&ada).await;
    let canvas = app.edit(&document, "canvas-a").await;
    let (session, fence) = holder(&ada, &document).await.unwrap();
    assert_eq!(session, canvas.session().to_string());

    let path = holdfast_testkit::session::lock_of(&document);
    let first = ada.get(&path).await.ok(200).text("/lock/expires_at").to_owned();
    // timestamps of one form compare as text; this is later than the whole first lease
    until(
        "the lease was renewed past its first end",
        seconds(40),
        async || {
            let lock = ada.get(&path).await.ok(200);
            lock.text("/lock/heartbeat_at") > first.as_str()
        },
    )
    .await;
    assert_eq!(holder(&ada, &document).await, Some((session, fence)));
    assert!(canvas.state().borrow().editable);
}

#[tokio::test]
async fn s02_one_heartbeat_renews_all_windows_of_an_app() {
    let server = Server::start_with(["--lease-ttl", "10s"]).await;
    let ada = server.user("Ada").await;
    let app = App::of(&ada).await;
    let mut held = Vec::new();
    for n in 0..3 {
        let document = ada.canvas(&format!("Plan {n}")).await;
        let canvas = app.edit(&document, &format!("canvas-{n}")).await;
        held.push((document, canvas));
    }
    for (document, _) in &held {
        let path = holdfast_testkit::session::lock_of(document);
        let first = ada.get(&path).await.ok(200).text("/lock/heartbeat_at").to_owned();
        until("each was renewed", seconds(30), async || {
            ada.get(&path).await.ok(200).text("/lock/heartbeat_at") > first.as_str()
        })
        .await;
    }
}

#[tokio::test]
async fn an_edit_is_at_the_server_within_a_second_and_every_kind_of_change_arrives() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let app = App::of(&ada).await;
    let canvas = app.edit(&document, "canvas-a").await;

    canvas.edit(stroke("one")).await.unwrap();
    canvas.edit(stroke("two")).await.unwrap();
    assert_eq!(
        canvas.content().await.unwrap().elements.len(),
        2,
        "at once in the window's own drawing"
    );
    arrives(&ada, &document, "two").await;
    saved(&canvas).await;

    let app_state = serde_json::value::to_raw_value(&json!({"viewBackgroundColor": "#fff"})).unwrap();
    let edit = Edit {
        deletes: vec!["one".into(), "never there".into()],
        app_state: Some(app_state),
        ..Edit::default()
    };
    canvas.edit(edit).await.unwrap();
    until("the deletion is at the server", studio::SOON, async || {
        studio::at_server(&ada, &document).await == ["two"]
    })
    .await;
    let content = ada
        .get(&format!("/v1/documents/{document}/content"))
        .await
        .ok(200);
    assert_eq!(
        content["scene"]["data"]["appState"]["viewBackgroundColor"],
        "#fff"
    );
    saved(&canvas).await;

    // undo of the deletion: put again on the deletion's version
    canvas.edit(stroke("one")).await.unwrap();
    arrives(&ada, &document, "one").await;
    assert!(app.client.drafts().await.is_empty());
}

#[tokio::test]
async fn d05_an_edit_that_changes_nothing_makes_no_version() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let app = App::of(&ada).await;
    let canvas = app.edit(&document, "canvas-a").await;
    canvas.edit(stroke("one")).await.unwrap();
    assert_eq!(saved(&canvas).await, 1);
    // the same data, written in another way
    let again = r#"{"index": "a0", "x": 1.50, "type": "rectangle", "id": "one"}"#;
    let again = Edit {
        puts: vec![ElementData {
            id: "one".into(),
            data: serde_json::value::RawValue::from_string(again.into()).unwrap(),
        }],
        deletes: vec!["never".into()],
        ..Edit::default()
    };
    canvas.edit(stroke("one")).await.unwrap();
    canvas.edit(again).await.unwrap();
    canvas.edit(stroke("two")).await.unwrap();
    arrives(&ada, &document, "two").await;
    assert_eq!(saved(&canvas).await, 2, "one version for each of what was drawn");

    // there and back in one edit is where it was before, not where it has been
    let moved = |x: f64| studio::element(&json!({"id": "one", "type": "rectangle", "x": x, "index": "a0"}));
    let there_and_back = Edit {
        puts: vec![moved(2.5), moved(1.5)],
        ..Edit::default()
    };
    canvas.edit(there_and_back).await.unwrap();
    saved(&canvas).await;
    let shown = canvas.content().await.unwrap();
    let one = shown.elements.iter().find(|element| element.id == "one").unwrap();
    assert!(one.data.get().contains("1.5"), "{}", one.data);
}

#[tokio::test]
async fn d04_an_element_deleted_long_ago_is_put_again_without_a_conflict() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let app = App::of(&ada).await;
    let canvas = app.edit(&document, "canvas-a").await;
    canvas.edit(stroke("one")).await.unwrap();
    saved(&canvas).await;
    let gone = Edit {
        deletes: vec!["one".into()],
        ..Edit::default()
    };
    canvas.edit(gone).await.unwrap();
    saved(&canvas).await;
    canvas.close(studio::BUDGET).await;

    // another start of the app does not know that it ever was
    let next = App::of(&ada).await;
    let canvas = next.edit(&document, "canvas-b").await;
    canvas.edit(stroke("one")).await.unwrap();
    arrives(&ada, &document, "one").await;
    saved(&canvas).await;
    assert!(next.client.drafts().await.is_empty());
}

#[tokio::test]
async fn what_is_no_element_is_refused_and_changes_nothing() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let app = App::of(&ada).await;
    let canvas = app.edit(&document, "canvas-a").await;
    let other = serde_json::value::to_raw_value(&json!({"id": "b"})).unwrap();
    let edit = Edit {
        puts: vec![ElementData {
            id: "a".into(),
            data: other,
        }],
        ..Edit::default()
    };
    assert_eq!(canvas.edit(edit).await.unwrap_err().code, "invalid");
    let refused = canvas
        .add_file("p".into(), "image/png".into(), bytes::Bytes::from_static(b"no"))
        .await;
    assert_eq!(refused.unwrap_err().code, "bad_file");
    assert_eq!(saved(&canvas).await, 0);
}

#[tokio::test]
async fn d09_a_picture_goes_before_the_element_that_shows_it() {
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let app = App::of(&ada).await;
    let canvas = app.edit(&document, "canvas-a").await;
    canvas
        .add_file("p".into(), "image/png".into(), bytes::Bytes::from_static(PNG))
        .await
        .unwrap();
    let data = serde_json::value::to_raw_value(&json!({"id": "p", "mimeType": "image/png"})).unwrap();
    let edit = Edit {
        puts: vec![studio::element(&rectangle("frame"))],
        files: vec![holdfast_client::view::FileData { id: "p".into(), data }],
        ..Edit::default()
    };
    canvas.edit(edit).await.unwrap();
    arrives(&ada, &document, "frame").await;
    saved(&canvas).await;
    assert_eq!(
        &canvas.file("p").await.unwrap()[..],
        PNG,
        "fetched from the server by now"
    );
    assert_eq!(canvas.file("q").await.unwrap_err().code, "not_found");
}

#[tokio::test]
async fn s01_a_reload_of_the_window_keeps_session_and_lock() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let app = App::of(&ada).await;
    let canvas = app.edit(&document, "canvas-a").await;
    let before = holder(&ada, &document).await;
    let mut first = canvas.events().await;
    event(&mut first, "the state", |event| {
        matches!(event, CanvasEvent::State { .. }).then_some(())
    })
    .await;
    let mut second = canvas.events().await;
    let state = event(&mut second, "the state", |event| match event {
        CanvasEvent::State { state } => Some(state),
        _ => None,
    })
    .await;
    assert!(state.editable);
    while first.recv().await.is_some() {}
    assert_eq!(holder(&ada, &document).await, before);
}

#[tokio::test]
async fn r06_people_see_each_other_s_pointers() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let app = App::of(&ada).await;
    let writer = app.edit(&document, "canvas-a").await;
    let reader = app.open(&document, "canvas-b").await;
    held_by_other(&reader).await;
    let mut events = reader.events().await;
    let point = |x| PresenceState {
        pointer: Some(Pointer { x, y: 2.0 }),
        selected: vec!["one".into()],
    };
    // presence is lossy: it is told until it is seen
    let telling = async {
        for x in 0.. {
            writer.presence(point(f64::from(x)));
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    let seeing = event(&mut events, "the pointer", |event| match event {
        CanvasEvent::People { people } => people
            .into_iter()
            .find(|person| person.pointer.is_some() && person.editing),
        _ => None,
    });
    let person = tokio::select! {
        () = telling => unreachable!(),
        person = seeing => person,
    };
    assert_eq!(person.session_id, writer.session());
    assert!(person.own);
    assert_eq!(person.selected, ["one"]);
}

#[tokio::test]
async fn a03_a_viewer_looks_and_is_told_that_it_may_not_more() {
    let server = Server::start().await;
    let (ada, ben) = (server.user("Ada").await, server.user("Ben").await);
    let workspace = ada.workspace("Team").await;
    ada.add_member(&workspace, "ben@example.org", "viewer").await;
    let document = ada.canvas_in(&workspace, "Plan").await;
    let app = App::of(&ben).await;
    let canvas = app.open(&document, "canvas-a").await;
    studio::shows(&canvas, "not allowed", |state| state.lock == LockView::NotAllowed).await;
    canvas.content().await.unwrap();
    assert_eq!(canvas.start_editing().await.unwrap_err().code, "forbidden");
    assert_eq!(canvas.edit(stroke("one")).await.unwrap_err().code, "read_only");
}

#[tokio::test]
async fn a_window_that_looks_takes_the_free_lock_when_asked_and_gives_it_back() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let app = App::of(&ada).await;
    let id = document.parse().unwrap();
    let canvas = app
        .server
        .open_canvas(id, OpenMode::ReadOnly, "canvas-a")
        .await
        .unwrap();
    studio::shows(&canvas, "free", |state| state.lock == LockView::Free).await;
    canvas.start_editing().await.unwrap();
    editable(&canvas).await;
    canvas.edit(stroke("one")).await.unwrap();
    canvas.stop_editing().await.unwrap();
    assert_eq!(
        studio::at_server(&ada, &document).await,
        ["one"],
        "committed before it was given back"
    );
    until("it is free", studio::SOON, async || {
        holder(&ada, &document).await.is_none()
    })
    .await;
    let state = canvas.state().borrow().clone();
    assert!(!state.editable && matches!(state.save, SaveView::Saved { .. }));
    canvas.start_editing().await.unwrap();
    editable(&canvas).await;
}

#[tokio::test]
async fn a_deleted_document_is_gone_from_its_windows() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let app = App::of(&ada).await;
    let canvas = app.look(&document, "canvas-a").await;
    studio::shows(&canvas, "free", |state| state.lock == LockView::Free).await;
    ada.delete(&format!("/v1/documents/{document}")).await.ok(204);
    studio::shows(&canvas, "gone", |state| {
        matches!(state.lock, LockView::Gone { .. })
    })
    .await;
}
