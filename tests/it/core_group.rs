//! Core groups: every member has an entry, notice runs from the meeting that set the day, what is withheld is said.

use serde_json::{Value, json};

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
    app.clock.advance(chrono::Duration::days(20));
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
    input["idempotencyKey"] = key(124).into();
    input["heldAt"] = "2026-12-22T10:00:00Z".into();
    input["expectedVersion"] = (group["version"].as_i64().unwrap() + 1).into();
    input.as_object_mut().unwrap().remove("nextMeetingOn");
    let second = ask(&input).await["coreGroupMeeting"]["invitations"]["nodes"].clone();
    let noticed = |i: &Value| i["noticeWorkingDays"] == 6 && i["invitedAt"] == "2026-12-14T10:00:00+00:00";
    assert!(second.as_array().unwrap().iter().all(noticed), "the first one set its day: {second}");

    // a member that may not read the progress is told that there is something to read
    let read = "query($id: ID!) { child(id: $id) { currentPlan { coreGroup { lastMeeting { progress withheld } } } } }";
    let of = async |persona: &str| {
        let data = app.data(persona, read, json!({"id": child})).await;
        data["child"]["currentPlan"]["coreGroup"]["lastMeeting"].clone()
    };
    assert_eq!(of("housing").await, json!({"progress": null, "withheld": ["PLAN"]}));
    assert_eq!(of("health_visitor").await, json!({"progress": "Weighed weekly.", "withheld": []}));
}

both!(a_meeting, super::everybody_has_an_entry);
