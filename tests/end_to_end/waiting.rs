//! Locks held and waited for while the windows hang or another service shows the notifications.

use holdfast_testkit::{
    Server,
    desktop::{Furniture, Notifications},
    eventually, seconds,
    session::lock_of,
};

use crate::person::Person;

#[tokio::test]
async fn c01_a_hung_page_keeps_its_lock() {
    let server = Server::start_with(["--lease-ttl", "10s"]).await;
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
    let path = lock_of(&document);
    let before = client.get(&path).await.ok(200)["lock"].clone();
    // the page does nothing else for longer than a lease: no timer of it fires, no frame is painted
    let hang = "(setTimeout(() => { const end = Date.now() + 13000; while (Date.now() < end); window.hung = true; }), true)";
    canvas.page.evaluate(hang).await;
    let renewed = |lock: &serde_json::Value| lock["heartbeat_at"].as_str().map(str::to_owned);
    let mut heartbeats = std::collections::BTreeSet::from([renewed(&before)]);
    eventually("the lease is renewed three times", seconds(25), async || {
        let lock = client.get(&path).await.ok(200)["lock"].clone();
        assert_eq!(lock["fence"], before["fence"], "the lock was lost");
        heartbeats.insert(renewed(&lock));
        (heartbeats.len() > 3).then_some(())
    })
    .await;
    canvas
        .page
        .until("the page is back", "window.hung === true")
        .await;
    canvas.is_editable().await;
    assert_eq!(client.get(&path).await.ok(200)["lock"]["fence"], before["fence"]);
}

#[tokio::test]
async fn c05_another_notification_service_does_as_well() {
    let server = Server::start().await;
    let furniture = Furniture {
        notifications: Notifications::Dunst,
        ..Furniture::default()
    };
    let ada = Person::with(furniture).await;
    let client = ada.join(&server, "Ada").await;
    let workspace = client.workspace("Studio").await;
    let document = client.canvas_in(&workspace, "Poster").await;
    let ben = server.user("Ben").await;
    client.add_member(&workspace, "ben@example.org", "editor").await;
    let holder = ben.session(Some(&workspace)).await;
    holder.lock(&document).await;
    let library = ada.library().await;
    library.go_to_workspace("Studio").await;
    library.badge_says("Poster", "Ben").await;
    library.choose("Poster", "menu-notify").await;
    library.page.click("sidebar-waiting").await;
    library.page.says("waiting", "Poster").await;
    holder.release(&document).await.ok(204);
    eventually(
        "dunst shows it and its action is taken",
        seconds(20),
        async || {
            let shown = ada
                .desktop
                .command("dunstctl")
                .args(["count", "displayed"])
                .output()
                .ok()?;
            if String::from_utf8_lossy(&shown.stdout).trim() == "0" {
                return None;
            }
            ada.desktop
                .command("dunstctl")
                .args(["action", "0"])
                .status()
                .ok()
        },
    )
    .await;
    ada.canvas("Poster").await.is_editable().await;
    assert_eq!(
        client.get(&lock_of(&document)).await.ok(200)["lock"]["user_id"],
        client.user_id()
    );
}
