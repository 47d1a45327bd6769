//! When a report that was asked for was no longer needed: its conference was called off.

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
        // no default: no row is written
        let column = ColumnDef::new("lapsed_at").timestamp_with_time_zone().take();
        m.alter_table(Table::alter().table("report_request").add_column(column).take()).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.alter_table(Table::alter().table("report_request").drop_column("lapsed_at").take()).await
    }
}
