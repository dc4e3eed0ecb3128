//! Networks that fail, servers that restart, machines that sleep.

use std::sync::Arc;

use async_trait::async_trait;
use holdfast_client::{
    ClientConfig, OpenMode,
    clock::JumpClock,
    connection::{Dial, DialError, FrameSink, FrameStream},
    credentials::Token,
    view::{ConnectionView, LockView, SaveView},
};
use holdfast_testkit::{
    Server,
    eventually::until,
    network::{Link, Way},
    seconds,
};
use url::Url;

use crate::studio::{self, App, SOON, arrives, connected, editable, holder, saved, shows, stroke};

#[tokio::test]
async fn s01_a_lost_network_keeps_session_lock_and_edits() {
    let server = Server::start_with(["--grace", "20s"]).await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let link = Link::to(server.address()).await;
    let app = App::through(&ada, &link).await;
    let canvas = app.edit(&document, "canvas-a").await;
    let before = holder(&ada, &document).await.unwrap();

    link.cut();
    shows(&canvas, "offline", |state| {
        matches!(state.connection, ConnectionView::Offline { .. })
    })
    .await;
    canvas.edit(stroke("offline")).await.unwrap();
    let state = shows(&canvas, "saved on this device", |state| {
        matches!(state.save, SaveView::Offline { .. })
    })
    .await;
    assert!(state.editable);
    assert!(matches!(state.lock, LockView::Held { remaining_ms, .. } if remaining_ms > 0));
    until("a connection is turned away", SOON, async || {
        link.faults().refused > 0
    })
    .await;

    link.mend();
    arrives(&ada, &document, "offline").await;
    saved(&canvas).await;
    assert_eq!(
        holder(&ada, &document).await.unwrap(),
        before,
        "the same session, the same fence"
    );
    assert!(link.faults().reset > 0);
}

#[tokio::test]
async fn s03_a_reset_socket_is_attached_again_within_the_grace() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let link = Link::to(server.address()).await;
    let app = App::through(&ada, &link).await;
    let canvas = app.edit(&document, "canvas-a").await;
    let before = holder(&ada, &document).await.unwrap();
    link.reset();
    let mut status = app.server.status();
    let broken = status.wait_for(|status| matches!(status, ConnectionView::Offline { .. }));
    tokio::time::timeout(SOON, broken)
        .await
        .expect("the break is noticed")
        .unwrap();
    connected(&app.server).await;
    assert!(link.faults().reset > 0);

    // the grace is over by the time that the lease has been renewed past it
    let path = holdfast_testkit::session::lock_of(&document);
    let grace_over = ada.get(&path).await.ok(200);
    let cut = grace_over.text("/lock/heartbeat_at").to_owned();
    until("it was renewed since", seconds(40), async || {
        ada.get(&path).await.ok(200).text("/lock/heartbeat_at") > cut.as_str()
    })
    .await;
    assert_eq!(holder(&ada, &document).await.unwrap(), before);
    assert!(canvas.state().borrow().editable);
}

#[tokio::test]
async fn x09_the_link_comes_back_after_the_server_was_killed() {
    let mut server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let app = App::of(&ada).await;
    let canvas = app.edit(&document, "canvas-a").await;
    let before = holder(&ada, &document).await.unwrap();
    server.kill();
    shows(&canvas, "offline", |state| {
        matches!(state.connection, ConnectionView::Offline { .. })
    })
    .await;
    canvas.edit(stroke("meanwhile")).await.unwrap();
    server.restart().await;
    arrives(&ada, &document, "meanwhile").await;
    shows(&canvas, "online", |state| {
        state.connection == ConnectionView::Online
    })
    .await;
    assert_eq!(
        holder(&ada, &document).await.unwrap(),
        before,
        "a server's end cuts no lease"
    );
}

#[tokio::test]
async fn x09_a_link_that_only_looks_open_is_given_up() {
    let server = Server::start_with(["--lease-ttl", "10s"]).await;
    let ada = server.user("Ada").await;
    let link = Link::to(server.address()).await;
    let app = App::through(&ada, &link).await;
    link.fall_silent();
    let mut status = app.server.status();
    let given_up = status.wait_for(|status| matches!(status, ConnectionView::Offline { .. }));
    tokio::time::timeout(seconds(40), given_up)
        .await
        .expect("silence is noticed")
        .unwrap();
    assert!(link.faults().silenced > 0);
    link.mend();
    tokio::time::timeout(seconds(60), connected(&app.server))
        .await
        .expect("it comes back");
}

#[tokio::test]
async fn d05_a_commit_whose_answer_was_lost_is_written_once() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let link = Link::to(server.address()).await;
    let app = App::through(&ada, &link).await;
    let canvas = app.edit(&document, "canvas-a").await;
    link.fall_silent_one_way(Way::Back);
    canvas.edit(stroke("one")).await.unwrap();
    arrives(&ada, &document, "one").await;
    until("an answer was lost", SOON, async || link.faults().silenced > 0).await;
    // what fell silent never arrives: the request is made again on another connection
    link.reset();
    link.mend();
    assert_eq!(saved(&canvas).await, 1);
    let history = ada
        .get(&format!("/v1/documents/{document}/commits"))
        .await
        .ok(200);
    assert_eq!(history.list("/items").len(), 1);
    canvas.edit(stroke("two")).await.unwrap();
    arrives(&ada, &document, "two").await;
    assert_eq!(saved(&canvas).await, 2);
}

#[tokio::test]
async fn l16_a_lock_granted_in_a_lost_answer_is_found_and_used() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let link = Link::to(server.address()).await;
    let app = App::through(&ada, &link).await;
    let id = document.parse().unwrap();
    let canvas = app
        .server
        .open_canvas(id, OpenMode::ReadOnly, "canvas-a")
        .await
        .unwrap();
    shows(&canvas, "free", |state| state.lock == LockView::Free).await;
    canvas.content().await.unwrap();
    until("the session is open", SOON, async || {
        ada.get(&format!("/v1/sessions/{}", canvas.session()))
            .await
            .status
            == 200
    })
    .await;

    link.fall_silent_one_way(Way::Back);
    let asking = tokio::spawn({
        let canvas = canvas.clone();
        async move { canvas.start_editing().await }
    });
    until("the server granted it", SOON, async || {
        holder(&ada, &document).await.is_some()
    })
    .await;
    until("the answer was lost", SOON, async || link.faults().silenced > 0).await;
    link.reset();
    link.mend();
    asking.await.unwrap().unwrap();
    editable(&canvas).await;
    let (session, _) = holder(&ada, &document).await.unwrap();
    assert_eq!(session, canvas.session().to_string());
    canvas.edit(stroke("one")).await.unwrap();
    arrives(&ada, &document, "one").await;
}

#[tokio::test]
async fn x03_a_lease_that_ended_is_taken_anew_where_nobody_did_anything() {
    let server = Server::start_with(["--lease-ttl", "10s", "--grace", "1s"]).await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let link = Link::to(server.address()).await;
    let app = App::through(&ada, &link).await;
    let canvas = app.edit(&document, "canvas-a").await;
    let (_, fence) = holder(&ada, &document).await.unwrap();
    link.cut();
    canvas.edit(stroke("offline")).await.unwrap();
    until("the lease ended", SOON, async || {
        holder(&ada, &document).await.is_none()
    })
    .await;
    let state = shows(&canvas, "others may be editing", |state| {
        matches!(state.lock, LockView::Lapsed { .. })
    })
    .await;
    assert!(
        matches!(state.save, SaveView::Draft { changes: 1 }),
        "{:?}",
        state.save
    );
    link.mend();
    arrives(&ada, &document, "offline").await;
    let (session, newer) = holder(&ada, &document).await.unwrap();
    assert_eq!(session, canvas.session().to_string());
    assert!(newer > fence);
    editable(&canvas).await;
    assert!(link.faults().refused > 0);
}

#[tokio::test]
async fn x08_after_sleep_nothing_is_written_before_the_lock_is_proved() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let folder = tempfile::tempdir().unwrap();
    let clock = JumpClock::default();
    let config = ClientConfig {
        clock: Arc::new(clock.clone()),
        ..studio::config(&folder, "Ada's laptop")
    };
    let link = Link::to(server.address()).await;
    let app = App::with(&ada, &link.url(), folder, config).await;
    let canvas = app.edit(&document, "canvas-a").await;
    let (_, fence) = holder(&ada, &document).await.unwrap();
    // while the machine sleeps somebody else takes over, and nothing of it arrives
    link.cut();
    clock.sleep_machine(seconds(60));
    let lapsed = canvas.edit(stroke("after waking")).await;
    lapsed.unwrap();
    let state = shows(&canvas, "lapsed", |state| {
        matches!(state.lock, LockView::Lapsed { .. })
    })
    .await;
    assert!(matches!(state.save, SaveView::Draft { .. }));
    assert!(studio::at_server(&ada, &document).await.is_empty());
    link.mend();
    arrives(&ada, &document, "after waking").await;
    assert!(holder(&ada, &document).await.unwrap().1 >= fence);
}

#[tokio::test]
async fn x02_taking_over_while_out_of_reach_leaves_no_edit_behind() {
    let server = Server::start_with(["--lease-ttl", "10s", "--grace", "1s"]).await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let link = Link::to(server.address()).await;
    let app = App::through(&ada, &link).await;
    let canvas = app.edit(&document, "canvas-a").await;
    link.cut();
    canvas.edit(stroke("offline")).await.unwrap();
    shows(&canvas, "lapsed", |state| {
        matches!(state.lock, LockView::Lapsed { .. })
    })
    .await;
    let refused = canvas.take_over("It is mine").await.unwrap_err();
    assert_eq!(refused.code, "offline");
    let state = canvas.state().borrow().clone();
    assert!(matches!(state.save, SaveView::Draft { changes: 1 }), "{state:#?}");
    assert!(link.faults().reset > 0);
    link.mend();
    arrives(&ada, &document, "offline").await;
    saved(&canvas).await;
}

/// No socket ever comes to be: a proxy that only lets HTTP through.
#[derive(Debug)]
struct NoSocket;

#[async_trait]
impl Dial for NoSocket {
    async fn dial(&self, _: &Url, _: &Token, _: &str) -> Result<(FrameSink, FrameStream), DialError> {
        Err(DialError::Failed("the proxy lets no socket through".into()))
    }
}

#[tokio::test]
async fn s02_without_a_socket_leases_are_renewed_over_http() {
    let server = Server::start_with(["--lease-ttl", "10s"]).await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let folder = tempfile::tempdir().unwrap();
    let config = ClientConfig {
        dial: Arc::new(NoSocket),
        ..studio::config(&folder, "Ada's laptop")
    };
    let client = holdfast_client::Client::new(config).unwrap();
    let at = studio::add_server(&client, &ada, ada.base());
    let canvas = at
        .open_canvas(document.parse().unwrap(), OpenMode::Edit, "canvas-a")
        .await
        .unwrap();
    editable(&canvas).await;
    let before = holder(&ada, &document).await.unwrap();
    let path = holdfast_testkit::session::lock_of(&document);
    let first = ada.get(&path).await.ok(200).text("/lock/expires_at").to_owned();
    until(
        "the lease was renewed past its first end",
        seconds(40),
        async || ada.get(&path).await.ok(200).text("/lock/heartbeat_at") > first.as_str(),
    )
    .await;
    assert_eq!(holder(&ada, &document).await.unwrap(), before);
    assert!(!matches!(*at.status().borrow(), ConnectionView::Online));
    canvas.edit(stroke("one")).await.unwrap();
    arrives(&ada, &document, "one").await;
}
