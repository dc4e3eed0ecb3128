//! One changed element committed to documents of different sizes (D06). The smallest document is the others' baseline.

use std::time::Instant;

use anyhow::{Context, Result};
use hyper::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Scale, section};
use crate::{
    http::{Call, Connection},
    report::{Aim, Row, Section},
    rig::{Rig, acquire},
    stats::{percentile, sorted},
};

/// Elements of one filling commit: well below the largest commit.
const FILLING: usize = 5_000;

/// A document that grows no more.
struct Filled {
    path: String,
    session: String,
    fence: i64,
    elements: usize,
    /// Of the element at each place.
    versions: Vec<i64>,
    times: Vec<f64>,
}

pub(super) async fn commits(scale: Scale) -> Result<Vec<Section>> {
    let sizes = [100, scale.of(10_000, 1_000), scale.of(100_000, 10_000)];
    let rig = Rig::holdfast().await;
    let mut connection = rig.connection().await?;
    let mut documents = Vec::new();
    for elements in sizes {
        documents.push(Filled::with(&rig, &mut connection, elements).await?);
    }
    let unmeasured = 20;
    for turn in 0..scale.of(400, 40) + unmeasured {
        for document in &mut documents {
            let took = document.change_one(&mut connection, turn).await?;
            if turn >= unmeasured {
                document.times.push(took);
            }
        }
    }
    let p50: Vec<f64> = documents
        .iter()
        .map(|document| percentile(&sorted(document.times.clone()), 50.0))
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

impl Filled {
    async fn with(rig: &Rig, connection: &mut Connection, elements: usize) -> Result<Self> {
        let (document, session) = (rig.document().await?, rig.session().await?);
        let answer = connection.json(&acquire(&document, &session)).await?;
        let mut filled = Self {
            path: format!("/v1/documents/{document}/commits"),
            session,
            fence: answer["lock"]["fence"].as_i64().context("a lock has a fence")?,
            elements,
            versions: vec![0; elements],
            times: Vec::new(),
        };
        let places: Vec<usize> = (0..elements).collect();
        for some in places.chunks(FILLING) {
            filled.commit(connection, some).await?;
        }
        Ok(filled)
    }

    /// Changes the next of elements that lie far from each other; answers the milliseconds.
    async fn change_one(&mut self, connection: &mut Connection, turn: usize) -> Result<f64> {
        let place = (turn * 7_919) % self.elements;
        let call = self.call(&[place]);
        let start = Instant::now();
        connection.call(&call).await?;
        let took = start.elapsed().as_secs_f64() * 1e3;
        self.versions[place] += 1;
        Ok(took)
    }

    async fn commit(&mut self, connection: &mut Connection, places: &[usize]) -> Result<()> {
        connection.call(&self.call(places)).await?;
        for place in places {
            self.versions[*place] += 1;
        }
        Ok(())
    }

    fn call(&self, places: &[usize]) -> Call {
        let changes: Vec<Value> = places
            .iter()
            .map(|place| {
                let version = self.versions[*place];
                json!({"op": "put", "id": id(*place), "base_version": version, "data": element(*place, version)})
            })
            .collect();
        let body = json!({
            "commit_id": Uuid::new_v4(),
            "session_id": self.session,
            "fence": self.fence,
            "base_version": 0,
            "changes": changes,
        });
        Call::post(&self.path, &body, StatusCode::OK)
    }
}

fn id(place: usize) -> String {
    format!("element-{place}")
}

/// A rectangle with all that Excalidraw writes for one.
fn element(place: usize, version: i64) -> Value {
    json!({
        "id": id(place), "type": "rectangle", "x": place % 300 * 40, "y": place / 300 * 40, "width": 30, "height": 30,
        "angle": 0, "strokeColor": "#1e1e1e", "backgroundColor": "transparent", "fillStyle": "solid", "strokeWidth": 2,
        "strokeStyle": "solid", "roughness": 1, "opacity": 100, "groupIds": [], "frameId": null,
        "index": format!("b{place:06}"), "roundness": {"type": 3}, "seed": place, "version": version + 1,
        "versionNonce": place, "isDeleted": false, "boundElements": [], "updated": 1_760_000_000_000_i64 + version,
        "link": null, "locked": false,
    })
}
