//! From the wire's lock to what a window shows of it.

use holdfast_protocol::{account::User, lock::Lock};

use super::HolderView;

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
