//! Letters about non-attendance with their replies, escalations with their evidence, and events that name an escalation.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::shape::{Shape, drop_all};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const REASONS: [&str; 10] = [
    "INVITED_LATE",
    "NOT_RECEIVED",
    "CLASH",
    "ILLNESS",
    "LEAVE",
    "VACANCY",
    "NOT_INVOLVED",
    "REPORT_SENT_OTHERWISE",
    "ATTENDED",
    "OTHER",
];

async fn letters(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    Shape::with_id("non_attendance_letter")
        .refers("local_authority_id", "local_authority")
        .refers("conference_id", "conference")
        .refers("invitation_id", "invitation")
        .refers("agency_id", "agency")
        .code("about", &["DID_NOT_ATTEND", "NO_REPORT", "NEITHER"])
        .code("status", &["WRITTEN", "SENT", "REPLIED"])
        .text("text")
        .refers("written_by", "practitioner")
        .at("written_at")
        .refers_opt("sent_by", "practitioner")
        .at_opt("sent_at")
        .at_opt("reply_due_at")
        .code_opt("reason", &REASONS)
        .text_opt("reply")
        .flag("contested")
        .refers_opt("replied_by", "practitioner")
        .at_opt("replied_at")
        .long("version")
        .check("sent", Expr::cust("(status = 'WRITTEN') = (sent_at IS NULL)"))
        .check("replied", Expr::cust("(status = 'REPLIED') = (replied_at IS NOT NULL)"))
        .unique(&["invitation_id"])
        .index(&["conference_id", "id"])
        .index(&["local_authority_id", "reply_due_at", "id"])
        .index(&["agency_id", "id"])
        .create(m)
        .await
}

async fn escalations(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    Shape::with_id("escalation")
        .refers("local_authority_id", "local_authority")
        .refers("agency_id", "agency")
        .code("status", &["OPEN", "MEETING_AGREED", "CLOSED"])
        .on("from_on")
        .on("until_on")
        .text("reason")
        .text("figures")
        .text("sha256")
        .refers("raised_by", "practitioner")
        .at("raised_at")
        .text_opt("answer")
        .refers_opt("answered_by", "practitioner")
        .at_opt("answered_at")
        .at_opt("meeting_at")
        .code_opt("outcome", &["EXPLAINED", "ACTION_AGREED", "RECORDS_CORRECTED", "NOT_RESOLVED"])
        .text_opt("outcome_text")
        .refers_opt("closed_by", "practitioner")
        .at_opt("closed_at")
        .long("version")
        .check("closed", Expr::cust("(status = 'CLOSED') = (closed_at IS NOT NULL)"))
        .index(&["local_authority_id", "id"])
        .index(&["agency_id", "id"])
        .create(m)
        .await?;
    Shape::with_id("escalation_entry")
        .refers("escalation_id", "escalation")
        .refers("agency_id", "agency")
        .refers("invitation_id", "invitation")
        .code("meeting", &["CONFERENCE", "STRATEGY_MEETING", "CORE_GROUP"])
        .at("scheduled_at")
        .at("invited_at")
        .int("notice_working_days")
        .code_opt("attendance", &["IN_PERSON", "REMOTE", "DEPUTY", "APOLOGIES", "NO_WORD"])
        .at_opt("report_due_at")
        .at_opt("report_received_at")
        .text_opt("contested_because")
        .refers_opt("contested_by", "practitioner")
        .at_opt("contested_at")
        .unique(&["escalation_id", "invitation_id"])
        .create(m)
        .await
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        letters(m).await?;
        escalations(m).await?;
        let uuid = if m.get_database_backend() == DatabaseBackend::Postgres { "uuid" } else { "uuid_text" };
        let names = format!(
            "ALTER TABLE event ADD COLUMN escalation_id {uuid} CONSTRAINT fk_event_escalation_id REFERENCES escalation (id)"
        );
        m.get_connection().execute_unprepared(&names).await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        let told = "DELETE FROM event WHERE escalation_id IS NOT NULL OR kind LIKE 'NON_ATTENDANCE_LETTER%'";
        db.execute_unprepared(told).await?;
        db.execute_unprepared("ALTER TABLE event DROP COLUMN escalation_id").await?;
        drop_all(m, &["non_attendance_letter", "escalation", "escalation_entry"]).await
    }
}
