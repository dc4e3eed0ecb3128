//! The right to write, looked at in the transaction that writes (D02, D03).

use holdfast_protocol::{SignInId, Timestamp, lock::LockMode};

use super::Header;
use crate::{
    caller::Caller,
    database::{Columns as _, Row, Tx},
    engine::{Space, lease},
    store::{CommitError, StorageError, sql::access::Place},
};

/// The right, and what else the transaction needs to know of session and document.
pub(super) struct Right {
    pub(super) mode: LockMode,
    pub(super) device_name: String,
    /// The document's version before the commit.
    pub(super) version: i64,
    /// Its live elements before the commit.
    pub(super) elements: i64,
}

/// The session as the commit found it.
struct Claim {
    sign_in: SignInId,
    space: Space,
    device_name: String,
    /// Mode and fence of its live lock on the document.
    lock: Option<(LockMode, i64)>,
}

impl Claim {
    fn from_row(row: &Row, now: Timestamp) -> Result<Self, StorageError> {
        let live =
            row.number_or_null("ended_at")?.is_none() && lease::is_live(now, row.moment("expires_at")?);
        let mode: Option<LockMode> = row.name_or_null("mode")?;
        let lock = mode.zip(row.number_or_null("fence")?).filter(|_| live);
        let space = match row.id_or_null("workspace_id")? {
            Some(workspace) => Space::Workspace(workspace),
            None => Space::Personal(row.id("user_id")?),
        };
        Ok(Self {
            sign_in: row.id("sign_in_id")?,
            space,
            device_name: row.text("device_name")?,
            lock,
        })
    }
}

/// Refuses whoever may not write now.
pub(super) async fn check(
    tx: &mut Tx<'_>,
    caller: &Caller,
    place: &Place,
    header: &Header,
) -> Result<Right, CommitError> {
    let claim = sqlx::query(
        "SELECT s.sign_in_id, s.user_id, s.workspace_id, s.device_name, s.expires_at, s.ended_at, l.mode, l.fence \
         FROM sessions s LEFT JOIN locks l ON l.kind = 'document' AND l.document_id = $2 AND l.resource_id = $2 \
         AND l.session_id = s.id WHERE s.id = $1",
    )
    .bind(header.session.to_string())
    .bind(header.document.to_string())
    .fetch_optional(&mut *tx.conn)
    .await?;
    let claim = claim.map(|row| Claim::from_row(&row, tx.now)).transpose()?;
    let document = sqlx::query(
        "SELECT version, elements, exclusive_fence, exclusive_session FROM documents WHERE id = $1",
    )
    .bind(header.document.to_string())
    .fetch_one(&mut *tx.conn)
    .await?;
    if let Some(claim) = &claim {
        if claim.sign_in != caller.sign_in {
            return Err(CommitError::SessionNotYours);
        }
        if claim.space != place.space {
            return Err(CommitError::OtherSpace);
        }
    }
    let had_by_other = document.text_or_null("exclusive_session")? != Some(header.session.to_string());
    if had_by_other && document.number("exclusive_fence")? > header.fence {
        return Err(CommitError::StaleFence);
    }
    let Some((claim, (mode, fence))) = claim.and_then(|claim| claim.lock.map(|lock| (claim, lock))) else {
        return Err(CommitError::LockRequired { elements: vec![] });
    };
    if fence != header.fence {
        return Err(CommitError::StaleFence);
    }
    Ok(Right {
        mode,
        device_name: claim.device_name,
        version: document.number("version")?,
        elements: document.number("elements")?,
    })
}
