//! The feed, the record of writes, and the memory of retried requests.

use sea_orm_migration::prelude::*;

use crate::shape::{Shape, drop_all};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &["feed", "event", "audit", "idempotency"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true) // SQLite can roll its tables back as well, but is not asked to by default
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        Shape::bare("feed")
            .refers("local_authority_id", "local_authority")
            .long("position")
            .key(&["local_authority_id"])
            .create(m)
            .await?;
        Shape::bare("event")
            .refers("local_authority_id", "local_authority")
            .long("position")
            .uuid("id")
            .code(
                "kind",
                &[
                    "STRATEGY_MEETING_CALLED",
                    "STRATEGY_MEETING_OUTCOME_RECORDED",
                    "CONFERENCE_SCHEDULED",
                    "INVITATION_REPLIED",
                    "CONFERENCE_REPORT_SUBMITTED",
                    "CONFERENCE_ATTENDANCE_RECORDED",
                    "CONFERENCE_OUTCOME_RECORDED",
                    "CORE_GROUP_MEETING_RECORDED",
                ],
            )
            .refers_opt("strategy_meeting_id", "strategy_meeting")
            .refers_opt("conference_id", "conference")
            .refers_opt("invitation_id", "invitation")
            .refers_opt("conference_report_id", "conference_report")
            .refers_opt("core_group_id", "core_group")
            .at("occurred_at")
            .key(&["local_authority_id", "position"])
            .unique(&["id"])
            .create(m)
            .await?;
        Shape::with_id("audit")
            .at("at")
            .uuid("practitioner_id")
            .uuid("agency_id")
            .text("role")
            .text("action")
            .text("resource_kind")
            .uuid("resource_id")
            .uuid("request_id")
            .index(&["resource_id"])
            .create(m)
            .await?;
        Shape::bare("idempotency")
            .refers("agency_id", "agency")
            .uuid("key")
            .text("action")
            .text("fingerprint")
            .uuid("result_id")
            .at("created_at")
            .key(&["agency_id", "key"])
            .index(&["created_at"])
            .create(m)
            .await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_all(m, TABLES).await
    }
}
