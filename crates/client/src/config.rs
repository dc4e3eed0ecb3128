//! What a client is told when it starts.

use std::{path::PathBuf, sync::Arc, time::Duration};

use holdfast_protocol::limits;

use crate::{
    clock::{BootClock, Clock},
    connection::{Dial, WebSocketDial},
};

/// What a client is told when it starts. [`ClientConfig::new`] has what people get; tests change some of it.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// Where journals and drafts are kept; made where it is not there.
    pub data_dir: PathBuf,
    /// What others see as the holder's device.
    pub device_name: String,
    /// The version told to servers.
    pub version: String,
    /// Counts suspend.
    pub clock: Arc<dyn Clock>,
    /// Opens sockets; a faulty one in tests.
    pub dial: Arc<dyn Dial>,
    /// Makes HTTP clients.
    pub http: HttpConfig,
    /// A holder without input for this long commits and releases.
    pub idle_release: Duration,
    /// Whether drawing stops once a lock has run out, at the start; else it goes on as a draft (X02).
    pub stop_editing_when_lapsed: bool,
    /// A lease that each session asks for; the server's default where none.
    pub lease_ttl: Option<Duration>,
}

impl ClientConfig {
    /// The defaults, with everything of the client's in this folder.
    pub fn new(data_dir: impl Into<PathBuf>, device_name: impl Into<String>) -> Self {
        Self {
            data_dir: data_dir.into(),
            device_name: device_name.into(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            clock: Arc::new(BootClock),
            dial: Arc::new(WebSocketDial),
            http: HttpConfig::default(),
            idle_release: limits::IDLE_RELEASE,
            stop_editing_when_lapsed: false,
            lease_ttl: None,
        }
    }
}

/// How patient HTTP requests are.
#[derive(Debug, Clone, Copy)]
pub struct HttpConfig {
    /// To be connected.
    pub connect_within: Duration,
    /// To be answered, for requests of everyday size. A lease's margin is 5 s: an answer later than twice that has no use.
    pub answer_within: Duration,
    /// To be answered, where megabytes go up or down.
    pub transfer_within: Duration,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            connect_within: Duration::from_secs(5),
            answer_within: Duration::from_secs(10),
            transfer_within: Duration::from_secs(120),
        }
    }
}
