//! When two pieces of JSON say the same.

use holdfast_protocol::Json;
use serde_json::{Map, Value};

/// Fields of an element that change with each save, whatever was drawn.
const COUNTERS: [&str; 3] = ["version", "versionNonce", "updated"];

/// Whether two states of an element look and behave the same: all fields are equal but those that only count saves.
#[must_use]
pub fn same(a: &Json, b: &Json) -> bool {
    if a.get() == b.get() {
        return true;
    }
    match (object(a), object(b)) {
        (Some(a), Some(b)) => holds(&a, &b) && holds(&b, &a),
        _ => false,
    }
}

/// Whether each field of `a` that means anything is in `b` with an equal value.
fn holds(a: &Map<String, Value>, b: &Map<String, Value>) -> bool {
    a.iter()
        .filter(|(name, _)| !COUNTERS.contains(&name.as_str()))
        .all(|(name, value)| b.get(name).is_some_and(|other| equal(value, other)))
}

/// Whether two values are equal; 1 and 1.0 are one number, as no window can tell them apart.
pub(super) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            let in_b =
                |(name, value): (&String, &Value)| b.get(name).is_some_and(|other| equal(value, other));
            a.len() == b.len() && a.iter().all(in_b)
        }
        _ => a == b,
    }
}

pub(super) fn object(json: &Json) -> Option<Map<String, Value>> {
    serde_json::from_str(json.get()).ok()
}
