//! Edits and the server's state, without a server.

use std::collections::HashMap;

use holdfast_protocol::{
    Json, Timestamp, UserId,
    account::User,
    document::{Change, CommittedChange, Content, Element, Scene},
    limits::COMMIT_BYTES,
};

use super::{Applied, Edits, Key, Shadow, base_version, to_json};

fn json(text: &str) -> Json {
    serde_json::value::RawValue::from_string(text.to_owned()).unwrap()
}

fn put(id: &str, base_version: i64, x: &str) -> Change {
    let data = json(&format!(r#"{{"id":"{id}","x":{x}}}"#));
    Change::Put {
        id: id.into(),
        base_version,
        data,
    }
}

fn delete(id: &str, base_version: i64) -> Change {
    Change::Delete {
        id: id.into(),
        base_version,
    }
}

fn element(id: &str) -> Key {
    Key::Element(id.into())
}

fn content(elements: &[(&str, &str)], scene: &str) -> Content {
    let user = User {
        id: UserId::random(),
        name: "Ada".into(),
    };
    Content {
        version: 5,
        scene: Scene {
            version: 1,
            data: json(scene),
        },
        elements: elements
            .iter()
            .map(|(id, data)| Element {
                id: (*id).into(),
                version: 3,
                updated_at: Timestamp(0),
                updated_by: user.clone(),
                data: json(data),
            })
            .collect(),
        files: Vec::new(),
    }
}

#[test]
fn edits_of_one_element_merge_on_the_version_first_changed() {
    let mut edits = Edits::default();
    edits.add(put("a", 3, "1"), 1);
    edits.add(put("a", 9, "2"), 2);
    let batch = edits.send().unwrap();
    assert_eq!(batch.changes.len(), 1);
    assert_eq!(base_version(&batch.changes[0]), 3);
}

#[test]
fn d05_a_commit_keeps_its_id_and_what_is_drawn_meanwhile_builds_on_it() {
    let mut edits = Edits::default();
    edits.add(put("a", 0, "1"), 1);
    let id = edits.send().unwrap().commit_id;
    edits.add(put("a", 0, "2"), 2);
    assert!(edits.send().is_none(), "one commit at a time");
    assert_eq!(edits.in_flight().unwrap().commit_id, id);
    assert_eq!(edits.acknowledged_through(2), 0);
    edits.acknowledged(&HashMap::from([(element("a"), 1)]));
    assert_eq!(edits.acknowledged_through(2), 1);
    let next = edits.send().unwrap();
    assert_ne!(next.commit_id, id);
    assert_eq!(base_version(&next.changes[0]), 1);
}

#[test]
fn what_was_created_and_deleted_leaves_nothing_unless_it_is_on_its_way() {
    let mut edits = Edits::default();
    edits.add(put("a", 0, "1"), 1);
    edits.add(delete("a", 0), 2);
    assert!(edits.is_empty());

    edits.add(put("b", 0, "1"), 3);
    edits.send();
    edits.add(delete("b", 0), 4);
    edits.acknowledged(&HashMap::from([(element("b"), 1)]));
    let batch = edits.send().unwrap();
    assert!(matches!(
        batch.changes[..],
        [Change::Delete { base_version: 1, .. }]
    ));
}

#[test]
fn a_returned_commit_waits_again_under_what_is_newer() {
    let mut edits = Edits::default();
    edits.add(put("a", 3, "1"), 1);
    edits.add(put("b", 3, "1"), 1);
    edits.send();
    edits.add(put("a", 3, "2"), 2);
    edits.returned();
    assert_eq!(edits.count(), 2);
    let Some(Change::Put { data, .. }) = edits.get(&element("a")) else {
        panic!("a is gone");
    };
    assert!(data.get().contains(r#""x":2"#));
}

#[test]
fn a_commit_is_split_below_the_limit_and_keeps_the_order_of_drawing() {
    let mut edits = Edits::default();
    let large = format!(r#""{}""#, "x".repeat(900_000));
    for n in 0..20 {
        edits.add(put(&format!("e{n:02}"), 0, &large), n);
    }
    let mut seen = Vec::new();
    while let Some(batch) = edits.send() {
        let text = serde_json::to_string(&batch.changes).unwrap();
        assert!(text.len() < COMMIT_BYTES);
        seen.extend(batch.changes.iter().map(|change| match change {
            Change::Put { id, .. } => id.clone(),
            other => panic!("{other:?}"),
        }));
        edits.acknowledged(&HashMap::new());
    }
    assert_eq!(seen.len(), 20);
    assert!(seen.is_sorted());
}

#[test]
fn r02_others_commits_apply_once_and_in_order() {
    let mut shadow = Shadow::of_content(content(&[("a", r#"{"id":"a","index":"a0"}"#)], "{}"));
    let change = |version| CommittedChange {
        op: "put".into(),
        id: Some("a".into()),
        version,
        sha256: None,
        data: Some(json(r#"{"id":"a","index":"a0","x":1.50}"#)),
    };
    assert!(matches!(
        shadow.committed(5, holdfast_protocol::CommitId::random(), &[change(4)]),
        Applied::Known
    ));
    assert!(matches!(
        shadow.committed(7, holdfast_protocol::CommitId::random(), &[change(4)]),
        Applied::Gap
    ));
    let Applied::New(edit) = shadow.committed(6, holdfast_protocol::CommitId::random(), &[change(4)]) else {
        panic!("it is new");
    };
    assert_eq!(edit.puts[0].data.get(), r#"{"id":"a","index":"a0","x":1.50}"#);
    assert_eq!(shadow.version(), 6);
    assert_eq!(shadow.base_of(&element("a")), 4);
}

#[test]
fn d08_a_window_sees_drawing_order_and_the_stored_index_comes_back() {
    let scene =
        r#"{"type":"excalidraw","appState":{"a":1},"holdfast":{"index":{"x":["a5","a0"],"y":[null,"a1"]}}}"#;
    let stored = [
        ("x", r#"{"id":"x","index":"a5","n":1.0}"#),
        ("y", r#"{"id":"y"}"#),
    ];
    let shadow = Shadow::of_content(content(&stored, scene));
    let edits = Edits::default();
    let content = shadow.content(&edits);
    let shown: Vec<_> = content
        .elements
        .iter()
        .map(|element| element.data.get())
        .collect();
    assert_eq!(
        shown,
        [r#"{"id":"x","index":"a0","n":1.0}"#, r#"{"id":"y","index":"a1"}"#]
    );
    assert_eq!(content.app_state.get(), r#"{"a":1}"#);
    for (element, (id, data)) in content.elements.iter().zip(stored) {
        assert_eq!(shadow.stored(id, &element.data).get(), data);
    }
    let moved = to_json(&serde_json::json!({"id": "x", "index": "a2"}));
    assert_eq!(shadow.stored("x", &moved).get(), moved.get());
}

#[test]
fn elements_without_an_index_come_after_the_others_in_order_of_creation() {
    let shadow = Shadow::of_content(content(
        &[
            ("m", r#"{"id":"m","index":"a3"}"#),
            ("z", r#"{"id":"z"}"#),
            ("b", r#"{"id":"b"}"#),
        ],
        "{}",
    ));
    let mut edits = Edits::default();
    edits.add(delete("m", 3), 1);
    edits.add(put("a", 0, "1"), 2);
    let ids: Vec<_> = shadow.elements(&edits).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["z", "b", "a"]);
}
