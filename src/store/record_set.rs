//! Rows of several tables in one statement of PostgreSQL: they go as JSON, and `jsonb_populate_recordset` types them by the
//! tables themselves, so that a column has its type in one place.

use sea_orm::sea_query::Value;
use sea_orm::{ActiveModelTrait, ActiveValue, EntityTrait, IdenStatic, IntoActiveModel, Iterable, ModelTrait};

use super::audit::key::hex;

/// Rows as a JSON array of objects by column.
pub(super) fn record_set<E: EntityTrait>(rows: Vec<E::Model>) -> String
where
    E::Model: IntoActiveModel<E::ActiveModel> + ModelTrait<Entity = E>,
    E::ActiveModel: ActiveModelTrait<Entity = E>,
{
    let object = |row: E::Model| {
        let row = row.into_active_model();
        let columns = E::Column::iter().map(|column| {
            let value = match row.get(column) {
                ActiveValue::Set(value) | ActiveValue::Unchanged(value) => json(value),
                ActiveValue::NotSet => serde_json::Value::Null,
            };
            (column.as_str().to_owned(), value)
        });
        serde_json::Value::Object(columns.collect())
    };
    serde_json::Value::Array(rows.into_iter().map(object).collect()).to_string()
}

fn json(value: Value) -> serde_json::Value {
    match value {
        // as PostgreSQL reads bytes from a text
        Value::Bytes(Some(bytes)) => format!("\\x{}", hex(&bytes)).into(),
        Value::ChronoDateTimeUtc(Some(at)) => at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true).into(),
        Value::Uuid(Some(id)) => id.to_string().into(),
        other => sea_orm::sea_query::sea_value_to_json_value(&other),
    }
}
