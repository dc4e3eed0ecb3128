//! A document's versions (D07).

use holdfast_protocol::{Timestamp, account::User};
use serde::{Deserialize, Serialize};

/// A part of a document's history, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct HistoryPage {
    /// The versions.
    pub entries: Vec<VersionView>,
    /// What to ask for next with `before`; null at the beginning of the document.
    #[ts(type = "number | null")]
    pub next: Option<i64>,
}

/// A version of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct VersionView {
    /// Its number.
    #[ts(type = "number")]
    pub version: i64,
    /// Who saved it,
    pub by: User,
    /// on which device,
    pub device_name: String,
    /// and when, by the server's clock.
    pub at: Timestamp,
    /// How many elements it changed.
    pub changes: u32,
    /// What people call it. A named version is never thinned out.
    pub name: Option<String>,
    /// Where it restored an older one: which.
    #[ts(type = "number | null")]
    pub restored_version: Option<i64>,
}
