//! Writing what was judged: entries, their history, the commit, the document's counters; and telling the rooms.

use holdfast_protocol::{
    document::{ChangeSummary, CommittedChange},
    room::Event,
};
use sqlx::AssertSqlSafe;

use super::{Header, judge::Judged, right::Right};
use crate::{
    caller::Caller,
    database::{Tx, in_powers_of_two, rows_of_placeholders},
    engine::sql::stored::{actor, rooms_of},
    happening::Happening,
    store::{StorageError, sql::access::Place},
};

/// Entries that one version of a document can bring without two of them sharing a place in the order of creation.
const ORDER_WITHIN_VERSION: i64 = 1 << 20;

/// One entry's new state, with where it is in the order of creation if it is new.
struct Written<'a> {
    judged: &'a Judged<'a>,
    version: i64,
    created_order: i64,
}

/// Writes all of it; answers what changed.
pub(super) async fn write(
    tx: &mut Tx<'_>,
    caller: &Caller,
    place: &Place,
    header: &Header,
    right: &Right,
    judged: &[Judged<'_>],
) -> Result<Vec<ChangeSummary>, StorageError> {
    let version = right.version + 1;
    let written: Vec<Written<'_>> = judged
        .iter()
        .zip(version * ORDER_WITHIN_VERSION..)
        .map(|(judged, created_order)| Written {
            judged,
            version: judged.edit.base_version + 1,
            created_order,
        })
        .collect();
    for rows in in_powers_of_two(&written) {
        write_entries(tx, caller, header, rows).await?;
        write_history(tx, caller, header, version, rows).await?;
    }
    let summaries: Vec<ChangeSummary> = written.iter().map(summary).collect();
    write_commit(tx, caller, header, right, version, &summaries).await?;
    let growth: i64 = judged.iter().map(Judged::growth).sum();
    write_document(tx, caller, header, version, right.elements + growth).await?;
    tx.tell(Happening::Event {
        rooms: rooms_of(header.document, place.project, place.space),
        event: Event::DocumentCommitted {
            document_id: header.document,
            version,
            commit_id: header.commit_id,
            by: actor(&caller.user, Some(header.session)),
            changes: written.iter().map(told).collect(),
        },
    });
    Ok(summaries)
}

async fn write_entries(
    tx: &mut Tx<'_>,
    caller: &Caller,
    header: &Header,
    rows: &[Written<'_>],
) -> Result<(), StorageError> {
    let sql = format!(
        "INSERT INTO entries (document_id, kind, entry_id, version, deleted, position, created_order, created_by, \
         updated_at, updated_by, sha256, data) VALUES {} \
         ON CONFLICT (document_id, kind, entry_id) DO UPDATE SET version = excluded.version, \
         deleted = excluded.deleted, position = excluded.position, updated_at = excluded.updated_at, \
         updated_by = excluded.updated_by, sha256 = excluded.sha256, data = excluded.data",
        rows_of_placeholders(rows.len(), 12)
    );
    let (document, user) = (header.document.to_string(), caller.user.id.to_string());
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for row in rows {
        let edit = row.judged.edit;
        let new = edit.new.as_ref();
        query = query
            .bind(document.as_str())
            .bind(edit.kind.name())
            .bind(edit.id.as_str())
            .bind(row.version)
            .bind(i64::from(new.is_none()))
            .bind(new.and_then(|new| new.position.as_deref()))
            .bind(row.created_order)
            .bind(user.as_str())
            .bind(tx.now.0)
            .bind(user.as_str())
            .bind(new.and_then(|new| new.sha256.as_deref()))
            .bind(new.map(|new| new.data.get()));
    }
    query.execute(&mut *tx.conn).await?;
    Ok(())
}

async fn write_history(
    tx: &mut Tx<'_>,
    caller: &Caller,
    header: &Header,
    version: i64,
    rows: &[Written<'_>],
) -> Result<(), StorageError> {
    let sql = format!(
        "INSERT INTO entry_versions (document_id, kind, entry_id, document_version, version, deleted, position, \
         updated_at, updated_by, sha256, data) VALUES {}",
        rows_of_placeholders(rows.len(), 11)
    );
    let (document, user) = (header.document.to_string(), caller.user.id.to_string());
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for row in rows {
        let edit = row.judged.edit;
        let new = edit.new.as_ref();
        query = query
            .bind(document.as_str())
            .bind(edit.kind.name())
            .bind(edit.id.as_str())
            .bind(version)
            .bind(row.version)
            .bind(i64::from(new.is_none()))
            .bind(new.and_then(|new| new.position.as_deref()))
            .bind(tx.now.0)
            .bind(user.as_str())
            .bind(new.and_then(|new| new.sha256.as_deref()))
            .bind(new.map(|new| new.data.get()));
    }
    query.execute(&mut *tx.conn).await?;
    Ok(())
}

async fn write_commit(
    tx: &mut Tx<'_>,
    caller: &Caller,
    header: &Header,
    right: &Right,
    version: i64,
    summaries: &[ChangeSummary],
) -> Result<(), StorageError> {
    let changes =
        serde_json::to_string(summaries).map_err(|error| StorageError::Broken(error.to_string()))?;
    sqlx::query(
        "INSERT INTO commits (document_id, version, commit_id, base_version, at, user_id, device_name, \
         restored_version, changes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(header.document.to_string())
    .bind(version)
    .bind(header.commit_id.to_string())
    .bind(header.base_version)
    .bind(tx.now.0)
    .bind(caller.user.id.to_string())
    .bind(right.device_name.as_str())
    .bind(header.restored)
    .bind(changes)
    .execute(&mut *tx.conn)
    .await?;
    Ok(())
}

async fn write_document(
    tx: &mut Tx<'_>,
    caller: &Caller,
    header: &Header,
    version: i64,
    elements: i64,
) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE documents SET version = $1, elements = $2, updated_at = $3, updated_by = $4 WHERE id = $5",
    )
    .bind(version)
    .bind(elements)
    .bind(tx.now.0)
    .bind(caller.user.id.to_string())
    .bind(header.document.to_string())
    .execute(&mut *tx.conn)
    .await?;
    Ok(())
}

fn summary(written: &Written<'_>) -> ChangeSummary {
    let edit = written.judged.edit;
    ChangeSummary {
        op: edit.op().to_owned(),
        id: edit.own_id(),
        version: written.version,
    }
}

fn told(written: &Written<'_>) -> CommittedChange {
    let edit = written.judged.edit;
    CommittedChange {
        op: edit.op().to_owned(),
        id: edit.own_id(),
        version: written.version,
        sha256: edit.new.as_ref().and_then(|new| new.sha256.clone()),
        data: edit.new.as_ref().map(|new| new.data.clone()),
    }
}
