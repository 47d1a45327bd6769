//! How far a plan is, what it was before each change, and with which version an action came. What is there is filled in by the
//! migration after this one, which locks no table.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::shape::{Shape, drop_all};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const STATES: [&str; 10] = [
    "OUTLINE",
    "DETAILED",
    "FINAL",
    "UNDER_REVIEW",
    "REVISED",
    "CEASED",
    "AWAITING_SIGNATURES",
    "COMPLETE",
    "AMENDED",
    "CLOSED",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        let words = STATES.map(|word| format!("'{word}'")).join(", ");
        let column = format!(
            "ALTER TABLE plan ADD COLUMN state varchar(40) NOT NULL DEFAULT 'OUTLINE'
             CONSTRAINT ck_plan_state CHECK (state IN ({words}))"
        );
        db.execute_unprepared(&column).await?;
        Shape::with_id("plan_version")
            .refers("plan_id", "plan")
            .refers("child_id", "child")
            .long("number")
            .code("state", &STATES)
            .code_opt("category_latest", &["NEG", "PHY", "SAB", "EMO", "MUL"])
            .text_opt("danger_statement")
            .text_opt("safety_statement")
            .int("visit_every_days")
            .on("since")
            .refers_opt("conference_id", "conference")
            .at_opt("recorded_at")
            .refers_opt("recorded_by", "practitioner")
            .at_opt("superseded_at")
            .unique(&["plan_id", "number"])
            .index(&["child_id"])
            .create(m)
            .await?;
        let long = if m.get_database_backend() == DatabaseBackend::Postgres { "bigint" } else { "integer" };
        for column in ["plan_version", "version"] {
            let sql = format!("ALTER TABLE plan_action ADD COLUMN {column} {long} NOT NULL DEFAULT 1");
            db.execute_unprepared(&sql).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        db.execute_unprepared("DELETE FROM event WHERE kind = 'PLAN_ACTION_PROGRESSED'").await?;
        for column in ["plan_version", "version"] {
            db.execute_unprepared(&format!("ALTER TABLE plan_action DROP COLUMN {column}")).await?;
        }
        drop_all(m, &["plan_version"]).await?;
        db.execute_unprepared("ALTER TABLE plan DROP COLUMN state").await?;
        Ok(())
    }
}
