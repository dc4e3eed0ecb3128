//! What the library window follows.

use holdfast_client::view::{DocumentCard, DocumentList, ScopeView};
use holdfast_protocol::lock::Resource;
use holdfast_testkit::{Server, eventually::until};
use serde_json::json;

use crate::studio::{self, App, BUDGET, SOON};

async fn cards(
    list: &mut tokio::sync::watch::Receiver<DocumentList>,
    what: &str,
    mut fits: impl FnMut(&[DocumentCard]) -> bool,
) -> Vec<DocumentCard> {
    let ready = list.wait_for(|list| matches!(list, DocumentList::Ready { cards, .. } if fits(cards)));
    match tokio::time::timeout(SOON, ready).await {
        Ok(Ok(list)) => match &*list {
            DocumentList::Ready { cards, .. } => cards.clone(),
            _ => unreachable!(),
        },
        _ => panic!("{what}: not in time"),
    }
}

#[tokio::test]
async fn the_documents_of_a_scope_are_live() {
    let server = Server::start().await;
    let (ada, ben) = (server.user("Ada").await, server.user("Ben").await);
    let workspace = ada.workspace("Team").await;
    ada.add_member(&workspace, "ben@example.org", "editor").await;
    let (hers, his) = (App::of(&ada).await, App::of(&ben).await);
    let scope = ScopeView::Workspace {
        id: workspace.parse().unwrap(),
    };
    let mut list = his.server.documents(scope);
    cards(&mut list, "empty", <[_]>::is_empty).await;

    let document = ada.canvas_in(&workspace, "Plan").await;
    cards(&mut list, "the new one", |cards| {
        cards.len() == 1 && cards[0].document.name == "Plan"
    })
    .await;
    let canvas = hers.edit(&document, "canvas-a").await;
    let locked = cards(&mut list, "a badge", |cards| cards[0].holder.is_some()).await;
    let holder = locked[0].holder.as_ref().unwrap();
    assert_eq!((holder.user.name.as_str(), holder.same_user), ("Ada", false));
    canvas.edit(studio::stroke("one")).await.unwrap();
    cards(&mut list, "the new version", |cards| {
        cards[0].document.version == 1
    })
    .await;
    canvas.close(BUDGET).await;
    cards(&mut list, "no badge", |cards| cards[0].holder.is_none()).await;
    let path = format!("/v1/documents/{document}");
    ada.patch(&path, &json!({"name": "Plan B"})).await.ok(200);
    cards(&mut list, "the new name", |cards| {
        cards[0].document.name == "Plan B"
    })
    .await;
    ada.delete(&path).await.ok(204);
    cards(&mut list, "empty again", <[_]>::is_empty).await;
}

#[tokio::test]
async fn own_windows_are_named_on_the_card_and_among_the_locks() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let app = App::of(&ada).await;
    let mut list = app.server.documents(ScopeView::Personal);
    let canvas = app.edit(&document, "canvas-a").await;
    let own = cards(&mut list, "the window", |cards| {
        cards.first().and_then(|card| card.holder.as_ref()).is_some()
    })
    .await;
    assert_eq!(own[0].windows, ["canvas-a"]);
    assert_eq!(
        own[0].holder.as_ref().unwrap().window.as_deref(),
        Some("canvas-a")
    );

    let locks = app.server.own_locks().await.unwrap();
    assert_eq!(locks.len(), 1);
    assert_eq!(
        (locks[0].name.as_str(), locks[0].window.as_deref()),
        ("Plan", Some("canvas-a"))
    );
    app.server
        .release_own_lock(&Resource::Document {
            id: canvas.document(),
        })
        .await
        .unwrap();
    until("it is free", SOON, async || {
        studio::holder(&ada, &document).await.is_none()
    })
    .await;
}

#[tokio::test]
async fn c05_who_waits_is_told_when_the_lock_frees_without_any_window() {
    let server = Server::start().await;
    let (ada, ben) = (server.user("Ada").await, server.user("Ben").await);
    let workspace = ada.workspace("Team").await;
    ada.add_member(&workspace, "ben@example.org", "editor").await;
    let document = ada.canvas_in(&workspace, "Plan").await;
    let (hers, his) = (App::of(&ada).await, App::of(&ben).await);
    let writer = hers.edit(&document, "canvas-a").await;
    let reader = his.open(&document, "canvas-b").await;
    studio::held_by_other(&reader).await;
    let mut freed = his.client.freed();
    reader.notify_me(true).await.unwrap();
    studio::shows(&reader, "it waits", |state| state.notify_me).await;
    reader.close(BUDGET).await;
    assert_eq!(his.server.waiting().borrow().len(), 1);
    assert!(freed.try_recv().is_err(), "it is held");

    writer.close(BUDGET).await;
    let told = tokio::time::timeout(SOON, freed.recv())
        .await
        .expect("he is told")
        .unwrap();
    assert_eq!(
        (told.document.to_string(), told.name.as_str()),
        (document.clone(), "Plan")
    );
    until("the wait is over", SOON, async || {
        his.server.waiting().borrow().is_empty()
    })
    .await;
    his.edit(&document, "canvas-b").await;
}

#[tokio::test]
async fn workspaces_and_projects_are_live() {
    let server = Server::start().await;
    let (ada, ben) = (server.user("Ada").await, server.user("Ben").await);
    let app = App::of(&ben).await;
    let mut workspaces = app.server.workspaces();
    let workspace = ada.workspace("Team").await;
    ada.add_member(&workspace, "ben@example.org", "editor").await;
    let mut wait = async |what: &str, names: &[&str], projects: usize| {
        let fits = workspaces.wait_for(|workspaces| {
            workspaces
                .iter()
                .map(|workspace| workspace.name.as_str())
                .eq(names.iter().copied())
                && workspaces
                    .iter()
                    .map(|workspace| workspace.projects.len())
                    .sum::<usize>()
                    == projects
        });
        let found = tokio::time::timeout(SOON, fits).await;
        assert!(found.is_ok(), "{what}");
    };
    wait("a new membership", &["Team"], 0).await;
    ada.project(&workspace, "Icons").await;
    wait("a new project", &["Team"], 1).await;
    ada.delete(&format!("/v1/workspaces/{workspace}/members/{}", ben.user_id()))
        .await
        .ok(204);
    wait("no membership", &[], 0).await;
}

#[tokio::test]
async fn c05_what_is_waited_for_outlives_the_app() {
    let server = Server::start().await;
    let (ada, ben) = (server.user("Ada").await, server.user("Ben").await);
    let workspace = ada.workspace("Team").await;
    ada.add_member(&workspace, "ben@example.org", "editor").await;
    let document = ada.canvas_in(&workspace, "Plan").await;
    let (hers, his) = (App::of(&ada).await, App::of(&ben).await);
    let writer = hers.edit(&document, "canvas-a").await;
    his.server
        .notify_me(document.parse().unwrap(), true)
        .await
        .unwrap();
    his.client.close(BUDGET).await;
    let folder = his.folder;
    drop((his.server, his.client));

    let config = studio::config(&folder, ben.device());
    let again = App::with(&ben, ben.base(), folder, config).await;
    let waiting = again.server.waiting().borrow().clone();
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    assert_eq!(
        (waiting[0].document_id.to_string(), waiting[0].name.as_str()),
        (document, "Plan")
    );
    let mut freed = again.client.freed();
    writer.close(BUDGET).await;
    let told = tokio::time::timeout(SOON, freed.recv()).await;
    assert_eq!(told.expect("he is told").unwrap().name, "Plan");
    until("the wait is over", SOON, async || {
        again.server.waiting().borrow().is_empty()
    })
    .await;
    again.client.close(BUDGET).await;
    let folder = again.folder;
    let config = studio::config(&folder, ben.device());
    let third = App::with(&ben, ben.base(), folder, config).await;
    assert!(third.server.waiting().borrow().is_empty(), "and stays over");
}
