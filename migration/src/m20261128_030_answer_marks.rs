//! Marks on the answers of a report: that one is about or from third parties, and that one tells where the child is. What was
//! answered before carries none.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const MARKS: [&str; 2] = ["third_party", "locates"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for mark in MARKS {
            // a constant default: no row is written
            let add = format!("ALTER TABLE report_answer ADD COLUMN {mark} boolean NOT NULL DEFAULT FALSE");
            m.get_connection().execute_unprepared(&add).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for mark in MARKS {
            let drop = format!("ALTER TABLE report_answer DROP COLUMN {mark}");
            m.get_connection().execute_unprepared(&drop).await?;
        }
        Ok(())
    }
}
