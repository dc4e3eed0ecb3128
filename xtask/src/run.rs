//! `cargo xtask run`: from a clone to the app in one command, even on a machine without a screen.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use rustix::process::{Pid, Signal, kill_process};

use crate::{
    command::{cargo, command, output, repository, run as must, succeeds},
    setup, ui,
};

/// How long a window may take to appear and be painted.
const PAINTED_WITHIN: Duration = Duration::from_secs(60);

/// A screen with fewer colours than this shows nothing yet.
const COLOURS_AT_LEAST: u32 = 32;

/// Where Debian keeps the daemon that shows notifications.
const NOTIFICATION_DAEMON: &str = "/usr/lib/notification-daemon/notification-daemon";

#[derive(Args)]
pub(crate) struct Options {
    /// With no display: end after the picture is taken
    #[arg(long)]
    once: bool,
    /// Build with optimisation
    #[arg(long)]
    release: bool,
    /// On the display that was brought up for it
    #[arg(long, hide = true)]
    inside: bool,
    /// Arguments for the app: a link or a file
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// `cargo xtask run`
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.inside {
        return inside(options);
    }
    let display = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()));
    let display = display || !cfg!(target_os = "linux");
    setup::system_packages(!display)?;
    setup::ui_packages()?;
    ui::build()?;
    let mut build = cargo(&["build", "--locked", "--package", "holdfast", "--bin", "holdfast"]);
    if options.release {
        build.arg("--release");
    }
    must(&mut build)?;
    if display {
        return must(command(&app(options).to_string_lossy(), &[]).args(&options.arguments));
    }
    eprintln!(
        "There is no display here: the app gets a virtual one of its own, and a picture of it is saved."
    );
    let program = env::current_exe().context("this program's own path")?;
    let mut session = command(
        "dbus-run-session",
        &["--", "xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", "--"],
    );
    session.arg(program).args(["run", "--inside"]);
    session
        .args(options.once.then_some("--once"))
        .args(options.release.then_some("--release"));
    session.arg("--").args(&options.arguments);
    must(&mut session)
}

fn app(options: &Options) -> PathBuf {
    let profile = if options.release { "release" } else { "debug" };
    target().join(profile).join("holdfast")
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| repository().join("target"), PathBuf::from)
}

/// On our own display: a window manager, an unlocked keyring, notifications, the app, a picture.
fn inside(options: &Options) -> Result<()> {
    let mut manager = command("openbox", &[])
        .stderr(Stdio::null())
        .spawn()
        .context("openbox")?;
    let mut keyring = keyring()?;
    let mut notifications = command(NOTIFICATION_DAEMON, &[]).stderr(Stdio::null()).spawn()?;
    let mut app = command(&app(options).to_string_lossy(), &[])
        .args(&options.arguments)
        .spawn()
        .context("the app")?;
    let done = picture(&mut app).and_then(|path| {
        eprintln!("A picture of the app is in {}", path.display());
        if options.once {
            let _ = kill_process(Pid::from_child(&app), Signal::TERM);
        } else {
            eprintln!("It runs until you press Ctrl-C.");
        }
        let status = app.wait()?;
        if !status.success() {
            bail!("the app ended with {status}");
        }
        Ok(())
    });
    for child in [&mut app, &mut notifications, &mut keyring, &mut manager] {
        let _ = child.kill();
        let _ = child.wait();
    }
    done
}

fn keyring() -> Result<Child> {
    use std::io::Write;
    let mut keyring = command(
        "gnome-keyring-daemon",
        &["--foreground", "--unlock", "--components=secrets"],
    )
    .stdin(Stdio::piped())
    .stdout(Stdio::null())
    .stderr(Stdio::null())
    .spawn()
    .context("gnome-keyring-daemon")?;
    // an empty password, ended by a line break
    keyring.stdin.take().context("piped")?.write_all(b"\n")?;
    Ok(keyring)
}

/// Waits until the app's window is painted and saves what the screen shows.
fn picture(app: &mut Child) -> Result<PathBuf> {
    let folder = repository().join("artifacts");
    fs::create_dir_all(&folder)?;
    let path = folder.join("run.png");
    let start = Instant::now();
    while start.elapsed() < PAINTED_WITHIN {
        if let Some(status) = app.try_wait()? {
            bail!("the app ended before it showed a window: {status}");
        }
        if window_is_there() && take(&path) && colours(&path) >= COLOURS_AT_LEAST {
            // what was painted first may lack its last text and pictures
            sleep(Duration::from_secs(1));
            take(&path);
            return Ok(path);
        }
        sleep(Duration::from_millis(250));
    }
    bail!("the app showed no window within {} s", PAINTED_WITHIN.as_secs())
}

fn window_is_there() -> bool {
    output(&mut command("wmctrl", &["-l"])).is_some_and(|list| list.contains("Holdfast"))
}

fn take(path: &Path) -> bool {
    succeeds(command("import", &["-window", "root"]).arg(path))
}

fn colours(path: &Path) -> u32 {
    let count = output(command("identify", &["-format", "%k"]).arg(path));
    count.and_then(|count| count.parse().ok()).unwrap_or(0)
}
