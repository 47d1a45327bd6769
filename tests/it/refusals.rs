//! Every refusal is typed, and leaves every table as it was.

use serde_json::{Value, json};

use crate::jobs::{call_meeting, open_request, report};
use crate::support::App;
use crate::support::contents::Watch;

pub const SUBMIT: &str = "mutation($input: SubmitConferenceReportInput!) { submitConferenceReport(input: $input) {
  conferenceReport { id } userErrors { field code } } }";
const KEY: &str = "6f0d5b0e-1111-4222-8333-eeeeeeeeeeee";

/// The first error code, or the codes of the user errors with their fields.
fn refusal(body: &Value) -> Vec<String> {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    if let Some(error) = body["errors"].as_array().and_then(|errors| errors.first()) {
        return vec![text(&error["extensions"]["code"])];
    }
    let payload = body["data"].as_object().and_then(|data| data.values().next()).cloned().unwrap_or_default();
    let errors = payload["userErrors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|e| format!("{} {}", text(&e["field"]), text(&e["code"]))).collect()
}

async fn documents_and_values(app: App) {
    let request = open_request(&app, "police").await;
    let good = report(&request, KEY);
    let with = |path: &str, value: Value| {
        let mut variables = good.clone();
        variables["input"][path] = value;
        (SUBMIT.to_owned(), variables)
    };
    let query = |text: &str| (text.to_owned(), json!({}));
    let nested = "{a".repeat(1000) + &"}".repeat(1000);
    let deep =
        format!("mutation($input: SubmitConferenceReportInput!) {{ submitConferenceReport(input: $input) {nested} }}");
    let table = [
        ("GRAPHQL_VALIDATION_FAILED", (SUBMIT.replace("userErrors", "nothing userErrors"), good.clone())),
        ("BAD_USER_INPUT", with("nothing", 1.into())),
        ("LIMIT_EXCEEDED", (deep, good.clone())),
        ("BAD_USER_INPUT", with("reportRequestId", "nonsense".into())),
        ("BAD_USER_INPUT", with("reportRequestId", 7.into())),
        ("BAD_USER_INPUT", with("reportRequestId", "".into())),
        ("BAD_USER_INPUT", with("authorId", request.clone().into())),
        ("BAD_USER_INPUT", with("sharedWithFamilyOn", "2026-02-30".into())),
        ("BAD_USER_INPUT", with("sharedWithFamilyOn", "yesterday".into())),
        ("BAD_USER_INPUT", with("idempotencyKey", "nonsense".into())),
        ("BAD_USER_INPUT", with("idempotencyKey", Value::Null)),
        ("BAD_USER_INPUT", with("recommendation", "NOTHING".into())),
        ("BAD_USER_INPUT", with("safetyScore", 4.5.into())),
        ("BAD_USER_INPUT", query("{ children(after: \"nonsense\") { nodes { id } } }")),
        ("BAD_USER_INPUT", query("{ events(after: \"nonsense\") { nodes { kind } } }")),
        ("BAD_USER_INPUT", query("{ child(id: \"nonsense\") { id } }")),
        ("BAD_USER_INPUT", query("{ conferences(filter: {from: \"2026-13-01T00:00:00Z\"}) { nodes { id } } }")),
    ];
    let watch = Watch::over(&app).await;
    let token = app.token("police");
    for (code, (query, variables)) in table {
        let (_, body) = app.post(&token, json!({"query": query, "variables": variables}).to_string()).await;
        let what: String = format!("{variables} {query}").chars().take(300).collect();
        assert_eq!(refusal(&body), [code], "{what}: {body}");
        watch.unchanged(&what).await;
    }
    let mut large = good;
    large["input"]["worries"] = "a".repeat(10_000_000).into();
    let (status, body) = app.post(&token, json!({"query": SUBMIT, "variables": large}).to_string()).await;
    assert_eq!((status, refusal(&body)), (413, vec!["PAYLOAD_TOO_LARGE".to_owned()]));
    watch.unchanged("a body of ten megabytes").await;
}

/// What the mutations are tried on.
struct Things {
    child: Value,
    conference: Value,
    meeting: Value,
    group: Value,
    invitation: Value,
    chair: Value,
    agencies: Vec<Value>,
}

async fn things(app: &App) -> Things {
    let meeting = call_meeting(app, "6f0d5b0e-1111-4222-8333-666666666666").await;
    let ask = "query($n: String!) { findChild(by: {nhsNumber: $n}) { id currentPlan { coreGroup { id version } } }
      children(first: 50) { nodes { currentPlan { coreGroup { id version } } } }
      agencies(first: 100) { nodes { id } } }";
    let data = app.data("social_worker", ask, json!({"n": quorate::demo::first_nhs_number()})).await;
    let groups = data["children"]["nodes"].as_array().unwrap().iter().map(|c| c["currentPlan"]["coreGroup"].clone());
    let of_chair = "{ viewer { practitioner { id } } conferences(first: 1, filter: {status: SCHEDULED}) {
      nodes { id version children { nodes { child { id } } } } } }";
    let of_chair = app.data("chair", of_chair, json!({})).await;
    let of_police = "{ conferences(first: 1, filter: {status: SCHEDULED}) {
      nodes { invitations { nodes { id version agency { name } } } } } }";
    let of_police = app.data("police", of_police, json!({})).await;
    let invitations = of_police["conferences"]["nodes"][0]["invitations"]["nodes"].as_array().unwrap().clone();
    Things {
        child: data["findChild"]["id"].clone(),
        conference: of_chair["conferences"]["nodes"][0].clone(),
        meeting,
        group: groups.into_iter().find(Value::is_object).expect("a child with a core group"),
        invitation: invitations.into_iter().find(|i| i["agency"]["name"] == "Warwickshire Police").unwrap(),
        chair: of_chair["viewer"]["practitioner"]["id"].clone(),
        agencies: data["agencies"]["nodes"].as_array().unwrap().iter().map(|a| a["id"].clone()).collect(),
    }
}

/// A mutation by its name and input.
fn mutation(name: &str, input: Value) -> Value {
    let mut input = input;
    input["idempotencyKey"] = KEY.into();
    let kind = name[..1].to_uppercase() + &name[1..];
    let query = format!("mutation($input: {kind}Input!) {{ {name}(input: $input) {{ userErrors {{ field code }} }} }}");
    json!({"query": query, "variables": {"input": input}})
}

async fn stale_versions(app: App) {
    let t = things(&app).await;
    let version = |thing: &Value| json!(thing["version"].as_i64().unwrap() + 1);
    let table = [
        (
            "chair",
            "recordConferenceAttendance",
            json!({"conferenceId": t.conference["id"],
            "expectedVersion": version(&t.conference),
            "entries": [{"agencyId": t.agencies[0], "attendance": "IN_PERSON"}]}),
        ),
        (
            "chair",
            "recordConferenceOutcome",
            json!({"conferenceId": t.conference["id"],
            "expectedVersion": version(&t.conference),
            "outcomes": [{"childId": t.child, "outcome": "NO_FURTHER_ACTION"}]}),
        ),
        (
            "social_worker",
            "recordCoreGroupMeeting",
            json!({"coreGroupId": t.group["id"],
            "expectedVersion": version(&t.group), "heldAt": "2026-11-24T08:00:00Z", "progress": "Some.",
            "attendance": [{"agencyId": t.agencies[0], "attendance": "IN_PERSON"}]}),
        ),
        (
            "social_worker",
            "recordStrategyMeetingOutcome",
            json!({"strategyMeetingId": t.meeting["id"],
            "expectedVersion": version(&t.meeting), "heldAt": "2026-11-24T08:00:00Z", "outcomeSummary": "Said.",
            "decisions": [{"childId": t.child, "decision": "SECTION47_JOINT"}]}),
        ),
        (
            "police",
            "replyToInvitation",
            json!({"invitationId": t.invitation["id"],
            "expectedVersion": version(&t.invitation), "reply": "ATTENDING"}),
        ),
    ];
    let watch = Watch::over(&app).await;
    for (persona, name, input) in table {
        let (_, body) = app.post(&app.token(persona), mutation(name, input).to_string()).await;
        assert_eq!(refusal(&body), ["CONFLICT"], "{name}: {body}");
        watch.unchanged(name).await;
    }
}

async fn lists(app: App) {
    let t = things(&app).await;
    let many = |entry: Value, count: usize| Value::from(vec![entry; count]);
    let agency = json!({"agencyId": t.agencies[0]});
    let came = json!({"agencyId": t.agencies[0], "attendance": "IN_PERSON"});
    let call = json!({"childIds": [t.child], "invitees": [agency], "reason": "Said.",
        "scheduledAt": "2026-11-24T15:00:00Z"});
    let schedule = json!({"childIds": [t.child], "invitees": [agency], "kind": "INITIAL", "venue": "Room 1",
        "chairId": t.chair, "scheduledAt": "2026-12-10T10:00:00Z"});
    let attend = json!({"conferenceId": t.conference["id"], "expectedVersion": t.conference["version"]});
    let decide = json!({"strategyMeetingId": t.meeting["id"], "expectedVersion": t.meeting["version"],
        "heldAt": "2026-11-24T08:00:00Z", "outcomeSummary": "Said."});
    let met = json!({"coreGroupId": t.group["id"], "expectedVersion": t.group["version"],
        "heldAt": "2026-11-24T08:00:00Z", "progress": "Some."});
    let table = [
        ("social_worker", "callStrategyMeeting", &call, "childIds", t.child.clone(), 20),
        ("social_worker", "callStrategyMeeting", &call, "invitees", agency.clone(), 60),
        ("social_worker", "scheduleConference", &schedule, "childIds", t.child.clone(), 20),
        ("social_worker", "scheduleConference", &schedule, "invitees", agency.clone(), 60),
        ("chair", "recordConferenceAttendance", &attend, "entries", came.clone(), 60),
        (
            "chair",
            "recordConferenceOutcome",
            &attend,
            "outcomes",
            json!({"childId": t.child, "outcome": "NO_FURTHER_ACTION"}),
            20,
        ),
        (
            "social_worker",
            "recordStrategyMeetingOutcome",
            &decide,
            "decisions",
            json!({"childId": t.child, "decision": "SECTION47_JOINT"}),
            20,
        ),
        ("social_worker", "recordCoreGroupMeeting", &met, "attendance", came, 60),
    ];
    let watch = Watch::over(&app).await;
    for (persona, name, input, list, entry, most) in table {
        for (entries, code) in [(0, "REQUIRED"), (most + 1, "TOO_MANY"), (2, "DUPLICATE")] {
            let mut input = input.clone();
            input[list] = many(entry.clone(), entries);
            let (_, body) = app.post(&app.token(persona), mutation(name, input).to_string()).await;
            let field = if code == "DUPLICATE" { format!("{list}.1") } else { list.to_owned() };
            assert!(refusal(&body).contains(&format!("{field} {code}")), "{name} {list} {entries}: {body}");
            watch.unchanged(&format!("{name}: {entries} {list}")).await;
        }
    }
    // the lists inside the outline of a plan may be empty
    let action = json!({"description": "Visit.", "dueOn": "2026-12-20", "ownerAgencyId": t.agencies[0]});
    for (list, entry, most) in [("actions", action, 50), ("coreGroup", agency, 60)] {
        let mut input = attend.clone();
        input["outcomes"] = json!([{"childId": t.child, "outcome": "CP_PLAN", "abuseCategory": "NEG",
            "plan": {list: many(entry, most + 1)}}]);
        let (_, body) = app.post(&app.token("chair"), mutation("recordConferenceOutcome", input).to_string()).await;
        assert!(refusal(&body).contains(&format!("outcomes.0.plan.{list} TOO_MANY")), "{list}: {body}");
        watch.unchanged(list).await;
    }
}

async fn reports(app: App) {
    let asked = open_request(&app, "school_dsl").await;
    let over = "{ reportRequests(first: 100) { nodes { id conference { status } } } }";
    let over = app.data("police", over, json!({})).await["reportRequests"]["nodes"].clone();
    let over =
        over.as_array().unwrap().iter().find(|r| r["conference"]["status"] == "CONCLUDED").unwrap()["id"].clone();
    let watch = Watch::over(&app).await;
    for (persona, request, expected) in [
        // asked of another agency: for who cannot see it, and for who can
        ("police", asked.as_str(), &["NOT_FOUND"][..]),
        ("school_elsewhere", &asked, &["NOT_FOUND"]),
        ("chair", &asked, &["FORBIDDEN"]),
        ("social_worker", &asked, &["FORBIDDEN"]),
        ("police", over.as_str().unwrap(), &["reportRequestId ALREADY_DONE"]),
    ] {
        let body = app.ask(persona, SUBMIT, report(request, KEY)).await;
        assert_eq!(refusal(&body), expected, "{persona}: {body}");
        watch.unchanged(persona).await;
    }
    // the key was not used up by what was refused
    let done = app.data("school_dsl", SUBMIT, report(&asked, KEY)).await["submitConferenceReport"].clone();
    assert_eq!(done["userErrors"], json!([]));
}

both!(of_documents, super::documents_and_values);
both!(of_stale_versions, super::stale_versions);
both!(of_lists, super::lists);
both!(of_reports, super::reports);
