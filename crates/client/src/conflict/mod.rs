//! Two drawings that were made of one: what differs, and what becomes of it (X05).
//!
//! Everything here is a function of three drawings: the base that both sides were made on, *mine* (this device's), and
//! *theirs* (the server's). A plan says what to change of theirs, as that is what a commit is made on. Invariants, all of
//! them proved by properties in `tests.rs`: nothing is invented; what one side alone changed is taken; what both changed is
//! taken from the side that was chosen; what is equal but for fields that only count saves is no difference.

mod compare;
mod plan;
mod same;
mod scene;

pub use compare::{Comparison, Drawings, Piece, Side};
pub use plan::{Choices, NotChosen, Plan, Put};
pub use same::same;
pub use scene::merged_scene;

#[cfg(test)]
mod tests;
