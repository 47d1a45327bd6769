//! Reports, plans, core groups and every invitation.

use sea_orm_migration::prelude::*;

use crate::shape::{Shape, drop_all};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &[
    "plan",
    "plan_action",
    "core_group",
    "core_group_member",
    "core_group_meeting",
    "invitation",
    "report_request",
    "conference_report",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true) // SQLite can roll its tables back as well, but is not asked to by default
    }

    #[expect(clippy::too_many_lines, reason = "a list of tables reads best in one piece")]
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        Shape::with_id("plan")
            .refers("child_id", "child")
            .code("kind", &["CP", "CIN"])
            .refers_opt("conference_id", "conference")
            .code_opt("category_initial", &["NEG", "PHY", "SAB", "EMO", "MUL"])
            .code_opt("category_latest", &["NEG", "PHY", "SAB", "EMO", "MUL"])
            .text_opt("danger_statement")
            .text_opt("safety_statement")
            .int("visit_every_days")
            .on("starts_on")
            .on_opt("ends_on")
            .long("version")
            .check("period", Expr::col("ends_on").is_null().or(Expr::col("ends_on").gt(Expr::col("starts_on"))))
            .index(&["child_id", "starts_on", "id"])
            .create(m)
            .await?;
        // one open plan a child, of either kind: rules 8935, 4001 and 4004 of the national return
        m.get_connection()
            .execute_unprepared("CREATE UNIQUE INDEX uq_plan_open ON plan (child_id) WHERE ends_on IS NULL")
            .await?;
        Shape::with_id("plan_action")
            .refers("plan_id", "plan")
            .refers("child_id", "child")
            .text("description")
            .refers("owner_agency_id", "agency")
            .refers_opt("owner_id", "practitioner")
            .on("due_on")
            .code("status", &["NOT_STARTED", "IN_PROGRESS", "DONE", "WITHDRAWN"])
            .on_opt("done_on")
            .index(&["plan_id", "due_on", "id"])
            .create(m)
            .await?;
        Shape::with_id("core_group")
            .refers("plan_id", "plan")
            .refers("child_id", "child")
            .refers("lead_id", "practitioner")
            .on("formed_on")
            .on("first_meeting_due_on")
            .on_opt("ends_on")
            .long("version")
            .unique(&["plan_id"])
            .index(&["child_id"])
            .create(m)
            .await?;
        Shape::with_id("core_group_member")
            .refers("core_group_id", "core_group")
            .refers("agency_id", "agency")
            .refers_opt("practitioner_id", "practitioner")
            .on("starts_on")
            .on_opt("ends_on")
            .index(&["core_group_id", "id"])
            .create(m)
            .await?;
        Shape::with_id("core_group_meeting")
            .refers("core_group_id", "core_group")
            .refers("child_id", "child")
            .at("held_at")
            .text("progress")
            .on_opt("next_meeting_on")
            .refers("recorded_by", "practitioner")
            .at("recorded_at")
            .index(&["core_group_id", "held_at", "id"])
            .create(m)
            .await?;
        Shape::with_id("invitation")
            .refers("local_authority_id", "local_authority")
            .code("meeting", &["CONFERENCE", "STRATEGY_MEETING", "CORE_GROUP"])
            .refers_opt("conference_id", "conference")
            .refers_opt("strategy_meeting_id", "strategy_meeting")
            .refers_opt("core_group_meeting_id", "core_group_meeting")
            .refers("agency_id", "agency")
            .refers_opt("practitioner_id", "practitioner")
            .at("scheduled_at")
            .at("invited_at")
            .int("notice_working_days")
            .code("reply", &["AWAITED", "ATTENDING", "ATTENDING_REMOTELY", "SENDING_DEPUTY", "APOLOGIES"])
            .at_opt("replied_at")
            .text_opt("apologies_reason")
            .code_opt("attendance", &["IN_PERSON", "REMOTE", "DEPUTY", "APOLOGIES", "NO_WORD"])
            .at_opt("report_due_at")
            .at_opt("report_received_at")
            .long("version")
            .unique(&["conference_id", "agency_id"])
            .unique(&["strategy_meeting_id", "agency_id"])
            .unique(&["core_group_meeting_id", "agency_id"])
            .index(&["agency_id", "scheduled_at"])
            .index(&["local_authority_id", "meeting", "scheduled_at"])
            .create(m)
            .await?;
        Shape::with_id("report_request")
            .refers("conference_id", "conference")
            .refers("child_id", "child")
            .refers("agency_id", "agency")
            .refers("invitation_id", "invitation")
            .at("asked_at")
            .at("due_at")
            .at_opt("received_at")
            .unique(&["conference_id", "child_id", "agency_id"])
            .index(&["agency_id", "due_at", "id"])
            .index(&["child_id"])
            .index(&["invitation_id"])
            .create(m)
            .await?;
        Shape::with_id("conference_report")
            .refers("report_request_id", "report_request")
            .refers("conference_id", "conference")
            .refers("child_id", "child")
            .refers("agency_id", "agency")
            .refers("author_id", "practitioner")
            .int("version")
            .code("state", &["DRAFT", "SUBMITTED", "RELEASED", "SUPERSEDED", "WITHDRAWN"])
            .text("involvement")
            .text("worries")
            .text("strengths")
            .text_opt("child_voice")
            .text_opt("family_views")
            .text_opt("what_must_change")
            .int_opt("safety_score")
            .code_opt("recommendation", &["CP_PLAN", "NO_CP_PLAN", "UNDECIDED"])
            .on_opt("shared_with_family_on")
            .at("submitted_at")
            .at_opt("released_at")
            .text("receipt")
            .check("safety_score", Expr::col("safety_score").is_null().or(Expr::col("safety_score").between(0, 10)))
            .unique(&["report_request_id", "version"])
            .index(&["conference_id", "id"])
            .index(&["child_id"])
            .index(&["agency_id", "id"])
            .create(m)
            .await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_all(m, TABLES).await
    }
}
