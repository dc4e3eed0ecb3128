//! Holdfast's host: the only Rust that knows Tauri. It puts the client's canvases into windows and passes on, in both
//! directions; whatever can be decided without a window is decided in `holdfast-client`.
//!
//! | module | what it does |
//! |---|---|
//! | [`start`] | from the command line to the running event loop |
//! | [`environment`] | what has to hold before a toolkit starts |
//! | [`folders`], [`logging`], [`json_file`] | where things are kept on this machine |
//! | [`settings`], [`accounts`], [`thumbnails`] | what is kept there; tokens are not: they are in the keychain |
//! | [`host`] | all of the above and the client, as commands and windows reach it |
//! | [`app_state`] | what all windows share, composed anew whenever something changed |
//! | [`windows`] | which canvas is in which window; opening, closing |
//! | [`commands`] | what windows may ask |
//! | [`event_bridge`] | what windows are told |
//! | [`local_server`] | "On this device" |
//! | [`sign_in`] | other servers |
//! | [`arguments`], [`deep_link`], [`arrivals`] | files and links from outside |
//! | [`notifications`], [`tray`] | outside of the windows |
//! | [`shutdown`] | every way to end |
//!
//! Imports point from the top of this list downwards only where a module needs the host; the host itself imports
//! nothing that shows something.

mod accounts;
mod app_state;
mod arguments;
mod arrivals;
mod commands;
#[cfg(test)]
mod contract;
mod deep_link;
mod environment;
mod event_bridge;
mod folders;
mod host;
mod json_file;
mod local_server;
mod logging;
mod notices;
mod notifications;
mod settings;
mod shutdown;
mod sign_in;
mod start;
mod thumbnails;
mod tray;
mod windows;
mod words;

/// Runs the app to its end and answers what the shell is told.
#[must_use]
pub fn run() -> std::process::ExitCode {
    start::run()
}
