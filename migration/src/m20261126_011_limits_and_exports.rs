//! What limits of use are counted by, the alerts they raise, exports, and reviews of access; the feed learns of them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::shape::{Shape, drop_all};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// What the feed learns to name.
const EVENT_COLUMNS: &[(&str, &str)] = &[("export_id", "export"), ("access_review_id", "access_review")];

const TABLES: &[&str] = &[
    "access_count",
    "access_reading",
    "access_alert",
    "export",
    "export_child",
    "access_review",
    "access_review_entry",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true) // SQLite can roll its tables back as well, but is not asked to by default
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        Shape::bare("access_count")
            .uuid("reader")
            .text("kind") // the kinds grow with every limit: their type holds them
            .at("window_at")
            .long("count")
            .key(&["reader", "kind", "window_at"])
            .index(&["window_at"])
            .create(m)
            .await?;
        Shape::bare("access_reading").uuid("key").at("ends_at").key(&["key"]).index(&["ends_at"]).create(m).await?;
        Shape::with_id("access_alert")
            .text("kind")
            .refers("practitioner_id", "practitioner")
            .refers("agency_id", "agency")
            .at("window_at")
            .long("count")
            .at("raised_at")
            .unique(&["practitioner_id", "agency_id", "window_at", "kind"])
            .index(&["agency_id"])
            .create(m)
            .await?;
        export(m).await?;
        review(m).await?;
        for (column, table) in EVENT_COLUMNS {
            let uuid = if m.get_database_backend() == DatabaseBackend::Postgres { "uuid" } else { "uuid_text" };
            let sql = format!(
                "ALTER TABLE event ADD COLUMN {column} {uuid} CONSTRAINT fk_event_{column} REFERENCES {table} (id)"
            );
            m.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for (column, _) in EVENT_COLUMNS {
            let db = m.get_connection();
            db.execute_unprepared(&format!("DELETE FROM event WHERE {column} IS NOT NULL")).await?;
            db.execute_unprepared(&format!("ALTER TABLE event DROP COLUMN {column}")).await?;
        }
        drop_all(m, TABLES).await
    }
}

async fn review(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    Shape::with_id("access_review")
        .refers("local_authority_id", "local_authority")
        .on("quarter_on")
        .at("issued_at")
        .at("answer_by")
        .at_opt("suspended_at")
        // also what makes servers that would issue at once issue one
        .unique(&["local_authority_id", "quarter_on"])
        .create(m)
        .await?;
    Shape::with_id("access_review_entry")
        .refers("access_review_id", "access_review")
        .code("kind", &["POST", "RELATIONSHIP", "EMERGENCY", "CONFLICT"])
        .refers("agency_id", "agency")
        .refers_opt("practitioner_id", "practitioner")
        .refers_opt("child_id", "child")
        .refers_opt("appointment_id", "appointment")
        .refers_opt("involvement_id", "involvement")
        .refers_opt("conflict_id", "conflict")
        .text_opt("post")
        .text_opt("basis")
        .at("since")
        .code_opt("answer", &["KEEP", "END"])
        .refers_opt("answered_by", "practitioner")
        .at_opt("answered_at")
        .at_opt("suspended_at")
        .index(&["access_review_id", "kind", "id"])
        .index(&["involvement_id"])
        .index(&["child_id"])
        .create(m)
        .await
}

async fn export(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    Shape::with_id("export")
        .refers("local_authority_id", "local_authority")
        .refers("agency_id", "agency")
        .refers("requested_by", "practitioner")
        .text("role")
        .code("selection", &["NAMED", "OPEN_CP_PLANS"])
        .text("categories")
        .code_opt("purpose", &["CP_DUTY", "CONFERENCE_PREP", "STRATEGY", "AUDIT", "SAR", "EMERGENCY"])
        .int("children")
        .code("state", &["REQUESTED", "APPROVED", "REFUSED"])
        .at("requested_at")
        .refers_opt("decided_by", "practitioner")
        .at_opt("decided_at")
        .at_opt("expires_at")
        .uuid_opt("watermark")
        .long("version")
        .check(
            "two_persons",
            Expr::col("decided_by").is_null().or(Expr::col("decided_by").ne(Expr::col("requested_by"))),
        )
        .index(&["local_authority_id"])
        .index(&["requested_by"])
        .create(m)
        .await?;
    Shape::bare("export_child")
        .refers("export_id", "export")
        .refers("child_id", "child")
        .key(&["export_id", "child_id"])
        .index(&["child_id"])
        .create(m)
        .await
}
