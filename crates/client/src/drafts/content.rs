//! What a draft looks like.

use bytes::Bytes;
use holdfast_protocol::{
    Code,
    document::{Change, Content, Scene},
};

use crate::{
    Server,
    api::{Api, ApiError},
    document::{Edits, Key, RawObject, Shadow},
    journal::Recovered,
    view::{CommandError, DraftContent, ServerId},
};

/// The three drawings of a draft.
pub(super) async fn drawings(
    draft: &Recovered,
    server: Option<&Server>,
) -> Result<DraftContent, CommandError> {
    let api = server.map(Server::api);
    let base = base(draft, api).await?;
    let theirs = match server {
        Some(server) => server.content(draft.draft.document).await,
        None => Err(signed_out(&draft.draft.server)),
    };
    if let Err(error) = &theirs {
        tracing::debug!(%error, "a draft is shown without the latest version");
    }
    Ok(DraftContent {
        mine: base.content(&draft.edits),
        base: base.content(&Edits::default()),
        theirs: theirs.ok(),
    })
}

/// The drawing that a draft was made on: as it was kept beside it, else as the server remembers it. Of a document that is
/// gone, and of which nothing was kept, there is nothing but the draft's own elements.
pub(super) async fn base(draft: &Recovered, api: Option<&Api>) -> Result<Shadow, CommandError> {
    if let Some(kept) = draft.base().await {
        return Ok(kept.into_shadow());
    }
    let Some(api) = api else {
        return Err(signed_out(&draft.draft.server));
    };
    let (document, version) = (draft.draft.document, draft.draft.base_version);
    let content = match api.content(document, Some(version)).await {
        Ok(content) => content,
        Err(error) if is_gone(&error) => empty(version),
        Err(error) => return Err(not_had(&error)),
    };
    Ok(Shadow::of_content(content))
}

/// Whether a document is not there (any more), or not for this user.
pub(super) fn is_gone(error: &ApiError) -> bool {
    error.is(Code::NotFound) || error.is(Code::Forbidden)
}

fn empty(version: i64) -> Content {
    let data = RawObject::default().to_json();
    Content {
        version,
        scene: Scene { version: 0, data },
        elements: Vec::new(),
        files: Vec::new(),
    }
}

fn not_had(error: &ApiError) -> CommandError {
    let refused: CommandError = error.clone().into();
    let detail = format!(
        "The drawing that this draft was made on can't be had just now. {} The draft is safe on this device.",
        refused.detail
    );
    CommandError { detail, ..refused }
}

pub(super) fn signed_out(server: &ServerId) -> CommandError {
    let detail = format!(
        "You are not signed in to {}, which has the drawing that this draft was made on. \
         Sign in there and try again. The draft is safe on this device.",
        server.0
    );
    CommandError::of("unauthenticated", detail)
}

/// A picture's bytes.
pub(super) async fn file(
    draft: &Recovered,
    server: Option<&Server>,
    id: &str,
) -> Result<Bytes, CommandError> {
    let own = match draft.edits.get(&Key::File(id.to_owned())) {
        Some(Change::File { sha256, .. }) => Some(sha256.clone()),
        _ => None,
    };
    if let Some(sha256) = &own
        && let Some(bytes) = draft.file(sha256).await
    {
        return Ok(bytes);
    }
    let Some(server) = server else {
        return Err(signed_out(&draft.draft.server));
    };
    let document = draft.draft.document;
    let sha256 = match own {
        Some(sha256) => Some(sha256),
        None => base(draft, Some(server.api())).await?.file(id, &Edits::default()),
    };
    match sha256 {
        Some(sha256) => Ok(server.api().file(document, &sha256).await?),
        // one of the latest version, which is drawn beside the draft
        None => server.file(document, id).await,
    }
}
