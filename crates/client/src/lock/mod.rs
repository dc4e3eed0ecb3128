//! One session's lock on one document, as a pure state machine: (state, input, now) → (state, effects).
//!
//! Nothing here does I/O or reads a clock. What must hold:
//!
//! * Edits are accepted in [`State::Held`] and [`State::Lapsed`] only, and the state changes before the next edit is
//!   looked at (C06). Commits go out in `Held` only, and `Held` ends at the client's own deadline: the lease's length less
//!   a margin, from the moment the last good heartbeat was *sent*.
//! * A request whose answer was lost is settled before anything else is asked of that lock (L16).
//! * A lock that the server gave and that nothing here waits for any more is given back whenever it is seen: heartbeats
//!   would keep it for ever.
//! * Fences decide what is news: an event about an earlier lock than ours is an echo.

mod machine;
mod room;
mod state;

pub use machine::LockMachine;
pub use state::{Effect, Input, Lost, State};

#[cfg(test)]
mod tests;
