//! A drawing without opening it: for its thumbnail.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use holdfast_protocol::DocumentId;

use super::Server;
use crate::{
    document::{Edits, Shadow},
    view::{CanvasContent, CommandError},
};

/// The files of the drawing read last, by id: whoever reads a drawing asks for its files next.
#[derive(Debug, Default)]
pub(super) struct LastRead(Mutex<Option<(DocumentId, HashMap<String, String>)>>);

impl LastRead {
    fn hash(&self, document: DocumentId, id: &str) -> Option<String> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (read, hashes) = last.as_ref()?;
        (*read == document).then(|| hashes.get(id).cloned())?
    }

    fn set(&self, document: DocumentId, hashes: HashMap<String, String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((document, hashes));
    }
}

impl Server {
    /// A document's drawing as the server has it.
    ///
    /// # Errors
    ///
    /// Where the document can't be read.
    pub async fn content(&self, document: DocumentId) -> Result<CanvasContent, CommandError> {
        self.content_at(document, None).await
    }

    pub(super) async fn content_at(
        &self,
        document: DocumentId,
        version: Option<i64>,
    ) -> Result<CanvasContent, CommandError> {
        let content = self.api().content(document, version).await?;
        let files = content.files.iter();
        let hashes = files.map(|file| (file.id.clone(), file.sha256.clone()));
        self.inner.last_read.set(document, hashes.collect());
        Ok(Shadow::of_content(content).content(&Edits::default()))
    }

    /// A file's bytes.
    ///
    /// # Errors
    ///
    /// Where the drawing has no such file, or it can't be fetched.
    pub async fn file(&self, document: DocumentId, id: &str) -> Result<Bytes, CommandError> {
        let known = self.inner.last_read.hash(document, id);
        let hash = match known {
            Some(hash) => hash,
            None => {
                self.content(document).await?;
                let read = self.inner.last_read.hash(document, id);
                read.ok_or_else(|| CommandError::of("not_found", "This drawing has no such image any more."))?
            }
        };
        Ok(self.api().file(document, &hash).await?)
    }
}
