//! The real app in real windows, against real servers, on desktops with a keyring and a notification daemon.
//!
//! | module | what it proves |
//! |---|---|
//! | [`one_person`] | a canvas on this device: import, edit, close, reopen, export; two windows of one user; reload |
//! | [`two_people`] | two apps and one server: live strokes, refusal, notification, take-over, crash, sign-out |
//! | [`rights`] | viewers, removed members, copies, what may not be deleted |
//! | [`trouble`] | wrong passwords, cut networks, killed servers and apps, bad disks |
//! | [`app_life`] | start, second start, links and files, quitting, SIGTERM, and what a desktop may lack |
//!
//! [`person`] is somebody at a desktop; [`library`] and [`canvas`] are the two kinds of window as that person sees them.
//! Pictures of each state are left in `artifacts/screenshots`.

mod app_life;
mod canvas;
mod excalidraw;
mod library;
mod one_person;
mod person;
mod rights;
mod trouble;
mod two_people;
