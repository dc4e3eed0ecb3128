//! From the command line to the running event loop, and the messages where that fails.

use std::{process::ExitCode, sync::Arc};

use holdfast_client::{
    Client, ClientConfig,
    view::{CommandError, NoticeView},
};
use tauri::{AppHandle, Manager as _, RunEvent, WindowEvent};
use tauri_plugin_window_state::StateFlags;
use tokio::sync::mpsc;

use crate::{
    accounts::Accounts,
    app_state,
    arguments::{self, Arrival, Misunderstood, Request},
    arrivals::{self, HandedOver},
    commands, environment,
    folders::{Folders, IDENTIFIER, NotOurs, OVERRIDE},
    host::{Claim, Host, Parts, Shared},
    local_server, logging, notifications,
    settings::SettingsFile,
    shutdown, sign_in, tray, windows, words,
};

/// Why the app did not start.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error("{0}\n\n{usage}", usage = arguments::USAGE)]
    Arguments(#[from] Misunderstood),
    #[error(transparent)]
    Display(#[from] environment::NoDisplay),
    #[error(transparent)]
    Duration(#[from] environment::NoDuration),
    #[error("{0}")]
    AlreadyRunning(NotOurs),
    #[error("no folder can be written, not even a temporary one: {0}")]
    NoFolder(String),
    #[error("the windows' system could not be started: {0}")]
    Windows(#[from] tauri::Error),
}

impl StartError {
    /// 2 for a wrong call, as shells do; 69 and 75 are `EX_UNAVAILABLE` and `EX_TEMPFAIL` of `sysexits.h`.
    fn code(&self) -> u8 {
        match self {
            Self::Arguments(_) | Self::Duration(_) => 2,
            Self::Display(_) => 69,
            Self::AlreadyRunning(_) => 75,
            Self::NoFolder(_) | Self::Windows(_) => 1,
        }
    }
}

/// Runs the app to its end.
pub(crate) fn run() -> ExitCode {
    match start() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("holdfast: {error}");
            ExitCode::from(error.code())
        }
    }
}

fn start() -> Result<ExitCode, StartError> {
    let here = std::env::current_dir().unwrap_or_default();
    let words = std::env::args_os()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned());
    let arrivals = match arguments::read(words, &here)? {
        Request::Open(arrivals) => arrivals,
        Request::Help => {
            println!("{}", arguments::USAGE);
            return Ok(ExitCode::SUCCESS);
        }
        Request::Version => {
            println!("holdfast {}", env!("CARGO_PKG_VERSION"));
            return Ok(ExitCode::SUCCESS);
        }
    };
    if let Some(code) = environment::prefer() {
        return Ok(code);
    }
    environment::display()?;

    let folders = Folders::find();
    let (hand_over, handed_over) = mpsc::unbounded_channel();
    // A second start ends in here, after it has handed over.
    let app = build(&folders, hand_over)?;
    let (folders, claim, told) = claim(folders)?;
    let logs = logging::start(&folders);
    let host = host(app.handle(), folders, claim, told)?;
    app.manage(Arc::clone(&host));

    let mut first = Some((arrivals, handed_over));
    let code = app.run_return(move |_, event| match event {
        RunEvent::Ready => {
            if let Some((arrivals, handed_over)) = first.take() {
                ready(&host, arrivals, handed_over);
            }
        }
        RunEvent::WindowEvent {
            label,
            event: WindowEvent::CloseRequested { api, .. },
            ..
        } => windows::request(&host, &label, &api),
        RunEvent::ExitRequested { code, api, .. } => shutdown::exit_requested(&host, code, &api),
        RunEvent::Exit => shutdown::exiting(&host),
        #[cfg(target_os = "macos")]
        RunEvent::Opened { urls } => {
            let opened = urls
                .iter()
                .filter_map(|url| arguments::arrival(url.as_str(), std::path::Path::new("/")).ok());
            arrivals::open(&host, opened.collect());
        }
        _ => {}
    });
    // What is not logged yet is written now.
    drop(logs);
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

fn build(folders: &Folders, hand_over: mpsc::UnboundedSender<HandedOver>) -> Result<tauri::App, StartError> {
    let single_instance = tauri_plugin_single_instance::Builder::new()
        .dbus_id(bus_name(folders))
        .callback(move |_, arguments, folder| {
            // Where nobody listens any more the app is ending; the other start has been told nothing yet.
            let _ = hand_over.send(HandedOver {
                arguments,
                folder: folder.into(),
            });
        });
    let window_state = tauri_plugin_window_state::Builder::new()
        // Where windows go is the desktop's affair; on Wayland a window can't even know.
        .with_state_flags(StateFlags::SIZE | StateFlags::MAXIMIZED)
        // Each canvas window has a label of its own; they share one size.
        .map_label(|label| {
            if label.starts_with(windows::CANVAS) {
                "canvas"
            } else {
                label
            }
        });
    let builder = tauri::Builder::default()
        .plugin(single_instance.build())
        .plugin(tauri_plugin_deep_link::init())
        .plugin(window_state.build())
        .plugin(tauri_plugin_dialog::init())
        .invoke_handler(commands::handler());
    Ok(builder.build(tauri::generate_context!())?)
}

/// Two apps with data folders of their own are two apps.
fn bus_name(folders: &Folders) -> String {
    use sha2::{Digest as _, Sha256};

    if std::env::var_os(OVERRIDE).is_none_or(|folder| folder.is_empty()) {
        return IDENTIFIER.to_owned();
    }
    let hash = Sha256::digest(folders.data.as_os_str().as_encoded_bytes());
    let hash: String = hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("{IDENTIFIER}.d{hash}")
}

/// Claims the data folder. One that can't be written is stood in for by a temporary one, and the user is told: servers
/// elsewhere can still be worked with.
fn claim(folders: Folders) -> Result<(Folders, Claim, Option<NoticeView>), StartError> {
    let failed = match folders.claim() {
        Ok(file) => return Ok((folders, Claim::Locked(file), None)),
        Err(running @ NotOurs::Running(_)) => return Err(StartError::AlreadyRunning(running)),
        Err(failed) => failed,
    };
    let temporary = tempfile::Builder::new().prefix("holdfast-").tempdir();
    let temporary = temporary.map_err(|error| StartError::NoFolder(error.to_string()))?;
    let notice = words::data_folder(&failed, temporary.path());
    let folders = Folders {
        data: temporary.path().to_owned(),
        ..folders
    };
    Ok((folders, Claim::Temporary(temporary), Some(notice)))
}

fn host(
    app: &AppHandle,
    folders: Folders,
    claim: Claim,
    told: Option<NoticeView>,
) -> Result<Shared, StartError> {
    let (settings, settings_notice) = SettingsFile::load(&folders);
    let (accounts, accounts_notice) = Accounts::load(&folders);
    let mut config = ClientConfig::new(folders.client(), settings.get().device_name);
    config.stop_editing_when_lapsed = settings.get().stop_editing_when_lapsed;
    if let Some(after) = environment::idle_release()? {
        config.idle_release = after;
    }
    let client = tauri::async_runtime::block_on(async { Client::new(config) });
    let client = client.map_err(|CommandError { detail, .. }| StartError::NoFolder(detail))?;
    Ok(Host::new(Parts {
        app: app.clone(),
        client,
        folders,
        claim,
        settings,
        accounts,
        notices: [told, settings_notice, accounts_notice]
            .into_iter()
            .flatten()
            .collect(),
    }))
}

/// The event loop runs: shows what was asked for at once, and fills it while people look.
fn ready(host: &Shared, arrivals: Vec<Arrival>, handed_over: mpsc::UnboundedReceiver<HandedOver>) {
    windows::set_theme(&host.app, host.settings.get().theme);
    tray::start(host);
    tauri::async_runtime::spawn(app_state::publish(Arc::clone(host)));
    tauri::async_runtime::spawn(app_state::follow_drafts(Arc::clone(host)));
    tauri::async_runtime::spawn(notifications::listen(Arc::clone(host)));
    tauri::async_runtime::spawn(shutdown::on_signals(Arc::clone(host)));
    tauri::async_runtime::spawn(arrivals::listen(Arc::clone(host), handed_over));
    arrivals::open(host, arrivals);
    let host = Arc::clone(host);
    tauri::async_runtime::spawn(async move {
        // The keychain's answers take their time; the embedded server does not wait for them.
        let elsewhere = tauri::async_runtime::spawn(sign_in::restore(Arc::clone(&host)));
        let notifying = tauri::async_runtime::spawn(notifications::check(Arc::clone(&host)));
        local_server::start(&host).await;
        let _ = elsewhere.await;
        host.set_ready();
        host.touch();
        let _ = notifying.await;
        local_server::keep_starting(host).await;
    });
}
