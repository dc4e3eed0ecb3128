//! When things are wrong: wrong passwords, no server, a cut network, a killed server, a bad disk, no display.

use holdfast_testkit::{Server, app, process::Process, seconds, server::PASSWORD};

use crate::{linked::Linked, person::Person};

#[tokio::test]
async fn a04_a_wrong_sign_in_says_so_and_a_right_one_follows() {
    let server = Server::start().await;
    server.add_user("ada@example.org", "Ada", PASSWORD);
    let ada = Person::new().await;
    let library = ada.library().await;
    library
        .try_sign_in(&server.url(), "ada@example.org", "not this one")
        .await;
    library.page.says("sign-in-error", "password is wrong").await;
    library.page.rests().await;
    ada.desktop.screenshot("60-wrong-password");
    library.page.fill("sign-in-password", PASSWORD).await;
    library.page.click("sign-in-submit").await;
    library
        .page
        .shows(&format!("sidebar-server-{}", server.address()))
        .await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_and_nothing_is_added() {
    let ada = Person::new().await;
    let library = ada.library().await;
    library
        .try_sign_in("http://127.0.0.1:1", "ada@example.org", PASSWORD)
        .await;
    library.page.shows("sign-in-error").await;
    library.page.rests().await;
    ada.desktop.screenshot("61-no-server");
    assert!(!library.page.has("sidebar-server-127.0.0.1:1").await);
}

#[tokio::test]
async fn s04_a_killed_server_comes_back_and_the_editing_goes_on() {
    let mut it = Linked::new().await;
    it.canvas.draw((300, 300), (380, 360)).await;
    it.canvas.is_saved().await;
    let fence = it.lock().await["fence"].clone();
    it.server.kill();
    it.canvas
        .page
        .attribute_is("connection", "data-state", "offline")
        .await;
    it.canvas.draw((500, 300), (580, 360)).await;
    it.server.restart().await;
    it.canvas.is_saved().await;
    assert_eq!(it.stored().await.len(), 2);
    assert_eq!(it.lock().await["fence"], fence);
}

#[tokio::test]
async fn s08_a_sign_in_revoked_from_elsewhere_ends_the_editing_and_says_so() {
    let it = Linked::new().await;
    it.canvas.draw((300, 300), (380, 360)).await;
    it.canvas.is_saved().await;
    let sign_ins = it.client.get("/v1/me/sign-ins").await.ok(200);
    let other = sign_ins.list("/items").iter().find(|one| one["current"] == false);
    let other = other.expect("the app's sign-in")["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    it.client
        .delete(&format!("/v1/me/sign-ins/{other}"))
        .await
        .ok(204);
    it.canvas.is_read_only().await;
    assert!(it.lock().await.is_null());
    it.canvas.page.shows("lost-bar").await;
    it.ada.library().await.page.says("library", "Signed out").await;
    it.ada.desktop.screenshot("63-revoked");
}

#[tokio::test]
async fn without_a_display_the_app_says_so_and_ends() {
    let folder = tempfile::tempdir().unwrap();
    let mut command =
        std::process::Command::new(holdfast_testkit::binary::built("holdfast", "HOLDFAST_APP_BIN"));
    command
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env("HOLDFAST_DATA_DIR", folder.path());
    let mut process = Process::start("app", folder.path(), &mut command);
    assert!(!process.end(seconds(20)).await.success());
    assert!(process.log().contains("DISPLAY"), "{}", process.log());
}

#[tokio::test]
async fn an_unusable_data_folder_is_named_and_servers_still_work() {
    let server = Server::start().await;
    let desktop = holdfast_testkit::desktop::Desktop::start().await;
    let file = desktop.folder().join("file");
    std::fs::write(&file, "no folder").unwrap();
    let folder = file.join("data");
    let app = app::App::start_with(&desktop, &[], &[("HOLDFAST_DATA_DIR", &folder.to_string_lossy())]).await;
    let ada = Person { app, desktop };
    ada.library().await.page.shows("notice-data_folder").await;
    ada.join(&server, "Ada").await;
    ada.desktop.screenshot("64-no-data-folder");
}
