//! The four jobs the API is for, driven as their users drive them.

use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::Duration;

use quorate::demo;
use serde_json::{Value, json};

use crate::support::App;
use crate::support::node::Node;

const SUBMIT: &str = "mutation($input: SubmitConferenceReportInput!) {
  submitConferenceReport(input: $input) {
    conferenceReport { id receipt { sha256 says timeliness token } afterConference state worries author { fullName } }
    userErrors { field code message }
  }
}";

pub fn report(request: &str, key: &str) -> Value {
    json!({"input": {
        "idempotencyKey": key, "reportRequestId": request,
        "involvement": "Known since reception.", "worries": "Comes without breakfast.",
        "strengths": "Mother comes to every talk.", "childVoice": "I want breakfast.", "safetyScore": 4,
        "recommendation": "CP_PLAN", "sharedWithFamilyOn": "2026-11-23",
    }})
}

pub async fn open_request(app: &App, persona: &str) -> String {
    request_of_the_first_family(app, persona, "OPEN").await
}

async fn an_agency_finds_its_child_and_reports(app: App) {
    let find = "query($by: FindChildInput!) { findChild(by: $by) { id givenName familyName bornOn nhsNumber upn } }";
    let nhs = json!({"by": {"nhsNumber": demo::first_nhs_number()}});
    let child = app.data("school_dsl", find, nhs.clone()).await["findChild"].clone();
    for by in [
        json!({"upn": child["upn"]}),
        json!({"nameAndBirthDate": {
            "givenName": "AMELIA", "familyName": child["familyName"], "bornOn": child["bornOn"] }}),
    ] {
        assert_eq!(app.data("school_dsl", find, json!({"by": by})).await["findChild"], child);
    }
    // absent and invisible are one answer
    let stranger = app.ask("school_elsewhere", find, nhs).await;
    let nobody = app.ask("school_elsewhere", find, json!({"by": {"nhsNumber": "9999999999"}})).await;
    assert_eq!(stranger, nobody);
    assert_eq!(stranger["errors"][0]["extensions"]["code"], "NOT_FOUND");
    let by_id = json!({"id": child["id"]});
    assert_eq!(
        app.code("school_elsewhere", "query($id: ID!) { child(id: $id) { id } }", by_id.clone()).await,
        "NOT_FOUND"
    );
    assert_eq!(app.code("school_elsewhere", "query($id: ID!) { node(id: $id) { id } }", by_id).await, "NOT_FOUND");

    let request = open_request(&app, "school_dsl").await;
    let variables = report(&request, "6f0d5b0e-1111-4222-8333-444444444444");
    let done = app.data("school_dsl", SUBMIT, variables.clone()).await["submitConferenceReport"].clone();
    assert_eq!(done["userErrors"], json!([]));
    let again = app.data("school_dsl", SUBMIT, variables.clone()).await["submitConferenceReport"].clone();
    assert_eq!(done, again, "a retry answers the same");
    let mut other = variables.clone();
    other["input"]["worries"] = "Something else.".into();
    assert_eq!(app.code("school_dsl", SUBMIT, other).await, "IDEMPOTENCY_MISMATCH");

    let read =
        "query($id: ID!) { conferenceReport(id: $id) { worries childVoice safetyScore reportRequest { status } } }";
    let id = json!({"id": done["conferenceReport"]["id"]});
    let back = app.data("school_dsl", read, id.clone()).await["conferenceReport"].clone();
    assert_eq!(back["worries"], "Comes without breakfast.");
    assert_eq!(back["reportRequest"]["status"], "DONE");
    // before its release other partners do not see it; the chair does
    assert_eq!(app.code("police", read, id.clone()).await, "NOT_FOUND");
    assert_eq!(app.data("chair", read, id).await["conferenceReport"]["safetyScore"], 4);

    let mut second = variables;
    second["input"]["idempotencyKey"] = "6f0d5b0e-1111-4222-8333-555555555555".into();
    let refused = app.data("school_dsl", SUBMIT, second).await["submitConferenceReport"].clone();
    assert_eq!(refused["userErrors"][0]["code"], "ALREADY_DONE");
}

const SCREEN: &str = "query($n: Int!) { conferences(first: $n) { nodes { kind status
  children(first: 10) { nodes { outcome child { givenName
    household { addressStatus members(first: 10) { nodes { relationship person { givenName } child { givenName } } } }
    currentPlan { kind startsOn actions(first: 10) { nodes { description ownerAgency { name } } }
      coreGroup { lastMeeting { heldAt progress } } } } } }
  invitations { nodes { agency { name } attendance reply reportStatus } } } } }";

async fn a_screen_is_one_query(app: App) {
    let mut counts = Vec::new();
    for n in [1, 50] {
        app.data("service_manager", SCREEN, json!({"n": n})).await;
        let before = app.statements.load(Ordering::SeqCst);
        let data = app.data("service_manager", SCREEN, json!({"n": n})).await;
        counts.push(app.statements.load(Ordering::SeqCst) - before);
        let conferences = data["conferences"]["nodes"].as_array().unwrap();
        assert!(conferences.len() > usize::from(n > 1) * 5, "{}", conferences.len());
        assert!(conferences[0]["invitations"]["nodes"].as_array().unwrap().len() > 3);
        assert!(conferences.iter().any(|c| c["children"]["nodes"][0]["child"]["household"].is_object()));
    }
    // one statement for each place of the document that reads, two for the household, one for the list of its address,
    // one for what would locate a child, one for the post, four for the access record: its head read, rows, index, head
    // moved. Two places that read the same noun share a statement when they happen to ask in the same moment, so fewer
    // is right as well.
    assert!(counts.iter().all(|n| *n <= 22), "statements do not grow with rows: {counts:?}");
}

const CALL: &str = "mutation($input: CallStrategyMeetingInput!) {
  callStrategyMeeting(input: $input) { strategyMeeting { id version } userErrors { field code message } } }";

pub async fn call_meeting(app: &App, key: &str) -> Value {
    let find = "query($n: String!) { findChild(by: {nhsNumber: $n}) { id }
      police: agencies(kind: POLICE) { nodes { id name } } health: agencies(kind: HEALTH) { nodes { id name } } }";
    let data = app.data("social_worker", find, json!({"n": demo::first_nhs_number()})).await;
    let agency = |kind: &str, name: &str| {
        let nodes = data[kind]["nodes"].as_array().unwrap();
        nodes.iter().find(|a| a["name"] == name).unwrap()["id"].clone()
    };
    let input = json!({"input": {
        "idempotencyKey": key, "childIds": [data["findChild"]["id"]], "reason": "An injury nobody explains.",
        "scheduledAt": "2026-11-24T15:00:00Z",
        "invitees": [
            {"agencyId": agency("police", "Warwickshire Police")},
            {"agencyId": agency("health", "Warwickshire Community Health Trust")},
        ],
    }});
    let done = app.data("social_worker", CALL, input).await["callStrategyMeeting"].clone();
    assert_eq!(done["userErrors"], json!([]));
    done["strategyMeeting"].clone()
}

async fn a_subscriber_hears_at_once_and_catches_up(app: App) {
    let document = "subscription { strategyMeetingCalled { cursor kind strategyMeeting { id reason } } }";
    let Some(police) = Node::persona(&app, "police", document) else { return };
    // involved with the child, not invited: must hear nothing
    let Some(school) = Node::persona(&app, "school_dsl", document) else { return };
    assert!(police.next("connected").await.is_some() && school.next("connected").await.is_some());
    tokio::time::sleep(Duration::from_millis(300)).await;
    let meeting = call_meeting(&app, "6f0d5b0e-1111-4222-8333-666666666666").await;
    let started = std::time::Instant::now();
    let heard = police.next("next").await.expect("the police hear of it");
    assert!(started.elapsed() < Duration::from_secs(1));
    let event = &heard["payload"]["data"]["strategyMeetingCalled"];
    assert_eq!(event["strategyMeeting"]["id"], meeting["id"]);
    assert_eq!(event["strategyMeeting"]["reason"], "An injury nobody explains.");
    assert!(school.next("next").await.is_none(), "not invited, not told");

    drop(police);
    let missed = call_meeting(&app, "6f0d5b0e-1111-4222-8333-777777777777").await;
    let after = event["cursor"].as_str().unwrap();
    let document =
        format!("subscription {{ strategyMeetingCalled(after: \"{after}\") {{ strategyMeeting {{ id }} }} }}");
    let police = Node::persona(&app, "police", &document).unwrap();
    let heard = police.next("next").await.expect("what was missed is replayed");
    assert_eq!(heard["payload"]["data"]["strategyMeetingCalled"]["strategyMeeting"]["id"], missed["id"]);
    // the pull twin gives the same
    let pull = format!("{{ events(after: \"{after}\") {{ nodes {{ kind strategyMeeting {{ id }} }} }} }}");
    let nodes = app.data("police", &pull, json!({})).await["events"]["nodes"].clone();
    assert_eq!(nodes, json!([{"kind": "STRATEGY_MEETING_CALLED", "strategyMeeting": {"id": missed["id"]}}]));
    let pull = format!(
        "{{ events(after: \"{after}\") {{ nodes {{ kind }} }} strategyMeetings(first: 100) {{ nodes {{ id }} }} }}"
    );
    let seen = app.data("school_dsl", &pull, json!({})).await;
    assert_eq!(seen["events"]["nodes"], json!([]));
    let meetings = seen["strategyMeetings"]["nodes"].as_array().unwrap();
    assert!(meetings.iter().all(|m| m["id"] != meeting["id"] && m["id"] != missed["id"]));
}

async fn a_conference_runs_to_its_outcome(app: App) {
    let upcoming =
        "{ conferences(filter: {status: SCHEDULED, from: \"2026-12-08T10:00:00Z\", until: \"2026-12-08T10:01:00Z\"}) {
      nodes { id version children { nodes { child { id } } } invitations { nodes { agency { id } } } } } }";
    let conference = app.data("chair", upcoming, json!({})).await["conferences"]["nodes"][0].clone();
    app.clock.advance(chrono::Duration::days(14) + chrono::Duration::hours(4));
    let Some(health) =
        Node::persona(&app, "health_visitor", "subscription { conferenceOutcomeRecorded { conference { status } } }")
    else {
        return;
    };
    assert!(health.next("connected").await.is_some());
    let entries: Vec<_> = conference["invitations"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| json!({"agencyId": i["agency"]["id"], "attendance": "IN_PERSON"}))
        .collect();
    let attend = "mutation($input: RecordConferenceAttendanceInput!) { recordConferenceAttendance(input: $input) {
      conference { version quorate } userErrors { field code } } }";
    let input = json!({"idempotencyKey": "6f0d5b0e-1111-4222-8333-888888888888", "conferenceId": conference["id"],
      "expectedVersion": conference["version"], "entries": entries});
    assert_eq!(app.code("social_worker", attend, json!({"input": input})).await, "FORBIDDEN");
    let held = app.data("minute_taker", attend, json!({"input": input})).await["recordConferenceAttendance"].clone();
    assert_eq!(held["conference"]["quorate"], true, "{held}");
    let decide = "mutation($input: RecordConferenceOutcomeInput!) { recordConferenceOutcome(input: $input) {
      conference { status children { nodes { outcome child { currentPlan { kind } } } } } userErrors { field code message } } }";
    let outcomes: Vec<_> = conference["children"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| json!({"childId": c["child"]["id"], "outcome": "CP_PLAN_ENDS"}))
        .collect();
    let mut input = json!({"idempotencyKey": "6f0d5b0e-1111-4222-8333-999999999999", "conferenceId": conference["id"],
      "expectedVersion": conference["version"], "outcomes": outcomes});
    assert_eq!(app.code("chair", decide, json!({"input": input})).await, "CONFLICT", "a stale version");
    input["expectedVersion"] = held["conference"]["version"].clone();
    let done = app.data("chair", decide, json!({"input": input})).await["recordConferenceOutcome"].clone();
    assert_eq!(done["conference"]["status"], "CONCLUDED", "{done}");
    for child in done["conference"]["children"]["nodes"].as_array().unwrap() {
        assert_eq!(child["child"]["currentPlan"], Value::Null);
    }
    let heard = health.next("next").await.expect("those invited hear of the outcome");
    assert_eq!(heard["payload"]["data"]["conferenceOutcomeRecorded"]["conference"]["status"], "CONCLUDED");
    // what comes afterwards is taken, and says so
    let request = request_of_the_first_family(&app, "police", "OVERDUE").await;
    let late = app.data("police", SUBMIT, report(&request, "6f0d5b0e-1111-4222-8333-aaaaaaaaaaaa")).await;
    let late = late["submitConferenceReport"]["conferenceReport"].clone();
    assert_eq!(late["afterConference"], true, "{late}");
    assert_eq!(late["receipt"]["says"], "after the conference");
}

/// A request for the review of the family the personas work with: the only conference at that hour.
async fn request_of_the_first_family(app: &App, persona: &str, status: &str) -> String {
    let query = "query($status: ReportRequestStatus) { reportRequests(status: $status, first: 100) {
      nodes { id conference { scheduledAt } } } }";
    let data = app.data(persona, query, json!({"status": status})).await;
    let nodes = data["reportRequests"]["nodes"].as_array().unwrap();
    let of_family = |n: &&Value| n["conference"]["scheduledAt"].as_str().unwrap().starts_with("2026-12-08T10:00:00");
    nodes.iter().find(of_family).unwrap()["id"].as_str().unwrap().to_owned()
}

async fn a_chair_counts_non_attendance(app: App) {
    let ask = "query($by: [NonAttendanceDimension!]!) { nonAttendance(groupBy: $by) { buckets { month agency { name }
      invitations attended apologies noWord unrecorded reportsOnTime reportsLate reportsMissing } } }";
    let mut totals = Vec::new();
    for by in [json!(["AGENCY"]), json!(["MONTH"]), json!(["AGENCY", "MONTH"]), json!([])] {
        let data = app.data("chair", ask, json!({"by": by})).await;
        let buckets = data["nonAttendance"]["buckets"].as_array().unwrap().clone();
        let sum = |field: &str| buckets.iter().map(|b| b[field].as_i64().unwrap()).sum::<i64>();
        assert_eq!(sum("invitations"), sum("attended") + sum("apologies") + sum("noWord") + sum("unrecorded"));
        totals.push((sum("invitations"), sum("noWord"), sum("reportsMissing")));
        assert!(by != json!(["AGENCY"]) || buckets.len() > 5);
        assert!(by != json!(["MONTH"]) || buckets.iter().all(|b| b["month"].as_str().unwrap().ends_with("-01")));
    }
    assert!(totals[0].0 > 50 && totals.iter().all(|t| *t == totals[0]), "{totals:?}");
    // an agency sees its own figures only, and small counts are suppressed
    let own = app.data("school_dsl", ask, json!({"by": ["AGENCY"]})).await;
    let buckets = own["nonAttendance"]["buckets"].as_array().unwrap();
    assert_eq!(buckets.len(), 1);
    assert_eq!(buckets[0]["agency"]["name"], "Warwickshire Oakfield Primary School");
    assert_eq!(app.code("system_admin", ask, json!({"by": []})).await, "FORBIDDEN");
}

both!(an_agency, super::an_agency_finds_its_child_and_reports);
both!(a_front_end, super::a_screen_is_one_query);
both!(a_subscriber, super::a_subscriber_hears_at_once_and_catches_up);
both!(a_conference, super::a_conference_runs_to_its_outcome);
both!(a_chair, super::a_chair_counts_non_attendance);

/// A socket with as many live operations as it may have goes on serving. Operations that moved only while the socket
/// listened once held every database connection that the next one waited for.
async fn a_full_socket_goes_on(app: App) {
    #[expect(clippy::disallowed_methods, reason = "where the npm client is")]
    let Ok(clients) = std::env::var("QUORATE_CLIENTS_DIR") else { return };
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/many.mjs");
    let (endpoint, token) = (app.endpoint.replace("http", "ws"), app.token("social_worker"));
    let run = tokio::task::spawn_blocking(move || {
        let mut node = Command::new("node");
        node.args([program, &endpoint, &token, "60"]).env("QUORATE_CLIENTS_DIR", clients).output().unwrap()
    });
    let said: Value = serde_json::from_slice(&run.await.unwrap().stdout).unwrap();
    assert_eq!(said, json!({"refused": 10, "answered": true}));
}

both!(a_full_socket, super::a_full_socket_goes_on);
