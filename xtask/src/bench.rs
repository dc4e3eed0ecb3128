//! `cargo xtask bench`: builds everything as people get it and measures it beside its baselines.

use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::{
    command::{cargo, command, npm, repository, run},
    setup, ui,
};

#[derive(Args)]
pub(crate) struct Options {
    /// Fewer and shorter rounds: whether it works, not how fast it is
    #[arg(long)]
    quick: bool,
    /// locks, heartbeats, fan-out, socket-heartbeats, commits, memory, start, stroke; all where none is named
    names: Vec<String>,
}

/// `cargo xtask bench`
pub(crate) fn bench(options: &Options) -> Result<()> {
    setup::system_packages(true)?;
    setup::ui_packages()?;
    ui::build()?;
    run(&mut bare_page())?;
    let packages = [
        "--package",
        "holdfast",
        "--package",
        "holdfast-server",
        "--package",
        "holdfast-bench",
    ];
    let mut build = cargo(&[
        "build",
        "--release",
        "--locked",
        "--features",
        "holdfast-bench/bare-window",
    ]);
    run(build.args(packages))?;
    // not by `cargo run`: another choice of packages would build them anew
    let bench = crate::run::target().join("release/holdfast-bench");
    let mut bench = command(&bench.to_string_lossy(), &["run"]);
    bench
        .current_dir(repository())
        .args(options.quick.then_some("--quick"))
        .args(&options.names);
    run(&mut bench)
}

/// The page of the bare window that the app is compared with, made with the UI's own tools and packages.
fn bare_page() -> Command {
    npm(&[
        "exec",
        "--",
        "vite",
        "build",
        "--logLevel",
        "error",
        "--config",
        "../crates/bench/bare-window/vite.config.mjs",
    ])
}
