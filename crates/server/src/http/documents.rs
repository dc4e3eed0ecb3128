//! Documents: listing, creating, renaming, moving, deleting, reading.

use axum::{Json, extract::State, response::Response};
use holdfast_protocol::{
    DocumentId, ProjectId, WorkspaceId,
    account::Page,
    document::{Content, CreateDocument, Document},
};
use http::StatusCode;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use crate::{
    app::Shared,
    http::{
        check,
        extract::{As, Body, Id, Params, created},
    },
    refusal::Refusal,
    store::{DocumentPatch, DocumentScope},
};

/// `PATCH /v1/documents/{id}`: what is absent stays; null takes it out of where it is.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ChangeDocument {
    /// Its new name.
    #[serde(default)]
    name: Option<String>,
    /// Its new project; null: none.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<ProjectId>)]
    project_id: Option<Option<ProjectId>>,
    /// Its new workspace; null: it becomes the mover's own.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<WorkspaceId>)]
    workspace_id: Option<Option<WorkspaceId>>,
}

/// A field that is there, be it null.
fn present<'de, D, T>(reader: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(reader).map(Some)
}

/// The documents of a scope with their live locks: `scope=personal`, `workspace_id=` or `project_id=`.
#[utoipa::path(get, path = "/v1/documents", tag = "documents",
    params(("scope" = Option<String>, Query, description = "`personal`"),
        ("workspace_id" = Option<WorkspaceId>, Query), ("project_id" = Option<ProjectId>, Query),
        ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "Newest change first", body = Page<Document>)))]
pub(crate) async fn list(
    State(app): State<Shared>,
    As(caller): As,
    params: Params,
) -> Result<Json<Page<Document>>, Refusal> {
    let scope = scope(&params)?;
    Ok(Json(
        app.documents.documents(&caller, scope, &params.page()?).await?,
    ))
}

fn scope(params: &Params) -> Result<DocumentScope, Refusal> {
    let one = "exactly one of scope=personal, workspace_id and project_id is needed";
    match (
        params.text("scope"),
        params.read("workspace_id")?,
        params.read("project_id")?,
    ) {
        (Some("personal"), None, None) => Ok(DocumentScope::Personal),
        (None, Some(workspace), None) => Ok(DocumentScope::Workspace(workspace)),
        (None, None, Some(project)) => Ok(DocumentScope::Project(project)),
        _ => Err(Refusal::invalid("scope", one)),
    }
}

/// A new document.
#[utoipa::path(post, path = "/v1/documents", tag = "documents", request_body = CreateDocument,
    responses((status = 201, description = "Created", body = Document)))]
pub(crate) async fn create(
    State(app): State<Shared>,
    As(caller): As,
    Body(request): Body<CreateDocument>,
) -> Result<Response, Refusal> {
    check::name("name", &request.name)?;
    Ok(created(app.documents.create(&caller, &request).await?))
}

/// One document with its live lock.
#[utoipa::path(get, path = "/v1/documents/{id}", tag = "documents",
    params(("id" = DocumentId, Path)), responses((status = 200, description = "It", body = Document)))]
pub(crate) async fn show(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<DocumentId>,
) -> Result<Json<Document>, Refusal> {
    Ok(Json(app.documents.document(&caller, id).await?))
}

/// Renames or moves it.
#[utoipa::path(patch, path = "/v1/documents/{id}", tag = "documents",
    params(("id" = DocumentId, Path), ("force" = Option<bool>, Query, description = "Also where others hold locks")),
    request_body = ChangeDocument, responses((status = 200, description = "As it is now", body = Document)))]
pub(crate) async fn change(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<DocumentId>,
    params: Params,
    Body(request): Body<ChangeDocument>,
) -> Result<Json<Document>, Refusal> {
    if let Some(name) = &request.name {
        check::name("name", name)?;
    }
    let patch = DocumentPatch {
        name: request.name,
        project: request.project_id,
        workspace: request.workspace_id,
    };
    if patch == DocumentPatch::default() {
        return Err(Refusal::invalid(
            "body",
            "names none of name, project_id and workspace_id",
        ));
    }
    Ok(Json(
        app.documents.change(&caller, id, &patch, params.force()?).await?,
    ))
}

/// Deletes it.
#[utoipa::path(delete, path = "/v1/documents/{id}", tag = "documents",
    params(("id" = DocumentId, Path), ("force" = Option<bool>, Query, description = "Also where others hold locks")),
    responses((status = 204, description = "Deleted")))]
pub(crate) async fn delete(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<DocumentId>,
    params: Params,
) -> Result<StatusCode, Refusal> {
    app.documents.delete(&caller, id, params.force()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Its content, now or as of a version.
#[utoipa::path(get, path = "/v1/documents/{id}/content", tag = "documents",
    params(("id" = DocumentId, Path), ("version" = Option<i64>, Query)),
    responses((status = 200, description = "Content", body = Content)))]
pub(crate) async fn content(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<DocumentId>,
    params: Params,
) -> Result<Json<Content>, Refusal> {
    let version = params.read("version")?;
    version.map_or(Ok(()), |version| check::integer("version", version))?;
    Ok(Json(app.documents.content(&caller, id, version).await?))
}
