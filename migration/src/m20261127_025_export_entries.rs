//! Finds what stands on records by the child it is about: an export reads it so.

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
        let index = "CREATE INDEX ix_entry_child_id ON entry (child_id, id) WHERE child_id IS NOT NULL";
        m.get_connection().execute_unprepared(index).await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.get_connection().execute_unprepared("DROP INDEX ix_entry_child_id").await?;
        Ok(())
    }
}
