//! Where a database is, and the few things in which the two differ: how a transaction begins, what a snapshot is.

use sqlx::any::AnyConnectOptions;

use super::{Connection, postgres, sqlite};
use crate::store::StorageError;

/// A database that was found and whose schema is up to date.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// A file.
    Sqlite(AnyConnectOptions),
    /// A database of a PostgreSQL server.
    Postgres(postgres::Place),
}

impl Source {
    /// How to connect for reading.
    pub(super) const fn options(&self) -> &AnyConnectOptions {
        match self {
            Self::Sqlite(options) => options,
            Self::Postgres(place) => &place.options,
        }
    }

    /// What every connection is told first.
    pub(super) const fn settings(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => sqlite::SETTINGS,
            Self::Postgres(_) => postgres::SETTINGS,
        }
    }

    /// Begins a transaction that nobody else writes beside: what it reads stays so until it ends.
    pub(super) const fn begin(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "BEGIN IMMEDIATE",
            Self::Postgres(_) => postgres::BEGIN,
        }
    }

    /// Begins a transaction that sees one state of the database.
    pub(super) const fn snapshot(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "BEGIN",
            Self::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }

    /// A new connection for the writer, in place of one that broke; none where connections don't break.
    pub(super) async fn reconnect(&self) -> Option<Result<Connection, StorageError>> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(place) => Some(place.connect_writer().await),
        }
    }

    /// Whether a connection may have broken since it was last used.
    pub(super) const fn is_remote(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}
