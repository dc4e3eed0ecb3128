//! A private desktop: one person's screen, session bus, keyring and notifications.
//!
//! Two people in a test are two desktops, as they would be in life: an app that is started twice on one bus hands
//! over to the first (C09), and each person has a keyring and folders of their own. What a desktop should lack can be
//! left out, for nothing is started on demand: the bus knows no services but those started here.

mod windows;

use std::{
    ffi::OsString,
    fs::{self, DirBuilder},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

pub use windows::Window;

use crate::{
    binary::artifacts,
    eventually::{eventually, seconds, until},
    process::Process,
};

/// Where Debian keeps the daemon that shows notifications with buttons.
const NOTIFICATION_DAEMON: &str = "/usr/lib/notification-daemon/notification-daemon";

/// Who shows notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notifications {
    /// `notification-daemon`: popups with buttons that can be clicked.
    Popups,
    /// `dunst`: can be asked to invoke an action by `dunstctl action 0`.
    Dunst,
    /// Nobody.
    Missing,
}

/// What the desktop has.
#[derive(Debug, Clone, Copy)]
pub struct Furniture {
    /// An unlocked Secret Service.
    pub keyring: bool,
    /// Who shows notifications.
    pub notifications: Notifications,
    /// A session bus at all; without one there is neither keyring nor notification.
    pub bus: bool,
    /// Width and height of the screen.
    pub screen: (u32, u32),
}

impl Default for Furniture {
    fn default() -> Self {
        Self {
            keyring: true,
            notifications: Notifications::Popups,
            bus: true,
            screen: (1600, 1000),
        }
    }
}

/// A running desktop. Dropping it ends all that runs on it.
#[derive(Debug)]
pub struct Desktop {
    // in the order of their start; ended in reverse
    processes: Vec<Process>,
    environment: Vec<(&'static str, OsString)>,
    folder: TempDir,
}

impl Desktop {
    /// A desktop with everything.
    pub async fn start() -> Self {
        Self::furnished(Furniture::default()).await
    }

    /// A desktop with what `furniture` says.
    pub async fn furnished(furniture: Furniture) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("desktop")
            .tempdir()
            .expect("a temporary folder");
        let mut desktop = Self {
            processes: Vec::new(),
            environment: private_folders(folder.path()),
            folder,
        };
        desktop.start_screen(furniture.screen).await;
        if furniture.bus {
            desktop.start_bus().await;
            if furniture.keyring {
                desktop.start_keyring().await;
            }
            desktop.start_notifications(furniture.notifications).await;
        }
        desktop
    }

    /// A folder of this desktop's user.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A command that will run on this desktop and nowhere else.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        for name in [
            "WAYLAND_DISPLAY",
            "DBUS_SESSION_BUS_ADDRESS",
            "XAUTHORITY",
            "SESSION_MANAGER",
        ] {
            command.env_remove(name);
        }
        for (name, _) in
            std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HOLDFAST_"))
        {
            command.env_remove(name);
        }
        command.envs(self.environment.iter().map(|(name, value)| (*name, value)));
        command
    }

    /// Starts a program that runs until the desktop ends.
    pub fn run(&mut self, name: &str, command: &mut Command) {
        let process = Process::start(name, self.folder.path(), command);
        self.processes.push(process);
    }

    /// What a program that was started by [`Desktop::run`] has printed so far.
    #[must_use]
    pub fn output(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(format!("{name}.out"))).unwrap_or_default()
    }

    /// Takes a picture of the whole screen to `artifacts/screenshots/NAME.png`; answers where it is.
    ///
    /// # Panics
    ///
    /// Where that fails.
    pub fn screenshot(&self, name: &str) -> PathBuf {
        self.photograph("root", name)
    }

    /// Brings a window to the front and takes a picture of what is in it.
    ///
    /// # Panics
    ///
    /// Where that fails.
    pub async fn screenshot_of(&self, window: &Window, name: &str) -> PathBuf {
        self.raise(window);
        until("the window is in front", seconds(10), async || {
            self.active_title().is_some_and(|title| title == window.title)
        })
        .await;
        self.photograph(&window.id, name)
    }

    fn photograph(&self, window: &str, name: &str) -> PathBuf {
        let (mut command, path) = self.camera(window, name);
        assert!(
            command.status().is_ok_and(|status| status.success()),
            "no picture of {window}"
        );
        path
    }

    /// What takes a picture, and where to.
    pub(crate) fn camera(&self, window: &str, name: &str) -> (Command, PathBuf) {
        let folder = artifacts().join("screenshots");
        fs::create_dir_all(&folder).expect("the folder for pictures");
        let path = folder.join(format!("{name}.png"));
        let mut command = self.command("import");
        command.args(["-window", window]).arg(&path);
        (command, path)
    }

    /// Runs a small program to its end and answers what it printed, if it went well.
    pub(crate) fn ask(&self, program: &str, arguments: &[&str]) -> Option<String> {
        let output = self.command(program).args(arguments).output().ok()?;
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    async fn start_screen(&mut self, (width, height): (u32, u32)) {
        let mut command = self.command("Xvfb");
        command
            .args(["-displayfd", "1", "-nolisten", "tcp", "-noreset", "-screen", "0"])
            .arg(format!("{width}x{height}x24"));
        self.run("xvfb", &mut command);
        let display = eventually("Xvfb names its display", seconds(20), async || {
            let output = self.processes.last()?.output();
            output.strip_suffix('\n').map(|number| format!(":{number}"))
        })
        .await;
        self.environment.push(("DISPLAY", display.into()));
        let mut command = self.command("openbox");
        self.run("openbox", &mut command);
        until("openbox manages windows", seconds(20), async || {
            self.ask("wmctrl", &["-m"]).is_some()
        })
        .await;
    }

    async fn start_bus(&mut self) {
        let config = self.folder.path().join("bus.conf");
        let socket = self.folder.path().join("run/bus");
        fs::write(&config, bus_config(&socket)).expect("the bus's configuration");
        let mut command = self.command("dbus-daemon");
        command.arg("--nofork").arg("--config-file").arg(&config);
        self.run("dbus", &mut command);
        until("the bus listens", seconds(20), async || socket.exists()).await;
        let address = format!("unix:path={}", socket.display());
        self.environment
            .push(("DBUS_SESSION_BUS_ADDRESS", address.into()));
    }

    async fn start_keyring(&mut self) {
        let mut command = self.command("gnome-keyring-daemon");
        command.args(["--foreground", "--unlock", "--components=secrets"]);
        // an empty password, ended by a line break: without it the keyring stays locked
        let process = Process::start_with_input("keyring", self.folder.path(), &mut command, b"\n");
        self.processes.push(process);
        self.owns("org.freedesktop.secrets").await;
    }

    async fn start_notifications(&mut self, notifications: Notifications) {
        let program = match notifications {
            Notifications::Popups => NOTIFICATION_DAEMON,
            Notifications::Dunst => "dunst",
            Notifications::Missing => return,
        };
        let mut command = self.command(program);
        self.run("notifications", &mut command);
        self.owns("org.freedesktop.Notifications").await;
    }

    /// Waits until somebody on the bus answers to `name`.
    async fn owns(&self, name: &str) {
        let what = format!("{name} is on the bus");
        let question = format!("string:{name}");
        let bus = "org.freedesktop.DBus";
        let arguments = [
            "--session",
            "--print-reply",
            "--dest=org.freedesktop.DBus",
            "/",
            &format!("{bus}.NameHasOwner"),
            &question,
        ];
        until(&what, seconds(20), async || {
            self.ask("dbus-send", &arguments)
                .is_some_and(|answer| answer.contains("boolean true"))
        })
        .await;
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        while let Some(process) = self.processes.pop() {
            drop(process);
        }
    }
}

/// The user's own folders, and switches that keep toolkits from looking for services that are not there.
fn private_folders(root: &Path) -> Vec<(&'static str, OsString)> {
    let mut environment: Vec<(&'static str, OsString)> = [
        ("HOME", "home"),
        ("XDG_RUNTIME_DIR", "run"),
        ("XDG_DATA_HOME", "home/data"),
        ("XDG_CONFIG_HOME", "home/config"),
        ("XDG_CACHE_HOME", "home/cache"),
        ("XDG_STATE_HOME", "home/state"),
    ]
    .into_iter()
    .map(|(name, folder)| {
        let path = root.join(folder);
        // the keyring refuses a runtime folder that others can read
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .expect("the user's folders");
        (name, path.into_os_string())
    })
    .collect();
    let switches = [
        ("NO_AT_BRIDGE", "1"),
        ("GSETTINGS_BACKEND", "memory"),
        ("GDK_BACKEND", "x11"),
        ("LC_ALL", "C.UTF-8"),
    ];
    environment.extend(switches.map(|(name, value)| (name, value.into())));
    environment
}

fn bus_config(socket: &Path) -> String {
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#,
        socket.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_has_windows_secrets_notifications_and_pictures() {
        let mut desktop = Desktop::start().await;
        let mut store = desktop.command("sh");
        store.args([
            "-c",
            "printf secret | secret-tool store --label=test service test && secret-tool lookup service test",
        ]);
        let output = store.output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "secret", "{output:?}");

        let mut popup = desktop.command("notify-send");
        popup.args(["--action=open=Open and edit", "--wait", "Free again"]);
        desktop.run("notify", &mut popup);
        desktop.popup().await;
        let picture = desktop.screenshot("testkit-desktop");
        assert!(fs::metadata(picture).unwrap().len() > 1_000);
    }

    #[tokio::test]
    async fn what_is_left_out_is_not_there() {
        let furniture = Furniture {
            keyring: false,
            notifications: Notifications::Missing,
            ..Furniture::default()
        };
        let desktop = Desktop::furnished(furniture).await;
        assert_eq!(desktop.ask("secret-tool", &["lookup", "service", "test"]), None);
        assert_eq!(desktop.ask("notify-send", &["hello"]), None);
        assert!(desktop.windows().is_empty());
    }
}
