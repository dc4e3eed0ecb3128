//! `.excalidraw` files through a real server.

use std::path::{Path, PathBuf};

use holdfast_client::view::{Edit, ProgressStep, ScopeView};
use holdfast_testkit::{Server, binary::repository, eventually::until, network::Link};
use serde_json::Value;

use crate::studio::{self, App, SOON};

fn samples() -> Vec<PathBuf> {
    let folder = repository().join("crates/testkit/samples");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut samples: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    samples.sort();
    assert_eq!(samples.len(), 5);
    samples
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

async fn import(app: &App, path: &Path) -> String {
    let job = app.server.import(path.to_owned(), ScopeView::Personal);
    match job.finished().await {
        ProgressStep::Done {
            document_id: Some(id),
        } => id.to_string(),
        other => panic!("{}: {other:?}", path.display()),
    }
}

async fn export(app: &App, document: &str) -> Value {
    let path = app.folder.path().join(format!("{document}.excalidraw"));
    let job = app.server.export(document.parse().unwrap(), path.clone());
    assert_eq!(job.finished().await, ProgressStep::Done { document_id: None });
    json(&path)
}

#[tokio::test]
async fn d08_real_drawings_go_in_and_come_out_equal() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let app = App::of(&ada).await;
    for path in samples() {
        let document = import(&app, &path).await;
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let about = ada.get(&format!("/v1/documents/{document}")).await.ok(200);
        assert_eq!(about["name"], name.as_str());
        assert!(about["lock"].is_null(), "the import has let go of its lock");
        assert!(export(&app, &document).await == json(&path), "{}", path.display());
    }
}

#[tokio::test]
async fn d08_an_edit_between_changes_one_element_and_nothing_else() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let app = App::of(&ada).await;
    for path in samples() {
        let document = import(&app, &path).await;
        let canvas = app.edit(&document, "canvas-a").await;
        let content = canvas.content().await.unwrap();
        let shown: Vec<Value> = content
            .elements
            .iter()
            .map(|element| serde_json::from_str(element.data.get()).unwrap())
            .collect();
        let index = |element: &Value| element["index"].as_str().unwrap_or_default().to_owned();
        assert!(
            shown.is_sorted_by(|a, b| index(a) < index(b)),
            "a window gets indices that sort"
        );

        // a window gives back what it was given, but for what was moved
        let mut moved = shown[shown.len() / 2].clone();
        moved["x"] = (-7.25).into();
        let edit = Edit {
            puts: vec![studio::element(&moved)],
            ..Edit::default()
        };
        canvas.edit(edit).await.unwrap();
        studio::saved(&canvas).await;
        let mut expected = json(&path);
        expected["elements"][shown.len() / 2]["x"] = (-7.25).into();
        assert!(export(&app, &document).await == expected, "{}", path.display());
        canvas.close(studio::BUDGET).await;
    }
}

#[tokio::test]
async fn d08_a_bad_file_is_refused_by_name_and_leaves_nothing() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let app = App::of(&ada).await;
    let path = app.folder.path().join("broken.excalidraw");
    std::fs::write(
        &path,
        br#"{"type":"excalidraw","elements":[{"id":"a"},{"id":"a"}]}"#,
    )
    .unwrap();
    let job = app.server.import(path, ScopeView::Personal);
    let ProgressStep::Failed { detail } = job.finished().await else {
        panic!("it was taken");
    };
    assert!(
        detail.contains("broken.excalidraw") && detail.contains("elements[1].id"),
        "{detail}"
    );
    let documents = ada.get("/v1/documents?scope=personal").await.ok(200);
    assert!(documents.list("/items").is_empty());
}

#[tokio::test]
async fn d08_a_cancelled_import_leaves_nothing() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let link = Link::to(server.address()).await;
    let app = App::through(&ada, &link).await;
    link.delay(std::time::Duration::from_millis(150));
    let job = app.server.import(samples()[0].clone(), ScopeView::Personal);
    until("the document is made", SOON, async || {
        !ada.get("/v1/documents?scope=personal")
            .await
            .ok(200)
            .list("/items")
            .is_empty()
    })
    .await;
    job.cancel();
    assert_eq!(job.finished().await, ProgressStep::Cancelled);
    let documents = ada.get("/v1/documents?scope=personal").await.ok(200);
    assert!(documents.list("/items").is_empty());
    assert!(link.faults().delayed > 0);
}

#[tokio::test]
async fn an_export_has_the_edits_that_are_not_saved() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let link = Link::to(server.address()).await;
    let app = App::through(&ada, &link).await;
    let canvas = app.edit(&document, "canvas-a").await;
    link.cut();
    canvas.edit(studio::stroke("unsaved")).await.unwrap();
    let exported = export(&app, &document).await;
    assert_eq!(exported["elements"][0]["id"], "unsaved");
    assert_eq!(exported["type"], "excalidraw");
    let nowhere = app
        .server
        .export(document.parse().unwrap(), "/nowhere/at/all.excalidraw".into());
    assert!(matches!(nowhere.finished().await, ProgressStep::Failed { .. }));
}

#[tokio::test]
async fn a_copy_is_equal_and_stands_by_itself() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let app = App::of(&ada).await;
    let landing = samples()
        .into_iter()
        .find(|path| path.ends_with("landing-page.excalidraw"))
        .unwrap();
    let document = import(&app, &landing).await;
    let copy = app.server.copy(document.parse().unwrap()).await.unwrap();
    assert_eq!(copy.name, "landing-page (copy)");
    ada.delete(&format!("/v1/documents/{document}")).await.ok(204);
    assert!(export(&app, &copy.id.to_string()).await == json(&landing));
}
