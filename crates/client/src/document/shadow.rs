//! What the server has, as far as this client knows.

use std::collections::HashMap;

use holdfast_protocol::{
    CommitId, Json,
    document::{Change, CommittedChange, Content},
};
use serde_json::{Map, Value};

use super::{
    Batch, Edits, Key,
    edits::is_same_change,
    raw::{RawObject, is_same, to_json},
};
use crate::{
    order::Effective,
    view::{CanvasContent, Edit, ElementData, FileData},
};

#[derive(Debug, Clone)]
struct Stored {
    version: i64,
    /// None once deleted: the version of the deletion is what it is put again on.
    data: Option<Json>,
    /// Its place among those without an index.
    born: u64,
}

#[derive(Debug, Clone)]
struct StoredFile {
    version: i64,
    sha256: String,
    data: Json,
}

/// How an event of the room went down.
#[derive(Debug)]
pub enum Applied {
    /// It is in what was known already.
    Known,
    /// It was new; this is what a window has to change.
    New(Edit),
    /// Something is missing before it: the content has to be fetched.
    Gap,
}

/// What the server has: elements, files and scene with their versions.
#[derive(Debug, Clone)]
pub struct Shadow {
    version: i64,
    /// The commit that made the version, where that is known: a server restored from a copy of its data may count on from
    /// an older one, and come to the same number with another drawing.
    commit: Option<CommitId>,
    scene: (i64, Json),
    elements: HashMap<String, Stored>,
    files: HashMap<String, StoredFile>,
    effective: Effective,
    births: u64,
}

impl Shadow {
    /// From the server's answer.
    #[must_use]
    pub fn of_content(content: Content) -> Self {
        let mut shadow = Self {
            version: content.version,
            commit: None,
            scene: (content.scene.version, content.scene.data),
            elements: HashMap::new(),
            files: HashMap::new(),
            effective: Effective::default(),
            births: 0,
        };
        for element in content.elements {
            shadow.store(element.id, element.version, Some(element.data));
        }
        for file in content.files {
            let stored = StoredFile {
                version: file.version,
                sha256: file.sha256,
                data: file.data,
            };
            shadow.files.insert(file.id, stored);
        }
        shadow.order();
        shadow
    }

    /// The document's version.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The commit that made the version, where that is known.
    #[must_use]
    pub fn commit(&self) -> Option<CommitId> {
        self.commit
    }

    /// The commit that made the version is this one.
    pub fn is_made_by(&mut self, commit: Option<CommitId>) {
        self.commit = commit;
    }

    /// The version that a change of this is made on.
    #[must_use]
    pub fn base_of(&self, key: &Key) -> i64 {
        match key {
            Key::Scene => self.scene.0,
            Key::File(id) => self.files.get(id).map_or(0, |file| file.version),
            Key::Element(id) => self.elements.get(id).map_or(0, |element| element.version),
        }
    }

    /// Whether there is a live element of this id.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.elements
            .get(id)
            .is_some_and(|element| element.data.is_some())
    }

    /// Whether a change would change nothing.
    #[must_use]
    pub fn says(&self, change: &Change) -> bool {
        match change {
            Change::Put { id, data, .. } => {
                let stored = self.elements.get(id).and_then(|stored| stored.data.as_ref());
                stored.is_some_and(|stored| is_same(stored, data))
            }
            Change::Delete { id, .. } => !self.has(id),
            Change::Scene { data, .. } => is_same(&self.scene.1, data),
            Change::File { id, sha256, data, .. } => self
                .files
                .get(id)
                .is_some_and(|file| file.sha256 == *sha256 && is_same(&file.data, data)),
        }
    }

    /// Whether a change would change nothing, with the edits on top.
    #[must_use]
    pub fn says_with(&self, edits: &Edits, change: &Change) -> bool {
        match edits.get(&super::key_of(change)) {
            Some(latest) => is_same_change(latest, change),
            None => self.says(change),
        }
    }

    /// A file's hash, pending ones included.
    #[must_use]
    pub fn file(&self, id: &str, edits: &Edits) -> Option<String> {
        match edits.get(&Key::File(id.to_owned())) {
            Some(Change::File { sha256, .. }) => Some(sha256.clone()),
            _ => self.files.get(id).map(|file| file.sha256.clone()),
        }
    }

    /// The scene, pending changes included.
    #[must_use]
    pub fn scene<'a>(&'a self, edits: &'a Edits) -> &'a Json {
        match edits.get(&Key::Scene) {
            Some(Change::Scene { data, .. }) => data,
            _ => &self.scene.1,
        }
    }

    /// How indices are shown and stored.
    #[must_use]
    pub fn effective(&self) -> &Effective {
        &self.effective
    }

    /// A commit of this client arrived.
    pub fn acknowledged(&mut self, batch: Batch, version: i64, versions: &HashMap<Key, i64>) {
        if version > self.version {
            self.version = version;
            self.commit = Some(batch.commit_id);
        }
        for change in batch.changes {
            let made = versions.get(&super::key_of(&change)).copied();
            self.accept(change, made);
        }
    }

    fn accept(&mut self, change: Change, made: Option<i64>) {
        let made = made.unwrap_or_else(|| super::base_version(&change) + 1);
        match change {
            Change::Put { id, data, .. } => self.store(id, made, Some(data)),
            Change::Delete { id, .. } => self.store(id, made, None),
            Change::Scene { data, .. } => self.scene = (made, data),
            Change::File { id, sha256, data, .. } => {
                let stored = StoredFile {
                    version: made,
                    sha256,
                    data,
                };
                self.files.insert(id, stored);
            }
        }
    }

    /// Somebody else's commit, from the document's room.
    pub fn committed(&mut self, version: i64, commit: CommitId, changes: &[CommittedChange]) -> Applied {
        if version <= self.version {
            return Applied::Known;
        }
        if version != self.version + 1 {
            return Applied::Gap;
        }
        let mut edit = Edit::default();
        for change in changes {
            if !self.take_in(change, &mut edit) {
                return Applied::Gap;
            }
        }
        self.version = version;
        self.commit = Some(commit);
        Applied::New(edit)
    }

    /// False where the change is not understood.
    fn take_in(&mut self, change: &CommittedChange, edit: &mut Edit) -> bool {
        match (change.op.as_str(), &change.id, &change.data, &change.sha256) {
            ("put", Some(id), Some(data), _) => {
                self.store(id.clone(), change.version, Some(data.clone()));
                edit.puts.push(ElementData {
                    id: id.clone(),
                    data: self.shown(id, data),
                });
            }
            ("delete", Some(id), _, _) => {
                self.store(id.clone(), change.version, None);
                edit.deletes.push(id.clone());
            }
            ("scene", _, Some(data), _) => {
                self.scene = (change.version, data.clone());
                edit.app_state = Some(app_state(data));
            }
            ("file", Some(id), Some(data), Some(sha256)) => {
                let stored = StoredFile {
                    version: change.version,
                    sha256: sha256.clone(),
                    data: data.clone(),
                };
                self.files.insert(id.clone(), stored);
                edit.files.push(FileData {
                    id: id.clone(),
                    data: data.clone(),
                });
            }
            _ => return false,
        }
        true
    }

    fn store(&mut self, id: String, version: i64, data: Option<Json>) {
        self.births += 1;
        let births = self.births;
        let stored = self.elements.entry(id).or_insert(Stored {
            version,
            data: None,
            born: births,
        });
        stored.version = version;
        stored.data = data;
    }

    /// Finds the effective order: what the scene remembers, and a place for those that no rule gives one.
    fn order(&mut self) {
        let scene: Map<String, Value> = serde_json::from_str(self.scene.1.get()).unwrap_or_default();
        let mut effective = Effective::of_scene(&scene);
        let mut placed: Vec<_> = self
            .elements
            .iter()
            .filter_map(|(id, stored)| {
                let index = index_of(stored.data.as_ref()?);
                let shown = effective.to_window(id, index.as_deref()).map(str::to_owned);
                Some((shown.is_none(), shown, stored.born, id.as_str(), index))
            })
            .collect();
        placed.sort_unstable();
        effective.repair(placed.iter().map(|(.., id, index)| (*id, index.as_deref())));
        self.effective = effective;
    }

    /// An element as a window gets it.
    fn shown(&self, id: &str, data: &Json) -> Json {
        let stored = index_of(data);
        match self.effective.to_window(id, stored.as_deref()) {
            shown if shown == stored.as_deref() => data.clone(),
            shown => with_index(data, shown),
        }
    }

    /// An element as it is stored, at the place that an index shown in windows means.
    #[must_use]
    pub fn stored_at(&self, id: &str, data: &Json, shown: Option<&str>) -> Json {
        self.stored(id, &with_index(data, shown))
    }

    /// An element from a window, as it is stored.
    #[must_use]
    pub fn stored(&self, id: &str, data: &Json) -> Json {
        let shown = index_of(data);
        let index = self.effective.to_store(id, shown.as_deref());
        if index != shown.as_deref() {
            return with_index(data, index);
        }
        match &shown {
            // the place that the window means is just behind the one that the file's own index would be read as
            Some(shown) if self.effective.is_ambiguous(id, Some(shown)) => {
                with_index(data, Some(&format!("{shown}V")))
            }
            _ => data.clone(),
        }
    }

    /// Live elements as stored, in drawing order, with the edits on top.
    #[must_use]
    pub fn elements(&self, edits: &Edits) -> Vec<(String, Json)> {
        let placed = self.placed(edits).into_iter();
        placed.map(|(id, data, _)| (id, data)).collect()
    }

    /// The same with the index that sorts each to its place.
    #[must_use]
    pub fn placed(&self, edits: &Edits) -> Vec<(String, Json, Option<String>)> {
        let mut live: HashMap<&str, (&Json, u64)> = self
            .elements
            .iter()
            .filter_map(|(id, stored)| Some((id.as_str(), (stored.data.as_ref()?, stored.born))))
            .collect();
        let mut births = self.births;
        for change in edits.changes() {
            match change {
                Change::Put { id, data, .. } => {
                    births += 1;
                    let born = live.get(id.as_str()).map_or(births, |(_, born)| *born);
                    live.insert(id, (data, born));
                }
                Change::Delete { id, .. } => _ = live.remove(id.as_str()),
                Change::Scene { .. } | Change::File { .. } => {}
            }
        }
        let mut placed: Vec<_> = live
            .into_iter()
            .map(|(id, (data, born))| {
                let index = index_of(data);
                let shown = self.effective.to_window(id, index.as_deref()).map(str::to_owned);
                (shown.is_none(), shown, born, id, data)
            })
            .collect();
        placed.sort_unstable_by(|a, b| (&a.0, &a.1, a.2, a.3).cmp(&(&b.0, &b.1, b.2, b.3)));
        placed
            .into_iter()
            .map(|(_, shown, _, id, data)| (id.to_owned(), data.clone(), shown))
            .collect()
    }

    /// The files, with the edits on top: id, hash, what else is said of them.
    #[must_use]
    pub fn files(&self, edits: &Edits) -> Vec<(String, String, Json)> {
        let mut files: std::collections::BTreeMap<&str, (&str, &Json)> = self
            .files
            .iter()
            .map(|(id, file)| (id.as_str(), (file.sha256.as_str(), &file.data)))
            .collect();
        for change in edits.changes() {
            if let Change::File { id, sha256, data, .. } = change {
                files.insert(id, (sha256, data));
            }
        }
        files
            .into_iter()
            .map(|(id, (sha256, data))| (id.to_owned(), sha256.to_owned(), data.clone()))
            .collect()
    }

    /// The drawing for a window, with the edits on top.
    #[must_use]
    pub fn content(&self, edits: &Edits) -> CanvasContent {
        let elements = self.elements(edits).into_iter();
        let elements = elements.map(|(id, data)| {
            let data = self.shown(&id, &data);
            ElementData { id, data }
        });
        let files = self.files(edits).into_iter();
        CanvasContent {
            version: self.version,
            elements: elements.collect(),
            app_state: app_state(self.scene(edits)),
            files: files.map(|(id, _, data)| FileData { id, data }).collect(),
        }
    }
}

/// An element's `index`, where it has one.
fn index_of(data: &Json) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Indexed {
        #[serde(default)]
        index: Option<Value>,
    }
    let indexed: Indexed = serde_json::from_str(data.get()).ok()?;
    indexed.index?.as_str().map(str::to_owned)
}

/// The same element with another index, or none.
fn with_index(data: &Json, index: Option<&str>) -> Json {
    let Ok(mut object) = RawObject::parse(data.get()) else {
        return data.clone();
    };
    match index {
        Some(index) => object.set("index", to_json(&index)),
        None => _ = object.remove("index"),
    }
    object.to_json()
}

/// A scene's `appState`; an empty object where there is none.
fn app_state(scene: &Json) -> Json {
    let scene = RawObject::parse(scene.get()).unwrap_or_default();
    scene
        .get("appState")
        .map_or_else(|| RawObject::default().to_json(), ToOwned::to_owned)
}
