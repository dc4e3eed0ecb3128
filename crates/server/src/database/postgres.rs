//! PostgreSQL: connecting, who may write, the schema.
//!
//! **Invariant:** transactions that write run one at a time, whichever process they come from: each begins by taking the
//! writers' lock, so that it sees all that was committed before and its order is the order of its happenings. Two of
//! them can't deadlock or fail to serialise. Many jobs share one transaction, as with SQLite.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer};
use sqlx::{Connection as _, Row as _, any::AnyConnectOptions};
use url::Url;

use super::{Connection, OpenError, open::explained, schema};
use crate::store::StorageError;

/// Of each connection. Nobody waits for ever behind another program's lock, and a process that hangs in a transaction
/// does not stop the others for ever.
pub(super) const SETTINGS: &str = "SET lock_timeout = '10s'; SET statement_timeout = '30s'; \
                                   SET idle_in_transaction_session_timeout = '15s'; SET client_min_messages = 'warning'";
/// The writers' lock is held until the transaction ends. Answers by what the transaction is known afterwards.
pub(super) const BEGIN: &str = "BEGIN; SELECT pg_current_xact_id()::text AS id FROM \
                                (SELECT pg_advisory_xact_lock(5209383745640583169)) AS turn";
/// What became of a transaction whose commit was not answered.
pub(super) const BECAME: &str = "SELECT pg_xact_status($1::text::xid8)";
/// The one server of a database holds this as long as it is connected.
const ONLY_SERVER: &str = "SELECT pg_try_advisory_lock(5209383745640583170)";

/// Where a PostgreSQL database is. It may hold a password: it is never shown whole.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl(Url);

impl PostgresUrl {
    /// The whole of it, with its password: for tests that look beside the server.
    #[cfg(test)]
    pub(super) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Host and database, for messages.
    fn shown(&self) -> String {
        let host = self.0.host_str().filter(|host| !host.is_empty());
        format!(
            "PostgreSQL at {}{}",
            host.unwrap_or("this machine"),
            self.0.path()
        )
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

impl FromStr for PostgresUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("is no URL: {error}"))?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(format!("begins with {}://, not with postgres://", url.scheme()));
        }
        if url.path().trim_matches('/').is_empty() {
            return Err("names no database: postgres://HOST/DATABASE".to_owned());
        }
        Ok(Self(url))
    }
}

impl<'de> Deserialize<'de> for PostgresUrl {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let text = String::deserialize(reader)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A database, and how to get a connection to it.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) options: AnyConnectOptions,
    shown: String,
    /// Whether this process serves, and no other may.
    serves: bool,
}

/// Finds the database, brings its schema up to date, and connects the writer.
pub(super) async fn prepare(url: &PostgresUrl, serves: bool) -> Result<(Place, Connection), OpenError> {
    let place = Place {
        options: url.0.as_str().parse().map_err(StorageError::from)?,
        shown: url.shown(),
        serves,
    };
    let mut conn = place
        .connect_writer()
        .await
        .map_err(|error| OpenError::Unreachable {
            place: place.shown.clone(),
            detail: error.to_string(),
        })?;
    if is_foreign(&mut conn).await.map_err(StorageError::from)? {
        return Err(OpenError::Foreign(place.shown));
    }
    schema::migrate(&mut conn, schema::Dialect::Postgres)
        .await
        .map_err(|error| explained(error, &place.shown))?;
    Ok((place, conn))
}

/// Whether it has tables, and none of them is ours. The migrator's own table says nothing: another process that is about to
/// migrate makes it first.
async fn is_foreign(conn: &mut Connection) -> Result<bool, sqlx::Error> {
    let row = sqlx::query(
        "SELECT count(*) FILTER (WHERE tablename <> '_sqlx_migrations') AS tables, count(*) FILTER (WHERE tablename = 'entry_versions') AS ours \
         FROM pg_catalog.pg_tables WHERE schemaname = current_schema()",
    )
    .fetch_one(conn)
    .await?;
    let count = |column| row.try_get::<i64, _>(column);
    Ok(count("tables")? > 0 && count("ours")? == 0)
}

impl Place {
    /// A connection that may write; refused where another server has the database.
    pub(super) async fn connect_writer(&self) -> Result<Connection, StorageError> {
        let mut conn = Connection::connect_with(&self.options).await?;
        sqlx::raw_sql(SETTINGS).execute(&mut conn).await?;
        if self.serves {
            let alone: bool = sqlx::query_scalar(ONLY_SERVER).fetch_one(&mut conn).await?;
            if !alone {
                let detail = format!("another holdfast-server serves {}", self.shown);
                return Err(StorageError::Unavailable(detail));
            }
        }
        Ok(conn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_secrets() {
        let url: PostgresUrl = "postgres://ada:secret@db.example/holdfast?password=secret"
            .parse()
            .unwrap();
        assert_eq!(format!("{url:?}"), "PostgreSQL at db.example/holdfast");
        for (bad, said) in [
            ("mysql://db/x", "postgres://"),
            ("postgres://db", "names no database"),
            ("db/x", "no URL"),
        ] {
            assert!(bad.parse::<PostgresUrl>().unwrap_err().contains(said), "{bad}");
        }
    }
}
