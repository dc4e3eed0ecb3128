//! Documents whose lock somebody waits for: their rooms stay joined without a window (C05).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use holdfast_protocol::{
    DocumentId,
    lock::Resource,
    room::{Event, Room},
};
use tokio::{
    sync::{broadcast, mpsc, watch},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{Canvases, Waits};
use crate::{
    client::Freed,
    connection::{Connection, News, RoomNews},
    view::{ServerId, WaitView},
};

/// A lock that is taken over or handed on is free for the blink of an eye: nobody is told of that.
const STAYS_FREE: Duration = Duration::from_millis(250);

/// The documents that the user waits for. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Waiting(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    server: ServerId,
    connection: Connection,
    canvases: Canvases,
    freed: broadcast::Sender<Freed>,
    waits: Waits,
    list: watch::Sender<Vec<WaitView>>,
    watched: Mutex<HashMap<DocumentId, CancellationToken>>,
}

impl Waiting {
    pub(crate) fn new(
        server: ServerId,
        connection: Connection,
        canvases: Canvases,
        freed: broadcast::Sender<Freed>,
        waits: Waits,
    ) -> Self {
        let waiting = Self(Arc::new(Inner {
            server,
            connection,
            canvases,
            freed,
            waits,
            list: watch::Sender::default(),
            watched: Mutex::default(),
        }));
        // what an earlier run of the app waited for
        for wait in waiting.0.waits.of(&waiting.0.server) {
            waiting.begin(wait.document_id, &wait.name);
        }
        waiting
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
            self.begin(document, name);
        } else {
            self.end(document);
        }
    }

    fn begin(&self, document: DocumentId, name: &str) {
        let stop = CancellationToken::new();
        if self.has(document) {
            return;
        }
        self.watched().insert(document, stop.clone());
        let wait = WaitView {
            server: self.0.server.clone(),
            document_id: document,
            name: name.to_owned(),
        };
        self.0.waits.add(wait.clone());
        self.0.list.send_modify(|list| list.push(wait));
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

    /// The app ends, or the server is left: nothing is watched any more. What is on disk is waited for again next time.
    pub(crate) fn clear(&self) {
        let documents: Vec<_> = self.watched().keys().copied().collect();
        for document in documents {
            self.stop(document);
        }
    }

    /// The user has signed out: nothing is waited for next time either.
    pub(crate) fn forget(&self) {
        self.0.waits.remove_all(&self.0.server);
    }

    fn end(&self, document: DocumentId) {
        self.0.waits.remove(&self.0.server, document);
        self.stop(document);
    }

    fn stop(&self, document: DocumentId) {
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
        let _joined = self.0.connection.join(Room::Document(document), listener);
        let mut free = false;
        loop {
            let told = match timeout(STAYS_FREE, news.recv()).await {
                Ok(None) => return false,
                Ok(Some(News::Room(_, news))) => lock_news(&news),
                Err(_) if free => return true,
                Ok(Some(_)) | Err(_) => None,
            };
            match told {
                Some(LockNews::Free) => free = true,
                Some(LockNews::Held) => free = false,
                Some(LockNews::Gone) => return false,
                None => {}
            }
        }
    }
}

/// What a room tells about its document's lock.
enum LockNews {
    Free,
    Held,
    Gone,
}

fn lock_news(news: &RoomNews) -> Option<LockNews> {
    let is_document = |resource: &Resource| matches!(resource, Resource::Document { .. });
    match news {
        RoomNews::Snapshot(snapshot) => {
            let held = snapshot.locks.iter().any(|lock| is_document(&lock.resource));
            Some(if held { LockNews::Held } else { LockNews::Free })
        }
        RoomNews::Event(event) => match &**event {
            Event::DocumentUnlocked { .. } => Some(LockNews::Free),
            Event::DocumentLocked { .. } | Event::DocumentForceTaken { .. } => Some(LockNews::Held),
            Event::DocumentDeleted { .. } => Some(LockNews::Gone),
            _ => None,
        },
        RoomNews::Refused(..) => Some(LockNews::Gone),
        RoomNews::Resumed | RoomNews::Presence(_) => None,
    }
}
