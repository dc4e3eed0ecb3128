//! Images, kept once by their hash and read only through a document (D09).

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use holdfast_protocol::{DocumentId, limits::FILE_BYTES};
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::{
    app::Shared,
    http::extract::{As, Id, Raw, Sha256},
    refusal::Refusal,
};

/// A file's bytes come from people: a browser that is led to them must run nothing in them.
const HARMLESS: [(HeaderName, HeaderValue); 2] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'; style-src 'unsafe-inline'"),
    ),
    // The path holds the hash: the bytes behind it never change.
    (
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, max-age=31536000, immutable"),
    ),
];

/// Keeps the bytes of an image.
#[utoipa::path(put, path = "/v1/documents/{id}/files/{sha256}", tag = "documents",
    params(("id" = DocumentId, Path), ("sha256" = String, Path)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, description = "Kept"), (status = 200, description = "There already")))]
pub(crate) async fn put(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<DocumentId>,
    Sha256(sha256): Sha256,
    Raw(bytes): Raw<FILE_BYTES>,
) -> Result<StatusCode, Refusal> {
    let new = app.documents.put_file(&caller, id, &sha256, bytes).await?;
    Ok(if new { StatusCode::CREATED } else { StatusCode::OK })
}

/// The bytes of an image that the document refers to.
#[utoipa::path(get, path = "/v1/documents/{id}/files/{sha256}", tag = "documents",
    params(("id" = DocumentId, Path), ("sha256" = String, Path)),
    responses((status = 200, description = "The bytes", body = Vec<u8>, content_type = "application/octet-stream")))]
pub(crate) async fn get(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<DocumentId>,
    Sha256(sha256): Sha256,
) -> Result<Response, Refusal> {
    let (bytes, kind): (Bytes, String) = app.documents.file(&caller, id, &sha256).await?;
    let mut response = (HARMLESS, bytes).into_response();
    let kind = HeaderValue::from_str(&kind).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}
