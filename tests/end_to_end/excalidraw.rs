//! `.excalidraw` files as plain JSON.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A real canvas from `tests/samples`.
pub(crate) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/samples")
        .join(format!("{name}.excalidraw"))
}

/// Reads a file.
pub(crate) fn read(path: &Path) -> Value {
    let text = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The elements of a file.
pub(crate) fn elements(file: &Value) -> &[Value] {
    file["elements"].as_array().expect("a file has elements")
}

/// How many elements of a file are shown.
pub(crate) fn live(file: &Value) -> u64 {
    elements(file)
        .iter()
        .filter(|element| element["isDeleted"] != true)
        .count() as u64
}

/// Asserts that two files are equal, field by field; the first difference is named.
pub(crate) fn assert_equal(left: &Value, right: &Value) {
    if let Some(difference) = difference("", left, right) {
        panic!("{difference}");
    }
}

/// The path and the values of the first difference.
fn difference(path: &str, left: &Value, right: &Value) -> Option<String> {
    match (left, right) {
        (Value::Object(a), Value::Object(b)) => {
            let missing = a
                .keys()
                .find(|key| !b.contains_key(*key))
                .map(|key| format!("{path}/{key} is lost"));
            let added = || {
                b.keys()
                    .find(|key| !a.contains_key(*key))
                    .map(|key| format!("{path}/{key} is new"))
            };
            let changed = || {
                a.iter()
                    .find_map(|(key, value)| difference(&format!("{path}/{key}"), value, &b[key]))
            };
            missing.or_else(added).or_else(changed)
        }
        (Value::Array(a), Value::Array(b)) => {
            let sizes = (a.len() != b.len()).then(|| format!("{path}: {} items became {}", a.len(), b.len()));
            let changed = || {
                a.iter()
                    .zip(b)
                    .enumerate()
                    .find_map(|(i, (x, y))| difference(&format!("{path}/{i}"), x, y))
            };
            sizes.or_else(changed)
        }
        _ => (left != right).then(|| format!("{path}: {left} became {right}")),
    }
}

#[test]
fn the_first_difference_is_named() {
    let left = serde_json::json!({"a": [1, {"b": 2}], "c": null});
    assert_eq!(difference("", &left, &left), None);
    let right = serde_json::json!({"a": [1, {"b": 3}], "c": null});
    assert_eq!(difference("", &left, &right).unwrap(), "/a/1/b: 2 became 3");
    assert_eq!(
        difference("", &left, &serde_json::json!({"a": []})).unwrap(),
        "/c is lost"
    );
}
