//! The session and the lock: what the machine asks for is done here.

use std::time::Duration;

use holdfast_protocol::{
    Code,
    document::Document,
    lock::Lock,
    session::{OpenSession, OpenedSession},
};

use super::{
    actor::{Actor, Done},
    command::{Reply, Wish},
};
use crate::{
    api::{Api, ApiError},
    clock::{Clock, Tick},
    connection::{Attachment, Lease},
    lock::{Effect, Input, State},
    view::{CommandError, LossReason},
};

/// When to ask again what could not be asked; the link coming up is sooner.
const ASK_AGAIN: Duration = Duration::from_secs(3);
/// How long our own `document_locked` may take before the drawing is read to make sure.
const CONFIRM_WITHIN: Duration = Duration::from_millis(500);

/// What became of a doubtful lock (X03).
#[derive(Debug)]
pub(super) enum Proof {
    /// The same session, the same fence.
    Same(Tick),
    /// The lease had ended; the lock was free and is this session's again.
    Anew(Tick, Lock, OpenedSession, Box<Document>),
    /// Somebody else has it.
    Held(Option<Lock>),
    /// This user can't have it (any more).
    Refused(ApiError),
    /// The server can't be asked now.
    Unknown(ApiError),
}

impl Actor {
    /// Takes one step of the machine, and does what it asks for.
    pub(super) fn step(&mut self, input: Input) {
        let now = self.now();
        let effects = self.lock.step(input, now);
        for effect in effects {
            match effect {
                Effect::Acquire => self.acquire(now),
                Effect::Settle => self.settle(Duration::ZERO),
                Effect::Prove => self.prove(Duration::ZERO),
                Effect::KeepDraft => self.keep_draft(),
            }
        }
        if !matches!(self.lock.state(), State::Acquiring { .. }) {
            self.answer_wish(Ok(()));
        }
    }

    pub(super) fn open_session(&mut self) {
        if self.opening || matches!(self.lock.state(), State::Gone) {
            return;
        }
        self.opening = true;
        let (api, request, sent_at) = (self.links.api.clone(), self.open_request(), self.now());
        self.tasks
            .spawn(async move { Done::Session(sent_at, api.open_session(&request).await) });
    }

    fn open_request(&self) -> OpenSession {
        OpenSession {
            session_id: self.session,
            workspace_id: self.document.workspace_id,
            device_name: self.links.device_name(),
            ttl_ms: self
                .links
                .lease_ttl
                .and_then(|ttl| i64::try_from(ttl.as_millis()).ok()),
        }
    }

    pub(super) fn session_opened(&mut self, _sent_at: Tick, opened: Result<OpenedSession, ApiError>) {
        self.opening = false;
        match opened {
            Ok(opened) => {
                self.attach(&opened);
                if self.lock.wants() {
                    self.want();
                }
            }
            Err(error) => {
                self.refused_outright(&error);
                self.ask_at = Some(self.now().plus(ASK_AGAIN));
                if !matches!(error, ApiError::Refused(_)) {
                    self.answer_wish(Err(error.into()));
                }
            }
        }
    }

    fn attach(&mut self, opened: &OpenedSession) {
        let millis = |ms: i64| Duration::from_millis(u64::try_from(ms).unwrap_or(0));
        self.session_open = true;
        self.lock.set_ttl(millis(opened.ttl_ms));
        self.links.connection.attach(Attachment {
            session: self.session,
            listener: self.news.clone(),
            heartbeat: millis(opened.heartbeat_ms),
            input: std::sync::Arc::clone(&self.input),
        });
    }

    /// What could not be asked before is asked again.
    pub(super) fn ask_again(&mut self) {
        if !self.session_open {
            self.open_session();
        } else if self.lock.wants() && !self.releasing {
            self.want();
        }
    }

    pub(super) fn want(&mut self) {
        self.step(Input::Want);
    }

    pub(super) fn wish(&mut self, wish: Wish, reply: Reply<()>) {
        if !self.may_edit() {
            let detail = "You may look at this canvas, but not change it.";
            let _ = reply.send(Err(CommandError::of("forbidden", detail)));
            return;
        }
        if matches!(self.lock.state(), State::Acquiring { .. } | State::Proving { .. }) {
            let detail = "The server is being asked already.";
            let _ = reply.send(Err(CommandError::of("unavailable", detail)));
            return;
        }
        match wish {
            Wish::IfFree { refusal_is_error } => {
                self.lock_reply = Some((refusal_is_error, reply));
                if matches!(self.lock.state(), State::Looking | State::Lost(_)) {
                    self.want();
                } else {
                    self.answer_wish(Ok(()));
                }
            }
            Wish::Force { reason } => {
                self.lock_reply = Some((true, reply));
                self.force(reason);
            }
        }
    }

    pub(super) fn answer_wish(&mut self, answer: Result<(), CommandError>) {
        // a session still to be opened asks by itself, and answers then
        if answer.is_ok() && self.lock.wants() && self.opening {
            return;
        }
        if let Some((_, reply)) = self.lock_reply.take() {
            let _ = reply.send(answer);
        }
    }

    fn acquire(&mut self, sent_at: Tick) {
        if !self.session_open || self.releasing {
            return self.step(Input::NotSent);
        }
        let (api, resource, session) = (self.links.api.clone(), self.resource(), self.session);
        self.tasks
            .spawn(async move { Done::Acquired(sent_at, api.acquire(&resource, session).await) });
    }

    fn force(&mut self, reason: String) {
        if !self.session_open {
            let detail = "The server can't be reached just now; nothing was changed.";
            return self.answer_wish(Err(CommandError::of("offline", detail)));
        }
        let sent_at = self.now();
        self.lock.step(Input::Force, sent_at);
        let (api, resource, session) = (self.links.api.clone(), self.resource(), self.session);
        self.tasks
            .spawn(async move { Done::Forced(sent_at, api.force_take(&resource, session, &reason).await) });
    }

    pub(super) fn acquired(&mut self, sent_at: Tick, answer: Result<Lock, ApiError>) {
        let error = match answer {
            Ok(lock) => {
                self.confirm_at = Some(self.now().plus(CONFIRM_WITHIN));
                return self.step(Input::Granted {
                    lock,
                    sent_at,
                    confirmed: false,
                });
            }
            Err(error) => error,
        };
        let input = match (&error, error.code()) {
            (_, Some(Code::LockHeld | Code::LockOffered)) => Input::Refused(
                error
                    .problem()
                    .and_then(|problem| problem.holder.as_deref().cloned()),
            ),
            (_, Some(Code::SessionNotFound)) => {
                self.session_open = false;
                self.open_session();
                Input::NotSent
            }
            (ApiError::Unreachable { maybe_done: true, .. }, _) | (_, Some(Code::Internal)) => {
                Input::AnswerLost
            }
            _ => {
                self.ask_at = Some(self.now().plus(ASK_AGAIN));
                Input::NotSent
            }
        };
        let held = matches!(input, Input::Refused(_));
        let told = self.lock_reply.as_ref().is_some_and(|(told, _)| *told);
        if !matches!(input, Input::AnswerLost) && (told || !held) {
            self.answer_wish(Err(self.with_window(error.clone())));
        }
        self.step(input);
        self.refused_outright(&error);
    }

    /// An error that names a holder, with the window where it is one of this app.
    fn with_window(&self, error: ApiError) -> CommandError {
        let holder = error.problem().and_then(|problem| problem.holder.as_deref());
        let holder = holder.map(|lock| self.holder_view(lock));
        CommandError {
            holder,
            ..error.into()
        }
    }

    /// Refusals after which asking again is of no use.
    pub(super) fn refused_outright(&mut self, error: &ApiError) {
        match error.code() {
            Some(Code::NotFound) => self.step(Input::Gone),
            Some(Code::Forbidden) => {
                self.ask_role();
                if !matches!(self.lock.state(), State::Held { .. }) {
                    self.step(Input::Refused(None));
                }
            }
            Some(Code::Unauthenticated) => {
                self.session_open = false;
                self.links.connection.signed_out(&error.to_string());
            }
            _ => {}
        }
    }

    fn settle(&mut self, after: Duration) {
        let (api, resource) = (self.links.api.clone(), self.resource());
        self.tasks.spawn(async move {
            tokio::time::sleep(after).await;
            Done::Settled(api.lock(&resource).await)
        });
    }

    pub(super) fn settled(&mut self, answer: Result<holdfast_protocol::lock::LockState, ApiError>) {
        match answer {
            Ok(answer) => {
                self.confirm_at = Some(self.now().plus(CONFIRM_WITHIN));
                self.step(Input::Settled(answer.lock));
            }
            Err(error) if error.is_passing() => self.settle(ASK_AGAIN),
            Err(error) => {
                self.step(Input::NotSent);
                self.refused_outright(&error);
            }
        }
    }

    fn prove(&mut self, after: Duration) {
        let State::Proving { fence, .. } = *self.lock.state() else {
            return;
        };
        let (api, resource, request) = (self.links.api.clone(), self.resource(), self.open_request());
        let (document, clock) = (self.document.id, std::sync::Arc::clone(&self.links.clock));
        self.tasks.spawn(async move {
            tokio::time::sleep(after).await;
            let proof = prove(&api, &*clock, &request, &resource, document, fence).await;
            Done::Proved(proof.unwrap_or_else(|error| {
                if error.is(Code::LockHeld) || error.is(Code::LockOffered) {
                    let holder = error.problem().and_then(|problem| problem.holder.as_deref());
                    Proof::Held(holder.cloned())
                } else if error.is_passing() {
                    Proof::Unknown(error)
                } else {
                    Proof::Refused(error)
                }
            }))
        });
    }

    pub(super) fn proved(&mut self, proof: Proof) {
        match proof {
            Proof::Same(sent_at) => {
                self.session_open = true;
                self.step(Input::Proved(sent_at));
            }
            Proof::Anew(sent_at, lock, opened, document) => {
                self.attach(&opened);
                let base = self.shadow.as_ref().map(crate::document::Shadow::version);
                if base != Some(document.version) {
                    // somebody else saved meanwhile: what is not saved here was made on an older drawing
                    self.keep_draft();
                    self.load();
                }
                self.confirm_at = Some(self.now().plus(CONFIRM_WITHIN));
                self.step(Input::Granted {
                    lock,
                    sent_at,
                    confirmed: false,
                });
            }
            Proof::Held(holder) => self.step(Input::Unproved(holder)),
            Proof::Refused(error) => {
                self.step(Input::Unproved(None));
                self.refused_outright(&error);
            }
            Proof::Unknown(error) => {
                tracing::debug!(%error, "the lock can't be proved yet");
                self.prove(ASK_AGAIN);
            }
        }
    }

    pub(super) fn lease(&mut self, lease: Lease) {
        match lease {
            Lease::Renewed { sent_at, locks } => {
                self.session_open = true;
                self.step(Input::Renewed { sent_at, locks });
            }
            Lease::Attached { locks } => {
                self.session_open = true;
                self.say_presence();
                self.step(Input::Attached(locks));
            }
            Lease::Ended => {
                self.session_open = false;
                self.step(Input::SessionEnded);
                if !matches!(self.lock.state(), State::Proving { .. }) {
                    self.open_session();
                }
            }
        }
    }

    /// Gives the lock back to the server; asked again until it is answered, and nothing else is asked before (L16).
    pub(super) fn release(&mut self, idle: bool) {
        self.releasing = true;
        let (api, resource, session) = (self.links.api.clone(), self.resource(), self.session);
        self.tasks.spawn(async move {
            loop {
                match api.release(&resource, session, idle).await {
                    Err(error) if error.is_passing() => tokio::time::sleep(ASK_AGAIN).await,
                    answer => return Done::Released(answer),
                }
            }
        });
    }

    pub(super) fn released(&mut self, answer: Result<(), ApiError>) {
        self.releasing = false;
        if let Err(error) = answer {
            // no such lock, or no such session: it is free all the same
            tracing::debug!(%error, "the lock was gone already");
        }
        if self.lock.wants() {
            self.want();
        }
    }

    /// Asks what the user may do now.
    pub(super) fn ask_role(&mut self) {
        if let Some(workspace) = self.document.workspace_id {
            let api = self.links.api.clone();
            self.tasks
                .spawn(async move { Done::Role(api.workspace(workspace).await) });
        }
    }

    pub(super) fn role_is(&mut self, workspace: Result<holdfast_protocol::account::Workspace, ApiError>) {
        match workspace {
            Ok(workspace) => {
                self.whose.role = workspace.role;
                self.whose.workspace = Some(workspace.name);
                let looks = matches!(self.lock.state(), State::Looking);
                if !self.may_edit() && looks {
                    self.step(Input::Denied);
                }
            }
            Err(error) if error.is(Code::NotFound) => self.step(Input::Gone),
            Err(error) => tracing::debug!(%error, "the role can't be read"),
        }
    }

    pub(super) fn lost_access(&mut self) {
        if let State::Lost(lost) = self.lock.state()
            && lost.why == LossReason::Revoked
        {
            self.ask_role();
        }
    }
}

/// X03, the safe way: the same session and fence, or the free lock anew. Whether somebody saved meanwhile is read after the
/// lock was granted, when nobody else can.
async fn prove(
    api: &Api,
    clock: &dyn Clock,
    request: &OpenSession,
    resource: &holdfast_protocol::lock::Resource,
    document: holdfast_protocol::DocumentId,
    fence: i64,
) -> Result<Proof, ApiError> {
    let sent_at = clock.now();
    match api.heartbeat(request.session_id, None).await {
        Ok(answer)
            if answer
                .locks
                .iter()
                .any(|lock| lock.resource == *resource && lock.fence == fence) =>
        {
            return Ok(Proof::Same(sent_at));
        }
        // the session lives and the lock was taken from it: by somebody, and it is not for us to take it back
        Ok(_) => return Ok(Proof::Held(api.lock(resource).await?.lock)),
        Err(error) if error.is(Code::SessionNotFound) => {}
        Err(error) => return Err(error),
    }
    let opened = api.open_session(request).await?;
    let sent_at = clock.now();
    let answer = api.acquire(resource, request.session_id).await?;
    let document = api.document(document).await?;
    Ok(Proof::Anew(sent_at, answer.lock, opened, Box::new(document)))
}
