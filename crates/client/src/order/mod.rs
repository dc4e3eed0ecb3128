//! Drawing order: fractional indices, and where a file's own ones can't be used.
//!
//! Excalidraw orders elements by `index`, a fractional index in base 62, and repairs what does not ascend. Files exist
//! whose array order disagrees with their indices, or which have none. Such a file keeps the indices it came with, to the
//! letter (D08); beside them the scene remembers, for each element concerned, the *given* index and the *effective* one
//! that sorts it to its place. Windows see effective indices only, and an edit that keeps the effective index is stored
//! with the given one again.

mod effective;
mod key;

pub use effective::{Effective, FIELD};
pub use key::{NotAKey, key_between, keys_between, validate};
