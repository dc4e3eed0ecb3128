//! The other fields of a drawing's file, merged: by top-level field, and `appState` by its fields.
//!
//! Where both sides changed a field, mine is taken: a background or a grid is no work that could be lost, the history has
//! the other one, and a question about it would only stand between people and their drawing.

use holdfast_protocol::Json;
use serde_json::{Map, Value};

use super::same::{equal, object};

/// The field that is merged by its own fields.
const APP_STATE: &str = "appState";

/// What a merge makes of a scene; none where that is what they have.
#[must_use]
pub fn merged_scene(base: &Json, mine: &Json, theirs: &Json) -> Option<Json> {
    let [base, mine, theirs] = [base, mine, theirs].map(|scene| object(scene).unwrap_or_default());
    let merged = merged(&base, &mine, &theirs, true);
    let changed = !equal(&Value::Object(merged.clone()), &Value::Object(theirs));
    changed.then(|| crate::document::to_json(&merged))
}

/// The same fields of three objects, each taken from the side that changed it.
fn merged(
    base: &Map<String, Value>,
    mine: &Map<String, Value>,
    theirs: &Map<String, Value>,
    outer: bool,
) -> Map<String, Value> {
    let mut result = theirs.clone();
    let fields = base.keys().chain(mine.keys());
    for field in fields {
        let [before, ours, others] = [base, mine, theirs].map(|side| side.get(field));
        if is_equal(before, ours) {
            continue;
        }
        let by_field = (before, ours, others);
        match by_field {
            (before, Some(Value::Object(ours)), Some(Value::Object(others)))
                if outer && field == APP_STATE =>
            {
                let nothing = Map::new();
                let before = before.and_then(Value::as_object).unwrap_or(&nothing);
                let inner = merged(before, ours, others, false);
                result.insert(field.clone(), Value::Object(inner));
            }
            (_, Some(ours), _) => _ = result.insert(field.clone(), ours.clone()),
            (_, None, _) => _ = result.shift_remove(field),
        }
    }
    result
}

fn is_equal(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => equal(a, b),
        (a, b) => a.is_none() && b.is_none(),
    }
}
