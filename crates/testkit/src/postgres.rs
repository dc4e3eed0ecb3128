//! A PostgreSQL of the test's own: a cluster in a folder, reached by a socket in it.
//!
//! Making a cluster takes seconds, so that it is made once for a machine and copied for each test. PostgreSQL refuses to
//! run as root: then it runs as the user that its package made.

use std::{
    ffi::OsStr,
    fs::{self, File},
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{
    eventually::{seconds, until},
    process::{Process, Signal},
};

/// Who runs it where the test is root.
const USER: &str = "postgres";
/// How long it may take to end before it is killed.
const END_WITHIN: Duration = seconds(5);

/// A running PostgreSQL. Dropping it ends it.
#[derive(Debug)]
pub struct Postgres {
    process: Option<Process>,
    folder: TempDir,
}

impl Postgres {
    /// A new one, with an empty database `holdfast`.
    ///
    /// # Panics
    ///
    /// Where PostgreSQL is not installed: `cargo xtask setup` does that.
    pub async fn start() -> Self {
        let template = template();
        let folder = tempfile::Builder::new()
            .prefix("pg")
            .permissions(fs::Permissions::from_mode(0o755))
            .tempdir()
            .expect("a temporary folder");
        let mut postgres = Self {
            process: None,
            folder,
        };
        run(Command::new("cp").arg("-a").arg(template).arg(postgres.data()));
        postgres.serve().await;
        postgres
    }

    /// `postgres://…`, for its database.
    #[must_use]
    pub fn url(&self) -> String {
        format!(
            "postgres://{USER}@localhost/holdfast?host={}",
            self.data().display()
        )
    }

    /// Ends it as a crash would: every connection breaks, what was committed stays.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Starts it again.
    pub async fn restart(&mut self) {
        self.kill();
        self.serve().await;
    }

    /// The folder of its files.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    async fn serve(&mut self) {
        let data = self.data();
        let mut command = as_user(&program("postgres"));
        command.arg("-D").arg(&data).arg("-k").arg(&data);
        // In these tests it is killed, but the machine is not: nothing needs to reach the disk.
        for setting in [
            "listen_addresses=",
            "fsync=off",
            "shared_buffers=16MB",
            "max_connections=40",
        ] {
            command.args(["-c", setting]);
        }
        self.process = Some(Process::start("postgres", self.folder.path(), &mut command));
        until("PostgreSQL takes connections", seconds(30), async || {
            let mut ready = Command::new(program("pg_isready"));
            ready.arg("-q").arg("-h").arg(&data);
            ready.status().is_ok_and(|status| status.success())
        })
        .await;
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let Some(process) = &mut self.process else { return };
        // at once, but tidy: a killed one would leave shared memory behind
        process.signal(Signal::QUIT);
        let began = Instant::now();
        while process.ended().is_none() && began.elapsed() < END_WITHIN {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A cluster with an empty database, made once for this machine.
fn template() -> PathBuf {
    let home = std::env::temp_dir().join("holdfast-postgres-template");
    let made = home.join("made");
    let lock = std::env::temp_dir().join("holdfast-postgres-template.lock");
    let lock = File::create(lock).expect("the temporary folder can be written");
    lock.lock().expect("files can be locked");
    if !made.exists() {
        let _ = fs::remove_dir_all(&home);
        fs::DirBuilder::new()
            .mode(0o755)
            .create(&home)
            .expect("the temporary folder can be written");
        if is_root() {
            run(Command::new("chown").arg(USER).arg(&home));
        }
        let making = home.join("making");
        run(as_user(&program("initdb"))
            .args([
                "-A",
                "trust",
                "-N",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "-U",
                USER,
                "-D",
            ])
            .arg(&making));
        let mut single = as_user(&program("postgres"));
        single.args(["--single", "-D"]).arg(&making).arg("postgres");
        let asked = home.join("ask.sql");
        fs::write(&asked, "CREATE DATABASE holdfast\n").expect("the template can be written");
        run(single.stdin(File::open(&asked).expect("what was written can be read")));
        fs::rename(&making, &made).expect("the template can be named");
    }
    made
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn as_user(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid", USER, "--regid", USER, "--init-groups"])
        .arg(program);
    command
}

/// The newest one that Debian's packages put where no path leads, or the one on the path.
fn program(name: &str) -> PathBuf {
    let installed = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let newest = installed
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin").join(name)))
        })
        .filter(|(_, path)| path.is_file())
        .max();
    newest.map_or_else(|| PathBuf::from(name), |(_, path)| path)
}

fn run(command: &mut Command) {
    let name = command.get_program().to_owned();
    let output = command.output().unwrap_or_else(|error| {
        panic!(
            "{}: {error}; `cargo xtask setup` installs what is missing",
            OsStr::display(&name)
        )
    });
    assert!(
        output.status.success(),
        "{command:?}: {} {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
}
