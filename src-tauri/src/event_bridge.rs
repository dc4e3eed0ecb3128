//! What windows are told: streams of the client, passed on over channels. Everything a window shows comes this way or
//! as the answer to a command; nothing is polled.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use holdfast_client::{
    Canvas, Job,
    view::{CanvasEvent, ConnectionView, DocumentList, Progress, ProgressStep, ScopeView, ServerId},
};
use tauri::{async_runtime::JoinHandle, ipc::Channel};
use tokio::sync::watch;

use crate::{
    host::{Shared, lock},
    local_server, words,
};

/// Passes a canvas's events on to its window, until the window asks anew (a reload) or the canvas is closed.
pub(crate) async fn canvas(canvas: &Canvas, channel: Channel<CanvasEvent>) {
    let mut events = canvas.events().await;
    tauri::async_runtime::spawn(async move {
        while let Some(event) = events.recv().await {
            if channel.send(event).is_err() {
                return;
            }
        }
    });
}

/// Which list of documents each window follows: one a window.
#[derive(Debug, Default)]
pub(crate) struct Watches(Mutex<HashMap<String, JoinHandle<()>>>);

impl Watches {
    /// Passes a scope's list on to a window; replaces what the window followed before.
    pub(crate) fn follow(&self, window: &str, following: impl Future<Output = ()> + Send + 'static) {
        let following = tauri::async_runtime::spawn(following);
        let before = lock(&self.0).insert(window.to_owned(), following);
        end(before);
    }

    /// The window is gone.
    pub(crate) fn forget(&self, window: &str) {
        let before = lock(&self.0).remove(window);
        end(before);
    }
}

fn end(following: Option<JoinHandle<()>>) {
    if let Some(following) = following {
        following.abort();
    }
}

/// Passes a scope's documents on, also while its server comes and goes: at the start of the app, when the user signs in
/// or out. Ends with the window's page.
pub(crate) async fn documents(host: Shared, id: ServerId, scope: ScopeView, channel: Channel<DocumentList>) {
    let mut changes = host.changes();
    let mut told = None;
    loop {
        changes.mark_unchanged();
        if let Some(server) = host.client.server(&id) {
            told = None;
            if pass_on(server.documents(scope.clone()), &channel).await.is_err() {
                return;
            }
        } else {
            let missing = missing(&host, &id);
            if told.as_ref() != Some(&missing) {
                if channel.send(missing.clone().into()).is_err() {
                    return;
                }
                told = Some(missing);
            }
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
}

/// The window's page is gone.
struct PageGone;

/// Until the server is forgotten.
async fn pass_on(
    mut documents: watch::Receiver<DocumentList>,
    channel: &Channel<DocumentList>,
) -> Result<(), PageGone> {
    loop {
        let list = documents.borrow_and_update().clone();
        channel.send(list).map_err(|_| PageGone)?;
        if documents.changed().await.is_err() {
            return Ok(());
        }
    }
}

/// What a window shows in place of the documents of a server that the client does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Missing {
    /// It will be known in a moment.
    Soon,
    /// It will not, and this is why.
    Because(String),
}

fn missing(host: &Shared, id: &ServerId) -> Missing {
    if !host.is_ready() {
        return Missing::Soon;
    }
    match host.local.connection() {
        ConnectionView::Offline { detail, .. } if *id == local_server::id() => Missing::Because(detail),
        _ if *id == local_server::id() => Missing::Soon,
        _ => Missing::Because(words::SIGN_IN_AGAIN.to_owned()),
    }
}

impl From<Missing> for DocumentList {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::Soon => Self::Loading,
            Missing::Because(detail) => Self::Failed { detail },
        }
    }
}

/// The pieces of work under way.
#[derive(Debug, Default)]
pub(crate) struct Jobs(Mutex<HashMap<String, Job>>);

impl Jobs {
    /// Stops a piece of work; one that has ended is left alone.
    pub(crate) fn cancel(&self, id: &str) {
        if let Some(job) = lock(&self.0).get(id) {
            job.cancel();
        }
    }
}

/// Passes a job's progress on to a window until it ends. The job goes on where the window goes away.
pub(crate) fn job(host: &Shared, job: Job, channel: Channel<Progress>) {
    let host = Arc::clone(host);
    lock(&host.jobs.0).insert(job.id(), job.clone());
    tauri::async_runtime::spawn(async move {
        finish(&job, |progress| {
            let _ = channel.send(progress);
        })
        .await;
        lock(&host.jobs.0).remove(&job.id());
    });
}

/// Waits for a job's end and answers its last step; calls back with each step, the last included.
pub(crate) async fn finish(job: &Job, mut each: impl FnMut(Progress)) -> ProgressStep {
    let mut progress = job.progress();
    loop {
        let now = progress.borrow_and_update().clone();
        let step = now.step.clone();
        each(now);
        if is_last(&step) || progress.changed().await.is_err() {
            return step;
        }
    }
}

fn is_last(step: &ProgressStep) -> bool {
    match step {
        ProgressStep::Reading | ProgressStep::Sending { .. } => false,
        ProgressStep::Done { .. } | ProgressStep::Cancelled | ProgressStep::Failed { .. } => true,
    }
}
