//! Import and export: longer work with progress, and the desktop's own dialogs for files.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use holdfast_client::view::{Progress, ScopeView, ServerId};
use holdfast_protocol::DocumentId;
use tauri::{WebviewWindow, ipc::Channel};
use tauri_plugin_dialog::{DialogExt as _, FileDialogBuilder, FilePath};
use tokio::sync::oneshot;

use super::{Answer, App};
use crate::{event_bridge, words};

/// How drawings' files end.
pub(super) const EXTENSION: &str = "excalidraw";

#[tauri::command]
pub(super) async fn import_files(
    window: WebviewWindow,
    host: App<'_>,
    server: ServerId,
    scope: ScopeView,
    paths: Option<Vec<PathBuf>>,
    channel: Channel<Progress>,
) -> Answer<()> {
    let server = host.server(&server)?;
    let paths = match paths {
        Some(paths) => paths,
        None => ask_for_files(&window).await,
    };
    if let Some(other) = paths.iter().find(|path| !is_drawing(path)) {
        return Err(words::not_a_drawing(other));
    }
    for path in paths {
        let job = server.import(path, scope.clone());
        event_bridge::job(&host, job, channel.clone());
    }
    Ok(())
}

#[tauri::command]
pub(super) async fn export_document(
    window: WebviewWindow,
    host: App<'_>,
    server: ServerId,
    id: DocumentId,
    path: Option<PathBuf>,
    channel: Channel<Progress>,
) -> Answer<()> {
    let server = host.server(&server)?;
    let path = match path {
        Some(path) if path.is_absolute() && is_drawing(&path) => Some(path),
        Some(path) => return Err(words::bad_export_path(&path)),
        None => {
            let name = server.api().document(id).await?.name;
            ask_where_to(&window, &name).await
        }
    };
    if let Some(path) = path {
        event_bridge::job(&host, server.export(id, path), channel);
    }
    Ok(())
}

#[tauri::command]
pub(super) async fn cancel_job(host: App<'_>, job: String) -> Answer<()> {
    host.jobs.cancel(&job);
    Ok(())
}

/// What can be read from and written to at a page's wish is limited to drawings.
fn is_drawing(path: &Path) -> bool {
    path.extension()
        .and_then(OsStr::to_str)
        .is_some_and(|extension| extension.eq_ignore_ascii_case(EXTENSION))
}

fn dialog(window: &WebviewWindow) -> FileDialogBuilder<tauri::Wry> {
    let dialog = window.dialog().file();
    dialog
        .add_filter(words::DRAWINGS, &[EXTENSION])
        .set_parent(window)
}

/// The files that the user chooses; none where the dialog is cancelled.
async fn ask_for_files(window: &WebviewWindow) -> Vec<PathBuf> {
    let (answer, asked) = oneshot::channel();
    dialog(window).pick_files(move |files| {
        let _ = answer.send(files);
    });
    let files = asked.await.ok().flatten().unwrap_or_default();
    files.into_iter().filter_map(local).collect()
}

/// Where the user wants a document of this name; none where the dialog is cancelled.
pub(super) async fn ask_where_to(window: &WebviewWindow, name: &str) -> Option<PathBuf> {
    let (answer, asked) = oneshot::channel();
    let proposed = format!("{}.{EXTENSION}", file_name(name));
    dialog(window).set_file_name(proposed).save_file(move |file| {
        let _ = answer.send(file);
    });
    let mut path = asked.await.ok().flatten().and_then(local)?;
    if !is_drawing(&path) {
        path.as_mut_os_string().push(format!(".{EXTENSION}"));
    }
    Some(path)
}

fn local(file: FilePath) -> Option<PathBuf> {
    file.into_path().ok()
}

/// A document's name without what file names can't have on some system.
fn file_name(name: &str) -> String {
    let allowed = |character: char| {
        if character.is_control() || "/\\:*?\"<>|".contains(character) {
            '-'
        } else {
            character
        }
    };
    let name: String = name.chars().map(allowed).take(100).collect();
    let name = name.trim_matches(['.', ' ']);
    if name.is_empty() {
        words::DRAWING.to_owned()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposed_file_name_is_one_on_every_system() {
        assert_eq!(file_name("Landing page"), "Landing page");
        assert_eq!(file_name("a/b: \"c\"?"), "a-b- -c--");
        assert_eq!(file_name("../../etc/passwd"), "-..-etc-passwd");
        assert_eq!(file_name(" . "), words::DRAWING);
    }

    #[test]
    fn c07_a_page_reaches_drawings_only() {
        assert!(is_drawing(Path::new("/home/ada/plan.excalidraw")));
        assert!(is_drawing(Path::new("/home/ada/PLAN.Excalidraw")));
        for other in [
            "/etc/passwd",
            "/home/ada/.ssh/id_ed25519",
            "/home/ada/excalidraw",
            "/x.excalidraw/y",
        ] {
            assert!(!is_drawing(Path::new(other)), "{other}");
        }
    }
}
