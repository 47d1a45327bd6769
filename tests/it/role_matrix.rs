//! Guard: who sees and does what, as a table one can read. Every object, every field of an object, every query,
//! mutation and subscription has its row for every persona; a new one fails here until it has a sample.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::jobs::{call_meeting, open_request, report};
use crate::support::walk::Walk;
use crate::support::{App, key};

/// One query that reaches a sample of every object of the first family: no other conference is at that hour, and the
/// meeting is the one just called.
const SAMPLES: &str = "query($n: String!, $meeting: ID!) {
  viewer { practitioner { __typename id } agency { __typename id } localAuthority { __typename id } }
  findChild(by: {nhsNumber: $n}) { __typename id
    restrictedItems { nodes { __typename id readers { nodes { __typename id } } } }
    household { __typename id members { nodes { __typename id person { __typename id } } } }
    involvements { nodes { __typename id } } conflicts { nodes { __typename id } }
    currentPlan { __typename id actions { nodes { __typename id } }
      coreGroup { __typename id members { nodes { __typename id } } lastMeeting { __typename id } } } }
  strategyMeeting(id: $meeting) { __typename id children { nodes { __typename id } } }
  conferences(filter: {from: \"2026-12-08T10:00:00Z\", until: \"2026-12-08T10:01:00Z\"}) { nodes { __typename id
    children(first: 3) { nodes { __typename id } }
    invitations(first: 10) { nodes { __typename id } }
    reports(first: 10) { nodes { __typename id } } reportRequests(first: 10) { nodes { __typename id } } } } }";

/// Objects without a global id: which root field shows them.
const SHOWN_BY: &[(&str, &str)] = &[
    ("AccessSummary", "viewer"),
    ("AccessEvent", "accessLog"),
    ("FeedEvent", "events"),
    ("NonAttendanceSummary", "nonAttendance"),
    ("NonAttendanceBucket", "nonAttendance"),
    ("UserError", "every mutation"),
    ("ViewerSummary", "viewer"),
];

/// The parts every list and write is wrapped in.
fn is_wrapper(name: &str) -> bool {
    ["Connection", "Edge", "Payload"].iter().any(|end| name.ends_with(end))
        || ["PageInfo", "Query", "Mutation", "Subscription"].contains(&name)
}

/// The first row of each kind in an answer.
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

struct Table<'a> {
    app: &'a App,
    walk: Walk,
    personas: Vec<&'static str>,
    samples: BTreeMap<String, String>,
    text: String,
}

impl Table<'_> {
    fn head(&mut self, title: &str) {
        let short = self.personas.iter().map(|p| p.replace("elsewhere", "else").replace("manager", "mgr"));
        let cells = short.map(|p| p.chars().take(9).collect()).collect::<Vec<_>>();
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.line(title, &cells);
    }

    fn line(&mut self, label: &str, cells: &[String]) {
        let row = cells.iter().fold(format!("{label:<44}"), |row, cell| row + &format!("{cell:>11}"));
        self.text += row.trim_end();
        self.text.push('\n');
    }

    fn sample(&self, kind: &str) -> &str {
        self.samples.get(kind).unwrap_or_else(|| panic!("{kind} has no sample: add it to SAMPLES"))
    }

    /// Every object, and below it every field that holds a value of its own.
    async fn objects(&mut self) {
        for (name, _) in self.walk.objects() {
            let known = self.walk.nodes().contains(&name) || is_wrapper(&name);
            assert!(
                known || SHOWN_BY.iter().any(|(n, _)| *n == name),
                "{name} is shown by no root field: see SHOWN_BY"
            );
        }
        self.head("object of the first family, and its fields");
        for kind in self.walk.nodes() {
            let leaves = self.walk.leaves(&kind);
            let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ {} }} }} }}", leaves.join(" "));
            let id = json!({"id": self.sample(&kind)});
            let mut answers = Vec::new();
            for persona in self.personas.clone() {
                let body = self.app.ask(persona, &query, id.clone()).await;
                let node = body["data"]["node"].clone();
                let code = body["errors"][0]["extensions"]["code"].clone();
                assert!(node.is_object() || code == "NOT_FOUND" || code == "FORBIDDEN", "{persona} {kind}: {body}");
                answers.push(node);
            }
            let cell = |seen: bool| if seen { "sees" } else { "·" }.to_owned();
            self.line(&kind, &answers.iter().map(|a| cell(a.is_object())).collect::<Vec<_>>());
            for leaf in leaves {
                let cells: Vec<_> = answers.iter().map(|a| field_cell(a, &leaf)).collect();
                self.line(&format!("  {leaf}"), &cells);
            }
        }
    }

    /// Every query.
    async fn queries(&mut self) {
        self.head("query");
        for field in self.walk.fields("Query") {
            let name = field.name.as_str();
            let first_child = quorate::demo::first_nhs_number();
            let arguments = match name {
                "child" | "node" => format!("(id: \"{}\")", self.sample("Child")),
                "conference" => format!("(id: \"{}\")", self.sample("Conference")),
                "conferenceReport" => format!("(id: \"{}\")", self.sample("ConferenceReport")),
                "strategyMeeting" => format!("(id: \"{}\")", self.sample("StrategyMeeting")),
                "nodes" => format!("(ids: [\"{}\"])", self.sample("Child")),
                "findChild" => format!("(by: {{nhsNumber: \"{first_child}\"}})"),
                "accessLog" => format!("(childId: \"{}\")", self.sample("Child")),
                "nonAttendance" => "(groupBy: [])".to_owned(),
                _ => {
                    let needs = field.arguments.iter().any(|a| a.is_required());
                    assert!(!needs, "query {name} needs an argument: name a sample here");
                    String::new()
                }
            };
            let kind = field.ty.inner_named_type();
            let selection =
                if kind.ends_with("Connection") { "nodes { __typename }".into() } else { "__typename".to_owned() };
            let query = format!("{{ it: {name}{arguments} {{ {selection} }} }}");
            let mut cells = Vec::new();
            for persona in self.personas.clone() {
                let body = self.app.ask(persona, &query, json!({})).await;
                cells.push(query_cell(&body));
            }
            self.line(name, &cells);
        }
    }

    /// Every mutation, as a dry run over rows of the first family.
    async fn mutations(&mut self) {
        self.head("mutation (as a dry run)");
        for field in self.walk.fields("Mutation") {
            let name = field.name.to_string();
            let input = self.input(&name).await;
            let capital = name[..1].to_uppercase() + &name[1..];
            let query = format!(
                "mutation($input: {capital}Input!) {{ it: {name}(input: $input) {{ userErrors {{ field code }} }} }}"
            );
            let mut cells = Vec::new();
            for persona in self.personas.clone() {
                let mut input = input.clone();
                input["dryRun"] = true.into();
                input["idempotencyKey"] = key(90).into();
                cells.push(mutation_cell(&self.app.ask(persona, &query, json!({"input": input})).await));
            }
            self.line(&name, &cells);
        }
    }

    /// A sample input of a mutation, without its key.
    async fn input(&self, mutation: &str) -> Value {
        let police = self.app.agency("Warwickshire Police").await;
        let child = self.sample("Child");
        let mut input = match mutation {
            "callStrategyMeeting" => json!({"childIds": [child], "reason": "?", "scheduledAt": "2026-11-25T09:00:00Z",
              "invitees": [{"agencyId": police}]}),
            "recordStrategyMeetingOutcome" => json!({"strategyMeetingId": self.sample("StrategyMeeting"),
              "heldAt": "2026-11-24T09:00:00Z", "outcomeSummary": "?",
              "decisions": [{"childId": child, "decision": "NO_FURTHER_ACTION"}]}),
            "scheduleConference" => json!({"childIds": [child], "kind": "REVIEW", "venue": "?",
              "scheduledAt": "2026-12-20T09:00:00Z", "chairId": self.sample("Practitioner"),
              "invitees": [{"agencyId": police}]}),
            "replyToInvitation" => json!({"invitationId": self.upcoming("invitations").await,
              "reply": "ATTENDING"}),
            "submitConferenceReport" => json!({"reportRequestId": self.upcoming("reportRequests").await,
              "involvement": "?", "worries": "?", "strengths": "?"}),
            "recordConferenceAttendance" => json!({"conferenceId": self.upcoming("").await,
              "entries": [{"agencyId": police, "attendance": "REMOTE"}]}),
            "recordConferenceOutcome" => json!({"conferenceId": self.upcoming("").await,
              "outcomes": [{"childId": child, "outcome": "CP_PLAN_ENDS"}]}),
            "recordCoreGroupMeeting" => json!({"coreGroupId": self.sample("CoreGroup"),
              "heldAt": "2026-11-24T09:00:00Z", "progress": "?",
              "attendance": [{"agencyId": police, "attendance": "REMOTE"}]}),
            "grantInvolvement" => json!({"childId": child, "reason": "?",
              "agencyId": self.app.agency("Warwickshire Transport Police").await}),
            "markLocating" => json!({"involvementId": self.sample("Involvement"), "locates": true}),
            "endInvolvement" => json!({"involvementId": self.sample("Involvement")}),
            "recordConflict" => json!({"childId": child, "kind": "PERSONAL", "reason": "?"}),
            "endConflict" => json!({"conflictId": self.sample("Conflict")}),
            "recordRestrictedItem" => json!({"childId": child, "kind": "RESTRICTED", "text": "?"}),
            "listReader" => {
                json!({"on": {"restrictedItem": {"id": self.sample("RestrictedItem"), "expectedVersion": 1}},
              "agencyId": self.app.agency("Warwickshire Community Health Trust").await})
            }
            "unlistReader" => json!({"readerListingId": self.sample("ReaderListing")}),
            "releaseConferenceReport" => json!({"conferenceReportId": self.sample("ConferenceReport")}),
            other => panic!("mutation {other} has no sample input: add it here"),
        };
        let versioned = ["strategyMeetingId", "conferenceId", "invitationId", "coreGroupId"];
        if let Some(id) = versioned.iter().find_map(|field| input.get(*field)).cloned() {
            input["expectedVersion"] = self.version(&id).await;
        }
        input
    }

    async fn version(&self, id: &Value) -> Value {
        let query = "query($id: ID!) { node(id: $id) { ... on StrategyMeeting { version } ... on Conference { version }
          ... on Invitation { version } ... on CoreGroup { version } } }";
        self.app.data("social_worker", query, json!({"id": id})).await["node"]["version"].clone()
    }

    /// The review of the first family that is still to come, or what the police are asked for it.
    async fn upcoming(&self, list: &str) -> Value {
        let query = "query($c: ID!) { conferences(filter: {status: SCHEDULED}, first: 100) { nodes { id
          children(first: 10) { nodes { child { id } } }
          invitations(first: 20) { nodes { id agency { name } } }
          reportRequests(first: 60) { nodes { id agency { name } } } } } node(id: $c) { id } }";
        let data = self.app.data("social_worker", query, json!({"c": self.sample("Child")})).await;
        let conferences = data["conferences"]["nodes"].as_array().unwrap();
        let of_child = |c: &&Value| {
            c["children"]["nodes"].as_array().unwrap().iter().any(|n| n["child"]["id"] == self.sample("Child"))
        };
        let conference = conferences.iter().find(of_child).expect("the first family has a conference to come");
        if list.is_empty() {
            return conference["id"].clone();
        }
        let rows = conference[list]["nodes"].as_array().unwrap();
        rows.iter().find(|r| r["agency"]["name"] == "Warwickshire Police").unwrap()["id"].clone()
    }

    /// Every subscription, opened over server-sent events.
    async fn subscriptions(&mut self) {
        self.head("subscription");
        for field in self.walk.fields("Subscription") {
            let query = format!("subscription {{ {} {{ __typename }} }}", field.name);
            let mut cells = Vec::new();
            for persona in self.personas.clone() {
                let status = self.app.opens_stream(persona, &query).await;
                cells.push(if status == 200 { "listens" } else { "refused" }.to_owned());
            }
            self.line(&field.name, &cells);
        }
    }
}

fn field_cell(answer: &Value, leaf: &str) -> String {
    match answer.get(leaf) {
        None => String::new(),
        Some(Value::Null) => "null".to_owned(),
        Some(Value::Array(list)) if leaf == "withheld" => {
            let marks = list.iter().filter_map(Value::as_str).map(|w| w.split('_').next().unwrap_or(w).to_lowercase());
            let mut marks: Vec<String> = marks.map(|m| m.chars().take(4).collect()).collect();
            if marks.is_empty() {
                marks.push("–".into());
            }
            marks.join("+")
        }
        Some(_) => "•".to_owned(),
    }
}

fn query_cell(body: &Value) -> String {
    let it = &body["data"]["it"];
    match (body["errors"][0]["extensions"]["code"].as_str(), it["nodes"].as_array()) {
        (Some("NOT_FOUND"), _) => "absent",
        (Some(_), _) => "refused",
        (None, Some(rows)) if rows.is_empty() => "empty",
        (None, _) => "answers",
    }
    .to_owned()
}

fn mutation_cell(body: &Value) -> String {
    let errors = body["data"]["it"]["userErrors"].as_array();
    let unknown_child =
        |e: &Value| e["code"] == "UNKNOWN_REFERENCE" && e["field"].as_str().is_some_and(|f| f.starts_with("childIds"));
    match (body["errors"][0]["extensions"]["code"].as_str(), errors) {
        (Some("NOT_FOUND"), _) => "absent",
        (Some("FORBIDDEN"), _) => "refused",
        (None, Some(errors)) if errors.iter().any(unknown_child) => "absent",
        (None, Some(_)) => "may",
        _ => panic!("{body}"),
    }
    .to_owned()
}

/// A released report for the review that is to come: chairs and minute takers have the conferences assigned to them now.
async fn release_report(app: &App) {
    let request = open_request(app, "early_help").await;
    let submit = "mutation($input: SubmitConferenceReportInput!) { it: submitConferenceReport(input: $input) {
      conferenceReport { id } } }";
    let sent = app.data("early_help", submit, report(&request, &key(87))).await["it"]["conferenceReport"].clone();
    let release = "mutation($input: ReleaseConferenceReportInput!) { it: releaseConferenceReport(input: $input) {
      conferenceReport { state } } }";
    let input = json!({"idempotencyKey": key(88), "conferenceReportId": sent["id"]});
    let done = app.data("chair", release, json!({"input": input})).await["it"]["conferenceReport"].clone();
    assert_eq!(done["state"], "RELEASED");
}

/// A conflict of somebody who is not among the family's professionals, so that the table shows one.
async fn record_conflict(app: &App) {
    let stranger = app.data("health_elsewhere", "{ viewer { practitioner { id } } }", json!({})).await;
    let input = json!({"idempotencyKey": key(89), "childId": app.first_child("team_manager").await, "kind": "PERSONAL",
      "practitionerId": stranger["viewer"]["practitioner"]["id"], "reason": "Neighbours."});
    let query = "mutation($input: RecordConflictInput!) { it: recordConflict(input: $input) { userErrors { code } } }";
    assert_eq!(app.data("team_manager", query, json!({"input": input})).await["it"]["userErrors"], json!([]));
}

async fn walk(app: App) {
    let meeting = call_meeting(&app, "6f0d5b0e-1111-4222-8333-dddddddddddd").await;
    record_conflict(&app).await;
    release_report(&app).await;
    let about = json!({"n": quorate::demo::first_nhs_number(), "meeting": meeting["id"]});
    let mut samples = BTreeMap::new();
    collect(&app.data("social_worker", SAMPLES, about).await, &mut samples);
    let personas = quorate::demo::personas().into_iter().map(|p| p.key).collect();
    let mut table = Table { app: &app, walk: Walk::new(), personas, samples, text: String::new() };
    table.objects().await;
    table.queries().await;
    table.mutations().await;
    table.subscriptions().await;
    let golden = include_str!("role_matrix.txt");
    if table.text != golden {
        let new = std::env::temp_dir().join("quorate-role-matrix.txt");
        std::fs::write(&new, &table.text).unwrap();
        let changed: Vec<_> = table.text.lines().filter(|l| !golden.lines().any(|g| g == *l)).collect();
        panic!(
            "read the difference, then commit {} as tests/it/role_matrix.txt:\n{}",
            new.display(),
            changed.join("\n")
        );
    }
}

both!(a_table, super::walk);
