//! What a connection's bytes go through.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

use super::{Counts, UNBROKEN, Way, Weather};

/// After this a lost piece is sent again.
const SENT_AGAIN_AFTER: Duration = Duration::from_millis(300);
/// One lost piece in so many is the connection's end.
const FATAL_LOSS: u64 = 8;

/// Carries one connection until either side ends it or the link resets it.
pub(super) async fn carry(near: TcpStream, mut weather: watch::Receiver<Weather>, counts: Arc<Counts>) {
    let Weather {
        target, resets: born, ..
    } = *weather.borrow_and_update();
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
            self.perhaps_lose().await?;
            let keep = self.unbroken(read);
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

    /// A lost piece comes late, or never.
    async fn perhaps_lose(&self) -> Result<(), Broken> {
        let loses = self.weather.borrow().loses;
        if loses == 0 || self.chance() % 1_000 >= loses {
            return Ok(());
        }
        self.counts.lost.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(SENT_AGAIN_AFTER).await;
        if self.chance().is_multiple_of(FATAL_LOSS) {
            return Err(Broken);
        }
        Ok(())
    }

    /// The next draw (xorshift): losses need no better chance than that.
    fn chance(&self) -> u64 {
        let draw = |mut x: u64| {
            x ^= x << 13;
            x ^= x >> 7;
            x ^ (x << 17)
        };
        let drawn = self
            .counts
            .chance
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |x| Some(draw(x)));
        drawn.unwrap_or_default() >> 11
    }

    /// How many of the last `read` bytes get through.
    fn unbroken(&self, read: usize) -> usize {
        let way = self.way as usize;
        let read_bytes = read as u64;
        let spend = |left: u64| match left {
            UNBROKEN => None,
            left => Some(left.checked_sub(read_bytes).unwrap_or(UNBROKEN)),
        };
        match self.counts.budget[way].fetch_update(Ordering::SeqCst, Ordering::SeqCst, spend) {
            Ok(left) if left < read_bytes => {
                self.counts.broken[way].fetch_add(1, Ordering::SeqCst);
                usize::try_from(left).unwrap_or(0)
            }
            _ => read,
        }
    }
}
