//! D07: versions listed, looked at and restored.

use holdfast_testkit::session::{put, rectangle, remove};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::stage::Team;

#[tokio::test]
async fn d07_each_version_is_listed_with_who_when_and_what() {
    let team = Team::start().await;
    let (session, document) = (team.session(&team.bo).await, team.canvas("a").await);
    let fence = session.lock(&document).await;
    let id = Uuid::new_v4();
    session.commit(&document, fence, &[put("a", 0)]).await.ok(200);
    session
        .commit_as(id, &document, fence, &[put("a", 1), put("b", 0)])
        .await
        .ok(200);
    session.commit(&document, fence, &[remove("a", 2)]).await.ok(200);
    let path = format!("/v1/documents/{document}/commits");
    let all = team.ada.get(&path).await.ok(200);
    let versions: Vec<_> = all
        .list("/items")
        .iter()
        .map(|entry| entry["version"].as_i64().unwrap())
        .collect();
    assert_eq!(versions, [3, 2, 1]);
    let second = &all["items"][1];
    assert_eq!(second["commit_id"], id.to_string());
    assert_eq!(second["by"], json!({"id": team.bo.user_id(), "name": "Bo"}));
    assert_eq!(second["device_name"], "Bo's laptop");
    assert_eq!(
        second["changes"],
        json!([{"op": "put", "id": "a", "version": 2}, {"op": "put", "id": "b", "version": 1}])
    );
    assert_eq!(all["next"], Value::Null);
    let page = team.ada.get(&format!("{path}?before=3&limit=1")).await.ok(200);
    assert_eq!(page["items"][0]["version"], 2);
    assert_eq!(page.list("/items").len(), 1);
    let next = page.text("/next").to_owned();
    let rest = team.ada.get(&format!("{path}?before={next}")).await.ok(200);
    assert_eq!(rest.list("/items").len(), 1);
    assert_eq!(rest["items"][0]["version"], 1);
}

#[tokio::test]
async fn d07_a_version_can_be_looked_at() {
    let team = Team::start().await;
    let (session, document) = (team.session(&team.bo).await, team.canvas("a").await);
    let fence = session.lock(&document).await;
    session
        .commit(&document, fence, &[put("a", 0), put("b", 0)])
        .await
        .ok(200);
    session.commit(&document, fence, &[remove("a", 1)]).await.ok(200);
    let at = async |version: i64| {
        team.ada
            .get(&format!("/v1/documents/{document}/content?version={version}"))
            .await
    };
    assert_eq!(at(0).await.ok(200).list("/elements").len(), 0);
    let first = at(1).await.ok(200);
    assert_eq!(first["version"], 1);
    assert_eq!(first.list("/elements").len(), 2);
    assert_eq!(first["elements"][0]["data"], rectangle("a"));
    assert_eq!(at(2).await.ok(200).list("/elements").len(), 1);
    at(3).await.invalid("version");
    at(-1).await.invalid("version");
}

#[tokio::test]
async fn d07_restoring_is_a_commit_and_loses_nothing() {
    let team = Team::start().await;
    let (session, document) = (team.session(&team.bo).await, team.canvas("a").await);
    let fence = session.lock(&document).await;
    let scene =
        |base: i64, name: &str| json!({"op": "scene", "base_version": base, "data": {"source": name}});
    session
        .commit(&document, fence, &[put("a", 0), put("b", 0), scene(0, "old")])
        .await
        .ok(200);
    let mut moved = rectangle("a");
    moved["x"] = json!(77);
    let changes = [
        json!({"op": "put", "id": "a", "base_version": 1, "data": moved}),
        remove("b", 1),
        put("c", 0),
        scene(1, "new"),
    ];
    session.commit(&document, fence, &changes).await.ok(200);
    let path = format!("/v1/documents/{document}/restore");
    let restore = |version: i64, fence: i64, id: Uuid| json!({"version": version, "session_id": session.id(), "fence": fence, "commit_id": id});
    team.bo
        .post(&path, &restore(9, fence, Uuid::new_v4()))
        .await
        .invalid("version");
    team.bo
        .post(&path, &restore(1, fence + 1, Uuid::new_v4()))
        .await
        .expect(409, "stale_fence");
    let id = Uuid::new_v4();
    let answer = team.bo.post(&path, &restore(1, fence, id)).await.ok(200);
    assert_eq!(answer["version"], 3);
    assert_eq!(
        team.bo.post(&path, &restore(1, fence, id)).await.ok(200).body,
        answer.body
    );
    let content = async |query: &str| {
        team.ada
            .get(&format!("/v1/documents/{document}/content{query}"))
            .await
            .ok(200)
    };
    let now = content("").await;
    let data: Vec<_> = now
        .list("/elements")
        .iter()
        .map(|element| element["data"].clone())
        .collect();
    assert_eq!(data, [rectangle("a"), rectangle("b")]);
    assert_eq!(now["scene"]["data"], json!({"source": "old"}));
    let replaced = content("?version=2").await;
    assert_eq!(replaced["elements"][0]["data"]["x"], 77);
    let entry = team
        .ada
        .get(&format!("/v1/documents/{document}/commits?limit=1"))
        .await
        .ok(200);
    assert_eq!(entry["items"][0]["restored_version"], 1);
}

#[tokio::test]
async fn d07_a_version_can_be_named() {
    let team = Team::start().await;
    let (session, document) = (team.session(&team.bo).await, team.canvas("a").await);
    let fence = session.lock(&document).await;
    session
        .commit(&document, fence, &[put("a", 0), put("b", 0)])
        .await
        .ok(200);
    let path = format!("/v1/documents/{document}/commits/1");
    let named = team.bo.patch(&path, &json!({"name": "for review"})).await.ok(200);
    assert_eq!(named["name"], "for review");
    assert_eq!(named["change_count"], 2);
    let all = team
        .ada
        .get(&format!("/v1/documents/{document}/commits"))
        .await
        .ok(200);
    assert_eq!(all["items"][0], named.body);
    let viewer = team.member("Vera", "viewer").await;
    viewer
        .patch(&path, &json!({"name": "x"}))
        .await
        .expect(403, "forbidden");
    team.bo.patch(&path, &json!({})).await.invalid("name");
    team.bo.patch(&path, &json!({"name": ""})).await.invalid("name");
    team.bo.patch(&path, &json!({"name": 7})).await.invalid("name");
    let commits = format!("/v1/documents/{document}/commits");
    for (version, refused) in [("9", 404), ("0", 404), ("x", 422), ("-1", 422)] {
        let answer = team
            .bo
            .patch(&format!("{commits}/{version}"), &json!({"name": "x"}))
            .await;
        assert_eq!(answer.status, refused, "{version}");
    }
    let unnamed = team.bo.patch(&path, &json!({"name": null})).await.ok(200);
    assert_eq!(unnamed["name"], Value::Null);
}
