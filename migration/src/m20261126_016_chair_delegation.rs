//! Delegated chairs.

use sea_orm_migration::prelude::*;

use crate::shape::{Shape, drop_all};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        Shape::with_id("chair_delegation")
            .refers("conference_id", "conference")
            .refers("practitioner_id", "practitioner")
            .at("starts_at")
            .at("ends_at")
            .text("reason")
            .refers("delegated_by", "practitioner")
            .check("period", Expr::col("ends_at").gt(Expr::col("starts_at")))
            .index(&["conference_id", "starts_at"])
            .create(m)
            .await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_all(m, &["chair_delegation"]).await
    }
}
