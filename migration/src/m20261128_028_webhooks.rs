//! Webhooks, and the log of what was sent to them.

use sea_orm_migration::prelude::*;

use crate::shape::{Shape, drop_all};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const FAILURES: [&str; 9] = [
    "HOST_NOT_ALLOWED",
    "NAME_NOT_RESOLVED",
    "ADDRESS_REFUSED",
    "CONNECTION",
    "TIMEOUT",
    "REDIRECT",
    "STATUS",
    "GONE",
    "NOT_READABLE",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        Shape::with_id("webhook")
            .refers("local_authority_id", "local_authority")
            .refers("agency_id", "agency")
            .text("url")
            .text_opt("kinds")
            .refers("practitioner_id", "practitioner")
            .code("post", &["TEAM_MANAGER", "SERVICE_MANAGER", "SAFEGUARDING_LEAD"])
            .at("followed_since")
            .code("state", &["ACTIVE", "PAUSED", "SUSPENDED", "GONE", "REMOVED"])
            .long("position")
            .long("secret_generation")
            .refers("secret_told_to", "practitioner")
            .at_opt("secret_rotated_at")
            .at("active_since")
            .at_opt("failing_since")
            .long("attempts")
            .at("next_at")
            .uuid_opt("lease")
            .at_opt("leased_until")
            .at("registered_at")
            .long("version")
            .index(&["agency_id", "id"])
            .index(&["state", "next_at"])
            .create(m)
            .await?;
        Shape::with_id("webhook_delivery")
            .refers("webhook_id", "webhook")
            .refers("agency_id", "agency")
            .long("position")
            .text_opt("kind")
            .code("state", &["RETRYING", "DELIVERED", "DEAD", "REPLAYING"])
            .long("attempts")
            .at_opt("first_at")
            .at_opt("last_at")
            .int_opt("status_code")
            .code_opt("failure", &FAILURES)
            .at("made_at")
            .unique(&["webhook_id", "position"])
            .index(&["webhook_id", "state", "id"])
            .index(&["made_at"])
            .create(m)
            .await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_all(m, &["webhook", "webhook_delivery"]).await
    }
}
