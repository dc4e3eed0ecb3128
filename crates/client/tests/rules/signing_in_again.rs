//! Signing in again to a server whose sign-in has ended: open windows go on.

use holdfast_client::{
    credentials::Token,
    view::{ConnectionView, LockView, LossReason},
};
use holdfast_testkit::{Server, server::PASSWORD};
use serde_json::Value;

use crate::studio::{App, SOON, arrives, connected, holder, saved, shows, stroke};

async fn sign_in(server: &Server, email: &str) -> holdfast_testkit::Client {
    holdfast_testkit::Client::sign_in(&server.url(), email, PASSWORD, "Ada's laptop").await
}

#[tokio::test]
async fn s08_after_a_revoked_sign_in_the_next_one_goes_on_in_the_same_window() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let app = App::of(&ada).await;
    let canvas = app.edit(&document, "canvas-a").await;
    canvas.edit(stroke("before")).await.unwrap();
    saved(&canvas).await;
    ada.post("/v1/auth/sign-out", &Value::Null).await.ok(204);
    shows(&canvas, "the lock is lost to the sign-out", |state| {
        let lost = matches!(
            state.lock,
            LockView::Lost {
                why: LossReason::SignedOut,
                ..
            }
        );
        lost && !state.editable && matches!(state.connection, ConnectionView::SignedOut { .. })
    })
    .await;
    assert!(
        canvas.edit(stroke("signed out")).await.is_err(),
        "nothing more is accepted"
    );
    let again = sign_in(&server, "ada@example.org").await;
    app.server.renew(Token::new(again.token()));
    connected(&app.server).await;
    canvas.start_editing().await.unwrap();
    shows(&canvas, "it may be drawn on", |state| state.editable).await;
    canvas.edit(stroke("after")).await.unwrap();
    arrives(&again, &document, "after").await;
    let (session, _) = holder(&again, &document).await.unwrap();
    assert_eq!(
        session,
        canvas.session().to_string(),
        "the window's session is still the same"
    );
}

#[tokio::test]
async fn s07_signing_in_again_while_signed_in_ends_the_earlier_sign_in_and_keeps_the_window() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let app = App::of(&ada).await;
    let canvas = app.edit(&document, "canvas-a").await;
    let again = sign_in(&server, "ada@example.org").await;
    app.server.renew(Token::new(again.token()));
    holdfast_testkit::eventually::until("the earlier sign-in has ended", SOON, async || {
        ada.get("/v1/me").await.status == 401
    })
    .await;
    connected(&app.server).await;
    // a stroke that falls between the two sign-ins may be refused; the window comes back by itself
    holdfast_testkit::eventually::until("a stroke is taken", SOON, async || {
        canvas.edit(stroke("on")).await.is_ok()
    })
    .await;
    arrives(&again, &document, "on").await;
    assert_eq!(
        holder(&again, &document).await.unwrap().0,
        canvas.session().to_string()
    );
}
