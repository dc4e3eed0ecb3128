//! The server's HTTP interface, typed.
//!
//! Every answer is one of four things: what was asked for, a refusal, no answer, or something that is no Holdfast
//! server. Requests are not repeated here: whoever asked knows whether asking twice is safe (L16, D05).

mod calls;
mod certificate;
mod error;
mod request;

pub use certificate::CertificateFault;
pub(crate) use error::SERVER_OUT_OF_REACH;
pub use error::{ApiError, Refusal, code_name};

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use url::Url;

use crate::{config::HttpConfig, credentials::Token};

/// Talks to one server for one sign-in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Api {
    http: reqwest::Client,
    base: Url,
    token: Option<Arc<RwLock<Token>>>,
    patience: HttpConfig,
}

impl Api {
    /// Talks to the server at `base`; nobody is signed in where there is no token.
    #[must_use]
    pub fn new(http: reqwest::Client, mut base: Url, token: Option<Token>, patience: HttpConfig) -> Self {
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        Self {
            http,
            base,
            token: token.map(|token| Arc::new(RwLock::new(token))),
            patience,
        }
    }

    /// What makes the requests of all servers.
    ///
    /// # Errors
    ///
    /// Where the system offers no TLS.
    pub fn http(patience: HttpConfig, user_agent: &str) -> Result<reqwest::Client, ApiError> {
        let http = reqwest::Client::builder()
            .user_agent(user_agent)
            .connect_timeout(patience.connect_within)
            .redirect(reqwest::redirect::Policy::none())
            .pool_idle_timeout(Duration::from_secs(30))
            .build();
        http.map_err(|error| ApiError::Unreachable {
            detail: error.to_string(),
            maybe_done: false,
        })
    }

    /// All clones use this token from now on: the user has signed in again.
    pub fn renew(&self, token: Token) {
        if let Some(current) = &self.token {
            *current.write().unwrap_or_else(PoisonError::into_inner) = token;
        }
    }

    /// The server's address.
    #[must_use]
    pub fn base(&self) -> &Url {
        &self.base
    }
}
