//! Documents that this app is filling just now, with an import or a copy: they are locked by the filling's own session,
//! which nobody should take for an editor.

use std::{collections::HashSet, sync::Arc};

use holdfast_protocol::DocumentId;
use tokio::sync::watch;

/// The documents being filled. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filling(Arc<watch::Sender<HashSet<DocumentId>>>);

impl Filling {
    /// A document is being filled until the guard is dropped.
    pub(crate) fn begin(&self, document: DocumentId) -> FillingGuard {
        self.0.send_modify(|filling| _ = filling.insert(document));
        FillingGuard {
            filling: self.clone(),
            document,
        }
    }

    pub(crate) fn has(&self, document: DocumentId) -> bool {
        self.0.borrow().contains(&document)
    }

    /// Whenever one begins or ends.
    pub(crate) fn changes(&self) -> watch::Receiver<HashSet<DocumentId>> {
        self.0.subscribe()
    }

    /// Waits until a document is filled; at once where it is. Cancel-safe.
    pub(crate) async fn ended(&self, document: DocumentId) {
        let mut changes = self.changes();
        // the sender lives as long as `self`
        let _ = changes.wait_for(|filling| !filling.contains(&document)).await;
    }
}

/// A document that is being filled.
#[derive(Debug)]
pub(crate) struct FillingGuard {
    filling: Filling,
    document: DocumentId,
}

impl Drop for FillingGuard {
    fn drop(&mut self) {
        self.filling
            .0
            .send_modify(|filling| _ = filling.remove(&self.document));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_opens_waits_for_the_end_of_the_filling() {
        let (filling, document) = (Filling::default(), DocumentId::random());
        filling.ended(document).await;
        let guard = filling.begin(document);
        assert!(filling.has(document));
        let waiting = tokio::spawn({
            let filling = filling.clone();
            async move { filling.ended(document).await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(guard);
        waiting.await.unwrap();
        assert!(!filling.has(document));
    }
}
