//! One person and their own device: the embedded server, no sign-in.

use std::path::Path;

use serde_json::Value;

use crate::{canvas::Canvas, excalidraw, person::Person};

/// Saves a canvas to a file through the native dialog and reads it.
async fn export(person: &Person, canvas: &Canvas, path: &Path) -> Value {
    canvas.is_saved().await;
    canvas.page.click("export").await;
    person.choose_file(path, "Save").await;
    holdfast_testkit::eventually("the file is written", holdfast_testkit::seconds(20), async || {
        // written in one step: what is there is complete
        path.exists().then(|| excalidraw::read(path))
    })
    .await
}

#[tokio::test]
async fn d08_a_real_canvas_is_imported_edited_closed_reopened_and_comes_out_equal() {
    let ada = Person::new().await;
    ada.library().await.page.shows("empty").await;
    ada.desktop.screenshot("01-first-start");
    let given = excalidraw::read(&excalidraw::sample("landing-page"));
    let count = excalidraw::live(&given);
    ada.import(&excalidraw::sample("landing-page"), "landing-page")
        .await;
    let library = ada.library().await;
    library.open("landing-page").await;
    let canvas = ada.canvas("landing-page").await;
    canvas.is_editable().await;
    canvas.shows_elements(count).await;
    ada.desktop.screenshot("02-imported");

    let untouched = export(&ada, &canvas, &ada.desktop.folder().join("untouched.excalidraw")).await;
    excalidraw::assert_equal(&given, &untouched);

    canvas.draw((300, 300), (420, 380)).await;
    let edited = export(&ada, &canvas, &ada.desktop.folder().join("edited.excalidraw")).await;
    ada.close("landing-page").await;
    library.badge_says("landing-page", "").await;

    library.open("landing-page").await;
    let canvas = ada.canvas("landing-page").await;
    canvas.shows_elements(count + 1).await;
    let again = export(&ada, &canvas, &ada.desktop.folder().join("again.excalidraw")).await;
    excalidraw::assert_equal(&edited, &again);

    let drawn = |element: &&Value| {
        !excalidraw::elements(&given)
            .iter()
            .any(|old| old["id"] == element["id"])
    };
    let new: Vec<_> = excalidraw::elements(&again).iter().filter(drawn).collect();
    assert_eq!(new.len(), 1);
    assert_eq!(new[0]["type"], "rectangle");
    let mut without = again.clone();
    let elements = without["elements"].as_array_mut().unwrap();
    elements.retain(|element| element["id"] != new[0]["id"]);
    excalidraw::assert_equal(&given, &without);
}

#[tokio::test]
async fn d08_every_real_canvas_comes_out_as_it_went_in() {
    let ada = Person::new().await;
    let library = ada.library().await;
    for name in [
        "aws-architecture",
        "data-viz",
        "kafka-streams-topology",
        "kubernetes-icons",
    ] {
        let given = excalidraw::sample(name);
        ada.import(&given, name).await;
        library.open(name).await;
        let canvas = ada.canvas(name).await;
        canvas.is_editable().await;
        let given = excalidraw::read(&given);
        canvas.shows_elements(excalidraw::live(&given)).await;
        ada.desktop.screenshot(&format!("06-{name}"));
        let path = ada.desktop.folder().join(format!("{name}-out.excalidraw"));
        excalidraw::assert_equal(&given, &export(&ada, &canvas, &path).await);
        ada.close(name).await;
    }
}

#[tokio::test]
async fn c03_a_second_window_is_read_only_switches_and_moves_the_editing_over() {
    let ada = Person::new().await;
    let library = ada.library().await;
    library.create("Plan").await;
    let first = ada.canvas("Plan").await;
    first.is_editable().await;
    first.draw((300, 300), (420, 380)).await;
    library.badge_says("Plan", "You").await;

    library.choose("Plan", "menu-open-new-window").await;
    let windows = ada.canvases("Plan", 2).await;
    let mut second = None;
    for canvas in windows {
        if canvas.page.has("held-bar").await {
            second = Some(canvas);
        }
    }
    let second = second.expect("the second window says that the first one holds the canvas");
    second.is_read_only().await;
    second.shows_elements(1).await;
    second.try_to_draw((500, 300), (600, 380)).await;
    assert_eq!(second.elements().await, 1, "a read-only canvas takes no stroke");
    ada.desktop.screenshot("03-own-second-window");

    second.page.click("switch-window").await;
    holdfast_testkit::eventually(
        "the first window comes to the front",
        holdfast_testkit::seconds(10),
        async || {
            let title = ada.desktop.active_title()?;
            (title.contains("Plan") && !title.contains("read-only")).then_some(())
        },
    )
    .await;

    second.page.click("move-here").await;
    second.is_editable().await;
    first.is_read_only().await;
    second.draw((500, 300), (600, 380)).await;
    first.shows_elements(2).await;
    ada.desktop.screenshot("04-editing-moved");
}

#[tokio::test]
async fn d08_a_damaged_file_is_refused_in_words_and_changes_nothing() {
    let ada = Person::new().await;
    let library = ada.library().await;
    for (name, text) in [
        (
            "truncated",
            r#"{"type":"excalidraw","version":2,"elements":[{"id":"a""#,
        ),
        ("other", r#"{"hello":"world"}"#),
        (
            "twice",
            r#"{"type":"excalidraw","version":2,"elements":[{"id":"a","type":"rectangle"},{"id":"a","type":"line"}]}"#,
        ),
    ] {
        let path = ada.desktop.folder().join(format!("{name}.excalidraw"));
        std::fs::write(&path, text).unwrap();
        library.page.click("import").await;
        ada.choose_file(&path, "Open").await;
        library.page.says("progress", name).await;
        library.page.says("progress", "Nothing was changed").await;
        ada.desktop.screenshot(&format!("05-refused-{name}"));
        library.hides_card(name).await;
    }
}
