//! Whatever comes in: never a 500, never a dropped connection, always a problem that names the field.

use holdfast_testkit::{Answer, Client};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::stage::Team;

/// Every method and path of the server's own description.
async fn operations(client: &Client) -> Vec<(Method, String)> {
    let api = client.get("/v1/openapi.json").await.ok(200);
    let mut all = Vec::new();
    for (path, item) in api["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("operations").keys() {
            all.push((method.to_uppercase().parse().expect("a method"), path.clone()));
        }
    }
    all.retain(|(_, path)| path != "/v1/auth/sign-out");
    all
}

/// Asserts what every answer keeps to.
fn assert_sound(answer: &Answer, what: &str) {
    assert!(
        answer.status < 500,
        "{what} answered {}: {}",
        answer.status,
        String::from_utf8_lossy(&answer.bytes)
    );
    if answer.status >= 400 {
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{what}"
        );
        assert_eq!(answer["status"], answer.status, "{what}");
        assert!(
            answer["code"].is_string() && answer["detail"].is_string(),
            "{what}"
        );
        if answer["code"] == "invalid" {
            let errors = answer.list("/errors");
            assert!(
                !errors.is_empty() && errors.iter().all(|error| error["field"] != ""),
                "{what}"
            );
        }
    }
}

#[tokio::test]
async fn garbage_on_every_route_is_refused_properly() {
    let team = Team::start().await;
    let document = team.canvas("a").await;
    let ids = [
        "x",
        "%00",
        "%ff%fe",
        "..%2f..",
        &"9".repeat(300),
        "00000000-0000-0000-0000-000000000000",
        &document,
    ];
    let deep = format!("{{\"a\":{}", "[".repeat(50_000));
    let bodies: [&[u8]; 12] = [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b"\"text\"",
        b"1e999",
        b"{\"name\":\"\\u0000\"}",
        b"\xff\xfe\x00",
        b"{\"name\":7,\"session_id\":{},\"changes\":{},\"email\":[]}",
        b"{} trailing",
        deep.as_bytes(),
    ];
    for (method, path) in operations(&team.bo).await {
        for id in ids {
            let concrete = path
                .replace("{id}", id)
                .replace("{user_id}", id)
                .replace("{sha256}", id);
            for query in [
                "",
                "?limit=x&cursor=%00&version=1e9&before=-1&force=2&session_id=x&reason=%00",
                "?%%%&=&&a",
            ] {
                let target = format!("{concrete}{query}");
                let answer = team
                    .bo
                    .raw(method.clone(), &target, "application/json", b"{}".to_vec())
                    .await;
                assert_sound(&answer, &format!("{method} {target}"));
            }
        }
        let concrete = path
            .replace("{id}", &document)
            .replace("{user_id}", &document)
            .replace("{sha256}", &"0".repeat(64));
        for body in bodies {
            for kind in [
                "application/json",
                "text/plain",
                "multipart/form-data; boundary=x",
            ] {
                let answer = team.bo.raw(method.clone(), &concrete, kind, body.to_vec()).await;
                let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
                assert_sound(&answer, &format!("{method} {concrete} {kind} {shown:?}"));
            }
        }
    }
    team.ada.get("/readyz").await.ok(200);
}

#[tokio::test]
async fn a_wrong_id_is_named_before_a_wrong_body() {
    let team = Team::start().await;
    team.ada.get("/v1/documents/x").await.invalid("id");
    team.ada.get("/v1/documents/%ff").await.invalid("id");
    team.ada
        .post("/v1/documents/x/commits", &json!(7))
        .await
        .invalid("id");
    team.ada.delete("/v1/me/sign-ins/x").await.invalid("id");
    team.ada
        .delete(&format!("/v1/workspaces/{}/members/x", team.workspace))
        .await
        .invalid("user_id");
    team.ada
        .get(&format!("/v1/documents/{}", Uuid::new_v4()))
        .await
        .expect(404, "not_found");
}

#[tokio::test]
async fn a_wrong_field_is_named() {
    let team = Team::start().await;
    let post = async |path: &str, body: Value| team.ada.post(path, &body).await;
    post("/v1/workspaces", json!({})).await.invalid("name");
    post("/v1/workspaces", json!({"name": 7})).await.invalid("name");
    for name in ["", "   ", "a\u{0}", "a\nb", &"x".repeat(201)] {
        post("/v1/workspaces", json!({"name": name}))
            .await
            .invalid("name");
        post("/v1/documents", json!({"name": name, "kind": "canvas"}))
            .await
            .invalid("name");
    }
    post("/v1/workspaces", json!({"name": "é".repeat(200)}))
        .await
        .ok(201);
    post("/v1/documents", json!({"name": "a", "kind": "film"}))
        .await
        .invalid("kind");
    post(
        "/v1/documents",
        json!({"name": "a", "kind": "canvas", "workspace_id": "x"}),
    )
    .await
    .invalid("workspace_id");
    post(
        "/v1/sessions",
        json!({"session_id": "x", "workspace_id": null, "device_name": "d"}),
    )
    .await
    .invalid("session_id");
    post(
        "/v1/sessions",
        json!({"session_id": Uuid::new_v4(), "workspace_id": null, "device_name": ""}),
    )
    .await
    .invalid("device_name");
    post("/v1/auth/sign-in", json!({"email": "a@b.c"}))
        .await
        .invalid("password");
    let session = team.session(&team.ada).await;
    let document = team.canvas("a").await;
    let lock = holdfast_testkit::session::lock_of(&document);
    post(&lock, json!({"session_id": session.id(), "mode": "rude"}))
        .await
        .invalid("mode");
    post(&lock, json!({"session_id": session.id(), "wait": "yes"}))
        .await
        .invalid("wait");
    post(
        &format!("/v1/sessions/{}/heartbeat", session.id()),
        json!({"idle_ms": -1}),
    )
    .await
    .invalid("idle_ms");
    team.ada.get("/v1/documents").await.invalid("scope");
    team.ada.get("/v1/documents?scope=all").await.invalid("scope");
    team.ada
        .get(&format!(
            "/v1/documents?scope=personal&workspace_id={}",
            team.workspace
        ))
        .await
        .invalid("scope");
    team.ada
        .patch(&format!("/v1/documents/{document}"), &json!({}))
        .await
        .invalid("body");
    let fence = session.lock(&document).await;
    for wrong in [json!(1_i64 << 53), json!(-1), json!(1.5), json!("1"), json!(null)] {
        let body = json!({"commit_id": Uuid::new_v4(), "session_id": session.id(), "fence": wrong, "base_version": 0, "changes": []});
        post(&format!("/v1/documents/{document}/commits"), body)
            .await
            .invalid("fence");
    }
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let body = format!(
        r#"{{"commit_id":"{}","session_id":"{}","fence":{fence},"base_version":0,"changes":[{{"op":"put","id":"a","base_version":0,"data":{{"id":"a","x":{deep}}}}}]}}"#,
        Uuid::new_v4(),
        session.id()
    );
    let path = format!("/v1/documents/{document}/commits");
    team.ada
        .raw(Method::POST, &path, "application/json", body.into_bytes())
        .await
        .invalid("changes[0].data");
}

#[tokio::test]
async fn a_body_over_its_limit_is_refused_with_413() {
    let team = Team::start().await;
    let large = json!({"name": "x".repeat(70_000)});
    team.ada
        .post("/v1/workspaces", &large)
        .await
        .expect(413, "too_large");
    let huge = vec![b' '; 20 << 20];
    for path in ["/v1/workspaces", "/v1/sessions"] {
        team.ada
            .raw(Method::POST, path, "application/json", huge.clone())
            .await
            .expect(413, "too_large");
    }
}

#[tokio::test]
async fn other_methods_and_head() {
    let team = Team::start().await;
    let refused = team
        .ada
        .put("/v1/workspaces", &json!({}))
        .await
        .expect(405, "method_not_allowed");
    assert!(refused.header("allow").contains("POST"));
    let head = team.ada.raw(Method::HEAD, "/v1/me", "", Vec::new()).await;
    assert_eq!(head.status, 200);
    assert!(!team.ada.get("/v1/me").await.header("x-request-id").is_empty());
}

/// JSON that resembles what the server reads: its field names, with anything behind them.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!("put")),
        Just(json!("exclusive")),
        any::<u128>().prop_map(|n| json!(Uuid::from_u128(n))),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        let field = prop::sample::select(vec![
            "name",
            "kind",
            "email",
            "role",
            "password",
            "device_name",
            "session_id",
            "workspace_id",
            "project_id",
            "mode",
            "wait",
            "reason",
            "changes",
            "op",
            "id",
            "base_version",
            "data",
            "sha256",
            "fence",
            "commit_id",
            "version",
            "ttl_ms",
            "idle_ms",
            "current",
            "new",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((field, inner), 0..8).prop_map(|fields| Value::Object(
                fields
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect()
            )),
        ]
    })
}

#[tokio::test]
async fn random_bodies_are_answered_soundly() {
    let team = Team::start().await;
    let document = team.canvas("a").await;
    let mut runner = TestRunner::new(Config::default());
    let strategy = anything();
    let targets: Vec<_> = operations(&team.bo)
        .await
        .into_iter()
        .filter(|(method, path)| {
            *method != Method::GET && !path.contains("password") && !path.contains("sign-in")
        })
        .collect();
    for (method, path) in targets {
        let concrete = path
            .replace("/workspaces/{id}", &format!("/workspaces/{}", team.workspace))
            .replace("/documents/{id}", &format!("/documents/{document}"))
            .replace("{id}", &Uuid::new_v4().to_string())
            .replace("{user_id}", team.bo.user_id())
            .replace("{sha256}", &"0".repeat(64));
        if method == Method::DELETE && concrete.contains("/members/") {
            continue;
        }
        for _ in 0..25 {
            let body = strategy.new_tree(&mut runner).unwrap().current();
            let answer = team
                .bo
                .raw(
                    method.clone(),
                    &concrete,
                    "application/json",
                    body.to_string().into_bytes(),
                )
                .await;
            assert_sound(&answer, &format!("{method} {concrete} {body}"));
        }
    }
}
