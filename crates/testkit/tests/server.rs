//! The testkit's server, clients, sessions and sockets against the real program.

use holdfast_testkit::{Client, Server, Socket, seconds, server::PASSWORD, session::put};

#[tokio::test]
async fn a_person_signs_in_locks_draws_and_is_seen() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Sketch").await;
    let socket = Socket::connect(&ada).await;
    let room = format!("document:{document}");
    socket.subscribe(&room).await;
    let session = ada.session(None).await;
    socket.attach(&session.id()).await;
    let fence = session.lock(&document).await;
    session.commit(&document, fence, &[put("a", 0)]).await.ok(200);
    assert_eq!(
        socket.event(&room, "document_committed").await["event"]["version"],
        1
    );
    let other = ada.session(None).await;
    other.acquire(&document).await.expect(409, "lock_held");
    other
        .commit(&document, fence, &[put("a", 1)])
        .await
        .expect(409, "lock_required");
    ada.post(
        "/v1/documents",
        &serde_json::json!({"name": "", "kind": "canvas"}),
    )
    .await
    .invalid("name");
}

#[tokio::test]
async fn a_killed_server_comes_back_on_the_same_port_with_the_same_data() {
    let mut server = Server::start_with(["--lease-ttl", "20s"]).await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Sketch").await;
    let session = ada.session(None).await;
    let fence = session.lock(&document).await;
    server.kill();
    assert!(
        ada.attempt(reqwest::Method::GET, "/healthz", "", Vec::new())
            .await
            .is_err()
    );
    server.restart().await;
    let answer = session.acquire(&document).await.ok(200);
    assert_eq!(answer.integer("/lock/fence"), fence);
    assert_eq!(server.terminate().await.code(), Some(0));
}

#[tokio::test]
async fn a_paused_server_hangs_and_goes_on() {
    let server = Server::start().await;
    server.add_user("ada@example.org", "Ada", PASSWORD);
    server.pause();
    let nobody = Client::anonymous(&server.url());
    let hangs = tokio::time::timeout(seconds(1), nobody.get("/healthz")).await;
    assert!(hangs.is_err());
    server.resume();
    nobody.get("/healthz").await.ok(200);
}
