//! A link between two programs that fails on command.
//!
//! It forwards TCP and can do to it what networks do: refuse, reset, fall silent, be slow, lose pieces, break in the
//! middle of a message, or answer in the server's place. Each fault that took effect is counted, so that a test can prove
//! that what it survived did occur.

mod imposter;
mod lane;

pub use imposter::Imposter;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From the side that dialed: requests.
    There,
    /// Towards the side that dialed: answers.
    Back,
}

/// How the link treats its connections now.
#[derive(Debug, Clone, Copy)]
struct Weather {
    /// Where it leads.
    target: SocketAddr,
    /// New connections are reset.
    refuses: bool,
    /// Nothing is forwarded, nothing is closed: [there, back].
    silent: [bool; 2],
    /// Each piece arrives this much later.
    delay: Duration,
    /// Of a thousand pieces, so many are lost and sent again.
    loses: u64,
    /// Who answers in the server's place.
    imposter: Option<Imposter>,
    /// Connections of an earlier count have been reset.
    resets: u64,
}

impl Weather {
    fn good(target: SocketAddr) -> Self {
        Self {
            target,
            refuses: false,
            silent: [false; 2],
            delay: Duration::ZERO,
            loses: 0,
            imposter: None,
            resets: 0,
        }
    }
}

/// How often each fault took effect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// Connections turned away.
    pub refused: u64,
    /// Connections reset while they lived.
    pub reset: u64,
    /// Times that bytes, or an end, came and were held back in silence.
    pub silenced: u64,
    /// Pieces that arrived late.
    pub delayed: u64,
    /// Pieces that were lost and came again.
    pub lost: u64,
    /// Connections broken in the middle of a request.
    pub broken_there: u64,
    /// Connections broken in the middle of an answer.
    pub broken_back: u64,
    /// Requests that somebody else answered.
    pub impersonated: u64,
}

#[derive(Debug, Default)]
struct Counts {
    refused: AtomicU64,
    reset: AtomicU64,
    silenced: AtomicU64,
    delayed: AtomicU64,
    lost: AtomicU64,
    broken: [AtomicU64; 2],
    impersonated: AtomicU64,
    /// Bytes that may pass each way before a connection breaks; [`UNBROKEN`] for no end.
    budget: [AtomicU64; 2],
    /// What the losses are drawn from.
    chance: AtomicU64,
}

/// A budget that is never used up.
const UNBROKEN: u64 = u64::MAX;

/// A link to one server. Dropping it closes everything.
#[derive(Debug)]
pub struct Link {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
    counts: Arc<Counts>,
    listening: JoinHandle<()>,
}

impl Link {
    /// A good link to `target`.
    pub async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let weather = watch::Sender::new(Weather::good(target));
        let counts = Arc::new(Counts {
            budget: [AtomicU64::new(UNBROKEN), AtomicU64::new(UNBROKEN)],
            chance: AtomicU64::new(u64::from(address.port()) | 1),
            ..Counts::default()
        });
        let listening = tokio::spawn(accept(listener, weather.subscribe(), Arc::clone(&counts)));
        Self {
            address,
            weather,
            counts,
            listening,
        }
    }

    /// Where to dial.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://ADDRESS:PORT`
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// New connections lead elsewhere from now on.
    pub fn retarget(&self, target: SocketAddr) {
        self.weather.send_modify(|weather| weather.target = target);
    }

    /// Resets all connections and turns new ones away, until [`Link::mend`].
    pub fn cut(&self) {
        self.weather.send_modify(|weather| {
            weather.refuses = true;
            weather.resets += 1;
        });
    }

    /// Turns new connections away; those that live go on.
    pub fn refuse(&self) {
        self.weather.send_modify(|weather| weather.refuses = true);
    }

    /// Resets all connections; new ones are welcome.
    pub fn reset(&self) {
        self.weather.send_modify(|weather| weather.resets += 1);
    }

    /// Falls silent both ways: nothing is closed and nothing arrives, as behind a pulled cable.
    pub fn fall_silent(&self) {
        self.weather.send_modify(|weather| weather.silent = [true; 2]);
    }

    /// Falls silent one way: with [`Way::Back`], requests arrive and their answers are lost (L16).
    pub fn fall_silent_one_way(&self, way: Way) {
        self.weather
            .send_modify(|weather| weather.silent[way as usize] = true);
    }

    /// Each piece arrives this much later.
    pub fn delay(&self, delay: Duration) {
        self.weather.send_modify(|weather| weather.delay = delay);
    }

    /// Of a thousand pieces so many are lost: sent again, they arrive late, and some connections don't live that long.
    pub fn lose(&self, per_mille: u64) {
        self.weather.send_modify(|weather| weather.loses = per_mille);
    }

    /// Somebody else answers, as behind a captive portal or a proxy whose server is down; what lives is reset.
    pub fn impersonate(&self, imposter: Imposter) {
        self.weather.send_modify(|weather| {
            weather.imposter = Some(imposter);
            weather.resets += 1;
        });
    }

    /// After so many more bytes one way, whatever carries the next one breaks in the middle, once.
    pub fn break_after(&self, way: Way, bytes: u64) {
        self.counts.budget[way as usize].store(bytes, Ordering::SeqCst);
    }

    /// Good weather again. What fell silent goes on where it stopped.
    pub fn mend(&self) {
        for budget in &self.counts.budget {
            budget.store(UNBROKEN, Ordering::SeqCst);
        }
        self.weather.send_modify(|weather| {
            *weather = Weather {
                resets: weather.resets,
                ..Weather::good(weather.target)
            };
        });
    }

    /// How often each fault took effect so far.
    #[must_use]
    pub fn faults(&self) -> Faults {
        let count = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
        Faults {
            refused: count(&self.counts.refused),
            reset: count(&self.counts.reset),
            silenced: count(&self.counts.silenced),
            delayed: count(&self.counts.delayed),
            lost: count(&self.counts.lost),
            broken_there: count(&self.counts.broken[0]),
            broken_back: count(&self.counts.broken[1]),
            impersonated: count(&self.counts.impersonated),
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn accept(listener: TcpListener, weather: watch::Receiver<Weather>, counts: Arc<Counts>) {
    while let Ok((near, _)) = listener.accept().await {
        let now = *weather.borrow();
        if now.refuses {
            counts.refused.fetch_add(1, Ordering::SeqCst);
            let _ = near.set_zero_linger();
        } else if let Some(imposter) = now.imposter {
            tokio::spawn(imposter::answer(near, imposter, Arc::clone(&counts)));
        } else {
            tokio::spawn(lane::carry(near, weather.clone(), Arc::clone(&counts)));
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };

    use super::*;
    use crate::eventually::{seconds, until};

    /// Answers each byte with itself, for as many connections as come.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.split();
                    let _ = tokio::io::copy(&mut read, &mut write).await;
                });
            }
        });
        address
    }

    async fn dial(link: &Link) -> TcpStream {
        TcpStream::connect(link.address()).await.unwrap()
    }

    async fn say(stream: &mut TcpStream, text: &str) -> std::io::Result<String> {
        stream.write_all(text.as_bytes()).await?;
        let mut answer = vec![0; text.len()];
        stream.read_exact(&mut answer).await?;
        Ok(String::from_utf8(answer).unwrap())
    }

    #[tokio::test]
    async fn good_weather_carries_everything_and_passes_the_end_on() {
        let link = Link::to(echo().await).await;
        let mut stream = dial(&link).await;
        assert_eq!(say(&mut stream, "hello").await.unwrap(), "hello");
        stream.shutdown().await.unwrap();
        assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0);
        assert_eq!(link.faults(), Faults::default());
    }

    #[tokio::test]
    async fn a_cut_resets_what_lives_and_turns_away_what_comes() {
        let link = Link::to(echo().await).await;
        let mut stream = dial(&link).await;
        say(&mut stream, "hello").await.unwrap();
        link.cut();
        assert!(stream.read(&mut [0; 8]).await.is_err());
        let mut late = dial(&link).await;
        assert!(!matches!(late.read(&mut [0; 8]).await, Ok(1..)));
        let expected = Faults {
            reset: 1,
            refused: 1,
            ..Faults::default()
        };
        assert_eq!(link.faults(), expected);
        link.mend();
        assert_eq!(say(&mut dial(&link).await, "again").await.unwrap(), "again");
    }

    #[tokio::test]
    async fn silence_holds_back_and_later_goes_on_where_it_stopped() {
        let link = Link::to(echo().await).await;
        let mut stream = dial(&link).await;
        say(&mut stream, "hello").await.unwrap();
        link.fall_silent_one_way(Way::Back);
        stream.write_all(b"lost?").await.unwrap();
        until("the answer is held back", seconds(10), async || {
            link.faults().silenced == 1
        })
        .await;
        let mut answer = [0; 5];
        assert_eq!(
            stream.try_read(&mut answer).unwrap_err().kind(),
            std::io::ErrorKind::WouldBlock
        );
        link.mend();
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"lost?");
    }

    #[tokio::test]
    async fn a_connection_breaks_after_so_many_bytes() {
        let link = Link::to(echo().await).await;
        link.break_after(Way::Back, 3);
        let mut stream = dial(&link).await;
        assert!(say(&mut stream, "hello").await.is_err());
        assert_eq!(link.faults().broken_back, 1);
        assert_eq!(say(&mut dial(&link).await, "again").await.unwrap(), "again");
    }

    #[tokio::test]
    async fn slowness_is_counted() {
        let link = Link::to(echo().await).await;
        let delay = Duration::from_millis(30);
        link.delay(delay);
        let start = std::time::Instant::now();
        say(&mut dial(&link).await, "hello").await.unwrap();
        assert!(start.elapsed() >= 2 * delay);
        assert_eq!(link.faults().delayed, 2);
    }

    #[tokio::test]
    async fn losses_are_late_and_some_connections_end_of_them() {
        let link = Link::to(echo().await).await;
        link.lose(1_000);
        let mut answers = 0;
        until("some got through, and one did not", seconds(60), async || {
            let answered = say(&mut dial(&link).await, "hello").await.is_ok();
            answers += u64::from(answered);
            answers > 0 && !answered
        })
        .await;
        assert!(link.faults().lost > answers);
    }

    #[tokio::test]
    async fn an_imposter_answers_in_the_server_s_place() {
        let link = Link::to(echo().await).await;
        let mut before = dial(&link).await;
        say(&mut before, "hello").await.unwrap();
        link.impersonate(Imposter::CaptivePortal);
        assert!(before.read(&mut [0; 8]).await.is_err());
        let client = crate::Client::anonymous(&link.url());
        let page = client.get("/v1/me").await;
        assert_eq!((page.status, page.body.is_null()), (200, true));
        link.impersonate(Imposter::Refusal {
            status: 503,
            retry_after: 7,
        });
        let refused = client.get("/v1/me").await.expect(503, "unavailable");
        assert_eq!(refused.headers["retry-after"], "7");
        link.impersonate(Imposter::Garbage);
        assert!(
            client
                .attempt(reqwest::Method::GET, "/", "", Vec::new())
                .await
                .is_err()
        );
        assert_eq!(link.faults().impersonated, 3);
        link.mend();
        assert_eq!(say(&mut dial(&link).await, "again").await.unwrap(), "again");
    }

    #[tokio::test]
    async fn a_link_can_lead_elsewhere() {
        let link = Link::to(SocketAddr::from(([127, 0, 0, 1], 9))).await;
        assert!(say(&mut dial(&link).await, "hello").await.is_err());
        link.retarget(echo().await);
        assert_eq!(say(&mut dial(&link).await, "hello").await.unwrap(), "hello");
    }
}
