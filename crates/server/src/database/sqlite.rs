//! SQLite: the folder, the file, who may read it, the schema.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use sqlx::{Connection as _, any::AnyConnectOptions, migrate::MigrateError};

use super::{Connection, OpenError, open::explained, schema};
use crate::store::StorageError;

/// The file in the data folder.
const FILE: &str = "holdfast.db";
/// `HOLD`, in the file's header: what tells Holdfast's files from other programs'.
const APPLICATION_ID: i64 = 0x484F_4C44;
/// Settings of each connection. `FULL`: what was answered survives a power cut.
pub(super) const SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; \
                                   PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864;";

/// Finds or makes the file, brings its schema up to date, and connects the writer.
pub(super) async fn prepare(data_dir: &Path) -> Result<(AnyConnectOptions, Connection), OpenError> {
    let path = prepare_file(data_dir)?;
    let options = options(&path)?;
    let conn = prepare_schema(&options)
        .await
        .map_err(|error| error.told_of(&path))?;
    Ok((options, conn))
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
    sqlx::raw_sql(SETTINGS).execute(&mut conn).await?;
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
    schema::migrate(&mut conn, schema::Dialect::Sqlite)
        .await
        .map_err(Refused::Migration)?;
    sqlx::raw_sql("PRAGMA application_id = 0x484F4C44")
        .execute(&mut conn)
        .await?;
    Ok(conn)
}

impl Refused {
    fn told_of(self, path: &Path) -> OpenError {
        let path = path.to_owned();
        let shown = path.display().to_string();
        let error = match self {
            Self::Foreign => return OpenError::Foreign(shown),
            Self::Migration(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _))
            | Self::Driver(error) => error,
            Self::Migration(error) => return explained(error, &shown),
        };
        let code = error
            .as_database_error()
            .and_then(|refusal| refusal.code()?.parse::<i64>().ok());
        match code.map(|code| code & 0xff) {
            Some(26) => OpenError::Foreign(shown),
            Some(8) => OpenError::ReadOnly {
                path,
                detail: error.to_string(),
            },
            _ => StorageError::from(error).into(),
        }
    }
}
