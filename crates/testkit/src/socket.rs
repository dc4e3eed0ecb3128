//! The WebSocket, frame by frame.
//!
//! A task of its own reads all that comes, so that pings are answered while a test looks elsewhere; a test that wants
//! to be a slow reader says so. Frames are kept in order, and each is taken once.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::{SinkExt, StreamExt, stream::FusedStream};
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::mpsc};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        http::{HeaderValue, header::AUTHORIZATION},
    },
};
use url::Url;

use crate::{
    api::Client,
    eventually::{eventually, seconds},
};

/// How long a frame may take that the rules don't time.
pub const FRAME_WITHIN: Duration = seconds(10);

/// What the reading task is told to do.
enum Order {
    Send(Message),
    Reading(bool),
    Leave(Leave),
}

/// Ways to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leave {
    /// A close frame, but no `detach`.
    CloseFrame,
    /// The end of the stream (FIN), and not a word.
    Fin,
    /// A reset (RST), as from a host whose process vanished.
    Reset,
}

/// What came in.
#[derive(Debug, Default)]
struct Inbox {
    /// Every frame, and whether a test took it.
    frames: Vec<(Value, bool)>,
    /// Why the socket is closed, once it is.
    closed: Option<String>,
}

/// A client of `GET /v1/ws`. Dropping it ends the stream without a close frame.
#[derive(Debug)]
pub struct Socket {
    orders: mpsc::UnboundedSender<Order>,
    inbox: Arc<Mutex<Inbox>>,
}

impl std::fmt::Debug for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Send(message) => write!(f, "Send({} bytes)", message.len()),
            Self::Reading(on) => write!(f, "Reading({on})"),
            Self::Leave(leave) => write!(f, "Leave({leave:?})"),
        }
    }
}

impl Socket {
    /// Connects without a word.
    ///
    /// # Errors
    ///
    /// The HTTP status with which the server refused the upgrade; 0 where no answer came.
    pub async fn dial(base: &str, token: Option<&str>) -> Result<Self, u16> {
        let url = Url::parse(base).expect("a server's URL");
        let address: SocketAddr = format!(
            "{}:{}",
            url.host_str().unwrap_or_default(),
            url.port().unwrap_or(80)
        )
        .parse()
        .expect("tests name servers by address");
        let stream = TcpStream::connect(address).await.map_err(|_| 0_u16)?;
        stream.set_nodelay(true).expect("a fresh stream takes options");
        let mut request = format!("ws://{address}/v1/ws")
            .into_client_request()
            .expect("a valid request");
        if let Some(token) = token {
            let value = HeaderValue::try_from(format!("Bearer {token}")).expect("tokens are plain text");
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        let (stream, _) = client_async(request, stream).await.map_err(|error| match error {
            Error::Http(answer) => answer.status().as_u16(),
            _ => 0,
        })?;
        let (orders, receiver) = mpsc::unbounded_channel();
        let inbox = Arc::default();
        tokio::spawn(run(stream, receiver, Arc::clone(&inbox)));
        Ok(Self { orders, inbox })
    }

    /// Connects, says hello and is welcomed.
    ///
    /// # Panics
    ///
    /// Where it is not.
    pub async fn connect(client: &Client) -> Self {
        let dialed = Self::dial(client.base(), Some(client.token())).await;
        let socket = dialed.unwrap_or_else(|status| panic!("the socket was refused with {status}"));
        socket.say(&json!({"type": "hello", "protocol": 1, "client": {"name": "testkit", "version": "0"}}));
        socket.next("welcome").await;
        socket
    }

    /// Sends a frame.
    pub fn say(&self, frame: &Value) {
        self.say_raw(Message::text(frame.to_string()));
    }

    /// Sends what is perhaps no proper frame.
    pub fn say_raw(&self, message: Message) {
        let _ = self.orders.send(Order::Send(message));
    }

    /// Attaches a session and waits for the answer.
    pub async fn attach(&self, session: &str) -> Value {
        self.say(&json!({"type": "attach", "session_id": session}));
        let what = format!("attached {session}");
        self.next_where(&what, FRAME_WITHIN, |f| {
            f["type"] == "attached" && f["session_id"] == session
        })
        .await
    }

    /// Ends a session (`detach`).
    pub fn detach(&self, session: &str) {
        self.say(&json!({"type": "detach", "session_id": session}));
    }

    /// Joins a room and waits for the answer.
    pub async fn subscribe(&self, room: &str) -> Value {
        self.say(&json!({"type": "subscribe", "room": room}));
        self.subscribed(room).await
    }

    /// Joins a room again after the event at `epoch` and `seq`; the answer is for the test to wait for.
    pub fn subscribe_after(&self, room: &str, epoch: &str, seq: i64) {
        self.say(&json!({"type": "subscribe", "room": room, "after": {"epoch": epoch, "seq": seq}}));
    }

    /// Waits for the answer to a subscription.
    pub async fn subscribed(&self, room: &str) -> Value {
        let what = format!("subscribed {room}");
        self.next_where(&what, FRAME_WITHIN, |f| {
            f["type"] == "subscribed" && f["room"] == room
        })
        .await
    }

    /// Takes the first frame of this type that was not taken yet.
    pub async fn next(&self, kind: &str) -> Value {
        self.next_where(kind, FRAME_WITHIN, |frame| frame["type"] == kind)
            .await
    }

    /// Takes the first event of this type in a room that was not taken yet; answers the whole frame.
    pub async fn event(&self, room: &str, kind: &str) -> Value {
        self.event_within(room, kind, FRAME_WITHIN).await
    }

    /// [`Socket::event`] where a rule times it.
    pub async fn event_within(&self, room: &str, kind: &str, within: Duration) -> Value {
        let what = format!("{kind} in {room}");
        self.next_where(&what, within, |frame| {
            frame["room"] == room && frame["event"]["type"] == kind
        })
        .await
    }

    /// Takes the first frame that fits and was not taken yet.
    ///
    /// # Panics
    ///
    /// With all that came instead, once `within` has passed or the socket is closed.
    pub async fn next_where(&self, what: &str, within: Duration, fits: impl Fn(&Value) -> bool) -> Value {
        let what = format!("the socket gets {what}");
        let deadline = tokio::time::Instant::now() + within;
        eventually(&what, within, async || {
            let mut inbox = self.inbox.lock().expect("no reader panics");
            if let Some((frame, taken)) = inbox
                .frames
                .iter_mut()
                .find(|(frame, taken)| !*taken && fits(frame))
            {
                *taken = true;
                return Some(frame.clone());
            }
            let closed = inbox.closed.as_ref();
            if closed.is_some() || tokio::time::Instant::now() >= deadline {
                let came: Vec<_> = inbox.frames.iter().map(|(frame, _)| frame.to_string()).collect();
                panic!(
                    "{what}: not within {within:?}; closed: {closed:?}; came:\n{}",
                    came.join("\n")
                );
            }
            None
        })
        .await
    }

    /// All event frames of a room so far, taken or not, in the order in which they came.
    #[must_use]
    pub fn events(&self, room: &str) -> Vec<Value> {
        self.frames(|frame| frame["type"] == "event" && frame["room"] == room)
    }

    /// All frames so far that fit, taken or not.
    #[must_use]
    pub fn frames(&self, fits: impl Fn(&Value) -> bool) -> Vec<Value> {
        let inbox = self.inbox.lock().expect("no reader panics");
        inbox
            .frames
            .iter()
            .map(|(frame, _)| frame)
            .filter(|frame| fits(frame))
            .cloned()
            .collect()
    }

    /// Stops reading, as a client that hangs; the operating system's buffers fill, then the server's.
    pub fn stop_reading(&self) {
        let _ = self.orders.send(Order::Reading(false));
    }

    /// Reads on after [`Socket::stop_reading`].
    pub fn go_on_reading(&self) {
        let _ = self.orders.send(Order::Reading(true));
    }

    /// Waits until the server has closed the socket; answers why, as far as it said.
    pub async fn closed(&self, within: Duration) -> String {
        eventually("the socket is closed", within, async || {
            self.inbox.lock().expect("no reader panics").closed.clone()
        })
        .await
    }

    /// Leaves with a close frame, which is no goodbye (S03).
    pub async fn close(self) {
        self.leave(Leave::CloseFrame).await;
    }

    /// Ends the stream without a close frame.
    pub async fn end(self) {
        self.leave(Leave::Fin).await;
    }

    /// Resets the connection, as a vanished process does.
    pub async fn reset(self) {
        self.leave(Leave::Reset).await;
    }

    async fn leave(self, leave: Leave) {
        let _ = self.orders.send(Order::Leave(leave));
        self.orders.closed().await;
    }
}

/// Carries out orders and keeps what comes, until either side leaves. Cancel-safe at each turn: a frame is kept
/// before anything else is awaited.
async fn run(
    mut stream: WebSocketStream<TcpStream>,
    mut orders: mpsc::UnboundedReceiver<Order>,
    inbox: Arc<Mutex<Inbox>>,
) {
    let mut reading = true;
    let leave = loop {
        tokio::select! {
            order = orders.recv() => match order {
                Some(Order::Send(message)) => {
                    // a failed write shows as the end of the stream
                    let _ = stream.send(message).await;
                }
                Some(Order::Reading(on)) => reading = on,
                Some(Order::Leave(leave)) => break leave,
                None => break Leave::Fin,
            },
            frame = stream.next(), if reading && !stream.is_terminated() => {
                let mut inbox = inbox.lock().expect("no test panics while it holds the inbox");
                match frame {
                    Some(Ok(Message::Text(text))) => {
                        let frame = serde_json::from_str(&text).unwrap_or_else(|_| json!({"not json": text.as_str()}));
                        inbox.frames.push((frame, false));
                    }
                    Some(Ok(Message::Close(frame))) => {
                        inbox.closed = Some(frame.map_or_else(String::new, |f| format!("{} {}", f.code, f.reason)));
                    }
                    Some(Ok(_)) => {}
                    Some(Err(error)) => _ = inbox.closed.get_or_insert_with(|| error.to_string()),
                    None => _ = inbox.closed.get_or_insert_with(|| "end of stream".to_owned()),
                }
            }
        }
    };
    match leave {
        Leave::CloseFrame => {
            let _ = stream.close(None).await;
        }
        Leave::Fin => {}
        Leave::Reset => {
            let _ = stream.get_ref().set_zero_linger();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;
    use crate::eventually::until;

    /// Welcomes each client and then says what it is told; tells how each one left.
    async fn server(say: &'static [&'static str]) -> (String, Arc<Mutex<Vec<String>>>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let ends: Arc<Mutex<Vec<String>>> = Arc::default();
        let ended = Arc::clone(&ends);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut stream = tokio_tungstenite::accept_async(stream).await.unwrap();
                for text in say {
                    stream.send(Message::text(*text)).await.unwrap();
                }
                let end = loop {
                    match stream.next().await {
                        Some(Ok(Message::Close(_))) => break "close frame".to_owned(),
                        Some(Ok(_)) => {}
                        Some(Err(error)) => break error.to_string(),
                        None => break "end".to_owned(),
                    }
                };
                ended.lock().unwrap().push(end);
            }
        });
        (base, ends)
    }

    #[tokio::test]
    async fn each_frame_is_taken_once_and_events_stay_in_order() {
        let (base, _) = server(&[
            r#"{"type":"event","room":"r","seq":1,"event":{"type":"a"}}"#,
            r#"{"type":"event","room":"q","seq":1,"event":{"type":"a"}}"#,
            r#"{"type":"event","room":"r","seq":2,"event":{"type":"b"}}"#,
            r#"{"type":"event","room":"r","seq":3,"event":{"type":"a"}}"#,
        ])
        .await;
        let socket = Socket::dial(&base, None).await.unwrap();
        assert_eq!(socket.event("r", "a").await["seq"], 1);
        assert_eq!(socket.event("r", "a").await["seq"], 3);
        assert_eq!(socket.event("r", "b").await["seq"], 2);
        let order: Vec<_> = socket
            .events("r")
            .iter()
            .map(|event| event["seq"].as_i64().unwrap())
            .collect();
        assert_eq!(order, [1, 2, 3]);
    }

    #[tokio::test]
    async fn each_way_to_leave_looks_different_from_the_other_side() {
        let (base, ends) = server(&[]).await;
        Socket::dial(&base, None).await.unwrap().close().await;
        until("the first is gone", FRAME_WITHIN, async || {
            ends.lock().unwrap().len() == 1
        })
        .await;
        Socket::dial(&base, None).await.unwrap().end().await;
        until("the second is gone", FRAME_WITHIN, async || {
            ends.lock().unwrap().len() == 2
        })
        .await;
        Socket::dial(&base, None).await.unwrap().reset().await;
        until("the third is gone", FRAME_WITHIN, async || {
            ends.lock().unwrap().len() == 3
        })
        .await;
        let ends = ends.lock().unwrap();
        assert_eq!(ends[0], "close frame");
        assert!(!ends[1].contains("reset by peer"), "{ends:?}");
        assert!(ends[2].contains("reset by peer"), "{ends:?}");
    }

    #[tokio::test]
    #[should_panic(expected = "the socket gets welcome")]
    async fn a_frame_that_does_not_come_fails_with_what_came() {
        let (base, _) = server(&[r#"{"type":"error"}"#]).await;
        let socket = Socket::dial(&base, None).await.unwrap();
        socket
            .next_where("welcome", Duration::from_millis(100), |frame| {
                frame["type"] == "welcome"
            })
            .await;
    }
}
