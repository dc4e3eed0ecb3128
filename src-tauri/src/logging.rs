//! The app's log: a file a day, a week of them. Tokens, passwords and drawings are never in it.

use tracing_appender::{non_blocking::WorkerGuard, rolling};
use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::folders::Folders;

/// What is logged, in the syntax of `tracing`'s filters.
const FILTER: &str = "HOLDFAST_LOG";
const DEFAULT_FILTER: &str = "info,sqlx=warn,zbus=warn,tao=warn,wry=warn";
const DAYS_KEPT: usize = 7;

/// Starts logging to the data folder, warnings to standard error too. What is not written yet is written when the
/// answer is dropped; none where there is no file to write to.
pub(crate) fn start(folders: &Folders) -> Option<WorkerGuard> {
    let filter = || EnvFilter::try_from_env(FILTER).unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let to_terminal = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_filter(tracing_subscriber::filter::LevelFilter::WARN);
    // Made first: the appender complains on standard error of a folder that is not there to be tidied.
    let _ = std::fs::create_dir_all(folders.logs());
    let appender = rolling::Builder::new()
        .rotation(rolling::Rotation::DAILY)
        .filename_prefix("holdfast")
        .filename_suffix("log")
        .max_log_files(DAYS_KEPT)
        .build(folders.logs());
    let (to_file, guard) = match appender {
        Ok(appender) => {
            let (writer, guard) = tracing_appender::non_blocking(appender);
            let layer = tracing_subscriber::fmt::layer()
                .with_ansi(false)
                .with_writer(writer);
            (Some(layer.with_filter(filter())), Some(guard))
        }
        Err(_) => (None, None),
    };
    let started = tracing_subscriber::registry()
        .with(to_file)
        .with(to_terminal)
        .try_init();
    // Somebody else's logger is as good; there is nowhere to log its presence to.
    started.ok().and(guard)
}
