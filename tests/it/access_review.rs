//! The review of access: issued once a quarter is over, answered by those who oversee, ended where nobody answered.

use std::collections::BTreeMap;

use chrono::Duration;
use quorate::app::Quorate;
use quorate::graphql::limits::DocumentLimits;
use quorate::store::audit::AuditKey;
use quorate::store::audit::verify::Verdict;
use serde_json::{Value, json};

use crate::limits::{colleague, officer};
use crate::support::contents::{connect, number, texts};
use crate::support::{App, key, open};

const REVIEW: &str = "query($quarter: String) { accessReview(quarter: $quarter) { id quarter issuedAt answerBy
  suspendedAt } }";
const ENTRIES: &str = "query($kind: AccessReviewKind, $answered: Boolean, $after: String) { accessReview { entries(
  kind: $kind, answered: $answered, first: 100, after: $after) { nodes { id kind post basis since answer suspendedAt
  agency { name } practitioner { id } child { id } answeredBy { fullName } } pageInfo { hasNextPage endCursor } } } }";
const ANSWER: &str = "mutation($input: AnswerAccessReviewInput!) { it: answerAccessReview(input: $input) {
  entry { id answer } userErrors { field code } } }";
const CHILD: &str = "query($id: ID!) { child(id: $id) { id } }";

async fn entries(app: &App, token: &str, kind: Option<&str>) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let body = json!({"query": ENTRIES, "variables": {"kind": kind, "after": after}}).to_string();
        let (_, body) = app.post(token, body).await;
        let page = body["data"]["accessReview"]["entries"].clone();
        all.extend(page["nodes"].as_array().unwrap_or_else(|| panic!("{body}")).clone());
        if page["pageInfo"]["hasNextPage"] != true {
            return all;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

fn by_agency(entries: &[Value]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for entry in entries {
        *counts.entry(entry["agency"]["name"].as_str().unwrap()).or_default() += 1;
    }
    counts
}

fn answer(n: u32, entry: &Value, answer: &str) -> Value {
    json!({"input": {"idempotencyKey": key(n), "entryId": entry["id"], "answer": answer}})
}

async fn whole(app: &App) {
    let audit_key = AuditKey::load(&app.audit.key_file).unwrap();
    let verdict = open(&app.url).await.verify_audit(Some((&app.audit.heads_file, &audit_key))).await.unwrap();
    assert!(matches!(verdict, Verdict::Whole { .. }), "{verdict:?}");
}

async fn is_issued_once(app: App) {
    assert_eq!(app.code("service_manager", REVIEW, json!({})).await, "NOT_FOUND", "none was issued");
    // what the police have opened in the last ninety days is no relationship without activity
    app.data("police", "{ children(first: 100) { nodes { id } } }", json!({})).await;
    let other = Quorate::new(app.database.clone(), app.clock.clone(), DocumentLimits::default(), &app.audit).unwrap();
    let both = futures_util::future::join_all(vec![app.api.upkeep(), other.upkeep(), app.api.upkeep(), other.upkeep()]);
    let issued: usize = both.await.into_iter().map(|done| done.unwrap().issued).sum();
    assert_eq!(issued, 4, "one for each authority");
    assert_eq!(app.api.upkeep().await.unwrap().issued, 0);
    let review = app.data("service_manager", REVIEW, json!({"quarter": "2026-Q3"})).await["accessReview"].clone();
    assert_eq!(
        (&review["quarter"], &review["answerBy"], &review["suspendedAt"]),
        (&json!("2026-Q3"), &json!("2026-12-23T00:00:00+00:00"), &Value::Null)
    );
    assert_eq!(app.code("service_manager", REVIEW, json!({"quarter": "2026-Q2"})).await, "NOT_FOUND");
    assert_eq!(app.code("service_manager", REVIEW, json!({"quarter": "autumn"})).await, "BAD_USER_INPUT");
    for persona in ["team_manager", "social_worker", "chair", "police", "school_dsl", "system_admin"] {
        assert_eq!(app.code(persona, REVIEW, json!({})).await, "NOT_FOUND", "{persona}");
    }
    assert_eq!(app.kinds("service_manager").await, ["ACCESS_REVIEW_ISSUED"]);
    assert_eq!(app.kinds("police").await, Vec::<String>::new());

    let token = app.token("service_manager");
    let relationships = entries(&app, &token, Some("RELATIONSHIP")).await;
    let agencies = by_agency(&relationships);
    assert!(!agencies.contains_key("Warwickshire Police"), "active: {agencies:?}");
    assert!(!agencies.contains_key("Warwickshire Children's Social Care"), "not a partner: {agencies:?}");
    assert!(agencies.len() > 3, "{agencies:?}");
    assert!(relationships.iter().all(|e| e["child"].is_object() && e["basis"].is_string()), "{relationships:?}");
    let limit = "2026-08-26T09:00:00";
    assert!(relationships.iter().all(|e| e["since"].as_str().unwrap() <= limit), "older than ninety days");
    // posts of the own agency only, without the own one; the auditor sees all of the authority's
    let posts = entries(&app, &token, Some("POST")).await;
    // the privacy officer of social care stands in for agencies that have none; the police have one
    let agencies = by_agency(&posts);
    assert!(agencies.contains_key("Warwickshire Children's Social Care"), "{agencies:?}");
    assert!(!agencies.contains_key("Warwickshire Police"), "{agencies:?}");
    assert!(posts.iter().all(|e| e["post"] != "SERVICE_MANAGER"), "the only one asks");
    assert!(by_agency(&entries(&app, &app.token("auditor"), Some("POST")).await).len() > 10);
    whole(&app).await;
}

/// The school's relationships to a child that last, as the team sees them.
async fn lasting(app: &App, id: &Value) -> usize {
    let query = "query($id: ID!) { child(id: $id) { involvements(first: 100) { nodes { endsAt agency { name } } } } }";
    let data = app.data("service_manager", query, id.clone()).await;
    let nodes = data["child"]["involvements"]["nodes"].as_array().unwrap();
    let theirs = nodes.iter().filter(|r| r["agency"]["name"] == "Warwickshire Oakfield Primary School");
    theirs.filter(|r| r["endsAt"].is_null()).count()
}

async fn is_answered(app: App) {
    app.api.upkeep().await.unwrap();
    app.clock.advance(Duration::hours(1));
    let token = app.token("service_manager");
    let all = entries(&app, &token, Some("RELATIONSHIP")).await;
    let of_school: Vec<_> =
        all.iter().filter(|e| e["agency"]["name"] == "Warwickshire Oakfield Primary School").collect();
    let ending = of_school.first().expect("a relationship of the school without activity");
    let id = json!({"id": ending["child"]["id"]});
    let before = lasting(&app, &id).await;
    for (persona, code) in [("team_manager", "NOT_FOUND"), ("police", "NOT_FOUND"), ("auditor", "FORBIDDEN")] {
        assert_eq!(app.code(persona, ANSWER, answer(1, ending, "END")).await, code, "{persona}");
    }
    let mut dry = answer(2, ending, "END");
    dry["input"]["dryRun"] = true.into();
    assert_eq!(app.data("service_manager", ANSWER, dry).await["it"], json!({"entry": null, "userErrors": []}));
    app.data("school_dsl", CHILD, id.clone()).await;
    let done = app.data("service_manager", ANSWER, answer(3, ending, "END")).await["it"].clone();
    assert_eq!(done, json!({"entry": {"id": ending["id"], "answer": "END"}, "userErrors": []}));
    assert_eq!(app.data("service_manager", ANSWER, answer(3, ending, "END")).await["it"], done, "a retry");
    assert_eq!(app.code("service_manager", ANSWER, answer(3, ending, "KEEP")).await, "IDEMPOTENCY_MISMATCH");
    let again = app.data("service_manager", ANSWER, answer(4, ending, "KEEP")).await["it"].clone();
    assert_eq!(again["userErrors"][0]["code"], "ALREADY_DONE");
    assert_eq!(lasting(&app, &id).await, before - 1, "it ended");
    assert_eq!(app.kinds("service_manager").await, ["ACCESS_REVIEW_ISSUED", "INVOLVEMENT_ENDED"]);
    // a post that ends gives nothing any more
    let posts = entries(&app, &token, Some("POST")).await;
    let taker = app.data("minute_taker", "{ viewer { practitioner { id } } }", json!({})).await;
    let post = posts.iter().find(|e| e["practitioner"] == taker["viewer"]["practitioner"]).unwrap();
    app.data("service_manager", ANSWER, answer(5, post, "END")).await;
    assert_eq!(app.code("minute_taker", "{ viewer { posts } }", json!({})).await, "UNAUTHENTICATED");
    // the privacy officer of an agency answers about it
    let (who, token) = colleague(&app, "health_visitor", "health_elsewhere").await;
    let (status, body) = app.post(&token, json!({"query": REVIEW}).to_string()).await;
    assert_eq!((status, &body["errors"][0]["extensions"]["code"]), (200, &json!("NOT_FOUND")), "without the duty");
    officer(&app, who, app.claims("health_visitor").agency_id).await;
    let theirs = entries(&app, &token, Some("RELATIONSHIP")).await;
    assert_eq!(by_agency(&theirs).into_keys().collect::<Vec<_>>(), ["Warwickshire Community Health Trust"]);
    let mut claims = app.claims("health_visitor");
    (claims.sub, claims.scope) = (who.0, "read submit".into());
    let token = app.sign(&claims);
    let send = |query: &str, variables: Value| {
        let (app, token) = (&app, token.clone());
        let body = json!({"query": query, "variables": variables}).to_string();
        async move { app.post(&token, body).await.1 }
    };
    let done = send(ANSWER, answer(6, &theirs[0], "KEEP")).await;
    assert_eq!(done["data"]["it"]["entry"]["answer"], "KEEP", "{done}");
    let other = send(ANSWER, answer(7, post, "KEEP")).await;
    assert_eq!(other["errors"][0]["extensions"]["code"], "NOT_FOUND", "{other}");
    // nobody is shown what is about themselves
    let me = app.data("health_visitor", "{ viewer { practitioner { id } } }", json!({})).await;
    officer(&app, entity::id::PractitionerId(app.claims("health_visitor").sub), app.claims("health_visitor").agency_id)
        .await;
    let own = entries(&app, &app.token("health_visitor"), None).await;
    assert!(own.iter().all(|e| e["practitioner"] != me["viewer"]["practitioner"]), "{own:?}");
    whole(&app).await;
}

async fn ends_what_nobody_answered(app: App) {
    app.api.upkeep().await.unwrap();
    let db = connect(&app.url).await;
    let token = app.token("service_manager");
    let all = entries(&app, &token, Some("RELATIONSHIP")).await;
    let kept = all.iter().find(|e| e["agency"]["name"] == "Warwickshire Oakfield Primary School").unwrap();
    app.data("service_manager", ANSWER, answer(1, kept, "KEEP")).await;
    let unanswered = "SELECT count(*) FROM access_review_entry WHERE kind = 'RELATIONSHIP' AND answer IS NULL";
    let unanswered = usize::try_from(number(&db, unanswered).await).unwrap();
    let allocated = "SELECT count(*) FROM involvement WHERE basis = 'ALLOCATED_WORKER' AND ends_at IS NULL";
    let before = number(&db, allocated).await;
    // the last instant of the twentieth working day, and the one after it
    app.clock.advance(Duration::days(28) + Duration::hours(15) - Duration::seconds(1));
    assert_eq!(app.api.upkeep().await.unwrap().suspended, 0);
    app.clock.advance(Duration::seconds(1));
    let other = Quorate::new(app.database.clone(), app.clock.clone(), DocumentLimits::default(), &app.audit).unwrap();
    let both = futures_util::future::join_all(vec![app.api.upkeep(), other.upkeep()]);
    let suspended: usize = both.await.into_iter().map(|done| done.unwrap().suspended).sum();
    assert_eq!(suspended, unanswered);
    assert_eq!(app.api.upkeep().await.unwrap().suspended, 0);
    assert_eq!(number(&db, allocated).await, before, "social care is not touched");
    let open_still = "SELECT count(*) FROM access_review_entry e JOIN involvement i ON i.id = e.involvement_id \
      WHERE e.kind = 'RELATIONSHIP' AND i.ends_at IS NULL";
    assert_eq!(number(&db, open_still).await, 1, "the one that was kept");
    let events = "SELECT count(*) FROM event WHERE kind = 'INVOLVEMENT_ENDED' AND involvement_id IN \
      (SELECT involvement_id FROM access_review_entry WHERE suspended_at IS NOT NULL)";
    assert_eq!(usize::try_from(number(&db, events).await).unwrap(), unanswered, "each is told once");
    let recorded = "SELECT DISTINCT resource || ' ' || rule FROM audit WHERE kind = 'upkeep' AND resource <> 'Deadline' \
      ORDER BY 1";
    assert_eq!(texts(&db, recorded).await, ["AccessReview ISSUED", "Involvement REVIEW_UNANSWERED"]);
    let touched = "SELECT CAST(sum(touched) AS BIGINT) FROM audit WHERE rule = 'REVIEW_UNANSWERED'";
    assert_eq!(usize::try_from(number(&db, touched).await).unwrap(), unanswered);
    // too late to keep; the review says when it ended, the record of the child tells it to those who may know
    let late = all.iter().find(|e| e["id"] != kept["id"]).unwrap();
    let refused = app.data("service_manager", ANSWER, answer(2, late, "KEEP")).await["it"].clone();
    assert_eq!(refused["userErrors"][0]["code"], "WRONG_TIME");
    assert!(app.data("service_manager", REVIEW, json!({})).await["accessReview"]["suspendedAt"].is_string());
    let log = "query($id: ID!) { accessLog(childId: $id, first: 1) { nodes { resource role practitioner { id } } } }";
    let row = app.data("service_manager", log, json!({"id": late["child"]["id"]})).await["accessLog"]["nodes"].clone();
    assert_eq!(row.as_array().unwrap().len(), 1);
    whole(&app).await;
}

async fn what_is_over_is_forgotten(app: App) {
    let db = connect(&app.url).await;
    app.data("police", "{ children(first: 2) { nodes { id } } }", json!({})).await;
    app.first_child("police").await;
    let counts = || async {
        (
            number(&db, "SELECT count(*) FROM access_reading").await,
            number(&db, "SELECT count(*) FROM access_count").await,
        )
    };
    let (readings, kept) = counts().await;
    assert!(readings >= 4 && kept == 3, "{readings} {kept}");
    app.api.upkeep().await.unwrap();
    assert_eq!(counts().await, (readings, kept));
    app.clock.advance(Duration::hours(1));
    app.api.upkeep().await.unwrap();
    assert_eq!(counts().await, (readings / 2, kept), "those of the hour");
    app.clock.advance(Duration::days(3));
    app.api.upkeep().await.unwrap();
    assert_eq!(counts().await, (0, 0));
}

both!(a_review, super::is_issued_once);
both!(an_answer, super::is_answered);
both!(no_answer, super::ends_what_nobody_answered);
both!(an_old_count, super::what_is_over_is_forgotten);
