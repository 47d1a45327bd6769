//! Reading ahead is faster and never another truth: everything the schema lets ask is answered by a server that reads
//! ahead and by one that does not, byte for byte the same.
//!
//! `QUORATE_PROOF=long` asks as every persona.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use serde_json::json;

use crate::support::contents::connect;
use crate::support::stage::Stage;
use crate::support::sweep::{Found, Sweep, is_long};
use crate::support::{App, reads_ahead};

async fn both_ways(app: App) {
    let mut stage = Stage::set(app).await;
    let mut personas = if stage.everybody_asks() {
        vec!["school_dsl", "chair", "service_manager"]
    } else {
        vec!["social_worker", "police", "named_doctor"]
    };
    if is_long() {
        personas = Stage::personas();
    }
    let (ahead, level_by_level) = (stage.app.endpoint.clone(), stage.app.beside_that_reads_late());
    for persona in personas {
        stage.app.endpoint.clone_from(&ahead);
        let mut found = Found { answers: Some(vec![]), ..Found::default() };
        let work = async |sweep: &mut Sweep<'_>| {
            sweep.queries(&stage.given(sweep.facts)).await;
            sweep.objects().await;
            sweep.pages().await;
        };
        stage.turn(persona, &mut found, work).await;
        let answers = found.answers.take().unwrap();
        assert!(answers.len() > 100, "{persona} asked {} things", answers.len());
        stage.app.endpoint.clone_from(&level_by_level);
        let mut other = None;
        let work = async |sweep: &mut Sweep<'_>| other = sweep.otherwise(&answers).await;
        stage.turn(persona, &mut found, work).await;
        assert_eq!(other, None, "{persona}");
    }
}

/// A text that is kept from one request serves another of its shape only: pages of other lengths, other readers.
async fn one_after_the_other(mut app: App) {
    let document = "query($n: Int!, $m: Int!, $skip: Boolean!) { conferences(first: $n) { nodes { id
      invitations(first: $m) { nodes { id agency { name } } } children { nodes { child { givenName
        household @skip(if: $skip) { members(first: $m) { nodes { id } } } } } } } } }";
    let (ahead, level_by_level) = (app.endpoint.clone(), app.beside_that_reads_late());
    for persona in ["service_manager", "police", "chair", "social_worker", "school_dsl", "team_manager"] {
        for (n, m, skip) in
            [(1, 20, false), (50, 20, false), (2, 2, true), (50, 2, true), (50, 2, false), (3, 20, false)]
        {
            let variables = json!({"n": n, "m": m, "skip": skip});
            app.endpoint.clone_from(&ahead);
            let first = app.data(persona, document, variables.clone()).await;
            app.endpoint.clone_from(&level_by_level);
            assert_eq!(first, app.data(persona, document, variables).await, "{persona} {n} {m} {skip}");
        }
    }
}

/// The documents that are measured under load, with who asks them.
const DOCUMENTS: [(&str, &str, &str); 4] = [
    ("W1", "health_visitor", include_str!("../../benches/documents/w1.graphql")),
    ("W2", "police", include_str!("../../benches/documents/w2.graphql")),
    ("W3", "service_manager", include_str!("../../benches/documents/w3.graphql")),
    ("W6", "chair", include_str!("../../benches/documents/w6.graphql")),
];

/// How many statements each takes: the post, the rows, and the access record, which is one statement on PostgreSQL and
/// four inside a transaction on SQLite (its head read, rows, index, head moved). Figures are of no child: the record of
/// them has no index.
async fn statements(app: App) {
    if !reads_ahead() {
        return;
    }
    let sqlite = app.url.starts_with("sqlite");
    for (name, persona, document) in DOCUMENTS {
        let variables = json!({"id": app.first_child(persona_with_children(persona)).await,
          "from": if name == "W3" { "2024-11-24" } else { "2026-11-24T09:00:00Z" }, "until": "2026-11-24"});
        let ask = async || app.data(persona, document, variables.clone()).await;
        ask().await;
        let before = app.statements.load(Ordering::SeqCst);
        let data = ask().await;
        let count = app.statements.load(Ordering::SeqCst) - before;
        let expected = match (name, sqlite) {
            (_, false) => 3,
            ("W3", true) => 5,
            (_, true) => 6,
        };
        assert_eq!(count, expected, "{name}: {data:.300}");
    }
}

fn persona_with_children(persona: &'static str) -> &'static str {
    if persona == "service_manager" { "social_worker" } else { persona }
}

/// What one statement reads is one state: two columns that are always written together are always read together.
async fn one_snapshot(app: App) {
    let child = app.first_child("social_worker").await;
    let document = "query($id: ID!) { child(id: $id) { givenName currentPlan { safetyStatement } } }";
    let data = app.data("social_worker", document, json!({"id": child})).await;
    assert!(data["child"]["currentPlan"].is_object(), "{data}");
    let db = connect(&app.url).await;
    let over = Arc::new(AtomicBool::new(false));
    let ended = over.clone();
    let writer = tokio::spawn(async move {
        let mut n = 0;
        while !ended.load(Ordering::SeqCst) {
            n += 1;
            let change = db.begin().await.unwrap();
            change.execute_unprepared(&format!("UPDATE plan SET safety_statement = 'v{n}'")).await.unwrap();
            change.execute_unprepared(&format!("UPDATE child SET given_name = 'v{n}'")).await.unwrap();
            change.commit().await.unwrap();
            // SQLite lets one write at a time, and the access record waits for its turn
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    let mut seen = BTreeSet::new();
    for _ in 0..150 {
        let data = app.data("social_worker", document, json!({"id": child})).await;
        let (name, plan) = (&data["child"]["givenName"], &data["child"]["currentPlan"]["safetyStatement"]);
        let written = name.as_str().is_some_and(|name| name.starts_with('v'));
        assert!(!written || name == plan, "half of a change was read: {data}");
        seen.insert(name.to_string());
    }
    over.store(true, Ordering::SeqCst);
    writer.await.unwrap();
    assert!(seen.len() > 10, "it was written meanwhile: {seen:?}");
}

both!(or_level_by_level, super::both_ways);
both!(whatever_came_before, super::one_after_the_other);
both!(in_a_few_statements, super::statements);
both!(in_one_snapshot, super::one_snapshot);
