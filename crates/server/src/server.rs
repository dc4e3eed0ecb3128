//! Putting a server together, running it, ending it. The program and the desktop app start it the same way.

use std::{
    fs::{DirBuilder, File, TryLockError},
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::serve::ListenerExt;
use holdfast_protocol::UserId;
use tokio::{net::TcpListener, task::JoinSet, time::MissedTickBehavior};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use crate::{
    app::{App, Settings, Shared},
    clock::{Clock, SystemClock},
    config::Config,
    database::{Database, OpenError},
    engine::{LeaseTimes, LockEngine, sql::SqlEngine},
    happening::{Happening, Publisher},
    http,
    metrics::Metrics,
    rooms::{Rooms, access},
    store::{
        Accounts, StorageError, StoreError,
        sql::{SqlStore, StoreConfig},
    },
};

/// How often ended leases are looked for, so that an expiry is broadcast well within a second (L09).
const EXPIRY_EVERY: Duration = Duration::from_millis(250);
/// How often memory is tidied.
const UPKEEP_EVERY: Duration = Duration::from_secs(30);
/// How often old versions are looked for, where they are thinned.
const THIN_EVERY: Duration = Duration::from_secs(60 * 60);
/// How long requests and sockets get to finish when the server ends.
const DRAIN_WITHIN: Duration = Duration::from_secs(10);
/// What tells a second server on the same data folder that there is a first.
const LOCK_FILE: &str = "holdfast.lock";

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address can't be listened on.
    #[error("can't listen on {address}: {source}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// The system's own words.
        source: io::Error,
    },
    /// The data folder can't be used.
    #[error("can't write in the data folder {}: {source}", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// The system's own words.
        source: io::Error,
    },
    /// Another server uses the data folder.
    #[error("another holdfast-server uses the data folder {}", .0.display())]
    InUse(PathBuf),
    /// The database did not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The metrics could not be set up.
    #[error("metrics: {0}")]
    Metrics(#[from] metrics_exporter_prometheus::BuildError),
}

/// Starts servers.
#[derive(Debug)]
pub struct Server;

/// A server that serves. Dropping it stops it without a word to its clients; [`RunningServer::shutdown`] is the polite way.
pub struct RunningServer {
    address: SocketAddr,
    app: Shared,
    database: Database,
    serving: JoinSet<()>,
    stop: DropGuard,
    _lock: Option<File>,
}

impl Server {
    /// Starts a server; it serves once this returns.
    pub async fn start(config: Config) -> Result<RunningServer, StartError> {
        Self::start_at(config, Arc::new(SystemClock::default())).await
    }

    /// Starts a server whose leases run by this clock.
    pub async fn start_at(config: Config, clock: Arc<dyn Clock>) -> Result<RunningServer, StartError> {
        // a folder is kept from other servers here, a PostgreSQL by itself
        let lock = match config.database_url {
            None => Some(lock_folder(&config.data_dir)?),
            Some(_) => None,
        };
        let listener = listen(config.listen).await?;
        let address = listener
            .local_addr()
            .map_err(|source| cannot_listen(config.listen, source))?;
        let metrics = Metrics::new()?;
        let (rooms, doubts) = Rooms::new(metrics.slow_readers.clone());
        let database = Database::open(&config.database(true), clock, rooms.clone()).await?;
        let times = LeaseTimes {
            ttl: config.lease_ttl,
            grace: config.grace,
        };
        let store_config = StoreConfig {
            sign_in_limits: config.sign_in_limits,
            ..StoreConfig::default()
        };
        let store = Arc::new(SqlStore::new(database.clone(), &store_config));
        let app = Arc::new(App {
            engine: Arc::new(SqlEngine::new(database.clone(), times)),
            accounts: store.clone(),
            documents: store,
            rooms,
            metrics,
            settings: Settings {
                ttl: config.lease_ttl,
                grace: config.grace,
                trusted_proxies: config.trusted_proxies,
            },
            sockets: TaskTracker::new(),
        });
        app.engine.process_started().await?;
        let stop = CancellationToken::new();
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, app.clone(), stop.clone()));
        serving.spawn(until(stop.clone(), expire(app.engine.clone())));
        serving.spawn(until(stop.clone(), access::settle(app.clone(), doubts)));
        serving.spawn(until(stop.clone(), tidy(app.clone())));
        if let Some(keep) = config.keep_versions {
            serving.spawn(until(stop.clone(), thin(app.clone(), keep)));
        }
        Ok(RunningServer {
            address,
            app,
            database,
            serving,
            stop: stop.drop_guard(),
            _lock: lock,
        })
    }
}

impl RunningServer {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A token for the only user of an embedded server, who is made if needed. Call it once, at the start: it ends what
    /// earlier processes signed in, so that what a killed app had locked is free at once.
    pub async fn local_sign_in(&self, name: &str, device_name: &str) -> Result<String, StoreError> {
        Ok(self.app.accounts.local_sign_in(name, device_name).await?.token)
    }

    /// Gives that user and its device other names; the token stays good.
    pub async fn rename_local(&self, name: &str, device_name: &str) -> Result<(), StoreError> {
        self.app.accounts.rename_local(name, device_name).await
    }

    /// Ends politely: sockets are told, requests in flight finish, what waits is written. No lease is cut.
    pub async fn shutdown(mut self) {
        self.app.rooms.drain();
        self.app.sockets.close();
        self.stop.disarm().cancel();
        let drained = async {
            while self.serving.join_next().await.is_some() {}
            self.app.sockets.wait().await;
        };
        if tokio::time::timeout(DRAIN_WITHIN, drained).await.is_err() {
            tracing::warn!(
                within_ms = DRAIN_WITHIN.as_millis(),
                "not everything finished in time; ending all the same"
            );
            self.serving.shutdown().await;
        }
        self.database.close().await;
    }
}

/// Adds a user to the database; a server that runs on it knows the user at once.
pub async fn add_user(
    config: &Config,
    email: &str,
    name: &str,
    password: &str,
) -> Result<UserId, AddUserError> {
    http::check::name("name", name).map_err(|refusal| AddUserError::Refused(refusal.detail().to_owned()))?;
    let clock = Arc::new(SystemClock::default());
    let database = Database::open(&config.database(false), clock, Arc::new(Nobody)).await?;
    let store = SqlStore::new(database.clone(), &StoreConfig::default());
    let added = store.add_user(email, name, password).await;
    database.close().await;
    added.map_err(|error| AddUserError::Refused(error.to_string()))
}

/// Why a user was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddUserError {
    /// The database did not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A field is not acceptable; it is named.
    #[error("{0}")]
    Refused(String),
}

/// A publisher where nobody listens: adding a user tells no room anything.
struct Nobody;

impl Publisher for Nobody {
    fn publish(&self, _: Vec<Happening>) {}
}

/// Makes the folder where it is missing, for its owner's eyes only, and keeps every other server out of it.
fn lock_folder(data_dir: &Path) -> Result<File, StartError> {
    let refused = |source| StartError::Folder {
        path: data_dir.to_owned(),
        source,
    };
    let mut folder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.recursive(true).create(data_dir).map_err(refused)?;
    let file = File::create(data_dir.join(LOCK_FILE)).map_err(refused)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::InUse(data_dir.to_owned())),
        Err(TryLockError::Error(source)) => Err(refused(source)),
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| cannot_listen(address, source))
}

fn cannot_listen(address: SocketAddr, source: io::Error) -> StartError {
    StartError::Listen { address, source }
}

async fn serve(listener: TcpListener, app: Shared, stop: CancellationToken) {
    // Frames are small and people wait for them: nothing is gained by holding them back to fill packets.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection without TCP_NODELAY");
        }
    });
    let service = http::router(app).into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, service)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await;
    if let Err(error) = served {
        tracing::error!(%error, "serving ended");
    }
}

/// Runs a future until it ends or the server does.
async fn until(stop: CancellationToken, work: impl Future<Output = ()>) {
    stop.run_until_cancelled(work).await;
}

/// Ends leases that are over, and so broadcasts what they held, without anybody having to ask.
async fn expire(engine: Arc<dyn LockEngine>) {
    let mut ticks = tokio::time::interval(EXPIRY_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        ticks.tick().await;
        match engine.expire_due().await {
            Ok(_) => failing = false,
            Err(error) if !failing => {
                failing = true;
                tracing::error!(%error, "ended leases could not be looked for; trying on");
            }
            Err(_) => {}
        }
    }
}

/// Thins old versions, beside whatever else is written.
async fn thin(app: Shared, keep: Duration) {
    let mut ticks = tokio::time::interval(THIN_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match app.documents.thin(keep).await {
            Ok(0) => {}
            Ok(versions) => tracing::info!(versions, "old versions were thinned"),
            Err(error) => {
                tracing::error!(%error, "old versions could not be thinned; trying again in an hour");
            }
        }
    }
}

/// Lets go of memory that is not needed any more.
async fn tidy(app: Shared) {
    let mut ticks = tokio::time::interval(UPKEEP_EVERY);
    loop {
        ticks.tick().await;
        app.rooms.forget();
        app.metrics.upkeep();
    }
}
