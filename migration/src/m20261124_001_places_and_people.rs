//! Authorities, agencies, teams, professionals and their posts.

use sea_orm_migration::prelude::*;

use crate::shape::{Shape, drop_all};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &["instance", "local_authority", "agency", "team", "practitioner", "appointment"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true) // SQLite can roll its tables back as well, but is not asked to by default
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        Shape::bare("instance").text("key").text("value").key(&["key"]).create(m).await?;
        Shape::with_id("local_authority")
            .text("code")
            .text("name")
            .code("profile", &["BRISTOL", "BIRMINGHAM", "LANCASHIRE", "WARWICKSHIRE"])
            .unique(&["code"])
            .create(m)
            .await?;
        Shape::with_id("agency")
            .refers("local_authority_id", "local_authority")
            .text("name")
            .code(
                "kind",
                &[
                    "CSC",
                    "POLICE",
                    "HEALTH",
                    "EDUCATION",
                    "EARLY_HELP",
                    "PROBATION",
                    "HOUSING",
                    "VOLUNTARY",
                    "LEGAL",
                    "OTHER_LA",
                ],
            )
            .code("scope_mode", &["AGENCY", "NAMED"])
            .text("safeguarding_email")
            .flag("active")
            .unique(&["local_authority_id", "name"])
            .index(&["name", "id"])
            .create(m)
            .await?;
        Shape::with_id("team")
            .refers("agency_id", "agency")
            .text("name")
            .unique(&["agency_id", "name"])
            .create(m)
            .await?;
        Shape::with_id("practitioner").text("full_name").text("designation").flag("active").create(m).await?;
        Shape::with_id("appointment")
            .refers("practitioner_id", "practitioner")
            .refers("agency_id", "agency")
            .refers_opt("team_id", "team")
            .code(
                "post",
                &[
                    "SOCIAL_WORKER",
                    "TEAM_MANAGER",
                    "SERVICE_MANAGER",
                    "CHAIR",
                    "MINUTE_TAKER",
                    "PRACTITIONER",
                    "SAFEGUARDING_LEAD",
                    "SYSTEM_ADMIN",
                    "AUDITOR",
                    "AGENCY_SYSTEM",
                ],
            )
            .at("starts_at")
            .at_opt("ends_at")
            .index(&["practitioner_id", "agency_id"])
            .create(m)
            .await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_all(m, TABLES).await
    }
}
