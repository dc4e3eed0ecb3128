//! Locks and heartbeats over HTTP, beside bare axum handlers that make the same writes in a transaction each.

use anyhow::Result;

use super::{Scale, section};
use crate::{
    http::Call,
    load::{Measured, load},
    report::{Aim, Row, Section},
    rig::{Rig, acquire, heartbeat, release},
};

/// Holdfast reaches this part of the bare handler's rate, at least.
const RATE: Aim = Aim::RatioAtLeast(0.7);
const CONNECTIONS: [usize; 2] = [1, 64];

/// Each connection acquires and releases the lock of a document of its own.
pub(super) async fn locks(scale: Scale) -> Result<Vec<Section>> {
    let (holdfast, bare) = (Rig::holdfast().await, Rig::bare_http().await?);
    let scripts = [lock_scripts(&holdfast).await?, lock_scripts(&bare).await?];
    side_by_side("acquire + release over HTTP", &holdfast, &bare, &scripts, scale).await
}

/// Each connection renews a session of its own.
pub(super) async fn heartbeats(scale: Scale) -> Result<Vec<Section>> {
    let (holdfast, bare) = (Rig::holdfast().await, Rig::bare_http().await?);
    let scripts = [beat_scripts(&holdfast).await?, beat_scripts(&bare).await?];
    side_by_side("session heartbeats over HTTP", &holdfast, &bare, &scripts, scale).await
}

async fn lock_scripts(rig: &Rig) -> Result<Vec<Vec<Call>>> {
    let mut scripts = Vec::new();
    for session in rig.sessions(most_connections()).await? {
        let document = rig.document().await?;
        scripts.push(vec![acquire(&document, &session), release(&document, &session)]);
    }
    Ok(scripts)
}

async fn beat_scripts(rig: &Rig) -> Result<Vec<Vec<Call>>> {
    let sessions = rig.sessions(most_connections()).await?;
    Ok(sessions.iter().map(|session| vec![heartbeat(session)]).collect())
}

fn most_connections() -> usize {
    CONNECTIONS.into_iter().max().unwrap_or(1)
}

async fn side_by_side(
    title: &str,
    holdfast: &Rig,
    bare: &Rig,
    scripts: &[Vec<Vec<Call>>; 2],
    scale: Scale,
) -> Result<Vec<Section>> {
    let rounds = scale.rounds();
    let mut sections = Vec::new();
    for connections in CONNECTIONS {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..rounds.count {
            ours.push(load(holdfast, &scripts[0][..connections], rounds.each).await?);
            theirs.push(load(bare, &scripts[1][..connections], rounds.each).await?);
        }
        let rows = rows(Measured::median(&ours), Measured::median(&theirs));
        let plural = if connections == 1 { "" } else { "s" };
        sections.push(section(
            format!("{title}, {connections} connection{plural}"),
            rows,
        ));
    }
    Ok(sections)
}

fn rows(ours: Measured, theirs: Measured) -> Vec<Row> {
    vec![
        Row::beside("requests a second", "/s", ours.rate, theirs.rate).aim(RATE),
        Row::beside("p50", "ms", ours.p50, theirs.p50),
        Row::beside("p99", "ms", ours.p99, theirs.p99),
        Row::beside("processor time a request", "µs", ours.processor, theirs.processor),
    ]
}
