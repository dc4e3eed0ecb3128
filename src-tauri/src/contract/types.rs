//! The types that cross to the webview, as TypeScript: one file, sorted by name, so that a change shows as one.

use std::{any::TypeId, collections::BTreeMap, collections::HashSet, fmt::Write as _};

use holdfast_client::view;
use holdfast_protocol::{account, document, problem};
use ts_rs::{Config, TS, TypeVisitor};

/// Names the folder that `cargo xtask types` writes to.
const FOLDER: &str = "HOLDFAST_TYPES_DIR";
/// Where the file is kept.
const COMMITTED: &str = "ui/src/ipc/generated/index.ts";

const HEAD: &str = "\
// Generated from crates/client/src/view and crates/protocol by `cargo xtask types`. Changes made here are lost.
";

/// Collects a type and all that it is made of.
struct Declarations {
    config: Config,
    seen: HashSet<TypeId>,
    by_name: BTreeMap<String, String>,
}

impl Declarations {
    fn new() -> Self {
        Self {
            config: Config::default(),
            seen: HashSet::new(),
            by_name: BTreeMap::new(),
        }
    }

    fn add<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        // Only types of our own have a file of their own; numbers and strings have none.
        if T::output_path().is_some() {
            let mut text = T::docs().unwrap_or_default();
            let _ = writeln!(text, "export {}", T::decl(&self.config));
            let name = T::ident(&self.config);
            if let Some(other) = self.by_name.insert(name.clone(), text.clone()) {
                assert_eq!(other, text, "two types are called {name}");
            }
        }
        T::visit_dependencies(self);
    }

    fn into_file(self) -> String {
        let mut file = HEAD.to_owned();
        for declaration in self.by_name.into_values() {
            file.push('\n');
            file.push_str(&declaration);
        }
        file
    }
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        self.add::<T>();
    }
}

/// All that a command takes or answers, and all that an event carries.
fn file() -> String {
    let mut all = Declarations::new();
    all.add::<view::AppState>();
    all.add::<view::CanvasState>();
    all.add::<view::CanvasContent>();
    all.add::<view::CanvasEvent>();
    all.add::<view::ConflictContent>();
    all.add::<view::DraftContent>();
    all.add::<view::DraftCopyView>();
    all.add::<view::HistoryPage>();
    all.add::<view::Resolution>();
    all.add::<view::Edit>();
    all.add::<view::PresenceState>();
    all.add::<view::DocumentList>();
    all.add::<view::ScopeView>();
    all.add::<view::Progress>();
    all.add::<view::OwnLockView>();
    all.add::<view::CommandError>();
    all.add::<account::Member>();
    all.add::<document::Document>();
    all.add::<problem::Code>();
    all.into_file()
}

/// `cargo xtask types` runs this with a folder to write to; without one it checks that what is committed is current.
#[test]
fn export_types() {
    let now = file();
    if let Some(folder) = std::env::var_os(FOLDER) {
        let folder = std::path::PathBuf::from(folder);
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        std::fs::write(folder.join("index.ts"), now).expect("the folder can be written to");
        return;
    }
    assert!(
        super::text(COMMITTED) == now,
        "{COMMITTED} is stale: run `cargo xtask types`"
    );
}
