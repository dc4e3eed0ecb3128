//! The user's settings, in a file of the config folder.

use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard},
};

use holdfast_client::view::{CommandError, NoticeView, Settings, Theme};
use holdfast_protocol::limits::NAME_CHARS;
use serde::{Deserialize, Serialize};

use crate::{
    folders::Folders,
    json_file::{self, Loaded},
    words,
};

/// The settings and the file they are kept in.
#[derive(Debug)]
pub(crate) struct SettingsFile {
    path: PathBuf,
    current: Mutex<Settings>,
}

/// The file. Each field may be missing: an older version wrote less, a newer one may have renamed some.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    device_name: Option<String>,
    display_name: Option<String>,
    notifications: Option<bool>,
    theme: Option<Theme>,
    close_to_tray: Option<bool>,
    stop_editing_when_lapsed: Option<bool>,
}

impl SettingsFile {
    /// Reads the file; what is missing in it gets its default. A damaged one is set aside, with a notice.
    pub(crate) fn load(folders: &Folders) -> (Self, Option<NoticeView>) {
        let path = folders.config.join("settings.json");
        let (stored, notice) = match json_file::load::<Stored>(&path) {
            Loaded::Missing => (Stored::default(), None),
            Loaded::Read(stored) => (stored, None),
            Loaded::Damaged(damage) => (Stored::default(), Some(words::damaged_settings(&damage))),
        };
        let current = Mutex::new(stored.or_defaults());
        (Self { path, current }, notice)
    }

    /// The settings now.
    pub(crate) fn get(&self) -> Settings {
        self.lock().clone()
    }

    /// Checks, keeps and writes new settings; answers the ones before.
    pub(crate) fn set(&self, settings: &Settings) -> Result<Settings, CommandError> {
        let settings = checked(settings)?;
        let stored = Stored::from(settings.clone());
        json_file::save(&self.path, &stored)
            .map_err(|error| words::cannot_save_settings(&self.path, &error))?;
        Ok(std::mem::replace(&mut *self.lock(), settings))
    }

    fn lock(&self) -> MutexGuard<'_, Settings> {
        crate::host::lock(&self.current)
    }
}

impl Stored {
    fn or_defaults(self) -> Settings {
        let name = |name: Option<String>| name.and_then(|name| name_of(&name));
        Settings {
            device_name: name(self.device_name).unwrap_or_else(device_name),
            display_name: name(self.display_name).unwrap_or_else(display_name),
            notifications: self.notifications.unwrap_or(true),
            theme: self.theme.unwrap_or_default(),
            close_to_tray: self.close_to_tray.unwrap_or(true),
            stop_editing_when_lapsed: self.stop_editing_when_lapsed.unwrap_or(false),
        }
    }
}

impl From<Settings> for Stored {
    fn from(settings: Settings) -> Self {
        Self {
            device_name: Some(settings.device_name),
            display_name: Some(settings.display_name),
            notifications: Some(settings.notifications),
            theme: Some(settings.theme),
            close_to_tray: Some(settings.close_to_tray),
            stop_editing_when_lapsed: Some(settings.stop_editing_when_lapsed),
        }
    }
}

fn checked(settings: &Settings) -> Result<Settings, CommandError> {
    let name = |field: &str, name: &str| name_of(name).ok_or_else(|| words::bad_name(field));
    Ok(Settings {
        device_name: name("device name", &settings.device_name)?,
        display_name: name("your name", &settings.display_name)?,
        ..settings.clone()
    })
}

/// A name as servers take it: without space around it, not empty, not too long.
fn name_of(name: &str) -> Option<String> {
    let name = name.trim();
    let fits = !name.is_empty() && name.chars().count() <= NAME_CHARS && !name.chars().any(char::is_control);
    fits.then(|| name.to_owned())
}

fn device_name() -> String {
    let names = [whoami::devicename(), whoami::hostname()];
    let known = names.into_iter().flatten().find_map(|name| name_of(&name));
    known.unwrap_or_else(|| words::THIS_DEVICE.to_owned())
}

fn display_name() -> String {
    let names = [whoami::realname(), whoami::username()];
    let known = names.into_iter().flatten().find_map(|name| name_of(&name));
    known.unwrap_or_else(|| words::ME.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(folder: &std::path::Path) -> Folders {
        Folders {
            data: folder.join("data"),
            config: folder.join("config"),
            cache: folder.join("cache"),
        }
    }

    #[test]
    fn settings_outlive_the_app() {
        let folder = tempfile::tempdir().unwrap();
        let (file, notice) = SettingsFile::load(&folders(folder.path()));
        assert_eq!(notice, None);
        let changed = Settings {
            device_name: "  Drawing table ".to_owned(),
            theme: Theme::Dark,
            ..file.get()
        };
        file.set(&changed).unwrap();
        let (again, _) = SettingsFile::load(&folders(folder.path()));
        assert_eq!(again.get(), file.get());
        assert_eq!(again.get().device_name, "Drawing table");
    }

    #[test]
    fn a_name_that_servers_refuse_is_refused_here() {
        let folder = tempfile::tempdir().unwrap();
        let (file, _) = SettingsFile::load(&folders(folder.path()));
        let before = file.get();
        for name in [
            String::new(),
            "   ".to_owned(),
            "x".repeat(201),
            "a\nb".to_owned(),
        ] {
            let refused = file.set(&Settings {
                display_name: name.clone(),
                ..before.clone()
            });
            assert_eq!(refused.unwrap_err().code, "invalid", "{name:?}");
        }
        assert_eq!(file.get(), before);
    }

    #[test]
    fn a_damaged_file_is_kept_and_told_of() {
        let folder = tempfile::tempdir().unwrap();
        let folders = folders(folder.path());
        std::fs::create_dir_all(&folders.config).unwrap();
        std::fs::write(folders.config.join("settings.json"), "{\"theme\": \"purple\"}").unwrap();
        let (file, notice) = SettingsFile::load(&folders);
        let notice = notice.unwrap();
        assert_eq!(notice.id, "settings");
        assert!(
            notice.detail.contains("settings.damaged.json"),
            "{}",
            notice.detail
        );
        assert_eq!(file.get().theme, Theme::System);
    }
}
