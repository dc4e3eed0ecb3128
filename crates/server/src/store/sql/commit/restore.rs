//! Going back to an older version: a commit of what differs (D07).

use std::collections::HashMap;

use holdfast_protocol::{Json, document::CommitAnswer};
use serde_json::value::RawValue;

use super::{
    Header, begin,
    edit::{Edit, Kind, NewState},
    finish,
};
use crate::{
    caller::Caller,
    database::{Columns as _, Connection, Row, Tx},
    store::{CommitError, StorageError, StoreError},
};

/// An entry's state, now or then.
struct State {
    version: i64,
    /// None: it is deleted.
    data: Option<Json>,
    position: Option<String>,
    sha256: Option<String>,
}

impl State {
    fn from_row(row: &Row) -> Result<((Kind, String), Self), StorageError> {
        let name = row.text("kind")?;
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| StorageError::Broken(format!("an entry of the kind {name}")))?;
        let state = Self {
            version: row.number("version")?,
            data: row.json_or_null("data")?,
            position: row.text_or_null("position")?,
            sha256: row.text_or_null("sha256")?,
        };
        Ok(((kind, row.text("entry_id")?), state))
    }

    fn is_as(&self, other: &Self) -> bool {
        let text = |state: &Self| state.data.as_ref().map(|data| data.get().to_owned());
        self.sha256 == other.sha256 && text(self) == text(other)
    }
}

/// Makes the document what it was at the version in the header.
pub(in crate::store::sql) async fn restore(
    tx: &mut Tx<'_>,
    caller: &Caller,
    version: i64,
    header: &Header,
) -> Result<CommitAnswer, CommitError> {
    let (place, repeated) = begin(tx, caller, header).await?;
    if let Some(answer) = repeated {
        return Ok(answer);
    }
    let now: i64 = sqlx::query_scalar("SELECT version FROM documents WHERE id = $1")
        .bind(header.document.to_string())
        .fetch_one(&mut *tx.conn)
        .await?;
    if !(0..=now).contains(&version) {
        return Err(refused("never was").into());
    }
    let header = Header {
        base_version: now,
        restored: Some(version),
        ..header.clone()
    };
    let edits = difference(tx.conn, &header, version).await?;
    if edits.is_empty() {
        // Whether the caller may write at all comes before what it would write.
        super::right::check(tx, caller, &place, &header).await?;
        return Err(refused("is what the document is now").into());
    }
    finish(tx, caller, &place, &header, &edits).await
}

fn refused(detail: &str) -> StoreError {
    StoreError::Invalid {
        field: "version".into(),
        detail: detail.into(),
    }
}

/// The edits that lead from what is to what was. A file's entry stays where it came later: nothing shows it.
async fn difference(conn: &mut Connection, header: &Header, version: i64) -> Result<Vec<Edit>, StorageError> {
    let document = header.document.to_string();
    let current = sqlx::query(
        "SELECT kind, entry_id, version, position, sha256, data FROM entries WHERE document_id = $1 \
         ORDER BY kind, created_order",
    )
    .bind(document.as_str())
    .fetch_all(&mut *conn)
    .await?;
    let past = sqlx::query(
        "SELECT v.kind, v.entry_id, v.version, v.position, v.sha256, v.data FROM entry_versions v JOIN \
         (SELECT kind, entry_id, max(document_version) AS latest FROM entry_versions \
         WHERE document_id = $1 AND document_version <= $2 GROUP BY kind, entry_id) x \
         ON v.kind = x.kind AND v.entry_id = x.entry_id AND v.document_version = x.latest WHERE v.document_id = $1",
    )
    .bind(document.as_str())
    .bind(version)
    .fetch_all(conn)
    .await?;
    let mut past: HashMap<_, _> = past.iter().map(State::from_row).collect::<Result<_, _>>()?;
    let empty =
        RawValue::from_string("{}".to_owned()).map_err(|error| StorageError::Broken(error.to_string()))?;
    let mut edits = Vec::new();
    for row in &current {
        let ((kind, id), is) = State::from_row(row)?;
        let was = past.remove(&(kind, id.clone()));
        if was.as_ref().is_some_and(|was| was.is_as(&is)) {
            continue;
        }
        let is_empty = is.data.as_ref().is_some_and(|data| data.get() == empty.get());
        if kind == Kind::Scene && was.is_none() && is_empty {
            continue;
        }
        edits.extend(edit(kind, id, &is, was, empty.clone()));
    }
    Ok(edits)
}

/// `empty` is the scene of a document that had none.
fn edit(kind: Kind, id: String, is: &State, was: Option<State>, empty: Json) -> Option<Edit> {
    let was = was.and_then(|was| {
        was.data.map(|data| NewState {
            data,
            position: was.position,
            sha256: was.sha256,
        })
    });
    let new = match (kind, was) {
        (_, Some(was)) => Some(was),
        (Kind::Scene, None) => Some(NewState {
            data: empty,
            position: None,
            sha256: None,
        }),
        (Kind::File, None) => return None,
        (Kind::Element, None) if is.data.is_none() => return None,
        (Kind::Element, None) => None,
    };
    Some(Edit {
        kind,
        id,
        base_version: is.version,
        new,
    })
}
