//! Reading an `.excalidraw` file: all of it is checked before anything is changed anywhere.

use std::{collections::HashSet, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use holdfast_protocol::{Json, limits};
use serde::Deserialize;

use super::{Drawing, DrawingFile, links, picture};
use crate::{
    document::{RawObject, to_json},
    order::{Effective, FIELD},
};

/// Largest file that is read: a drawing of the most elements, and its pictures.
pub const FILE_MAX: u64 = 64 << 20;
/// Deepest nesting: Excalidraw's own is below ten.
const DEPTH_MAX: u32 = 64;

/// Why a file is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {detail}. Nothing was changed")]
pub struct BadFile {
    /// The file's name.
    pub file: String,
    /// Which field, and what is wrong with it.
    pub detail: String,
}

type Checked<T> = Result<T, String>;

/// Reads a file from disk; one that is too large is not read at all. Blocks.
///
/// # Errors
///
/// What is wrong, naming the file and the field.
pub fn read(path: &Path) -> Result<Drawing, BadFile> {
    let file = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned();
    let bad = |detail: String| BadFile {
        file: file.clone(),
        detail,
    };
    let about = std::fs::metadata(path).map_err(|error| bad(format!("it can't be read ({error})")))?;
    if !about.is_file() {
        return Err(bad("it is no file".into()));
    }
    if about.len() > FILE_MAX {
        let (is, most) = (about.len() >> 20, FILE_MAX >> 20);
        return Err(bad(format!("it has {is} MiB; the most is {most} MiB")));
    }
    let bytes = std::fs::read(path).map_err(|error| bad(format!("it can't be read ({error})")))?;
    parse(&bytes).map_err(bad)
}

/// Checks a file's bytes.
pub(super) fn parse(bytes: &[u8]) -> Checked<Drawing> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| format!("it is not UTF-8 text (at byte {})", error.valid_up_to()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err("it is empty".into());
    }
    check_depth(text)?;
    let mut fields = RawObject::parse(text).map_err(|error| {
        let cut = error.0.contains("EOF");
        let what = if cut {
            "it ends in the middle"
        } else {
            "it is no JSON object"
        };
        format!("{what} ({error})")
    })?;
    let kind = fields.text("type");
    if kind.as_deref() != Some("excalidraw") {
        return Err("`type` is not \"excalidraw\": it is no drawing".into());
    }
    let layout = layout(&fields);
    let elements = fields.remove("elements").ok_or("`elements` is missing")?;
    let elements: Vec<Json> =
        serde_json::from_str(elements.get()).map_err(|_| "`elements` is no list".to_owned())?;
    let (elements, effective) = check_elements(elements)?;
    let files = match fields.remove("files") {
        Some(files) => check_files(&files)?,
        None => Vec::new(),
    };
    if let Some(app_state) = fields.get("appState")
        && !app_state.get().starts_with('{')
    {
        return Err("`appState` is no object".into());
    }
    if fields.get(FIELD).is_some() {
        return Err(format!("`{FIELD}` is a field that Holdfast keeps for itself"));
    }
    remember(&mut fields, &effective, layout);
    let scene = fields.to_json();
    if scene.get().len() > limits::COMMIT_BYTES / 2 {
        return Err("its fields beside elements and pictures have more than 4 MiB".into());
    }
    Ok(Drawing {
        scene,
        elements,
        files,
    })
}

/// Nesting, looked at before anything is parsed: what parses recursively must not be led astray.
fn check_depth(text: &str) -> Checked<()> {
    let (mut depth, mut in_text, mut escaped) = (0_u32, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                depth += 1;
                if depth > DEPTH_MAX {
                    return Err(format!("it is nested more than {DEPTH_MAX} deep (at byte {at})"));
                }
            }
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// Where `elements` and `files` stand among the fields, where that is not where they are written by default.
fn layout(fields: &RawObject) -> Option<Vec<String>> {
    let names: Vec<_> = fields.iter().map(|(name, _)| name.to_owned()).collect();
    let usual = ["type", "version", "source", "elements", "appState", "files"];
    (names != usual).then_some(names)
}

/// What Holdfast has to remember to give the file back as it came.
fn remember(fields: &mut RawObject, effective: &Effective, layout: Option<Vec<String>>) {
    let mut ours = RawObject::default();
    if !effective.is_empty() {
        ours.set("index", to_json(effective));
    }
    if let Some(layout) = layout {
        ours.set("fields", to_json(&layout));
    }
    if ours.iter().next().is_some() {
        fields.set(FIELD, ours.to_json());
    }
}

/// What is looked at in an element.
#[derive(Deserialize)]
struct Looked {
    id: String,
    #[serde(default)]
    index: serde_json::Value,
    #[serde(default)]
    link: serde_json::Value,
}

fn check_elements(elements: Vec<Json>) -> Checked<(Vec<(String, Json)>, Effective)> {
    if elements.len() > limits::DOCUMENT_ELEMENTS {
        let (is, most) = (elements.len(), limits::DOCUMENT_ELEMENTS);
        return Err(format!("`elements` has {is} elements; the most is {most}"));
    }
    let (mut checked, mut ids) = (Vec::with_capacity(elements.len()), HashSet::new());
    let mut given = Vec::with_capacity(elements.len());
    for (at, data) in elements.into_iter().enumerate() {
        let place = format!("elements[{at}]");
        let looked = check_element(&place, &data)?;
        if !ids.insert(looked.id.clone()) {
            return Err(format!("`{place}.id`: {:?} is there twice", looked.id));
        }
        given.push(looked.index.as_str().map(str::to_owned));
        checked.push((looked.id, data));
    }
    let pairs: Vec<_> = checked
        .iter()
        .zip(&given)
        .map(|((id, _), index)| (id.as_str(), index.as_deref()))
        .collect();
    let effective = Effective::of_file(&pairs);
    Ok((checked, effective))
}

fn check_element(place: &str, data: &Json) -> Checked<Looked> {
    if data.get().len() > limits::ELEMENT_BYTES {
        return Err(format!("`{place}` has more than 1 MiB"));
    }
    RawObject::parse(data.get()).map_err(|error| format!("`{place}` is no proper object ({error})"))?;
    let looked: Looked =
        serde_json::from_str(data.get()).map_err(|_| format!("`{place}.id` is missing or no text"))?;
    check_id(&format!("{place}.id"), &looked.id)?;
    match &looked.index {
        serde_json::Value::Null | serde_json::Value::String(_) => {}
        _ => return Err(format!("`{place}.index` is no text")),
    }
    match &looked.link {
        serde_json::Value::String(link) if links::is_hostile(link) => {
            return Err(format!(
                "`{place}.link`: the element {:?} has a link that would run something",
                looked.id
            ));
        }
        serde_json::Value::Null | serde_json::Value::String(_) => {}
        _ => return Err(format!("`{place}.link` is no text")),
    }
    Ok(looked)
}

fn check_id(place: &str, id: &str) -> Checked<()> {
    if id.is_empty() || id.len() > limits::ELEMENT_ID_BYTES {
        return Err(format!(
            "`{place}` has {} bytes; 1 to {} are allowed",
            id.len(),
            limits::ELEMENT_ID_BYTES
        ));
    }
    if id.chars().any(char::is_control) {
        return Err(format!("`{place}` has control characters"));
    }
    Ok(())
}

fn check_files(files: &Json) -> Checked<Vec<DrawingFile>> {
    let files = RawObject::parse(files.get()).map_err(|error| format!("`files` is no object ({error})"))?;
    files
        .into_fields()
        .into_iter()
        .map(|(id, data)| check_file(id, &data))
        .collect()
}

fn check_file(id: String, data: &Json) -> Checked<DrawingFile> {
    let place = format!("files[{id:?}]");
    check_id(&place, &id)?;
    let mut fields =
        RawObject::parse(data.get()).map_err(|error| format!("`{place}` is no object ({error})"))?;
    let url = fields
        .text("dataURL")
        .ok_or_else(|| format!("`{place}.dataURL` is missing or no text"))?;
    let mime_type = fields
        .text("mimeType")
        .ok_or_else(|| format!("`{place}.mimeType` is missing or no text"))?;
    let (head, payload) = url
        .split_once(',')
        .filter(|(head, _)| head.starts_with("data:") && head.ends_with(";base64"))
        .ok_or_else(|| format!("`{place}.dataURL` is no base64 data URL"))?;
    if payload.len() / 4 * 3 > limits::FILE_BYTES + 3 {
        return Err(format!(
            "`{place}`: the picture has more than {} MiB",
            limits::FILE_BYTES >> 20
        ));
    }
    let bytes = STANDARD
        .decode(payload)
        .map_err(|error| format!("`{place}.dataURL` is damaged base64 ({error})"))?;
    if bytes.len() > limits::FILE_BYTES {
        return Err(format!(
            "`{place}`: the picture has more than {} MiB",
            limits::FILE_BYTES >> 20
        ));
    }
    picture::check(&mime_type, &bytes).map_err(|detail| format!("`{place}`: {detail}"))?;
    // what can't be told from the type is kept in the field's place: all but the bytes
    if head == format!("data:{mime_type};base64") {
        fields.remove("dataURL");
    } else {
        fields.set("dataURL", to_json(&head));
    }
    Ok(DrawingFile {
        id,
        mime_type,
        sha256: crate::canvas::sha256(&bytes),
        data: fields.to_json(),
        bytes: Bytes::from(bytes),
    })
}
