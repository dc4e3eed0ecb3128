//! Edits that outlive the program that took them.

use holdfast_client::Client;
use holdfast_testkit::{Server, network::Link};

use crate::studio::{self, App, add_server, connected, draft, stroke};

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
