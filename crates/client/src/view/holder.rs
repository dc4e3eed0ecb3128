//! From the wire and from errors to what a window shows of them.

use holdfast_protocol::{account::User, lock::Lock};

use super::{CommandError, HolderView, SaveView, sentence};

impl HolderView {
    /// A lock's holder.
    #[must_use]
    pub fn of(lock: &Lock, same_user: bool, window: Option<String>) -> Self {
        Self {
            user: User {
                id: lock.user_id,
                name: lock.user_name.clone(),
            },
            device_name: lock.device_name.clone(),
            since: lock.acquired_at,
            same_user,
            window,
        }
    }
}

impl CommandError {
    /// An error of this device's own; the detail becomes a whole sentence.
    #[must_use]
    pub fn of(code: &str, detail: impl AsRef<str>) -> Self {
        Self {
            code: code.to_owned(),
            detail: sentence(detail.as_ref()),
            holder: None,
            retry_after_secs: None,
        }
    }
}

impl SaveView {
    /// How many changed elements are not at the server.
    #[must_use]
    pub fn unsaved(&self) -> u32 {
        match self {
            Self::Saved { .. } => 0,
            Self::Saving { pending } | Self::Offline { pending } | Self::Failing { pending, .. } => *pending,
            Self::Draft { changes } => *changes,
        }
    }
}
