//! What is in a document, now and at any version, and its history.

use holdfast_protocol::{
    DocumentId, Json,
    account::Page,
    document::{CommitEntry, Content, Element, FileEntry, Scene},
};
use serde_json::value::RawValue;

use super::{commit, paging, text::invalid};
use crate::{
    database::{Columns as _, Connection, Row},
    store::{StorageError, StoreError},
};

/// The content of a document, now or as of a version: elements by their index, those without after them in order of creation (D08).
pub(super) async fn content(
    conn: &mut Connection,
    id: DocumentId,
    version: Option<i64>,
) -> Result<Content, StoreError> {
    let now: i64 = sqlx::query_scalar("SELECT version FROM documents WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(&mut *conn)
        .await?
        .ok_or(StoreError::NotFound)?;
    let rows = match version {
        None => current(conn, id).await?,
        Some(version) if (0..=now).contains(&version) => past(conn, id, version).await?,
        Some(_) => return Err(invalid("version", "never was")),
    };
    Ok(collect(version.unwrap_or(now), &rows)?)
}

async fn current(conn: &mut Connection, id: DocumentId) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query(
        "SELECT e.kind, e.entry_id, e.version, e.updated_at, e.updated_by, u.name, e.sha256, e.data \
         FROM entries e JOIN users u ON u.id = e.updated_by WHERE e.document_id = $1 AND e.deleted = 0 \
         ORDER BY (e.position IS NULL), e.position, e.created_order",
    )
    .bind(id.to_string())
    .fetch_all(conn)
    .await
}

/// Of each entry, the latest state that is not younger than the version.
async fn past(conn: &mut Connection, id: DocumentId, version: i64) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query(
        "SELECT v.kind, v.entry_id, v.version, v.updated_at, v.updated_by, u.name, v.sha256, v.data \
         FROM (SELECT kind, entry_id, max(document_version) AS latest FROM entry_versions \
         WHERE document_id = $1 AND document_version <= $2 GROUP BY kind, entry_id) x \
         JOIN entry_versions v ON v.document_id = $1 AND v.kind = x.kind AND v.entry_id = x.entry_id \
         AND v.document_version = x.latest \
         JOIN entries e ON e.document_id = $1 AND e.kind = v.kind AND e.entry_id = v.entry_id \
         JOIN users u ON u.id = v.updated_by WHERE v.deleted = 0 \
         ORDER BY (v.position IS NULL), v.position, e.created_order",
    )
    .bind(id.to_string())
    .bind(version)
    .fetch_all(conn)
    .await
}

fn collect(version: i64, rows: &[Row]) -> Result<Content, StorageError> {
    let mut content = Content {
        version,
        scene: Scene {
            version: 0,
            data: RawValue::from_string("{}".to_owned())
                .map_err(|error| StorageError::Broken(error.to_string()))?,
        },
        elements: Vec::new(),
        files: Vec::new(),
    };
    for row in rows {
        let data = row
            .json_or_null("data")?
            .ok_or_else(|| StorageError::Broken("an entry without data".into()))?;
        match row.text("kind")?.as_str() {
            "element" => content.elements.push(element(row, data)?),
            "file" => content.files.push(file(row, data)?),
            _ => {
                content.scene = Scene {
                    version: row.number("version")?,
                    data,
                };
            }
        }
    }
    Ok(content)
}

fn element(row: &Row, data: Json) -> Result<Element, StorageError> {
    Ok(Element {
        id: row.text("entry_id")?,
        version: row.number("version")?,
        updated_at: row.moment("updated_at")?,
        updated_by: row.user("updated_by", "name")?,
        data,
    })
}

fn file(row: &Row, data: Json) -> Result<FileEntry, StorageError> {
    Ok(FileEntry {
        id: row.text("entry_id")?,
        version: row.number("version")?,
        sha256: row.text("sha256")?,
        data,
    })
}

/// The history, newest first.
pub(super) async fn commits(
    conn: &mut Connection,
    id: DocumentId,
    before: Option<i64>,
    limit: u32,
) -> Result<Page<CommitEntry>, StoreError> {
    let limit = paging::limit(limit);
    let rows = sqlx::query(
        "SELECT c.version, c.commit_id, c.base_version, c.at, c.user_id, u.name, c.device_name, c.restored_version, \
         c.changes FROM commits c JOIN users u ON u.id = c.user_id WHERE c.document_id = $1 AND c.version < $2 \
         ORDER BY c.version DESC LIMIT $3",
    )
    .bind(id.to_string())
    .bind(before.unwrap_or(i64::MAX))
    .bind(limit + 1)
    .fetch_all(conn)
    .await?;
    let cursor = |row: &Row| Ok(row.number("version")?.to_string());
    Ok(paging::page(rows, limit, entry, cursor)?)
}

fn entry(row: &Row) -> Result<CommitEntry, StorageError> {
    Ok(CommitEntry {
        version: row.number("version")?,
        commit_id: row.id("commit_id")?,
        base_version: row.number("base_version")?,
        at: row.moment("at")?,
        by: row.user("user_id", "name")?,
        device_name: row.text("device_name")?,
        restored_version: row.number_or_null("restored_version")?,
        changes: commit::summaries(&row.text("changes")?)?,
    })
}
