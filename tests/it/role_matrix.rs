//! Guard: who sees what, as a table one can read. Every object with a global id and every root field has its row;
//! a new one fails here until it has a sample.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::jobs::call_meeting;
use crate::support::App;

const PERSONAS: [&str; 15] = [
    "social_worker",
    "team_manager",
    "service_manager",
    "chair",
    "minute_taker",
    "police",
    "health_visitor",
    "school_dsl",
    "early_help",
    "housing",
    "system_admin",
    "auditor",
    "police_elsewhere",
    "health_elsewhere",
    "school_elsewhere",
];

/// One query that reaches a sample of every object of the first family.
const SAMPLES: &str = "query($n: String!) {
  viewer { practitioner { __typename id } agency { __typename id } localAuthority { __typename id } }
  findChild(by: {nhsNumber: $n}) { __typename id
    household { __typename id members { nodes { __typename id person { __typename id } } } }
    involvements { nodes { __typename id } }
    currentPlan { __typename id actions { nodes { __typename id } }
      coreGroup { __typename id members { nodes { __typename id } } lastMeeting { __typename id } } } }
  strategyMeetings { nodes { __typename id children { nodes { __typename id } } } }
  conferences(filter: {until: \"2026-11-24T09:00:00Z\"}) { nodes { __typename id
    children(first: 3) { nodes { __typename id child { __typename id } } }
    invitations(first: 10) { nodes { __typename id } }
    reports(first: 10) { nodes { __typename id } } reportRequests(first: 10) { nodes { __typename id } } } } }";

/// Root fields asked without a sample: each with the selection that makes it a question.
const ROOTS: &[(&str, &str)] = &[
    ("agencies", "agencies { nodes { id } }"),
    ("children", "children { nodes { id } }"),
    ("conferences", "conferences { nodes { id } }"),
    ("events", "events { nodes { kind } }"),
    ("nonAttendance", "nonAttendance(groupBy: []) { buckets { unrecorded } }"),
    ("reportRequests", "reportRequests { nodes { id } }"),
    ("strategyMeetings", "strategyMeetings { nodes { id } }"),
    ("viewer", "viewer { posts }"),
];

/// Root fields that take an id or a name: walked by the rows of objects, or by the tests of their noun.
const BY_SAMPLE: &[&str] =
    &["accessLog", "child", "conference", "conferenceReport", "findChild", "node", "nodes", "strategyMeeting"];

fn collect(value: &Value, out: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) => {
            if let (Some(Value::String(kind)), Some(Value::String(id))) = (map.get("__typename"), map.get("id")) {
                out.entry(kind.clone()).or_insert_with(|| id.clone());
            }
            map.values().for_each(|v| collect(v, out));
        }
        Value::Array(list) => list.iter().for_each(|v| collect(v, out)),
        _ => {}
    }
}

fn line(label: &str, cells: &[String]) -> String {
    let cells = cells.iter().fold(String::new(), |row, cell| row + &format!("{cell:>9}"));
    format!("{label:<24}{cells}\n")
}

async fn walk(app: App) {
    call_meeting(&app, "6f0d5b0e-1111-4222-8333-dddddddddddd").await;
    let number = json!({"n": quorate::demo::first_nhs_number()});
    let mut samples = BTreeMap::new();
    collect(&app.data("social_worker", SAMPLES, number).await, &mut samples);

    let sdl = quorate::graphql::sdl();
    for kind in sdl.lines().filter_map(|l| l.strip_prefix("type ")?.strip_suffix(" implements Node {")) {
        assert!(samples.contains_key(kind), "{kind} has no sample: add it to SAMPLES");
    }
    let query = sdl.split("\ntype Query {").nth(1).unwrap().split("\n}").next().unwrap();
    for field in query.lines().filter_map(|l| l.strip_prefix('\t')) {
        let name: String = field.chars().take_while(char::is_ascii_alphanumeric).collect();
        let is_field =
            name.starts_with(|c: char| c.is_ascii_lowercase()) && field[name.len()..].starts_with(['(', ':']);
        let known = ROOTS.iter().any(|(n, _)| *n == name) || BY_SAMPLE.contains(&name.as_str());
        assert!(known || !is_field, "root field {name} has no row: add it to ROOTS");
    }

    let short: Vec<_> = PERSONAS.iter().map(|p| p.replace("elsewhere", "el").chars().take(8).collect()).collect();
    let mut table = line("object of the family", &short);
    for (kind, id) in &samples {
        let mut cells = Vec::new();
        for persona in PERSONAS {
            let body = app.ask(persona, "query($id: ID!) { node(id: $id) { id } }", json!({"id": id})).await;
            let seen = body["data"]["node"]["id"] == json!(id);
            assert!(seen || body["errors"][0]["extensions"]["code"] == "NOT_FOUND", "{persona} {kind}: {body}");
            cells.push(if seen { "sees" } else { "·" }.to_owned());
        }
        table += &line(kind, &cells);
    }
    table += &line("\nroot field", &[]);
    for (name, selection) in ROOTS {
        let mut cells = Vec::new();
        for persona in PERSONAS {
            let body = app.ask(persona, &format!("{{ {selection} }}"), json!({})).await;
            let nodes = body["data"][name]["nodes"].as_array().map(Vec::len);
            cells.push(match (body["errors"][0]["extensions"]["code"].as_str(), nodes) {
                (Some(_), _) => "refused".to_owned(),
                (None, Some(0)) => "empty".to_owned(),
                (None, _) => "answers".to_owned(),
            });
        }
        table += &line(name, &cells);
    }
    let golden = include_str!("role_matrix.txt");
    assert!(table == golden, "read the difference, then commit it as tests/it/role_matrix.txt:\n{table}");
}

both!(a_table, super::walk);
