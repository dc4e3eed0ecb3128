//! Errors on the wire: a code for programs, words for people (RFC 9457, `application/problem+json`).

use serde::{Deserialize, Serialize};

use crate::{
    document::{ElementConflict, HeldElement},
    lock::{Lock, Offer},
};

/// What went wrong, for a program to act on. The names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// 401: no valid token.
    Unauthenticated,
    /// 403: the caller sees it but may not do this.
    Forbidden,
    /// 404: it does not exist, or the caller may not know that it does.
    NotFound,
    /// 404: the session has ended, or never was.
    SessionNotFound,
    /// 403: the session belongs to another sign-in (S07).
    SessionNotYours,
    /// 404: nobody holds a live lock here.
    LockNotFound,
    /// 403: somebody else holds the lock.
    NotLockHolder,
    /// 409: the lock named in `holder` stands in the way.
    LockHeld,
    /// 409: the freed lock is reserved for a waiter.
    LockOffered,
    /// 409: the action needs a lock that the session does not hold.
    LockRequired,
    /// 409: the fence is not that of the session's lock, or the document was locked by another session since.
    StaleFence,
    /// 409: elements have moved on; see `conflicts`.
    VersionConflict,
    /// 403: an annotator may only change what is its own (D11).
    NotCreator,
    /// 409: a workspace keeps at least one owner.
    LastOwner,
    /// 409: the email is a member already.
    AlreadyMember,
    /// 422: the bytes are not those of the hash named.
    HashMismatch,
    /// 413: over a limit; nothing was written.
    TooLarge,
    /// 422: malformed; see `errors`.
    Invalid,
    /// 405: the path exists, the method does not.
    MethodNotAllowed,
    /// 429: try again after `Retry-After`.
    RateLimited,
    /// 503: try again after `Retry-After`.
    Unavailable,
    /// 500: a defect of the server; the detail names the request id.
    Internal,
}

impl Code {
    /// The HTTP status that goes with the code.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Unauthenticated => 401,
            Self::Forbidden | Self::SessionNotYours | Self::NotLockHolder | Self::NotCreator => 403,
            Self::NotFound | Self::SessionNotFound | Self::LockNotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::LockHeld
            | Self::LockOffered
            | Self::LockRequired
            | Self::StaleFence
            | Self::VersionConflict
            | Self::LastOwner
            | Self::AlreadyMember => 409,
            Self::TooLarge => 413,
            Self::HashMismatch | Self::Invalid => 422,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }

    /// A short name for people, the same for every occurrence.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Unauthenticated => "Sign in first",
            Self::Forbidden => "Not allowed",
            Self::NotFound => "Not found",
            Self::SessionNotFound => "The session has ended",
            Self::SessionNotYours => "The session belongs to another sign-in",
            Self::LockNotFound => "Nobody holds the lock",
            Self::NotLockHolder => "Somebody else holds the lock",
            Self::LockHeld => "Locked",
            Self::LockOffered => "Reserved for somebody who waited",
            Self::LockRequired => "A lock is needed first",
            Self::StaleFence => "The lock has moved on",
            Self::VersionConflict => "Changed by somebody else",
            Self::NotCreator => "Only its creator may change it",
            Self::LastOwner => "A workspace keeps an owner",
            Self::AlreadyMember => "Already a member",
            Self::HashMismatch => "The bytes do not match their hash",
            Self::TooLarge => "Too large",
            Self::Invalid => "Malformed request",
            Self::MethodNotAllowed => "Method not allowed",
            Self::RateLimited => "Too many attempts",
            Self::Unavailable => "Not available just now",
            Self::Internal => "Server error",
        }
    }
}

/// One field of a request that was not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct FieldError {
    /// Path of the field, as `changes[3].data.id`; a query or path parameter by its name; `body` for all of it.
    pub field: String,
    /// What is wrong with it.
    pub detail: String,
}

/// The body of every error answer. Only the members that the code calls for are there.
#[derive(Debug, Clone, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct Problem {
    /// The HTTP status again.
    pub status: u16,
    /// [`Code::title`].
    pub title: String,
    /// This occurrence, in words.
    pub detail: String,
    /// For programs.
    pub code: Code,
    /// With `invalid`: the fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<FieldError>>", optional)]
    pub errors: Vec<FieldError>,
    /// With `lock_held`: the lock that stands in the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub holder: Option<Box<Lock>>,
    /// With `lock_held`: whether the holder is another session of the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub same_user: Option<bool>,
    /// With `lock_held`: how many sessions wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub waiters: Option<u32>,
    /// With `lock_offered`: for whom, and until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub offer: Option<Offer>,
    /// With `version_conflict`: the document's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub current_version: Option<i64>,
    /// With `version_conflict`: what has moved on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<ElementConflict>>", optional)]
    pub conflicts: Vec<ElementConflict>,
    /// With `lock_required`, `lock_held` and `not_creator` on a commit: the elements concerned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<HeldElement>>", optional)]
    pub elements: Vec<HeldElement>,
}

impl Problem {
    /// A problem with nothing but its code and an explanation.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            status: code.status(),
            title: code.title().to_owned(),
            detail: detail.into(),
            code,
            errors: Vec::new(),
            holder: None,
            same_user: None,
            waiters: None,
            offer: None,
            current_version: None,
            conflicts: Vec::new(),
            elements: Vec::new(),
        }
    }

    /// `invalid`, naming one field.
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        let error = FieldError {
            field: field.into(),
            detail: detail.into(),
        };
        Self {
            errors: vec![error.clone()],
            ..Self::new(Code::Invalid, format!("{}: {}", error.field, error.detail))
        }
    }
}
