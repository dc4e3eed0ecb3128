//! What a journal's records say, and how they lie in the file.

use holdfast_protocol::{CommitId, DocumentId, UserId, document::Change};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    document::Key,
    view::{DraftReason, ServerId},
};

/// Length and checksum.
const HEAD: usize = 4 + CHECKSUM;
/// So much of a SHA-256 tells a torn write from a whole one.
const CHECKSUM: usize = 8;
/// No record is larger: an edit is at most a commit's worth, and then some.
const RECORD_MAX: usize = 256 << 20;
/// How the bodies of records begin.
const BODIES: [&str; 6] = [
    r#"{"Opened":"#,
    r#"{"Edited":"#,
    r#"{"Acknowledged":"#,
    r#"{"Sent":"#,
    r#"{"PutAside":"#,
    r#"{"MadeBy":"#,
];

/// One record.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Record {
    /// The first one: what the journal is of.
    Opened(Opened),
    /// An edit.
    Edited {
        /// Counted from 1.
        edit: u64,
        /// The document's version that it was made on.
        version: i64,
        /// What it changes.
        changes: Vec<Change>,
    },
    /// The server has all edits up to one.
    Acknowledged {
        /// The last edit that it has.
        through: u64,
        /// What the commit made: later edits of these things build on it.
        made: Vec<(Thing, i64)>,
        /// The document's version that it made.
        #[serde(default)]
        version: i64,
    },
    /// A commit is about to be sent: its fate is asked by this id where no answer is written down (D05).
    Sent(CommitId),
    /// The edits before it are a draft, for this reason. A journal without it was left behind by a crash.
    PutAside(DraftReason),
    /// Which commit made a version that edits were made on: a server restored from a copy of its data may come to the same
    /// number with another drawing.
    MadeBy {
        /// The version.
        version: i64,
        /// The commit.
        commit: CommitId,
    },
}

/// What a journal is of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Opened {
    pub(super) server: ServerId,
    pub(super) document: DocumentId,
    pub(super) name: String,
    /// Who made the edits: nobody else goes on with them unasked.
    #[serde(default)]
    pub(super) user: Option<UserId>,
}

/// A [`Key`], as written.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Thing {
    Scene,
    File(String),
    Element(String),
}

impl From<Key> for Thing {
    fn from(key: Key) -> Self {
        match key {
            Key::Scene => Self::Scene,
            Key::File(id) => Self::File(id),
            Key::Element(id) => Self::Element(id),
        }
    }
}

impl From<Thing> for Key {
    fn from(thing: Thing) -> Self {
        match thing {
            Thing::Scene => Self::Scene,
            Thing::File(id) => Self::File(id),
            Thing::Element(id) => Self::Element(id),
        }
    }
}

fn checksum(body: &[u8]) -> [u8; CHECKSUM] {
    let mut sum = [0; CHECKSUM];
    sum.copy_from_slice(&Sha256::digest(body)[..CHECKSUM]);
    sum
}

/// A record as it lies in the file.
pub(super) fn write(record: &Record) -> Vec<u8> {
    // every part of a record serializes: strings, integers, and JSON that was parsed before
    let body = serde_json::to_vec(record).unwrap_or_default();
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let mut bytes = Vec::with_capacity(HEAD + body.len());
    bytes.extend(length.to_le_bytes());
    bytes.extend(checksum(&body));
    bytes.extend(body);
    bytes
}

/// What a journal begins with: what it is of, twice, so that damage to its first bytes does not make all that follows
/// nobody's.
pub(super) fn write_head(opened: Opened) -> Vec<u8> {
    let record = write(&Record::Opened(opened));
    [&record[..], &record].concat()
}

/// What a journal's bytes say.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// The whole records, in order.
    pub(super) records: Vec<Record>,
    /// The same bytes without the damaged ones.
    pub(super) whole: Vec<u8>,
    /// How many bytes are damaged.
    pub(super) damaged: usize,
}

/// All whole records. What is damaged is left out: a torn tail, as a crash leaves it, or bytes that a disk has changed,
/// behind which the next whole record is looked for.
pub(super) fn read(bytes: &[u8]) -> Contents {
    let (mut contents, mut at) = (Contents::default(), 0);
    while at < bytes.len() {
        if let Some((record, length)) = read_one(&bytes[at..]) {
            contents.records.push(record);
            contents.whole.extend(&bytes[at..at + length]);
            at += length;
        } else {
            let next = next_record(bytes, at + 1);
            contents.damaged += next - at;
            at = next;
        }
    }
    contents
}

/// Where the next whole record begins, from `from` on; the end where there is none. Only places that look like a
/// record's body are read, so that a long damaged part costs no more than one pass.
fn next_record(bytes: &[u8], from: usize) -> usize {
    let looks_like_body = |body: &[u8]| BODIES.iter().any(|begin| body.starts_with(begin.as_bytes()));
    let candidates = from..bytes.len().saturating_sub(HEAD);
    let mut found = candidates.filter(|at| looks_like_body(&bytes[at + HEAD..]));
    found
        .find(|at| read_one(&bytes[*at..]).is_some())
        .unwrap_or(bytes.len())
}

fn read_one(bytes: &[u8]) -> Option<(Record, usize)> {
    let length = u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?);
    let length = usize::try_from(length)
        .ok()
        .filter(|length| *length <= RECORD_MAX)?;
    let body = bytes.get(HEAD..HEAD + length)?;
    if bytes.get(4..HEAD)? != checksum(body) {
        return None;
    }
    Some((serde_json::from_slice(body).ok()?, HEAD + length))
}
