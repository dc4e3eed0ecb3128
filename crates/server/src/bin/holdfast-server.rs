//! The server's command line.

use std::{
    io::{IsTerminal, Read, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use holdfast_server::{
    config::{ConfigError, LogFormat, Options},
    database::PostgresUrl,
    server::{Server, add_user},
};
use tracing_subscriber::EnvFilter;

/// Something about the command line or the configuration.
const USAGE: u8 = 2;
/// Anything else.
const FAILED: u8 = 1;

/// Canvases with one writer at a time.
#[derive(Debug, Parser)]
#[command(name = "holdfast-server", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve until SIGTERM or SIGINT
    Serve {
        /// TOML file with the same options, named as the flags
        #[arg(long, env = "HOLDFAST_CONFIG", value_name = "FILE")]
        config: Option<PathBuf>,
        #[command(flatten)]
        options: Box<Options>,
    },
    /// Accounts
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Add an account; a running server knows it at once
    Add {
        /// Its address, to sign in with
        #[arg(long)]
        email: String,
        /// The name others see
        #[arg(long)]
        name: String,
        /// Read the password from standard input instead of asking
        #[arg(long)]
        password_stdin: bool,
        /// TOML file with the server's options
        #[arg(long, env = "HOLDFAST_CONFIG", value_name = "FILE")]
        config: Option<PathBuf>,
        /// Folder of the database [default: holdfast-data]
        #[arg(long, env = "HOLDFAST_DATA_DIR", value_name = "DIR")]
        data_dir: Option<PathBuf>,
        /// Where documents are kept in PostgreSQL
        #[arg(
            long,
            env = "HOLDFAST_DATABASE_URL",
            value_name = "URL",
            hide_env_values = true
        )]
        database_url: Option<PostgresUrl>,
    },
}

fn main() -> ExitCode {
    let ended = match Arguments::parse().command {
        Command::Serve { config, options } => serve(config, *options),
        Command::User {
            command:
                UserCommand::Add {
                    email,
                    name,
                    password_stdin,
                    config,
                    data_dir,
                    database_url,
                },
        } => {
            let options = Options {
                data_dir,
                database_url,
                ..Options::default()
            };
            add(config, options, &email, &name, password_stdin)
        }
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("holdfast-server: {error:#}");
            ExitCode::from(if error.is::<ConfigError>() { USAGE } else { FAILED })
        }
    }
}

fn with_file(config: Option<PathBuf>, options: Options) -> Result<Options, ConfigError> {
    match config {
        Some(path) => Ok(options.or(Options::read(&path)?)),
        None => Ok(options),
    }
}

fn serve(config: Option<PathBuf>, options: Options) -> anyhow::Result<()> {
    let options = with_file(config, options)?;
    log_to_stderr(options.log_format.unwrap_or_default());
    let config = options.resolve()?;
    runtime()?.block_on(async {
        let signals = Signals::listen()?;
        let server = Server::start(config).await?;
        // A supervisor that does not read the line must not end the server.
        let _ = writeln!(std::io::stdout(), "listening on http://{}", server.address());
        signals.arrive().await;
        tracing::info!("draining");
        server.shutdown().await;
        Ok(())
    })
}

fn add(
    config: Option<PathBuf>,
    options: Options,
    email: &str,
    name: &str,
    password_stdin: bool,
) -> anyhow::Result<()> {
    let config = with_file(config, options)?.resolve()?;
    let password = if password_stdin {
        read_password()?
    } else {
        ask_password()?
    };
    let id = runtime()?.block_on(add_user(&config, email, name, &password))?;
    writeln!(std::io::stdout(), "{id}")?;
    Ok(())
}

/// The password as it comes on standard input, but for the end of its line.
fn read_password() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

fn ask_password() -> anyhow::Result<String> {
    anyhow::ensure!(
        std::io::stdin().is_terminal(),
        "password: there is no terminal to ask on; use --password-stdin"
    );
    let first = rpassword::prompt_password("Password: ")?;
    let again = rpassword::prompt_password("Again: ")?;
    anyhow::ensure!(first == again, "password: the two are not the same");
    Ok(first)
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

fn log_to_stderr(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => lines.json().init(),
    }
}

/// What ends a server from outside. Listened for before it starts, so that none is missed.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            terminate: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?,
        })
    }

    #[cfg(unix)]
    async fn arrive(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    }

    #[cfg(not(unix))]
    async fn arrive(self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
