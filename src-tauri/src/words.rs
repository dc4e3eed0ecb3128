//! What the host itself says to people, in one place: what happened, what is safe, what to do.

use std::{
    fmt::Display,
    io,
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

pub(crate) use holdfast_client::view::sentence;
use holdfast_client::{
    journal::Damage as DamagedJournal,
    view::{CommandError, NoticeView, ServerId, disk_refusal},
};

use crate::json_file::Damage;

/// What the embedded server is called.
pub(crate) const ON_THIS_DEVICE: &str = "On this device";
/// A device whose name is not to be found out.
pub(crate) const THIS_DEVICE: &str = "This device";
/// A user whose name is not to be found out.
pub(crate) const ME: &str = "Me";
/// The library's title.
pub(crate) const LIBRARY: &str = "Holdfast";
/// What the desktop's dialogs call the files.
pub(crate) const DRAWINGS: &str = "Excalidraw drawings";
/// A file of a document whose name makes no file name.
pub(crate) const DRAWING: &str = "drawing";
/// A notification's button.
pub(crate) const OPEN_AND_EDIT: &str = "Open and edit";
/// What a click on a notification does, for those who are read it.
pub(crate) const OPEN: &str = "Open";
/// The server was known and is not connected: no token.
pub(crate) const SIGN_IN_AGAIN: &str = "You are signed out. Sign in again to see its documents.";

/// Lines of the tray's menu.
pub(crate) mod menu {
    pub(crate) const LIBRARY: &str = "Open library";
    pub(crate) const HELD: &str = "Canvases you hold";
    pub(crate) const WAITING: &str = "Waiting for";
    pub(crate) const QUIT: &str = "Quit Holdfast";
}

fn error(code: &str, detail: impl Into<String>) -> CommandError {
    CommandError::of(code, detail.into())
}

fn notice(id: &str, detail: impl Into<String>) -> NoticeView {
    NoticeView {
        id: id.to_owned(),
        detail: sentence(&detail.into()),
    }
}

pub(crate) fn canvas_title(name: &str, editable: bool) -> String {
    let ending = if editable { "" } else { " (read-only)" };
    format!("{name} — Holdfast{ending}")
}

pub(crate) fn free_again(name: &str) -> String {
    format!("“{name}” is free to edit")
}

pub(crate) const FREE_AGAIN_BODY: &str = "Whoever opens it first may edit it.";

pub(crate) fn given_back(name: &str) -> String {
    format!("You stopped editing “{name}”")
}

pub(crate) const GIVEN_BACK_BODY: &str =
    "Nothing was drawn for a long time. Everything is saved, and others may edit it now.";

pub(crate) fn kept(name: &str, changes: u32) -> String {
    match changes {
        1 => format!("1 change to “{name}” did not reach the server and is kept on this device"),
        more => format!("{more} changes to “{name}” did not reach the server and are kept on this device"),
    }
}

// --- errors of commands ---

pub(crate) fn unknown_server(server: &ServerId) -> CommandError {
    error(
        "unauthenticated",
        format!("You are not signed in to {}. Sign in and try again.", server.0),
    )
}

pub(crate) fn not_a_canvas() -> CommandError {
    error(
        "not_found",
        "This window's canvas is closed. Open it again from the library.",
    )
}

pub(crate) fn no_such_draft() -> CommandError {
    error("not_found", "This draft is not there any more.")
}

pub(crate) fn no_such_window(label: &str) -> CommandError {
    error("not_found", format!("There is no window {label} any more."))
}

pub(crate) fn bad_address(address: &str) -> CommandError {
    error(
        "invalid",
        format!("“{address}” is no address of a server. It looks like https://draw.example.org."),
    )
}

pub(crate) fn wrong_password() -> CommandError {
    error(
        "wrong_password",
        "The email or the password is wrong. Check both and try again.",
    )
}

pub(crate) fn bad_name(field: &str) -> CommandError {
    error(
        "invalid",
        format!("The {field} needs 1 to 200 characters, without line breaks."),
    )
}

pub(crate) fn cannot_save_settings(path: &Path, why: &io::Error) -> CommandError {
    tracing::warn!(path = %path.display(), error = %why, "the settings could not be saved");
    error(
        "disk",
        format!(
            "The settings could not be saved to {}: {}. They are as they were.",
            path.display(),
            disk_refusal(why)
        ),
    )
}

pub(crate) fn malformed(what: &str) -> CommandError {
    error(
        "invalid",
        format!("{what} was not understood. Reload the window and try again."),
    )
}

pub(crate) fn not_a_drawing(path: &Path) -> CommandError {
    error(
        "bad_file",
        format!("{} is no .excalidraw file. Nothing was imported.", path.display()),
    )
}

pub(crate) fn bad_export_path(path: &Path) -> CommandError {
    error(
        "bad_file",
        format!(
            "{} is no full path of an .excalidraw file. Nothing was written.",
            path.display()
        ),
    )
}

pub(crate) fn bad_thumbnail(why: &str) -> CommandError {
    error("bad_file", format!("The thumbnail was not kept: {why}."))
}

pub(crate) fn window_failed(why: &dyn Display) -> CommandError {
    tracing::error!(error = %why, "a window could not be opened");
    error(
        "internal",
        "The window could not be opened. Nothing was changed; try again.",
    )
}

pub(crate) fn local_server_stays() -> CommandError {
    error(
        "invalid",
        "“On this device” is part of the app and can't be signed out or forgotten.",
    )
}

// --- notices ---

pub(crate) fn damaged_settings(damage: &Damage) -> NoticeView {
    notice(
        "settings",
        format!(
            "The settings file can't be used, so defaults are. It is kept as {}. \
             Your documents are not affected. Open the settings to set them anew.",
            damage.kept_at.display()
        ),
    )
}

pub(crate) fn damaged_accounts(damage: &Damage) -> NoticeView {
    notice(
        "servers",
        format!(
            "The list of servers can't be used. It is kept as {}. \
             Your documents are safe on their servers. Sign in to them again.",
            damage.kept_at.display()
        ),
    )
}

pub(crate) fn no_keychain(why: &dyn Display) -> NoticeView {
    notice("no_keychain", why.to_string())
}

pub(crate) fn no_notifications(why: &dyn Display) -> NoticeView {
    tracing::info!(error = %why, "the desktop shows no notifications");
    notice(
        "no_notifications",
        "This desktop shows no notifications. A canvas that you wait for will say so in the library instead. \
         Start a notification service to be told while the windows are closed.",
    )
}

pub(crate) fn no_tray() -> NoticeView {
    notice(
        "no_tray",
        "This desktop has no tray. Holdfast works as usual, but closing its last window quits it, and then nobody \
         tells you when a canvas is free.",
    )
}

pub(crate) fn data_folder(why: &dyn Display, instead: &Path) -> NoticeView {
    notice(
        "data_folder",
        format!(
            "{} Until that is mended, “On this device” is not available, and edits that have not reached \
             their server yet are kept in {}, which the system may clear. Make the folder writable and start Holdfast again.",
            sentence(&why.to_string()),
            instead.display()
        ),
    )
}

pub(crate) fn local_server(why: &dyn Display) -> NoticeView {
    notice(
        "local_server",
        format!(
            "“On this device” could not be started: {} Its documents are safe on disk, and other \
             servers work. It is tried again by itself.",
            sentence(&why.to_string())
        ),
    )
}

pub(crate) fn free_but_silent(document: &str, name: &str) -> NoticeView {
    notice(
        &format!("free-{document}"),
        format!("“{name}” is free to edit. Open it to start."),
    )
}

pub(crate) fn kept_changes(document: &str, name: &str, changes: u32) -> NoticeView {
    notice(
        &format!("kept-{document}"),
        format!("{}. Nothing is lost.", kept(name, changes)),
    )
}

/// One notice a journal: each names another file.
pub(crate) fn damaged_journal(damage: &DamagedJournal) -> NoticeView {
    static DAMAGED: AtomicU32 = AtomicU32::new(1);
    let number = DAMAGED.fetch_add(1, Ordering::Relaxed);
    let what = match &damage.name {
        Some(name) => format!("unsaved changes to “{name}”"),
        None => "unsaved changes to a canvas".to_owned(),
    };
    if damage.pictures > 0 {
        return notice(
            &format!("journal-{number}"),
            format!(
                "Pictures among {what} can't be read any more, as after a power cut: {}. Put them in again; all else is safe.",
                damage.pictures
            ),
        );
    }
    let safe = match damage.changes {
        0 => "Nothing else is in it.".to_owned(),
        1 => "1 other change in it is safe: see Drafts.".to_owned(),
        more => format!("{more} other changes in it are safe: see Drafts."),
    };
    let kept = match &damage.kept_at {
        Some(path) => format!("The file as it was found is kept as {}.", path.display()),
        None => "The file stays as it was found: the disk took no copy of it.".to_owned(),
    };
    notice(
        &format!("journal-{number}"),
        format!(
            "A file with {what} is damaged, as after a power cut: {} bytes of it can't be read. {safe} {kept}",
            damage.bytes
        ),
    )
}

/// Each is shown until it has been read: several may arrive at once.
pub(crate) fn arrival_failed(why: &dyn Display) -> NoticeView {
    static ARRIVED: AtomicU32 = AtomicU32::new(1);
    let number = ARRIVED.fetch_add(1, Ordering::Relaxed);
    notice(&format!("arrival-{number}"), why.to_string())
}

pub(crate) fn could_not_open(what: &str, why: &dyn Display) -> String {
    format!("{what} could not be opened: {}", sentence(&why.to_string()))
}

pub(crate) fn link_elsewhere() -> &'static str {
    "none of the servers that you are signed in to has this document, or you may not see it. \
     Sign in to its server and open the link again"
}

pub(crate) fn not_imported(path: &Path, why: &dyn Display) -> String {
    format!(
        "{} was not imported: {}",
        path.display(),
        sentence(&why.to_string())
    )
}

pub(crate) fn nowhere_to_import() -> &'static str {
    "“On this device” is not available, and you are not signed in to any other server"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c02_a_title_says_that_a_canvas_is_read_only() {
        assert_eq!(canvas_title("Plan", true), "Plan — Holdfast");
        assert_eq!(canvas_title("Plan", false), "Plan — Holdfast (read-only)");
    }

    #[test]
    fn kept_changes_are_counted_in_words() {
        assert!(kept("Plan", 1).starts_with("1 change to “Plan”"));
        assert!(kept("Plan", 3).starts_with("3 changes to “Plan”"));
    }
}
