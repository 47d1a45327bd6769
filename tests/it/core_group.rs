//! Core groups: every member has an entry, notice runs from the meeting that set the day, what is withheld is said.

use serde_json::{Value, json};

use crate::support::process::parents;
use crate::support::table::{decide, deciding, hold, schedule, scheduling, without_plan};
use crate::support::{App, key};

const MEET: &str = "mutation($input: RecordCoreGroupMeetingInput!) { it: recordCoreGroupMeeting(input: $input) {
  coreGroupMeeting { invitations { nodes { attendance noticeWorkingDays invitedAt } } } userErrors { field code } } }";

/// A core group of two agencies, formed on 9 December.
async fn formed(app: &App) -> (Value, Value) {
    let child = without_plan(app).await[0].clone();
    let agencies = ["Warwickshire Children's Social Care", "Warwickshire Police"];
    let input =
        scheduling(app, 120, std::slice::from_ref(&child), ("INITIAL", "2026-12-09T10:00:00Z"), &agencies).await;
    let id = schedule(app, "social_worker", &input).await["conference"]["id"].clone();
    app.clock.advance(chrono::Duration::days(15) + chrono::Duration::hours(4));
    let members = json!([{"agencyId": app.agency("Warwickshire Community Health Trust").await},
      {"agencyId": app.agency("Warwickshire Homes Association").await}]);
    let made = json!({"outcome": "CP_PLAN", "abuseCategory": "NEG", "plan": {"coreGroup": members}});
    let done = decide(app, &deciding(121, &hold(app, 122, &id).await, &made)).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    let read = "query($id: ID!) { child(id: $id) { currentPlan { coreGroup { id version } } } }";
    let group =
        app.data("social_worker", read, json!({"id": child})).await["child"]["currentPlan"]["coreGroup"].clone();
    (child, group)
}

async fn everybody_has_an_entry(app: App) {
    let (child, group) = formed(&app).await;
    let stands = async || {
        let read =
            "query($id: ID!) { child(id: $id) { currentPlan { coreGroup { state nextMeeting { state on } } } } }";
        app.data("health_visitor", read, json!({"id": child})).await["child"]["currentPlan"]["coreGroup"].clone()
    };
    let first_due = |state: &str| json!({"state": "FIRST_MEETING_DUE", "nextMeeting": {"state": state, "on": null}});
    assert_eq!(stands().await, first_due("DUE"));
    app.clock.advance(chrono::Duration::days(20));
    assert_eq!(stands().await, first_due("OVERDUE"), "by 23 December");
    let health =
        json!({"agencyId": app.agency("Warwickshire Community Health Trust").await, "attendance": "IN_PERSON"});
    let homes = json!({"agencyId": app.agency("Warwickshire Homes Association").await, "attendance": "NO_WORD"});
    let mut input = json!({"idempotencyKey": key(123), "coreGroupId": group["id"], "expectedVersion": group["version"],
      "heldAt": "2026-12-14T10:00:00Z", "progress": "Weighed weekly.", "nextMeetingOn": "2026-12-22",
      "attendance": [health]});
    let ask = async |input: &Value| app.data("social_worker", MEET, json!({"input": input})).await["it"].clone();
    assert_eq!(ask(&input).await["userErrors"], json!([{"field": "attendance", "code": "REQUIRED"}]));
    input["attendance"] = json!([health, homes]);
    let first = ask(&input).await["coreGroupMeeting"]["invitations"]["nodes"].clone();
    assert_eq!(first.as_array().unwrap().len(), 2);
    // nobody set the day of the first one
    assert!(first.as_array().unwrap().iter().all(|i| i["noticeWorkingDays"] == 0), "{first}");
    let set = json!({"state": "ACTIVE", "nextMeeting": {"state": "OVERDUE", "on": "2026-12-22"}});
    assert_eq!(stands().await, set, "29 December, and no meeting on the day that was set");
    input["idempotencyKey"] = key(124).into();
    input["heldAt"] = "2026-12-22T10:00:00Z".into();
    input["expectedVersion"] = (group["version"].as_i64().unwrap() + 1).into();
    input.as_object_mut().unwrap().remove("nextMeetingOn");
    let second = ask(&input).await["coreGroupMeeting"]["invitations"]["nodes"].clone();
    let noticed = |i: &Value| i["noticeWorkingDays"] == 6 && i["invitedAt"] == "2026-12-14T10:00:00+00:00";
    assert!(second.as_array().unwrap().iter().all(noticed), "the first one set its day: {second}");

    assert_eq!(stands().await, json!({"state": "ACTIVE", "nextMeeting": {"state": "DUE", "on": null}}));
    app.clock.advance(chrono::Duration::days(30));
    assert_eq!(stands().await["nextMeeting"]["state"], "OVERDUE", "four weeks after 22 December");

    // a member that may not read the progress is told that there is something to read
    let read = "query($id: ID!) { child(id: $id) { currentPlan { coreGroup { lastMeeting { progress withheld } } } } }";
    let of = async |persona: &str| {
        let data = app.data(persona, read, json!({"id": child})).await;
        data["child"]["currentPlan"]["coreGroup"]["lastMeeting"].clone()
    };
    assert_eq!(of("housing").await, json!({"progress": null, "withheld": ["PLAN"]}));
    assert_eq!(of("health_visitor").await, json!({"progress": "Weighed weekly.", "withheld": []}));
}

/// The papers for the day that is set are out once everybody who needs them has them (WAR-CG-07).
async fn papers_are_out(app: App) {
    let (child, group) = formed(&app).await;
    let health =
        json!({"agencyId": app.agency("Warwickshire Community Health Trust").await, "attendance": "IN_PERSON"});
    let homes = json!({"agencyId": app.agency("Warwickshire Homes Association").await, "attendance": "NO_WORD"});
    let input = json!({"idempotencyKey": key(125), "coreGroupId": group["id"], "expectedVersion": group["version"],
      "heldAt": app.clock.now(), "progress": "Weighed weekly.", "nextMeetingOn": "2026-12-22",
      "attendance": [health, homes]});
    app.data("social_worker", MEET, json!({"input": input})).await;
    let read = "query($id: ID!) { child(id: $id) {
      currentPlan { coreGroup { nextMeeting { state } lastMeeting { id } } } } }";
    let found = async || app.data("social_worker", read, json!({"id": child})).await["child"].clone();
    let before = found().await;
    let core_group = &before["currentPlan"]["coreGroup"];
    assert_eq!(core_group["nextMeeting"]["state"], "SCHEDULED");
    let issue = "mutation($input: IssueDocumentInput!) { it: issueDocument(input: $input) { userErrors { field code message } } }";
    let input = json!({"idempotencyKey": key(126), "recordId": core_group["lastMeeting"]["id"],
      "document": "CORE_GROUP_PAPERS", "personIds": parents(&app, &child).await});
    assert_eq!(app.data("social_worker", issue, json!({"input": input})).await["it"]["userErrors"], json!([]));
    assert_eq!(found().await["currentPlan"]["coreGroup"]["nextMeeting"]["state"], "PAPERS_SENT");
}

/// Trouble with attendance goes on and not back, and what it went past is told to who reads of it (BIR-NA-03 to 05).
async fn trouble_goes_on(app: App) {
    let (child, group) = formed(&app).await;
    let [health, homes] = ["Warwickshire Community Health Trust", "Warwickshire Homes Association"];
    let came = json!({"agencyId": app.agency(health).await, "attendance": "IN_PERSON"});
    let homes = app.agency(homes).await;
    let input = json!({"idempotencyKey": key(127), "coreGroupId": group["id"], "expectedVersion": group["version"],
      "heldAt": app.clock.now(), "progress": "Weighed weekly.",
      "attendance": [came, {"agencyId": homes, "attendance": "NO_WORD"}]});
    app.data("social_worker", MEET, json!({"input": input})).await;
    let read = "query($id: ID!) { child(id: $id) { currentPlan { coreGroup { lastMeeting { id record {
      entries(first: 10) { nodes { id } } paths { path state passedOver agency { id } child { id } } } } } } } }";
    let found = async |persona: &str| {
        let data = app.data(persona, read, json!({"id": child})).await;
        data["child"]["currentPlan"]["coreGroup"]["lastMeeting"].clone()
    };
    let meeting = found("social_worker").await;
    assert_eq!(meeting["record"]["paths"], json!([]));
    let write =
        "mutation($input: RecordEntriesInput!) { it: recordEntries(input: $input) { userErrors { field code } } }";
    let send = async |n: u32, entry: Value| {
        app.clock.advance(chrono::Duration::seconds(1));
        let input = json!({"idempotencyKey": key(n), "recordId": meeting["id"], "entries": [entry]});
        app.data("social_worker", write, json!({"input": input})).await["it"]["userErrors"].clone()
    };
    let say = async |n: u32, word: &str, over: &Value| {
        send(n, json!({"item": "ATTENDANCE_TROUBLE", "agencyId": homes, "choice": word, "replacesId": over})).await
    };
    let stands = async || found("social_worker").await["record"]["entries"]["nodes"][0]["id"].clone();
    let paths = async || found("social_worker").await["record"]["paths"].clone();
    let path = |state: &str, passed_over: Value| {
        json!([{"path": "ATTENDANCE_TROUBLE", "state": state, "passedOver": passed_over, "agency": {"id": homes},
          "child": null}])
    };
    assert_eq!(say(130, "NOTED", &Value::Null).await, json!([]));
    assert_eq!(paths().await, path("NOTED", json!([])));
    assert_eq!(say(131, "WITH_TEAM_MANAGER", &stands().await).await, json!([]));
    assert_eq!(paths().await, path("WITH_TEAM_MANAGER", json!([])));
    // written in error, and taken back
    let back = json!({"item": "ATTENDANCE_TROUBLE", "agencyId": homes, "replacesId": stands().await, "withdraw": true});
    assert_eq!(send(132, back).await, json!([]));
    assert_eq!(paths().await, json!([]));
    assert_eq!(say(133, "AGENCY_CONTACTED", &Value::Null).await, json!([]), "what has happened is recorded");
    assert_eq!(paths().await, path("AGENCY_CONTACTED", json!(["WITH_TEAM_MANAGER"])));
    let wrong = json!([{"field": "entries.0.choice", "code": "WRONG_STATE"}]);
    assert_eq!(say(134, "WITH_TEAM_MANAGER", &stands().await).await, wrong);
    assert_eq!(say(135, "RESOLVED", &stands().await).await, json!([]));
    assert_eq!(paths().await, path("RESOLVED", json!(["WITH_TEAM_MANAGER"])));
    let over = json!([{"field": "entries.0.choice", "code": "ALREADY_CONCLUDED"}]);
    assert_eq!(say(136, "NOTED", &stands().await).await, over);

    assert_eq!(found("health_visitor").await["record"]["paths"], Value::Null);
    assert_eq!(found("chair").await["record"]["paths"], json!([]), "it rests on what is for social care");
}

both!(a_meeting, super::everybody_has_an_entry);
both!(papers, super::papers_are_out);
both!(trouble, super::trouble_goes_on);
