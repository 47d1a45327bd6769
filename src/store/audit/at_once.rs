//! Appending in one statement, where nothing is to be decided on the way: on PostgreSQL the head moves, and the rows go in
//! with it, only if it still stands where this process saw it last. Six round trips under the lock of the head become one
//! with no lock held across it. Who finds the head elsewhere, because another process wrote, appends the long way.

use entity::{audit, audit_subject, notice};
use sea_orm::sea_query::Value;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ConnectionTrait, DbBackend, DbErr, EntityTrait, IdenStatic, IntoActiveModel,
    Iterable, ModelTrait, Statement,
};

use super::chain::{Head, chained};
use crate::store::Database;

/// The record sets are typed by the tables themselves, so that a column has its type in one place.
const STATEMENT: &str = "WITH head AS (
    UPDATE audit_head SET sequence = $1, hash = $2 WHERE id = 1 AND sequence = $3 AND hash = $4 RETURNING 1
  ), record AS (
    INSERT INTO audit SELECT r.* FROM head, jsonb_populate_recordset(NULL::audit, $5::jsonb) r
  ), subjects AS (
    INSERT INTO audit_subject SELECT r.* FROM head, jsonb_populate_recordset(NULL::audit_subject, $6::jsonb) r
  ), notices AS (
    INSERT INTO notice SELECT r.* FROM head, jsonb_populate_recordset(NULL::notice, $7::jsonb) r ON CONFLICT DO NOTHING
  )
  SELECT count(*) AS moved FROM head";

/// Appends rows and notices after `before`; `None` if the head stands elsewhere, and then nothing was written.
pub(super) async fn append(
    db: &Database,
    before: &Head,
    rows: Vec<audit::Model>,
    notices: Vec<notice::Model>,
) -> Result<Option<Head>, DbErr> {
    let (head, rows, index) = chained(before.clone(), rows);
    let values: [Value; 7] = [
        head.sequence.into(),
        head.hash.clone().into(),
        before.sequence.into(),
        before.hash.clone().into(),
        json::<audit::Entity>(rows).into(),
        json::<audit_subject::Entity>(index).into(),
        json::<notice::Entity>(notices).into(),
    ];
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, STATEMENT, values);
    let row = db.pool.query_one_raw(statement).await?;
    let moved: i64 = row.map_or(Ok(0), |row| row.try_get("", "moved"))?;
    Ok((moved == 1).then_some(head))
}

/// Rows as a JSON array of objects by column.
fn json<E: EntityTrait>(rows: Vec<E::Model>) -> String
where
    E::Model: IntoActiveModel<E::ActiveModel> + ModelTrait<Entity = E>,
    E::ActiveModel: ActiveModelTrait<Entity = E>,
{
    let object = |row: E::Model| {
        let row = row.into_active_model();
        let columns = E::Column::iter().map(|column| {
            let value = match row.get(column) {
                ActiveValue::Set(value) | ActiveValue::Unchanged(value) => value_of(value),
                ActiveValue::NotSet => serde_json::Value::Null,
            };
            (column.as_str().to_owned(), value)
        });
        serde_json::Value::Object(columns.collect())
    };
    serde_json::Value::Array(rows.into_iter().map(object).collect()).to_string()
}

fn value_of(value: Value) -> serde_json::Value {
    match value {
        // as PostgreSQL reads bytes from a text
        Value::Bytes(Some(bytes)) => format!("\\x{}", super::key::hex(&bytes)).into(),
        Value::ChronoDateTimeUtc(Some(at)) => at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true).into(),
        Value::Uuid(Some(id)) => id.to_string().into(),
        other => sea_orm::sea_query::sea_value_to_json_value(&other),
    }
}
