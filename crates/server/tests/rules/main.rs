//! The specification's rules, proved over HTTP and the socket against the real program.
//!
//! Tests are named after the rule that they prove. Each has a server, a folder and ports of its own.

mod access;
mod commits;
mod embedded;
mod files;
mod force;
mod history;
mod kills;
mod locks;
mod malformed;
mod openapi;
mod postgres;
mod process;
mod releases;
mod restored;
mod resume;
mod rooms;
mod sessions;
mod socket;
mod stage;
