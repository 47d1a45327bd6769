//! Relationships that a meeting or a plan gave end with it: those that were left open are closed.
//!
//! The rule counts working days, which SQL does not know: the days here are the longest that ten and fifteen of them
//! take, over Christmas, to the end of the last. Nobody loses a record sooner than by the rule.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Ten working days.
const STRATEGY: u32 = 20;
/// Fifteen working days.
const CONFERENCE: u32 = 27;
/// Three months: chair and minute taker of a conference whose outcome is not recorded can still record it.
const POSTS: u32 = 92;

/// How one of the databases writes what both have to be told.
struct Dialect(DatabaseBackend);

impl Dialect {
    const TEXT: &str = "'%Y-%m-%dT%H:%M:%S+00:00'";

    /// So many days after an instant, and after the relationship began in any case.
    fn after(&self, instant: &str, days: u32) -> String {
        match self.0 {
            DatabaseBackend::Postgres => {
                format!("GREATEST({instant} + INTERVAL '{days} days', involvement.starts_at + INTERVAL '1 second')")
            }
            _ => format!(
                "max(strftime({text}, {instant}, '+{days} days'), \
                 strftime({text}, involvement.starts_at, '+1 second'))",
                text = Self::TEXT
            ),
        }
    }

    /// The end of a day, as an instant.
    fn end_of(&self, day: &str) -> String {
        match self.0 {
            DatabaseBackend::Postgres => format!("(({day} + 1)::timestamp AT TIME ZONE 'Europe/London')"),
            _ => format!("strftime({}, {day}, '+1 day')", Self::TEXT),
        }
    }

    /// The day of an instant.
    fn day(&self, instant: &str) -> String {
        match self.0 {
            DatabaseBackend::Postgres => format!("({instant} AT TIME ZONE 'UTC')::date"),
            _ => format!("date({instant})"),
        }
    }

    fn now(&self) -> String {
        match self.0 {
            DatabaseBackend::Postgres => "now()".into(),
            _ => format!("strftime({}, 'now')", Self::TEXT),
        }
    }

    fn statements(&self) -> Vec<String> {
        let open = |bases: &str| format!("involvement.basis IN ({bases}) AND involvement.ends_at IS NULL");
        let of = |table: &str, bases: &str, instant: &str, days: u32, status: &str| {
            format!(
                "UPDATE involvement SET ends_at = \
                 (SELECT {ends} FROM {table} m WHERE m.id = involvement.{table}_id) WHERE {open} AND \
                 EXISTS (SELECT 1 FROM {table} m WHERE m.id = involvement.{table}_id AND {status})",
                ends = self.after(instant, days),
                open = open(bases),
            )
        };
        let (posts, all) = ("'CHAIR', 'MINUTE_TAKER'", "'CONFERENCE_INVITATION', 'CHAIR', 'MINUTE_TAKER'");
        let held = "COALESCE(m.held_at, m.scheduled_at)";
        // the plan a membership came with is the first that ended after it began
        let ended = format!(
            "p.child_id = involvement.child_id AND p.kind = 'CP' AND p.ends_on > {}",
            self.day("involvement.starts_at")
        );
        let group = open("'CORE_GROUP'");
        vec![
            of("strategy_meeting", "'STRATEGY_INVITATION'", held, STRATEGY, "m.status <> 'CANCELLED'"),
            of("strategy_meeting", "'STRATEGY_INVITATION'", held, 0, "m.status = 'CANCELLED'"),
            of("conference", all, "m.scheduled_at", 0, "m.status = 'CANCELLED'"),
            of("conference", all, "m.scheduled_at", CONFERENCE, "m.status = 'CONCLUDED'"),
            of("conference", posts, "m.scheduled_at", POSTS, "m.status IN ('SCHEDULED', 'HELD')"),
            of("conference", all, "m.scheduled_at", CONFERENCE, "m.status IN ('SCHEDULED', 'HELD')"),
            format!(
                "UPDATE involvement SET ends_at = (SELECT {} FROM plan p WHERE {ended}) \
                 WHERE {group} AND EXISTS (SELECT 1 FROM plan p WHERE {ended})",
                self.after(&self.end_of("min(p.ends_on)"), 0)
            ),
            format!(
                "UPDATE involvement SET ends_at = {} WHERE {group} AND NOT EXISTS (SELECT 1 FROM plan p \
                 WHERE p.child_id = involvement.child_id AND p.kind = 'CP' AND p.ends_on IS NULL)",
                self.after(&self.now(), 0)
            ),
        ]
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for statement in Dialect(m.get_database_backend()).statements() {
            m.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    /// Nothing is opened again: an end that stands is right under the older tables as well.
    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}
