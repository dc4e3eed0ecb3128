//! Edits on disk until the server has acknowledged them.
//!
//! One file a stint of editing, append-only: a record is its length, a checksum and JSON. An edit is on disk (fdatasync)
//! before its caller is told so; edits that come together go down together. The file goes only after the server's
//! acknowledgement, and what a program left behind when it died is a [`Draft`] for the next one. A damaged part, as a
//! crash in the middle of a write leaves it at the end, is cut off and told of ([`Damage`]); all else counts.
//!
//! Where the disk takes nothing, edits wait in memory and are written as soon as it does; where the file is taken away
//! under the program, it is written anew from what is still open.

mod base;
mod claim;
mod disk;
mod label;
pub(crate) mod private;
mod record;
mod recovery;
mod shelf;
mod writer;

pub(crate) use base::Base;
pub(crate) use claim::Claim;
pub use recovery::{Damage, Draft, Recovered};
pub use shelf::{DraftId, Shelf};
pub use writer::Journal;

/// An edit is in memory only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOnDisk {
    /// The disk refuses, for this reason.
    #[error(
        "The edits can't be written to this device: {0}. Writing is tried again; make room, or export the canvas."
    )]
    Refused(&'static str),
    /// What writes them has failed.
    #[error(
        "The edits can't be written to this device: Holdfast itself has failed. Save or export the canvas, and open it again."
    )]
    WriterFailed,
}

#[cfg(test)]
mod tests;
