//! Saving that fails: what counts as an answer, what the user is told, and that nothing goes with it (X01).

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::join_all;
use holdfast_client::{
    ClientConfig,
    connection::{Dial, DialError, FrameSink, FrameStream, WebSocketDial},
    credentials::Token,
    view::{CanvasState, SaveView},
};
use holdfast_testkit::{
    self as testkit, Server,
    eventually::until,
    network::{Imposter, Link},
    seconds,
};
use url::Url;

use crate::studio::{self, App, SOON, at_server, saved, shows, stroke};

/// Sockets go to the server by a way of their own, whatever becomes of requests.
#[derive(Debug)]
struct Direct(Url);

#[async_trait]
impl Dial for Direct {
    async fn dial(
        &self,
        _: &Url,
        token: &Token,
        user_agent: &str,
    ) -> Result<(FrameSink, FrameStream), DialError> {
        WebSocketDial.dial(&self.0, token, user_agent).await
    }
}

/// An app whose requests go through a link, and whose socket does not.
async fn app(ada: &testkit::Client, link: &Link) -> App {
    with_socket(ada, link, ada.base()).await
}

/// An app whose requests go through a link, and whose socket goes another way.
async fn with_socket(ada: &testkit::Client, link: &Link, socket: &str) -> App {
    let folder = tempfile::tempdir().unwrap();
    let config = ClientConfig {
        dial: Arc::new(Direct(socket.parse().unwrap())),
        ..studio::config(&folder, "Ada's laptop")
    };
    App::with(ada, &link.url(), folder, config).await
}

fn failing(state: &CanvasState) -> Option<(String, u32, bool)> {
    match &state.save {
        SaveView::Failing {
            detail,
            pending,
            on_disk,
            ..
        } => Some((detail.clone(), *pending, *on_disk)),
        _ => None,
    }
}

/// An imposter answers while somebody draws; all that was drawn is saved once it has gone. Answers what was told.
async fn drawn_behind(imposter: Imposter) -> String {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let link = Link::to(server.address()).await;
    let app = app(&ada, &link).await;
    let canvas = app.edit(&document, "canvas-a").await;
    link.impersonate(imposter);
    canvas.edit(stroke("kept")).await.unwrap();
    let state = shows(&canvas, "saving fails", |state| failing(state).is_some()).await;
    let (detail, pending, on_disk) = failing(&state).unwrap();
    assert_eq!((pending, on_disk), (1, true), "{imposter:?}");
    assert!(link.faults().impersonated > 0, "{imposter:?} has answered");
    assert!(at_server(&ada, &document).await.is_empty(), "{imposter:?}");
    link.mend();
    // as the user's “Try again” does
    app.server.retry();
    saved(&canvas).await;
    assert_eq!(at_server(&ada, &document).await, ["kept"]);
    detail
}

#[tokio::test]
async fn x01_nobody_else_s_answer_is_taken_for_the_server_s_and_the_user_is_told_in_sentences() {
    let refusal = |status| Imposter::Refusal {
        status,
        retry_after: 3_600,
    };
    let imposters = [
        (Imposter::CaptivePortal, "sign-in page"),
        (Imposter::Garbage, "can't be reached"),
        (refusal(429), "again later"),
        (refusal(500), "again later"),
        (refusal(503), "again later"),
    ];
    let told = join_all(imposters.map(|(imposter, words)| async move {
        let detail = drawn_behind(imposter).await;
        assert!(detail.contains(words), "{imposter:?}: {detail}");
        detail
    }))
    .await;
    for detail in told {
        let first = detail.chars().next().unwrap();
        assert!(first.is_uppercase() && detail.ends_with('.'), "{detail}");
        assert!(detail.contains("tried again by itself"), "{detail}");
        for word in ["os error", "HTTP", "error:"] {
            assert!(!detail.contains(word), "{detail}");
        }
    }
}

#[tokio::test]
async fn c04_a_page_is_no_word_that_a_lock_was_released() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let link = Link::to(server.address()).await;
    let app = app(&ada, &link).await;
    let canvas = app.edit(&document, "canvas-a").await;
    link.impersonate(Imposter::CaptivePortal);
    let answered = async || app.server.api().me().await.is_err() && link.faults().impersonated > 0;
    until("a page answers", SOON, answered).await;
    let before = link.faults().impersonated;
    let report = canvas.close(seconds(2)).await;
    assert!(!report.released, "a page said so, no server");
    assert!(link.faults().impersonated > before);
    assert!(studio::holder(&ada, &document).await.is_some());
}

#[tokio::test]
async fn c04_a_closing_window_waits_for_no_backoff() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let link = Link::to(server.address()).await;
    let app = app(&ada, &link).await;
    let canvas = app.edit(&document, "canvas-a").await;
    link.impersonate(Imposter::Refusal {
        status: 503,
        retry_after: 3_600,
    });
    canvas.edit(stroke("kept")).await.unwrap();
    shows(&canvas, "saving fails", |state| failing(state).is_some()).await;
    link.mend();
    let report = canvas.close(studio::BUDGET).await;
    assert_eq!((report.kept_changes, report.released), (0, true));
    assert_eq!(at_server(&ada, &document).await, ["kept"]);
    assert!(link.faults().impersonated > 0);
}

#[tokio::test]
async fn x01_a_strange_answer_to_the_question_who_the_server_is_does_not_end_the_asking() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let link = Link::to(server.address()).await;
    let socket = Link::to(server.address()).await;
    let app = with_socket(&ada, &link, &socket.url()).await;
    let canvas = app.edit(&document, "canvas-a").await;
    link.impersonate(Imposter::Stranger);
    socket.cut();
    // the drawing and who made it are asked for at once
    until("the drawing was asked for in vain", SOON, async || {
        link.faults().impersonated >= 2
    })
    .await;
    link.mend();
    canvas.edit(stroke("kept")).await.unwrap();
    saved(&canvas).await;
    assert_eq!(at_server(&ada, &document).await, ["kept"]);
    assert!(socket.faults().reset > 0);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn x01_a_full_disk_is_told_at_once_and_over_once_there_is_room() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let link = Link::to(server.address()).await;
    let app = App::through(&ada, &link).await;
    let canvas = app.edit(&document, "canvas-a").await;
    link.cut();
    canvas.edit(stroke("one")).await.unwrap();
    let journal = journal_of(app.folder.path());
    std::fs::remove_file(&journal).unwrap();
    std::os::unix::fs::symlink("/dev/full", &journal).unwrap();
    let refused = canvas.edit(stroke("two")).await.unwrap_err();
    assert_eq!(refused.code, "disk");
    let told = tokio::time::timeout(
        seconds(1),
        shows(&canvas, "it is told", |state| failing(state).is_some()),
    );
    let (detail, pending, on_disk) = failing(&told.await.expect("at once")).unwrap();
    assert!(
        detail.contains("The edits can't be written") && detail.contains("disk is full"),
        "{detail}"
    );
    assert_eq!((pending, on_disk), (2, false));
    canvas
        .edit(stroke("two"))
        .await
        .expect("it is in memory already, and the state says that it is nowhere else");
    assert!(matches!(failing(&canvas.state().borrow()), Some((_, 2, false))));

    std::fs::remove_file(&journal).unwrap();
    shows(&canvas, "there is room again", |state| failing(state).is_none()).await;
    let next = holdfast_client::journal::Shelf::open(app.folder.path()).unwrap();
    assert_eq!(
        next.drafts().await[0].changes,
        2,
        "both are on disk, and nobody did anything"
    );
    link.mend();
    saved(&canvas).await;
    until("all is at the server", SOON, async || {
        at_server(&ada, &document).await.len() == 2
    })
    .await;
    assert!(link.faults().reset > 0);
}

/// The one journal in a data folder.
#[cfg(target_os = "linux")]
fn journal_of(folder: &std::path::Path) -> std::path::PathBuf {
    let mut folders = vec![folder.join("journal")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "journal") {
                return path;
            }
        }
    }
    panic!("no journal in {}", folder.display());
}
