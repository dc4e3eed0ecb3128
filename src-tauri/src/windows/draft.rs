//! A draft of the shelf, opened in its canvas's window.

use std::time::Duration;

use holdfast_client::{
    Canvas,
    journal::DraftId,
    view::{CommandError, DraftView},
};
use tokio::time::{Instant, sleep};

use super::{Mode, open};
use crate::{host::Shared, words};

/// How long a canvas may be busy with what it does by itself, as with the edits that a crash has left, before it is asked
/// for nothing more.
const BUSY_WITHIN: Duration = Duration::from_secs(20);
/// When it is asked again.
const AGAIN: Duration = Duration::from_millis(150);

/// Opens the draft's canvas, or brings it to the front, and goes on with the draft there (X03). Where others have saved
/// meanwhile that window asks what shall become of it.
pub(crate) async fn open_draft(host: &Shared, id: &DraftId) -> Result<(), CommandError> {
    let draft = find(host, id).ok_or_else(words::no_such_draft)?;
    open(host, &draft.server, draft.document_id, Mode::Edit).await?;
    let canvas = host.windows.showing(&draft.server, draft.document_id);
    let canvas = canvas.ok_or_else(words::not_a_canvas)?;
    match go_on(&canvas, id).await {
        // what a crash has left is gone on with as soon as its canvas opens
        Err(error) if error.code == "not_found" && !is_on_shelf(host, id).await => Ok(()),
        answer => answer,
    }
}

fn find(host: &Shared, id: &DraftId) -> Option<DraftView> {
    let drafts = host.client.draft_views();
    let drafts = drafts.borrow();
    drafts.iter().find(|draft| draft.id == id.0).cloned()
}

async fn is_on_shelf(host: &Shared, id: &DraftId) -> bool {
    host.client.drafts().await.iter().any(|draft| draft.id == *id)
}

async fn go_on(canvas: &Canvas, id: &DraftId) -> Result<(), CommandError> {
    let until = Instant::now() + BUSY_WITHIN;
    loop {
        match canvas.open_draft(id).await {
            Err(error) if error.code == "unavailable" && Instant::now() < until => sleep(AGAIN).await,
            answer => return answer,
        }
    }
}
