//! The actor: one run loop a state, the stop token first in each.

use std::{collections::HashMap, sync::Arc, time::Duration};

use holdfast_protocol::{Code, SessionId};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    Attachment, Command, Dial, DialError, Endpoint, Lease, News,
    backoff::Backoff,
    rooms::Rooms,
    talk::{End, Link},
};
use crate::{
    api::{ApiError, SERVER_OUT_OF_REACH},
    clock::{Clock, Tick},
    credentials::Token,
    view::ConnectionView,
};

/// How long a socket may take to open.
const DIAL_WITHIN: Duration = Duration::from_secs(10);
/// How often the clock is looked at: fine enough for the shortest lease's heartbeat.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(500);
/// A server that speaks another version is asked again after this: it may have been updated.
const INCOMPATIBLE_RETRY: Duration = Duration::from_secs(5 * 60);
/// How long a server may take to end the earlier sign-in where the user signs in again.
const SIGN_OUT_WITHIN: Duration = Duration::from_secs(5);
/// How far the clock that counts suspend may run ahead of the one that does not before the machine must have slept.
const SLEPT: Duration = Duration::from_secs(3);

pub(super) struct Actor {
    pub(super) endpoint: Endpoint,
    dial: Arc<dyn Dial>,
    pub(super) clock: Arc<dyn Clock>,
    publish: watch::Sender<ConnectionView>,
    pub(super) sessions: HashMap<SessionId, Attachment>,
    pub(super) rooms: Rooms,
    pub(super) backoff: Backoff,
    /// When each session was last renewed: while there is no socket, heartbeats go over HTTP.
    pub(super) renewed: HashMap<SessionId, Tick>,
}

impl Actor {
    pub(super) fn new(
        endpoint: Endpoint,
        dial: Arc<dyn Dial>,
        clock: Arc<dyn Clock>,
        publish: watch::Sender<ConnectionView>,
    ) -> Self {
        Self {
            endpoint,
            dial,
            clock,
            publish,
            sessions: HashMap::new(),
            rooms: Rooms::default(),
            backoff: Backoff::default(),
            renewed: HashMap::new(),
        }
    }

    /// Connects, talks, rests, until stopped.
    pub(super) async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Command>, stop: CancellationToken) {
        loop {
            let end = match self.connect(&stop).await {
                Ok(link) => self.talk(link, &mut orders, &stop).await,
                Err(end) => end,
            };
            match end {
                End::Stopped => return,
                End::Renewed(token) => {
                    self.lost_link();
                    self.renew(token).await;
                }
                end => {
                    if !self.rest(end, &mut orders, &stop).await {
                        return;
                    }
                }
            }
        }
    }

    /// Goes on with a new sign-in. The earlier one ends first, and its sessions with it: nobody else could use them
    /// (S07), and the same user may open them again (S06).
    async fn renew(&mut self, token: Token) {
        match timeout(SIGN_OUT_WITHIN, self.endpoint.api.sign_out()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::debug!(%error, "the earlier sign-in had ended, or ends when it is not used");
            }
            Err(_) => tracing::warn!("the server did not end the earlier sign-in in time"),
        }
        self.endpoint.token = token.clone();
        self.endpoint.api.renew(token);
        self.backoff.reset();
        self.set_status(ConnectionView::Connecting);
    }

    fn lost_link(&mut self) {
        self.rooms.down();
        for session in self.sessions.values() {
            let _ = session.listener.send(News::Down);
        }
    }

    /// The only place where the status changes.
    pub(super) fn set_status(&self, status: ConnectionView) {
        self.publish.send_if_modified(|current| {
            let changed = *current != status;
            if changed {
                tracing::info!(server = %self.endpoint.api.base(), ?status, "the link has changed");
                *current = status;
            }
            changed
        });
    }

    async fn connect(&self, stop: &CancellationToken) -> Result<Link, End> {
        let base = self.endpoint.api.base();
        let agent = format!("{}/{}", self.endpoint.program.name, self.endpoint.program.version);
        let dialed = tokio::select! {
            biased;
            () = stop.cancelled() => return Err(End::Stopped),
            dialed = timeout(DIAL_WITHIN, self.dial.dial(base, &self.endpoint.token, &agent)) => dialed,
        };
        match dialed {
            Ok(Ok((sink, stream))) => Ok(Link::new(sink, stream)),
            Ok(Err(DialError::Unauthenticated)) => Err(End::SignedOut(
                "The sign-in has ended or was revoked. Sign in again; what is not saved is kept on this device."
                    .into(),
            )),
            Ok(Err(DialError::Untrusted(detail))) => Err(End::Untrusted(detail)),
            Ok(Err(DialError::Failed(detail))) => Err(End::Broken(detail)),
            Err(_) => Err(End::Broken("no answer in time".into())),
        }
    }

    /// Waits until it is time to connect again; false when stopped. Meanwhile leases are renewed over HTTP.
    ///
    /// Cancel-safe at each turn: commands and answers are handled before anything else is awaited.
    async fn rest(
        &mut self,
        end: End,
        orders: &mut mpsc::UnboundedReceiver<Command>,
        stop: &CancellationToken,
    ) -> bool {
        self.lost_link();
        let wait = self.settle(end);
        let until = wait.map(|wait| Instant::now() + wait);
        let mut heartbeats: JoinSet<(SessionId, Tick, Result<Lease, ApiError>)> = JoinSet::new();
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut sleep = SleepDetector::new(&*self.clock);
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return false,
                order = orders.recv() => match order {
                    None => return false,
                    Some(Command::Retry) => return true,
                    Some(Command::Renew(token)) => {
                        self.renew(token).await;
                        return true;
                    }
                    Some(order) => self.note(order),
                },
                Some(Ok((session, sent_at, answer))) = heartbeats.join_next() => {
                    self.http_answered(session, sent_at, answer);
                }
                () = at(until) => return true,
                _ = look.tick() => {
                    if sleep.slept(&*self.clock) && until.is_some() {
                        return true;
                    }
                    if until.is_some() {
                        self.heartbeat_over_http(&mut heartbeats);
                    }
                }
            }
        }
    }

    /// What an ended link means for the status; how long to wait, or nothing where only a person can help.
    fn settle(&mut self, end: End) -> Option<Duration> {
        let offline = |detail: String, wait: Duration| ConnectionView::Offline {
            detail,
            retry_in_ms: i64::try_from(wait.as_millis()).unwrap_or(i64::MAX),
        };
        match end {
            End::Stopped | End::Renewed(_) => None,
            End::Unsure => Some(self.backoff.failed(&mut rand::rng())),
            End::SignedOut(detail) => {
                self.set_status(ConnectionView::SignedOut { detail });
                None
            }
            End::Incompatible(detail) => {
                self.set_status(ConnectionView::Incompatible { detail });
                Some(INCOMPATIBLE_RETRY)
            }
            End::Slept => {
                self.set_status(offline("The computer slept.".into(), Duration::ZERO));
                Some(Duration::ZERO)
            }
            End::Broken(detail) => {
                let wait = self.backoff.failed(&mut rand::rng());
                tracing::info!(server = %self.endpoint.api.base(), detail, "the link broke");
                self.set_status(offline(SERVER_OUT_OF_REACH.to_owned(), wait));
                Some(wait)
            }
            End::Untrusted(detail) => {
                let wait = self.backoff.failed(&mut rand::rng());
                self.set_status(offline(detail, wait));
                Some(wait)
            }
            End::Closed { reason, after } => {
                // a drain tells everybody the same delay; the jitter spreads those who come back
                let wait = after + self.backoff.failed(&mut rand::rng());
                tracing::info!(server = %self.endpoint.api.base(), reason, "the server closed the link");
                let detail = if reason == "draining" {
                    "The server is about to stop, or to start again."
                } else {
                    "The server closed the connection."
                };
                self.set_status(offline(detail.to_owned(), wait));
                Some(wait)
            }
        }
    }

    /// Takes note of a command while there is no link.
    fn note(&mut self, order: Command) {
        match order {
            Command::Attach(attachment) => {
                self.renewed.insert(attachment.session, self.clock.now());
                self.sessions.insert(attachment.session, attachment);
            }
            Command::Forget(session) => {
                self.sessions.remove(&session);
                self.renewed.remove(&session);
            }
            Command::Join(room, id, listener) => self.rooms.join(room, id, listener),
            Command::Leave(room, id) => _ = self.rooms.leave(room, id),
            Command::SignedOut(detail) => self.set_status(ConnectionView::SignedOut { detail }),
            // these two end a rest, and never come here
            Command::Renew(_) | Command::Retry | Command::Presence(..) => {}
        }
    }

    fn heartbeat_over_http(&mut self, heartbeats: &mut JoinSet<(SessionId, Tick, Result<Lease, ApiError>)>) {
        let now = self.clock.now();
        for (id, session) in &self.sessions {
            let last = self.renewed.entry(*id).or_default();
            if now.since(*last) < session.heartbeat {
                continue;
            }
            *last = now;
            let (api, id, idle) = (self.endpoint.api.clone(), *id, session.idle_ms(now));
            heartbeats.spawn(async move {
                let answer = api.heartbeat(id, Some(idle)).await;
                let lease = answer.map(|answer| Lease::Renewed {
                    sent_at: now,
                    locks: Some(answer.locks),
                });
                (id, now, lease)
            });
        }
    }

    fn http_answered(&mut self, session: SessionId, sent_at: Tick, answer: Result<Lease, ApiError>) {
        let lease = match answer {
            Ok(lease) => lease,
            Err(error) if error.is(Code::SessionNotFound) => Lease::Ended,
            Err(error) => {
                tracing::debug!(%session, %error, sent_at_ms = sent_at.as_millis(), "a heartbeat over HTTP failed");
                return;
            }
        };
        self.tell(session, lease);
    }

    pub(super) fn tell(&self, session: SessionId, lease: Lease) {
        if let Some(session) = self.sessions.get(&session) {
            let _ = session.listener.send(News::Lease(lease));
        }
    }
}

impl Attachment {
    /// How long its window has had no input.
    pub(super) fn idle_ms(&self, now: Tick) -> i64 {
        let last = self.input.load(std::sync::atomic::Ordering::Relaxed);
        i64::try_from(now.as_millis().saturating_sub(last)).unwrap_or(i64::MAX)
    }
}

async fn at(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}

/// Tells a suspended machine: of two clocks, only one counts suspend.
pub(super) struct SleepDetector {
    boot: Tick,
    awake: Instant,
}

impl SleepDetector {
    pub(super) fn new(clock: &dyn Clock) -> Self {
        Self {
            boot: clock.now(),
            awake: Instant::now(),
        }
    }

    /// Whether the machine slept since the last look.
    pub(super) fn slept(&mut self, clock: &dyn Clock) -> bool {
        let before = std::mem::replace(self, Self::new(clock));
        let (boot, awake) = (self.boot.since(before.boot), self.awake - before.awake);
        boot > awake + SLEPT
    }
}
