//! `.excalidraw` files: in and out, equal field by field (D08).

mod drawing;
mod links;
pub mod picture;
mod read;
mod write;

pub use drawing::{Drawing, DrawingFile};
pub use read::{BadFile, FILE_MAX, read};
pub use write::{ExportFile, write};

#[cfg(test)]
mod tests;
