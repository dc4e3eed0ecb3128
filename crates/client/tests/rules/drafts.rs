//! Edits that outlive the program that took them, and the shelf that they lie on.

use holdfast_client::{
    Client, DraftCopy,
    journal::{Draft, Shelf},
    view::{DraftReason, DraftView, LockView, ServerId},
};
use holdfast_testkit::{self as testkit, Server, eventually::until, network::Link};

use crate::studio::{
    self, App, SOON, add_server, at_server, connected, draft, rectangle, saved, shows, stroke,
};

#[tokio::test]
async fn x07_a_killed_app_s_edits_are_offered_by_the_next_one() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let link = Link::to(server.address()).await;
    let app = App::through(&ada, &link).await;
    let canvas = app.edit(&document, "canvas-a").await;
    canvas.edit(stroke("saved")).await.unwrap();
    let base = studio::saved(&canvas).await;
    link.cut();
    canvas.edit(stroke("kept")).await.unwrap();

    // the first one is as good as killed: nothing of it is closed, and its folder is all that the next one has
    let next = Client::new(studio::config(&app.folder, "Ada's laptop")).unwrap();
    let server_again = add_server(&next, &ada, ada.base());
    connected(&server_again).await;
    let draft = draft(&next, canvas.document()).await;
    assert_eq!(
        (draft.changes, draft.base_version, draft.name.as_str()),
        (1, base, "Plan")
    );
    assert_eq!(&draft.server, server_again.id());

    let copy = next.save_draft_as_copy(&draft.id, None).await.unwrap().document;
    let mut elements = studio::at_server(&ada, &copy.to_string()).await;
    elements.sort();
    assert_eq!(elements, ["kept", "saved"]);
    let copied = ada.get(&format!("/v1/documents/{copy}")).await.ok(200);
    assert_eq!(copied["name"], "Plan (copy)");
    assert!(next.drafts().await.is_empty());
    let missing = next.discard_draft(&draft.id).await.unwrap_err();
    assert_eq!(missing.code, "not_found");
    assert!(link.faults().reset > 0);
}

#[tokio::test]
async fn a_folder_that_can_t_be_written_is_said_so_before_anything_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data");
    std::fs::write(&file, b"a file, where a folder should be").unwrap();
    let refused = Client::new(holdfast_client::ClientConfig::new(&file, "x")).unwrap_err();
    assert_eq!(refused.code, "disk");
    assert!(refused.detail.contains(&file.display().to_string()));
}

/// An app whose window closed out of reach with one edit that the server does not have, and its draft.
async fn kept(ada: &testkit::Client, server: &Server, document: &str) -> (App, Link, Draft) {
    let link = Link::to(server.address()).await;
    let app = App::through(ada, &link).await;
    let canvas = app.edit(document, "canvas-a").await;
    canvas.edit(stroke("saved")).await.unwrap();
    saved(&canvas).await;
    link.cut();
    canvas.edit(stroke("kept")).await.unwrap();
    assert_eq!(canvas.close(testkit::seconds(1)).await.kept_changes, 1);
    assert!(link.faults().reset > 0, "the link was cut");
    let draft = draft(&app.client, canvas.document()).await;
    (app, link, draft)
}

/// Waits until the shelf, as windows show it, is so.
async fn shelf_shows(client: &Client, what: &str, holds: impl Fn(&[DraftView]) -> bool) -> Vec<DraftView> {
    let mut views = client.draft_views();
    let shown = tokio::time::timeout(SOON, views.wait_for(|views| holds(views))).await;
    let shown = shown.unwrap_or_else(|_| panic!("{what}: not in time"));
    shown.unwrap().clone()
}

#[tokio::test]
async fn x06_a_draft_is_shown_and_drawn_out_of_reach_and_compared_within() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let (app, link, draft) = kept(&ada, &server, &document).await;
    let shown = shelf_shows(&app.client, "a draft", |views| views.len() == 1).await;
    assert_eq!(
        (shown[0].name.as_str(), shown[0].changes, shown[0].why),
        ("Plan", 1, DraftReason::Crash)
    );
    let away = app.client.draft_content(&draft.id).await.unwrap();
    assert_eq!((away.base.elements.len(), away.mine.elements.len()), (1, 2));
    assert!(away.theirs.is_none(), "the server can't be asked");
    let refused = app.client.save_draft_as_copy(&draft.id, None).await.unwrap_err();
    assert_eq!(refused.code, "offline");
    assert_eq!(app.client.drafts().await.len(), 1, "it stays");

    link.mend();
    connected(&app.server).await;
    let here = app.client.draft_content(&draft.id).await.unwrap();
    assert_eq!(here.theirs.unwrap().elements.len(), 1);
    app.client.discard_draft(&draft.id).await.unwrap();
    shelf_shows(&app.client, "an empty shelf", <[_]>::is_empty).await;
    assert_eq!(at_server(&ada, &document).await, ["saved"]);
}

#[tokio::test]
async fn x06_a_draft_of_a_deleted_document_is_said_to_be_one_and_becomes_a_copy() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let (app, link, draft) = kept(&ada, &server, &document).await;
    ada.delete(&format!("/v1/documents/{document}")).await.ok(204);
    link.mend();
    connected(&app.server).await;
    let gone = |views: &[DraftView]| views.len() == 1 && views[0].why == DraftReason::Gone;
    shelf_shows(&app.client, "its document is gone", gone).await;
    let content = app.client.draft_content(&draft.id).await.unwrap();
    assert_eq!(content.mine.elements.len(), 2);
    assert!(content.theirs.is_none());

    let copy = app.client.save_draft_as_copy(&draft.id, None).await.unwrap();
    let mut elements = at_server(&ada, &copy.document.to_string()).await;
    elements.sort();
    assert_eq!(elements, ["kept", "saved"]);
    shelf_shows(&app.client, "an empty shelf", <[_]>::is_empty).await;
}

#[tokio::test]
async fn x06_a_copy_is_beside_its_document_where_its_user_may_write_and_personal_elsewhere() {
    let server = Server::start().await;
    let (ada, ben) = (server.user("Ada").await, server.user("Ben").await);
    let workspace = ada.workspace("Team").await;
    ada.add_member(&workspace, "ben@example.org", "editor").await;
    let document = ada.canvas_in(&workspace, "Plan").await;
    for role in ["editor", "viewer"] {
        let (app, link, draft) = kept(&ben, &server, &document).await;
        let freed = format!("{}/force?reason=Gone", testkit::session::lock_of(&document));
        ada.delete(&freed).await;
        let change = serde_json::json!({"role": role});
        let member = format!("/v1/workspaces/{workspace}/members/{}", ben.user_id());
        ada.patch(&member, &change).await.ok(200);
        link.mend();
        connected(&app.server).await;
        let DraftCopy { document: copy, .. } = app.client.save_draft_as_copy(&draft.id, None).await.unwrap();
        let copied = ben.get(&format!("/v1/documents/{copy}")).await.ok(200);
        let place = (role == "editor").then_some(workspace.as_str());
        assert_eq!(copied["workspace_id"].as_str(), place, "{role}");
        let content = ada
            .get(&format!("/v1/documents/{document}/content"))
            .await
            .ok(200);
        let kept = content
            .list("/elements")
            .iter()
            .any(|element| element["id"] == "kept");
        assert!(!kept, "the document is as it was");
    }
}

#[tokio::test]
async fn x06_a_draft_of_a_server_that_is_signed_out_becomes_a_copy_on_another_one() {
    let (server, other) = (Server::start().await, Server::start().await);
    let ada = server.user("Ada").await;
    let at_home = other.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let (app, _link, draft) = kept(&ada, &server, &document).await;
    app.client.remove_server(app.server.id(), studio::BUDGET).await;
    let shown = shelf_shows(&app.client, "it is shown all the same", |views| views.len() == 1).await;
    assert_eq!(shown[0].server, draft.server);
    let refused = app.client.save_draft_as_copy(&draft.id, None).await.unwrap_err();
    assert_eq!(refused.code, "unauthenticated");
    assert!(
        refused.detail.contains("safe on this device"),
        "{}",
        refused.detail
    );

    let device = ServerId("device".into());
    let token = holdfast_client::credentials::Token::new(at_home.token());
    let home = app.client.add_server(
        device.clone(),
        "On this device",
        at_home.base().parse().unwrap(),
        token,
    );
    connected(&home).await;
    let copy = app
        .client
        .save_draft_as_copy(&draft.id, Some(&device))
        .await
        .unwrap();
    assert_eq!(copy.server, device);
    let mut elements = at_server(&at_home, &copy.document.to_string()).await;
    elements.sort();
    assert_eq!(elements, ["kept", "saved"]);
    assert!(app.client.drafts().await.is_empty());
}

#[tokio::test]
async fn x06_edits_that_the_server_has_are_no_draft() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let (app, link, _) = kept(&ada, &server, &document).await;
    // the same, drawn elsewhere: equal but for what only counts saves
    let session = ada.session(None).await;
    let freed = format!("{}/force?reason=Gone", testkit::session::lock_of(&document));
    ada.delete(&freed).await;
    let fence = session.acquire(&document).await.ok(201).integer("/lock/fence");
    let mut same = rectangle("kept");
    same["versionNonce"] = 7.into();
    let change = serde_json::json!({"op": "put", "id": "kept", "base_version": 0, "data": same});
    session.commit(&document, fence, &[change]).await.ok(200);
    assert_eq!(app.client.drafts().await.len(), 1, "nobody knows yet");
    link.mend();
    connected(&app.server).await;
    shelf_shows(&app.client, "no phantom", <[_]>::is_empty).await;
    until("it is off the disk", SOON, async || {
        app.client.drafts().await.is_empty()
    })
    .await;
}

#[tokio::test]
async fn s08_what_a_sign_out_left_is_said_to_be_that() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let link = Link::to(server.address()).await;
    let app = App::through(&ada, &link).await;
    let canvas = app.edit(&document, "canvas-a").await;
    link.cut();
    canvas.edit(stroke("kept")).await.unwrap();
    app.server.sign_out(testkit::seconds(1)).await;
    assert!(link.faults().reset > 0);
    let left = draft(&app.client, canvas.document()).await;
    assert_eq!(left.why, DraftReason::SignedOut);
    shows_nothing_else(&app.client).await;
}

async fn shows_nothing_else(client: &Client) {
    // the list may have been read before the draft got its reason
    let labelled = |views: &[DraftView]| views.len() == 1 && views[0].why == DraftReason::SignedOut;
    shelf_shows(client, "one draft, left by the sign-out", labelled).await;
}

#[tokio::test]
async fn x06_a_damaged_journal_is_told_of_and_the_rest_of_it_offered() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let (app, _link, draft) = kept(&ada, &server, &document).await;
    let path = app
        .folder
        .path()
        .join("journal")
        .join(&draft.id.0)
        .with_extension("journal");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend(b"torn");
    std::fs::write(&path, bytes).unwrap();
    let next = Client::new(studio::config(&app.folder, "Ada's laptop")).unwrap();
    let mut damages = next.damages();
    let told = tokio::time::timeout(SOON, damages.wait_for(|damages| !damages.is_empty())).await;
    let damage = told.expect("it is told").unwrap()[0].clone();
    assert_eq!(
        (damage.name.as_deref(), damage.bytes, damage.changes),
        (Some("Plan"), 4, 1)
    );
    shelf_shows(&next, "the rest", |views| views.len() == 1).await;
}

#[tokio::test]
async fn x02_drawing_stops_with_the_lock_where_the_user_wants_that() {
    let server = Server::start_with(["--lease-ttl", "10s"]).await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let link = Link::to(server.address()).await;
    let folder = tempfile::tempdir().unwrap();
    let config = holdfast_client::ClientConfig {
        lease_ttl: Some(testkit::seconds(10)),
        ..studio::config(&folder, "Ada's laptop")
    };
    let app = App::with(&ada, &link.url(), folder, config).await;
    let canvas = app.edit(&document, "canvas-a").await;
    link.cut();
    let lapsed = |state: &holdfast_client::view::CanvasState| {
        matches!(state.lock, holdfast_client::view::LockView::Lapsed { .. })
    };
    assert!(shows(&canvas, "the lock has run out", lapsed).await.editable);
    canvas.edit(stroke("draft")).await.unwrap();
    app.client.set_stop_editing_when_lapsed(true);
    shows(&canvas, "drawing has stopped", |state| !state.editable).await;
    let refused = canvas.edit(stroke("late")).await.unwrap_err();
    assert_eq!(refused.code, "read_only");
    app.client.set_stop_editing_when_lapsed(false);
    studio::editable(&canvas).await;
    assert!(link.faults().reset > 0);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn x03_edits_that_a_full_disk_has_not_taken_go_on_once_the_lock_is_back() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let link = Link::to(server.address()).await;
    let app = App::through(&ada, &link).await;
    let canvas = app.edit(&document, "canvas-a").await;
    link.cut();
    canvas.edit(stroke("one")).await.unwrap();
    let written = Shelf::open(app.folder.path()).unwrap().drafts().await;
    let journal = app.folder.path().join("journal").join(&written[0].id.0);
    let journal = journal.with_extension("journal");
    std::fs::remove_file(&journal).unwrap();
    std::os::unix::fs::symlink("/dev/full", &journal).unwrap();
    let refused = canvas.edit(stroke("two")).await.unwrap_err();
    assert_eq!(refused.code, "disk");

    // somebody has the lock meanwhile, and saves nothing
    let other = App::of(&ada).await;
    let taker = other.open(&document, "canvas-b").await;
    studio::held_by_other(&taker).await;
    taker.take_over("on the other laptop").await.unwrap();
    studio::editable(&taker).await;
    link.mend();
    shows(&canvas, "lost with both", |state| {
        matches!(state.lock, LockView::Lost { kept_changes: 2, .. })
    })
    .await;
    taker.stop_editing().await.unwrap();
    until("it is free", SOON, async || {
        studio::holder(&ada, &document).await.is_none()
    })
    .await;
    canvas.start_editing().await.unwrap();
    studio::arrives(&ada, &document, "two").await;
    saved(&canvas).await;
    assert_eq!(at_server(&ada, &document).await.len(), 2);
    assert!(link.faults().reset > 0, "the link was cut");
}
