//! Restricted items with their reader lists, reader lists of protected addresses, and relationships that locate a child.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::shape::{Shape, drop_all};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &["restricted_item", "reader_listing"];

const KINDS: &[&str] =
    &["RESTRICTED", "POLICE_INTELLIGENCE", "PLACEMENT", "SCHOOL", "HEALTH_CENTRE", "CONTACT", "OTHER_LOCATOR"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        Shape::with_id("restricted_item")
            .refers("child_id", "child")
            .refers_opt("conference_id", "conference")
            .code("kind", KINDS)
            .text("text")
            .flag("third_party")
            .refers("originator_agency_id", "agency")
            .refers("originator_id", "practitioner")
            .at("recorded_at")
            .long("version")
            .index(&["child_id", "id"])
            .index(&["originator_agency_id"])
            .index(&["conference_id"])
            .create(m)
            .await?;
        Shape::with_id("reader_listing")
            .refers_opt("restricted_item_id", "restricted_item")
            .refers_opt("household_id", "household")
            .refers("agency_id", "agency")
            .refers_opt("practitioner_id", "practitioner")
            .at("starts_at")
            .at_opt("ends_at")
            .refers("listed_by", "practitioner")
            .check("one", Expr::col("restricted_item_id").is_null().ne(Expr::col("household_id").is_null()))
            .check("period", Expr::col("ends_at").is_null().or(Expr::col("ends_at").gt(Expr::col("starts_at"))))
            .index(&["restricted_item_id", "id"])
            .index(&["household_id", "id"])
            .index(&["agency_id", "restricted_item_id"])
            .index(&["agency_id", "household_id"])
            .create(m)
            .await?;
        let db = m.get_connection();
        // a constant default rewrites nothing
        db.execute_unprepared("ALTER TABLE involvement ADD COLUMN locates boolean NOT NULL DEFAULT FALSE").await?;
        db.execute_unprepared("CREATE INDEX ix_involvement_locates ON involvement (agency_id, child_id) WHERE locates")
            .await?;
        let uuid = if m.get_database_backend() == DatabaseBackend::Postgres { "uuid" } else { "uuid_text" };
        for table in TABLES {
            let sql = format!(
                "ALTER TABLE event ADD COLUMN {table}_id {uuid} CONSTRAINT fk_event_{table}_id REFERENCES {table} (id)"
            );
            db.execute_unprepared(&sql).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        let kinds = "'INVOLVEMENT_MARKED', 'RESTRICTED_ITEM_RECORDED', 'READER_LISTED', 'READER_UNLISTED'";
        db.execute_unprepared(&format!("DELETE FROM event WHERE kind IN ({kinds})")).await?;
        for table in TABLES {
            db.execute_unprepared(&format!("ALTER TABLE event DROP COLUMN {table}_id")).await?;
        }
        db.execute_unprepared("DROP INDEX ix_involvement_locates").await?;
        db.execute_unprepared("ALTER TABLE involvement DROP COLUMN locates").await?;
        drop_all(m, TABLES).await
    }
}
