//! Away from the server and back (X01 to X03, X10): the lock kept, and the lock lapsed while nobody else wanted it.

use holdfast_testkit::{
    Server,
    eventually::{eventually, until},
    seconds,
};

use crate::{canvas::Canvas, linked::Linked};

/// A lease as short as a session may have, so that it ends while a test looks on.
const SHORT_LEASE: [&str; 4] = ["--lease-ttl", "10s", "--grace", "1s"];

/// Does something to a server's database behind its back.
fn ask_database(server: &Server, sql: &str) {
    let mut command = std::process::Command::new("sqlite3");
    command
        .arg(server.data_dir().join("holdfast.db"))
        .arg(".timeout 5000")
        .arg(sql);
    assert!(command.status().is_ok_and(|status| status.success()), "{sql}");
}

/// The seconds that the window says the lock still counts.
async fn remaining(canvas: &Canvas) -> u32 {
    eventually("the lock's remaining time is shown", seconds(10), async || {
        let text = canvas.page.text("lock-remaining").await;
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        digits.parse().ok()
    })
    .await
}

#[tokio::test]
async fn x01_a_cut_network_costs_nothing_and_the_lock_goes_on() {
    let it = Linked::new().await;
    it.canvas.draw((300, 300), (380, 360)).await;
    it.canvas.is_saved().await;
    let fence = it.lock().await["fence"].clone();
    it.goes_offline().await;
    assert!(it.canvas.takes_strokes().await, "the lock still counts");
    it.canvas.draw((500, 300), (580, 360)).await;
    it.canvas
        .page
        .attribute_is("save-state", "data-state", "offline")
        .await;
    it.canvas
        .page
        .says("save-state", "Offline, saved on this device")
        .await;
    let first = remaining(&it.canvas).await;
    it.ada.desktop.screenshot("62-offline");
    until("the remaining time goes down", seconds(10), async || {
        remaining(&it.canvas).await < first
    })
    .await;
    assert!(first <= 40, "no more than the lease less 5 s: {first}");
    assert_eq!(it.stored().await.len(), 1);
    it.comes_back().await;
    it.canvas.is_saved().await;
    assert_eq!(it.stored().await.len(), 2);
    assert_eq!(it.lock().await["fence"], fence, "the lock was never given up");
    it.canvas.page.hides("lock-remaining").await;
}

#[tokio::test]
async fn x03_a_lock_that_lapsed_and_is_free_is_had_again_and_the_edits_are_sent() {
    let it = Linked::with(&SHORT_LEASE, &[]).await;
    it.canvas.draw((300, 300), (380, 360)).await;
    it.canvas.is_saved().await;
    let fence = it.lock().await["fence"].as_i64();
    it.goes_offline().await;
    it.canvas.draw((500, 300), (580, 360)).await;
    it.canvas
        .page
        .says("lapsed-bar", "Others may be editing now")
        .await;
    assert!(it.canvas.takes_strokes().await, "edits go on as a draft");
    it.canvas.draw((700, 300), (780, 360)).await;
    it.canvas
        .page
        .attribute_is("save-state", "data-state", "draft")
        .await;
    it.ada.desktop.screenshot("65-lapsed");
    it.is_free(seconds(15)).await;
    it.comes_back().await;
    it.canvas.is_saved().await;
    it.canvas.page.hides("lapsed-bar").await;
    assert!(!it.canvas.page.has("conflict-dialog").await);
    assert_eq!(it.stored().await.len(), 3);
    assert!(it.lock().await["fence"].as_i64() > fence, "acquired anew");
    it.canvas.draw((900, 300), (980, 360)).await;
    it.canvas.is_saved().await;
    assert_eq!(it.stored().await.len(), 4);
}

#[tokio::test]
async fn x02_drawing_stops_with_the_lock_where_the_settings_say_so() {
    let it = Linked::with(&SHORT_LEASE, &[]).await;
    let library = it.ada.library().await;
    library.page.click("settings-open").await;
    library.page.click("setting-stop-when-lapsed").await;
    library
        .page
        .shows_css("[data-testid=\"setting-stop-when-lapsed\"][aria-checked=\"true\"]")
        .await;
    it.goes_offline().await;
    it.canvas.draw((300, 300), (380, 360)).await;
    it.canvas.page.says("lapsed-bar", "drawing has stopped").await;
    it.canvas.is_read_only().await;
    it.canvas.try_to_draw((500, 300), (580, 360)).await;
    assert_eq!(it.canvas.elements().await, 1);
    it.ada.desktop.screenshot("66-lapsed-and-stopped");
    it.comes_back().await;
    it.canvas.is_editable().await;
    it.canvas.is_saved().await;
    assert_eq!(it.stored().await.len(), 1);
}

#[tokio::test]
async fn x01_saving_that_fails_for_ten_seconds_raises_an_alarm_that_stays_until_it_works() {
    let it = Linked::new().await;
    it.canvas.draw((300, 300), (380, 360)).await;
    it.canvas.is_saved().await;
    ask_database(
        &it.server,
        "CREATE TRIGGER refuse BEFORE INSERT ON commits BEGIN SELECT RAISE(ABORT, 'full'); END;",
    );
    it.canvas.draw((500, 300), (580, 360)).await;
    let start = std::time::Instant::now();
    it.canvas.page.says("save-alarm", "Nothing has been saved").await;
    let took = start.elapsed();
    eprintln!("alarmed after {took:?}");
    assert!(took > seconds(8) && took < seconds(16), "after {took:?}");
    it.canvas.page.says("save-alarm", "on this device").await;
    it.ada.desktop.screenshot("67-save-alarm");
    assert_eq!(it.stored().await.len(), 1);
    ask_database(&it.server, "DROP TRIGGER refuse;");
    it.canvas.page.hides("save-alarm").await;
    it.canvas.is_saved().await;
    assert_eq!(it.stored().await.len(), 2);
}
