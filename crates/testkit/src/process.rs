//! A child process whose output is kept, and which does not outlive its owner.
//!
//! Children stay in the test's process group: a test runner that gives up on a test ends them with it.

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

pub use rustix::process::Signal;
use rustix::process::{Pid, kill_process};

use crate::eventually::eventually;

/// How much of a log a failed test prints.
const LOG_TAIL: usize = 60;

/// A running program.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Process {
    /// Starts `command`, its output going to files in `folder` named after `name`.
    ///
    /// # Panics
    ///
    /// Where the program can't be started.
    #[must_use]
    pub fn start(name: &str, folder: &Path, command: &mut Command) -> Self {
        Self::start_with_input(name, folder, command, b"")
    }

    /// [`Process::start`], with something to read on standard input.
    ///
    /// # Panics
    ///
    /// Where the program can't be started or does not read.
    #[must_use]
    pub fn start_with_input(name: &str, folder: &Path, command: &mut Command, input: &[u8]) -> Self {
        let stdout = folder.join(format!("{name}.out"));
        let stderr = folder.join(format!("{name}.log"));
        let started = File::create(&stdout)
            .and_then(|out| Ok((out, File::options().create(true).append(true).open(&stderr)?)))
            .and_then(|(out, err)| command.stdin(Stdio::piped()).stdout(out).stderr(err).spawn())
            .and_then(|mut child| {
                let stdin = child.stdin.take();
                stdin.map_or(Ok(()), |mut stdin| stdin.write_all(input))?;
                Ok(child)
            });
        let child = started.unwrap_or_else(|error| {
            panic!(
                "{name} did not start: {error} ({})",
                command.get_program().display()
            )
        });
        Self {
            name: name.to_owned(),
            child,
            stdout,
            stderr,
        }
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has written to standard output so far.
    #[must_use]
    pub fn output(&self) -> String {
        read(&self.stdout)
    }

    /// What it has written to standard error so far, over all its starts.
    #[must_use]
    pub fn log(&self) -> String {
        read(&self.stderr)
    }

    /// Sends a signal; one that has ended takes none.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        let _ = kill_process(pid, signal);
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits for its end.
    ///
    /// # Panics
    ///
    /// Where it goes on for longer than `within`.
    pub async fn end(&mut self, within: Duration) -> ExitStatus {
        let what = format!("{} ends", self.name);
        eventually(&what, within, async || self.ended()).await
    }

    /// Kills it, as a crash or a pulled plug would, and waits until it is gone.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- {} ({})", self.name, self.stderr.display());
            let log = self.log();
            let lines: Vec<_> = log.lines().collect();
            for line in &lines[lines.len().saturating_sub(LOG_TAIL)..] {
                eprintln!("    {line}");
            }
        }
    }
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eventually::{seconds, until};

    #[tokio::test]
    async fn it_keeps_what_was_said_and_tells_how_it_ended() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "echo out; echo err >&2; exit 7"]);
        let mut process = Process::start("say", folder.path(), &mut command);
        assert_eq!(process.end(seconds(10)).await.code(), Some(7));
        assert_eq!(process.output(), "out\n");
        assert_eq!(process.log(), "err\n");
    }

    #[tokio::test]
    async fn dropping_it_ends_it_even_while_it_is_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let process = Process::start("wait", folder.path(), Command::new("sleep").arg("600"));
        let stat = format!("/proc/{}/stat", process.id());
        process.signal(Signal::STOP);
        until("it is stopped", seconds(10), async || {
            read(Path::new(&stat)).contains(") T ")
        })
        .await;
        drop(process);
        assert!(!Path::new(&stat).exists());
    }
}
