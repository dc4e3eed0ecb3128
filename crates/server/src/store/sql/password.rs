//! Passwords: argon2id, off the async threads, few at a time, and as slow for an unknown account as for a known one.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::store::StorageError;

/// What hashing a password costs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PasswordCost {
    /// 19 MiB and two passes, as OWASP recommends.
    #[default]
    Strong,
    /// Almost nothing: for tests and throw-away servers only.
    Trivial,
}

impl PasswordCost {
    fn argon2(self) -> Argon2<'static> {
        let params = match self {
            Self::Strong => Params::DEFAULT,
            Self::Trivial => Params::new(Params::MIN_M_COST, 1, 1, None).unwrap_or(Params::DEFAULT),
        };
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }
}

/// Hashes and verifies passwords.
pub(super) struct Passwords {
    argon2: Argon2<'static>,
    /// What an unknown account's password is compared with, so that it takes as long.
    decoy: String,
    turns: Arc<Semaphore>,
}

impl Passwords {
    pub(super) fn new(cost: PasswordCost) -> Self {
        let argon2 = cost.argon2();
        let decoy = hash(&argon2, "no password at all").unwrap_or_default();
        let turns = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            argon2,
            decoy,
            turns: Arc::new(Semaphore::new(turns)),
        }
    }

    /// A turn at hashing: as many at once as there are processors, so that a flood of sign-ins takes neither all memory nor
    /// all threads.
    pub(super) async fn turn(&self) -> Result<OwnedSemaphorePermit, StorageError> {
        Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|_| StorageError::Unavailable("shutting down".into()))
    }

    pub(super) async fn hash(&self, password: &str) -> Result<String, StorageError> {
        let (argon2, password) = (self.argon2.clone(), password.to_owned());
        off_thread(move || hash(&argon2, &password)).await?
    }

    /// Whether it is the password; never for an account that has none.
    pub(super) async fn matches(&self, password: &str, stored: Option<&str>) -> Result<bool, StorageError> {
        let known = stored.is_some();
        let stored = stored.unwrap_or(&self.decoy).to_owned();
        let (argon2, password) = (self.argon2.clone(), password.to_owned());
        let verified = off_thread(move || {
            let stored = PasswordHash::new(&stored).map_err(|error| broken(&error))?;
            Ok::<_, StorageError>(argon2.verify_password(password.as_bytes(), &stored).is_ok())
        })
        .await??;
        Ok(verified && known)
    }
}

fn hash(argon2: &Argon2<'_>, password: &str) -> Result<String, StorageError> {
    argon2
        .hash_password(password.as_bytes())
        .map(|hash: PasswordHash| hash.to_string())
        .map_err(|error| broken(&error))
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StorageError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| broken(&error))
}

fn broken(error: &dyn std::fmt::Display) -> StorageError {
    StorageError::Broken(format!("password hashing: {error}"))
}
