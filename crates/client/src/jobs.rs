//! Longer pieces of work that show progress and can be cancelled.

use tokio::sync::watch;

use crate::view::Progress;

/// A piece of work under way. Dropping it lets it go on.
#[derive(Debug, Clone)]
pub struct Job {
    progress: watch::Receiver<Progress>,
    cancel: tokio_util::sync::CancellationToken,
}

impl Job {
    /// What to cancel it by.
    #[must_use]
    pub fn id(&self) -> String {
        self.progress.borrow().job.clone()
    }

    /// How far it is; `Done`, `Cancelled` and `Failed` are the last ones.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    /// Stops it; nothing half-made is left behind.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }
}
