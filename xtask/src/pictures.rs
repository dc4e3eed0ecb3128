//! `cargo xtask pictures`: the pictures of the README, as the tests take them of real windows.

use std::fs;

use anyhow::{Context, Result};

use crate::{
    command::{cargo, repository, run},
    setup, ui,
};

/// The pictures that the README shows.
const PICTURES: [&str; 4] = ["library", "canvas", "held", "conflict"];

/// `cargo xtask pictures`
pub(crate) fn pictures() -> Result<()> {
    setup::system_packages(true)?;
    setup::ui_packages()?;
    setup::nextest()?;
    ui::build()?;
    // one form for all Rust tests: see `test`
    run(&mut cargo(&[
        "nextest",
        "run",
        "--workspace",
        "--filterset",
        "test(/^pictures::/)",
    ]))?;
    let kept = repository().join("docs/pictures");
    fs::create_dir_all(&kept)?;
    for name in PICTURES {
        let taken = repository().join(format!("artifacts/screenshots/{name}.png"));
        fs::copy(&taken, kept.join(format!("{name}.png"))).with_context(|| taken.display().to_string())?;
    }
    Ok(())
}
