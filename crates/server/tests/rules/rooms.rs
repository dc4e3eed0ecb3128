//! R01, R02, R05, R06: who hears what, in which order.

use holdfast_testkit::{Client, Socket, eventually::until, seconds, session::put};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::stage::{SOON, Team, listener, room_of};

async fn refused(socket: &Socket, room: &str) -> Value {
    socket.say(&json!({"type": "subscribe", "room": room}));
    let mut error = socket.next("error").await;
    assert_eq!(error["code"], "forbidden");
    assert_eq!(error["room"], room);
    error.as_object_mut().expect("a frame").remove("room");
    error
}

#[tokio::test]
async fn r01_joining_is_checked_by_scope_and_a_refusal_says_nothing_more() {
    let team = Team::start().await;
    let project = team.ada.project(&team.workspace, "P").await;
    let (shared, personal) = (
        team.ada.canvas_in_project(&project, "a").await,
        team.ada.canvas("diary").await,
    );
    let stranger = Socket::connect(&team.server.user("Cy").await).await;
    let member = Socket::connect(&team.bo).await;
    let owner = Socket::connect(&team.ada).await;
    let rooms = [
        room_of(&shared),
        format!("project:{project}"),
        format!("workspace:{}", team.workspace),
    ];
    let nowhere = refused(&stranger, &room_of(&Uuid::new_v4().to_string())).await;
    for room in &rooms {
        member.subscribe(room).await;
        owner.subscribe(room).await;
        assert_eq!(refused(&stranger, room).await, nowhere);
    }
    let user = format!("user:{}", team.ada.user_id());
    for room in [&room_of(&personal), &user] {
        owner.subscribe(room).await;
        assert_eq!(refused(&member, room).await, nowhere);
    }
}

#[tokio::test]
async fn r02_events_come_in_one_order_without_gaps_and_without_data_elsewhere() {
    let team = Team::start().await;
    let project = team.ada.project(&team.workspace, "P").await;
    let document = team.ada.canvas_in_project(&project, "a").await;
    let (own, of_project, of_workspace) = (
        room_of(&document),
        format!("project:{project}"),
        format!("workspace:{}", team.workspace),
    );
    let rooms = [&own, &of_project, &of_workspace];
    let readers = [Socket::connect(&team.ada).await, Socket::connect(&team.bo).await];
    for reader in &readers {
        for room in rooms {
            let subscribed = reader.subscribe(room).await;
            assert_eq!(subscribed["resumed"], false);
            assert_eq!(subscribed["seq"], 0);
        }
    }
    let session = team.session(&team.bo).await;
    for version in 0..3 {
        let fence = session.lock(&document).await;
        session
            .commit(&document, fence, &[put("a", version)])
            .await
            .ok(200);
        session.release(&document).await.ok(204);
    }
    for reader in &readers {
        for room in rooms {
            until("all nine have come", SOON, async || {
                reader.events(room).len() == 9
            })
            .await;
            let kinds: Vec<_> = reader
                .events(room)
                .iter()
                .map(|f| f["event"]["type"].as_str().unwrap().to_owned())
                .collect();
            assert_eq!(
                kinds,
                ["document_locked", "document_committed", "document_unlocked"].repeat(3)
            );
            let seqs: Vec<_> = reader
                .events(room)
                .iter()
                .map(|f| f["seq"].as_i64().unwrap())
                .collect();
            assert_eq!(seqs, (1..=9).collect::<Vec<_>>());
        }
    }
    for room in rooms {
        assert_eq!(readers[0].events(room), readers[1].events(room));
        let commit = &readers[0].events(room)[1]["event"];
        assert_eq!(commit["document_id"], document.as_str());
        assert_eq!(
            commit["by"],
            json!({"id": team.bo.user_id(), "name": "Bo", "session_id": session.id()})
        );
        let change = &commit["changes"][0];
        assert_eq!(
            (&change["op"], &change["id"], &change["version"]),
            (&json!("put"), &json!("a"), &json!(1))
        );
        assert_eq!(change["data"].is_null(), *room != own, "{room}");
    }
}

#[tokio::test]
async fn r02_a_personal_documents_events_are_in_its_owners_room() {
    let team = Team::start().await;
    let document = team.bo.canvas("diary").await;
    let room = format!("user:{}", team.bo.user_id());
    let watcher = listener(&team.bo, &room).await;
    let session = team.bo.session(None).await;
    let fence = session.lock(&document).await;
    session.commit(&document, fence, &[put("a", 0)]).await.ok(200);
    watcher.event(&room, "document_locked").await;
    let commit = watcher.event(&room, "document_committed").await;
    assert_eq!(commit["event"]["changes"][0]["data"], Value::Null);
    team.bo
        .patch(&format!("/v1/documents/{document}"), &json!({"name": "notes"}))
        .await
        .ok(200);
    assert_eq!(
        watcher.event(&room, "document_changed").await["event"]["document"]["name"],
        "notes"
    );
    session.close().await.ok(204);
    team.bo.delete(&format!("/v1/documents/{document}")).await.ok(204);
    watcher.event(&room, "document_deleted").await;
}

#[tokio::test]
async fn r02_documents_and_projects_come_and_go_in_the_workspaces_room() {
    let team = Team::start().await;
    let room = format!("workspace:{}", team.workspace);
    let watcher = listener(&team.bo, &room).await;
    let project = team.ada.project(&team.workspace, "P").await;
    assert_eq!(
        watcher.event(&room, "project_changed").await["event"]["project"]["id"],
        project.as_str()
    );
    let document = team.ada.canvas_in_project(&project, "a").await;
    let created = watcher.event(&room, "document_created").await;
    assert_eq!(created["event"]["document"]["id"], document.as_str());
    assert_eq!(created["event"]["by"]["name"], "Ada");
    team.ada
        .delete(&format!("/v1/documents/{document}"))
        .await
        .ok(204);
    assert_eq!(
        watcher.event(&room, "document_deleted").await["event"]["document_id"],
        document.as_str()
    );
    team.ada.delete(&format!("/v1/projects/{project}")).await.ok(204);
    watcher.event(&room, "project_deleted").await;
    team.ada
        .patch(
            &format!("/v1/workspaces/{}", team.workspace),
            &json!({"name": "Atelier"}),
        )
        .await
        .ok(200);
    assert_eq!(
        watcher.event(&room, "workspace_changed").await["event"]["name"],
        "Atelier"
    );
}

#[tokio::test]
async fn r05_a_removed_member_hears_nothing_more() {
    let team = Team::start().await;
    let document = team.canvas("a").await;
    let room = room_of(&document);
    let (leaver, stayer) = (listener(&team.bo, &room).await, listener(&team.ada, &room).await);
    leaver.subscribe(&format!("workspace:{}", team.workspace)).await;
    let session = team.session(&team.ada).await;
    let fence = session.lock(&document).await;
    session.commit(&document, fence, &[put("a", 0)]).await.ok(200);
    leaver.event(&room, "document_committed").await;
    team.ada
        .delete(&format!(
            "/v1/workspaces/{}/members/{}",
            team.workspace,
            team.bo.user_id()
        ))
        .await
        .ok(204);
    session.commit(&document, fence, &[put("a", 1)]).await.ok(200);
    stayer.event(&room, "document_committed").await;
    stayer.event(&room, "document_committed").await;
    for _ in 0..2 {
        assert_eq!(leaver.next("error").await["code"], "forbidden");
    }
    let heard: Vec<_> = leaver
        .events(&room)
        .iter()
        .map(|frame| frame["event"]["version"].clone())
        .collect();
    assert!(!heard.contains(&json!(2)), "{heard:?}");
    refused(&leaver, &room).await;
}

#[tokio::test]
async fn r05_a_member_whose_role_changes_goes_on_without_missing_anything() {
    let team = Team::start().await;
    let document = team.canvas("a").await;
    let room = room_of(&document);
    let reader = listener(&team.bo, &room).await;
    let session = team.session(&team.ada).await;
    let fence = session.lock(&document).await;
    for version in 0..10 {
        if version == 5 {
            let member = format!("/v1/workspaces/{}/members/{}", team.workspace, team.bo.user_id());
            team.ada.patch(&member, &json!({"role": "viewer"})).await.ok(200);
        }
        session
            .commit(&document, fence, &[put("a", version)])
            .await
            .ok(200);
    }
    until("all commits have come", SOON, async || {
        reader.events(&room).len() == 11
    })
    .await;
    let seqs: Vec<_> = reader
        .events(&room)
        .iter()
        .map(|frame| frame["seq"].as_i64().unwrap())
        .collect();
    assert_eq!(seqs, (1..=11).collect::<Vec<_>>());
}

#[tokio::test]
async fn r05_a_deleted_document_closes_its_room() {
    let team = Team::start().await;
    let document = team.canvas("a").await;
    let room = room_of(&document);
    let reader = listener(&team.bo, &room).await;
    team.ada
        .delete(&format!("/v1/documents/{document}"))
        .await
        .ok(204);
    reader.event(&room, "document_deleted").await;
    let error = reader.next("error").await;
    assert_eq!(
        (&error["code"], &error["room"]),
        (&json!("forbidden"), &json!(room))
    );
}

#[tokio::test]
async fn r05_a_document_that_moves_away_leaves_those_behind_who_may_not_follow() {
    let team = Team::start().await;
    let document = team.canvas("a").await;
    let room = room_of(&document);
    let (bo, ada) = (listener(&team.bo, &room).await, listener(&team.ada, &room).await);
    team.ada
        .patch(
            &format!("/v1/documents/{document}"),
            &json!({"workspace_id": null}),
        )
        .await
        .ok(200);
    assert_eq!(bo.next("error").await["code"], "forbidden");
    ada.event(&room, "document_changed").await;
    assert!(
        bo.events(&room)
            .iter()
            .all(|frame| frame["event"]["type"] != "document_changed")
    );
}

#[tokio::test]
async fn r05_signing_out_closes_the_sockets_of_that_sign_in() {
    let team = Team::start().await;
    let url = team.server.url();
    let tablet = Client::sign_in(
        &url,
        "bo@example.org",
        holdfast_testkit::server::PASSWORD,
        "tablet",
    )
    .await;
    let (leaving, staying) = (Socket::connect(&tablet).await, Socket::connect(&team.bo).await);
    tablet.post("/v1/auth/sign-out", &json!({})).await.ok(204);
    assert_eq!(leaving.next("closing").await["reason"], "signed_out");
    leaving.closed(SOON).await;
    staying.subscribe(&format!("workspace:{}", team.workspace)).await;
}

#[tokio::test]
async fn r06_presence_is_told_to_the_others_and_goes_with_the_socket() {
    let team = Team::start().await;
    let document = team.canvas("a").await;
    let room = room_of(&document);
    let session = team.session(&team.bo).await;
    let (looker, watcher) = (listener(&team.bo, &room).await, listener(&team.ada, &room).await);
    looker.attach(&session.id()).await;
    let state = json!({"pointer": {"x": 1.5, "y": 2}, "selected": ["a"]});
    looker.say(&json!({"type": "presence", "room": room, "session_id": session.id(), "state": state}));
    let seen = watcher.next("presence").await;
    assert_eq!(seen["session_id"], session.id());
    assert_eq!(seen["user"], json!({"id": team.bo.user_id(), "name": "Bo"}));
    assert_eq!(seen["state"], state);
    let late = Socket::connect(&team.ada).await;
    let subscribed = late.subscribe(&room).await;
    assert_eq!(subscribed["snapshot"]["presence"][0]["state"], state);
    assert!(
        looker.frames(|frame| frame["type"] == "presence").is_empty(),
        "nobody hears oneself"
    );
    looker.end().await;
    let left = watcher.next("presence").await;
    assert_eq!(
        (&left["session_id"], &left["state"]),
        (&json!(session.id()), &Value::Null)
    );
    assert_eq!(
        Socket::connect(&team.ada).await.subscribe(&room).await["snapshot"]["presence"],
        json!([])
    );
}

#[tokio::test]
async fn r06_presence_goes_with_the_session_and_when_leaving() {
    let team = Team::start().await;
    let document = team.canvas("a").await;
    let room = room_of(&document);
    let watcher = listener(&team.ada, &room).await;
    let looker = listener(&team.bo, &room).await;
    for way in ["detach", "null", "unsubscribe", "http"] {
        let session = team.session(&team.bo).await;
        looker.attach(&session.id()).await;
        let say = |state: Value| {
            looker
                .say(&json!({"type": "presence", "room": room, "session_id": session.id(), "state": state}));
        };
        say(json!({}));
        watcher.next("presence").await;
        match way {
            "detach" => looker.detach(&session.id()),
            "null" => say(Value::Null),
            "unsubscribe" => looker.say(&json!({"type": "unsubscribe", "room": room})),
            _ => _ = session.close().await.ok(204),
        }
        assert_eq!(watcher.next("presence").await["state"], Value::Null, "{way}");
        if way == "unsubscribe" {
            looker.subscribe(&room).await;
        }
    }
}

#[tokio::test]
async fn r06_presence_is_bounded_and_only_for_those_who_are_there() {
    let team = Team::start().await;
    let document = team.canvas("a").await;
    let room = room_of(&document);
    let (attached, detached) = (team.session(&team.bo).await, team.session(&team.bo).await);
    let socket = Socket::connect(&team.bo).await;
    socket.attach(&attached.id()).await;
    let say = |room: &str, session: &str, state: Value| {
        socket.say(&json!({"type": "presence", "room": room, "session_id": session, "state": state}));
    };
    say(&room, &attached.id(), json!({}));
    assert_eq!(socket.next("error").await["code"], "forbidden");
    socket.subscribe(&room).await;
    say(&room, &detached.id(), json!({}));
    assert_eq!(socket.next("error").await["code"], "session_not_yours");
    say(&room, &attached.id(), json!("x".repeat(16 << 10)));
    assert_eq!(socket.next("error").await["code"], "too_large");
    say(
        &format!("workspace:{}", team.workspace),
        &attached.id(),
        json!({}),
    );
    assert_eq!(socket.next("error").await["code"], "invalid");
    socket.say(&json!({"type": "heartbeat", "sessions": [attached.id()]}));
    socket
        .next_where("an answer", seconds(5), |frame| frame["type"] == "heartbeat_ack")
        .await;
}
