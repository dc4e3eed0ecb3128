//! The real app in real windows, against real servers, on desktops with a keyring and a notification daemon.
//!
//! | module | what it proves |
//! |---|---|
//! | [`one_person`] | a canvas on this device: import, edit, close, reopen, export; two windows of one user; reload |
//! | [`two_people`] | two apps and one server: live strokes, refusal, notification, take-over, crash, sign-out |
//! | [`offline`] | away from the server and back: the lock kept, lapsed and had again; the alarm when nothing is saved |
//! | [`conflicts`] | two versions of a canvas and the ways out, each looked at from elsewhere |
//! | [`large_conflict`] | three thousand differences; nothing but a keyboard |
//! | [`drafts`] | the shelf: gone on with, compared, copied, discarded |
//! | [`history`] | versions of a canvas: looked at, compared, restored, copied, named |
//! | [`idle`] | a canvas that nobody draws on is given back |
//! | [`kill`] | the app killed at random moments while somebody draws |
//! | [`waiting`] | locks that outlast a hung page; being told by another notification service |
//! | [`rights`] | viewers, removed members, copies, what may not be deleted |
//! | [`trouble`] | wrong passwords, cut networks, killed servers and apps, bad disks |
//! | [`pictures`] | nothing: it takes the pictures of the README |
//! | [`app_life`] | start, second start, links and files, quitting, SIGTERM, and what a desktop may lack |
//!
//! [`person`] is somebody at a desktop; [`library`] and [`canvas`] are the two kinds of window as that person sees them.
//! [`team`] is two people with a canvas between them, [`linked`] one behind a network that fails, [`disputed`] one
//! whose canvas others have changed meanwhile, [`shapes`] what others draw.
//! Pictures of each state are left in `artifacts/screenshots`.

mod app_life;
mod canvas;
mod conflicts;
mod disputed;
mod drafts;
mod excalidraw;
mod history;
mod idle;
mod kill;
mod large_conflict;
mod library;
mod linked;
mod offline;
mod one_person;
mod person;
mod pictures;
mod rights;
mod shapes;
mod team;
mod trouble;
mod two_people;
mod waiting;
