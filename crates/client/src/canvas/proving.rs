//! A doubtful lock is proved, or had anew where nothing has happened (X03).

use std::time::Duration;

use holdfast_protocol::{
    Code, DocumentId,
    document::Document,
    lock::{Lock, Resource},
    session::{OpenSession, OpenedSession},
};

use super::{
    actor::{Actor, Done},
    locking::{ASK_AGAIN, CONFIRM_WITHIN},
};
use crate::{
    api::{Api, ApiError},
    clock::{Clock, Tick},
    document::Shadow,
    lock::{Input, State},
};

/// What became of a doubtful lock (X03).
#[derive(Debug)]
pub(super) enum Proof {
    /// The same session, the same fence.
    Same(Tick),
    /// The lease had ended; the lock was free and is this session's again.
    Anew(Tick, Lock, OpenedSession, Box<Document>),
    /// Somebody else has it; with the session where it was opened again.
    Held(Option<Lock>, Option<OpenedSession>),
    /// This user can't have it (any more).
    Refused(ApiError),
    /// The server can't be asked now.
    Unknown(ApiError),
}

impl Actor {
    pub(super) fn prove(&mut self, after: Duration) {
        let State::Proving { fence, .. } = *self.lock.state() else {
            return;
        };
        let (api, resource, request) = (self.links.api.clone(), self.resource(), self.open_request());
        let (document, clock) = (self.document.id, std::sync::Arc::clone(&self.links.clock));
        self.tasks.spawn(async move {
            tokio::time::sleep(after).await;
            let proof = prove(&api, &*clock, &request, &resource, document, fence).await;
            Done::Proved(proof.unwrap_or_else(|error| {
                if error.is_passing() || error.is(Code::Unauthenticated) {
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
                let base = self.shadow.as_ref().map(Shadow::version);
                if base != Some(document.version) {
                    // somebody saved meanwhile: what is not saved here goes on only where that was this window itself
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
            Proof::Held(holder, opened) => {
                if let Some(opened) = opened {
                    self.attach(&opened);
                }
                self.step(Input::Unproved(holder));
            }
            Proof::Refused(error) => {
                self.step(Input::Unproved(None));
                self.refused_outright(&error);
            }
            Proof::Unknown(error) => {
                tracing::debug!(%error, "the lock can't be proved yet");
                self.refused_outright(&error);
                self.prove(ASK_AGAIN);
            }
        }
    }
}

/// X03, the safe way: the same session and fence, or the free lock anew. Whether somebody saved meanwhile is read after the
/// lock was granted, when nobody else can.
async fn prove(
    api: &Api,
    clock: &dyn Clock,
    request: &OpenSession,
    resource: &Resource,
    document: DocumentId,
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
        Ok(_) => return Ok(Proof::Held(api.lock(resource).await?.lock, None)),
        // one that ended with an earlier sign-in of the user's may be opened again by this one (S06)
        Err(error) if error.is(Code::SessionNotFound) || error.is(Code::SessionNotYours) => {}
        Err(error) => return Err(error),
    }
    let opened = api.open_session(request).await?;
    let sent_at = clock.now();
    let answer = match api.acquire(resource, request.session_id).await {
        Err(error) if error.is(Code::LockHeld) || error.is(Code::LockOffered) => {
            let holder = error.problem().and_then(|problem| problem.holder.as_deref());
            return Ok(Proof::Held(holder.cloned(), Some(opened)));
        }
        answer => answer?,
    };
    let document = api.document(document).await?;
    Ok(Proof::Anew(sent_at, answer.lock, opened, Box::new(document)))
}
