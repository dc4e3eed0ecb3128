//! Holdfast's server.
//!
//! | module | what it does |
//! |---|---|
//! | [`engine`] | sessions, leases, locks, fences: the arbiter |
//! | [`store`] | accounts, documents, versions, files: what is kept |
//! | [`database`] | one writer, many readers, the schema |
//! | [`clock`] | the one source of time |
//! | [`happening`] | what a change tells the rooms, in the order in which it took effect |
//! | [`caller`] | who asks |
//! | `http`, `socket` | the edge: reading requests and frames, answering them |
//! | `rooms` | who listens, what they hear, in which order |
//! | [`server`] | putting it all together, running it, ending it |
//! | [`config`] | flags, environment, file, defaults |
//!
//! Imports point one way: `http` and `socket` → `engine`, `store` → `database`. Nothing here keeps a lock, a lease or
//! a timer in memory: what matters is stored, and every answer is worked out from (`now`, what is stored).

mod app;
pub mod caller;
pub mod clock;
pub mod config;
pub mod database;
pub mod engine;
#[cfg(test)]
mod fixture;
pub mod happening;
mod http;
mod metrics;
mod refusal;
mod rooms;
pub mod server;
mod socket;
pub mod store;
