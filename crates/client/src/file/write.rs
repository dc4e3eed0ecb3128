//! Writing an `.excalidraw` file: what came in comes out.

use std::io::{self, Write};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use holdfast_protocol::Json;
use serde::Deserialize;

use crate::{
    document::{RawObject, to_json},
    order::FIELD,
};

/// A picture on its way out.
#[derive(Debug, Clone)]
pub struct ExportFile {
    /// The canvas's own id for it.
    pub id: String,
    /// What else is said of it.
    pub data: Json,
    /// Its bytes.
    pub bytes: Bytes,
}

#[derive(Default, Deserialize)]
struct Ours {
    #[serde(default)]
    fields: Vec<String>,
}

/// Writes a drawing: its other fields, its elements in drawing order, its pictures.
///
/// # Errors
///
/// Where it can't be written.
pub fn write(out: &mut impl Write, scene: &Json, elements: &[Json], files: &[ExportFile]) -> io::Result<()> {
    let mut scene = RawObject::parse(scene.get()).unwrap_or_default();
    let ours = scene.remove(FIELD);
    let ours: Ours = ours
        .and_then(|ours| serde_json::from_str(ours.get()).ok())
        .unwrap_or_default();
    let layout = if ours.fields.is_empty() {
        for (name, value) in [
            ("type", to_json(&"excalidraw")),
            ("version", to_json(&2)),
            ("source", to_json(&"holdfast")),
        ] {
            if scene.get(name).is_none() {
                scene.set(name, value);
            }
        }
        if scene.get("appState").is_none() {
            scene.set("appState", RawObject::default().to_json());
        }
        ["type", "version", "source", "elements", "appState", "files"]
            .map(str::to_owned)
            .to_vec()
    } else {
        ours.fields
    };
    let drawing = Parts {
        scene,
        elements,
        files,
    };
    drawing.write(out, &layout)
}

struct Parts<'a> {
    scene: RawObject,
    elements: &'a [Json],
    files: &'a [ExportFile],
}

impl Parts<'_> {
    /// The fields that the layout names, in its order, then what it does not name.
    fn write(mut self, out: &mut impl Write, layout: &[String]) -> io::Result<()> {
        let mut fields: Vec<(String, Part)> = Vec::new();
        for name in layout {
            let part = match name.as_str() {
                "elements" => Part::Elements,
                "files" => Part::Files,
                name => match self.scene.remove(name) {
                    Some(value) => Part::Field(value),
                    None => continue,
                },
            };
            fields.push((name.clone(), part));
        }
        let rest = std::mem::take(&mut self.scene).into_fields();
        fields.extend(rest.into_iter().map(|(name, value)| (name, Part::Field(value))));
        let missing = |name: &str| !layout.iter().any(|field| field == name);
        if missing("elements") {
            fields.push(("elements".into(), Part::Elements));
        }
        if missing("files") && !self.files.is_empty() {
            fields.push(("files".into(), Part::Files));
        }
        out.write_all(b"{")?;
        for (at, (name, part)) in fields.iter().enumerate() {
            let comma = if at == 0 { "\n  " } else { ",\n  " };
            write!(out, "{comma}{}: ", to_json(name))?;
            match part {
                Part::Elements => self.write_elements(out)?,
                Part::Files => self.write_files(out)?,
                Part::Field(value) => out.write_all(value.get().as_bytes())?,
            }
        }
        out.write_all(b"\n}\n")
    }

    fn write_elements(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(b"[")?;
        for (at, element) in self.elements.iter().enumerate() {
            out.write_all(if at == 0 { b"\n    " } else { b",\n    " })?;
            out.write_all(element.get().as_bytes())?;
        }
        out.write_all(if self.elements.is_empty() { b"]" } else { b"\n  ]" })
    }

    fn write_files(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(b"{")?;
        for (at, file) in self.files.iter().enumerate() {
            let comma = if at == 0 { "\n    " } else { ",\n    " };
            write!(out, "{comma}{}: {}", to_json(&file.id), file_json(file))?;
        }
        out.write_all(if self.files.is_empty() { b"}" } else { b"\n  }" })
    }
}

enum Part {
    Elements,
    Files,
    Field(Json),
}

/// A picture as a file has it, its bytes in a data URL.
fn file_json(file: &ExportFile) -> Json {
    let mut fields = RawObject::parse(file.data.get()).unwrap_or_default();
    let head = fields.text("dataURL").unwrap_or_else(|| {
        let mime_type = fields.text("mimeType");
        format!(
            "data:{};base64",
            mime_type.as_deref().unwrap_or("application/octet-stream")
        )
    });
    let url = format!("{head},{}", STANDARD.encode(&file.bytes));
    fields.set("dataURL", to_json(&url));
    fields.to_json()
}
