//! Group commit: the rows of all requests that came while the last batch was being committed go in together, in one
//! transaction. Nobody is answered before its batch is committed.

use std::sync::Arc;
use std::time::Duration;

use entity::{access_count, audit};
use sea_orm::{DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use tokio::sync::{mpsc, oneshot};

use super::chain::{self, Head};
use super::heads::Heads;
use super::reading::{self, Counted, Showing};
use crate::error::{Error, Result};
use crate::store::{Database, connect};

/// Requests that may wait; more wait at the door.
const WAITING: usize = 1024;
/// Rows in one transaction, about.
const MOST: usize = 4000;
/// Tries while the database is busy.
const TRIES: u32 = 4;

/// The way to the task that writes.
#[derive(Clone)]
pub(super) struct Writer(mpsc::Sender<Waiting>);

/// The rows of an answer, and the children it shows.
struct Answer {
    rows: Vec<audit::Model>,
    showing: Option<Showing>,
}

struct Waiting {
    answer: Answer,
    done: oneshot::Sender<Result<()>>,
}

/// What a batch came to: where the record stands, and what stands against each answer.
struct Committed {
    head: Head,
    stopped: Vec<Option<access_count::Kind>>,
}

impl Writer {
    /// Starts the task; it ends when the last handle is gone.
    pub(super) fn start(db: Database, heads: Arc<Heads>, counted: Counted) -> Self {
        let (sender, waiting) = mpsc::channel(WAITING);
        tokio::spawn(run(db, waiting, heads, counted));
        Self(sender)
    }

    /// Writes rows and returns when they are committed.
    ///
    /// # Errors
    /// `RateLimited` if the answer would show too many children; then its refusal was committed.
    pub(super) async fn write(&self, rows: Vec<audit::Model>, showing: Option<Showing>) -> Result<()> {
        let (done, committed) = oneshot::channel();
        let waiting = Waiting { answer: Answer { rows, showing }, done };
        self.0.send(waiting).await.map_err(|_| Error::Unavailable)?;
        committed.await.unwrap_or(Err(Error::Unavailable))
    }
}

async fn run(db: Database, mut waiting: mpsc::Receiver<Waiting>, heads: Arc<Heads>, counted: Counted) {
    let mut tick = tokio::time::interval(heads.every());
    loop {
        let first = tokio::select! {
            next = waiting.recv() => match next {
                Some(first) => first,
                None => break,
            },
            _ = tick.tick() => {
                heads.sign();
                continue;
            }
        };
        let mut rows = first.answer.rows.len();
        let (mut batch, mut hung_on) = (vec![first.answer], vec![first.done]);
        while rows < MOST
            && let Ok(next) = waiting.try_recv()
        {
            rows += next.answer.rows.len();
            batch.push(next.answer);
            hung_on.push(next.done);
        }
        let committed = commit(&db, &batch).await;
        if let Ok(committed) = &committed {
            heads.reached(committed.head.clone());
        }
        for (n, (answer, done)) in batch.iter().zip(hung_on).enumerate() {
            // whoever does not wait any more has hung up, and hears nothing either
            let _ = done.send(outcome(answer, &committed, n, &counted));
        }
    }
    heads.sign();
}

/// What the `n`th answer of a batch came to.
fn outcome(
    answer: &Answer,
    committed: &std::result::Result<Committed, DbErr>,
    n: usize,
    counted: &Counted,
) -> Result<()> {
    let Ok(committed) = committed else { return Err(Error::Unavailable) };
    match (&answer.showing, committed.stopped.get(n).copied().flatten()) {
        (None, _) => Ok(()),
        (Some(showing), None) => {
            showing.remember(counted);
            Ok(())
        }
        (Some(showing), Some(kind)) => Err(showing.refusal(kind)),
    }
}

async fn commit(db: &Database, batch: &[Answer]) -> std::result::Result<Committed, DbErr> {
    let mut tried = 0;
    loop {
        tried += 1;
        match once(db, batch).await {
            Err(error) if tried < TRIES && connect::is_busy(&error) => {
                tokio::time::sleep(Duration::from_millis(10 << tried)).await;
            }
            Err(error) => {
                tracing::error!(%error, "the access record cannot be written");
                return Err(error);
            }
            committed => return committed,
        }
    }
}

async fn once(db: &Database, batch: &[Answer]) -> std::result::Result<Committed, DbErr> {
    let options =
        TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
    let tx = db.pool.begin_with_options(options).await?;
    let head = chain::lock(&tx).await?;
    let showings: Vec<_> = batch.iter().map(|answer| answer.showing.as_ref()).collect();
    let stopped = reading::admit(&tx, &showings).await?;
    let rows = batch.iter().zip(&stopped).flat_map(|(answer, stopped)| match stopped {
        None => answer.rows.clone(),
        Some(_) => reading::refused(&answer.rows),
    });
    let head = chain::append(&tx, head, rows.collect()).await?;
    tx.commit().await?;
    Ok(Committed { head, stopped })
}
