//! What a process has used, as `/proc` tells it.

use std::{fs, time::Duration};

use anyhow::{Context, Result};

/// The unit of `/proc/PID/stat`: Linux shows 100 a second to programs, on every machine.
const TICKS_PER_SECOND: f64 = 100.0;

/// Processor time of a process so far, all its threads, in user and in system mode.
pub(crate) fn processor_time(pid: u32) -> Result<Duration> {
    let ticks = stat_field(pid, 14)? + stat_field(pid, 15)?;
    Ok(Duration::from_secs_f64(ticks / TICKS_PER_SECOND))
}

/// How long ago a process started, on the clock that counts suspend, which is that of its start.
pub(crate) fn age(pid: u32) -> Result<Duration> {
    let started = stat_field(pid, 22)? / TICKS_PER_SECOND;
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let now = now.tv_sec as f64 + now.tv_nsec as f64 / 1e9;
    Ok(Duration::from_secs_f64((now - started).max(0.0)))
}

/// A field of `/proc/PID/stat`, counted from 1 as in its manual page.
fn stat_field(pid: u32, number: usize) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("the process is gone")?;
    field(&stat, number).with_context(|| format!("no field {number} in /proc/{pid}/stat"))
}

fn field(stat: &str, number: usize) -> Option<f64> {
    // the second field is a name in brackets, which may itself contain blanks and brackets
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split_whitespace().nth(number.checked_sub(3)?)?.parse().ok()
}

/// Memory in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Memory {
    /// All that is resident.
    pub(crate) resident: f64,
    /// The same, what is shared divided among those who share it.
    pub(crate) proportional: f64,
}

/// The memory of one process.
pub(crate) fn memory(pid: u32) -> Result<Memory> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).context("the process is gone")?;
    let bytes = |name: &str| -> Result<f64> {
        let line = rollup.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.split_whitespace().next());
        let kib: f64 = number.with_context(|| format!("no {name}"))?.parse()?;
        Ok(kib * 1024.0)
    };
    Ok(Memory {
        resident: bytes("Rss:")?,
        proportional: bytes("Pss:")?,
    })
}

/// The memory of a process and all below it; how many they are.
pub(crate) fn family_memory(pid: u32) -> Result<(Memory, usize)> {
    let family = family(pid)?;
    let mut sum = Memory::default();
    for member in &family {
        // one that has just ended uses none
        let one = memory(*member).unwrap_or_default();
        sum.resident += one.resident;
        sum.proportional += one.proportional;
    }
    Ok((sum, family.len()))
}

/// A process and all below it.
fn family(pid: u32) -> Result<Vec<u32>> {
    let everybody: Vec<(u32, u32)> = fs::read_dir("/proc")?
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|id| Some((id, stat_field(id, 4).ok()? as u32)))
        .collect();
    let mut family = vec![pid];
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        let children = everybody
            .iter()
            .filter(|(_, of)| *of == parent)
            .map(|(id, _)| *id);
        family.extend(children);
        next += 1;
    }
    Ok(family)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_behind_any_name() {
        let stat = "42 (a) b (c)) S 7 1 1 0 -1 0 0 0 0 0 123 45 0 0";
        assert_eq!(field(stat, 4), Some(7.0));
        assert_eq!(field(stat, 14), Some(123.0));
        assert_eq!(field(stat, 15), Some(45.0));
        assert_eq!(field(stat, 99), None);
    }

    #[test]
    fn a_process_uses_time_and_memory_and_has_children() {
        let me = std::process::id();
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .expect("sleep starts");
        let family = family(me).expect("there is /proc");
        let _ = child.kill();
        let _ = child.wait();
        assert!(family.contains(&child.id()));
        assert!(memory(me).expect("there is /proc").resident > 1e5);
        assert!(age(me).expect("there is /proc") < Duration::from_secs(3_600));
        assert!(processor_time(u32::MAX).is_err());
    }
}
