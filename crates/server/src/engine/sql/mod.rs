//! The lock engine on the same database as the documents.

use crate::{database::Database, engine::LeaseTimes};

/// Sessions, leases and locks in SQL.
pub struct SqlEngine {
    db: Database,
    times: LeaseTimes,
    /// This process, for as long as it runs: whose sockets an attachment is about.
    replica: uuid::Uuid,
}

impl SqlEngine {
    /// An engine on this database.
    #[must_use]
    pub fn new(db: Database, times: LeaseTimes) -> Self {
        Self {
            db,
            times,
            replica: uuid::Uuid::new_v4(),
        }
    }
}
