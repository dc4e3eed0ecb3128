//! Where and when it was measured: numbers of two machines can't be compared.

use std::{
    fs::{self, File},
    io::Write as _,
    time::Instant,
};

use anyhow::Result;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use time::{OffsetDateTime, macros::format_description};

use crate::stats::median;

/// Files that the run itself has open, besides sockets.
const OTHER_FILES: u64 = 500;

/// The machine in one line, with the price of making a write durable, which most numbers hang on.
pub(crate) fn described() -> Result<String> {
    let cpu = fs::read_to_string("/proc/cpuinfo")?;
    let model = value_of(&cpu, "model name").unwrap_or("unknown processor");
    let cores = std::thread::available_parallelism()?;
    let memory = fs::read_to_string("/proc/meminfo")?;
    let kib: f64 = value_of(&memory, "MemTotal")
        .and_then(|text| text.split(' ').next()?.parse().ok())
        .unwrap_or(0.0);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let when =
        OffsetDateTime::now_utc().format(format_description!("[year]-[month]-[day] [hour]:[minute] UTC"))?;
    Ok(format!(
        "{when}; {model}, {cores} cores, {:.0} GiB; Linux {}; fsync of 4 KiB in the temporary folder {:.2} ms (p50)",
        kib / 1_048_576.0,
        kernel.trim(),
        fsync_ms()?
    ))
}

fn value_of<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim())
}

/// Average number of runnable programs during the last minute.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("?").to_owned()
}

fn fsync_ms() -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let mut file = File::create(folder.path().join("fsync"))?;
    let mut times = Vec::new();
    for _ in 0..50 {
        file.write_all(&[0; 4096])?;
        let start = Instant::now();
        file.sync_data()?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(median(&times))
}

/// Lets this process, and those it starts, open as many sockets as the system allows; answers how many that is.
pub(crate) fn allow_sockets() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    // where it can't be raised, what there is must do
    let _ = setrlimit(Resource::Nofile, raised);
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(files.saturating_sub(OTHER_FILES)).unwrap_or(usize::MAX)
}
