//! What differs between three drawings.

use std::collections::{HashMap, HashSet};

use holdfast_protocol::Json;

use super::same::same;
use crate::{
    document::{Edits, RawObject, Shadow},
    view::{ChangeKind, DifferenceView},
};

/// So many letters of a text name its element.
const SNIPPET: usize = 28;

/// An element of a drawing.
#[derive(Debug, Clone)]
pub struct Piece {
    /// Which.
    pub id: String,
    /// As it is stored.
    pub data: Json,
    /// The index that sorts it to its place.
    pub index: Option<String>,
}

/// One of the drawings.
#[derive(Debug, Clone, Default)]
pub struct Side {
    /// In drawing order.
    pub pieces: Vec<Piece>,
    /// The file's other fields.
    pub scene: Option<Json>,
    /// Files: id, hash, what else is said of them.
    pub files: Vec<(String, String, Json)>,
}

impl Side {
    /// What a document has, with edits on top.
    #[must_use]
    pub fn of(shadow: &Shadow, edits: &Edits) -> Self {
        let pieces = shadow.placed(edits).into_iter();
        Self {
            pieces: pieces
                .map(|(id, data, index)| Piece { id, data, index })
                .collect(),
            scene: Some(shadow.scene(edits).clone()),
            files: shadow.files(edits),
        }
    }

    pub(super) fn by_id(&self) -> HashMap<&str, &Piece> {
        self.pieces
            .iter()
            .map(|piece| (piece.id.as_str(), piece))
            .collect()
    }
}

/// Three drawings.
#[derive(Debug, Clone, Default)]
pub struct Drawings {
    /// What both sides were made on.
    pub base: Side,
    /// This device's.
    pub mine: Side,
    /// The server's.
    pub theirs: Side,
    /// Elements that this device changed and of which nobody knows any more what they were: where the two sides differ,
    /// both are taken to have changed them, so that nobody's work goes without a question.
    pub unknown: HashSet<String>,
}

/// What differs.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// Every element that differs, in drawing order.
    pub differences: Vec<DifferenceView>,
}

impl Comparison {
    /// Compares three drawings.
    #[must_use]
    pub fn of(drawings: &Drawings) -> Self {
        let (base, mine, theirs) = (
            drawings.base.by_id(),
            drawings.mine.by_id(),
            drawings.theirs.by_id(),
        );
        let sides = [&drawings.mine, &drawings.theirs, &drawings.base];
        let mut seen = HashSet::new();
        let mut found: Vec<(&Piece, DifferenceView)> = Vec::new();
        for piece in sides.into_iter().flat_map(|side| &side.pieces) {
            let id = piece.id.as_str();
            if !seen.insert(id) {
                continue;
            }
            let (ours, others) = (mine.get(id).copied(), theirs.get(id).copied());
            if alike(ours, others) {
                continue;
            }
            let known = !drawings.unknown.contains(id);
            let before = base.get(id).copied();
            let became = |after: Option<&Piece>| became(known, before, after);
            let difference = DifferenceView {
                element_id: id.to_owned(),
                label: label(&piece.data),
                mine: became(ours),
                theirs: became(others),
            };
            found.push((piece, difference));
        }
        let place = |piece: &Piece| (piece.index.is_none(), piece.index.clone(), piece.id.clone());
        found.sort_by_cached_key(|(piece, _)| place(piece));
        Self {
            differences: found.into_iter().map(|(_, difference)| difference).collect(),
        }
    }

    /// How many elements this device changed.
    #[must_use]
    pub fn mine(&self) -> u32 {
        count(&self.differences, |difference| difference.mine)
    }

    /// How many elements others changed.
    #[must_use]
    pub fn theirs(&self) -> u32 {
        count(&self.differences, |difference| difference.theirs)
    }

    /// Elements that both sides changed: somebody has to choose.
    pub fn contested(&self) -> impl Iterator<Item = &DifferenceView> {
        let both = |difference: &&DifferenceView| {
            difference.mine != ChangeKind::Same && difference.theirs != ChangeKind::Same
        };
        self.differences.iter().filter(both)
    }
}

fn count(differences: &[DifferenceView], side: impl Fn(&DifferenceView) -> ChangeKind) -> u32 {
    let changed = differences
        .iter()
        .filter(|difference| side(difference) != ChangeKind::Same);
    u32::try_from(changed.count()).unwrap_or(u32::MAX)
}

/// Whether two states of an element are the same one.
pub(super) fn alike(a: Option<&Piece>, b: Option<&Piece>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same(&a.data, &b.data),
        (a, b) => a.is_none() && b.is_none(),
    }
}

/// What became of an element.
fn became(known: bool, before: Option<&Piece>, after: Option<&Piece>) -> ChangeKind {
    match (known, before, after) {
        (true, None, None) => ChangeKind::Same,
        (true, None, Some(_)) => ChangeKind::Added,
        (_, _, None) => ChangeKind::Deleted,
        (true, Some(_), Some(_)) if alike(before, after) => ChangeKind::Same,
        (_, _, Some(_)) => ChangeKind::Changed,
    }
}

/// The element's type, and the beginning of its text.
fn label(data: &Json) -> String {
    let data = RawObject::parse(data.get()).unwrap_or_default();
    let noun = noun(&data.text("type").unwrap_or_default());
    let text = data.text("text").or_else(|| data.text("name"));
    let words = text.unwrap_or_default();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() {
        return noun.to_owned();
    }
    if words.chars().count() <= SNIPPET {
        return format!("{noun} “{words}”");
    }
    let beginning: String = words.chars().take(SNIPPET).collect();
    format!("{noun} “{beginning}…”")
}

fn noun(kind: &str) -> &'static str {
    match kind {
        "rectangle" => "Rectangle",
        "diamond" => "Diamond",
        "ellipse" => "Ellipse",
        "arrow" => "Arrow",
        "line" => "Line",
        "freedraw" => "Stroke",
        "text" => "Text",
        "image" => "Image",
        "frame" | "magicframe" => "Frame",
        "embeddable" | "iframe" => "Embedded page",
        "selection" => "Selection",
        _ => "Element",
    }
}
