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
//!
//! Imports point one way: `http` and `socket` → `engine`, `store` → `database`. Nothing here keeps a lock, a lease or
//! a timer in memory: what matters is stored, and every answer is worked out from (`now`, what is stored).

pub mod caller;
pub mod clock;
pub mod database;
pub mod engine;
pub mod happening;
pub mod store;
