//! Why a draft is on the shelf, written down once more: the last word counts.

use std::{
    io::{self, Write},
    path::Path,
};

use super::{
    DraftId, Shelf,
    claim::Use,
    record::{self, Record},
};
use crate::view::DraftReason;

impl Shelf {
    /// Notes why a draft is here from now on, be it claimed or not. Where the disk refuses, it keeps its earlier reason.
    pub(crate) async fn relabel(&self, id: &DraftId, why: DraftReason) {
        let id = id.clone();
        let labelled = self.blocking(move |shelf| {
            let path = shelf.find(&id).or_else(|| shelf.used(&id, Use::Claimed));
            path.map_or(Ok(()), |path| append(&path, why))
        });
        if let Some(Err(error)) = labelled.await {
            tracing::warn!(%error, "why a draft is kept can't be written down");
        }
        self.told();
    }
}

fn append(path: &Path, why: DraftReason) -> io::Result<()> {
    let mut file = std::fs::File::options().append(true).open(path)?;
    file.write_all(&record::write(&Record::PutAside(why)))?;
    file.sync_data()
}
