//! The canvases that are open in this app, of all servers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use holdfast_protocol::{DocumentId, SessionId};

use crate::{canvas::Canvas, view::ServerId};

/// The canvases that are open now. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Canvases(Arc<Mutex<Vec<Canvas>>>);

impl Canvases {
    fn all(&self) -> MutexGuard<'_, Vec<Canvas>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, canvas: Canvas) {
        self.all().push(canvas);
    }

    pub(crate) fn remove(&self, session: SessionId) {
        self.all().retain(|canvas| canvas.session() != session);
    }

    /// Those that show a document.
    pub(crate) fn of(&self, document: DocumentId) -> Vec<Canvas> {
        let all = self.all();
        all.iter()
            .filter(|canvas| canvas.document() == document)
            .cloned()
            .collect()
    }

    /// Those of one server.
    pub(crate) fn of_server(&self, server: &ServerId) -> Vec<Canvas> {
        let all = self.all();
        all.iter()
            .filter(|canvas| canvas.server() == server)
            .cloned()
            .collect()
    }

    /// The window of a session, where it is one of this app (C03).
    pub(crate) fn window_of(&self, session: SessionId) -> Option<String> {
        let all = self.all();
        let canvas = all.iter().find(|canvas| canvas.session() == session);
        canvas.map(|canvas| canvas.window().to_owned())
    }
}
