//! The benchmarks by name, run one after the other into one table.

mod commits;
mod conflict;
mod desktop;
mod fan_out;
mod history;
mod journal;
mod memory;
mod requests;
mod resume;
mod socket_heartbeats;
mod start;
mod storage;
mod stroke;

use std::{panic::AssertUnwindSafe, time::Duration};

use anyhow::Result;
use clap::{Args, ValueEnum};
use futures_util::FutureExt as _;

use crate::{
    load::Rounds,
    machine,
    report::{Row, Section, table},
};

#[derive(Args)]
pub(crate) struct Options {
    /// Which; all where none is named
    names: Vec<Name>,
    /// Fewer and shorter rounds: whether it works, not how fast it is
    #[arg(long)]
    quick: bool,
}

/// One benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// Acquire + release over HTTP
    Locks,
    /// Heartbeats of sessions over HTTP
    Heartbeats,
    /// A lock event to 1,000 sockets of a room
    FanOut,
    /// Heartbeats of many sessions over few sockets
    SocketHeartbeats,
    /// One element committed to small and large documents
    Commits,
    /// The list and the restoring of a long history
    History,
    /// What a long history takes on the disk
    Storage,
    /// An edit until it is on this device's disk
    Journal,
    /// Coming back from offline with many edits
    Resume,
    /// Memory of idle sessions
    Memory,
    /// The app from start to painted, and its memory
    Start,
    /// The view of a conflict of 3,000 elements
    Conflict,
    /// A stroke in one window until it is painted in another
    Stroke,
}

/// How much to do.
#[derive(Debug, Clone, Copy)]
struct Scale {
    quick: bool,
}

impl Scale {
    /// One of two amounts.
    const fn of(self, full: usize, quick: usize) -> usize {
        if self.quick { quick } else { full }
    }

    const fn rounds(self) -> Rounds {
        Rounds {
            count: self.of(7, 2),
            each: Duration::from_millis(self.of(2_000, 400) as u64),
        }
    }
}

/// `holdfast-bench run`
pub(crate) async fn run(options: &Options) -> Result<()> {
    let scale = Scale { quick: options.quick };
    let names = if options.names.is_empty() {
        Name::value_variants()
    } else {
        &options.names
    };
    let mut sections = Vec::new();
    let mut failures = Vec::new();
    for name in names {
        eprintln!("measuring {} (load {})", spelled(*name), machine::load());
        // one that can't be measured must not cost the others' numbers
        match AssertUnwindSafe(measure(*name, scale)).catch_unwind().await {
            Ok(Ok(measured)) => sections.extend(measured),
            Ok(Err(error)) => failures.push(format!("{}: {error:#}", spelled(*name))),
            // it has told its story already
            Err(_) => failures.push(format!("{}: it did not come to its end", spelled(*name))),
        }
    }
    println!("{}\n\n{}", machine::described()?, table(&sections));
    anyhow::ensure!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}

async fn measure(name: Name, scale: Scale) -> Result<Vec<Section>> {
    match name {
        Name::Locks => requests::locks(scale).await,
        Name::Heartbeats => requests::heartbeats(scale).await,
        Name::FanOut => fan_out::fan_out(scale).await,
        Name::SocketHeartbeats => socket_heartbeats::socket_heartbeats(scale).await,
        Name::Commits => commits::commits(scale).await,
        Name::History => history::history(scale).await,
        Name::Storage => storage::storage(scale).await,
        Name::Journal => journal::journal(scale).await,
        Name::Resume => resume::resume(scale).await,
        Name::Memory => memory::memory(scale).await,
        Name::Start => start::start(scale).await,
        Name::Conflict => conflict::conflict(scale).await,
        Name::Stroke => stroke::stroke(scale).await,
    }
}

fn spelled(name: Name) -> String {
    let value = name.to_possible_value();
    value.map_or_else(String::new, |value| value.get_name().to_owned())
}

/// A section, with the load of the moment.
fn section(title: impl Into<String>, rows: Vec<Row>) -> Section {
    Section {
        title: title.into(),
        rows,
        load: machine::load(),
    }
}
