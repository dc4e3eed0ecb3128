//! A canvas that one session writes over HTTP: filled, then changed an element at a time.

use std::time::Instant;

use anyhow::{Context, Result};
use hyper::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    http::{Call, Connection},
    rig::{Rig, acquire},
};

/// Elements of one filling commit: well below the largest commit.
const FILLING: usize = 5_000;
/// Elements that are changed after each other lie this far apart.
const STRIDE: usize = 7_919;

/// A document, the session that holds its lock, and what is in it.
pub(crate) struct Canvas {
    pub(crate) document: String,
    session: String,
    fence: i64,
    /// Of the element at each place.
    versions: Vec<i64>,
    /// Bytes of all elements' data that were committed.
    pub(crate) committed_bytes: u64,
}

impl Canvas {
    /// A new document with so many elements.
    pub(crate) async fn with(rig: &Rig, connection: &mut Connection, elements: usize) -> Result<Self> {
        let (document, session) = (rig.document().await?, rig.session().await?);
        let answer = connection.json(&acquire(&document, &session)).await?;
        let mut canvas = Self {
            document,
            session,
            fence: answer["lock"]["fence"].as_i64().context("a lock has a fence")?,
            versions: vec![0; elements],
            committed_bytes: 0,
        };
        let places: Vec<usize> = (0..elements).collect();
        for some in places.chunks(FILLING) {
            canvas.commit(connection, some).await?;
        }
        Ok(canvas)
    }

    /// How many elements it has.
    pub(crate) fn elements(&self) -> usize {
        self.versions.len()
    }

    /// Commits a change of the next of elements that lie far from each other; answers the milliseconds.
    pub(crate) async fn change_one(&mut self, connection: &mut Connection, turn: usize) -> Result<f64> {
        self.commit(connection, &[(turn * STRIDE) % self.elements()])
            .await
    }

    /// Restores a version; answers the milliseconds.
    pub(crate) async fn restore(&mut self, connection: &mut Connection, version: i64) -> Result<f64> {
        let body = json!({
            "version": version,
            "session_id": self.session,
            "fence": self.fence,
            "commit_id": Uuid::new_v4(),
        });
        let path = format!("/v1/documents/{}/restore", self.document);
        timed(connection, &Call::post(path, &body, StatusCode::OK)).await
    }

    /// Commits changes of the elements at these places; answers the milliseconds.
    async fn commit(&mut self, connection: &mut Connection, places: &[usize]) -> Result<f64> {
        let mut changes = Vec::with_capacity(places.len());
        for place in places {
            let version = self.versions[*place];
            let data = element(*place, version);
            self.committed_bytes += data.to_string().len() as u64;
            changes.push(json!({"op": "put", "id": id(*place), "base_version": version, "data": data}));
            self.versions[*place] += 1;
        }
        let body = json!({
            "commit_id": Uuid::new_v4(),
            "session_id": self.session,
            "fence": self.fence,
            "base_version": 0,
            "changes": changes,
        });
        let path = format!("/v1/documents/{}/commits", self.document);
        timed(connection, &Call::post(path, &body, StatusCode::OK)).await
    }
}

/// The milliseconds that a call takes.
pub(crate) async fn timed(connection: &mut Connection, call: &Call) -> Result<f64> {
    let start = Instant::now();
    connection.call(call).await?;
    Ok(start.elapsed().as_secs_f64() * 1e3)
}

fn id(place: usize) -> String {
    format!("element-{place}")
}

/// The place in the drawing order: a whole number of four digits of base 62.
fn index(place: usize) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let digit = |power: u32| char::from(DIGITS[place / 62_usize.pow(power) % 62]);
    format!("d{}{}{}{}", digit(3), digit(2), digit(1), digit(0))
}

/// A rectangle with all that Excalidraw writes for one.
pub(crate) fn element(place: usize, version: i64) -> Value {
    json!({
        "id": id(place), "type": "rectangle", "x": place % 300 * 40, "y": place / 300 * 40, "width": 30, "height": 30,
        "angle": 0, "strokeColor": "#1e1e1e", "backgroundColor": "transparent", "fillStyle": "solid", "strokeWidth": 2,
        "strokeStyle": "solid", "roughness": 1, "opacity": 100, "groupIds": [], "frameId": null,
        "index": index(place), "roundness": {"type": 3}, "seed": place, "version": version + 1,
        "versionNonce": place, "isDeleted": false, "boundElements": [], "updated": 1_760_000_000_000_i64 + version,
        "link": null, "locked": false,
    })
}
