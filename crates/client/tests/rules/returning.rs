//! Coming back (X03, X08): same session and fence, go on; free and nobody saved, have it anew; else a draft or a conflict.

use std::{path::Path, sync::Arc, time::Duration};

use holdfast_client::{
    ClientConfig,
    clock::JumpClock,
    view::{ConflictLock, LockView, LossReason, Resolution, SaveView},
};
use holdfast_testkit::{
    Server,
    eventually::until,
    network::{Link, Way},
    seconds,
};

use crate::{
    parted::{Parted, map, put, puts, shape},
    studio::{self, App, SOON, arrives, draft, editable, holder, saved, shows, stroke},
};

#[tokio::test]
async fn x03_a_lock_that_was_kept_goes_on_without_a_question() {
    let parted = Parted::together().await;
    let before = holder(&parted.ada, &parted.document).await.unwrap();
    parted.link.reset();
    parted.canvas.edit(stroke("kept")).await.unwrap();
    arrives(&parted.ada, &parted.document, "kept").await;
    saved(&parted.canvas).await;
    assert_eq!(holder(&parted.ada, &parted.document).await.unwrap(), before);
    assert!(parted.canvas.state().borrow().conflict.is_none());
    parted.no_draft().await;
    assert!(parted.link.faults().reset > 0);
}

#[tokio::test]
async fn x03_lapsed_and_free_it_is_had_anew_and_sent() {
    let parted = Parted::away().await;
    parted.link.mend();
    arrives(&parted.ada, &parted.document, "mine").await;
    editable(&parted.canvas).await;
    saved(&parted.canvas).await;
    assert_eq!(parted.places().await, map(&[("mine", 2), ("one", 2), ("two", 1)]));
    parted.no_draft().await;
}

#[tokio::test]
async fn x03_lapsed_and_taken_it_rests_and_goes_on_when_the_lock_is_had_again() {
    let parted = Parted::away().await;
    let (session, _) = parted.taken().await;
    parted.link.mend();
    let state = shows(&parted.canvas, "Ben has it, a draft is kept", |state| {
        matches!(&state.lock, LockView::Lost { kept_changes: 2, holder: Some(holder), .. } if holder.user.name == "Ben")
    })
    .await;
    assert!(!state.editable);
    assert_eq!(state.save, SaveView::Draft { changes: 2 });
    let refused = parted.canvas.start_editing().await.unwrap_err();
    assert_eq!(refused.code, "lock_held");
    assert!(parted.canvas.state().borrow().conflict.is_none(), "nobody saved");
    assert_eq!(
        draft(&parted.app.client, parted.canvas.document()).await.changes,
        2
    );
    assert_eq!(parted.places().await, map(&[("one", 1), ("two", 1)]));

    session.close().await.ok(204);
    shows(&parted.canvas, "free", |state| {
        matches!(state.lock, LockView::Lost { holder: None, .. } | LockView::Free)
    })
    .await;
    parted.canvas.start_editing().await.unwrap();
    arrives(&parted.ada, &parted.document, "mine").await;
    editable(&parted.canvas).await;
    saved(&parted.canvas).await;
    parted.no_draft().await;
}

#[tokio::test]
async fn x03_lapsed_taken_and_changed_is_a_conflict_and_the_holder_is_named() {
    let parted = Parted::away().await;
    let (session, fence) = parted.taken().await;
    let theirs = [put(1, &shape("one", 3, "a1"))];
    session.commit(&parted.document, fence, &theirs).await.ok(200);
    parted.link.mend();
    let conflict = parted.conflict().await;
    shows(&parted.canvas, "Ben holds the lock", |state| {
        let conflict = state.conflict.as_ref().unwrap();
        conflict.lock == ConflictLock::Held && conflict.holder.as_ref().unwrap().user.name == "Ben"
    })
    .await;
    assert_eq!(conflict.theirs.by.name, "Ben");
    assert_eq!(
        parted.drafts().await.len(),
        1,
        "mine is on the shelf from the first moment"
    );
    let refused = parted.canvas.edit(stroke("late")).await.unwrap_err();
    assert_eq!(refused.code, "read_only");

    let overwrite = parted
        .canvas
        .resolve(&conflict.id, conflict.revision, Resolution::Overwrite);
    let refused = overwrite.await.unwrap_err();
    assert_eq!(refused.code, "lock_held");
    assert_eq!(refused.holder.unwrap().user.name, "Ben");
    assert_eq!(parted.places().await, map(&[("one", 3), ("two", 1)]));
    assert_eq!(parted.drafts().await.len(), 1);
}

#[tokio::test]
async fn x03_taken_over_while_away_and_changed_is_a_conflict() {
    let parted = Parted::together().await;
    parted.link.cut();
    let edit = puts(&[shape("one", 2, "a1")]);
    parted.canvas.edit(edit).await.unwrap();
    // a second device of Ada's takes the lock over while the first is out of reach
    let session = parted.ada.session(Some(&parted.workspace)).await;
    let taken = session.force_take(&parted.document, "on the train").await;
    let fence = taken.ok(200).integer("/lock/fence");
    let theirs = [put(1, &shape("one", 3, "a1"))];
    session.commit(&parted.document, fence, &theirs).await.ok(200);
    session.close().await.ok(204);
    parted.link.mend();
    let conflict = parted.conflict().await;
    assert_eq!(conflict.lock, ConflictLock::Free);
    assert_eq!((conflict.mine.changes, conflict.theirs.changes), (1, 1));
}

#[tokio::test]
async fn x03_taken_over_before_ones_eyes_is_a_draft_and_no_question() {
    let parted = Parted::together().await;
    // what is drawn now is not acknowledged when the lock goes
    parted.link.fall_silent_one_way(Way::There);
    parted.canvas.edit(puts(&[shape("mine", 2, "a3")])).await.unwrap();
    let session = parted.ada.session(Some(&parted.workspace)).await;
    session
        .force_take(&parted.document, "the meeting begins")
        .await
        .ok(200);
    let state = shows(&parted.canvas, "taken over", |state| {
        matches!(
            state.lock,
            LockView::Lost {
                why: LossReason::MovedToOwnWindow,
                kept_changes: 1,
                ..
            }
        )
    })
    .await;
    assert!(!state.editable && state.conflict.is_none());
    assert_eq!(
        draft(&parted.app.client, parted.canvas.document()).await.changes,
        1
    );
}

#[tokio::test]
async fn d05_a_commit_whose_fate_was_unknown_when_the_lock_lapsed_is_no_conflict() {
    let parted = Parted::together().await;
    parted.link.fall_silent_one_way(Way::Back);
    parted.canvas.edit(puts(&[shape("mine", 2, "a3")])).await.unwrap();
    arrives(&parted.ada, &parted.document, "mine").await;
    until("the answer was lost", SOON, async || {
        parted.link.faults().silenced > 0
    })
    .await;
    parted.link.cut();
    parted.unlocked().await;
    shows(&parted.canvas, "lapsed", |state| {
        matches!(state.lock, LockView::Lapsed { .. })
    })
    .await;
    parted.link.mend();
    editable(&parted.canvas).await;
    assert_eq!(saved(&parted.canvas).await, 2, "it was written once");
    assert!(parted.canvas.state().borrow().conflict.is_none());
    parted.no_draft().await;
}

#[tokio::test]
async fn x08_after_sleep_nothing_is_written_before_the_truth_is_known() {
    let server = Server::start_with(["--lease-ttl", "10s", "--grace", "1s"]).await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let folder = tempfile::tempdir().unwrap();
    let clock = JumpClock::default();
    let config = ClientConfig {
        clock: Arc::new(clock.clone()),
        ..studio::config(&folder, "Ada's laptop")
    };
    let link = Link::to(server.address()).await;
    let app = App::with(&ada, &link.url(), folder, config).await;
    let canvas = app.edit(&document, "canvas-a").await;
    canvas.edit(stroke("before")).await.unwrap();
    saved(&canvas).await;

    // asleep: nothing goes out, the lease ends, and another device draws
    link.cut();
    until("the lock is free", SOON, async || {
        holder(&ada, &document).await.is_none()
    })
    .await;
    let other = ada.session(None).await;
    let fence = other.lock(&document).await;
    other
        .commit(&document, fence, &[put(0, &shape("theirs", 1, "a5"))])
        .await
        .ok(200);
    other.close().await.ok(204);
    clock.sleep_machine(seconds(3_600));
    canvas.edit(stroke("after waking")).await.unwrap();
    link.mend();
    let state = shows(&canvas, "a conflict", |state| state.conflict.is_some()).await;
    assert!(!state.editable);
    let ids = studio::at_server(&ada, &document).await;
    assert!(!ids.contains(&"after waking".to_owned()), "{ids:?}");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A server whose data is that of an earlier moment.
struct Backup(tempfile::TempDir);

impl Backup {
    async fn of(server: &mut Server) -> Self {
        let folder = tempfile::tempdir().unwrap();
        assert!(server.terminate().await.success());
        copy(server.data_dir(), folder.path());
        server.restart().await;
        Self(folder)
    }

    async fn restore(&self, server: &mut Server) {
        server.kill();
        for entry in std::fs::read_dir(server.data_dir()).unwrap().flatten() {
            if entry.path().is_dir() {
                std::fs::remove_dir_all(entry.path()).unwrap();
            } else {
                std::fs::remove_file(entry.path()).unwrap();
            }
        }
        copy(self.0.path(), server.data_dir());
        server.restart().await;
    }
}

#[tokio::test]
async fn x03_a_server_restored_from_an_older_copy_gets_nothing_unasked_and_what_it_lost_is_offered() {
    let mut parted = Parted::together().await;
    let backup = Backup::of(&mut parted.server).await;
    editable(&parted.canvas).await;
    parted
        .canvas
        .edit(puts(&[shape("one", 2, "a1"), shape("mine", 2, "a3")]))
        .await
        .unwrap();
    arrives(&parted.ada, &parted.document, "mine").await;
    assert_eq!(saved(&parted.canvas).await, 2);

    backup.restore(&mut parted.server).await;
    let conflict = parted.conflict().await;
    assert_eq!(conflict.theirs.version, 1);
    assert_eq!((conflict.mine.changes, conflict.theirs.changes), (2, 0));
    assert_eq!(
        parted.places().await,
        map(&[("one", 1), ("two", 1)]),
        "nothing was sent"
    );
    assert_eq!(parted.drafts().await.len(), 1);
    let merge = Resolution::Merge {
        mine: Vec::new(),
        theirs: Vec::new(),
    };
    parted
        .canvas
        .resolve(&conflict.id, conflict.revision, merge)
        .await
        .unwrap();
    assert_eq!(parted.places().await, map(&[("mine", 2), ("one", 2), ("two", 1)]));
    parted.no_draft().await;
}

#[tokio::test]
async fn x03_the_same_version_with_another_commit_is_noticed() {
    let mut parted = Parted::together().await;
    let backup = Backup::of(&mut parted.server).await;
    editable(&parted.canvas).await;
    parted.canvas.edit(puts(&[shape("one", 2, "a1")])).await.unwrap();
    shows(&parted.canvas, "saved", |state| {
        state.save == SaveView::Saved { version: 2 }
    })
    .await;
    // out of reach while the server is restored and somebody saves: again version 2, another drawing
    parted.link.cut();
    backup.restore(&mut parted.server).await;
    let freed = format!(
        "{}/force?reason=Restored",
        holdfast_testkit::session::lock_of(&parted.document)
    );
    parted.ada.delete(&freed).await;
    parted.ben_saves(&[put(1, &shape("one", 3, "a1"))]).await;
    parted.link.mend();
    let conflict = parted.conflict().await;
    assert_eq!(conflict.theirs.version, 2);
    assert_eq!(conflict.theirs.by.name, "Ben");
    let [difference] = conflict.differences.as_slice() else {
        panic!("{:?}", conflict.differences)
    };
    assert_eq!(difference.element_id, "one");
    assert_eq!(parted.places().await, map(&[("one", 3), ("two", 1)]));
    let kept = parted.drafts().await;
    assert_eq!(
        kept.len(),
        1,
        "what was acknowledged by a server that forgot it is not lost"
    );
}

#[tokio::test]
async fn x07_what_a_crash_left_does_not_go_onto_another_drawing_of_the_same_version() {
    let mut parted = Parted::together().await;
    let backup = Backup::of(&mut parted.server).await;
    editable(&parted.canvas).await;
    parted.canvas.edit(puts(&[shape("one", 2, "a1")])).await.unwrap();
    shows(&parted.canvas, "saved", |state| {
        state.save == SaveView::Saved { version: 2 }
    })
    .await;
    // the app dies with an edit on version 2, and the server comes to another version 2
    parted.link.cut();
    parted.canvas.edit(puts(&[shape("one", 7, "a1")])).await.unwrap();
    backup.restore(&mut parted.server).await;
    let freed = format!(
        "{}/force?reason=Restored",
        holdfast_testkit::session::lock_of(&parted.document)
    );
    parted.ada.delete(&freed).await;
    parted.ben_saves(&[put(1, &shape("one", 3, "a1"))]).await;

    let next = holdfast_client::Client::new(studio::config(&parted.app.folder, "Ada's laptop")).unwrap();
    let again = studio::add_server(&next, &parted.ada, parted.ada.base());
    let id = parted.document.parse().unwrap();
    let canvas = again
        .open_canvas(id, holdfast_client::OpenMode::Edit, "canvas-b")
        .await
        .unwrap();
    let state = shows(&canvas, "a conflict", |state| state.conflict.is_some()).await;
    let conflict = state.conflict.unwrap();
    assert_eq!(
        conflict.differences[0].element_id, "one",
        "what nobody knows any more is asked about"
    );
    assert_eq!(parted.places().await, map(&[("one", 3), ("two", 1)]));
}

#[tokio::test]
async fn l16_an_acquire_whose_fate_is_unknown_is_settled_before_the_draft_goes_on() {
    let parted = Parted::away().await;
    let (session, _) = parted.taken().await;
    parted.link.mend();
    shows(&parted.canvas, "Ben has it", |state| {
        matches!(
            &state.lock,
            LockView::Lost {
                kept_changes: 2,
                holder: Some(_),
                ..
            }
        )
    })
    .await;
    session.close().await.ok(204);
    shows(&parted.canvas, "free", |state| {
        matches!(state.lock, LockView::Lost { holder: None, .. } | LockView::Free)
    })
    .await;
    parted.link.fall_silent_one_way(Way::Back);
    let canvas = parted.canvas.clone();
    let asking = tokio::spawn(async move { canvas.start_editing().await });
    until("the server granted it", SOON, async || {
        holder(&parted.ada, &parted.document).await.is_some()
    })
    .await;
    assert_eq!(
        parted.places().await,
        map(&[("one", 1), ("two", 1)]),
        "nothing before the truth"
    );
    parted.link.reset();
    parted.link.mend();
    asking.await.unwrap().unwrap();
    arrives(&parted.ada, &parted.document, "mine").await;
    parted.no_draft().await;
    assert!(parted.link.faults().silenced > 0);
}

#[tokio::test]
async fn l16_a_lock_that_comes_after_the_user_has_stopped_is_given_back() {
    let parted = Parted::away().await;
    parted.link.mend();
    // so slow that the release overtakes what is still to be asked for
    parted.link.delay(Duration::from_millis(400));
    shows(&parted.canvas, "it asks for its lock", |state| {
        matches!(state.lock, LockView::Acquiring)
    })
    .await;
    parted.canvas.stop_editing().await.unwrap();
    until("the lock comes all the same", SOON, async || {
        holder(&parted.ada, &parted.document).await.is_some()
    })
    .await;
    parted.unlocked().await;
    assert!(!parted.canvas.state().borrow().editable);
    assert_eq!(parted.places().await, map(&[("one", 1), ("two", 1)]));
    assert_eq!(
        draft(&parted.app.client, parted.canvas.document()).await.changes,
        2
    );
    assert!(parted.link.faults().delayed > 0);
}
