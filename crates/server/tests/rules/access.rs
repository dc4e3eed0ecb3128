//! A: who may do what.

use holdfast_testkit::{Client, Server, eventually::until, seconds, server::PASSWORD, session::lock_of};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::stage::{SOON, Team};

async fn attempt(server: &Server, email: &str, password: &str) -> holdfast_testkit::Answer {
    let body = json!({"email": email, "password": password, "device_name": "d"});
    Client::anonymous(&server.url())
        .post("/v1/auth/sign-in", &body)
        .await
}

#[tokio::test]
async fn a01_everything_but_health_and_sign_in_needs_a_token() {
    let team = Team::start().await;
    let nobody = Client::anonymous(&team.server.url());
    for open in ["/healthz", "/readyz", "/metrics", "/v1/openapi.json"] {
        nobody.get(open).await.ok(200);
    }
    let closed = [
        "/v1/me",
        "/v1/workspaces",
        "/v1/documents?scope=personal",
        "/v1/documents/nonsense",
        "/v1/no/such/path",
        "/v1/ws",
    ];
    for path in closed {
        for client in [nobody.clone(), nobody.with_token("0123"), nobody.with_token("")] {
            let refused = client.get(path).await.expect(401, "unauthenticated");
            assert_eq!(refused.header("www-authenticate"), "Bearer", "{path}");
        }
    }
    nobody
        .put("/v1/workspaces", &json!({}))
        .await
        .expect(401, "unauthenticated");
    team.ada.get("/v1/no/such/path").await.expect(404, "not_found");
    nobody.get("/elsewhere").await.expect(404, "not_found");
}

#[tokio::test]
async fn a01_a_sign_in_gives_a_token_that_can_be_revoked() {
    let team = Team::start().await;
    let answer = attempt(&team.server, "bo@example.org", PASSWORD).await.ok(200);
    assert!(answer.text("/token").len() >= 32);
    assert_eq!(answer["user"], json!({"id": team.bo.user_id(), "name": "Bo"}));
    let days = (crate::stage::moment(&answer["expires_at"]) - crate::stage::now()) / 86_400_000;
    assert!((29..=30).contains(&days), "{days}");
    let signed_in = team.bo.with_token(answer.text("/token"));
    let me = signed_in.get("/v1/me").await.ok(200);
    assert_eq!(
        (&me["email"], &me["name"]),
        (&json!("bo@example.org"), &json!("Bo"))
    );
    signed_in.post("/v1/auth/sign-out", &json!({})).await.ok(204);
    signed_in.get("/v1/me").await.expect(401, "unauthenticated");
    team.bo.get("/v1/me").await.ok(200);
}

#[tokio::test]
async fn a01_secrets_are_not_kept_in_the_open() {
    let team = Team::start().await;
    let token = team.bo.token().to_owned();
    let secrets = [token.as_bytes(), PASSWORD.as_bytes()];
    for file in std::fs::read_dir(team.server.data_dir()).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret);
            assert!(!found, "a secret is in {}", path.display());
        }
    }
}

#[tokio::test]
async fn a01_changing_the_password_ends_all_other_sign_ins() {
    let team = Team::start().await;
    let tablet = Client::sign_in(&team.server.url(), "bo@example.org", PASSWORD, "tablet").await;
    let change = |current: &str, new: &str| json!({"current": current, "new": new});
    team.bo
        .put("/v1/me/password", &change("wrong", "a new password"))
        .await
        .invalid("current");
    team.bo
        .put("/v1/me/password", &change(PASSWORD, "short"))
        .await
        .invalid("new");
    team.bo
        .put("/v1/me/password", &change(PASSWORD, "a new password"))
        .await
        .ok(204);
    tablet.get("/v1/me").await.expect(401, "unauthenticated");
    team.bo.get("/v1/me").await.ok(200);
    attempt(&team.server, "bo@example.org", PASSWORD)
        .await
        .expect(401, "unauthenticated");
    attempt(&team.server, "bo@example.org", "a new password")
        .await
        .ok(200);
}

#[tokio::test]
async fn a02_what_the_caller_may_not_see_does_not_exist() {
    let team = Team::start().await;
    let project = team.ada.project(&team.workspace, "P").await;
    let (document, diary) = (
        team.ada.canvas_in_project(&project, "a").await,
        team.ada.canvas("diary").await,
    );
    let stranger = team.server.user("Cy").await;
    let workspace = &team.workspace;
    let paths = [
        format!("/v1/workspaces/{workspace}"),
        format!("/v1/workspaces/{workspace}/members"),
        format!("/v1/workspaces/{workspace}/projects"),
        format!("/v1/workspaces/{workspace}/audit"),
        format!("/v1/workspaces/{workspace}/lock"),
        format!("/v1/workspaces/{workspace}/locks"),
        format!("/v1/projects/{project}"),
        format!("/v1/projects/{project}/locks"),
        format!("/v1/documents?workspace_id={workspace}"),
        format!("/v1/documents?project_id={project}"),
        format!("/v1/documents/{document}"),
        format!("/v1/documents/{document}/content"),
        format!("/v1/documents/{document}/commits"),
        lock_of(&document),
    ];
    for path in &paths {
        let hidden = stranger.get(path).await.expect(404, "not_found");
        let id = if path.contains("/documents/") {
            &document
        } else if path.contains("/projects/") {
            &project
        } else {
            workspace
        };
        if path.contains(id.as_str()) {
            let nowhere = stranger
                .get(&path.replace(id.as_str(), &Uuid::new_v4().to_string()))
                .await
                .expect(404, "not_found");
            assert_eq!(hidden.body, nowhere.body, "{path}");
        }
    }
    team.bo
        .get(&format!("/v1/documents/{diary}"))
        .await
        .expect(404, "not_found");
    team.bo
        .delete(&format!("/v1/documents/{diary}"))
        .await
        .expect(404, "not_found");
    stranger
        .patch(&paths[0], &json!({"name": "mine"}))
        .await
        .expect(404, "not_found");
    assert!(
        stranger
            .get("/v1/workspaces")
            .await
            .ok(200)
            .list("/items")
            .is_empty()
    );
    team.bo
        .patch(&paths[0], &json!({"name": "mine"}))
        .await
        .expect(403, "forbidden");
    team.bo
        .get(&format!("/v1/workspaces/{workspace}/audit"))
        .await
        .expect(403, "forbidden");
}

#[tokio::test]
async fn a03_each_role_may_do_what_it_may_do() {
    let team = Team::start().await;
    let workspace = team.workspace.clone();
    let document = team.canvas("a").await;
    let annotator = team.member("Cy", "annotator").await;
    let viewer = team.member("Di", "viewer").await;
    let (new_document, new_project) = (
        json!({"name": "n", "kind": "canvas", "workspace_id": workspace}),
        json!({"name": "n"}),
    );
    for (client, document_status, lock_status) in
        [(&viewer, 403, 403), (&annotator, 403, 201), (&team.bo, 201, 201)]
    {
        client
            .get(&format!("/v1/documents/{document}/content"))
            .await
            .ok(200);
        assert_eq!(
            client.post("/v1/documents", &new_document).await.status,
            document_status
        );
        assert_eq!(
            client
                .post(&format!("/v1/workspaces/{workspace}/projects"), &new_project)
                .await
                .status,
            document_status
        );
        let renamed = client
            .patch(&format!("/v1/documents/{document}"), &json!({"name": "b"}))
            .await
            .status;
        assert_eq!(renamed == 200, document_status == 201);
        let session = team.session(client).await;
        let asked = session.acquire(&document).await;
        assert_eq!(asked.status, lock_status, "{}", client.name());
        session.close().await.ok(204);
        let members = format!("/v1/workspaces/{workspace}/members");
        client
            .post(&members, &json!({"email": "x@example.org", "role": "viewer"}))
            .await
            .expect(403, "forbidden");
        client
            .delete(&format!("/v1/workspaces/{workspace}"))
            .await
            .expect(403, "forbidden");
    }
    let session = team.session(&annotator).await;
    let lock = format!("/v1/workspaces/{workspace}/lock");
    session.ask(&lock, "exclusive").await.expect(403, "forbidden");
}

#[tokio::test]
async fn a03_the_role_counts_at_the_time_of_each_action() {
    let team = Team::start().await;
    let document = team.canvas("a").await;
    let session = team.session(&team.bo).await;
    let fence = session.lock(&document).await;
    let member = format!("/v1/workspaces/{}/members/{}", team.workspace, team.bo.user_id());
    team.ada.patch(&member, &json!({"role": "viewer"})).await.ok(200);
    session
        .commit(&document, fence, &[holdfast_testkit::session::put("a", 0)])
        .await
        .expect(403, "forbidden");
    team.ada.delete(&member).await.ok(204);
    team.bo
        .get(&format!("/v1/documents/{document}"))
        .await
        .expect(404, "not_found");
}

#[tokio::test]
async fn a03_everybody_may_leave_but_the_last_owner() {
    let team = Team::start().await;
    let member = |id: &str| format!("/v1/workspaces/{}/members/{id}", team.workspace);
    team.ada
        .delete(&member(team.ada.user_id()))
        .await
        .expect(409, "last_owner");
    team.ada
        .patch(&member(team.ada.user_id()), &json!({"role": "editor"}))
        .await
        .expect(409, "last_owner");
    team.bo
        .delete(&member(team.ada.user_id()))
        .await
        .expect(403, "forbidden");
    team.bo.delete(&member(team.bo.user_id())).await.ok(204);
    team.ada
        .add_member(&team.workspace, "bo@example.org", "owner")
        .await;
    team.ada.delete(&member(team.ada.user_id())).await.ok(204);
    team.ada
        .get(&format!("/v1/workspaces/{}", team.workspace))
        .await
        .expect(404, "not_found");
}

#[tokio::test]
async fn a03_members_are_added_by_the_address_of_an_account() {
    let team = Team::start().await;
    let members = format!("/v1/workspaces/{}/members", team.workspace);
    team.ada
        .post(
            &members,
            &json!({"email": "nobody@example.org", "role": "viewer"}),
        )
        .await
        .invalid("email");
    team.ada
        .post(&members, &json!({"email": "bo@example.org", "role": "viewer"}))
        .await
        .expect(409, "already_member");
    team.ada
        .post(&members, &json!({"email": "bo@example.org", "role": "king"}))
        .await
        .invalid("role");
    let list = team.bo.get(&members).await.ok(200);
    let roles: Vec<_> = list
        .list("/items")
        .iter()
        .map(|m| (m["user"]["name"].clone(), m["role"].clone()))
        .collect();
    assert!(
        roles.contains(&(json!("Ada"), json!("owner"))) && roles.contains(&(json!("Bo"), json!("editor")))
    );
}

#[tokio::test]
async fn a04_wrong_sign_ins_are_limited_by_account() {
    let team = Team::start().await;
    let unknown = attempt(&team.server, "nobody@example.org", PASSWORD)
        .await
        .expect(401, "unauthenticated");
    let wrong = attempt(&team.server, "bo@example.org", "wrong")
        .await
        .expect(401, "unauthenticated");
    assert_eq!(
        unknown.body, wrong.body,
        "whether there is such an account is not told"
    );
    for _ in 0..8 {
        attempt(&team.server, "bo@example.org", "wrong")
            .await
            .expect(401, "unauthenticated");
    }
    attempt(&team.server, "bo@example.org", PASSWORD).await.ok(200);
    for _ in 0..10 {
        attempt(&team.server, "bo@example.org", "wrong")
            .await
            .expect(401, "unauthenticated");
    }
    for password in ["wrong", PASSWORD] {
        let limited = attempt(&team.server, "bo@example.org", password)
            .await
            .expect(429, "rate_limited");
        let seconds: u64 = limited.header("retry-after").parse().expect("whole seconds");
        assert!((1..=300).contains(&seconds), "{seconds}");
    }
    attempt(&team.server, "ada@example.org", PASSWORD).await.ok(200);
    team.bo.get("/v1/me").await.ok(200);
}

#[tokio::test]
async fn a04_wrong_sign_ins_are_limited_by_address() {
    let server = Server::start().await;
    server.add_user("ada@example.org", "Ada", PASSWORD);
    for index in 0..50 {
        attempt(&server, &format!("user{index}@example.org"), "wrong")
            .await
            .expect(401, "unauthenticated");
    }
    attempt(&server, "ada@example.org", PASSWORD)
        .await
        .expect(429, "rate_limited");
}

#[tokio::test]
async fn a04_the_limits_are_options() {
    let options = [
        "--sign-in-limit-account",
        "2",
        "--sign-in-limit-address",
        "3",
        "--sign-in-window",
        "4s",
    ];
    let server = Server::start_with(options).await;
    server.add_user("ada@example.org", "Ada", PASSWORD);
    until("an account is closed after two wrong ones", SOON, async || {
        attempt(&server, "ada@example.org", "wrong").await.status == 429
    })
    .await;
    until("and open again after four seconds", SOON, async || {
        attempt(&server, "ada@example.org", PASSWORD).await.status == 200
    })
    .await;
}

#[tokio::test]
async fn a05_what_matters_is_in_the_audit_log() {
    let team = Team::start().await;
    let document = team.canvas("Plan").await;
    let member = format!("/v1/workspaces/{}/members/{}", team.workspace, team.bo.user_id());
    team.ada
        .patch(&member, &json!({"role": "annotator"}))
        .await
        .ok(200);
    team.ada
        .delete(&format!("/v1/documents/{document}"))
        .await
        .ok(204);
    attempt(&team.server, "bo@example.org", PASSWORD).await.ok(200);
    team.ada.delete(&member).await.ok(204);
    let path = format!("/v1/workspaces/{}/audit", team.workspace);
    let audit = team.ada.get(&path).await.ok(200);
    let entries: Vec<_> = audit
        .list("/items")
        .iter()
        .map(|e| (e["action"].as_str().unwrap(), e["by"]["name"].as_str().unwrap()))
        .collect();
    for expected in [
        ("role_changed", "Ada"),
        ("document_deleted", "Ada"),
        ("signed_in", "Bo"),
        ("member_removed", "Ada"),
        ("member_added", "Ada"),
    ] {
        assert!(entries.contains(&expected), "{expected:?} is not in {entries:?}");
    }
    assert_eq!(entries[0].0, "member_removed", "newest first");
    let first = team.ada.get(&format!("{path}?limit=2")).await.ok(200);
    assert_eq!(first.list("/items").len(), 2);
    let cursor = first.text("/next").to_owned();
    let second = team
        .ada
        .get(&format!("{path}?limit=2&cursor={cursor}"))
        .await
        .ok(200);
    assert_eq!(second["items"][0], audit["items"][2]);
}

#[tokio::test]
async fn lists_come_in_pages() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    for index in 0..5 {
        ada.canvas(&format!("canvas {index}")).await;
    }
    let mut names = Vec::new();
    let mut path = "/v1/documents?scope=personal&limit=2".to_owned();
    loop {
        let page = ada.get(&path).await.ok(200);
        names.extend(
            page.list("/items")
                .iter()
                .map(|document| document["name"].clone()),
        );
        match &page["next"] {
            Value::Null => break,
            next => {
                path = format!(
                    "/v1/documents?scope=personal&limit=2&cursor={}",
                    next.as_str().unwrap()
                );
            }
        }
    }
    assert_eq!(names.len(), 5);
    assert_eq!(names[0], "canvas 4", "newest change first");
    for limit in ["0", "501", "-1", "x"] {
        ada.get(&format!("/v1/documents?scope=personal&limit={limit}"))
            .await
            .invalid("limit");
    }
    ada.get("/v1/documents?scope=personal&cursor=nonsense")
        .await
        .invalid("cursor");
    until("the own sessions are listed", seconds(5), async || {
        ada.get("/v1/me/sessions?limit=1").await.status == 200
    })
    .await;
}
