//! What a person may do, as the windows show it.

use holdfast_testkit::{Client, Server, session::lock_of};
use serde_json::json;

use crate::{person::Person, shapes};

/// Ada at the app, and Ben, who owns the workspace, behind a client.
struct Guest {
    ada: Person,
    ada_client: Client,
    ben: Client,
    workspace: String,
    document: String,
    _server: Server,
}

impl Guest {
    async fn with_role(role: &str) -> Self {
        let server = Server::start().await;
        let ada = Person::new().await;
        let ada_client = ada.join(&server, "Ada").await;
        let ben = server.user("Ben").await;
        let workspace = ben.workspace("Studio").await;
        let document = ben.canvas_in(&workspace, "Poster").await;
        ben.add_member(&workspace, "ada@example.org", role).await;
        ada.library().await.go_to_workspace("Studio").await;
        Self {
            ada,
            ada_client,
            ben,
            workspace,
            document,
            _server: server,
        }
    }

    fn member(&self) -> String {
        format!(
            "/v1/workspaces/{}/members/{}",
            self.workspace,
            self.ada_client.user_id()
        )
    }
}

#[tokio::test]
async fn a03_a_viewer_sees_it_read_only_at_once_and_never_gets_a_lock() {
    let guest = Guest::with_role("viewer").await;
    guest.ada.library().await.open("Poster").await;
    let canvas = guest.ada.canvas("Poster").await;
    canvas.page.shows("viewer-bar").await;
    canvas.is_read_only().await;
    canvas.try_to_draw((300, 300), (380, 360)).await;
    assert_eq!(canvas.elements().await, 0);
    guest.ada.desktop.screenshot("70-viewer");
    assert!(guest.ben.get(&lock_of(&guest.document)).await.ok(200)["lock"].is_null());
}

#[tokio::test]
async fn l13_a_demoted_editor_loses_the_lock_and_is_told() {
    let guest = Guest::with_role("editor").await;
    guest.ada.library().await.open("Poster").await;
    let canvas = guest.ada.canvas("Poster").await;
    canvas.is_editable().await;
    canvas.draw((300, 300), (380, 360)).await;
    canvas.is_saved().await;
    guest
        .ben
        .patch(&guest.member(), &json!({"role": "viewer"}))
        .await
        .ok(200);
    canvas.is_read_only().await;
    canvas.try_to_draw((500, 300), (580, 360)).await;
    assert_eq!(canvas.elements().await, 1);
    guest.ada.desktop.screenshot("71-demoted");
}

#[tokio::test]
async fn r05_a_removed_member_sees_the_canvas_no_more() {
    let guest = Guest::with_role("editor").await;
    let library = guest.ada.library().await;
    library.open("Poster").await;
    let canvas = guest.ada.canvas("Poster").await;
    canvas.is_editable().await;
    guest.ben.delete(&guest.member()).await.ok(204);
    canvas.is_read_only().await;
    library.page.hides("sidebar-workspace-Studio").await;
    guest.ada.desktop.screenshot("72-removed");
    assert!(guest.ben.get(&lock_of(&guest.document)).await.ok(200)["lock"].is_null());
}

#[tokio::test]
async fn c02_a_copy_of_a_held_canvas_is_ones_own_to_edit() {
    let guest = Guest::with_role("editor").await;
    let session = guest.ben.session(Some(&guest.workspace)).await;
    let fence = session.lock(&guest.document).await;
    let change = shapes::put(&shapes::rectangle("r1", "a1", (0, 0), (100, 60)), 0);
    session.commit(&guest.document, fence, &[change]).await.ok(200);
    guest.ada.library().await.open("Poster").await;
    let canvas = guest.ada.canvas("Poster").await;
    canvas.is_held_by("Ben").await;
    canvas.shows_elements(1).await;
    canvas.page.click("open-copy").await;
    let copy = guest.ada.canvas("Poster (copy)").await;
    copy.is_editable().await;
    copy.shows_elements(1).await;
    copy.draw((300, 300), (380, 360)).await;
    canvas.shows_elements(1).await;
    guest.ada.desktop.screenshot("73-a-copy");
}

#[tokio::test]
async fn d10_a_canvas_that_another_holds_is_not_deleted() {
    let guest = Guest::with_role("editor").await;
    let session = guest.ben.session(Some(&guest.workspace)).await;
    session.lock(&guest.document).await;
    let library = guest.ada.library().await;
    library.badge_says("Poster", "Ben").await;
    library.choose("Poster", "menu-delete").await;
    library.page.click("confirm").await;
    library.page.says("refusal", "Ben").await;
    library.page.rests().await;
    guest.ada.desktop.screenshot("74-not-deleted");
    library.shows_card("Poster").await;
    guest
        .ben
        .get(&format!("/v1/documents/{}", guest.document))
        .await
        .ok(200);
}
