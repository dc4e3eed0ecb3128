//! A stroke in one window until it is painted in another, both of one app on its embedded server.
//!
//! The clocks are those of the two pages, which are one machine's: the pointer's event in the editor, and the second
//! frame after the watcher's canvas says that it shows something new.

use std::time::Duration;

use anyhow::{Context, Result};
use holdfast_testkit::{app::Page, eventually::eventually, seconds};
use tokio::time::sleep;

use super::{
    Scale,
    desktop::{Studio, quit},
    section,
};
use crate::{
    report::{Aim, Row, Section},
    stats::{percentile, sorted},
};

/// Nothing more comes of a stroke after this: an edit is at the server within a second at the latest.
const QUIET: Duration = Duration::from_millis(1_500);

/// Notes when the pointer draws. Its release changes nothing of a rectangle, and is not noted.
const NOTE_POINTER: &str = "(() => {
    window.drawn = [];
    const note = (event) => event.buttons & 1 && window.drawn.push(Date.now());
    for (const type of ['pointerdown', 'pointermove']) addEventListener(type, note, true);
    return true;
})()";

/// Notes when something new is on the screen.
const NOTE_PAINT: &str = "(() => {
    window.painted = [];
    const canvas = document.querySelector('[data-testid=\"canvas\"]');
    const paint = () => window.painted.push(Date.now());
    new MutationObserver(() => requestAnimationFrame(() => requestAnimationFrame(paint)))
        .observe(canvas, { attributes: true, attributeFilter: ['data-elements', 'data-version'] });
    return true;
})()";

/// Milliseconds of one stroke.
struct Delay {
    /// From the pointer's press to the first paint.
    begin: f64,
    /// From its last move to the last paint: all of it is there.
    end: f64,
}

pub(super) async fn stroke(scale: Scale) -> Result<Vec<Section>> {
    let studio = Studio::furnish().await;
    let (app, editor, watcher) = studio.open_twice().await;
    editor.evaluate(NOTE_POINTER).await;
    watcher.evaluate(NOTE_PAINT).await;
    let mut delays = Vec::new();
    for turn in 0..=scale.of(30, 4) {
        let delay = draw(&editor, &watcher, turn).await?;
        // the first one finds everything cold
        if turn > 0 {
            delays.push(delay);
        }
    }
    quit(&app).await;
    let begin = sorted(delays.iter().map(|delay| delay.begin).collect());
    let end = sorted(delays.iter().map(|delay| delay.end).collect());
    let limit = Aim::Below(300.0);
    let rows = vec![
        Row::alone("its begin, p50", "ms", percentile(&begin, 50.0)),
        Row::alone("its begin, p95", "ms", percentile(&begin, 95.0)).aim(limit),
        Row::alone("all of it, p50", "ms", percentile(&end, 50.0)),
        Row::alone("all of it, p95", "ms", percentile(&end, 95.0)).aim(limit),
    ];
    Ok(vec![section(
        "a stroke in one window until it is painted in another, embedded server",
        rows,
    )])
}

/// Draws a rectangle at a place of its own and waits until all of it has been seen.
async fn draw(editor: &Page, watcher: &Page, turn: usize) -> Result<Delay> {
    let (column, row) = ((turn % 10) as i64, (turn / 10) as i64);
    let from = (260 + column * 80, 260 + row * 80);
    editor.click_at(from.0, from.1).await;
    editor.press('r').await;
    // what came of the click is no part of the stroke
    sleep(QUIET).await;
    editor.evaluate("window.drawn = []").await;
    watcher.evaluate("window.painted = []").await;
    editor.drag(from, (from.0 + 60, from.1 + 50)).await;
    eventually("the stroke is seen", seconds(10), async || {
        let seen = watcher.evaluate("window.painted.length > 0").await;
        (seen == true).then_some(())
    })
    .await;
    sleep(QUIET).await;
    let drawn = moments(editor, "window.drawn").await?;
    let painted = moments(watcher, "window.painted").await?;
    let first = |moments: &[f64]| moments.first().copied().context("nothing was noted");
    let last = |moments: &[f64]| moments.last().copied().context("nothing was noted");
    Ok(Delay {
        begin: first(&painted)? - first(&drawn)?,
        end: last(&painted)? - last(&drawn)?,
    })
}

async fn moments(page: &Page, expression: &str) -> Result<Vec<f64>> {
    Ok(serde_json::from_value(page.evaluate(expression).await)?)
}
