//! The database: a file of SQLite, or a database of PostgreSQL.
//!
//! - **One SQL text.** `sqlx`'s `Any` driver, `$1` placeholders, and only what both databases understand: identifiers
//!   and JSON are `TEXT`, numbers and moments `BIGINT`, JSON is kept to the letter.
//! - **Writes are jobs** ([`Database::write`]): a function of a transaction, which may be run again from the start and
//!   tells the rooms nothing itself. The writer runs the jobs that wait together in one transaction, so that many
//!   clients share one `fsync`, and publishes what they told once it is durable, in order.
//! - **Reads** go to a pool of connections of their own and never wait for writers.

mod batch;
mod columns;
mod error;
mod open;
mod postgres;
mod schema;
mod source;
mod sqlite;
#[cfg(test)]
mod tests;
mod tx;
mod writer;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use holdfast_protocol::Timestamp;
use sqlx::{Transaction, pool::PoolConnection};

pub(crate) use batch::{in_powers_of_two, placeholders, rows_of_placeholders};
pub(crate) use columns::Columns;
pub use open::{DatabaseConfig, OpenError};
pub use postgres::PostgresUrl;
pub(crate) use tx::Tx;

use crate::{clock::Clock, store::StorageError};

/// The driver. `Any` is what lets one SQL text serve several databases.
pub(crate) type Db = sqlx::Any;
/// A connection, with or without a transaction on it.
pub(crate) type Connection = sqlx::AnyConnection;
/// A row of an answer.
pub(crate) type Row = sqlx::any::AnyRow;

/// A handle to the database; clones share it.
#[derive(Clone)]
pub struct Database {
    reads: sqlx::Pool<Db>,
    writer: writer::Writer,
    clock: Arc<dyn Clock>,
    source: source::Source,
}

impl Database {
    /// This moment, by the server's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A connection for a single query.
    pub(crate) async fn reader(&self) -> Result<PoolConnection<Db>, StorageError> {
        Ok(self.reads.acquire().await?)
    }

    /// A connection on which several queries see one state of the database.
    pub(crate) async fn snapshot(&self) -> Result<Transaction<'static, Db>, StorageError> {
        Ok(self.reads.begin_with(self.source.snapshot()).await?)
    }

    /// Runs a job in a transaction and answers once it is durable and published; an error of the job undoes what it did, and nothing else.
    ///
    /// The job may be run more than once, each time from the start. Dropping the future leaves it done or not done.
    pub(crate) async fn write<A, T, E, F>(&self, arguments: A, job: F) -> Result<T, E>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        F: for<'t> Fn(&'t mut Tx<'_>, &'t A) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
    {
        self.writer.run(arguments, job).await
    }

    /// Writes what waits, then closes the file. Later calls answer `Unavailable`.
    pub async fn close(&self) {
        self.writer.close().await;
        self.reads.close().await;
    }
}
