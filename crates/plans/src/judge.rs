//! What must hold once all is healed, and nothing else is looked at: a pure function of what was seen.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde_json::Value;

use crate::{
    observer::Log,
    record::{History, Record},
    strokes::{Fate, Mark, Stroke},
};

/// What does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Violation {
    /// An edit that was accepted is in no document, no history, no draft.
    Lost(String),
    /// An edit that was refused is somewhere.
    Unwanted(String),
    /// An edit is there twice.
    Twice(String),
    /// A draft is offered of what is in the history.
    Phantom(String),
    /// Versions of a document or an element have a gap or go back.
    Gap(String),
    /// Somebody wrote who did not hold the lock, or two held it.
    TwoWriters(String),
    /// A fence did not rise.
    Fence(String),
    /// A window shows something else than the server has.
    Disagreement(String),
    /// Something does not come to rest.
    Unsettled(String),
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, detail) = match self {
            Self::Lost(detail) => ("lost", detail),
            Self::Unwanted(detail) => ("refused and there all the same", detail),
            Self::Twice(detail) => ("twice", detail),
            Self::Phantom(detail) => ("a draft of what is saved", detail),
            Self::Gap(detail) => ("a gap", detail),
            Self::TwoWriters(detail) => ("two writers", detail),
            Self::Fence(detail) => ("a fence", detail),
            Self::Disagreement(detail) => ("a window disagrees", detail),
            Self::Unsettled(detail) => ("not at rest", detail),
        };
        write!(f, "{what}: {detail}")
    }
}

/// Judges.
#[must_use]
pub fn judge(record: &Record) -> Vec<Violation> {
    let mut found = Vec::new();
    let seen = Seen::of(record);
    for stroke in &record.strokes {
        found.extend(seen.stroke(record, stroke));
    }
    for history in &record.histories {
        found.extend(gaps(history));
        found.extend(doubles(history, record.overwritten.contains(&history.document)));
    }
    found.extend(phantoms(record));
    for log in &record.logs {
        found.extend(writers(log));
    }
    let told = record.disagreements.iter();
    found.extend(told.map(|told| Violation::Disagreement(format!("{}: {}", told.window, told.detail))));
    found.extend(record.unsettled.iter().cloned().map(Violation::Unsettled));
    found
}

/// Every token and every deletion, wherever it is.
struct Seen<'a> {
    tokens: BTreeSet<&'a str>,
    /// Elements that ever were in a document: document and id.
    born: BTreeSet<(&'a str, &'a str)>,
    /// Elements that a version, or a draft, has deleted.
    erased: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> Seen<'a> {
    fn of(record: &'a Record) -> Self {
        let mut seen = Self {
            tokens: BTreeSet::new(),
            born: BTreeSet::new(),
            erased: BTreeSet::new(),
        };
        for history in &record.histories {
            let document = history.document.as_str();
            let mut before: BTreeSet<&str> = BTreeSet::new();
            for version in &history.versions {
                seen.tokens.extend(version.drawing.tokens().map(String::as_str));
                let now: BTreeSet<&str> = version.drawing.elements.keys().map(String::as_str).collect();
                seen.born.extend(now.iter().map(|id| (document, *id)));
                seen.erased
                    .extend(before.difference(&now).map(|id| (document, *id)));
                before = now;
            }
        }
        for draft in &record.drafts {
            seen.tokens.extend(draft.drawing.tokens().map(String::as_str));
            let erased = draft.erased.iter();
            seen.erased
                .extend(erased.map(|id| (draft.document.as_str(), id.as_str())));
        }
        seen
    }

    fn stroke(&self, record: &Record, stroke: &Stroke) -> Option<Violation> {
        let token = stroke.token.as_str();
        let there = match &stroke.mark {
            Mark::Erased(id) => self.erased.contains(&(stroke.document.as_str(), id.as_str())),
            _ => self.tokens.contains(token),
        };
        let told = || {
            format!(
                "{token} ({:?} by app {}, {:?})",
                stroke.mark, stroke.app, stroke.fate
            )
        };
        match stroke.fate {
            Fate::Accepted | Fate::InMemory => {
                let excused = there || record.waived.contains(token) || self.is_undone(record, stroke);
                (!excused).then(|| Violation::Lost(told()))
            }
            // a deletion may be somebody else's
            Fate::Refused if !matches!(stroke.mark, Mark::Erased(_)) => {
                there.then(|| Violation::Unwanted(told()))
            }
            Fate::Refused | Fate::Unknown => None,
        }
    }

    /// What the same person took back before it was sent: an element drawn and erased again, or erased and never saved.
    fn is_undone(&self, record: &Record, stroke: &Stroke) -> bool {
        let (Mark::Element(id) | Mark::Erased(id)) = &stroke.mark else {
            return false;
        };
        let erased = matches!(stroke.mark, Mark::Erased(_));
        let later = record
            .strokes
            .iter()
            .skip_while(|other| other.token != stroke.token);
        let own = later
            .filter(|other| other.app == stroke.app && other.document == stroke.document)
            .filter(|other| other.fate != Fate::Refused);
        let mut after = own.skip(1);
        if erased {
            let unborn = !self.born.contains(&(stroke.document.as_str(), id.as_str()));
            return unborn || after.any(|other| other.mark == Mark::Element(id.clone()));
        }
        after.any(|other| other.mark == Mark::Erased(id.clone()))
    }
}

/// Each version is one more than the one before, of documents and of their elements.
fn gaps(history: &History) -> Vec<Violation> {
    let document = &history.document;
    let numbers: Vec<_> = history.versions.iter().map(|version| version.number).collect();
    let expected: Vec<_> = (1..=history.current).collect();
    let mut found = Vec::new();
    if numbers != expected {
        found.push(Violation::Gap(format!(
            "{document} at {} lists {numbers:?}",
            history.current
        )));
    }
    let mut latest: BTreeMap<&str, i64> = BTreeMap::new();
    for version in &history.versions {
        for (id, now) in &version.versions {
            let before = latest.insert(id, *now).unwrap_or(0);
            // a deletion takes a number of its own, and is not listed
            if !(before..=before + 2).contains(now) {
                found.push(Violation::Gap(format!(
                    "{document}: element {id} went from {before} to {now} in version {}",
                    version.number
                )));
            }
        }
    }
    found
}

/// An edit is in one element only, and becomes an element's newest only once, where nothing was overwritten.
fn doubles(history: &History, overwritten: bool) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut place: BTreeMap<&str, &str> = BTreeMap::new();
    let mut newest: BTreeMap<&str, &str> = BTreeMap::new();
    let mut been: BTreeSet<&str> = BTreeSet::new();
    for version in &history.versions {
        for (id, trail) in &version.drawing.elements {
            for token in trail {
                let first = *place.entry(token).or_insert(id);
                if first != id {
                    found.push(Violation::Twice(format!("{token} is in {first} and in {id}")));
                }
            }
            let Some(last) = trail.last() else { continue };
            if newest.insert(id, last) != Some(last) && !been.insert(last) && !overwritten {
                let number = version.number;
                found.push(Violation::Twice(format!(
                    "{last} became {id} again in version {number}"
                )));
            }
        }
    }
    found
}

/// A draft's own newest edit of each thing is not in the history already.
fn phantoms(record: &Record) -> Vec<Violation> {
    let mut found = Vec::new();
    for draft in &record.drafts {
        let Some(history) = record
            .histories
            .iter()
            .find(|history| history.document == draft.document)
        else {
            continue;
        };
        let versions = history.versions.iter();
        let saved: BTreeSet<_> = versions.flat_map(|version| version.drawing.tokens()).collect();
        let drawing = &draft.drawing;
        let newest = drawing.elements.values().filter_map(|trail| trail.last());
        let all: Vec<_> = newest.chain(drawing.scene.last()).chain(&drawing.files).collect();
        if draft.erased.is_empty() && !all.is_empty() && all.iter().all(|token| saved.contains(token)) {
            found.push(Violation::Phantom(format!("app {} keeps {all:?}", draft.app)));
        }
    }
    found
}

/// Commits come from who holds the lock, as the room tells it; fences rise.
fn writers(log: &Log) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut rooms: BTreeMap<&str, (Option<&str>, i64)> = BTreeMap::new();
    for frame in log {
        let room = frame["room"].as_str().unwrap_or_default();
        if frame["type"] == "resync" {
            // what was missed can't be judged
            return found;
        }
        if frame["type"] == "subscribed" {
            let mut locks = frame["snapshot"]["locks"].as_array().into_iter().flatten();
            let lock = locks.rfind(|lock| lock["resource"]["kind"] == "document");
            let holder = lock.and_then(|lock| lock["session_id"].as_str());
            let fence = lock.and_then(|lock| lock["fence"].as_i64()).unwrap_or(0);
            rooms.insert(room, (holder, fence));
        }
        if frame["type"] == "event"
            && let Some(state) = rooms.get_mut(room)
        {
            found.extend(event(state, &frame["event"]).map(|what| match what {
                Violation::Fence(detail) => Violation::Fence(format!("{room}: {detail}")),
                Violation::TwoWriters(detail) => Violation::TwoWriters(format!("{room}: {detail}")),
                other => other,
            }));
        }
    }
    found
}

fn event<'a>(state: &mut (Option<&'a str>, i64), event: &'a Value) -> Option<Violation> {
    let (holder, fence) = *state;
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    match event["type"].as_str().unwrap_or_default() {
        kind @ ("document_locked" | "document_force_taken") => {
            let next = event["lock"]["fence"].as_i64().unwrap_or(0);
            let taker = text("/lock/session_id");
            *state = (taker, next);
            if next <= fence && holder != taker {
                return Some(Violation::Fence(format!("{next} after {fence}")));
            }
            let two = holder.is_some() && holder != taker && kind == "document_locked";
            two.then(|| Violation::TwoWriters(format!("{taker:?} got the lock that {holder:?} has")))
        }
        "document_unlocked" => {
            state.0 = None;
            None
        }
        "document_committed" => {
            let by = text("/by/session_id");
            (by != holder).then(|| {
                let version = &event["version"];
                Violation::TwoWriters(format!("version {version} is {by:?}'s; {holder:?} has the lock"))
            })
        }
        _ => None,
    }
}
