//! A `holdfast-server` of the test's own.

use std::{
    ffi::OsString,
    io::Write,
    net::SocketAddr,
    path::Path,
    process::{Command, ExitStatus, Stdio},
};

use tempfile::TempDir;

use crate::{
    api::Client,
    binary::built,
    eventually::{eventually, seconds},
    process::{Process, Signal},
};

/// The password of every account that [`Server::user`] makes.
pub const PASSWORD: &str = "correct horse battery";

/// A running server with its own data folder and port. Dropping it kills it.
#[derive(Debug)]
pub struct Server {
    process: Process,
    address: SocketAddr,
    arguments: Vec<OsString>,
    folder: TempDir,
}

impl Server {
    /// A server with the defaults of the specification.
    pub async fn start() -> Self {
        Self::start_with([] as [&str; 0]).await
    }

    /// A server with further arguments of `serve`, as `["--lease-ttl", "10s"]`.
    pub async fn start_with<I>(arguments: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<OsString>,
    {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let (process, address) = serve(folder.path(), any, &arguments).await;
        Self {
            process,
            address,
            arguments,
            folder,
        }
    }

    /// Where it listens; stays the same over restarts.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://ADDRESS:PORT`
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where its database is.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        self.folder.path()
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// What it has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// SIGKILL: no goodbye to anybody.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// SIGTERM: it drains; answers how it ended.
    pub async fn terminate(&mut self) -> ExitStatus {
        self.process.signal(Signal::TERM);
        self.process.end(seconds(20)).await
    }

    /// SIGSTOP: it hangs, its sockets stay open.
    pub fn pause(&self) {
        self.process.signal(Signal::STOP);
    }

    /// SIGCONT: it goes on after [`Server::pause`].
    pub fn resume(&self) {
        self.process.signal(Signal::CONT);
    }

    /// Starts it again on the same data and port; kills it first where it still runs.
    pub async fn restart(&mut self) {
        self.process.kill();
        let (process, _) = serve(self.folder.path(), self.address, &self.arguments).await;
        self.process = process;
    }

    /// Makes an account on the command line, as an operator would on a running server.
    ///
    /// # Panics
    ///
    /// Where the command refuses.
    pub fn add_user(&self, email: &str, name: &str, password: &str) {
        let mut child = program()
            .args([
                "user",
                "add",
                "--password-stdin",
                "--email",
                email,
                "--name",
                name,
                "--data-dir",
            ])
            .arg(self.data_dir())
            .args(self.database_arguments())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("holdfast-server starts");
        let mut stdin = child.stdin.take().expect("stdin is piped");
        writeln!(stdin, "{password}").expect("the command reads the password");
        drop(stdin);
        let output = child.wait_with_output().expect("the command ends");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "user add {email}: {} {errors}",
            output.status
        );
    }

    /// Which database it was told to use, for commands beside it.
    fn database_arguments(&self) -> &[OsString] {
        let at = self
            .arguments
            .iter()
            .position(|argument| argument == "--database-url");
        at.map_or(&[], |at| &self.arguments[at..at + 2])
    }

    /// Makes an account `NAME@example.org` and signs it in on a device called `NAME's laptop`.
    pub async fn user(&self, name: &str) -> Client {
        let email = format!("{}@example.org", name.to_lowercase());
        self.add_user(&email, name, PASSWORD);
        Client::sign_in(&self.url(), &email, PASSWORD, &format!("{name}'s laptop")).await
    }
}

fn program() -> Command {
    let mut command = Command::new(built("holdfast-server", "HOLDFAST_SERVER_BIN"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HOLDFAST_")) {
        command.env_remove(name);
    }
    command
}

/// Starts a server and waits until it says where it listens.
async fn serve(folder: &Path, listen: SocketAddr, arguments: &[OsString]) -> (Process, SocketAddr) {
    let mut command = program();
    command
        .args(["serve", "--listen", &listen.to_string(), "--data-dir"])
        .arg(folder)
        .args(arguments);
    let mut process = Process::start("holdfast-server", folder, &mut command);
    let address = eventually("holdfast-server says where it listens", seconds(30), async || {
        if let Some(status) = process.ended() {
            panic!(
                "holdfast-server ended before it served: {status}\n{}",
                process.log()
            );
        }
        listening(&process.output())
    })
    .await;
    (process, address)
}

/// Reads `listening on http://ADDRESS:PORT` from complete lines only: a half-written port is another port.
fn listening(output: &str) -> Option<SocketAddr> {
    output
        .split_inclusive('\n')
        .filter_map(|line| line.strip_suffix('\n'))
        .find_map(|line| line.strip_prefix("listening on http://")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_from_a_complete_line_only() {
        assert_eq!(listening("listening on http://127.0.0.1:74"), None);
        let address = listening("hello\nlistening on http://127.0.0.1:7420\n");
        assert_eq!(address, Some(SocketAddr::from(([127, 0, 0, 1], 7420))));
    }
}
