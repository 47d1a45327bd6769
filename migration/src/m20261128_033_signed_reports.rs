//! Who signed a version of a report and who took it back, each in their own name; and when it was due as it came, so that its
//! receipt says the same for ever.

use sea_orm_migration::prelude::*;

const TABLE: &str = "conference_report";

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

fn columns() -> [ColumnDef; 4] {
    [
        ColumnDef::new("signed_by").uuid().take(),
        ColumnDef::new("signed_at").timestamp_with_time_zone().take(),
        ColumnDef::new("withdrawn_by").uuid().take(),
        ColumnDef::new("due_at").timestamp_with_time_zone().take(),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        // no defaults: no row is written. A version of before goes by its request
        for column in columns() {
            m.alter_table(Table::alter().table(TABLE).add_column(column).take()).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for column in ["signed_by", "signed_at", "withdrawn_by", "due_at"] {
            m.alter_table(Table::alter().table(TABLE).drop_column(column).take()).await?;
        }
        Ok(())
    }
}
