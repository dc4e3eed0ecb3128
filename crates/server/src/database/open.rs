//! Opening the database: the folder, the file, who may read it, the schema. Every way in which that fails has words of its own.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use sqlx::{
    Connection as _,
    any::{AnyConnectOptions, AnyPoolOptions},
    migrate::MigrateError,
};

use super::{Connection, Database, schema, writer::Writer};
use crate::{clock::Clock, happening::Publisher, store::StorageError};

/// The file in the data folder.
const FILE: &str = "holdfast.db";
/// `HOLD`, in the file's header: what tells Holdfast's files from other programs'.
const APPLICATION_ID: i64 = 0x484F_4C44;
/// Connections that only read.
const READERS: u32 = 4;
/// Settings of each connection. `FULL`: what was answered survives a power cut.
const SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; \
                        PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864;";

/// Where the database is.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// The folder of its file; made if needed.
    pub data_dir: PathBuf,
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
    /// The file is something else.
    #[error("{} is not a Holdfast database; it was left as it is", .0.display())]
    Foreign(PathBuf),
    /// A newer program wrote it.
    #[error(
        "{} was written by a newer version of Holdfast (schema {found}; this one knows {known}): use that version",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
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
        let path = prepare_file(&config.data_dir)?;
        let options = options(&path)?;
        let conn = prepare_schema(&options)
            .await
            .map_err(|error| error.told_of(&path))?;
        let reads = AnyPoolOptions::new()
            .max_connections(READERS)
            // there is no network in between that could have broken it: asking first would double the cost of a read
            .test_before_acquire(false)
            .after_connect(|conn, _| Box::pin(async move { settle(conn).await }))
            .connect_with(options)
            .await
            .map_err(StorageError::from)?;
        let writer = Writer::start(conn, Arc::clone(&clock), publisher);
        Ok(Self { reads, writer, clock })
    }
}

/// Makes folder and file where they are missing, for their owner's eyes only.
fn prepare_file(data_dir: &Path) -> Result<PathBuf, OpenError> {
    let refused = |source| OpenError::Folder {
        path: data_dir.to_owned(),
        source,
    };
    let mut folder = fs::DirBuilder::new();
    let mut file = fs::OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
        folder.mode(0o700);
        file.mode(0o600);
    }
    folder.recursive(true).create(data_dir).map_err(refused)?;
    let path = std::path::absolute(data_dir).map_err(refused)?.join(FILE);
    match file.write(true).create_new(true).open(&path) {
        Ok(_) => Ok(path),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(path),
        Err(error) => Err(refused(error)),
    }
}

fn options(path: &Path) -> Result<AnyConnectOptions, OpenError> {
    let unusable = || OpenError::Path(path.to_owned());
    let text = path.to_str().ok_or_else(unusable)?;
    let text = text.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    format!("sqlite:{text}?mode=rw").parse().map_err(|_| unusable())
}

async fn settle(conn: &mut Connection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(SETTINGS).execute(conn).await.map(|_| ())
}

/// What went wrong, before the file's name is put to it.
enum Refused {
    Foreign,
    Driver(sqlx::Error),
    Migration(MigrateError),
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        Self::Driver(error)
    }
}

/// Looks whether the file is ours before anything is written to it, then brings its schema up to date.
async fn prepare_schema(options: &AnyConnectOptions) -> Result<Connection, Refused> {
    let mut conn = Connection::connect_with(options).await?;
    settle(&mut conn).await?;
    let id: i64 = sqlx::query_scalar("PRAGMA application_id")
        .fetch_one(&mut conn)
        .await?;
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_master")
        .fetch_one(&mut conn)
        .await?;
    if id != APPLICATION_ID && (id != 0 || tables != 0) {
        return Err(Refused::Foreign);
    }
    sqlx::raw_sql("PRAGMA journal_mode = WAL")
        .execute(&mut conn)
        .await?;
    schema::migrate(&mut conn).await.map_err(Refused::Migration)?;
    sqlx::raw_sql("PRAGMA application_id = 0x484F4C44")
        .execute(&mut conn)
        .await?;
    Ok(conn)
}

impl Refused {
    fn told_of(self, path: &Path) -> OpenError {
        let path = path.to_owned();
        let error = match self {
            Self::Foreign => return OpenError::Foreign(path),
            Self::Migration(MigrateError::VersionMissing(found)) => {
                let known = schema::newest();
                return OpenError::Newer { path, found, known };
            }
            Self::Migration(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _))
            | Self::Driver(error) => error,
            Self::Migration(error) => return OpenError::Migration(error),
        };
        let code = error
            .as_database_error()
            .and_then(|refusal| refusal.code()?.parse::<i64>().ok());
        match code.map(|code| code & 0xff) {
            Some(26) => OpenError::Foreign(path),
            Some(8) => OpenError::ReadOnly {
                path,
                detail: error.to_string(),
            },
            _ => StorageError::from(error).into(),
        }
    }
}
