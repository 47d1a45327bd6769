//! Waking the other servers of a database, and claiming what one of them is to do. On PostgreSQL; with SQLite there is one
//! process, and what another writes is found by looking.

use std::time::Duration;

use sea_orm::{ConnectionTrait as _, DatabaseBackend, DatabaseTransaction, Statement, TransactionTrait as _};
use sqlx::postgres::{PgListener, PgPoolOptions};

use super::Store;
use crate::error::{Error, Result};

/// What is called when there is something new in a feed. Nothing is said with it: the table is the truth.
const CHANNEL: &str = "quorate_feed";
/// How long until a lost connection is tried again; what comes meanwhile is found by looking.
const AGAIN: Duration = Duration::from_secs(1);

/// Something that is this server's to do until the claim is dropped, or the server gone.
pub(super) struct Claim(Option<DatabaseTransaction>);

impl Claim {
    /// Lets others have it. A claim that is dropped is let go as well, some time later.
    pub(super) async fn end(self) {
        if let Some(tx) = self.0 {
            // whatever becomes of it: a lock goes with its transaction
            let _ = tx.rollback().await;
        }
    }
}

impl Store {
    /// Claims a piece of periodic work; `None` where another server is at it. Held by a transaction that writes nothing, so
    /// that the database itself lets go of it when a server dies.
    pub(super) async fn claim(&self, work: &str) -> Result<Option<Claim>> {
        if !self.db.is_postgres() {
            return Ok(Some(Claim(None)));
        }
        let tx = self.db.pool.begin().await?;
        let lock = "SELECT pg_try_advisory_xact_lock(hashtext('quorate'), hashtext($1)) AS mine";
        let lock = Statement::from_sql_and_values(DatabaseBackend::Postgres, lock, [work.into()]);
        let mine = match tx.query_one_raw(lock).await? {
            Some(row) => row.try_get::<bool>("", "mine")?,
            None => false,
        };
        if mine {
            return Ok(Some(Claim(Some(tx))));
        }
        tx.rollback().await?;
        Ok(None)
    }

    /// Tells the other servers that there is something new. It is no part of the transaction that wrote it: one call stands
    /// for all commits until then, and none of them waits for the lock that PostgreSQL takes for a call.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn wake_others(&self) -> Result<()> {
        if self.db.is_postgres() {
            self.db.pool.execute_unprepared(&format!("NOTIFY {CHANNEL}")).await?;
        }
        Ok(())
    }

    /// Calls `heard` whenever another server, or this one, told that there is something new; also when a call may have been
    /// lost with the connection. Goes on until it is dropped. On SQLite nobody calls.
    pub async fn hear_others(&self, heard: impl Fn() + Send + Sync) {
        if !self.db.is_postgres() {
            return std::future::pending().await;
        }
        loop {
            if let Err(error) = self.hear(&heard).await {
                tracing::warn!(%error, "the calls of other servers are not heard");
            }
            tokio::time::sleep(AGAIN).await;
            heard();
        }
    }

    async fn hear(&self, heard: &(impl Fn() + Send + Sync)) -> Result<()> {
        let fault = |error: sqlx::Error| Error::Internal(Box::new(error));
        #[expect(clippy::disallowed_methods, reason = "sea-orm does not listen")]
        let options = (*self.db.pool.get_postgres_connection_pool().connect_options()).clone();
        // a connection of its own: it is held for good, and those of the pool are counted out to requests
        let own =
            PgPoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None).connect_lazy_with(options);
        let mut calls = PgListener::connect_with(&own).await.map_err(fault)?;
        calls.listen(CHANNEL).await.map_err(fault)?;
        heard();
        loop {
            // a lost connection is told as an error, or as nothing
            let Some(_) = calls.try_recv().await.map_err(fault)? else { return Ok(()) };
            heard();
        }
    }
}
