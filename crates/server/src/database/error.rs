//! The driver's errors, sorted into those that may pass and those that will not.

use sqlx::error::DatabaseError;

use crate::{
    engine::LockError,
    store::{CommitError, StorageError, StoreError},
};

/// SQLite's primary result codes for what may pass: busy, locked, read-only, I/O error, full, can't open.
const MAY_PASS: [i64; 6] = [5, 6, 8, 10, 13, 14];

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(refusal) if may_pass(refusal.as_ref()) => {
                Self::Unavailable(refusal.message().to_owned())
            }
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Io(_)
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error.to_string()),
            _ => Self::Broken(error.to_string()),
        }
    }
}

/// PostgreSQL's classes: no connection, can't serialise, out of resources, in the way of another, ended by its operator, system error.
const CLASSES_MAY_PASS: [&str; 6] = ["08", "40", "53", "55", "57", "58"];

/// PostgreSQL's codes have five characters, SQLite's are numbers with fewer digits: the primary one in the lowest eight bits.
fn may_pass(refusal: &dyn DatabaseError) -> bool {
    let Some(code) = refusal.code() else { return false };
    if code.len() == 5 {
        return CLASSES_MAY_PASS.contains(&&code[..2]);
    }
    code.parse::<i64>()
        .is_ok_and(|code| MAY_PASS.contains(&(code & 0xff)))
}

impl From<sqlx::Error> for LockError {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}

impl From<sqlx::Error> for CommitError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<StorageError> for CommitError {
    fn from(error: StorageError) -> Self {
        Self::Store(error.into())
    }
}
