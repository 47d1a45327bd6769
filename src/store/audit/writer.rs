//! Group commit: the rows of all requests that came while the last batch was being committed go in together, in one
//! transaction. Nobody is answered before its batch is committed.

use std::sync::Arc;
use std::time::Duration;

use entity::{access_count, audit, notice};
use sea_orm::{DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use tokio::sync::{mpsc, oneshot};

use super::at_once;
use super::chain::{self, Head};
use super::copies::{self, Copies, Opened};
use super::heads::Heads;
use super::notices::{self, Given};
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
pub(super) struct Answer {
    pub(super) rows: Vec<audit::Model>,
    /// The notices it gives rise to.
    pub(super) notices: Vec<notice::Model>,
    pub(super) showing: Option<Showing>,
    /// The copies of reports that it shows for the first time.
    pub(super) copies: Copies,
}

/// What the process remembers of what was committed.
#[derive(Clone)]
pub(super) struct Memory {
    pub(super) given: Given,
    pub(super) counted: Counted,
    pub(super) opened: Opened,
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
    pub(super) fn start(db: Database, heads: Arc<Heads>, memory: Memory, misses_an_hour: i64) -> Self {
        let (sender, waiting) = mpsc::channel(WAITING);
        tokio::spawn(run(db, waiting, heads, memory, misses_an_hour));
        Self(sender)
    }

    /// Writes rows with the notices they give rise to, and returns when they are committed.
    ///
    /// # Errors
    /// `RateLimited` if the answer would show too many children; then its refusal was committed.
    pub(super) async fn write(&self, answer: Answer) -> Result<()> {
        let (done, committed) = oneshot::channel();
        self.0.send(Waiting { answer, done }).await.map_err(|_| Error::Unavailable)?;
        committed.await.unwrap_or(Err(Error::Unavailable))
    }
}

async fn run(
    db: Database,
    mut waiting: mpsc::Receiver<Waiting>,
    heads: Arc<Heads>,
    memory: Memory,
    misses_an_hour: i64,
) {
    let mut tick = tokio::time::interval(heads.every());
    loop {
        let first = tokio::select! {
            next = waiting.recv() => match next {
                Some(first) => first,
                None => break,
            },
            _ = tick.tick() => {
                let heads = heads.clone();
                // a disk that is slow to confirm must not keep those who wait for their rows
                tokio::task::spawn_blocking(move || heads.sign());
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
        let committed = commit(&db, &heads, &batch, &memory.given, misses_an_hour).await;
        if let Ok(committed) = &committed {
            heads.reached(committed.head.clone());
        }
        for (n, (answer, done)) in batch.iter().zip(hung_on).enumerate() {
            // whoever does not wait any more has hung up, and hears nothing either
            let _ = done.send(outcome(answer, &committed, n, &memory));
        }
    }
    // nobody waits any more, and the process may end with this task
    heads.sign();
}

/// What the `n`th answer of a batch came to.
fn outcome(
    answer: &Answer,
    committed: &std::result::Result<Committed, DbErr>,
    n: usize,
    memory: &Memory,
) -> Result<()> {
    let Ok(committed) = committed else { return Err(Error::Unavailable) };
    let stopped = committed.stopped.get(n).is_some_and(Option::is_some);
    if !stopped {
        answer.copies.remember(&memory.opened);
    }
    match (&answer.showing, committed.stopped.get(n).copied().flatten()) {
        (None, _) => Ok(()),
        (Some(showing), None) => {
            showing.remember(&memory.counted);
            Ok(())
        }
        (Some(showing), Some(kind)) => Err(showing.refusal(kind)),
    }
}

async fn commit(
    db: &Database,
    heads: &Heads,
    batch: &[Answer],
    given: &Given,
    misses_an_hour: i64,
) -> std::result::Result<Committed, DbErr> {
    if let Some(committed) = at_once(db, heads, batch, given).await {
        return Ok(committed);
    }
    let mut tried = 0;
    loop {
        tried += 1;
        match once(db, batch, given, misses_an_hour).await {
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

/// A batch in one statement, where nothing of it is to be decided and the head is where it was seen last. What fails here
/// is tried the long way, which tells what is wrong.
async fn at_once(db: &Database, heads: &Heads, batch: &[Answer], given: &Given) -> Option<Committed> {
    let decides = |answer: &Answer| {
        answer.showing.is_some()
            || !answer.copies.reports.is_empty()
            || !notices::searches_by_name(&answer.rows).is_empty()
    };
    if !db.is_postgres() || batch.iter().any(decides) {
        return None;
    }
    let before = heads.newest()?;
    let rows = batch.iter().flat_map(|answer| answer.rows.iter().cloned()).collect();
    let notices = given.ungiven(batch.iter().flat_map(|answer| answer.notices.iter().cloned()).collect());
    let appended = at_once::append(&db.record, &before, rows, notices.clone()).await;
    let head = appended.inspect_err(|error| tracing::warn!(%error, "the access record, in one statement")).ok()??;
    given.remember(&notices);
    Some(Committed { head, stopped: vec![None; batch.len()] })
}

async fn once(
    db: &Database,
    batch: &[Answer],
    given: &Given,
    misses_an_hour: i64,
) -> std::result::Result<Committed, DbErr> {
    let options =
        TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
    let tx = db.record.begin_with_options(options).await?;
    let head = chain::lock(&tx).await?;
    let showings: Vec<_> = batch.iter().map(|answer| answer.showing.as_ref()).collect();
    let stopped = reading::admit(&tx, &showings).await?;
    let (mut rows, mut notices) = (Vec::new(), Vec::new());
    for (answer, stopped) in batch.iter().zip(&stopped) {
        if stopped.is_some() {
            // nothing was opened, so nobody is told of an opening
            rows.extend(reading::refused(&answer.rows));
        } else {
            rows.extend(answer.rows.iter().cloned());
            notices.extend(answer.notices.iter().cloned());
            copies::open(&tx, &answer.copies).await?;
        }
    }
    let notices = given.ungiven(notices);
    let searched = notices::searches_by_name(&rows);
    let head = chain::append(&tx, head, rows, notices.clone()).await?;
    notices::of_searches(&tx, &searched, misses_an_hour).await?;
    tx.commit().await?;
    given.remember(&notices);
    Ok(Committed { head, stopped })
}
