//! What a window shows, as data. The types are exported to TypeScript; the webview has no state of its own about locks,
//! saving or connections.
//!
//! Durations are milliseconds measured on the local clock that counts suspend; a window counts on from when it got the
//! snapshot. Timestamps are the server's and only displayed, never compared with a local clock (X10).

mod canvas;
mod conflict;
mod draft;
mod history;
mod holder;
mod library;
mod words;

pub use canvas::*;
pub use conflict::*;
pub use draft::*;
pub use history::*;
pub use library::*;
pub use words::{disk_refusal, sentence};
