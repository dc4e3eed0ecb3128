//! A link between two programs that fails on command.
//!
//! It forwards TCP and can do to it what networks do: refuse, reset, fall silent, be slow, break in the middle of a
//! message. Each fault that took effect is counted, so that a test can prove that what it survived did occur.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From the side that dialed: requests.
    There,
    /// Towards the side that dialed: answers.
    Back,
}

/// How the link treats its connections now.
#[derive(Debug, Clone, Copy, Default)]
struct Weather {
    /// New connections are reset.
    refuses: bool,
    /// Nothing is forwarded, nothing is closed: [there, back].
    silent: [bool; 2],
    /// Each piece arrives this much later.
    delay: Duration,
    /// Connections of an earlier count have been reset.
    resets: u64,
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
    /// Connections broken in the middle.
    pub broken: u64,
}

#[derive(Debug, Default)]
struct Counts {
    refused: AtomicU64,
    reset: AtomicU64,
    silenced: AtomicU64,
    delayed: AtomicU64,
    broken: AtomicU64,
    /// Bytes towards the dialing side after which its connection breaks; `u64::MAX` for never.
    break_after: AtomicU64,
}

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
        let weather = watch::Sender::new(Weather::default());
        let counts = Arc::new(Counts {
            break_after: AtomicU64::new(u64::MAX),
            ..Counts::default()
        });
        let listening = tokio::spawn(accept(listener, target, weather.subscribe(), Arc::clone(&counts)));
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

    /// Breaks the next connection that has carried this many bytes back, in the middle of whatever it carries.
    pub fn break_after(&self, bytes: u64) {
        self.counts.break_after.store(bytes, Ordering::SeqCst);
    }

    /// Good weather again. What fell silent goes on where it stopped.
    pub fn mend(&self) {
        self.counts.break_after.store(u64::MAX, Ordering::SeqCst);
        self.weather.send_modify(|weather| {
            *weather = Weather {
                resets: weather.resets,
                ..Weather::default()
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
            broken: count(&self.counts.broken),
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn accept(
    listener: TcpListener,
    target: SocketAddr,
    weather: watch::Receiver<Weather>,
    counts: Arc<Counts>,
) {
    while let Ok((near, _)) = listener.accept().await {
        if weather.borrow().refuses {
            counts.refused.fetch_add(1, Ordering::SeqCst);
            let _ = near.set_zero_linger();
            continue;
        }
        tokio::spawn(carry(near, target, weather.clone(), Arc::clone(&counts)));
    }
}

/// Carries one connection until either side ends it or the link resets it.
async fn carry(
    near: TcpStream,
    target: SocketAddr,
    mut weather: watch::Receiver<Weather>,
    counts: Arc<Counts>,
) {
    let born = weather.borrow_and_update().resets;
    let Ok(far) = TcpStream::connect(target).await else {
        counts.refused.fetch_add(1, Ordering::SeqCst);
        let _ = near.set_zero_linger();
        return;
    };
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let ((near_read, near_write), (far_read, far_write)) = (near.into_split(), far.into_split());
    let lane = |way, from, to| Lane {
        way,
        from,
        to,
        weather: weather.clone(),
        counts: Arc::clone(&counts),
    };
    let (mut there, mut back) = (
        lane(Way::There, near_read, far_write),
        lane(Way::Back, far_read, near_write),
    );
    let end = tokio::select! {
        end = async { tokio::try_join!(there.forward(), back.forward()) } => end.map(|_| ()),
        () = reset(&counts, &mut weather, born) => Err(Broken),
    };
    if end.is_err() {
        // a dropped half would send an orderly end before the reset
        for half in [there.to, back.to] {
            let _ = half.as_ref().set_zero_linger();
            half.forget();
        }
    }
}

/// The connection ended other than by both sides closing it; each side shall see a reset.
struct Broken;

/// Waits for a reset. The link's own end breaks connections too, but is no fault to count.
async fn reset(counts: &Counts, weather: &mut watch::Receiver<Weather>, born: u64) {
    if weather.wait_for(|weather| weather.resets != born).await.is_ok() {
        counts.reset.fetch_add(1, Ordering::SeqCst);
    }
}

/// One way of one connection.
struct Lane {
    way: Way,
    from: OwnedReadHalf,
    to: OwnedWriteHalf,
    weather: watch::Receiver<Weather>,
    counts: Arc<Counts>,
}

impl Lane {
    /// Forwards until the end of the stream, then passes the end on.
    async fn forward(&mut self) -> Result<(), Broken> {
        let mut buffer = vec![0; 64 * 1024];
        let mut carried = 0_u64;
        loop {
            // look before reading: what is held back in silence stays in the kernel, as on a real wire
            self.from.readable().await.map_err(|_| Broken)?;
            self.wait_out_silence().await?;
            let read = self.from.read(&mut buffer).await.map_err(|_| Broken)?;
            if read == 0 {
                // the other side may have closed already
                let _ = self.to.shutdown().await;
                return Ok(());
            }
            let delay = self.weather.borrow().delay;
            if !delay.is_zero() {
                self.counts.delayed.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(delay).await;
            }
            carried += read as u64;
            let keep = self.unbroken(carried, read);
            self.to.write_all(&buffer[..keep]).await.map_err(|_| Broken)?;
            if keep < read {
                return Err(Broken);
            }
        }
    }

    /// Waits until this way carries again.
    async fn wait_out_silence(&mut self) -> Result<(), Broken> {
        let way = self.way as usize;
        if self.weather.borrow().silent[way] {
            self.counts.silenced.fetch_add(1, Ordering::SeqCst);
            self.weather
                .wait_for(|weather| !weather.silent[way])
                .await
                .map_err(|_| Broken)?;
        }
        Ok(())
    }

    /// How many of the last `read` bytes get through.
    fn unbroken(&self, carried: u64, read: usize) -> usize {
        let limit = self.counts.break_after.load(Ordering::SeqCst);
        if self.way == Way::There || carried <= limit {
            return read;
        }
        self.counts.broken.fetch_add(1, Ordering::SeqCst);
        let before = carried - read as u64;
        usize::try_from(limit.saturating_sub(before))
            .unwrap_or(0)
            .min(read - 1)
    }
}

#[cfg(test)]
mod tests {
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
        link.break_after(3);
        let mut stream = dial(&link).await;
        assert!(say(&mut stream, "hello").await.is_err());
        assert_eq!(link.faults().broken, 1);
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
}
