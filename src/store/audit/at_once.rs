//! Appending in one statement of PostgreSQL: the head moves, and the rows go in with it, if it stands where it is said to.
//!
//! Where nothing is to be decided on the way, that is where this process saw it last: six round trips under the lock of the
//! head become one with no lock held across it. Who finds the head elsewhere, because another process wrote, and who has
//! more to write in its transaction, locks it first.

use entity::{audit, notice};
use sea_orm::sea_query::Value;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use super::chain::{Head, chained};
use crate::store::record_set::record_set;

/// The index is made of what the rows list: the pseudonyms, sixteen bytes each.
const STATEMENT: &str = "WITH head AS (
    UPDATE audit_head SET sequence = $1, hash = $2 WHERE id = 1 AND sequence = $3 AND hash = $4 RETURNING 1
  ), record AS (
    INSERT INTO audit SELECT r.* FROM head, jsonb_populate_recordset(NULL::audit, $5::jsonb) r
    RETURNING sequence, subjects
  ), subjects AS (
    INSERT INTO audit_subject (subject, sequence)
    SELECT encode(substring(subjects FROM 1 + 16 * n FOR 16), 'hex')::uuid, sequence
    FROM record, generate_series(0, octet_length(subjects) / 16 - 1) n
  ), notices AS (
    INSERT INTO notice SELECT r.* FROM head, jsonb_populate_recordset(NULL::notice, $6::jsonb) r ON CONFLICT DO NOTHING
  )
  SELECT count(*) AS moved FROM head";

/// Appends rows and notices after `before`; `None` if the head stands elsewhere, and then nothing was written.
pub(super) async fn append(
    db: &impl ConnectionTrait,
    before: &Head,
    rows: Vec<audit::Model>,
    notices: Vec<notice::Model>,
) -> Result<Option<Head>, DbErr> {
    let (head, rows) = chained(before.clone(), rows);
    let values: [Value; 6] = [
        head.sequence.into(),
        head.hash.clone().into(),
        before.sequence.into(),
        before.hash.clone().into(),
        record_set::<audit::Entity>(rows).into(),
        record_set::<notice::Entity>(notices).into(),
    ];
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, STATEMENT, values);
    let row = db.query_one_raw(statement).await?;
    let moved: i64 = row.map_or(Ok(0), |row| row.try_get("", "moved"))?;
    Ok((moved == 1).then_some(head))
}
