//! The one writer of a SQLite file: jobs wait in a bounded queue, and as many as wait share one transaction.
//!
//! **Invariants:** jobs run one at a time, in the order in which they came; an answer is given and a happening published
//! only after the commit that made it durable; happenings are published in the order of the jobs. A job that fails is undone
//! alone, by its savepoint. When the transaction itself fails, all its jobs are answered with that failure and none is told.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::{FutureExt as _, future::BoxFuture};
use tokio::sync::{mpsc, oneshot};

use super::{Connection, Tx};
use crate::{
    clock::Clock,
    happening::{Happening, Publisher},
    store::StorageError,
};

/// Most jobs of one transaction: a longer one would only make the first of them wait.
const BATCH: usize = 64;
/// Most jobs that wait: beyond it the server is too slow for its callers, and says so.
const QUEUE: usize = 1_024;

/// Hands jobs to the writer's task.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Order>,
}

enum Order {
    Run(Box<dyn Waiting>),
    Close(oneshot::Sender<()>),
}

impl Writer {
    pub(super) fn start(conn: Connection, clock: Arc<dyn Clock>, publisher: Arc<dyn Publisher>) -> Self {
        let (queue, orders) = mpsc::channel(QUEUE);
        let desk = Desk {
            conn,
            clock,
            publisher,
        };
        tokio::spawn(desk.serve(orders));
        Self { queue }
    }

    pub(super) async fn run<A, T, E, F>(&self, arguments: A, job: F) -> Result<T, E>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        F: for<'t> Fn(&'t mut Tx<'_>, &'t A) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let pending = Pending {
            arguments,
            job,
            outcome: None,
            answer,
        };
        self.queue
            .try_send(Order::Run(Box::new(pending)))
            .map_err(|refused| match refused {
                mpsc::error::TrySendError::Full(_) => StorageError::Unavailable("too much to write".into()),
                mpsc::error::TrySendError::Closed(_) => closed(),
            })?;
        answered.await.unwrap_or_else(|_| Err(closed().into()))
    }

    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Order::Close(done)).await.is_ok() {
            let _ = closed.await;
        }
    }
}

fn closed() -> StorageError {
    StorageError::Unavailable("the database is closed".into())
}

/// A job with its arguments and whoever waits for it, without their types.
trait Waiting: Send {
    /// Runs it; whether it is to be kept.
    fn run<'t>(&'t mut self, tx: &'t mut Tx<'_>) -> BoxFuture<'t, bool>;
    /// Tells whoever waits: what it came to, or why nothing was kept.
    fn answer(self: Box<Self>, failure: Option<&StorageError>);
}

struct Pending<A, T, E, F> {
    arguments: A,
    job: F,
    outcome: Option<Result<T, E>>,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<A, T, E, F> Waiting for Pending<A, T, E, F>
where
    A: Send + Sync,
    T: Send,
    E: From<StorageError> + Send,
    F: for<'t> Fn(&'t mut Tx<'_>, &'t A) -> BoxFuture<'t, Result<T, E>> + Send + Sync,
{
    fn run<'t>(&'t mut self, tx: &'t mut Tx<'_>) -> BoxFuture<'t, bool> {
        Box::pin(async move {
            let work = AssertUnwindSafe((self.job)(tx, &self.arguments)).catch_unwind();
            let outcome = work.await.unwrap_or_else(|_| {
                tracing::error!("a write panicked and was undone");
                Err(StorageError::Broken("a defect of the server".into()).into())
            });
            let keep = outcome.is_ok();
            self.outcome = Some(outcome);
            keep
        })
    }

    fn answer(self: Box<Self>, failure: Option<&StorageError>) {
        let outcome = match (failure, self.outcome) {
            // A refusal wrote nothing, and stands whatever became of the others.
            (_, Some(Err(refusal))) => Err(refusal),
            (Some(failure), _) => Err(failure.clone().into()),
            (None, Some(outcome)) => outcome,
            (None, None) => Err(closed().into()),
        };
        // Whoever asked may have gone: then nobody needs the answer.
        let _ = self.answer.send(outcome);
    }
}

/// The writer's own side.
struct Desk {
    conn: Connection,
    clock: Arc<dyn Clock>,
    publisher: Arc<dyn Publisher>,
}

impl Desk {
    async fn serve(mut self, mut orders: mpsc::Receiver<Order>) {
        let mut taken = Vec::with_capacity(BATCH);
        let mut waiting_for_close = None;
        while waiting_for_close.is_none() && orders.recv_many(&mut taken, BATCH).await > 0 {
            let mut jobs = Vec::with_capacity(taken.len());
            for order in taken.drain(..) {
                match order {
                    Order::Run(job) => jobs.push(job),
                    Order::Close(done) => waiting_for_close = Some(done),
                }
            }
            if !jobs.is_empty() {
                self.settle(jobs).await;
            }
        }
        drop(orders);
        if let Err(failure) = sqlx::Connection::close(self.conn).await {
            tracing::warn!(%failure, "the database did not close cleanly");
        }
        if let Some(done) = waiting_for_close {
            let _ = done.send(());
        }
    }

    /// One transaction: runs, commits, publishes, answers.
    async fn settle(&mut self, mut jobs: Vec<Box<dyn Waiting>>) {
        let failure = match self.transact(&mut jobs).await {
            Ok(told) => {
                if !told.is_empty() {
                    self.publisher.publish(told);
                }
                None
            }
            Err(failure) => {
                tracing::error!(%failure, jobs = jobs.len(), "a write failed and was undone");
                // SQLite may have rolled back by itself: then there is no transaction, and that is well.
                let _ = self.execute("ROLLBACK").await;
                Some(failure)
            }
        };
        for job in jobs {
            job.answer(failure.as_ref());
        }
    }

    async fn transact(&mut self, jobs: &mut [Box<dyn Waiting>]) -> Result<Vec<Happening>, StorageError> {
        let alone = jobs.len() == 1;
        let mut told = Vec::new();
        let mut kept = false;
        self.execute("BEGIN IMMEDIATE").await?;
        for job in jobs {
            if !alone {
                self.execute("SAVEPOINT job").await?;
            }
            let now = self.clock.now();
            let mut tx = Tx::new(&mut self.conn, now);
            let keep = job.run(&mut tx).await;
            if keep {
                told.append(&mut tx.into_told());
                kept = true;
            } else if !alone {
                self.execute("ROLLBACK TO job").await?;
            }
            if !alone {
                self.execute("RELEASE job").await?;
            }
        }
        self.execute(if kept { "COMMIT" } else { "ROLLBACK" }).await?;
        Ok(told)
    }

    async fn execute(&mut self, statement: &'static str) -> Result<(), StorageError> {
        sqlx::query(statement).execute(&mut self.conn).await?;
        Ok(())
    }
}
