//! Conferences: scheduled with invitations and report requests, answered, decided with plan and core group.

use serde_json::{Value, json};

use crate::support::{App, key};

const SCHEDULE: &str = "mutation($input: ScheduleConferenceInput!) { scheduleConference(input: $input) {
  conference { id kind status version invitations { nodes { id version noticeWorkingDays reply agency { name } } }
    reportRequests { nodes { dueAt agency { name } } } }
  userErrors { field code message } } }";

const REPLY: &str = "mutation($input: ReplyToInvitationInput!) { replyToInvitation(input: $input) {
  invitation { reply apologiesReason version } userErrors { field code } } }";

const ATTEND: &str = "mutation($input: RecordConferenceAttendanceInput!) { recordConferenceAttendance(input: $input) {
  conference { version quorate } userErrors { field code } } }";

const DECIDE: &str = "mutation($input: RecordConferenceOutcomeInput!) { recordConferenceOutcome(input: $input) {
  conference { status children { nodes { outcome child { currentPlan { kind startsOn actions { nodes { description } }
    coreGroup { id version firstMeetingDueOn members { nodes { agency { name } } } } } } } } }
  userErrors { field code message } } }";

async fn practitioner(app: &App, persona: &str) -> Value {
    app.data(persona, "{ viewer { practitioner { id } } }", json!({})).await["viewer"]["practitioner"]["id"].clone()
}

/// A child that stays with the social worker and has no plan, so that an initial conference may make one.
async fn child_without_plan(app: &App) -> Value {
    let query = "{ children(first: 100) { nodes { id currentPlan { id } } } }";
    let children = app.data("social_worker", query, json!({})).await["children"]["nodes"].clone();
    let me = practitioner(app, "social_worker").await;
    let query = "query($id: ID!) { child(id: $id) { involvements(first: 100) { nodes {
      basis endsAt practitioner { id } } } } }";
    for child in children.as_array().unwrap().iter().filter(|c| c["currentPlan"].is_null()) {
        let involvements = app.data("social_worker", query, json!({"id": child["id"]})).await;
        let nodes = involvements["child"]["involvements"]["nodes"].as_array().unwrap().clone();
        let stays =
            |i: &Value| i["practitioner"]["id"] == me && i["basis"] == "ALLOCATED_WORKER" && i["endsAt"].is_null();
        if nodes.iter().any(stays) {
            return child["id"].clone();
        }
    }
    panic!("the social worker's caseload has a child without a plan");
}

async fn input(app: &App) -> Value {
    json!({"idempotencyKey": key(10), "childIds": [child_without_plan(app).await], "kind": "INITIAL",
    "scheduledAt": "2026-12-09T10:00:00Z", "venue": "Room 4", "chairId": practitioner(app, "chair").await,
    "minuteTakerId": practitioner(app, "minute_taker").await,
    "invitees": [
      {"agencyId": app.agency("Warwickshire Children's Social Care").await, "reportRequested": true},
      {"agencyId": app.agency("Warwickshire Police").await},
      {"agencyId": app.agency("Warwickshire Community Health Trust").await},
      {"agencyId": app.agency("Warwickshire Oakfield Primary School").await, "reportRequested": false},
    ]})
}

async fn schedule(app: &App) -> Value {
    let done =
        app.data("social_worker", SCHEDULE, json!({"input": input(app).await})).await["scheduleConference"].clone();
    assert_eq!(done["userErrors"], json!([]));
    done["conference"].clone()
}

async fn is_scheduled_with_all_that_comes_with_it(app: App) {
    let good = input(&app).await;
    let refused = |field: &'static str, value: Value| {
        let (app, mut input) = (&app, good.clone());
        input[field] = value;
        async move {
            let answer =
                app.data("social_worker", SCHEDULE, json!({"input": input})).await["scheduleConference"].clone();
            assert_eq!(answer["conference"], Value::Null);
            answer["userErrors"][0]["field"].as_str().unwrap().to_owned()
        }
    };
    assert_eq!(refused("scheduledAt", json!("2026-12-05T10:00:00Z")).await, "scheduledAt", "a Saturday");
    assert_eq!(refused("scheduledAt", json!("2099-12-09T10:00:00Z")).await, "scheduledAt", "past the calendar");
    assert_eq!(refused("chairId", practitioner(&app, "police").await).await, "chairId");
    assert_eq!(refused("minuteTakerId", practitioner(&app, "police").await).await, "minuteTakerId");
    assert_eq!(refused("venue", json!("")).await, "venue");
    assert_eq!(refused("invitees", json!([])).await, "invitees");
    assert_eq!(refused("childIds", json!([])).await, "childIds");
    assert_eq!(app.code("police", SCHEDULE, json!({"input": good})).await, "FORBIDDEN");
    assert_eq!(app.kinds("service_manager").await, Vec::<String>::new());

    let conference = schedule(&app).await;
    let again = app.data("social_worker", SCHEDULE, json!({"input": good})).await["scheduleConference"].clone();
    assert_eq!(again["conference"], conference, "a retry answers the same");
    let invitations = conference["invitations"]["nodes"].as_array().unwrap();
    assert_eq!(invitations.len(), 4);
    assert!(invitations.iter().all(|i| i["noticeWorkingDays"] == 11 && i["reply"] == "AWAITED"), "{invitations:?}");
    let requests = conference["reportRequests"]["nodes"].as_array().unwrap();
    assert_eq!(requests.len(), 3, "the school is not asked for a report");
    assert!(requests.iter().all(|r| r["dueAt"] == "2026-12-08T10:00:00+00:00"), "{requests:?}");
    // those asked see it, with what is asked of them; those not asked do not
    let read = "query($id: ID!) { conference(id: $id) { reportRequests { nodes { agency { name } } } } }";
    let id = json!({"id": conference["id"]});
    let police = app.data("police", read, id.clone()).await;
    assert_eq!(
        police["conference"]["reportRequests"]["nodes"],
        json!([{"agency": {"name": "Warwickshire Police"}}]),
        "its own request only"
    );
    assert_eq!(app.code("police_elsewhere", read, id.clone()).await, "NOT_FOUND");
    assert!(app.data("chair", read, id.clone()).await["conference"].is_object());
    assert_eq!(app.kinds("police").await, ["CONFERENCE_SCHEDULED"]);
}

async fn is_answered_by_the_agency_asked(app: App) {
    let conference = schedule(&app).await;
    let of = |name: &str| {
        let nodes = conference["invitations"]["nodes"].as_array().unwrap();
        nodes.iter().find(|i| i["agency"]["name"] == name).unwrap().clone()
    };
    let police = of("Warwickshire Police");
    let input = json!({"input": {"idempotencyKey": key(11), "invitationId": police["id"],
      "expectedVersion": police["version"], "reply": "APOLOGIES", "apologiesReason": "At court."}});
    assert_eq!(app.code("school_dsl", REPLY, input.clone()).await, "FORBIDDEN", "seen, but not its own");
    assert_eq!(app.code("police_elsewhere", REPLY, input.clone()).await, "NOT_FOUND");
    let mut awaited = input.clone();
    awaited["input"]["reply"] = "AWAITED".into();
    let refused = app.data("police", REPLY, awaited).await["replyToInvitation"].clone();
    assert_eq!(refused["userErrors"][0]["field"], "reply");
    let done = app.data("police", REPLY, input.clone()).await["replyToInvitation"].clone();
    assert_eq!(done["invitation"], json!({"reply": "APOLOGIES", "apologiesReason": "At court.", "version": 2}));
    assert_eq!(app.data("police", REPLY, input.clone()).await["replyToInvitation"], done);
    let mut stale = input.clone();
    stale["input"]["idempotencyKey"] = key(12).into();
    assert_eq!(app.code("police", REPLY, stale.clone()).await, "CONFLICT");
    // the chair reads reply and reason, other partners do not
    let read = "query($id: ID!) { node(id: $id) { ... on Invitation { reply apologiesReason withheld } } }";
    let id = json!({"id": police["id"]});
    assert_eq!(app.data("chair", read, id.clone()).await["node"]["apologiesReason"], "At court.");
    let school = app.data("school_dsl", read, id).await["node"].clone();
    assert_eq!(school, json!({"reply": null, "apologiesReason": null, "withheld": ["NON_ATTENDANCE"]}));
    app.clock.advance(chrono::Duration::days(16));
    stale["input"]["expectedVersion"] = 2.into();
    let late = app.data("police", REPLY, stale).await["replyToInvitation"].clone();
    assert_eq!(late["userErrors"][0]["code"], "ALREADY_CONCLUDED");
    assert_eq!(app.kinds("police").await, ["CONFERENCE_SCHEDULED", "INVITATION_REPLIED"]);
}

/// Schedules, lets the day come and records that everybody was there; answers the conference with its version.
async fn held(app: &App) -> Value {
    let mut conference = schedule(app).await;
    app.clock.advance(chrono::Duration::days(15) + chrono::Duration::hours(3));
    let read = "query($id: ID!) { conference(id: $id) { invitations { nodes { agency { id } } }
      children { nodes { child { id } } } } }";
    let all = app.data("chair", read, json!({"id": conference["id"]})).await["conference"].clone();
    let entries: Vec<_> = all["invitations"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| json!({"agencyId": i["agency"]["id"], "attendance": "REMOTE"}))
        .collect();
    let input = json!({"input": {"idempotencyKey": key(13), "conferenceId": conference["id"],
      "expectedVersion": conference["version"], "entries": entries}});
    let done = app.data("minute_taker", ATTEND, input).await["recordConferenceAttendance"].clone();
    assert_eq!(done["userErrors"], json!([]));
    conference["version"] = done["conference"]["version"].clone();
    conference["child"] = all["children"]["nodes"][0]["child"]["id"].clone();
    conference
}

async fn outcome(app: &App, conference: &Value) -> Value {
    let health = app.agency("Warwickshire Community Health Trust").await;
    json!({"idempotencyKey": key(14), "conferenceId": conference["id"], "expectedVersion": conference["version"],
      "summary": "Worries outweigh strengths.",
      "outcomes": [{"childId": conference["child"], "outcome": "CP_PLAN", "abuseCategory": "NEG",
        "plan": {"dangerStatement": "Left alone at night.", "visitEveryDays": 10,
          "actions": [{"description": "Weekly weighing.", "ownerAgencyId": health, "dueOn": "2026-12-20"}],
          "coreGroup": [{"agencyId": health, "practitionerId": practitioner(app, "health_visitor").await}]}}]})
}

async fn decides_a_plan_with_its_core_group(app: App) {
    let conference = held(&app).await;
    let good = outcome(&app, &conference).await;
    // somebody who holds no post at the agency cannot be named for it
    let mut wrong = good.clone();
    wrong["outcomes"][0]["plan"]["coreGroup"][0]["practitionerId"] = practitioner(&app, "police").await;
    let refused = app.data("chair", DECIDE, json!({"input": wrong})).await["recordConferenceOutcome"].clone();
    assert_eq!(refused["userErrors"][0]["field"], "outcomes.0.plan.coreGroup.0.practitionerId", "{refused}");
    let mut twice = good.clone();
    let member = twice["outcomes"][0]["plan"]["coreGroup"][0].clone();
    twice["outcomes"][0]["plan"]["coreGroup"] = json!([member.clone(), member]);
    let refused = app.data("chair", DECIDE, json!({"input": twice})).await["recordConferenceOutcome"].clone();
    assert_eq!(refused["userErrors"][0]["code"], "DUPLICATE", "{refused}");
    let mut bare = good.clone();
    bare["outcomes"][0].as_object_mut().unwrap().remove("abuseCategory");
    let refused = app.data("chair", DECIDE, json!({"input": bare})).await["recordConferenceOutcome"].clone();
    assert_eq!(refused["userErrors"][0]["field"], "outcomes.0.abuseCategory");
    assert_eq!(app.code("minute_taker", DECIDE, json!({"input": good})).await, "FORBIDDEN");

    let done = app.data("chair", DECIDE, json!({"input": good})).await["recordConferenceOutcome"].clone();
    assert_eq!(done["userErrors"], json!([]));
    let plan = done["conference"]["children"]["nodes"][0]["child"]["currentPlan"].clone();
    assert_eq!((&plan["kind"], &plan["startsOn"]), (&json!("CP"), &json!("2026-12-09")), "{done}");
    assert_eq!(plan["coreGroup"]["firstMeetingDueOn"], "2026-12-23", "ten working days (WAR-CG-01)");
    assert_eq!(plan["coreGroup"]["members"]["nodes"][0]["agency"]["name"], "Warwickshire Community Health Trust");
    assert_eq!(app.data("chair", DECIDE, json!({"input": good})).await["recordConferenceOutcome"], done);
    core_group_meets(&app, &plan["coreGroup"]).await;
}

const MEET: &str = "mutation($input: RecordCoreGroupMeetingInput!) { recordCoreGroupMeeting(input: $input) {
  coreGroupMeeting { heldAt progress invitations { nodes { attendance agency { name } } } }
  userErrors { field code } } }";

async fn core_group_meets(app: &App, group: &Value) {
    app.clock.advance(chrono::Duration::days(6));
    let good = json!({"idempotencyKey": key(15), "coreGroupId": group["id"], "expectedVersion": group["version"],
      "heldAt": "2026-12-15T10:00:00Z", "progress": "Weighed weekly; better.", "nextMeetingOn": "2027-01-11",
      "attendance": [{"agencyId": app.agency("Warwickshire Community Health Trust").await, "attendance": "IN_PERSON"}]});
    let mut wrong = good.clone();
    wrong["attendance"][0]["agencyId"] = app.agency("Warwickshire Police").await;
    let refused = app.data("social_worker", MEET, json!({"input": wrong})).await["recordCoreGroupMeeting"].clone();
    assert_eq!(refused["userErrors"][0]["field"], "attendance.0.agencyId");
    let mut early = good.clone();
    early["heldAt"] = "2026-12-01T10:00:00Z".into();
    let refused = app.data("social_worker", MEET, json!({"input": early})).await["recordCoreGroupMeeting"].clone();
    assert_eq!(refused["userErrors"][0]["field"], "heldAt");
    assert_eq!(app.code("health_visitor", MEET, json!({"input": good})).await, "FORBIDDEN");
    let done = app.data("social_worker", MEET, json!({"input": good})).await["recordCoreGroupMeeting"].clone();
    assert_eq!(done["userErrors"], json!([]));
    assert_eq!(done["coreGroupMeeting"]["invitations"]["nodes"][0]["attendance"], "IN_PERSON");
    assert_eq!(app.data("social_worker", MEET, json!({"input": good})).await["recordCoreGroupMeeting"], done);
    let mut stale = good.clone();
    stale["idempotencyKey"] = key(16).into();
    assert_eq!(app.code("team_manager", MEET, json!({"input": stale})).await, "CONFLICT");
    assert_eq!(
        app.kinds("health_visitor").await,
        [
            "CONFERENCE_SCHEDULED",
            "CONFERENCE_ATTENDANCE_RECORDED",
            "CONFERENCE_OUTCOME_RECORDED",
            "CORE_GROUP_MEETING_RECORDED"
        ]
    );
}

both!(a_conference, super::is_scheduled_with_all_that_comes_with_it);
both!(an_invitation, super::is_answered_by_the_agency_asked);
both!(an_outcome, super::decides_a_plan_with_its_core_group);
