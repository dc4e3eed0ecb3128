//! One HTTP/1.1 connection, kept open, that costs this process as little as can be.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Method, Request, StatusCode,
    client::conn::http1::{SendRequest, handshake},
    header::{AUTHORIZATION, CONTENT_TYPE, HOST},
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// A request that is sent many times, and the status that it must be answered with.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Bytes,
    pub(crate) expect: StatusCode,
}

impl Call {
    /// `POST` of JSON.
    pub(crate) fn post(path: impl Into<String>, body: &Value, expect: StatusCode) -> Self {
        Self {
            method: Method::POST,
            path: path.into(),
            body: body.to_string().into(),
            expect,
        }
    }

    /// `DELETE`.
    pub(crate) fn delete(path: impl Into<String>) -> Self {
        Self {
            method: Method::DELETE,
            path: path.into(),
            body: Bytes::new(),
            expect: StatusCode::NO_CONTENT,
        }
    }
}

/// A connection to a server.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
    bearer: Option<String>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr, token: Option<&str>) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self {
            sender,
            host: address.to_string(),
            bearer: token.map(|token| format!("Bearer {token}")),
        })
    }

    /// Sends it and answers the body, once all of it is there and the status is right.
    pub(crate) async fn call(&mut self, call: &Call) -> Result<Bytes> {
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(&call.path)
            .header(HOST, &self.host);
        if let Some(bearer) = &self.bearer {
            request = request.header(AUTHORIZATION, bearer);
        }
        if !call.body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request.body(Full::new(call.body.clone()))?;
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        ensure!(
            status == call.expect,
            "{} {}: {status} instead of {}: {}",
            call.method,
            call.path,
            call.expect,
            String::from_utf8_lossy(&body)
        );
        Ok(body)
    }

    /// [`Connection::call`] whose answer is JSON.
    pub(crate) async fn json(&mut self, call: &Call) -> Result<Value> {
        let body = self.call(call).await?;
        serde_json::from_slice(&body).with_context(|| format!("the answer to {}", call.path))
    }
}
