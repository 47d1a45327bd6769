//! Two kinds of events: that another leads an enquiry, or a core group.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, _: &SchemaManager) -> Result<(), DbErr> {
        // kinds are words, and these are new
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let forget = "DELETE FROM event WHERE kind IN ('ENQUIRY_LEAD_NAMED', 'CORE_GROUP_LEAD_NAMED')";
        m.get_connection().execute_unprepared(forget).await?;
        Ok(())
    }
}
