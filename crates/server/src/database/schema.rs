//! The schema, from its first version on.
//!
//! A migration is never edited once released: a change is a new file and a new line in [`MIGRATIONS`]. Where the
//! databases differ, the file has a name in braces: `{bytes}` for a column of bytes, `{bytewise}` for text that is compared byte by byte.

use sqlx::{
    AssertSqlSafe, SqlSafeStr as _,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};

use super::Connection;

const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "first", include_str!("../../migrations/0001_first.sql")),
    (2, "history", include_str!("../../migrations/0002_history.sql")),
];

/// The newest version that this program knows.
pub(super) fn newest() -> i64 {
    MIGRATIONS.iter().map(|(version, ..)| *version).max().unwrap_or(0)
}

/// Brings the schema up to date. A database that knows more migrations than this program is refused unchanged.
pub(super) async fn migrate(conn: &mut Connection) -> Result<(), MigrateError> {
    let migrations = MIGRATIONS
        .iter()
        .map(|(version, name, sql)| {
            let sql = sql.replace("{bytes}", "BLOB").replace("{bytewise}", "");
            Migration::new(
                *version,
                (*name).into(),
                MigrationType::Simple,
                AssertSqlSafe(sql).into_sql_str(),
                false,
            )
        })
        .collect();
    Migrator::with_migrations(migrations).run(conn).await
}
