//! The HTTP interface, seen as bytes on the wire: no type of the code under test comes between.

use std::time::Duration;

use reqwest::{
    Method,
    header::{CONTENT_TYPE, HeaderMap},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::session::Session;

/// No request of a test takes this long, however busy the machine; one that does hangs.
const REQUEST_WITHIN: Duration = Duration::from_secs(30);

/// Somebody who talks to a server: signed in, or not.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
    /// `{id, name}`; null for nobody.
    user: Value,
    device: String,
}

impl Client {
    /// Somebody without a token.
    ///
    /// # Panics
    ///
    /// Where no HTTP client can be made.
    #[must_use]
    pub fn anonymous(base: &str) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(REQUEST_WITHIN)
            .build()
            .expect("an HTTP client");
        Self {
            http,
            base: base.to_owned(),
            token: None,
            user: Value::Null,
            device: "a test".to_owned(),
        }
    }

    /// Signs in.
    pub async fn sign_in(base: &str, email: &str, password: &str, device: &str) -> Self {
        let nobody = Self::anonymous(base);
        let body = json!({"email": email, "password": password, "device_name": device});
        let answer = nobody.post("/v1/auth/sign-in", &body).await.ok(200);
        Self {
            token: Some(answer.text("/token").to_owned()),
            user: answer.body["user"].clone(),
            device: device.to_owned(),
            ..nobody
        }
    }

    /// The same sign-in by another way: through a [`crate::network::Link`], or to another replica.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self {
            base: base.to_owned(),
            ..self.clone()
        }
    }

    /// The same server with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// `http://ADDRESS:PORT`
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The bearer token.
    ///
    /// # Panics
    ///
    /// For nobody.
    #[must_use]
    pub fn token(&self) -> &str {
        self.token.as_deref().expect("this client is signed in")
    }

    /// Who this is.
    ///
    /// # Panics
    ///
    /// For nobody.
    #[must_use]
    pub fn user_id(&self) -> &str {
        self.user["id"].as_str().expect("this client is signed in")
    }

    /// The name of who this is.
    #[must_use]
    pub fn name(&self) -> &str {
        self.user["name"].as_str().unwrap_or("nobody")
    }

    /// What the device is called.
    #[must_use]
    pub fn device(&self) -> &str {
        &self.device
    }

    /// `GET`
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    /// `POST` with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// `PUT` with a JSON body.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    /// `PATCH` with a JSON body.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    /// `DELETE`
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let (kind, bytes) = body.map_or(("", Vec::new()), |body| {
            ("application/json", body.to_string().into())
        });
        self.raw(method, path, kind, bytes).await
    }

    /// Any method, any bytes: for what no well-meaning client sends. No `Content-Type` where `kind` is empty.
    ///
    /// # Panics
    ///
    /// Where no answer comes.
    pub async fn raw(&self, method: Method, path: &str, kind: &str, bytes: Vec<u8>) -> Answer {
        let request = format!("{method} {path}");
        let answer = self.attempt(method, path, kind, bytes).await;
        answer.unwrap_or_else(|error| panic!("{request}: no answer: {error:?}"))
    }

    /// [`Client::raw`] that may fail to get an answer: for broken networks and killed servers.
    ///
    /// # Errors
    ///
    /// Where no answer comes, or not all of it.
    pub async fn attempt(
        &self,
        method: Method,
        path: &str,
        kind: &str,
        bytes: Vec<u8>,
    ) -> Result<Answer, reqwest::Error> {
        let request = format!("{method} {path}");
        let mut builder = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            builder = builder.bearer_auth(token);
        }
        if !kind.is_empty() {
            builder = builder.header(CONTENT_TYPE, kind).body(bytes);
        }
        let response = builder.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await?;
        Ok(Answer {
            request,
            status,
            headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            bytes: bytes.to_vec(),
        })
    }

    /// Creates a workspace, of which this user is the owner; answers its id.
    pub async fn workspace(&self, name: &str) -> String {
        let answer = self.post("/v1/workspaces", &json!({"name": name})).await;
        answer.ok(201).text("/id").to_owned()
    }

    /// Makes somebody a member.
    pub async fn add_member(&self, workspace: &str, email: &str, role: &str) {
        let path = format!("/v1/workspaces/{workspace}/members");
        self.post(&path, &json!({"email": email, "role": role}))
            .await
            .ok(201);
    }

    /// Creates a project; answers its id.
    pub async fn project(&self, workspace: &str, name: &str) -> String {
        let path = format!("/v1/workspaces/{workspace}/projects");
        let answer = self.post(&path, &json!({"name": name})).await;
        answer.ok(201).text("/id").to_owned()
    }

    /// Creates a personal canvas; answers its id.
    pub async fn canvas(&self, name: &str) -> String {
        self.create_canvas(&json!({"name": name, "kind": "canvas"})).await
    }

    /// Creates a canvas in a workspace; answers its id.
    pub async fn canvas_in(&self, workspace: &str, name: &str) -> String {
        let body = json!({"name": name, "kind": "canvas", "workspace_id": workspace});
        self.create_canvas(&body).await
    }

    /// Creates a canvas in a project; answers its id.
    pub async fn canvas_in_project(&self, project: &str, name: &str) -> String {
        let body = json!({"name": name, "kind": "canvas", "project_id": project});
        self.create_canvas(&body).await
    }

    async fn create_canvas(&self, body: &Value) -> String {
        let answer = self.post("/v1/documents", body).await;
        answer.ok(201).text("/id").to_owned()
    }

    /// Opens a session for a workspace, or for the user's own documents.
    pub async fn session(&self, workspace: Option<&str>) -> Session {
        self.session_with(workspace, &Value::Null).await
    }

    /// [`Client::session`] with a lease of its own, `ttl_ms`.
    pub async fn session_with(&self, workspace: Option<&str>, ttl_ms: &Value) -> Session {
        let session = Session::new(self.clone(), Uuid::new_v4());
        session.open(workspace, ttl_ms).await.ok(201);
        session
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    request: String,
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; null where it is none.
    pub body: Value,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// Asserts the status of an answer that is no problem.
    ///
    /// # Panics
    ///
    /// At any other status.
    #[track_caller]
    #[must_use = "or look at it"]
    fn with_status(self, status: u16) -> Self {
        assert_eq!(
            self.status,
            status,
            "{} answered {}: {}",
            self.request,
            self.status,
            self.shown()
        );
        self
    }

    /// Asserts that it went well, with this status.
    ///
    /// # Panics
    ///
    /// Where it did not.
    #[track_caller]
    #[expect(
        clippy::return_self_not_must_use,
        clippy::must_use_candidate,
        reason = "an assertion by itself"
    )]
    pub fn ok(self, status: u16) -> Self {
        self.with_status(status)
    }

    /// Asserts that it was refused: status, `application/problem+json`, its four members, and the code.
    ///
    /// # Panics
    ///
    /// Where it was not.
    #[track_caller]
    #[expect(
        clippy::return_self_not_must_use,
        clippy::must_use_candidate,
        reason = "an assertion by itself"
    )]
    pub fn expect(self, status: u16, code: &str) -> Self {
        let answer = self.with_status(status);
        let request = &answer.request;
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{request}"
        );
        assert_eq!(answer.body["code"], code, "{request}: {}", answer.shown());
        assert_eq!(answer.body["status"], status, "{request}: {}", answer.shown());
        for member in ["title", "detail"] {
            let text = answer.body[member].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{request}: no {member} in {}", answer.shown());
        }
        answer
    }

    /// Asserts 422 `invalid` that names the field.
    ///
    /// # Panics
    ///
    /// Where it is anything else, or names other fields.
    #[track_caller]
    #[expect(
        clippy::return_self_not_must_use,
        clippy::must_use_candidate,
        reason = "an assertion by itself"
    )]
    pub fn invalid(self, field: &str) -> Self {
        let answer = self.expect(422, "invalid");
        let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
        let named = errors
            .iter()
            .any(|error| error["field"] == field && error["detail"].is_string());
        assert!(
            named,
            "{}: {field} is not named in {}",
            answer.request,
            answer.shown()
        );
        answer
    }

    /// A string in the body, by JSON pointer.
    ///
    /// # Panics
    ///
    /// Where there is none.
    #[track_caller]
    #[must_use]
    pub fn text(&self, pointer: &str) -> &str {
        let found = self.body.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("{}: no text at {pointer} in {}", self.request, self.shown()))
    }

    /// An integer in the body, by JSON pointer.
    ///
    /// # Panics
    ///
    /// Where there is none.
    #[track_caller]
    #[must_use]
    pub fn integer(&self, pointer: &str) -> i64 {
        let found = self.body.pointer(pointer).and_then(Value::as_i64);
        found.unwrap_or_else(|| panic!("{}: no integer at {pointer} in {}", self.request, self.shown()))
    }

    /// A list in the body, by JSON pointer.
    ///
    /// # Panics
    ///
    /// Where there is none.
    #[track_caller]
    #[must_use]
    pub fn list(&self, pointer: &str) -> &[Value] {
        let found = self.body.pointer(pointer).and_then(Value::as_array);
        found.unwrap_or_else(|| panic!("{}: no list at {pointer} in {}", self.request, self.shown()))
    }

    /// A header as text; empty where absent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    fn shown(&self) -> String {
        let text = String::from_utf8_lossy(&self.bytes);
        text.chars().take(2_000).collect()
    }
}

impl std::ops::Index<&str> for Answer {
    type Output = Value;

    fn index(&self, member: &str) -> &Value {
        &self.body[member]
    }
}
