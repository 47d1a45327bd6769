//! Reasons, and how much may be searched and read.

use quorate::demo;
use serde_json::{Value, json};

use crate::support::App;
use crate::support::contents::{connect, number, texts};

const FIND: &str = "query($by: FindChildInput!) { findChild(by: $by) { id givenName familyName bornOn } }";
const WHY: &str = "Mother rang about a bruise";

fn code(body: &Value) -> &str {
    body["errors"][0]["extensions"]["code"].as_str().unwrap_or("none")
}

fn by_number() -> Value {
    json!({"by": {"nhsNumber": demo::first_nhs_number()}})
}

async fn a_name_is_searched_with_a_reason(app: App) {
    let child = app.data("school_dsl", FIND, by_number()).await["findChild"].clone();
    let by_name = json!({"by": {"nameAndBirthDate": {
      "givenName": child["givenName"], "familyName": child["familyName"], "bornOn": child["bornOn"]}}});
    for reason in [None, Some("why"), Some("         x         ")] {
        let body = app.ask_because(reason, "school_dsl", FIND, by_name.clone()).await;
        assert_eq!((code(&body), &body["data"]["findChild"]), ("REASON_REQUIRED", &Value::Null), "{body}");
        let message = "Say why in the header X-Access-Reason, in 10 to 500 characters.";
        assert_eq!(body["errors"][0]["message"], message);
    }
    let body = app.ask_because(Some(WHY), "school_dsl", FIND, by_name).await;
    assert_eq!(body["data"]["findChild"], child);
    // a number needs none; the refusal stands in the record, the reason nowhere else
    assert_eq!(app.ask_because(None, "school_dsl", FIND, by_number()).await["data"]["findChild"], child);
    let db = connect(&app.url).await;
    let refused = "SELECT count(*) FROM audit WHERE decision = 'DENIED' AND rule = 'REASON_REQUIRED'";
    assert_eq!(number(&db, refused).await, 3);
    let said = texts(&db, &format!("SELECT resource || ' ' || decision FROM audit WHERE reason = '{WHY}'")).await;
    assert_eq!(said, ["Child ALLOWED"]);
}

async fn a_service_manager_says_why(app: App) {
    let child = app.first_child("social_worker").await;
    let id = json!({"id": child});
    let ways: [(&str, Value); 3] = [
        ("query($id: ID!) { it: child(id: $id) { id } }", id.clone()),
        ("query($id: ID!) { it: node(id: $id) { id } }", id.clone()),
        ("query($by: FindChildInput!) { it: findChild(by: $by) { id } }", by_number()),
    ];
    for (query, variables) in &ways {
        // those it is allocated to, and those who are involved, work without one
        for persona in ["social_worker", "team_manager", "police", "chair"] {
            let body = app.ask_because(None, persona, query, variables.clone()).await;
            assert_eq!(body["data"]["it"]["id"], child, "{persona} {query}");
        }
        let body = app.ask_because(None, "service_manager", query, variables.clone()).await;
        assert_eq!((code(&body), &body["data"]["it"]), ("REASON_REQUIRED", &Value::Null), "{query} {body}");
        let body = app.ask_because(Some(WHY), "service_manager", query, variables.clone()).await;
        assert_eq!(body["data"]["it"]["id"], child, "{query} {body}");
    }
    let nodes = "query($id: ID!) { nodes(ids: [$id]) { id } }";
    assert_eq!(code(&app.ask_because(None, "service_manager", nodes, id.clone()).await), "REASON_REQUIRED");
    // a list, and what is read through a meeting, are the daily work
    let list = "{ children(first: 5) { nodes { id givenName } } }";
    assert_eq!(code(&app.ask_because(None, "service_manager", list, json!({})).await), "none");
    // absent is absent, with and without a reason, in the same words
    let absent = json!({"by": {"nhsNumber": "9999999999"}});
    let without = app.ask_because(None, "service_manager", FIND, absent.clone()).await;
    assert_eq!(without, app.ask_because(Some(WHY), "service_manager", FIND, absent).await);
    assert_eq!(code(&without), "NOT_FOUND");
    // a child of their own team, or their own, opens without
    let allocate =
        "mutation($input: GrantInvolvementInput!) { grantInvolvement(input: $input) { userErrors { code } } }";
    let manager = app.data("service_manager", "{ viewer { practitioner { id } } }", json!({})).await;
    let input = json!({"idempotencyKey": crate::support::key(50), "childId": child, "reason": "Takes the case.",
      "agencyId": app.agency("Warwickshire Children's Social Care").await,
      "practitionerId": manager["viewer"]["practitioner"]["id"]});
    let done = app.data("team_manager", allocate, json!({"input": input})).await;
    assert_eq!(done["grantInvolvement"]["userErrors"], json!([]));
    for (query, variables) in &ways {
        let body = app.ask_because(None, "service_manager", query, variables.clone()).await;
        assert_eq!(body["data"]["it"]["id"], child, "{query} {body}");
    }
}

/// As many fields as a document may hold aliases, and one more without.
fn many(fields: usize) -> String {
    let aliased = (1..fields).map(|n| format!("f{n}: findChild(by: {{upn: \"{n}\"}}) {{ id }}"));
    format!("{{ findChild(by: {{upn: \"0\"}}) {{ id }} {} }}", aliased.collect::<Vec<_>>().join(" "))
}

fn codes(body: &Value) -> Vec<&str> {
    let mut codes: Vec<_> =
        body["errors"].as_array().unwrap().iter().map(|e| e["extensions"]["code"].as_str().unwrap()).collect();
    codes.sort_unstable();
    codes
}

async fn searches_are_counted(app: App) {
    app.clock.advance(chrono::Duration::minutes(45));
    // hits, misses and searches by name are one count; what is refused for want of a reason is none
    app.data("school_dsl", FIND, by_number()).await;
    assert_eq!(app.code("school_dsl", FIND, json!({"by": {"localReference": "nobody"}})).await, "NOT_FOUND");
    let nobody = json!({"by": {"nameAndBirthDate": {"givenName": "A", "familyName": "B", "bornOn": "2020-01-01"}}});
    assert_eq!(app.code("school_dsl", FIND, nobody.clone()).await, "NOT_FOUND");
    assert_eq!(code(&app.ask_because(None, "school_dsl", FIND, nobody).await), "REASON_REQUIRED");
    for _ in 0..26 {
        app.data("school_dsl", FIND, by_number()).await;
    }
    // 29 are made: of three at once one gets through
    let body = app.ask("school_dsl", &many(3), json!({})).await;
    assert_eq!(codes(&body), ["NOT_FOUND", "RATE_LIMITED", "RATE_LIMITED"], "{body}");
    let limited = app.ask("school_dsl", FIND, by_number()).await;
    assert_eq!((code(&limited), &limited["data"]["findChild"]), ("RATE_LIMITED", &Value::Null), "{limited}");
    assert_eq!(limited["errors"][0]["extensions"]["retryAfter"], 15 * 60);
    // others are not touched, nor is what is no search; the next hour begins anew
    app.data("police", FIND, by_number()).await;
    app.data("school_dsl", "{ children(first: 1) { nodes { id } } }", json!({})).await;
    app.clock.advance(chrono::Duration::minutes(15));
    app.data("school_dsl", FIND, by_number()).await;
    let db = connect(&app.url).await;
    let refused = "SELECT count(*) FROM audit WHERE decision = 'DENIED' AND rule = 'RATE_LIMITED'";
    assert_eq!(number(&db, refused).await, 2, "one row for an operation");
}

async fn a_document_counts_its_fields(app: App) {
    let body = app.ask("police", &many(31), json!({})).await;
    assert_eq!(body["errors"].as_array().unwrap().len(), 20, "errors are cut");
    let db = connect(&app.url).await;
    assert_eq!(number(&db, "SELECT count FROM access_count").await, 30);
    assert_eq!(app.code("police", FIND, by_number()).await, "RATE_LIMITED");
    assert_eq!(number(&db, "SELECT count FROM access_count").await, 30);
}

async fn many_at_once_do_not_pass(app: App) {
    let document = json!({"query": FIND, "variables": by_number()}).to_string();
    let token = app.token("health_visitor");
    let asks = (0..48).map(|_| app.post(&token, document.clone()));
    let answers = futures_util::future::join_all(asks).await;
    let found = answers.iter().filter(|(_, body)| body["data"]["findChild"].is_object()).count();
    let limited = answers.iter().filter(|(_, body)| code(body) == "RATE_LIMITED").count();
    assert_eq!((found, limited), (30, 18));
}

both!(searches, super::searches_are_counted);
both!(a_long_document, super::a_document_counts_its_fields);
both!(many_searches, super::many_at_once_do_not_pass);
both!(a_search_by_name, super::a_name_is_searched_with_a_reason);
both!(an_unallocated_record, super::a_service_manager_says_why);
