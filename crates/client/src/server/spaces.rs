//! Who is signed in, and the workspaces and projects that the user is in, live.

use std::{collections::HashMap, time::Duration};

use holdfast_protocol::{
    Code, WorkspaceId,
    account::User,
    room::{Event, Room},
};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use crate::{
    api::{Api, ApiError},
    connection::{Connection, News, RoomNews, Subscription},
    view::{ProjectView, WorkspaceView},
};

/// Changes that come together are read together.
const GATHER: Duration = Duration::from_millis(150);
/// When to ask again after the server could not be reached; the link coming up is sooner.
const AGAIN: Duration = Duration::from_secs(5);

pub(super) struct Spaces {
    pub(super) api: Api,
    pub(super) connection: Connection,
    pub(super) user: watch::Sender<Option<User>>,
    pub(super) workspaces: watch::Sender<Vec<WorkspaceView>>,
}

impl Spaces {
    /// Follows until stopped. Cancel-safe: nothing is kept but what is published.
    pub(super) async fn run(self, stop: CancellationToken) {
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            () = self.follow() => {}
        }
    }

    async fn follow(self) {
        let (listener, mut news) = mpsc::unbounded_channel();
        let mut rooms: HashMap<Room, Subscription> = HashMap::new();
        let mut status = self.connection.status();
        let mut read_at = Some(Instant::now());
        loop {
            tokio::select! {
                biased;
                Some(news) = news.recv() => {
                    if concerns(&news) {
                        read_at.get_or_insert(Instant::now() + GATHER);
                    }
                }
                Ok(()) = status.changed() => {
                    read_at.get_or_insert(Instant::now() + GATHER);
                }
                () = at(read_at) => read_at = match self.read().await {
                    Ok(wanted) => {
                        rooms.retain(|room, _| wanted.contains(room));
                        for room in wanted {
                            rooms.entry(room).or_insert_with(|| self.connection.join(room, listener.clone()));
                        }
                        None
                    }
                    Err(error) => {
                        if error.is(Code::Unauthenticated) {
                            self.connection.signed_out("The sign-in has ended or was revoked. Sign in again.");
                            None
                        } else {
                            tracing::debug!(%error, "the workspaces can't be read");
                            Some(Instant::now() + AGAIN)
                        }
                    }
                },
            }
        }
    }

    /// Reads everything and publishes it; answers the rooms to follow.
    async fn read(&self) -> Result<Vec<Room>, ApiError> {
        let me = self.api.me().await?;
        let user = User {
            id: me.id,
            name: me.name,
        };
        self.user.send_if_modified(|current| replace(current, Some(user)));
        let mut workspaces = Vec::new();
        for workspace in self.api.workspaces().await? {
            let projects = match self.api.projects(workspace.id).await {
                Ok(projects) => projects,
                // the membership ended between the two questions
                Err(error) if error.is(Code::NotFound) => continue,
                Err(error) => return Err(error),
            };
            let mut projects: Vec<_> = projects
                .into_iter()
                .map(|project| ProjectView {
                    id: project.id,
                    name: project.name,
                })
                .collect();
            projects.sort_by_key(|project| project.name.to_lowercase());
            workspaces.push(WorkspaceView {
                id: workspace.id,
                name: workspace.name,
                role: workspace.role,
                projects,
            });
        }
        workspaces.sort_by_key(|workspace| workspace.name.to_lowercase());
        let ids: Vec<WorkspaceId> = workspaces.iter().map(|workspace| workspace.id).collect();
        self.workspaces
            .send_if_modified(|current| replace(current, workspaces));
        let rooms = ids.into_iter().map(Room::Workspace);
        Ok(std::iter::once(Room::User(me.id)).chain(rooms).collect())
    }
}

fn replace<T: PartialEq>(current: &mut T, new: T) -> bool {
    let changed = *current != new;
    *current = new;
    changed
}

/// Whether something was said that changes workspaces, projects or the user's place in them.
fn concerns(news: &News) -> bool {
    match news {
        News::Room(_, RoomNews::Event(event)) => matches!(
            **event,
            Event::WorkspaceChanged { .. }
                | Event::WorkspaceRemoved { .. }
                | Event::ProjectChanged { .. }
                | Event::ProjectDeleted { .. }
        ),
        News::Room(_, RoomNews::Refused(..) | RoomNews::Snapshot(_)) => true,
        _ => false,
    }
}

async fn at(when: Option<Instant>) {
    match when {
        Some(when) => sleep_until(when).await,
        None => std::future::pending().await,
    }
}
