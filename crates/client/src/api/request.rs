//! From a path and a body to one of the four kinds of answer.

use std::sync::PoisonError;

use bytes::Bytes;
use holdfast_protocol::{Code, Problem};
use reqwest::{
    Method, RequestBuilder, Response, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{Api, ApiError, CertificateFault, Refusal};

type Answer<T> = Result<T, ApiError>;

/// How much of a stranger's answer is told to the user.
const STRANGER_CHARS: usize = 80;
/// What is said where not the server itself finds something too large.
const TOO_LARGE_IN_BETWEEN: &str =
    "Something between this device and the server lets nothing that large pass.";

impl Api {
    /// `GET` of something small.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &[String]) -> Answer<T> {
        let request = self.request(Method::GET, path, &[])?;
        self.json(request.timeout(self.patience.answer_within)).await
    }

    /// `GET` of something that may be large.
    pub(super) async fn fetch<T: DeserializeOwned>(
        &self,
        path: &[String],
        query: &[(&str, String)],
    ) -> Answer<T> {
        let request = self.request(Method::GET, path, query)?;
        self.json(request.timeout(self.patience.transfer_within)).await
    }

    /// A small body, answered with JSON.
    pub(super) async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &[String],
        body: &impl Serialize,
    ) -> Answer<T> {
        let request = self.request(method, path, &[])?.json(body);
        self.json(request.timeout(self.patience.answer_within)).await
    }

    /// A body that may be large, answered with JSON.
    pub(super) async fn upload<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &[String],
        body: &impl Serialize,
    ) -> Answer<T> {
        let request = self.request(method, path, &[])?.json(body);
        self.json(request.timeout(self.patience.transfer_within)).await
    }

    /// A small body, answered with nothing.
    pub(super) async fn send_none(
        &self,
        method: Method,
        path: &[String],
        body: &impl Serialize,
    ) -> Answer<()> {
        let request = self.request(method, path, &[])?.json(body);
        self.done(request.timeout(self.patience.answer_within)).await
    }

    /// No body, answered with nothing.
    pub(super) async fn send_empty(&self, method: Method, path: &[String]) -> Answer<()> {
        self.plain(method, path, &[]).await
    }

    /// [`Api::send_empty`] with a query.
    pub(super) async fn plain(
        &self,
        method: Method,
        path: &[String],
        query: &[(&str, String)],
    ) -> Answer<()> {
        let request = self.request(method, path, query)?;
        self.done(request.timeout(self.patience.answer_within)).await
    }

    /// `GET` of bytes.
    pub(super) async fn download(&self, path: &[String]) -> Answer<Bytes> {
        let request = self.request(Method::GET, path, &[])?;
        let response = self
            .answer(request.timeout(self.patience.transfer_within))
            .await?;
        response.bytes().await.map_err(|error| self.failed(&error))
    }

    /// What came is not what was asked for.
    pub(super) fn other_bytes(&self) -> ApiError {
        ApiError::NotHoldfast {
            host: self.host(),
            detail: "other bytes than those asked for".to_owned(),
        }
    }

    /// `PUT` of bytes.
    pub(super) async fn upload_bytes(&self, path: &[String], mime_type: &str, bytes: Bytes) -> Answer<()> {
        let request = self.request(Method::PUT, path, &[])?;
        let request = request.header(CONTENT_TYPE, mime_type).body(bytes);
        self.done(request.timeout(self.patience.transfer_within)).await
    }

    fn request(&self, method: Method, path: &[String], query: &[(&str, String)]) -> Answer<RequestBuilder> {
        let mut url = self.base.clone();
        match url.path_segments_mut() {
            Ok(mut segments) => _ = segments.pop_if_empty().push("v1").extend(path),
            Err(()) => {
                return Err(ApiError::Unreachable {
                    detail: format!("{} is no http or https address", self.base),
                    maybe_done: false,
                });
            }
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = self.http.request(method, url);
        Ok(match &self.token {
            Some(token) => {
                let token = token.read().unwrap_or_else(PoisonError::into_inner);
                request.bearer_auth(token.reveal())
            }
            None => request,
        })
    }

    /// Sends what is answered with nothing: a page where nothing should be is somebody else's answer, and no word that
    /// anything was done.
    async fn done(&self, request: RequestBuilder) -> Answer<()> {
        let response = self.answer(request).await?;
        if response.headers().contains_key(CONTENT_TYPE) && !is_json(&response) {
            return Err(self.stranger(&response));
        }
        Ok(())
    }

    async fn json<T: DeserializeOwned>(&self, request: RequestBuilder) -> Answer<T> {
        let response = self.answer(request).await?;
        if !is_json(&response) {
            return Err(self.stranger(&response));
        }
        let body = response.bytes().await.map_err(|error| self.failed(&error))?;
        serde_json::from_slice(&body).map_err(|error| self.incompatible(&error))
    }

    /// Sends; a refusal is an error.
    async fn answer(&self, request: RequestBuilder) -> Answer<Response> {
        let response = request.send().await.map_err(|error| self.failed(&error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let retry_after_secs = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let refused = |problem| {
            ApiError::Refused(Box::new(Refusal {
                problem,
                retry_after_secs,
            }))
        };
        let stranger = (!is_json(&response)).then(|| self.stranger(&response));
        let not_understood = match stranger {
            Some(stranger) => stranger,
            None => {
                let body = response.bytes().await.map_err(|error| self.failed(&error))?;
                match serde_json::from_slice::<Problem>(&body) {
                    Ok(problem) => return Err(refused(problem)),
                    Err(error) => self.incompatible(&error),
                }
            }
        };
        // what stands before a server answers in its own words, be they a page or JSON
        Err(match status {
            StatusCode::PAYLOAD_TOO_LARGE => refused(Problem::new(Code::TooLarge, TOO_LARGE_IN_BETWEEN)),
            StatusCode::TOO_MANY_REQUESTS => in_between(status),
            _ if status.is_server_error() => in_between(status),
            _ => not_understood,
        })
    }

    fn host(&self) -> String {
        self.base.host_str().unwrap_or_default().to_owned()
    }

    fn failed(&self, error: &reqwest::Error) -> ApiError {
        match CertificateFault::of(error) {
            Some(fault) => ApiError::Untrusted {
                host: self.host(),
                fault,
            },
            None => unreachable(error),
        }
    }

    fn stranger(&self, response: &Response) -> ApiError {
        let status = response.status();
        let kind = response
            .headers()
            .get(CONTENT_TYPE)
            .map_or_else(String::new, |kind| {
                String::from_utf8_lossy(kind.as_bytes()).into_owned()
            });
        ApiError::NotHoldfast {
            host: self.host(),
            detail: format!("{status} {kind}")
                .trim()
                .chars()
                .take(STRANGER_CHARS)
                .collect(),
        }
    }

    fn incompatible(&self, error: &serde_json::Error) -> ApiError {
        ApiError::Incompatible(format!(
            "the server at {} answers in a way that this version of Holdfast does not understand: {error}",
            self.base.host_str().unwrap_or_default(),
        ))
    }
}

/// Something between here and the server answers in its place, and may have passed the request on.
fn in_between(status: StatusCode) -> ApiError {
    ApiError::Unreachable {
        detail: format!("a gateway answers {status}"),
        maybe_done: true,
    }
}

/// `application/json`, `application/problem+json`, with or without parameters.
fn is_json(response: &Response) -> bool {
    let kind = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

fn unreachable(error: &reqwest::Error) -> ApiError {
    // the innermost cause says it in the fewest words; the outer ones repeat the address
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let detail = if error.is_timeout() {
        "no answer in time".to_owned()
    } else {
        cause.to_string()
    };
    ApiError::Unreachable {
        detail,
        maybe_done: !error.is_connect() && !error.is_builder(),
    }
}
