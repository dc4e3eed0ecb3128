//! Edits that are not acknowledged: merged by element, one commit in flight.

use std::collections::HashMap;

use holdfast_protocol::{
    CommitId,
    document::{Change, CommitAnswer},
    limits::COMMIT_BYTES,
};

use super::raw::is_same;

/// What a change is of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// The file's other fields.
    Scene,
    /// A file, by the canvas's id.
    File(String),
    /// An element.
    Element(String),
}

/// What a change is of.
#[must_use]
pub fn key_of(change: &Change) -> Key {
    match change {
        Change::Put { id, .. } | Change::Delete { id, .. } => Key::Element(id.clone()),
        Change::Scene { .. } => Key::Scene,
        Change::File { id, .. } => Key::File(id.clone()),
    }
}

/// The version that a change was made on.
#[must_use]
pub fn base_version(change: &Change) -> i64 {
    match change {
        Change::Put { base_version, .. }
        | Change::Delete { base_version, .. }
        | Change::Scene { base_version, .. }
        | Change::File { base_version, .. } => *base_version,
    }
}

/// Sets the version that a change was made on.
pub fn set_base(change: &mut Change, base: i64) {
    match change {
        Change::Put { base_version, .. }
        | Change::Delete { base_version, .. }
        | Change::Scene { base_version, .. }
        | Change::File { base_version, .. } => *base_version = base,
    }
}

/// Whether two changes of one thing make it the same, whatever they were made on.
pub(super) fn is_same_change(a: &Change, b: &Change) -> bool {
    match (a, b) {
        (Change::Put { data: a, .. }, Change::Put { data: b, .. })
        | (Change::Scene { data: a, .. }, Change::Scene { data: b, .. }) => is_same(a, b),
        (Change::Delete { .. }, Change::Delete { .. }) => true,
        (
            Change::File {
                sha256: a,
                data: of_a,
                ..
            },
            Change::File {
                sha256: b,
                data: of_b,
                ..
            },
        ) => a == b && is_same(of_a, of_b),
        _ => false,
    }
}

/// How much of a commit's limit is left for its envelope.
const ENVELOPE: usize = 4 * 1024;
/// Field names, quotes and versions of one change.
const CHANGE_ENVELOPE: usize = 128;

fn bytes(change: &Change) -> usize {
    let (id, data) = match change {
        Change::Put { id, data, .. } => (id.len(), data.get().len()),
        Change::Delete { id, .. } => (id.len(), 0),
        Change::Scene { data, .. } => (0, data.get().len()),
        Change::File { id, data, .. } => (id.len() + 64, data.get().len()),
    };
    // an id may be escaped to six times its length
    CHANGE_ENVELOPE + 6 * id + data
}

#[derive(Debug, Clone)]
struct Pending {
    change: Change,
    /// The journal's number of the last edit in it.
    edit: u64,
    /// Its place: elements are created in the order in which they were drawn.
    place: u64,
}

/// A commit on its way.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Kept over retries (D05).
    pub commit_id: CommitId,
    /// What it changes.
    pub changes: Vec<Change>,
    entries: Vec<(Key, Pending)>,
}

/// Edits that are not acknowledged.
#[derive(Debug, Clone, Default)]
pub struct Edits {
    pending: HashMap<Key, Pending>,
    in_flight: Option<Batch>,
    places: u64,
}

impl Edits {
    /// Adds a change made by the edit with this number. An element that is changed again keeps the version it was first
    /// changed on; one that was created and deleted again leaves nothing.
    pub fn add(&mut self, change: Change, edit: u64) {
        let key = key_of(&change);
        self.merge(change, edit);
        self.drop_stillborn(&key);
    }

    /// [`Edits::add`] where nobody knows what the server has: a commit whose fate is open may have brought it there what was
    /// created and deleted again.
    pub fn merge(&mut self, mut change: Change, edit: u64) {
        let key = key_of(&change);
        if let Some(pending) = self.pending.get_mut(&key) {
            set_base(&mut change, base_version(&pending.change));
            pending.change = change;
            pending.edit = edit;
        } else {
            self.places += 1;
            let place = self.places;
            self.pending.insert(key, Pending { change, edit, place });
        }
    }

    /// A deletion of what the server never had is nothing to send, unless its creation is on its way.
    fn drop_stillborn(&mut self, key: &Key) {
        let in_flight = self
            .in_flight
            .as_ref()
            .is_some_and(|batch| batch.entries.iter().any(|(flying, _)| flying == key));
        let unborn = matches!(
            self.pending.get(key).map(|pending| &pending.change),
            Some(Change::Delete { base_version: 0, .. })
        );
        if unborn && !in_flight {
            self.pending.remove(key);
        }
    }

    /// How many elements, files and scenes are concerned.
    #[must_use]
    pub fn count(&self) -> u32 {
        let flying = self.in_flight.as_ref().map_or(0, |batch| {
            let again = |key: &Key| self.pending.contains_key(key);
            batch.entries.iter().filter(|(key, _)| !again(key)).count()
        });
        u32::try_from(self.pending.len() + flying).unwrap_or(u32::MAX)
    }

    /// Whether everything is acknowledged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty() && self.in_flight.is_none()
    }

    /// Whether there is something to send that is not on its way.
    #[must_use]
    pub fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// The commit on its way.
    #[must_use]
    pub fn in_flight(&self) -> Option<&Batch> {
        self.in_flight.as_ref()
    }

    /// Everything, oldest first; what is on its way comes first.
    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        let mut pending: Vec<_> = self.pending.values().collect();
        pending.sort_by_key(|pending| pending.place);
        let flying = self.in_flight.iter().flat_map(|batch| &batch.changes);
        flying.chain(pending.into_iter().map(|pending| &pending.change))
    }

    /// The latest change of one thing.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<&Change> {
        let flying = || {
            let batch = self.in_flight.as_ref()?;
            batch.changes.iter().find(|change| key_of(change) == *key)
        };
        self.pending
            .get(key)
            .map(|pending| &pending.change)
            .or_else(flying)
    }

    /// Puts the next commit on its way: as much as fits, files and the scene before the elements that need them.
    /// None where one is on its way already, or nothing is left to send.
    pub fn send(&mut self) -> Option<&Batch> {
        if self.in_flight.is_some() || self.pending.is_empty() {
            return None;
        }
        let mut order: Vec<_> = self
            .pending
            .iter()
            .map(|(key, pending)| (matches!(key, Key::Element(_)), pending.place, key.clone()))
            .collect();
        order.sort_unstable();
        let (mut entries, mut size) = (Vec::new(), ENVELOPE);
        for (_, _, key) in order {
            let Some(pending) = self.pending.get(&key) else {
                continue;
            };
            size += bytes(&pending.change);
            if size > COMMIT_BYTES && !entries.is_empty() {
                break;
            }
            if let Some(entry) = self.pending.remove_entry(&key) {
                entries.push(entry);
            }
        }
        let batch = Batch {
            commit_id: CommitId::random(),
            changes: entries
                .iter()
                .map(|(_, pending)| pending.change.clone())
                .collect(),
            entries,
        };
        Some(self.in_flight.insert(batch))
    }

    /// How many commits it takes.
    #[must_use]
    pub fn batches(mut self) -> usize {
        let mut batches = 0;
        while self.send().is_some() {
            self.in_flight = None;
            batches += 1;
        }
        batches
    }

    /// The commit on its way arrived. What was changed again meanwhile is now built on what it made.
    pub fn acknowledged(&mut self, versions: &HashMap<Key, i64>) -> Option<Batch> {
        let batch = self.in_flight.take()?;
        for (key, _) in &batch.entries {
            if let (Some(pending), Some(version)) = (self.pending.get_mut(key), versions.get(key)) {
                set_base(&mut pending.change, *version);
            }
        }
        Some(batch)
    }

    /// The commit on its way did not arrive, and is not to be tried as it is: its changes wait again.
    pub fn returned(&mut self) {
        let Some(batch) = self.in_flight.take() else {
            return;
        };
        for (key, flown) in batch.entries {
            match self.pending.get_mut(&key) {
                Some(newer) => {
                    set_base(&mut newer.change, base_version(&flown.change));
                    newer.place = flown.place;
                }
                None => _ = self.pending.insert(key.clone(), flown),
            }
            self.drop_stillborn(&key);
        }
    }

    /// A deleted thing is put again on the deletion's version (D04); the deletion of a deleted thing is done.
    pub fn rebase_on_deletion(&mut self, id: &str, version: i64) {
        let key = Key::Element(id.to_owned());
        match self.pending.get_mut(&key).map(|pending| &mut pending.change) {
            Some(Change::Delete { .. }) => _ = self.pending.remove(&key),
            Some(change) => set_base(change, version),
            None => {}
        }
    }

    /// The number below which every edit is acknowledged, given the last number that was given out.
    #[must_use]
    pub fn acknowledged_through(&self, last: u64) -> u64 {
        let flying = self.in_flight.iter().flat_map(|batch| &batch.entries);
        let flying = flying.map(|(_, pending)| pending.edit);
        let oldest = self
            .pending
            .values()
            .map(|pending| pending.edit)
            .chain(flying)
            .min();
        oldest.map_or(last, |oldest| oldest.saturating_sub(1))
    }
}

impl Batch {
    /// The versions that an answer gives its things.
    #[must_use]
    pub fn versions(&self, answer: &CommitAnswer) -> HashMap<Key, i64> {
        let elements = answer
            .elements
            .iter()
            .map(|made| (Key::Element(made.id.clone()), made.version));
        let files = answer
            .files
            .iter()
            .map(|made| (Key::File(made.id.clone()), made.version));
        let scene = answer.scene_version.map(|version| (Key::Scene, version));
        elements.chain(files).chain(scene).collect()
    }
}
