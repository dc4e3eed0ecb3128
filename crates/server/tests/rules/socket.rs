//! The socket's manners: hello, what is not understood, limits.

use holdfast_testkit::{Socket, seconds};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

use crate::stage::{SOON, Team};

#[tokio::test]
async fn a01_a_socket_without_a_token_is_refused() {
    let team = Team::start().await;
    assert_eq!(Socket::dial(&team.server.url(), None).await.unwrap_err(), 401);
    assert_eq!(
        Socket::dial(&team.server.url(), Some("nonsense"))
            .await
            .unwrap_err(),
        401
    );
    team.ada.get("/v1/ws").await.invalid("upgrade");
}

#[tokio::test]
async fn hello_is_answered_and_comes_first() {
    let team = Team::start_with(&["--lease-ttl", "30s"]).await;
    let socket = Socket::dial(&team.server.url(), Some(team.ada.token()))
        .await
        .unwrap();
    socket.say(&json!({"type": "subscribe", "room": format!("workspace:{}", team.workspace)}));
    assert_eq!(socket.next("error").await["code"], "invalid");
    let hello = json!({"type": "hello", "protocol": 1, "client": {"name": "test", "version": "1"}});
    socket.say(&hello);
    let welcome = socket.next("welcome").await;
    assert_eq!(welcome["protocol"], 1);
    assert_eq!(welcome["heartbeat_ms"], 10_000);
    assert_eq!(welcome["server"]["name"], "holdfast-server");
    socket.say(&hello);
    assert_eq!(socket.next("error").await["code"], "invalid");
    let other = Socket::dial(&team.server.url(), Some(team.ada.token()))
        .await
        .unwrap();
    other.say(&json!({"type": "hello", "protocol": 2, "client": {"name": "test", "version": "1"}}));
    assert_eq!(other.next("error").await["code"], "invalid");
    assert_eq!(other.next("closing").await["reason"], "protocol");
}

#[tokio::test]
async fn a_client_that_never_says_hello_is_closed_with_a_reason() {
    let team = Team::start().await;
    let socket = Socket::dial(&team.server.url(), Some(team.ada.token()))
        .await
        .unwrap();
    socket.say(&json!({"type": "goodbye"}));
    let closing = socket
        .next_where("closing", seconds(12), |frame| frame["type"] == "closing")
        .await;
    assert_eq!(closing["reason"], "no_hello");
    socket.closed(SOON).await;
}

#[tokio::test]
async fn what_is_not_understood_gets_an_error_and_the_socket_stays() {
    let team = Team::start().await;
    let socket = Socket::connect(&team.ada).await;
    let session = Uuid::new_v4();
    let cases = [
        "",
        "{",
        "[]",
        "null",
        "7",
        "{}",
        "{\"type\":7}",
        "{\"type\":\"jump\"}",
        "{\"type\":\"attach\"}",
        "{\"type\":\"attach\",\"session_id\":\"x\"}",
        "{\"type\":\"subscribe\",\"room\":\"kitchen\"}",
        "{\"type\":\"subscribe\",\"room\":\"document:x\"}",
        "{\"type\":\"heartbeat\",\"sessions\":{}}",
    ];
    for text in cases {
        socket.say_raw(Message::text(text));
        assert_eq!(socket.next("error").await["code"], "invalid", "{text}");
    }
    let deep = format!("{{\"type\":\"presence\",\"state\":{}", "[".repeat(200_000));
    socket.say_raw(Message::text(deep));
    assert_eq!(socket.next("error").await["code"], "invalid");
    socket.say_raw(Message::binary(vec![1, 2, 3]));
    assert_eq!(socket.next("error").await["code"], "invalid");
    socket.say(&json!({"type": "heartbeat", "sessions": [session], "idle_ms": {session.to_string(): -1}}));
    assert_eq!(socket.next("error").await["code"], "invalid");
    socket.say(&json!({"type": "attach", "session_id": session}));
    let error = socket.next("error").await;
    assert_eq!(
        (&error["code"], &error["session_id"]),
        (&json!("session_not_found"), &json!(session))
    );
    socket.say(&json!({"type": "unsubscribe", "room": format!("document:{session}")}));
    socket.subscribe(&format!("workspace:{}", team.workspace)).await;
}

#[tokio::test]
async fn a_frame_over_the_limit_closes_the_socket_with_a_reason() {
    let team = Team::start().await;
    for size in [(1 << 20) + 1, 3 << 20] {
        let socket = Socket::connect(&team.ada).await;
        socket.say_raw(Message::text("x".repeat(size)));
        assert_eq!(socket.next("closing").await["reason"], "frame_too_large");
        assert!(socket.closed(SOON).await.starts_with("1009"));
    }
    let socket = Socket::connect(&team.ada).await;
    socket.say_raw(Message::text("x".repeat(1 << 20)));
    assert_eq!(socket.next("error").await["code"], "invalid");
}

#[tokio::test]
async fn a_snapshot_holds_the_live_locks_of_its_room() {
    let team = Team::start().await;
    let document = team.canvas("a").await;
    let session = team.session(&team.bo).await;
    let lock = session.acquire(&document).await.ok(201)["lock"].clone();
    let socket = Socket::connect(&team.ada).await;
    for room in [
        format!("document:{document}"),
        format!("workspace:{}", team.workspace),
    ] {
        let subscribed = socket.subscribe(&room).await;
        assert_eq!(subscribed["snapshot"]["locks"], json!([lock]));
        assert_eq!(subscribed["snapshot"]["presence"], json!([]));
        assert_ne!(subscribed["epoch"], Value::Null);
    }
}
