//! L: acquiring, renewing and releasing.

use std::collections::HashSet;

use holdfast_testkit::{
    Session,
    eventually::until,
    session::{lock_of, put},
};
use serde_json::{Value, json};

use crate::stage::{SOON, Team, is_free, listener, lock_state, moment, reach, room_of};

#[tokio::test]
async fn l01_a_free_lock_is_acquired() {
    let team = Team::start().await;
    let (session, document) = (team.session(&team.bo).await, team.canvas("a").await);
    let watcher = listener(&team.ada, &room_of(&document)).await;
    let answer = session.acquire(&document).await.ok(201);
    assert_eq!(answer["status"], "acquired");
    let lock = &answer["lock"];
    assert_eq!(lock["resource"], json!({"kind": "document", "id": document}));
    assert_eq!(lock["mode"], "exclusive");
    assert_eq!(lock["session_id"], session.id());
    assert_eq!(lock["user_name"], "Bo");
    assert_eq!(lock["device_name"], "Bo's laptop");
    assert_eq!(
        watcher.event(&room_of(&document), "document_locked").await["event"]["lock"],
        *lock
    );
    let state = lock_state(&team.ada, &document).await;
    assert_eq!(state["lock"], *lock);
    assert_eq!(state["holders"], json!([lock]));
    assert_eq!(state["offer"], Value::Null);
    let listed = team
        .ada
        .get(&format!("/v1/documents?workspace_id={}", team.workspace))
        .await
        .ok(200);
    assert_eq!(listed["items"][0]["lock"], *lock);
}

#[tokio::test]
async fn l02_the_holder_that_asks_again_keeps_its_fence() {
    let team = Team::start().await;
    let (session, document) = (team.session(&team.bo).await, team.canvas("a").await);
    let first = session.acquire(&document).await.ok(201);
    reach(moment(&first["lock"]["heartbeat_at"]) + 20).await;
    let again = session.acquire(&document).await.ok(200);
    assert_eq!(again["status"], "refreshed");
    assert_eq!(again["lock"]["fence"], first["lock"]["fence"]);
    assert_eq!(again["lock"]["acquired_at"], first["lock"]["acquired_at"]);
    assert!(moment(&again["lock"]["expires_at"]) > moment(&first["lock"]["expires_at"]));
}

#[tokio::test]
async fn l02_asking_for_the_other_mode_is_an_acquisition() {
    let team = Team::start().await;
    let (one, two, document) = (
        team.session(&team.bo).await,
        team.session(&team.ada).await,
        team.canvas("a").await,
    );
    let path = lock_of(&document);
    let exclusive = one.lock(&document).await;
    let shared = one.ask(&path, "shared").await.ok(201);
    assert!(shared.integer("/lock/fence") > exclusive);
    assert_eq!(shared["lock"]["mode"], "shared");
    two.ask(&path, "shared").await.ok(201);
    assert_eq!(lock_state(&team.ada, &document).await.list("/holders").len(), 2);
    one.ask(&path, "exclusive").await.expect(409, "lock_held");
    two.release(&document).await.ok(204);
    let upgraded = one.ask(&path, "exclusive").await.ok(201);
    assert!(upgraded.integer("/lock/fence") > shared.integer("/lock/fence"));
}

#[tokio::test]
async fn l03_another_session_is_refused_and_told_who_holds_it() {
    let team = Team::start().await;
    let (holder, document) = (team.session(&team.bo).await, team.canvas("a").await);
    let lock = holder.acquire(&document).await.ok(201)["lock"].clone();
    let refused = team
        .session(&team.ada)
        .await
        .acquire(&document)
        .await
        .expect(409, "lock_held");
    assert_eq!(refused["holder"], lock);
    assert_eq!(refused["same_user"], false);
    assert_eq!(refused["waiters"], 0);
    let own = team
        .session(&team.bo)
        .await
        .acquire(&document)
        .await
        .expect(409, "lock_held");
    assert_eq!(own["same_user"], true);
}

#[tokio::test]
async fn l04_of_many_that_ask_at_once_exactly_one_gets_it() {
    let team = Team::start().await;
    let document = team.canvas("a").await;
    let mut sessions = Vec::new();
    for index in 0..24 {
        sessions.push(
            team.session(if index % 2 == 0 { &team.ada } else { &team.bo })
                .await,
        );
    }
    for round in 0..5 {
        let asking: Vec<_> = sessions
            .iter()
            .cloned()
            .map(|session| {
                let document = document.clone();
                tokio::spawn(async move { (session.acquire(&document).await, session) })
            })
            .collect();
        let mut winners = Vec::new();
        for asked in asking {
            let (answer, session) = asked.await.unwrap();
            match answer.status {
                201 => winners.push(session),
                _ => assert_eq!(answer["code"], "lock_held"),
            }
        }
        assert_eq!(winners.len(), 1, "round {round}");
        assert_eq!(
            lock_state(&team.ada, &document).await["lock"]["session_id"],
            winners[0].id()
        );
        winners[0].release(&document).await.ok(204);
    }
}

#[tokio::test]
async fn l05_an_expired_lock_is_absent_on_every_path() {
    let team = Team::start_with(&["--lease-ttl", "1s"]).await;
    let project = team.ada.project(&team.workspace, "P").await;
    let document = team.ada.canvas_in_project(&project, "a").await;
    let session = team.session(&team.bo).await;
    let fence = session.lock(&document).await;
    let expires = moment(&lock_state(&team.ada, &document).await["lock"]["expires_at"]);
    reach(expires + 1).await;
    let gone = async |path: String| team.ada.get(&path).await.ok(200);
    assert_eq!(gone(lock_of(&document)).await["locked"], false);
    assert_eq!(
        gone(format!("/v1/documents/{document}")).await["lock"],
        Value::Null
    );
    assert_eq!(
        gone(format!("/v1/documents?project_id={project}")).await["items"][0]["lock"],
        Value::Null
    );
    assert_eq!(
        gone(format!("/v1/projects/{project}/locks"))
            .await
            .list("/locks")
            .len(),
        0
    );
    assert_eq!(
        gone(format!("/v1/workspaces/{}/locks", team.workspace))
            .await
            .list("/locks")
            .len(),
        0
    );
    let renewal = json!({"session_id": session.id()});
    let renewed = team
        .bo
        .post(&format!("{}/heartbeat", lock_of(&document)), &renewal)
        .await;
    assert_eq!(renewed.status, 404);
    session.heartbeat().await.expect(404, "session_not_found");
    session
        .commit(&document, fence, &[put("a", 0)])
        .await
        .expect(409, "lock_required");
    let other = team.session(&team.ada).await;
    assert!(other.lock(&document).await > fence);
}

#[tokio::test]
async fn l06_only_the_holder_renews_or_releases() {
    let team = Team::start().await;
    let (holder, other, document) = (
        team.session(&team.bo).await,
        team.session(&team.ada).await,
        team.canvas("a").await,
    );
    let renew = async |session: &Session| {
        let body = json!({"session_id": session.id()});
        session
            .client()
            .post(&format!("{}/heartbeat", lock_of(&document)), &body)
            .await
    };
    renew(&holder).await.expect(404, "lock_not_found");
    holder.release(&document).await.expect(404, "lock_not_found");
    holder.lock(&document).await;
    renew(&other).await.expect(403, "not_lock_holder");
    other.release(&document).await.expect(403, "not_lock_holder");
    assert!(renew(&holder).await.ok(200)["expires_at"].is_string());
    assert!(!is_free(&team.ada, &document).await);
    holder.release(&document).await.ok(204);
    assert!(is_free(&team.ada, &document).await);
}

#[tokio::test]
async fn l07_each_acquisition_has_a_greater_fence() {
    let mut team = Team::start_with(&["--lease-ttl", "1s"]).await;
    let document = team.canvas("a").await;
    let long = json!(60_000);
    let (one, two) = (
        team.bo.session_with(Some(&team.workspace), &long).await,
        team.ada.session_with(Some(&team.workspace), &long).await,
    );
    let mut fences = vec![one.lock(&document).await];
    one.release(&document).await.ok(204);
    let brief = team.session(&team.bo).await;
    fences.push(brief.lock(&document).await);
    until("the lock expires", SOON, async || {
        is_free(&team.ada, &document).await
    })
    .await;
    fences.push(one.lock(&document).await);
    fences.push(
        two.force_take(&document, "my turn")
            .await
            .ok(200)
            .integer("/lock/fence"),
    );
    two.release(&document).await.ok(204);
    team.server.kill();
    team.server.restart().await;
    fences.push(one.lock(&document).await);
    one.close().await.ok(204);
    fences.push(two.lock(&document).await);
    assert!(fences.is_sorted_by(|a, b| a < b), "{fences:?}");
}

#[tokio::test]
async fn l10_a_workspace_lock_shuts_everyone_else_out_and_gives_no_right_to_commit() {
    let team = Team::start().await;
    let (bo, ada, document) = (
        team.session(&team.bo).await,
        team.session(&team.ada).await,
        team.canvas("a").await,
    );
    let lock = format!("/v1/workspaces/{}/lock", team.workspace);
    bo.ask(&lock, "shared").await.invalid("mode");
    ada.lock(&document).await;
    let refused = bo.ask(&lock, "exclusive").await.expect(409, "lock_held");
    assert_eq!(
        refused["holder"]["resource"],
        json!({"kind": "document", "id": document})
    );
    ada.release(&document).await.ok(204);
    let fence = bo.ask(&lock, "exclusive").await.ok(201).integer("/lock/fence");
    let refused = ada.acquire(&document).await.expect(409, "lock_held");
    assert_eq!(
        refused["holder"]["resource"],
        json!({"kind": "workspace", "id": team.workspace})
    );
    bo.commit(&document, fence, &[put("a", 0)])
        .await
        .expect(409, "lock_required");
    let own = bo.lock(&document).await;
    bo.commit(&document, own, &[put("a", 0)]).await.ok(200);
    assert_eq!(team.ada.get(&lock).await.ok(200)["locked"], true);
    team.bo
        .delete(&format!("{lock}?session_id={}", bo.id()))
        .await
        .ok(204);
    ada.ask(&lock, "exclusive").await.expect(409, "lock_held");
}

#[tokio::test]
async fn l10_an_exclusive_lock_shuts_out_shared_ones() {
    let team = Team::start().await;
    let (bo, ada, document) = (
        team.session(&team.bo).await,
        team.session(&team.ada).await,
        team.canvas("a").await,
    );
    bo.ask(&lock_of(&document), "shared").await.ok(201);
    ada.acquire(&document).await.expect(409, "lock_held");
    bo.ask(&lock_of(&document), "exclusive").await.ok(201);
    let refused = ada
        .ask(&lock_of(&document), "shared")
        .await
        .expect(409, "lock_held");
    assert_eq!(refused["holder"]["resource"]["id"], document.as_str());
}

#[tokio::test]
async fn l12_the_live_locks_of_a_project_and_a_workspace_come_as_one_list() {
    let team = Team::start().await;
    let project = team.ada.project(&team.workspace, "P").await;
    let (inside, outside) = (
        team.ada.canvas_in_project(&project, "in").await,
        team.canvas("out").await,
    );
    let (bo, ada) = (team.session(&team.bo).await, team.session(&team.ada).await);
    bo.lock(&inside).await;
    ada.lock(&outside).await;
    let ids = async |path: String| {
        let answer = team.bo.get(&path).await.ok(200);
        answer
            .list("/locks")
            .iter()
            .map(|lock| lock["resource"]["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        ids(format!("/v1/projects/{project}/locks")).await,
        std::slice::from_ref(&inside)
    );
    assert_eq!(
        ids(format!("/v1/workspaces/{}/locks", team.workspace)).await,
        [inside, outside]
    );
    let stranger = team.server.user("Cy").await;
    stranger
        .get(&format!("/v1/workspaces/{}/locks", team.workspace))
        .await
        .expect(404, "not_found");
    stranger
        .get(&format!("/v1/projects/{project}/locks"))
        .await
        .expect(404, "not_found");
}

#[tokio::test]
async fn l12_a_workspaces_own_lock_is_in_its_list() {
    let team = Team::start().await;
    let bo = team.session(&team.bo).await;
    let document = team.canvas("a").await;
    bo.ask(&format!("/v1/workspaces/{}/lock", team.workspace), "exclusive")
        .await
        .ok(201);
    bo.lock(&document).await;
    let answer = team
        .ada
        .get(&format!("/v1/workspaces/{}/locks", team.workspace))
        .await
        .ok(200);
    let kinds: HashSet<_> = answer
        .list("/locks")
        .iter()
        .map(|lock| lock["resource"]["kind"].to_string())
        .collect();
    assert_eq!(kinds.len(), 2);
}

#[tokio::test]
async fn l16_a_client_that_lost_the_answer_can_settle_what_became_of_its_request() {
    let team = Team::start().await;
    let (session, document) = (team.session(&team.bo).await, team.canvas("a").await);
    let fence = session.lock(&document).await;
    // The answer is taken for lost: asking again, looking, and the heartbeat all tell.
    assert_eq!(
        session.acquire(&document).await.ok(200).integer("/lock/fence"),
        fence
    );
    assert_eq!(session.heartbeat().await.ok(200)["locks"][0]["fence"], fence);
    assert_eq!(session.look().await.ok(200)["locks"][0]["fence"], fence);
    session.release(&document).await.ok(204);
    session.release(&document).await.expect(404, "lock_not_found");
}
