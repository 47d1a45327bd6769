//! Whether a strategy meeting had its minimum: by who took part, once that is recorded.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.get_connection().execute_unprepared("ALTER TABLE strategy_meeting ADD COLUMN quorate boolean").await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        // what happened to meetings since then has no words before
        let told = "DELETE FROM event WHERE kind IN
            ('STRATEGY_MEETING_CANCELLED', 'CONFERENCE_CANCELLED', 'CONFERENCE_MOVED')";
        db.execute_unprepared(told).await?;
        db.execute_unprepared("ALTER TABLE strategy_meeting DROP COLUMN quorate").await?;
        Ok(())
    }
}
