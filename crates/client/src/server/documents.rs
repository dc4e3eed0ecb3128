//! The documents of a scope, live.

use std::{collections::HashSet, time::Duration};

use holdfast_protocol::{
    DocumentId, UserId,
    account::User,
    document::Document,
    lock::{Lock, Resource},
    room::{Event, Room},
};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};

use super::Links;
use crate::{
    connection::{News, RoomNews},
    view::{ConnectionView, DocumentCard, DocumentList, HolderView, ScopeView},
};

/// Changes that come together are read together: a canvas that is drawn on commits many times a second.
const GATHER: Duration = Duration::from_millis(400);
/// What only moves a lock is shown sooner.
const SHOW: Duration = Duration::from_millis(30);
/// When to ask again after the server could not be reached; the link coming up is sooner.
const AGAIN: Duration = Duration::from_secs(5);

pub(super) struct Documents {
    pub(super) links: Links,
    pub(super) scope: ScopeView,
    pub(super) user: watch::Receiver<Option<User>>,
    pub(super) publish: watch::Sender<DocumentList>,
}

impl Documents {
    /// Follows until nobody looks any more. Cancel-safe: nothing is kept but what is published.
    pub(super) async fn run(self) {
        let publish = self.publish.clone();
        tokio::select! {
            biased;
            () = publish.closed() => {}
            () = self.follow() => {}
        }
    }

    async fn follow(mut self) {
        let Ok(me) = self
            .user
            .wait_for(Option::is_some)
            .await
            .map(|me| me.as_ref().map(|me| me.id))
        else {
            return;
        };
        let room = match (&self.scope, me) {
            (ScopeView::Workspace { id }, _) => Room::Workspace(*id),
            (ScopeView::Project { id, .. }, _) => Room::Project(*id),
            (ScopeView::Personal, Some(me)) => Room::User(me),
            (ScopeView::Personal, None) => return,
        };
        let (listener, mut news) = mpsc::unbounded_channel();
        let _joined = self.links.connection.join(room, listener);
        let (mut status, mut waiting) = (self.links.connection.status(), self.links.waiting.list());
        let mut filling = self.links.filling.changes();
        let mut known: Option<Vec<Document>> = None;
        let (mut read_at, mut show_at) = (Some(Instant::now()), None);
        loop {
            tokio::select! {
                biased;
                Some(news) = news.recv() => match heard(&news, known.as_deref_mut()) {
                    Heard::Nothing => {}
                    Heard::Shown => _ = show_at.get_or_insert(Instant::now() + SHOW),
                    Heard::Unknown => _ = read_at.get_or_insert(Instant::now() + GATHER),
                },
                Ok(()) = status.changed() => {
                    show_at.get_or_insert(Instant::now() + SHOW);
                    if *status.borrow() == ConnectionView::Online {
                        read_at.get_or_insert(Instant::now());
                    }
                }
                Ok(()) = waiting.changed() => {
                    show_at.get_or_insert(Instant::now() + SHOW);
                }
                Ok(()) = filling.changed() => {
                    show_at.get_or_insert(Instant::now() + SHOW);
                }
                () = at(show_at) => {
                    show_at = None;
                    self.show(known.as_deref(), me);
                }
                () = at(read_at) => {
                    read_at = None;
                    match self.links.api.documents(&self.scope).await {
                        Ok(documents) => {
                            known = Some(documents);
                            self.show(known.as_deref(), me);
                        }
                        Err(error) => {
                            if known.is_none() {
                                tracing::info!(%error, "the documents can't be read");
                                let detail = error.in_words();
                                self.publish.send_replace(DocumentList::Failed { detail });
                            }
                            read_at = error.is_passing().then(|| Instant::now() + AGAIN);
                        }
                    }
                }
            }
        }
    }

    fn show(&self, documents: Option<&[Document]>, me: Option<UserId>) {
        let Some(documents) = documents else {
            return;
        };
        let mut cards: Vec<_> = documents.iter().map(|document| self.card(document, me)).collect();
        cards.sort_by_key(|card| std::cmp::Reverse((card.document.updated_at, card.document.id)));
        let live = *self.links.connection.status().borrow() == ConnectionView::Online;
        self.publish.send_replace(DocumentList::Ready { cards, live });
    }

    fn card(&self, document: &Document, me: Option<UserId>) -> DocumentCard {
        let holder = document.lock.as_ref().map(|lock| {
            let window = self.links.canvases.window_of(lock.session_id);
            HolderView::of(lock, Some(lock.user_id) == me, window)
        });
        let windows = self.links.canvases.of(document.id);
        DocumentCard {
            document: document.clone(),
            holder,
            windows: windows.iter().map(|canvas| canvas.window().to_owned()).collect(),
            notify_me: self.links.waiting.has(document.id),
            importing: self.links.filling.has(document.id),
        }
    }
}

/// What news mean for the list.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    /// Nothing.
    Nothing,
    /// The list was changed accordingly.
    Shown,
    /// It has to be read.
    Unknown,
}

fn heard(news: &News, known: Option<&mut [Document]>) -> Heard {
    let News::Room(_, news) = news else {
        return Heard::Nothing;
    };
    match news {
        RoomNews::Snapshot(snapshot) => {
            if let Some(known) = known {
                set_locks(known, &snapshot.locks);
            }
            Heard::Unknown
        }
        RoomNews::Event(event) => known.map_or(Heard::Unknown, |known| happened(event, known)),
        RoomNews::Refused(..) => Heard::Unknown,
        RoomNews::Resumed | RoomNews::Presence(_) => Heard::Nothing,
    }
}

fn set_locks(known: &mut [Document], locks: &[Lock]) {
    for document in known {
        let ours = Resource::Document { id: document.id };
        document.lock = locks.iter().find(|lock| lock.resource == ours).cloned();
    }
}

fn happened(event: &Event, known: &mut [Document]) -> Heard {
    let mut set = |id: Option<DocumentId>, lock: Option<Lock>| {
        let document = known.iter_mut().find(|document| Some(document.id) == id);
        // a document elsewhere in the workspace: not in this list
        document.map_or(Heard::Nothing, |document| {
            document.lock = lock;
            Heard::Shown
        })
    };
    match event {
        Event::DocumentLocked { lock } | Event::DocumentForceTaken { lock, .. } => {
            set(lock.resource.document_id(), Some(lock.clone()))
        }
        Event::DocumentUnlocked { resource, .. } => set(resource.document_id(), None),
        Event::DocumentCommitted { document_id, .. } => {
            let ids: HashSet<_> = known.iter().map(|document| document.id).collect();
            if ids.contains(document_id) {
                Heard::Unknown
            } else {
                Heard::Nothing
            }
        }
        Event::DocumentCreated { .. }
        | Event::DocumentChanged { .. }
        | Event::DocumentDeleted { .. }
        | Event::WorkspaceRemoved { .. }
        | Event::ProjectDeleted { .. } => Heard::Unknown,
        _ => Heard::Nothing,
    }
}

async fn at(when: Option<Instant>) {
    match when {
        Some(when) => sleep_until(when).await,
        None => std::future::pending().await,
    }
}
