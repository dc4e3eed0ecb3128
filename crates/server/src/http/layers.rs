//! What happens to every request, around its handler.

use std::{
    any::Any,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{
    body::{Body, BodyDataStream, HttpBody},
    extract::{ConnectInfo, MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use holdfast_protocol::Code;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use tokio::sync::oneshot;
use tracing::Instrument;

use crate::{app::Shared, refusal::Refusal};

/// Longest a request may take: an upload of the largest file over a slow line, with room.
const REQUEST_WITHIN: Duration = Duration::from_secs(120);
/// Most of a body that is read on after the answer is known.
const DRAINED_BYTES: usize = 64 << 20;
/// What is open without a token under `/v1`. All else is closed, also where nothing is there: who is not signed in
/// learns nothing of what exists.
const OPEN: [&str; 2] = ["/v1/auth/sign-in", "/v1/openapi.json"];
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The bearer token, as text.
pub(crate) struct Bearer(pub(crate) String);

/// Reads to its end what a handler left of the body: a client that is still sending when the connection closes under
/// it would never see the answer. One that asked before sending is simply not asked to send.
pub(crate) async fn drain(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() || request.headers().contains_key(header::EXPECT) {
        return next.run(request).await;
    }
    let (back, mut left) = oneshot::channel();
    let request = request.map(|body| Body::from_stream(Lent::new(body.into_data_stream(), back)));
    let response = next.run(request).await;
    if let Ok(mut rest) = left.try_recv() {
        let mut drained = 0;
        while let Some(Ok(chunk)) = rest.next().await {
            drained += chunk.len();
            if drained > DRAINED_BYTES {
                break;
            }
        }
    }
    response
}

/// A body lent to a handler: what is left of it comes back.
struct Lent {
    body: Option<BodyDataStream>,
    back: Option<oneshot::Sender<BodyDataStream>>,
}

impl Lent {
    fn new(body: BodyDataStream, back: oneshot::Sender<BodyDataStream>) -> Self {
        Self {
            body: Some(body),
            back: Some(back),
        }
    }
}

impl Stream for Lent {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self
            .body
            .as_mut()
            .map_or(Poll::Ready(None), |body| body.poll_next_unpin(context));
        if matches!(next, Poll::Ready(None | Some(Err(_)))) {
            self.body = None;
        }
        next
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(body), Some(back)) = (self.body.take(), self.back.take()) {
            // Nobody waits for it where the request was given up.
            let _ = back.send(body);
        }
    }
}

/// Gives the request an id, a span, a time limit and a place in the metrics. The outermost layer.
pub(crate) async fn observe(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let id = uuid::Uuid::new_v4().to_string();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("request", id, %method, route);
    let began = Instant::now();
    let answer = tokio::time::timeout(REQUEST_WITHIN, next.run(request).instrument(span.clone())).await;
    let mut response = match answer {
        Ok(response) if response.status() == StatusCode::INTERNAL_SERVER_ERROR => {
            let detail = format!("the server failed; its log has more under request id {id}");
            Refusal::new(Code::Internal, detail).into_response()
        }
        Ok(response) => response,
        Err(_) => Refusal::unavailable("the request took too long and was given up").into_response(),
    };
    let (status, took) = (response.status().as_u16(), began.elapsed());
    app.metrics.answered(&method, &route, status, took);
    span.in_scope(|| tracing::debug!(status, took_ms = took.as_millis(), "answered"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response.headers_mut().insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

/// A panic is a defect: it is logged with its words, and answered without them.
#[expect(clippy::needless_pass_by_value, reason = "tower-http hands the payload over")]
pub(crate) fn panicked(payload: Box<dyn Any + Send + 'static>) -> Response {
    let words = payload
        .downcast_ref::<&str>()
        .map(|words| (*words).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    tracing::error!(words, "a request panicked");
    Refusal::new(Code::Internal, "the server failed").into_response()
}

/// A01: everything under `/v1` but [`OPEN`] needs a valid token, and says so before anything else.
pub(crate) async fn authenticate(State(app): State<Shared>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !path.starts_with("/v1/") || OPEN.contains(&path) {
        return next.run(request).await;
    }
    let Some(token) = bearer(request.headers()) else {
        return Refusal::new(Code::Unauthenticated, "a bearer token is needed").into_response();
    };
    match app.accounts.caller(&token).await {
        Ok(Some(caller)) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Ok(None) => Refusal::new(Code::Unauthenticated, "the token is not valid (any more)").into_response(),
        Err(error) => Refusal::from(error).into_response(),
    }
}

/// The token of `Authorization: Bearer …`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<String> {
    let (scheme, token) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim().to_owned())
}

/// Where a request comes from: the peer, or, where that is a proxy the operator trusts, the last address in
/// `X-Forwarded-For` that is none.
pub(crate) fn address(trusted: &[IpAddr], peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
    let peer = peer.ip().to_canonical();
    if !trusted.contains(&peer) {
        return peer;
    }
    let named = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok());
    let hops: Vec<IpAddr> = named
        .flat_map(|list| list.split(','))
        .filter_map(|hop| hop.trim().parse().ok())
        .collect();
    hops.into_iter()
        .rev()
        .find(|hop| !trusted.contains(hop))
        .unwrap_or(peer)
}

/// The address that [`address`] works out, as an extractor.
pub(crate) struct From(pub(crate) IpAddr);

impl axum::extract::FromRequestParts<Shared> for From {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut http::request::Parts, app: &Shared) -> Result<Self, Refusal> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0);
        let peer = peer.unwrap_or_else(|| SocketAddr::from(([0, 0, 0, 0], 0)));
        Ok(Self(address(&app.settings.trusted_proxies, peer, &parts.headers)))
    }
}

impl<S: Sync> axum::extract::FromRequestParts<S> for Bearer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut http::request::Parts, _: &S) -> Result<Self, Refusal> {
        let token = bearer(&parts.headers);
        token
            .map(Self)
            .ok_or_else(|| Refusal::new(Code::Unauthenticated, "a bearer token is needed"))
    }
}

/// No such path.
pub(crate) async fn no_route() -> Refusal {
    Refusal::new(Code::NotFound, "there is nothing at this path")
}

/// The path exists, the method does not; axum adds `Allow`.
pub(crate) async fn no_method() -> Refusal {
    Refusal::new(
        Code::MethodNotAllowed,
        "this path has other methods; see the Allow header",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a04_only_a_trusted_proxy_may_say_where_a_request_comes_from() {
        let mut headers = HeaderMap::new();
        headers.insert(
            "x-forwarded-for",
            HeaderValue::from_static("6.6.6.6, 203.0.113.9, 10.0.0.2"),
        );
        let peer = SocketAddr::from(([10, 0, 0, 1], 4000));
        let trusted: Vec<IpAddr> = ["10.0.0.1", "10.0.0.2"]
            .iter()
            .map(|ip| ip.parse().unwrap())
            .collect();
        assert_eq!(address(&[], peer, &headers).to_string(), "10.0.0.1");
        assert_eq!(address(&trusted, peer, &headers).to_string(), "203.0.113.9");
        assert_eq!(address(&trusted, peer, &HeaderMap::new()).to_string(), "10.0.0.1");
    }
}
