//! Holdfast's client without a window: sessions, locks, journal and connection.
//!
//! | module | what it does |
//! |---|---|
//! | [`view`] | what a window shows, as data: each a snapshot that replaces the one before |
//!
//! Nothing here knows Tauri. Everything that changes can be watched as a stream of states.

pub mod api;
pub mod canvas;
mod client;
pub mod clock;
mod config;
pub mod connection;
pub mod credentials;
mod jobs;
pub mod document;
pub mod journal;
pub mod lock;
pub mod order;
mod server;
pub mod view;

pub use canvas::{Canvas, CloseReport, OpenMode};
pub use client::{Client, Freed};
pub use config::{ClientConfig, HttpConfig};
pub use jobs::Job;
pub use server::Server;
