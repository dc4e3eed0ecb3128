//! The app's beginning and end, and desktops that lack something.

use holdfast_testkit::{
    Server, Socket, app,
    desktop::{Furniture, Notifications},
    eventually,
    process::{Process, Signal},
    seconds,
    session::lock_of,
};

use crate::{excalidraw, person::Person};

/// Starts the app a second time with an argument; it must hand over and end well.
async fn second_start(person: &Person, argument: &str) {
    let mut command = app::command(&person.desktop);
    let mut second = Process::start("second", person.desktop.folder(), command.arg(argument));
    assert!(second.end(seconds(20)).await.success());
}

#[tokio::test]
async fn c10_a_file_given_to_a_second_start_opens_in_the_first() {
    let ada = Person::new().await;
    ada.library().await;
    let path = excalidraw::sample("landing-page");
    second_start(&ada, &path.to_string_lossy()).await;
    let canvas = ada.canvas("landing-page").await;
    canvas
        .shows_elements(excalidraw::live(&excalidraw::read(&path)))
        .await;
}

#[tokio::test]
async fn c10_a_link_opens_its_canvas() {
    let server = Server::start().await;
    let ada = Person::new().await;
    let client = ada.join(&server, "Ada").await;
    let document = client.canvas("Linked").await;
    second_start(&ada, &format!("holdfast://document/{document}")).await;
    ada.canvas("Linked").await.is_editable().await;
}

#[tokio::test]
async fn c04_sigterm_saves_and_releases_within_the_budget() {
    let server = Server::start().await;
    let ada = Person::new().await;
    let client = ada.join(&server, "Ada").await;
    let document = client.canvas("Sketch").await;
    let library = ada.library().await;
    library
        .page
        .click(&format!("sidebar-server-{}", server.address()))
        .await;
    library.open("Sketch").await;
    let canvas = ada.canvas("Sketch").await;
    canvas.is_editable().await;
    let socket = Socket::connect(&client).await;
    let room = format!("document:{document}");
    socket.subscribe(&room).await;
    canvas.draw((300, 300), (380, 360)).await;
    ada.app.signal(Signal::TERM);
    let event = socket.event_within(&room, "document_unlocked", seconds(3)).await;
    assert_eq!(event["event"]["reason"], "released");
    ada.app.end(seconds(5)).await;
    let content = client
        .get(&format!("/v1/documents/{document}/content"))
        .await
        .ok(200);
    assert_eq!(content.list("/elements").len(), 1);
    assert!(client.get(&lock_of(&document)).await.ok(200)["lock"].is_null());
}

#[tokio::test]
async fn c08_the_keychain_keeps_the_sign_in_over_a_restart() {
    let server = Server::start().await;
    let ada = Person::new().await;
    ada.join(&server, "Ada").await;
    ada.app.signal(Signal::TERM);
    ada.app.end(seconds(10)).await;
    let ada = ada.start_again().await;
    let library = ada.library().await;
    library
        .page
        .click(&format!("sidebar-server-{}", server.address()))
        .await;
    library.create("After the restart").await;
    ada.canvas("After the restart").await.is_editable().await;
}

#[tokio::test]
async fn c08_without_a_keychain_the_user_is_told_and_signs_in_each_time() {
    let server = Server::start().await;
    let furniture = Furniture {
        keyring: false,
        ..Furniture::default()
    };
    let ada = Person::with(furniture).await;
    ada.join(&server, "Ada").await;
    let library = ada.library().await;
    library.page.shows("notice-no_keychain").await;
    ada.desktop.screenshot("50-no-keychain");
    ada.app.signal(Signal::TERM);
    ada.app.end(seconds(10)).await;
    let ada = ada.start_again().await;
    let library = ada.library().await;
    library
        .page
        .click(&format!("sidebar-server-{}", server.address()))
        .await;
    library.page.says("library", "You are signed out").await;
}

#[tokio::test]
async fn c05_without_a_notification_daemon_the_app_says_it_itself() {
    let server = Server::start().await;
    let furniture = Furniture {
        notifications: Notifications::Missing,
        ..Furniture::default()
    };
    let ada = Person::with(furniture).await;
    let client = ada.join(&server, "Ada").await;
    let workspace = client.workspace("Studio").await;
    let document = client.canvas_in(&workspace, "Sketch").await;
    let ben = server.user("Ben").await;
    client.add_member(&workspace, "ben@example.org", "editor").await;
    let holder = ben.session(Some(&workspace)).await;
    holder.lock(&document).await;
    let library = ada.library().await;
    library.go_to_workspace("Studio").await;
    library.badge_says("Sketch", "Ben").await;
    library.choose("Sketch", "menu-notify").await;
    holder.release(&document).await.ok(204);
    library
        .page
        .says(&format!("notice-free-{document}"), "“Sketch” is free")
        .await;
    library.badge_says("Sketch", "").await;
    library.page.rests().await;
    ada.desktop.screenshot("51-no-notifications");
}

#[tokio::test]
async fn c08_the_token_is_in_the_keychain_and_in_no_file() {
    let server = Server::start().await;
    let ada = Person::new().await;
    ada.join(&server, "Ada").await;
    let token = eventually("the keychain has the token", seconds(10), async || {
        let mut lookup = ada.desktop.command("secret-tool");
        let output = lookup.args(["lookup", "service", "Holdfast"]).output().ok()?;
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    })
    .await;
    assert!(token.len() >= 20, "the token is random and long");
    ada.app.signal(Signal::TERM);
    ada.app.end(seconds(10)).await;
    let output = ada
        .desktop
        .command("grep")
        .args(["-rlF", &token])
        .arg(ada.desktop.folder())
        .output()
        .unwrap();
    let files = String::from_utf8_lossy(&output.stdout).into_owned();
    // the keyring's own file is encrypted with the empty password, and not searched for by us
    let files: Vec<_> = files
        .lines()
        .filter(|file| !file.contains("/keyrings/"))
        .collect();
    assert!(files.is_empty(), "the token is in {files:?}");
}

#[tokio::test]
async fn c07_the_webview_reaches_no_network_and_runs_no_foreign_script() {
    let server = Server::start().await;
    let ada = Person::new().await;
    let page = ada.library().await.page;
    for url in [server.url(), "http://127.0.0.1:1".to_owned()] {
        page.evaluate(&format!(
            "(window.reached = 'waiting', fetch('{url}/healthz', {{mode: 'no-cors'}})
                .then(() => window.reached = 'reached', () => window.reached = 'refused'), true)"
        ))
        .await;
        page.until("the fetch has an end", "window.reached !== 'waiting'")
            .await;
        assert_eq!(page.evaluate("window.reached").await, "refused", "{url}");
    }
    page.evaluate(
        "(() => { const script = document.createElement('script'); script.textContent = 'window.foreign = true';
            document.head.append(script); const link = document.createElement('div');
            link.setAttribute('onclick', 'window.foreign = true'); document.body.append(link); link.click();
            link.remove(); return true; })()",
    )
    .await;
    assert_eq!(page.evaluate("window.foreign === undefined").await, true);
}
