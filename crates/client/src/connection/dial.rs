//! Opening the socket: one text frame each way is one JSON object.

use std::{pin::Pin, sync::Arc};

use async_trait::async_trait;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio_tungstenite::{
    Connector, connect_async_tls_with_config,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        http::header::{AUTHORIZATION, HeaderValue, USER_AGENT},
        protocol::WebSocketConfig,
    },
};
use url::Url;

use crate::{api::CertificateFault, credentials::Token};

/// Frames to the server.
pub type FrameSink = Pin<Box<dyn Sink<String, Error = String> + Send>>;
/// Frames from the server, until the link breaks.
pub type FrameStream = Pin<Box<dyn Stream<Item = Result<String, String>> + Send>>;

/// Why no socket came to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DialError {
    /// The token is not valid any more.
    #[error("the sign-in is not valid any more")]
    Unauthenticated,
    /// What answers can't prove to be the server; in words.
    #[error("{0}")]
    Untrusted(String),
    /// Nothing answered, or not with a socket.
    #[error("{0}")]
    Failed(String),
}

/// Opens sockets.
#[async_trait]
pub trait Dial: Send + Sync + std::fmt::Debug {
    /// Opens one socket to the server at `base`.
    async fn dial(
        &self,
        base: &Url,
        token: &Token,
        user_agent: &str,
    ) -> Result<(FrameSink, FrameStream), DialError>;
}

/// Over TCP and TLS.
#[derive(Debug, Clone, Copy, Default)]
pub struct WebSocketDial;

/// Whom sockets trust: whom this device trusts, as requests do. Read for each socket, so that an authority that was added
/// counts at once.
async fn trust() -> Result<Arc<ClientConfig>, DialError> {
    let read = tokio::task::spawn_blocking(|| {
        // named, as a program with several of them has none by default
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_platform_verifier()?;
        Ok(Arc::new(config.with_no_client_auth()))
    });
    let failed = |error: &dyn std::fmt::Display| DialError::Failed(error.to_string());
    let config = read.await.map_err(|error| failed(&error))?;
    config.map_err(|error: rustls::Error| failed(&error))
}

/// A server's frame carries at most one commit, and its envelope.
const FRAME_MAX: usize = 16 << 20;

#[async_trait]
impl Dial for WebSocketDial {
    async fn dial(
        &self,
        base: &Url,
        token: &Token,
        user_agent: &str,
    ) -> Result<(FrameSink, FrameStream), DialError> {
        let failed = |error: &dyn std::fmt::Display| DialError::Failed(error.to_string());
        let mut url = base.join("v1/ws").map_err(|error| failed(&error))?;
        let scheme = if base.scheme() == "https" { "wss" } else { "ws" };
        url.set_scheme(scheme)
            .map_err(|()| DialError::Failed(format!("{base} is no http or https address")))?;
        let mut request = url
            .as_str()
            .into_client_request()
            .map_err(|error| failed(&error))?;
        let mut bearer =
            HeaderValue::try_from(format!("Bearer {}", token.reveal())).map_err(|error| failed(&error))?;
        bearer.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, bearer);
        if let Ok(agent) = HeaderValue::try_from(user_agent) {
            request.headers_mut().insert(USER_AGENT, agent);
        }
        let config = WebSocketConfig::default()
            .max_message_size(Some(FRAME_MAX))
            .max_frame_size(Some(FRAME_MAX));
        let connector = match scheme {
            "wss" => Connector::Rustls(trust().await?),
            _ => Connector::Plain,
        };
        let host = base.host_str().unwrap_or_default();
        let (socket, _) = connect_async_tls_with_config(request, Some(config), true, Some(connector))
            .await
            .map_err(|error| match error {
                Error::Http(answer) if answer.status() == 401 => DialError::Unauthenticated,
                Error::Http(answer) => {
                    DialError::Failed(format!("the socket was refused with {}", answer.status()))
                }
                other => match CertificateFault::of(&other) {
                    Some(fault) => DialError::Untrusted(fault.in_words(host)),
                    None => failed(&other),
                },
            })?;
        let (sink, stream) = socket.split();
        let sink = sink
            .sink_map_err(|error| error.to_string())
            .with(async |text: String| Ok::<_, String>(Message::text(text)));
        let stream = stream.filter_map(async |frame| match frame {
            Ok(Message::Text(text)) => Some(Ok(text.as_str().to_owned())),
            Ok(Message::Close(_)) => Some(Err("the server closed the socket".to_owned())),
            Ok(_) => None,
            Err(error) => Some(Err(error.to_string())),
        });
        Ok((Box::pin(sink), Box::pin(stream)))
    }
}
