//! What may not be seen is as if it were not there: with the hidden rows in the database and without them, the answers
//! to everything the schema lets ask are the same, byte for byte.
//!
//! `QUORATE_PROOF=long` asks as every persona, and takes each kind of row away by itself as well.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait as _, DatabaseBackend, TransactionTrait as _};
use uuid::Uuid;

use crate::support::App;
use crate::support::contents::Beside;
use crate::support::expected::Facts;
use crate::support::plant::literal;
use crate::support::stage::Stage;
use crate::support::sweep::{Found, Sweep, is_long};
use crate::support::tries::tries;

/// The kinds of rows that somebody must not see, each hidden from at least one of those who ask.
const KINDS: [&str; 24] = [
    "attachment",
    "chair_delegation",
    "child",
    "conference",
    "conference_child",
    "conference_report",
    "conflict",
    "core_group",
    "core_group_meeting",
    "core_group_member",
    "emergency_access",
    "event",
    "household",
    "invitation",
    "involvement",
    "membership",
    "notice",
    "person",
    "plan",
    "plan_action",
    "reader_listing",
    "report_request",
    "restricted_item",
    "strategy_meeting",
];

/// Takes rows away and puts them back.
struct Shelf<'s> {
    db: &'s Beside,
    tables: BTreeSet<&'static str>,
}

impl<'s> Shelf<'s> {
    async fn new(db: &'s Beside, tables: BTreeSet<&'static str>) -> Self {
        for table in &tables {
            db.execute_unprepared(&format!("CREATE TABLE shelf_{table} AS SELECT * FROM {table}")).await.unwrap();
        }
        Self { db, tables }
    }

    /// Runs statements past the keys that tie rows to each other.
    async fn run(&self, statements: &[String]) {
        let sqlite = self.db.get_database_backend() == DatabaseBackend::Sqlite;
        if sqlite {
            self.db.execute_unprepared("PRAGMA foreign_keys = OFF").await.unwrap();
        }
        let change = self.db.begin().await.unwrap();
        if !sqlite {
            change.execute_unprepared("SET LOCAL session_replication_role = 'replica'").await.unwrap();
        }
        for statement in statements {
            change.execute_unprepared(statement).await.unwrap();
        }
        change.commit().await.unwrap();
    }

    async fn take(&self, rows: &[(&'static str, Uuid)]) {
        let mut by_table: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (table, id) in rows {
            by_table.entry(table).or_default().push(literal(self.db.get_database_backend(), *id));
        }
        let all = by_table.iter().flat_map(|(table, ids)| {
            ids.chunks(200).map(move |ids| format!("DELETE FROM {table} WHERE id IN ({})", ids.join(", ")))
        });
        self.run(&all.collect::<Vec<_>>()).await;
    }

    async fn put_back(&self) {
        let all = self.tables.iter().map(|table| {
            format!("INSERT INTO {table} SELECT * FROM shelf_{table} WHERE id NOT IN (SELECT id FROM {table})")
        });
        self.run(&all.collect::<Vec<_>>()).await;
    }
}

async fn hidden_is_absent(app: App) {
    let stage = Stage::set(app).await;
    // a colleague of the family: everything of the first child is closed to the police
    stage.close("police").await;
    let inputs = stage.inputs().await;
    let since = stage.events_ago(20).await;
    let mut hidden_kinds = BTreeSet::new();
    let mut keys = 1000;
    let mut personas = if stage.everybody_asks() {
        vec!["school_dsl", "police", "named_doctor"]
    } else {
        vec!["police", "chair", "housing"]
    };
    if is_long() {
        personas = Stage::personas().into_iter().filter(|key| *key != "auditor").collect();
    }
    let facts = Facts::read(&stage.db, stage.app.clock.now()).await;
    let shelf = Shelf::new(&stage.db, facts.tables().into_values().collect()).await;
    for persona in personas {
        let mut found = Found { answers: Some(vec![]), ..Found::default() };
        let mut hidden = Vec::new();
        let work = async |sweep: &mut Sweep<'_>| {
            hidden = sweep.eyes.hidden();
            sweep.queries(&stage.given(sweep.facts)).await;
            sweep.objects().await;
            sweep.pages().await;
            sweep.subscriptions(&since).await;
            tries(sweep, &inputs, &mut keys).await;
        };
        stage.turn(persona, &mut found, work).await;
        let answers = found.answers.take().unwrap();
        assert!(answers.len() > 150, "{persona} asked {} things", answers.len());
        hidden_kinds.extend(hidden.iter().map(|(table, _)| *table));
        let mut without = vec![hidden.clone()];
        if is_long() {
            let kinds =
                KINDS.map(|kind| hidden.iter().filter(|(table, _)| *table == kind).copied().collect::<Vec<_>>());
            without.extend(kinds.into_iter().filter(|rows| !rows.is_empty()));
        }
        for rows in without {
            shelf.take(&rows).await;
            let mut other = None;
            let work = async |sweep: &mut Sweep<'_>| other = sweep.otherwise(&answers).await;
            stage.turn(persona, &mut found, work).await;
            shelf.put_back().await;
            let kinds: BTreeSet<_> = rows.iter().map(|(table, _)| *table).collect();
            assert_eq!(other, None, "{persona} without {kinds:?}");
        }
    }
    for kind in KINDS {
        assert!(hidden_kinds.contains(kind), "no {kind} was hidden from anybody");
    }
}

both!(a_hidden_row, super::hidden_is_absent);
