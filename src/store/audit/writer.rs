//! Group commit: the rows of all requests that came while the last batch was being committed go in together, in one
//! transaction. Nobody is answered before its batch is committed.

use std::sync::Arc;
use std::time::Duration;

use entity::{audit, notice};
use sea_orm::{DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use tokio::sync::{mpsc, oneshot};

use super::chain::{self, Head};
use super::heads::Heads;
use super::notices::{self, Given};
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

struct Waiting {
    rows: Vec<audit::Model>,
    notices: Vec<notice::Model>,
    done: oneshot::Sender<bool>,
}

impl Writer {
    /// Starts the task; it ends when the last handle is gone.
    pub(super) fn start(db: Database, heads: Arc<Heads>, given: Given, misses_an_hour: i64) -> Self {
        let (sender, waiting) = mpsc::channel(WAITING);
        tokio::spawn(run(db, waiting, heads, given, misses_an_hour));
        Self(sender)
    }

    /// Writes rows with the notices they give rise to, and returns when they are committed.
    pub(super) async fn write(&self, rows: Vec<audit::Model>, notices: Vec<notice::Model>) -> Result<()> {
        let (done, committed) = oneshot::channel();
        self.0.send(Waiting { rows, notices, done }).await.map_err(|_| Error::Unavailable)?;
        match committed.await {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(Error::Unavailable),
        }
    }
}

async fn run(db: Database, mut waiting: mpsc::Receiver<Waiting>, heads: Arc<Heads>, given: Given, misses_an_hour: i64) {
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
        let mut batch = vec![first];
        let mut rows = 0;
        while rows < MOST
            && let Ok(next) = waiting.try_recv()
        {
            rows += next.rows.len();
            batch.push(next);
        }
        let rows: Vec<_> = batch.iter_mut().flat_map(|each| std::mem::take(&mut each.rows)).collect();
        let notices = given.ungiven(batch.iter_mut().flat_map(|each| std::mem::take(&mut each.notices)).collect());
        let committed = match commit(&db, &rows, &notices, misses_an_hour).await {
            Ok(head) => {
                given.remember(&notices);
                heads.reached(head);
                true
            }
            Err(error) => {
                tracing::error!(%error, "the access record cannot be written");
                false
            }
        };
        for each in batch {
            // whoever does not wait any more has hung up, and hears nothing either
            let _ = each.done.send(committed);
        }
    }
    heads.sign();
}

async fn commit(
    db: &Database,
    rows: &[audit::Model],
    notices: &[notice::Model],
    misses_an_hour: i64,
) -> std::result::Result<Head, DbErr> {
    let mut tried = 0;
    loop {
        tried += 1;
        match once(db, rows.to_vec(), notices.to_vec(), misses_an_hour).await {
            Err(error) if tried < TRIES && connect::is_busy(&error) => {
                tokio::time::sleep(Duration::from_millis(10 << tried)).await;
            }
            other => return other,
        }
    }
}

async fn once(
    db: &Database,
    rows: Vec<audit::Model>,
    notices: Vec<notice::Model>,
    misses_an_hour: i64,
) -> std::result::Result<Head, DbErr> {
    let options =
        TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
    let tx = db.pool.begin_with_options(options).await?;
    let searched = notices::searches_by_name(&rows);
    let head = chain::append(&tx, rows, notices).await?;
    notices::of_searches(&tx, &searched, misses_an_hour).await?;
    tx.commit().await?;
    Ok(head)
}
