//! `cargo xtask …`: everything a developer or CI runs, the same way for both.
//!
//! | command | what it does |
//! |---|---|
//! | `run` | builds and starts the app; without a display it brings one of its own |
//! | `test` | formatting, lints, UI tests and Rust tests, with one summary at the end |
//! | `soak` | random plans of edits and faults, for as long as one likes |
//! | `bench` | measures everything beside its baselines, in one table |
//! | `lint` | formatting, clippy, dependencies and UI lints alone |
//! | `types` | writes the TypeScript types of the wire and of the commands anew |
//! | `icons` | draws the icon files from their SVG sources |
//! | `pictures` | takes the pictures of the README anew |
//! | `setup` | installs what the others need; they call it themselves |

mod bench;
mod command;
mod icons;
mod lint;
mod outcome;
mod pictures;
mod run;
mod setup;
mod soak;
mod test;
mod types;
mod ui;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Runs, tests and tends Holdfast")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build and start the app
    Run(run::Options),
    /// Run all checks and tests, or those that a filter picks
    Test(test::Options),
    /// Measure, each number beside its baseline
    Bench(bench::Options),
    /// Carry out random plans of edits and faults, and judge each
    Soak(soak::Options),
    /// Check formatting, lints and dependencies
    Lint,
    /// Write the TypeScript types of the wire and of the commands anew
    Types(types::Options),
    /// Draw the icon files from their SVG sources
    Icons,
    /// Take the pictures of the README anew
    Pictures,
    /// Install system packages, tools and UI packages that are missing
    Setup,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Run(options) => run::run(&options),
        Task::Test(options) => test::test(&options),
        Task::Bench(options) => bench::bench(&options),
        Task::Soak(options) => soak::soak(&options),
        Task::Lint => lint::lint(),
        Task::Types(options) => types::types(&options),
        Task::Icons => icons::icons(),
        Task::Pictures => pictures::pictures(),
        Task::Setup => setup::everything(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
