//! Many connections, each with its own round of requests, over and over for a while.

use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::task::JoinSet;

use crate::{
    http::Call,
    rig::Rig,
    stats::{median, percentile, sorted},
    usage::processor_time,
};

/// How long and how often to measure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rounds {
    pub(crate) count: usize,
    pub(crate) each: Duration,
}

/// What one round came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    /// Requests a second.
    pub(crate) rate: f64,
    /// Milliseconds.
    pub(crate) p50: f64,
    /// Milliseconds.
    pub(crate) p99: f64,
    /// Processor time of the server for a request, in microseconds.
    pub(crate) processor: f64,
}

impl Measured {
    /// The median of each number.
    pub(crate) fn median(rounds: &[Self]) -> Self {
        let of = |number: fn(&Self) -> f64| median(&rounds.iter().map(number).collect::<Vec<_>>());
        Self {
            rate: of(|round| round.rate),
            p50: of(|round| round.p50),
            p99: of(|round| round.p99),
            processor: of(|round| round.processor),
        }
    }
}

/// Lets each script run on a connection of its own, over and over, for at least `during`; a script once begun is finished.
pub(crate) async fn load(rig: &Rig, scripts: &[Vec<Call>], during: Duration) -> Result<Measured> {
    let mut connections = Vec::new();
    for script in scripts {
        let mut connection = rig.connection().await?;
        // the first time pays for what later ones find done
        for call in script {
            connection.call(call).await?;
        }
        connections.push((connection, script.clone()));
    }
    let processor_before = processor_time(rig.pid())?;
    let start = Instant::now();
    let mut clients = JoinSet::new();
    for (mut connection, script) in connections {
        clients.spawn(async move {
            let mut latencies = Vec::new();
            while start.elapsed() < during {
                for call in &script {
                    let asked = Instant::now();
                    connection.call(call).await?;
                    latencies.push(asked.elapsed().as_secs_f64() * 1e3);
                }
            }
            anyhow::Ok(latencies)
        });
    }
    let mut latencies = Vec::new();
    while let Some(client) = clients.join_next().await {
        latencies.extend(client??);
    }
    let took = start.elapsed();
    let processor = processor_time(rig.pid())?.saturating_sub(processor_before);
    let latencies = sorted(latencies);
    let requests = latencies.len() as f64;
    Ok(Measured {
        rate: requests / took.as_secs_f64(),
        p50: percentile(&latencies, 50.0),
        p99: percentile(&latencies, 99.0),
        processor: processor.as_secs_f64() * 1e6 / requests,
    })
}
