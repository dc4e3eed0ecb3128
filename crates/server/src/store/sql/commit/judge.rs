//! Each change held against what is there now: base versions (D04), element locks (D03), creators (D11), limits.

use std::collections::{HashMap, HashSet};

use holdfast_protocol::{
    UserId,
    account::Role,
    document::{ElementConflict, HeldElement},
    limits::DOCUMENT_ELEMENTS,
    lock::{Lock, LockMode},
};
use sqlx::AssertSqlSafe;

use super::{
    Header,
    edit::{Edit, Kind, invalid},
    right::Right,
};
use crate::{
    caller::Caller,
    database::{Columns as _, Connection, Tx, in_powers_of_two, placeholders},
    engine::{LockScope, sql::view},
    store::{CommitError, StorageError, StoreError, sql::access::Place},
};

/// An entry as it is stored, without its data.
pub(super) struct Current {
    pub(super) version: i64,
    pub(super) deleted: bool,
    pub(super) created_by: UserId,
}

/// A change that may be made.
pub(super) struct Judged<'a> {
    pub(super) edit: &'a Edit,
    /// What it replaces.
    pub(super) current: Option<Current>,
}

impl Judged<'_> {
    fn version(&self) -> i64 {
        self.current.as_ref().map_or(0, |current| current.version)
    }

    /// What the change does to the number of live elements.
    pub(super) fn growth(&self) -> i64 {
        if self.edit.kind != Kind::Element {
            return 0;
        }
        let before = self.current.as_ref().is_some_and(|current| !current.deleted);
        i64::from(self.edit.new.is_some()) - i64::from(before)
    }

    fn named(&self, holder: Option<Lock>) -> HeldElement {
        HeldElement {
            element_id: self.edit.public_id(),
            holder,
        }
    }
}

/// All changes, or why none of them may be made.
pub(super) async fn judge<'a>(
    tx: &mut Tx<'_>,
    caller: &Caller,
    place: &Place,
    header: &Header,
    right: &Right,
    edits: &'a [Edit],
) -> Result<Vec<Judged<'a>>, CommitError> {
    let judged = find(tx.conn, header, edits).await?;
    possible(&judged)?;
    if right.mode == LockMode::Shared {
        element_locks(tx, header, &judged).await?;
    }
    if place.role == Role::Annotator {
        own_only(caller, &judged)?;
    }
    no_conflict(tx.conn, header, right, &judged).await?;
    let elements = right.elements + judged.iter().map(Judged::growth).sum::<i64>();
    if usize::try_from(elements).is_ok_and(|elements| elements > DOCUMENT_ELEMENTS) {
        let over = format!("a document is over {DOCUMENT_ELEMENTS} elements");
        return Err(StoreError::TooLarge(over).into());
    }
    known_files(tx.conn, header, edits).await?;
    Ok(judged)
}

/// Each change beside what it changes.
async fn find<'a>(
    conn: &mut Connection,
    header: &Header,
    edits: &'a [Edit],
) -> Result<Vec<Judged<'a>>, StorageError> {
    let mut found: HashMap<(Kind, String), Current> = HashMap::with_capacity(edits.len());
    for kind in Kind::ALL {
        let ids: Vec<&str> = edits
            .iter()
            .filter(|edit| edit.kind == kind)
            .map(|edit| edit.id.as_str())
            .collect();
        for ids in in_powers_of_two(&ids) {
            let sql = format!(
                "SELECT entry_id, version, deleted, created_by FROM entries \
                 WHERE document_id = $1 AND kind = $2 AND entry_id IN ({})",
                placeholders(3, ids.len())
            );
            let query = sqlx::query(AssertSqlSafe(sql))
                .bind(header.document.to_string())
                .bind(kind.name());
            let query = ids.iter().fold(query, |query, id| query.bind(*id));
            for row in query.fetch_all(&mut *conn).await? {
                let current = Current {
                    version: row.number("version")?,
                    deleted: row.flag("deleted")?,
                    created_by: row.id("created_by")?,
                };
                found.insert((kind, row.text("entry_id")?), current);
            }
        }
    }
    let beside = |edit: &'a Edit| Judged {
        edit,
        current: found.remove(&(edit.kind, edit.id.clone())),
    };
    Ok(edits.iter().map(beside).collect())
}

/// Refuses what could never be: a version that is not there yet, a second deletion.
fn possible(judged: &[Judged<'_>]) -> Result<(), StoreError> {
    for (index, change) in judged.iter().enumerate() {
        if change.edit.base_version > change.version() {
            let detail = format!("is of the future: the version is {}", change.version());
            return Err(invalid(index, "base_version", detail));
        }
        let gone = change.current.as_ref().is_some_and(|current| current.deleted);
        if gone && change.edit.new.is_none() && change.edit.base_version == change.version() {
            return Err(invalid(index, "id", "is deleted already"));
        }
    }
    Ok(())
}

/// In shared mode, what is there may be changed under an element lock of the session only, and what another has locked not at all.
async fn element_locks(tx: &mut Tx<'_>, header: &Header, judged: &[Judged<'_>]) -> Result<(), CommitError> {
    let locks = view::locks(tx.conn, LockScope::Document(header.document), tx.now).await?;
    let holder_of: HashMap<String, Lock> = locks
        .into_iter()
        .filter_map(|lock| match &lock.resource {
            holdfast_protocol::lock::Resource::Element { id, .. } => Some((id.clone(), lock)),
            _ => None,
        })
        .collect();
    let (mut held, mut unheld) = (Vec::new(), Vec::new());
    for change in judged.iter().filter(|change| change.edit.kind == Kind::Element) {
        match holder_of.get(&change.edit.id) {
            Some(lock) if lock.session_id == header.session => {}
            Some(lock) => held.push(change.named(Some(lock.clone()))),
            None if change.current.is_some() => unheld.push(change.named(None)),
            None => {}
        }
    }
    if !held.is_empty() {
        return Err(CommitError::ElementsHeld { elements: held });
    }
    if !unheld.is_empty() {
        return Err(CommitError::LockRequired { elements: unheld });
    }
    Ok(())
}

/// An annotator adds, and changes what is its own; the scene is nobody's own.
fn own_only(caller: &Caller, judged: &[Judged<'_>]) -> Result<(), CommitError> {
    let elements: Vec<HeldElement> = judged
        .iter()
        .filter(|change| {
            let of_another = |current: &Current| current.created_by != caller.user.id;
            change.edit.kind == Kind::Scene || change.current.as_ref().is_some_and(of_another)
        })
        .map(|change| change.named(None))
        .collect();
    if elements.is_empty() {
        Ok(())
    } else {
        Err(CommitError::NotCreator { elements })
    }
}

/// Refuses changes made on versions that are no longer the current ones, and tells what is there instead.
async fn no_conflict(
    conn: &mut Connection,
    header: &Header,
    right: &Right,
    judged: &[Judged<'_>],
) -> Result<(), CommitError> {
    let mut conflicts = Vec::new();
    for change in judged
        .iter()
        .filter(|change| change.edit.base_version != change.version())
    {
        conflicts.push(conflict(conn, header, change.edit).await?);
    }
    if conflicts.is_empty() {
        return Ok(());
    }
    Err(CommitError::VersionConflict {
        current_version: right.version,
        conflicts,
    })
}

async fn conflict(
    conn: &mut Connection,
    header: &Header,
    edit: &Edit,
) -> Result<ElementConflict, StorageError> {
    let row = sqlx::query(
        "SELECT e.version, e.deleted, e.updated_at, e.updated_by, u.name, e.data \
         FROM entries e JOIN users u ON u.id = e.updated_by \
         WHERE e.document_id = $1 AND e.kind = $2 AND e.entry_id = $3",
    )
    .bind(header.document.to_string())
    .bind(edit.kind.name())
    .bind(edit.id.as_str())
    .fetch_one(conn)
    .await?;
    Ok(ElementConflict {
        element_id: edit.public_id(),
        your_version: edit.base_version,
        current_version: row.number("version")?,
        updated_at: Some(row.moment("updated_at")?),
        updated_by: Some(row.user("updated_by", "name")?),
        data: row.json_or_null("data")?,
        deleted: row.flag("deleted")?,
    })
}

/// Refuses files whose bytes were not put through this document (D09): a hash alone opens nothing.
async fn known_files(conn: &mut Connection, header: &Header, edits: &[Edit]) -> Result<(), CommitError> {
    let hash = |edit: &Edit| edit.new.as_ref().and_then(|new| new.sha256.clone());
    let mut hashes: Vec<String> = edits.iter().filter_map(hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    let mut known = HashSet::with_capacity(hashes.len());
    for hashes in in_powers_of_two(&hashes) {
        let sql = format!(
            "SELECT sha256 FROM document_files WHERE document_id = $1 AND sha256 IN ({})",
            placeholders(2, hashes.len())
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(header.document.to_string());
        let query = hashes.iter().fold(query, |query, hash| query.bind(hash.as_str()));
        for row in query.fetch_all(&mut *conn).await? {
            known.insert(row.text("sha256")?);
        }
    }
    for (index, edit) in edits.iter().enumerate() {
        if hash(edit).is_some_and(|hash| !known.contains(&hash)) {
            return Err(invalid(index, "sha256", "names bytes that were not put here before").into());
        }
    }
    Ok(())
}
