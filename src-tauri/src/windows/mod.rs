//! Which canvas is in which window.
//!
//! **A canvas belongs to a window's label, not to its page**: a reload of the page finds the same canvas, session and
//! lock again (S01). **A window closes once**: whoever closes it first does, and a second close waits for that one.

mod close;
mod draft;
mod open;

pub(crate) use close::{closed, destroy_of, request};
pub(crate) use draft::open_draft;
pub(crate) use open::{Mode, focus, library, open, set_theme};

use std::{
    collections::{HashMap, HashSet},
    sync::Mutex,
};

use holdfast_client::{Canvas, view::ServerId};
use holdfast_protocol::DocumentId;

use crate::host::lock;

/// The library window's label.
pub(crate) const LIBRARY: &str = "library";
/// How the labels of canvas windows begin; what follows is a UUID. Capabilities name it too.
pub(crate) const CANVAS: &str = "canvas-";

/// The canvas windows.
#[derive(Debug, Default)]
pub(crate) struct Windows {
    canvases: Mutex<HashMap<String, Entry>>,
    opening: Mutex<HashSet<(ServerId, DocumentId)>>,
}

#[derive(Debug)]
struct Entry {
    canvas: Canvas,
    closing: bool,
}

impl Windows {
    /// The canvas of a window that is not about to close.
    pub(crate) fn get(&self, label: &str) -> Option<Canvas> {
        let canvases = lock(&self.canvases);
        let entry = canvases.get(label).filter(|entry| !entry.closing)?;
        Some(entry.canvas.clone())
    }

    /// The canvas of a window, be it about to close.
    pub(crate) fn get_closing(&self, label: &str) -> Option<Canvas> {
        lock(&self.canvases).get(label).map(|entry| entry.canvas.clone())
    }

    /// All canvases that are not about to close, in no order.
    pub(crate) fn all(&self) -> Vec<Canvas> {
        let canvases = lock(&self.canvases);
        let open = canvases.values().filter(|entry| !entry.closing);
        open.map(|entry| entry.canvas.clone()).collect()
    }

    /// A window that shows a document: the one that edits it, if there is one.
    pub(crate) fn showing(&self, server: &ServerId, document: DocumentId) -> Option<Canvas> {
        let mut showing: Vec<Canvas> = self.all();
        showing.retain(|canvas| canvas.server() == server && canvas.document() == document);
        let editing = showing.iter().position(|canvas| canvas.state().borrow().editable);
        match editing {
            Some(index) => Some(showing.swap_remove(index)),
            None => showing.pop(),
        }
    }

    fn insert(&self, canvas: Canvas) {
        let label = canvas.window().to_owned();
        let entry = Entry {
            canvas,
            closing: false,
        };
        lock(&self.canvases).insert(label, entry);
    }

    /// Begins to close a window; none where it has no canvas or is closing already.
    fn begin_close(&self, label: &str) -> Option<Canvas> {
        let mut canvases = lock(&self.canvases);
        let entry = canvases.get_mut(label).filter(|entry| !entry.closing)?;
        entry.closing = true;
        Some(entry.canvas.clone())
    }

    /// Whether a window still has a canvas, be it about to close.
    fn has(&self, label: &str) -> bool {
        lock(&self.canvases).contains_key(label)
    }

    /// Forgets a window's canvas.
    pub(crate) fn remove(&self, label: &str) -> Option<Canvas> {
        lock(&self.canvases).remove(label).map(|entry| entry.canvas)
    }

    /// Claims the opening of a document; none where it is being opened already.
    fn begin_open(&self, server: &ServerId, document: DocumentId) -> Option<OpeningGuard<'_>> {
        let key = (server.clone(), document);
        let fresh = lock(&self.opening).insert(key.clone());
        fresh.then_some(OpeningGuard { windows: self, key })
    }
}

/// A document that is being opened, until this is dropped.
struct OpeningGuard<'a> {
    windows: &'a Windows,
    key: (ServerId, DocumentId),
}

impl Drop for OpeningGuard<'_> {
    fn drop(&mut self) {
        lock(&self.windows.opening).remove(&self.key);
    }
}
