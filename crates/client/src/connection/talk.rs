//! Talking through an open socket.

use std::{collections::HashMap, time::Duration};

use futures_util::{SinkExt, StreamExt};
use holdfast_protocol::{
    Code, PROTOCOL, SessionId,
    room::Event,
    socket::{ClientFrame, EventFrame, HeartbeatAck, Position, ServerFrame, ServerFrameHead},
};
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    Command, FrameSink, FrameStream, Lease, News,
    actor::{Actor, LOOK_EVERY, SleepDetector},
    ledger::Ledger,
};
use crate::{
    credentials::Token,
    view::{ConnectionView, sentence},
};

/// How long the server may take to say welcome.
const WELCOME_WITHIN: Duration = Duration::from_secs(10);
/// How long a frame may take to leave; longer, and nobody reads on the other side.
const WRITE_WITHIN: Duration = Duration::from_secs(10);
/// A heartbeat interval below this would be a mistake of the server's.
const SHORTEST_HEARTBEAT: Duration = Duration::from_millis(500);

/// How a link ended.
#[derive(Debug)]
pub(super) enum End {
    /// The client wanted it.
    Stopped,
    /// It broke.
    Broken(String),
    /// What answers can't prove to be the server; in words.
    Untrusted(String),
    /// The machine slept: the socket only looks open.
    Slept,
    /// The token is not valid any more.
    SignedOut(String),
    /// A request was refused for want of a valid token, perhaps one made with an earlier token: the next socket tells.
    Unsure,
    /// There is another token.
    Renewed(Token),
    /// The server speaks another version.
    Incompatible(String),
    /// The server said goodbye.
    Closed {
        /// Why.
        reason: String,
        /// When to come back.
        after: Duration,
    },
}

/// An open socket.
pub(super) struct Link {
    sink: FrameSink,
    stream: FrameStream,
    /// How often the server wants a heartbeat of its default lease.
    heartbeat: Duration,
}

impl Link {
    pub(super) fn new(sink: FrameSink, stream: FrameStream) -> Self {
        Self {
            sink,
            stream,
            heartbeat: holdfast_protocol::limits::LEASE_TTL / holdfast_protocol::limits::HEARTBEATS_PER_TTL,
        }
    }

    async fn say(&mut self, frame: &ClientFrame) -> Result<(), End> {
        let text = serde_json::to_string(frame).map_err(|error| End::Broken(error.to_string()))?;
        match timeout(WRITE_WITHIN, self.sink.send(text)).await {
            Ok(sent) => sent.map_err(End::Broken),
            Err(_) => Err(End::Broken("the server takes nothing any more".into())),
        }
    }

    /// Says hello and waits for the welcome; versions that don't fit are named.
    async fn hello(&mut self, actor: &Actor) -> Result<(), End> {
        let client = actor.endpoint.program.clone();
        self.say(&ClientFrame::Hello {
            protocol: PROTOCOL,
            client: client.clone(),
        })
        .await?;
        let Ok(Some(frame)) = timeout(WELCOME_WITHIN, self.stream.next()).await else {
            return Err(End::Broken("the server does not say welcome".into()));
        };
        match serde_json::from_str(&frame.map_err(End::Broken)?) {
            Ok(ServerFrame::Welcome {
                protocol: PROTOCOL,
                heartbeat_ms,
                ..
            }) => {
                let wanted = Duration::from_millis(u64::try_from(heartbeat_ms).unwrap_or(0));
                self.heartbeat = wanted.max(SHORTEST_HEARTBEAT);
                Ok(())
            }
            Ok(ServerFrame::Welcome { protocol, server, .. }) => {
                Err(End::Incompatible(if protocol < PROTOCOL {
                    format!(
                        "The server (version {}) is older than this app (version {}): ask whoever runs it to update it.",
                        server.version, client.version
                    )
                } else {
                    format!(
                        "The server (version {}) is newer than this app (version {}): update the app.",
                        server.version, client.version
                    )
                }))
            }
            Ok(ServerFrame::Error {
                code: Code::Unauthenticated,
                detail,
                ..
            }) => Err(End::SignedOut(sentence(&detail))),
            Ok(ServerFrame::Error { detail, .. }) => Err(End::Incompatible(format!(
                "The server does not speak this app's protocol ({PROTOCOL}). {} Update the older of the two.",
                sentence(&detail)
            ))),
            Ok(ServerFrame::Closing {
                reason,
                reconnect_after_ms,
            }) => Err(closed(reason, reconnect_after_ms)),
            _ => Err(End::Incompatible(
                "What answers does not speak Holdfast's protocol. Update the older of the two.".into(),
            )),
        }
    }
}

impl Actor {
    /// Talks until the link ends. Cancel-safe at each turn: a frame is handled before anything else is awaited.
    pub(super) async fn talk(
        &mut self,
        mut link: Link,
        orders: &mut mpsc::UnboundedReceiver<Command>,
        stop: &CancellationToken,
    ) -> End {
        let mut ledger = Ledger::new(self.clock.now());
        let mut sleep = SleepDetector::new(&*self.clock);
        if let Err(end) = self.arrive(&mut link, &mut ledger).await {
            return end;
        }
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let turn = tokio::select! {
                biased;
                () = stop.cancelled() => {
                    let _ = timeout(LOOK_EVERY, link.sink.close()).await;
                    return End::Stopped;
                }
                _ = look.tick() => {
                    if sleep.slept(&*self.clock) {
                        return End::Slept;
                    }
                    self.look(&mut link, &mut ledger).await
                }
                order = orders.recv() => match order {
                    None => return End::Stopped,
                    Some(order) => self.carry_out(order, &mut link, &mut ledger).await,
                },
                frame = link.stream.next() => match frame {
                    Some(Ok(text)) => self.hear(&text, &mut ledger),
                    Some(Err(detail)) => Err(End::Broken(detail)),
                    None => Err(End::Broken("the server closed the socket".into())),
                },
            };
            let turn = match turn {
                Ok(()) => self.ask_for_rooms(&mut link).await,
                end => end,
            };
            if let Err(end) = turn {
                return end;
            }
        }
    }

    /// Rebuilds everything from what the client knows: sessions, leases, rooms.
    async fn arrive(&mut self, link: &mut Link, ledger: &mut Ledger) -> Result<(), End> {
        link.hello(self).await?;
        let sessions: Vec<_> = self.sessions.keys().copied().collect();
        for session_id in sessions {
            link.say(&ClientFrame::Attach { session_id }).await?;
        }
        self.heartbeat(link, ledger).await?;
        self.ask_for_rooms(link).await?;
        for session in self.sessions.values() {
            let _ = session.listener.send(News::Up);
        }
        Ok(())
    }

    async fn ask_for_rooms(&mut self, link: &mut Link) -> Result<(), End> {
        for request in self.rooms.requests() {
            link.say(&request).await?;
        }
        Ok(())
    }

    /// All leases with one frame; with no session it only proves that the link lives.
    async fn heartbeat(&mut self, link: &mut Link, ledger: &mut Ledger) -> Result<(), End> {
        let now = self.clock.now();
        let idle_ms: HashMap<SessionId, i64> = self
            .sessions
            .iter()
            .map(|(id, session)| (*id, session.idle_ms(now)))
            .collect();
        ledger.sent(now);
        let sessions = self.sessions.keys().copied().collect();
        link.say(&ClientFrame::Heartbeat { sessions, idle_ms }).await
    }

    async fn look(&mut self, link: &mut Link, ledger: &mut Ledger) -> Result<(), End> {
        let now = self.clock.now();
        self.rooms.ask_again();
        if ledger.is_overdue(now) {
            return Err(End::Broken("the server does not answer any more".into()));
        }
        if ledger.has_proved_itself(now) {
            self.backoff.reset();
            self.set_status(ConnectionView::Online);
        }
        let shortest = self.sessions.values().map(|session| session.heartbeat).min();
        let every = shortest.unwrap_or(link.heartbeat).max(SHORTEST_HEARTBEAT);
        if ledger.is_due(now, every) {
            self.heartbeat(link, ledger).await?;
        }
        Ok(())
    }

    async fn carry_out(&mut self, order: Command, link: &mut Link, ledger: &mut Ledger) -> Result<(), End> {
        match order {
            Command::Attach(attachment) => {
                let session_id = attachment.session;
                let _ = attachment.listener.send(News::Up);
                self.sessions.insert(session_id, attachment);
                ledger.hurry();
                link.say(&ClientFrame::Attach { session_id }).await
            }
            Command::Forget(session) => {
                self.sessions.remove(&session);
                self.renewed.remove(&session);
                Ok(())
            }
            Command::Join(room, id, listener) => {
                self.rooms.join(room, id, listener);
                Ok(())
            }
            Command::Leave(room, id) => {
                if self.rooms.leave(room, id) {
                    return link.say(&ClientFrame::Unsubscribe { room }).await;
                }
                Ok(())
            }
            Command::Presence(room, session_id, state) => {
                link.say(&ClientFrame::Presence {
                    room,
                    session_id,
                    state,
                })
                .await
            }
            Command::Retry => Ok(()),
            Command::SignedOut(_) => Err(End::Unsure),
            Command::Renew(token) => Err(End::Renewed(token)),
        }
    }

    fn hear(&mut self, text: &str, ledger: &mut Ledger) -> Result<(), End> {
        let head: ServerFrameHead = match serde_json::from_str(text) {
            Ok(head) => head,
            Err(error) => {
                tracing::error!(%error, "a frame of the server's is no JSON object with a type");
                return Err(End::Incompatible(
                    "The server speaks in a way that this app does not understand. Update the older of the two.".into(),
                ));
            }
        };
        if head.kind == "event" {
            match serde_json::from_str::<EventFrame<Event>>(text) {
                Ok(frame) => {
                    let at = Position {
                        epoch: frame.epoch,
                        seq: frame.seq,
                    };
                    self.rooms.event(frame.room, at, frame.event);
                }
                Err(error) => self.skip_event(text, &error),
            }
            return Ok(());
        }
        match serde_json::from_str(text) {
            Ok(frame) => self.frame(frame, ledger),
            Err(error) => {
                tracing::warn!(kind = head.kind, %error, "a frame of the server's is not understood");
                Ok(())
            }
        }
    }

    /// An event of a kind that this version does not know: its place in the order counts, its content does not.
    fn skip_event(&mut self, text: &str, error: &serde_json::Error) {
        tracing::warn!(%error, "an event is not understood");
        if let Ok(frame) = serde_json::from_str::<EventFrame<serde::de::IgnoredAny>>(text) {
            let at = Position {
                epoch: frame.epoch,
                seq: frame.seq,
            };
            self.rooms.skip(frame.room, at);
        }
    }

    fn frame(&mut self, frame: ServerFrame, ledger: &mut Ledger) -> Result<(), End> {
        match frame {
            ServerFrame::HeartbeatAck { sessions } => self.acknowledged(sessions, ledger),
            ServerFrame::Attached {
                session_id, locks, ..
            } => self.tell(session_id, Lease::Attached { locks }),
            ServerFrame::Subscribed {
                room,
                epoch,
                seq,
                resumed,
                snapshot,
            } => self
                .rooms
                .subscribed(room, Position { epoch, seq }, resumed, snapshot),
            ServerFrame::Presence { room, presence } => self.rooms.presence(room, presence),
            ServerFrame::Resync { room } => self.rooms.resync(room),
            ServerFrame::Error {
                code,
                detail,
                room,
                session_id,
            } => {
                tracing::debug!(?code, detail, "the server refused a frame");
                match (room, session_id) {
                    (_, Some(session)) if code == Code::SessionNotFound => {
                        self.tell(session, Lease::Ended);
                    }
                    (Some(room), None) => self.rooms.refused(room, code, &detail),
                    _ => {}
                }
            }
            ServerFrame::Closing {
                reason,
                reconnect_after_ms,
            } => return Err(closed(reason, reconnect_after_ms)),
            ServerFrame::Welcome { .. } => {}
        }
        Ok(())
    }

    fn acknowledged(&mut self, sessions: Vec<HeartbeatAck>, ledger: &mut Ledger) {
        let Some(sent_at) = ledger.answered() else {
            return;
        };
        self.backoff.reset();
        self.set_status(ConnectionView::Online);
        for ack in sessions {
            match ack {
                HeartbeatAck::Renewed { session_id, .. } => {
                    self.renewed.insert(session_id, sent_at);
                    self.tell(session_id, Lease::Renewed { sent_at, locks: None });
                }
                HeartbeatAck::Refused { session_id, .. } => self.tell(session_id, Lease::Ended),
            }
        }
    }
}

/// What the server's `closing` means.
fn closed(reason: String, reconnect_after_ms: Option<i64>) -> End {
    match reason.as_str() {
        "signed_out" => End::SignedOut(
            "The sign-in was ended, here or from elsewhere. Sign in again; what is not saved is kept on this device."
                .into(),
        ),
        "protocol" => {
            End::Incompatible("The server does not speak this app's protocol. Update the older of the two.".into())
        }
        _ => {
            let after = reconnect_after_ms.and_then(|ms| u64::try_from(ms).ok());
            End::Closed {
                reason,
                after: Duration::from_millis(after.unwrap_or(0)),
            }
        }
    }
}
