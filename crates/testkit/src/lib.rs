//! What Holdfast's tests stand on: real programs, watched from outside.
//!
//! | module | what it gives a test |
//! |---|---|
//! | [`eventually`] | waiting for a condition, with a deadline and a reason |
//! | [`binary`] | where Cargo put the programs under test |
//! | [`process`] | a child process with a log, signals, and an end |
//! | [`server`] | a `holdfast-server` of the test's own: kill, stop, restart |
//! | [`api`] | the HTTP interface as bytes on the wire show it |
//! | [`session`] | an editor session that locks and commits |
//! | [`socket`] | the WebSocket, frame by frame, with ways to leave it rudely |
//! | [`network`] | a link between two programs that fails on command, and counts its failures |
//! | [`desktop`] | a screen, a window manager, a session bus, a keyring and a notification daemon |
//! | [`postgres`] | a PostgreSQL of the test's own |
//! | [`app`] | the desktop app in its real windows |
//!
//! Nothing here imports the code under test: a rule is proved by what anybody can see. What goes wrong in a
//! test is a panic with the story in it; a `Result` would only be unwrapped by each caller. Every test has its own
//! ports, folders, screen and bus, so that all can run at once, and nothing outlives the value that started it.

pub mod api;
pub mod app;
pub mod binary;
pub mod desktop;
pub mod eventually;
pub mod network;
pub mod postgres;
pub mod process;
pub mod server;
pub mod session;
pub mod socket;

pub use api::{Answer, Client};
pub use eventually::{eventually, seconds};
pub use server::Server;
pub use session::Session;
pub use socket::Socket;
