//! What is kept, how long, and how much of it is answered at once.

use quorate::app::Quorate;
use quorate::graphql::limits::DocumentLimits;
use serde_json::json;

use crate::support::contents::{connect, number};
use crate::support::{App, key};

const GRANT: &str = "mutation($input: GrantInvolvementInput!) { it: grantInvolvement(input: $input) {
  involvement { id } userErrors { field code } } }";

const KEYS: &str = "SELECT count(*) FROM idempotency";

async fn keys_for_a_month(app: App) {
    let child = app.first_child("social_worker").await;
    let agency = app.agency("Warwickshire Transport Police").await;
    let grant = |n: u32, starts: &str, ends: &str| {
        json!({"input": {"idempotencyKey": key(n), "childId": child, "agencyId": agency, "reason": "For the test.",
          "startsAt": starts, "endsAt": ends}})
    };
    let old = grant(140, "2026-11-24T10:00:00Z", "2026-11-25T09:00:00Z");
    let done = app.data("social_worker", GRANT, old.clone()).await;
    assert_eq!(done["it"]["userErrors"], json!([]));
    app.clock.advance(chrono::Duration::days(29));
    let young = grant(141, "2026-12-24T10:00:00Z", "2026-12-25T09:00:00Z");
    app.data("social_worker", GRANT, young.clone()).await;
    let api = Quorate::new(app.database.clone(), app.clock.clone(), DocumentLimits::default(), &app.audit).unwrap();
    api.upkeep().await.unwrap();
    let db = connect(&app.url).await;
    assert_eq!(number(&db, KEYS).await, 2);
    assert_eq!(app.data("social_worker", GRANT, old.clone()).await, done, "a retry answers the same");
    app.clock.advance(chrono::Duration::days(2));
    api.upkeep().await.unwrap();
    assert_eq!(number(&db, KEYS).await, 1);
    let again = app.data("social_worker", GRANT, old).await;
    assert_eq!(again["it"]["userErrors"][0]["code"], "WRONG_TIME", "after that it is a write of its own");
    let same = app.data("social_worker", GRANT, young).await;
    assert_eq!(same["it"]["userErrors"], json!([]), "the young one is known still");
}

async fn figures_cost_what_they_may_be(app: App) {
    let buckets = "buckets { month agency { name } invitations attended apologies noWord unrecorded reportsLate }";
    let one = format!("{{ nonAttendance(groupBy: [AGENCY, MONTH]) {{ {buckets} }} }}");
    app.data("chair", &one, json!({})).await;
    let alias = |n| format!("n{n}: nonAttendance(groupBy: [AGENCY, MONTH]) {{ {buckets} }}");
    let many = (0..25).map(alias).collect::<Vec<_>>().join(" ");
    let body = app.ask("chair", &format!("{{ {many} }}"), json!({})).await;
    assert_eq!(body["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED", "{body}");
}

both!(an_idempotency_key, super::keys_for_a_month);
both!(non_attendance, super::figures_cost_what_they_may_be);
