//! The changes of a commit, looked at for shape: all that can be said without the document.

use std::{borrow::Cow, collections::HashSet};

use holdfast_protocol::{
    Json,
    document::Change,
    limits::{COMMIT_BYTES, ELEMENT_BYTES, ELEMENT_ID_BYTES, INTEGER_BELOW},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::store::StoreError;

/// What kind of entry a document has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::store::sql) enum Kind {
    Element,
    File,
    Scene,
}

impl Kind {
    pub(in crate::store::sql) const ALL: [Self; 3] = [Self::Element, Self::File, Self::Scene];

    /// The kind that an operation of the history's line is about.
    pub(in crate::store::sql) fn of(op: &str) -> Option<Self> {
        match op {
            "put" | "delete" => Some(Self::Element),
            "file" => Some(Self::File),
            "scene" => Some(Self::Scene),
            _ => None,
        }
    }

    /// As it is stored.
    pub(in crate::store::sql) const fn name(self) -> &'static str {
        match self {
            Self::Element => "element",
            Self::File => "file",
            Self::Scene => "scene",
        }
    }
}

/// One change to one entry.
#[derive(Debug, Clone)]
pub(in crate::store::sql) struct Edit {
    pub(super) kind: Kind,
    /// Empty for the scene.
    pub(super) id: String,
    pub(super) base_version: i64,
    /// None: it is deleted.
    pub(super) new: Option<NewState>,
}

/// What an entry is to be.
#[derive(Debug, Clone)]
pub(super) struct NewState {
    pub(super) data: Json,
    /// An element's own index, by which elements are ordered.
    pub(super) position: Option<String>,
    /// A file's bytes.
    pub(super) sha256: Option<String>,
}

impl Edit {
    /// As history and events name it.
    pub(super) const fn op(&self) -> &'static str {
        match (self.kind, &self.new) {
            (_, None) => "delete",
            (Kind::Element, _) => "put",
            (Kind::File, _) => "file",
            (Kind::Scene, _) => "scene",
        }
    }

    /// As a conflict names it.
    pub(super) fn public_id(&self) -> String {
        match self.kind {
            Kind::Element => self.id.clone(),
            Kind::File => format!("file:{}", self.id),
            Kind::Scene => "scene".to_owned(),
        }
    }

    /// Its id, where it has one.
    pub(super) fn own_id(&self) -> Option<String> {
        (self.kind != Kind::Scene).then(|| self.id.clone())
    }
}

/// `Invalid`, naming a field of the change at this place of the request.
pub(super) fn invalid(index: usize, field: &str, detail: impl Into<String>) -> StoreError {
    StoreError::Invalid {
        field: format!("changes[{index}].{field}"),
        detail: detail.into(),
    }
}

/// Numbers that every reader of JSON keeps exactly.
pub(super) fn in_bounds(field: &str, number: i64) -> Result<(), StoreError> {
    if (0..INTEGER_BELOW).contains(&number) {
        return Ok(());
    }
    Err(StoreError::Invalid {
        field: field.to_owned(),
        detail: "is not a whole number from 0 to 2^53 - 1".into(),
    })
}

/// The edits of a commit, in the order of its changes.
pub(super) fn edits(changes: Vec<Change>) -> Result<Vec<Edit>, StoreError> {
    if changes.is_empty() {
        return Err(StoreError::Invalid {
            field: "changes".into(),
            detail: "is empty".into(),
        });
    }
    let mut named = HashSet::with_capacity(changes.len());
    let mut bytes = 0;
    let mut edits = Vec::with_capacity(changes.len());
    for (index, change) in changes.into_iter().enumerate() {
        let edit = edit(index, change)?;
        in_bounds(&format!("changes[{index}].base_version"), edit.base_version)?;
        if !named.insert((edit.kind, edit.id.clone())) {
            return Err(invalid(index, "id", "is named twice"));
        }
        bytes += size(&edit)?;
        if bytes > COMMIT_BYTES {
            return Err(StoreError::TooLarge(format!(
                "a commit is over {COMMIT_BYTES} bytes"
            )));
        }
        edits.push(edit);
    }
    Ok(edits)
}

fn size(edit: &Edit) -> Result<usize, StoreError> {
    let bytes = edit.new.as_ref().map_or(0, |new| new.data.get().len());
    if edit.kind != Kind::Scene && bytes > ELEMENT_BYTES {
        let id = edit.public_id();
        return Err(StoreError::TooLarge(format!(
            "{id} is over {ELEMENT_BYTES} bytes"
        )));
    }
    Ok(bytes)
}

fn edit(index: usize, change: Change) -> Result<Edit, StoreError> {
    match change {
        Change::Put {
            id,
            base_version,
            data,
        } => {
            let position = position_of(index, &id, &data)?;
            let new = NewState {
                data,
                position,
                sha256: None,
            };
            with_id(index, Kind::Element, id, base_version, Some(new))
        }
        Change::Delete { base_version: 0, .. } => Err(invalid(
            index,
            "base_version",
            "is 0: what was never there can't be deleted",
        )),
        Change::Delete { id, base_version } => with_id(index, Kind::Element, id, base_version, None),
        Change::Scene { base_version, data } => {
            must_be_object(index, &data)?;
            let new = NewState {
                data,
                position: None,
                sha256: None,
            };
            Ok(Edit {
                kind: Kind::Scene,
                id: String::new(),
                base_version,
                new: Some(new),
            })
        }
        Change::File {
            id,
            base_version,
            sha256,
            data,
        } => {
            must_be_object(index, &data)?;
            if !is_sha256(&sha256) {
                return Err(invalid(
                    index,
                    "sha256",
                    "is not 64 lower-case hexadecimal digits",
                ));
            }
            let new = NewState {
                data,
                position: None,
                sha256: Some(sha256),
            };
            with_id(index, Kind::File, id, base_version, Some(new))
        }
    }
}

fn with_id(
    index: usize,
    kind: Kind,
    id: String,
    base_version: i64,
    new: Option<NewState>,
) -> Result<Edit, StoreError> {
    if id.is_empty() || id.len() > ELEMENT_ID_BYTES || id.chars().any(char::is_control) {
        return Err(invalid(
            index,
            "id",
            "is not 1 to 256 bytes without control characters",
        ));
    }
    Ok(Edit {
        kind,
        id,
        base_version,
        new,
    })
}

/// The two fields of an element that Holdfast looks at.
#[derive(Deserialize)]
struct Looked<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    index: Option<&'a RawValue>,
}

/// An element's own index; an index that is no text is none.
fn position_of(index: usize, id: &str, data: &Json) -> Result<Option<String>, StoreError> {
    must_be_object(index, data)?;
    let looked: Looked<'_> = serde_json::from_str(data.get())
        .map_err(|error| invalid(index, "data", format!("is not an element: {error}")))?;
    if looked.id != id {
        return Err(invalid(index, "data.id", "is not the id of the change"));
    }
    Ok(looked.index.and_then(|raw| serde_json::from_str(raw.get()).ok()))
}

fn must_be_object(index: usize, data: &Json) -> Result<(), StoreError> {
    if data.get().trim_start().starts_with('{') {
        Ok(())
    } else {
        Err(invalid(index, "data", "is not an object"))
    }
}

/// Lower-case hexadecimal SHA-256.
pub(in crate::store::sql) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(id: &str, data: &str) -> Change {
        Change::Put {
            id: id.into(),
            base_version: 0,
            data: RawValue::from_string(data.into()).unwrap(),
        }
    }

    fn refused(changes: Vec<Change>) -> String {
        match edits(changes) {
            Err(StoreError::Invalid { field, .. }) => field,
            other => panic!("accepted, or refused otherwise: {other:?}"),
        }
    }

    #[test]
    fn d05_a_malformed_change_is_refused_by_its_field() {
        assert_eq!(refused(vec![]), "changes");
        assert_eq!(refused(vec![put("a", r#"{"id":"b"}"#)]), "changes[0].data.id");
        assert_eq!(refused(vec![put("a", r#"{"id":1}"#)]), "changes[0].data");
        assert_eq!(refused(vec![put("a", "[]")]), "changes[0].data");
        assert_eq!(refused(vec![put("a", r#"["a"]"#)]), "changes[0].data");
        assert_eq!(refused(vec![put("", r#"{"id":""}"#)]), "changes[0].id");
        let twice = vec![put("a", r#"{"id":"a"}"#), put("a", r#"{"id":"a"}"#)];
        assert_eq!(refused(twice), "changes[1].id");
        let nothing = Change::Delete {
            id: "a".into(),
            base_version: 0,
        };
        assert_eq!(refused(vec![nothing]), "changes[0].base_version");
        let future = Change::Delete {
            id: "a".into(),
            base_version: INTEGER_BELOW,
        };
        assert_eq!(refused(vec![future]), "changes[0].base_version");
    }

    #[test]
    fn d08_the_index_orders_elements_only_where_it_is_text() {
        let position = |data: &str| {
            let mut edits = edits(vec![put("a", data)]).unwrap();
            edits.remove(0).new.unwrap().position
        };
        assert_eq!(position(r#"{"id":"a","index":"a0V"}"#).as_deref(), Some("a0V"));
        assert_eq!(position(r#"{"id":"a","index":null}"#), None);
        assert_eq!(position(r#"{"id":"a","index":7}"#), None);
        assert_eq!(position(r#"{"id":"a"}"#), None);
    }

    #[test]
    fn a_file_and_an_element_may_have_the_same_id() {
        let file = Change::File {
            id: "a".into(),
            base_version: 0,
            sha256: "0".repeat(64),
            data: RawValue::from_string("{}".into()).unwrap(),
        };
        assert_eq!(edits(vec![put("a", r#"{"id":"a"}"#), file]).unwrap().len(), 2);
    }
}
