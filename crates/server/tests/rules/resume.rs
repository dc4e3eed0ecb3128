//! R03, R04: coming back to a room, and reading it slowly.

use holdfast_testkit::{Socket, eventually::until, seconds, session::put};
use serde_json::{Value, json};

use crate::stage::{SOON, Team, listener, room_of};

/// Commits `count` times, on from version `from`.
async fn commit(session: &holdfast_testkit::Session, document: &str, fence: i64, from: i64, count: i64) {
    for version in from..from + count {
        session
            .commit(document, fence, &[put("a", version)])
            .await
            .ok(200);
    }
}

#[tokio::test]
async fn r03_joining_again_gives_what_was_missed() {
    let team = Team::start().await;
    let document = team.canvas("a").await;
    let room = room_of(&document);
    let session = team.session(&team.bo).await;
    let reader = listener(&team.ada, &room).await;
    let fence = session.lock(&document).await;
    commit(&session, &document, fence, 0, 2).await;
    until("three events have come", SOON, async || {
        reader.events(&room).len() == 3
    })
    .await;
    let last = reader.events(&room)[1].clone();
    reader.end().await;
    commit(&session, &document, fence, 2, 3).await;
    let back = Socket::connect(&team.ada).await;
    back.subscribe_after(&room, last["epoch"].as_str().unwrap(), 2);
    let subscribed = back.subscribed(&room).await;
    assert_eq!(subscribed["resumed"], true);
    assert_eq!(subscribed["seq"], 2);
    assert_eq!(subscribed["epoch"], last["epoch"]);
    assert_eq!(subscribed["snapshot"]["locks"][0]["session_id"], session.id());
    commit(&session, &document, fence, 5, 1).await;
    until("what was missed and the next one have come", SOON, async || {
        back.events(&room).len() == 5
    })
    .await;
    let seqs: Vec<_> = back
        .events(&room)
        .iter()
        .map(|frame| frame["seq"].as_i64().unwrap())
        .collect();
    assert_eq!(seqs, [3, 4, 5, 6, 7]);
    assert_eq!(back.events(&room)[4]["event"]["changes"][0]["data"]["id"], "a");
}

#[tokio::test]
async fn r03_what_can_not_be_resumed_begins_anew_with_a_snapshot() {
    let mut team = Team::start().await;
    let document = team.canvas("a").await;
    let room = room_of(&document);
    let session = team.session(&team.bo).await;
    let fence = session.lock(&document).await;
    let epoch = listener(&team.ada, &room).await.subscribe(&room).await["epoch"]
        .as_str()
        .unwrap()
        .to_owned();
    commit(&session, &document, fence, 0, 1).await;
    team.server.kill();
    team.server.restart().await;
    let cases = [(epoch.as_str(), 1), ("no such epoch", 0)];
    for (epoch, seq) in cases {
        let reader = Socket::connect(&team.ada).await;
        reader.subscribe_after(&room, epoch, seq);
        let first = reader
            .next_where("a word about the room", SOON, |frame| {
                frame["room"] == room.as_str()
            })
            .await;
        assert_eq!(first["type"], "resync");
        let subscribed = reader.subscribed(&room).await;
        assert_eq!(subscribed["resumed"], false);
        assert_ne!(subscribed["epoch"], epoch);
        assert_eq!(subscribed["snapshot"]["locks"][0]["fence"], fence);
    }
    let reader = Socket::connect(&team.ada).await;
    let epoch = reader.subscribe(&room).await["epoch"]
        .as_str()
        .unwrap()
        .to_owned();
    for seq in [7, -1] {
        reader.subscribe_after(&room, &epoch, seq);
        reader.next("resync").await;
        assert_eq!(reader.subscribed(&room).await["resumed"], false);
    }
}

#[tokio::test]
async fn r03_a_thousand_events_are_kept() {
    let team = Team::start().await;
    let document = team.canvas("a").await;
    let room = room_of(&document);
    let session = team.session(&team.bo).await;
    let fence = session.lock(&document).await;
    let reader = listener(&team.ada, &room).await;
    let epoch = reader.subscribe(&room).await["epoch"]
        .as_str()
        .unwrap()
        .to_owned();
    reader.end().await;
    commit(&session, &document, fence, 0, 1_000).await;
    let back = Socket::connect(&team.ada).await;
    back.subscribe_after(&room, &epoch, 0);
    assert_eq!(back.subscribed(&room).await["resumed"], true);
    until("all have come", seconds(20), async || {
        back.events(&room).len() >= 1_000
    })
    .await;
    let seqs: Vec<_> = back
        .events(&room)
        .iter()
        .map(|frame| frame["seq"].as_i64().unwrap())
        .collect();
    assert_eq!(seqs, (1..=1_000).collect::<Vec<_>>());
    assert!(back.frames(|frame| frame["type"] == "resync").is_empty());
}

#[tokio::test]
async fn r03_a_snapshot_and_the_events_after_it_leave_no_gap() {
    let team = Team::start().await;
    let document = team.canvas("a").await;
    let room = room_of(&document);
    let (session, watched) = (team.session(&team.bo).await, document.clone());
    let writer = tokio::spawn(async move {
        for _ in 0..40 {
            session.lock(&watched).await;
            session.release(&watched).await.ok(204);
        }
    });
    while !writer.is_finished() {
        let reader = Socket::connect(&team.ada).await;
        let subscribed = reader.subscribe(&room).await;
        let seq = subscribed["seq"].as_i64().unwrap();
        let next = seq + 1;
        until("the next event", SOON, async || {
            !reader.events(&room).is_empty() || writer.is_finished()
        })
        .await;
        if let Some(first) = reader.events(&room).first() {
            assert_eq!(first["seq"], next);
        }
    }
    writer.await.unwrap();
}

/// An element whose data fills a good part of what may wait for a reader.
fn large(id: &str, base_version: i64) -> Value {
    json!({"op": "put", "id": id, "base_version": base_version, "data": {"id": id, "fill": "x".repeat(200_000)}})
}

#[tokio::test]
async fn r02_a_commit_larger_than_what_may_wait_reaches_its_room_with_all_data() {
    let team = Team::start().await;
    let document = team.canvas("a").await;
    let room = room_of(&document);
    let session = team.session(&team.bo).await;
    let fence = session.lock(&document).await;
    let reader = listener(&team.ada, &room).await;
    let changes: Vec<_> = (0..15).map(|number| large(&format!("e{number}"), 0)).collect();
    session.commit(&document, fence, &changes).await.ok(200);
    session.commit(&document, fence, &[put("after", 0)]).await.ok(200);
    until("both commits have come", SOON, async || {
        reader.events(&room).len() == 2
    })
    .await;
    let events = reader.events(&room);
    let data = events[0]["event"]["changes"].as_array().unwrap();
    assert_eq!(data.len(), 15);
    assert!(
        data.iter()
            .all(|change| change["data"]["fill"].as_str().unwrap().len() == 200_000)
    );
    assert_eq!(
        events[1]["seq"].as_i64().unwrap(),
        events[0]["seq"].as_i64().unwrap() + 1
    );
    assert!(reader.frames(|frame| frame["type"] == "resync").is_empty());
}

#[tokio::test]
async fn r04_a_slow_reader_is_cut_off_and_delays_nobody() {
    let team = Team::start().await;
    let document = team.canvas("a").await;
    let room = room_of(&document);
    let session = team.session(&team.bo).await;
    let fence = session.lock(&document).await;
    let (slow, quick) = (listener(&team.ada, &room).await, listener(&team.bo, &room).await);
    slow.stop_reading();
    for version in 0..60 {
        session
            .commit(&document, fence, &[large("a", version)])
            .await
            .ok(200);
        until("the quick one has it", seconds(2), async || {
            quick.events(&room).len() > usize::try_from(version).unwrap()
        })
        .await;
    }
    slow.go_on_reading();
    slow.next("resync").await;
    let before = slow.events(&room).len();
    assert!(before < 60, "{before} events came although nobody read them");
    let subscribed = slow.subscribe(&room).await;
    assert_eq!(subscribed["seq"], 60);
    session.commit(&document, fence, &[large("a", 60)]).await.ok(200);
    slow.next_where("the next event", SOON, |frame| {
        frame["seq"] == 61 && frame["type"] == "event"
    })
    .await;
    assert!(quick.frames(|frame| frame["type"] == "resync").is_empty());
}

#[tokio::test]
async fn r04_a_reader_that_takes_nothing_for_long_is_disconnected() {
    let team = Team::start().await;
    let document = team.canvas("a").await;
    let room = room_of(&document);
    let session = team.session(&team.bo).await;
    let fence = session.lock(&document).await;
    let hanging = listener(&team.ada, &room).await;
    hanging.stop_reading();
    let sockets = async || {
        let metrics = team.ada.get("/metrics").await.ok(200);
        let text = String::from_utf8_lossy(&metrics.bytes).into_owned();
        text.lines()
            .find_map(|line| line.strip_prefix("holdfast_sockets ")?.parse::<f64>().ok())
            .unwrap()
    };
    assert!((sockets().await - 1.0).abs() < 0.5);
    for version in 0..60 {
        session
            .commit(&document, fence, &[large("a", version)])
            .await
            .ok(200);
    }
    until("the server has closed the socket", seconds(20), async || {
        sockets().await < 0.5
    })
    .await;
}
