//! Documents whose lock somebody waits for: their rooms stay joined without a window (C05).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use holdfast_protocol::{
    DocumentId,
    lock::{ReleaseReason, Resource},
    room::{Event, Room},
};
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::Canvases;
use crate::{
    client::Freed,
    connection::{Connection, News, RoomNews},
    view::{ServerId, WaitView},
};

/// The documents that the user waits for. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Waiting(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    server: ServerId,
    connection: Connection,
    canvases: Canvases,
    freed: broadcast::Sender<Freed>,
    list: watch::Sender<Vec<WaitView>>,
    watched: Mutex<HashMap<DocumentId, CancellationToken>>,
}

impl Waiting {
    pub(crate) fn new(
        server: ServerId,
        connection: Connection,
        canvases: Canvases,
        freed: broadcast::Sender<Freed>,
    ) -> Self {
        Self(Arc::new(Inner {
            server,
            connection,
            canvases,
            freed,
            list: watch::Sender::default(),
            watched: Mutex::default(),
        }))
    }

    pub(crate) fn list(&self) -> watch::Receiver<Vec<WaitView>> {
        self.0.list.subscribe()
    }

    pub(crate) fn has(&self, document: DocumentId) -> bool {
        self.watched().contains_key(&document)
    }

    fn watched(&self) -> MutexGuard<'_, HashMap<DocumentId, CancellationToken>> {
        self.0.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set(&self, document: DocumentId, name: &str, on: bool) {
        if on {
            self.begin(document, name)
        } else {
            self.end(document)
        }
    }

    fn begin(&self, document: DocumentId, name: &str) {
        let stop = CancellationToken::new();
        if self.has(document) {
            return;
        }
        self.watched().insert(document, stop.clone());
        self.0.list.send_modify(|list| {
            list.push(WaitView {
                server: self.0.server.clone(),
                document_id: document,
                name: name.to_owned(),
            });
        });
        let (waiting, name) = (self.clone(), name.to_owned());
        tokio::spawn(async move {
            let waited = waiting.until_free(document);
            let freed = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                freed = waited => freed,
            };
            waiting.end(document);
            if freed {
                let server = waiting.0.server.clone();
                // nobody listens: then nobody is told, and nothing is lost
                let _ = waiting.0.freed.send(Freed {
                    server,
                    document,
                    name,
                });
            }
        });
    }

    /// No document is waited for any more.
    pub(crate) fn clear(&self) {
        let documents: Vec<_> = self.watched().keys().copied().collect();
        for document in documents {
            self.end(document);
        }
    }

    fn end(&self, document: DocumentId) {
        if let Some(stop) = self.watched().remove(&document) {
            stop.cancel();
        }
        self.0
            .list
            .send_modify(|list| list.retain(|wait| wait.document_id != document));
        for canvas in self.0.canvases.of(document) {
            canvas.set_notify_me(false);
        }
    }

    /// Waits in the document's room; false where the document is gone. Cancel-safe: dropping it leaves the room.
    async fn until_free(&self, document: DocumentId) -> bool {
        let (listener, mut news) = mpsc::unbounded_channel();
        let room = Room::Document(document);
        let _joined = self.0.connection.join(room, listener);
        let is_document = |resource: &Resource| matches!(resource, Resource::Document { .. });
        while let Some(news) = news.recv().await {
            let News::Room(_, news) = news else {
                continue;
            };
            match news {
                RoomNews::Snapshot(snapshot) => {
                    if !snapshot.locks.iter().any(|lock| is_document(&lock.resource)) {
                        return true;
                    }
                }
                RoomNews::Event(event) => match &*event {
                    // one that is handed over goes straight on to the next holder
                    Event::DocumentUnlocked { resource, reason, .. }
                        if is_document(resource) && *reason != ReleaseReason::HandedOver =>
                    {
                        return true;
                    }
                    Event::DocumentDeleted { .. } => return false,
                    _ => {}
                },
                RoomNews::Refused(..) => return false,
                RoomNews::Resumed | RoomNews::Presence(_) => {}
            }
        }
        false
    }
}
