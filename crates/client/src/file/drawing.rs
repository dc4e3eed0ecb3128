//! A drawing on its way into or out of a document.

use bytes::Bytes;
use holdfast_protocol::{Json, document::Change};

/// A picture of a drawing.
#[derive(Debug, Clone)]
pub struct DrawingFile {
    /// The canvas's own id for it.
    pub id: String,
    /// Its type.
    pub mime_type: String,
    /// Its bytes' lower-case hexadecimal SHA-256.
    pub sha256: String,
    /// What else the file says of it, without its bytes.
    pub data: Json,
    /// Its bytes.
    pub bytes: Bytes,
}

/// All of a drawing.
#[derive(Debug, Clone)]
pub struct Drawing {
    /// The file's other top-level fields.
    pub scene: Json,
    /// Ids and elements, in drawing order.
    pub elements: Vec<(String, Json)>,
    /// The pictures.
    pub files: Vec<DrawingFile>,
}

impl Drawing {
    /// The changes that make it out of an empty document.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        let scene = (self.scene.get() != "{}").then(|| Change::Scene {
            base_version: 0,
            data: self.scene.clone(),
        });
        let files = self.files.iter().map(|file| Change::File {
            id: file.id.clone(),
            base_version: 0,
            sha256: file.sha256.clone(),
            data: file.data.clone(),
        });
        let elements = self.elements.iter().map(|(id, data)| Change::Put {
            id: id.clone(),
            base_version: 0,
            data: data.clone(),
        });
        scene.into_iter().chain(files).chain(elements).collect()
    }
}
