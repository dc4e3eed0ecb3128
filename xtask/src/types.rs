//! `cargo xtask types`: TypeScript types from Rust, committed, so that the UI builds without Rust and a diff shows
//! what changed. The app's test `export_types` compares them with the code, and writes them where it is told to.

use anyhow::Result;
use clap::Args;

use crate::{
    command::{cargo, repository, run},
    setup,
};

#[derive(Args)]
pub(crate) struct Options {
    /// Write nothing; fail where they are stale
    #[arg(long)]
    check: bool,
}

/// `cargo xtask types`
pub(crate) fn types(options: &Options) -> Result<()> {
    setup::system_packages(false)?;
    setup::nextest()?;
    // one form for all Rust tests: see `test`
    let mut command = cargo(&[
        "nextest",
        "run",
        "--workspace",
        "--filterset",
        "test(/export_types$/)",
    ]);
    if !options.check {
        command.env("HOLDFAST_TYPES_DIR", repository().join("ui/src/ipc/generated"));
    }
    run(&mut command)
}
