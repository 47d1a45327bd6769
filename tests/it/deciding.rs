//! What a meeting decides, it decides for all its children and once.

use sea_orm::{ConnectionTrait as _, DatabaseBackend, TransactionTrait as _};
use serde_json::{Value, json};

use crate::support::contents::connect;
use crate::support::table::{DECIDE, deciding, first_review, hold, lose, schedule, scheduling, without_plan};
use crate::support::{App, key};

const CALL: &str = "mutation($input: CallStrategyMeetingInput!) { it: callStrategyMeeting(input: $input) {
  strategyMeeting { id version } userErrors { field code } } }";
const RECORD: &str = "mutation($input: RecordStrategyMeetingOutcomeInput!) { it: recordStrategyMeetingOutcome(
  input: $input) { strategyMeeting { status } userErrors { field code } } }";

async fn for_all_children(app: App) {
    let find = "query($n: String!) { findChild(by: {nhsNumber: $n}) { id household { members(first: 20) { nodes {
      child { id } } } } } }";
    let found =
        app.data("social_worker", find, json!({"n": quorate::demo::first_nhs_number()})).await["findChild"].clone();
    let members = found["household"]["members"]["nodes"].as_array().unwrap();
    let sibling = members.iter().map(|m| &m["child"]["id"]).find(|id| id.is_string() && **id != found["id"]).unwrap();
    let invitees = json!([{"agencyId": app.agency("Warwickshire Police").await},
      {"agencyId": app.agency("Warwickshire Community Health Trust").await}]);
    let input = json!({"idempotencyKey": key(90), "childIds": [found["id"], sibling], "reason": "Both of them.",
      "scheduledAt": "2026-11-24T09:00:00Z", "invitees": invitees});
    let meeting = app.data("social_worker", CALL, json!({"input": input})).await["it"]["strategyMeeting"].clone();
    let entry = |child: &Value| json!({"childId": child, "decision": "SECTION47_JOINT"});
    let mut outcome = json!({"idempotencyKey": key(91), "strategyMeetingId": meeting["id"],
      "expectedVersion": meeting["version"], "heldAt": "2026-11-24T09:00:00Z", "outcomeSummary": "Said.",
      "decisions": [entry(&found["id"])]});
    let ask = async |input: &Value| app.data("social_worker", RECORD, json!({"input": input})).await["it"].clone();
    let refused = ask(&outcome).await["userErrors"].clone();
    assert_eq!(refused, json!([{"field": "decisions", "code": "REQUIRED"}]));
    lose(&app, sibling).await;
    let refused = ask(&outcome).await["userErrors"].clone();
    assert_eq!(refused, json!([{"field": "decisions", "code": "RULE_REFUSED"}]), "one is not theirs to record about");
    outcome["decisions"] = json!([entry(&found["id"]), entry(sibling)]);
    assert_eq!(ask(&outcome).await["userErrors"], refused, "said the same of those they cannot see");
}

async fn at_a_conference(app: App) {
    app.clock.advance(chrono::Duration::days(14) + chrono::Duration::hours(4));
    let held = hold(&app, 92, &first_review(&app).await).await;
    let children = held["children"]["nodes"].as_array().unwrap();
    assert!(children.len() > 1);
    lose(&app, &children[1]["child"]["id"]).await;
    let mut input = deciding(93, &held, &json!({"outcome": "CP_PLAN_ENDS"}));
    input["outcomes"].as_array_mut().unwrap().truncate(1);
    let done = app.data("chair", DECIDE, json!({"input": input})).await["it"].clone();
    assert_eq!(done["userErrors"], json!([{"field": "outcomes", "code": "RULE_REFUSED"}]));
}

/// Two conferences about one child decide in the same moment: the second hears what the first has made.
async fn once(app: App) {
    let child = without_plan(&app).await[0].clone();
    let agencies = ["Warwickshire Children's Social Care", "Warwickshire Police"];
    let mut inputs = Vec::new();
    for n in [100, 101] {
        let at = if n == 100 { "2026-12-09T10:00:00Z" } else { "2026-12-09T11:00:00Z" };
        let input = scheduling(&app, n, std::slice::from_ref(&child), ("INITIAL", at), &agencies).await;
        inputs.push(schedule(&app, "social_worker", &input).await["conference"]["id"].clone());
    }
    app.clock.advance(chrono::Duration::days(15) + chrono::Duration::hours(4));
    let outcome = json!({"outcome": "CP_PLAN", "abuseCategory": "NEG"});
    let first = deciding(104, &hold(&app, 102, &inputs[0]).await, &outcome);
    let second = deciding(105, &hold(&app, 103, &inputs[1]).await, &outcome);
    let db = connect(&app.url).await;
    // on PostgreSQL both are under way before one of them can be done: all writers meet at the feed
    let at_the_feed = if db.get_database_backend() == DatabaseBackend::Postgres {
        let tx = db.begin().await.unwrap();
        tx.execute_unprepared("SELECT * FROM feed FOR UPDATE").await.unwrap();
        Some(tx)
    } else {
        None
    };
    let release = async {
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        if let Some(tx) = at_the_feed {
            tx.commit().await.unwrap();
        }
    };
    let ask = |input: &Value| app.ask("chair", DECIDE, json!({"input": input}));
    let (one, other, ()) = futures_util::future::join3(ask(&first), ask(&second), release).await;
    let decided = |body: &Value| body["data"]["it"]["conference"]["status"] == "CONCLUDED";
    assert!(decided(&one) != decided(&other), "{one} {other}");
    let late = if decided(&one) { &other } else { &one };
    let refused = json!([{"field": "outcomes.0.outcome", "code": "RULE_REFUSED"}]);
    assert_eq!(late["data"]["it"]["userErrors"], refused, "{late}");
}

async fn words_of_the_agency(app: App) {
    let child = without_plan(&app).await[0].clone();
    let agencies = ["Warwickshire Children's Social Care", "Warwickshire Police"];
    let input = scheduling(&app, 106, &[child], ("INITIAL", "2026-12-09T10:00:00Z"), &agencies).await;
    let id = schedule(&app, "social_worker", &input).await["conference"]["id"].clone();
    let read = "query($id: ID!) { conference(id: $id) { version invitations { nodes { id version apologiesReason
      agency { id name } } } } }";
    let of_police = async || {
        let data = app.data("chair", read, json!({"id": id})).await["conference"].clone();
        let all = data["invitations"]["nodes"].as_array().unwrap().clone();
        let row = all.iter().find(|i| i["agency"]["name"] == "Warwickshire Police").unwrap().clone();
        (row, all, data["version"].clone())
    };
    let (row, all, version) = of_police().await;
    let reply =
        "mutation($input: ReplyToInvitationInput!) { replyToInvitation(input: $input) { userErrors { code } } }";
    let said = json!({"input": {"idempotencyKey": key(107), "invitationId": row["id"], "expectedVersion": row["version"],
      "reply": "APOLOGIES", "apologiesReason": "At court."}});
    app.data("police", reply, said).await;
    app.clock.advance(chrono::Duration::days(16));
    let attend = "mutation($input: RecordConferenceAttendanceInput!) { it: recordConferenceAttendance(input: $input) {
      userErrors { field code } } }";
    let entries: Vec<_> =
        all.iter().map(|i| json!({"agencyId": i["agency"]["id"], "attendance": "APOLOGIES"})).collect();
    let input = json!({"input": {"idempotencyKey": key(108), "conferenceId": id, "expectedVersion": version,
      "entries": entries}});
    assert_eq!(app.data("chair", attend, input).await["it"]["userErrors"], json!([]));
    assert_eq!(of_police().await.0["apologiesReason"], "At court.");
}

async fn a_report_asked_late_is_not_late(app: App) {
    let child = without_plan(&app).await[0].clone();
    let agencies = ["Warwickshire Children's Social Care", "Warwickshire Police"];
    let input = scheduling(&app, 109, &[child], ("INITIAL", "2026-11-24T15:00:00Z"), &agencies).await;
    let done = schedule(&app, "social_worker", &input).await;
    let requests = done["conference"]["reportRequests"]["nodes"].as_array().unwrap();
    assert!(!requests.is_empty(), "{done}");
    for request in requests {
        assert_eq!(*request, json!({"dueAt": "2026-11-24T15:00:00+00:00", "status": "DUE"}));
    }
}

both!(a_strategy_meeting, super::for_all_children);
both!(a_conference, super::at_a_conference);
both!(two_conferences, super::once);
both!(attendance_keeps, super::words_of_the_agency);
both!(a_request, super::a_report_asked_late_is_not_late);
