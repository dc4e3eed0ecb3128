//! The end of a plan: all is healed, comes to rest, and is looked at.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use holdfast_client::view::CanvasContent;
use serde_json::json;

use super::{COMPARED, CONFLICTS, OPENED, REST_WITHIN, SLICE, Tally, World};
use crate::{
    plan::{LEASE_MS, WINDOWS},
    record::{self, Disagreement, Drawing, Record},
};

impl World<'_> {
    /// Everything is healed, comes to rest, and is looked at.
    #[must_use]
    pub fn finish(mut self) -> (Record, Tally) {
        let mut record = Record::default();
        self.heal();
        self.settle(&mut record, "healed", 0);
        self.compare(&mut record);
        self.look_everywhere(&mut record);
        let tally = self.tally();
        for app in &mut self.apps {
            app.kill();
        }
        record.histories = self.histories();
        let drawn = std::mem::take(&mut *self.ledger.drawn());
        record.strokes = drawn.strokes;
        record.waived = drawn.waived;
        record.overwritten = drawn.overwritten;
        for app in &self.apps {
            let drafts = record::drafts(app.index, app.folder());
            record.drafts.extend(self.outside.block_on(drafts));
        }
        let restless = self.restless.into_iter();
        record
            .unsettled
            .extend(restless.map(|machine| format!("{machine} never rests")));
        record.logs = self.observer.logs();
        drop(self.folder);
        (record, tally)
    }

    fn heal(&mut self) {
        self.serve();
        for link in &self.links {
            link.mend();
        }
        for app in &mut self.apps {
            app.free_disk();
            if app.is_signed_out() {
                app.kill();
            }
            app.start();
        }
    }

    /// Lets time pass until nothing is under way; what is, if it takes too long.
    fn rest(&mut self, when: &str) -> Option<String> {
        let until = self.age + REST_WITHIN;
        loop {
            self.pass(2 * SLICE);
            let busy = self
                .apps
                .iter()
                .find_map(|app| app.is_settled().err().map(|why| (app.index, why)));
            let (app, why) = busy?;
            if self.age >= until {
                return Some(format!("{when}: app {app}: {why}"));
            }
        }
    }

    /// Every open window shows what the server has, or does as soon as what is on its way has arrived.
    fn compare(&mut self, record: &mut Record) {
        let mut found = Vec::new();
        for _ in 0..COMPARED {
            found = self.disagreements();
            if found.is_empty() {
                return;
            }
            self.pass(2 * SLICE);
        }
        record.disagreements.extend(found);
    }

    fn disagreements(&mut self) -> Vec<Disagreement> {
        let mut found = Vec::new();
        for at in 0..self.apps.len() {
            for (window, canvas) in self.apps[at].canvases() {
                let document = canvas.document().to_string();
                let shown = Arc::new(Mutex::new(None));
                let show = Arc::clone(&shown);
                self.apps[at].with(window, move |canvas| async move {
                    let content = canvas.content().await.ok();
                    *show.lock().unwrap_or_else(PoisonError::into_inner) = content;
                });
                self.pass(Duration::from_millis(20));
                let content = shown.lock().unwrap_or_else(PoisonError::into_inner).take();
                if let Some(detail) = self.differs(&document, content.as_ref()) {
                    let window = format!("app {at}, window {window} on {document}");
                    found.push(Disagreement { window, detail });
                }
            }
        }
        found
    }

    fn differs(&self, document: &str, shown: Option<&CanvasContent>) -> Option<String> {
        let Some(shown) = shown else {
            return Some("it shows nothing".to_owned());
        };
        let path = format!("/v1/documents/{document}/content");
        let there = self.outside.block_on(self.person(0).get(&path)).ok(200).body;
        let elements: Vec<_> = shown
            .elements
            .iter()
            .map(|element| json!({"id": element.id, "data": element.data}))
            .collect();
        let files: Vec<_> = shown.files.iter().map(|file| json!({"id": file.id})).collect();
        let scene = json!({"data": {"appState": shown.app_state}});
        let drawing = Drawing::of_content(&json!({"elements": elements, "files": files, "scene": scene}));
        let expected = Drawing::of_content(&there);
        if drawing != expected {
            return Some(format!("it shows {drawing:?}, the server has {expected:?}"));
        }
        let (version, expected) = (shown.version, there["version"].as_i64().unwrap_or(0));
        (version != expected).then(|| format!("it shows version {version}, the server has {expected}"))
    }

    /// Comes to rest, with every conflict settled.
    fn settle(&mut self, record: &mut Record, when: &str, first_word: usize) {
        for round in first_word..first_word + CONFLICTS {
            if let Some(busy) = self.rest(when) {
                record.unsettled.push(busy);
                return;
            }
            let mut open = false;
            for app in &self.apps {
                for (window, state) in app.states() {
                    if state.conflict.is_some() {
                        open = true;
                        app.resolve(
                            window,
                            self.last_words[round % self.last_words.len()],
                            self.ledger.clone(),
                        );
                    }
                }
            }
            if !open {
                return;
            }
        }
        record.unsettled.push(format!("{when}: conflicts without end"));
    }

    /// Each app opens each document once more, alone: what crashes have left is gone on with, and all see the same.
    fn look_everywhere(&mut self, record: &mut Record) {
        self.close_all(record);
        for at in 0..self.apps.len() {
            for document in self.documents.clone() {
                self.look(record, at, &document);
            }
        }
    }

    fn look(&mut self, record: &mut Record, at: usize, document: &str) {
        let when = format!("app {at} opens {document}");
        for _ in 0..OPENED {
            self.apps[at].open(0, document, true);
            self.settle(record, &when, 0);
            if !self.apps[at].canvases().is_empty() {
                break;
            }
        }
        if !self.may_edit(at) {
            // what was killed holds on for the rest of its lease; what was decided against is read-only until asked again
            self.pass(Duration::from_millis(LEASE_MS));
            self.apps[at].with(0, |canvas| async move {
                let _ = canvas.start_editing().await;
            });
            // who has said "later" has to say something else now
            self.settle(record, &when, 1);
        }
        if !self.may_edit(at) {
            let states: Vec<_> = self.apps[at]
                .states()
                .into_iter()
                .map(|(_, state)| (state.lock, state.save, state.conflict.is_some()))
                .collect();
            record
                .unsettled
                .push(format!("app {at} can't edit {document}, alone: {states:?}"));
        }
        self.compare(record);
        self.close_all(record);
    }

    fn may_edit(&self, app: usize) -> bool {
        let states = self.apps[app].states();
        states.iter().any(|(_, state)| state.editable)
    }

    fn close_all(&mut self, record: &mut Record) {
        for app in &self.apps {
            for window in 0..WINDOWS {
                app.close(window);
            }
        }
        record.unsettled.extend(self.rest("all windows close"));
    }
}
