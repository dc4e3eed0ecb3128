//! Tokens, and where they are kept: the operating system's keychain, and nowhere else (C08).

mod os;

use std::{collections::HashMap, sync::Mutex};

use async_trait::async_trait;

use crate::view::ServerId;

pub use os::OsKeychain;

/// A bearer token. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A token as the server gave it.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// For the `Authorization` header and the keychain.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Why a token could not be kept or found; what the system says of it is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// This machine has none.
    #[error(
        "this system has no keychain, so that sign-ins are not remembered: you sign in again after each start"
    )]
    NoKeychain(String),
    /// It is there and locked.
    #[error(
        "the system's keychain is locked: unlock it and sign in again, or sign in again after each start"
    )]
    Locked(String),
    /// Something else.
    #[error(
        "the system's keychain does not work, so that sign-ins are not remembered: you sign in again after each start"
    )]
    Other(String),
}

/// Keeps one token a server.
#[async_trait]
pub trait Keychain: Send + Sync + std::fmt::Debug {
    /// The token of a server; none where none is kept.
    async fn load(&self, server: &ServerId) -> Result<Option<Token>, KeychainError>;
    /// Keeps a token; replaces the one before.
    async fn store(&self, server: &ServerId, token: &Token) -> Result<(), KeychainError>;
    /// Forgets a token; one that is not there is forgotten already.
    async fn forget(&self, server: &ServerId) -> Result<(), KeychainError>;
}

/// Forgets everything when the program ends: for machines without a keychain, and for tests.
#[derive(Debug, Default)]
pub struct MemoryKeychain(Mutex<HashMap<ServerId, Token>>);

impl MemoryKeychain {
    fn tokens(&self) -> std::sync::MutexGuard<'_, HashMap<ServerId, Token>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[async_trait]
impl Keychain for MemoryKeychain {
    async fn load(&self, server: &ServerId) -> Result<Option<Token>, KeychainError> {
        Ok(self.tokens().get(server).cloned())
    }

    async fn store(&self, server: &ServerId, token: &Token) -> Result<(), KeychainError> {
        self.tokens().insert(server.clone(), token.clone());
        Ok(())
    }

    async fn forget(&self, server: &ServerId) -> Result<(), KeychainError> {
        self.tokens().remove(server);
        Ok(())
    }
}

/// The keychain in use: the system's where it works, else memory, with the reason for the user.
#[derive(Debug)]
pub struct Credentials {
    system: Box<dyn Keychain>,
    memory: MemoryKeychain,
}

impl Credentials {
    /// Credentials in the system's keychain.
    #[must_use]
    pub fn system() -> Self {
        Self::in_keychain(Box::new(OsKeychain))
    }

    /// Credentials in this keychain.
    #[must_use]
    pub fn in_keychain(system: Box<dyn Keychain>) -> Self {
        Self {
            system,
            memory: MemoryKeychain::default(),
        }
    }

    /// The token of a server, and what is wrong with the keychain where something is.
    pub async fn load(&self, server: &ServerId) -> (Option<Token>, Option<KeychainError>) {
        if let Ok(Some(token)) = self.memory.load(server).await {
            return (Some(token), None);
        }
        match self.system.load(server).await {
            Ok(token) => (token, None),
            Err(error) => (None, Some(error)),
        }
    }

    /// Keeps a token; where the keychain fails, in memory until the program ends, and says why.
    pub async fn store(&self, server: &ServerId, token: &Token) -> Option<KeychainError> {
        let failed = self.system.store(server, token).await.err();
        if failed.is_some() {
            let _ = self.memory.store(server, token).await;
        } else {
            let _ = self.memory.forget(server).await;
        }
        failed
    }

    /// Forgets a token everywhere.
    pub async fn forget(&self, server: &ServerId) -> Option<KeychainError> {
        let _ = self.memory.forget(server).await;
        self.system.forget(server).await.err()
    }
}
