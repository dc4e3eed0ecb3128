//! The app's program.
fn main() {}
