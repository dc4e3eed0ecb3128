//! A document as the client has it: the server's state, and the edits that are not acknowledged on top.

mod edits;
mod raw;
mod shadow;

pub use edits::{Batch, Edits, Key, base_version, key_of, set_base};
pub use raw::{NotAnObject, RawObject, to_json};
pub use shadow::{Applied, Shadow};

#[cfg(test)]
mod tests;
