//! One changed element committed to documents of different sizes (D06). The smallest document is the others' baseline.

use anyhow::Result;

use super::{Scale, section};
use crate::{
    canvas::Canvas,
    report::{Aim, Row, Section},
    rig::Rig,
    stats::{percentile, sorted},
};

/// Turns until everything is warm.
const UNMEASURED: usize = 20;

pub(super) async fn commits(scale: Scale) -> Result<Vec<Section>> {
    let sizes = [100, scale.of(10_000, 1_000), scale.of(100_000, 10_000)];
    let rig = Rig::holdfast().await;
    let mut connection = rig.connection().await?;
    let mut documents = Vec::new();
    for elements in sizes {
        documents.push((Canvas::with(&rig, &mut connection, elements).await?, Vec::new()));
    }
    for turn in 0..scale.of(400, 40) + UNMEASURED {
        for (canvas, times) in &mut documents {
            let took = canvas.change_one(&mut connection, turn).await?;
            if turn >= UNMEASURED {
                times.push(took);
            }
        }
    }
    let p50: Vec<f64> = documents
        .into_iter()
        .map(|(_, times)| percentile(&sorted(times), 50.0))
        .collect();
    let rows = sizes.iter().zip(&p50).map(|(size, time)| {
        let row = Row::beside(format!("in {size} elements, p50"), "ms", *time, p50[0]);
        row.aim(if *size == sizes[0] {
            Aim::Told
        } else {
            Aim::RatioAtMost(1.1)
        })
    });
    Ok(vec![section(
        "a commit of one element (baseline: the smallest document)",
        rows.collect(),
    )])
}
