//! What must be refused is refused, in typed form, and nothing is written.

use serde_json::{Value, json};

use crate::jobs::{open_request, report};
use crate::support::App;

/// The document with which six levels of fragments would be walked twenty to the sixth times.
fn bomb() -> String {
    let levels = (0..6).map(|level| {
        let spreads = format!("...f{} ", level + 1).repeat(20);
        format!("fragment f{level} on Query {{ {spreads} }} ")
    });
    format!("{{ ...f0 }} {} fragment f6 on Query {{ __typename }}", levels.collect::<String>())
}

async fn documents(app: App) {
    let token = app.token("chair");
    let post = |query: String| {
        let (app, token) = (&app, &token);
        async move { app.post(token, json!({"query": query}).to_string()).await }
    };
    let mut quickest = u128::MAX;
    for _ in 0..5 {
        let started = std::time::Instant::now();
        let (status, body) = post(bomb()).await;
        quickest = quickest.min(started.elapsed().as_millis());
        assert_eq!((status, &body["errors"][0]["extensions"]["code"]), (400, &json!("LIMIT_EXCEEDED")));
    }
    // the best of five: the machine runs other tests beside this one
    assert!(quickest < 50, "{quickest} ms");
    for (query, code) in [
        ("{ nothing }".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
        ("{".to_owned(), "GRAPHQL_PARSE_FAILED"),
        ("{a".repeat(1000) + &"}".repeat(1000), "LIMIT_EXCEEDED"),
        ((0..40).fold("{".to_owned(), |q, i| q + &format!("a{i}: __typename ")) + "}", "LIMIT_EXCEEDED"),
        ("{ children(first: 0) { nodes { id } } }".to_owned(), "BAD_USER_INPUT"),
        ("{ children(after: \"nonsense\") { nodes { id } } }".to_owned(), "BAD_USER_INPUT"),
        ("{ events(after: \"nonsense\") { nodes { kind } } }".to_owned(), "BAD_USER_INPUT"),
        ("{ child(id: \"nonsense\") { id } }".to_owned(), "BAD_USER_INPUT"),
        ("{ nonAttendance(filter: {from: \"2026-13-01\"}, groupBy: []) { from } }".to_owned(), "BAD_USER_INPUT"),
    ] {
        let (_, body) = post(query.clone()).await;
        let short: String = query.chars().take(60).collect();
        assert_eq!(body["errors"][0]["extensions"]["code"], code, "{short}: {body}");
    }
    let (status, body) = app.post(&token, format!("{{\"query\": \"{}\"}}", "a".repeat(10_000_000))).await;
    assert_eq!((status, &body["errors"][0]["extensions"]["code"]), (413, &json!("PAYLOAD_TOO_LARGE")));
}

async fn tokens(app: App) {
    let query = json!({"query": "{ viewer { posts } }"}).to_string();
    assert_eq!(app.post(&app.token("police"), query.clone()).await.0, 200);
    let expired = {
        let mut c = app.claims("police");
        c.exp = c.iat - 60;
        app.sign(&c)
    };
    let foreign = {
        let mut c = app.claims("police");
        c.iss = "https://other.example".into();
        app.sign(&c)
    };
    // a post the person does not hold, and a person at an agency that is not theirs
    let promoted = {
        let mut c = app.claims("police");
        c.roles = vec!["CHAIR".into()];
        app.sign(&c)
    };
    let moved = {
        let mut c = app.claims("police");
        c.agency_id = app.claims("chair").agency_id;
        app.sign(&c)
    };
    for token in ["", "x.y.z", &expired, &foreign, &promoted, &moved] {
        let (status, body) = app.post(token, query.clone()).await;
        assert_eq!(status, 401, "{body}");
        assert_eq!(body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    }
    let (status, body) = app.post(&app.token("agency_system"), query).await;
    assert_eq!((status, &body["errors"][0]["extensions"]["code"]), (403, &json!("FORBIDDEN")));
}

async fn writes_that_are_refused_leave_nothing(app: App) {
    const SUBMIT: &str = "mutation($input: SubmitConferenceReportInput!) { submitConferenceReport(input: $input) {
      conferenceReport { id } userErrors { field code } } }";
    let request = open_request(&app, "school_dsl").await;
    let key = "6f0d5b0e-1111-4222-8333-bbbbbbbbbbbb";
    // asked of another agency
    assert_eq!(app.code("police", SUBMIT, report(&request, key)).await, "NOT_FOUND");
    assert_eq!(app.code("chair", SUBMIT, report(&request, key)).await, "FORBIDDEN");
    let mut bad = report(&request, key);
    bad["input"]["safetyScore"] = 11.into();
    bad["input"]["worries"] = " ".into();
    bad["input"]["sharedWithFamilyOn"] = "2027-01-01".into();
    let refused = app.data("school_dsl", SUBMIT, bad).await["submitConferenceReport"]["userErrors"].clone();
    let fields: Vec<_> = refused.as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["worries", "safetyScore", "sharedWithFamilyOn"]);
    let mut dry = report(&request, key);
    dry["input"]["dryRun"] = true.into();
    let nothing = app.data("school_dsl", SUBMIT, dry).await["submitConferenceReport"].clone();
    assert_eq!(nothing, json!({"conferenceReport": Value::Null, "userErrors": []}));
    assert_eq!(open_request(&app, "school_dsl").await, request, "nothing was written");
    assert_eq!(app.data("school_dsl", "{ events { nodes { kind } } }", json!({})).await["events"]["nodes"], json!([]));
    // a system submits for a person of its agency, and only so
    let request = open_request(&app, "health_visitor").await;
    let refused = app.data("agency_system", SUBMIT, report(&request, key)).await["submitConferenceReport"].clone();
    assert_eq!(refused["userErrors"][0]["field"], "authorId", "{refused}");
    let viewer = app.data("health_visitor", "{ viewer { practitioner { id } } }", json!({})).await;
    let mut named = report(&request, key);
    named["input"]["authorId"] = viewer["viewer"]["practitioner"]["id"].clone();
    let done = app.data("agency_system", SUBMIT, named).await["submitConferenceReport"].clone();
    assert_eq!(done["userErrors"], json!([]));
    assert!(done["conferenceReport"]["id"].is_string());
}

both!(a_document, super::documents);
both!(a_token, super::tokens);
both!(a_write, super::writes_that_are_refused_leave_nothing);
