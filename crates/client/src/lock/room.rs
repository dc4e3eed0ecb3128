//! What the document's room tells about its lock. Events may be echoes of an earlier lock of this session: fences, and
//! whether our own `document_locked` came, tell them from news.

use holdfast_protocol::{
    account::User,
    lock::{Lock, ReleaseReason, Resource},
    room::Actor,
};

use super::{Effect, LockMachine, Lost, State};
use crate::{clock::Tick, view::LossReason};

impl LockMachine {
    pub(super) fn locked(&mut self, lock: Lock, now: Tick) -> Vec<Effect> {
        if lock.resource.document_id() != Some(self.document) {
            return Vec::new();
        }
        if lock.session_id == self.session {
            self.confirm(Some(lock.fence));
            return self.seen(now);
        }
        match self.state {
            State::Held { fence, .. } | State::Lapsed { fence, .. } if lock.fence > fence => {
                self.holder = Some(lock);
                self.lose(LossReason::Expired, None, None)
            }
            State::Held { .. } | State::Lapsed { .. } => Vec::new(),
            _ => {
                self.holder = Some(lock);
                Vec::new()
            }
        }
    }

    pub(super) fn unlocked(&mut self, reason: ReleaseReason, by: &Actor) -> Vec<Effect> {
        self.holder = None;
        let third_hand = matches!(reason, ReleaseReason::Forced | ReleaseReason::Revoked);
        let ours = third_hand || by.session_id == Some(self.session);
        let holds = matches!(
            self.state,
            State::Held { confirmed: true, .. } | State::Lapsed { .. }
        );
        if !ours || !holds {
            // before our own `document_locked` came, it is the end of an earlier lock
            return Vec::new();
        }
        let why = match reason {
            // the lease ended, and nobody has the lock: it may be had anew
            ReleaseReason::Expired | ReleaseReason::Disconnected => return self.doubt(),
            ReleaseReason::Idle => LossReason::Idle,
            ReleaseReason::SignedOut => LossReason::SignedOut,
            ReleaseReason::Revoked => LossReason::Revoked,
            ReleaseReason::HandedOver => LossReason::MovedToOwnWindow,
            ReleaseReason::Released | ReleaseReason::Forced => LossReason::ForcedFree,
        };
        let by = third_hand.then(|| user(by));
        self.lose(why, by, None)
    }

    pub(super) fn force_taken(
        &mut self,
        lock: Lock,
        previous: &[Lock],
        by: &Actor,
        reason: String,
        now: Tick,
    ) -> Vec<Effect> {
        if lock.session_id == self.session {
            self.confirm(Some(lock.fence));
            return self.seen(now);
        }
        let displaced =
            |fence: i64| lock.fence > fence || previous.iter().any(|lock| lock.session_id == self.session);
        let lost = match self.state {
            State::Held { fence, .. } | State::Lapsed { fence, .. } | State::Proving { fence, .. } => {
                displaced(fence)
            }
            // known to be lost already, but not to whom
            State::Lost(Lost {
                why: LossReason::Expired | LossReason::ForcedFree,
                ..
            }) => previous.iter().any(|lock| lock.session_id == self.session),
            _ => false,
        };
        self.holder = Some(lock);
        if !lost {
            return Vec::new();
        }
        if by.id == self.user {
            self.lose(LossReason::MovedToOwnWindow, Some(user(by)), None)
        } else {
            self.lose(LossReason::TakenOver, Some(user(by)), Some(reason))
        }
    }

    pub(super) fn snapshot(&mut self, locks: Vec<Lock>, now: Tick) -> Vec<Effect> {
        let on_document = |lock: &Lock| matches!(lock.resource, Resource::Document { .. });
        let lock = locks.into_iter().find(on_document);
        match (lock, &self.state) {
            (Some(lock), _) if lock.session_id == self.session => self.seen(now),
            (Some(lock), _) => self.locked(lock, now),
            (None, State::Held { confirmed: true, .. } | State::Lapsed { .. }) => self.doubt(),
            (None, _) => {
                self.holder = None;
                Vec::new()
            }
        }
    }
}

fn user(by: &Actor) -> User {
    User {
        id: by.id,
        name: by.name.clone(),
    }
}
