//! The UI's build and tests.

use std::{fs, path::Path, time::SystemTime};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::command::{npm, repository, run};

/// What is no source: made by the tools.
const MADE: [&str; 4] = ["node_modules", "dist", "fonts", "coverage"];

/// Builds `ui/dist` where a source is newer than it.
pub(crate) fn build() -> Result<()> {
    let ui = repository().join("ui");
    let built = fs::metadata(ui.join("dist/index.html"))
        .and_then(|data| data.modified())
        .ok();
    if built.is_some_and(|built| newest(&ui).is_ok_and(|source| source < built)) {
        return Ok(());
    }
    run(&mut npm(&["run", "build"]))
}

/// When the newest source was changed.
fn newest(folder: &Path) -> Result<SystemTime> {
    let mut newest = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if MADE.iter().any(|made| entry.file_name() == *made) {
            continue;
        }
        let data = entry.metadata()?;
        let changed = if data.is_dir() {
            newest_in(&entry.path())?
        } else {
            data.modified()?
        };
        newest = newest.max(changed);
    }
    Ok(newest)
}

fn newest_in(folder: &Path) -> Result<SystemTime> {
    // a folder's own time tells of files removed from it
    Ok(newest(folder)?.max(fs::metadata(folder)?.modified()?))
}

/// Lints and checks the types.
pub(crate) fn lint() -> Result<()> {
    run(&mut npm(&["run", "lint"]))?;
    run(&mut npm(&["run", "typecheck"]))
}

/// Runs the unit tests; answers how many passed and failed.
pub(crate) fn test() -> (Result<()>, Option<(u64, u64)>) {
    let report = repository().join("target/ui-tests.json");
    let _ = fs::remove_file(&report);
    let file = format!("--outputFile.json={}", report.display());
    let reporters = ["test", "--", "--reporter=default", "--reporter=json", &file];
    let done = run(&mut npm(&reporters));
    (done, counts(&report).ok())
}

fn counts(report: &Path) -> Result<(u64, u64)> {
    let report: Value = serde_json::from_slice(&fs::read(report)?)?;
    let count = |name: &str| {
        report[name]
            .as_u64()
            .with_context(|| format!("no {name} in the report"))
    };
    Ok((count("numPassedTests")?, count("numFailedTests")?))
}
