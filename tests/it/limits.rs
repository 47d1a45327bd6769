//! Reasons, and how much may be searched and read.

use std::sync::atomic::Ordering;

use quorate::demo;
use quorate::policy::limits::AccessLimits;
use sea_orm::{ActiveModelTrait as _, ActiveValue::Set};
use serde_json::{Value, json};

use crate::jobs::call_meeting;
use crate::support::contents::{connect, number, texts};
use crate::support::{App, key};

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

/// Runs a test on both engines with other limits of use.
macro_rules! both_limited {
    ($name:ident, $run:path, $limits:expr) => {
        mod $name {
            use quorate::policy::limits::AccessLimits;

            use crate::support::{App, Engine};

            #[actix_web::test]
            async fn on_sqlite() {
                let Some(app) = App::limited(Engine::Sqlite, $limits).await else { return };
                $run(app).await;
            }
            #[actix_web::test]
            async fn on_postgres() {
                let Some(app) = App::limited(Engine::Postgres, $limits).await else { return };
                $run(app).await;
            }
        }
    };
}

#[test]
fn the_defaults_are_those_of_the_model() {
    let limits = AccessLimits::default();
    let AccessLimits {
        searches_per_hour, children_per_hour_alert, children_per_hour, children_per_day_of_agency, ..
    } = limits;
    assert_eq!(
        [searches_per_hour, children_per_hour_alert, children_per_hour, children_per_day_of_agency],
        [30, 50, 200, 2000]
    );
}

const LIST: &str = "query($n: Int!, $after: String) { children(first: $n, after: $after) { nodes { id }
  pageInfo { endCursor } } }";

/// The whole answer to a list of children.
async fn list(app: &App, persona: &str, first: usize) -> (u16, Value) {
    let body = json!({"query": LIST, "variables": {"n": first}}).to_string();
    app.post(&app.token(persona), body).await
}

const ALERTS: &str = "{ alerts(first: 100) { nodes { kind count windowStartsAt raisedAt practitioner { fullName }
  agency { name } } } }";

async fn alerts(app: &App, persona: &str) -> Vec<Value> {
    app.data(persona, ALERTS, json!({})).await["alerts"]["nodes"].as_array().unwrap().clone()
}

async fn children_are_counted_once(app: App) {
    let db = connect(&app.url).await;
    app.clock.advance(chrono::Duration::minutes(50));
    assert_eq!(list(&app, "service_manager", 2).await.0, 200);
    assert_eq!(alerts(&app, "auditor").await, Vec::<Value>::new());
    // the same children again cost no statement: one for the post, one for the page, and four for the record, which is
    // one on PostgreSQL where nothing is counted
    let before = app.statements.load(Ordering::SeqCst);
    assert_eq!(list(&app, "service_manager", 2).await.0, 200);
    let record = if app.url.starts_with("sqlite") { 4 } else { 1 };
    assert_eq!(app.statements.load(Ordering::SeqCst) - before, 2 + record);
    // new ones cost four, however many they are; beside them PostgreSQL locks the head of the record and appends to it
    let counted = |four: usize| if app.url.starts_with("sqlite") { four } else { four - 2 };
    let before = app.statements.load(Ordering::SeqCst);
    assert_eq!(list(&app, "service_manager", 3).await.0, 200);
    assert_eq!(app.statements.load(Ordering::SeqCst) - before, counted(11), "and one for the alert");
    let before = app.statements.load(Ordering::SeqCst);
    let (_, five) = list(&app, "service_manager", 5).await;
    assert_eq!(five["data"]["children"]["nodes"].as_array().unwrap().len(), 5);
    assert_eq!(app.statements.load(Ordering::SeqCst) - before, counted(10));
    // one more is refused as a whole, whatever way leads to it, and nothing of it is answered
    let (status, body) = list(&app, "service_manager", 6).await;
    assert_eq!((status, code(&body)), (429, "RATE_LIMITED"), "{body}");
    assert!(body.get("data").is_none(), "{body}");
    assert_eq!(body["errors"][0]["extensions"]["retryAfter"], 600);
    let nested = "{ conferences(first: 20) { nodes { children(first: 9) { nodes { child { id } } } } } }";
    assert_eq!(app.code("service_manager", nested, json!({})).await, "RATE_LIMITED");
    // what was counted stays open
    assert_eq!(list(&app, "service_manager", 5).await.1, five);
    assert_eq!(list(&app, "police", 1).await.0, 200, "others are not touched");
    let counted = "SELECT count FROM access_count WHERE kind = 'CHILDREN' ORDER BY count DESC LIMIT 1";
    assert_eq!(number(&db, counted).await, 5);
    let recorded = "SELECT decision || ' ' || touched FROM audit WHERE rule = 'RATE_LIMITED' ORDER BY sequence";
    assert_eq!(texts(&db, recorded).await, ["DENIED 0", "DENIED 0"]);
    // told once an hour to those who oversee it, and not to whom it is about
    let told: Vec<_> = alerts(&app, "auditor").await;
    let mut kinds: Vec<_> = told.iter().map(|a| (a["kind"].as_str().unwrap(), a["count"].as_i64().unwrap())).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, [("CHILDREN_STOPPED", 5), ("MANY_CHILDREN", 3)]);
    assert_eq!(told[0]["windowStartsAt"], "2026-11-24T09:00:00+00:00");
    assert_eq!(alerts(&app, "service_manager").await, Vec::<Value>::new());
    // the next hour begins anew
    app.clock.advance(chrono::Duration::minutes(10));
    assert_eq!(list(&app, "service_manager", 5).await.0, 200);
    assert_eq!(number(&db, "SELECT count(*) FROM access_alert WHERE kind = 'MANY_CHILDREN'").await, 2);
}

async fn an_agency_has_its_day(app: App) {
    let (_, page) = list(&app, "service_manager", 5).await;
    app.clock.advance(chrono::Duration::hours(1));
    let next = json!({"n": 5, "after": page["data"]["children"]["pageInfo"]["endCursor"]});
    let body = app.ask("service_manager", LIST, next.clone()).await;
    assert_eq!(code(&body), "RATE_LIMITED", "{body}");
    assert!(body["errors"][0]["message"].as_str().unwrap().starts_with("Your agency"), "{body}");
    assert_eq!(body["errors"][0]["extensions"]["retryAfter"], 14 * 3600, "until midnight in England");
    assert_eq!(alerts(&app, "auditor").await[0]["kind"], "AGENCY_STOPPED");
    assert_eq!(list(&app, "police", 3).await.0, 200, "another agency");
    app.clock.advance(chrono::Duration::hours(14));
    app.data("service_manager", LIST, next).await;
}

async fn a_write_counts_as_well(app: App) {
    let (db, conflicts) = (connect(&app.url).await, "SELECT count(*) FROM conflict");
    let before = number(&db, conflicts).await;
    let (_, page) = list(&app, "team_manager", 5).await;
    let ids = page["data"]["children"]["nodes"].as_array().unwrap();
    let beyond = json!({"n": 1, "after": page["data"]["children"]["pageInfo"]["endCursor"]});
    assert_eq!(app.code("team_manager", LIST, beyond.clone()).await, "RATE_LIMITED");
    app.clock.advance(chrono::Duration::hours(1));
    let new = app.data("team_manager", LIST, beyond).await["children"]["nodes"][0]["id"].clone();
    list(&app, "team_manager", 4).await;
    let declare =
        "mutation($input: RecordConflictInput!) { it: recordConflict(input: $input) { userErrors { code } } }";
    let stranger = app.data("health_elsewhere", "{ viewer { practitioner { id } } }", json!({})).await;
    let input = |n, child: &Value| {
        json!({"input": {"idempotencyKey": key(n), "childId": child, "kind": "PERSONAL", "reason": "Neighbours.",
          "practitionerId": stranger["viewer"]["practitioner"]["id"]}})
    };
    // the fifth of the list is new in this hour, and the sixth child
    let refused = app.ask("team_manager", declare, input(60, &ids[4]["id"])).await;
    assert_eq!(code(&refused), "RATE_LIMITED", "{refused}");
    assert_eq!(number(&db, conflicts).await, before);
    assert_eq!(number(&db, "SELECT count(*) FROM idempotency").await, 0);
    for (n, child) in [(61, &ids[0]["id"]), (62, &new)] {
        let done = app.data("team_manager", declare, input(n, child)).await;
        assert_eq!(done["it"]["userErrors"], json!([]));
    }
}

async fn a_stream_ends_with_it(app: App) {
    // one child is all that may be read in the hour; the meeting is about another
    let first = app.first_child("social_worker").await;
    let request = reqwest::Client::new().post(&app.endpoint).bearer_auth(app.token("police"));
    let document =
        "subscription { strategyMeetingCalled { strategyMeeting { purpose: reason children(first: 5) { nodes {
      child { id } } } } } }";
    let request = request.header("accept", "text/event-stream").json(&json!({"query": document}));
    let mut answer = request.send().await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let other = app.data("police", LIST, json!({"n": 1})).await["children"]["nodes"][0]["id"].clone();
    assert_ne!(other, first);
    call_meeting(&app, &key(63)).await;
    let mut heard = String::new();
    while let Some(chunk) = answer.chunk().await.unwrap() {
        heard += std::str::from_utf8(&chunk).unwrap();
    }
    assert!(heard.contains("RATE_LIMITED") && heard.contains("event: complete"), "{heard}");
    assert!(!heard.contains("explains") && !heard.contains(first.as_str().unwrap()), "{heard}");
}

async fn servers_count_together(app: App) {
    let limits = AccessLimits { children_per_hour: 7, ..AccessLimits::default() };
    let endpoints = [app.endpoint.clone(), app.beside(limits)];
    // every child by its number, as the records of the demo have them: each a request of its own, to both servers
    let db = connect(&app.url).await;
    let references = texts(
        &db,
        "SELECT local_reference FROM child WHERE local_authority_id = \
      (SELECT local_authority_id FROM agency WHERE name = 'Warwickshire Police') ORDER BY id LIMIT 24",
    )
    .await;
    let token = app.token("service_manager");
    let asks = references.iter().enumerate().map(|(n, reference)| {
        let query = "query($r: String!) { findChild(by: {localReference: $r}) { id } }";
        let request = reqwest::Client::new().post(&endpoints[n % 2]).bearer_auth(&token);
        let request =
            request.header("x-access-reason", WHY).json(&json!({"query": query, "variables": {"r": reference}}));
        async move { request.send().await.unwrap().json::<Value>().await.unwrap() }
    });
    let answers = futures_util::future::join_all(asks).await;
    let found = answers.iter().filter(|body| body["data"]["findChild"].is_object()).count();
    let limited = answers.iter().filter(|body| code(body) == "RATE_LIMITED").count();
    let absent = answers.iter().filter(|body| code(body) == "NOT_FOUND").count();
    assert_eq!((found, found + limited + absent), (7, references.len()), "{limited} limited, {absent} absent");
    assert!(limited > 0);
}

/// Gives the person of another agency's persona a second post, at a persona's agency; its token.
pub async fn colleague(app: &App, persona: &str, from: &str) -> (entity::id::PractitionerId, String) {
    let agency = entity::id::AgencyId(app.claims(persona).agency_id);
    let who = entity::id::PractitionerId(app.claims(from).sub);
    let post = entity::appointment::Post::Practitioner;
    entity::appointment::ActiveModel {
        id: Set(entity::id::AppointmentId(quorate::clock::Clock::system().new_id())),
        practitioner_id: Set(who),
        agency_id: Set(agency),
        team_id: Set(None),
        post: Set(post),
        starts_at: Set(app.clock.now()),
        ends_at: Set(None),
    }
    .insert(&connect(&app.url).await)
    .await
    .unwrap();
    (who, app.sign(&app.claims_of(who, agency, post, "read")))
}

/// Makes somebody the privacy officer of an agency.
pub async fn officer(app: &App, who: entity::id::PractitionerId, agency: uuid::Uuid) {
    entity::designation::ActiveModel {
        id: Set(entity::id::DesignationId(quorate::clock::Clock::system().new_id())),
        practitioner_id: Set(who),
        agency_id: Set(entity::id::AgencyId(agency)),
        kind: Set(entity::designation::Kind::PrivacyOfficer),
        starts_at: Set(app.clock.now()),
        ends_at: Set(None),
    }
    .insert(&connect(&app.url).await)
    .await
    .unwrap();
}

async fn those_who_oversee_are_told(app: App) {
    for persona in ["police", "health_visitor"] {
        list(&app, persona, 4).await;
    }
    for _ in 0..31 {
        app.ask("chair", FIND, by_number()).await;
    }
    let told = |token: String| {
        let app = &app;
        async move { app.post(&token, json!({"query": ALERTS}).to_string()).await.1 }
    };
    let of = |body: Value| -> Vec<String> {
        let nodes = body["data"]["alerts"]["nodes"].as_array().unwrap().clone();
        let mut names: Vec<_> = nodes
            .iter()
            .map(|a| format!("{} {}", a["kind"].as_str().unwrap(), a["agency"]["name"].as_str().unwrap()))
            .collect();
        names.sort();
        names
    };
    let police = "MANY_CHILDREN Warwickshire Police".to_owned();
    let health = "MANY_CHILDREN Warwickshire Community Health Trust".to_owned();
    let chair = "SEARCHES_STOPPED Warwickshire Children's Social Care".to_owned();
    let (colleague_of_police, token) = colleague(&app, "police", "police_elsewhere").await;
    // without the duty nobody is told; a manager is told of the own agency, the auditor of all
    assert_eq!(of(told(token.clone()).await), Vec::<String>::new());
    // who is the privacy officer of social care stands in for the trust, which has none
    assert_eq!(of(told(app.token("service_manager")).await), [health.clone(), chair.clone()]);
    assert_eq!(of(told(app.token("auditor")).await), [health.clone(), police.clone(), chair.clone()]);
    let mut plain = app.claims("auditor");
    plain.scope = "read".into();
    assert_eq!(code(&told(app.sign(&plain)).await), "FORBIDDEN");
    for persona in ["team_manager", "school_dsl", "system_admin"] {
        assert_eq!(of(told(app.token(persona)).await), Vec::<String>::new(), "{persona}");
    }
    officer(&app, colleague_of_police, app.claims("police").agency_id).await;
    assert_eq!(of(told(token).await), [police]);
    // the officer of social care stands in for agencies that have none, and is not told of the own doings
    let claims = app.claims("chair");
    officer(&app, entity::id::PractitionerId(claims.sub), claims.agency_id).await;
    assert_eq!(of(told(app.token("chair")).await), [health]);
    // nothing of a child stands in the table
    let db = connect(&app.url).await;
    assert_eq!(number(&db, "SELECT count(*) FROM access_alert").await, 3);
}

both_limited!(
    children,
    super::children_are_counted_once,
    AccessLimits { children_per_hour_alert: 3, children_per_hour: 5, ..AccessLimits::default() }
);
both_limited!(
    an_agency,
    super::an_agency_has_its_day,
    AccessLimits { children_per_hour: 5, children_per_day_of_agency: 7, ..AccessLimits::default() }
);
both_limited!(a_write, super::a_write_counts_as_well, AccessLimits { children_per_hour: 5, ..AccessLimits::default() });
both_limited!(a_stream, super::a_stream_ends_with_it, AccessLimits { children_per_hour: 1, ..AccessLimits::default() });
both_limited!(
    two_servers,
    super::servers_count_together,
    AccessLimits { children_per_hour: 7, ..AccessLimits::default() }
);
both_limited!(
    an_alert,
    super::those_who_oversee_are_told,
    AccessLimits { children_per_hour_alert: 3, ..AccessLimits::default() }
);
both!(searches, super::searches_are_counted);
both!(a_long_document, super::a_document_counts_its_fields);
both!(many_searches, super::many_at_once_do_not_pass);
both!(a_search_by_name, super::a_name_is_searched_with_a_reason);
both!(an_unallocated_record, super::a_service_manager_says_why);
