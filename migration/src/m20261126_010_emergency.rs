//! Emergency access with its reviews, and what is to be noticed about the use of the record.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::shape::{Shape, drop_all};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &["emergency_access", "notice"];

/// The tables whose rows the feed names.
const NAMED: &[&str] = &["designation", "emergency_access"];

const KINDS: &str =
    "'DESIGNATION_GRANTED', 'DESIGNATION_ENDED', 'EMERGENCY_ACCESS_OPENED', 'EMERGENCY_ACCESS_REVIEWED'";

/// All of these columns have a value, or none has.
fn all_or_none(columns: &[&'static str]) -> Expr {
    let each = |rule: fn(&'static str) -> Expr| columns.iter().map(|column| rule(column)).reduce(Expr::and);
    let (some, none) = (each(|c| Expr::col(c).is_not_null()), each(|c| Expr::col(c).is_null()));
    some.zip(none).map_or_else(|| Expr::val(true), |(some, none)| some.or(none))
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true) // SQLite can roll its tables back as well, but is not asked to by default
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        Shape::with_id("emergency_access")
            .refers("practitioner_id", "practitioner")
            .refers("agency_id", "agency")
            .refers_opt("team_id", "team")
            .refers("local_authority_id", "local_authority")
            .refers_opt("child_id", "child")
            .code(
                "reason",
                &[
                    "IMMEDIATE_DANGER",
                    "POLICE_PROTECTION",
                    "UNSCHEDULED_CARE",
                    "MISSING_CHILD",
                    "OUT_OF_HOURS_REFERRAL",
                    "OTHER",
                ],
            )
            .text("explanation")
            .at("opened_at")
            .at("expires_at")
            .at("review_due_at")
            .at_opt("reviewed_at")
            .refers_opt("reviewed_by", "practitioner")
            .code_opt("outcome", &["JUSTIFIED", "NOT_JUSTIFIED"])
            .text_opt("review_note")
            .check("period", Expr::col("expires_at").gt(Expr::col("opened_at")))
            // nobody reviews themselves, whatever the program says
            .check("reviewer", Expr::col("reviewed_by").ne(Expr::col("practitioner_id")))
            .check("reviewed", all_or_none(&["reviewed_at", "reviewed_by", "outcome"]))
            .index(&["practitioner_id", "opened_at"])
            .index(&["agency_id", "opened_at"])
            .index(&["opened_at", "id"])
            .index(&["local_authority_id", "review_due_at"])
            .create(m)
            .await?;
        // No foreign keys: most of these rows are written with the access record, while its head is held. A key would
        // wait there for whoever holds the child's row, who may be waiting for the head.
        Shape::with_id("notice")
            .code("kind", &["EMERGENCY_ACCESS", "RECORD_OPENED", "UNUSUAL_LOOKUPS"])
            .at("at")
            .uuid("practitioner_id")
            .uuid("agency_id")
            .uuid("local_authority_id")
            .uuid_opt("child_id")
            .uuid_opt("emergency_access_id")
            .index(&["child_id", "at"])
            .index(&["agency_id", "at"])
            .index(&["emergency_access_id"])
            .create(m)
            .await?;
        let db = m.get_connection();
        // only searches by name that ended nowhere: what is counted before somebody is told of them
        db.execute_unprepared("CREATE INDEX ix_audit_by_name ON audit (practitioner_id, at) WHERE rule = 'NAME'")
            .await?;
        let uuid = if m.get_database_backend() == DatabaseBackend::Postgres { "uuid" } else { "uuid_text" };
        for table in NAMED {
            let sql = format!(
                "ALTER TABLE event ADD COLUMN {table}_id {uuid} CONSTRAINT fk_event_{table}_id REFERENCES {table} (id)"
            );
            db.execute_unprepared(&sql).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        db.execute_unprepared(&format!("DELETE FROM event WHERE kind IN ({KINDS})")).await?;
        for table in NAMED {
            db.execute_unprepared(&format!("ALTER TABLE event DROP COLUMN {table}_id")).await?;
        }
        db.execute_unprepared("DROP INDEX ix_audit_by_name").await?;
        drop_all(m, TABLES).await
    }
}
