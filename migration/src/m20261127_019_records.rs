//! What stands on the records of meetings, enquiries and plans: answers to the items of practice, finished steps, and the
//! documents that were sent out.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::shape::{Shape, drop_all, more_words};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// The kinds of deadline that were there, and those that come.
const LAST_KIND: &str = "NINE_MONTH_CONVERSATION";
const KINDS: &[&str] = &["SUPPORT_REFERRAL", "SUPPORT_DISCUSSION", "FOLLOW_ON_PLAN", "CIN_PLAN_COPIES"];

const RECORDS: [(&str, &str); 5] = [
    ("strategy_meeting_id", "strategy_meeting"),
    ("enquiry_id", "enquiry"),
    ("conference_id", "conference"),
    ("core_group_meeting_id", "core_group_meeting"),
    ("plan_id", "plan"),
];

const EVENT: [&str; 2] = ["enquiry", "plan"];

/// A table of what stands on one record.
fn on_a_record(name: &'static str) -> Shape {
    let shape = Shape::with_id(name).refers("local_authority_id", "local_authority");
    let shape = RECORDS.iter().fold(shape, |shape, (column, table)| shape.refers_opt(column, table));
    let one = RECORDS.map(|(column, _)| format!("CASE WHEN {column} IS NULL THEN 0 ELSE 1 END")).join(" + ");
    shape.check("one_record", Expr::cust(format!("{one} = 1")))
}

/// Found by its record, and small: most rows have four of the five columns empty.
async fn found_by_record(m: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    for (column, _) in RECORDS {
        let sql = format!("CREATE INDEX ix_{table}_{column} ON {table} ({column}) WHERE {column} IS NOT NULL");
        m.get_connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}

async fn enquiries(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    Shape::with_id("enquiry")
        .refers("local_authority_id", "local_authority")
        .refers("agency_id", "agency")
        .refers_opt("team_id", "team")
        .refers("child_id", "child")
        .refers("strategy_meeting_id", "strategy_meeting")
        .refers("lead_id", "practitioner")
        .at("started_at")
        .code("status", &["ENQUIRING", "COMPLETE", "OUTCOME_AGREED"])
        .at_opt("completed_at")
        .code_opt(
            "outcome",
            &[
                "CONFERENCE",
                "LEGAL_ACTION",
                "PROVISION_OF_SERVICES",
                "SHORT_BREAKS",
                "CONTINUE_SINGLE_ASSESSMENT",
                "MONITOR",
                "NO_FURTHER_ACTION",
                "OTHER",
            ],
        )
        .at_opt("agreed_at")
        .refers_opt("agreed_by", "practitioner")
        .long("version")
        .index(&["child_id", "started_at", "id"])
        .index(&["strategy_meeting_id"])
        .create(m)
        .await?;
    // one enquiry at a time about a child (rule 8839 of the national return)
    let one = "CREATE UNIQUE INDEX uq_enquiry_open ON enquiry (child_id) WHERE agreed_at IS NULL";
    m.get_connection().execute_unprepared(one).await?;
    Ok(())
}

async fn entries(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    on_a_record("entry")
        .refers_opt("child_id", "child")
        .refers_opt("agency_id", "agency")
        .refers_opt("person_id", "person")
        .text("item")
        .int("line")
        .code("audience", &["MEETING", "CHAIR", "SOCIAL_CARE"])
        .text_opt("choice")
        .int_opt("number")
        .at_opt("at")
        .text_opt("text")
        .text_opt("timescale")
        .text_opt("reason_not")
        .at("recorded_at")
        .refers("recorded_by", "practitioner")
        .refers("recorded_at_agency_id", "agency")
        .at_opt("superseded_at")
        .create(m)
        .await?;
    found_by_record(m, "entry").await?;
    // one answer at a time to an item about somebody
    let same = RECORDS.map(|(column, _)| column).join(", ");
    let none = "'00000000-0000-0000-0000-000000000000'";
    let all = format!("{same}, child_id, agency_id, person_id");
    let uuid = |column: &str| match m.get_database_backend() {
        DatabaseBackend::Postgres => format!("coalesce({column}, {none}::uuid)"),
        _ => format!("coalesce({column}, {none})"),
    };
    let all = all.split(", ").map(uuid).collect::<Vec<_>>().join(", ");
    let one = format!("CREATE UNIQUE INDEX uq_entry_current ON entry (item, line, {all}) WHERE superseded_at IS NULL");
    m.get_connection().execute_unprepared(&one).await?;
    Ok(())
}

async fn steps_and_documents(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let steps = [
        "STRATEGY_RECORD",
        "ENQUIRIES",
        "ENQUIRY_OUTCOME",
        "PREPARATION",
        "SOCIAL_WORK_REPORT",
        "MINUTES",
        "CORE_GROUP_MINUTES",
        "DETAILED_PLAN",
        "PLAN_SIGN_OFF",
        "CIN_PLAN",
    ];
    on_a_record("finished_step")
        .code("step", &steps)
        .at("finished_at")
        .refers("finished_by", "practitioner")
        .refers("agency_id", "agency")
        .create(m)
        .await?;
    found_by_record(m, "finished_step").await?;
    let documents = [
        "STRATEGY_OUTCOME",
        "STRATEGY_RECORD",
        "SOCIAL_WORK_REPORT",
        "DECISIONS",
        "MINUTES",
        "CORE_GROUP_PAPERS",
        "PLAN",
    ];
    on_a_record("document_issue")
        .code("document", &documents)
        .flag("unfinished")
        .at("issued_at")
        .refers("issued_by", "practitioner")
        .refers("agency_id", "agency")
        .at("recorded_at")
        .create(m)
        .await?;
    found_by_record(m, "document_issue").await?;
    Shape::with_id("document_copy")
        .refers("document_issue_id", "document_issue")
        .refers_opt("agency_id", "agency")
        .refers_opt("person_id", "person")
        .at_opt("received_at")
        .refers_opt("received_by", "practitioner")
        .unique(&["document_issue_id", "agency_id", "person_id"])
        .create(m)
        .await
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        enquiries(m).await?;
        entries(m).await?;
        steps_and_documents(m).await?;
        more_words(m, ("deadline", "kind"), LAST_KIND, KINDS).await?;
        // a worklist goes by this, however many children its reader works with
        m.get_connection().execute_unprepared("CREATE INDEX ix_deadline_due_at_id ON deadline (due_at, id)").await?;
        let uuid = if m.get_database_backend() == DatabaseBackend::Postgres { "uuid" } else { "uuid_text" };
        for table in EVENT {
            let sql = format!(
                "ALTER TABLE event ADD COLUMN {table}_id {uuid} CONSTRAINT fk_event_{table}_id REFERENCES {table} (id)"
            );
            m.get_connection().execute_unprepared(&sql).await?;
        }
        m.get_connection().execute_unprepared("ALTER TABLE event ADD COLUMN audience varchar(40)").await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        db.execute_unprepared("DELETE FROM event WHERE audience IS NOT NULL").await?;
        db.execute_unprepared("ALTER TABLE event DROP COLUMN audience").await?;
        for table in EVENT {
            db.execute_unprepared(&format!("DELETE FROM event WHERE {table}_id IS NOT NULL")).await?;
            db.execute_unprepared(&format!("ALTER TABLE event DROP COLUMN {table}_id")).await?;
        }
        db.execute_unprepared("DROP INDEX ix_deadline_due_at_id").await?;
        let kinds = KINDS.iter().map(|kind| format!("'{kind}'")).collect::<Vec<_>>().join(", ");
        db.execute_unprepared(&format!(
            "DELETE FROM event WHERE deadline_id IN (SELECT id FROM deadline WHERE kind IN ({kinds}))"
        ))
        .await?;
        db.execute_unprepared(&format!("DELETE FROM deadline WHERE kind IN ({kinds})")).await?;
        drop_all(m, &["enquiry", "entry", "finished_step", "document_issue", "document_copy"]).await
    }
}
