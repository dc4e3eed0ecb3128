//! A long history (D07): its list and the restoring of a version, in a document of many versions beside one of few.

use anyhow::Result;
use hyper::{Method, StatusCode};

use super::{Scale, section};
use crate::{
    canvas::{Canvas, timed},
    http::{Call, Connection},
    report::{Aim, Row, Section},
    rig::Rig,
    stats::median,
};

/// Elements of both documents.
const ELEMENTS: usize = 100;
/// Versions of the baseline.
const FEW: usize = 100;
/// How far back lies what is restored.
const BACK: i64 = 50;
/// A history of any length should cost the same.
const THE_SAME: Aim = Aim::RatioAtMost(1.1);

/// What one document's history came to.
#[derive(Default)]
struct Times {
    newest: Vec<f64>,
    middle: Vec<f64>,
    look: Vec<f64>,
    restore: Vec<f64>,
}

pub(super) async fn history(scale: Scale) -> Result<Vec<Section>> {
    let many = scale.of(10_000, 1_000);
    let rig = Rig::holdfast().await;
    let mut connection = rig.connection().await?;
    let mut long = aged(&rig, &mut connection, many).await?;
    let mut short = aged(&rig, &mut connection, FEW).await?;
    let (mut ours, mut theirs) = (Times::default(), Times::default());
    for turn in 0..scale.of(200, 20) as i64 {
        // each restoring is a version more
        ours.add(&mut long, &mut connection, many as i64 + turn).await?;
        theirs.add(&mut short, &mut connection, FEW as i64 + turn).await?;
    }
    let beside =
        |what: &str, ours: &[f64], theirs: &[f64]| Row::beside(what, "ms", median(ours), median(theirs));
    let rows = vec![
        beside("the newest 50 listed, p50", &ours.newest, &theirs.newest).aim(THE_SAME),
        beside("50 from the middle listed, p50", &ours.middle, &theirs.middle).aim(THE_SAME),
        beside("one 50 versions back looked at, p50", &ours.look, &theirs.look).aim(THE_SAME),
        beside(
            "one 50 versions back restored, p50",
            &ours.restore,
            &theirs.restore,
        )
        .aim(THE_SAME),
    ];
    let title = format!("the history of {many} versions (baseline: of {FEW})");
    Ok(vec![section(title, rows)])
}

/// A document with so many versions, the first of which made all its elements.
async fn aged(rig: &Rig, connection: &mut Connection, versions: usize) -> Result<Canvas> {
    let mut canvas = Canvas::with(rig, connection, ELEMENTS).await?;
    for turn in 1..versions {
        canvas.change_one(connection, turn).await?;
    }
    Ok(canvas)
}

impl Times {
    async fn add(&mut self, canvas: &mut Canvas, connection: &mut Connection, newest: i64) -> Result<()> {
        let document = format!("/v1/documents/{}", canvas.document);
        let list = |before: i64| get(format!("{document}/commits?limit=50&before={before}"));
        self.newest.push(timed(connection, &list(newest + 1)).await?);
        self.middle.push(timed(connection, &list(newest / 2)).await?);
        let back = newest - BACK;
        let look = get(format!("{document}/content?version={back}"));
        self.look.push(timed(connection, &look).await?);
        self.restore.push(canvas.restore(connection, back).await?);
        Ok(())
    }
}

fn get(path: String) -> Call {
    Call {
        method: Method::GET,
        path,
        body: bytes::Bytes::new(),
        expect: StatusCode::OK,
    }
}
