//! Rooms: who listens, what they hear, in which order.
//!
//! All of it is one process's memory and can be rebuilt by clients that come back; nothing here decides anything.
//!
//! **Invariants.** One lock guards all rooms, so that a room's events have one order for all its readers (R02). A
//! reader is a member of a room from a position on: what came after that position it gets, each event once (R03).
//! Whoever may have lost access is taken out of the room *before* the next event goes out, and let in again, with
//! what was missed, only after the check (R05).

pub(crate) mod access;
mod hub;
mod join;
pub(crate) mod outbox;
mod past;
mod presence;
mod publish;

pub(crate) use hub::{Connection, Rooms, forbidden};
pub(crate) use join::{Entered, Greeting};
pub(crate) use outbox::{Ending, Outbox};
