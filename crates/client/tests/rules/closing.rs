//! Leaving, in order and otherwise.

use std::time::Instant;

use holdfast_client::view::{CanvasEvent, ConnectionView, SaveView};
use holdfast_testkit::{Server, eventually::until, network::Link, seconds};

use crate::studio::{self, App, BUDGET, SOON, event, holder, shows, stroke};

#[tokio::test]
async fn c04_closing_a_window_saves_and_releases_within_the_budget() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let app = App::of(&ada).await;
    let canvas = app.edit(&document, "canvas-a").await;
    let mut events = canvas.events().await;
    canvas.edit(stroke("one")).await.unwrap();
    let flushing = async {
        event(&mut events, "flush", |event| {
            matches!(event, CanvasEvent::Flush).then_some(())
        })
        .await;
        canvas.edit(stroke("last")).await.unwrap();
        canvas.flushed();
    };
    let start = Instant::now();
    let (report, ()) = tokio::join!(canvas.close(BUDGET), flushing);
    assert!(start.elapsed() < BUDGET);
    assert!(report.released);
    assert_eq!((report.kept_changes, report.window.as_str()), (0, "canvas-a"));
    assert_eq!(holder(&ada, &document).await, None, "free at once");
    let mut elements = studio::at_server(&ada, &document).await;
    elements.sort();
    assert_eq!(elements, ["last", "one"]);
    assert!(app.client.drafts().await.is_empty());
    assert!(app.server.canvases().is_empty());
    assert_eq!(canvas.edit(stroke("late")).await.unwrap_err().code, "closed");
    ada.get(&format!("/v1/sessions/{}", canvas.session()))
        .await
        .expect(404, "session_not_found");
}

#[tokio::test]
async fn c04_a_window_that_does_not_answer_is_not_waited_for() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let app = App::of(&ada).await;
    let canvas = app.edit(&document, "canvas-a").await;
    let _events = canvas.events().await;
    let start = Instant::now();
    let report = canvas.close(seconds(2)).await;
    assert!(start.elapsed() < seconds(3));
    assert!(report.released);
    assert_eq!(holder(&ada, &document).await, None);
}

#[tokio::test]
async fn c04_quitting_closes_all_windows_at_once() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let app = App::of(&ada).await;
    let mut documents = Vec::new();
    for n in 0..4 {
        let document = ada.canvas(&format!("Plan {n}")).await;
        app.edit(&document, &format!("canvas-{n}"))
            .await
            .edit(stroke("one"))
            .await
            .unwrap();
        documents.push(document);
    }
    let reports = app.client.close(BUDGET).await;
    assert_eq!(reports.len(), 4);
    assert!(
        reports
            .iter()
            .all(|report| report.released && report.kept_changes == 0),
        "{reports:?}"
    );
    for document in &documents {
        assert_eq!(holder(&ada, document).await, None);
        assert_eq!(studio::at_server(&ada, document).await, ["one"]);
    }
}

#[tokio::test]
async fn c04_out_of_reach_a_window_closes_in_time_and_keeps_its_edits() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let link = Link::to(server.address()).await;
    let app = App::through(&ada, &link).await;
    let canvas = app.edit(&document, "canvas-a").await;
    link.fall_silent();
    canvas.edit(stroke("kept")).await.unwrap();
    let start = Instant::now();
    let report = canvas.close(seconds(2)).await;
    assert!(start.elapsed() < seconds(3), "{:?}", start.elapsed());
    assert!(!report.released);
    assert_eq!(report.kept_changes, 1);
    assert!(link.faults().silenced > 0);
    let draft = studio::draft(&app.client, canvas.document()).await;
    assert_eq!(draft.changes, 1);
}

#[tokio::test]
async fn s08_signing_out_frees_everything_and_the_token_is_worth_nothing() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let ben = server.user("Ben").await;
    let workspace = ada.workspace("Team").await;
    ada.add_member(&workspace, "ben@example.org", "viewer").await;
    let document = ada.canvas_in(&workspace, "Plan").await;
    let app = App::of(&ada).await;
    let canvas = app.edit(&document, "canvas-a").await;
    canvas.edit(stroke("one")).await.unwrap();
    let reports = app.server.sign_out(BUDGET).await;
    assert!(
        reports
            .iter()
            .all(|report| report.released && report.kept_changes == 0)
    );
    assert_eq!(holder(&ben, &document).await, None);
    assert_eq!(studio::at_server(&ben, &document).await, ["one"]);
    ada.get("/v1/me").await.expect(401, "unauthenticated");
}

#[tokio::test]
async fn s08_a_sign_in_revoked_from_elsewhere_is_said_and_nothing_is_lost() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let app = App::of(&ada).await;
    let canvas = app.edit(&document, "canvas-a").await;
    canvas.edit(stroke("one")).await.unwrap();
    studio::saved(&canvas).await;
    ada.post("/v1/auth/sign-out", &serde_json::Value::Null)
        .await
        .ok(204);
    shows(&canvas, "signed out", |state| {
        matches!(state.connection, ConnectionView::SignedOut { .. })
    })
    .await;
    if canvas.edit(stroke("late")).await.is_ok() {
        until("it is kept", SOON, async || {
            canvas.state().borrow().save.unsaved() == 1
        })
        .await;
        let report = canvas.close(BUDGET).await;
        assert_eq!(report.kept_changes, 1);
    }
    assert!(!matches!(canvas.state().borrow().save, SaveView::Saving { .. }));
}
