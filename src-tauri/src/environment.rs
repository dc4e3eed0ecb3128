//! What has to hold before a toolkit starts.

use std::{process::ExitCode, time::Duration};

/// Why no window can be opened here.
#[derive(Debug, thiserror::Error)]
#[error(
    "no display: {0}. Holdfast is a desktop app; start it from a desktop session, or set DISPLAY or WAYLAND_DISPLAY"
)]
pub(crate) struct NoDisplay(&'static str);

/// A canvas that nobody draws on is given back after this long; the rules' own number where it is not set.
const IDLE_RELEASE: &str = "HOLDFAST_IDLE_RELEASE";

/// Something that is no duration.
#[derive(Debug, thiserror::Error)]
#[error("{IDLE_RELEASE}={value}: {error}; write it as 45s or 30min")]
pub(crate) struct NoDuration {
    value: String,
    error: humantime::DurationError,
}

/// After how long without input a canvas is given back, where that is said.
pub(crate) fn idle_release() -> Result<Option<Duration>, NoDuration> {
    let value = std::env::var_os(IDLE_RELEASE).filter(|value| !value.is_empty());
    let Some(value) = value.map(|value| value.to_string_lossy().into_owned()) else {
        return Ok(None);
    };
    match humantime::parse_duration(&value) {
        Ok(duration) => Ok(Some(duration)),
        Err(error) => Err(NoDuration { value, error }),
    }
}

/// Set before GTK starts, on machines where WebKit otherwise leaves windows blank with some graphics drivers.
#[cfg(target_os = "linux")]
const PREFERRED: (&str, &str) = ("WEBKIT_DISABLE_DMABUF_RENDERER", "1");

/// Starts this program again with the preferred environment where that is not set: a running process can't change its
/// own safely. The process id stays. Answers only where nothing needs to change, or with the code to end with.
#[cfg(target_os = "linux")]
pub(crate) fn prefer() -> Option<ExitCode> {
    use std::os::unix::process::CommandExt as _;

    let (name, value) = PREFERRED;
    if std::env::var_os(name).is_some() {
        return None;
    }
    // Where the program can't be found it goes on as it is: better a window that may be blank than none.
    let program = std::env::current_exe().ok()?;
    let mut command = std::process::Command::new(program);
    command.args(std::env::args_os().skip(1)).env(name, value);
    let error = command.exec();
    eprintln!("holdfast: could not start again with {name} set: {error}");
    None
}

/// Nothing to prefer.
#[cfg(not(target_os = "linux"))]
pub(crate) fn prefer() -> Option<ExitCode> {
    None
}

/// Whether windows can be opened: asked before the toolkit is, which would end the program in its own way.
#[cfg(target_os = "linux")]
pub(crate) fn display() -> Result<(), NoDisplay> {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if !set("DISPLAY") && !set("WAYLAND_DISPLAY") {
        return Err(NoDisplay("neither DISPLAY nor WAYLAND_DISPLAY is set"));
    }
    gtk::init().map_err(|_| NoDisplay("the one that is named does not answer"))
}

/// Other systems always have one.
#[cfg(not(target_os = "linux"))]
pub(crate) fn display() -> Result<(), NoDisplay> {
    Ok(())
}
