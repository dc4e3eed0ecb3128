//! Heartbeats of many sessions over few sockets, beside a bare socket whose frames make the same writes.

use std::time::Instant;

use anyhow::{Result, ensure};
use serde_json::json;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::{Scale, section};
use crate::{
    report::{Aim, Row, Section},
    rig::Rig,
    socket::Socket,
    stats::median,
    usage::processor_time,
};

const SOCKETS: usize = 10;
/// Of each socket: a client puts all its windows into one frame.
const SESSIONS: usize = 100;

/// A socket and its one frame.
struct Client {
    socket: Socket,
    frame: Utf8Bytes,
}

/// What one round came to: processor microseconds of the server for a session's heartbeat, and heartbeats a second.
type Round = (f64, f64);

pub(super) async fn socket_heartbeats(scale: Scale) -> Result<Vec<Section>> {
    let (holdfast, bare) = (Rig::holdfast().await, Rig::bare_http().await?);
    let mut clients = clients(&holdfast, true).await?;
    let mut bare_clients = self::clients(&bare, false).await?;
    let beats = scale.of(20, 3);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..scale.rounds().count {
        ours.push(round(&holdfast, &mut clients, beats).await?);
        theirs.push(round(&bare, &mut bare_clients, beats).await?);
    }
    let of =
        |rounds: &[Round], number: fn(&Round) -> f64| median(&rounds.iter().map(number).collect::<Vec<_>>());
    let time = Row::beside(
        "processor time a session's heartbeat",
        "µs",
        of(&ours, |round| round.0),
        of(&theirs, |round| round.0),
    );
    let rate = Row::beside(
        "heartbeats a second",
        "/s",
        of(&ours, |round| round.1),
        of(&theirs, |round| round.1),
    );
    Ok(vec![section(
        format!(
            "heartbeats of {} sessions over {SOCKETS} sockets",
            SOCKETS * SESSIONS
        ),
        vec![time, rate.aim(Aim::RatioAtLeast(0.7))],
    )])
}

async fn clients(rig: &Rig, attach: bool) -> Result<Vec<Client>> {
    let mut clients = Vec::new();
    for mut socket in rig.sockets(SOCKETS).await? {
        let sessions = rig.sessions(SESSIONS).await?;
        if attach {
            for session in &sessions {
                socket
                    .say(&json!({"type": "attach", "session_id": session}))
                    .await?;
                socket.until("attached").await?;
            }
        }
        let frame = json!({"type": "heartbeat", "sessions": sessions});
        clients.push(Client {
            socket,
            frame: frame.to_string().into(),
        });
    }
    Ok(clients)
}

/// Each client beats so many times, the next beat after the last one's answer.
async fn round(rig: &Rig, clients: &mut Vec<Client>, beats: usize) -> Result<Round> {
    let processor_before = processor_time(rig.pid())?;
    let start = Instant::now();
    let mut beating = JoinSet::new();
    for client in clients.drain(..) {
        beating.spawn(beat(client, beats));
    }
    while let Some(client) = beating.join_next().await {
        clients.push(client??);
    }
    let took = start.elapsed();
    let processor = processor_time(rig.pid())?.saturating_sub(processor_before);
    let heartbeats = (clients.len() * beats * SESSIONS) as f64;
    Ok((
        processor.as_secs_f64() * 1e6 / heartbeats,
        heartbeats / took.as_secs_f64(),
    ))
}

async fn beat(mut client: Client, beats: usize) -> Result<Client> {
    for _ in 0..beats {
        client.socket.say_text(client.frame.clone()).await?;
        let ack = client.socket.until("heartbeat_ack").await?;
        let renewed = ack["sessions"].as_array().map_or(0, |sessions| {
            sessions
                .iter()
                .filter(|session| session["expires_at"].is_string() || session["expires_at"].is_i64())
                .count()
        });
        ensure!(renewed == SESSIONS, "{renewed} of {SESSIONS} were renewed: {ack}");
    }
    Ok(client)
}
