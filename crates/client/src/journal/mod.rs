//! Edits on disk until the server has acknowledged them.
//!
//! One file a stint of editing, append-only: a record is its length, a checksum and JSON. An edit is on disk (fdatasync)
//! before its caller is told so; edits that come together go down together. The file goes only after the server's
//! acknowledgement, and what a program left behind when it died is a [`Draft`] for the next one. A damaged tail, as a
//! crash in the middle of a write leaves it, is cut off with a warning; what is before it counts.

mod record;
mod shelf;
mod writer;

pub use shelf::{Draft, DraftId, Recovered, Shelf};
pub use writer::Journal;

/// An edit is in memory only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "The edits can't be written to this device: {0}. Writing is tried again; make room, or export the canvas."
)]
pub struct NotOnDisk(pub &'static str);

#[cfg(test)]
mod tests;
