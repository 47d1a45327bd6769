//! Writing many rows at once: for the demo's synthetic data only. Nothing here passes a permit or leaves an audit row.
//!
//! One transaction from the first row to the last. PostgreSQL takes the rows by `COPY`, SQLite by one prepared insert
//! of many rows. For many rows the keys and indexes are laid aside and laid back at the end, inside the same
//! transaction, which checks every row again: a filled database has the tables of a migrated one.

use std::fmt::Write as _;

use entity::instance;
use sea_orm::sea_query::{OnConflict, Value};
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection, Postgres};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseBackend, DatabaseTransaction, EntityTrait, IdenStatic, Iterable,
    ModelTrait, PaginatorTrait, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

use super::Database;
use crate::error::{Error, Result};

/// Rows of one insert into SQLite: the text of the statement is prepared once a table.
const ROWS_A_STATEMENT: usize = 100;

/// Bytes sent to PostgreSQL at a time, about.
const BYTES_A_MESSAGE: usize = 1 << 18;

/// A transaction that takes rows.
pub struct Bulk {
    inner: Inner,
    /// What lays the keys and indexes back.
    aside: Vec<String>,
}

enum Inner {
    Sqlite(DatabaseTransaction),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Database {
    /// Begins writing; `many` rows are written without keys and indexes, which come back with the commit.
    pub async fn bulk(&self, many: bool) -> Result<Bulk> {
        let inner = if self.is_postgres() {
            #[expect(clippy::disallowed_methods, reason = "sea-orm has no COPY")]
            let pool = self.pool.get_postgres_connection_pool();
            Inner::Postgres(pool.begin().await.map_err(fault)?)
        } else {
            let options = TransactionOptions {
                // it reads first and then writes, which fails at once if another writer came between
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            };
            Inner::Sqlite(self.pool.begin_with_options(options).await?)
        };
        let mut bulk = Bulk { inner, aside: vec![] };
        if many {
            bulk.lay_aside().await?;
        }
        Ok(bulk)
    }

    /// What this database says of itself under `key`.
    pub async fn instance_value(&self, key: &str) -> Result<Option<String>> {
        let row = instance::Entity::find_by_id(key.to_owned()).one(&self.pool).await?;
        Ok(row.map(|row| row.value))
    }

    /// Has this database say something of itself under `key`, in place of what it said.
    pub async fn say_of_instance(&self, key: &str, value: &str) -> Result<()> {
        let row = instance::ActiveModel { key: Set(key.to_owned()), value: Set(value.to_owned()) };
        let instead = OnConflict::column(instance::Column::Key).update_column(instance::Column::Value).to_owned();
        instance::Entity::insert(row).on_conflict(instead).exec_without_returning(&self.pool).await?;
        Ok(())
    }

    /// True if nothing was ever recorded here.
    pub async fn is_empty(&self) -> Result<bool> {
        Ok(entity::local_authority::Entity::find().count(&self.pool).await? == 0)
    }
}

impl Bulk {
    /// Writes rows of one table.
    pub async fn insert<E: EntityTrait>(&mut self, rows: Vec<E::Model>) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        match &mut self.inner {
            Inner::Sqlite(tx) => insert_many::<E>(tx, &rows).await,
            Inner::Postgres(tx) => copy::<E>(tx, &rows).await,
        }
    }

    /// Keeps what was written.
    pub async fn commit(mut self) -> Result<()> {
        for statement in std::mem::take(&mut self.aside) {
            self.run(statement).await?;
        }
        match self.inner {
            Inner::Sqlite(tx) => Ok(tx.commit().await?),
            Inner::Postgres(tx) => tx.commit().await.map_err(fault),
        }
    }

    async fn run(&mut self, statement: String) -> Result<()> {
        match &mut self.inner {
            Inner::Sqlite(tx) => tx.execute_unprepared(&statement).await.map(|_| ())?,
            Inner::Postgres(tx) => {
                sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut **tx).await.map_err(fault)?;
            }
        }
        Ok(())
    }

    async fn lay_aside(&mut self) -> Result<()> {
        let (drops, back) = match &mut self.inner {
            Inner::Sqlite(tx) => indexes_of_sqlite(tx).await?,
            Inner::Postgres(tx) => keys_of_postgres(tx).await?,
        };
        for statement in drops {
            self.run(statement).await?;
        }
        self.aside = back;
        Ok(())
    }
}

/// Statements that drop the indexes, and those that make them again. Foreign keys stay: SQLite has no other moment to
/// check them than the insert.
async fn indexes_of_sqlite(tx: &DatabaseTransaction) -> Result<(Vec<String>, Vec<String>)> {
    const FIND: &str = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name";
    // in KiB: the trees of the keys are written all over, and the connection's usual two megabytes hold little of them
    let mut drops = vec!["PRAGMA cache_size = -131072".to_owned()];
    let mut back = Vec::new();
    for row in tx.query_all_raw(Statement::from_string(DatabaseBackend::Sqlite, FIND)).await? {
        let (name, sql): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        drops.push(format!("DROP INDEX \"{name}\""));
        back.push(sql);
    }
    back.push("PRAGMA cache_size = -2000".to_owned());
    Ok((drops, back))
}

/// Statements that drop the foreign keys, indexes and keys, and those that make them again.
async fn keys_of_postgres(connection: &mut PgConnection) -> Result<(Vec<String>, Vec<String>)> {
    const KEYS: &str = "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
        format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND contype::text = $1
        ORDER BY conrelid::regclass::text, conname";
    const INDEXES: &str = "SELECT format('DROP INDEX %I', c.relname), pg_get_indexdef(c.oid)
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE c.relnamespace = current_schema()::regnamespace
        AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
        ORDER BY c.relname";
    let keys = async |connection: &mut PgConnection, kind: &'static str| {
        sqlx::query_as::<_, (String, String)>(KEYS).bind(kind).fetch_all(connection).await.map_err(fault)
    };
    let foreign = keys(connection, "f").await?;
    let primary = keys(connection, "p").await?;
    let indexes = sqlx::query_as::<_, (String, String)>(INDEXES).fetch_all(connection).await.map_err(fault)?;
    // the pool's limit is for requests; an index over millions of rows takes longer
    let mut drops = vec!["SET LOCAL statement_timeout = 0; SET LOCAL maintenance_work_mem = '256MB'".to_owned()];
    drops.extend([&foreign, &indexes, &primary].into_iter().flatten().map(|(drop, _)| drop.clone()));
    let mut back: Vec<String> =
        [primary, indexes, foreign].into_iter().flatten().map(|(_, statement)| statement).collect();
    // a planner that knows nothing of the new rows plans for an empty database
    back.push("ANALYZE".to_owned());
    Ok((drops, back))
}

fn columns<E: EntityTrait>() -> String {
    let names: Vec<String> = E::Column::iter().map(|column| format!("\"{}\"", column.as_str())).collect();
    names.join(", ")
}

async fn insert_many<E: EntityTrait>(tx: &DatabaseTransaction, rows: &[E::Model]) -> Result<()> {
    let width = E::Column::iter().count();
    for chunk in rows.chunks(ROWS_A_STATEMENT) {
        let row = format!("({})", vec!["?"; width].join(", "));
        let all = vec![row.as_str(); chunk.len()].join(", ");
        let sql = format!("INSERT INTO \"{}\" ({}) VALUES {all}", E::default().table_name(), columns::<E>());
        let values: Vec<Value> = chunk.iter().flat_map(|row| E::Column::iter().map(|c| row.get(c))).collect();
        tx.execute_raw(Statement::from_sql_and_values(DatabaseBackend::Sqlite, sql, values)).await?;
    }
    Ok(())
}

async fn copy<E: EntityTrait>(connection: &mut PgConnection, rows: &[E::Model]) -> Result<()> {
    let statement = format!("COPY \"{}\" ({}) FROM STDIN", E::default().table_name(), columns::<E>());
    let mut to = connection.copy_in_raw(&statement).await.map_err(fault)?;
    let mut text = String::with_capacity(BYTES_A_MESSAGE + (BYTES_A_MESSAGE >> 3));
    for row in rows {
        for (i, column) in E::Column::iter().enumerate() {
            if i > 0 {
                text.push('\t');
            }
            write_value(&mut text, row.get(column))?;
        }
        text.push('\n');
        if text.len() >= BYTES_A_MESSAGE {
            to.send(text.as_bytes()).await.map_err(fault)?;
            text.clear();
        }
    }
    to.send(text.as_bytes()).await.map_err(fault)?;
    to.finish().await.map_err(fault)?;
    Ok(())
}

/// A value in the text form of `COPY`.
fn write_value(text: &mut String, value: Value) -> Result<()> {
    let written = match value {
        Value::Bool(Some(yes)) => text.write_str(if yes { "t" } else { "f" }),
        Value::Int(Some(n)) => write!(text, "{n}"),
        Value::BigInt(Some(n)) => write!(text, "{n}"),
        Value::Uuid(Some(id)) => write!(text, "{id}"),
        Value::ChronoDate(Some(day)) => write!(text, "{day}"),
        // microseconds since 1970 would need a conversion; PostgreSQL reads the form of RFC 3339
        Value::ChronoDateTimeUtc(Some(at)) => write!(text, "{}+00", at.naive_utc()),
        Value::String(Some(words)) => {
            escape(text, &words);
            Ok(())
        }
        Value::Bool(None)
        | Value::Int(None)
        | Value::BigInt(None)
        | Value::Uuid(None)
        | Value::ChronoDate(None)
        | Value::ChronoDateTimeUtc(None)
        | Value::String(None) => text.write_str("\\N"),
        _ => return Err(Error::internal("a column of a kind that bulk writing does not know")),
    };
    written.map_err(|e| Error::Internal(Box::new(e)))
}

fn escape(text: &mut String, words: &str) {
    for letter in words.chars() {
        match letter {
            '\\' => text.push_str("\\\\"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            other => text.push(other),
        }
    }
}

fn fault(error: sqlx::Error) -> Error {
    Error::Internal(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copy_keeps_what_it_would_read_as_its_own_signs() {
        let mut text = String::new();
        write_value(&mut text, Value::String(Some("a\\N\tb\nc".into()))).unwrap();
        write_value(&mut text, Value::String(None)).unwrap();
        assert_eq!(text, "a\\\\N\\tb\\nc\\N");
        assert!(write_value(&mut text, Value::Double(Some(0.5))).is_err());
    }
}
