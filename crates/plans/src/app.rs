//! A person's app: a client on a machine of its own, with windows.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use holdfast_client::{
    Canvas, Client, ClientConfig, HttpConfig, OpenMode, Server,
    clock::{BootClock, Clock, JumpClock},
    credentials::Token,
    view::{CanvasState, ConnectionView, LockView, SaveView, ServerId},
};
use tokio::sync::Mutex as AsyncMutex;

use crate::{
    machine::{Machine, Pace},
    plan::{LEASE_MS, WINDOWS},
    resolving::{erased_by, resolve},
    stage::APPS,
    step::{Choice, Pen},
    strokes::{Ledger, draw},
};

/// What windows get to close.
const CLOSE_BUDGET: Duration = Duration::from_secs(2);

/// What is being done on an app, beside the plan's steps: counted while it lasts.
#[derive(Debug, Default)]
struct Busy(Arc<AtomicU32>);

impl Busy {
    fn begin(&self) -> Work {
        self.0.fetch_add(1, Ordering::SeqCst);
        Work(Arc::clone(&self.0))
    }
}

/// Something that is being done.
struct Work(Arc<AtomicU32>);

impl Drop for Work {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A window: at most one canvas, and one hand that draws.
#[derive(Debug, Default)]
struct Window {
    canvas: Mutex<Option<Canvas>>,
    hand: AsyncMutex<()>,
}

impl Window {
    fn canvas(&self) -> Option<Canvas> {
        self.canvas.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, canvas: Option<Canvas>) {
        *self.canvas.lock().unwrap_or_else(PoisonError::into_inner) = canvas;
    }
}

/// The running program.
#[derive(Debug)]
struct Desk {
    client: Client,
    server: Server,
    windows: [Window; WINDOWS],
    busy: Busy,
}

/// A person's app.
#[derive(Debug)]
pub struct App {
    /// Which one.
    pub index: usize,
    pace: Pace,
    folder: PathBuf,
    url: String,
    tokens: Vec<String>,
    signed_out: bool,
    clock: Option<JumpClock>,
    disk_full: bool,
    // dropped before the desk's last handle is
    machine: Option<Machine>,
    desk: Option<Arc<Desk>>,
}

impl App {
    /// An app that is not started. `tokens` are its sign-ins, the last one first.
    #[must_use]
    pub fn new(index: usize, pace: Pace, folder: PathBuf, url: String, tokens: Vec<String>) -> Self {
        Self {
            index,
            pace,
            folder,
            url,
            tokens,
            signed_out: false,
            clock: None,
            disk_full: false,
            machine: None,
            desk: None,
        }
    }

    /// Where its journals are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether it runs.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.desk.is_some()
    }

    /// Its machine, where it is on.
    pub fn machine(&mut self) -> Option<&mut Machine> {
        self.machine.as_mut()
    }

    /// Its machine, to look at.
    #[must_use]
    pub fn machine_ref(&self) -> Option<&Machine> {
        self.machine.as_ref()
    }

    /// Starts it on what is on its disk; whether it came up. Without room on its disk it does not, nor without a sign-in.
    pub fn start(&mut self) -> bool {
        if self.runs() {
            return false;
        }
        if std::mem::take(&mut self.signed_out) && self.tokens.len() > 1 {
            self.tokens.pop();
        }
        let Some(token) = self.tokens.last() else {
            return false;
        };
        let machine = Machine::idle(APPS[self.index].1, self.pace);
        let (folder, pace) = (self.folder.clone(), self.pace);
        let (device, url, token) = (APPS[self.index].1, self.url.clone(), Token::new(token));
        let started = machine.call(async move {
            let jump = (pace == Pace::Paused).then(JumpClock::default);
            let clock: Arc<dyn Clock> = match &jump {
                Some(jump) => Arc::new(jump.clone()),
                None => Arc::new(BootClock),
            };
            let config = ClientConfig {
                clock,
                http: HttpConfig {
                    connect_within: Duration::from_secs(3),
                    answer_within: Duration::from_secs(5),
                    transfer_within: Duration::from_secs(15),
                },
                lease_ttl: Some(Duration::from_millis(LEASE_MS)),
                ..ClientConfig::new(folder, device)
            };
            let client = Client::new(config).ok()?;
            let base = url.parse().expect("a link's URL");
            let server = client.add_server(ServerId("team".into()), "Team", base, token);
            let desk = Desk {
                client,
                server,
                windows: Default::default(),
                busy: Busy::default(),
            };
            Some((Arc::new(desk), jump))
        });
        let Some((desk, jump)) = started else {
            return false;
        };
        self.clock = jump;
        self.desk = Some(desk);
        self.machine = Some(machine);
        true
    }

    /// SIGKILL; whether it ran.
    pub fn kill(&mut self) -> bool {
        self.machine = None;
        self.clock = None;
        self.desk.take().is_some()
    }

    /// Does something with the running program, beside the plan.
    fn work<F>(&self, work: impl FnOnce(Arc<Desk>) -> F + Send + 'static) -> bool
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (Some(machine), Some(desk)) = (&self.machine, &self.desk) else {
            return false;
        };
        let (desk, busy) = (Arc::clone(desk), desk.busy.begin());
        machine.spawn(async move {
            work(desk).await;
            drop(busy);
        });
        true
    }

    /// Opens a document in a window, where nothing is open there.
    pub fn open(&self, window: usize, document: &str, edit: bool) {
        let id = document.parse().expect("a document's id");
        let mode = if edit { OpenMode::Edit } else { OpenMode::ReadOnly };
        self.work(move |desk| async move {
            let place = &desk.windows[window];
            let _hand = place.hand.lock().await;
            if place.canvas().is_none()
                && let Ok(canvas) = desk.server.open_canvas(id, mode, &label(window)).await
            {
                place.set(Some(canvas));
            }
        });
    }

    /// Closes a window.
    pub fn close(&self, window: usize) {
        self.work(move |desk| async move {
            let place = &desk.windows[window];
            let _hand = place.hand.lock().await;
            if let Some(canvas) = place.canvas() {
                canvas.close(CLOSE_BUDGET).await;
                place.set(None);
            }
        });
    }

    /// Draws in a window.
    pub fn draw(&self, window: usize, pen: Pen, name: String, ledger: Ledger) {
        let app = self.index;
        self.work(move |desk| async move {
            let place = &desk.windows[window];
            let _hand = place.hand.lock().await;
            if let Some(canvas) = place.canvas() {
                draw(canvas, pen, app, name, ledger).await;
            }
        });
    }

    /// Does something with a window's canvas, whatever comes of it.
    pub fn with<F>(&self, window: usize, work: impl FnOnce(Canvas) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.work(move |desk| async move {
            if let Some(canvas) = desk.windows[window].canvas() {
                work(canvas).await;
            }
        });
    }

    /// Settles the conflict that a window shows.
    pub fn resolve(&self, window: usize, choice: Choice, ledger: Ledger) {
        let app = self.index;
        self.with(window, move |canvas| resolve(canvas, choice, app, ledger));
    }

    /// Takes up the n-th draft in a window.
    pub fn open_draft(&self, window: usize, n: usize) {
        self.work(move |desk| async move {
            let drafts = desk.client.drafts().await;
            if let (Some(draft), Some(canvas)) = (drafts.get(n), desk.windows[window].canvas())
                && draft.document == canvas.document()
            {
                let _ = canvas.open_draft(&draft.id).await;
            }
        });
    }

    /// Saves the n-th draft as a copy.
    pub fn copy_draft(&self, n: usize, ledger: Ledger) {
        let app = self.index;
        self.work(move |desk| async move {
            let drafts = desk.client.drafts().await;
            if let Some(draft) = drafts.get(n) {
                let document = draft.document.to_string();
                ledger.waive(|stroke| erased_by(stroke, app, &document));
                let _ = desk.client.save_draft_as_copy(&draft.id, None).await;
            }
        });
    }

    /// Signs out, and ends.
    pub fn sign_out(&mut self) -> bool {
        if self.tokens.len() < 2 {
            return false;
        }
        self.signed_out = true;
        self.work(|desk| async move {
            desk.server.sign_out(CLOSE_BUDGET).await;
            for window in &desk.windows {
                window.set(None);
            }
        })
    }

    /// Whether it was signed out and is to be started anew.
    #[must_use]
    pub fn is_signed_out(&self) -> bool {
        self.signed_out
    }

    /// Its machine sleeps: its boot clock has gone on when it wakes, its other clocks have not.
    pub fn slept(&self, by: Duration) {
        if let Some(clock) = &self.clock {
            clock.sleep_machine(by);
        }
    }

    /// From now on no journal can be begun; false where one is there, which a full disk would not take away.
    pub fn fill_disk(&mut self) -> bool {
        let (journals, aside) = self.journals();
        if self.disk_full || has_journals(&journals) {
            return false;
        }
        let moved = std::fs::rename(&journals, &aside).and_then(|()| std::fs::write(&journals, b"full"));
        self.disk_full = moved.is_ok();
        self.disk_full
    }

    /// There is room again.
    pub fn free_disk(&mut self) {
        if std::mem::take(&mut self.disk_full) {
            let (journals, aside) = self.journals();
            std::fs::remove_file(&journals).expect("the file in the folder's place goes");
            std::fs::rename(&aside, &journals).expect("the folder is back");
        }
    }

    /// The folder of journals, and where it is while there is no room in it.
    fn journals(&self) -> (PathBuf, PathBuf) {
        (self.folder.join("journal"), self.folder.join("journal-aside"))
    }

    /// Whether nothing is under way: connected, nothing being done, everything saved or put aside.
    ///
    /// # Errors
    ///
    /// What is under way.
    pub fn is_settled(&self) -> Result<(), String> {
        let Some(desk) = &self.desk else {
            return Err("it does not run".to_owned());
        };
        if desk.busy.0.load(Ordering::SeqCst) > 0 {
            return Err("something is being done".to_owned());
        }
        let status = desk.server.status().borrow().clone();
        if status != ConnectionView::Online {
            return Err(format!("{status:?}"));
        }
        for (window, state) in self.states() {
            let resting = matches!(state.save, SaveView::Saved { .. } | SaveView::Draft { .. })
                && !matches!(state.lock, LockView::Acquiring | LockView::Lapsed { .. })
                && state.connection == ConnectionView::Online;
            if !resting {
                return Err(format!("window {window}: {:?}, {:?}", state.lock, state.save));
            }
        }
        Ok(())
    }

    /// The open windows with what they show.
    #[must_use]
    pub fn states(&self) -> Vec<(usize, CanvasState)> {
        self.canvases()
            .into_iter()
            .map(|(window, canvas)| (window, canvas.state().borrow().clone()))
            .collect()
    }

    /// The open windows with their canvases.
    #[must_use]
    pub fn canvases(&self) -> Vec<(usize, Canvas)> {
        let windows = self.desk.iter().flat_map(|desk| desk.windows.iter().enumerate());
        windows
            .filter_map(|(at, window)| Some((at, window.canvas()?)))
            .collect()
    }
}

fn label(window: usize) -> String {
    format!("canvas-{window}")
}

/// Whether there is a journal anywhere in a folder.
fn has_journals(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| {
        path.is_dir() && has_journals(&path) || path.extension().is_some_and(|kind| kind == "journal")
    })
}
