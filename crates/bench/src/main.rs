//! `holdfast-bench`: what Holdfast costs, each number beside that of a bare program which does the same work without
//! being Holdfast.
//!
//! - **Black boxes.** The server is the program that people run, in a process of its own, asked over HTTP and sockets.
//!   So are the baselines, which are subcommands of this program: their processor time can be told from ours.
//! - **Side by side.** Holdfast and baseline take turns in short rounds within one run, so that whatever else the
//!   machine does hits both. A number is the median of its rounds.
//! - **Nothing left behind.** Ports are free ones, folders temporary, processes end with the run, every loop is bounded.

mod baseline;
mod benches;
mod canvas;
mod editor;
mod http;
mod load;
mod machine;
mod report;
mod rig;
mod socket;
mod stats;
mod usage;

use std::{process::ExitCode, time::Duration};

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

/// No run takes longer: one that does hangs.
const RUN_WITHIN: Duration = Duration::from_secs(30 * 60);

#[derive(Parser)]
#[command(
    name = "holdfast-bench",
    about = "Holdfast's benchmarks, each beside its baseline"
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Measure, and print one table
    Run(benches::Options),
    /// Baseline: a bare axum handler that makes the same writes
    BaselineHttp(baseline::http::Options),
    /// Baseline: a bare tokio-tungstenite server that sends each frame to everybody
    BaselineBroadcast,
}

#[tokio::main]
async fn main() -> ExitCode {
    let task = Arguments::parse().task;
    let work = async {
        match task {
            Task::Run(options) => benches::run(&options).await,
            Task::BaselineHttp(options) => baseline::http::serve(&options).await,
            Task::BaselineBroadcast => baseline::broadcast::serve().await,
        }
    };
    let done: Result<()> = tokio::select! {
        done = tokio::time::timeout(RUN_WITHIN, work) => done.context("this took too long").flatten(),
        // what was started is ended with the work, which is dropped here
        () = stopped() => Err(anyhow::anyhow!("stopped")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Waits for Ctrl-C or SIGTERM.
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
