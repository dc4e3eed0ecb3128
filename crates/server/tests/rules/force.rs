//! L08: taking and freeing by force.

use holdfast_testkit::session::{lock_of, put};
use serde_json::json;

use crate::stage::{Team, is_free, listener, lock_state, room_of};

#[tokio::test]
async fn l08_an_owner_takes_a_lock_in_one_step_and_everybody_is_told() {
    let team = Team::start().await;
    let (holder, owner, document) = (
        team.session(&team.bo).await,
        team.session(&team.ada).await,
        team.canvas("a").await,
    );
    let watcher = listener(&team.bo, &room_of(&document)).await;
    let fence = holder.lock(&document).await;
    holder.commit(&document, fence, &[put("a", 0)]).await.ok(200);
    let taken = owner.force_take(&document, "the client is waiting").await.ok(200);
    assert_eq!(taken["lock"]["session_id"], owner.id());
    assert!(taken.integer("/lock/fence") > fence);
    let event = watcher.event(&room_of(&document), "document_force_taken").await["event"].clone();
    assert_eq!(event["lock"], taken["lock"]);
    assert_eq!(event["by"]["name"], "Ada");
    assert_eq!(event["by"]["session_id"], owner.id());
    assert_eq!(event["reason"], "the client is waiting");
    assert_eq!(event["previous"][0]["session_id"], holder.id());
    holder
        .commit(&document, fence, &[put("b", 0)])
        .await
        .expect(409, "stale_fence");
    holder.release(&document).await.expect(403, "not_lock_holder");
    let audit = team
        .ada
        .get(&format!("/v1/workspaces/{}/audit", team.workspace))
        .await
        .ok(200);
    let entry = audit
        .list("/items")
        .iter()
        .find(|entry| entry["action"] == "force_take")
        .unwrap();
    assert_eq!(entry["reason"], "the client is waiting");
    assert_eq!(entry["by"]["name"], "Ada");
}

#[tokio::test]
async fn l08_only_owners_take_from_others_but_anybody_from_own_sessions() {
    let team = Team::start().await;
    let document = team.canvas("a").await;
    let (owner, one, two) = (
        team.session(&team.ada).await,
        team.session(&team.bo).await,
        team.session(&team.bo).await,
    );
    owner.lock(&document).await;
    two.force_take(&document, "please").await.expect(403, "forbidden");
    let free = format!("{}/force?reason=please", lock_of(&document));
    team.bo.delete(&free).await.expect(403, "forbidden");
    owner.release(&document).await.ok(204);
    one.lock(&document).await;
    let taken = two.force_take(&document, "other window").await.ok(200);
    assert_eq!(taken["lock"]["session_id"], two.id());
    team.bo.delete(&free).await.ok(204);
    assert!(is_free(&team.ada, &document).await);
}

#[tokio::test]
async fn l08_a_free_lock_is_simply_acquired() {
    let team = Team::start().await;
    let (owner, document) = (team.session(&team.ada).await, team.canvas("a").await);
    let watcher = listener(&team.bo, &room_of(&document)).await;
    let taken = owner.force_take(&document, "nobody there").await.ok(200);
    assert_eq!(taken["lock"]["mode"], "exclusive");
    watcher.event(&room_of(&document), "document_locked").await;
    team.ada
        .delete(&format!("{}/force?reason=x", lock_of(&document)))
        .await
        .ok(204);
    let gone = watcher.event(&room_of(&document), "document_unlocked").await;
    assert_eq!(gone["event"]["reason"], "forced");
    assert_eq!(gone["event"]["by"]["name"], "Ada");
    team.ada
        .delete(&format!("{}/force?reason=x", lock_of(&document)))
        .await
        .expect(404, "lock_not_found");
}

#[tokio::test]
async fn l08_a_taken_document_is_exclusive_and_all_shared_locks_go() {
    let team = Team::start().await;
    let cy = team.member("Cy", "editor").await;
    let (bo, cy, owner, document) = (
        team.session(&team.bo).await,
        team.session(&cy).await,
        team.session(&team.ada).await,
        team.canvas("a").await,
    );
    bo.ask(&lock_of(&document), "shared").await.ok(201);
    cy.ask(&lock_of(&document), "shared").await.ok(201);
    owner.force_take(&document, "tidy up").await.ok(200);
    let state = lock_state(&team.ada, &document).await;
    assert_eq!(state.list("/holders").len(), 1);
    assert_eq!(state["lock"]["mode"], "exclusive");
}

#[tokio::test]
async fn l08_an_owner_takes_a_workspace() {
    let team = Team::start().await;
    let (bo, owner) = (team.session(&team.bo).await, team.session(&team.ada).await);
    let lock = format!("/v1/workspaces/{}/lock", team.workspace);
    let room = format!("workspace:{}", team.workspace);
    let watcher = listener(&team.bo, &room).await;
    bo.ask(&lock, "exclusive").await.ok(201);
    watcher.event(&room, "workspace_locked").await;
    let take = json!({"session_id": owner.id(), "reason": "moving house"});
    team.ada.post(&format!("{lock}/force-take"), &take).await.ok(200);
    let event = watcher.event(&room, "workspace_force_taken").await;
    assert_eq!(event["event"]["previous"][0]["session_id"], bo.id());
    team.ada
        .delete(&format!("{lock}/force?reason=done"))
        .await
        .ok(204);
    watcher.event(&room, "workspace_unlocked").await;
    assert_eq!(team.ada.get(&lock).await.ok(200)["locked"], false);
}

#[tokio::test]
async fn l08_a_personal_document_is_nobody_elses_business() {
    let team = Team::start().await;
    let document = team.bo.canvas("diary").await;
    team.bo.session(None).await.lock(&document).await;
    let stranger = team.ada.session(None).await;
    stranger
        .force_take(&document, "curious")
        .await
        .expect(404, "not_found");
    stranger.acquire(&document).await.expect(404, "not_found");
    team.ada.get(&lock_of(&document)).await.expect(404, "not_found");
    team.ada
        .delete(&format!("{}/force?reason=x", lock_of(&document)))
        .await
        .expect(404, "not_found");
}

#[tokio::test]
async fn l08_force_asks_for_a_reason() {
    let team = Team::start().await;
    let (owner, document) = (team.session(&team.ada).await, team.canvas("a").await);
    team.session(&team.bo).await.lock(&document).await;
    for wrong in ["", "  ", &"x".repeat(501)] {
        owner.force_take(&document, wrong).await.invalid("reason");
    }
    team.ada
        .delete(&format!("{}/force", lock_of(&document)))
        .await
        .invalid("reason");
    team.ada
        .delete(&format!("{}/force?reason=", lock_of(&document)))
        .await
        .invalid("reason");
    assert!(!is_free(&team.ada, &document).await);
}
