//! L09, L13: how locks end, and what everybody is told.

use holdfast_testkit::{Socket, seconds, session::lock_of};
use serde_json::json;

use crate::stage::{Team, is_free, listener, room_of};

#[tokio::test]
async fn l09_a_release_is_broadcast_with_its_reason() {
    let team = Team::start().await;
    let document = team.canvas("a").await;
    let room = room_of(&document);
    let (watcher, overview) = (
        listener(&team.ada, &room).await,
        listener(&team.ada, &format!("workspace:{}", team.workspace)).await,
    );
    let session = team.session(&team.bo).await;
    for reason in ["released", "idle"] {
        session.lock(&document).await;
        let path = format!(
            "{}?session_id={}&reason={reason}",
            lock_of(&document),
            session.id()
        );
        team.bo.delete(&path).await.ok(204);
        let event = watcher.event_within(&room, "document_unlocked", seconds(1)).await["event"].clone();
        assert_eq!(event["reason"], reason);
        assert_eq!(
            event["by"],
            json!({"id": team.bo.user_id(), "name": "Bo", "session_id": session.id()})
        );
        assert_eq!(event["resource"], json!({"kind": "document", "id": document}));
        let seen = overview
            .event_within(
                &format!("workspace:{}", team.workspace),
                "document_unlocked",
                seconds(1),
            )
            .await;
        assert_eq!(seen["event"], event);
    }
    session.lock(&document).await;
    let path = format!(
        "{}?session_id={}&reason=expired",
        lock_of(&document),
        session.id()
    );
    team.bo.delete(&path).await.invalid("reason");
    team.bo.delete(&lock_of(&document)).await.invalid("session_id");
}

#[tokio::test]
async fn l09_an_expiry_is_broadcast_without_anybody_having_to_read() {
    let team = Team::start_with(&["--lease-ttl", "1s"]).await;
    let documents = [team.canvas("a").await, team.canvas("b").await];
    let room = format!("workspace:{}", team.workspace);
    let watcher = listener(&team.ada, &room).await;
    let session = team.session(&team.bo).await;
    for document in &documents {
        session.lock(document).await;
    }
    for _ in &documents {
        let event = watcher.event_within(&room, "document_unlocked", seconds(4)).await;
        assert_eq!(event["event"]["reason"], "expired");
    }
}

#[tokio::test]
async fn l13_a_removed_or_demoted_member_loses_its_locks() {
    let team = Team::start().await;
    let (document, other) = (team.canvas("a").await, team.canvas("b").await);
    let room = room_of(&document);
    let watcher = listener(&team.ada, &room).await;
    let keeper = team.session(&team.ada).await;
    keeper.lock(&other).await;
    let member = format!("/v1/workspaces/{}/members/{}", team.workspace, team.bo.user_id());

    let session = team.session(&team.bo).await;
    session.lock(&document).await;
    team.ada.patch(&member, &json!({"role": "viewer"})).await.ok(200);
    let event = watcher.event_within(&room, "document_unlocked", seconds(1)).await["event"].clone();
    assert_eq!(event["reason"], "revoked");
    assert_eq!(event["by"]["name"], "Ada");
    session.acquire(&document).await.expect(403, "forbidden");

    team.ada.patch(&member, &json!({"role": "editor"})).await.ok(200);
    session.lock(&document).await;
    team.ada.delete(&member).await.ok(204);
    assert_eq!(
        watcher.event_within(&room, "document_unlocked", seconds(1)).await["event"]["reason"],
        "revoked"
    );
    assert!(is_free(&team.ada, &document).await);
    session.acquire(&document).await.expect(404, "not_found");
    assert!(!is_free(&team.ada, &other).await);
}

#[tokio::test]
async fn l13_with_a_deleted_document_or_workspace_its_locks_go() {
    let team = Team::start().await;
    let (document, other) = (team.canvas("a").await, team.canvas("b").await);
    let session = team.session(&team.bo).await;
    session.lock(&document).await;
    session.lock(&other).await;
    team.ada
        .delete(&format!("/v1/documents/{document}"))
        .await
        .expect(409, "lock_held");
    team.ada
        .delete(&format!("/v1/documents/{document}?force=true"))
        .await
        .ok(204);
    assert_eq!(session.heartbeat().await.ok(200).list("/locks").len(), 1);
    team.ada
        .delete(&format!("/v1/workspaces/{}?force=true", team.workspace))
        .await
        .ok(204);
    let left = session.heartbeat().await;
    assert!(left.status == 404 || left.list("/locks").is_empty());
}

#[tokio::test]
async fn d10_what_others_have_locked_can_not_be_renamed_moved_or_deleted() {
    let team = Team::start().await;
    let project = team.ada.project(&team.workspace, "P").await;
    let document = team.ada.canvas_in_project(&project, "a").await;
    let (holder, owner) = (team.session(&team.bo).await, team.session(&team.ada).await);
    holder.lock(&document).await;
    let path = format!("/v1/documents/{document}");
    let refused = team
        .ada
        .patch(&path, &json!({"name": "b"}))
        .await
        .expect(409, "lock_held");
    assert_eq!(refused["holder"]["session_id"], holder.id());
    team.ada
        .patch(&path, &json!({"project_id": null}))
        .await
        .expect(409, "lock_held");
    team.ada.delete(&path).await.expect(409, "lock_held");
    team.ada
        .delete(&format!("/v1/projects/{project}"))
        .await
        .expect(409, "lock_held");
    team.ada
        .delete(&format!("/v1/workspaces/{}", team.workspace))
        .await
        .expect(409, "lock_held");
    team.bo
        .patch(&path, &json!({"name": "own lock, own name"}))
        .await
        .ok(200);
    holder.release(&document).await.ok(204);
    owner.lock(&document).await;
    team.bo
        .delete(&format!("{path}?force=true"))
        .await
        .expect(403, "forbidden");
    team.bo
        .delete(&format!("/v1/projects/{project}?force=maybe"))
        .await
        .invalid("force");
    owner.release(&document).await.ok(204);
    holder.lock(&document).await;
    team.ada
        .patch(&format!("{path}?force=true"), &json!({"name": "c"}))
        .await
        .ok(200);
    team.ada
        .delete(&format!("/v1/projects/{project}?force=true"))
        .await
        .ok(204);
    team.ada.get(&path).await.expect(404, "not_found");
    assert_eq!(holder.heartbeat().await.ok(200).list("/locks").len(), 0);
}

#[tokio::test]
async fn l09_the_event_comes_before_the_next_acquisition() {
    let team = Team::start().await;
    let document = team.canvas("a").await;
    let room = room_of(&document);
    let watcher = listener(&team.ada, &room).await;
    let (one, two) = (team.session(&team.bo).await, team.session(&team.ada).await);
    one.lock(&document).await;
    let socket = Socket::connect(&team.bo).await;
    socket.attach(&one.id()).await;
    socket.detach(&one.id());
    holdfast_testkit::eventually::until("the next one gets it", seconds(5), async || {
        two.acquire(&document).await.status == 201
    })
    .await;
    let mut kinds = Vec::new();
    holdfast_testkit::eventually::until("the watcher has heard all of it", seconds(5), async || {
        kinds = watcher
            .events(&room)
            .iter()
            .map(|frame| frame["event"]["type"].to_string())
            .collect();
        kinds.len() >= 3
    })
    .await;
    assert_eq!(
        kinds,
        [
            r#""document_locked""#,
            r#""document_unlocked""#,
            r#""document_locked""#
        ]
    );
}
