//! Episodes of need with their assessments, the day a child died, and events that name an episode.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::shape::{Shape, drop_all};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const SOURCES: [&str; 22] = [
    "FAMILY_MEMBER",
    "ACQUAINTANCE",
    "CHILD_THEMSELVES",
    "OTHER_INDIVIDUAL",
    "SCHOOL",
    "EDUCATION_SERVICE",
    "GP",
    "HEALTH_VISITOR",
    "SCHOOL_NURSE",
    "OTHER_PRIMARY_HEALTH",
    "EMERGENCY_DEPARTMENT",
    "OTHER_HEALTH",
    "HOUSING",
    "OWN_SOCIAL_CARE",
    "OWN_OTHER_SERVICE",
    "OTHER_AUTHORITY",
    "EARLY_HELP",
    "POLICE",
    "OTHER_LEGAL",
    "OTHER",
    "ANONYMOUS",
    "UNKNOWN",
];

const NEEDS: [&str; 10] = [
    "ABUSE_OR_NEGLECT",
    "CHILD_DISABILITY",
    "PARENTAL_DISABILITY_OR_ILLNESS",
    "FAMILY_IN_ACUTE_STRESS",
    "FAMILY_DYSFUNCTION",
    "UNACCEPTABLE_BEHAVIOUR",
    "LOW_INCOME",
    "ABSENT_PARENTING",
    "OTHER_THAN_IN_NEED",
    "NOT_STATED",
];

const REASONS: [&str; 9] = [
    "ADOPTED",
    "DIED",
    "CHILD_ARRANGEMENTS_ORDER",
    "SPECIAL_GUARDIANSHIP_ORDER",
    "TRANSFERRED",
    "ADULT_SERVICES",
    "OTHER",
    "NO_FURTHER_ACTION_AFTER_ASSESSMENT",
    "EARLY_HELP_AFTER_ASSESSMENT",
];

async fn episodes(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    Shape::with_id("episode")
        .refers("local_authority_id", "local_authority")
        .refers("agency_id", "agency")
        .refers_opt("team_id", "team")
        .refers("child_id", "child")
        .on("referred_on")
        .code("source", &SOURCES)
        .code("need", &NEEDS)
        .code("status", &["OPEN", "NO_FURTHER_ACTION", "CLOSED"])
        .on_opt("closed_on")
        .code_opt("closed_because", &REASONS)
        .refers("recorded_by", "practitioner")
        .at("recorded_at")
        .long("version")
        // rules 8805 and 8810 of the national return
        .check("closed_whole", Expr::cust("(closed_on IS NULL) = (closed_because IS NULL)"))
        .check("closed", Expr::cust("(status = 'CLOSED') = (closed_on IS NOT NULL)"))
        .index(&["child_id", "referred_on", "id"])
        .create(m)
        .await?;
    // one open episode at a time about a child (rule 8815)
    let one = "CREATE UNIQUE INDEX uq_episode_open ON episode (child_id, local_authority_id) WHERE status = 'OPEN'";
    m.get_connection().execute_unprepared(one).await?;
    Shape::with_id("assessment")
        .refers("local_authority_id", "local_authority")
        .refers("agency_id", "agency")
        .refers_opt("team_id", "team")
        .refers("child_id", "child")
        .refers("episode_id", "episode")
        .on("started_on")
        .on_opt("completed_on")
        .refers("recorded_by", "practitioner")
        .at("recorded_at")
        .long("version")
        .index(&["child_id"])
        .index(&["episode_id", "started_on", "id"])
        .create(m)
        .await?;
    // one open assessment at a time in an episode (rule 8896)
    let one = "CREATE UNIQUE INDEX uq_assessment_open ON assessment (episode_id) WHERE completed_on IS NULL";
    m.get_connection().execute_unprepared(one).await?;
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        episodes(m).await?;
        let (uuid, date) = match m.get_database_backend() {
            DatabaseBackend::Postgres => ("uuid", "date"),
            _ => ("uuid_text", "date_text"),
        };
        let db = m.get_connection();
        db.execute_unprepared(&format!("ALTER TABLE child ADD COLUMN died_on {date}")).await?;
        let names = format!(
            "ALTER TABLE event ADD COLUMN episode_id {uuid} CONSTRAINT fk_event_episode_id REFERENCES episode (id)"
        );
        db.execute_unprepared(&names).await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        db.execute_unprepared("DELETE FROM event WHERE episode_id IS NOT NULL OR kind = 'DEATH_RECORDED'").await?;
        db.execute_unprepared("ALTER TABLE event DROP COLUMN episode_id").await?;
        db.execute_unprepared("ALTER TABLE child DROP COLUMN died_on").await?;
        drop_all(m, &["episode", "assessment"]).await
    }
}
