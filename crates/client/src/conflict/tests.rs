//! The invariants of comparison and merge, as properties of any three drawings.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use holdfast_protocol::Json;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Choices, Comparison, Drawings, NotChosen, Piece, Plan, Side, merged_scene, same};
use crate::{document::to_json, order, view::ChangeKind};

/// A drawing as the tests think of it: what each element looks like.
type Looks = BTreeMap<String, u8>;

fn piece(id: &str, look: u8, version: u32, index: &str) -> Piece {
    let data = json!({"id": id, "type": "rectangle", "x": look, "index": index, "version": version, "updated": version});
    Piece {
        id: id.to_owned(),
        data: to_json(&data),
        index: Some(index.to_owned()),
    }
}

/// Each element has a place of its own, the same on all sides; `version` is noise.
fn side(looks: &Looks, version: u32) -> Side {
    let mut pieces: Vec<_> = looks
        .iter()
        .map(|(id, look)| piece(id, *look, version, &format!("a{id}")))
        .collect();
    pieces.sort_by(|a, b| a.index.cmp(&b.index));
    Side {
        pieces,
        scene: Some(to_json(&json!({}))),
        files: Vec::new(),
    }
}

fn drawings(base: &Looks, mine: &Looks, theirs: &Looks) -> Drawings {
    Drawings {
        base: side(base, 1),
        mine: side(mine, 2),
        theirs: side(theirs, 3),
        ..Drawings::default()
    }
}

fn look(piece: &Piece) -> u8 {
    let data: Value = serde_json::from_str(piece.data.get()).unwrap();
    u8::try_from(data["x"].as_u64().unwrap()).unwrap()
}

/// What a plan makes of theirs.
fn made(drawings: &Drawings, plan: &Plan) -> Looks {
    let mut looks: Looks = drawings
        .theirs
        .pieces
        .iter()
        .map(|piece| (piece.id.clone(), look(piece)))
        .collect();
    for put in &plan.puts {
        looks.insert(put.piece.id.clone(), look(&put.piece));
    }
    for id in &plan.deletes {
        assert!(looks.remove(id).is_some(), "what is not there is not deleted");
    }
    looks
}

fn contested(drawings: &Drawings) -> Vec<String> {
    let comparison = Comparison::of(drawings);
    comparison
        .contested()
        .map(|each| each.element_id.clone())
        .collect()
}

fn all_mine(drawings: &Drawings) -> Choices {
    Choices {
        mine: contested(drawings),
        theirs: Vec::new(),
    }
}

fn looks() -> impl Strategy<Value = Looks> {
    prop::collection::btree_map("[1-9]", 0_u8..4, 0..9)
}

proptest! {
    #[test]
    fn x05_a_drawing_merged_with_itself_is_itself(base in looks(), mine in looks()) {
        let drawings = drawings(&base, &mine, &mine);
        prop_assert!(Comparison::of(&drawings).differences.is_empty(), "no phantom difference");
        prop_assert!(Plan::merge(&drawings, &Choices::default()).unwrap().is_empty());
        prop_assert!(Plan::overwrite(&drawings).is_empty());
    }

    #[test]
    fn x05_what_one_side_alone_did_is_what_comes_of_it(base in looks(), other in looks()) {
        let mine_alone = drawings(&base, &other, &base);
        prop_assert_eq!(made(&mine_alone, &Plan::merge(&mine_alone, &Choices::default()).unwrap()), other.clone());
        let theirs_alone = drawings(&base, &base, &other);
        prop_assert!(Plan::merge(&theirs_alone, &Choices::default()).unwrap().is_empty());
        prop_assert_eq!(Comparison::of(&theirs_alone).mine(), 0);
    }

    #[test]
    fn x05_each_element_is_taken_from_the_side_that_changed_it_or_was_chosen(
        base in looks(), mine in looks(), theirs in looks(), coin in prop::collection::vec(any::<bool>(), 9)
    ) {
        let drawings = drawings(&base, &mine, &theirs);
        let mut choices = Choices::default();
        for (id, mine) in contested(&drawings).into_iter().zip(coin.iter().cycle()) {
            if *mine { choices.mine.push(id) } else { choices.theirs.push(id) }
        }
        let result = made(&drawings, &Plan::merge(&drawings, &choices).unwrap());
        let ids: BTreeSet<_> = base.keys().chain(mine.keys()).chain(theirs.keys()).collect();
        for id in ids {
            let [before, ours, others] = [&base, &mine, &theirs].map(|side| side.get(id));
            let expected = if ours == others || before == ours {
                others
            } else if before == others || choices.mine.contains(id) {
                ours
            } else {
                others
            };
            prop_assert_eq!(result.get(id), expected, "{}", id);
        }
    }

    #[test]
    fn x05_it_does_not_matter_which_side_is_called_mine(base in looks(), mine in looks(), theirs in looks()) {
        let (one, other) = (drawings(&base, &mine, &theirs), drawings(&base, &theirs, &mine));
        let swapped = Choices { mine: Vec::new(), theirs: contested(&other) };
        let a = made(&one, &Plan::merge(&one, &all_mine(&one)).unwrap());
        let b = made(&other, &Plan::merge(&other, &swapped).unwrap());
        prop_assert_eq!(a, b);
        let kinds = |drawings: &Drawings, swap: bool| -> HashMap<String, (ChangeKind, ChangeKind)> {
            let differences = Comparison::of(drawings).differences.into_iter();
            differences.map(|each| (each.element_id, if swap { (each.theirs, each.mine) } else { (each.mine, each.theirs) })).collect()
        };
        prop_assert_eq!(kinds(&one, false), kinds(&other, true));
    }

    #[test]
    fn x06_after_an_overwrite_the_document_is_what_mine_is(base in looks(), mine in looks(), theirs in looks()) {
        let drawings = drawings(&base, &mine, &theirs);
        let plan = Plan::overwrite(&drawings);
        prop_assert_eq!(made(&drawings, &plan), mine);
        let again: BTreeSet<_> = plan.puts.iter().map(|put| &put.piece.id).chain(&plan.deletes).collect();
        prop_assert_eq!(again.len(), plan.puts.len() + plan.deletes.len(), "each element once");
    }

    #[test]
    fn x05_a_choice_that_is_missing_is_named(base in looks(), mine in looks(), theirs in looks()) {
        let drawings = drawings(&base, &mine, &theirs);
        let mut choices = all_mine(&drawings);
        if choices.mine.pop().is_some() {
            let refused = Plan::merge(&drawings, &choices).unwrap_err();
            prop_assert_eq!(refused, NotChosen::Missing(vec!["Rectangle".to_owned()]));
        }
    }

    #[test]
    fn x05_drawn_on_top_of_the_same_element_both_have_a_place(
        there in 0_usize..4, ours in prop::collection::vec(0_usize..6, 0..6), others in prop::collection::vec(0_usize..6, 0..6)
    ) {
        let keys = order::keys_between(None, None, there + 6).unwrap();
        let drawn = |name: &str, places: &[usize]| -> Vec<Piece> {
            let places: BTreeSet<_> = places.iter().map(|place| there + place).collect();
            places.into_iter().map(|place| piece(&format!("{name}{place}"), 1, 1, &keys[place])).collect()
        };
        let base: Vec<_> = (0..there).map(|place| piece(&format!("base{place}"), 1, 1, &keys[place])).collect();
        let with = |more: Vec<Piece>| Side { pieces: base.iter().cloned().chain(more).collect(), ..Side::default() };
        let drawings = Drawings {
            base: with(Vec::new()), mine: with(drawn("mine", &ours)), theirs: with(drawn("theirs", &others)), ..Drawings::default()
        };
        let plan = Plan::merge(&drawings, &Choices::default()).unwrap();
        let put = plan.puts.iter().map(|put| &put.piece);
        let mut all: Vec<_> = drawings.theirs.pieces.iter().chain(put).map(|piece| piece.index.clone().unwrap()).collect();
        prop_assert!(all.iter().all(|index| order::validate(index).is_ok()));
        all.sort();
        prop_assert!(all.is_sorted_by(|a, b| a < b), "{:?}", all);
        let mine: Vec<_> = plan.puts.iter().map(|put| (put.piece.index.clone(), put.piece.id.clone())).collect();
        let drawn: Vec<_> = drawings.mine.pieces.iter().filter(|piece| piece.id.starts_with("mine")).map(|piece| piece.id.clone()).collect();
        prop_assert!(mine.is_sorted(), "in the order in which they were");
        prop_assert_eq!(mine.into_iter().map(|(_, id)| id).collect::<Vec<_>>(), drawn);
    }
}

#[test]
fn x05_what_nobody_knows_any_more_is_asked_about() {
    let side = |look: u8| side(&Looks::from([("1".to_owned(), look)]), 1);
    let drawings = Drawings {
        base: side(2),
        mine: side(1),
        theirs: side(2),
        unknown: ["1".to_owned()].into(),
    };
    assert_eq!(contested(&drawings), ["1"]);
    let known = Drawings {
        unknown: [].into(),
        ..drawings
    };
    assert!(contested(&known).is_empty());
}

#[test]
fn x05_a_choice_made_twice_or_unasked_is_refused() {
    let of = |look: u8| Looks::from([("1".to_owned(), look), ("2".to_owned(), 9)]);
    let drawings = drawings(&of(0), &of(1), &of(2));
    let refused = |mine: &[&str], theirs: &[&str]| {
        let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        let choices = Choices {
            mine: owned(mine),
            theirs: owned(theirs),
        };
        Plan::merge(&drawings, &choices).unwrap_err()
    };
    assert_eq!(refused(&["1"], &["1"]), NotChosen::Twice("1".into()));
    assert_eq!(refused(&["1", "2"], &[]), NotChosen::Unasked("2".into()));
}

fn text(value: &Value) -> Json {
    to_json(value)
}

#[test]
fn x05_scenes_merge_by_field_and_mine_wins_what_both_changed() {
    let base = json!({"type": "excalidraw", "appState": {"grid": 1, "paper": "white", "theme": "light"}});
    let mine = json!({"type": "excalidraw", "appState": {"grid": 2, "paper": "blue", "theme": "light"}});
    let theirs = json!({"type": "excalidraw", "appState": {"grid": 3, "paper": "white", "theme": "dark"}, "source": "x"});
    let merged = merged_scene(&text(&base), &text(&mine), &text(&theirs)).unwrap();
    let merged: Value = serde_json::from_str(merged.get()).unwrap();
    let expected = json!({"type": "excalidraw", "appState": {"grid": 2, "paper": "blue", "theme": "dark"}, "source": "x"});
    assert_eq!(merged, expected);
    assert!(merged_scene(&text(&base), &text(&base), &text(&theirs)).is_none());
    assert!(merged_scene(&text(&base), &text(&mine), &text(&mine)).is_none());
}

#[test]
fn counters_and_ways_to_write_a_number_are_no_difference() {
    let a = text(
        &json!({"id": "a", "x": 1.0, "version": 3, "versionNonce": 7, "updated": 1, "points": [[0, 1]]}),
    );
    let b = text(&json!({"updated": 2, "points": [[0.0, 1.0]], "id": "a", "x": 1, "version": 4}));
    assert!(same(&a, &b));
    assert!(!same(&a, &text(&json!({"id": "a", "x": 1, "points": [[0, 2]]}))));
    assert!(!same(&a, &text(&json!({"id": "a", "x": 1}))));
}

#[test]
fn labels_say_what_it_is_and_how_its_text_begins() {
    let label = |data: Value| {
        let piece = Piece {
            id: "1".into(),
            data: text(&data),
            index: None,
        };
        let mine = Side {
            pieces: vec![piece],
            ..Side::default()
        };
        let drawings = Drawings {
            mine,
            ..Drawings::default()
        };
        Comparison::of(&drawings).differences[0].label.clone()
    };
    assert_eq!(
        label(json!({"type": "text", "text": "Sign\n up"})),
        "Text “Sign up”"
    );
    assert_eq!(label(json!({"type": "freedraw"})), "Stroke");
    assert_eq!(label(json!({"type": "holo"})), "Element");
    let long = label(json!({"type": "frame", "name": "word ".repeat(20)}));
    assert!(long.starts_with("Frame “word") && long.ends_with("…”"), "{long}");
}
