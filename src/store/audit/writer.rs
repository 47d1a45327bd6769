//! Group commit: the rows of all requests that came while the last batch was being committed go in together, in one
//! transaction. Nobody is answered before its batch is committed.

use std::sync::Arc;
use std::time::Duration;

use entity::audit;
use sea_orm::{DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use tokio::sync::{mpsc, oneshot};

use super::chain::{self, Head};
use super::heads::Heads;
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
    done: oneshot::Sender<bool>,
}

impl Writer {
    /// Starts the task; it ends when the last handle is gone.
    pub(super) fn start(db: Database, heads: Arc<Heads>) -> Self {
        let (sender, waiting) = mpsc::channel(WAITING);
        tokio::spawn(run(db, waiting, heads));
        Self(sender)
    }

    /// Writes rows and returns when they are committed.
    pub(super) async fn write(&self, rows: Vec<audit::Model>) -> Result<()> {
        let (done, committed) = oneshot::channel();
        self.0.send(Waiting { rows, done }).await.map_err(|_| Error::Unavailable)?;
        match committed.await {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(Error::Unavailable),
        }
    }
}

async fn run(db: Database, mut waiting: mpsc::Receiver<Waiting>, heads: Arc<Heads>) {
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
        let mut batch = vec![first];
        let mut rows = 0;
        while rows < MOST
            && let Ok(next) = waiting.try_recv()
        {
            rows += next.rows.len();
            batch.push(next);
        }
        let rows: Vec<_> = batch.iter_mut().flat_map(|each| std::mem::take(&mut each.rows)).collect();
        let committed = match commit(&db, &rows).await {
            Ok(head) => {
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
    // nobody waits any more, and the process may end with this task
    heads.sign();
}

async fn commit(db: &Database, rows: &[audit::Model]) -> std::result::Result<Head, DbErr> {
    let mut tried = 0;
    loop {
        tried += 1;
        match once(db, rows.to_vec()).await {
            Err(error) if tried < TRIES && connect::is_busy(&error) => {
                tokio::time::sleep(Duration::from_millis(10 << tried)).await;
            }
            other => return other,
        }
    }
}

async fn once(db: &Database, rows: Vec<audit::Model>) -> std::result::Result<Head, DbErr> {
    let options =
        TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
    let tx = db.pool.begin_with_options(options).await?;
    let head = chain::append(&tx, rows).await?;
    tx.commit().await?;
    Ok(head)
}
