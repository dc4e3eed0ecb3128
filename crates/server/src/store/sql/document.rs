//! Documents as things in a list: looking them up, listing, creating.

use std::collections::HashMap;

use holdfast_protocol::{
    DocumentId,
    account::{Page, Role},
    document::{CreateDocument, Document, DocumentKind},
    lock::Lock,
    room::Event,
};
use sqlx::AssertSqlSafe;

use super::{
    access::{member_with, project_for},
    paging,
    text::{check_name, invalid},
};
use crate::{
    caller::Caller,
    database::{Columns as _, Connection, Row, Tx, in_powers_of_two, placeholders},
    engine::{
        Space,
        sql::{
            stored::{Stored, actor, locks_where, rooms_of},
            view::foremost,
        },
    },
    happening::Happening,
    store::{DocumentScope, PageRequest, StorageError, StoreError},
};

macro_rules! documents_where {
    ($clause:literal) => {
        concat!(
            "SELECT d.id, d.name, d.kind, d.workspace_id, d.project_id, d.version, d.created_at, d.created_by, \
             c.name AS creator, d.updated_at, d.updated_by, u.name AS updater \
             FROM documents d JOIN users c ON c.id = d.created_by JOIN users u ON u.id = d.updated_by WHERE ",
            $clause
        )
    };
}

fn from_row(row: &Row, locks: &HashMap<DocumentId, Vec<Lock>>) -> Result<Document, StorageError> {
    let id = row.id("id")?;
    Ok(Document {
        id,
        name: row.text("name")?,
        kind: row.name("kind")?,
        workspace_id: row.id_or_null("workspace_id")?,
        project_id: row.id_or_null("project_id")?,
        version: row.number("version")?,
        created_at: row.moment("created_at")?,
        created_by: row.user("created_by", "creator")?,
        updated_at: row.moment("updated_at")?,
        updated_by: row.user("updated_by", "updater")?,
        lock: locks.get(&id).and_then(|locks| foremost(locks)).cloned(),
    })
}

/// The live locks on these documents themselves.
async fn live_locks(
    conn: &mut Connection,
    documents: &[DocumentId],
    now: i64,
) -> Result<HashMap<DocumentId, Vec<Lock>>, StorageError> {
    let mut found: HashMap<DocumentId, Vec<Lock>> = HashMap::new();
    for ids in in_powers_of_two(documents) {
        let sql = format!(
            "{} AND l.document_id IN ({}) ORDER BY l.acquired_at, l.fence",
            locks_where!("l.kind = 'document' AND s.ended_at IS NULL AND s.expires_at > $1"),
            placeholders(2, ids.len())
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(now);
        let query = ids.iter().fold(query, |query, id| query.bind(id.to_string()));
        for row in query.fetch_all(&mut *conn).await? {
            let lock = Stored::from_row(&row)?.lock;
            if let Some(document) = lock.resource.document_id() {
                found.entry(document).or_default().push(lock);
            }
        }
    }
    Ok(found)
}

/// One document, whoever asks.
pub(super) async fn load(
    conn: &mut Connection,
    id: DocumentId,
    now: holdfast_protocol::Timestamp,
) -> Result<Document, StoreError> {
    let row = sqlx::query(documents_where!("d.id = $1"))
        .bind(id.to_string())
        .fetch_optional(&mut *conn)
        .await?
        .ok_or(StoreError::NotFound)?;
    let locks = live_locks(conn, &[id], now.0).await?;
    Ok(from_row(&row, &locks)?)
}

/// A list, newest change first.
pub(super) async fn list(
    conn: &mut Connection,
    caller: &Caller,
    scope: DocumentScope,
    page: &PageRequest,
    now: holdfast_protocol::Timestamp,
) -> Result<Page<Document>, StoreError> {
    let user = caller.user.id;
    let (query, id) = match scope {
        DocumentScope::Personal => (
            documents_where!(
                "d.owner_id = $1 AND (d.updated_at < $2 OR (d.updated_at = $2 AND d.id < $3)) \
                 ORDER BY d.updated_at DESC, d.id DESC LIMIT $4"
            ),
            user.to_string(),
        ),
        DocumentScope::Workspace(id) => {
            member_with(conn, user, id, Role::Viewer).await?;
            (
                documents_where!(
                    "d.workspace_id = $1 AND (d.updated_at < $2 OR (d.updated_at = $2 AND d.id < $3)) \
                     ORDER BY d.updated_at DESC, d.id DESC LIMIT $4"
                ),
                id.to_string(),
            )
        }
        DocumentScope::Project(id) => {
            project_for(conn, user, id, Role::Viewer).await?;
            (
                documents_where!(
                    "d.project_id = $1 AND (d.updated_at < $2 OR (d.updated_at = $2 AND d.id < $3)) \
                     ORDER BY d.updated_at DESC, d.id DESC LIMIT $4"
                ),
                id.to_string(),
            )
        }
    };
    let (start, limit) = (
        paging::start(page, paging::Cursor::newest())?,
        paging::limit(page.limit),
    );
    let rows = sqlx::query(query)
        .bind(id)
        .bind(start.at)
        .bind(start.id)
        .bind(limit + 1)
        .fetch_all(&mut *conn)
        .await?;
    let ids = rows
        .iter()
        .map(|row| row.id("id"))
        .collect::<Result<Vec<_>, _>>()?;
    let locks = live_locks(conn, &ids, now.0).await?;
    Ok(paging::page(
        rows,
        limit,
        |row| from_row(row, &locks),
        |row| paging::after(row, "updated_at", "id"),
    )?)
}

/// A new document, empty at version 0.
pub(super) async fn create(
    tx: &mut Tx<'_>,
    caller: &Caller,
    request: &CreateDocument,
) -> Result<Document, StoreError> {
    check_name("name", &request.name)?;
    let workspace = match (request.project_id, request.workspace_id) {
        (Some(project), named) => {
            let (workspace, _) = project_for(tx.conn, caller.user.id, project, Role::Editor).await?;
            if named.is_some_and(|named| named != workspace) {
                return Err(invalid("project_id", "is in another workspace"));
            }
            Some(workspace)
        }
        (None, Some(workspace)) => {
            member_with(tx.conn, caller.user.id, workspace, Role::Editor).await?;
            Some(workspace)
        }
        (None, None) => None,
    };
    let id = DocumentId::random();
    let kind = match request.kind {
        DocumentKind::Canvas => "canvas",
        DocumentKind::Image => "image",
    };
    let user = caller.user.id.to_string();
    sqlx::query(
        "INSERT INTO documents (id, name, kind, owner_id, workspace_id, project_id, version, elements, fence, \
         exclusive_fence, created_at, created_by, updated_at, updated_by) \
         VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, 0, $7, $8, $7, $8)",
    )
    .bind(id.to_string())
    .bind(request.name.as_str())
    .bind(kind)
    .bind(workspace.is_none().then_some(user.as_str()))
    .bind(workspace.map(|id| id.to_string()))
    .bind(request.project_id.map(|id| id.to_string()))
    .bind(tx.now.0)
    .bind(user.as_str())
    .execute(&mut *tx.conn)
    .await?;
    let document = load(tx.conn, id, tx.now).await?;
    let space = workspace.map_or(Space::Personal(caller.user.id), Space::Workspace);
    let event = Event::DocumentCreated {
        document: document.clone(),
        by: actor(&caller.user, None),
    };
    let rooms = rooms_of(id, request.project_id, space);
    tx.tell(Happening::Event { rooms, event });
    Ok(document)
}
