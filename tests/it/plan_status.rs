//! What stays known when the work with a child has ended: the first and the last day of its plan, for twelve months.

use sea_orm::{ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::{Value, json};

use crate::support::contents::connect;
use crate::support::table::{decide, deciding, first_review, hold};
use crate::support::{App, key};

const STATUS: &str = "query($id: ID!) { planStatus(childId: $id) { startsOn endsOn keptUntil } }";
const CHILD: &str = "query($id: ID!) { child(id: $id) { id currentPlan { startsOn } } }";
const GRANT: &str = "mutation($input: GrantInvolvementInput!) { it: grantInvolvement(input: $input) {
  userErrors { field code } } }";

async fn status(app: &App, persona: &str, child: &Value) -> Value {
    app.data(persona, STATUS, json!({"id": child})).await["planStatus"].clone()
}

/// The first child, known to the transport police until the first of December.
async fn known_until_december(app: &App) -> Value {
    let child = app.first_child("social_worker").await;
    let input = json!({"idempotencyKey": key(1), "childId": child, "reason": "Seen at the station.",
      "agencyId": app.agency("Warwickshire Transport Police").await, "endsAt": "2026-12-01T09:00:00Z"});
    let done = app.data("social_worker", GRANT, json!({"input": input})).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]));
    child
}

async fn it_is_known_for_a_year(app: App) {
    let first = app.first_child("social_worker").await;
    assert_eq!(app.code("police_elsewhere", STATUS, json!({"id": first})).await, "NOT_FOUND");
    let child = known_until_december(&app).await;
    let starts_on =
        app.data("social_worker", CHILD, json!({"id": child})).await["child"]["currentPlan"]["startsOn"].clone();
    let now = json!({"startsOn": starts_on, "endsOn": null, "keptUntil": null});
    assert_eq!(status(&app, "police_elsewhere", &child).await, now);
    assert_eq!(status(&app, "school_dsl", &child).await, now);
    app.clock.advance(chrono::Duration::days(8));
    assert_eq!(app.code("police_elsewhere", CHILD, json!({"id": child})).await, "NOT_FOUND");
    let over = json!({"startsOn": starts_on, "endsOn": null, "keptUntil": "2027-12-01"});
    assert_eq!(status(&app, "police_elsewhere", &child).await, over);

    // it ends; another begins, which is a later event
    app.clock.advance(chrono::Duration::days(6) + chrono::Duration::hours(4));
    let held = hold(&app, 2, &first_review(&app).await).await;
    let done = decide(&app, &deciding(3, &held, &json!({"outcome": "CP_PLAN_ENDS"}))).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    let (_, id) = quorate::graphql::id::split(&child.as_str().unwrap().into()).unwrap();
    let db = connect(&app.url).await;
    let of_child = entity::plan::Column::ChildId.eq(entity::id::ChildId(id));
    let old = entity::plan::Entity::find().filter(of_child).one(&db).await.unwrap().unwrap();
    let starts_again = "2026-12-20".parse().unwrap();
    let new = entity::plan::Model {
        id: entity::id::PlanId(app.clock.new_id()),
        starts_on: starts_again,
        ends_on: None,
        ..old
    };
    entity::plan::Entity::insert(new.into_active_model()).exec_without_returning(&db).await.unwrap();
    app.clock.advance(chrono::Duration::days(14));
    let ended = json!({"startsOn": starts_on, "endsOn": "2026-12-08", "keptUntil": "2027-12-01"});
    assert_eq!(status(&app, "police_elsewhere", &child).await, ended);
    assert_eq!(status(&app, "social_worker", &child).await["startsOn"], "2026-12-20");

    // to the end of the day, a year later
    app.clock.advance(chrono::Duration::days(344) + chrono::Duration::hours(10));
    assert_eq!(app.clock.now().to_rfc3339(), "2027-12-01T23:00:00+00:00");
    assert_eq!(status(&app, "police_elsewhere", &child).await, ended);
    app.clock.advance(chrono::Duration::hours(1));
    assert_eq!(app.code("police_elsewhere", STATUS, json!({"id": child})).await, "NOT_FOUND");
}

async fn what_forbids_comes_first(app: App) {
    let child = known_until_december(&app).await;
    app.clock.advance(chrono::Duration::days(8));
    assert!(status(&app, "police_elsewhere", &child).await.is_object());
    let person = app.data("police_elsewhere", "{ viewer { practitioner { id } } }", json!({})).await;
    let input = json!({"idempotencyKey": key(4), "childId": child, "kind": "FAMILY", "reason": "An uncle.",
      "practitionerId": person["viewer"]["practitioner"]["id"]});
    let record = "mutation($input: RecordConflictInput!) { it: recordConflict(input: $input) { userErrors { code } } }";
    let done = app.data("team_manager", record, json!({"input": input})).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]));
    assert_eq!(app.code("police_elsewhere", STATUS, json!({"id": child})).await, "NOT_FOUND");
    // what is unseen and what is not there are one answer
    let unseen = app.ask("housing", STATUS, json!({"id": app.first_child("social_worker").await})).await;
    assert!(unseen["data"]["planStatus"].is_object(), "{unseen}");
    let nowhere = quorate::graphql::id::global(entity::id::ChildId(uuid::Uuid::nil())).to_string();
    let (one, other) = (
        app.ask("health_elsewhere", STATUS, json!({"id": child})).await,
        app.ask("health_elsewhere", STATUS, json!({"id": nowhere})).await,
    );
    assert_eq!((&one["data"], &one["errors"][0]["message"]), (&other["data"], &other["errors"][0]["message"]));
}

both!(a_year, super::it_is_known_for_a_year);
both!(a_conflict, super::what_forbids_comes_first);
