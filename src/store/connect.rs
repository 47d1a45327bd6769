//! Opening the database: one constructor for both engines.

use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use sea_orm::sqlx::error::DatabaseError;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, DatabaseBackend, DatabaseConnection, DbErr};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::Store;
use crate::error::Result;

/// Where the data is and how many connections it may take.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreSettings {
    /// `sqlite://path` or `postgres://…`.
    pub url: SecretString,
    /// Connections to PostgreSQL at the most.
    #[serde(default = "default_connections")]
    pub max_connections: u32,
}

const fn default_connections() -> u32 {
    16
}

/// An open database.
#[derive(Clone)]
pub struct Database {
    /// For all that writes, and what is read on the way.
    pub(super) pool: DatabaseConnection,
    /// For what only reads. Of SQLite the same: its readers do not wait for its writer.
    pub(super) reads: DatabaseConnection,
    /// For the one task that writes the access record of queries: a connection of its own, which knows the statement. Of
    /// SQLite the same as for all that writes.
    pub(super) record: DatabaseConnection,
}

/// Connections that only read, to PostgreSQL: few, because more of them take turns at the same processors, and with
/// plans that are made once, because planning a statement that reads a whole record costs ten times what running it does.
const READS: u32 = 4;
/// Statements a connection keeps prepared: as many as there are shapes of documents in use, and some.
const PREPARED: usize = 500;

impl Database {
    /// Opens the pools. Settings of SQLite are per connection, so they go through the pool's options.
    pub async fn open(settings: &StoreSettings) -> Result<Self> {
        let url = settings.url.expose_secret();
        if url.starts_with("sqlite:") {
            let mut options = ConnectOptions::new(url);
            options.max_connections(4);
            options.map_sqlx_sqlite_opts(|sqlite| {
                sqlite
                    .create_if_missing(true)
                    .foreign_keys(true)
                    .busy_timeout(Duration::from_secs(5))
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Normal)
                    .statement_cache_capacity(PREPARED)
            });
            let pool = connect(options).await?;
            return Ok(Self { reads: pool.clone(), record: pool.clone(), pool });
        }
        let to_postgres = |most| {
            let mut options = ConnectOptions::new(url);
            options
                .max_connections(most)
                .min_connections(1)
                // a ping before each statement is a round trip; idle connections are still checked
                .test_before_acquire(false)
                .test_before_acquire_if_idle_for(Duration::from_secs(30))
                .statement_timeout(Duration::from_secs(10))
                .set_application_name("quorate");
            options
        };
        let planned_once = |most, prepared| {
            let mut options = to_postgres(most);
            options.map_sqlx_postgres_opts(move |postgres| {
                postgres.options([("plan_cache_mode", "force_generic_plan")]).statement_cache_capacity(prepared)
            });
            options
        };
        Ok(Self {
            // one may be held by a claim while the work that it is for goes on with another
            pool: connect(to_postgres(settings.max_connections.max(2))).await?,
            reads: connect(planned_once(READS.min(settings.max_connections), PREPARED)).await?,
            // one statement for nearly all there is, and others of as many lengths as there are children in a batch
            record: connect(planned_once(1, 20)).await?,
        })
    }

    /// True for PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.pool.get_database_backend() == DatabaseBackend::Postgres
    }

    /// Brings the tables up to date.
    pub async fn migrate(&self) -> Result<()> {
        Ok(Migrator::up(&self.pool, None).await?)
    }

    /// How many migrations are still to run. Writes nothing.
    pub async fn pending_migrations(&self) -> Result<usize> {
        Ok(Migrator::get_pending_migrations_read_only(&self.pool).await?.len())
    }

    /// Folds the write-ahead log in and closes.
    pub async fn close(self) -> Result<()> {
        self.reads.close().await?;
        self.record.close().await?;
        Ok(self.pool.close().await?)
    }

    /// Calls `count` after each statement; for the tests that hold the number of statements.
    pub fn on_statement(&mut self, count: impl Fn() + Clone + Send + Sync + 'static) {
        for connections in [&mut self.pool, &mut self.reads, &mut self.record] {
            let count = count.clone();
            connections.set_metric_callback(move |_| count());
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that opens a connection")]
async fn connect(mut options: ConnectOptions) -> Result<DatabaseConnection> {
    options
        .connect_timeout(Duration::from_secs(5))
        .acquire_timeout(Duration::from_secs(5))
        .idle_timeout(Duration::from_mins(5))
        .max_lifetime(Duration::from_mins(30))
        // statements hold personal data
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    Ok(sea_orm::Database::connect(options).await?)
}

impl Store {
    /// True if the database answers.
    pub async fn answers(&self) -> bool {
        self.db.pool.ping().await.is_ok()
    }

    /// How many migrations are still to run.
    pub async fn pending_migrations(&self) -> Result<usize> {
        self.db.pending_migrations().await
    }
}

/// Locked (5) and its kin on SQLite, serialisation failure and deadlock on PostgreSQL: worth another try.
pub(super) fn is_busy(error: &DbErr) -> bool {
    let code = of_database(error).and_then(DatabaseError::code).unwrap_or_default();
    matches!(code.as_ref(), "5" | "517" | "40001" | "40P01" | "57014")
}

/// A statement of PostgreSQL that took longer than a statement may.
pub(super) fn is_out_of_time(error: &DbErr) -> bool {
    of_database(error).and_then(DatabaseError::code).as_deref() == Some("57014")
}

/// One of the unique indexes that the rules of practice name: two writers found the place free and one of them took
/// it. On SQLite writers wait for each other before they look, and never meet here.
const TAKEN: [&str; 4] = [
    "uq_transfer_share_open",
    "uq_plan_open",
    "uq_core_group_plan_id",
    "uq_conference_report_report_request_id_version",
];

/// What another writer wrote first.
pub(super) fn is_taken(error: &DbErr) -> bool {
    of_database(error).and_then(DatabaseError::constraint).is_some_and(|name| TAKEN.contains(&name))
}

/// The connection broke, or PostgreSQL ends, begins or has no room (57P01 to 57P03, 08…, 53300): worth another try, once it
/// is back. What was to be committed may or may not stand; the key of a write tells which.
pub(super) fn is_away(error: &DbErr) -> bool {
    use sqlx::Error::{Io, PoolClosed, PoolTimedOut, Tls};
    match of_database(error).and_then(DatabaseError::code) {
        Some(code) => matches!(code.as_ref(), "57P01" | "57P02" | "57P03" | "53300") || code.starts_with("08"),
        None => matches!(of_driver(error), Some(Io(_) | Tls(_) | PoolTimedOut | PoolClosed)),
    }
}

/// What the driver said of a statement.
fn of_driver(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Exec(sea_orm::RuntimeErr::SqlxError(source)) | DbErr::Query(sea_orm::RuntimeErr::SqlxError(source)) => {
            Some(source.as_ref())
        }
        _ => None,
    }
}

fn of_database(error: &DbErr) -> Option<&dyn DatabaseError> {
    of_driver(error)?.as_database_error()
}
