//! The operating system's keychain: Secret Service, Keychain or Credential Manager.

use async_trait::async_trait;
use keyring::v1::{Entry, Error};

use super::{Keychain, KeychainError, Token};
use crate::view::ServerId;

/// The name under which people find the tokens in their keychain.
const SERVICE: &str = "Holdfast";

/// The system's own keychain. Its calls block for 0.1 to 0.2 s, and go to a thread that may.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsKeychain;

#[async_trait]
impl Keychain for OsKeychain {
    async fn load(&self, server: &ServerId) -> Result<Option<Token>, KeychainError> {
        match blocking(server, |entry| entry.get_password()).await {
            Ok(token) => Ok(Some(Token::new(token))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(failure(&error)),
        }
    }

    async fn store(&self, server: &ServerId, token: &Token) -> Result<(), KeychainError> {
        let token = token.clone();
        let stored = blocking(server, move |entry| entry.set_password(token.reveal())).await;
        stored.map_err(|error| failure(&error))
    }

    async fn forget(&self, server: &ServerId) -> Result<(), KeychainError> {
        match blocking(server, |entry| entry.delete_credential()).await {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(failure(&error)),
        }
    }
}

async fn blocking<T: Send + 'static>(
    server: &ServerId,
    call: impl FnOnce(Entry) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let user = server.0.clone();
    let called = tokio::task::spawn_blocking(move || Entry::new(SERVICE, &user).and_then(call)).await;
    called.unwrap_or(Err(Error::NoDefaultStore))
}

/// A locked keychain refuses storage access, a missing bus leaves no store at all.
fn failure(error: &Error) -> KeychainError {
    match error {
        Error::NoDefaultStore => KeychainError::NoKeychain(match Entry::store_status() {
            Err(reason) => reason.to_string(),
            Ok(()) => error.to_string(),
        }),
        Error::NoStorageAccess(_) => KeychainError::Locked(error.to_string()),
        _ => KeychainError::Other(error.to_string()),
    }
}
