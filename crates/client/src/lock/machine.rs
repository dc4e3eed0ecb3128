//! The transitions.

use std::time::Duration;

use holdfast_protocol::{
    DocumentId, SessionId, UserId,
    account::User,
    limits::CLIENT_DEADLINE_MARGIN,
    lock::{Lock, Resource},
    session::HeldLock,
};

use super::{Effect, Input, Lost, State};
use crate::{clock::Tick, view::LossReason};

/// One session's lock on one document.
#[derive(Debug, Clone)]
pub struct LockMachine {
    pub(super) document: DocumentId,
    pub(super) session: SessionId,
    pub(super) user: UserId,
    /// How long the lease lasts from each renewal.
    ttl: Duration,
    /// Whether the window would edit if it could: asked again when the server comes back.
    wants: bool,
    pub(super) state: State,
    /// Who else holds the lock, as far as known.
    pub(super) holder: Option<Lock>,
}

impl LockMachine {
    /// A session that only looks.
    #[must_use]
    pub fn new(document: DocumentId, session: SessionId, user: UserId, ttl: Duration) -> Self {
        Self {
            document,
            session,
            user,
            ttl,
            wants: false,
            state: State::Looking,
            holder: None,
        }
    }

    /// The state.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Who else holds the lock.
    #[must_use]
    pub fn holder(&self) -> Option<&Lock> {
        self.holder.as_ref()
    }

    /// Whether the window wants to edit and does not yet: it is asked again when the server comes back.
    #[must_use]
    pub fn wants(&self) -> bool {
        self.wants && self.state == State::Looking
    }

    /// The lease's length, once the server has said it.
    pub fn set_ttl(&mut self, ttl: Duration) {
        self.ttl = ttl;
    }

    /// Whether the next edit is accepted (C06).
    #[must_use]
    pub fn accepts_edits(&self) -> bool {
        matches!(
            self.state,
            State::Held { confirmed: true, .. } | State::Lapsed { .. }
        )
    }

    /// The fence to commit with; none where nothing may be sent.
    #[must_use]
    pub fn fence(&self, now: Tick) -> Option<i64> {
        match self.state {
            State::Held { fence, deadline, .. } if now < deadline => Some(fence),
            _ => None,
        }
    }

    /// When [`Input::Tick`] is due.
    #[must_use]
    pub fn deadline(&self) -> Option<Tick> {
        match self.state {
            State::Held { deadline, .. } => Some(deadline),
            _ => None,
        }
    }

    /// The only place where the state changes.
    pub fn step(&mut self, input: Input, now: Tick) -> Vec<Effect> {
        match input {
            Input::Want => self.want(now),
            Input::Force => self.force(now),
            Input::Granted {
                lock,
                sent_at,
                confirmed,
            } => self.granted(&lock, sent_at, confirmed, now),
            Input::Refused(holder) => self.refused(holder),
            Input::Outlived(holder) => self.outlived(holder),
            Input::NotSent => self.not_sent(),
            Input::AnswerLost => self.answer_lost(),
            Input::Settled(lock) => self.settled(lock, now),
            Input::Renewed { sent_at, locks } => self.renewed(sent_at, locks.as_deref(), now),
            Input::Attached(locks) => self.attached(&locks, now),
            Input::SessionEnded => self.doubt(),
            Input::Confirmed => self.confirm(None),
            Input::Proved(sent_at) => self.proved(sent_at),
            Input::Unproved(holder) => self.unproved(holder),
            Input::Locked(lock) => self.locked(lock, now),
            Input::Unlocked { reason, by } => self.unlocked(reason, &by),
            Input::ForceTaken {
                lock,
                previous,
                by,
                reason,
            } => self.force_taken(lock, &previous, &by, reason, now),
            Input::Snapshot(locks) => self.snapshot(locks, now),
            Input::Tick => self.tick(now),
            Input::GivenBack { idle } => self.given_back(idle),
            Input::Denied => self.end(State::NotAllowed),
            Input::Gone => self.end(State::Gone),
        }
    }

    fn want(&mut self, now: Tick) -> Vec<Effect> {
        self.wants = true;
        match self.state {
            State::Looking | State::Lost(_) => self.asks(now, &[Effect::Acquire]),
            _ => Vec::new(),
        }
    }

    /// Once: what could not be sent is not repeated as a milder wish.
    fn force(&mut self, now: Tick) -> Vec<Effect> {
        let effects = self.asks(now, &[]);
        self.wants = false;
        effects
    }

    fn asks(&mut self, now: Tick, effects: &[Effect]) -> Vec<Effect> {
        self.wants = true;
        self.state = State::Acquiring {
            sent_at: now,
            settling: false,
        };
        effects.to_vec()
    }

    fn granted(&mut self, lock: &Lock, sent_at: Tick, confirmed: bool, now: Tick) -> Vec<Effect> {
        if !matches!(self.state, State::Acquiring { .. } | State::Proving { .. }) {
            return self.seen(now);
        }
        self.holder = None;
        self.state = State::Held {
            fence: lock.fence,
            since: lock.acquired_at,
            deadline: self.deadline_from(sent_at),
            confirmed,
        };
        Vec::new()
    }

    /// The server names this session as the holder. Where the machine waits for no lock and has none, it is one that came
    /// too late, and heartbeats would keep it from everybody for ever (L16): it is had where it is wanted again, else given
    /// back. What a lock in force or one that is asked for is named as, its own request tells.
    pub(super) fn seen(&mut self, now: Tick) -> Vec<Effect> {
        match self.state {
            State::Looking if self.wants => self.asks(now, &[Effect::Acquire]),
            State::Looking | State::Lost(_) | State::NotAllowed | State::Gone => vec![Effect::Release],
            State::Acquiring { .. } | State::Held { .. } | State::Lapsed { .. } | State::Proving { .. } => {
                Vec::new()
            }
        }
    }

    fn refused(&mut self, holder: Option<Lock>) -> Vec<Effect> {
        if matches!(self.state, State::Acquiring { .. }) {
            // refused is answered: asking again is the user's business
            self.wants = false;
            self.state = State::Looking;
            self.holder = holder;
        }
        Vec::new()
    }

    /// The wish stays: asking again is no question to the user.
    fn outlived(&mut self, holder: Lock) -> Vec<Effect> {
        if matches!(self.state, State::Acquiring { .. }) {
            self.state = State::Looking;
            self.holder = Some(holder);
        }
        Vec::new()
    }

    fn not_sent(&mut self) -> Vec<Effect> {
        if matches!(self.state, State::Acquiring { .. }) {
            self.state = State::Looking;
        }
        Vec::new()
    }

    fn answer_lost(&mut self) -> Vec<Effect> {
        match &mut self.state {
            State::Acquiring { settling, .. } => {
                *settling = true;
                vec![Effect::Settle]
            }
            _ => Vec::new(),
        }
    }

    fn settled(&mut self, lock: Option<Lock>, now: Tick) -> Vec<Effect> {
        let State::Acquiring {
            sent_at,
            settling: true,
        } = self.state
        else {
            let ours = lock.is_some_and(|lock| lock.session_id == self.session);
            return if ours { self.seen(now) } else { Vec::new() };
        };
        match lock {
            Some(lock) if lock.session_id == self.session => self.granted(&lock, sent_at, false, now),
            Some(lock) => self.refused(Some(lock)),
            None => self.asks(now, &[Effect::Acquire]),
        }
    }

    fn renewed(&mut self, sent_at: Tick, locks: Option<&[HeldLock]>, now: Tick) -> Vec<Effect> {
        let has = |fence| locks.map(|locks| self.is_among(locks, fence));
        match self.state {
            State::Held { fence, .. } if has(fence) == Some(false) => self.doubt(),
            State::Held { .. } => {
                let until = self.deadline_from(sent_at);
                if let State::Held { deadline, .. } = &mut self.state {
                    *deadline = until.max(*deadline);
                }
                Vec::new()
            }
            State::Lapsed { fence, since, .. } if has(fence) == Some(true) => {
                self.state = State::Held {
                    fence,
                    since,
                    deadline: self.deadline_from(sent_at),
                    confirmed: true,
                };
                Vec::new()
            }
            State::Lapsed { .. } => self.doubt(),
            _ if locks.is_some_and(|locks| self.is_on_document(locks)) => self.seen(now),
            _ => Vec::new(),
        }
    }

    fn attached(&mut self, locks: &[HeldLock], now: Tick) -> Vec<Effect> {
        match self.state {
            State::Held { fence, .. } if self.is_among(locks, fence) => Vec::new(),
            State::Held { .. } | State::Lapsed { .. } => self.doubt(),
            _ if self.is_on_document(locks) => self.seen(now),
            _ => Vec::new(),
        }
    }

    /// The lock may not be this session's any more: nothing is accepted or sent until that is clear.
    pub(super) fn doubt(&mut self) -> Vec<Effect> {
        match self.state {
            State::Held { fence, since, .. } | State::Lapsed { fence, since, .. } => {
                self.state = State::Proving { fence, since };
                vec![Effect::Prove]
            }
            _ => Vec::new(),
        }
    }

    fn proved(&mut self, sent_at: Tick) -> Vec<Effect> {
        if let State::Proving { fence, since } = self.state {
            self.state = State::Held {
                fence,
                since,
                deadline: self.deadline_from(sent_at),
                confirmed: true,
            };
        }
        Vec::new()
    }

    fn unproved(&mut self, holder: Option<Lock>) -> Vec<Effect> {
        if !matches!(self.state, State::Proving { .. }) {
            return Vec::new();
        }
        let ours = holder
            .as_ref()
            .is_some_and(|lock| lock.session_id == self.session);
        self.holder = holder.filter(|_| !ours);
        let mut effects = self.lose(LossReason::Expired, None, None);
        if ours {
            // under another fence: it may have been somebody else's in between
            effects.push(Effect::Release);
        }
        effects
    }

    /// What was committed before this fence was granted has been seen; any fence of ours where none is named.
    pub(super) fn confirm(&mut self, seen: Option<i64>) -> Vec<Effect> {
        if let State::Held { fence, confirmed, .. } = &mut self.state
            && seen.is_none_or(|seen| seen == *fence)
        {
            *confirmed = true;
        }
        Vec::new()
    }

    fn tick(&mut self, now: Tick) -> Vec<Effect> {
        if let State::Held {
            fence,
            since,
            deadline,
            ..
        } = self.state
            && now >= deadline
        {
            self.state = State::Lapsed {
                fence,
                since,
                at: deadline,
            };
        }
        Vec::new()
    }

    fn given_back(&mut self, idle: bool) -> Vec<Effect> {
        self.wants = false;
        if idle {
            return self.lose(LossReason::Idle, None, None);
        }
        self.state = State::Looking;
        vec![Effect::KeepDraft]
    }

    pub(super) fn lose(&mut self, why: LossReason, by: Option<User>, reason: Option<String>) -> Vec<Effect> {
        self.wants = false;
        self.state = State::Lost(Lost { why, by, reason });
        vec![Effect::KeepDraft]
    }

    fn end(&mut self, state: State) -> Vec<Effect> {
        self.wants = false;
        self.state = state;
        vec![Effect::KeepDraft]
    }

    fn deadline_from(&self, sent_at: Tick) -> Tick {
        sent_at.plus(self.ttl.saturating_sub(CLIENT_DEADLINE_MARGIN))
    }

    fn is_among(&self, locks: &[HeldLock], fence: i64) -> bool {
        let ours = Resource::Document { id: self.document };
        locks
            .iter()
            .any(|lock| lock.resource == ours && lock.fence == fence)
    }

    fn is_on_document(&self, locks: &[HeldLock]) -> bool {
        let ours = Resource::Document { id: self.document };
        locks.iter().any(|lock| lock.resource == ours)
    }
}
