//! What must be refused is refused, in typed form, and nothing is written.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, decode_header, encode};
use serde_json::{Value, json};

use crate::jobs::{open_request, report};
use crate::refusals::SUBMIT;
use crate::support::App;
use crate::support::contents::{Watch, contents};

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

/// The tokens that are no tokens, each with what is wrong with it.
fn forgeries(app: &App) -> Vec<(&'static str, String)> {
    let good = app.token("police");
    let header = decode_header(&good).unwrap();
    let key = EncodingKey::from_ed_der(&app.key);
    let public = Ed25519KeyPair::from_pkcs8(&app.key).unwrap().public_key().as_ref().to_vec();
    let claims = |change: &dyn Fn(&mut quorate::auth::Claims)| {
        let mut claims = app.claims("police");
        change(&mut claims);
        claims
    };
    let plain = claims(&|_| {});
    let with = |change: &dyn Fn(&mut Header)| {
        let mut header = header.clone();
        change(&mut header);
        encode(&header, &plain, &key).unwrap()
    };
    let hmac = |secret: &[u8]| {
        let header = Header { alg: Algorithm::HS256, ..header.clone() };
        encode(&header, &plain, &EncodingKey::from_secret(secret)).unwrap()
    };
    let parts: Vec<&str> = good.split('.').collect();
    let none = json!({"alg": "none", "typ": "at+jwt", "kid": header.kid}).to_string();
    let none = URL_SAFE_NO_PAD.encode(none);
    let signature = URL_SAFE_NO_PAD.encode([7_u8; 64]);
    vec![
        ("wrong signature", format!("{}.{}.{signature}", parts[0], parts[1])),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("expired", app.sign(&claims(&|c| (c.iat, c.exp) = (c.iat - 900, c.iat - 31)))),
        ("not yet valid", app.sign(&claims(&|c| (c.iat, c.exp) = (c.iat + 60, c.exp + 60)))),
        ("too long a lifetime", app.sign(&claims(&|c| c.exp = c.iat + 3601))),
        ("foreign issuer", app.sign(&claims(&|c| c.iss = "https://other.example".into()))),
        ("wrong audience", app.sign(&claims(&|c| c.aud = "another-api".into()))),
        ("alg none", format!("{none}.{}.", parts[1])),
        ("alg none, with the signature", format!("{none}.{}.{}", parts[1], parts[2])),
        ("HS256 with the public key", hmac(&public)),
        ("HS256 with the public key as it is published", hmac(URL_SAFE_NO_PAD.encode(&public).as_bytes())),
        ("no typ", with(&|h| h.typ = None)),
        ("typ of another token", with(&|h| h.typ = Some("JWT".into()))),
        ("no kid", with(&|h| h.kid = None)),
        ("unknown kid", with(&|h| h.kid = Some("unknown".into()))),
        ("a post not held", app.sign(&claims(&|c| c.roles = vec!["CHAIR".into()]))),
        ("an agency not the person's", app.sign(&claims(&|c| c.agency_id = app.claims("chair").agency_id))),
    ]
}

async fn tokens(app: App) {
    let request = open_request(&app, "police").await;
    let submit =
        json!({"query": SUBMIT, "variables": report(&request, "6f0d5b0e-1111-4222-8333-eeeeeeeeeeee")}).to_string();
    let watch = Watch::over(&app).await;
    for (what, token) in forgeries(&app) {
        let (status, mut body) = app.post(&token, submit.clone()).await;
        body["errors"][0]["extensions"]["requestId"].take();
        let one = json!({"errors": [{
            "message": "A valid bearer token of an active post is needed.",
            "extensions": {"code": "UNAUTHENTICATED", "requestId": null},
        }]});
        assert_eq!((status, body), (401, one), "{what}");
        watch.unchanged(what).await;
    }
    let (status, body) =
        app.post(&app.token("agency_system"), json!({"query": "{ viewer { posts } }"}).to_string()).await;
    assert_eq!((status, &body["errors"][0]["extensions"]["code"]), (403, &json!("FORBIDDEN")));
    // the same request does write with the token it should have: the watch sees what is written
    assert_eq!(app.post(&app.token("police"), submit).await.0, 200);
    assert_ne!(contents(&watch.db).await["conference_report"], watch.before["conference_report"]);
}

async fn writes_that_are_refused_leave_nothing(app: App) {
    let request = open_request(&app, "school_dsl").await;
    // the newest page of the feed, whatever the demo's history is
    let feed = "query($after: String) { events(after: $after, first: 100) { nodes { kind } } }";
    let after = app.last_event("school_dsl").await;
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
    let events = app.data("school_dsl", feed, json!({"after": after})).await["events"]["nodes"].clone();
    assert_eq!(events, json!([]));
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

/// The fields of an answer stand in the order they were asked for, over every transport.
async fn answers_in_order(app: App) {
    let query = "{ viewer { posts b: __typename a: __typename practitioner { id fullName } agency { name id } } }";
    let (_, plain) = app.exchange(&app.token("chair"), &[], json!({"query": query}).to_string()).await;
    let events = app.overhear("chair", query, std::time::Duration::from_millis(300), 0).await;
    for answer in [plain, events] {
        let places = ["\"posts\"", "\"b\"", "\"a\"", "\"practitioner\"", "\"fullName\"", "\"agency\"", "\"name\""];
        let places: Vec<_> = places.iter().map(|field| answer.find(field)).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} in {answer}");
    }
}

both!(in_order, super::answers_in_order);
both!(a_document, super::documents);
both!(a_token, super::tokens);
both!(a_write, super::writes_that_are_refused_leave_nothing);
