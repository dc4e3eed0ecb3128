//! The wire between Holdfast's clients and servers: plain data and nothing else.
//!
//! | module | what it holds |
//! |---|---|
//! | [`ids`] | typed identifiers |
//! | [`instant`] | wire timestamps, RFC 3339 UTC with milliseconds |
//! | [`limits`] | sizes and durations both sides agree on |
//! | [`problem`] | error codes and the `application/problem+json` body |
//! | [`account`] | sign-in, users, workspaces, members, projects, audit |
//! | [`session`] | editor sessions and their leases |
//! | [`lock`] | locks, holders, refusals |
//! | [`document`] | documents, content, commits, history |
//! | [`room`] | room names and the events that happen in them |
//! | [`socket`] | the frames of the WebSocket |
//!
//! There is no I/O here, no clock and no policy. Every type has a snapshot test of its JSON form.

pub mod account;
pub mod document;
pub mod ids;
pub mod instant;
pub mod limits;
pub mod lock;
pub mod problem;
pub mod room;
pub mod session;
pub mod socket;

pub use ids::{CommitId, DocumentId, ProjectId, SessionId, SignInId, UserId, WorkspaceId};
pub use instant::Timestamp;
pub use problem::{Code, Problem};

/// The number a client names in `hello`; a server that does not speak it answers with `error`.
pub const PROTOCOL: u32 = 1;

/// JSON text kept exactly as it was sent: numbers keep their digits, fields their order.
///
/// Element data, scenes and presence states pass through Holdfast untouched; only what the rules need
/// (`id`, `index`) is ever looked at.
pub type Json = Box<serde_json::value::RawValue>;
