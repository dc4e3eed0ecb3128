//! What operators and programs ask of a server itself. Needs no token and names nobody.

use std::sync::Arc;

use axum::{Extension, extract::State, http::header, response::IntoResponse};
use bytes::Bytes;
use holdfast_protocol::Problem;
use utoipa::openapi::{
    Components, ContentBuilder, Info, OpenApi, OpenApiBuilder, Ref, RefOr, ResponseBuilder,
    security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
};
use utoipa::{PartialSchema, ToSchema};

use crate::{app::Shared, refusal::Refusal};

/// The description as JSON text, made once.
#[derive(Clone)]
pub(crate) struct Described(pub(crate) Arc<[u8]>);

/// What the description says about the whole.
pub(crate) fn about() -> OpenApi {
    let mut info = Info::new("Holdfast", env!("CARGO_PKG_VERSION"));
    info.description =
        Some("Canvases with one writer at a time. Errors are application/problem+json.".to_owned());
    let mut components = Components::new();
    components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let mut schemas = vec![(Problem::name().into_owned(), Problem::schema())];
    Problem::schemas(&mut schemas);
    components.schemas.extend(schemas);
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components))
        .security(Some([SecurityRequirement::new("token", [] as [&str; 0])]))
        .build()
}

/// Adds to each operation what all have in common, the problem, and writes the whole down.
pub(crate) fn complete(mut api: OpenApi) -> Vec<u8> {
    let problem = ResponseBuilder::new()
        .description("Refused or failed; `code` says why")
        .content(
            "application/problem+json",
            ContentBuilder::new()
                .schema(Some(Ref::from_schema_name(Problem::name())))
                .build(),
        )
        .build();
    for item in api.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.post,
            &mut item.put,
            &mut item.patch,
            &mut item.delete,
        ];
        for operation in operations.into_iter().flatten() {
            operation
                .responses
                .responses
                .insert("default".to_owned(), RefOr::T(problem.clone()));
        }
    }
    // Plain data with string keys: there is nothing in it that JSON could not hold.
    serde_json::to_vec(&api).unwrap_or_default()
}

/// This description.
#[utoipa::path(get, path = "/v1/openapi.json", tag = "server", security(()),
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json")))]
pub(crate) async fn openapi(Extension(Described(text)): Extension<Described>) -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "application/json")],
        Bytes::from_owner(text),
    )
}

/// The process runs.
#[utoipa::path(get, path = "/healthz", tag = "server", security(()),
    responses((status = 200, description = "It runs", body = String, content_type = "text/plain")))]
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// It can do its work: the storage answers, and it is not draining.
#[utoipa::path(get, path = "/readyz", tag = "server", security(()),
    responses((status = 200, description = "It serves", body = String, content_type = "text/plain")))]
pub(crate) async fn ready(State(app): State<Shared>) -> Result<&'static str, Refusal> {
    if app.rooms.is_draining() {
        return Err(Refusal::unavailable("this server is about to stop"));
    }
    app.documents.ready().await.map_err(|error| {
        tracing::warn!(%error, "not ready");
        Refusal::unavailable("the storage does not answer")
    })?;
    Ok("ready\n")
}

/// Counters and durations as Prometheus text.
#[utoipa::path(get, path = "/metrics", tag = "server", security(()),
    responses((status = 200, description = "Prometheus text", body = String, content_type = "text/plain")))]
pub(crate) async fn metrics(State(app): State<Shared>) -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        app.metrics.render(),
    )
}
