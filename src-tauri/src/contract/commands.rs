//! Each command is registered here, permitted to a kind of window, and called by one function of the UI.

use std::{collections::BTreeSet, path::PathBuf};

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

/// The source files below these folders of the UI, as text, each with its path.
fn sources(folders: &[&str]) -> Vec<(PathBuf, String)> {
    let mut folders: Vec<PathBuf> = folders
        .iter()
        .map(|folder| repository("ui/src").join(folder))
        .collect();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the UI").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let source = std::fs::read(&path).expect("a source file");
                found.push((path, String::from_utf8_lossy(&source).into_owned()));
            }
        }
    }
    found
}

/// `renameDocument` is the function of `rename_document`.
fn function_of(command: &str) -> String {
    let mut words = command.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (head, tail) = word.split_at(1);
        name + &head.to_uppercase() + tail
    })
}

#[test]
fn c07_a_canvas_window_asks_nothing_that_it_is_denied() {
    let sources = sources(&["canvas", "lock", "presence"]);
    assert!(
        sources.iter().any(|(_, source)| source.contains("commands.")),
        "the folders have moved"
    );
    for command in permitted("library") {
        let call = format!("commands.{}(", function_of(&command));
        for (path, source) in &sources {
            assert!(!source.contains(&call), "{} asks {command}", path.display());
        }
    }
}

#[test]
fn no_other_part_of_the_ui_calls_the_host() {
    let ipc = repository("ui/src/ipc");
    for (path, source) in sources(&[""]) {
        let allowed = path.starts_with(&ipc) || !source.contains("@tauri-apps/");
        assert!(allowed, "{}", path.display());
    }
}
