//! What an idle session costs in memory: many on few sockets, as a busy client has them, and one on each.

use anyhow::{Result, ensure};
use serde_json::json;

use super::{Scale, section};
use crate::{
    machine,
    report::{Aim, Row, Section},
    rig::Rig,
    socket::Socket,
    usage,
};

/// Most that an idle session may cost, in KiB.
const SESSION: Aim = Aim::Below(10.0);
/// Attachments that are asked for before the first answer is read.
const AHEAD: usize = 50;

pub(super) async fn memory(scale: Scale) -> Result<Vec<Section>> {
    let sessions = scale.of(10_000, 1_000);
    let sockets = sessions.min(machine::allow_sockets());
    let few = sessions_on_sockets(sessions, 10).await?;
    let each = sessions_on_sockets(sockets, sockets).await?;
    let bare = bare_sockets(sockets).await?;
    let rows = vec![
        Row::alone(format!("{sessions} sessions on 10 sockets, each"), "KiB", few).aim(SESSION),
        Row::beside(
            format!("{sockets} sessions on a socket of their own, each (baseline: a bare socket)"),
            "KiB",
            each,
            bare,
        ),
    ];
    Ok(vec![section("memory of an idle session", rows)])
}

/// KiB of resident memory by which the server grows for each.
async fn sessions_on_sockets(sessions: usize, sockets: usize) -> Result<f64> {
    let rig = Rig::holdfast().await;
    warm_up(&rig).await?;
    let before = usage::memory(rig.pid())?.resident;
    let ids = rig.sessions(sessions).await?;
    let mut open = rig.sockets(sockets).await?;
    for (socket, ids) in open.iter_mut().zip(ids.chunks(sessions.div_ceil(sockets))) {
        attach(socket, ids).await?;
    }
    let after = usage::memory(rig.pid())?.resident;
    Ok((after - before) / 1024.0 / sessions as f64)
}

/// Fills what is filled once, whatever the number of sessions: caches, pools, the allocator's arenas.
async fn warm_up(rig: &Rig) -> Result<()> {
    let ids = rig.sessions(500).await?;
    let mut socket = rig.socket().await?;
    attach(&mut socket, &ids).await?;
    for id in &ids {
        socket.say(&json!({"type": "detach", "session_id": id})).await?;
    }
    // an answer to what came last says that all before it is done
    let last = rig.sessions(1).await?;
    attach(&mut socket, &last).await
}

async fn attach(socket: &mut Socket, ids: &[String]) -> Result<()> {
    for some in ids.chunks(AHEAD) {
        for id in some {
            socket.say(&json!({"type": "attach", "session_id": id})).await?;
        }
        for id in some {
            let answer = socket.until("attached").await?;
            ensure!(answer["session_id"] == *id.as_str(), "{answer} instead of {id}");
        }
    }
    Ok(())
}

/// KiB by which a bare server grows for a socket that says nothing.
async fn bare_sockets(sockets: usize) -> Result<f64> {
    let rig = Rig::bare_broadcast().await?;
    let warm = rig.sockets(100).await?;
    let before = usage::memory(rig.pid())?.resident;
    let open = rig.sockets(sockets).await?;
    let after = usage::memory(rig.pid())?.resident;
    drop((warm, open));
    Ok((after - before) / 1024.0 / sockets as f64)
}
