//! A person's word on a conflict, and what they let go of by it.

use std::collections::BTreeSet;

use holdfast_client::{
    Canvas,
    view::{ChangeKind, ConflictContent, ConflictView, Resolution},
};
use serde_json::Value;

use crate::{
    step::Choice,
    strokes::{Ledger, Mark, Stroke, trail},
};

/// Settles the conflict that a canvas shows, where it shows one.
pub async fn resolve(canvas: Canvas, choice: Choice, app: usize, ledger: Ledger) {
    let conflict = canvas.state().borrow().conflict.clone();
    let (Some(conflict), Ok(content)) = (conflict, canvas.conflict_content().await) else {
        return;
    };
    let document = canvas.document().to_string();
    let resolution = match choice {
        Choice::Reload => Resolution::Reload,
        Choice::Overwrite => {
            ledger.drawn().overwritten.insert(document.clone());
            Resolution::Overwrite
        }
        Choice::Copy => {
            // what is deleted here was never in the copy
            ledger.waive(|stroke| erased_by(stroke, app, &document));
            Resolution::Copy
        }
        Choice::Cancel => Resolution::Cancel,
        Choice::Merge(bits) => merge(&conflict, bits),
    };
    if let Resolution::Merge { theirs, .. } = &resolution {
        // let go of from now on: whether the answer comes or not, the merge may have been saved
        let tokens = own_tokens(&content, theirs);
        ledger.waive(|stroke| match &stroke.mark {
            Mark::Erased(id) => erased_by(stroke, app, &document) && theirs.contains(id),
            _ => tokens.contains(&stroke.token),
        });
    }
    if canvas
        .resolve(&conflict.id, conflict.revision, resolution)
        .await
        .is_ok()
    {
        ledger.drawn().settled += 1;
    }
}

/// Whether a stroke is a deletion of this app's in a document.
pub fn erased_by(stroke: &Stroke, app: usize, document: &str) -> bool {
    matches!(stroke.mark, Mark::Erased(_)) && stroke.app == app && stroke.document == document
}

/// Each thing that both sides changed, on one of the two lists.
fn merge(conflict: &ConflictView, bits: u64) -> Resolution {
    let (mut mine, mut theirs) = (Vec::new(), Vec::new());
    let both = conflict
        .differences
        .iter()
        .filter(|difference| difference.mine != ChangeKind::Same && difference.theirs != ChangeKind::Same);
    for (n, difference) in both.enumerate() {
        let list = if bits >> (n % 64) & 1 == 1 {
            &mut mine
        } else {
            &mut theirs
        };
        list.push(difference.element_id.clone());
    }
    Resolution::Merge { mine, theirs }
}

/// The tokens that only this device's version of some elements has.
fn own_tokens(content: &ConflictContent, elements: &[String]) -> BTreeSet<String> {
    let tokens = |side: &holdfast_client::view::CanvasContent| -> BTreeSet<String> {
        let chosen = side
            .elements
            .iter()
            .filter(|element| elements.contains(&element.id));
        let data = chosen.filter_map(|element| serde_json::from_str::<Value>(element.data.get()).ok());
        data.flat_map(|data| trail(&data)).collect()
    };
    tokens(&content.mine)
        .difference(&tokens(&content.theirs))
        .cloned()
        .collect()
}
