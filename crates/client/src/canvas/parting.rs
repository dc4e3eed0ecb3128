//! A server that has lost what this window has seen: restored from an older copy of its data. What is here and not there is
//! written down first, then offered as one side of a conflict. Nothing of it is sent unasked.

use std::collections::HashSet;

use holdfast_protocol::document::{Change, Content};

use super::{
    actor::Actor,
    aside::{Aside, NewFile},
    lineage::Fork,
    recovering::{Kept, Recovery},
};
use crate::{
    conflict::{Drawings, Plan, Side},
    document::{Edits, Key, Shadow},
    journal::Base,
    view::{CanvasEvent, DraftReason},
};

impl Actor {
    /// The server's history is another one: all that this window has becomes this device's side.
    pub(super) fn part_ways(&mut self, content: Content, fork: Fork) {
        let theirs = Shadow::of_content(content);
        let Some(seen) = self.shadow.replace(theirs.clone()) else {
            return;
        };
        tracing::warn!(document = %self.document.id, seen = seen.version(), now = theirs.version(), "the server has lost what was seen of it");
        self.lineage.forget();
        self.saving.forget();
        let (edits, files, earlier) = self.all_edits(&seen);
        let old = self.journal.take();
        let common = fork.common.map(|(content, commit)| {
            let mut common = Shadow::of_content(content);
            common.is_made_by(Some(commit));
            common
        });
        let changes = lost(&seen, &edits, common.as_ref(), &theirs, &files);
        self.tell_window(CanvasEvent::Reload);
        if changes.is_empty() {
            // the server has all that this window had, whatever its versions are called
            if let Some(journal) = old {
                tokio::spawn(journal.end(None));
            }
            if let Some(earlier) = earlier {
                earlier.forget(&self.links.shelf);
            }
            return;
        }
        let base_version = common.as_ref().map_or(seen.version(), Shadow::version);
        let journal = self.journal();
        let draft = journal.draft_id().clone();
        for file in &files {
            drop(journal.keep_file(file.sha256.clone(), file.bytes.clone()));
        }
        if let Some(common) = &common {
            journal.keep_base(Base::of(common));
            if let Some(commit) = common.commit() {
                journal.made_by(common.version(), commit);
            }
        }
        drop(journal.append(1, base_version, changes.clone()));
        let (journal, shelf) = (self.journal.take(), self.links.shelf.clone());
        let ended = tokio::spawn(async move {
            if let Some(journal) = journal {
                journal.end(Some(DraftReason::Conflict)).await;
            }
            // it has all of the earlier ones
            if let Some(old) = old {
                old.end(None).await;
            }
            if let Some(earlier) = earlier {
                earlier.forgotten(&shelf).await;
            }
        });
        let mut edits = Edits::default();
        for change in changes {
            edits.add(change, 1);
        }
        let aside = Box::new(Aside {
            draft,
            claim: None,
            ended: Some(ended),
            edits,
            files,
            why: DraftReason::Conflict,
            at: None,
            base_version,
            base_commit: common.as_ref().and_then(Shadow::commit),
            on: common.map(Box::new),
            sent: Vec::new(),
            asked: false,
        });
        if self.conflict.is_some() {
            // one question at a time: this one waits on the shelf
            return;
        }
        self.give_back_draft();
        self.kept = Some(Kept {
            draft: aside.draft.clone(),
            changes: aside.edits.count(),
            rests: None,
        });
        self.recovery = Recovery::Waiting(aside);
        self.begin_conflict();
    }

    /// The edits that are not at the server, on the drawing or off it, with their pictures; and what they are on the shelf.
    fn all_edits(&mut self, seen: &Shadow) -> (Edits, Vec<NewFile>, Option<Box<Aside>>) {
        let edits = std::mem::take(&mut self.edits);
        let mut files = self.take_new_files();
        let off = match &self.recovery {
            Recovery::Waiting(aside) | Recovery::Judging(aside) => aside.base_version == seen.version(),
            _ => false,
        };
        if !off || !edits.is_empty() {
            return (edits, files, None);
        }
        match std::mem::replace(&mut self.recovery, Recovery::Settled) {
            Recovery::Waiting(aside) | Recovery::Judging(aside) => {
                files.extend(aside.files.iter().cloned());
                (aside.edits.clone(), files, Some(aside))
            }
            _ => (edits, files, None),
        }
    }
}

/// What was seen, with edits on top, as changes of what both histories have; of what the server has where that is not known.
fn lost(
    seen: &Shadow,
    edits: &Edits,
    common: Option<&Shadow>,
    theirs: &Shadow,
    files: &[NewFile],
) -> Vec<Change> {
    let nothing = Edits::default();
    let on = common.unwrap_or(theirs);
    let (mine, base) = (Side::of(seen, edits), Side::of(on, &nothing));
    let plan = Plan::overwrite(&Drawings {
        theirs: base.clone(),
        base,
        mine,
        unknown: HashSet::new(),
    });
    let version = |key: Key| match common {
        Some(common) => common.base_of(&key),
        // one that is there in another state was made on something that nobody has any more
        None if theirs.base_of(&key) > 0 => seen.base_of(&key).max(1),
        None => 0,
    };
    let puts = plan.puts.into_iter().map(|put| Change::Put {
        base_version: version(Key::Element(put.piece.id.clone())),
        id: put.piece.id,
        data: put.piece.data,
    });
    // without the common drawing nobody knows whether it was deleted here or added there
    let deletes = plan.deletes.into_iter().filter(|_| common.is_some());
    let deletes = deletes.map(|id| Change::Delete {
        base_version: version(Key::Element(id.clone())),
        id,
    });
    let scene = plan.scene.map(|data| Change::Scene {
        base_version: version(Key::Scene),
        data,
    });
    // a picture whose bytes went with the server's data can't be put: nobody has them
    let at_hand = |sha256: &String| files.iter().any(|file| file.sha256 == *sha256);
    let files = plan.files.into_iter().filter(|(_, sha256, _)| at_hand(sha256));
    let files = files.map(|(id, sha256, data)| Change::File {
        base_version: version(Key::File(id.clone())),
        id,
        sha256,
        data,
    });
    puts.chain(deletes).chain(scene).chain(files).collect()
}
