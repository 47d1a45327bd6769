//! Reports by templates: drafts, versions with their reasons, answers, rows of a chronology, and who opened a copy.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::shape::{Shape, drop_all};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Columns with a value for every row that is there: neither database writes the rows anew for one that is constant.
const OF_A_REPORT: &[(&str, &str)] = &[
    ("template", "varchar(40) NOT NULL DEFAULT 'GENERAL'"),
    ("template_version", "integer NOT NULL DEFAULT 1"),
    ("revision", "bigint NOT NULL DEFAULT 1"),
    ("working_days_early", "integer"),
    ("after_conference", "boolean NOT NULL DEFAULT false"),
    ("reason", "text"),
    ("withdrawn_because", "text"),
];

async fn add(m: &SchemaManager<'_>, table: &str, column: &str, of: &str) -> Result<(), DbErr> {
    m.get_connection().execute_unprepared(&format!("ALTER TABLE {table} ADD COLUMN {column} {of}")).await?;
    Ok(())
}

fn of_a_report(name: &'static str) -> Shape {
    Shape::with_id(name)
        .refers("conference_report_id", "conference_report")
        .refers("child_id", "child")
        .refers("agency_id", "agency")
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let is_postgres = m.get_database_backend() == DatabaseBackend::Postgres;
        let (uuid, instant, day) = if is_postgres {
            ("uuid", "timestamptz", "date")
        } else {
            ("uuid_text", "timestamp_with_timezone_text", "date_text")
        };
        for (column, of) in OF_A_REPORT {
            add(m, "conference_report", column, of).await?;
        }
        let by = |name: &str| format!("{uuid} CONSTRAINT {name} REFERENCES practitioner (id)");
        add(m, "conference_report", "agreed_by", &by("fk_conference_report_agreed_by")).await?;
        add(m, "conference_report", "agreed_on", day).await?;
        add(m, "conference_report", "withdrawn_at", instant).await?;
        add(m, "circulation", "opened_at", instant).await?;
        add(m, "circulation", "opened_by", &by("fk_circulation_opened_by")).await?;
        of_a_report("report_answer")
            .text("item")
            .text_opt("text")
            .text_opt("choice")
            .int_opt("number")
            .on_opt("day")
            .unique(&["conference_report_id", "item"])
            .create(m)
            .await?;
        of_a_report("chronology_row")
            .int("line")
            .on("occurred_on")
            .code("precision", &["DAY", "MONTH", "YEAR"])
            .on_opt("ended_on")
            .code(
                "kind",
                &["EVENT", "CONTACT", "VISIT", "MEETING", "HEALTH", "EDUCATION", "OFFENCE", "DECISION", "OTHER"],
            )
            .text("text")
            .text("source")
            .text_opt("response")
            .flag("third_party")
            .flag("locates")
            .unique(&["conference_report_id", "line"])
            .index(&["child_id", "occurred_on"])
            .create(m)
            .await?;
        of_a_report("family_copy")
            .refers_opt("person_id", "person")
            .int("left_out")
            .at("shared_at")
            .refers("shared_by", "practitioner")
            .at("recorded_at")
            .index(&["conference_report_id", "id"])
            .create(m)
            .await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        drop_all(m, &["report_answer", "chronology_row", "family_copy"]).await?;
        let of_a_report =
            OF_A_REPORT.iter().map(|(column, _)| *column).chain(["agreed_by", "agreed_on", "withdrawn_at"]);
        for column in of_a_report {
            db.execute_unprepared(&format!("ALTER TABLE conference_report DROP COLUMN {column}")).await?;
        }
        for column in ["opened_at", "opened_by"] {
            db.execute_unprepared(&format!("ALTER TABLE circulation DROP COLUMN {column}")).await?;
        }
        Ok(())
    }
}
