//! The program: starting, refusing to start, draining, accounts.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

use holdfast_testkit::{Client, Server, Socket, binary::built, seconds, server::PASSWORD, session::put};
use serde_json::json;

use crate::stage::{SOON, Team};

fn program() -> Command {
    let mut command = Command::new(built("holdfast-server", "HOLDFAST_SERVER_BIN"));
    command.stdin(Stdio::null());
    command
}

fn run(command: &mut Command) -> (Option<i32>, String) {
    let Output {
        status,
        stderr,
        stdout,
    } = command.output().expect("the program runs");
    (
        status.code(),
        format!(
            "{}{}",
            String::from_utf8_lossy(&stdout),
            String::from_utf8_lossy(&stderr)
        ),
    )
}

fn serve(data_dir: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    run(program()
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data_dir)
        .args(arguments))
}

#[tokio::test]
async fn sigterm_drains_and_ends_with_success() {
    let mut team = Team::start().await;
    let socket = Socket::connect(&team.ada).await;
    assert!(team.server.terminate().await.success());
    let closing = socket.next("closing").await;
    assert_eq!(closing["reason"], "draining");
    assert!(closing["reconnect_after_ms"].as_i64().unwrap() > 0);
    assert!(socket.closed(SOON).await.starts_with("1001"));
}

#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    let mut team = Team::start().await;
    let (session, document) = (team.session(&team.bo).await, team.canvas("a").await);
    let fence = session.lock(&document).await;
    for version in 0..20 {
        session
            .commit(&document, fence, &[put("a", version)])
            .await
            .ok(200);
        if version % 5 == 0 {
            team.server.kill();
            team.server.restart().await;
        }
    }
    let content = team
        .ada
        .get(&format!("/v1/documents/{document}/content"))
        .await
        .ok(200);
    assert_eq!(content["version"], 20);
}

#[tokio::test]
async fn a_taken_port_is_said_clearly() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    let address = server.address().to_string();
    let (code, said) = run(program()
        .args(["serve", "--listen", &address, "--data-dir"])
        .arg(folder.path()));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&address) && said.contains("in use"), "{said}");
}

#[tokio::test]
async fn a_second_server_on_the_same_data_is_refused() {
    let server = Server::start().await;
    let (code, said) = serve(server.data_dir(), &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("another holdfast-server"), "{said}");
}

#[test]
fn a_folder_that_can_not_be_used_is_said_clearly() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "x").unwrap();
    for path in [file.join("below"), Path::new("/proc/nowhere").to_owned()] {
        let (code, said) = serve(&path, &[]);
        assert_eq!(code, Some(1), "{said}");
        assert!(
            said.contains("data folder") && said.contains(path.to_str().unwrap()),
            "{said}"
        );
    }
}

#[test]
fn a_damaged_database_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("holdfast.db");
    std::fs::write(&file, "this is no database, whatever its name says".repeat(100)).unwrap();
    let before = std::fs::read(&file).unwrap();
    let (code, said) = serve(folder.path(), &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("holdfast.db"), "{said}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn options_that_can_not_be_are_refused_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("holdfast.toml");
    for (text, named) in [
        ("lease-tll = '45s'", "lease-tll"),
        ("grace = 5", "grace"),
        ("listen = 'here'", "listen"),
        ("=", "holdfast.toml"),
    ] {
        std::fs::write(&config, text).unwrap();
        let (code, said) = serve(folder.path(), &["--config", config.to_str().unwrap()]);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(named), "{said}");
    }
    let cases = [
        (vec!["--database-url", "postgres://localhost/x"], "PostgreSQL"),
        (vec!["--redis-url", "redis://localhost"], "Redis"),
        (vec!["--lease-ttl", "3h"], "--lease-ttl"),
        (vec!["--grace", "soon"], "--grace"),
        (vec!["--keep-versions", "2h"], "--keep-versions"),
        (vec!["--config", "/no/such/file"], "/no/such/file"),
        (vec!["--nonsense"], "--nonsense"),
    ];
    for (arguments, named) in cases {
        let (code, said) = serve(folder.path(), &arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {said}");
        assert!(said.contains(named), "{arguments:?}: {said}");
    }
}

#[tokio::test]
async fn options_come_from_flags_then_environment_then_file() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("holdfast.toml");
    std::fs::write(&config, "lease-ttl = '20s'\ngrace = '7s'\n").unwrap();
    let server = Server::start_with(["--config", config.to_str().unwrap(), "--lease-ttl", "30s"]).await;
    let ada = server.user("Ada").await;
    let body = json!({"session_id": uuid::Uuid::new_v4(), "workspace_id": null, "device_name": "d"});
    let opened = ada.post("/v1/sessions", &body).await.ok(201);
    assert_eq!(opened["ttl_ms"], 30_000);
    assert_eq!(opened["grace_ms"], 7_000);
}

#[tokio::test]
async fn an_account_added_on_the_command_line_is_there_at_once() {
    let server = Server::start().await;
    let add = |email: &str, name: &str, password: &str| {
        let mut child = program()
            .args([
                "user",
                "add",
                "--password-stdin",
                "--email",
                email,
                "--name",
                name,
                "--data-dir",
            ])
            .arg(server.data_dir())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), password.as_bytes()).unwrap();
        let Output {
            status,
            stdout,
            stderr,
        } = child.wait_with_output().unwrap();
        (
            status.code(),
            String::from_utf8_lossy(&stdout).into_owned(),
            String::from_utf8_lossy(&stderr).into_owned(),
        )
    };
    let (code, id, said) = add("ada@example.org", "Ada", &format!("{PASSWORD}\n"));
    assert_eq!(code, Some(0), "{said}");
    let ada = Client::sign_in(&server.url(), "ada@example.org", PASSWORD, "d").await;
    assert_eq!(ada.user_id(), id.trim());
    for (email, name, password, field) in [
        ("ada@example.org", "Ada", PASSWORD, "email"),
        ("nonsense", "Bo", PASSWORD, "email"),
        ("bo@example.org", "", PASSWORD, "name"),
        ("bo@example.org", "Bo", "short", "password"),
    ] {
        let (code, out, said) = add(email, name, password);
        assert_eq!(code, Some(1), "{said}");
        assert!(out.is_empty() && said.contains(field), "{said}");
    }
    let (code, said) = run(program()
        .args([
            "user",
            "add",
            "--email",
            "cy@example.org",
            "--name",
            "Cy",
            "--data-dir",
        ])
        .arg(server.data_dir()));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("--password-stdin"), "{said}");
}

#[tokio::test]
async fn logs_hold_no_secrets() {
    let mut team = Team::start().await;
    let token = team.bo.token().to_owned();
    team.bo.get("/v1/me").await.ok(200);
    let body = json!({"email": "bo@example.org", "password": "a wrong secret", "device_name": "d"});
    team.bo
        .post("/v1/auth/sign-in", &body)
        .await
        .expect(401, "unauthenticated");
    assert!(team.server.terminate().await.success());
    let log = team.server.log();
    for secret in [token.as_str(), PASSWORD, "a wrong secret"] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[tokio::test]
async fn metrics_name_nobody() {
    let team = Team::start().await;
    let document = team.canvas("Secret plan").await;
    team.ada.get(&format!("/v1/documents/{document}")).await.ok(200);
    let metrics = Client::anonymous(&team.server.url())
        .get("/metrics")
        .await
        .ok(200);
    let text = String::from_utf8_lossy(&metrics.bytes);
    assert!(text.contains(r#"route="/v1/documents/{id}""#));
    for name in [document.as_str(), "Ada", "ada@", team.ada.user_id(), "Secret"] {
        assert!(!text.contains(name), "{name} is in the metrics");
    }
}

#[tokio::test]
async fn a_draining_server_finishes_what_it_began() {
    let mut team = Team::start().await;
    let ada = team.ada.clone();
    let asking = tokio::spawn(async move {
        let mut done = 0;
        while let Ok(answer) = ada
            .attempt(
                reqwest::Method::POST,
                "/v1/workspaces",
                "application/json",
                br#"{"name":"w"}"#.to_vec(),
            )
            .await
        {
            match answer.status {
                201 => done += 1,
                status => assert_eq!(status, 503),
            }
        }
        done
    });
    holdfast_testkit::eventually::until("some are made", seconds(10), async || {
        team.bo.get("/healthz").await.ok(200);
        team.ada
            .get("/v1/workspaces?limit=500")
            .await
            .ok(200)
            .list("/items")
            .len()
            > 5
    })
    .await;
    assert!(team.server.terminate().await.success());
    let done: usize = asking.await.unwrap();
    team.server.restart().await;
    let made = team
        .ada
        .get("/v1/workspaces?limit=500")
        .await
        .ok(200)
        .list("/items")
        .len()
        - 1;
    assert!(
        made == done || made == done + 1,
        "{done} were answered, {made} were made"
    );
}
