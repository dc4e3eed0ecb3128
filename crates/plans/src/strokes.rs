//! What is drawn, so that it can be found again from outside.
//!
//! Every edit has a token of its own. A changed element carries the tokens of all edits that it was built on: its trail.
//! So an edit that was overwritten in the same breath is still seen in what overwrote it, and one that vanished is not.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use holdfast_client::{
    Canvas,
    view::{CanvasContent, Edit, ElementData, FileData},
};
use serde_json::{Value, json, value::to_raw_value};

use crate::step::Pen;

/// What became of an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Not answered; it may be anywhere or nowhere.
    Unknown,
    /// On disk, says the client.
    Accepted,
    /// In memory only, says the client.
    InMemory,
    /// Not taken, says the client.
    Refused,
}

/// What an edit did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// The token is in the trail of this element.
    Element(String),
    /// This element is gone.
    Erased(String),
    /// The token is in the scene's trail.
    Scene,
    /// There is a file of the token's name.
    File,
}

/// One edit of one thing.
#[derive(Debug, Clone)]
pub struct Stroke {
    /// Its name.
    pub token: String,
    /// Which app made it.
    pub app: usize,
    /// In which document.
    pub document: String,
    /// What it did.
    pub mark: Mark,
    /// What became of it.
    pub fate: Fate,
}

/// What was drawn in a plan, and what people have let go of.
#[derive(Debug, Default)]
pub struct Drawn {
    /// In the order in which they were made.
    pub strokes: Vec<Stroke>,
    /// Strokes that need not be anywhere any more.
    pub waived: BTreeSet<String>,
    /// Documents in which somebody has put an older state over a newer one.
    pub overwritten: BTreeSet<String>,
    /// How many conflicts were settled.
    pub settled: u64,
}

/// What was drawn, shared by all who draw.
#[derive(Debug, Clone, Default)]
pub struct Ledger(Arc<Mutex<Drawn>>);

impl Ledger {
    /// What is in it.
    pub fn drawn(&self) -> MutexGuard<'_, Drawn> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// These strokes need not be anywhere any more.
    pub fn waive(&self, mut which: impl FnMut(&Stroke) -> bool) {
        let drawn = &mut *self.drawn();
        let let_go = drawn.strokes.iter().filter(|stroke| which(stroke));
        drawn.waived.extend(let_go.map(|stroke| stroke.token.clone()));
    }

    fn begin(&self, app: usize, document: &str, marks: Vec<(String, Mark)>) -> std::ops::Range<usize> {
        let mut drawn = self.drawn();
        let strokes = &mut drawn.strokes;
        let first = strokes.len();
        strokes.extend(marks.into_iter().map(|(token, mark)| Stroke {
            token,
            app,
            document: document.to_owned(),
            mark,
            fate: Fate::Unknown,
        }));
        first..strokes.len()
    }

    fn end(&self, which: std::ops::Range<usize>, fate: Fate) {
        for stroke in &mut self.drawn().strokes[which] {
            stroke.fate = fate;
        }
    }
}

/// The tokens in an object's trail.
#[must_use]
pub fn trail(data: &Value) -> Vec<String> {
    let tokens = data["trail"].as_array().into_iter().flatten();
    tokens
        .filter_map(|token| token.as_str().map(str::to_owned))
        .collect()
}

/// Draws something, on what the window shows. `name` is the stroke's own.
pub async fn draw(canvas: Canvas, pen: Pen, app: usize, name: String, ledger: Ledger) {
    let Ok(content) = canvas.content().await else {
        return;
    };
    let Some((edit, marks)) = edit_of(&content, pen, &name) else {
        return;
    };
    if let Pen::Picture = pen {
        let picture = format!("<svg xmlns='http://www.w3.org/2000/svg'><title>{name}</title></svg>");
        let added = canvas.add_file(name.clone(), "image/svg+xml".to_owned(), Bytes::from(picture));
        if added.await.is_err() {
            return;
        }
    }
    let which = ledger.begin(app, &canvas.document().to_string(), marks);
    let fate = match canvas.edit(edit).await {
        Ok(()) => Fate::Accepted,
        Err(error) => match error.code.as_str() {
            "disk" => Fate::InMemory,
            "read_only" => Fate::Refused,
            _ => Fate::Unknown,
        },
    };
    ledger.end(which, fate);
}

type Drawing = (Edit, Vec<(String, Mark)>);

fn edit_of(content: &CanvasContent, pen: Pen, name: &str) -> Option<Drawing> {
    let pick = |n: usize| {
        let count = content.elements.len();
        content.elements.get(n.checked_rem(count)?)
    };
    let mut edit = Edit::default();
    let marks = match pen {
        Pen::Add(count) => (0..count)
            .map(|n| {
                let token = format!("{name}.{n}");
                edit.puts
                    .push(element(&token, json!({"type": "rectangle", "trail": [token]})));
                (token.clone(), Mark::Element(token))
            })
            .collect(),
        Pen::Change(n) => {
            let chosen = pick(n)?;
            let mut data: Value = serde_json::from_str(chosen.data.get()).ok()?;
            data["trail"].as_array_mut()?.push(json!(name));
            edit.puts.push(element(&chosen.id, data));
            vec![(name.to_owned(), Mark::Element(chosen.id.clone()))]
        }
        Pen::Erase(n) => {
            let chosen = pick(n)?;
            edit.deletes.push(chosen.id.clone());
            vec![(name.to_owned(), Mark::Erased(chosen.id.clone()))]
        }
        Pen::Scene => {
            let mut state: Value = serde_json::from_str(content.app_state.get()).ok()?;
            let mut trail = trail(&state);
            trail.push(name.to_owned());
            state["trail"] = json!(trail);
            edit.app_state = Some(to_raw_value(&state).ok()?);
            vec![(name.to_owned(), Mark::Scene)]
        }
        Pen::Picture => {
            let token = format!("{name}.shown");
            edit.files.push(FileData {
                id: name.to_owned(),
                data: to_raw_value(&json!({"id": name, "mimeType": "image/svg+xml"})).ok()?,
            });
            let shown = json!({"type": "image", "fileId": name, "trail": [token]});
            edit.puts.push(element(&token, shown));
            vec![
                (name.to_owned(), Mark::File),
                (token.clone(), Mark::Element(token)),
            ]
        }
    };
    Some((edit, marks))
}

fn element(id: &str, mut data: Value) -> ElementData {
    data["id"] = json!(id);
    if data.get("index").is_none() {
        data["index"] = json!("a0");
    }
    ElementData {
        id: id.to_owned(),
        data: to_raw_value(&data).expect("JSON is written"),
    }
}
