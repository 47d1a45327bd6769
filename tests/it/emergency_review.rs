//! Every use of emergency access is reviewed: by whom, by when, and what happens otherwise.

use serde_json::{Value, json};

use crate::emergency::{hit_and_miss, on_duty, open};
use crate::support::{App, key};

const REVIEW: &str = "mutation($input: ReviewEmergencyAccessInput!) { it: reviewEmergencyAccess(input: $input) {
  emergencyAccess { outcome reviewNote reviewedAt escalated reviewedBy { fullName } } userErrors { field code } } }";

fn review(n: u32, access: &Value, outcome: &str) -> Value {
    json!({"input": {"idempotencyKey": key(n), "emergencyAccessId": access["id"], "outcome": outcome,
      "note": "The log of the control room confirms it."}})
}

/// The ids a persona finds in its list, with whether they are escalated.
async fn listed(app: &App, persona: &str) -> Vec<(Value, Value)> {
    let query = "{ emergencyAccesses { nodes { id escalated } } }";
    let nodes = app.data(persona, query, json!({})).await["emergencyAccesses"]["nodes"].clone();
    nodes.as_array().unwrap().iter().map(|n| (n["id"].clone(), n["escalated"].clone())).collect()
}

async fn the_privacy_officer_reviews(app: App) {
    let (hit, miss) = hit_and_miss(&app).await;
    let access = open(&app, &on_duty(&app, "police"), 1, &miss).await;
    assert_eq!(access["reviewDueAt"], "2026-11-27T00:00:00+00:00", "two working days, by the clock of England");
    let of_elsewhere = open(&app, &on_duty(&app, "police_elsewhere"), 2, &hit).await;
    let first = |n| review(n, &access, "JUSTIFIED");
    assert_eq!(app.code("police", REVIEW, first(20)).await, "FORBIDDEN", "not by oneself");
    for persona in ["team_manager", "service_manager", "police_elsewhere", "chair", "health_visitor"] {
        assert_eq!(app.code(persona, REVIEW, first(21)).await, "NOT_FOUND", "{persona}");
        assert!(!listed(&app, persona).await.iter().any(|(id, _)| *id == access["id"]), "{persona}");
    }
    // an agency without a privacy officer has the authority's
    assert_eq!(app.code("privacy_officer", REVIEW, review(22, &of_elsewhere, "JUSTIFIED")).await, "NOT_FOUND");
    let done = app.data("service_manager", REVIEW, review(23, &of_elsewhere, "NOT_JUSTIFIED")).await["it"].clone();
    assert_eq!(done["emergencyAccess"]["outcome"], "NOT_JUSTIFIED", "{done}");

    // overdue: the service manager sees it, and may still not review it in the officer's place
    assert_eq!(listed(&app, "privacy_officer").await, [(access["id"].clone(), json!(false))]);
    app.clock.advance(chrono::Duration::hours(63));
    assert_eq!(listed(&app, "privacy_officer").await, [(access["id"].clone(), json!(true))]);
    assert!(listed(&app, "service_manager").await.contains(&(access["id"].clone(), json!(true))));
    assert_eq!(listed(&app, "team_manager").await, []);
    assert_eq!(app.code("service_manager", REVIEW, first(24)).await, "FORBIDDEN");
    let done = app.data("privacy_officer", REVIEW, first(25)).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]));
    let held = &done["emergencyAccess"];
    assert_eq!((&held["outcome"], &held["escalated"]), (&json!("JUSTIFIED"), &json!(false)), "{held}");
    assert_eq!(held["reviewedBy"]["fullName"], "Laura Keane");
    assert_eq!(app.data("privacy_officer", REVIEW, first(25)).await["it"], done, "a retry answers the same");
    let again = app.data("privacy_officer", REVIEW, first(26)).await["it"]["userErrors"].clone();
    assert_eq!(again, json!([{"field": "emergencyAccessId", "code": "ALREADY_DONE"}]));
    assert!(!listed(&app, "service_manager").await.iter().any(|(id, _)| *id == access["id"]), "no longer overdue");
    let outcome = "query($id: ID!) { emergencyAccess(id: $id) { outcome } }";
    let told = app.data("police", outcome, json!({"id": access["id"]})).await;
    assert_eq!(told["emergencyAccess"]["outcome"], "JUSTIFIED", "the person learns of it");
}

async fn at_social_care_a_manager_reviews(app: App) {
    let (hit, _) = hit_and_miss(&app).await;
    let access = open(&app, &on_duty(&app, "social_worker"), 1, &hit).await;
    let of_manager = open(&app, &on_duty(&app, "team_manager"), 2, &hit).await;
    assert_eq!(app.code("social_worker", REVIEW, review(20, &access, "JUSTIFIED")).await, "FORBIDDEN");
    assert_eq!(app.code("team_manager", REVIEW, review(21, &of_manager, "JUSTIFIED")).await, "FORBIDDEN");
    assert_eq!(app.code("social_worker", REVIEW, review(22, &of_manager, "JUSTIFIED")).await, "NOT_FOUND");
    assert_eq!(
        app.code("privacy_officer", REVIEW, review(23, &access, "JUSTIFIED")).await,
        "NOT_FOUND",
        "the police's"
    );
    let done = app.data("team_manager", REVIEW, review(24, &access, "JUSTIFIED")).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    let done = app.data("service_manager", REVIEW, review(25, &of_manager, "JUSTIFIED")).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
}

/// A privacy officer who used it is no privacy officer for it: the authority's is.
async fn an_officers_own_use_is_the_authoritys(app: App) {
    let (_, miss) = hit_and_miss(&app).await;
    let access = open(&app, &on_duty(&app, "privacy_officer"), 1, &miss).await;
    assert_eq!(app.code("privacy_officer", REVIEW, review(20, &access, "JUSTIFIED")).await, "FORBIDDEN");
    let done = app.data("service_manager", REVIEW, review(21, &access, "NOT_JUSTIFIED")).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
}

both!(officer, super::the_privacy_officer_reviews);
both!(manager, super::at_social_care_a_manager_reviews);
both!(own_use, super::an_officers_own_use_is_the_authoritys);
