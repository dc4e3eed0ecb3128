//! D02, D05, X07, S03: eight clients write while their server is killed, fifty times.

use std::{collections::BTreeSet, path::Path, time::Duration};

use holdfast_client::{
    Canvas, Client, ClientConfig, OpenMode,
    credentials::Token,
    view::{Edit, ElementData, SaveView, ServerId},
};
use holdfast_testkit::{self as testkit, Server, eventually::until, seconds};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::{json, value::to_raw_value};
use tokio::sync::watch;

const KILLS: u32 = 50;
const WRITERS: usize = 8;
/// However busy the machine.
const SOON: Duration = seconds(60);

/// A stroke, and what it may not collide with.
fn stroke(id: &str) -> Edit {
    let data = json!({"id": id, "type": "rectangle", "index": "a0"});
    Edit {
        puts: vec![ElementData {
            id: id.to_owned(),
            data: to_raw_value(&data).expect("JSON is written"),
        }],
        ..Edit::default()
    }
}

async fn open(folder: &Path, ada: &testkit::Client, document: &str) -> (Client, Canvas) {
    let client = Client::new(ClientConfig::new(folder, "Ada's laptop")).expect("a client");
    let base = ada.base().parse().expect("a URL");
    let server = client.add_server(ServerId("team".into()), "Team", base, Token::new(ada.token()));
    let id = document.parse().expect("an id");
    let canvas = server
        .open_canvas(id, OpenMode::Edit, "canvas")
        .await
        .expect("it opens");
    let mut state = canvas.state();
    let editable = state.wait_for(|state| state.editable);
    tokio::time::timeout(SOON, editable)
        .await
        .expect("it may be drawn on")
        .expect("it is open");
    (client, canvas)
}

/// Draws until told to stop; answers what was accepted.
async fn draw(canvas: Canvas, seed: u64, stop: watch::Receiver<bool>) -> BTreeSet<String> {
    let mut dice = StdRng::seed_from_u64(seed);
    let mut accepted = BTreeSet::new();
    for number in 0.. {
        if *stop.borrow() {
            break;
        }
        let id = format!("{seed}-{number}");
        match canvas.edit(stroke(&id)).await {
            Ok(()) => _ = accepted.insert(id),
            // the lock may be in doubt for a moment; the stroke was not taken, and says so
            Err(error) => assert_eq!(error.code, "read_only", "{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(dice.random_range(1..60))).await;
    }
    accepted
}

async fn versions(ada: &testkit::Client, documents: &[String]) -> i64 {
    let mut sum = 0;
    for document in documents {
        let path = format!("/v1/documents/{document}");
        sum += ada.get(&path).await.ok(200).integer("/version");
    }
    sum
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x07_eight_clients_lose_nothing_to_a_server_that_is_killed_fifty_times() {
    let mut server = Server::start().await;
    let ada = server.user("Ada").await;
    let (tell, stop) = watch::channel(false);
    let (mut folders, mut documents, mut writers, mut apps) = (vec![], vec![], vec![], vec![]);
    for (writer, seed) in (0..WRITERS).zip(1..) {
        let document = ada.canvas(&format!("Plan {writer}")).await;
        let folder = tempfile::tempdir().expect("a folder");
        let (client, canvas) = open(folder.path(), &ada, &document).await;
        writers.push(tokio::spawn(draw(canvas.clone(), seed, stop.clone())));
        documents.push(document);
        folders.push(folder);
        apps.push((client, canvas));
    }
    let mut dice = StdRng::seed_from_u64(50);
    for kill in 1..=KILLS {
        let before = versions(&ada, &documents).await;
        until(
            &format!("something is saved before kill {kill}"),
            SOON,
            async || versions(&ada, &documents).await > before,
        )
        .await;
        tokio::time::sleep(Duration::from_millis(dice.random_range(0..40))).await;
        server.kill();
        server.restart().await;
    }
    tell.send_replace(true);
    for ((writer, document), (client, canvas)) in writers.into_iter().zip(&documents).zip(apps) {
        let accepted = writer.await.expect("it draws to the end");
        let mut state = canvas.state();
        let saved = state.wait_for(|state| matches!(state.save, SaveView::Saved { .. }));
        tokio::time::timeout(SOON, saved)
            .await
            .unwrap_or_else(|_| panic!("not saved: {:#?}", *canvas.state().borrow()))
            .expect("it is open");
        let content = ada
            .get(&format!("/v1/documents/{document}/content"))
            .await
            .ok(200);
        let there: Vec<_> = content
            .list("/elements")
            .iter()
            .map(|element| element["id"].as_str().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(there.len(), accepted.len(), "each once");
        assert_eq!(there.into_iter().collect::<BTreeSet<_>>(), accepted);
        assert!(client.drafts().await.is_empty(), "nothing is left over");
    }
}
