//! What each of the client's frames does.

use std::time::Duration;

use holdfast_protocol::{
    Code, PROTOCOL, SessionId,
    limits::HEARTBEATS_PER_TTL,
    room::Room,
    socket::{ClientFrame, HeartbeatAck, Program, ServerFrame},
};
use tokio::time::Instant;

use crate::{
    app::App,
    caller::Caller,
    engine::Beat,
    http::{check, sessions::millis},
    refusal::Refusal,
    rooms::{Connection, Ending},
};

/// How often a long-lived socket's token is looked at again: it keeps the sign-in in use, and finds one that ended
/// where this process did not hear of it.
const TOKEN_CHECKED_EVERY: Duration = Duration::from_secs(10 * 60);

/// What comes after a frame.
pub(super) enum Turn {
    /// The next one.
    Next,
    /// The end.
    End(Ending),
}

/// The conversation on one socket.
pub(super) struct Talk<'a> {
    pub(super) app: &'a App,
    pub(super) connection: &'a Connection,
    pub(super) caller: Caller,
    token: String,
    token_checked: Instant,
    welcomed: bool,
}

impl<'a> Talk<'a> {
    pub(super) fn new(app: &'a App, connection: &'a Connection, caller: Caller, token: String) -> Self {
        Self {
            app,
            connection,
            caller,
            token,
            token_checked: Instant::now(),
            welcomed: false,
        }
    }

    /// Whether `hello` was said.
    pub(super) const fn is_welcomed(&self) -> bool {
        self.welcomed
    }

    /// Hears one frame.
    pub(super) async fn hear(&mut self, text: &str) -> Turn {
        self.app.metrics.frames_received.increment(1);
        match serde_json::from_str(text) {
            Ok(ClientFrame::Hello { protocol, client }) => self.hello(protocol, &client),
            Ok(_) if !self.welcomed => self.not_understood("hello comes first"),
            Ok(frame) => self.act(frame).await,
            Err(error) => self.not_understood(&error.to_string()),
        }
    }

    async fn act(&mut self, frame: ClientFrame) -> Turn {
        if let Some(ending) = self.token_is_over().await {
            return Turn::End(ending);
        }
        match frame {
            ClientFrame::Hello { .. } => {}
            ClientFrame::Attach { session_id } => self.attach(session_id).await,
            ClientFrame::Detach { session_id } => self.detach(session_id).await,
            ClientFrame::Heartbeat { sessions, idle_ms } => {
                let idle = |id: &SessionId| {
                    idle_ms
                        .get(id)
                        .map(|ms| check::millis("idle_ms", *ms))
                        .transpose()
                };
                let beat = |session: &SessionId| {
                    Ok(Beat {
                        session: *session,
                        idle: idle(session)?,
                    })
                };
                match sessions.iter().map(beat).collect::<Result<Vec<_>, Refusal>>() {
                    Ok(beats) => self.heartbeat(&beats).await,
                    Err(refusal) => self.refuse(&refusal, None, None),
                }
            }
            ClientFrame::Subscribe { room, after } => self.subscribe(room, after).await,
            ClientFrame::Unsubscribe { room } => self.app.rooms.unsubscribe(self.connection.id, room),
            ClientFrame::Presence {
                room,
                session_id,
                state,
            } => {
                let told = self
                    .app
                    .rooms
                    .tell_presence(self.connection.id, room, session_id, state);
                if let Err(refusal) = told {
                    self.refuse(&refusal, Some(room), Some(session_id));
                }
            }
        }
        Turn::Next
    }

    fn hello(&mut self, protocol: u32, client: &Program) -> Turn {
        if protocol != PROTOCOL {
            self.not_understood(&format!("this server speaks protocol {PROTOCOL}"));
            return Turn::End(Ending::Protocol);
        }
        if self.welcomed {
            return self.not_understood("hello was said already");
        }
        self.welcomed = true;
        tracing::debug!(
            client = client.name,
            version = client.version,
            "a socket said hello"
        );
        self.say(&ServerFrame::Welcome {
            protocol: PROTOCOL,
            server: Program {
                name: "holdfast-server".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            heartbeat_ms: millis(self.app.settings.ttl / HEARTBEATS_PER_TTL),
        });
        Turn::Next
    }

    /// Told to the hub first: a session that ends meanwhile must find this socket there.
    async fn attach(&self, session: SessionId) {
        self.app.rooms.attach(self.connection.id, session);
        let attached = self
            .app
            .engine
            .attach(&self.caller, session, self.connection.id)
            .await;
        let answer = match attached {
            Ok(lease) => self
                .app
                .engine
                .held_by(session)
                .await
                .map(|locks| (lease, locks))
                .map_err(Refusal::from),
            Err(error) => {
                self.app.rooms.detach(self.connection.id, session);
                Err(error.into())
            }
        };
        match answer {
            Ok((lease, locks)) => self.say(&ServerFrame::Attached {
                session_id: session,
                expires_at: lease.expires_at,
                locks,
            }),
            Err(refusal) => self.refuse(&refusal, None, Some(session)),
        }
    }

    async fn detach(&self, session: SessionId) {
        match self.app.engine.end(&self.caller, session).await {
            Ok(()) => self.app.rooms.detach(self.connection.id, session),
            Err(error) => self.refuse(&error.into(), None, Some(session)),
        }
    }

    async fn heartbeat(&self, beats: &[Beat]) {
        let answers = match self.app.engine.heartbeat(&self.caller, beats).await {
            Ok(answers) => answers,
            Err(error) => return self.refuse(&error.into(), None, None),
        };
        let ack = |(beat, answer): (&Beat, Result<crate::engine::Lease, _>)| match answer {
            Ok(lease) => HeartbeatAck::Renewed {
                session_id: beat.session,
                expires_at: lease.expires_at,
            },
            Err(error) => HeartbeatAck::Refused {
                session_id: beat.session,
                code: Refusal::from(error).code(),
            },
        };
        let sessions = beats.iter().zip(answers).map(ack).collect();
        self.say(&ServerFrame::HeartbeatAck { sessions });
    }

    /// Looks at the token again, now and then.
    async fn token_is_over(&mut self) -> Option<Ending> {
        if self.token_checked.elapsed() < TOKEN_CHECKED_EVERY {
            return None;
        }
        self.token_checked = Instant::now();
        match self.app.accounts.caller(&self.token).await {
            Ok(Some(_)) => None,
            Ok(None) => Some(Ending::SignedOut),
            Err(error) => {
                tracing::warn!(%error, "a socket's token could not be checked");
                None
            }
        }
    }

    pub(super) fn not_understood(&self, detail: &str) -> Turn {
        self.refuse(&Refusal::new(Code::Invalid, detail), None, None);
        Turn::Next
    }

    pub(super) fn refuse(&self, refusal: &Refusal, room: Option<Room>, session_id: Option<SessionId>) {
        self.say(&ServerFrame::Error {
            code: refusal.code(),
            detail: refusal.detail().to_owned(),
            room,
            session_id,
        });
    }

    pub(super) fn say(&self, frame: &ServerFrame) {
        self.connection.outbox.answer(frame);
    }
}
