//! The server of a plan: in memory on a clock that the plan moves, or a process.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
        mpsc,
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use holdfast_protocol::Timestamp;
use holdfast_server::{clock::Clock, server::Server};
use holdfast_testkit::Server as Process;
use tokio::runtime::Handle;

use crate::{
    machine::{Machine, Pace},
    stage::{self, Stage},
};

/// The time of day in a plan.
#[derive(Debug)]
pub struct WorldClock(AtomicI64);

impl Default for WorldClock {
    fn default() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(AtomicI64::new(millis(now)))
    }
}

impl WorldClock {
    /// Time goes on.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(millis(by), Ordering::SeqCst);
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// One server process's clock: perhaps off, and going on at its pace while it is set back, as the real one does.
struct ServerClock {
    world: Arc<WorldClock>,
    off_by: Arc<AtomicI64>,
    started: i64,
    ahead: AtomicI64,
}

impl Clock for ServerClock {
    fn now(&self) -> Timestamp {
        let world = self.world.0.load(Ordering::SeqCst);
        let running = world - self.started;
        let ahead = world + self.off_by.load(Ordering::SeqCst) - running;
        Timestamp(running + self.ahead.fetch_max(ahead, Ordering::SeqCst).max(ahead))
    }
}

/// A server that can be killed, hung, copied, and set back to its copy.
#[derive(Debug)]
pub enum Host {
    /// In this process.
    Memory(Box<Memory>),
    /// A process of its own.
    Process(Box<Hosted>),
}

/// A server in memory.
#[derive(Debug)]
pub struct Memory {
    world: Arc<WorldClock>,
    off_by: Arc<AtomicI64>,
    /// Where the data of each incarnation is.
    root: PathBuf,
    data: PathBuf,
    restored: u32,
    machine: Option<Machine>,
    address: SocketAddr,
}

/// A server process.
#[derive(Debug)]
pub struct Hosted {
    server: Process,
    runtime: Handle,
    backup: PathBuf,
    up: bool,
    stalled: bool,
}

impl Host {
    /// Starts a server on the stage's data, in memory.
    pub fn in_memory(stage: &Stage, root: &Path, world: Arc<WorldClock>) -> Self {
        let data = root.join("server-0");
        stage.copy_to(&data);
        let mut memory = Memory {
            world,
            off_by: Arc::default(),
            root: root.to_owned(),
            data,
            restored: 0,
            machine: None,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        memory.start();
        Self::Memory(Box::new(memory))
    }

    /// Starts a server process on the stage's data.
    pub fn process(stage: &Stage, root: &Path, runtime: Handle) -> Self {
        let mut server = runtime.block_on(Process::start());
        server.kill();
        stage.copy_to(server.data_dir());
        runtime.block_on(server.restart());
        Self::Process(Box::new(Hosted {
            server,
            runtime,
            backup: root.join("backup"),
            up: true,
            stalled: false,
        }))
    }

    /// Where it listens, once it was started.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        match self {
            Self::Memory(memory) => memory.address,
            Self::Process(hosted) => hosted.server.address(),
        }
    }

    /// Whether it serves.
    #[must_use]
    pub fn is_up(&self) -> bool {
        match self {
            Self::Memory(memory) => memory
                .machine
                .as_ref()
                .is_some_and(|machine| !machine.is_frozen()),
            Self::Process(hosted) => hosted.up && !hosted.stalled,
        }
    }

    /// SIGKILL; whether there was something to kill.
    pub fn kill(&mut self) -> bool {
        match self {
            Self::Memory(memory) => memory.machine.take().is_some(),
            Self::Process(hosted) => {
                hosted.server.kill();
                hosted.stalled = false;
                std::mem::take(&mut hosted.up)
            }
        }
    }

    /// Starts it on its data, or lets it go on; whether it is a new process.
    pub fn start(&mut self) -> bool {
        match self {
            Self::Memory(memory) => match &mut memory.machine {
                Some(machine) => {
                    let missed = machine.thaw();
                    machine.advance(missed);
                    false
                }
                None => {
                    memory.start();
                    true
                }
            },
            Self::Process(hosted) => {
                if std::mem::take(&mut hosted.stalled) {
                    hosted.server.resume();
                }
                let down = !std::mem::replace(&mut hosted.up, true);
                if down {
                    hosted.runtime.block_on(hosted.server.restart());
                }
                down
            }
        }
    }

    /// SIGSTOP; whether it ran.
    pub fn stall(&mut self) -> bool {
        if !self.is_up() {
            return false;
        }
        match self {
            Self::Memory(memory) => memory.machine.iter_mut().for_each(Machine::freeze),
            Self::Process(hosted) => {
                hosted.server.pause();
                hosted.stalled = true;
            }
        }
        true
    }

    /// Puts a copy of its data aside. A process is ended for that, and to be started again.
    pub fn back_up(&mut self) {
        match self {
            Self::Memory(memory) => stage::copy(&memory.data, &memory.backup()),
            Self::Process(hosted) => {
                hosted.server.kill();
                hosted.up = false;
                hosted.stalled = false;
                stage::copy(hosted.server.data_dir(), &hosted.backup);
            }
        }
    }

    /// Kills it and puts the copy in the place of its data; false where there is none.
    pub fn restore(&mut self) -> bool {
        let backup = match self {
            Self::Memory(memory) => memory.backup(),
            Self::Process(hosted) => hosted.backup.clone(),
        };
        if !backup.exists() {
            return false;
        }
        self.kill();
        match self {
            Self::Memory(memory) => {
                memory.restored += 1;
                memory.data = memory.root.join(format!("server-{}", memory.restored));
                stage::copy(&backup, &memory.data);
            }
            Self::Process(hosted) => stage::copy(&backup, hosted.server.data_dir()),
        }
        true
    }

    /// Its wall clock jumps; false where it can't be made to.
    pub fn jump(&mut self, by_ms: i64) -> bool {
        match self {
            Self::Memory(memory) => {
                memory.off_by.fetch_add(by_ms, Ordering::SeqCst);
                true
            }
            Self::Process(_) => false,
        }
    }

    /// Its machine, where it runs on one.
    pub fn machine(&mut self) -> Option<&mut Machine> {
        match self {
            Self::Memory(memory) => memory.machine.as_mut(),
            Self::Process(_) => None,
        }
    }

    /// Where its data is.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        match self {
            Self::Memory(memory) => &memory.data,
            Self::Process(hosted) => hosted.server.data_dir(),
        }
    }
}

impl Memory {
    fn backup(&self) -> PathBuf {
        self.root.join("backup")
    }

    fn start(&mut self) {
        let config = stage::config(&self.data);
        let clock = Arc::new(ServerClock {
            world: Arc::clone(&self.world),
            off_by: Arc::clone(&self.off_by),
            started: self.world.0.load(Ordering::SeqCst),
            ahead: AtomicI64::new(0),
        });
        let (tell, told) = mpsc::channel();
        let machine = Machine::start("server", Pace::Paused, move || async move {
            let running = Server::start_at(config, clock).await.expect("the server starts");
            let _ = tell.send(running.address());
            // dropped with its machine, without a word to anybody
            std::future::pending::<()>().await;
            drop(running);
        });
        self.address = told.recv().expect("the server starts");
        self.machine = Some(machine);
    }
}
