//! The rules of a lock as the client keeps them, without a clock and without a network.

use std::time::Duration;

use holdfast_protocol::{
    DocumentId, SessionId, Timestamp, UserId,
    lock::{Lock, LockMode, ReleaseReason, Resource},
    room::Actor,
    session::HeldLock,
};
use proptest::prelude::*;

use super::{Effect, Input, LockMachine, State};
use crate::{clock::Tick, view::LossReason};

const TTL: Duration = Duration::from_secs(45);

struct Scene {
    document: DocumentId,
    session: SessionId,
    user: UserId,
    machine: LockMachine,
}

fn at(ms: u64) -> Tick {
    Tick::from_millis(ms)
}

impl Scene {
    fn looking() -> Self {
        let (document, session, user) = (DocumentId::random(), SessionId::random(), UserId::random());
        Self {
            document,
            session,
            user,
            machine: LockMachine::new(document, session, user, TTL),
        }
    }

    fn holding(fence: i64) -> Self {
        let mut scene = Self::looking();
        assert_eq!(scene.machine.step(Input::Want, at(1_000)), [Effect::Acquire]);
        let lock = scene.lock(scene.session, fence);
        scene.machine.step(
            Input::Granted {
                lock: lock.clone(),
                sent_at: at(1_000),
                confirmed: false,
            },
            at(1_050),
        );
        assert!(!scene.machine.accepts_edits());
        scene.machine.step(Input::Locked(lock), at(1_060));
        assert!(scene.machine.accepts_edits());
        scene
    }

    fn lock(&self, session_id: SessionId, fence: i64) -> Lock {
        Lock {
            resource: Resource::Document { id: self.document },
            mode: LockMode::Exclusive,
            fence,
            session_id,
            user_id: UserId::random(),
            user_name: "Ben".into(),
            device_name: "Ben's laptop".into(),
            acquired_at: Timestamp(5),
            heartbeat_at: Timestamp(5),
            expires_at: Timestamp(6),
        }
    }

    fn held(&self, fence: i64) -> HeldLock {
        HeldLock {
            resource: Resource::Document { id: self.document },
            fence,
        }
    }

    fn lost(&self) -> LossReason {
        match self.machine.state() {
            State::Lost(lost) => lost.why,
            other => panic!("not lost but {other:?}"),
        }
    }
}

fn somebody(session_id: Option<SessionId>) -> Actor {
    Actor {
        id: UserId::random(),
        name: "Ben".into(),
        session_id,
    }
}

#[test]
fn c04_a_session_that_nobody_has_any_more_leaves_the_wish_as_it_is() {
    let mut scene = Scene::looking();
    assert_eq!(scene.machine.step(Input::Want, at(1_000)), [Effect::Acquire]);
    let gone = scene.lock(SessionId::random(), 4);
    assert!(
        scene
            .machine
            .step(Input::Outlived(gone.clone()), at(1_010))
            .is_empty()
    );
    assert!(scene.machine.wants() && !scene.machine.accepts_edits());
    assert_eq!(scene.machine.holder(), Some(&gone));
    // the user's own wish takes its place
    scene.machine.step(Input::Force, at(1_020));
    assert!(matches!(scene.machine.state(), State::Acquiring { .. }));
}

#[test]
fn c06_the_deadline_counts_from_when_the_last_good_heartbeat_was_sent() {
    let mut scene = Scene::holding(7);
    let sent_at = at(10_000);
    scene
        .machine
        .step(Input::Renewed { sent_at, locks: None }, at(19_000));
    assert_eq!(scene.machine.deadline(), Some(at(50_000)));
    assert_eq!(scene.machine.fence(at(49_999)), Some(7));
    assert_eq!(scene.machine.fence(at(50_000)), None);
    scene.machine.step(Input::Tick, at(50_000));
    assert!(matches!(scene.machine.state(), State::Lapsed { fence: 7, .. }));
}

#[test]
fn c06_a_lock_taken_over_refuses_the_next_edit_and_says_who() {
    let mut scene = Scene::holding(7);
    let taker = SessionId::random();
    let input = Input::ForceTaken {
        lock: scene.lock(taker, 8),
        previous: vec![scene.lock(scene.session, 7)],
        by: somebody(Some(taker)),
        reason: "the meeting begins".into(),
    };
    assert_eq!(scene.machine.step(input, at(2_000)), [Effect::KeepDraft]);
    assert!(!scene.machine.accepts_edits());
    assert_eq!(scene.machine.fence(at(2_000)), None);
    let State::Lost(lost) = scene.machine.state() else {
        panic!("not lost");
    };
    assert_eq!(lost.why, LossReason::TakenOver);
    assert_eq!(lost.by.as_ref().unwrap().name, "Ben");
    assert_eq!(lost.reason.as_deref(), Some("the meeting begins"));
    assert_eq!(scene.machine.holder().unwrap().session_id, taker);
}

#[test]
fn c03_editing_moved_to_an_own_window_is_said_as_such() {
    let mut scene = Scene::holding(7);
    let taker = SessionId::random();
    let by = Actor {
        id: scene.user,
        ..somebody(Some(taker))
    };
    let input = Input::ForceTaken {
        lock: scene.lock(taker, 8),
        previous: vec![scene.lock(scene.session, 7)],
        by,
        reason: String::new(),
    };
    scene.machine.step(input, at(2_000));
    assert_eq!(scene.lost(), LossReason::MovedToOwnWindow);
}

#[test]
fn c06_a_forced_release_and_a_lost_role_end_editing() {
    for (reason, why) in [
        (ReleaseReason::Forced, LossReason::ForcedFree),
        (ReleaseReason::Revoked, LossReason::Revoked),
    ] {
        let mut scene = Scene::holding(7);
        let by = somebody(None);
        assert_eq!(
            scene.machine.step(Input::Unlocked { reason, by }, at(2_000)),
            [Effect::KeepDraft]
        );
        assert!(!scene.machine.accepts_edits());
        assert_eq!(scene.lost(), why);
    }
}

#[test]
fn l16_a_lost_answer_is_settled_before_anything_else() {
    let mut scene = Scene::looking();
    scene.machine.step(Input::Want, at(1_000));
    assert_eq!(
        scene.machine.step(Input::AnswerLost, at(11_000)),
        [Effect::Settle]
    );
    assert_eq!(
        scene.machine.step(Input::Want, at(11_500)),
        [],
        "nothing is asked meanwhile"
    );
    let granted = scene.lock(scene.session, 3);
    scene.machine.step(Input::Settled(Some(granted)), at(12_000));
    assert_eq!(
        scene.machine.deadline(),
        Some(at(41_000)),
        "the grant renewed the lease when it was asked for"
    );
}

#[test]
fn l16_a_lost_request_is_asked_again_only_once_settled() {
    let mut scene = Scene::looking();
    scene.machine.step(Input::Want, at(1_000));
    scene.machine.step(Input::AnswerLost, at(11_000));
    assert_eq!(
        scene.machine.step(Input::Settled(None), at(12_000)),
        [Effect::Acquire]
    );
    let other = scene.lock(SessionId::random(), 4);
    scene.machine.step(Input::Refused(Some(other)), at(12_100));
    assert_eq!(*scene.machine.state(), State::Looking);
    assert_eq!(scene.machine.holder().unwrap().fence, 4);
}

#[test]
fn l16_a_grant_that_nobody_waits_for_any_more_is_given_back() {
    let mut scene = Scene::holding(7);
    assert_eq!(
        scene.machine.step(Input::SessionEnded, at(2_000)),
        [Effect::Prove]
    );
    scene.machine.step(Input::GivenBack { idle: false }, at(2_100));
    let late = Input::Granted {
        lock: scene.lock(scene.session, 8),
        sent_at: at(2_000),
        confirmed: false,
    };
    assert_eq!(scene.machine.step(late, at(2_200)), [Effect::Release]);
    assert_eq!(*scene.machine.state(), State::Looking);
}

#[test]
fn l16_a_lock_that_is_not_wanted_is_given_back_wherever_it_is_seen() {
    let seen = |scene: &Scene| {
        let (lock, held) = (scene.lock(scene.session, 8), scene.held(8));
        [
            Input::Locked(lock.clone()),
            Input::Snapshot(vec![lock.clone()]),
            Input::Attached(vec![held.clone()]),
            Input::Renewed {
                sent_at: at(2_000),
                locks: Some(vec![held]),
            },
            Input::Settled(Some(lock.clone())),
            Input::ForceTaken {
                lock,
                previous: Vec::new(),
                by: somebody(Some(scene.session)),
                reason: "Mine".into(),
            },
        ]
    };
    let ends = [
        None,
        Some(Input::Denied),
        Some(Input::Gone),
        Some(Input::GivenBack { idle: true }),
    ];
    for end in ends {
        let mut scene = Scene::looking();
        if let Some(end) = end {
            scene.machine.step(end, at(1_000));
        }
        let before = scene.machine.state().clone();
        for input in seen(&scene) {
            let story = format!("{before:?}, {input:?}");
            assert_eq!(scene.machine.step(input, at(2_000)), [Effect::Release], "{story}");
            assert_eq!(*scene.machine.state(), before, "{story}");
        }
    }
    // one that is held, or asked for, or wanted again is not given away
    let mut scene = Scene::holding(8);
    let mut asking = Scene::looking();
    asking.machine.step(Input::Want, at(1_000));
    for input in seen(&scene) {
        assert_eq!(scene.machine.step(input, at(2_000)), []);
    }
    for input in seen(&asking) {
        assert_eq!(asking.machine.step(input, at(2_000)), []);
    }
    asking.machine.step(Input::NotSent, at(2_100));
    let held = asking.held(8);
    assert_eq!(
        asking.machine.step(Input::Attached(vec![held]), at(2_200)),
        [Effect::Acquire],
        "what is wanted is asked for: the server has it for this session already"
    );
}

#[test]
fn l16_a_lock_of_ours_under_another_fence_is_given_back() {
    let mut scene = Scene::holding(7);
    scene.machine.step(Input::SessionEnded, at(2_000));
    let another = scene.lock(scene.session, 9);
    assert_eq!(
        scene.machine.step(Input::Unproved(Some(another)), at(2_100)),
        [Effect::KeepDraft, Effect::Release]
    );
    assert_eq!(scene.lost(), LossReason::Expired);
    assert!(scene.machine.holder().is_none(), "nobody else has it");
}

#[test]
fn s01_the_same_fence_after_a_gap_goes_on_and_another_one_is_doubted() {
    let mut scene = Scene::holding(7);
    let same = vec![scene.held(7)];
    assert_eq!(scene.machine.step(Input::Attached(same), at(5_000)), []);
    assert!(scene.machine.accepts_edits());
    assert_eq!(
        scene.machine.step(Input::Attached(Vec::new()), at(6_000)),
        [Effect::Prove]
    );
    assert!(!scene.machine.accepts_edits());
}

#[test]
fn a_lapsed_lock_is_proved_before_it_is_used_again() {
    let mut scene = Scene::holding(7);
    scene.machine.step(Input::Tick, at(60_000));
    assert!(scene.machine.accepts_edits(), "edits go on into the journal");
    assert_eq!(scene.machine.fence(at(60_000)), None, "and are not sent");
    let renewed = Input::Renewed {
        sent_at: at(61_000),
        locks: None,
    };
    assert_eq!(scene.machine.step(renewed, at(61_010)), [Effect::Prove]);
    assert!(!scene.machine.accepts_edits());
    let other = scene.lock(SessionId::random(), 9);
    assert_eq!(
        scene.machine.step(Input::Unproved(Some(other)), at(61_100)),
        [Effect::KeepDraft]
    );
    assert_eq!(scene.lost(), LossReason::Expired);
}

#[test]
fn an_echo_of_an_earlier_lock_is_no_news() {
    let mut scene = Scene::looking();
    scene.machine.step(Input::Want, at(1_000));
    let lock = scene.lock(scene.session, 12);
    scene.machine.step(
        Input::Granted {
            lock,
            sent_at: at(1_000),
            confirmed: false,
        },
        at(1_010),
    );
    let by = somebody(Some(scene.session));
    scene.machine.step(
        Input::Unlocked {
            reason: ReleaseReason::Disconnected,
            by,
        },
        at(1_020),
    );
    scene
        .machine
        .step(Input::Locked(scene.lock(SessionId::random(), 11)), at(1_030));
    assert_eq!(scene.machine.fence(at(1_040)), Some(12));
}

fn any_input() -> impl Strategy<Value = u8> {
    0_u8..14
}

proptest! {
    /// Whatever happens in whatever order: nothing is sent past the client's own deadline, and nothing is accepted
    /// by a session that has been told that its lock is gone.
    #[test]
    fn c06_nothing_is_sent_past_the_deadline_or_after_a_loss(inputs in prop::collection::vec((any_input(), 0_u64..30_000), 1..60)) {
        let mut scene = Scene::looking();
        let mut now = 1_000;
        let mut last_sent = now;
        let mut fence = 1;
        for (input, wait) in inputs {
            now += wait;
            let input = match input {
                0 | 1 => Input::Want,
                2 | 3 => { fence += 1; last_sent = now; Input::Granted { lock: scene.lock(scene.session, fence), sent_at: at(now), confirmed: true } }
                4 => Input::AnswerLost,
                5 => Input::Settled(None),
                6 => { last_sent = now; Input::Renewed { sent_at: at(now), locks: None } }
                7 => Input::SessionEnded,
                8 => Input::Tick,
                9 => { fence += 1; Input::Locked(scene.lock(SessionId::random(), fence)) }
                10 => Input::Unlocked { reason: ReleaseReason::Forced, by: somebody(None) },
                11 => Input::Attached(Vec::new()),
                12 => Input::Denied,
                _ => Input::Snapshot(Vec::new()),
            };
            let loses = matches!(input, Input::Denied | Input::Locked(_));
            scene.machine.step(input, at(now));
            if scene.machine.fence(at(now)).is_some() {
                prop_assert!(now - last_sent < 40_000);
            }
            if loses {
                prop_assert!(!scene.machine.accepts_edits());
            }
        }
    }
}
