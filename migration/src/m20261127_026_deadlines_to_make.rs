//! Says of a database in which something was under way before deadlines were kept that they are still to be made: the upkeep
//! does it, some at a time, and takes the mark away.

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
        let mark = "INSERT INTO instance (key, value) SELECT 'deadlines_to_make', 'plans'
            WHERE EXISTS (SELECT 1 FROM plan) OR EXISTS (SELECT 1 FROM conference)";
        m.get_connection().execute_unprepared(mark).await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.get_connection().execute_unprepared("DELETE FROM instance WHERE key = 'deadlines_to_make'").await?;
        Ok(())
    }
}
