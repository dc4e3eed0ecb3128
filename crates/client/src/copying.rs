//! New documents made of drawings: imports, copies, drafts. What can't be completed is deleted again.

use std::{collections::HashMap, time::Duration};

use bytes::Bytes;
use holdfast_protocol::{
    CommitId, DocumentId, Json, SessionId,
    account::Role,
    document::{CommitRequest, CreateDocument, Document, DocumentKind},
    limits,
    lock::Resource,
    session::OpenSession,
};

use crate::{
    api::{Api, ApiError},
    canvas::Picture,
    document::{Edits, RawObject, Shadow},
    file::{Drawing, DrawingFile},
    server::{Filling, Links},
    view::{CommandError, ScopeView},
};

/// A session that fills a document is renewed before each part: longer than the longest part may take.
const FILLING_TTL: Duration = Duration::from_secs(150);

/// Where a new document goes, and under which name.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) scope: ScopeView,
    pub(crate) device: String,
    pub(crate) filling: Filling,
}

impl Place {
    pub(crate) fn new(links: &Links, name: String, scope: ScopeView) -> Self {
        Self {
            name,
            scope,
            device: links.device_name(),
            filling: links.filling.clone(),
        }
    }
}

/// Creates a document and fills it. Whatever ends it early, the half-made document goes; `parts` is told (done, total).
pub(crate) async fn create(
    api: &Api,
    place: &Place,
    drawing: &Drawing,
    stop: &tokio_util::sync::CancellationToken,
    parts: impl FnMut(u32, u32),
) -> Result<Option<Document>, ApiError> {
    let (workspace_id, project_id) = match place.scope {
        ScopeView::Personal => (None, None),
        ScopeView::Workspace { id } => (Some(id), None),
        ScopeView::Project { id, workspace_id } => (Some(workspace_id), Some(id)),
    };
    let request = CreateDocument {
        name: name(&place.name),
        kind: DocumentKind::Canvas,
        workspace_id,
        project_id,
    };
    let document = api.create_document(&request).await?;
    let _filling = place.filling.begin(document.id);
    let session = SessionId::random();
    let filled = tokio::select! {
        biased;
        () = stop.cancelled() => Ok(None),
        filled = fill(api, &document, session, &place.device, drawing, parts) => filled.map(Some),
    };
    if let Err(error) = api.end_session(session).await {
        tracing::debug!(%error, "a filling session ends with its lease");
    }
    if !matches!(filled, Ok(Some(()))) {
        // the lease may outlive a lost goodbye, and would stand in the way: it is this user's own
        if let Err(error) = api.delete_document(document.id, false).await {
            tracing::warn!(document = %document.id, %error, "a half-made document could not be deleted");
        }
    }
    match filled? {
        Some(()) => api.document(document.id).await.map(Some),
        None => Ok(None),
    }
}

/// A name that a document may have.
fn name(wished: &str) -> String {
    let name: String = wished
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(limits::NAME_CHARS)
        .collect();
    if name.is_empty() {
        "Untitled".to_owned()
    } else {
        name
    }
}

async fn fill(
    api: &Api,
    document: &Document,
    session: SessionId,
    device: &str,
    drawing: &Drawing,
    mut parts: impl FnMut(u32, u32),
) -> Result<(), ApiError> {
    let mut edits = Edits::default();
    for change in drawing.changes() {
        edits.add(change, 1);
    }
    let commits = edits.clone().batches();
    let total = u32::try_from(drawing.files.len() + commits).unwrap_or(u32::MAX);
    let mut done = 0;
    let mut part = || {
        done += 1;
        parts(done, total);
    };
    if edits.is_empty() {
        return Ok(());
    }
    let resource = Resource::Document { id: document.id };
    api.open_session(&OpenSession {
        session_id: session,
        workspace_id: document.workspace_id,
        device_name: device.to_owned(),
        ttl_ms: i64::try_from(FILLING_TTL.as_millis()).ok(),
    })
    .await?;
    let fence = api.acquire(&resource, session).await?.lock.fence;
    for file in &drawing.files {
        api.put_file(document.id, &file.sha256, &file.mime_type, file.bytes.clone())
            .await?;
        api.heartbeat(session, None).await?;
        part();
    }
    let mut base_version = 0;
    while let Some(batch) = edits.send().cloned() {
        let request = CommitRequest {
            commit_id: CommitId::random(),
            session_id: session,
            fence,
            base_version,
            changes: batch.changes,
        };
        base_version = api.commit(document.id, &request).await?.version;
        api.heartbeat(session, None).await?;
        edits.acknowledged(&HashMap::new());
        part();
    }
    Ok(())
}

/// What a document has now.
pub(crate) async fn picture_of(api: &Api, document: DocumentId) -> Result<Picture, ApiError> {
    let shadow = Shadow::of_content(api.content(document, None).await?);
    Ok(picture(&shadow, &Edits::default()))
}

fn picture(shadow: &Shadow, edits: &Edits) -> Picture {
    let elements = shadow.elements(edits).into_iter().map(|(_, data)| data);
    let files = shadow.files(edits).into_iter();
    Picture {
        scene: shadow.scene(edits).clone(),
        elements: elements.collect(),
        files: files.map(|(id, sha256, data)| (id, sha256, data, None)).collect(),
    }
}

/// A copy of a document, now or at a version: in its scope, or a personal one where the user may not write there.
pub(crate) async fn of_document(
    links: &Links,
    id: DocumentId,
    version: Option<i64>,
) -> Result<Document, CommandError> {
    let api = &links.api;
    let document = api.document(id).await?;
    let shadow = Shadow::of_content(api.content(id, version).await?);
    let edits = Edits::default();
    let files = fetch_files(api, id, &shadow, &edits).await?;
    let drawing = drawing(&shadow, &edits, files);
    let place = Place::new(links, copy_name(&document.name), scope(api, &document).await?);
    create_whole(api, &place, &drawing).await
}

/// A copy of a drawing that this device has, with edits and their pictures' bytes by hash: beside its document, or among the
/// user's own.
pub(crate) async fn of_edits(
    links: &Links,
    document: &Document,
    shadow: &Shadow,
    edits: &Edits,
    files: &[(String, Bytes)],
) -> Result<DocumentId, CommandError> {
    let api = &links.api;
    let mut fetched = Vec::new();
    for (id, sha256, data) in shadow.files(edits) {
        let kept = files.iter().find(|(hash, _)| *hash == sha256);
        let bytes = match kept {
            Some((_, bytes)) => bytes.clone(),
            None => api.file(document.id, &sha256).await?,
        };
        fetched.push(DrawingFile {
            mime_type: mime_type(&data, &bytes),
            id,
            sha256,
            data,
            bytes,
        });
    }
    let drawing = drawing(shadow, edits, fetched);
    let place = Place::new(links, copy_name(&document.name), scope(api, document).await?);
    Ok(create_whole(api, &place, &drawing).await?.id)
}

/// Creates a document and fills it, without a word about how far it is.
pub(crate) async fn create_whole(
    api: &Api,
    place: &Place,
    drawing: &Drawing,
) -> Result<Document, CommandError> {
    let never = tokio_util::sync::CancellationToken::new();
    let created = create(api, place, drawing, &never, |_, _| {}).await?;
    created.ok_or_else(|| CommandError::of("cancelled", "The copy was cancelled."))
}

/// What a copy is called.
pub(crate) fn copy_name(name: &str) -> String {
    const SUFFIX: &str = " (copy)";
    let kept = limits::NAME_CHARS - SUFFIX.len();
    format!("{}{SUFFIX}", name.chars().take(kept).collect::<String>())
}

/// The document's scope where the user may create in it; else the personal one.
pub(crate) async fn scope(api: &Api, document: &Document) -> Result<ScopeView, ApiError> {
    let Some(workspace_id) = document.workspace_id else {
        return Ok(ScopeView::Personal);
    };
    let may_create = api.workspace(workspace_id).await?.role >= Role::Editor;
    Ok(match document.project_id {
        _ if !may_create => ScopeView::Personal,
        Some(id) => ScopeView::Project { id, workspace_id },
        None => ScopeView::Workspace { id: workspace_id },
    })
}

fn drawing(shadow: &Shadow, edits: &Edits, files: Vec<DrawingFile>) -> Drawing {
    Drawing {
        scene: shadow.scene(edits).clone(),
        elements: shadow.elements(edits),
        files,
    }
}

async fn fetch_files(
    api: &Api,
    document: DocumentId,
    shadow: &Shadow,
    edits: &Edits,
) -> Result<Vec<DrawingFile>, ApiError> {
    let mut files = Vec::new();
    for (id, sha256, data) in shadow.files(edits) {
        let bytes = api.file(document, &sha256).await?;
        files.push(DrawingFile {
            mime_type: mime_type(&data, &bytes),
            id,
            sha256,
            data,
            bytes,
        });
    }
    Ok(files)
}

/// What a picture's type is said to be, or else looks like.
pub(crate) fn mime_type(data: &Json, bytes: &Bytes) -> String {
    let said = RawObject::parse(data.get())
        .ok()
        .and_then(|data| data.text("mimeType"));
    said.unwrap_or_else(|| {
        crate::file::picture::sniff(bytes)
            .unwrap_or("application/octet-stream")
            .to_owned()
    })
}
