//! Reading typed values from a row. What can't be read is damage, not a refusal.

use std::str::FromStr;

use holdfast_protocol::{Json, Timestamp, account::User};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use sqlx::Row as _;

use super::Row;
use crate::store::StorageError;

/// Typed columns of a row, by name.
pub(crate) trait Columns {
    fn text(&self, column: &str) -> Result<String, StorageError>;
    fn text_or_null(&self, column: &str) -> Result<Option<String>, StorageError>;
    fn number(&self, column: &str) -> Result<i64, StorageError>;
    fn number_or_null(&self, column: &str) -> Result<Option<i64>, StorageError>;

    /// Identifiers: whatever is written as text and read back from it.
    fn id<T: FromStr>(&self, column: &str) -> Result<T, StorageError> {
        parsed(column, &self.text(column)?)
    }

    fn id_or_null<T: FromStr>(&self, column: &str) -> Result<Option<T>, StorageError> {
        self.text_or_null(column)?
            .map(|text| parsed(column, &text))
            .transpose()
    }

    fn moment(&self, column: &str) -> Result<Timestamp, StorageError> {
        self.number(column).map(Timestamp)
    }

    fn flag(&self, column: &str) -> Result<bool, StorageError> {
        self.number(column).map(|number| number != 0)
    }

    /// Names of an enum, as they are on the wire.
    fn name<T: DeserializeOwned>(&self, column: &str) -> Result<T, StorageError> {
        named(column, self.text(column)?)
    }

    fn name_or_null<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>, StorageError> {
        self.text_or_null(column)?
            .map(|text| named(column, text))
            .transpose()
    }

    fn json_or_null(&self, column: &str) -> Result<Option<Json>, StorageError> {
        self.text_or_null(column)?
            .map(|text| RawValue::from_string(text).map_err(|_| damaged(column)))
            .transpose()
    }

    /// A user, from two columns.
    fn user(&self, id: &str, name: &str) -> Result<User, StorageError> {
        Ok(User {
            id: self.id(id)?,
            name: self.text(name)?,
        })
    }
}

impl Columns for Row {
    fn text(&self, column: &str) -> Result<String, StorageError> {
        Ok(self.try_get(column)?)
    }

    fn text_or_null(&self, column: &str) -> Result<Option<String>, StorageError> {
        Ok(self.try_get(column)?)
    }

    fn number(&self, column: &str) -> Result<i64, StorageError> {
        Ok(self.try_get(column)?)
    }

    fn number_or_null(&self, column: &str) -> Result<Option<i64>, StorageError> {
        Ok(self.try_get(column)?)
    }
}

fn parsed<T: FromStr>(column: &str, text: &str) -> Result<T, StorageError> {
    text.parse().map_err(|_| damaged(column))
}

fn named<T: DeserializeOwned>(column: &str, text: String) -> Result<T, StorageError> {
    serde_json::from_value(serde_json::Value::String(text)).map_err(|_| damaged(column))
}

fn damaged(column: &str) -> StorageError {
    StorageError::Broken(format!("column {column} holds what was never written there"))
}
