//! Strategy meetings, conferences, and the involvement rows that come of them.

use sea_orm_migration::prelude::*;

use crate::shape::{Shape, drop_all};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] =
    &["strategy_meeting", "strategy_meeting_child", "conference", "conference_child", "involvement"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true) // SQLite can roll its tables back as well, but is not asked to by default
    }

    #[expect(clippy::too_many_lines, reason = "a list of tables reads best in one piece")]
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        Shape::with_id("strategy_meeting")
            .refers("local_authority_id", "local_authority")
            .refers("agency_id", "agency")
            .refers("called_by", "practitioner")
            .refers("lead_id", "practitioner")
            .text("reason")
            .code("status", &["CALLED", "HELD", "CANCELLED"])
            .at("scheduled_at")
            .at_opt("held_at")
            .text_opt("outcome_summary")
            .at("called_at")
            .long("version")
            .index(&["scheduled_at", "id"])
            .create(m)
            .await?;
        Shape::with_id("strategy_meeting_child")
            .refers("strategy_meeting_id", "strategy_meeting")
            .refers("child_id", "child")
            .code_opt(
                "decision",
                &["SECTION47_JOINT", "SECTION47_SINGLE_AGENCY", "SINGLE_ASSESSMENT", "NO_FURTHER_ACTION"],
            )
            .unique(&["strategy_meeting_id", "child_id"])
            .index(&["child_id"])
            .create(m)
            .await?;
        Shape::with_id("conference")
            .refers("local_authority_id", "local_authority")
            .refers("agency_id", "agency")
            .refers_opt("team_id", "team")
            .code("kind", &["INITIAL", "REVIEW", "PRE_BIRTH", "TRANSFER_IN"])
            .code("status", &["SCHEDULED", "HELD", "CONCLUDED", "CANCELLED"])
            .at("scheduled_at")
            .text("venue")
            .refers("chair_id", "practitioner")
            .refers_opt("minute_taker_id", "practitioner")
            .flag_opt("quorate")
            .text_opt("summary")
            .at("convened_at")
            .at_opt("concluded_at")
            .long("version")
            .index(&["scheduled_at", "id"])
            .index(&["chair_id", "scheduled_at"])
            .create(m)
            .await?;
        Shape::with_id("conference_child")
            .refers("conference_id", "conference")
            .refers("child_id", "child")
            .code_opt(
                "outcome",
                &[
                    "CP_PLAN",
                    "CP_PLAN_CONTINUES",
                    "CP_PLAN_ENDS",
                    "PROVISION_OF_SERVICES",
                    "SINGLE_ASSESSMENT",
                    "REFERRAL_TO_OTHER_AGENCY",
                    "NO_FURTHER_ACTION",
                    "OTHER",
                ],
            )
            .code_opt("abuse_category", &["NEG", "PHY", "SAB", "EMO", "MUL"])
            .code_opt("participation", &["PN0", "PN1", "PN2", "PN3", "PN4", "PN5", "PN6", "PN7"])
            .at_opt("decided_at")
            .unique(&["conference_id", "child_id"])
            .index(&["child_id", "conference_id"])
            .create(m)
            .await?;
        Shape::with_id("involvement")
            .refers("child_id", "child")
            .refers("agency_id", "agency")
            .refers_opt("practitioner_id", "practitioner")
            .refers_opt("team_id", "team")
            .code(
                "basis",
                &[
                    "ALLOCATED_WORKER",
                    "AGENCY",
                    "REFERRER",
                    "STRATEGY_INVITATION",
                    "CONFERENCE_INVITATION",
                    "CHAIR",
                    "MINUTE_TAKER",
                    "CORE_GROUP",
                    "PLAN_ACTION",
                    "BREAK_GLASS",
                ],
            )
            .refers_opt("conference_id", "conference")
            .refers_opt("strategy_meeting_id", "strategy_meeting")
            .at("starts_at")
            .at_opt("ends_at")
            .refers_opt("granted_by", "practitioner")
            .text("reason")
            .check("period", Expr::col("ends_at").is_null().or(Expr::col("ends_at").gt(Expr::col("starts_at"))))
            .index(&["agency_id", "child_id"])
            .index(&["practitioner_id", "child_id"])
            .index(&["team_id", "child_id"])
            .index(&["child_id"])
            .index(&["conference_id"])
            .index(&["strategy_meeting_id"])
            .create(m)
            .await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_all(m, TABLES).await
    }
}
