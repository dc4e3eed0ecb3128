//! A computer: a thread with a runtime of its own, whose time stands still unless it is moved.
//!
//! Everything that a program does happens on its machine's thread, or on a thread that reports back to it. So a machine
//! can be frozen (SIGSTOP: nothing runs, the sockets stay open) and killed (SIGKILL: every task is dropped where it waits,
//! the sockets close, what a thread was writing is written).

use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::CancellationToken;

/// No step on a machine takes this long, however busy the computer under it.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// How long a killed machine's threads may take to write what they were writing.
const WRITTEN_WITHIN: Duration = Duration::from_secs(10);
/// How often it is looked whether machines are quiet.
const LOOK_EVERY: Duration = Duration::from_micros(120);
/// So many looks in a row that saw nothing happen.
const QUIET_LOOKS: u32 = 3;
/// A machine that is not quiet by then has a task that never rests; time goes on all the same, and it is told.
const QUIET_WITHIN: Duration = Duration::from_secs(3);

/// How time passes on a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Only when it is moved.
    Paused,
    /// As everywhere.
    Real,
}

/// A computer.
#[derive(Debug)]
pub struct Machine {
    name: String,
    handle: Handle,
    pace: Pace,
    stop: CancellationToken,
    thread: Option<thread::JoinHandle<()>>,
    frozen: Option<Frozen>,
}

/// A machine that stands still.
#[derive(Debug)]
struct Frozen {
    /// Dropped, it lets the machine go on.
    _hold: mpsc::Sender<()>,
    since: Instant,
    /// The time that it has missed.
    missed: Duration,
}

impl Machine {
    /// Starts a machine, and on it a program; the machine lives on where the program ends.
    ///
    /// # Panics
    ///
    /// Where the system gives no thread.
    pub fn start<F>(name: &str, pace: Pace, program: impl FnOnce() -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()>,
    {
        let stop = CancellationToken::new();
        let (tell, told) = mpsc::channel();
        let stopped = stop.clone();
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || {
            let runtime = Builder::new_current_thread()
                .enable_all()
                .start_paused(pace == Pace::Paused)
                .build()
                .expect("a runtime");
            let _ = tell.send(runtime.handle().clone());
            // while a blocking task runs, a paused clock does not advance by itself
            let (awake, parked) = mpsc::channel::<()>();
            runtime.spawn_blocking(move || parked.recv());
            runtime.block_on(async {
                tokio::select! {
                    biased;
                    () = stopped.cancelled() => {}
                    () = async { program().await; stopped.cancelled().await } => {}
                }
            });
            drop(awake);
            runtime.shutdown_timeout(WRITTEN_WITHIN);
        });
        Self {
            name: name.to_owned(),
            handle: told.recv().expect("the machine starts"),
            pace,
            stop,
            thread: Some(thread.expect("a thread")),
            frozen: None,
        }
    }

    /// An idle machine.
    pub fn idle(name: &str, pace: Pace) -> Self {
        Self::start(name, pace, async || {})
    }

    /// Runs something on it beside everything else.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(work);
    }

    /// Runs something on it and waits for its answer. It must not need time to pass.
    ///
    /// # Panics
    ///
    /// Where it does, or the machine is frozen.
    pub fn call<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        let (tell, told) = mpsc::channel();
        self.handle.spawn(async move {
            let _ = tell.send(work.await);
        });
        let answer = told.recv_timeout(ANSWER_WITHIN);
        answer.unwrap_or_else(|_| panic!("{} does not answer", self.name))
    }

    /// Lets time pass on it; a frozen one misses it.
    pub fn advance(&mut self, by: Duration) {
        if self.pace == Pace::Real {
            return;
        }
        match &mut self.frozen {
            Some(frozen) => frozen.missed += by,
            None => self.call(tokio::time::advance(by)),
        }
    }

    /// Nothing runs on it until it is thawed.
    pub fn freeze(&mut self) {
        if self.frozen.is_some() {
            return;
        }
        let (hold, held) = mpsc::channel::<()>();
        let (tell, told) = mpsc::channel();
        self.handle.spawn(async move {
            let _ = tell.send(());
            let _ = held.recv();
        });
        let _ = told.recv_timeout(ANSWER_WITHIN);
        self.frozen = Some(Frozen {
            _hold: hold,
            since: Instant::now(),
            missed: Duration::ZERO,
        });
    }

    /// It goes on; answers how much time it missed.
    pub fn thaw(&mut self) -> Duration {
        let Some(frozen) = self.frozen.take() else {
            return Duration::ZERO;
        };
        match self.pace {
            Pace::Paused => frozen.missed,
            Pace::Real => frozen.since.elapsed(),
        }
    }

    /// Whether it is frozen.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        self.frozen.is_some()
    }

    /// How often its thread has gone to sleep and woken; odd while it sleeps.
    fn naps(&self) -> u64 {
        self.handle.metrics().worker_park_unpark_count(0)
    }
}

impl Drop for Machine {
    /// A pulled plug.
    fn drop(&mut self) {
        self.frozen = None;
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            // what panicked there was told there
            let _ = thread.join();
        }
    }
}

/// Waits, in real time, until nothing is going on: all threads sleep, and go on sleeping. Should a disk take longer than
/// the looks do, time passes a little early, as it does on a busy computer. Answers which machine never slept, where one
/// did not: something on it turns in circles.
pub fn quiet(machines: &[&Machine]) -> Option<String> {
    let awake = machines.iter().filter(|machine| !machine.is_frozen());
    let machines: Vec<_> = awake.filter(|machine| machine.pace == Pace::Paused).collect();
    let naps = || machines.iter().map(|machine| machine.naps()).collect::<Vec<_>>();
    let until = Instant::now() + QUIET_WITHIN;
    let first = naps();
    let (mut last, mut looks) = (first.clone(), 0);
    while looks < QUIET_LOOKS && Instant::now() < until {
        thread::sleep(LOOK_EVERY);
        let now = naps();
        let asleep = now.iter().all(|count| !count.is_multiple_of(2));
        looks = if asleep && now == last { looks + 1 } else { 0 };
        last = now;
    }
    if looks >= QUIET_LOOKS {
        return None;
    }
    let mut counts = first.iter().zip(&last);
    let restless = counts.position(|(first, last)| first == last && last.is_multiple_of(2))?;
    Some(machines[restless].name.clone())
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };

    use super::*;

    fn ticking(machine: &Machine) -> Arc<AtomicU32> {
        let ticks = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&ticks);
        machine.spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        ticks
    }

    #[test]
    fn time_stands_still_but_when_it_is_moved() {
        let mut machine = Machine::idle("clockwork", Pace::Paused);
        let ticks = ticking(&machine);
        quiet(&[&machine]);
        thread::sleep(Duration::from_millis(20));
        assert_eq!(ticks.load(Ordering::SeqCst), 0);
        for tick in 1..=5 {
            machine.advance(Duration::from_millis(1_001));
            quiet(&[&machine]);
            assert_eq!(ticks.load(Ordering::SeqCst), tick);
        }
    }

    #[test]
    fn a_frozen_machine_misses_time_and_knows_how_much() {
        let mut machine = Machine::idle("ice", Pace::Paused);
        let ticks = ticking(&machine);
        quiet(&[&machine]);
        machine.freeze();
        machine.advance(Duration::from_secs(7));
        assert_eq!(ticks.load(Ordering::SeqCst), 0);
        assert_eq!(machine.thaw(), Duration::from_secs(7));
        machine.advance(Duration::from_millis(1_001));
        quiet(&[&machine]);
        assert_eq!(ticks.load(Ordering::SeqCst), 1);
    }
}
