//! What limits of use are counted by, and the alerts they raise.

use sea_orm_migration::prelude::*;

use crate::shape::{Shape, drop_all};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &["access_count", "access_reading", "access_alert"];

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
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_all(m, TABLES).await
    }
}
