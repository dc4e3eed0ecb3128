//! Who asks: the user and sign-in behind a request's token.

use holdfast_protocol::{SignInId, account::User};

/// An authenticated caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The user.
    pub user: User,
    /// The sign-in: one user on one device. Sessions belong to it (S07).
    pub sign_in: SignInId,
    /// The name of its device.
    pub device_name: String,
}
