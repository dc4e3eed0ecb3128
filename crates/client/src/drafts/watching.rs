//! The list of drafts, live; and which of them are none.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use futures_util::{FutureExt as _, future::select_all};
use holdfast_protocol::{Json, document::Change};
use tokio::{sync::watch, time::timeout};

use super::content::is_gone;
use crate::{
    Server,
    conflict::same,
    document::{Edits, Shadow},
    journal::{Draft, DraftId, Shelf},
    server::Known,
    view::{ConnectionView, DraftReason, DraftView},
};

/// How often it is asked whether the documents of drafts are still there.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// What the server has said of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Its document is at this version, which is not what the draft has.
    Differs(i64),
    /// Its document is gone, or closed to the user.
    Gone,
    /// The server has all of it: it is no draft.
    Same,
}

/// Follows the shelf until nobody looks any more.
pub(crate) fn watch(shelf: Shelf, servers: Known) -> watch::Receiver<Vec<DraftView>> {
    let (publish, list) = watch::channel(Vec::new());
    let mut watching = Watching {
        shelf,
        servers,
        verdicts: HashMap::new(),
        asked: HashSet::new(),
    };
    tokio::spawn(async move {
        tokio::select! {
            biased;
            () = publish.closed() => {}
            () = watching.run(&publish) => {}
        }
    });
    list
}

struct Watching {
    shelf: Shelf,
    servers: Known,
    verdicts: HashMap<DraftId, Verdict>,
    /// The drafts that were asked about since their server was last heard of.
    asked: HashSet<DraftId>,
}

impl Watching {
    /// Cancel-safe: what was found out is found out again.
    async fn run(&mut self, publish: &watch::Sender<Vec<DraftView>>) {
        let mut shelf_changes = self.shelf.changes();
        let mut known = self.servers.changes();
        loop {
            let servers = self.servers.list();
            let mut links: Vec<_> = servers.iter().map(Server::status).collect();
            for link in &mut links {
                link.borrow_and_update();
            }
            shelf_changes.mark_unchanged();
            let drafts = self.shelf.drafts().await;
            self.keep_up(&drafts, &servers);
            self.publish(publish, &drafts);

            let down_or_up = async {
                if links.is_empty() {
                    return std::future::pending().await;
                }
                let changes = links.iter_mut().map(|link| {
                    let changed = async {
                        // a link that is no more does not change: its server goes, or is another one
                        if link.changed().await.is_err() {
                            std::future::pending::<()>().await;
                        }
                    };
                    changed.boxed()
                });
                select_all(changes).await;
            };
            let changed = async {
                tokio::select! {
                    _ = shelf_changes.changed() => {}
                    _ = known.changed() => {}
                    () = down_or_up => {}
                }
            };
            tokio::pin!(changed);
            tokio::select! {
                () = &mut changed => continue,
                () = self.judge(&drafts, &servers, publish) => {}
            }
            if timeout(LOOK_AGAIN, &mut changed).await.is_err() {
                self.asked.clear();
            }
        }
    }

    /// Forgets what was said of drafts that are gone, and by servers that are out of reach.
    fn keep_up(&mut self, drafts: &[Draft], servers: &[Server]) {
        let ids: HashSet<_> = drafts.iter().map(|draft| &draft.id).collect();
        self.verdicts.retain(|id, _| ids.contains(id));
        self.asked.retain(|id| ids.contains(id));
        for draft in drafts.iter().filter(|draft| online(servers, draft).is_none()) {
            self.asked.remove(&draft.id);
        }
    }

    fn publish(&self, publish: &watch::Sender<Vec<DraftView>>, drafts: &[Draft]) {
        let views: Vec<_> = drafts.iter().filter_map(|draft| self.view(draft)).collect();
        publish.send_if_modified(|shown| {
            let changed = *shown != views;
            *shown = views;
            changed
        });
    }

    fn view(&self, draft: &Draft) -> Option<DraftView> {
        let view = draft.view();
        match self.verdicts.get(&draft.id) {
            Some(Verdict::Same) => None,
            Some(Verdict::Gone) => Some(DraftView {
                why: DraftReason::Gone,
                ..view
            }),
            // what was out of reach for its user once, and is there again
            _ => Some(view),
        }
    }

    /// Asks about each draft whose server can be asked.
    async fn judge(&mut self, drafts: &[Draft], servers: &[Server], publish: &watch::Sender<Vec<DraftView>>) {
        for draft in drafts {
            let Some(server) = online(servers, draft) else {
                continue;
            };
            if self.asked.contains(&draft.id) {
                continue;
            }
            let before = self.verdicts.get(&draft.id).copied();
            let Some(verdict) = self.verdict(server, draft, before).await else {
                continue;
            };
            self.asked.insert(draft.id.clone());
            self.verdicts.insert(draft.id.clone(), verdict);
            self.publish(publish, drafts);
            if verdict == Verdict::Same {
                tracing::info!(draft = draft.id.0, "the server has all of a draft: it is none");
                if let Err(error) = self.shelf.discard(&draft.id).await {
                    tracing::warn!(%error, "a draft that is none stays on the disk");
                }
            }
        }
    }

    /// What the server says; none where it says nothing that can be relied on.
    async fn verdict(&self, server: &Server, draft: &Draft, before: Option<Verdict>) -> Option<Verdict> {
        let document = match server.api().document(draft.document).await {
            Ok(document) => document,
            Err(error) if is_gone(&error) => return Some(Verdict::Gone),
            Err(_) => return None,
        };
        if before == Some(Verdict::Differs(document.version)) {
            return before;
        }
        let content = server.api().content(draft.document, None).await.ok()?;
        let edits = self.shelf.read(&draft.id).await?.edits;
        let shadow = Shadow::of_content(content);
        Some(if says_all(&shadow, &edits) {
            Verdict::Same
        } else {
            Verdict::Differs(shadow.version())
        })
    }
}

/// The draft's server, where it can be asked.
fn online<'a>(servers: &'a [Server], draft: &Draft) -> Option<&'a Server> {
    let server = servers.iter().find(|server| *server.id() == draft.server)?;
    (*server.status().borrow() == ConnectionView::Online).then_some(server)
}

/// Whether a drawing has all that edits would change: equal but for what only counts saves.
fn says_all(shadow: &Shadow, edits: &Edits) -> bool {
    let elements: HashMap<String, Json> = shadow.elements(&Edits::default()).into_iter().collect();
    edits.changes().all(|change| match change {
        Change::Put { id, data, .. } => elements.get(id).is_some_and(|stored| same(stored, data)),
        other => shadow.says(other),
    })
}
