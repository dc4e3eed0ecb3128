//! `cargo xtask soak`: random plans of edits and faults, for as long as one likes, over all cores.

use anyhow::Result;
use clap::Args;

use crate::{
    command::{cargo, command, repository, run},
    run::target,
};

#[derive(Args)]
pub(crate) struct Options {
    /// For how long [default: 5]
    #[arg(long)]
    minutes: Option<u64>,
    /// Where the seeds begin; by the clock where it is not said
    #[arg(long)]
    seed: Option<u64>,
    /// So many plans instead of so many minutes
    #[arg(long)]
    count: Option<u64>,
    /// One plan that was saved, ten times
    #[arg(long)]
    plan: Option<String>,
    /// Only against server processes, in real time
    #[arg(long)]
    processes: bool,
}

/// `cargo xtask soak`
pub(crate) fn soak(options: &Options) -> Result<()> {
    // the form in which tests are built, so that nothing is built twice
    run(&mut cargo(&["build", "--workspace", "--locked", "--bins"]))?;
    let soak = target().join("debug/holdfast-soak");
    let mut soak = command(&soak.to_string_lossy(), &[]);
    soak.current_dir(repository());
    let numbers = [
        ("--minutes", options.minutes),
        ("--seed", options.seed),
        ("--count", options.count),
    ];
    for (name, number) in numbers {
        if let Some(number) = number {
            soak.args([name, &number.to_string()]);
        }
    }
    if let Some(plan) = &options.plan {
        soak.args(["--plan", plan]);
    }
    soak.args(options.processes.then_some("--processes"));
    run(&mut soak)
}
