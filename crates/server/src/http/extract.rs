//! Reading requests. What axum would refuse in words of its own is refused here as a problem that names the field.

use std::{fmt::Display, str::FromStr};

use axum::{
    extract::{FromRequest, FromRequestParts, RawPathParams, Request},
    response::IntoResponse,
};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use holdfast_protocol::{
    Code, UserId,
    limits::{PAGE, PAGE_MAX},
};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::{caller::Caller, http::check, refusal::Refusal, store::PageRequest};

/// Largest body of a request that has no limit of its own.
pub(crate) const BODY_BYTES: usize = 64 << 10;
/// Who asks, put there by [`super::layers::authenticate`].
#[derive(Debug)]
pub(crate) struct As(pub(crate) Caller);

impl<S: Sync> FromRequestParts<S> for As {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let caller = parts.extensions.get::<Caller>().cloned();
        caller
            .map(Self)
            .ok_or_else(|| Refusal::new(Code::Unauthenticated, "no valid token"))
    }
}

/// The path's `{id}`.
#[derive(Debug)]
pub(crate) struct Id<T>(pub(crate) T);

impl<S, T> FromRequestParts<S> for Id<T>
where
    S: Send + Sync,
    T: FromStr<Err: Display>,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        segment(parts, state, "id").await.map(Self)
    }
}

/// The path's `{user_id}`.
#[derive(Debug)]
pub(crate) struct MemberId(pub(crate) UserId);

impl<S: Send + Sync> FromRequestParts<S> for MemberId {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        segment(parts, state, "user_id").await.map(Self)
    }
}

/// The path's `{version}`.
#[derive(Debug)]
pub(crate) struct AtVersion(pub(crate) i64);

impl<S: Send + Sync> FromRequestParts<S> for AtVersion {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let version = segment(parts, state, "version").await?;
        check::integer("version", version)?;
        Ok(Self(version))
    }
}

/// The path's `{sha256}`.
#[derive(Debug)]
pub(crate) struct Sha256(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Sha256 {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let text: String = segment(parts, state, "sha256").await?;
        check::sha256("sha256", &text)?;
        Ok(Self(text))
    }
}

async fn segment<S, T>(parts: &mut Parts, state: &S, name: &'static str) -> Result<T, Refusal>
where
    S: Send + Sync,
    T: FromStr<Err: Display>,
{
    let segments = RawPathParams::from_request_parts(parts, state)
        .await
        .map_err(|error| Refusal::invalid(name, error.body_text()))?;
    let text = segments
        .iter()
        .find_map(|(key, value)| (key == name).then_some(value))
        .unwrap_or_default();
    text.parse()
        .map_err(|error| Refusal::invalid(name, format!("{error}")))
}

/// The query's parameters. Of one named twice the last counts.
#[derive(Debug)]
pub(crate) struct Params(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(
            url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        ))
    }
}

impl Params {
    /// A parameter as it stands.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .rev()
            .find_map(|(key, value)| (key == name).then_some(value.as_str()))
    }

    /// A parameter read as something.
    pub(crate) fn read<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Option<T>, Refusal> {
        let read = |text: &str| {
            text.parse()
                .map_err(|error| Refusal::invalid(name, format!("{error}")))
        };
        self.text(name).map(read).transpose()
    }

    /// A parameter that must be there.
    pub(crate) fn required<T: FromStr<Err: Display>>(&self, name: &str) -> Result<T, Refusal> {
        self.read(name)?
            .ok_or_else(|| Refusal::invalid(name, "is missing"))
    }

    /// `?force=true`; false where absent.
    pub(crate) fn force(&self) -> Result<bool, Refusal> {
        Ok(self.read("force")?.unwrap_or(false))
    }

    /// `?limit=`, 1 to 500.
    pub(crate) fn limit(&self) -> Result<u32, Refusal> {
        let limit = self.read("limit")?.unwrap_or(PAGE);
        if (1..=PAGE_MAX).contains(&limit) {
            Ok(limit)
        } else {
            Err(Refusal::invalid("limit", format!("is not from 1 to {PAGE_MAX}")))
        }
    }

    /// `?limit=&cursor=`
    pub(crate) fn page(&self) -> Result<PageRequest, Refusal> {
        Ok(PageRequest {
            limit: self.limit()?,
            cursor: self.text("cursor").map(str::to_owned),
        })
    }
}

/// A JSON body of at most `LIMIT` bytes, whatever its content type says.
#[derive(Debug)]
pub(crate) struct Body<T, const LIMIT: usize = BODY_BYTES>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned, const LIMIT: usize> FromRequest<S> for Body<T, LIMIT> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let bytes = read_body(request, LIMIT).await?;
        if bytes.is_empty() {
            return Err(Refusal::invalid("body", "is empty; JSON is expected"));
        }
        parse(&bytes).map(Self)
    }
}

/// A JSON body that may be left out.
#[derive(Debug)]
pub(crate) struct MaybeBody<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned + Default> FromRequest<S> for MaybeBody<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let bytes = read_body(request, BODY_BYTES).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        parse(&bytes).map(Self)
    }
}

/// A body of bytes.
#[derive(Debug)]
pub(crate) struct Raw<const LIMIT: usize>(pub(crate) Bytes);

impl<S: Sync, const LIMIT: usize> FromRequest<S> for Raw<LIMIT> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        read_body(request, LIMIT).await.map(Self)
    }
}

/// Reads a body up to its limit. The rest of one over it is left to [`super::layers::drain`].
async fn read_body(request: Request, limit: usize) -> Result<Bytes, Refusal> {
    let mut stream = request.into_body().into_data_stream();
    let mut body = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| Refusal::invalid("body", format!("broke off: {error}")))?;
        if body.len() + chunk.len() > limit {
            return Err(Refusal::new(
                Code::TooLarge,
                format!("the body has more than {limit} bytes"),
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Reads JSON; the refusal names the field by its path.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|error| Refusal::invalid("body", error.to_string()))?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_data() {
            Refusal::invalid(field_of(&path, &inner.to_string()), inner.to_string())
        } else {
            Refusal::invalid("body", inner.to_string())
        }
    })?;
    reader
        .end()
        .map_err(|error| Refusal::invalid("body", error.to_string()))?;
    Ok(value)
}

/// The path of what was wrong. A missing field is reported at the object that lacks it.
fn field_of(path: &str, message: &str) -> String {
    let missing = message
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split('`').next());
    match (path, missing) {
        (".", Some(name)) => name.to_owned(),
        (".", None) => "body".to_owned(),
        (path, Some(name)) => format!("{path}.{name}"),
        (path, None) => path.to_owned(),
    }
}

/// JSON out.
pub(crate) fn created<T: serde::Serialize>(thing: T) -> axum::response::Response {
    (http::StatusCode::CREATED, axum::Json(thing)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_protocol::session::OpenSession;

    fn refused(text: &[u8]) -> String {
        let refusal = parse::<OpenSession>(text).unwrap_err();
        refusal.detail().to_owned()
    }

    #[test]
    fn a_refusal_names_the_field() {
        assert!(refused(b"{").starts_with("body: "));
        assert!(refused(b"[]").starts_with("body: "));
        assert!(refused(b"\xff").starts_with("body: "));
        assert!(refused(b"{\"workspace_id\":null,\"device_name\":\"x\"}").starts_with("session_id: "));
        let text = b"{\"session_id\":\"00000000-0000-4000-8000-000000000001\",\"workspace_id\":7,\"device_name\":\"x\"}";
        assert!(refused(text).starts_with("workspace_id: "));
    }

    #[test]
    fn nesting_without_end_is_refused() {
        let bomb = "[".repeat(100_000);
        assert!(refused(format!("{{\"session_id\":{bomb}").as_bytes()).contains(": "));
        assert!(refused(bomb.as_bytes()).contains(": "));
    }
}
