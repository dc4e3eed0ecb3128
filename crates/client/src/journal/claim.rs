//! Drafts that are off the shelf, because a canvas goes on with them.

use std::path::{Path, PathBuf};

use super::{DraftId, Shelf, recovery::Recovered};

/// What keeps a journal off the shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// A canvas writes it.
    Written,
    /// It is a draft that the disk has not taken yet: there is nothing to read, the edits are in memory only.
    Owed {
        /// Whether the canvas that has them at hand goes on with them.
        claimed: bool,
    },
    /// A canvas goes on with it.
    Claimed,
}

/// A draft off the shelf. Dropped, at whatever point of whatever was to be done with it, it is on the shelf again.
#[derive(Debug)]
pub(crate) struct Claim {
    shelf: Shelf,
    path: PathBuf,
}

impl Claim {
    /// The draft lives on elsewhere: it goes.
    pub(crate) fn forget(self) {
        self.shelf.forget(&self.path);
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.shelf.give_back(&self.path);
    }
}

impl Shelf {
    /// Takes a draft off the shelf for a canvas that is to go on with it; none where it is not there.
    pub(crate) async fn claim(&self, id: &DraftId) -> Option<(Recovered, Claim)> {
        let id = id.clone();
        let claimed = self.blocking(move |shelf| {
            let path = shelf.find(&id)?;
            let recovered = shelf.recover(&path)?;
            let mut in_use = shelf.in_use();
            if in_use.contains_key(&path) {
                return None;
            }
            in_use.insert(path.clone(), Use::Claimed);
            drop(in_use);
            let shelf = shelf.clone();
            shelf.told();
            Some((recovered, Claim { shelf, path }))
        });
        claimed.await.flatten()
    }

    /// Takes a draft off the shelf whose edits are at hand: also one that the disk has not taken yet.
    pub(crate) async fn claim_again(&self, id: &DraftId) -> Option<Claim> {
        if let Some(owed) = self.claim_owed(id) {
            return Some(owed);
        }
        let (_, claim) = self.claim(id).await?;
        Some(claim)
    }

    fn claim_owed(&self, id: &DraftId) -> Option<Claim> {
        let path = self.used(id, Use::Owed { claimed: false })?;
        let claimed = Use::Owed { claimed: true };
        self.in_use().insert(path.clone(), claimed);
        let shelf = self.clone();
        Some(Claim { shelf, path })
    }

    /// A journal is a draft from now on that the disk has not taken.
    pub(super) fn owe(&self, path: &Path) {
        if let Some(used) = self.in_use().get_mut(path)
            && *used == Use::Written
        {
            *used = Use::Owed { claimed: false };
        }
    }

    /// A journal is not written any more: with edits in it, it is a draft from now on.
    pub(super) fn put_back(&self, path: &Path) {
        let mut in_use = self.in_use();
        match in_use.get_mut(path) {
            Some(used @ Use::Owed { claimed: true }) => *used = Use::Claimed,
            _ => _ = in_use.remove(path),
        }
        drop(in_use);
        self.told();
    }

    fn give_back(&self, path: &Path) {
        let mut in_use = self.in_use();
        match in_use.get_mut(path) {
            Some(Use::Owed { claimed }) => *claimed = false,
            Some(Use::Claimed) => _ = in_use.remove(path),
            _ => return,
        }
        drop(in_use);
        self.told();
    }

    /// Whether a draft went before the disk took it. What the disk has of it goes, too.
    pub(super) fn has_forgotten(&self, path: &Path) -> bool {
        let forgotten = !self.in_use().contains_key(path);
        if forgotten {
            self.forget(path);
        }
        forgotten
    }

    fn forget(&self, path: &Path) {
        self.in_use().remove(path);
        if let Err(error) = self.remove(path) {
            tracing::warn!(path = %path.display(), %error, "a draft that was taken up stays on the disk");
        }
        self.told();
    }

    /// The journal that is in use so.
    pub(super) fn used(&self, id: &DraftId, so: Use) -> Option<PathBuf> {
        let in_use = self.in_use();
        let mut found = in_use.iter().filter(|(_, used)| **used == so);
        found
            .find(|(path, _)| self.draft_id(path) == *id)
            .map(|(path, _)| path.clone())
    }
}
