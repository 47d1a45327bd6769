//! What has happened can be recorded, however late and whatever a rule asks for: strategy meetings and conferences that were
//! held without being called here, without those who had to be there, and after the table of holidays ends.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use crate::support::process::{fields, finish, go_by, may_not_write, missing, written};
use crate::support::table::{decide, deciding, hold, scheduling, without_plan};
use crate::support::{App, key};

const CSC: &str = "Warwickshire Children's Social Care";
const POLICE: &str = "Warwickshire Police";
const HEALTH: &str = "Warwickshire Community Health Trust";

const QUORUM: &str = "quorum { rule met forecast missing explanation counted { kind agency { name } }
  notCounted { kind why agency { name } } wouldBeQuorateIf { missing further couldBe } }";

const DUE: &str = "query($id: ID!) { child(id: $id) { deadlines(first: 100) { nodes { kind status dueAt metAt
  explanation { rule missingYear countedFrom } } } } }";

/// Calls a meeting, and answers the payload.
pub async fn call(app: &App, input: &Value) -> Value {
    let call = format!(
        "mutation($input: CallStrategyMeetingInput!) {{ it: callStrategyMeeting(input: $input) {{
          strategyMeeting {{ id version scheduledAt calledAt quorate {QUORUM}
            invitations {{ nodes {{ invitedAt noticeWorkingDays agency {{ name }} }} }} }}
          userErrors {{ field code message }} }} }}"
    );
    app.data("social_worker", &call, json!({"input": input})).await["it"].clone()
}

/// Records what a meeting decided, and answers the payload.
pub async fn record(app: &App, input: &Value) -> Value {
    let record = format!(
        "mutation($input: RecordStrategyMeetingOutcomeInput!) {{ it: recordStrategyMeetingOutcome(input: $input) {{
          strategyMeeting {{ id version status heldAt quorate {QUORUM}
            invitations {{ nodes {{ attendance agency {{ name }} }} }} }}
          userErrors {{ field code message }} }} }}"
    );
    app.data("social_worker", &record, json!({"input": input})).await["it"].clone()
}

async fn due(app: &App, child: &Value, kind: &str) -> Vec<Value> {
    let data = app.data("social_worker", DUE, json!({"id": child})).await;
    let all = data["child"]["deadlines"]["nodes"].as_array().unwrap().clone();
    all.into_iter().filter(|each| each["kind"] == kind).collect()
}

fn with(input: &Value, field: &str, value: impl Into<Value>) -> Value {
    let mut input = input.clone();
    input[field] = value.into();
    input
}

fn wrong_time(field: &str) -> Vec<(String, String)> {
    vec![(field.to_owned(), "WRONG_TIME".to_owned())]
}

/// A meeting of last Friday, to which health was not asked, written down on Tuesday: its limits are met or late as it was,
/// and its minimum is measured by who took part (WAR-SM-08, AMB-29).
async fn a_meeting_that_was_held(app: App) {
    let child = without_plan(&app).await[0].clone();
    let (police, health) = (app.agency(POLICE).await, app.agency(HEALTH).await);
    let input = json!({"idempotencyKey": key(960), "childIds": [child], "reason": "A bruise on the arm.",
      "scheduledAt": "2026-11-20T15:00:00Z", "contactReceivedAt": "2026-11-20T08:45:00Z",
      "invitedAt": "2026-11-20T09:00:00Z", "invitees": [{"agencyId": police}]});
    for (field, value, named) in [
        ("scheduledAt", "2026-11-20T08:00:00Z", "scheduledAt"),
        ("invitedAt", "2026-11-20T16:00:00Z", "invitedAt"),
        ("contactReceivedAt", "2026-11-24T10:00:00Z", "contactReceivedAt"),
    ] {
        let done = call(&app, &with(&input, field, value)).await;
        assert!(fields(&done).contains(&wrong_time(named)[0]), "{field}: {done}");
    }
    // of one to come it is not said when they heard of it, and it is not called without health
    let to_come = call(&app, &with(&input, "scheduledAt", "2026-11-24T15:00:00Z")).await;
    let named = fields(&to_come);
    assert_eq!(named[0].0, "invitedAt", "{to_come}");
    assert_eq!(named[1], ("invitees".to_owned(), "NOT_QUORATE".to_owned()));
    let before_anybody = with(&with(&input, "scheduledAt", "1990-11-20T15:00:00Z"), "contactReceivedAt", Value::Null);
    let before_anybody = call(&app, &with(&before_anybody, "invitedAt", Value::Null)).await;
    assert_eq!(fields(&before_anybody), wrong_time("scheduledAt"), "before the child was expected");

    let called = call(&app, &input).await;
    assert_eq!(called["userErrors"], json!([]), "{called}");
    let meeting = called["strategyMeeting"].clone();
    assert_eq!(meeting["invitations"]["nodes"][0]["invitedAt"], "2026-11-20T09:00:00+00:00");
    let quorum = &meeting["quorum"];
    assert_eq!(
        (&quorum["rule"], &quorum["met"], &quorum["forecast"], &meeting["quorate"]),
        (&json!("WAR-SM-08"), &json!(false), &json!(true), &Value::Null)
    );

    let outcome = json!({"idempotencyKey": key(961), "strategyMeetingId": meeting["id"],
      "expectedVersion": meeting["version"], "heldAt": "2026-11-20T15:10:00Z", "outcomeSummary": "Enquiries begin.",
      "decisions": [{"childId": child, "decision": "SECTION47_JOINT"}],
      "attendance": [{"agencyId": police, "attendance": "REMOTE"}]});
    for at in ["2026-11-20T08:00:00Z", "2026-11-24T09:30:00Z"] {
        assert_eq!(fields(&record(&app, &with(&outcome, "heldAt", at)).await), wrong_time("heldAt"), "{at}");
    }
    let stranger = json!([{"agencyId": health, "attendance": "REMOTE"}]);
    let refused = record(&app, &with(&outcome, "attendance", stranger)).await;
    let named: Vec<_> = fields(&refused).into_iter().map(|(field, _)| field).collect();
    assert_eq!(named, ["attendance.0.agencyId", "attendance"], "every invited agency, and no other");

    let held = record(&app, &outcome).await;
    assert_eq!(held["userErrors"], json!([]), "{held}");
    let held = held["strategyMeeting"].clone();
    assert_eq!((&held["quorate"], &held["status"]), (&json!(false), &json!("HELD")));
    assert_eq!(
        held["quorum"],
        json!({"rule": "WAR-SM-08", "met": false, "forecast": false, "missing": ["HEALTH"],
          "explanation": "CSC, POLICE, HEALTH are needed (WAR-SM-08). Counted: CSC, POLICE. Missing: HEALTH.",
          "counted": [{"kind": "CSC", "agency": {"name": CSC}}, {"kind": "POLICE", "agency": {"name": POLICE}}],
          "notCounted": [], "wouldBeQuorateIf": {"missing": ["HEALTH"], "further": 0, "couldBe": []}})
    );
    assert_eq!(held["invitations"]["nodes"][0]["attendance"], "REMOTE");
    let one = async |kind: &str| {
        let all = due(&app, &child, kind).await;
        let last = all.last().unwrap();
        [&last["status"], &last["dueAt"], &last["metAt"]].map(|each| each.as_str().unwrap_or_default().to_owned())
    };
    let first = ["MET", "2026-11-21T00:00:00+00:00", "2026-11-20T15:10:00+00:00"];
    assert_eq!(one("FIRST_STRATEGY_MEETING").await, first, "on the day of the contact");
    let [status, due_at, _] = one("STRATEGY_RECORD_CIRCULATED").await;
    assert_eq!((status.as_str(), due_at.as_str()), ("UPCOMING", "2026-12-05T00:00:00+00:00"), "from the meeting");

    // it is finished with a reason, which is the manager's to give
    let id = &held["id"];
    let gaps = missing(&app, "social_worker", id).await;
    let hold_of = |item: &str| gaps.iter().find(|gap| gap["item"] == item).map(|gap| gap["hold"].clone());
    assert_eq!(hold_of("MEETING_INQUORATE_BECAUSE"), Some("REFUSE".into()), "{gaps:?}");
    assert_eq!(hold_of("LED_BY_OTHER_BECAUSE"), Some("WARN".into()), "a social worker led it (WAR-SM-05)");
    let refused = finish(&app, 962, "social_worker", (id, "STRATEGY_RECORD"), None).await;
    assert!(fields(&refused).iter().any(|(field, _)| field == "missing.MEETING_INQUORATE_BECAUSE"), "{refused}");
    let why = json!([{"item": "MEETING_INQUORATE_BECAUSE", "text": "Nobody of health answered that night."}]);
    assert_eq!(may_not_write(&app, 963, "social_worker", id, &why).await, "FORBIDDEN");
    written(&app, 964, "team_manager", id, &why).await;
    let document = ["OVERDUE", "2026-11-20T15:10:00+00:00", ""];
    assert_eq!(one("STRATEGY_DOCUMENT").await, document, "what is being written is no document yet");
    let gaps = missing(&app, "social_worker", id).await;
    assert!(!gaps.iter().any(|gap| gap["item"] == "MEETING_INQUORATE_BECAUSE"));
    // who was asked afterwards reads it as long as the others
    let read = "query($id: ID!) { strategyMeeting(id: $id) { quorate quorum { met } } }";
    app.clock.advance(Duration::days(9));
    let theirs = app.data("police", read, json!({"id": id})).await["strategyMeeting"].clone();
    assert_eq!(theirs, json!({"quorate": false, "quorum": null}), "what others answered is for social care");
}

/// Where it is not said who took part, that is what the record asks; the team manager of the case leads without a word.
async fn who_took_part_is_not_known(app: App) {
    let child = without_plan(&app).await[0].clone();
    let invitees = json!([{"agencyId": app.agency(POLICE).await}, {"agencyId": app.agency(HEALTH).await}]);
    let me = app.data("team_manager", "{ viewer { practitioner { id } } }", json!({})).await["viewer"].clone();
    let input = json!({"idempotencyKey": key(965), "childIds": [child], "reason": "A bruise on the arm.",
      "scheduledAt": "2026-11-24T08:00:00Z", "invitees": invitees, "leadId": me["practitioner"]["id"]});
    let called = call(&app, &input).await;
    assert_eq!(called["userErrors"], json!([]), "{called}");
    let meeting = called["strategyMeeting"].clone();
    assert_eq!(meeting["invitations"]["nodes"][0]["noticeWorkingDays"], 0, "asked after it");
    let outcome = json!({"idempotencyKey": key(966), "strategyMeetingId": meeting["id"],
      "expectedVersion": meeting["version"], "heldAt": "2026-11-24T08:00:00Z", "outcomeSummary": "Nothing further.",
      "decisions": [{"childId": child, "decision": "NO_FURTHER_ACTION"}]});
    let held = record(&app, &outcome).await["strategyMeeting"].clone();
    assert_eq!((&held["quorate"], &held["quorum"]["forecast"]), (&Value::Null, &json!(true)));
    let gaps = missing(&app, "social_worker", &meeting["id"]).await;
    let asks = |item: &str| gaps.iter().any(|gap| gap["item"] == item);
    assert!(asks("MEETING_INQUORATE_BECAUSE") && !asks("LED_BY_OTHER_BECAUSE"), "{gaps:?}");
}

/// What happens to a process, recorded late under a practice: nothing of it is refused.
pub async fn late_facts(app: &App, profile: &str) {
    let child = without_plan(app).await[1].clone();
    let about = std::slice::from_ref(&child);
    let police = app.agency(POLICE).await;
    // without health, days ago, and without anybody but social care in the end
    let input = json!({"idempotencyKey": key(970), "childIds": [child], "reason": "Seen with a burn.",
      "scheduledAt": "2026-11-19T15:00:00Z", "contactReceivedAt": "2026-11-17T08:45:00Z",
      "invitees": [{"agencyId": police}]});
    let meeting = call(app, &input).await;
    assert_eq!(meeting["userErrors"], json!([]), "{profile}: {meeting}");
    let meeting = &meeting["strategyMeeting"];
    let outcome = json!({"idempotencyKey": key(971), "strategyMeetingId": meeting["id"],
      "expectedVersion": meeting["version"], "heldAt": "2026-11-19T15:00:00Z", "outcomeSummary": "Enquiries begin.",
      "decisions": [{"childId": child, "decision": "SECTION47_JOINT"}],
      "attendance": [{"agencyId": police, "attendance": "NO_WORD"}]});
    let held = record(app, &outcome).await;
    assert_eq!((&held["userErrors"], &held["strategyMeeting"]["quorate"]), (&json!([]), &json!(false)), "{profile}");
    // an initial conference of the day after, scheduled nowhere; inquorate, adjourned over what follows, and cancelled
    let mut input = scheduling(app, 972, about, ("INITIAL", "2026-11-20T10:00:00Z"), &[CSC, POLICE]).await;
    input["invitedAt"] = "2026-11-19T16:00:00Z".into();
    let schedule = "mutation($input: ScheduleConferenceInput!) { it: scheduleConference(input: $input) {
      conference { id invitations { nodes { noticeWorkingDays } } reportRequests { nodes { dueAt } } }
      userErrors { field code message } } }";
    let done = app.data("social_worker", schedule, json!({"input": input})).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "{profile}: {done}");
    let conference = done["conference"].clone();
    assert_eq!(conference["invitations"]["nodes"][0]["noticeWorkingDays"], 1, "asked the day before");
    assert_eq!(conference["reportRequests"]["nodes"][0]["dueAt"], "2026-11-20T10:00:00+00:00", "{profile}");
    let id = &conference["id"];
    hold(app, 973, id).await;
    let read = "query($id: ID!) { conference(id: $id) { version quorate attendance { quorum { met forecast explanation
      notCounted { why } wouldBeQuorateIf { missing further } } } } }";
    let held = app.data("chair", read, json!({"id": id})).await["conference"].clone();
    assert_eq!(held["quorate"], false, "{profile}");
    let quorum = &held["attendance"]["quorum"];
    assert_eq!(quorum["wouldBeQuorateIf"], json!({"missing": [], "further": 1}), "{profile}: {quorum}");
    let adjourn = "mutation($input: AdjournConferenceInput!) { it: adjournConference(input: $input) {
      conference { id version status } userErrors { field code message } } }";
    let input = json!({"idempotencyKey": key(974), "conferenceId": id, "expectedVersion": held["version"],
      "scheduledAt": "2026-12-02T10:00:00Z", "reason": "Who helps afterwards is not settled.", "overSupport": true});
    let done = app.data("chair", adjourn, json!({"input": input})).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "{profile}: {done}");
    // the last resort is Lancashire's alone, which tells it and refuses nothing (LAN-SD-14)
    let gaps = missing(app, "chair", id).await;
    let asked: Vec<_> = gaps.iter().filter(|gap| gap["item"] == "ALTERNATIVES_TRIED").collect();
    assert_eq!(asked.len(), usize::from(profile == "LANCASHIRE"), "{profile}: {gaps:?}");
    assert!(asked.iter().all(|gap| gap["hold"] == "WARN"));
}

/// A meeting that is called without police and health is refused where the authority says so, and told elsewhere (STA-SM-01).
async fn goes_by_the_profile(app: App) {
    go_by(&app, "BIRMINGHAM").await;
    let child = without_plan(&app).await[0].clone();
    let input = json!({"idempotencyKey": key(975), "childIds": [child], "reason": "A bruise on the arm.",
      "scheduledAt": "2026-11-24T15:00:00Z", "invitees": [{"agencyId": app.agency(POLICE).await}]});
    let called = call(&app, &input).await;
    assert_eq!(called["userErrors"], json!([]), "Birmingham's practice refuses nothing: {called}");
    let quorum = &called["strategyMeeting"]["quorum"];
    assert_eq!((&quorum["rule"], &quorum["met"]), (&json!("STA-SM-01"), &json!(false)));
    assert_eq!(quorum["missing"], json!(["POLICE", "HEALTH"]), "by their replies: {quorum}");
    let not_counted = json!([{"kind": "POLICE", "why": "NO_WORD", "agency": {"name": POLICE}}]);
    assert_eq!(quorum["notCounted"], not_counted);
    assert_eq!(quorum["wouldBeQuorateIf"]["couldBe"], json!(["POLICE"]));
}

/// After the table of holidays ends, what has happened has provisional limits, and nothing is set there (docs/practice.md).
async fn past_the_table(app: App) {
    let child = without_plan(&app).await[0].clone();
    app.clock.advance("2028-01-10T09:00:00Z".parse::<DateTime<Utc>>().unwrap() - app.clock.now());
    let (police, health) = (app.agency(POLICE).await, app.agency(HEALTH).await);
    let input = json!({"idempotencyKey": key(976), "childIds": [child], "reason": "A bruise on the arm.",
      "scheduledAt": "2028-01-12T15:00:00Z", "invitees": [{"agencyId": police}, {"agencyId": health}]});
    let to_come = call(&app, &input).await;
    assert_eq!(fields(&to_come), wrong_time("scheduledAt"));
    assert!(to_come["userErrors"][0]["message"].as_str().unwrap().contains("2028"), "{to_come}");
    let called = call(&app, &with(&input, "scheduledAt", "2028-01-07T15:00:00Z")).await;
    assert_eq!(called["userErrors"], json!([]), "{called}");
    let meeting = &called["strategyMeeting"];
    let came = json!([{"agencyId": police, "attendance": "IN_PERSON"}, {"agencyId": health, "attendance": "DEPUTY"}]);
    let outcome = json!({"idempotencyKey": key(977), "strategyMeetingId": meeting["id"],
      "expectedVersion": meeting["version"], "heldAt": "2028-01-07T15:00:00Z", "outcomeSummary": "Enquiries begin.",
      "decisions": [{"childId": child, "decision": "SECTION47_JOINT"}], "attendance": came});
    let held = record(&app, &outcome).await;
    assert_eq!((&held["userErrors"], &held["strategyMeeting"]["quorate"]), (&json!([]), &json!(true)), "{held}");
    let circulated = due(&app, &child, "STRATEGY_RECORD_CIRCULATED").await.last().unwrap().clone();
    assert_eq!(circulated["explanation"]["missingYear"], 2028, "{circulated}");

    let about = std::slice::from_ref(&child);
    let input = scheduling(&app, 978, about, ("INITIAL", "2028-01-10T08:00:00Z"), &[CSC, POLICE, HEALTH]).await;
    let schedule = "mutation($input: ScheduleConferenceInput!) { it: scheduleConference(input: $input) {
      conference { id } userErrors { field code message } } }";
    let ask = async |input: &Value| app.data("social_worker", schedule, json!({"input": input})).await["it"].clone();
    let to_come = with(&with(&input, "scheduledAt", "2028-02-10T08:00:00Z"), "idempotencyKey", key(979));
    assert_eq!(fields(&ask(&to_come).await), wrong_time("scheduledAt"));
    let done = ask(&input).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    let held = hold(&app, 980, &done["conference"]["id"]).await;
    let made = json!({"outcome": "CP_PLAN", "abuseCategory": "PHY", "plan": {"coreGroup": [{"agencyId": health}]}});
    let done = decide(&app, &deciding(981, &held, &made)).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    let first = due(&app, &child, "FIRST_CORE_GROUP").await.last().unwrap().clone();
    assert_eq!((&first["status"], &first["explanation"]["missingYear"]), (&json!("UPCOMING"), &json!(2028)));
    assert!(due(&app, &child, "INITIAL_CONFERENCE").await.iter().all(|each| each["metAt"].is_string()));
    // nor is a core group refused whose day was set there
    let group = "query($id: ID!) { child(id: $id) { currentPlan { coreGroup { id version
      members(first: 20) { nodes { agency { id } } } } } } }";
    let met = "mutation($input: RecordCoreGroupMeetingInput!) { it: recordCoreGroupMeeting(input: $input) {
      coreGroupMeeting { id } userErrors { field code message } } }";
    for (n, at, next) in [(982, "2028-01-10T08:30:00Z", "2028-01-24"), (983, "2028-01-24T08:30:00Z", "2028-02-07")] {
        let data = app.data("social_worker", group, json!({"id": child})).await;
        let group = data["child"]["currentPlan"]["coreGroup"].clone();
        let came = |member: &Value| json!({"agencyId": member["agency"]["id"], "attendance": "REMOTE"});
        let came: Vec<_> = group["members"]["nodes"].as_array().unwrap().iter().map(came).collect();
        let input = json!({"idempotencyKey": key(n), "coreGroupId": group["id"], "expectedVersion": group["version"],
          "heldAt": at, "progress": "The aunt has moved in.", "nextMeetingOn": next, "attendance": came});
        let done = app.data("social_worker", met, json!({"input": input})).await["it"].clone();
        assert_eq!(done["userErrors"], json!([]), "{at}: {done}");
        app.clock.advance(Duration::days(14));
    }
}

both!(meetings, super::a_meeting_that_was_held);
both!(unknown, super::who_took_part_is_not_known);
both!(profiles, super::goes_by_the_profile);
both!(table, super::past_the_table);
