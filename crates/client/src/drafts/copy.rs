//! A draft that becomes a document of its own.

use holdfast_protocol::{Code, DocumentId};

use super::{content, gone};
use crate::{
    api::Api,
    copying::{self, Place},
    document::{Key, Shadow},
    file::{Drawing, DrawingFile},
    journal::{DraftId, Recovered, Shelf},
    server::Links,
    view::{CommandError, ScopeView, ServerId},
};

/// What became of a draft that was saved as a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftCopy {
    /// The server that has the copy.
    pub server: ServerId,
    /// The copy.
    pub document: DocumentId,
    /// How many pictures could not be had any more. Where one of the draft's own is among them, the draft stays.
    pub missing_pictures: u32,
}

/// The pictures of a drawing, as far as they can be had.
struct Pictures {
    files: Vec<DrawingFile>,
    missing: u32,
    /// Whether one that the draft itself brings is missing.
    own_missing: bool,
}

/// Makes the copy, at the draft's own server where the user is signed in there, else elsewhere; then the draft goes.
/// Nothing is left behind where that fails, and the draft stays.
pub(crate) async fn save_as_copy(
    shelf: &Shelf,
    id: &DraftId,
    own: Option<&Links>,
    elsewhere: Option<&Links>,
) -> Result<DraftCopy, CommandError> {
    let Some(_copying) = shelf.begin_copy(id) else {
        let detail = "This draft is being saved as a copy already.";
        return Err(CommandError::of("unavailable", detail));
    };
    let draft = shelf.read(id).await.ok_or_else(gone)?;
    let own = own.filter(|own| own.is_signed_in());
    let Some(target) = own.or(elsewhere) else {
        return Err(content::signed_out(&draft.draft.server));
    };
    let api = own.map(|own| &own.api);
    let scope = match api {
        Some(api) => scope(api, draft.draft.document).await?,
        None => ScopeView::Personal,
    };
    let base = content::base(&draft, api).await?;
    let pictures = pictures(&draft, &base, api).await?;
    let drawing = Drawing {
        scene: base.scene(&draft.edits).clone(),
        elements: base.elements(&draft.edits),
        files: pictures.files,
    };
    let place = Place::new(target, copying::copy_name(&draft.draft.name), scope);
    let document = copying::create_whole(&target.api, &place, &drawing).await?;
    if !pictures.own_missing
        && let Err(error) = shelf.discard(id).await
    {
        tracing::warn!(%error, "a draft that was saved as a copy stays on the disk");
    }
    Ok(DraftCopy {
        server: target.id.clone(),
        document: document.id,
        missing_pictures: pictures.missing,
    })
}

/// Where the draft's document is, if the user may write there; else among the user's own.
async fn scope(api: &Api, document: DocumentId) -> Result<ScopeView, CommandError> {
    match api.document(document).await {
        Ok(document) => Ok(copying::scope(api, &document).await?),
        Err(error) if content::is_gone(&error) => Ok(ScopeView::Personal),
        Err(error) => Err(error.into()),
    }
}

/// What the server does not have any more is left out: better a copy without a picture than none.
async fn pictures(draft: &Recovered, base: &Shadow, api: Option<&Api>) -> Result<Pictures, CommandError> {
    let mut pictures = Pictures {
        files: Vec::new(),
        missing: 0,
        own_missing: false,
    };
    for (id, sha256, data) in base.files(&draft.edits) {
        let bytes = match (draft.file(&sha256).await, api) {
            (Some(kept), _) => Some(kept),
            (None, None) => None,
            (None, Some(api)) => match api.file(draft.draft.document, &sha256).await {
                Ok(bytes) => Some(bytes),
                Err(error) if error.is(Code::NotFound) || error.is(Code::Forbidden) => None,
                Err(error) => return Err(error.into()),
            },
        };
        match bytes {
            Some(bytes) => pictures.files.push(DrawingFile {
                mime_type: copying::mime_type(&data, &bytes),
                id,
                sha256,
                data,
                bytes,
            }),
            None => {
                pictures.missing += 1;
                pictures.own_missing |= draft.edits.get(&Key::File(id)).is_some();
            }
        }
    }
    Ok(pictures)
}
