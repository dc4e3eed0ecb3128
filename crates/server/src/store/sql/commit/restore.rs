//! Going back to an older version: a commit of what differs (D07).

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
    store::{
        CommitError, StorageError,
        sql::{
            history::{must_be_kept, states_as_of},
            text::invalid,
        },
    },
};

/// What an entry was, where it was there.
struct Was {
    data: Json,
    position: Option<String>,
    sha256: Option<String>,
}

/// An entry that has changed since the version, as it is and as it was. One that was changed back is among them.
struct Changed {
    kind: Kind,
    id: String,
    version: i64,
    /// None: it is deleted.
    data: Option<Json>,
    sha256: Option<String>,
    was: Option<Was>,
}

impl Changed {
    fn from_row(row: &Row) -> Result<Self, StorageError> {
        let name = row.text("kind")?;
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| StorageError::Broken(format!("an entry of the kind {name}")))?;
        let was = match row.json_or_null("was_data")? {
            Some(data) => Some(Was {
                data,
                position: row.text_or_null("was_position")?,
                sha256: row.text_or_null("was_sha256")?,
            }),
            None => None,
        };
        Ok(Self {
            kind,
            id: row.text("entry_id")?,
            version: row.number("version")?,
            data: row.json_or_null("data")?,
            sha256: row.text_or_null("sha256")?,
            was,
        })
    }

    /// What leads back. `empty` is the scene of a document that had none; a file's entry stays where it came later: nothing shows it.
    fn undone(self, empty: &Json) -> Option<Edit> {
        let back = |was: Was| NewState {
            data: was.data,
            position: was.position,
            sha256: was.sha256,
        };
        let new = match (self.kind, self.was.map(back)) {
            (_, Some(was)) => Some(was),
            (Kind::Scene, None) => Some(NewState {
                data: empty.clone(),
                position: None,
                sha256: None,
            }),
            (Kind::File, None) => return None,
            (Kind::Element, None) => None,
        };
        let text = |data: Option<&Json>| data.map(|data| data.get().to_owned());
        let same_data = text(self.data.as_ref()) == text(new.as_ref().map(|new| &new.data));
        if same_data && new.as_ref().and_then(|new| new.sha256.as_ref()) == self.sha256.as_ref() {
            return None;
        }
        Some(Edit {
            kind: self.kind,
            id: self.id,
            base_version: self.version,
            new,
        })
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
    must_be_kept(tx.conn, header.document, version, now).await?;
    let header = Header {
        base_version: now,
        restored: Some(version),
        ..header.clone()
    };
    let edits = difference(tx.conn, &header, version).await?;
    if edits.is_empty() {
        // Whether the caller may write at all comes before what it would write.
        super::right::check(tx, caller, &place, &header).await?;
        return Err(invalid("version", "is what the document is now").into());
    }
    finish(tx, caller, &place, &header, &edits).await
}

/// Entries that are not what they were: each state has a version of its own, so that data is read of these only.
pub(in crate::store::sql) const DIFFERENCE: &str = states_as_of!(
    "SELECT e.kind, e.entry_id, e.version, e.data, e.sha256, v.data AS was_data, v.position AS was_position, \
     v.sha256 AS was_sha256",
    "WHERE e.document_id = $1 AND (v.version IS NULL OR v.version <> e.version) ORDER BY e.kind, e.created_order"
);

/// The edits that lead from what is to what was.
async fn difference(conn: &mut Connection, header: &Header, version: i64) -> Result<Vec<Edit>, StorageError> {
    let rows = sqlx::query(DIFFERENCE)
        .bind(header.document.to_string())
        .bind(version)
        .fetch_all(conn)
        .await?;
    let empty =
        RawValue::from_string("{}".to_owned()).map_err(|error| StorageError::Broken(error.to_string()))?;
    let mut edits = Vec::new();
    for row in &rows {
        edits.extend(Changed::from_row(row)?.undone(&empty));
    }
    Ok(edits)
}
