//! What is in a document, now and at any version that is kept.

use holdfast_protocol::{
    DocumentId, Json,
    document::{Content, Element, FileEntry, Scene},
};
use serde_json::value::RawValue;

use super::history::{must_be_kept, states_as_of};
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
        Some(version) => {
            must_be_kept(conn, id, version, now).await?;
            past(conn, id, version).await?
        }
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
pub(super) const PAST: &str = states_as_of!(
    "SELECT v.kind, v.entry_id, v.version, v.updated_at, v.updated_by, u.name, v.sha256, v.data",
    "LEFT JOIN users u ON u.id = v.updated_by WHERE e.document_id = $1 AND COALESCE(v.deleted, 1) = 0 \
     ORDER BY (v.position IS NULL), v.position, e.created_order"
);

async fn past(conn: &mut Connection, id: DocumentId, version: i64) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query(PAST)
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
