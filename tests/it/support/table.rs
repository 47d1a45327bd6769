//! Conferences of a test, from their scheduling to their outcome.

use chrono::{DateTime, Utc};
use entity::id::{ChildId, TypedId as _};
use entity::involvement::Column as C;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};

use super::contents::connect;
use super::{App, key};

pub const SCHEDULE: &str = "mutation($input: ScheduleConferenceInput!) { it: scheduleConference(input: $input) {
  conference { id version reportRequests { nodes { dueAt status } } } userErrors { field code } } }";
pub const READ: &str =
    "query($id: ID!) { conference(id: $id) { id version children(first: 20) { nodes { child { id } } }
  invitations(first: 60) { nodes { agency { id } } } } }";
pub const ATTEND: &str =
    "mutation($input: RecordConferenceAttendanceInput!) { it: recordConferenceAttendance(input: $input) {
  conference { version } userErrors { field code } } }";
pub const DECIDE: &str =
    "mutation($input: RecordConferenceOutcomeInput!) { it: recordConferenceOutcome(input: $input) {
  conference { id status } userErrors { field code } } }";

/// The global id of the person behind a persona.
pub async fn me(app: &App, persona: &str) -> Value {
    app.data(persona, "{ viewer { practitioner { id } } }", json!({})).await["viewer"]["practitioner"]["id"].clone()
}

/// What schedules a conference about `children` at an hour with the persona chair in the chair.
pub async fn scheduling(app: &App, n: u32, children: &[Value], (kind, at): (&str, &str), agencies: &[&str]) -> Value {
    let mut invitees = Vec::new();
    for name in agencies {
        invitees.push(json!({"agencyId": app.agency(name).await}));
    }
    json!({"idempotencyKey": key(n), "childIds": children, "kind": kind, "scheduledAt": at, "venue": "Room 4",
      "chairId": me(app, "chair").await, "minuteTakerId": me(app, "minute_taker").await, "invitees": invitees})
}

/// Schedules, and answers the payload.
pub async fn schedule(app: &App, persona: &str, input: &Value) -> Value {
    app.data(persona, SCHEDULE, json!({"input": input})).await["it"].clone()
}

/// Records that everybody came; answers the conference with its version as the chair reads it then.
pub async fn hold(app: &App, n: u32, id: &Value) -> Value {
    let mut conference = app.data("chair", READ, json!({"id": id})).await["conference"].clone();
    let entries: Vec<_> = conference["invitations"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| json!({"agencyId": i["agency"]["id"], "attendance": "REMOTE"}))
        .collect();
    let input = json!({"idempotencyKey": key(n), "conferenceId": id, "expectedVersion": conference["version"],
      "entries": entries});
    let held = app.data("chair", ATTEND, json!({"input": input})).await["it"].clone();
    assert_eq!(held["userErrors"], json!([]), "{held}");
    conference["version"] = held["conference"]["version"].clone();
    conference
}

/// What decides the same for every child of a held conference.
pub fn deciding(n: u32, held: &Value, outcome: &Value) -> Value {
    let each = |c: &Value| {
        let mut entry = outcome.clone();
        entry["childId"] = c["child"]["id"].clone();
        entry
    };
    let outcomes: Vec<_> = held["children"]["nodes"].as_array().unwrap().iter().map(each).collect();
    json!({"idempotencyKey": key(n), "conferenceId": held["id"], "expectedVersion": held["version"],
      "outcomes": outcomes})
}

/// Decides, and answers the payload.
pub async fn decide(app: &App, input: &Value) -> Value {
    app.data("chair", DECIDE, json!({"input": input})).await["it"].clone()
}

/// The review of the first family that is to come.
pub async fn first_review(app: &App) -> Value {
    let query = "{ conferences(filter: {status: SCHEDULED, from: \"2026-12-08T10:00:00Z\",
      until: \"2026-12-08T10:01:00Z\"}) { nodes { id } } }";
    app.data("chair", query, json!({})).await["conferences"]["nodes"][0]["id"].clone()
}

/// Children the social worker has, that have no plan, no closed case and no change of worker ahead.
pub async fn without_plan(app: &App) -> Vec<Value> {
    let query = "{ viewer { practitioner { id } } children(first: 100) { nodes { id currentPlan { id } episodes(first: 1) { nodes { status } }
      involvements(first: 100) { nodes { basis endsAt practitioner { id } } } } } }";
    let data = app.data("social_worker", query, json!({})).await;
    let me = &data["viewer"]["practitioner"]["id"];
    let stays = |i: &Value| i["practitioner"]["id"] == *me && i["basis"] == "ALLOCATED_WORKER" && i["endsAt"].is_null();
    let closed = |c: &Value| c["episodes"]["nodes"][0]["status"] == "CLOSED";
    let fits = |c: &&Value| {
        c["currentPlan"].is_null() && !closed(c) && c["involvements"]["nodes"].as_array().unwrap().iter().any(stays)
    };
    data["children"]["nodes"].as_array().unwrap().iter().filter(fits).map(|c| c["id"].clone()).collect()
}

/// Ends, past the program, every relationship to a child that began before now.
pub async fn lose(app: &App, child: &Value) {
    let (_, id) = quorate::graphql::id::split(&child.as_str().unwrap().into()).unwrap();
    let at: DateTime<Utc> = app.clock.now();
    let ended = entity::involvement::Entity::update_many()
        .col_expr(C::EndsAt, Expr::val(at))
        .filter(C::ChildId.eq(ChildId::of(id)))
        .filter(C::StartsAt.lt(at))
        .filter(Condition::any().add(C::EndsAt.is_null()).add(C::EndsAt.gt(at)))
        .exec(&connect(&app.url).await)
        .await
        .unwrap();
    assert!(ended.rows_affected > 0);
}
