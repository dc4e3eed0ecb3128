//! The client's rules, proved from outside: through its facade, against real servers, over links that fail.

mod closing;
mod coming_back;
mod drafts;
mod editing;
mod files;
mod keychain;
mod library;
mod strangers;
mod studio;
mod taking_over;
