//! Meetings that are called off, conferences that are moved, and a first strategy meeting that is put off after it was missed:
//! what is due before them is not due any more, or in another time, and what asks for them goes on.

use chrono::Duration;
use serde_json::{Value, json};

use crate::afterwards::{call, record};
use crate::support::process::fields;
use crate::support::table::{hold, schedule, scheduling, without_plan};
use crate::support::{App, key};

const CSC: &str = "Warwickshire Children's Social Care";
const POLICE: &str = "Warwickshire Police";
const HEALTH: &str = "Warwickshire Community Health Trust";
const TRANSPORT: &str = "Warwickshire Transport Police";

const CANCEL: &str = "mutation($input: CancelConferenceInput!) { it: cancelConference(input: $input) {
  conference { id status record { entries { nodes { item text at } } } } userErrors { field code message } } }";
const MOVE: &str = "mutation($input: MoveConferenceInput!) { it: moveConference(input: $input) {
  conference { id version status scheduledAt invitations(first: 60) { nodes { scheduledAt noticeWorkingDays } }
    reportRequests(first: 60) { nodes { dueAt } } record { entries { nodes { item text at } } } }
  userErrors { field code message } } }";
const CANCEL_MEETING: &str =
    "mutation($input: CancelStrategyMeetingInput!) { it: cancelStrategyMeeting(input: $input) {
  strategyMeeting { id status record { entries { nodes { item text at } } } } userErrors { field code message } } }";
const CHILD: &str = "query($id: ID!) { child(id: $id) { id } }";
const DUE: &str = "query($id: ID!) { child(id: $id) { deadlines(first: 100) { nodes { id kind status dueAt
  strategyMeeting { id } explanation { rule } } } } }";

async fn due(app: &App, child: &Value, kind: &str) -> Vec<Value> {
    let data = app.data("social_worker", DUE, json!({"id": child})).await;
    let all = data["child"]["deadlines"]["nodes"].as_array().unwrap().clone();
    all.into_iter().filter(|each| each["kind"] == kind).collect()
}

/// What is due about a conference, of a kind.
async fn due_before(app: &App, conference: &Value, kind: &str) -> Vec<Value> {
    let query = "query($id: ID!) { conference(id: $id) { deadlines(first: 100) { nodes { kind status dueAt } } } }";
    let data = app.data("social_worker", query, json!({"id": conference})).await;
    let all = data["conference"]["deadlines"]["nodes"].as_array().unwrap().clone();
    all.into_iter().filter(|each| each["kind"] == kind).collect()
}

/// Each with its status and the instant it is due.
fn stands(all: &[Value]) -> Vec<(String, String)> {
    let text = |each: &Value, name: &str| each[name].as_str().unwrap().to_owned();
    all.iter().map(|each| (text(each, "status"), text(each, "dueAt"))).collect()
}

fn status(all: &[Value]) -> Vec<String> {
    stands(all).into_iter().map(|(status, _)| status).collect()
}

fn refused(field: &str, code: &str) -> Vec<(String, String)> {
    vec![(field.to_owned(), code.to_owned())]
}

/// A meeting that begins an enquiry, held this morning.
async fn enquire(app: &App, n: u32, child: &Value) {
    let agencies = [app.agency(POLICE).await, app.agency(HEALTH).await];
    let invitees: Vec<_> = agencies.iter().map(|id| json!({"agencyId": id})).collect();
    let input = json!({"idempotencyKey": key(n), "childIds": [child], "reason": "A bruise on the arm.",
      "scheduledAt": "2026-11-24T08:00:00Z", "invitees": invitees});
    let meeting = call(app, &input).await["strategyMeeting"].clone();
    let came: Vec<_> = agencies.iter().map(|id| json!({"agencyId": id, "attendance": "REMOTE"})).collect();
    let input = json!({"idempotencyKey": key(n + 1), "strategyMeetingId": meeting["id"],
      "expectedVersion": meeting["version"], "heldAt": "2026-11-24T08:00:00Z", "outcomeSummary": "Enquiries begin.",
      "decisions": [{"childId": child, "decision": "SECTION47_JOINT"}], "attendance": came});
    assert_eq!(record(app, &input).await["userErrors"], json!([]));
}

/// Nothing is due before a conference that is called off; the initial conference is due all the same (STA-IC-01).
async fn a_conference(app: App) {
    let child = without_plan(&app).await[0].clone();
    enquire(&app, 600, &child).await;
    let about = std::slice::from_ref(&child);
    let input = scheduling(&app, 602, about, ("INITIAL", "2026-12-09T10:00:00Z"), &[CSC, POLICE, TRANSPORT]).await;
    let made = schedule(&app, "social_worker", &input).await["conference"].clone();
    let input = json!({"idempotencyKey": key(603), "conferenceId": made["id"], "expectedVersion": made["version"],
      "reason": "The family has moved away."});
    for persona in ["social_worker", "minute_taker", "police"] {
        assert_eq!(app.code(persona, CANCEL, json!({"input": input})).await, "FORBIDDEN", "{persona}");
    }
    let mut silent = input.clone();
    silent["reason"] = " ".into();
    let done = app.data("chair", CANCEL, json!({"input": silent})).await["it"].clone();
    assert_eq!(fields(&done), refused("reason", "REQUIRED"));
    assert!(app.data("police_elsewhere", CHILD, json!({"id": child})).await["child"].is_object());
    let done = app.data("chair", CANCEL, json!({"input": input})).await["it"].clone();
    assert_eq!((&done["userErrors"], &done["conference"]["status"]), (&json!([]), &json!("CANCELLED")), "{done}");
    let why =
        json!([{"item": "CANCELLED_BECAUSE", "text": "The family has moved away.", "at": "2026-12-09T10:00:00+00:00"}]);
    assert_eq!(done["conference"]["record"]["entries"]["nodes"], why);
    for kind in ["REPORT_TO_FAMILY", "REPORT_TO_PROFESSIONALS"] {
        assert_eq!(status(&due_before(&app, &made["id"], kind).await), ["NOT_APPLICABLE"], "{kind}");
    }
    let reports = status(&due_before(&app, &made["id"], "AGENCY_REPORT").await);
    assert!(reports.len() == 3 && reports.iter().all(|each| each == "NOT_APPLICABLE"), "{reports:?}");
    assert_eq!(status(&due(&app, &child, "INITIAL_CONFERENCE").await), ["UPCOMING"], "held all the same");
    assert!(app.kinds("police").await.contains(&"CONFERENCE_CANCELLED".to_owned()));
    // nobody has to answer or to report any more
    let inbox =
        "query($id: ID!, $status: ReportRequestStatus) { reportRequests(status: $status, filter: {conferenceId: $id},
      first: 9) { nodes { status } } }";
    for (status, found) in [("NOT_NEEDED", 1), ("OPEN", 0), ("DUE", 0), ("OVERDUE", 0), ("DONE", 0)] {
        let list =
            app.data("police", inbox, json!({"id": made["id"], "status": status})).await["reportRequests"].take();
        let all = list["nodes"].as_array().unwrap();
        assert!(all.len() == found && all.iter().all(|each| each["status"] == status), "{status}: {list}");
    }
    let asked = "query($id: ID!) { conference(id: $id) { invitations(first: 60) { nodes { id version reportStatus
      agency { name } } } } }";
    let asked =
        app.data("police", asked, json!({"id": made["id"]})).await["conference"]["invitations"]["nodes"].clone();
    let own = asked.as_array().unwrap().iter().find(|each| each["agency"]["name"] == POLICE).unwrap().clone();
    assert_eq!(own["reportStatus"], "NOT_ASKED", "{asked}");
    let reply = "mutation($input: ReplyToInvitationInput!) { it: replyToInvitation(input: $input) {
      invitation { id } userErrors { field code message } } }";
    let answer = json!({"idempotencyKey": key(608), "invitationId": own["id"], "expectedVersion": own["version"],
      "reply": "ATTENDING"});
    let answered = app.data("police", reply, json!({"input": answer})).await["it"].clone();
    assert_eq!(fields(&answered), refused("invitationId", "ALREADY_CONCLUDED"), "{answered}");
    // nothing leads out of it
    let mut again = input.clone();
    again["idempotencyKey"] = key(604).into();
    again["expectedVersion"] = 2.into();
    let done = app.data("team_manager", CANCEL, json!({"input": again})).await["it"].clone();
    assert_eq!(fields(&done), refused("conferenceId", "ALREADY_CONCLUDED"), "{done}");
    // what it opened closes with the next working day
    app.clock.advance(Duration::days(1) + Duration::hours(14));
    assert!(app.data("police_elsewhere", CHILD, json!({"id": child})).await["child"].is_object());
    app.clock.advance(Duration::hours(2));
    assert_eq!(app.code("police_elsewhere", CHILD, json!({"id": child})).await, "NOT_FOUND");
    // one that came together is adjourned, or decides
    let other = without_plan(&app).await[1].clone();
    let input =
        scheduling(&app, 605, std::slice::from_ref(&other), ("INITIAL", "2026-11-26T10:00:00Z"), &[CSC, POLICE]).await;
    let made = schedule(&app, "social_worker", &input).await["conference"].clone();
    app.clock.advance(Duration::hours(11));
    let held = hold(&app, 606, &made["id"]).await;
    let input = json!({"idempotencyKey": key(607), "conferenceId": made["id"], "expectedVersion": held["version"],
      "reason": "Nobody decided."});
    let done = app.data("team_manager", CANCEL, json!({"input": input})).await["it"].clone();
    assert_eq!(fields(&done), refused("conferenceId", "WRONG_STATE"), "{done}");
}

/// A conference is moved, sooner or later: the papers are due before the new time, and nothing is late before anybody could
/// write it.
async fn a_conference_is_moved(app: App) {
    let child = without_plan(&app).await[0].clone();
    let about = std::slice::from_ref(&child);
    let input = scheduling(&app, 610, about, ("INITIAL", "2026-12-09T10:00:00Z"), &[CSC, POLICE]).await;
    let made = schedule(&app, "social_worker", &input).await["conference"].clone();
    let to = |n: u32, version: &Value, at: &str| {
        json!({"idempotencyKey": key(n), "conferenceId": made["id"], "expectedVersion": version, "scheduledAt": at,
          "reason": "The mother is in hospital from the third."})
    };
    let ask = async |persona: &str, input: &Value| app.data(persona, MOVE, json!({"input": input})).await["it"].clone();
    assert_eq!(
        app.code("police", MOVE, json!({"input": to(611, &made["version"], "2026-12-02T10:00:00Z")})).await,
        "FORBIDDEN"
    );
    for (at, code) in [
        ("2026-11-23T10:00:00Z", "WRONG_TIME"),
        ("2026-12-09T10:00:00Z", "WRONG_TIME"),
        ("2026-12-05T10:00:00Z", "RULE_REFUSED"),
    ] {
        let done = ask("social_worker", &to(612, &made["version"], at)).await;
        assert_eq!(fields(&done), refused("scheduledAt", code), "{at}: {done}");
    }
    let done = ask("social_worker", &to(613, &made["version"], "2026-12-02T10:00:00Z")).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    let conference = &done["conference"];
    assert_eq!(
        (&conference["status"], &conference["scheduledAt"]),
        (&json!("SCHEDULED"), &json!("2026-12-02T10:00:00+00:00"))
    );
    let invited = &conference["invitations"]["nodes"][0];
    assert_eq!(invited, &json!({"scheduledAt": "2026-12-02T10:00:00+00:00", "noticeWorkingDays": 6}));
    assert_eq!(conference["reportRequests"]["nodes"][0]["dueAt"], "2026-12-01T10:00:00+00:00");
    let why = &conference["record"]["entries"]["nodes"][0];
    assert_eq!((&why["item"], &why["at"]), (&json!("MOVED_BECAUSE"), &json!("2026-12-09T10:00:00+00:00")));
    let lapsed = |at: &str| ("NOT_APPLICABLE".to_owned(), at.to_owned());
    let runs = |at: &str| ("UPCOMING".to_owned(), at.to_owned());
    assert_eq!(
        stands(&due_before(&app, &made["id"], "REPORT_TO_FAMILY").await),
        [runs("2026-11-30T10:00:00+00:00"), lapsed("2026-12-07T10:00:00+00:00")]
    );
    let reports = stands(&due_before(&app, &made["id"], "AGENCY_REPORT").await);
    assert_eq!(reports.iter().filter(|each| **each == runs("2026-12-01T10:00:00+00:00")).count(), 2, "{reports:?}");
    assert_eq!(reports.iter().filter(|each| **each == lapsed("2026-12-08T10:00:00+00:00")).count(), 2, "{reports:?}");
    assert!(app.kinds("police").await.contains(&"CONFERENCE_MOVED".to_owned()));
    // to tomorrow: the reports are due a day from now
    let soon = ask("chair", &to(614, &conference["version"], "2026-11-25T10:00:00Z")).await;
    assert_eq!(soon["userErrors"], json!([]), "{soon}");
    assert_eq!(soon["conference"]["reportRequests"]["nodes"][0]["dueAt"], "2026-11-25T09:00:00+00:00");
    // and later than it ever was
    let late = ask("minute_taker", &to(615, &soon["conference"]["version"], "2026-12-16T10:00:00Z")).await;
    assert_eq!(late["conference"]["reportRequests"]["nodes"][0]["dueAt"], "2026-12-15T10:00:00+00:00", "{late}");
}

/// The contact asks for a meeting all the same: its time runs on in the next one that is called (WAR-SM-02).
async fn a_strategy_meeting(app: App) {
    let child = without_plan(&app).await[0].clone();
    let agencies = [app.agency(POLICE).await, app.agency(HEALTH).await];
    let invitees: Vec<_> = agencies.iter().map(|id| json!({"agencyId": id})).collect();
    let calling = |n: u32, at: &str| {
        json!({"idempotencyKey": key(n), "childIds": [child], "reason": "A bruise on the arm.", "scheduledAt": at,
          "contactReceivedAt": "2026-11-24T08:45:00Z", "invitees": invitees})
    };
    let first = call(&app, &calling(620, "2026-11-24T11:00:00Z")).await["strategyMeeting"].clone();
    let input = json!({"idempotencyKey": key(621), "strategyMeetingId": first["id"], "expectedVersion": first["version"],
      "reason": "The police were called away."});
    assert_eq!(app.code("police", CANCEL_MEETING, json!({"input": input})).await, "FORBIDDEN");
    assert_eq!(app.code("school_dsl", CANCEL_MEETING, json!({"input": input})).await, "NOT_FOUND");
    let done = app.data("social_worker", CANCEL_MEETING, json!({"input": input})).await["it"].clone();
    assert_eq!((&done["userErrors"], &done["strategyMeeting"]["status"]), (&json!([]), &json!("CANCELLED")), "{done}");
    let why = &done["strategyMeeting"]["record"]["entries"]["nodes"][0];
    assert_eq!((&why["item"], &why["at"]), (&json!("MEETING_CANCELLED_BECAUSE"), &json!("2026-11-24T11:00:00+00:00")));
    assert!(app.kinds("police").await.contains(&"STRATEGY_MEETING_CANCELLED".to_owned()));
    let one = ("DUE".to_owned(), "2026-11-25T00:00:00+00:00".to_owned());
    let runs = stands(&due(&app, &child, "FIRST_STRATEGY_MEETING").await);
    assert!(runs.len() == 1 && runs[0].1 == one.1 && runs[0].0 != "NOT_APPLICABLE", "{runs:?}");
    let decided = |meeting: &Value, n: u32| {
        let came: Vec<_> = agencies.iter().map(|id| json!({"agencyId": id, "attendance": "REMOTE"})).collect();
        json!({"idempotencyKey": key(n), "strategyMeetingId": meeting["id"], "expectedVersion": meeting["version"],
          "heldAt": "2026-11-24T15:00:00Z", "outcomeSummary": "Enquiries begin.",
          "decisions": [{"childId": child, "decision": "SECTION47_JOINT"}], "attendance": came})
    };
    let second = call(&app, &calling(622, "2026-11-24T15:00:00Z")).await["strategyMeeting"].clone();
    let runs = due(&app, &child, "FIRST_STRATEGY_MEETING").await;
    assert_eq!(runs.len(), 1, "no second clock for one contact: {runs:?}");
    assert_eq!(runs[0]["strategyMeeting"]["id"], second["id"]);
    app.clock.advance(Duration::hours(7));
    let over = record(&app, &decided(&first, 623)).await;
    assert_eq!(fields(&over), refused("strategyMeetingId", "ALREADY_CONCLUDED"), "{over}");
    assert_eq!(record(&app, &decided(&second, 624)).await["userErrors"], json!([]));
    assert_eq!(status(&due(&app, &child, "FIRST_STRATEGY_MEETING").await), ["MET"]);
    // one that was held is not called off
    let mut late = input.clone();
    late["idempotencyKey"] = key(625).into();
    late["strategyMeetingId"] = second["id"].clone();
    late["expectedVersion"] = 2.into();
    let done = app.data("team_manager", CANCEL_MEETING, json!({"input": late})).await["it"].clone();
    assert_eq!(fields(&done), refused("strategyMeetingId", "ALREADY_CONCLUDED"), "{done}");
}

/// A first meeting that was missed is missed once, though its time is stretched and missed again (WAR-SM-03).
async fn missed_once(app: App) {
    let child = without_plan(&app).await[0].clone();
    let invitees = json!([{"agencyId": app.agency(POLICE).await}, {"agencyId": app.agency(HEALTH).await}]);
    let input = json!({"idempotencyKey": key(630), "childIds": [child], "reason": "A bruise on the arm.",
      "scheduledAt": "2026-11-24T15:00:00Z", "contactReceivedAt": "2026-11-23T20:00:00Z", "invitees": invitees});
    let meeting = call(&app, &input).await["strategyMeeting"].clone();
    let row = due(&app, &child, "FIRST_STRATEGY_MEETING").await[0].clone();
    assert_eq!(row["status"], "OVERDUE");
    let told = async |kind: &str| {
        app.api.upkeep().await.unwrap();
        let feed = "query($c: ID!) { events(childId: $c, first: 100) { nodes { kind deadline { id } } } }";
        let events = app.data("social_worker", feed, json!({"c": child})).await["events"]["nodes"].clone();
        let of = |event: &&Value| event["kind"] == kind && event["deadline"]["id"] == row["id"];
        events.as_array().unwrap().iter().filter(of).count()
    };
    assert_eq!(told("DEADLINE_MISSED").await, 1);
    let extend = "mutation($input: ExtendStrategyMeetingInput!) { it: extendStrategyMeeting(input: $input) {
      strategyMeeting { version } userErrors { field code message } } }";
    let input = json!({"idempotencyKey": key(631), "strategyMeetingId": meeting["id"],
      "expectedVersion": meeting["version"], "policeOfficer": "DS 4411", "consultedAt": "2026-11-23T23:45:00Z",
      "reason": "The hospital's record is awaited."});
    assert_eq!(app.code("social_worker", extend, json!({"input": input})).await, "FORBIDDEN");
    let done = app.data("team_manager", extend, json!({"input": input})).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    let stretched = due(&app, &child, "FIRST_STRATEGY_MEETING").await[0].clone();
    assert_eq!(stretched["dueAt"], "2026-11-24T20:00:00+00:00");
    app.clock.advance(Duration::hours(12));
    assert_eq!(status(&due(&app, &child, "FIRST_STRATEGY_MEETING").await), ["OVERDUE"]);
    assert_eq!(told("DEADLINE_MISSED").await, 1, "once for one row");
}

/// The list of what is due is narrowed to a team, and to an authority.
async fn lists_are_narrowed(app: App) {
    let all = "query($f: DeadlineFilterInput) { deadlines(first: 100, filter: $f) { nodes { id teamId } } }";
    let read = async |filter: Value| {
        app.data("service_manager", all, json!({"f": filter})).await["deadlines"]["nodes"].as_array().unwrap().clone()
    };
    let whole = read(json!({})).await;
    let team = whole.iter().find(|each| each["teamId"].is_string()).unwrap()["teamId"].clone();
    let of_team = read(json!({"teamId": team})).await;
    assert!(!of_team.is_empty() && of_team.iter().all(|each| each["teamId"] == team), "{of_team:?}");
    let mine = "{ viewer { agency { localAuthority { id } } } }";
    let mine = app.data("service_manager", mine, json!({})).await["viewer"]["agency"]["localAuthority"]["id"].clone();
    assert_eq!(read(json!({"localAuthorityId": mine})).await.len(), whole.len());
    let nowhere = quorate::graphql::id::global(entity::id::LocalAuthorityId(uuid::Uuid::nil())).to_string();
    assert_eq!(read(json!({"localAuthorityId": nowhere})).await, Vec::<Value>::new());
}

both!(conferences, super::a_conference);
both!(moves, super::a_conference_is_moved);
both!(meetings, super::a_strategy_meeting);
both!(misses, super::missed_once);
both!(lists, super::lists_are_narrowed);
