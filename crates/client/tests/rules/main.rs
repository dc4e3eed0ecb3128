//! The client's rules, proved from outside: through its facade, against real servers, over links that fail.

#![expect(
    clippy::unwrap_used,
    reason = "what goes wrong in a test is a panic with the story in it"
)]

mod alarms;
mod backing_off;
mod certificates;
mod closing;
mod coming_back;
mod conflicts;
mod drafts;
mod editing;
mod files;
mod history;
mod in_between;
mod keychain;
mod library;
mod parted;
mod recovering;
mod returning;
mod signing_in_again;
mod strangers;
mod studio;
mod taking_over;
