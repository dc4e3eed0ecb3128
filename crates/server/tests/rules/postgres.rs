//! The real server on a real PostgreSQL: from outside it is the same, and it outlives the database's end.

use holdfast_testkit::{Server, Socket, eventually::until, postgres::Postgres, seconds, session::put};
use reqwest::Method;
use serde_json::json;

use crate::stage::{Team, room_of};

#[tokio::test]
async fn d02_commits_survive_the_server_and_the_database() {
    let mut postgres = Postgres::start().await;
    let url = postgres.url();
    let mut team = Team::start_with(&["--database-url", &url, "--lease-ttl", "30min"]).await;
    let (session, document) = (team.session(&team.bo).await, team.canvas("a").await);
    let fence = session.lock(&document).await;
    let watcher = Socket::connect(&team.ada).await;
    watcher.subscribe(&room_of(&document)).await;
    session.commit(&document, fence, &[put("a", 0)]).await.ok(200);
    assert_eq!(watcher.next("event").await["event"]["type"], "document_committed");

    // The database goes: nothing is risked, and the load balancer is told.
    postgres.kill();
    let refused = session.commit(&document, fence, &[put("a", 1)]).await;
    refused.expect(503, "unavailable");
    let ready = team.ada.attempt(Method::GET, "/readyz", "", Vec::new()).await;
    assert_eq!(ready.expect("an answer").status, 503);

    // It comes back: all of it heals by itself, and the lock is still the session's.
    postgres.restart().await;
    let id = uuid::Uuid::new_v4();
    until("commits are taken again", seconds(20), async || {
        let answer = session.commit_as(id, &document, fence, &[put("a", 1)]).await;
        answer.status == 200
    })
    .await;
    assert_eq!(watcher.next("event").await["event"]["version"], 2);

    team.server.restart().await;
    session.commit(&document, fence, &[put("a", 2)]).await.ok(200);
    let content = team
        .ada
        .get(&format!("/v1/documents/{document}/content"))
        .await
        .ok(200);
    assert_eq!(content["version"], 3);
}

#[tokio::test]
async fn a_second_server_on_the_same_database_is_refused() {
    let postgres = Postgres::start().await;
    let url = postgres.url();
    let server = Server::start_with(["--database-url", &url]).await;
    let output = std::process::Command::new(holdfast_testkit::binary::built(
        "holdfast-server",
        "HOLDFAST_SERVER_BIN",
    ))
    .args(["serve", "--listen", "127.0.0.1:0", "--database-url", &url])
    .output()
    .expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("another holdfast-server serves PostgreSQL"),
        "{said}"
    );
    assert!(!said.contains("postgres@"), "{said}");
    let ada = server.user("Ada").await;
    ada.get("/v1/me").await.ok(200);
}

#[tokio::test]
async fn text_that_the_database_can_not_keep_is_no_fault_of_the_server() {
    let postgres = Postgres::start().await;
    let server = Server::start_with(["--database-url", &postgres.url()]).await;
    let ada = server.user("Ada").await;
    let body = json!({"email": "a\0@example.org", "password": "x", "device_name": "d"});
    ada.post("/v1/auth/sign-in", &body)
        .await
        .expect(401, "unauthenticated");
    ada.get("/v1/documents?scope=personal&cursor=1.%00")
        .await
        .invalid("cursor");
    let (session, document) = (ada.session(None).await, ada.canvas("a").await);
    let fence = session.lock(&document).await;
    let data = json!({"id": "a", "index": "\0", "text": "\0"});
    let change = json!({"op": "put", "id": "a", "base_version": 0, "data": data});
    session.commit(&document, fence, &[change]).await.ok(200);
    let content = ada
        .get(&format!("/v1/documents/{document}/content"))
        .await
        .ok(200);
    assert_eq!(content["elements"][0]["data"], data);
}
