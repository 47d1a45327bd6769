//! Allegations against professionals: who reads one, the meetings and conflicts of interest that come from one.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::shape::{Shape, drop_all};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &["allegation"];

/// Tables that learn to name an allegation.
const NAMING: &[&str] = &["strategy_meeting", "conflict", "event"];

/// The columns of a reader list before there were allegations.
const LISTING: &str = "id, restricted_item_id, household_id, agency_id, practitioner_id, starts_at, ends_at, listed_by";

const INDEXES: &[&[&str]] = &[
    &["restricted_item_id", "id"],
    &["household_id", "id"],
    &["agency_id", "restricted_item_id"],
    &["agency_id", "household_id"],
];

fn count(columns: &[&str]) -> String {
    let each = columns.iter().map(|column| format!("CASE WHEN {column} IS NULL THEN 0 ELSE 1 END"));
    each.collect::<Vec<_>>().join(" + ")
}

/// Exactly one list, and an allegation's is of people by name.
fn rules(allegations: bool) -> Vec<(&'static str, String)> {
    if allegations {
        let one = format!("{} = 1", count(&["restricted_item_id", "household_id", "allegation_id"]));
        vec![("one", one), ("named", "allegation_id IS NULL OR practitioner_id IS NOT NULL".into())]
    } else {
        vec![("one", "(restricted_item_id IS NULL) <> (household_id IS NULL)".into())]
    }
}

/// The reader lists under other rules. SQLite changes no rule of a table that stands: the table is made anew, and the
/// feed's references moved to it.
async fn relist(m: &SchemaManager<'_>, allegations: bool) -> Result<(), DbErr> {
    let db = m.get_connection();
    let mut statements: Vec<String> = Vec::new();
    if m.get_database_backend() == DatabaseBackend::Postgres {
        let change = |what: String| format!("ALTER TABLE reader_listing {what}");
        for (name, _) in rules(!allegations) {
            statements.push(change(format!("DROP CONSTRAINT ck_reader_listing_{name}")));
        }
        statements.push(change(if allegations {
            "ADD COLUMN allegation_id uuid CONSTRAINT fk_reader_listing_allegation_id REFERENCES allegation (id)".into()
        } else {
            "DROP COLUMN allegation_id".into()
        }));
        for (name, rule) in rules(allegations) {
            statements.push(change(format!("ADD CONSTRAINT ck_reader_listing_{name} CHECK ({rule})")));
        }
    } else {
        statements.extend(INDEXES.iter().map(|columns| format!("DROP INDEX ix_reader_listing_{}", columns.join("_"))));
        if !allegations {
            statements.push("DROP INDEX ix_reader_listing_allegation_id_id".into());
        }
        statements.push("ALTER TABLE reader_listing RENAME TO reader_listing_before".into());
        for statement in statements.drain(..) {
            db.execute_unprepared(&statement).await?;
        }
        listing(allegations).create(m).await?;
        statements.extend([
            format!("INSERT INTO reader_listing ({LISTING}) SELECT {LISTING} FROM reader_listing_before"),
            "ALTER TABLE event ADD COLUMN kept uuid_text".into(),
            "UPDATE event SET kept = reader_listing_id WHERE reader_listing_id IS NOT NULL".into(),
            "ALTER TABLE event DROP COLUMN reader_listing_id".into(),
            "ALTER TABLE event ADD COLUMN reader_listing_id uuid_text \
             CONSTRAINT fk_event_reader_listing_id REFERENCES reader_listing (id)"
                .into(),
            "UPDATE event SET reader_listing_id = kept WHERE kept IS NOT NULL".into(),
            "ALTER TABLE event DROP COLUMN kept".into(),
            "DROP TABLE reader_listing_before".into(),
        ]);
    }
    if allegations && m.get_database_backend() == DatabaseBackend::Postgres {
        statements.push("CREATE INDEX ix_reader_listing_allegation_id_id ON reader_listing (allegation_id, id)".into());
    }
    for statement in statements {
        db.execute_unprepared(&statement).await?;
    }
    Ok(())
}

fn listing(allegations: bool) -> Shape {
    let mut shape = Shape::with_id("reader_listing")
        .refers_opt("restricted_item_id", "restricted_item")
        .refers_opt("household_id", "household");
    if allegations {
        shape = shape.refers_opt("allegation_id", "allegation").index(&["allegation_id", "id"]);
    }
    shape = shape
        .refers("agency_id", "agency")
        .refers_opt("practitioner_id", "practitioner")
        .at("starts_at")
        .at_opt("ends_at")
        .refers("listed_by", "practitioner")
        .check("period", Expr::col("ends_at").is_null().or(Expr::col("ends_at").gt(Expr::col("starts_at"))));
    for (name, rule) in rules(allegations) {
        shape = shape.check(name, Expr::cust(rule));
    }
    INDEXES.iter().fold(shape, |shape, columns| shape.index(columns))
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        allegation().create(m).await?;
        let db = m.get_connection();
        let uuid = if m.get_database_backend() == DatabaseBackend::Postgres { "uuid" } else { "uuid_text" };
        for table in NAMING {
            let sql = format!(
                "ALTER TABLE {table} ADD COLUMN allegation_id {uuid} \
                 CONSTRAINT fk_{table}_allegation_id REFERENCES allegation (id)"
            );
            db.execute_unprepared(&sql).await?;
        }
        db.execute_unprepared(
            "CREATE INDEX ix_strategy_meeting_allegation_id ON strategy_meeting (allegation_id) \
             WHERE allegation_id IS NOT NULL",
        )
        .await?;
        db.execute_unprepared("ALTER TABLE strategy_meeting_child ADD COLUMN discreet boolean NOT NULL DEFAULT FALSE")
            .await?;
        relist(m, true).await
    }

    /// What an allegation gave goes with it. A meeting that was about a professional would be an ordinary one under the
    /// older rules, open to who must not know of it: such a database is not taken back.
    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let db = m.get_connection();
        let found = db
            .query_one_raw(sea_orm_migration::sea_orm::Statement::from_string(
                m.get_database_backend(),
                "SELECT id FROM strategy_meeting WHERE allegation_id IS NOT NULL LIMIT 1",
            ))
            .await?;
        if found.is_some() {
            return Err(DbErr::Migration("there are meetings about professionals, which would open to all".into()));
        }
        db.execute_unprepared(
            "DELETE FROM event WHERE allegation_id IS NOT NULL \
             OR reader_listing_id IN (SELECT id FROM reader_listing WHERE allegation_id IS NOT NULL)",
        )
        .await?;
        db.execute_unprepared("DELETE FROM reader_listing WHERE allegation_id IS NOT NULL").await?;
        relist(m, false).await?;
        db.execute_unprepared("ALTER TABLE strategy_meeting_child DROP COLUMN discreet").await?;
        db.execute_unprepared("DROP INDEX ix_strategy_meeting_allegation_id").await?;
        for table in NAMING {
            db.execute_unprepared(&format!("ALTER TABLE {table} DROP COLUMN allegation_id")).await?;
        }
        drop_all(m, TABLES).await
    }
}

fn allegation() -> Shape {
    let closed = "(status = 'CLOSED') = (outcome IS NOT NULL) AND (status = 'CLOSED') = (closed_at IS NOT NULL)";
    Shape::with_id("allegation")
        .refers("local_authority_id", "local_authority")
        .refers("subject_id", "practitioner")
        .refers("subject_agency_id", "agency")
        .refers("referring_agency_id", "agency")
        .refers("referred_by", "practitioner")
        .refers_opt("lead_id", "practitioner")
        .refers_opt("child_id", "child")
        .text("text")
        .at("known_at")
        .at("referral_due_at")
        .at("received_at")
        .code("status", &["OPEN", "CLOSED"])
        .code_opt("outcome", &["SUBSTANTIATED", "MALICIOUS", "FALSE", "UNSUBSTANTIATED", "UNFOUNDED"])
        .at_opt("closed_at")
        .long("version")
        .check("closed", Expr::cust(closed))
        .check("referrer", Expr::col("referred_by").ne(Expr::col("subject_id")))
        .check("lead", Expr::col("lead_id").is_null().or(Expr::col("lead_id").ne(Expr::col("subject_id"))))
        .check("known", Expr::col("known_at").lte(Expr::col("received_at")))
        .index(&["local_authority_id", "received_at", "id"])
        .index(&["subject_id"])
        .index(&["referred_by"])
        .index(&["lead_id"])
}
