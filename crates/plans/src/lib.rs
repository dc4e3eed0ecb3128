//! Random plans: what people, networks, machines and operators may do to each other, in any order.
//!
//! A [`Plan`] is a list of steps drawn from a seed: strokes, windows that open and close, faults, and their end. It is
//! carried out by the real client and the real server over real sockets, and judged from outside: what was accepted is in
//! the document, in its history or in a draft; nothing twice; one writer at a time; all who look see the same.
//!
//! | module | what it does |
//! |---|---|
//! | [`step`], [`plan`] | what can happen, and how plans are drawn, written down and read |
//! | [`machine`] | a computer: a thread whose time stands still unless it is moved, that can be frozen and killed |
//! | [`stage`] | people, tokens, documents: made once, copied for each plan |
//! | [`host`] | the server: in memory, or a process |
//! | [`app`], [`strokes`], [`resolving`] | a person's app, what they draw, and what they say to conflicts |
//! | [`world`] | all of it together, and what each step does to it |
//! | [`observer`], [`record`] | what can be seen from outside |
//! | [`judge`] | what must hold of it |
//! | [`run`], [`shrink`] | one plan from its beginning to its verdict; the shortest one that still fails |
//!
//! **Time.** In memory, all clocks stand still but when the plan lets time pass; then it goes on in slices, and each slice
//! waits until nothing is going on any more. Thousands of leases end in a minute, and no verdict hangs on how busy the
//! machine is. What the client draws for itself (ids, jitter) is not the seed's: a plan that failed is tried several times.
//!
//! The judge is proved too: `tests/judge.rs` plants defects behind its back, and it finds each.

pub mod app;
pub mod host;
pub mod judge;
pub mod machine;
pub mod observer;
pub mod plan;
pub mod record;
pub mod resolving;
pub mod run;
pub mod shrink;
pub mod stage;
pub mod step;
pub mod strokes;
pub mod world;

pub use judge::Violation;
pub use plan::Plan;
pub use run::{Outcome, carry_out};
