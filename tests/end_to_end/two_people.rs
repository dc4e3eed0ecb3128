//! Two people, two apps, one server.

use std::time::Instant;

use holdfast_testkit::{Socket, eventually, network::Way, seconds};

use crate::{
    excalidraw,
    linked::Linked,
    team::{CANVAS, Team},
};

#[tokio::test]
async fn c05_b_watches_is_refused_waits_is_notified_and_draws() {
    let team = Team::new().await;
    let a = team.open(&team.ada).await;
    team.ben.library().await.badge_says(CANVAS, "Ada").await;
    team.ben.desktop.screenshot("10-badge-of-another");

    let b = team.watch(&team.ben, "Ada").await;
    let device = team.lock().await["device_name"].clone();
    b.page
        .says("held-bar", device.as_str().expect("a lock names its device"))
        .await;
    a.shows_person("Ben").await;
    b.shows_person("Ada").await;
    for n in 1..=5 {
        a.try_to_draw((200 + 60 * n, 300), (240 + 60 * n, 360)).await;
        let took = b.shows_elements(n.unsigned_abs()).await;
        eprintln!("stroke {n} was shown to B {took:?} after it ended");
        assert!(took < seconds(2));
    }
    team.ada.desktop.screenshot("11-a-draws");
    team.ben.desktop.screenshot("12-b-watches");
    b.try_to_draw((300, 500), (380, 560)).await;
    assert_eq!(b.elements().await, 5, "a read-only canvas takes no stroke");

    b.page.click("notify-me").await;
    team.ben.close(CANVAS).await;
    team.ada.close(CANVAS).await;
    team.ben.desktop.popup().await;
    team.ben.desktop.screenshot("13-notified");
    team.ben.desktop.click_popup_button().await;
    let b = team.ben.canvas(CANVAS).await;
    b.is_editable().await;
    assert_eq!(team.lock().await["user_id"], team.ben_client.user_id());
    b.draw((300, 500), (380, 560)).await;
    b.is_saved().await;
    team.ben.desktop.screenshot("14-b-draws");
    let content = team
        .ada_client
        .get(&format!("/v1/documents/{}/content", team.document))
        .await
        .ok(200);
    assert_eq!(content.list("/elements").len(), 6);
}

#[tokio::test]
async fn s03_a_killed_app_frees_its_canvas_within_the_grace_and_a_second() {
    let team = Team::new().await;
    let a = team.open(&team.ada).await;
    a.draw((300, 300), (380, 360)).await;
    a.is_saved().await;
    let b = team.watch(&team.ben, "Ada").await;
    let killed = Instant::now();
    team.ada.app.kill().await;
    team.is_free(seconds(6)).await;
    let took = killed.elapsed();
    eprintln!("free {took:?} after the kill");
    assert!(took < seconds(6), "free only after {took:?}");
    b.page.shows("start-editing").await;
    team.ben.desktop.screenshot("20-free-after-a-crash");
    b.page.click("start-editing").await;
    b.is_editable().await;
    b.shows_elements(1).await;
}

#[tokio::test]
async fn s01_a_reload_keeps_session_and_lock() {
    let team = Team::new().await;
    let a = team.open(&team.ada).await;
    a.draw((300, 300), (380, 360)).await;
    a.is_saved().await;
    let before = team.lock().await;
    let socket = Socket::connect(&team.ada_client).await;
    let room = format!("document:{}", team.document);
    socket.subscribe(&room).await;
    a.page.evaluate("(window.beforeReload = true)").await;
    a.page.reload().await;
    a.page
        .until("the page is new", "window.beforeReload === undefined")
        .await;
    a.is_painted().await;
    a.is_editable().await;
    a.shows_elements(1).await;
    let after = team.lock().await;
    for field in ["session_id", "fence", "acquired_at"] {
        assert_eq!(before[field], after[field], "{field}");
    }
    a.draw((500, 300), (580, 360)).await;
    socket.event(&room, "document_committed").await;
    let unlocked = socket
        .events(&room)
        .iter()
        .any(|event| event["event"]["type"] == "document_unlocked");
    assert!(!unlocked, "the lock was never given up");
}

#[tokio::test]
async fn l08_an_owner_takes_over_and_the_holder_is_told_who() {
    let team = Team::new().await;
    let b = team.open(&team.ben).await;
    b.draw((300, 300), (380, 360)).await;
    b.is_saved().await;
    let a = team.watch(&team.ada, "Ben").await;
    a.page.click("take-over").await;
    a.page.shows("take-over-dialog").await;
    a.page.rests().await;
    team.ada.desktop.screenshot("30-take-over-dialog");
    a.page.fill("take-over-reason", "The printer is waiting").await;
    a.page.click("take-over-confirm").await;
    a.is_editable().await;

    b.page.says("lost-bar", "Ada").await;
    b.page.says("lost-bar", "The printer is waiting").await;
    assert!(!b.takes_strokes().await);
    b.try_to_draw((500, 300), (580, 360)).await;
    assert_eq!(b.elements().await, 1);
    team.ben.desktop.screenshot("31-taken-over");
    assert_eq!(team.lock().await["user_id"], team.ada_client.user_id());
    let audit = team
        .ada_client
        .get(&format!("/v1/workspaces/{}/audit", team.workspace))
        .await
        .ok(200);
    let forced = audit
        .list("/items")
        .iter()
        .any(|entry| entry["action"] == "force_take" && entry["reason"] == "The printer is waiting");
    assert!(forced, "{}", audit.body);
}

#[tokio::test]
async fn c06_a_take_over_while_drawing_keeps_what_was_not_saved_as_a_draft() {
    let it = Linked::new().await;
    it.canvas.draw((300, 300), (380, 360)).await;
    it.canvas.is_saved().await;
    // what she draws reaches nobody while Ben, an owner, takes the canvas over
    it.link.fall_silent_one_way(Way::There);
    it.canvas.draw((500, 300), (580, 360)).await;
    let ben = it.member("Ben", "owner").await;
    ben.force_take(&it.document, "The printer is waiting")
        .await
        .ok(200);
    it.canvas.page.says("lost-bar", "Ben took over").await;
    it.canvas.page.says("lost-bar", "The printer is waiting").await;
    assert!(!it.canvas.takes_strokes().await);
    it.canvas
        .page
        .says("lost-bar", "1 change not saved yet is kept")
        .await;
    it.ada.desktop.screenshot("32-taken-over-while-drawing");
    it.link.mend();
    assert!(it.link.faults().silenced > 0, "her strokes did not get through");
    it.canvas.page.click("keep-draft").await;
    it.ada.canvas("Sketch (copy)").await.shows_elements(2).await;
    assert_eq!(it.stored().await.len(), 1, "nothing went over what Ben holds");
}

#[tokio::test]
async fn s08_signing_out_frees_everything() {
    let team = Team::new().await;
    let second = team.ben_client.canvas_in(&team.workspace, "Second").await;
    team.open(&team.ben).await;
    team.ben.library().await.open("Second").await;
    team.ben.canvas("Second").await.is_editable().await;
    let locks = format!("/v1/workspaces/{}/locks", team.workspace);
    assert_eq!(team.ada_client.get(&locks).await.ok(200).list("/locks").len(), 2);
    let socket = Socket::connect(&team.ada_client).await;
    let room = format!("document:{second}");
    socket.subscribe(&room).await;

    team.ben
        .library()
        .await
        .sign_out(&team.server.address().to_string())
        .await;
    eventually("no lock is left", seconds(5), async || {
        team.ada_client
            .get(&locks)
            .await
            .ok(200)
            .list("/locks")
            .is_empty()
            .then_some(())
    })
    .await;
    let event = socket.event(&room, "document_unlocked").await;
    let reason = event["event"]["reason"].as_str().unwrap_or_default().to_owned();
    assert!(["released", "signed_out"].contains(&reason.as_str()), "{reason}");
    team.ben.desktop.window_is_gone(CANVAS).await;
    team.ben.desktop.window_is_gone("Second").await;
    let page = team.ben.library().await.page;
    page.hides("confirm").await;
    page.rests().await;
    team.ben.desktop.screenshot("40-signed-out");
}

#[tokio::test]
async fn d06_a_stroke_on_a_large_canvas_commits_that_stroke_alone() {
    let team = Team::new().await;
    let library = team.ada.library().await;
    let sample = excalidraw::sample("aws-architecture");
    team.ada.import(&sample, "aws-architecture").await;
    library.open("aws-architecture").await;
    let canvas = team.ada.canvas("aws-architecture").await;
    canvas.is_editable().await;
    canvas.is_saved().await;
    let list = format!("/v1/documents?workspace_id={}", team.workspace);
    let documents = team.ada_client.get(&list).await.ok(200);
    let document = documents
        .list("/items")
        .iter()
        .find(|document| document["name"] == "aws-architecture");
    let document = document.expect("the import is in the workspace that was shown")["id"].clone();
    let commits = format!("/v1/documents/{}/commits", document.as_str().expect("an id"));
    let before = team
        .ada_client
        .get(&commits)
        .await
        .ok(200)
        .integer("/items/0/version");

    canvas.draw((300, 300), (380, 360)).await;
    canvas.is_saved().await;
    let after = team.ada_client.get(&commits).await.ok(200);
    for commit in after
        .list("/items")
        .iter()
        .filter(|commit| commit["version"].as_i64() > Some(before))
    {
        assert_eq!(commit["changes"].as_array().map(Vec::len), Some(1), "{commit}");
    }
    assert!(after.integer("/items/0/version") > before);
}
