//! Strategy meetings: called, recorded, told to those who were asked and to nobody else.

use serde_json::{Value, json};

use crate::jobs::call_meeting;
use crate::support::{App, key};

const RECORD: &str = "mutation($input: RecordStrategyMeetingOutcomeInput!) {
  recordStrategyMeetingOutcome(input: $input) {
    strategyMeeting { status heldAt outcomeSummary version children { nodes { decision } } }
    userErrors { field code message } } }";

const READ: &str = "query($id: ID!) { strategyMeeting(id: $id) { id version status outcomeSummary
  children { nodes { child { id } decision } } } }";

async fn outcome(app: &App, meeting: &Value) -> Value {
    let read = app.data("social_worker", READ, json!({"id": meeting["id"]})).await["strategyMeeting"].clone();
    let decisions: Vec<_> = read["children"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| json!({"childId": c["child"]["id"], "decision": "SECTION47_JOINT"}))
        .collect();
    json!({"idempotencyKey": key(1), "strategyMeetingId": meeting["id"], "expectedVersion": meeting["version"],
      "heldAt": "2026-11-24T15:00:00Z", "outcomeSummary": "Section 47 by both agencies.", "decisions": decisions})
}

async fn is_recorded_once(app: App) {
    let meeting = call_meeting(&app, &key(2)).await;
    let input = outcome(&app, &meeting).await;
    let asked = |input: &Value| json!({"input": input.clone()});
    // it has not been held yet
    let early = app.data("social_worker", RECORD, asked(&input)).await;
    assert_eq!(early["recordStrategyMeetingOutcome"]["userErrors"][0]["field"], "heldAt", "{early}");
    app.clock.advance(chrono::Duration::hours(7));
    // seen, but not theirs to record; not seen at all
    assert_eq!(app.code("police", RECORD, asked(&input)).await, "FORBIDDEN");
    assert_eq!(app.code("school_dsl", RECORD, asked(&input)).await, "NOT_FOUND");
    // a decision for each child (WAR-SM-17)
    let mut none = input.clone();
    none["decisions"] = json!([]);
    let refused = app.data("social_worker", RECORD, asked(&none)).await;
    assert_eq!(refused["recordStrategyMeetingOutcome"]["userErrors"][0]["field"], "decisions");
    let mut stale = input.clone();
    stale["expectedVersion"] = 7.into();
    assert_eq!(app.code("social_worker", RECORD, asked(&stale)).await, "CONFLICT");
    let mut dry = input.clone();
    dry["dryRun"] = true.into();
    let nothing = app.data("social_worker", RECORD, asked(&dry)).await["recordStrategyMeetingOutcome"].clone();
    assert_eq!(nothing, json!({"strategyMeeting": null, "userErrors": []}));

    let done = app.data("social_worker", RECORD, asked(&input)).await["recordStrategyMeetingOutcome"].clone();
    assert_eq!(done["userErrors"], json!([]));
    assert_eq!(done["strategyMeeting"]["status"], "HELD");
    assert_eq!(done["strategyMeeting"]["children"]["nodes"][0]["decision"], "SECTION47_JOINT");
    assert_eq!(app.data("social_worker", RECORD, asked(&input)).await["recordStrategyMeetingOutcome"], done);
    let mut second = input.clone();
    second["idempotencyKey"] = key(3).into();
    let again = app.data("team_manager", RECORD, asked(&second)).await;
    assert_eq!(again["recordStrategyMeetingOutcome"]["userErrors"][0]["code"], "ALREADY_CONCLUDED");
    // the outcome document is for those who were asked
    let seen = app.data("police", READ, json!({"id": meeting["id"]})).await["strategyMeeting"].clone();
    assert_eq!(seen["outcomeSummary"], "Section 47 by both agencies.");
    assert_eq!(app.code("school_dsl", READ, json!({"id": meeting["id"]})).await, "NOT_FOUND");
    assert_eq!(
        app.kinds("police").await,
        ["STRATEGY_MEETING_CALLED", "STRATEGY_MEETING_OUTCOME_RECORDED"],
        "each once, in order"
    );
}

async fn needs_its_minimum(app: App) {
    const CALL: &str = "mutation($input: CallStrategyMeetingInput!) { callStrategyMeeting(input: $input) {
      strategyMeeting { id } userErrors { field code } } }";
    let child = app.first_child("social_worker").await;
    let school = app.agency("Warwickshire Oakfield Primary School").await;
    let mut input = json!({"idempotencyKey": key(4), "childIds": [child], "reason": "A disclosure at school.",
      "scheduledAt": "2026-11-24T12:00:00Z", "invitees": [{"agencyId": school}]});
    let refused = app.data("social_worker", CALL, json!({"input": input})).await["callStrategyMeeting"].clone();
    let errors = refused["userErrors"].as_array().unwrap();
    assert_eq!(errors.len(), 2, "police and health are missing: {errors:?}");
    assert!(errors.iter().all(|e| e["code"] == "NOT_QUORATE"));
    assert_eq!(app.code("police", CALL, json!({"input": input})).await, "FORBIDDEN");
    // a child outside the scope is an unknown child
    let stranger = app.data("social_worker", CALL, {
        input["childIds"] = json!(["Q2hpbGQ6MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA"]);
        json!({"input": input})
    });
    let stranger = stranger.await["callStrategyMeeting"].clone();
    assert_eq!(stranger["userErrors"][0]["code"], "UNKNOWN_REFERENCE");
    assert_eq!(app.kinds("service_manager").await, Vec::<String>::new(), "nothing was told");
}

both!(an_outcome, super::is_recorded_once);
both!(a_call, super::needs_its_minimum);
