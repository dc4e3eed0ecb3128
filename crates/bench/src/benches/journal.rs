//! An edit until it is on this device's disk (X07), beside a bare append of the same bytes to a file in the same folder, each
//! made durable before the next.

use std::{
    fs::File,
    io::Write as _,
    time::{Duration, Instant},
};

use anyhow::Result;

use super::{Scale, section};
use crate::{
    canvas::element,
    editor::{Editor, puts},
    report::{Aim, Row, Section},
    stats::{percentile, sorted},
};

/// Edits reach the disk within this.
const PROMISED_MS: f64 = 300.0;
/// From one stroke's point to the next.
const BETWEEN: Duration = Duration::from_millis(5);

/// Offline, so that nothing but the journal is measured.
pub(super) async fn journal(scale: Scale) -> Result<Vec<Section>> {
    let editor = Editor::start().await?;
    let canvas = editor.canvas("bench").await?;
    editor.cut().await?;
    let path = editor.folder.path().join("baseline");
    let mut file = File::create(&path)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for turn in 0..scale.of(1_000, 50) {
        let edit = puts(turn..turn + 1)?;
        let start = Instant::now();
        canvas.edit(edit).await?;
        ours.push(start.elapsed().as_secs_f64() * 1e3);
        tokio::time::sleep(BETWEEN).await;
        let bytes = element(turn, 0).to_string();
        let start = Instant::now();
        file = tokio::task::spawn_blocking(move || {
            file.write_all(bytes.as_bytes())?;
            file.sync_data()?;
            anyhow::Ok(file)
        })
        .await??;
        theirs.push(start.elapsed().as_secs_f64() * 1e3);
        tokio::time::sleep(BETWEEN).await;
    }
    let (ours, theirs) = (sorted(ours), sorted(theirs));
    let row = |percent: f64| {
        let what = format!("p{percent}");
        Row::beside(
            what,
            "ms",
            percentile(&ours, percent),
            percentile(&theirs, percent),
        )
    };
    Ok(vec![section(
        "an edit until it is on the disk (baseline: a bare append, made durable)",
        vec![row(50.0), row(99.0).aim(Aim::Below(PROMISED_MS))],
    )])
}
