//! Guard: who sees and does what, as a table one can read. Every object, every field of an object, every query,
//! mutation and subscription has its row for every persona; a new one fails here until it has a sample.

use serde_json::{Value, json};

use crate::jobs::{call_meeting, open_request, report};
use crate::support::files::attach;
use crate::support::samples::Samples;
use crate::support::walk::Walk;
use crate::support::{App, key};

/// Objects without a global id: which root field shows them.
const SHOWN_BY: &[(&str, &str)] = &[
    ("AccessEvent", "accessLog"),
    ("AccessSummary", "viewer"),
    ("AgencyReferenceSummary", "child"),
    ("ChildMatchResult", "matchChild"),
    ("DeadlineExplanationSummary", "deadline"),
    ("SkippedDaySummary", "deadline"),
    ("RecordSummary", "conference"),
    ("ConferenceAttendanceSummary", "conference"),
    ("QuorumSummary", "conference"),
    ("CountedAgencySummary", "conference"),
    ("NotCountedAgencySummary", "conference"),
    ("QuorumShortfallSummary", "conference"),
    ("NonAttenderSummary", "conference"),
    ("GapSummary", "conference"),
    ("RecordPathSummary", "conference"),
    ("NextCoreGroupSummary", "child"),
    ("EntryChangeSummary", "conference"),
    ("ScoresSummary", "conference"),
    ("RecordItemSummary", "recordItems"),
    ("ReportTemplateSummary", "reportTemplates"),
    ("ReportTemplateItemSummary", "reportTemplates"),
    ("ReportTemplateNameSummary", "conferenceReport"),
    ("ReportReceiptSummary", "conferenceReport"),
    ("ReportChangeSummary", "conferenceReport"),
    ("ReportCopySummary", "conferenceReport"),
    ("FamilyCopySummary", "conferenceReport"),
    ("FamilyCopyLineSummary", "conferenceReport"),
    ("FamilyCopyRowSummary", "conferenceReport"),
    ("ConferenceBundleSummary", "conference"),
    ("MergedRowSummary", "conference"),
    ("SubmittedReportResult", "submitConferenceReports"),
    ("PracticeProfileSummary", "practiceProfile"),
    ("PracticeStandardSummary", "practiceProfile"),
    ("EmergencyContactSummary", "emergencyAccess"),
    ("EmergencySummary", "emergencyAccess"),
    ("AccessAlertEvent", "alerts"),
    ("ExportPageResult", "exportRows"),
    ("ExportRowSummary", "exportRows"),
    ("ExportEntryPageResult", "exportEntries"),
    ("ExportEntrySummary", "exportEntries"),
    ("FeedEvent", "events"),
    ("FeedResumedEvent", "feed"),
    ("NonAttendanceSummary", "nonAttendance"),
    ("PlanComparisonSummary", "child"),
    ("PlanStatusSummary", "planStatus"),
    ("TransferActionSummary", "transferShare"),
    ("TransferConferenceSummary", "transferShare"),
    ("TransferContactSummary", "transferShare"),
    ("TransferIdentitySummary", "transferShare"),
    ("TransferPlanSummary", "transferShare"),
    ("TransferStatementsSummary", "transferShare"),
    ("NonAttendanceBucket", "nonAttendance"),
    ("NonAttendanceMethodSummary", "nonAttendance"),
    ("RateSummary", "nonAttendance"),
    ("FunnelSummary", "nonAttendance"),
    ("TrendSummary", "nonAttendance"),
    ("StreakSummary", "nonAttendance"),
    ("UserError", "every mutation"),
    ("ViewerSummary", "viewer"),
];

/// The parts every list and write is wrapped in.
fn is_wrapper(name: &str) -> bool {
    ["Connection", "Edge", "Payload"].iter().any(|end| name.ends_with(end))
        || ["PageInfo", "Query", "Mutation", "Subscription"].contains(&name)
}

struct Table<'a> {
    app: &'a App,
    walk: Walk,
    personas: Vec<&'static str>,
    samples: Samples,
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
        self.samples.of(kind)
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
                "transferShare" => format!("(id: \"{}\")", self.sample("TransferShare")),
                "deadline" => format!("(id: \"{}\")", self.sample("Deadline")),
                "allegation" => format!("(id: \"{}\")", self.sample("Allegation")),
                "conference" => format!("(id: \"{}\")", self.sample("Conference")),
                "conferenceReport" => format!("(id: \"{}\")", self.sample("ConferenceReport")),
                "emergencyAccess" => format!("(id: \"{}\")", self.sample("EmergencyAccess")),
                "strategyMeeting" => format!("(id: \"{}\")", self.sample("StrategyMeeting")),
                "nodes" => format!("(ids: [\"{}\"])", self.sample("Child")),
                "findChild" | "matchChild" => format!("(by: {{nhsNumber: \"{first_child}\"}})"),
                "accessLog" | "planStatus" => format!("(childId: \"{}\")", self.sample("Child")),
                "export" => format!("(id: \"{}\")", self.sample("Export")),
                "exportRows" | "exportEntries" => format!("(exportId: \"{}\")", self.sample("Export")),
                "reportTemplate" => "(code: \"SCHOOL\")".to_owned(),
                "accessReview" => "(quarter: \"2026-Q3\")".to_owned(),
                "nonAttendance" => "(groupBy: [])".to_owned(),
                "recordItems" => "(record: CONFERENCE)".to_owned(),
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
            let input = self.samples.input(self.app, &name).await;
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
pub async fn release_report(app: &App) {
    let request = open_request(app, "early_help").await;
    let submit = "mutation($input: SubmitConferenceReportInput!) { it: submitConferenceReport(input: $input) {
      conferenceReport { id } } }";
    let sent = app.data("early_help", submit, report(&request, &key(87))).await["it"]["conferenceReport"].clone();
    let release = "mutation($input: ReleaseConferenceReportInput!) { it: releaseConferenceReport(input: $input) {
      conferenceReport { state } } }";
    let input = json!({"idempotencyKey": key(85), "conferenceReportId": sent["id"]});
    let done = app.data("chair", release, json!({"input": input})).await["it"]["conferenceReport"].clone();
    assert_eq!(done["state"], "RELEASED");
}

/// A conflict of somebody who is not among the family's professionals, so that the table shows one.
pub async fn record_conflict(app: &App) {
    let stranger = app.data("health_elsewhere", "{ viewer { practitioner { id } } }", json!({})).await;
    let input = json!({"idempotencyKey": key(89), "childId": app.first_child("team_manager").await, "kind": "PERSONAL",
      "practitionerId": stranger["viewer"]["practitioner"]["id"], "reason": "Neighbours."});
    let query = "mutation($input: RecordConflictInput!) { it: recordConflict(input: $input) { userErrors { code } } }";
    assert_eq!(app.data("team_manager", query, json!({"input": input})).await["it"]["userErrors"], json!([]));
}

/// A use of emergency access by the police about the first family, so that there is one with its notices.
pub async fn break_glass(app: &App) {
    let born = "query($n: String!) { findChild(by: {nhsNumber: $n}) { nhsNumber bornOn } }";
    let by = app.data("police", born, json!({"n": quorate::demo::first_nhs_number()})).await["findChild"].clone();
    let input = json!({"idempotencyKey": key(88), "by": {"nhsNumber": by}, "reason": "IMMEDIATE_DANGER",
      "explanation": "A caller heard screams next door."});
    let query = "mutation($input: OpenEmergencyAccessInput!) { it: openEmergencyAccess(input: $input) {
      emergencyAccess { id } } }";
    assert!(app.data("police", query, json!({"input": input})).await["it"]["emergencyAccess"].is_object());
}

async fn walk(app: App) {
    let meeting = call_meeting(&app, "6f0d5b0e-1111-4222-8333-dddddddddddd").await;
    record_conflict(&app).await;
    break_glass(&app).await;
    release_report(&app).await;
    attach(&app).await;
    let samples = Samples::new(&app, &quorate::demo::first_nhs_number(), &meeting).await;
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
