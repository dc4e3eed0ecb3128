//! The pictures of the README, taken of real windows: `cargo xtask pictures` runs this and keeps them.

use holdfast_testkit::{
    Server,
    app::{Key, Page},
    seconds,
};
use serde_json::json;

use crate::{
    disputed::SHORT_LEASE,
    excalidraw,
    linked::{CANVAS, Linked},
    person::Person,
    shapes,
};

/// Takes a picture of the window whose title begins so.
async fn photograph(person: &Person, title: &str, page: &Page, name: &str) {
    page.rests().await;
    let windows = person.desktop.windows();
    let window = windows
        .iter()
        .find(|window| window.title.starts_with(title))
        .expect("the window is there");
    person.desktop.screenshot_of(window, name).await;
}

#[tokio::test]
async fn the_library_a_canvas_and_one_that_somebody_else_holds() {
    let server = Server::start().await;
    let (ada, ben) = tokio::join!(Person::new(), Person::new());
    let ada_client = ada.join(&server, "Ada").await;
    let workspace = ada_client.workspace("Studio").await;
    ada_client.project(&workspace, "Website").await;
    ada_client.project(&workspace, "Platform").await;
    ben.join(&server, "Ben").await;
    ada_client
        .add_member(&workspace, "ben@example.org", "editor")
        .await;
    for person in [&ada, &ben] {
        let library = person.library().await;
        library.go_to_workspace("Studio").await;
        library
            .page
            .click_css("[data-testid=\"notice-no_tray\"] button")
            .await;
        library.page.hides("notice-no_tray").await;
    }
    let library = ada.library().await;
    for name in [
        "kubernetes-icons",
        "data-viz",
        "kafka-streams-topology",
        "landing-page",
    ] {
        ada.import(&excalidraw::sample(name), name).await;
        library.page.click_css("[data-testid=\"progress\"] button").await;
        library.page.hides("progress").await;
    }

    library.open("landing-page").await;
    let drawn = ada.canvas("landing-page").await;
    drawn.is_editable().await;
    drawn.draw((900, 480), (1050, 570)).await;
    drawn.page.click_at(1180, 800).await;
    ben.library().await.open("data-viz").await;
    ben.canvas("data-viz").await.is_editable().await;
    ben.library().await.open("landing-page").await;
    let watched = ben.canvas("landing-page").await;
    watched.is_held_by("Ada").await;
    watched.page.point_at(760, 520).await;
    drawn.shows_person("Ben").await;
    drawn.is_saved().await;
    drawn.page.point_at(500, 560).await;
    photograph(&ada, "landing-page", &drawn.page, "canvas").await;
    photograph(&ben, "landing-page", &watched.page, "held").await;

    library.badge_says("data-viz", "Ben").await;
    let pictures =
        "document.querySelectorAll('[data-testid=\"card-thumbnail\"][data-state=\"ready\"]').length === 4";
    library
        .page
        .until("all cards have their pictures", pictures)
        .await;
    photograph(&ada, "Holdfast", &library.page, "library").await;
}

#[tokio::test]
async fn two_versions_of_a_canvas() {
    let sample = excalidraw::read(&excalidraw::sample("landing-page"));
    let elements: Vec<_> = excalidraw::elements(&sample)
        .iter()
        .filter(|element| element["type"] != "image")
        .cloned()
        .collect();
    let it = Linked::with(&SHORT_LEASE, &elements).await;
    let ben = it.ben().await;
    it.goes_offline().await;
    let page = &it.canvas.page;
    // a corner of the button beside its label
    page.click_at(690, 310).await;
    for _ in 0..6 {
        page.press_with(&[Key::Shift], '\u{e015}').await;
    }
    it.canvas.draw((900, 480), (1050, 570)).await;
    it.is_free(seconds(15)).await;

    let fence = ben.lock(&it.document).await;
    let before = |id: &str| {
        elements
            .iter()
            .find(|element| element["id"] == id)
            .expect("a sample's element")
    };
    let painted = |id: &str, colour: &str| {
        let colours = json!({"backgroundColor": colour, "fillStyle": "solid"});
        shapes::put(&shapes::changed(before(id), &colours), 1)
    };
    let added = shapes::changed(
        &shapes::rectangle("note", "a9", (90, 90), (240, 120)),
        &json!({"backgroundColor": "#d0bfff", "roundness": {"type": 3}}),
    );
    let changes = [
        painted("cta", "#ffec99"),
        painted("thanks", "#b2f2bb"),
        json!({"op": "delete", "id": "kept", "base_version": 1}),
        shapes::put(&added, 0),
    ];
    ben.commit(&it.document, fence, &changes).await.ok(200);
    ben.close().await.ok(204);
    it.comes_back().await;
    page.click("conflict-merge").await;
    page.click("pick-all-mine").await;
    for picture in ["conflict-mine", "conflict-theirs", "merge-preview"] {
        page.attribute_is(picture, "data-state", "ready").await;
    }
    photograph(&it.ada, CANVAS, page, "conflict").await;
}
