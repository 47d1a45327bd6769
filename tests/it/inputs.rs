//! What cannot be kept by both databases is refused by its name, and nothing that is sent breaks the server.

use serde_json::{Value, json};

use crate::jobs::{open_request, report};
use crate::support::contents::Watch;
use crate::support::{App, key};

const SUBMIT: &str = "mutation($input: SubmitConferenceReportInput!) { it: submitConferenceReport(input: $input) {
  userErrors { field code } } }";
const GRANT: &str = "mutation($input: GrantInvolvementInput!) { it: grantInvolvement(input: $input) {
  involvement { id startsAt endsAt } userErrors { field code } } }";

async fn instants(app: App) {
    let child = app.first_child("social_worker").await;
    let agency = app.agency("Warwickshire Transport Police").await;
    let grant = |starts: &str| {
        json!({"input": {"idempotencyKey": key(130), "childId": child, "agencyId": agency, "reason": "For the test.",
          "startsAt": starts, "endsAt": "2026-12-24T09:00:00Z"}})
    };
    let watch = Watch::over(&app).await;
    let far = [
        "-262143-01-01T00:00:00Z",
        "+262142-12-31T23:59:59Z",
        "-4713-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "1899-12-31T23:59:59Z",
        "2201-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "2026-11-25",
        "soon",
    ];
    for text in far {
        let body = app.ask("social_worker", GRANT, grant(text)).await;
        assert_eq!(body["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{text}: {body}");
        assert!(body["errors"][0]["message"].as_str().unwrap().contains("1900"), "{body}");
        watch.unchanged(text).await;
        let list = "query($at: DateTime!) { conferences(filter: {from: $at, until: $at}, first: 1) { nodes { id } } }";
        assert_eq!(app.code("social_worker", list, json!({"at": text})).await, "BAD_USER_INPUT", "{text}");
    }
    for day in ["1899-12-31", "2201-01-01", "0000-01-01"] {
        let counts = "query($day: Date) { nonAttendance(filter: {from: $day}, groupBy: []) { from } }";
        assert_eq!(app.code("chair", counts, json!({"day": day})).await, "BAD_USER_INPUT", "{day}");
    }
    // finer than both databases keep
    let done = app.data("social_worker", GRANT, grant("2026-11-25T09:00:00.123456789Z")).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    assert_eq!(done["involvement"]["startsAt"], "2026-11-25T09:00:00.123456+00:00");
}

async fn zero_characters(app: App) {
    let request = open_request(&app, "police").await;
    for field in ["involvement", "worries", "strengths", "childVoice"] {
        let mut input = report(&request, &key(131));
        input["input"][field] = "before\u{0}after".into();
        let body = app.data("police", SUBMIT, input).await;
        assert_eq!(body["it"]["userErrors"], json!([{"field": field, "code": "INVALID"}]), "{body}");
    }
    let find = "query($by: FindChildInput!) { findChild(by: $by) { id } }";
    let name = |given: &str, family: &str| json!({"nameAndBirthDate": {"givenName": given, "familyName": family, "bornOn": "2015-01-01"}});
    let table = [
        ("by.nhsNumber", json!({"nhsNumber": "999\u{0}"})),
        ("by.upn", json!({"upn": "\u{0}"})),
        ("by.localReference", json!({"localReference": "a\u{0}"})),
        ("by.nameAndBirthDate.givenName", name("A\u{0}", "B")),
        ("by.nameAndBirthDate.familyName", name("A", "B\u{0}")),
    ];
    for (argument, by) in table {
        let body = app.ask("police", find, json!({"by": by})).await;
        let error = &body["errors"][0]["extensions"];
        assert_eq!((&error["code"], &error["argument"]), (&json!("BAD_USER_INPUT"), &json!(argument)), "{body}");
    }
}

/// A cursor as the lists write it.
fn cursor(key: &str) -> String {
    use base64::Engine as _;
    let text = format!("{}:{key}", "0".repeat(32));
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
}

async fn cursors(app: App) {
    let far = |micros: i64| cursor(&format!("a{micros}"));
    let table = [
        ("agencies", cursor("tA\u{0}B")),
        ("conferences", far(-210_866_803_200_000_001)),
        ("conferences", far(8_000_000_000_000_000_000)),
        ("conferences", far(253_402_300_800_000_000)),
    ];
    for (list, after) in table {
        let query = format!("query($after: String) {{ {list}(first: 1, after: $after) {{ nodes {{ id }} }} }}");
        assert_eq!(app.code("social_worker", &query, json!({"after": after})).await, "BAD_USER_INPUT", "{list}");
    }
    let query = "query($after: String) { agencies(first: 1, after: $after) { nodes { id } } }";
    let page: Value = app.data("social_worker", query, json!({"after": cursor("tA")})).await;
    assert_eq!(page["agencies"]["nodes"].as_array().unwrap().len(), 1);
}

both!(an_instant, super::instants);
both!(a_text, super::zero_characters);
both!(a_cursor, super::cursors);
