//! Each command is registered here, permitted to a kind of window, and called by one function of the UI.

use std::collections::BTreeSet;

use super::{repository, text};
use crate::commands::NAMES;

fn registered() -> BTreeSet<String> {
    NAMES.iter().map(|&name| name.to_owned()).collect()
}

/// The commands that a permissions file allows.
pub(super) fn permitted(kind: &str) -> Vec<String> {
    let file = text(&format!("src-tauri/permissions/{kind}.toml"));
    let lines = file.lines().map(str::trim).filter(|line| line.starts_with('"'));
    lines
        .map(|line| line.trim_matches(['"', ',']).to_owned())
        .collect()
}

/// The commands that the UI names: `invoke("name"` and `invoke<T>("name"`.
fn invoked() -> Vec<String> {
    let folder = std::fs::read_dir(repository("ui/src/ipc")).expect("ui/src/ipc is there");
    let mut names = Vec::new();
    for file in folder
        .flatten()
        .filter(|file| file.path().extension().is_some_and(|end| end == "ts"))
    {
        let source = std::fs::read_to_string(file.path()).expect("a source file is text");
        for (at, _) in source.match_indices("invoke") {
            let rest = &source[at + "invoke".len()..];
            let call = match rest.strip_prefix('<') {
                Some(generic) => generic.split_once(">(").map(|(_, call)| call),
                None => rest.strip_prefix('('),
            };
            let name = call.and_then(|call| call.trim_start().strip_prefix('"')?.split_once('"'));
            names.extend(name.map(|(name, _)| name.to_owned()));
        }
    }
    names
}

/// The names as a set, which none of them is in twice.
fn unique(names: Vec<String>) -> BTreeSet<String> {
    let mut set = BTreeSet::new();
    for name in names {
        assert!(set.insert(name.clone()), "{name} is there twice");
    }
    set
}

#[test]
fn c07_every_command_is_permitted_to_one_kind_of_window() {
    let kinds = ["shared", "library", "canvas"];
    let permitted = unique(kinds.into_iter().flat_map(permitted).collect());
    assert_eq!(permitted, registered());
}

#[test]
fn c07_the_canvas_commands_are_the_canvas_windows_own() {
    let of_canvas = |name: &String| name.starts_with("canvas_");
    assert!(permitted("canvas").iter().all(of_canvas));
    assert!(!permitted("library").iter().any(of_canvas));
    assert!(!permitted("shared").iter().any(of_canvas));
}

#[test]
fn every_command_has_one_function_in_the_ui() {
    assert_eq!(unique(invoked()), registered());
}
