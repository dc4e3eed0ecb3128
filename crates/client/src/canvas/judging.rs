//! Whether anybody else has saved since edits were made (X03).

use holdfast_protocol::{CommitId, DocumentId};

use super::aside::Aside;
use crate::{
    api::{Api, ApiError},
    document::Shadow,
    view::DraftReason,
};

/// What has happened since edits were made.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// Whether anybody else has saved, or the server is another one.
    pub(super) others: bool,
    /// The drawing that they were made on, where there is a conflict and it can be had.
    pub(super) on: Option<Box<Shadow>>,
}

/// What edits were made on.
#[derive(Debug)]
pub(super) struct Since {
    version: i64,
    commit: Option<CommitId>,
    /// Commits of theirs that were sent and perhaps not answered, and of what else was recovered with them.
    ours: Vec<CommitId>,
    /// Whether the drawing is at hand.
    at_hand: bool,
}

impl Since {
    /// What edits were made on; whatever a commit in `recovered` did was done with what the same crash has left.
    pub(super) fn of(aside: &Aside, recovered: &[CommitId]) -> Self {
        let crashed = aside.why == DraftReason::Crash;
        let recovered = recovered.iter().filter(|_| crashed);
        Self {
            version: aside.base_version,
            commit: aside.base_commit,
            ours: aside.sent.iter().chain(recovered).copied().collect(),
            at_hand: aside.on.is_some(),
        }
    }

    /// Whether the document is still what the edits were made on.
    pub(super) fn is_now(&self, shadow: &Shadow) -> bool {
        let known = self.commit.zip(shadow.commit());
        shadow.version() == self.version && known.is_none_or(|(made, now)| made == now)
    }

    pub(super) async fn ask(&self, api: &Api, document: DocumentId) -> Result<Verdict, ApiError> {
        if self.is_lost(api, document).await? {
            return Ok(Verdict {
                others: true,
                on: None,
            });
        }
        let others = !self.only_ours(api, document).await?;
        let on = if others && !self.at_hand {
            self.drawing(api, document).await?
        } else {
            None
        };
        Ok(Verdict { others, on })
    }

    /// Whether the server, restored from a copy, has lost the version, or made another one of that number.
    async fn is_lost(&self, api: &Api, document: DocumentId) -> Result<bool, ApiError> {
        let last = api.commit_of(document, None).await?;
        if last.map_or(0, |last| last.version) < self.version {
            return Ok(true);
        }
        let Some(commit) = self.commit else {
            return Ok(false);
        };
        let made = api.commit_of(document, Some(self.version)).await?;
        Ok(made.is_some_and(|made| made.commit_id != commit))
    }

    /// Whether every commit since is one of ours.
    async fn only_ours(&self, api: &Api, document: DocumentId) -> Result<bool, ApiError> {
        let mut before = None;
        loop {
            let page = api.commits(document, before).await?;
            for entry in page.items {
                if entry.version <= self.version {
                    return Ok(true);
                }
                if !self.ours.contains(&entry.commit_id) {
                    return Ok(false);
                }
            }
            before = page.next.and_then(|next| next.parse().ok());
            if before.is_none() {
                return Ok(true);
            }
        }
    }

    /// The drawing; none where it was thinned out: both sides are then taken to have changed what differs.
    async fn drawing(&self, api: &Api, document: DocumentId) -> Result<Option<Box<Shadow>>, ApiError> {
        match api.content(document, Some(self.version)).await {
            Ok(content) => {
                let mut shadow = Shadow::of_content(content);
                shadow.is_made_by(self.commit);
                Ok(Some(Box::new(shadow)))
            }
            Err(error) if error.is_passing() => Err(error),
            Err(_) => Ok(None),
        }
    }
}
