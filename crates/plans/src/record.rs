//! What can be seen from outside once all is healed: histories by HTTP, drafts on disks, what windows show.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use holdfast_client::journal::Shelf;
use holdfast_protocol::document::Change;
use holdfast_testkit::Client;
use serde_json::Value;

use crate::{
    observer::Log,
    strokes::{Stroke, trail},
};

/// A drawing, as far as it can be judged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drawing {
    /// Each element's trail.
    pub elements: BTreeMap<String, Vec<String>>,
    /// The scene's trail.
    pub scene: Vec<String>,
    /// The files.
    pub files: BTreeSet<String>,
}

/// One version of a document.
#[derive(Debug, Clone, Default)]
pub struct Version {
    /// Its number.
    pub number: i64,
    /// The version of each element.
    pub versions: BTreeMap<String, i64>,
    /// What it shows.
    pub drawing: Drawing,
}

/// A document with all its versions, the oldest first.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Which.
    pub document: String,
    /// Its current version's number.
    pub current: i64,
    /// The versions that it lists.
    pub versions: Vec<Version>,
}

/// A draft on a disk.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// Whose.
    pub app: usize,
    /// Of which document.
    pub document: String,
    /// What it draws.
    pub drawing: Drawing,
    /// What it deletes.
    pub erased: BTreeSet<String>,
}

/// A window that showed something else than the server had.
#[derive(Debug, Clone)]
pub struct Disagreement {
    /// Which window.
    pub window: String,
    /// In what.
    pub detail: String,
}

/// All that a verdict is built on.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// What was drawn.
    pub strokes: Vec<Stroke>,
    /// Tokens that need not be anywhere: lost with a server's data, or with a disk that was full.
    pub waived: BTreeSet<String>,
    /// Documents in which somebody has put an older state over a newer one.
    pub overwritten: BTreeSet<String>,
    /// All documents, copies too.
    pub histories: Vec<History>,
    /// All drafts.
    pub drafts: Vec<Kept>,
    /// What the observer saw.
    pub logs: Vec<Log>,
    /// What windows showed otherwise.
    pub disagreements: Vec<Disagreement>,
    /// What did not come to rest, although all was healed.
    pub unsettled: Vec<String>,
}

impl Drawing {
    /// All tokens in it.
    pub fn tokens(&self) -> impl Iterator<Item = &String> {
        self.elements
            .values()
            .flatten()
            .chain(&self.scene)
            .chain(&self.files)
    }

    /// Reads the body of `GET …/content`.
    #[must_use]
    pub fn of_content(body: &Value) -> Self {
        let of = |name: &str| body[name].as_array().into_iter().flatten();
        let id = |entry: &Value| entry["id"].as_str().unwrap_or_default().to_owned();
        Self {
            elements: of("elements")
                .map(|element| (id(element), trail(&element["data"])))
                .collect(),
            scene: trail(&body["scene"]["data"]["appState"]),
            files: of("files").map(id).collect(),
        }
    }
}

/// Reads all versions of a document.
pub async fn history(person: &Client, document: &str) -> History {
    let base = format!("/v1/documents/{document}");
    let current = person.get(&base).await.ok(200).integer("/version");
    let mut versions = Vec::new();
    let mut before = String::new();
    loop {
        let page = person
            .get(&format!("{base}/commits?limit=100{before}"))
            .await
            .ok(200);
        for entry in page.list("/items") {
            let number = entry["version"].as_i64().unwrap_or_default();
            versions.push(version(person, &base, number).await);
        }
        match page["next"].as_str() {
            Some(next) => before = format!("&before={next}"),
            None => break,
        }
    }
    versions.reverse();
    History {
        document: document.to_owned(),
        current,
        versions,
    }
}

async fn version(person: &Client, base: &str, number: i64) -> Version {
    let content = person
        .get(&format!("{base}/content?version={number}"))
        .await
        .ok(200);
    let elements = content.list("/elements").iter();
    Version {
        number,
        versions: elements
            .map(|element| {
                let id = element["id"].as_str().unwrap_or_default().to_owned();
                (id, element["version"].as_i64().unwrap_or_default())
            })
            .collect(),
        drawing: Drawing::of_content(&content.body),
    }
}

/// Every document that a person can see.
pub async fn documents(person: &Client, workspace: &str) -> Vec<String> {
    let mut found = Vec::new();
    for scope in [format!("workspace_id={workspace}"), "scope=personal".to_owned()] {
        let mut cursor = String::new();
        loop {
            let page = person
                .get(&format!("/v1/documents?{scope}{cursor}"))
                .await
                .ok(200);
            let items = page.list("/items").iter();
            found.extend(items.filter_map(|item| item["id"].as_str().map(str::to_owned)));
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
    }
    found
}

/// The drafts in an app's folder, which nothing uses any more.
///
/// # Panics
///
/// Where the folder can't be read.
pub async fn drafts(app: usize, folder: &Path) -> Vec<Kept> {
    let shelf = Shelf::open(folder).expect("the app's folder");
    let mut kept = Vec::new();
    for draft in shelf.drafts().await {
        let Some(recovered) = shelf.read(&draft.id).await else {
            continue;
        };
        let mut found = Kept {
            app,
            document: draft.document.to_string(),
            ..Kept::default()
        };
        for change in recovered.edits.changes() {
            found.take(change);
        }
        kept.push(found);
    }
    kept
}

impl Kept {
    fn take(&mut self, change: &Change) {
        let parsed = |data: &holdfast_protocol::Json| serde_json::from_str(data.get()).unwrap_or(Value::Null);
        match change {
            Change::Put { id, data, .. } => {
                self.drawing.elements.insert(id.clone(), trail(&parsed(data)));
            }
            Change::Delete { id, .. } => {
                self.erased.insert(id.clone());
            }
            Change::Scene { data, .. } => self.drawing.scene = trail(&parsed(data)["appState"]),
            Change::File { id, .. } => {
                self.drawing.files.insert(id.clone());
            }
        }
    }
}
