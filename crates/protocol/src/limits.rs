//! Sizes and durations that both sides rely on. Durations are defaults: a server may be configured otherwise,
//! and tells each session what holds for it.

use std::time::Duration;

/// Lease of a session without a wish of its own: three missed heartbeats, with room for a slow network.
pub const LEASE_TTL: Duration = Duration::from_secs(45);
/// Shortest lease a session may ask for.
pub const LEASE_TTL_MIN: Duration = Duration::from_secs(10);
/// Longest lease a session may ask for.
pub const LEASE_TTL_MAX: Duration = Duration::from_secs(60 * 60);
/// A heartbeat is due each TTL / this.
pub const HEARTBEATS_PER_TTL: u32 = 3;
/// What is left of a lease once the session's last socket closed without a goodbye: a closed app frees its locks
/// in seconds, a blip does not.
pub const GRACE: Duration = Duration::from_secs(5);
/// How much earlier than the server a client gives a lease up, counted from the moment its last good heartbeat
/// was *sent*.
pub const CLIENT_DEADLINE_MARGIN: Duration = Duration::from_secs(5);
/// How long a freed lock is reserved for the first waiter.
pub const OFFER: Duration = Duration::from_secs(30);
/// An idle holder that leaves a hand-over request unanswered loses the lock after this.
pub const HAND_OVER_WAIT: Duration = Duration::from_secs(60);
/// A holder without input for this long counts as idle.
pub const IDLE_HOLDER: Duration = Duration::from_secs(5 * 60);
/// A holder without input for this long commits and releases.
pub const IDLE_RELEASE: Duration = Duration::from_secs(30 * 60);
/// An edit is on the client's disk after this at the latest.
pub const JOURNAL_WITHIN: Duration = Duration::from_millis(300);
/// An edit is at the server after this at the latest, while online.
pub const COMMIT_WITHIN: Duration = Duration::from_secs(1);
/// How long a closing window may take to flush and release.
pub const CLOSE_BUDGET: Duration = Duration::from_secs(2);
/// A sign-in that was not used for this long is over.
pub const SIGN_IN_UNUSED: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// So many wrong sign-ins of one account within [`SIGN_IN_WINDOW`], and it is closed for a while.
pub const WRONG_SIGN_INS_BY_ACCOUNT: u32 = 10;
/// So many wrong sign-ins from one address within [`SIGN_IN_WINDOW`], and it is closed for a while.
pub const WRONG_SIGN_INS_BY_ADDRESS: u32 = 50;
/// Over how long wrong sign-ins are counted.
pub const SIGN_IN_WINDOW: Duration = Duration::from_secs(5 * 60);
/// A client says `hello` within this, or its socket is closed.
pub const HELLO_WITHIN: Duration = Duration::from_secs(10);
/// How long an ended session's id stays reserved for its user (S06).
pub const SESSION_RESERVED: Duration = Duration::from_secs(24 * 60 * 60);

/// Largest element, in bytes of JSON.
pub const ELEMENT_BYTES: usize = 1 << 20;
/// Largest commit request, in bytes of JSON.
pub const COMMIT_BYTES: usize = 8 << 20;
/// Largest file (image), in bytes.
pub const FILE_BYTES: usize = 16 << 20;
/// Most live elements of a document.
pub const DOCUMENT_ELEMENTS: usize = 100_000;
/// Largest frame a client may send over the socket, in bytes.
pub const FRAME_BYTES: usize = 1 << 20;
/// Most frames that wait for a slow reader.
pub const QUEUED_FRAMES: usize = 1_000;
/// Most bytes that wait for a slow reader.
pub const QUEUED_BYTES: usize = 1 << 20;
/// A slow reader that takes no frame for this long is disconnected.
pub const SLOW_READER: Duration = Duration::from_secs(10);
/// A room's events kept for those who come back: at least this many,
pub const EVENTS_KEPT: usize = 1_000;
/// and at least for this long.
pub const EVENTS_KEPT_FOR: Duration = Duration::from_secs(10 * 60);
/// Longest name of a document, project, workspace, user or device, in characters.
pub const NAME_CHARS: usize = 200;
/// Longest id of an element or a file, in bytes of UTF-8.
pub const ELEMENT_ID_BYTES: usize = 256;
/// Longest reason or message a person writes, in characters.
pub const REASON_CHARS: usize = 500;
/// Largest integer that every JSON reader keeps exactly: fences, versions and `seq` stay below it.
pub const INTEGER_BELOW: i64 = 1 << 53;
/// Items of a list page where the caller names no `limit`.
pub const PAGE: u32 = 50;
/// Most items of a list page.
pub const PAGE_MAX: u32 = 500;
