//! The HTTP interface. [`router`] is the list of all there is; handlers are thin: they read, check the shape, ask the
//! engine or a store, and answer. What a request may do is decided there, not here.

mod account;
pub(crate) mod check;
mod commits;
mod document_lock;
mod documents;
pub(crate) mod extract;
mod files;
mod health;
pub(crate) mod layers;
mod locks;
mod projects;
pub(crate) mod sessions;
mod workspace_lock;
mod workspaces;

use std::sync::Arc;

use axum::{Router, middleware};
use http::header;
use tower_http::{catch_panic::CatchPanicLayer, sensitive_headers::SetSensitiveRequestHeadersLayer};
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::Shared, socket};

/// Everything that the server answers, and its description of itself.
fn routes() -> (Router<Shared>, OpenApi) {
    OpenApiRouter::with_openapi(health::about())
        .routes(routes!(account::sign_in))
        .routes(routes!(account::sign_out))
        .routes(routes!(account::me))
        .routes(routes!(account::change_password))
        .routes(routes!(account::sign_ins))
        .routes(routes!(account::revoke_sign_in))
        .routes(routes!(sessions::mine))
        .routes(routes!(workspaces::list, workspaces::create))
        .routes(routes!(workspaces::show, workspaces::rename, workspaces::delete))
        .routes(routes!(workspaces::members, workspaces::add_member))
        .routes(routes!(workspaces::change_member, workspaces::remove_member))
        .routes(routes!(workspaces::audit))
        .routes(routes!(workspaces::locks))
        .routes(routes!(projects::list, projects::create))
        .routes(routes!(projects::show, projects::rename, projects::delete))
        .routes(routes!(projects::locks))
        .routes(routes!(documents::list, documents::create))
        .routes(routes!(documents::show, documents::change, documents::delete))
        .routes(routes!(documents::content))
        .routes(routes!(commits::commit, commits::list))
        .routes(routes!(commits::name))
        .routes(routes!(commits::restore))
        .routes(routes!(files::put, files::get))
        .routes(routes!(sessions::open))
        .routes(routes!(sessions::show, sessions::end))
        .routes(routes!(sessions::heartbeat))
        .routes(routes!(
            workspace_lock::acquire,
            workspace_lock::state,
            workspace_lock::release
        ))
        .routes(routes!(workspace_lock::heartbeat))
        .routes(routes!(workspace_lock::force_take))
        .routes(routes!(workspace_lock::force_release))
        .routes(routes!(
            document_lock::acquire,
            document_lock::state,
            document_lock::release
        ))
        .routes(routes!(document_lock::heartbeat))
        .routes(routes!(document_lock::force_take))
        .routes(routes!(document_lock::force_release))
        .routes(routes!(socket::upgrade))
        .routes(routes!(health::openapi))
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
        .split_for_parts()
}

/// The router with all that happens around a handler.
pub(crate) fn router(app: Shared) -> Router {
    let (routes, api) = routes();
    let described = health::Described(Arc::from(health::complete(api)));
    routes
        .fallback(layers::no_route)
        .method_not_allowed_fallback(layers::no_method)
        .layer(axum::Extension(described))
        .layer(middleware::from_fn_with_state(app.clone(), layers::authenticate))
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(middleware::from_fn(layers::drain))
        .layer(SetSensitiveRequestHeadersLayer::new([header::AUTHORIZATION]))
        .layer(middleware::from_fn_with_state(app.clone(), layers::observe))
        .with_state(app)
}
