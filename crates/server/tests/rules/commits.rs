//! D01 to D06, D11: saving and conflicts.

use holdfast_testkit::{
    Session,
    session::{lock_of, put, rectangle, remove},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::stage::{Team, listener, room_of};

/// A session with the lock of a new canvas, and its fence.
async fn locked(team: &Team) -> (Session, String, i64) {
    let (session, document) = (team.session(&team.bo).await, team.canvas("a").await);
    let fence = session.lock(&document).await;
    (session, document, fence)
}

async fn content(team: &Team, document: &str) -> Value {
    team.ada
        .get(&format!("/v1/documents/{document}/content"))
        .await
        .ok(200)
        .body
}

#[tokio::test]
async fn d01_every_commit_counts_the_document_and_each_changed_element() {
    let team = Team::start().await;
    let (session, document, fence) = locked(&team).await;
    let first = session
        .commit(&document, fence, &[put("a", 0), put("b", 0)])
        .await
        .ok(200);
    assert_eq!(
        first.body,
        json!({"version": 1, "elements": [{"id": "a", "version": 1}, {"id": "b", "version": 1}]})
    );
    let second = session.commit(&document, fence, &[put("b", 1)]).await.ok(200);
    assert_eq!(
        second.body,
        json!({"version": 2, "elements": [{"id": "b", "version": 2}]})
    );
    let third = session.commit(&document, fence, &[remove("b", 2)]).await.ok(200);
    assert_eq!(third["elements"], json!([{"id": "b", "version": 3}]));
    let now = content(&team, &document).await;
    assert_eq!(now["version"], 3);
    assert_eq!(now["elements"].as_array().unwrap().len(), 1);
    assert_eq!(now["elements"][0]["data"], rectangle("a"));
    assert_eq!(now["elements"][0]["updated_by"]["name"], "Bo");
}

#[tokio::test]
async fn d02_all_of_a_commit_is_written_or_nothing() {
    let team = Team::start().await;
    let (session, document, fence) = locked(&team).await;
    session.commit(&document, fence, &[put("a", 0)]).await.ok(200);
    let before = content(&team, &document).await;
    session
        .commit(&document, fence, &[put("new", 0), put("a", 0)])
        .await
        .expect(409, "version_conflict");
    session
        .commit(&document, fence + 1, &[put("new", 0)])
        .await
        .expect(409, "stale_fence");
    assert_eq!(content(&team, &document).await, before);
}

#[tokio::test]
async fn d03_a_commit_needs_the_live_lock_and_its_fence() {
    let team = Team::start().await;
    let (session, document) = (team.session(&team.bo).await, team.canvas("a").await);
    session
        .commit(&document, 1, &[put("a", 0)])
        .await
        .expect(409, "lock_required");
    let first = session.lock(&document).await;
    session.release(&document).await.ok(204);
    session
        .commit(&document, first, &[put("a", 0)])
        .await
        .expect(409, "lock_required");
    let second = session.lock(&document).await;
    session
        .commit(&document, first, &[put("a", 0)])
        .await
        .expect(409, "stale_fence");
    session.commit(&document, second, &[put("a", 0)]).await.ok(200);
    let other = team.session(&team.ada).await;
    other
        .commit(&document, second, &[put("b", 0)])
        .await
        .expect(409, "lock_required");
    let ended = team.session(&team.bo).await;
    ended.close().await.ok(204);
    ended
        .commit(&document, second, &[put("b", 0)])
        .await
        .expect(409, "lock_required");
    let stolen = Session::new(team.ada.clone(), session.id().parse().unwrap());
    stolen
        .commit(&document, second, &[put("b", 0)])
        .await
        .expect(403, "session_not_yours");
}

#[tokio::test]
async fn d03_in_shared_mode_a_change_needs_an_element_lock_and_a_new_element_none() {
    let team = Team::start().await;
    let (session, document, fence) = locked(&team).await;
    session.commit(&document, fence, &[put("a", 0)]).await.ok(200);
    let shared = session
        .ask(&lock_of(&document), "shared")
        .await
        .ok(201)
        .integer("/lock/fence");
    session
        .commit(&document, fence, &[put("b", 0)])
        .await
        .expect(409, "stale_fence");
    session.commit(&document, shared, &[put("b", 0)]).await.ok(200);
    let refused = session
        .commit(&document, shared, &[put("a", 1), put("c", 0)])
        .await
        .expect(409, "lock_required");
    assert_eq!(refused["elements"], json!([{"element_id": "a", "holder": null}]));
    session
        .commit(&document, shared, &[remove("a", 1)])
        .await
        .expect(409, "lock_required");
}

#[tokio::test]
async fn d04_a_conflict_tells_what_the_element_is_now() {
    let team = Team::start().await;
    let (session, document, fence) = locked(&team).await;
    session
        .commit(&document, fence, &[put("a", 0), put("b", 0)])
        .await
        .ok(200);
    let mut moved = rectangle("a");
    moved["x"] = json!(99);
    let change = json!({"op": "put", "id": "a", "base_version": 1, "data": moved});
    session
        .commit(&document, fence, &[change, remove("b", 1)])
        .await
        .ok(200);
    let refused = session
        .commit(&document, fence, &[put("a", 1), remove("b", 1), put("c", 0)])
        .await
        .expect(409, "version_conflict");
    assert_eq!(refused["current_version"], 2);
    let conflicts = refused.list("/conflicts");
    assert_eq!(conflicts.len(), 2);
    let (a, b) = (&conflicts[0], &conflicts[1]);
    assert_eq!(
        (&a["element_id"], &a["your_version"], &a["current_version"]),
        (&json!("a"), &json!(1), &json!(2))
    );
    assert_eq!(a["data"], moved);
    assert_eq!(a["deleted"], false);
    assert_eq!(a["updated_by"]["name"], "Bo");
    assert!(a["updated_at"].is_string());
    assert_eq!(
        (&b["data"], &b["deleted"], &b["current_version"]),
        (&Value::Null, &json!(true), &json!(2))
    );
    // A deleted element is put again on the deletion's version.
    session.commit(&document, fence, &[put("b", 2)]).await.ok(200);
}

#[tokio::test]
async fn d05_the_same_commit_again_gives_the_first_answer_and_writes_nothing() {
    let team = Team::start().await;
    let (session, document, fence) = locked(&team).await;
    let room = room_of(&document);
    let watcher = listener(&team.ada, &room).await;
    let id = Uuid::new_v4();
    let first = session
        .commit_as(id, &document, fence, &[put("a", 0)])
        .await
        .ok(200);
    session.commit(&document, fence, &[put("a", 1)]).await.ok(200);
    let again = session
        .commit_as(id, &document, fence, &[put("a", 0)])
        .await
        .ok(200);
    assert_eq!(again.body, first.body);
    assert_eq!(content(&team, &document).await["version"], 2);
    let refused = Uuid::new_v4();
    session
        .commit_as(refused, &document, fence, &[put("a", 0)])
        .await
        .expect(409, "version_conflict");
    session
        .commit_as(refused, &document, fence, &[put("a", 2)])
        .await
        .ok(200);
    watcher.event(&room, "document_committed").await;
    watcher.event(&room, "document_committed").await;
    watcher.event(&room, "document_committed").await;
    let seen: Vec<_> = watcher
        .events(&room)
        .iter()
        .map(|frame| frame["event"]["version"].clone())
        .collect();
    assert_eq!(seen, [json!(1), json!(2), json!(3)]);
}

#[tokio::test]
async fn d05_a_malformed_commit_is_refused_by_its_field() {
    let team = Team::start().await;
    let (session, document, fence) = locked(&team).await;
    let put_data = |data: Value| json!({"op": "put", "id": "a", "base_version": 0, "data": data});
    let cases = [
        (vec![], "changes"),
        (vec![put("a", 0), put("a", 0)], "changes[1].id"),
        (vec![put_data(json!({"id": "b"}))], "changes[0].data.id"),
        (vec![put_data(json!({}))], "changes[0].data.id"),
        (vec![put_data(json!({"id": 7}))], "changes[0].data.id"),
        (vec![put_data(json!("text"))], "changes[0].data"),
        (
            vec![put("a", 0), json!({"op": "put", "id": "b", "base_version": 0})],
            "changes[1].data",
        ),
        (
            vec![json!({"op": "paint", "id": "a", "base_version": 0})],
            "changes[0].op",
        ),
        (
            vec![json!({"op": "delete", "id": "a"})],
            "changes[0].base_version",
        ),
        (vec![remove("a", -1)], "changes[0].base_version"),
        (vec![remove("a", 1 << 53)], "changes[0].base_version"),
        (vec![remove("", 0)], "changes[0].id"),
        (vec![remove(&"x".repeat(257), 0)], "changes[0].id"),
        (vec![remove("a\u{0}b", 0)], "changes[0].id"),
        (vec![put("a", 5)], "changes[0].base_version"),
        (
            vec![json!({"op": "file", "id": "f", "base_version": 0, "sha256": "xyz", "data": {}})],
            "changes[0].sha256",
        ),
        (
            vec![json!({"op": "scene", "base_version": 0, "data": []})],
            "changes[0].data",
        ),
    ];
    for (changes, field) in cases {
        session.commit(&document, fence, &changes).await.invalid(field);
    }
    assert_eq!(content(&team, &document).await["version"], 0);
}

#[tokio::test]
async fn d05_a_base_version_of_the_future_is_refused() {
    let team = Team::start().await;
    let (session, document, fence) = locked(&team).await;
    session.commit(&document, fence, &[put("a", 0)]).await.ok(200);
    session
        .commit(&document, fence, &[put("a", 2)])
        .await
        .invalid("changes[0].base_version");
    // The commit's own base_version is recorded, not compared.
    let body = json!({"commit_id": Uuid::new_v4(), "session_id": session.id(), "fence": fence, "base_version": 0,
        "changes": [put("a", 1)]});
    team.bo
        .post(&format!("/v1/documents/{document}/commits"), &body)
        .await
        .ok(200);
}

#[tokio::test]
async fn d06_what_a_commit_answers_and_tells_grows_with_the_change_only() {
    let team = Team::start().await;
    let (session, document, fence) = locked(&team).await;
    let many: Vec<_> = (0..2_000).map(|index| put(&format!("e{index}"), 0)).collect();
    session.commit(&document, fence, &many).await.ok(200);
    let room = room_of(&document);
    let watcher = listener(&team.ada, &room).await;
    let answer = session.commit(&document, fence, &[put("e7", 1)]).await.ok(200);
    assert!(answer.bytes.len() < 200, "{} bytes", answer.bytes.len());
    let event = watcher.event(&room, "document_committed").await;
    assert_eq!(event["event"]["changes"].as_array().unwrap().len(), 1);
    assert!(event.to_string().len() < 2_000);
}

#[tokio::test]
async fn d08_content_keeps_data_to_the_letter_and_elements_in_their_order() {
    let team = Team::start().await;
    let (session, document, fence) = locked(&team).await;
    let element = |id: &str, index: Value| {
        json!({"op": "put", "id": id, "base_version": 0,
        "data": {"id": id, "index": index, "unknown": {"b": 1, "a": [null, 0.1, "\u{1F3A8}"]}}})
    };
    let scene = json!({"op": "scene", "base_version": 0, "data": {"source": "x", "appState": {"z": 1, "a": 2}, "later": true}});
    let changes = [
        element("late", Value::Null),
        element("c", json!("a3")),
        element("a", json!("a1")),
        element("b", json!("a2")),
        element("later", Value::Null),
        scene,
    ];
    let answer = session.commit(&document, fence, &changes).await.ok(200);
    assert_eq!(answer["scene_version"], 1);
    let raw = br#"[{"op":"put","id":"n","base_version":0,"data":{"id":"n","index":"a4","x":1.50,"y":12345678901234567890123}}]"#;
    let body = format!(
        r#"{{"commit_id":"{}","session_id":"{}","fence":{fence},"base_version":1,"changes":{}}}"#,
        Uuid::new_v4(),
        session.id(),
        String::from_utf8_lossy(raw)
    );
    let path = format!("/v1/documents/{document}/commits");
    team.bo
        .raw(
            reqwest::Method::POST,
            &path,
            "application/json",
            body.into_bytes(),
        )
        .await
        .ok(200);
    let answer = team
        .ada
        .get(&format!("/v1/documents/{document}/content"))
        .await
        .ok(200);
    let ids: Vec<_> = answer
        .list("/elements")
        .iter()
        .map(|e| e["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["a", "b", "c", "n", "late", "later"]);
    assert_eq!(
        answer["scene"]["data"],
        json!({"source": "x", "appState": {"z": 1, "a": 2}, "later": true})
    );
    let text = String::from_utf8_lossy(&answer.bytes);
    assert!(text.contains(r#"{"id":"n","index":"a4","x":1.50,"y":12345678901234567890123}"#));
    session
        .commit(
            &document,
            fence,
            &[json!({"op": "scene", "base_version": 0, "data": {}})],
        )
        .await
        .expect(409, "version_conflict");
}

#[tokio::test]
async fn d11_an_annotator_changes_own_elements_only() {
    let team = Team::start().await;
    let (editor, document, fence) = locked(&team).await;
    editor.commit(&document, fence, &[put("theirs", 0)]).await.ok(200);
    editor.release(&document).await.ok(204);
    let cy = team.member("Cy", "annotator").await;
    let annotator = team.session(&cy).await;
    let fence = annotator.lock(&document).await;
    annotator.commit(&document, fence, &[put("own", 0)]).await.ok(200);
    annotator.commit(&document, fence, &[put("own", 1)]).await.ok(200);
    let refused = annotator
        .commit(&document, fence, &[put("theirs", 1), put("own", 2)])
        .await
        .expect(403, "not_creator");
    assert_eq!(refused.list("/elements")[0]["element_id"], "theirs");
    annotator
        .commit(&document, fence, &[remove("theirs", 1)])
        .await
        .expect(403, "not_creator");
    annotator
        .commit(&document, fence, &[remove("own", 2)])
        .await
        .ok(200);
    cy.post(
        "/v1/documents",
        &json!({"name": "x", "kind": "canvas", "workspace_id": team.workspace}),
    )
    .await
    .expect(403, "forbidden");
}

#[tokio::test]
async fn what_is_over_a_limit_is_refused_with_413_and_nothing_is_written() {
    let team = Team::start().await;
    let (session, document, fence) = locked(&team).await;
    let large = |size: usize| json!({"op": "put", "id": "a", "base_version": 0, "data": {"id": "a", "t": "x".repeat(size)}});
    session
        .commit(&document, fence, &[large(1 << 20)])
        .await
        .expect(413, "too_large");
    let full = |id: usize| {
        json!({"op": "put", "id": id.to_string(), "base_version": 0,
        "data": {"id": id.to_string(), "t": "x".repeat((1 << 20) - 100)}})
    };
    let nine: Vec<_> = (0..9).map(full).collect();
    session
        .commit(&document, fence, &nine)
        .await
        .expect(413, "too_large");
    assert_eq!(content(&team, &document).await["version"], 0);
    session
        .commit(&document, fence, &[large((1 << 20) - 100)])
        .await
        .ok(200);
}
