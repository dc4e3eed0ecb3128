//! Opening the database. Every way in which that fails has words of its own.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use sqlx::{any::AnyPoolOptions, migrate::MigrateError};

use super::{Database, PostgresUrl, postgres, schema, source::Source, sqlite, writer::Writer};
use crate::{clock::Clock, happening::Publisher, store::StorageError};

/// Connections that only read.
const READERS: u32 = 4;
/// How long a read waits for a connection before it is given up.
const ACQUIRE_WITHIN: Duration = Duration::from_secs(10);

/// Where the database is.
#[derive(Debug, Clone)]
pub enum DatabaseConfig {
    /// In a file of SQLite.
    File {
        /// Its folder; made if needed.
        data_dir: PathBuf,
    },
    /// On a server of PostgreSQL.
    Postgres {
        /// Where.
        url: PostgresUrl,
        /// Whether this process serves: then no other may.
        serves: bool,
    },
}

/// Why the database did not open; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder or the file can't be made or written.
    #[error("can't write in the data folder {}: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The system's own words.
        source: io::Error,
    },
    /// The file's path is not text, as the driver needs it.
    #[error("the data folder's path {} is not valid Unicode", .0.display())]
    Path(PathBuf),
    /// The file may be read only.
    #[error("{} can't be written: {detail}", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
        /// The driver's own words.
        detail: String,
    },
    /// It is something else.
    #[error("{0} is not a Holdfast database; it was left as it is")]
    Foreign(String),
    /// The database does not answer, or refuses.
    #[error("{place} can't be used: {detail}")]
    Unreachable {
        /// Host and database.
        place: String,
        /// Why.
        detail: String,
    },
    /// A newer program wrote it.
    #[error(
        "{place} was written by a newer version of Holdfast (schema {found}; this one knows {known}): use that version"
    )]
    Newer {
        /// Where it is.
        place: String,
        /// Its schema.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// The schema could not be brought up to date.
    #[error("the schema could not be brought up to date: {0}")]
    Migration(MigrateError),
    /// Anything else.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Database {
    /// Opens the database, making or migrating it as needed, and starts its writer.
    pub async fn open(
        config: &DatabaseConfig,
        clock: Arc<dyn Clock>,
        publisher: Arc<dyn Publisher>,
    ) -> Result<Self, OpenError> {
        sqlx::any::install_default_drivers();
        let (source, conn) = match config {
            DatabaseConfig::File { data_dir } => {
                let (options, conn) = sqlite::prepare(data_dir).await?;
                (Source::Sqlite(options), conn)
            }
            DatabaseConfig::Postgres { url, serves } => {
                let (place, conn) = postgres::prepare(url, *serves).await?;
                (Source::Postgres(place), conn)
            }
        };
        let settings = source.settings();
        let reads = AnyPoolOptions::new()
            .max_connections(READERS)
            // where there is no network in between that could have broken it, asking first would double the cost of a read
            .test_before_acquire(source.is_remote())
            .acquire_timeout(ACQUIRE_WITHIN)
            .after_connect(move |conn, _| {
                Box::pin(async move { sqlx::raw_sql(settings).execute(conn).await.map(|_| ()) })
            })
            .connect_with(source.options().clone())
            .await
            .map_err(StorageError::from)?;
        let writer = Writer::start(source.clone(), conn, Arc::clone(&clock), publisher);
        Ok(Self {
            reads,
            writer,
            clock,
            source,
        })
    }
}

/// A migration that failed, with the place that it was about.
pub(super) fn explained(error: MigrateError, place: &str) -> OpenError {
    match error {
        MigrateError::VersionMissing(found) => OpenError::Newer {
            place: place.to_owned(),
            found,
            known: schema::newest(),
        },
        error => OpenError::Migration(error),
    }
}
