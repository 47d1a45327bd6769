//! What is due about a child, and its place in the feed.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::shape::{Shape, drop_all};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const KINDS: &[&str] = &[
    "FIRST_STRATEGY_MEETING",
    "STRATEGY_OUTCOME_DOCUMENT",
    "STRATEGY_DOCUMENT",
    "STRATEGY_RECORD_CIRCULATED",
    "INITIAL_CONFERENCE",
    "REPORT_TO_FAMILY",
    "REPORT_TO_PROFESSIONALS",
    "REVIEW_REPORT_TO_FAMILY",
    "REVIEW_REPORT_TO_UNIT",
    "AGENCY_REPORT",
    "AGENCY_REPORT_TO_REVIEW",
    "FAMILY_MET_BY_CHAIR",
    "DECISIONS_CIRCULATED",
    "MINUTES_CIRCULATED",
    "OUTLINE_PLAN",
    "FIRST_CORE_GROUP",
    "NEXT_CORE_GROUP",
    "CORE_GROUP_PAPERS",
    "CORE_GROUP_RECOMMENDATION",
    "FIRST_REVIEW",
    "NEXT_REVIEW",
    "NINE_MONTH_SUPERVISION",
    "NINE_MONTH_CONVERSATION",
];

/// What is still open is looked for by its time, and stays a small part of a table that grows with every child.
const OPEN: [(&str, &str); 2] = [
    (
        "ix_deadline_approaching",
        "(approaches_at) WHERE approaching_told_at IS NULL AND met_at IS NULL AND lapsed_at IS NULL",
    ),
    ("ix_deadline_missed", "(late_after) WHERE missed_told_at IS NULL AND met_at IS NULL AND lapsed_at IS NULL"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        Shape::with_id("deadline")
            .refers("local_authority_id", "local_authority")
            .refers("child_id", "child")
            .refers("agency_id", "agency")
            .refers_opt("team_id", "team")
            .code("kind", KINDS)
            .refers_opt("strategy_meeting_id", "strategy_meeting")
            .refers_opt("conference_id", "conference")
            .refers_opt("report_request_id", "report_request")
            .refers_opt("core_group_id", "core_group")
            .text("rule")
            .int("amount")
            .code("unit", &["HOURS", "DAYS", "WORKING_DAYS", "WEEKS", "MONTHS"])
            .flag("before")
            .at("counted_from")
            .text("skipped")
            .int_opt("missing_year")
            .at("due_at")
            .at("late_after")
            .at("approaches_at")
            .at("made_at")
            .at_opt("met_at")
            .at_opt("lapsed_at")
            .text_opt("lapsed_because")
            .at_opt("approaching_told_at")
            .at_opt("missed_told_at")
            .long("version")
            .check("late", Expr::col("late_after").gte(Expr::col("due_at")))
            .check("one_end", Expr::col("met_at").is_null().or(Expr::col("lapsed_at").is_null()))
            .index(&["child_id", "due_at", "id"])
            .index(&["conference_id"])
            .index(&["strategy_meeting_id"])
            .index(&["report_request_id"])
            .create(m)
            .await?;
        let db = m.get_connection();
        for (name, on) in OPEN {
            db.execute_unprepared(&format!("CREATE INDEX {name} ON deadline {on}")).await?;
        }
        let uuid = if m.get_database_backend() == DatabaseBackend::Postgres { "uuid" } else { "uuid_text" };
        let sql = format!(
            "ALTER TABLE event ADD COLUMN deadline_id {uuid} CONSTRAINT fk_event_deadline_id REFERENCES deadline (id)"
        );
        db.execute_unprepared(&sql).await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        db.execute_unprepared("DELETE FROM event WHERE deadline_id IS NOT NULL").await?;
        db.execute_unprepared("ALTER TABLE event DROP COLUMN deadline_id").await?;
        drop_all(m, &["deadline"]).await
    }
}
