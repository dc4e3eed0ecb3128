//! The session: opened, kept by the connection, opened again; and what its user may do.

use std::time::Duration;

use holdfast_protocol::{
    Code,
    account::Workspace,
    session::{OpenSession, OpenedSession},
};

use super::{
    actor::{Actor, Done},
    locking::ASK_AGAIN,
};
use crate::{
    api::ApiError,
    connection::{Attachment, Lease},
    lock::{Input, State},
    view::LossReason,
};

impl Actor {
    pub(super) fn open_session(&mut self) {
        if self.opening || matches!(self.lock.state(), State::Gone) {
            return;
        }
        self.opening = true;
        let (api, request) = (self.links.api.clone(), self.open_request());
        self.tasks
            .spawn(async move { Done::Session(api.open_session(&request).await) });
    }

    pub(super) fn open_request(&self) -> OpenSession {
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

    pub(super) fn session_opened(&mut self, opened: Result<OpenedSession, ApiError>) {
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

    pub(super) fn attach(&mut self, opened: &OpenedSession) {
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

    /// Asks what the user may do now.
    pub(super) fn ask_role(&mut self) {
        if let Some(workspace) = self.document.workspace_id {
            let api = self.links.api.clone();
            self.tasks
                .spawn(async move { Done::Role(api.workspace(workspace).await) });
        }
    }

    pub(super) fn role_is(&mut self, workspace: Result<Workspace, ApiError>) {
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
