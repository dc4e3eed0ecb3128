//! S: sessions and their leases.

use holdfast_testkit::{
    Client, Session, Socket, eventually::until, seconds, server::PASSWORD, session::lock_of,
};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

use crate::stage::{SOON, Team, is_free, listener, lock_state, moment, now, reach, room_of};

async fn expiry(session: &Session) -> i64 {
    moment(&session.look().await.ok(200)["expires_at"])
}

/// Waits until a session's lease was cut to the grace.
async fn cut(session: &Session, before: i64) -> i64 {
    let mut after = before;
    until("the lease is cut", SOON, async || {
        after = expiry(session).await;
        after < before - 10_000
    })
    .await;
    after
}

#[tokio::test]
async fn s01_each_window_is_a_session_with_the_id_that_the_client_made() {
    let team = Team::start().await;
    let (one, two) = (team.session(&team.bo).await, team.session(&team.bo).await);
    assert_eq!(one.look().await.ok(200)["session_id"], one.id());
    let mine = team.bo.get("/v1/me/sessions").await.ok(200);
    let ids: Vec<_> = mine
        .list("/items")
        .iter()
        .map(|session| session["session_id"].clone())
        .collect();
    assert_eq!(ids, [json!(one.id()), json!(two.id())]);
}

#[tokio::test]
async fn s02_one_heartbeat_renews_every_lock() {
    let team = Team::start().await;
    let session = team.session(&team.bo).await;
    let documents = [
        team.canvas("a").await,
        team.canvas("b").await,
        team.canvas("c").await,
    ];
    for document in &documents {
        session.lock(document).await;
    }
    let before = moment(&lock_state(&team.ada, &documents[0]).await["lock"]["expires_at"]);
    reach(before - 45_000 + 50).await;
    let beat = session.heartbeat().await.ok(200);
    assert_eq!(beat.list("/locks").len(), 3);
    for document in &documents {
        let lock = &lock_state(&team.ada, document).await["lock"];
        assert_eq!(lock["expires_at"], beat["expires_at"]);
        assert!(moment(&lock["expires_at"]) > before);
    }
}

#[tokio::test]
async fn s02_the_socket_renews_many_sessions_in_one_frame_and_names_those_that_ended() {
    let team = Team::start().await;
    let (one, two, ended) = (
        team.session(&team.bo).await,
        team.session(&team.bo).await,
        team.session(&team.bo).await,
    );
    let theirs = team.session(&team.ada).await;
    ended.close().await.ok(204);
    let socket = Socket::connect(&team.bo).await;
    let before = expiry(&one).await;
    reach(before - 45_000 + 50).await;
    let sessions = [one.id(), ended.id(), two.id(), theirs.id()];
    socket.say(&json!({"type": "heartbeat", "sessions": sessions, "idle_ms": {one.id(): 1_000}}));
    let ack = socket.next("heartbeat_ack").await;
    assert!(moment(&ack["sessions"][0]["expires_at"]) > before);
    assert_eq!(
        ack["sessions"][1],
        json!({"session_id": ended.id(), "code": "session_not_found"})
    );
    assert_eq!(ack["sessions"][2]["session_id"], two.id());
    assert_eq!(
        ack["sessions"][3],
        json!({"session_id": theirs.id(), "code": "session_not_yours"})
    );
    assert!(
        ack["sessions"][0]["locks"].is_null(),
        "the socket's answer lists no locks"
    );
}

#[tokio::test]
async fn s02_opening_the_own_live_session_again_keeps_its_locks() {
    let team = Team::start().await;
    let (session, document) = (team.session(&team.bo).await, team.canvas("a").await);
    let fence = session.lock(&document).await;
    session.open(Some(&team.workspace), &Value::Null).await.ok(200);
    assert_eq!(lock_state(&team.ada, &document).await["lock"]["fence"], fence);
}

#[tokio::test]
async fn s02_a_lease_lasts_as_long_as_asked_within_bounds() {
    let team = Team::start().await;
    let open = async |ttl: Value| {
        Session::new(team.bo.clone(), Uuid::new_v4())
            .open(None, &ttl)
            .await
    };
    for wrong in [
        json!(9_999),
        json!(3_600_001),
        json!(-1),
        json!(1.5),
        json!("45s"),
        json!(i64::MAX),
    ] {
        open(wrong).await.invalid("ttl_ms");
    }
    for right in [10_000, 3_600_000] {
        let opened = open(json!(right)).await.ok(201);
        assert_eq!(opened["ttl_ms"], right);
        assert_eq!(opened["heartbeat_ms"], right / 3);
        let left = moment(&opened["expires_at"]) - now();
        assert!((right - 5_000..=right).contains(&left), "{left}");
    }
    let opened = open(Value::Null).await.ok(201);
    assert_eq!(opened["ttl_ms"], 45_000);
    assert_eq!(opened["grace_ms"], 5_000);
}

#[tokio::test]
async fn s02_acquiring_or_refreshing_a_lock_renews_the_session() {
    let team = Team::start().await;
    let (session, document) = (team.session(&team.bo).await, team.canvas("a").await);
    for status in [201, 200] {
        let before = expiry(&session).await;
        reach(before - 45_000 + 50).await;
        session.acquire(&document).await.ok(status);
        assert!(expiry(&session).await > before);
    }
}

#[tokio::test]
async fn s02_a_ping_is_no_heartbeat() {
    let team = Team::start_with(&["--lease-ttl", "1s"]).await;
    let session = team.session(&team.bo).await;
    let socket = Socket::connect(&team.bo).await;
    socket.attach(&session.id()).await;
    until("the lease ends under all the pings", seconds(5), async || {
        socket.say_raw(Message::Ping(Vec::new().into()));
        session.look().await.status == 404
    })
    .await;
}

#[tokio::test]
async fn s03_a_socket_that_closes_without_a_goodbye_cuts_the_lease_to_the_grace() {
    let team = Team::start_with(&["--grace", "1s"]).await;
    let document = team.canvas("a").await;
    let watcher = listener(&team.ada, &room_of(&document)).await;
    for way in ["close frame", "end of stream", "reset"] {
        let session = team.session(&team.bo).await;
        session.lock(&document).await;
        let socket = Socket::connect(&team.bo).await;
        socket.attach(&session.id()).await;
        let began = now();
        match way {
            "close frame" => socket.close().await,
            "end of stream" => socket.end().await,
            _ => socket.reset().await,
        }
        let gone = watcher
            .event_within(&room_of(&document), "document_unlocked", seconds(4))
            .await;
        assert_eq!(gone["event"]["reason"], "disconnected", "{way}");
        assert!(now() - began >= 900, "{way}: the grace was not kept");
        session.heartbeat().await.expect(404, "session_not_found");
    }
}

#[tokio::test]
async fn s03_attaching_again_or_a_heartbeat_within_the_grace_restores_the_lease() {
    let team = Team::start_with(&["--grace", "20s"]).await;
    let (session, document) = (team.session(&team.bo).await, team.canvas("a").await);
    session.lock(&document).await;
    for way in ["socket", "http"] {
        let socket = Socket::connect(&team.bo).await;
        let attached = socket.attach(&session.id()).await;
        assert_eq!(attached["locks"][0]["resource"]["id"], document.as_str());
        let before = moment(&attached["expires_at"]);
        socket.end().await;
        let after = cut(&session, before).await;
        assert!(after <= now() + 20_000, "{way}");
        let back = Socket::connect(&team.bo).await;
        if way == "socket" {
            back.attach(&session.id()).await;
        } else {
            session.heartbeat().await.ok(200);
        }
        assert!(expiry(&session).await >= before, "{way}");
        back.end().await;
    }
    assert!(!is_free(&team.ada, &document).await);
}

#[tokio::test]
async fn s03_a_session_on_two_sockets_loses_nothing_while_one_is_left() {
    let team = Team::start_with(&["--grace", "20s"]).await;
    let (both, single) = (team.session(&team.bo).await, team.session(&team.bo).await);
    let (leaving, staying) = (Socket::connect(&team.bo).await, Socket::connect(&team.bo).await);
    let before_single = moment(&leaving.attach(&single.id()).await["expires_at"]);
    leaving.attach(&both.id()).await;
    let before = moment(&staying.attach(&both.id()).await["expires_at"]);
    leaving.end().await;
    cut(&single, before_single).await;
    assert!(expiry(&both).await >= before);
    staying.end().await;
    cut(&both, before).await;
}

#[tokio::test]
async fn s03_the_servers_own_end_cuts_no_lease() {
    let mut team = Team::start_with(&["--grace", "100ms"]).await;
    let (session, document) = (team.session(&team.bo).await, team.canvas("a").await);
    let fence = session.lock(&document).await;
    for politely in [true, false] {
        let socket = Socket::connect(&team.bo).await;
        let before = moment(&socket.attach(&session.id()).await["expires_at"]);
        if politely {
            assert!(team.server.terminate().await.success());
        } else {
            team.server.kill();
        }
        reach(now() + 300).await;
        team.server.restart().await;
        assert_eq!(expiry(&session).await, before, "politely: {politely}");
        assert_eq!(session.heartbeat().await.ok(200)["locks"][0]["fence"], fence);
    }
}

#[tokio::test]
async fn s03_a_session_that_never_attached_just_has_its_lease() {
    let team = Team::start_with(&["--grace", "100ms"]).await;
    let (silent, attached) = (team.session(&team.bo).await, team.session(&team.bo).await);
    let before = expiry(&silent).await;
    let socket = Socket::connect(&team.bo).await;
    socket.attach(&attached.id()).await;
    socket.end().await;
    until("the other one is gone", SOON, async || {
        attached.look().await.status == 404
    })
    .await;
    assert_eq!(expiry(&silent).await, before);
}

#[tokio::test]
async fn s04_silence_ends_the_lease_at_its_ttl() {
    let team = Team::start_with(&["--lease-ttl", "1s"]).await;
    let document = team.canvas("a").await;
    let watcher = listener(&team.ada, &room_of(&document)).await;
    let session = team.session(&team.bo).await;
    let socket = Socket::connect(&team.bo).await;
    socket.attach(&session.id()).await;
    session.lock(&document).await;
    let expires = moment(&lock_state(&team.ada, &document).await["lock"]["expires_at"]);
    let gone = watcher
        .event_within(&room_of(&document), "document_unlocked", seconds(3))
        .await;
    assert_eq!(gone["event"]["reason"], "expired");
    assert!(now() >= expires);
    assert!(now() <= expires + 1_000, "told {} ms late", now() - expires);
}

#[tokio::test]
async fn s04_a_server_that_restarts_comes_to_the_same_answer() {
    let mut team = Team::start_with(&["--lease-ttl", "3s"]).await;
    let document = team.canvas("a").await;
    let (holder, other) = (
        team.session(&team.bo).await,
        team.ada.session_with(Some(&team.workspace), &json!(60_000)).await,
    );
    holder.lock(&document).await;
    let expires = moment(&lock_state(&team.ada, &document).await["lock"]["expires_at"]);
    team.server.kill();
    team.server.restart().await;
    if now() < expires - 500 {
        assert_eq!(
            moment(&lock_state(&team.ada, &document).await["lock"]["expires_at"]),
            expires
        );
        other.acquire(&document).await.expect(409, "lock_held");
    }
    team.server.kill();
    reach(expires + 1).await;
    team.server.restart().await;
    other.lock(&document).await;
    holder.heartbeat().await.expect(404, "session_not_found");
}

#[tokio::test]
async fn s05_a_goodbye_releases_everything_at_once() {
    let team = Team::start().await;
    let documents = [
        team.canvas("a").await,
        team.canvas("b").await,
        team.canvas("c").await,
    ];
    let room = format!("workspace:{}", team.workspace);
    for by_socket in [false, true] {
        let watcher = listener(&team.ada, &room).await;
        let session = team.session(&team.bo).await;
        for document in &documents {
            session.lock(document).await;
        }
        if by_socket {
            let socket = Socket::connect(&team.bo).await;
            socket.attach(&session.id()).await;
            socket.detach(&session.id());
            until("the session has ended", SOON, async || {
                session.look().await.status == 404
            })
            .await;
        } else {
            session.close().await.ok(204);
        }
        for document in &documents {
            assert!(is_free(&team.ada, document).await);
        }
        for _ in &documents {
            let event = watcher.event(&room, "document_unlocked").await;
            assert_eq!(event["event"]["reason"], "released");
            assert_eq!(event["event"]["by"]["session_id"], session.id());
        }
    }
}

#[tokio::test]
async fn s06_an_ended_session_is_gone_and_its_user_may_open_the_id_again() {
    let team = Team::start().await;
    let (session, document) = (team.session(&team.bo).await, team.canvas("a").await);
    session.lock(&document).await;
    session.close().await.ok(204);
    session.heartbeat().await.expect(404, "session_not_found");
    session.look().await.expect(404, "session_not_found");
    session.acquire(&document).await.expect(404, "session_not_found");
    session.open(Some(&team.workspace), &Value::Null).await.ok(201);
    assert_eq!(session.heartbeat().await.ok(200).list("/locks").len(), 0);
    session.close().await.ok(204);
    let id = session.id().parse().unwrap();
    let thief = Session::new(team.ada.clone(), id);
    thief
        .open(Some(&team.workspace), &Value::Null)
        .await
        .expect(403, "session_not_yours");
}

#[tokio::test]
async fn s07_a_session_belongs_to_its_sign_in() {
    let team = Team::start().await;
    let (session, document) = (team.session(&team.bo).await, team.canvas("a").await);
    let elsewhere = Client::sign_in(&team.server.url(), "bo@example.org", PASSWORD, "another device").await;
    for stranger in [&team.ada, &elsewhere] {
        let theirs = Session::new(stranger.clone(), session.id().parse().unwrap());
        theirs.heartbeat().await.expect(403, "session_not_yours");
        theirs.look().await.expect(403, "session_not_yours");
        theirs.close().await.expect(403, "session_not_yours");
        theirs.acquire(&document).await.expect(403, "session_not_yours");
        theirs
            .open(Some(&team.workspace), &Value::Null)
            .await
            .expect(403, "session_not_yours");
        let socket = Socket::connect(stranger).await;
        for frame in ["attach", "detach"] {
            socket.say(&json!({"type": frame, "session_id": session.id()}));
            let error = socket.next("error").await;
            assert_eq!(error["code"], "session_not_yours");
            assert_eq!(error["session_id"], session.id());
        }
    }
    session.heartbeat().await.ok(200);
}

#[tokio::test]
async fn s08_signing_out_ends_all_sessions_of_that_sign_in() {
    let team = Team::start().await;
    for elsewhere in [false, true] {
        let leaving = Client::sign_in(&team.server.url(), "bo@example.org", PASSWORD, "tablet").await;
        let (document, other) = (team.canvas("a").await, team.canvas("b").await);
        let watcher = listener(&team.ada, &room_of(&document)).await;
        let staying = team.session(&team.bo).await;
        staying.lock(&other).await;
        team.session(&leaving).await.lock(&document).await;
        if elsewhere {
            let all = team.bo.get("/v1/me/sign-ins").await.ok(200);
            let tablet = all
                .list("/items")
                .iter()
                .find(|s| s["device_name"] == "tablet")
                .unwrap();
            assert_eq!(tablet["current"], false);
            let path = format!("/v1/me/sign-ins/{}", tablet["id"].as_str().unwrap());
            team.ada.delete(&path).await.expect(404, "not_found");
            team.bo.delete(&path).await.ok(204);
        } else {
            leaving.post("/v1/auth/sign-out", &json!({})).await.ok(204);
        }
        leaving.get("/v1/me").await.expect(401, "unauthenticated");
        assert!(is_free(&team.ada, &document).await);
        let gone = watcher
            .event_within(&room_of(&document), "document_unlocked", seconds(1))
            .await;
        assert_eq!(gone["event"]["reason"], "signed_out");
        staying.heartbeat().await.ok(200);
        staying.close().await.ok(204);
    }
}

#[tokio::test]
async fn s09_two_windows_of_one_user_are_two_sessions() {
    let team = Team::start().await;
    let (one, two, document) = (
        team.session(&team.bo).await,
        team.session(&team.bo).await,
        team.canvas("a").await,
    );
    let fence = one.lock(&document).await;
    let refused = two.acquire(&document).await.expect(409, "lock_held");
    assert_eq!(refused["same_user"], true);
    two.release(&document).await.expect(403, "not_lock_holder");
    let renewal = json!({"session_id": two.id()});
    team.bo
        .post(&format!("{}/heartbeat", lock_of(&document)), &renewal)
        .await
        .expect(403, "not_lock_holder");
    two.commit(&document, fence, &[holdfast_testkit::session::put("a", 0)])
        .await
        .expect(409, "lock_required");
}

#[tokio::test]
async fn s10_a_session_locks_nothing_outside_its_space() {
    let team = Team::start().await;
    let other = team.bo.workspace("Elsewhere").await;
    let inside = team.session(&team.bo).await;
    let personal = team.bo.session(None).await;
    let (there, mine, here) = (
        team.bo.canvas_in(&other, "there").await,
        team.bo.canvas("mine").await,
        team.canvas("here").await,
    );
    inside.acquire(&there).await.invalid("session_id");
    inside.acquire(&mine).await.invalid("session_id");
    personal.acquire(&here).await.invalid("session_id");
    let lock = format!("/v1/workspaces/{other}/lock");
    inside.ask(&lock, "exclusive").await.invalid("session_id");
    personal.lock(&mine).await;
    inside.lock(&here).await;
    let stranger = Session::new(team.server.user("Cy").await, Uuid::new_v4());
    stranger
        .open(Some(&team.workspace), &Value::Null)
        .await
        .expect(404, "not_found");
}
