//! How far the plans are that are there, and the version of each. In a transaction of its own: rows are written, and no table is
//! locked meanwhile.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// How far the plans are that are there: by their end and by their finished steps.
const STAND: &str = "UPDATE plan SET state = CASE
    WHEN kind = 'CP' AND ends_on IS NOT NULL THEN 'CEASED'
    WHEN kind = 'CP' AND EXISTS (SELECT 1 FROM finished_step s WHERE s.plan_id = plan.id AND s.step = 'PLAN_SIGN_OFF') THEN 'FINAL'
    WHEN kind = 'CP' AND EXISTS (SELECT 1 FROM finished_step s WHERE s.plan_id = plan.id AND s.step = 'DETAILED_PLAN') THEN 'DETAILED'
    WHEN kind = 'CP' THEN 'OUTLINE'
    WHEN ends_on IS NOT NULL THEN 'CLOSED'
    WHEN EXISTS (SELECT 1 FROM finished_step s WHERE s.plan_id = plan.id AND s.step = 'CIN_PLAN') THEN 'COMPLETE'
    ELSE 'AWAITING_SIGNATURES' END";

/// What stands is the version that stands; what stood before was written over. One id serves both tables.
const VERSIONS: &str = "INSERT INTO plan_version (id, plan_id, child_id, number, state, category_latest, danger_statement,
    safety_statement, visit_every_days, since, conference_id)
    SELECT id, id, child_id, version, state, category_latest, danger_statement, safety_statement, visit_every_days, starts_on,
    conference_id FROM plan";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        db.execute_unprepared(STAND).await?;
        db.execute_unprepared(VERSIONS).await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        // those that were kept since are lost as well: the migration before takes their table away
        m.get_connection().execute_unprepared("DELETE FROM plan_version").await?;
        Ok(())
    }
}
