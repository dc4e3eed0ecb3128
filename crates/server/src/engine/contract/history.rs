//! Random histories of locks, run beside a model of a few lines that keeps everything in memory.

use std::{collections::BTreeMap, time::Duration};

use holdfast_protocol::{
    DocumentId, SessionId,
    lock::{LockMode, ReleaseReason},
};
use proptest::prelude::*;

use crate::{
    caller::Caller,
    engine::{Beat, LockError},
    fixture::{TTL, World},
};

const SESSIONS: usize = 3;
const DOCUMENTS: usize = 2;

#[derive(Debug, Clone)]
enum Step {
    Acquire(usize, usize, LockMode),
    Release(usize, usize),
    Heartbeat(usize),
    ForceTake(usize, usize),
    End(usize),
    Open(usize),
    Wait(u64),
    Expire,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let (session, document) = (0..SESSIONS, 0..DOCUMENTS);
    let mode = prop_oneof![Just(LockMode::Exclusive), Just(LockMode::Shared)];
    prop_oneof![
        6 => (session.clone(), document.clone(), mode).prop_map(|(s, d, m)| Step::Acquire(s, d, m)),
        3 => (session.clone(), document.clone()).prop_map(|(s, d)| Step::Release(s, d)),
        2 => session.clone().prop_map(Step::Heartbeat),
        2 => (session.clone(), document).prop_map(|(s, d)| Step::ForceTake(s, d)),
        1 => session.clone().prop_map(Step::End),
        2 => session.prop_map(Step::Open),
        3 => (1..60u64).prop_map(Step::Wait),
        1 => Just(Step::Expire),
        1 => Just(Step::Restart),
    ]
}

/// What ought to be: when each session's lease ends, and who holds which document how.
#[derive(Default)]
struct Model {
    now: u64,
    ends: BTreeMap<usize, u64>,
    held: BTreeMap<(usize, usize), LockMode>,
}

impl Model {
    fn is_live(&self, session: usize) -> bool {
        self.ends.get(&session).is_some_and(|end| self.now < *end)
    }

    fn renew(&mut self, session: usize) {
        self.ends.insert(session, self.now + TTL.as_secs());
    }

    fn forget_the_dead(&mut self) {
        let dead: Vec<usize> = (0..SESSIONS).filter(|session| !self.is_live(*session)).collect();
        self.held.retain(|(_, session), _| !dead.contains(session));
    }

    fn may_have(&self, session: usize, document: usize, mode: LockMode) -> bool {
        self.held.iter().all(|((on, by), held)| {
            *on != document || *by == session || (mode == LockMode::Shared && *held == LockMode::Shared)
        })
    }
}

struct Run {
    world: World,
    ada: Caller,
    sessions: Vec<SessionId>,
    documents: Vec<DocumentId>,
    fences: Vec<i64>,
    model: Model,
}

impl Run {
    async fn take(&mut self, step: &Step) {
        match *step {
            Step::Acquire(session, document, mode) => self.acquire(session, document, mode).await,
            Step::Release(session, document) => self.release(session, document).await,
            Step::Heartbeat(session) => {
                let beat = Beat {
                    session: self.sessions[session],
                    idle: None,
                };
                let answer = self
                    .world
                    .engine
                    .heartbeat(&self.ada, &[beat])
                    .await
                    .unwrap()
                    .remove(0);
                assert_eq!(answer.is_ok(), self.model.is_live(session));
                if answer.is_ok() {
                    self.model.renew(session);
                }
            }
            Step::ForceTake(session, document) => self.force_take(session, document).await,
            Step::End(session) => {
                let answer = self.world.engine.end(&self.ada, self.sessions[session]).await;
                assert_eq!(answer.is_ok(), self.model.is_live(session));
                self.model.ends.remove(&session);
            }
            Step::Open(session) => {
                let opened = self
                    .world
                    .open(&self.ada, self.sessions[session], None)
                    .await
                    .unwrap();
                assert_eq!(opened.created, !self.model.is_live(session));
                self.model.renew(session);
            }
            Step::Wait(seconds) => {
                self.world.clock.advance(Duration::from_secs(seconds));
                self.model.now += seconds;
            }
            Step::Expire => drop(self.world.engine.expire_due().await.unwrap()),
            Step::Restart => self.world.restart().await,
        }
        self.model.forget_the_dead();
    }

    async fn acquire(&mut self, session: usize, document: usize, mode: LockMode) {
        let (id, on) = (self.sessions[session], self.documents[document]);
        let answer = self.world.acquire(&self.ada, on, id, mode).await;
        if !self.model.is_live(session) {
            assert!(matches!(answer, Err(LockError::SessionNotFound)), "{answer:?}");
        } else if self.model.may_have(session, document, mode) {
            let before = self.model.held.insert((document, session), mode);
            self.granted(document, answer.unwrap().lock.fence, before == Some(mode));
            self.model.renew(session);
        } else {
            assert!(matches!(answer, Err(LockError::Held { .. })), "{answer:?}");
        }
    }

    async fn force_take(&mut self, session: usize, document: usize) {
        let target = self.world.target(&self.ada, self.documents[document]).await;
        let id = self.sessions[session];
        let answer = self
            .world
            .engine
            .force_take(&self.ada, &target, id, "chance")
            .await;
        if !self.model.is_live(session) {
            assert!(matches!(answer, Err(LockError::SessionNotFound)), "{answer:?}");
            return;
        }
        let had = self.model.held.get(&(document, session)) == Some(&LockMode::Exclusive);
        self.model.held.retain(|(on, _), _| *on != document);
        self.model.held.insert((document, session), LockMode::Exclusive);
        self.granted(document, answer.unwrap().fence, had);
        self.model.renew(session);
    }

    /// L07: a new grant has a greater fence than all before; a refresh keeps the fence, which then need not be the greatest.
    fn granted(&mut self, document: usize, fence: i64, refreshed: bool) {
        if refreshed {
            assert!(fence <= self.fences[document]);
        } else {
            assert!(fence > self.fences[document]);
            self.fences[document] = fence;
        }
    }

    async fn release(&mut self, session: usize, document: usize) {
        let target = self.world.target(&self.ada, self.documents[document]).await;
        let (id, reason) = (self.sessions[session], ReleaseReason::Released);
        let answer = self.world.engine.release(&self.ada, &target, id, reason).await;
        let is_held = self.model.held.keys().any(|(on, _)| *on == document);
        let had = self.model.held.remove(&(document, session)).is_some();
        match answer {
            Ok(()) => assert!(had),
            Err(LockError::NotHolder) => assert!(!had && is_held),
            Err(LockError::LockNotFound) => assert!(!is_held),
            Err(other) => panic!("{other:?}"),
        }
    }

    /// What the engine says is held is what the model says.
    async fn compare(&self) {
        for (document, id) in self.documents.iter().enumerate() {
            let target = self.world.target(&self.ada, *id).await;
            let mut found: Vec<_> = (self.world.engine.state(&target).await.unwrap().holders.iter())
                .map(|lock| (lock.session_id, lock.mode == LockMode::Shared))
                .collect();
            let mut expected: Vec<_> = (self.model.held.iter())
                .filter(|((on, _), _)| *on == document)
                .map(|((_, by), mode)| (self.sessions[*by], *mode == LockMode::Shared))
                .collect();
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected);
        }
    }
}

async fn play(steps: Vec<Step>) {
    let world = World::new(super::sql).await;
    let ada = world.user("Ada").await;
    let mut documents = Vec::new();
    for _ in 0..DOCUMENTS {
        documents.push(world.document(&ada, None).await);
    }
    let mut run = Run {
        world,
        ada,
        sessions: (0..SESSIONS).map(|_| SessionId::random()).collect(),
        documents,
        fences: vec![0; DOCUMENTS],
        model: Model::default(),
    };
    for step in &steps {
        run.take(step).await;
        run.compare().await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn l05_any_history_ends_as_the_model_says(steps in proptest::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(steps));
    }
}
