//! The one writer of a process: jobs wait in a bounded queue, and as many as wait share one transaction.
//!
//! **Invariants:** jobs run one at a time, in the order in which they came; an answer is given and a happening published
//! only after the commit that made it durable is known; happenings are published in the order of the jobs. A job that fails is undone
//! alone, by its savepoint. When the transaction itself fails, all its jobs are answered with that failure and none is told.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::{FutureExt as _, future::BoxFuture};
use tokio::sync::{mpsc, oneshot};

use super::{Columns as _, Connection, Tx, postgres, source::Source};
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
    pub(super) fn start(
        source: Source,
        conn: Connection,
        clock: Arc<dyn Clock>,
        publisher: Arc<dyn Publisher>,
    ) -> Self {
        let (queue, orders) = mpsc::channel(QUEUE);
        let desk = Desk {
            source,
            conn: Some(conn),
            unsettled: None,
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
    source: Source,
    /// None while it is broken.
    conn: Option<Connection>,
    /// A transaction whose commit was not answered, and what it has to tell if it took effect.
    unsettled: Option<(String, Vec<Happening>)>,
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
        if let Some(conn) = self.conn
            && let Err(failure) = sqlx::Connection::close(conn).await
        {
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
                self.give_up().await;
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
        let id = self.begin().await?;
        self.settle_earlier().await?;
        for job in jobs {
            if !alone {
                self.execute("SAVEPOINT job").await?;
            }
            let now = self.clock.now();
            let conn = self.conn.as_mut().ok_or_else(closed)?;
            let mut tx = Tx::new(conn, now);
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
        match (self.execute(if kept { "COMMIT" } else { "ROLLBACK" }).await, id) {
            (Ok(()), _) => Ok(told),
            (Err(failure), Some(id)) if kept => {
                self.unsettled = Some((id, told));
                Err(failure)
            }
            (Err(failure), _) => Err(failure),
        }
    }

    async fn execute(&mut self, statement: &'static str) -> Result<(), StorageError> {
        let conn = self.conn.as_mut().ok_or_else(closed)?;
        sqlx::query(statement).execute(conn).await?;
        Ok(())
    }

    /// Begins a transaction; answers by what it is known afterwards, where that can be asked. A connection may have broken while
    /// nobody used it: then there is a new one.
    async fn begin(&mut self) -> Result<Option<String>, StorageError> {
        if self.conn.is_some() {
            match self.try_begin().await {
                Err(_) if self.source.is_remote() => self.give_up().await,
                begun => return begun,
            }
        }
        if self.conn.is_none()
            && let Some(conn) = self.source.reconnect().await
        {
            self.conn = Some(conn?);
        }
        self.try_begin().await
    }

    async fn try_begin(&mut self) -> Result<Option<String>, StorageError> {
        let begin = self.source.begin();
        if !self.source.is_remote() {
            return self.execute(begin).await.map(|()| None);
        }
        let conn = self.conn.as_mut().ok_or_else(closed)?;
        let rows = sqlx::raw_sql(begin).fetch_all(conn).await?;
        rows.first().map(|row| row.text("id")).transpose()
    }

    /// Learns what became of a transaction whose commit was not answered. Now that it is this one's turn, that one is over; what it
    /// did is told before anything that comes after it.
    async fn settle_earlier(&mut self) -> Result<(), StorageError> {
        let Some((id, told)) = &mut self.unsettled else {
            return Ok(());
        };
        let conn = self.conn.as_mut().ok_or_else(closed)?;
        let became: Option<String> = sqlx::query_scalar(postgres::BECAME)
            .bind(id.as_str())
            .fetch_one(conn)
            .await?;
        if became.as_deref() == Some("committed") && !told.is_empty() {
            self.publisher.publish(std::mem::take(told));
        }
        self.unsettled = None;
        Ok(())
    }

    /// Ends a transaction that failed.
    async fn give_up(&mut self) {
        // SQLite may have rolled back by itself: then there is no transaction, and that is well.
        if self.execute("ROLLBACK").await.is_err() && self.source.is_remote() {
            self.conn = None;
        }
    }
}
