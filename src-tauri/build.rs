//! Embeds configuration, capabilities and permissions; leaves a placeholder where the windows' page was not built yet.

use std::{fs, path::Path};

/// What `npm run build` replaces. `cargo check` works without Node this way, and the app says what is missing.
const PLACEHOLDER: &str = "<!doctype html><meta charset=\"utf-8\"><title>Holdfast</title>\
<p>The windows are not built yet. Run <code>npm ci && npm run build</code> in <code>ui</code>, then build again.\n";

fn main() {
    let page = Path::new("ui/dist/index.html");
    println!("cargo:rerun-if-changed={}", page.display());
    if !page.exists() {
        place(page);
    }
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("src-tauri/capabilities/**/*.json")
        .app_manifest(
            tauri_build::AppManifest::new().permissions_path_pattern("src-tauri/permissions/**/*.toml"),
        );
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo:warning={error:#}");
        std::process::exit(1);
    }
}

fn place(page: &Path) {
    let folder = page.parent().map_or(Ok(()), fs::create_dir_all);
    if let Err(error) = folder.and_then(|()| fs::write(page, PLACEHOLDER)) {
        println!("cargo:warning={}: {error}", page.display());
    }
}
