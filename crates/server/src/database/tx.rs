//! What a job works with.

use holdfast_protocol::Timestamp;

use super::Connection;
use crate::happening::Happening;

/// A transaction in progress: a connection, one moment for all that happens in it, and what is to be told when it is durable.
pub(crate) struct Tx<'c> {
    /// The connection.
    pub(crate) conn: &'c mut Connection,
    /// The moment of the transaction.
    pub(crate) now: Timestamp,
    told: Vec<Happening>,
}

impl<'c> Tx<'c> {
    pub(super) const fn new(conn: &'c mut Connection, now: Timestamp) -> Self {
        Self {
            conn,
            now,
            told: Vec::new(),
        }
    }

    /// To be published after the commit; forgotten with a rollback.
    pub(crate) fn tell(&mut self, happening: Happening) {
        self.told.push(happening);
    }

    pub(super) fn into_told(self) -> Vec<Happening> {
        self.told
    }
}
