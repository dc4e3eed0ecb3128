//! The server as a part of another program: the desktop app starts it this way.

use holdfast_server::{config::Config, server::Server};
use holdfast_testkit::{Client, Socket, session::put};
use serde_json::json;

use crate::stage::SOON;

async fn start(data_dir: &std::path::Path) -> holdfast_server::server::RunningServer {
    let config = Config {
        listen: "127.0.0.1:0".parse().expect("an address"),
        data_dir: data_dir.to_owned(),
        ..Config::default()
    };
    Server::start(config).await.expect("it starts")
}

#[tokio::test]
async fn several_servers_run_in_one_process_and_each_has_its_only_user() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let servers = [start(folders[0].path()).await, start(folders[1].path()).await];
    for server in &servers {
        let base = format!("http://{}", server.address());
        let token = server.local_sign_in("Ada", "this computer").await.unwrap();
        let ada = Client::anonymous(&base).with_token(&token);
        assert_eq!(ada.get("/v1/me").await.ok(200)["name"], "Ada");
        let document = ada.canvas("first").await;
        let session = ada.session(None).await;
        let fence = session.lock(&document).await;
        session.commit(&document, fence, &[put("a", 0)]).await.ok(200);
        let all = ada.get("/v1/documents?scope=personal").await.ok(200);
        assert_eq!(all.list("/items").len(), 1);
    }
    for server in servers {
        server.shutdown().await;
    }
}

#[tokio::test]
async fn it_ends_politely_and_starts_again_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let token = server.local_sign_in("Ada", "this computer").await.unwrap();
    let ada = Client::anonymous(&format!("http://{}", server.address())).with_token(&token);
    let me = ada.get("/v1/me").await.ok(200).body;
    let document = ada.canvas("first").await;
    let socket = Socket::connect(&ada).await;
    server.shutdown().await;
    assert_eq!(socket.next("closing").await["reason"], "draining");
    socket.closed(SOON).await;

    let server = start(folder.path()).await;
    let base = format!("http://{}", server.address());
    let ada = ada.at(&base);
    ada.get(&format!("/v1/documents/{document}")).await.ok(200);
    let token = server.local_sign_in("Ada", "this computer").await.unwrap();
    let again = Client::anonymous(&base)
        .with_token(&token)
        .get("/v1/me")
        .await
        .ok(200);
    assert_eq!(
        again["id"], me["id"],
        "there is one user, however often it signs in"
    );
    let strange = Client::anonymous(&base);
    strange
        .get(&format!("/v1/documents/{document}"))
        .await
        .expect(401, "unauthenticated");
    let body = json!({"email": "ada", "password": "", "device_name": "d"});
    strange
        .post("/v1/auth/sign-in", &body)
        .await
        .expect(401, "unauthenticated");
    server.shutdown().await;
}
