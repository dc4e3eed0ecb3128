//! Installs what is missing, and is quick where nothing is.

use std::{fs, process::Command};

use anyhow::{Context, Result, bail};

use crate::command::{cargo, command, npm, output, repository, run, succeeds, tools};

/// What the app links against and needs to run, by Debian's names.
const APP_PACKAGES: &[&str] = &[
    "build-essential",
    "file",
    "libayatana-appindicator3-dev",
    "libdbus-1-dev",
    "librsvg2-dev",
    "libssl-dev",
    "libwebkit2gtk-4.1-dev",
    "libxdo-dev",
    "patchelf",
    "pkg-config",
];

/// What a desktop of our own is made of: for tests, and for `run` without a display.
const DESKTOP_PACKAGES: &[&str] = &[
    "dbus",
    "dbus-x11",
    "dunst",
    "gnome-keyring",
    "imagemagick",
    "libnotify-bin",
    "libsecret-tools",
    "notification-daemon",
    "openbox",
    "postgresql",
    "sqlite3",
    "webkit2gtk-driver",
    "wmctrl",
    "xauth",
    "xdotool",
    "xvfb",
];

/// The oldest Node.js that the UI's tools run on.
const NODE_AT_LEAST: u32 = 20;

/// All of it.
pub(crate) fn everything() -> Result<()> {
    system_packages(true)?;
    ui_packages()?;
    nextest()?;
    deny()
}

/// What the app needs to build and run; with `desktop`, a desktop too.
pub(crate) fn system_packages(desktop: bool) -> Result<()> {
    if !succeeds(&mut command("apt-get", &["--version"])) {
        // other systems have other names; what is missing shows when it is needed
        return Ok(());
    }
    let more: &[&str] = if desktop { DESKTOP_PACKAGES } else { &[] };
    let wanted: Vec<&str> = APP_PACKAGES.iter().chain(more).copied().collect();
    let missing = missing_packages(&wanted);
    if missing.is_empty() {
        return Ok(());
    }
    let Some(prefix) = privilege() else {
        bail!(
            "these packages are missing: sudo apt-get install {}",
            missing.join(" ")
        );
    };
    let apt = |arguments: &[&str]| -> Command {
        let words: Vec<&str> = prefix
            .iter()
            .copied()
            .chain(["apt-get"])
            .chain(arguments.iter().copied())
            .collect();
        let mut apt = command(words[0], &words[1..]);
        apt.env("DEBIAN_FRONTEND", "noninteractive");
        apt
    };
    run(&mut apt(&["update", "--quiet"]))?;
    let mut arguments = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
    arguments.extend(missing);
    run(&mut apt(&arguments))
}

fn missing_packages<'a>(wanted: &[&'a str]) -> Vec<&'a str> {
    let mut query = command(
        "dpkg-query",
        &["--show", "--showformat", "${Package} ${db:Status-Status}\n"],
    );
    query.args(wanted);
    // it fails where any package is unknown, and still lists the others
    let listed = query.output().map(|output| output.stdout).unwrap_or_default();
    let listed = String::from_utf8_lossy(&listed).into_owned();
    let installed = |name: &str| {
        listed
            .lines()
            .any(|line| line.strip_suffix(" installed") == Some(name))
    };
    wanted.iter().copied().filter(|name| !installed(name)).collect()
}

/// The words before a command that needs root, if we can be root.
fn privilege() -> Option<&'static [&'static str]> {
    if rustix::process::geteuid().is_root() {
        Some(&[])
    } else if succeeds(&mut command("sudo", &["-n", "true"])) {
        Some(&["sudo", "DEBIAN_FRONTEND=noninteractive"])
    } else {
        None
    }
}

/// The UI's packages, exactly as locked; nothing to do where they were installed from this very lock file.
pub(crate) fn ui_packages() -> Result<()> {
    node()?;
    let ui = repository().join("ui");
    let lock = fs::read(ui.join("package-lock.json")).context("ui/package-lock.json")?;
    let stamp = ui.join("node_modules/.installed-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    run(&mut npm(&["ci", "--no-audit", "--no-fund"]))?;
    fs::write(&stamp, lock).context("the mark of what was installed")
}

fn node() -> Result<()> {
    let version = output(&mut command("node", &["--version"]));
    let major = version
        .as_deref()
        .and_then(|v| v.strip_prefix('v')?.split('.').next()?.parse::<u32>().ok());
    match major {
        Some(major) if major >= NODE_AT_LEAST => Ok(()),
        Some(_) => bail!(
            "Node.js {NODE_AT_LEAST} or later is needed, here is {}",
            version.unwrap_or_default()
        ),
        None => bail!("Node.js {NODE_AT_LEAST} or later is needed (nodejs.org, or your system's package)"),
    }
}

/// The test runner.
pub(crate) fn nextest() -> Result<()> {
    tool("cargo-nextest", "nextest")
}

/// The checker of licences and sources of what we depend on.
pub(crate) fn deny() -> Result<()> {
    tool("cargo-deny", "deny")
}

/// Whether a cargo subcommand is there.
pub(crate) fn has(subcommand: &str) -> bool {
    succeeds(&mut cargo(&[subcommand, "--version"]))
}

/// Builds a cargo subcommand into our own folder. Without optimisation: building costs more than running.
fn tool(package: &str, subcommand: &str) -> Result<()> {
    if has(subcommand) {
        return Ok(());
    }
    let root = tools();
    let mut install = cargo(&["install", package, "--locked", "--debug", "--root"]);
    install.arg(&root).arg("--target-dir").arg(root.join("build"));
    run(&mut install)
}
