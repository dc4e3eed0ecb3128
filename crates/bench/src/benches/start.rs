//! The app from its start to a painted drawing, and what it then holds in memory, beside a bare Tauri window that shows the
//! same drawing in the same Excalidraw.

use std::time::Duration;

use anyhow::Result;
use holdfast_testkit::app::App;
use tokio::time::sleep;

use super::{
    Scale,
    desktop::{PAINTED, Studio, quit},
    section,
};
use crate::{
    report::{Aim, Row, Section},
    stats::median,
    usage::{Memory, age, family_memory},
};

const NO_MORE_THAN: Aim = Aim::RatioAtMost(1.15);
/// How often memory is looked at until it has settled, and how often at most.
const LOOK_EVERY: Duration = Duration::from_millis(500);
const LOOKS: usize = 12;

/// What the starts of one program came to.
#[derive(Default)]
struct Starts {
    milliseconds: Vec<f64>,
    resident: Vec<f64>,
    proportional: Vec<f64>,
    processes: usize,
}

impl Starts {
    async fn add(&mut self, app: App, cold: bool) -> Result<()> {
        app.window("the drawing is painted", PAINTED).await;
        let took = age(app.id())?;
        let (memory, processes) = settled_memory(app.id()).await?;
        quit(&app).await;
        if !cold {
            self.milliseconds.push(took.as_secs_f64() * 1e3);
            self.resident.push(memory.resident / 1_048_576.0);
            self.proportional.push(memory.proportional / 1_048_576.0);
            self.processes = processes;
        }
        Ok(())
    }
}

/// Both programs in turns; the first start of each only fills the disk's cache.
pub(super) async fn start(scale: Scale) -> Result<Vec<Section>> {
    let studio = Studio::furnish().await;
    let (mut ours, mut theirs) = (Starts::default(), Starts::default());
    for turn in 0..=scale.of(7, 1) {
        ours.add(studio.open_drawing().await, turn == 0).await?;
        theirs.add(studio.open_bare_window().await, turn == 0).await?;
    }
    let beside = |what: &str, unit, ours: &[f64], theirs: &[f64]| {
        Row::beside(what, unit, median(ours), median(theirs))
    };
    let rows = vec![
        beside("start to painted", "ms", &ours.milliseconds, &theirs.milliseconds).aim(NO_MORE_THAN),
        beside("memory (PSS)", "MiB", &ours.proportional, &theirs.proportional).aim(NO_MORE_THAN),
        beside("memory (RSS)", "MiB", &ours.resident, &theirs.resident),
        Row::beside("processes", "", ours.processes as f64, theirs.processes as f64),
    ];
    Ok(vec![section(
        "the app on one drawing (baseline: a bare Tauri window with Excalidraw)",
        rows,
    )])
}

/// The memory of the app and its web processes, once it changes by less than a hundredth.
async fn settled_memory(pid: u32) -> Result<(Memory, usize)> {
    let mut last = family_memory(pid)?;
    for _ in 0..LOOKS {
        sleep(LOOK_EVERY).await;
        let now = family_memory(pid)?;
        let change = (now.0.proportional - last.0.proportional).abs();
        last = now;
        if change < last.0.proportional / 100.0 {
            break;
        }
    }
    Ok(last)
}
