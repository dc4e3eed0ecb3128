//! A document's versions (D07).

use std::time::Duration;

use holdfast_client::view::SaveView;
use holdfast_testkit::{Server, network::Link};

use crate::studio::{self, App, at_server, held_by_other, saved, stroke};

#[tokio::test]
async fn d07_versions_are_listed_named_looked_at_and_copied() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let app = App::of(&ada).await;
    let canvas = app.edit(&document, "canvas-a").await;
    for id in ["one", "two"] {
        canvas.edit(stroke(id)).await.unwrap();
        saved(&canvas).await;
    }
    let id = canvas.document();

    let page = app.server.history(id, None).await.unwrap();
    let listed: Vec<_> = page
        .entries
        .iter()
        .map(|entry| (entry.version, entry.changes, entry.by.name.as_str()))
        .collect();
    assert_eq!(listed, [(2, 1, "Ada"), (1, 1, "Ada")]);
    assert_eq!(page.entries[0].device_name, "Ada's laptop");
    assert_eq!(page.next, None);
    let older = app.server.history(id, Some(2)).await.unwrap();
    assert_eq!(older.entries.len(), 1);

    app.server.name_version(id, 1, Some("First")).await.unwrap();
    let page = app.server.history(id, None).await.unwrap();
    assert_eq!(page.entries[1].name.as_deref(), Some("First"));
    app.server.name_version(id, 1, None).await.unwrap();
    let page = app.server.history(id, None).await.unwrap();
    assert_eq!(page.entries[1].name, None);
    let refused = app.server.name_version(id, 9, Some("None")).await.unwrap_err();
    assert_eq!(refused.code, "not_found");

    let first = app.server.version_content(id, 1).await.unwrap();
    assert_eq!((first.version, first.elements.len()), (1, 1));
    assert_eq!(first.elements[0].id, "one");
    let copy = app.server.copy_version(id, 1).await.unwrap();
    assert_eq!(at_server(&ada, &copy.id.to_string()).await, ["one"]);
    assert_eq!(
        at_server(&ada, &document).await.len(),
        2,
        "the original is as it was"
    );
}

#[tokio::test]
async fn d07_a_long_history_comes_in_parts_with_nothing_twice_and_nothing_left_out() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let session = ada.session(None).await;
    let fence = session.acquire(&document).await.ok(201).integer("/lock/fence");
    let versions = i64::from(holdfast_protocol::limits::PAGE_MAX) + 30;
    for version in 1..=versions {
        let id = format!("e{version}");
        let data = studio::rectangle(&id);
        let change = serde_json::json!({"op": "put", "id": id, "base_version": 0, "data": data});
        session.commit(&document, fence, &[change]).await.ok(200);
    }
    let app = App::of(&ada).await;
    let id = document.parse().unwrap();
    let (mut listed, mut before) = (Vec::new(), None);
    loop {
        let page = app.server.history(id, before).await.unwrap();
        assert!(!page.entries.is_empty());
        listed.extend(page.entries.iter().map(|entry| entry.version));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(listed, (1..=versions).rev().collect::<Vec<_>>());
    assert_eq!(app.server.version_content(id, 3).await.unwrap().elements.len(), 3);
    session.release(&document).await.ok(204);
    let none_yet = app.server.version_content(id, versions + 1).await.unwrap_err();
    assert_eq!(none_yet.code, "invalid");
    let none_yet = app.server.restore_version(id, versions + 1).await.unwrap_err();
    assert_eq!(none_yet.code, "invalid");
    assert_eq!(
        studio::holder(&ada, &document).await,
        None,
        "the lock was for that moment"
    );
    let unnamed = app.server.name_version(id, 1, Some("")).await.unwrap_err();
    assert_eq!(unnamed.code, "invalid");
}

#[tokio::test]
async fn d07_the_window_that_holds_the_lock_restores_with_its_own_session() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let app = App::of(&ada).await;
    let canvas = app.edit(&document, "canvas-a").await;
    canvas.edit(stroke("one")).await.unwrap();
    saved(&canvas).await;
    canvas.edit(stroke("two")).await.unwrap();
    let before = studio::holder(&ada, &document).await.unwrap();

    app.server.restore_version(canvas.document(), 1).await.unwrap();
    assert_eq!(at_server(&ada, &document).await, ["one"]);
    studio::shows(&canvas, "the restored version", |state| {
        matches!(state.save, SaveView::Saved { version: 3 })
    })
    .await;
    assert_eq!(canvas.content().await.unwrap().elements.len(), 1);
    assert_eq!(studio::holder(&ada, &document).await.unwrap(), before);
    let page = app.server.history(canvas.document(), None).await.unwrap();
    assert_eq!(
        (page.entries[0].version, page.entries[0].restored_version),
        (3, Some(1))
    );

    // and drawing goes on from there
    canvas.edit(stroke("three")).await.unwrap();
    assert_eq!(saved(&canvas).await, 4);
    let mut elements = at_server(&ada, &document).await;
    elements.sort();
    assert_eq!(elements, ["one", "three"]);
}

#[tokio::test]
async fn d07_nothing_is_accepted_between_a_restore_and_the_restored_drawing() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let link = Link::to(server.address()).await;
    let app = App::through(&ada, &link).await;
    let canvas = app.edit(&document, "canvas-a").await;
    canvas.edit(stroke("one")).await.unwrap();
    saved(&canvas).await;
    canvas.edit(stroke("two")).await.unwrap();
    saved(&canvas).await;
    link.delay(Duration::from_millis(300));
    let (to, id) = (app.server.clone(), canvas.document());
    let restoring = tokio::spawn(async move { to.restore_version(id, 1).await });
    studio::shows(&canvas, "it stands still", |state| !state.editable).await;
    let refused = canvas.edit(stroke("between")).await.unwrap_err();
    assert_eq!(refused.code, "read_only");
    restoring.await.unwrap().unwrap();
    studio::editable(&canvas).await;
    assert_eq!(
        canvas.content().await.unwrap().elements.len(),
        1,
        "the restored drawing"
    );
    canvas.edit(stroke("three")).await.unwrap();
    assert_eq!(saved(&canvas).await, 4);
    assert!(canvas.state().borrow().conflict.is_none());
    assert!(link.faults().delayed > 0);

    // one that was refused changes nothing, and drawing goes on
    link.mend();
    app.server.restore_version(id, 99).await.unwrap_err();
    studio::editable(&canvas).await;
    canvas.edit(stroke("four")).await.unwrap();
    assert_eq!(saved(&canvas).await, 5);
}

#[tokio::test]
async fn d07_without_a_window_a_restore_takes_the_lock_for_a_moment_or_says_who_has_it() {
    let server = Server::start().await;
    let (ada, ben) = (server.user("Ada").await, server.user("Ben").await);
    let workspace = ada.workspace("Team").await;
    ada.add_member(&workspace, "ben@example.org", "editor").await;
    let document = ada.canvas_in(&workspace, "Plan").await;
    let (hers, his) = (App::of(&ada).await, App::of(&ben).await);
    let writer = hers.edit(&document, "canvas-a").await;
    for id in ["one", "two"] {
        writer.edit(stroke(id)).await.unwrap();
        saved(&writer).await;
    }
    let looking = his.open(&document, "canvas-b").await;
    held_by_other(&looking).await;

    let refused = his
        .server
        .restore_version(writer.document(), 1)
        .await
        .unwrap_err();
    assert_eq!(refused.code, "lock_held");
    assert_eq!(refused.holder.unwrap().user.name, "Ada");
    assert_eq!(at_server(&ada, &document).await.len(), 2);

    assert!(writer.close(studio::BUDGET).await.released);
    his.server.restore_version(looking.document(), 1).await.unwrap();
    assert_eq!(at_server(&ada, &document).await, ["one"]);
    assert_eq!(
        studio::holder(&ada, &document).await,
        None,
        "the lock was for that moment"
    );
}
