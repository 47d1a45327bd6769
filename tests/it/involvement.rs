//! What opens a child, what closes it again, and what an agency keeps.

use serde_json::{Value, json};

use crate::jobs::{open_request, report};
use crate::support::{App, key};

const GRANT: &str = "mutation($input: GrantInvolvementInput!) { grantInvolvement(input: $input) {
  involvement { id basis startsAt endsAt agency { name } } userErrors { field code } } }";
const END: &str = "mutation($input: EndInvolvementInput!) { endInvolvement(input: $input) {
  involvement { endsAt } userErrors { field code } } }";
const CHILD: &str = "query($id: ID!) { child(id: $id) { id givenName } }";
const CONFLICT: &str = "mutation($input: RecordConflictInput!) { recordConflict(input: $input) {
  conflict { id kind reason practitioner { fullName } } userErrors { field code } } }";
const SUBMIT: &str = "mutation($input: SubmitConferenceReportInput!) { submitConferenceReport(input: $input) {
  conferenceReport { id } userErrors { field code } } }";
const RELEASE: &str = "mutation($input: ReleaseConferenceReportInput!) { releaseConferenceReport(input: $input) {
  conferenceReport { state } userErrors { field code } } }";
const REPORT: &str = "query($id: ID!) { conferenceReport(id: $id) { state worries } }";

async fn opens_and_closes_with_its_period(app: App) {
    let child = app.first_child("social_worker").await;
    let id = json!({"id": child});
    let transport_police = app.agency("Warwickshire Transport Police").await;
    let grant = json!({"input": {"idempotencyKey": key(20), "childId": child, "agencyId": transport_police,
      "startsAt": "2026-11-25T09:00:00Z", "endsAt": "2026-11-27T09:00:00Z", "reason": "Found at the station twice."}});
    assert_eq!(app.code("police", GRANT, grant.clone()).await, "FORBIDDEN");
    assert_eq!(app.code("police_elsewhere", GRANT, grant.clone()).await, "NOT_FOUND");
    let mut own = grant.clone();
    own["input"]["agencyId"] = app.agency("Warwickshire Children's Social Care").await;
    assert_eq!(app.code("social_worker", GRANT, own).await, "FORBIDDEN", "the manager allocates");
    let mut past = grant.clone();
    past["input"]["startsAt"] = "2026-11-20T09:00:00Z".into();
    past["input"]["endsAt"] = "2026-11-20T08:00:00Z".into();
    let refused = app.data("social_worker", GRANT, past).await["grantInvolvement"]["userErrors"].clone();
    assert_eq!((&refused[0]["field"], &refused[1]["field"]), (&json!("startsAt"), &json!("endsAt")));

    let done = app.data("social_worker", GRANT, grant.clone()).await["grantInvolvement"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    assert_eq!(app.data("social_worker", GRANT, grant).await["grantInvolvement"], done, "a retry answers the same");
    // before, during, after
    assert_eq!(app.code("police_elsewhere", CHILD, id.clone()).await, "NOT_FOUND", "not before it begins");
    app.clock.advance(chrono::Duration::days(1));
    assert_eq!(app.data("police_elsewhere", CHILD, id.clone()).await["child"]["id"], child);
    app.clock.advance(chrono::Duration::days(2));
    assert_eq!(app.code("police_elsewhere", CHILD, id.clone()).await, "NOT_FOUND", "the end is not part of it");
    let listed = app.data("police_elsewhere", "{ children(first: 100) { nodes { id } } }", json!({})).await;
    assert!(listed["children"]["nodes"].as_array().unwrap().iter().all(|c| c["id"] != child));
    let kinds = app.kinds("social_worker").await;
    assert_eq!(kinds, ["INVOLVEMENT_GRANTED"]);
    assert_eq!(app.kinds("police_elsewhere").await, Vec::<String>::new(), "no event of a child it does not work with");
}

/// The involvement rows of a child in one agency and basis.
async fn involvements(app: &App, child: &Value, agency: &str) -> Vec<Value> {
    let query =
        "query($id: ID!) { child(id: $id) { involvements(first: 100) { nodes { id basis agency { name } } } } }";
    let data = app.data("team_manager", query, json!({"id": child})).await;
    let nodes = data["child"]["involvements"]["nodes"].as_array().unwrap().clone();
    nodes.into_iter().filter(|n| n["agency"]["name"] == agency).collect()
}

async fn leaves_what_was_submitted_and_sent(app: App) {
    let request = open_request(&app, "school_dsl").await;
    let variables = report(&request, &key(21));
    let submitted = app.data("school_dsl", SUBMIT, variables).await["submitConferenceReport"].clone();
    let id = json!({"id": submitted["conferenceReport"]["id"]});
    let release = json!({"input": {"idempotencyKey": key(22), "conferenceReportId": id["id"]}});
    assert_eq!(app.code("police", REPORT, id.clone()).await, "NOT_FOUND", "not before its release");
    assert_eq!(app.code("police", RELEASE, release.clone()).await, "NOT_FOUND");
    assert_eq!(app.code("social_worker", RELEASE, release.clone()).await, "FORBIDDEN");
    let done = app.data("chair", RELEASE, release.clone()).await["releaseConferenceReport"].clone();
    assert_eq!(done["conferenceReport"]["state"], "RELEASED", "{done}");
    assert_eq!(app.data("chair", RELEASE, release).await["releaseConferenceReport"], done);
    assert_eq!(app.data("police", REPORT, id.clone()).await["conferenceReport"]["state"], "RELEASED");

    // who joins afterwards works with the child, and does not read what was sent before
    let child = child_of(&app, "school_dsl", &request).await;
    let grant = json!({"input": {"idempotencyKey": key(23), "childId": child, "reason": "Follows up.",
      "agencyId": app.agency("Warwickshire Transport Police").await}});
    app.data("social_worker", GRANT, grant).await;
    assert!(app.data("police_elsewhere", CHILD, json!({"id": child})).await["child"].is_object());
    assert_eq!(app.code("police_elsewhere", REPORT, id.clone()).await, "NOT_FOUND");

    // the school leaves: the child is gone for it, its own report and the copies it was sent are not
    app.data(
        "chair",
        RELEASE,
        json!({"input": {"idempotencyKey": key(24), "conferenceReportId": other_report(&app, &child).await}}),
    )
    .await;
    let held: Vec<_> = ids(&app, "school_dsl", &child).await;
    assert!(held.len() >= 2, "{held:?}");
    for (n, row) in involvements(&app, &child, "Warwickshire Oakfield Primary School").await.iter().enumerate() {
        let end = json!({"input": {"idempotencyKey": key(30 + u32::try_from(n).unwrap()), "involvementId": row["id"]}});
        let answer = app.data("team_manager", END, end).await["endInvolvement"].clone();
        let stays = row["basis"] == "CONFERENCE_INVITATION";
        assert_eq!(answer["userErrors"].as_array().unwrap().is_empty(), !stays, "{row} {answer}");
    }
    // what the invitation gave ends with the conference: fifteen working days after it
    conclude(&app, &child).await;
    app.clock.advance(chrono::Duration::days(30));
    assert_eq!(app.code("school_dsl", CHILD, json!({"id": child})).await, "NOT_FOUND");
    for report in held {
        let read = app.data("school_dsl", REPORT, json!({"id": report})).await;
        assert!(read["conferenceReport"].is_object(), "kept");
    }
}

async fn child_of(app: &App, persona: &str, request: &str) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on ReportRequest { child { id } } } }";
    app.data(persona, query, json!({"id": request})).await["node"]["child"]["id"].clone()
}

/// Reports about a child that a persona reads.
async fn ids(app: &App, persona: &str, child: &Value) -> Vec<Value> {
    let query = "{ conferences(first: 100) { nodes { reports(first: 100) { nodes { id child { id } } } } } }";
    let data = app.data(persona, query, json!({})).await;
    let conferences = data["conferences"]["nodes"].as_array().unwrap();
    let reports = conferences.iter().flat_map(|c| c["reports"]["nodes"].as_array().unwrap());
    reports.filter(|r| r["child"]["id"] == *child).map(|r| r["id"].clone()).collect()
}

/// Submits the police's report about the child, for the conference to come.
async fn other_report(app: &App, child: &Value) -> Value {
    let query = "{ reportRequests(status: OPEN, first: 100) { nodes { id child { id } } } }";
    let open = app.data("police", query, json!({})).await["reportRequests"]["nodes"].clone();
    let request = open.as_array().unwrap().iter().find(|r| r["child"]["id"] == *child).unwrap()["id"].clone();
    let done = app.data("police", SUBMIT, report(request.as_str().unwrap(), &key(25))).await;
    done["submitConferenceReport"]["conferenceReport"]["id"].clone()
}

/// Holds and concludes the conference about the child that is to come.
async fn conclude(app: &App, child: &Value) {
    app.clock.advance(chrono::Duration::days(15));
    let query = "{ conferences(filter: {status: SCHEDULED}, first: 100) { nodes { id version scheduledAt
      children(first: 10) { nodes { child { id } } } invitations(first: 30) { nodes { agency { id } } } } } }";
    let all = app.data("chair", query, json!({})).await["conferences"]["nodes"].clone();
    let about = |c: &&Value| c["children"]["nodes"].as_array().unwrap().iter().any(|n| n["child"]["id"] == *child);
    let conference = all.as_array().unwrap().iter().find(about).unwrap().clone();
    let list = |list: &str| conference[list]["nodes"].as_array().unwrap().clone();
    let entries: Vec<_> =
        list("invitations").iter().map(|i| json!({"agencyId": i["agency"]["id"], "attendance": "REMOTE"})).collect();
    let attend = "mutation($input: RecordConferenceAttendanceInput!) { it: recordConferenceAttendance(input: $input) {
      conference { version } userErrors { field code } } }";
    let held = app
        .data(
            "chair",
            attend,
            json!({"input": {"idempotencyKey": key(26), "conferenceId": conference["id"],
          "expectedVersion": conference["version"], "entries": entries}}),
        )
        .await["it"]
        .clone();
    assert_eq!(held["userErrors"], json!([]));
    let outcomes: Vec<_> = list("children")
        .iter()
        .map(|c| json!({"childId": c["child"]["id"], "outcome": "CP_PLAN_CONTINUES", "abuseCategory": "EMO"}))
        .collect();
    let decide = "mutation($input: RecordConferenceOutcomeInput!) { it: recordConferenceOutcome(input: $input) {
      userErrors { field code } } }";
    let done = app
        .data(
            "chair",
            decide,
            json!({"input": {"idempotencyKey": key(27), "conferenceId": conference["id"],
          "expectedVersion": held["conference"]["version"], "outcomes": outcomes}}),
        )
        .await["it"]
        .clone();
    assert_eq!(done["userErrors"], json!([]));
}

async fn a_conflict_closes_everything(app: App) {
    let child = app.first_child("police").await;
    let id = json!({"id": child});
    let lists = "{ children(first: 100) { nodes { id } } conferences(first: 100) { nodes {
      children(first: 10) { nodes { child { id } } } } } reportRequests(first: 100) { nodes { child { id } } } }";
    let mentions = |data: &Value| data.to_string().contains(child.as_str().unwrap());
    assert!(mentions(&app.data("police", lists, json!({})).await));
    let declare =
        json!({"input": {"idempotencyKey": key(40), "childId": child, "kind": "FAMILY", "reason": "My niece."}});
    let mut of_another = declare.clone();
    of_another["input"]["practitionerId"] = app
        .data("health_visitor", "{ viewer { practitioner { id } } }", json!({}))
        .await["viewer"]["practitioner"]["id"]
        .clone();
    assert_eq!(app.code("police", CONFLICT, of_another.clone()).await, "FORBIDDEN");
    let done = app.data("police", CONFLICT, declare.clone()).await["recordConflict"].clone();
    assert_eq!(done, json!({"conflict": null, "userErrors": []}), "recorded, and closed to who declared it");
    // absent, in the same words as what never was, and in no list
    assert_eq!(app.code("police", CHILD, id.clone()).await, "NOT_FOUND");
    assert_eq!(app.data("police", CONFLICT, declare).await["recordConflict"], done, "a retry answers the same");
    assert!(!mentions(&app.data("police", lists, json!({})).await));
    assert_eq!(app.kinds("police").await, Vec::<String>::new());
    // colleagues with another person's rights are not touched; the holders of the record are told
    assert!(app.data("school_dsl", CHILD, id.clone()).await["child"].is_object());
    let told = "query($id: ID!) { child(id: $id) { conflicts { nodes { id kind reason } } } }";
    let conflict = app.data("team_manager", told, id.clone()).await["child"]["conflicts"]["nodes"][0].clone();
    assert_eq!((&conflict["kind"], &conflict["reason"]), (&json!("FAMILY"), &json!("My niece.")));
    assert_eq!(app.data("school_dsl", told, id.clone()).await["child"]["conflicts"]["nodes"], json!([]));
    let end = "mutation($input: EndConflictInput!) { endConflict(input: $input) { conflict { endsAt }
      userErrors { field code } } }";
    let over = json!({"input": {"idempotencyKey": key(41), "conflictId": conflict["id"]}});
    assert_eq!(app.code("police", end, over.clone()).await, "NOT_FOUND");
    assert_eq!(app.code("social_worker", end, over.clone()).await, "FORBIDDEN");
    app.clock.advance(chrono::Duration::hours(1));
    assert_eq!(app.data("team_manager", end, over).await["endConflict"]["userErrors"], json!([]));
    assert!(app.data("police", CHILD, id).await["child"].is_object());
}

/// What somebody closes to themselves is closed to what they ask next, in the same operation as well.
async fn a_conflict_closes_at_once(app: App) {
    let request = open_request(&app, "police").await;
    let child = child_of(&app, "police", &request).await;
    let both = "mutation($conflict: RecordConflictInput!, $report: SubmitConferenceReportInput!) {
      recordConflict(input: $conflict) { userErrors { code } }
      submitConferenceReport(input: $report) { conferenceReport { id } userErrors { code } } }";
    let declare = json!({"idempotencyKey": key(45), "childId": child, "kind": "FAMILY", "reason": "My niece."});
    let variables = json!({"conflict": declare, "report": report(&request, &key(46))["input"]});
    let answer = app.ask("police", both, variables).await;
    assert_eq!(answer["errors"][0]["path"], json!(["submitConferenceReport"]), "{answer}");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND", "{answer}");
}

both!(at_once, super::a_conflict_closes_at_once);
both!(a_grant, super::opens_and_closes_with_its_period);
both!(an_end, super::leaves_what_was_submitted_and_sent);
both!(a_conflict, super::a_conflict_closes_everything);
