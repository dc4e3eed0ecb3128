//! Holdfast's client without a window: sessions, locks, journal and connection.
//!
//! | module | what it does |
//! |---|---|
//! | [`Client`], [`Server`], [`Canvas`] | the facade: what a window's host calls |
//! | [`api`] | the server's HTTP interface, typed |
//! | [`connection`] | one socket for all sessions of a server: heartbeats, rooms, coming back |
//! | [`lock`] | one session's lock as a pure state machine |
//! | [`document`] | the server's state as known here, and the edits on top |
//! | [`conflict`] | two drawings made of one: what differs, and the merge |
//! | [`journal`] | edits on disk until they are acknowledged; drafts |
//! | `drafts` | the shelf as people use it |
//! | [`canvas`] | a window's session: the actor that ties the above together |
//! | [`order`] | fractional indices, given and effective |
//! | [`file`] | `.excalidraw` files, in and out |
//! | [`credentials`] | tokens in the operating system's keychain |
//! | [`clock`] | time that counts suspend |
//! | [`view`] | what a window shows, as data: each a snapshot that replaces the one before |
//!
//! Nothing here knows Tauri. Everything that changes can be watched as a stream of states. A stroke goes from
//! [`Canvas::edit`] through the lock machine into the journal, from there in a commit to the server, and comes to other
//! windows as an event of the document's room.

pub mod api;
pub mod canvas;
mod client;
pub mod clock;
mod config;
pub mod conflict;
pub mod connection;
mod copying;
pub mod credentials;
pub mod document;
mod drafts;
pub mod file;
mod jobs;
pub mod journal;
pub mod lock;
pub mod order;
mod server;
pub mod view;

pub use canvas::{Canvas, CloseReport, OpenMode};
pub use client::{Client, Freed};
pub use config::{ClientConfig, HttpConfig};
pub use drafts::DraftCopy;
pub use jobs::Job;
pub use server::Server;
