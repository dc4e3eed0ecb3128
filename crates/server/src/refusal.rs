//! The one place where errors become answers: a status, a code and words (`application/problem+json`).

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use holdfast_protocol::{Code, Problem};
use http::{HeaderValue, StatusCode, header};

use crate::{
    engine::LockError,
    store::{CommitError, StorageError, StoreError},
};

/// When to try again after a 503, in seconds: storage that is busy or restarting is back within moments.
const UNAVAILABLE_RETRY_SECS: u64 = 1;

/// A request or frame refused.
#[derive(Debug)]
pub(crate) struct Refusal {
    problem: Box<Problem>,
    retry_after_secs: Option<u64>,
}

impl Refusal {
    /// A code with an explanation.
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Problem::new(code, detail).into()
    }

    /// 422 naming a field.
    pub(crate) fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Problem::invalid(field, detail).into()
    }

    /// 429 with `Retry-After`.
    pub(crate) fn rate_limited(retry_after_secs: u64) -> Self {
        Self {
            retry_after_secs: Some(retry_after_secs),
            ..Self::new(
                Code::RateLimited,
                format!("too many wrong sign-ins; try again in {retry_after_secs} s"),
            )
        }
    }

    /// 503 with `Retry-After`.
    pub(crate) fn unavailable(detail: impl Into<String>) -> Self {
        Self {
            retry_after_secs: Some(UNAVAILABLE_RETRY_SECS),
            ..Self::new(Code::Unavailable, detail)
        }
    }

    /// For programs.
    pub(crate) fn code(&self) -> Code {
        self.problem.code
    }

    /// In words.
    pub(crate) fn detail(&self) -> &str {
        &self.problem.detail
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self {
            problem: Box::new(problem),
            retry_after_secs: None,
        }
    }
}

impl From<StorageError> for Refusal {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Unavailable(_) => {
                tracing::warn!(%error, "storage is not available");
                Self::unavailable("the storage did not answer; try again")
            }
            StorageError::Broken(_) => {
                tracing::error!(%error, "storage failed");
                Self::new(Code::Internal, "the storage failed")
            }
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let detail = error.to_string();
        match error {
            StoreError::NotFound => Self::new(Code::NotFound, detail),
            StoreError::Forbidden(_) => Self::new(Code::Forbidden, detail),
            StoreError::Invalid { field, detail } => Self::invalid(field, detail),
            StoreError::TooLarge(_) => Self::new(Code::TooLarge, detail),
            StoreError::LastOwner => Self::new(Code::LastOwner, detail),
            StoreError::AlreadyMember => Self::new(Code::AlreadyMember, detail),
            StoreError::Held { holder } => Problem {
                holder: Some(holder),
                same_user: Some(false),
                waiters: Some(0),
                ..Problem::new(Code::LockHeld, detail)
            }
            .into(),
            StoreError::HashMismatch => Self::new(Code::HashMismatch, detail),
            StoreError::Storage(error) => error.into(),
        }
    }
}

impl From<LockError> for Refusal {
    fn from(error: LockError) -> Self {
        let detail = error.to_string();
        match error {
            LockError::SessionNotFound => Self::new(Code::SessionNotFound, detail),
            LockError::SessionNotYours => Self::new(Code::SessionNotYours, detail),
            LockError::OtherSpace => Self::invalid("session_id", detail),
            LockError::TtlOutOfBounds { .. } => Self::invalid("ttl_ms", detail),
            LockError::SharedWorkspace => Self::invalid("mode", detail),
            LockError::NotFound => Self::new(Code::NotFound, detail),
            LockError::Forbidden(_) => Self::new(Code::Forbidden, detail),
            LockError::LockNotFound => Self::new(Code::LockNotFound, detail),
            LockError::NotHolder => Self::new(Code::NotLockHolder, detail),
            LockError::Held {
                holder,
                same_user,
                waiters,
            } => Problem {
                holder: Some(holder),
                same_user: Some(same_user),
                waiters: Some(waiters),
                ..Problem::new(Code::LockHeld, detail)
            }
            .into(),
            LockError::Storage(error) => error.into(),
        }
    }
}

impl From<CommitError> for Refusal {
    fn from(error: CommitError) -> Self {
        let detail = error.to_string();
        let of_elements = |code, elements| {
            Problem {
                elements,
                ..Problem::new(code, detail.as_str())
            }
            .into()
        };
        match error {
            CommitError::Store(error) => error.into(),
            CommitError::SessionNotYours => Self::new(Code::SessionNotYours, detail),
            CommitError::OtherSpace => Self::invalid("session_id", detail),
            CommitError::LockRequired { elements } => of_elements(Code::LockRequired, elements),
            CommitError::StaleFence => Self::new(Code::StaleFence, detail),
            CommitError::ElementsHeld { elements } => of_elements(Code::LockHeld, elements),
            CommitError::NotCreator { elements } => of_elements(Code::NotCreator, elements),
            CommitError::VersionConflict {
                current_version,
                conflicts,
            } => Problem {
                current_version: Some(current_version),
                conflicts,
                ..Problem::new(Code::VersionConflict, detail)
            }
            .into(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // A problem is plain data with string keys: there is nothing in it that JSON could not hold.
        let body = serde_json::to_vec(&self.problem).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = self.retry_after_secs {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
