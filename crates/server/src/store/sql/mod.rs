//! Accounts and documents in SQL.

use std::sync::Arc;

use crate::database::Database;

pub(crate) mod access;
mod accounts;
pub(crate) mod audit;
mod commit;
mod content;
mod document;
mod documents;
mod files;
mod history;
mod member;
mod moving;
mod paging;
mod password;
mod project;
mod sign_in;
mod text;
mod thinning;
mod workspace;

pub use password::PasswordCost;
use password::Passwords;

/// What a store can be told.
#[derive(Debug, Clone, Default)]
pub struct StoreConfig {
    /// What hashing a password costs.
    pub password_cost: PasswordCost,
}

/// Accounts and documents in SQL.
pub struct SqlStore {
    db: Database,
    passwords: Arc<Passwords>,
}

impl SqlStore {
    /// A store on this database.
    #[must_use]
    pub fn new(db: Database, config: &StoreConfig) -> Self {
        Self {
            db,
            passwords: Arc::new(Passwords::new(config.password_cost)),
        }
    }
}
