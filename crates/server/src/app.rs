//! What every request and every socket can reach.

use std::{sync::Arc, time::Duration};

use tokio_util::task::TaskTracker;

use crate::{
    engine::LockEngine,
    metrics::Metrics,
    rooms::Rooms,
    store::{Accounts, Documents},
};

/// One running server's parts. Nothing in it is global: several servers may run in one process.
pub(crate) struct App {
    pub(crate) engine: Arc<dyn LockEngine>,
    pub(crate) accounts: Arc<dyn Accounts>,
    pub(crate) documents: Arc<dyn Documents>,
    pub(crate) rooms: Arc<Rooms>,
    pub(crate) metrics: Metrics,
    pub(crate) settings: Settings,
    /// Counts the sockets being served, so that the end can wait for them.
    pub(crate) sockets: TaskTracker,
}

/// What requests need to know of the configuration.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Lease of a session without a wish of its own.
    pub(crate) ttl: Duration,
    /// What is left of a lease after an unclean close.
    pub(crate) grace: Duration,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub(crate) trusted_proxies: Vec<std::net::IpAddr>,
}

/// How requests hold the [`App`].
pub(crate) type Shared = Arc<App>;
