//! Losing the lock, and moving it.

use holdfast_client::view::{CanvasEvent, Edit, LockView, LossReason, SaveView};
use holdfast_testkit::{Server, eventually::until};
use serde_json::json;

use crate::studio::{
    self, App, SOON, arrives, draft, editable, element, event, held_by_other, holder, rectangle, shows,
    stroke,
};

#[tokio::test]
async fn c06_taken_over_the_next_stroke_is_refused_and_who_and_why_is_said() {
    let server = Server::start().await;
    let (ada, ben) = (server.user("Ada").await, server.user("Ben").await);
    let workspace = ada.workspace("Team").await;
    ada.add_member(&workspace, "ben@example.org", "editor").await;
    let document = ada.canvas_in(&workspace, "Plan").await;
    let (hers, his) = (App::of(&ada).await, App::of(&ben).await);
    let displaced = his.edit(&document, "canvas-b").await;
    displaced.edit(stroke("his")).await.unwrap();
    studio::saved(&displaced).await;

    let owner = hers.open(&document, "canvas-a").await;
    let LockView::HeldByOther { can_take_over, .. } = held_by_other(&owner).await.lock else {
        unreachable!()
    };
    assert!(can_take_over);
    owner.take_over("the meeting begins").await.unwrap();
    // the room tells of the release first, and of the taker next
    let state = shows(&displaced, "lost to a taker", |state| {
        assert!(
            !state.editable || matches!(state.lock, LockView::Held { .. }),
            "lost and editable"
        );
        matches!(
            state.lock,
            LockView::Lost {
                why: LossReason::TakenOver,
                ..
            }
        )
    })
    .await;
    let LockView::Lost {
        by, reason, holder, ..
    } = state.lock
    else {
        unreachable!()
    };
    assert_eq!(by.unwrap().name, "Ada");
    assert_eq!(reason.as_deref(), Some("the meeting begins"));
    assert_eq!(holder.unwrap().user.name, "Ada");
    assert!(!state.editable);
    assert_eq!(
        displaced.edit(stroke("late")).await.unwrap_err().code,
        "read_only"
    );

    editable(&owner).await;
    owner.edit(stroke("hers")).await.unwrap();
    arrives(&ada, &document, "hers").await;
    assert!(
        !studio::at_server(&ada, &document)
            .await
            .contains(&"late".to_owned())
    );
}

#[tokio::test]
async fn c06_what_was_not_saved_when_the_lock_went_is_kept_as_a_draft() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let team = ada.workspace("Team").await;
    let document = ada.canvas_in(&team, "Plan").await;
    let link = holdfast_testkit::network::Link::to(server.address()).await;
    let app = App::through(&ada, &link).await;
    let canvas = app.edit(&document, "canvas-a").await;
    canvas.edit(stroke("saved")).await.unwrap();
    studio::saved(&canvas).await;

    link.cut();
    canvas.edit(stroke("kept")).await.unwrap();
    // drawn on while the commit with its begin is under way
    let mut further = rectangle("kept");
    further["width"] = json!(30);
    canvas
        .edit(Edit {
            puts: vec![element(&further)],
            ..Edit::default()
        })
        .await
        .unwrap();
    // another app of the same user takes over while this one is out of reach
    let other = App::of(&ada).await;
    let taker = other.open(&document, "canvas-b").await;
    held_by_other(&taker).await;
    taker.take_over("on the other laptop").await.unwrap();
    editable(&taker).await;
    taker.edit(stroke("meanwhile")).await.unwrap();
    arrives(&ada, &document, "meanwhile").await;

    link.mend();
    let state = shows(&canvas, "lost with a draft", |state| {
        matches!(state.lock, LockView::Lost { kept_changes: 1, .. })
    })
    .await;
    assert_eq!(state.save, SaveView::Draft { changes: 1 });
    assert!(link.faults().reset > 0);
    let draft = draft(&app.client, canvas.document()).await;
    assert_eq!((draft.changes, draft.name.as_str()), (1, "Plan"));
    assert!(
        !studio::at_server(&ada, &document)
            .await
            .contains(&"kept".to_owned()),
        "a draft is never sent"
    );

    let copy = canvas.keep_draft_as_copy().await.unwrap();
    let mut elements = studio::at_server(&ada, &copy.to_string()).await;
    elements.sort();
    assert_eq!(elements, ["kept", "saved"]);
    let copied = ada.get(&format!("/v1/documents/{copy}")).await.ok(200);
    assert_eq!(copied.text("/workspace_id"), team, "beside the original");
    assert!(app.client.drafts().await.is_empty());
}

#[tokio::test]
async fn c03_editing_moves_to_another_own_window_with_everything_saved() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let app = App::of(&ada).await;
    let first = app.edit(&document, "canvas-a").await;
    let mut events = first.events().await;
    let second = app.open(&document, "canvas-b").await;
    let LockView::HeldByOther {
        holder,
        can_take_over,
    } = held_by_other(&second).await.lock
    else {
        unreachable!()
    };
    assert_eq!(
        holder.window.as_deref(),
        Some("canvas-a"),
        "the bar can switch to that window"
    );
    assert!(holder.same_user && can_take_over);

    // the first window still has a stroke that it has not sent when it is asked to flush
    let flushing = async {
        event(&mut events, "flush", |event| {
            matches!(event, CanvasEvent::Flush).then_some(())
        })
        .await;
        first.edit(stroke("last")).await.unwrap();
        first.flushed();
    };
    let (moved, ()) = tokio::join!(second.move_editing_here(), flushing);
    moved.unwrap();
    editable(&second).await;
    let content = second.content().await.unwrap();
    assert!(content.elements.iter().any(|element| element.id == "last"));
    let state = shows(&first, "moved", |state| {
        matches!(state.lock, LockView::Lost { .. })
    })
    .await;
    assert!(matches!(
        state.lock,
        LockView::Lost {
            why: LossReason::MovedToOwnWindow,
            kept_changes: 0,
            ..
        }
    ));
    assert_eq!(first.edit(stroke("late")).await.unwrap_err().code, "read_only");
    let (session, _) = crate::studio::holder(&ada, &document).await.unwrap();
    assert_eq!(session, second.session().to_string());
}

#[tokio::test]
async fn l13_a_demoted_writer_stops_at_once() {
    let server = Server::start().await;
    let (ada, ben) = (server.user("Ada").await, server.user("Ben").await);
    let workspace = ada.workspace("Team").await;
    ada.add_member(&workspace, "ben@example.org", "editor").await;
    let document = ada.canvas_in(&workspace, "Plan").await;
    let app = App::of(&ben).await;
    let canvas = app.edit(&document, "canvas-b").await;
    let path = format!("/v1/workspaces/{workspace}/members/{}", ben.user_id());
    ada.patch(&path, &serde_json::json!({"role": "viewer"}))
        .await
        .ok(200);
    let state = shows(&canvas, "revoked", |state| !state.editable).await;
    assert!(matches!(
        state.lock,
        LockView::Lost {
            why: LossReason::Revoked,
            ..
        } | LockView::NotAllowed
    ));
    assert_eq!(canvas.edit(stroke("late")).await.unwrap_err().code, "read_only");
}

#[tokio::test]
async fn an_idle_window_saves_and_gives_its_lock_back() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let folder = tempfile::tempdir().unwrap();
    let config = holdfast_client::ClientConfig {
        idle_release: std::time::Duration::from_millis(1_500),
        ..studio::config(&folder, "Ada's laptop")
    };
    let app = App::with(&ada, ada.base(), folder, config).await;
    let canvas = app.edit(&document, "canvas-a").await;
    canvas.edit(stroke("one")).await.unwrap();
    let state = shows(&canvas, "idle", |state| {
        matches!(state.lock, LockView::Lost { .. })
    })
    .await;
    assert!(matches!(
        state.lock,
        LockView::Lost {
            why: LossReason::Idle,
            kept_changes: 0,
            ..
        }
    ));
    assert_eq!(studio::at_server(&ada, &document).await, ["one"]);
    until("it is free", SOON, async || {
        holder(&ada, &document).await.is_none()
    })
    .await;
    // one click to go on
    canvas.start_editing().await.unwrap();
    studio::editable(&canvas).await;
    canvas.edit(stroke("two")).await.unwrap();
    studio::arrives(&ada, &document, "two").await;
}
