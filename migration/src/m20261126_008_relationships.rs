//! Conflicts of interest, designations, and who was sent which report; the feed learns of relationships.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::shape::{Shape, drop_all};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &["conflict", "designation", "circulation"];

const EVENT_COLUMNS: &str = "local_authority_id, position, id, kind, strategy_meeting_id, conference_id, \
    invitation_id, conference_report_id, core_group_id, occurred_at";

/// What is released already went to the agencies invited to its conference: that was the rule before this table.
const CIRCULATED_BEFORE: &str = "INSERT INTO circulation (conference_report_id, agency_id, circulated_at) \
    SELECT r.id, i.agency_id, COALESCE(r.released_at, r.submitted_at) FROM conference_report r \
    JOIN invitation i ON i.conference_id = r.conference_id \
    WHERE r.state = 'RELEASED' AND i.agency_id <> r.agency_id";

const KINDS_BEFORE: &[&str] = &[
    "STRATEGY_MEETING_CALLED",
    "STRATEGY_MEETING_OUTCOME_RECORDED",
    "CONFERENCE_SCHEDULED",
    "INVITATION_REPLIED",
    "CONFERENCE_REPORT_SUBMITTED",
    "CONFERENCE_ATTENDANCE_RECORDED",
    "CONFERENCE_OUTCOME_RECORDED",
    "CORE_GROUP_MEETING_RECORDED",
];

/// The feed's table; `kinds` are checked where they are given.
fn event(kinds: Option<&[&'static str]>) -> Shape {
    let shape = Shape::bare("event").refers("local_authority_id", "local_authority").long("position").uuid("id");
    let shape = match kinds {
        Some(kinds) => shape.code("kind", kinds),
        None => shape.text("kind"),
    };
    shape
        .refers_opt("strategy_meeting_id", "strategy_meeting")
        .refers_opt("conference_id", "conference")
        .refers_opt("invitation_id", "invitation")
        .refers_opt("conference_report_id", "conference_report")
        .refers_opt("core_group_id", "core_group")
        .at("occurred_at")
        .key(&["local_authority_id", "position"])
        .unique(&["id"])
}

/// SQLite changes no check in place: the table is made anew and its rows are moved.
async fn rebuild(m: &SchemaManager<'_>, shape: Shape) -> Result<(), DbErr> {
    let db = m.get_connection();
    db.execute_unprepared("DROP INDEX uq_event_id").await?;
    db.execute_unprepared("ALTER TABLE event RENAME TO event_before").await?;
    shape.create(m).await?;
    let copy = format!("INSERT INTO event ({EVENT_COLUMNS}) SELECT {EVENT_COLUMNS} FROM event_before");
    db.execute_unprepared(&copy).await?;
    db.execute_unprepared("DROP TABLE event_before").await?;
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true) // SQLite can roll its tables back as well, but is not asked to by default
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        Shape::with_id("conflict")
            .refers("practitioner_id", "practitioner")
            .refers("child_id", "child")
            .code("kind", &["SELF_INVOLVED", "FAMILY", "ALLEGATION_SUBJECT", "PERSONAL"])
            .text("reason")
            .at("starts_at")
            .at_opt("ends_at")
            .refers("recorded_by", "practitioner")
            .refers("recorded_at_agency_id", "agency")
            .check("period", Expr::col("ends_at").is_null().or(Expr::col("ends_at").gt(Expr::col("starts_at"))))
            .index(&["practitioner_id", "child_id"])
            .index(&["child_id"])
            .create(m)
            .await?;
        Shape::with_id("designation")
            .refers("practitioner_id", "practitioner")
            .refers("agency_id", "agency")
            .code("kind", &["LADO", "PRIVACY_OFFICER", "CALDICOTT_GUARDIAN", "LEGAL_ADVISER"])
            .at("starts_at")
            .at_opt("ends_at")
            .check("period", Expr::col("ends_at").is_null().or(Expr::col("ends_at").gt(Expr::col("starts_at"))))
            .index(&["practitioner_id", "agency_id"])
            .index(&["agency_id", "kind"])
            .create(m)
            .await?;
        Shape::bare("circulation")
            .refers("conference_report_id", "conference_report")
            .refers("agency_id", "agency")
            .at("circulated_at")
            .at_opt("withdrawn_at")
            .key(&["conference_report_id", "agency_id"])
            .index(&["agency_id", "conference_report_id"])
            .create(m)
            .await?;
        let db = m.get_connection();
        db.execute_unprepared(CIRCULATED_BEFORE).await?;
        // the kinds of event grow with every feature: their type holds them, a check would cost a rebuild each time
        match m.get_database_backend() {
            DatabaseBackend::Postgres => {
                db.execute_unprepared("ALTER TABLE event DROP CONSTRAINT ck_event_kind").await?;
            }
            _ => rebuild(m, event(None)).await?,
        }
        for (column, table) in [("involvement_id", "involvement"), ("conflict_id", "conflict")] {
            let uuid = if m.get_database_backend() == DatabaseBackend::Postgres { "uuid" } else { "uuid_text" };
            let sql = format!(
                "ALTER TABLE event ADD COLUMN {column} {uuid} CONSTRAINT fk_event_{column} REFERENCES {table} (id)"
            );
            db.execute_unprepared(&sql).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        let known = KINDS_BEFORE.iter().map(|kind| format!("'{kind}'")).collect::<Vec<_>>().join(", ");
        db.execute_unprepared(&format!("DELETE FROM event WHERE kind NOT IN ({known})")).await?;
        match m.get_database_backend() {
            DatabaseBackend::Postgres => {
                db.execute_unprepared("ALTER TABLE event DROP COLUMN involvement_id, DROP COLUMN conflict_id").await?;
                let check =
                    format!("ALTER TABLE event ADD CONSTRAINT ck_event_kind CHECK (kind IN ({known})) NOT VALID");
                db.execute_unprepared(&check).await?;
                db.execute_unprepared("ALTER TABLE event VALIDATE CONSTRAINT ck_event_kind").await?;
            }
            _ => rebuild(m, event(Some(KINDS_BEFORE))).await?,
        }
        drop_all(m, TABLES).await
    }
}
