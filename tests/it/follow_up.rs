//! From an absence to a letter, its reply, an escalation and its outcome, under Birmingham's practice (BIR-NA-01, BIR-NA-02), all
//! of it through the API.

use chrono::Duration;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::support::contents::connect;
use crate::support::plant::literal;
use crate::support::process::{attend, go_by, report_for};
use crate::support::table::{schedule, scheduling, without_plan};
use crate::support::{App, key};

const CSC: &str = "Warwickshire Children's Social Care";
const POLICE: &str = "Warwickshire Police";
const SCHOOL: &str = "Warwickshire Oakfield Primary School";
const HOUSING: &str = "Warwickshire Homes Association";

const CONFERENCE: &str = "query($id: ID!) { conference(id: $id) {
  attendance { nonAttenders { invitationId reason agency { name } } }
  nonAttendanceLetters { nodes { id status } } } }";
const WRITE: &str = "mutation($input: WriteNonAttendanceLetterInput!) { it: writeNonAttendanceLetter(input: $input) {
  letter { id about status text version sentAt agency { name } } userErrors { field code } } }";
const REWRITE: &str =
    "mutation($input: RewriteNonAttendanceLetterInput!) { it: rewriteNonAttendanceLetter(input: $input) {
  letter { id status text version } userErrors { field code } } }";
const SEND: &str = "mutation($input: SendNonAttendanceLetterInput!) { it: sendNonAttendanceLetter(input: $input) {
  letter { status version sentAt replyDueAt } userErrors { field code } } }";
const REPLY: &str =
    "mutation($input: ReplyToNonAttendanceLetterInput!) { it: replyToNonAttendanceLetter(input: $input) {
  letter { status reason reply contested } userErrors { field code } } }";
const LETTER: &str = "query($id: ID!) { node(id: $id) { ... on NonAttendanceLetter { status reason text version } } }";
const RAISE: &str = "mutation($input: RaiseEscalationInput!) { it: raiseEscalation(input: $input) {
  escalation { id status figures sha256 version entries { nodes { id attendance noticeWorkingDays reportMissing
    invitation { id } } } } userErrors { field code } } }";
const ESCALATION: &str = "query($id: ID!) { node(id: $id) { ... on Escalation { status reason figures sha256 answer
  meetingAt outcome outcomeText version entries { nodes { id attendance contestedBecause } } } } }";

async fn it(app: &App, persona: &str, query: &str, input: &Value) -> Value {
    app.data(persona, query, json!({"input": input})).await["it"].clone()
}

fn done(name: &str, selection: &str) -> String {
    let capital = name[..1].to_uppercase() + &name[1..];
    format!(
        "mutation($input: {capital}Input!) {{ it: {name}(input: $input) {{ {selection} userErrors {{ field code }} }} }}"
    )
}

/// A conference that the school missed without a word and without its report, with its letter still to be written; answers the
/// conference and the invitation of the school.
async fn missed(app: &App) -> (Value, Value) {
    go_by(app, "BIRMINGHAM").await;
    let child = without_plan(app).await[0].clone();
    let names = [CSC, POLICE, SCHOOL, HOUSING];
    let mut input =
        scheduling(app, 820, std::slice::from_ref(&child), ("INITIAL", "2026-12-02T10:00:00Z"), &names).await;
    for invitee in input["invitees"].as_array_mut().unwrap() {
        invitee["reportRequested"] = true.into();
    }
    let id = schedule(app, "social_worker", &input).await["conference"]["id"].clone();
    report_for(app, &id, &[CSC, POLICE, HOUSING]).await;
    app.clock.advance(Duration::days(8) + Duration::hours(4));
    let came = [(CSC, "IN_PERSON"), (POLICE, "REMOTE"), (SCHOOL, "NO_WORD"), (HOUSING, "REMOTE")];
    attend(app, 840, &id, &came).await;
    let asked = app.data("chair", CONFERENCE, json!({"id": id})).await["conference"].clone();
    let asked = asked["attendance"]["nonAttenders"].as_array().unwrap().clone();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!((&asked[0]["reason"], &asked[0]["agency"]["name"]), (&json!("NEITHER"), &json!(SCHOOL)));
    (id, asked[0]["invitationId"].clone())
}

async fn from_absence_to_outcome(app: App) {
    let (conference, invitation) = missed(&app).await;
    let letter = letter(&app, &conference, &invitation).await;
    replied(&app, &letter).await;
    let escalation = escalated(&app, &invitation).await;
    answered(&app, &escalation).await;
    by_social_care(&app).await;
    let kinds = app.kinds("chair").await;
    for kind in [
        "NON_ATTENDANCE_LETTER_WRITTEN",
        "NON_ATTENDANCE_LETTER_SENT",
        "NON_ATTENDANCE_LETTER_REPLIED",
        "ESCALATION_RAISED",
        "ESCALATION_ENTRY_CONTESTED",
        "ESCALATION_ANSWERED",
        "ESCALATION_MEETING_AGREED",
        "ESCALATION_CLOSED",
    ] {
        assert!(kinds.contains(&kind.to_owned()), "{kind} in {kinds:?}");
        let told = app.kinds("school_dsl").await.contains(&kind.to_owned());
        assert_eq!(told, kind != "NON_ATTENDANCE_LETTER_WRITTEN", "{kind}");
        assert!(!app.kinds("police").await.contains(&kind.to_owned()), "{kind}");
    }
    kept_from_a_chair(&app, &conference, &escalation).await;
}

/// An escalation about social care is answered there by neither who raised it nor a service manager.
async fn by_social_care(app: &App) {
    let school = app.agency(SCHOOL).await;
    let again = json!({"idempotencyKey": key(890), "agencyId": school, "from": "2026-12-01", "until": "2027-01-01",
      "reason": "Again."});
    let id = it(app, "chair", RAISE, &again).await["escalation"]["id"].clone();
    assert!(id.is_string(), "the one before is closed");
    let db = connect(&app.url).await;
    let uuid = |id: &Value| {
        let (_, id) = quorate::graphql::id::split(&id.as_str().unwrap().into()).unwrap();
        literal(db.get_database_backend(), id)
    };
    let care = uuid(&app.agency(CSC).await);
    let moved = format!("UPDATE escalation SET agency_id = {care} WHERE id = {}", uuid(&id));
    assert_eq!(db.execute_unprepared(&moved).await.unwrap().rows_affected(), 1);
    let answer = done("answerEscalation", "escalation { answer version }");
    let words = json!({"idempotencyKey": key(891), "escalationId": id, "expectedVersion": 1, "answer": "Noted."});
    for persona in ["chair", "service_manager"] {
        assert_eq!(app.code(persona, &answer, json!({"input": words})).await, "FORBIDDEN", "{persona}");
    }
    assert_eq!(it(app, "team_manager", &answer, &words).await["escalation"]["version"], 2);
}

/// A conflict of interest closes the conference to its chair: the evidence goes, and what was counted with it is withheld.
async fn kept_from_a_chair(app: &App, conference: &Value, escalation: &Value) {
    let read = "query($id: ID!) { node(id: $id) { ... on Escalation { reason figures sha256 withheld
      entries { nodes { id } } } } }";
    let read = async |persona: &str| app.data(persona, read, json!({"id": escalation})).await["node"].clone();
    let whole = read("chair").await;
    assert!(whole["figures"].is_string() && whole["sha256"].is_string() && whole["withheld"] == json!([]), "{whole}");
    let of = "query($id: ID!) { conference(id: $id) { children { nodes { child { id } } } }
      viewer { practitioner { id } } }";
    let of = app.data("chair", of, json!({"id": conference})).await;
    let conflict = done("recordConflict", "conflict { id }");
    let personal = json!({"idempotencyKey": key(892), "childId": of["conference"]["children"]["nodes"][0]["child"]["id"],
      "kind": "PERSONAL", "practitionerId": of["viewer"]["practitioner"]["id"], "reason": "They are neighbours."});
    let recorded = it(app, "service_manager", &conflict, &personal).await;
    assert_eq!(recorded["userErrors"], json!([]), "{recorded}");
    app.clock.advance(Duration::seconds(1));
    let withheld = json!({"reason": null, "figures": null, "sha256": null, "withheld": ["NON_ATTENDANCE"],
      "entries": {"nodes": []}});
    assert_eq!(read("chair").await, withheld);
    assert_eq!(read("service_manager").await, whole, "nothing is closed to the manager");
}

/// The chair writes and sends; the agency has the letter from then on.
async fn letter(app: &App, conference: &Value, invitation: &Value) -> Value {
    let input = json!({"idempotencyKey": key(850), "invitationId": invitation, "note": "The hour had been agreed."});
    assert_eq!(app.code("social_worker", WRITE, json!({"input": input})).await, "FORBIDDEN");
    assert_eq!(app.code("police", WRITE, json!({"input": input})).await, "FORBIDDEN");
    let mut dry = input.clone();
    dry["dryRun"] = true.into();
    assert_eq!(it(app, "chair", WRITE, &dry).await, json!({"letter": null, "userErrors": []}));
    let written = it(app, "chair", WRITE, &input).await;
    let letter = written["letter"].clone();
    assert_eq!((&letter["about"], &letter["status"]), (&json!("NEITHER"), &json!("WRITTEN")), "{written}");
    let text = letter["text"].as_str().unwrap();
    assert!(text.contains("6 working days before it") && text.contains("The hour had been agreed."), "{text}");
    assert_eq!(it(app, "chair", WRITE, &input).await, written, "a retry answers the same");
    let mut again = input.clone();
    again["idempotencyKey"] = key(851).into();
    let twice = it(app, "chair", WRITE, &again).await["userErrors"].clone();
    assert_eq!(twice, json!([{"field": "invitationId", "code": "ALREADY_DONE"}]));
    let id = letter["id"].clone();
    assert_eq!(app.code("school_dsl", LETTER, json!({"id": id})).await, "NOT_FOUND", "not sent yet");
    let anew = |n: u32, version: i64| json!({"idempotencyKey": key(n), "letterId": id, "expectedVersion": version, "note": "At ten."});
    assert_eq!(app.code("minute_taker", REWRITE, json!({"input": anew(854, 1)})).await, "FORBIDDEN");
    let mut other = input.clone();
    other["idempotencyKey"] = key(857).into();
    assert_eq!(app.code("minute_taker", WRITE, json!({"input": other})).await, "FORBIDDEN");
    let rewritten = it(app, "chair", REWRITE, &anew(855, 1)).await["letter"].clone();
    let text = rewritten["text"].as_str().unwrap();
    assert!(text.contains("At ten.") && !text.contains("had been agreed"), "{text}");
    assert_eq!((&rewritten["id"], &rewritten["version"]), (&id, &json!(2)));
    let stale = json!({"idempotencyKey": key(852), "letterId": id, "expectedVersion": 9});
    assert_eq!(app.code("chair", SEND, json!({"input": stale})).await, "CONFLICT");
    put_right(app, conference, &id).await;
    let send = json!({"idempotencyKey": key(853), "letterId": id, "expectedVersion": 2});
    let went = it(app, "minute_taker", SEND, &send).await["letter"].clone();
    assert_eq!((&went["status"], &went["replyDueAt"]), (&json!("SENT"), &json!("2026-12-17T00:00:00+00:00")));
    let late = it(app, "chair", REWRITE, &anew(856, 3)).await["userErrors"].clone();
    assert_eq!(late, json!([{"field": "letterId", "code": "WRONG_STATE"}]));
    let listed = app.data("chair", CONFERENCE, json!({"id": conference})).await["conference"].clone();
    assert_eq!(listed["nonAttendanceLetters"]["nodes"], json!([{"id": id, "status": "SENT"}]));
    on_paper(app, id.as_str().unwrap(), text).await;
    id
}

/// A letter that asks what the record no longer says is not sent.
async fn put_right(app: &App, conference: &Value, letter: &Value) {
    let came = |school| [(CSC, "IN_PERSON"), (POLICE, "REMOTE"), (SCHOOL, school), (HOUSING, "REMOTE")];
    attend(app, 841, conference, &came("IN_PERSON")).await;
    let send = json!({"idempotencyKey": key(858), "letterId": letter, "expectedVersion": 2});
    let refused = it(app, "chair", SEND, &send).await["userErrors"].clone();
    assert_eq!(refused, json!([{"field": "letterId", "code": "RULE_REFUSED"}]), "it came, and only sent no report");
    attend(app, 842, conference, &came("NO_WORD")).await;
}

/// The letter as pages and as text, for its reader alone.
async fn on_paper(app: &App, id: &str, text: &str) {
    let get = async |persona: &str, accept: &str| {
        let request = reqwest::Client::new().get(app.at(&format!("/letters/{id}"))).bearer_auth(app.token(persona));
        let answer = request.header("accept", accept).send().await.unwrap();
        (answer.status().as_u16(), answer.bytes().await.unwrap())
    };
    let (status, bytes) = get("school_dsl", "application/pdf").await;
    assert!(status == 200 && bytes.starts_with(b"%PDF-1.7"));
    assert_eq!(get("chair", "text/plain").await, (200, text.to_owned().into()));
    let (_, refused) = get("police", "application/pdf").await;
    assert!(String::from_utf8_lossy(&refused).contains("NOT_FOUND"));
}

/// No reply in time is told; a late one is taken all the same.
async fn replied(app: &App, letter: &Value) {
    app.clock.advance(Duration::days(20));
    let read =
        |persona: &'static str| async move { app.data(persona, LETTER, json!({"id": letter})).await["node"].clone() };
    assert_eq!(read("school_dsl").await["status"], "NO_REPLY");
    let silent = "{ nonAttendanceLetters(status: NO_REPLY) { nodes { id } } }";
    let silent = app.data("chair", silent, json!({})).await;
    assert_eq!(silent["nonAttendanceLetters"]["nodes"], json!([{"id": letter}]));
    let reply = |n: u32, reason: &str, text: Value, contests: bool| {
        json!({"idempotencyKey": key(n), "letterId": letter, "expectedVersion": 3, "reason": reason, "text": text,
          "contests": contests})
    };
    let other = it(app, "school_dsl", REPLY, &reply(860, "OTHER", Value::Null, false)).await;
    assert_eq!(other["userErrors"], json!([{"field": "text", "code": "REQUIRED"}]));
    let foreign = app.code("housing", REPLY, json!({"input": reply(861, "ILLNESS", Value::Null, false)})).await;
    assert_eq!(foreign, "NOT_FOUND", "a letter to another agency");
    assert_eq!(
        app.code("chair", REPLY, json!({"input": reply(862, "ILLNESS", Value::Null, false)})).await,
        "FORBIDDEN"
    );
    let said = reply(863, "INVITED_LATE", json!("It came the day before."), true);
    let answer = it(app, "school_dsl", REPLY, &said).await;
    let expected =
        json!({"status": "REPLIED", "reason": "INVITED_LATE", "reply": "It came the day before.", "contested": true});
    assert_eq!(answer["letter"], expected, "{answer}");
    assert_eq!(read("chair").await["reason"], "INVITED_LATE");
}

/// The chair takes it up; what the evidence was it stays, whatever is recorded later.
async fn escalated(app: &App, invitation: &Value) -> Value {
    let school = app.agency(SCHOOL).await;
    let raise = |n: u32, until: &str| {
        json!({"idempotencyKey": key(n), "agencyId": school, "from": "2026-12-01", "until": until,
          "reason": "The second time this term."})
    };
    assert_eq!(app.code("team_manager", RAISE, json!({"input": raise(870, "2027-01-01")})).await, "FORBIDDEN");
    let nothing = it(app, "chair", RAISE, &raise(871, "2026-12-02")).await["userErrors"].clone();
    assert_eq!(nothing, json!([{"field": "agencyId", "code": "RULE_REFUSED"}]));
    let raised = it(app, "chair", RAISE, &raise(872, "2027-01-01")).await;
    let escalation = raised["escalation"].clone();
    let entries = escalation["entries"]["nodes"].as_array().unwrap();
    assert_eq!(entries.len(), 1, "{raised}");
    assert_eq!((&entries[0]["attendance"], &entries[0]["reportMissing"]), (&json!("NO_WORD"), &json!(true)));
    assert_eq!((&entries[0]["noticeWorkingDays"], &entries[0]["invitation"]["id"]), (&json!(6), invitation));
    let figures = escalation["figures"].as_str().unwrap();
    assert!(figures.contains("Missed 1 of ") && !figures.contains("partnership"), "{escalation}");
    let twice = it(app, "service_manager", RAISE, &raise(873, "2026-12-20")).await["userErrors"].clone();
    assert_eq!(twice, json!([{"field": "agencyId", "code": "ALREADY_DONE"}]));
    assert_eq!(it(app, "chair", RAISE, &raise(872, "2027-01-01")).await["escalation"]["id"], escalation["id"]);
    let read = |persona: &'static str| app.data(persona, ESCALATION, json!({"id": escalation["id"]}));
    let (chair, school) = (read("chair").await, read("school_dsl").await);
    assert_eq!(chair, school, "both read the same evidence");
    counted_again(app, &escalation["id"]).await;
    for persona in ["police", "social_worker", "minute_taker", "auditor"] {
        assert_eq!(app.code(persona, ESCALATION, json!({"id": escalation["id"]})).await, "NOT_FOUND", "{persona}");
    }
    escalation["id"].clone()
}

/// The agency counts the fingerprint of the evidence again, from what it reads.
async fn counted_again(app: &App, id: &Value) {
    let all =
        "query($id: ID!) { node(id: $id) { ... on Escalation { figures sha256 entries { nodes { scheduledAt meetingKind
      invitedAt noticeWorkingDays attendance reportMissing } } } } }";
    let read = app.data("school_dsl", all, json!({"id": id})).await["node"].clone();
    let word = |value: &Value| match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let fields = ["scheduledAt", "meetingKind", "invitedAt", "noticeWorkingDays", "attendance", "reportMissing"];
    let line = |entry: &Value| format!("\n{}", fields.map(|field| word(&entry[field])).join(" "));
    let mut lines: Vec<_> = read["entries"]["nodes"].as_array().unwrap().iter().map(line).collect();
    lines.sort();
    let text = format!("{}{}", read["figures"].as_str().unwrap(), lines.concat());
    assert_eq!(read["sha256"], crate::attachments::sha256(text.as_bytes()), "{text}");
}

/// The agency contests and answers; the meeting and the outcome are recorded, and then it is over.
async fn answered(app: &App, id: &Value) {
    let read = async |persona: &str| app.data(persona, ESCALATION, json!({"id": id})).await["node"].clone();
    let before = read("chair").await;
    let entry = &before["entries"]["nodes"][0]["id"];
    let contest = done("contestEscalationEntry", "entry { contestedBecause }");
    let because = json!({"idempotencyKey": key(880), "entryId": entry, "because": "We were invited the day before."});
    assert_eq!(app.code("chair", &contest, json!({"input": because})).await, "FORBIDDEN");
    let contested = it(app, "school_dsl", &contest, &because).await;
    assert_eq!(contested["entry"]["contestedBecause"], "We were invited the day before.", "{contested}");
    let answer = done("answerEscalation", "escalation { answer version }");
    let words = json!({"idempotencyKey": key(881), "escalationId": id, "expectedVersion": 1,
      "answer": "The post is filled from January."});
    assert_eq!(it(app, "school_dsl", &answer, &words).await["escalation"]["version"], 2);
    let twice = json!({"idempotencyKey": key(886), "escalationId": id, "expectedVersion": 2, "answer": "And more."});
    let refused = it(app, "school_dsl", &answer, &twice).await["userErrors"].clone();
    assert_eq!(refused, json!([{"field": "escalationId", "code": "ALREADY_DONE"}]));
    let meet = done("agreeEscalationMeeting", "escalation { status version }");
    let early = json!({"idempotencyKey": key(882), "escalationId": id, "expectedVersion": 2,
      "meetingAt": "2026-12-01T10:00:00Z"});
    let refused = it(app, "chair", &meet, &early).await["userErrors"].clone();
    assert_eq!(refused, json!([{"field": "meetingAt", "code": "WRONG_TIME"}]));
    let agreed = json!({"idempotencyKey": key(883), "escalationId": id, "expectedVersion": 2,
      "meetingAt": "2027-01-06T10:00:00Z"});
    let after = it(app, "service_manager", &meet, &agreed).await["escalation"].clone();
    assert_eq!(after, json!({"status": "MEETING_AGREED", "version": 3}));
    let close = done("closeEscalation", "escalation { status outcome outcomeText }");
    let over = json!({"idempotencyKey": key(884), "escalationId": id, "expectedVersion": 3, "outcome": "ACTION_AGREED",
      "text": "A deputy is named."});
    assert_eq!(app.code("school_dsl", &close, json!({"input": over})).await, "FORBIDDEN");
    let closed = it(app, "chair", &close, &over).await["escalation"].clone();
    assert_eq!(closed, json!({"status": "CLOSED", "outcome": "ACTION_AGREED", "outcomeText": "A deputy is named."}));
    let late = json!({"idempotencyKey": key(885), "escalationId": id, "expectedVersion": 4, "answer": "Once more."});
    let refused = it(app, "school_dsl", &answer, &late).await["userErrors"].clone();
    assert_eq!(refused[0], json!({"field": "escalationId", "code": "ALREADY_CONCLUDED"}));
    let after = read("school_dsl").await;
    for field in ["figures", "sha256", "reason"] {
        assert_eq!(after[field], before[field], "{field}");
    }
}

both!(an_absence, super::from_absence_to_outcome);
