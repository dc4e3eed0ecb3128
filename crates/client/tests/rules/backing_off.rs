//! X09 without a network and without waiting: the time is paused, the sockets are made up.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use futures_util::{StreamExt, sink, stream};
use holdfast_client::{
    HttpConfig,
    api::Api,
    clock::JumpClock,
    connection::{Connection, Dial, DialError, Endpoint, FrameSink, FrameStream},
    credentials::Token,
};
use holdfast_protocol::socket::Program;
use tokio::{sync::mpsc, time::Instant};
use url::Url;

/// A server that welcomes, answers so many heartbeats, and then ends the link.
#[derive(Debug)]
struct Fickle {
    heartbeats: usize,
    dials: Arc<Mutex<Vec<Instant>>>,
}

#[async_trait]
impl Dial for Fickle {
    async fn dial(&self, _: &Url, _: &Token, _: &str) -> Result<(FrameSink, FrameStream), DialError> {
        self.dials.lock().unwrap().push(Instant::now());
        let (heard, hears) = mpsc::unbounded_channel::<String>();
        let says = sink::unfold(heard, async |heard, text: String| {
            heard.send(text).map_err(|_| "nobody hears any more".to_owned())?;
            Ok(heard)
        });
        let welcome = r#"{"type":"welcome","protocol":1,"server":{"name":"fickle","version":"0"},"heartbeat_ms":15000}"#;
        let answers = stream::unfold(hears, async |mut hears| {
            loop {
                let text: String = hears.recv().await?;
                if text.contains(r#""type":"heartbeat""#) {
                    return Some((Ok(r#"{"type":"heartbeat_ack","sessions":[]}"#.to_owned()), hears));
                }
            }
        });
        let answers = stream::iter([Ok(welcome.to_owned())]).chain(answers.take(self.heartbeats));
        Ok((Box::pin(says), Box::pin(answers)))
    }
}

/// How long it waited before each of so many dials.
async fn waits(heartbeats: usize, dials: usize) -> Vec<Duration> {
    let log = Arc::default();
    let dial = Fickle {
        heartbeats,
        dials: Arc::clone(&log),
    };
    let patience = HttpConfig::default();
    let http = Api::http(patience, "test").unwrap();
    let base = "http://127.0.0.1:9".parse().unwrap();
    let token = Token::new("t");
    let endpoint = Endpoint {
        api: Api::new(http, base, Some(token.clone()), patience),
        token,
        program: Program {
            name: "test".into(),
            version: "0".into(),
        },
    };
    let connection = Connection::start(endpoint, Arc::new(dial), Arc::new(JumpClock::default()));
    while log.lock().unwrap().len() <= dials {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    connection.stop();
    let log: Vec<Instant> = log.lock().unwrap().clone();
    log.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[tokio::test(start_paused = true)]
async fn x09_a_link_that_never_proves_itself_is_tried_ever_more_rarely() {
    let waits = waits(0, 60).await;
    let longest = waits.iter().max().unwrap();
    assert!(*longest <= Duration::from_secs(31), "{longest:?}");
    // sixty draws from up to 30 s: all of them short would be a wonder
    assert!(*longest > Duration::from_secs(10), "{waits:?}");
    let (early, late) = (&waits[..4], &waits[waits.len() - 20..]);
    let mean = |waits: &[Duration]| waits.iter().sum::<Duration>() / u32::try_from(waits.len()).unwrap();
    assert!(mean(early) < mean(late), "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn x09_a_link_that_answered_a_heartbeat_begins_anew() {
    let waits = waits(1, 60).await;
    assert!(
        waits.iter().all(|wait| *wait <= Duration::from_secs(1)),
        "{waits:?}"
    );
}
