//! Holdfast's client without a window: sessions, locks, journal and connection.
//!
//! | module | what it does |
//! |---|---|
//! | [`view`] | what a window shows, as data: each a snapshot that replaces the one before |
//!
//! Nothing here knows Tauri. Everything that changes can be watched as a stream of states.

pub mod view;
