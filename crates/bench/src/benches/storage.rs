//! What a history takes on the disk: one-element commits to a small and to a large document, beside the bytes of the
//! changes themselves. Storage grows with the changes, not with the document (D07).

use anyhow::Result;

use super::{Scale, section};
use crate::{
    canvas::Canvas,
    report::{Row, Section},
    rig::Rig,
};

pub(super) async fn storage(scale: Scale) -> Result<Vec<Section>> {
    let commits = scale.of(10_000, 500);
    let mut rows = Vec::new();
    for elements in [100, scale.of(10_000, 1_000)] {
        let (before, _) = stored(elements, 0).await?;
        let (after, changed) = stored(elements, commits).await?;
        let grown = after.saturating_sub(before) as f64;
        let row = Row::beside(
            format!("in a document of {elements} elements"),
            "KiB",
            grown / 1_024.0,
            changed as f64 / 1_024.0,
        );
        rows.push(row);
    }
    let title = format!("storage of {commits} one-element commits (baseline: the changed elements' bytes)");
    Ok(vec![section(title, rows)])
}

/// The bytes on the disk of a server that has ended, after so many commits, and those of the elements in these commits.
async fn stored(elements: usize, commits: usize) -> Result<(u64, u64)> {
    let rig = Rig::holdfast().await;
    let mut connection = rig.connection().await?;
    let mut canvas = Canvas::with(&rig, &mut connection, elements).await?;
    let filled = canvas.committed_bytes;
    for turn in 0..commits {
        canvas.change_one(&mut connection, turn).await?;
    }
    drop(connection);
    Ok((rig.stored().await?, canvas.committed_bytes - filled))
}
