//! The versions of a document: listing them, naming them, what was in the document at one of them (D07).
//!
//! **Invariants:** a version is kept as long as its commit is in `commits`; of each entry, the content at a kept version is the
//! latest state that is not younger. Both are found by key: a page costs the same at 10 versions and at 10,000, and a
//! version as much as the document has entries, however often they changed.

use holdfast_protocol::{
    DocumentId,
    account::Page,
    document::{ChangeSummary, CommitEntry},
};

use super::{commit, paging, text::invalid};
use crate::{
    database::{Columns as _, Connection, Row, Tx},
    store::{StorageError, StoreError},
};

macro_rules! commits_where {
    ($clause:literal) => {
        concat!(
            "SELECT c.version, c.commit_id, c.base_version, c.at, c.user_id, u.name AS user_name, c.device_name, \
             c.restored_version, c.name, c.changes FROM commits c JOIN users u ON u.id = c.user_id WHERE ",
            $clause
        )
    };
}

/// A query for the states `v` of all entries `e` as of version `$2`; null for one that came later. A left join, so that no
/// planner begins with the history and looks at all of it.
macro_rules! states_as_of {
    ($select:literal, $rest:literal) => {
        concat!(
            $select,
            " FROM entries e LEFT JOIN entry_versions v ON v.document_id = e.document_id AND v.kind = e.kind AND v.entry_id = e.entry_id \
             AND v.document_version = (SELECT max(x.document_version) FROM entry_versions x \
             WHERE x.document_id = e.document_id AND x.kind = e.kind AND x.entry_id = e.entry_id \
             AND x.document_version <= $2) ",
            $rest
        )
    };
}
pub(super) use states_as_of;

const LIST: &str = commits_where!("c.document_id = $1 AND c.version < $2 ORDER BY c.version DESC LIMIT $3");

/// A page of kept versions, newest first.
pub(super) async fn list(
    conn: &mut Connection,
    id: DocumentId,
    before: Option<i64>,
    limit: u32,
) -> Result<Page<CommitEntry>, StoreError> {
    let limit = paging::limit(limit);
    let rows = sqlx::query(LIST)
        .bind(id.to_string())
        .bind(before.unwrap_or(i64::MAX))
        .bind(limit + 1)
        .fetch_all(conn)
        .await?;
    let cursor = |row: &Row| Ok(row.number("version")?.to_string());
    Ok(paging::page(rows, limit, entry, cursor)?)
}

fn entry(row: &Row) -> Result<CommitEntry, StorageError> {
    let changes: Vec<ChangeSummary> = commit::summaries(&row.text("changes")?)?;
    Ok(CommitEntry {
        version: row.number("version")?,
        commit_id: row.id("commit_id")?,
        base_version: row.number("base_version")?,
        at: row.moment("at")?,
        by: row.user("user_id", "user_name")?,
        device_name: row.text("device_name")?,
        restored_version: row.number_or_null("restored_version")?,
        name: row.text_or_null("name")?,
        change_count: i64::try_from(changes.len()).unwrap_or(i64::MAX),
        changes,
    })
}

/// Gives a version a name, or takes it away: then it may be thinned as any other.
pub(super) async fn name(
    tx: &mut Tx<'_>,
    id: DocumentId,
    version: i64,
    name: Option<&str>,
) -> Result<CommitEntry, StoreError> {
    sqlx::query("UPDATE commits SET name = $1 WHERE document_id = $2 AND version = $3")
        .bind(name)
        .bind(id.to_string())
        .bind(version)
        .execute(&mut *tx.conn)
        .await?;
    let row = sqlx::query(commits_where!("c.document_id = $1 AND c.version = $2"))
        .bind(id.to_string())
        .bind(version)
        .fetch_optional(&mut *tx.conn)
        .await?
        .ok_or(StoreError::NotFound)?;
    if name.is_none() {
        sqlx::query("UPDATE documents SET settled_version = $1 WHERE id = $2 AND settled_version > $1")
            .bind(version - 1)
            .bind(id.to_string())
            .execute(&mut *tx.conn)
            .await?;
    }
    Ok(entry(&row)?)
}

/// Refuses a version that can't be looked at. Version 0 is the empty document.
pub(super) async fn must_be_kept(
    conn: &mut Connection,
    id: DocumentId,
    version: i64,
    newest: i64,
) -> Result<(), StoreError> {
    if !(0..=newest).contains(&version) {
        return Err(invalid("version", "never was"));
    }
    let kept = sqlx::query("SELECT version FROM commits WHERE document_id = $1 AND version = $2")
        .bind(id.to_string())
        .bind(version)
        .fetch_optional(conn)
        .await?;
    if version == 0 || kept.is_some() {
        return Ok(());
    }
    Err(invalid("version", "is no longer kept"))
}

#[cfg(test)]
mod tests {
    use sqlx::AssertSqlSafe;

    use super::*;
    use crate::{
        engine::sql::SqlEngine,
        fixture::World,
        store::sql::{commit::DIFFERENCE, content::PAST},
    };

    /// Where a query would look at every row of a table, its time grows with all that is stored.
    #[tokio::test]
    async fn d07_history_is_reached_by_key() {
        let world = World::new(|db, times| std::sync::Arc::new(SqlEngine::new(db, times))).await;
        let mut reader = world.db.reader().await.unwrap();
        for sql in [LIST, PAST, DIFFERENCE] {
            let plan = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")))
                .fetch_all(&mut *reader)
                .await
                .unwrap();
            let steps: Vec<String> = plan.iter().map(|row| row.text("detail").unwrap()).collect();
            assert!(
                steps.iter().all(|step| !step.starts_with("SCAN")),
                "{sql}\n{steps:#?}"
            );
            let of_versions: Vec<_> = steps
                .iter()
                .filter(|step| step.contains("SEARCH v ") || step.contains("SEARCH x "))
                .collect();
            assert!(
                of_versions
                    .iter()
                    .all(|step| step.contains("entry_id=? AND document_version")),
                "{steps:#?}"
            );
            assert_eq!(of_versions.len(), if sql == LIST { 0 } else { 2 }, "{steps:#?}");
        }
    }
}
