//! The versions that this window has seen, each with the commit that made it. A server that was restored from a copy of its
//! data counts on from an older version, and comes to the same numbers with other drawings: only commits tell them apart.

use std::collections::BTreeMap;

use holdfast_protocol::{CommitId, DocumentId, document::Content};

use crate::{
    api::{Api, ApiError},
    document::Shadow,
};

/// So many versions are remembered: those of hours of drawing.
const REMEMBERED: usize = 10_000;

/// What was seen, oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Lineage(BTreeMap<i64, CommitId>);

/// The drawing as the server has it.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) content: Content,
    /// The commit that made it, where that is known.
    pub(super) commit: Option<CommitId>,
    /// Where the server's history is another one than this window has seen.
    pub(super) fork: Option<Fork>,
    /// How often the link had been down when this was asked.
    pub(super) downs: u64,
}

/// A history that parts from what was seen.
#[derive(Debug)]
pub(super) struct Fork {
    /// The last drawing that both histories have, where that can be had.
    pub(super) common: Option<(Content, CommitId)>,
}

impl Lineage {
    /// What a document has now is of this line.
    pub(super) fn note(&mut self, shadow: &Shadow) {
        if let Some(commit) = shadow.commit() {
            self.0.insert(shadow.version(), commit);
        }
        if self.0.len() > REMEMBERED {
            self.0.pop_first();
        }
    }

    /// Another line begins.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }

    /// Reads a drawing, and whether it is of this line.
    pub(super) async fn read(self, api: &Api, document: DocumentId, downs: u64) -> Result<Read, ApiError> {
        let (content, last) = tokio::try_join!(api.content(document, None), api.commit_of(document, None))?;
        let version = content.version;
        let made = match last.filter(|last| last.version == version) {
            None if version > 0 => api.commit_of(document, Some(version)).await?,
            last => last,
        };
        let commit = made.map(|made| made.commit_id);
        let parted = match self.0.last_key_value() {
            Some((seen, _)) if *seen > version => true,
            Some((seen, by)) if *seen == version => commit.is_some_and(|commit| commit != *by),
            Some((seen, by)) => !is_made_by(api, document, *seen, *by).await?,
            None => false,
        };
        let fork = match parted {
            true => Some(self.fork(api, document, version).await?),
            false => None,
        };
        Ok(Read {
            content,
            commit,
            fork,
            downs,
        })
    }

    /// The last version that both have: all up to it are the same, all after it are not.
    async fn fork(self, api: &Api, document: DocumentId, version: i64) -> Result<Fork, ApiError> {
        let seen: Vec<_> = self.0.range(..=version).map(|(seen, by)| (*seen, *by)).collect();
        let (mut common, mut other) = (0, seen.len());
        while common < other {
            let middle = usize::midpoint(common, other);
            let (version, by) = seen[middle];
            if is_made_by(api, document, version, by).await? {
                common = middle + 1;
            } else {
                other = middle;
            }
        }
        let Some((version, by)) = common.checked_sub(1).map(|last| seen[last]) else {
            return Ok(Fork { common: None });
        };
        match api.content(document, Some(version)).await {
            Ok(content) => Ok(Fork {
                common: Some((content, by)),
            }),
            Err(error) if error.is_passing() => Err(error),
            Err(_) => Ok(Fork { common: None }),
        }
    }
}

/// Whether a version was made by this commit; one that is not listed any more is taken to be.
async fn is_made_by(api: &Api, document: DocumentId, version: i64, by: CommitId) -> Result<bool, ApiError> {
    let made = api.commit_of(document, Some(version)).await?;
    Ok(made.is_none_or(|made| made.commit_id == by))
}
