//! D02, D05: what was answered is there, however often the server is killed in between.

use std::{collections::BTreeMap, sync::Arc};

use holdfast_testkit::{
    Client, Session,
    session::{lock_of, rectangle},
};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use reqwest::Method;
use serde_json::json;
use tokio::sync::watch;
use uuid::Uuid;

use crate::stage::Team;

const KILLS: usize = 50;
/// Half of them have a document each, the others share one.
const WRITERS: usize = 8;

/// One who commits without end, and sends each commit again until it is answered.
struct Writer {
    session: Session,
    document: String,
    fence: i64,
    /// Alone, it changes one element over and over; with others, it adds new ones.
    element: Option<String>,
    number: usize,
}

impl Writer {
    async fn new(team: &Team, number: usize, shared: &str) -> Self {
        let session = team.session(&team.bo).await;
        let alone = number < WRITERS / 2;
        let document = if alone {
            team.canvas("own").await
        } else {
            shared.to_owned()
        };
        let mode = if alone { "exclusive" } else { "shared" };
        let fence = session
            .ask(&lock_of(&document), mode)
            .await
            .ok(201)
            .integer("/lock/fence");
        Self {
            session,
            document,
            fence,
            element: alone.then(|| "a".to_owned()),
            number,
        }
    }

    fn body(&self, commit: Uuid, round: i64) -> Vec<u8> {
        let (id, base_version) = match &self.element {
            Some(id) => (id.clone(), round),
            None => (format!("{}-{round}", self.number), 0),
        };
        let changes = [json!({"op": "put", "id": id, "base_version": base_version, "data": rectangle(&id)})];
        let body = json!({"commit_id": commit, "session_id": self.session.id(), "fence": self.fence,
            "base_version": 0, "changes": changes});
        body.to_string().into_bytes()
    }

    /// Every commit that was answered, with the version that the answer named.
    async fn write(self, answered: Arc<watch::Sender<usize>>, stop: watch::Receiver<bool>) -> Written {
        let path = format!("/v1/documents/{}/commits", self.document);
        let mut versions = BTreeMap::new();
        for round in 0.. {
            let commit = Uuid::new_v4();
            let body = self.body(commit, round);
            let version = loop {
                match send(self.session.client(), &path, &body).await {
                    Some(version) => break version,
                    // The server is gone: it is asked again until it is back.
                    None => tokio::time::sleep(std::time::Duration::from_millis(5)).await,
                }
            };
            versions.insert(commit.to_string(), version);
            answered.send_modify(|count| *count += 1);
            if *stop.borrow() {
                break;
            }
        }
        Written {
            document: self.document,
            versions,
        }
    }
}

async fn send(client: &Client, path: &str, body: &[u8]) -> Option<i64> {
    let answer = client
        .attempt(Method::POST, path, "application/json", body.to_vec())
        .await
        .ok()?;
    Some(answer.ok(200).integer("/version"))
}

struct Written {
    document: String,
    versions: BTreeMap<String, i64>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d02_d05_every_answered_commit_survives_fifty_kills() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let mut team = Team::start_with(&["--lease-ttl", "30min"]).await;
    let shared = team.canvas("shared").await;
    let answered = Arc::new(watch::Sender::new(0));
    let (stop, stopped) = watch::channel(false);
    let mut writers = tokio::task::JoinSet::new();
    for number in 0..WRITERS {
        let writer = Writer::new(&team, number, &shared).await;
        writers.spawn(writer.write(answered.clone(), stopped.clone()));
    }
    let mut seen = answered.subscribe();
    for _ in 0..KILLS {
        let until = *seen.borrow() + rng.random_range(1..40);
        seen.wait_for(|count| *count >= until).await.unwrap();
        team.server.kill();
        team.server.restart().await;
    }
    stop.send(true).unwrap();
    let mut written: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    for by_one in writers.join_all().await {
        written
            .entry(by_one.document)
            .or_default()
            .extend(by_one.versions);
    }
    assert_eq!(written.len(), WRITERS / 2 + 1);
    for (document, versions) in written {
        assert_eq!(
            history(&team.ada, &document).await,
            versions,
            "each answered commit once, and no other"
        );
        let mut numbers: Vec<i64> = versions.into_values().collect();
        numbers.sort_unstable();
        let count = i64::try_from(numbers.len()).unwrap();
        assert_eq!(numbers, (1..=count).collect::<Vec<_>>(), "versions without a gap");
    }
}

async fn history(client: &Client, document: &str) -> BTreeMap<String, i64> {
    let mut all = BTreeMap::new();
    let mut before = String::new();
    loop {
        let page = client
            .get(&format!("/v1/documents/{document}/commits?limit=500{before}"))
            .await
            .ok(200);
        for entry in page.list("/items") {
            all.insert(
                entry["commit_id"].as_str().expect("an id").to_owned(),
                entry["version"].as_i64().expect("a version"),
            );
        }
        match page["next"].as_str() {
            Some(next) => before = format!("&before={next}"),
            None => return all,
        }
    }
}
