//! Files that are added to reports, and their place in the feed.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::shape::{Shape, drop_all};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// What waits is a small part of a table that grows with every report.
const WAITING: [(&str, &str); 2] = [
    ("ix_attachment_check", "(check_at) WHERE state = 'QUARANTINED'"),
    ("ix_attachment_ticket", "(ticket_until) WHERE state = 'AWAITED'"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        Shape::with_id("attachment")
            .refers("report_request_id", "report_request")
            .refers_opt("conference_report_id", "conference_report")
            .refers("child_id", "child")
            .refers("agency_id", "agency")
            .refers("uploaded_by", "practitioner")
            .at("asked_at")
            .at_opt("uploaded_at")
            .at_opt("ticket_until")
            .text("name")
            .code_opt("media_type", &["PDF", "PNG", "JPEG", "TEXT", "DOCX"])
            .long("bytes")
            .text_opt("sha256")
            .code("state", &["AWAITED", "QUARANTINED", "CLEAN", "REFUSED", "LAPSED", "REMOVED"])
            .at_opt("checked_at")
            .at_opt("check_at")
            .uuid_opt("file_id")
            // what can be read has a content, of a kind that is known
            .check(
                "content",
                Expr::col("state").ne("CLEAN").or(Expr::col("file_id")
                    .is_not_null()
                    .and(Expr::col("media_type").is_not_null())
                    .and(Expr::col("sha256").is_not_null())),
            )
            .index(&["report_request_id"])
            .index(&["conference_report_id"])
            .index(&["file_id"])
            .create(m)
            .await?;
        let db = m.get_connection();
        for (name, on) in WAITING {
            db.execute_unprepared(&format!("CREATE INDEX {name} ON attachment {on}")).await?;
        }
        let uuid = if m.get_database_backend() == DatabaseBackend::Postgres { "uuid" } else { "uuid_text" };
        db.execute_unprepared(&format!(
            "ALTER TABLE event ADD COLUMN attachment_id {uuid} CONSTRAINT fk_event_attachment_id REFERENCES attachment (id)"
        ))
        .await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        db.execute_unprepared("DELETE FROM event WHERE attachment_id IS NOT NULL").await?;
        db.execute_unprepared("ALTER TABLE event DROP COLUMN attachment_id").await?;
        drop_all(m, &["attachment"]).await
    }
}
