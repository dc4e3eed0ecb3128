//! Letting go of old versions: of those older than the operator keeps whole, the last of each day (UTC) stays.
//!
//! **Invariants:** the newest version and named ones stay; what a version that stays holds does not change by a letter; a thinned
//! commit sent again still gets its first answer (D05).
//!
//! A version is thinned between two that stay: the one before it and the one after. A state that came after the former and
//! that was replaced by the latter is in no version that stays, and goes. What the latter's commit names is all that can
//! have been replaced, so that the work grows with the changes.

use std::time::Duration;

use holdfast_protocol::DocumentId;
use sqlx::AssertSqlSafe;

use super::commit::{self, Kind};
use crate::{
    clock::millis,
    database::{Columns as _, Database, Tx, in_powers_of_two, placeholders},
    store::StorageError,
};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// Most versions that one transaction looks at,
const AT_ONCE: usize = 64;
/// and after so many changes it begins no further one: others want to write too.
const CHANGES_AT_ONCE: usize = 1_000;

/// Thins what is older than `keep`; answers how many versions went. Where nothing is due this only reads.
pub(super) async fn thin(db: &Database, keep: Duration) -> Result<u64, StorageError> {
    let mut thinned = 0;
    let mut after = String::new();
    loop {
        let cutoff = db.now().0 - millis(keep);
        let mut reader = db.reader().await?;
        let due = sqlx::query(
            "SELECT d.id FROM documents d WHERE d.id > $1 AND (SELECT c.at FROM commits c \
             WHERE c.document_id = d.id AND c.version > d.settled_version ORDER BY c.version LIMIT 1) < $2 \
             ORDER BY d.id LIMIT 1",
        )
        .bind(after.as_str())
        .bind(cutoff)
        .fetch_optional(&mut *reader)
        .await?;
        drop(reader);
        let Some(row) = due else { return Ok(thinned) };
        let document: DocumentId = row.id("id")?;
        loop {
            let (gone, more) = db
                .write((document, cutoff), |tx, (document, cutoff)| {
                    Box::pin(settle(tx, *document, *cutoff))
                })
                .await?;
            thinned += gone;
            if !more {
                break;
            }
        }
        after = document.to_string();
    }
}

/// A version that has not been looked at yet.
struct Version {
    number: i64,
    at: i64,
    named: bool,
}

/// Looks at the oldest versions that were not looked at yet; answers how many went, and whether to come again.
async fn settle(tx: &mut Tx<'_>, document: DocumentId, cutoff: i64) -> Result<(u64, bool), StorageError> {
    let (mut settled, mut before) = stand(tx, document).await?;
    let versions = unsettled(tx, document, settled).await?;
    let (mut gone, mut changes) = (0, 0);
    for (index, version) in versions.iter().take(AT_ONCE).enumerate() {
        if version.at >= cutoff || changes >= CHANGES_AT_ONCE {
            break;
        }
        // Older than a day at least, the day of the newest version is over too: it is the last of it.
        let next = versions
            .get(index + 1)
            .filter(|next| !version.named && next.at.div_euclid(DAY_MS) == version.at.div_euclid(DAY_MS));
        match next {
            Some(next) => {
                changes += remove(tx, document, before, version.number, next.number).await?;
                gone += 1;
            }
            None => before = version.number,
        }
        settled = version.number;
    }
    sqlx::query("UPDATE documents SET settled_version = $1 WHERE id = $2")
        .bind(settled)
        .bind(document.to_string())
        .execute(&mut *tx.conn)
        .await?;
    let next = versions.iter().find(|version| version.number > settled);
    Ok((gone, next.is_some_and(|version| version.at < cutoff)))
}

/// Up to which version the document has been looked at, and the last one up to there that stayed.
async fn stand(tx: &mut Tx<'_>, document: DocumentId) -> Result<(i64, i64), StorageError> {
    // A document that has been deleted since has nothing left to look at.
    let row = sqlx::query(
        "SELECT d.settled_version, (SELECT max(c.version) FROM commits c WHERE c.document_id = d.id \
         AND c.version <= d.settled_version) AS stayed FROM documents d WHERE d.id = $1",
    )
    .bind(document.to_string())
    .fetch_optional(&mut *tx.conn)
    .await?;
    let Some(row) = row else { return Ok((0, 0)) };
    Ok((
        row.number("settled_version")?,
        row.number_or_null("stayed")?.unwrap_or(0),
    ))
}

async fn unsettled(
    tx: &mut Tx<'_>,
    document: DocumentId,
    settled: i64,
) -> Result<Vec<Version>, StorageError> {
    let rows = sqlx::query(
        "SELECT version, at, name FROM commits WHERE document_id = $1 AND version > $2 ORDER BY version LIMIT $3",
    )
    .bind(document.to_string())
    .bind(settled)
    .bind(i64::try_from(AT_ONCE + 1).unwrap_or(i64::MAX))
    .fetch_all(&mut *tx.conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Version {
                number: row.number("version")?,
                at: row.number("at")?,
                named: row.text_or_null("name")?.is_some(),
            })
        })
        .collect()
}

/// Removes a version between two that stay; answers how many changes it looked at.
async fn remove(
    tx: &mut Tx<'_>,
    document: DocumentId,
    before: i64,
    version: i64,
    next: i64,
) -> Result<usize, StorageError> {
    // Between the version and the next one that stays there may be some that went earlier, where a name was taken away.
    let rows = sqlx::query(
        "SELECT changes FROM commits WHERE document_id = $1 AND version = $3 UNION ALL \
         SELECT changes FROM thinned_commits WHERE document_id = $1 AND version > $2 AND version < $3",
    )
    .bind(document.to_string())
    .bind(version)
    .bind(next)
    .fetch_all(&mut *tx.conn)
    .await?;
    let mut looked_at = 0;
    for row in rows {
        let changes = commit::summaries(&row.text("changes")?)?;
        looked_at += changes.len();
        for kind in Kind::ALL {
            let of_kind = changes.iter().filter(|change| Kind::of(&change.op) == Some(kind));
            let ids: Vec<String> = of_kind
                .map(|change| change.id.clone().unwrap_or_default())
                .collect();
            remove_states(tx, document, kind, &ids, (before, version)).await?;
        }
    }
    sqlx::query(
        "INSERT INTO thinned_commits (document_id, version, commit_id, changes) \
         SELECT document_id, version, commit_id, changes FROM commits WHERE document_id = $1 AND version = $2",
    )
    .bind(document.to_string())
    .bind(version)
    .execute(&mut *tx.conn)
    .await?;
    sqlx::query("DELETE FROM commits WHERE document_id = $1 AND version = $2")
        .bind(document.to_string())
        .bind(version)
        .execute(&mut *tx.conn)
        .await?;
    Ok(looked_at)
}

/// Removes the states that these entries got after one version and up to another.
async fn remove_states(
    tx: &mut Tx<'_>,
    document: DocumentId,
    kind: Kind,
    ids: &[String],
    (after, until): (i64, i64),
) -> Result<(), StorageError> {
    for ids in in_powers_of_two(ids) {
        let sql = format!(
            "DELETE FROM entry_versions WHERE document_id = $1 AND kind = $2 AND document_version > $3 \
             AND document_version <= $4 AND entry_id IN ({})",
            placeholders(5, ids.len())
        );
        let query = sqlx::query(AssertSqlSafe(sql))
            .bind(document.to_string())
            .bind(kind.name())
            .bind(after)
            .bind(until);
        let query = ids.iter().fold(query, |query, id| query.bind(id.as_str()));
        query.execute(&mut *tx.conn).await?;
    }
    Ok(())
}
