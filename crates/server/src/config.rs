//! Options: flags, then environment variables, then a TOML file, then defaults.
//!
//! All three ways have the same names: `--lease-ttl 45s`, `HOLDFAST_LEASE_TTL=45s`, `lease-ttl = "45s"`.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use holdfast_protocol::limits;
use serde::{Deserialize, Deserializer};

/// Shortest default lease that can be configured: below it, one slow disk write would end sessions.
const LEASE_TTL_LEAST: Duration = Duration::from_secs(1);

/// Versions are thinned by whole days, and only when those are over.
const KEEP_VERSIONS_LEAST: Duration = Duration::from_secs(24 * 60 * 60);

/// A server's configuration, complete and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Where the database file is; made if needed.
    pub data_dir: PathBuf,
    /// Lease of a session without a wish of its own.
    pub lease_ttl: Duration,
    /// What is left of a lease after an unclean close.
    pub grace: Duration,
    /// How long a freed lock is reserved for the first waiter.
    pub offer: Duration,
    /// An idle holder that leaves a hand-over request unanswered loses the lock after this.
    pub hand_over_wait: Duration,
    /// A holder without input for this long counts as idle.
    pub idle_holder: Duration,
    /// Versions older than this are thinned to one a day; none: every version is kept.
    pub keep_versions: Option<Duration>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7420)),
            data_dir: PathBuf::from("holdfast-data"),
            lease_ttl: limits::LEASE_TTL,
            grace: limits::GRACE,
            offer: limits::OFFER,
            hand_over_wait: limits::HAND_OVER_WAIT,
            idle_holder: limits::IDLE_HOLDER,
            keep_versions: None,
            trusted_proxies: Vec::new(),
        }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// A duration as `45s`, `5min` or `1h 30min`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub Duration);

impl FromStr for Span {
    type Err = humantime::DurationError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        humantime::parse_duration(text).map(Self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let text = String::deserialize(reader)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What can be said on the command line, in the environment and in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, clap::Args)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Options {
    /// Where to listen; port 0 picks a free one [default: 127.0.0.1:7420]
    #[arg(long, env = "HOLDFAST_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// Folder of the database [default: holdfast-data]
    #[arg(long, env = "HOLDFAST_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Keep documents in PostgreSQL
    #[arg(
        long,
        env = "HOLDFAST_DATABASE_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    pub database_url: Option<String>,
    /// Keep locks in Redis
    #[arg(long, env = "HOLDFAST_REDIS_URL", value_name = "URL", hide_env_values = true)]
    pub redis_url: Option<String>,
    /// Lease of a session without a wish of its own [default: 45s]
    #[arg(long, env = "HOLDFAST_LEASE_TTL", value_name = "DURATION")]
    pub lease_ttl: Option<Span>,
    /// What is left of a lease after an unclean close [default: 5s, or half the lease where that is less]
    #[arg(long, env = "HOLDFAST_GRACE", value_name = "DURATION")]
    pub grace: Option<Span>,
    /// How long a freed lock is reserved for the first waiter [default: 30s]
    #[arg(long, env = "HOLDFAST_OFFER", value_name = "DURATION")]
    pub offer: Option<Span>,
    /// An idle holder that leaves a request unanswered loses the lock after this [default: 1min]
    #[arg(long, env = "HOLDFAST_HAND_OVER_WAIT", value_name = "DURATION")]
    pub hand_over_wait: Option<Span>,
    /// A holder without input for this long counts as idle [default: 5min]
    #[arg(long, env = "HOLDFAST_IDLE_HOLDER", value_name = "DURATION")]
    pub idle_holder: Option<Span>,
    /// Thin versions older than this to the last one of each day, named ones aside [default: keep every version]
    #[arg(long, env = "HOLDFAST_KEEP_VERSIONS", value_name = "DURATION")]
    pub keep_versions: Option<Span>,
    /// Proxy whose X-Forwarded-For is believed; may be repeated
    #[arg(
        long,
        env = "HOLDFAST_TRUSTED_PROXY",
        value_name = "ADDRESS",
        value_delimiter = ','
    )]
    pub trusted_proxy: Option<Vec<IpAddr>>,
    /// How log lines look [default: text]
    #[arg(long, env = "HOLDFAST_LOG_FORMAT", value_enum)]
    pub log_format: Option<LogFormat>,
}

/// Why a configuration can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("can't read {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's own words.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{}: {detail}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// Where and what, naming the key.
        detail: String,
    },
    /// An option has a value that can't be.
    #[error("{option}: {detail}")]
    Value {
        /// The option, as a flag.
        option: &'static str,
        /// What is wrong.
        detail: String,
    },
}

impl Options {
    /// Reads a TOML file. A key that is no option is an error.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::File {
            path: path.to_owned(),
            source,
        })?;
        toml::from_str(&text).map_err(|error| ConfigError::Content {
            path: path.to_owned(),
            detail: error.to_string(),
        })
    }

    /// These options, and what they leave open from `file`.
    #[must_use]
    pub fn or(self, file: Self) -> Self {
        Self {
            listen: self.listen.or(file.listen),
            data_dir: self.data_dir.or(file.data_dir),
            database_url: self.database_url.or(file.database_url),
            redis_url: self.redis_url.or(file.redis_url),
            lease_ttl: self.lease_ttl.or(file.lease_ttl),
            grace: self.grace.or(file.grace),
            offer: self.offer.or(file.offer),
            hand_over_wait: self.hand_over_wait.or(file.hand_over_wait),
            idle_holder: self.idle_holder.or(file.idle_holder),
            keep_versions: self.keep_versions.or(file.keep_versions),
            trusted_proxy: self.trusted_proxy.or(file.trusted_proxy),
            log_format: self.log_format.or(file.log_format),
        }
    }

    /// The configuration that these options make, with defaults for the rest.
    pub fn resolve(self) -> Result<Config, ConfigError> {
        refuse_engine("--database-url", self.database_url.as_deref(), "PostgreSQL")?;
        refuse_engine("--redis-url", self.redis_url.as_deref(), "Redis")?;
        let default = Config::default();
        let span = |given: Option<Span>, default| given.map_or(default, |span| span.0);
        let lease_ttl = span(self.lease_ttl, default.lease_ttl);
        // a short lease has a short grace, unless it is said otherwise: a grace as long as the lease would be none
        let grace = default.grace.min(lease_ttl / 2);
        let config = Config {
            listen: self.listen.unwrap_or(default.listen),
            data_dir: self.data_dir.unwrap_or(default.data_dir),
            lease_ttl,
            grace: span(self.grace, grace),
            offer: span(self.offer, default.offer),
            hand_over_wait: span(self.hand_over_wait, default.hand_over_wait),
            idle_holder: span(self.idle_holder, default.idle_holder),
            keep_versions: self.keep_versions.map(|span| span.0),
            trusted_proxies: self.trusted_proxy.unwrap_or_default(),
        };
        config.check()?;
        Ok(config)
    }
}

impl Config {
    fn check(&self) -> Result<(), ConfigError> {
        let refused = |option, detail| Err(ConfigError::Value { option, detail });
        if !(LEASE_TTL_LEAST..=limits::LEASE_TTL_MAX).contains(&self.lease_ttl) {
            let (least, most) = (LEASE_TTL_LEAST, limits::LEASE_TTL_MAX);
            return refused(
                "--lease-ttl",
                format!("is {:?}; {least:?} to {most:?} are allowed", self.lease_ttl),
            );
        }
        if self.keep_versions.is_some_and(|keep| keep < KEEP_VERSIONS_LEAST) {
            return refused("--keep-versions", "is less than a day".to_owned());
        }
        if self.data_dir.as_os_str().is_empty() {
            return refused("--data-dir", "is empty".to_owned());
        }
        Ok(())
    }
}

/// Engines that this build does not have: better no server than one that keeps its data elsewhere than told.
fn refuse_engine(option: &'static str, url: Option<&str>, engine: &str) -> Result<(), ConfigError> {
    url.map_or(Ok(()), |_| {
        let detail = format!("this build has no {engine} engine; without this option it keeps all in SQLite");
        Err(ConfigError::Value { option, detail })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Result<Options, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_flag_beats_the_file_and_the_file_beats_the_default() {
        let flags = Options {
            grace: Some(Span(Duration::from_secs(2))),
            ..Options::default()
        };
        let file = file("grace = '3s'\nlease-ttl = '1min'\ntrusted-proxy = ['10.0.0.1']").unwrap();
        let config = flags.or(file).resolve().unwrap();
        assert_eq!(config.grace, Duration::from_secs(2));
        assert_eq!(config.lease_ttl, Duration::from_secs(60));
        assert_eq!(config.offer, limits::OFFER);
        assert_eq!(config.trusted_proxies.len(), 1);
    }

    #[test]
    fn a_short_lease_has_a_grace_that_fits_unless_told() {
        let resolved = |text: &str| file(text).unwrap().resolve().unwrap().grace;
        assert_eq!(resolved("lease-ttl = '1s'"), Duration::from_millis(500));
        assert_eq!(
            resolved("lease-ttl = '1s'\ngrace = '900ms'"),
            Duration::from_millis(900)
        );
        assert_eq!(resolved("lease-ttl = '1min'"), limits::GRACE);
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_it() {
        assert!(file("lease-tll = '45s'").unwrap_err().contains("lease-tll"));
        assert!(file("lease-ttl = 'soon'").unwrap_err().contains("lease-ttl"));
    }

    #[test]
    fn an_impossible_value_is_refused_by_the_option() {
        let long = Options {
            lease_ttl: Some(Span(Duration::from_secs(7_200))),
            ..Options::default()
        };
        assert!(long.resolve().unwrap_err().to_string().starts_with("--lease-ttl"));
        let postgres = Options {
            database_url: Some("postgres://localhost/holdfast".to_owned()),
            ..Options::default()
        };
        assert!(
            postgres
                .resolve()
                .unwrap_err()
                .to_string()
                .contains("no PostgreSQL engine")
        );
    }
}
