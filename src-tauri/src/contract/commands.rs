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

/// The commands that a file of the UI names: `invoke("name"` and `invoke<T>("name"`.
fn invoked(file: &str) -> BTreeSet<String> {
    let source = text(&format!("ui/src/ipc/{file}"));
    let calls = source.match_indices("invoke").filter_map(|(at, word)| {
        let rest = &source[at + word.len()..];
        let call = match rest.strip_prefix('<') {
            Some(generic) => generic.split_once(">(")?.1,
            None => rest.strip_prefix('(')?,
        };
        let (name, _) = call.trim_start().strip_prefix('"')?.split_once('"')?;
        Some(name.to_owned())
    });
    calls.collect()
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
fn every_command_has_a_function_in_the_ui() {
    let library = invoked("commands.ts");
    let canvas = invoked("canvasCommands.ts");
    assert_eq!(
        library.union(&canvas).cloned().collect::<BTreeSet<_>>(),
        registered()
    );
    for (kind, invoked) in [("library", library), ("canvas", canvas)] {
        let allowed = unique([permitted(kind), permitted("shared")].concat());
        let denied: Vec<&String> = invoked.difference(&allowed).collect();
        assert!(denied.is_empty(), "a {kind} window is denied {denied:?}");
    }
}

#[test]
fn no_other_part_of_the_ui_calls_the_host() {
    let mut folders = vec![repository("ui/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the UI").flatten() {
            let path = entry.path();
            if path.is_dir() {
                if path != repository("ui/src/ipc") {
                    folders.push(path);
                }
                continue;
            }
            let source = std::fs::read(&path).expect("a source file");
            let source = String::from_utf8_lossy(&source);
            assert!(!source.contains("@tauri-apps/"), "{}", path.display());
        }
    }
}
