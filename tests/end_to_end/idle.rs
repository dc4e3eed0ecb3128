//! A canvas that nobody draws on for long is given back, everything saved, and one click goes on.

use holdfast_testkit::{Server, Socket, desktop::Desktop, seconds};

use crate::{linked, person::Person};

#[tokio::test]
async fn l09_an_idle_canvas_is_saved_given_back_and_told_and_one_click_goes_on() {
    let server = Server::start().await;
    let ada = Person::told(&[("HOLDFAST_IDLE_RELEASE", "4s")]).await;
    let client = ada.join(&server, "Ada").await;
    let workspace = client.workspace("Studio").await;
    let document = client.canvas_in(&workspace, "Sketch").await;
    let library = ada.library().await;
    library.go_to_workspace("Studio").await;
    library.open("Sketch").await;
    let canvas = ada.canvas("Sketch").await;
    canvas.is_editable().await;
    let socket = Socket::connect(&client).await;
    let room = format!("document:{document}");
    socket.subscribe(&room).await;
    canvas.draw((300, 300), (380, 360)).await;
    let event = socket.event_within(&room, "document_unlocked", seconds(15)).await;
    assert_eq!(event["event"]["reason"], "idle");
    canvas
        .page
        .says("lost-bar", "nothing was drawn for a long time")
        .await;
    canvas.is_read_only().await;
    let content = format!("/v1/documents/{document}/content");
    let stored = client.get(&content).await.ok(200).body;
    assert_eq!(linked::live(&stored).len(), 1, "it was saved before");
    ada.desktop.popup().await;
    ada.desktop.screenshot("68-idle");

    ada.desktop.click_popup_button().await;
    canvas.is_editable().await;
    canvas.draw((500, 300), (580, 360)).await;
    canvas.is_saved().await;
    socket.event_within(&room, "document_unlocked", seconds(15)).await;
    canvas.page.shows("lost-bar").await;
    canvas.page.click("start-editing").await;
    canvas.is_editable().await;
    let stored = client.get(&content).await.ok(200).body;
    assert_eq!(linked::live(&stored).len(), 2);
}

#[tokio::test]
async fn an_idle_time_that_is_none_is_named() {
    let desktop = Desktop::start().await;
    let mut command = holdfast_testkit::app::command(&desktop);
    command.env("HOLDFAST_IDLE_RELEASE", "soon");
    let mut process = holdfast_testkit::process::Process::start("app", desktop.folder(), &mut command);
    assert_eq!(process.end(seconds(20)).await.code(), Some(2));
    assert!(
        process.log().contains("HOLDFAST_IDLE_RELEASE=soon"),
        "{}",
        process.log()
    );
}
