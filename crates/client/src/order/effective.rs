//! Given and effective indices of a document's elements.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::key::{key_between, keys_between, validate};

/// The scene's field for what Holdfast itself has to remember of a file.
pub const FIELD: &str = "holdfast";

/// For each element whose stored index does not sort it to its place: the given index, and the effective one.
///
/// An entry counts only while the element still has the given index: one that was moved since has an index of its own
/// that is right.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Effective(HashMap<String, (Option<String>, String)>);

impl Effective {
    /// For elements in drawing order, with the index each was given. Nothing to remember where these sort by themselves.
    #[must_use]
    pub fn of_file(elements: &[(&str, Option<&str>)]) -> Self {
        let given: Vec<_> = elements.iter().map(|(_, index)| *index).collect();
        if ascends(&given) {
            return Self::default();
        }
        let keys = keys_between(None, None, elements.len()).unwrap_or_default();
        let entries = elements.iter().zip(keys);
        let differing = entries.filter(|((_, given), key)| *given != Some(key.as_str()));
        Self(
            differing
                .map(|((id, given), key)| ((*id).to_owned(), (given.map(str::to_owned), key)))
                .collect(),
        )
    }

    /// As a scene remembers it.
    #[must_use]
    pub fn of_scene(scene: &Map<String, Value>) -> Self {
        let index = scene.get(FIELD).and_then(|ours| ours.get("index"));
        index
            .and_then(|index| serde_json::from_value(index.clone()).ok())
            .unwrap_or_default()
    }

    /// Whether there is nothing to remember.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The index by which a window sorts an element stored with `stored`.
    #[must_use]
    pub fn to_window<'a>(&'a self, id: &str, stored: Option<&'a str>) -> Option<&'a str> {
        match self.0.get(id) {
            Some((given, effective)) if given.as_deref() == stored => Some(effective),
            _ => stored,
        }
    }

    /// The index to store for an element that a window shows at `shown`.
    #[must_use]
    pub fn to_store<'a>(&'a self, id: &str, shown: Option<&'a str>) -> Option<&'a str> {
        match self.0.get(id) {
            Some((given, effective)) if Some(effective.as_str()) == shown => given.as_deref(),
            _ => shown,
        }
    }

    /// Whether storing `index` would be read as the file's own one and not as the place that the window means.
    #[must_use]
    pub fn is_ambiguous(&self, id: &str, index: Option<&str>) -> bool {
        self.0
            .get(id)
            .is_some_and(|(given, effective)| given.as_deref() == index && Some(effective.as_str()) != index)
    }

    /// Gives every element of a list in drawing order an index that ascends, and remembers those that had none or a bad
    /// one. What ascends already stays.
    pub fn repair<'a>(&mut self, elements: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) {
        let mut last: Option<String> = None;
        for (id, stored) in elements {
            let shown = self.to_window(id, stored);
            let good = shown
                .filter(|shown| validate(shown).is_ok() && last.as_deref().is_none_or(|last| last < *shown));
            let index = match good {
                Some(index) => index.to_owned(),
                None => {
                    let next = key_between(last.as_deref(), None).unwrap_or_default();
                    let entry = (stored.map(str::to_owned), next.clone());
                    self.0.insert(id.to_owned(), entry);
                    next
                }
            };
            last = Some(index);
        }
    }
}

/// Whether all are keys and each sorts after the one before.
fn ascends(indices: &[Option<&str>]) -> bool {
    indices
        .iter()
        .all(|index| index.is_some_and(|index| validate(index).is_ok()))
        && indices.is_sorted_by(|a, b| a < b)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn d08_indices_that_sort_by_themselves_need_no_memory() {
        let elements = [("x", Some("a0")), ("y", Some("a1")), ("z", Some("a2"))];
        assert!(Effective::of_file(&elements).is_empty());
    }

    #[test]
    fn d08_an_index_comes_back_as_it_was_given_until_the_element_is_moved() {
        let elements = [("x", Some("a5")), ("y", Some("a1")), ("z", None)];
        let effective = Effective::of_file(&elements);
        let shown = effective.to_window("y", Some("a1")).unwrap();
        assert_eq!(effective.to_store("y", Some(shown)), Some("a1"));
        assert_eq!(effective.to_store("z", effective.to_window("z", None)), None);
        assert_eq!(effective.to_store("y", Some("a9")), Some("a9"));
        assert_eq!(effective.to_window("y", Some("a9")), Some("a9"));
    }

    fn index() -> impl Strategy<Value = Option<String>> {
        prop_oneof![
            Just(None),
            (0_u8..62).prop_map(|n| key_between(
                Some(&format!(
                    "a{}",
                    char::from(
                        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[usize::from(n)]
                    )
                )),
                None
            )
            .ok()),
            "[a-c]{0,3}".prop_map(Some)
        ]
    }

    proptest! {
        #[test]
        fn d08_any_file_is_shown_in_its_order_and_stored_to_the_letter(given in prop::collection::vec(index(), 0..40)) {
            let ids: Vec<_> = (0..given.len()).map(|n| format!("e{n}")).collect();
            let elements: Vec<_> = ids.iter().map(String::as_str).zip(given.iter().map(Option::as_deref)).collect();
            let effective = Effective::of_file(&elements);
            let shown: Vec<_> = elements.iter().map(|(id, given)| effective.to_window(id, *given).map(str::to_owned)).collect();
            prop_assert!(shown.iter().all(Option::is_some));
            prop_assert!(shown.is_sorted_by(|a, b| a < b));
            for ((id, given), shown) in elements.iter().zip(&shown) {
                prop_assert_eq!(effective.to_store(id, shown.as_deref()), *given);
            }
        }

        #[test]
        fn a_repaired_list_ascends(given in prop::collection::vec(index(), 0..40)) {
            let ids: Vec<_> = (0..given.len()).map(|n| format!("e{n}")).collect();
            let elements: Vec<_> = ids.iter().map(String::as_str).zip(given.iter().map(Option::as_deref)).collect();
            let mut effective = Effective::default();
            effective.repair(elements.iter().copied());
            let shown: Vec<_> = elements.iter().map(|(id, given)| effective.to_window(id, *given)).collect();
            prop_assert!(shown.iter().all(Option::is_some) && shown.is_sorted_by(|a, b| a < b));
        }
    }
}
