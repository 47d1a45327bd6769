//! Tokens, sessions and persons whose access was taken back before it ended by itself.

use sea_orm_migration::prelude::*;

use crate::shape::{Shape, drop_all};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &["revocation"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true) // SQLite can roll its tables back as well, but is not asked to by default
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let of_person = || Expr::col("kind").eq("PERSON");
        let limited = || Expr::col("issued_before").is_not_null();
        Shape::bare("revocation")
            .code("kind", &["TOKEN", "SESSION", "PERSON"])
            .text("subject")
            .at_opt("issued_before")
            .at("revoked_at")
            .key(&["kind", "subject"])
            .check("person_before", of_person().and(limited()).or(of_person().not().and(limited().not())))
            .create(m)
            .await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_all(m, TABLES).await
    }
}
