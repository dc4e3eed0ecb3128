//! Commits: one atomic save (D01 to D06).
//!
//! The order of the checks is part of the contract: the same commit sent again, then the right to write, then the base versions of each
//! change, then the limits. **Invariant:** every statement reaches rows by their key, so that a commit's cost grows with
//! the change and not with the document (D06).

mod edit;
mod judge;
mod restore;
mod right;
mod write;

use holdfast_protocol::{
    CommitId, DocumentId, SessionId,
    account::Role,
    document::{ChangeSummary, CommitAnswer, ElementVersion},
};

use edit::Edit;
pub(super) use edit::{Kind, is_sha256};
#[cfg(test)]
pub(super) use restore::DIFFERENCE;
pub(super) use restore::restore;

use super::access::{Place, document_for};
use crate::{
    caller::Caller,
    database::{Columns as _, Tx},
    store::{Commit, CommitError, StorageError, StoreError},
};

/// A commit whose shape was checked: what the transaction works on.
pub(super) struct Prepared {
    pub(super) header: Header,
    edits: Vec<Edit>,
}

/// All of a commit but its changes.
#[derive(Debug, Clone)]
pub(super) struct Header {
    pub(super) document: DocumentId,
    pub(super) commit_id: CommitId,
    pub(super) session: SessionId,
    pub(super) fence: i64,
    pub(super) base_version: i64,
    /// Set where it restores an older version.
    pub(super) restored: Option<i64>,
}

/// Checks all that can be checked without looking at the document.
pub(super) fn prepare(commit: Commit) -> Result<Prepared, StoreError> {
    let edits = edit::edits(commit.changes)?;
    edit::in_bounds("fence", commit.fence)?;
    edit::in_bounds("base_version", commit.base_version)?;
    let header = Header {
        document: commit.document,
        commit_id: commit.commit_id,
        session: commit.session,
        fence: commit.fence,
        base_version: commit.base_version,
        restored: None,
    };
    Ok(Prepared { header, edits })
}

/// Writes it, or refuses and writes nothing.
pub(super) async fn commit(
    tx: &mut Tx<'_>,
    caller: &Caller,
    commit: &Prepared,
) -> Result<CommitAnswer, CommitError> {
    let (place, repeated) = begin(tx, caller, &commit.header).await?;
    match repeated {
        Some(answer) => Ok(answer),
        None => finish(tx, caller, &place, &commit.header, &commit.edits).await,
    }
}

/// Access, and whether this very commit was written before (D05).
async fn begin(
    tx: &mut Tx<'_>,
    caller: &Caller,
    header: &Header,
) -> Result<(Place, Option<CommitAnswer>), CommitError> {
    let place = document_for(tx.conn, caller.user.id, header.document, Role::Annotator).await?;
    let row = sqlx::query(
        "SELECT version, changes FROM commits WHERE document_id = $1 AND commit_id = $2 UNION ALL \
         SELECT version, changes FROM thinned_commits WHERE document_id = $1 AND commit_id = $2",
    )
    .bind(header.document.to_string())
    .bind(header.commit_id.to_string())
    .fetch_optional(&mut *tx.conn)
    .await?;
    let answer = row
        .map(|row| {
            let changes = summaries(&row.text("changes")?)?;
            Ok::<_, StorageError>(answer(row.number("version")?, &changes))
        })
        .transpose()?;
    Ok((place, answer))
}

/// The right to write, the versions, the limits; then all is written.
async fn finish(
    tx: &mut Tx<'_>,
    caller: &Caller,
    place: &Place,
    header: &Header,
    edits: &[Edit],
) -> Result<CommitAnswer, CommitError> {
    let right = right::check(tx, caller, place, header).await?;
    let judged = judge::judge(tx, caller, place, header, &right, edits).await?;
    let changes = write::write(tx, caller, place, header, &right, &judged).await?;
    Ok(answer(right.version + 1, &changes))
}

/// The history's line as it is stored.
pub(super) fn summaries(text: &str) -> Result<Vec<ChangeSummary>, StorageError> {
    serde_json::from_str(text).map_err(|error| StorageError::Broken(format!("a commit's changes: {error}")))
}

/// The answer to a commit follows from what it changed: the first time, and each time that it is sent again.
fn answer(version: i64, changes: &[ChangeSummary]) -> CommitAnswer {
    let of = |ops: &[&str]| {
        changes
            .iter()
            .filter(|change| ops.contains(&change.op.as_str()))
            .map(|change| ElementVersion {
                id: change.id.clone().unwrap_or_default(),
                version: change.version,
            })
            .collect()
    };
    CommitAnswer {
        version,
        elements: of(&["put", "delete"]),
        scene_version: changes
            .iter()
            .find(|change| change.op == "scene")
            .map(|change| change.version),
        files: of(&["file"]),
    }
}
