//! Delegated chairs: another chair acts for a time, the chair reads, and both ends are sharp.

use entity::appointment::Post;
use entity::id::{AgencyId, PractitionerId};
use quorate::auth::Claims;
use serde_json::{Value, json};

use crate::emergency::ask;
use crate::support::samples::other_chair;
use crate::support::table::{ATTEND, READ, first_review, me};
use crate::support::{App, key};

const DELEGATE: &str = "mutation($input: DelegateChairInput!) { it: delegateChair(input: $input) {
  chairDelegation { id startsAt endsAt practitioner { id } conference { id } } userErrors { field code } } }";
const END: &str = "mutation($input: EndChairDelegationInput!) { it: endChairDelegation(input: $input) {
  chairDelegation { endsAt } userErrors { field code } } }";
const CONFERENCE: &str = "query($id: ID!) { conference(id: $id) { id
  chairDelegations { nodes { startsAt practitioner { id } } } } }";
const CHILD: &str = "query($id: ID!) { child(id: $id) { id } }";

/// The token of the other chair, whose id is `person`.
fn other(app: &App, person: &Value) -> Claims {
    let chair = app.claims("chair");
    let (_, id) = quorate::graphql::id::split(&person.as_str().unwrap().into()).unwrap();
    app.claims_of(PractitionerId(id), AgencyId(chair.agency_id), Post::Chair, &chair.scope)
}

fn code(body: &Value) -> &Value {
    &body["errors"][0]["extensions"]["code"]
}

/// A delegation from now until the day after the review.
fn delegating(n: u32, conference: &Value, person: &Value) -> Value {
    json!({"idempotencyKey": key(n), "conferenceId": conference, "practitionerId": person,
      "endsAt": "2026-12-09T09:00:00Z", "reason": "A clash of dates."})
}

/// What attendance is recorded with: everybody came.
async fn attendance(app: &App, claims: &Claims, n: u32, id: &Value) -> Value {
    let read = ask(app, claims, READ, json!({"id": id})).await["data"]["conference"].clone();
    let invited = read["invitations"]["nodes"].as_array().unwrap();
    let entries: Vec<_> =
        invited.iter().map(|i| json!({"agencyId": i["agency"]["id"], "attendance": "REMOTE"})).collect();
    json!({"input": {"idempotencyKey": key(n), "conferenceId": id, "expectedVersion": read["version"],
      "entries": entries}})
}

async fn the_delegate_acts_and_the_chair_reads(app: App) {
    let conference = first_review(&app).await;
    let id = json!({"id": conference});
    let child = json!({"id": app.first_child("chair").await});
    let person = other_chair(&app).await;
    let before = other(&app, &person);
    assert_eq!(*code(&ask(&app, &before, CONFERENCE, id.clone()).await), "NOT_FOUND");
    assert_eq!(*code(&ask(&app, &before, CHILD, child.clone()).await), "NOT_FOUND");
    let input = json!({"input": delegating(1, &conference, &person)});
    let done = app.data("chair", DELEGATE, input.clone()).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    assert_eq!(done["chairDelegation"]["practitioner"]["id"], person);
    assert_eq!(app.data("chair", DELEGATE, input).await["it"], done, "a retry is the same delegation");
    // a moment that is shared belongs to the later period
    app.clock.advance(chrono::Duration::days(14) + chrono::Duration::hours(2));
    let delegate = other(&app, &person);
    let seen = ask(&app, &delegate, CONFERENCE, id.clone()).await["data"]["conference"].clone();
    assert_eq!(seen["chairDelegations"]["nodes"][0]["practitioner"]["id"], person, "{seen}");
    let invited = app.data("health_visitor", CONFERENCE, id.clone()).await["conference"].clone();
    assert_eq!(invited["chairDelegations"], seen["chairDelegations"], "who chairs is told to everybody there");
    assert!(ask(&app, &delegate, CHILD, child.clone()).await["data"]["child"].is_object());

    let chair = app.claims("chair");
    let by_chair = attendance(&app, &chair, 2, &conference).await;
    assert_eq!(app.code("chair", ATTEND, by_chair).await, "FORBIDDEN", "the chair reads only");
    let by_delegate = attendance(&app, &delegate, 3, &conference).await;
    let held = ask(&app, &delegate, ATTEND, by_delegate).await["data"]["it"].clone();
    assert_eq!(held["userErrors"], json!([]), "{held}");

    app.clock.advance(chrono::Duration::hours(24));
    let after = other(&app, &person);
    assert_eq!(*code(&ask(&app, &after, CONFERENCE, id.clone()).await), "NOT_FOUND");
    assert_eq!(*code(&ask(&app, &after, CHILD, child).await), "NOT_FOUND");
    let again = attendance(&app, &app.claims("chair"), 4, &conference).await;
    let done = app.data("chair", ATTEND, again).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "the chair chairs again: {done}");
}

async fn an_end_is_at_once(app: App) {
    let conference = first_review(&app).await;
    let person = other_chair(&app).await;
    let later = |n: u32, starts: &str, ends: &str| {
        let mut input = delegating(n, &conference, &person);
        (input["startsAt"], input["endsAt"]) = (starts.into(), ends.into());
        json!({"input": input})
    };
    let input = json!({"input": delegating(1, &conference, &person)});
    let now = app.data("service_manager", DELEGATE, input).await["it"]["chairDelegation"].clone();
    let overlap = later(2, "2026-12-01T09:00:00Z", "2026-12-20T09:00:00Z");
    let refused = json!([{"field": "startsAt", "code": "ALREADY_DONE"}]);
    assert_eq!(app.data("chair", DELEGATE, overlap).await["it"]["userErrors"], refused, "one at a time");
    let next =
        app.data("chair", DELEGATE, later(3, "2026-12-09T09:00:00Z", "2026-12-10T09:00:00Z")).await["it"].clone();
    assert_eq!(next["userErrors"], json!([]), "one after the other: {next}");
    let ending = |n: u32, row: &Value| json!({"input": {"idempotencyKey": key(n), "chairDelegationId": row["id"]}});
    assert_eq!(app.code("minute_taker", END, ending(4, &now)).await, "FORBIDDEN");
    assert_eq!(app.code("social_worker", END, ending(4, &now)).await, "FORBIDDEN");
    app.clock.advance(chrono::Duration::hours(1));
    let back = ask(&app, &other(&app, &person), END, ending(5, &now)).await["data"]["it"].clone();
    assert_eq!(back, json!({"chairDelegation": null, "userErrors": []}), "the delegate hands it back, and is out");
    assert_eq!(*code(&ask(&app, &other(&app, &person), CONFERENCE, json!({"id": conference})).await), "NOT_FOUND");
    let twice = app.data("chair", END, ending(6, &now)).await["it"]["userErrors"].clone();
    assert_eq!(twice, json!([{"field": "chairDelegationId", "code": "ALREADY_DONE"}]));
    // one that has not begun never begins
    app.data("chair", END, ending(7, &next["chairDelegation"])).await;
    app.clock.advance(chrono::Duration::days(15) + chrono::Duration::hours(1));
    let mine = attendance(&app, &app.claims("chair"), 8, &conference).await;
    assert_eq!(app.data("chair", ATTEND, mine).await["it"]["userErrors"], json!([]));
    let told = app.kinds("chair").await;
    let count = |kind: &str| told.iter().filter(|k| *k == kind).count();
    assert_eq!((count("CHAIR_DELEGATED"), count("CHAIR_DELEGATION_ENDED")), (2, 2), "{told:?}");
}

async fn who_may_delegate_to_whom(app: App) {
    let conference = first_review(&app).await;
    let person = other_chair(&app).await;
    let with = |field: &str, value: Value| {
        let mut input = delegating(1, &conference, &person);
        input["dryRun"] = true.into();
        input[field] = value;
        json!({"input": input})
    };
    for persona in
        ["social_worker", "team_manager", "minute_taker", "police", "health_visitor", "auditor", "system_admin"]
    {
        assert_eq!(app.code(persona, DELEGATE, with("dryRun", true.into())).await, "FORBIDDEN", "{persona}");
    }
    for persona in ["police_elsewhere", "agency_system"] {
        assert_eq!(app.code(persona, DELEGATE, with("dryRun", true.into())).await, "NOT_FOUND", "{persona}");
    }
    let chair = me(&app, "chair").await;
    assert_eq!(app.code("chair", DELEGATE, with("practitionerId", chair.clone())).await, "FORBIDDEN", "to oneself");
    let unfit = |codes: &[&str]| {
        Value::from(codes.iter().map(|c| json!({"field": "practitionerId", "code": c})).collect::<Vec<_>>())
    };
    let errors = async |persona: &str, field: &str, value: Value| {
        app.data(persona, DELEGATE, with(field, value)).await["it"]["userErrors"].clone()
    };
    assert_eq!(errors("service_manager", "practitionerId", chair).await, unfit(&["RULE_REFUSED"]), "who chairs anyway");
    for (whom, codes) in [
        ("social_worker", &["UNKNOWN_REFERENCE", "RULE_REFUSED"][..]),
        ("team_manager", &["UNKNOWN_REFERENCE", "RULE_REFUSED"]),
        ("minute_taker", &["UNKNOWN_REFERENCE"]),
        ("police", &["UNKNOWN_REFERENCE"]),
    ] {
        assert_eq!(errors("chair", "practitionerId", me(&app, whom).await).await, unfit(codes), "{whom}");
    }
    for (field, value) in
        [("endsAt", "2026-11-20T09:00:00Z"), ("endsAt", "2027-04-01T09:00:00Z"), ("startsAt", "2026-11-20T09:00:00Z")]
    {
        let wrong = errors("chair", field, value.into()).await;
        assert_eq!(wrong, json!([{"field": field, "code": "WRONG_TIME"}]), "{value}");
    }
    assert_eq!(errors("chair", "reason", " ".into()).await[0]["field"], "reason");
    assert_eq!(errors("chair", "dryRun", true.into()).await, json!([]));
    assert_eq!(*code(&ask(&app, &other(&app, &person), CONFERENCE, json!({"id": conference})).await), "NOT_FOUND");
}

both!(a_time, super::the_delegate_acts_and_the_chair_reads);
both!(an_end, super::an_end_is_at_once);
both!(a_refusal, super::who_may_delegate_to_whom);
