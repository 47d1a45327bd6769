//! Says of each feed how far it was forgotten: a cursor from before that can not go on. One row an authority, so that the
//! question costs a row.

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
        let column = "ALTER TABLE feed ADD COLUMN forgotten BIGINT NOT NULL DEFAULT 0";
        m.get_connection().execute_unprepared(column).await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.get_connection().execute_unprepared("ALTER TABLE feed DROP COLUMN forgotten").await?;
        Ok(())
    }
}
