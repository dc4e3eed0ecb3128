//! A lock event to everybody in a room, beside a bare broadcast of the very same text.
//!
//! Both clocks start when the request (there: the frame) is sent that causes it, so that Holdfast's include the transaction
//! that makes the lock durable, and everything before an event may be told. The rows that start with the first socket
//! leave that out.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::json;
use tokio::{
    sync::mpsc,
    time::{Instant as Deadline, timeout_at},
};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::{Scale, section};
use crate::{
    http::{Call, Connection},
    machine,
    report::{Aim, Row, Section},
    rig::{Rig, acquire, release},
    socket::Socket,
    stats::{median, percentile, sorted},
};

/// An event that has not reached everybody by then is lost.
const DELIVERED_WITHIN: Duration = Duration::from_secs(10);
/// Rounds, and the events of each.
const ROUNDS: usize = 15;
const EVENTS: usize = 10;

/// When each socket of a room got its next frame.
struct Room {
    arrivals: mpsc::UnboundedReceiver<(Instant, Utf8Bytes)>,
    members: usize,
}

impl Room {
    /// Every socket reads in a task of its own, which ends with it.
    fn of(sockets: Vec<Socket>) -> Self {
        let (arrived, arrivals) = mpsc::unbounded_channel();
        let members = sockets.len();
        for mut socket in sockets {
            let arrived = arrived.clone();
            tokio::spawn(async move {
                while let Ok(text) = socket.next().await {
                    if arrived.send((Instant::now(), text)).is_err() {
                        break;
                    }
                }
            });
        }
        Self { arrivals, members }
    }

    /// Waits until everybody has one more frame; answers when each got it, and its text.
    async fn delivery(&mut self) -> Result<(Vec<Instant>, Utf8Bytes)> {
        let deadline = Deadline::now() + DELIVERED_WITHIN;
        let mut moments = Vec::with_capacity(self.members);
        let mut text = Utf8Bytes::default();
        while moments.len() < self.members {
            let arrival = timeout_at(deadline, self.arrivals.recv()).await;
            let (moment, frame) = arrival
                .ok()
                .flatten()
                .with_context(|| format!("only {} of {} got it", moments.len(), self.members))?;
            moments.push(moment);
            text = frame;
        }
        Ok((moments, text))
    }
}

/// Milliseconds of one round, from the cause, and from the first socket, to each.
#[derive(Default)]
struct Delays {
    from_cause: Vec<f64>,
    from_first: Vec<f64>,
}

impl Delays {
    fn add(&mut self, cause: Instant, moments: &[Instant]) {
        let first = moments.iter().min().copied().unwrap_or(cause);
        let since = |start: Instant| {
            moments
                .iter()
                .map(move |moment| moment.saturating_duration_since(start).as_secs_f64() * 1e3)
        };
        self.from_cause.extend(since(cause));
        self.from_first.extend(since(first));
    }
}

/// `document_locked` and `document_unlocked`, in turns with frames of the same text.
pub(super) async fn fan_out(scale: Scale) -> Result<Vec<Section>> {
    let members = scale.of(1_000, 100).min(machine::allow_sockets() / 2);
    let (holdfast, bare) = (Rig::holdfast().await, Rig::bare_broadcast().await?);
    let (document, session) = (holdfast.document().await?, holdfast.session().await?);
    let mut sockets = holdfast.sockets(members).await?;
    for socket in &mut sockets {
        let room = format!("document:{document}");
        socket.say(&json!({"type": "subscribe", "room": room})).await?;
        socket.until("subscribed").await?;
    }
    let mut room = Room::of(sockets);
    let mut crowd = Room::of(bare.sockets(members).await?);
    let mut speaker = bare.socket().await?;
    let mut connection = holdfast.connection().await?;
    let calls = [acquire(&document, &session), release(&document, &session)];

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    // the first round finds cold caches
    for round in 0..=scale.of(ROUNDS, 2) {
        let (mut our_delays, mut their_delays) = (Delays::default(), Delays::default());
        for turn in 0..EVENTS {
            let (cause, moments, text) = lock_event(&mut connection, &calls[turn % 2], &mut room).await?;
            our_delays.add(cause, &moments);
            let (cause, moments) = bare_frame(&mut speaker, text, &mut crowd).await?;
            their_delays.add(cause, &moments);
        }
        if round > 0 {
            ours.push(our_delays);
            theirs.push(their_delays);
        }
    }
    Ok(vec![section(
        format!("a lock event to {members} sockets of a room"),
        rows(&ours, &theirs),
    )])
}

async fn lock_event(
    connection: &mut Connection,
    call: &Call,
    room: &mut Room,
) -> Result<(Instant, Vec<Instant>, Utf8Bytes)> {
    let cause = Instant::now();
    let (answered, delivered) = tokio::join!(connection.call(call), room.delivery());
    answered?;
    let (moments, text) = delivered?;
    Ok((cause, moments, text))
}

async fn bare_frame(
    speaker: &mut Socket,
    text: Utf8Bytes,
    crowd: &mut Room,
) -> Result<(Instant, Vec<Instant>)> {
    let cause = Instant::now();
    speaker.say_text(text).await?;
    let (moments, _) = crowd.delivery().await?;
    // the speaker hears itself
    speaker.next().await?;
    Ok((cause, moments))
}

/// One of a round's two lists.
type Which = fn(&Delays) -> &Vec<f64>;

fn rows(ours: &[Delays], theirs: &[Delays]) -> Vec<Row> {
    let numbers: [(&str, Which, Aim); 2] = [
        (
            "from the request to a socket",
            |delays| &delays.from_cause,
            Aim::RatioAtMost(2.0),
        ),
        (
            "from the first socket to another",
            |delays| &delays.from_first,
            Aim::Told,
        ),
    ];
    let mut rows = Vec::new();
    for (what, of, aim) in numbers {
        for (percent, aim) in [(50.0, Aim::Told), (99.0, aim)] {
            let middle = |rounds: &[Delays]| {
                let each = rounds
                    .iter()
                    .map(|round| percentile(&sorted(of(round).clone()), percent));
                median(&each.collect::<Vec<_>>())
            };
            rows.push(
                Row::beside(
                    format!("{what}, p{percent:.0}"),
                    "ms",
                    middle(ours),
                    middle(theirs),
                )
                .aim(aim),
            );
        }
    }
    rows
}
