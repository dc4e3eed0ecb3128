//! What to change of theirs, so that the document becomes what was decided.

use std::collections::HashSet;

use holdfast_protocol::Json;

use super::{
    Comparison, Drawings, Piece, Side,
    compare::alike,
    same::{equal, object},
    scene::merged_scene,
};
use crate::{order, view::ChangeKind};

/// The user's word on each element that both sides changed.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    /// Elements to take from this device.
    pub mine: Vec<String>,
    /// Elements to take from the server.
    pub theirs: Vec<String>,
}

/// The choices are not one for each element that both sides changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotChosen {
    /// Nobody has chosen these yet, by their labels.
    #[error("choose for each element that both sides changed: {} still open ({})", .0.len(), shortened(.0))]
    Missing(Vec<String>),
    /// Chosen twice, by its id.
    #[error("the element {0:?} is chosen twice")]
    Twice(String),
    /// There is nothing to choose, by its id.
    #[error("the element {0:?} was not changed by both sides")]
    Unasked(String),
}

/// As many names as people read.
fn shortened(names: &[String]) -> String {
    const READ: usize = 5;
    let mut text = names.iter().take(READ).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > READ {
        text.push_str(", …");
    }
    text
}

/// An element to be put.
#[derive(Debug, Clone)]
pub struct Put {
    /// The element.
    pub piece: Piece,
    /// Whether its index is a new one: the one it had would sort it to the same place as another element.
    pub moved: bool,
}

/// What to change of theirs.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Elements created or replaced.
    pub puts: Vec<Put>,
    /// Elements deleted.
    pub deletes: Vec<String>,
    /// The scene, where it becomes another one.
    pub scene: Option<Json>,
    /// Files added or replaced: id, hash, what else is said of them.
    pub files: Vec<(String, String, Json)>,
}

impl Plan {
    /// Whether the document stays as it is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.puts.is_empty() && self.deletes.is_empty() && self.scene.is_none() && self.files.is_empty()
    }

    /// The document becomes what this device has: what others added goes, what they changed is as it is here.
    #[must_use]
    pub fn overwrite(drawings: &Drawings) -> Self {
        let comparison = Comparison::of(drawings);
        let all = comparison
            .differences
            .iter()
            .map(|difference| difference.element_id.as_str());
        let scene = drawings.mine.scene.clone().filter(|mine| {
            let theirs = drawings.theirs.scene.as_ref();
            !theirs.is_some_and(|theirs| same_scene(mine, theirs))
        });
        let Drawings { mine, theirs, .. } = drawings;
        let missing = |file: &&_| !theirs.files.iter().any(|other| same_file(other, file));
        Self {
            scene,
            files: mine.files.iter().filter(missing).cloned().collect(),
            ..Self::taking(drawings, &all.collect())
        }
    }

    /// What one side alone changed is taken; what both changed, as chosen.
    ///
    /// # Errors
    ///
    /// Where the choices are not exactly one for each element that both changed.
    pub fn merge(drawings: &Drawings, choices: &Choices) -> Result<Self, NotChosen> {
        let comparison = Comparison::of(drawings);
        let chosen = chosen(&comparison, choices)?;
        let taken = comparison.differences.iter().filter(|difference| {
            let id = difference.element_id.as_str();
            difference.mine != ChangeKind::Same
                && (difference.theirs == ChangeKind::Same || chosen.contains(id))
        });
        let taken = taken.map(|difference| difference.element_id.as_str()).collect();
        Ok(Self::taking(drawings, &taken))
    }

    /// These elements as this device has them; of scene and files, what this device changed.
    fn taking(drawings: &Drawings, taken: &HashSet<&str>) -> Self {
        let Drawings {
            base, mine, theirs, ..
        } = drawings;
        let (ours, others) = (mine.by_id(), theirs.by_id());
        let puts: Vec<_> = mine
            .pieces
            .iter()
            .filter(|piece| taken.contains(piece.id.as_str()))
            .cloned()
            .collect();
        let deletes = theirs.pieces.iter().map(|piece| &piece.id);
        let deletes = deletes.filter(|id| taken.contains(id.as_str()) && !ours.contains_key(id.as_str()));
        debug_assert!(
            puts.iter()
                .all(|piece| !alike(Some(piece), others.get(piece.id.as_str()).copied()))
        );
        let nothing = crate::document::to_json(&serde_json::Map::new());
        let scene = |side: &Side| side.scene.clone().unwrap_or_else(|| nothing.clone());
        let is_there = |file: &&(String, String, Json)| {
            let same = |side: &Side| side.files.iter().any(|other| same_file(other, file));
            !same(theirs) && !same(base)
        };
        Self {
            puts: placed(theirs, puts, taken),
            deletes: deletes.cloned().collect(),
            scene: merged_scene(&scene(base), &scene(mine), &scene(theirs)),
            files: mine.files.iter().filter(is_there).cloned().collect(),
        }
    }
}

fn same_scene(a: &Json, b: &Json) -> bool {
    let [a, b] = [a, b].map(|scene| serde_json::Value::Object(object(scene).unwrap_or_default()));
    equal(&a, &b)
}

fn same_file(a: &(String, String, Json), b: &(String, String, Json)) -> bool {
    a.0 == b.0 && a.1 == b.1 && same_scene(&a.2, &b.2)
}

/// The elements to take from this device, of those that both changed.
fn chosen<'a>(comparison: &Comparison, choices: &'a Choices) -> Result<HashSet<&'a str>, NotChosen> {
    let mut asked: std::collections::HashMap<_, _> = comparison
        .contested()
        .map(|difference| (difference.element_id.as_str(), &difference.label))
        .collect();
    let contested: HashSet<&str> = asked.keys().copied().collect();
    for id in choices.mine.iter().chain(&choices.theirs) {
        if asked.remove(id.as_str()).is_none() {
            let twice = contested.contains(id.as_str());
            let why = if twice {
                NotChosen::Twice
            } else {
                NotChosen::Unasked
            };
            return Err(why(id.clone()));
        }
    }
    if asked.is_empty() {
        return Ok(choices.mine.iter().map(String::as_str).collect());
    }
    let open = comparison
        .contested()
        .filter(|difference| asked.contains_key(difference.element_id.as_str()));
    Err(NotChosen::Missing(open.map(|each| each.label.clone()).collect()))
}

/// Gives each element that is put an index between its neighbours' in the result: two sides that drew on top of the same
/// element gave theirs the same index. What is there keeps its own.
fn placed(theirs: &Side, puts: Vec<Piece>, taken: &HashSet<&str>) -> Vec<Put> {
    let staying = theirs
        .pieces
        .iter()
        .filter(|piece| !taken.contains(piece.id.as_str()))
        .filter_map(|piece| piece.index.clone());
    let mut staying: Vec<_> = staying.filter(|index| order::validate(index).is_ok()).collect();
    staying.sort_unstable();
    let mut puts = puts;
    puts.sort_by_cached_key(|piece| (piece.index.is_none(), piece.index.clone(), piece.id.clone()));
    let mut last: Option<String> = None;
    puts.into_iter()
        .map(|mut piece| {
            let wished = piece.index.clone().filter(|index| order::validate(index).is_ok());
            let Some(wished) = wished else {
                // one that has no place of its own is shown behind all that have one
                return Put { piece, moved: false };
            };
            let ascends = last.as_ref().is_none_or(|last| *last < wished);
            if ascends && staying.binary_search(&wished).is_err() {
                last = Some(wished);
                return Put { piece, moved: false };
            }
            // behind what it collides with, before what follows that
            let low = last.take().map_or(wished.clone(), |last| last.max(wished));
            let above = staying.partition_point(|index| *index <= low);
            let index = order::key_between(Some(&low), staying.get(above).map(String::as_str)).ok();
            last.clone_from(&index);
            piece.index = index;
            Put { piece, moved: true }
        })
        .collect()
}
