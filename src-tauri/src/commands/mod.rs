//! What windows may ask. Each command is a few lines: who asks, what of the client answers.
//!
//! Which kind of window may ask what is in `src-tauri/permissions`; that both lists and the windows' own functions
//! agree is tested.

mod app;
mod canvas;
mod conflict;
mod documents;
mod drafts;
mod history;
mod jobs;
mod servers;
mod spaces;

use std::sync::Arc;

use holdfast_client::view::CommandError;
use tauri::{State, ipc::InvokeBody, ipc::Request};

use crate::{host::Host, words};

/// How commands get the host.
type App<'a> = State<'a, Arc<Host>>;
/// What commands answer.
type Answer<T> = Result<T, CommandError>;

/// Registers the commands, and lists their names for the test that compares them with the permissions.
macro_rules! commands {
    ($($module:ident: $($name:ident),* ;)*) => {
        /// What answers the windows.
        pub(crate) fn handler() -> impl Fn(tauri::ipc::Invoke) -> bool + Send + Sync + 'static {
            tauri::generate_handler![$($($module::$name),*),*]
        }

        /// All commands.
        #[cfg(test)]
        pub(crate) const NAMES: &[&str] = &[$($(stringify!($name)),*),*];
    };
}

commands! {
    app: app_state, update_settings, dismiss_notice, focus_window, quit;
    servers: sign_in, sign_out, forget_server, retry_connection;
    spaces: create_workspace, rename_workspace, delete_workspace, members, add_member, change_member, remove_member,
        create_project, rename_project, delete_project;
    documents: watch_documents, create_document, rename_document, move_document, delete_document, duplicate_document,
        open_document, own_locks, release_own_lock, notify_me, document_content, document_file, thumbnail,
        put_thumbnail;
    drafts: draft_content, draft_file, draft_open, draft_save_copy, draft_discard;
    history: history, version_content, restore_version, copy_version, name_version;
    jobs: import_files, export_document, cancel_job;
    canvas: canvas_open, canvas_content, canvas_file, canvas_edit, canvas_add_file, canvas_flushed, canvas_presence,
        canvas_input, canvas_check_again, canvas_start_editing, canvas_stop_editing, canvas_take_over,
        canvas_move_editing_here, canvas_notify_me, canvas_open_copy, canvas_keep_draft_as_copy, canvas_export;
    conflict: canvas_conflict_content, canvas_resolve;
}

/// The raw bytes of a request.
fn body<'a>(request: &'a Request<'_>, what: &str) -> Answer<&'a [u8]> {
    match request.body() {
        InvokeBody::Raw(bytes) => Ok(bytes),
        InvokeBody::Json(_) => Err(words::malformed(what)),
    }
}

/// A header of a request, percent-decoded.
fn header(request: &Request<'_>, name: &str) -> Answer<String> {
    let value = request.headers().get(name).and_then(|value| value.to_str().ok());
    let decoded = value.and_then(|value| percent_encoding::percent_decode_str(value).decode_utf8().ok());
    decoded.map(Into::into).ok_or_else(|| words::malformed(name))
}

/// A header of a request, understood.
fn parsed<T: std::str::FromStr>(request: &Request<'_>, name: &str) -> Answer<T> {
    header(request, name)?.parse().map_err(|_| words::malformed(name))
}
