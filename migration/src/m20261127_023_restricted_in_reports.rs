//! Passages for some readers only that come with a report, and are taken back with it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let (uuid, instant) = match m.get_database_backend() {
            DatabaseBackend::Postgres => ("uuid", "timestamptz"),
            _ => ("uuid_text", "timestamp_with_timezone_text"),
        };
        for sql in [
            format!(
                "ALTER TABLE restricted_item ADD COLUMN conference_report_id {uuid} \
                 CONSTRAINT fk_restricted_item_conference_report_id REFERENCES conference_report (id)"
            ),
            format!("ALTER TABLE restricted_item ADD COLUMN withdrawn_at {instant}"),
            "CREATE INDEX idx_restricted_item_conference_report_id ON restricted_item (conference_report_id)"
                .to_owned(),
        ] {
            m.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for sql in [
            "DROP INDEX idx_restricted_item_conference_report_id",
            "ALTER TABLE restricted_item DROP COLUMN conference_report_id",
            "ALTER TABLE restricted_item DROP COLUMN withdrawn_at",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
