//! What a draft was made on, kept beside it: a draft can be looked at and saved elsewhere also when its server is out of
//! reach, or has the document no more.

use holdfast_protocol::{
    CommitId, Json, Timestamp, UserId,
    account::User,
    document::{Content, Element, FileEntry, Scene},
};
use serde::{Deserialize, Serialize};

use crate::document::{Edits, Key, Shadow};

/// The drawing below a draft's edits.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Base {
    version: i64,
    #[serde(default)]
    commit: Option<CommitId>,
    scene: Scene,
    elements: Vec<(String, i64, Json)>,
    files: Vec<FileEntry>,
}

impl Base {
    /// What a canvas has of its server.
    pub(crate) fn of(shadow: &Shadow) -> Self {
        let none = Edits::default();
        let elements = shadow.elements(&none).into_iter();
        let elements = elements.map(|(id, data)| {
            let version = shadow.base_of(&Key::Element(id.clone()));
            (id, version, data)
        });
        let files = shadow.files(&none).into_iter();
        let files = files.map(|(id, sha256, data)| FileEntry {
            version: shadow.base_of(&Key::File(id.clone())),
            id,
            sha256,
            data,
        });
        Self {
            version: shadow.version(),
            commit: shadow.commit(),
            scene: Scene {
                version: shadow.base_of(&Key::Scene),
                data: shadow.scene(&none).clone(),
            },
            elements: elements.collect(),
            files: files.collect(),
        }
    }

    /// As a canvas has it. Who changed which element was not kept: nobody asks a draft.
    pub(crate) fn into_shadow(self) -> Shadow {
        let nobody = User {
            id: UserId::random(),
            name: String::new(),
        };
        let elements = self.elements.into_iter().map(|(id, version, data)| Element {
            id,
            version,
            updated_at: Timestamp(0),
            updated_by: nobody.clone(),
            data,
        });
        let mut shadow = Shadow::of_content(Content {
            version: self.version,
            scene: self.scene,
            elements: elements.collect(),
            files: self.files,
        });
        shadow.is_made_by(self.commit);
        shadow
    }
}
