//! Coming back from offline with many edits in the journal (X03): from the moment when the network is there until the server has
//! everything, beside a bare request that commits the same elements at once.

use anyhow::{Context, Result};
use holdfast_client::Canvas;

use super::{Scale, section};
use crate::{
    editor::{Editor, puts},
    http::{Call, Connection},
    report::{Aim, Row, Section},
    rig::acquire,
    stats::median,
};

/// Elements of one edit: a paste.
const PASTE: usize = 500;

pub(super) async fn resume(scale: Scale) -> Result<Vec<Section>> {
    let changes = scale.of(10_000, 1_000);
    let editor = Editor::start().await?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..scale.of(5, 1) {
        let canvas = editor.canvas(&format!("bench-{round}")).await?;
        ours.push(come_back(&editor, &canvas, changes).await?);
        canvas.close(std::time::Duration::from_secs(2)).await;
        theirs.push(commit_at_once(&editor, changes).await?);
    }
    let row = Row::beside(
        "until all is saved",
        "ms",
        median(&ours) * 1e3,
        median(&theirs) * 1e3,
    );
    let title = format!("coming back with {changes} journaled changes (baseline: one bare commit of them)");
    Ok(vec![section(title, vec![row.aim(Aim::Below(5_000.0))])])
}

async fn come_back(editor: &Editor, canvas: &Canvas, changes: usize) -> Result<f64> {
    editor.cut().await?;
    for from in (0..changes).step_by(PASTE) {
        canvas.edit(puts(from..changes.min(from + PASTE))?).await?;
    }
    editor.mend(canvas).await
}

async fn commit_at_once(editor: &Editor, changes: usize) -> Result<f64> {
    let mut connection = Connection::open(editor.server.address(), Some(editor.person.token())).await?;
    let document = editor.person.canvas("Baseline").await;
    let session = editor.person.session(None).await.id();
    let lock = connection.json(&acquire(&document, &session)).await?;
    let fence = lock["lock"]["fence"].as_i64().context("a lock has a fence")?;
    let call = bare_commit(&document, &session, fence, changes);
    Ok(crate::canvas::timed(&mut connection, &call).await? / 1e3)
}

fn bare_commit(document: &str, session: &str, fence: i64, changes: usize) -> Call {
    let changes: Vec<_> = (0..changes)
        .map(|place| {
            let data = crate::canvas::element(place, 0);
            serde_json::json!({"op": "put", "id": data["id"], "base_version": 0, "data": data})
        })
        .collect();
    let body = serde_json::json!({
        "commit_id": uuid::Uuid::new_v4(),
        "session_id": session,
        "fence": fence,
        "base_version": 0,
        "changes": changes,
    });
    Call::post(
        format!("/v1/documents/{document}/commits"),
        &body,
        hyper::StatusCode::OK,
    )
}
