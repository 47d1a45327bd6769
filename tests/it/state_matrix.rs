//! Guard: what a relationship makes of it. Every object of the first family, for every persona, as its relationships are
//! none, to come, in force and over, without a place on any reader list, and under a conflict of interest: as a table one
//! can read, `state_matrix.txt`. What each field shows in force is in `role_matrix.txt`.

use std::fmt::Write as _;

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::jobs::call_meeting;
use crate::role_matrix::{break_glass, record_conflict, release_report};
use crate::support::App;
use crate::support::contents::connect;
use crate::support::files::attach;
use crate::support::plant::literal;
use crate::support::samples::Samples;
use crate::support::walk::Walk;

/// A state of all relationships, and the statements that bring it about.
struct State {
    name: &'static str,
    statements: Vec<String>,
}

/// The states; each begins where the demo stands.
async fn states(app: &App) -> Vec<State> {
    let db = connect(&app.url).await;
    let uuid = |id| literal(db.get_database_backend(), id);
    let elsewhere = "(SELECT id FROM agency WHERE name = 'Lancashire Police')";
    let period = |starts: &str, ends: &str| format!("UPDATE involvement SET starts_at = '{starts}', ends_at = {ends}");
    let child = app.first_child("social_worker").await;
    let (_, child) = quorate::graphql::id::split(&child.as_str().unwrap().into()).unwrap();
    let conflicts = quorate::demo::personas().into_iter().map(|persona| {
        let (who, agency) = (uuid(persona.practitioner.0), uuid(persona.agency_id.0));
        format!(
            "INSERT INTO conflict (id, practitioner_id, child_id, kind, reason, starts_at, recorded_by, recorded_at_agency_id)
             VALUES ({}, {who}, {}, 'FAMILY', 'Kin.', '2026-11-20T00:00:00+00:00', {who}, {agency})",
            uuid(app.clock.new_id()),
            uuid(child)
        )
    });
    let state = |name, statements| State { name, statements };
    vec![
        state(
            "none",
            vec![format!("UPDATE involvement SET agency_id = {elsewhere}, practitioner_id = NULL, team_id = NULL")],
        ),
        state("to come", vec![period("2026-12-24T00:00:00+00:00", "NULL")]),
        state("in force", vec![]),
        state("over", vec![period("2026-11-01T00:00:00+00:00", "'2026-11-23T00:00:00+00:00'")]),
        state(
            "in force, on no reader list",
            vec![
                "UPDATE reader_listing SET starts_at = '2026-11-01T00:00:00+00:00', \
                  ends_at = '2026-11-02T00:00:00+00:00'"
                    .to_owned(),
            ],
        ),
        state("in force, in conflict", conflicts.collect()),
    ]
}

/// What a state changes, to be put back: the columns by their table.
const CHANGED: [(&str, &[&str]); 2] = [
    ("involvement", &["agency_id", "practitioner_id", "team_id", "starts_at", "ends_at"]),
    ("reader_listing", &["starts_at", "ends_at"]),
];

async fn run(app: &App, statements: &[String]) {
    let db = connect(&app.url).await;
    for statement in statements {
        db.execute_unprepared(statement).await.unwrap_or_else(|e| panic!("{statement}: {e}"));
    }
}

fn keep() -> Vec<String> {
    CHANGED.map(|(table, _)| format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).to_vec()
}

fn put_back() -> Vec<String> {
    let mut all = vec!["DELETE FROM conflict WHERE reason = 'Kin.'".to_owned()];
    for (table, columns) in CHANGED {
        let old = |column: &&str| format!("{column} = (SELECT k.{column} FROM kept_{table} k WHERE k.id = {table}.id)");
        let old: Vec<_> = columns.iter().map(old).collect();
        all.push(format!("UPDATE {table} SET {}", old.join(", ")));
    }
    all
}

/// Absent, seen whole, or the categories that are withheld.
fn cell(body: &Value) -> String {
    let node = &body["data"]["node"];
    if !node.is_object() {
        let code = &body["errors"][0]["extensions"]["code"];
        assert!(code == "NOT_FOUND" || code == "FORBIDDEN", "{body}");
        return "·".to_owned();
    }
    let withheld = node["withheld"].as_array().map(Vec::as_slice).unwrap_or_default();
    let marks = withheld.iter().filter_map(Value::as_str).map(|word| word.chars().take(4).collect::<String>());
    let marks = marks.collect::<Vec<_>>().join("+").to_lowercase();
    if marks.is_empty() { "sees".to_owned() } else { format!("-{marks}") }
}

/// Cells in columns.
fn line(cells: impl Iterator<Item = String>) -> String {
    let row = cells.fold(String::new(), |mut row, cell| {
        let _ = write!(row, "{cell:>11}");
        row
    });
    row.trim_end().to_owned()
}

async fn every_state(app: App) {
    let meeting = call_meeting(&app, "6f0d5b0e-1111-4222-8333-dddddddddddd").await;
    record_conflict(&app).await;
    break_glass(&app).await;
    release_report(&app).await;
    attach(&app).await;
    let samples = Samples::new(&app, &quorate::demo::first_nhs_number(), &meeting).await;
    let walk = Walk::new();
    let personas: Vec<_> = quorate::demo::personas().into_iter().map(|p| p.key).collect();
    let short = personas.iter().map(|p| p.replace("elsewhere", "else").replace("manager", "mgr"));
    let head = line(short.map(|p| p.chars().take(10).collect()));
    run(&app, &keep()).await;
    let mut text = String::new();
    for state in states(&app).await {
        run(&app, &state.statements).await;
        let _ = writeln!(text, "{:<28}{head}", state.name);
        for kind in walk.nodes() {
            let withheld = walk.fields(&kind).iter().any(|field| field.name.as_str() == "withheld");
            let fields = if withheld { "id withheld" } else { "id" };
            let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ {fields} }} }} }}");
            let mut cells = Vec::new();
            for persona in &personas {
                cells.push(cell(&app.ask(persona, &query, json!({"id": samples.of(&kind)})).await));
            }
            let _ = writeln!(text, "{kind:<28}{}", line(cells.into_iter()));
        }
        text.push('\n');
        run(&app, &put_back()).await;
    }
    let golden = include_str!("state_matrix.txt");
    if text != golden {
        let new = std::env::temp_dir().join("quorate-state-matrix.txt");
        std::fs::write(&new, &text).unwrap();
        let changed: Vec<_> = text.lines().filter(|l| !golden.lines().any(|g| g == *l)).collect();
        let new = new.display();
        panic!("read the difference, then commit {new} as tests/it/state_matrix.txt:\n{}", changed.join("\n"));
    }
}

both!(a_table, super::every_state);
