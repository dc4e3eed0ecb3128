//! The server's description of itself.

use std::collections::BTreeSet;

use holdfast_testkit::Server;
use reqwest::Method;

#[tokio::test]
async fn every_described_path_is_there_and_takes_the_described_methods() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let api = ada.get("/v1/openapi.json").await.ok(200);
    assert!(api.text("/openapi").starts_with("3.1"));
    for (path, item) in api["paths"].as_object().unwrap() {
        let concrete = path
            .replace("{sha256}", &"0".repeat(64))
            .replace("{version}", "1")
            .replace("{id}", "x")
            .replace("{user_id}", "x");
        // A method that no path has shows which ones this path has.
        let allowed = ada
            .raw(Method::TRACE, &concrete, "", Vec::new())
            .await
            .expect(405, "method_not_allowed");
        let allowed: BTreeSet<_> = allowed
            .header("allow")
            .split(',')
            .map(|m| m.trim().to_lowercase())
            .filter(|m| m != "head")
            .collect();
        let methods = ["get", "post", "put", "patch", "delete"];
        let described: BTreeSet<_> = item
            .as_object()
            .unwrap()
            .keys()
            .filter(|key| methods.contains(&key.as_str()))
            .cloned()
            .collect();
        assert_eq!(allowed, described, "{path}");
    }
}

/// The specification's list, but for what belongs to the queue of waiters and to element locks.
const SPECIFIED: &[&str] = &[
    "POST /v1/auth/sign-in",
    "POST /v1/auth/sign-out",
    "GET /v1/me",
    "GET /v1/me/sessions",
    "PUT /v1/me/password",
    "GET /v1/me/sign-ins",
    "DELETE /v1/me/sign-ins/{id}",
    "GET /v1/workspaces",
    "POST /v1/workspaces",
    "GET /v1/workspaces/{id}",
    "PATCH /v1/workspaces/{id}",
    "DELETE /v1/workspaces/{id}",
    "GET /v1/workspaces/{id}/members",
    "POST /v1/workspaces/{id}/members",
    "PATCH /v1/workspaces/{id}/members/{user_id}",
    "DELETE /v1/workspaces/{id}/members/{user_id}",
    "GET /v1/workspaces/{id}/projects",
    "POST /v1/workspaces/{id}/projects",
    "GET /v1/projects/{id}",
    "PATCH /v1/projects/{id}",
    "DELETE /v1/projects/{id}",
    "GET /v1/documents",
    "POST /v1/documents",
    "GET /v1/documents/{id}",
    "PATCH /v1/documents/{id}",
    "DELETE /v1/documents/{id}",
    "GET /v1/documents/{id}/content",
    "POST /v1/documents/{id}/commits",
    "GET /v1/documents/{id}/commits",
    "PATCH /v1/documents/{id}/commits/{version}",
    "POST /v1/documents/{id}/restore",
    "PUT /v1/documents/{id}/files/{sha256}",
    "GET /v1/documents/{id}/files/{sha256}",
    "POST /v1/sessions",
    "POST /v1/sessions/{id}/heartbeat",
    "GET /v1/sessions/{id}",
    "DELETE /v1/sessions/{id}",
    "POST /v1/workspaces/{id}/lock",
    "GET /v1/workspaces/{id}/lock",
    "DELETE /v1/workspaces/{id}/lock",
    "POST /v1/workspaces/{id}/lock/heartbeat",
    "POST /v1/workspaces/{id}/lock/force-take",
    "DELETE /v1/workspaces/{id}/lock/force",
    "POST /v1/documents/{id}/lock",
    "GET /v1/documents/{id}/lock",
    "DELETE /v1/documents/{id}/lock",
    "POST /v1/documents/{id}/lock/heartbeat",
    "POST /v1/documents/{id}/lock/force-take",
    "DELETE /v1/documents/{id}/lock/force",
    "GET /v1/projects/{id}/locks",
    "GET /v1/workspaces/{id}/locks",
    "GET /v1/workspaces/{id}/audit",
    "GET /v1/ws",
    "GET /v1/openapi.json",
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
];

#[tokio::test]
async fn everything_specified_is_described_and_nothing_else() {
    let server = Server::start().await;
    let api = server.user("Ada").await.get("/v1/openapi.json").await.ok(200);
    let described: BTreeSet<String> = api["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .keys()
                .map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    let specified: BTreeSet<String> = SPECIFIED.iter().map(|line| (*line).to_owned()).collect();
    assert_eq!(described, specified);
}

#[tokio::test]
async fn every_reference_in_the_description_leads_somewhere() {
    let server = Server::start().await;
    let api = server.user("Ada").await.get("/v1/openapi.json").await.ok(200);
    let text = api.body.to_string();
    for reference in text
        .split("\"$ref\":\"#")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
    {
        assert!(api.body.pointer(reference).is_some(), "{reference} leads nowhere");
    }
}
