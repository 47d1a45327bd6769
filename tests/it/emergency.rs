//! Emergency access: what it shows to whom, that what is not there answers like what is, and its reviews.

use std::sync::atomic::Ordering;

use quorate::auth::Claims;
use quorate::demo;
use serde_json::{Value, json};

use crate::support::contents::{connect, number, texts};
use crate::support::{App, key};

const OPEN: &str = "mutation($input: OpenEmergencyAccessInput!) { it: openEmergencyAccess(input: $input) {
  emergencyAccess { id reason explanation openedAt expiresAt reviewDueAt escalated outcome practitioner { id } }
  userErrors { field code } } }";
const READ: &str = "query($id: ID!) { emergencyAccess(id: $id) { expiresAt record { givenName familyName bornOn sex
  nhsNumber localReference localAuthority { name } planKind planStartsOn dangerStatement safetyStatement
  contacts { kind practitioner { fullName } agency { name safeguardingEmail } } } } }";
const CHILD: &str = "query($id: ID!) { child(id: $id) { id } }";

/// The claims of somebody on duty: of any persona, with a token that allows emergency access.
pub fn on_duty(app: &App, persona: &str) -> Claims {
    let claims = app.claims(persona);
    Claims { acr: Some("mfa".into()), scope: "read submit emergency".into(), ..claims }
}

pub async fn ask(app: &App, claims: &Claims, query: &str, variables: Value) -> Value {
    app.post(&app.sign(claims), json!({"query": query, "variables": variables}).to_string()).await.1
}

async fn code(app: &App, claims: &Claims, query: &str, variables: Value) -> String {
    let body = ask(app, claims, query, variables).await;
    body["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("no error: {body}")).to_owned()
}

/// The oldest child of the first family, as those who know it name it.
pub async fn marks(app: &App) -> Value {
    let query =
        "query($n: String!) { findChild(by: {nhsNumber: $n}) { id nhsNumber bornOn givenName familyName sex } }";
    app.data("social_worker", query, json!({"n": demo::first_nhs_number()})).await["findChild"].clone()
}

fn by_number(number: &Value, born_on: &str) -> Value {
    json!({"nhsNumber": {"nhsNumber": number, "bornOn": born_on}})
}

fn by_name(marks: &Value, sex: &str) -> Value {
    json!({"name": {"givenName": marks["givenName"], "familyName": marks["familyName"], "bornOn": marks["bornOn"],
      "sex": sex}})
}

pub fn input(n: u32, by: &Value) -> Value {
    json!({"input": {"idempotencyKey": key(n), "by": by, "reason": "IMMEDIATE_DANGER",
      "explanation": "A neighbour heard screams; officers are at the door."}})
}

/// Opens and answers the use, which must come.
pub async fn open(app: &App, claims: &Claims, n: u32, by: &Value) -> Value {
    let body = ask(app, claims, OPEN, input(n, by)).await;
    assert_eq!(body["data"]["it"]["userErrors"], json!([]), "{body}");
    body["data"]["it"]["emergencyAccess"].clone()
}

/// A locator that finds the child of the first family, and one that finds nobody.
pub async fn hit_and_miss(app: &App) -> (Value, Value) {
    let marks = marks(app).await;
    (by_number(&marks["nhsNumber"], marks["bornOn"].as_str().unwrap()), by_number(&marks["nhsNumber"], "2011-01-01"))
}

async fn record(app: &App, claims: &Claims, access: &Value) -> Value {
    let body = ask(app, claims, READ, json!({"id": access["id"]})).await;
    assert!(body.get("errors").is_none(), "{body}");
    body["data"]["emergencyAccess"]["record"].clone()
}

async fn a_hit_and_a_miss_answer_alike(app: App) {
    let marks = marks(&app).await;
    let (hit, miss) = hit_and_miss(&app).await;
    let police = on_duty(&app, "police_elsewhere");
    // how many children an agency works with is read once in some minutes
    ask(&app, &police, "{ viewer { posts } }", json!({})).await;
    let mut answers = Vec::new();
    for (n, by) in [(1, &hit), (2, &miss)] {
        let before = app.statements.load(Ordering::SeqCst);
        let body = ask(&app, &police, OPEN, input(n, by)).await;
        let statements = app.statements.load(Ordering::SeqCst) - before;
        let id = body["data"]["it"]["emergencyAccess"]["id"].as_str().unwrap_or_else(|| panic!("{body}")).to_owned();
        answers.push((body.to_string().replace(&id, "ID"), id, statements));
    }
    assert_eq!(answers[0].0, answers[1].0, "but for the id, byte for byte");
    assert_eq!(answers[0].1.len(), answers[1].1.len());
    assert_eq!(answers[0].2, answers[1].2, "and by the same statements");
    let ids: Vec<_> = answers.iter().map(|(_, id, _)| json!({"id": id})).collect();
    // the one shows the essentials, the other nothing
    let seen = record(&app, &police, &ids[0]).await;
    assert_eq!((&seen["givenName"], &seen["nhsNumber"]), (&marks["givenName"], &marks["nhsNumber"]), "{seen}");
    assert_eq!(seen["planKind"], "CP");
    assert!(seen["dangerStatement"].is_string() && seen["safetyStatement"].is_string(), "{seen}");
    let called = |kind: &str| seen["contacts"].as_array().unwrap().iter().find(|c| c["kind"] == kind).cloned().unwrap();
    assert_eq!(called("ALLOCATED_WORKER")["practitioner"]["fullName"], "Priya Raman");
    assert_eq!(called("TEAM_MANAGER")["practitioner"]["fullName"], "Colin Ferris");
    assert_eq!(called("CHAIR")["practitioner"]["fullName"], "Helen Marsh");
    assert_eq!(record(&app, &police, &ids[1]).await, Value::Null);
    // it opens nothing else, to nobody else
    assert_eq!(code(&app, &police, CHILD, json!({"id": marks["id"]})).await, "NOT_FOUND");
    assert_eq!(code(&app, &on_duty(&app, "police"), READ, ids[0].clone()).await, "NOT_FOUND", "another force");
    assert_eq!(app.code("social_worker", READ, ids[0].clone()).await, "NOT_FOUND", "not even the worker");
    let node = "query($id: ID!) { node(id: $id) { id } }";
    assert_eq!(app.code("social_worker", node, ids[0].clone()).await, "NOT_FOUND");
    let db = connect(&app.url).await;
    assert_eq!(number(&db, "SELECT count(*) FROM involvement WHERE basis = 'BREAK_GLASS'").await, 0);
    // who reviews sees the use alike in both cases, and no record
    for id in &ids {
        let body = app.data("service_manager", READ, id.clone()).await;
        assert_eq!(body["emergencyAccess"]["record"], Value::Null);
    }
    // both stand in the access record
    let lines = texts(
        &db,
        "SELECT resource || ' ' || decision || ' ' || rule || ' ' || touched FROM audit
         WHERE resource IN ('Child', 'EmergencyAccess', 'EmergencySummary')
         AND rule IN ('EMERGENCY', 'openEmergencyAccess') ORDER BY sequence",
    )
    .await;
    let expected = [
        "EmergencyAccess ALLOWED openEmergencyAccess 1",
        "Child ALLOWED EMERGENCY 1",
        "EmergencyAccess ALLOWED openEmergencyAccess 1",
        "Child NOT_FOUND EMERGENCY 1",
        "EmergencySummary ALLOWED EMERGENCY 1",
    ];
    assert_eq!(lines, expected);
    let log = "query($id: ID!) { accessLog(childId: $id) { nodes { resource categories agency { name } } } }";
    let log = app.data("team_manager", log, json!({"id": marks["id"]})).await["accessLog"]["nodes"].clone();
    let shown = log.as_array().unwrap().iter().find(|n| n["resource"] == "EmergencySummary").unwrap();
    assert_eq!(shown["categories"], json!(["IDENTITY", "DANGER_STATEMENTS"]));
}

/// No address of any household the child ever lived in leaves with anything that emergency access answers, whatever the
/// status of the address.
async fn never_an_address(app: App) {
    let (hit, _) = hit_and_miss(&app).await;
    let db = connect(&app.url).await;
    let police = on_duty(&app, "police_elsewhere");
    let access = open(&app, &police, 1, &hit).await;
    let record = record(&app, &police, &access).await.to_string().to_lowercase();
    let of_child = format!(
        "SELECT lower(h.address) || '|' || lower(h.postcode) FROM household h JOIN membership m ON m.household_id = h.id
         JOIN child c ON c.id = m.child_id WHERE c.nhs_number = '{}'",
        demo::first_nhs_number()
    );
    let homes = texts(&db, &of_child).await;
    assert!(!homes.is_empty());
    for part in homes.iter().flat_map(|home| home.split('|')) {
        assert!(!part.is_empty() && !record.contains(part), "{part}");
    }
    // nor is there a way on from the record to one
    let schema = quorate::graphql::sdl();
    for object in ["EmergencySummary", "EmergencyContactSummary", "EmergencyAccess"] {
        let from = schema.find(&format!("\ntype {object} ")).unwrap();
        let body = schema[from..].split("\n}").next().unwrap();
        for way in ["Child", "Household", "HouseholdMember", "Person", "Plan", "Involvement", "Conference"] {
            for end in ["\n", "!", "]", "Connection"] {
                assert!(!body.contains(&format!(": {way}{end}")), "{object} leads to {way}");
            }
        }
    }
}

/// Whose agency would tell where the child is stands in no list of whom to call.
async fn nobody_who_would_locate_the_child(app: App) {
    let (hit, _) = hit_and_miss(&app).await;
    let police = on_duty(&app, "police_elsewhere");
    let access = open(&app, &police, 1, &hit).await;
    let kinds = async || {
        let contacts = record(&app, &police, &access).await["contacts"].as_array().unwrap().clone();
        contacts.iter().map(|c| c["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(kinds().await, ["ALLOCATED_WORKER", "TEAM_MANAGER", "CHAIR"]);
    let query = "query($id: ID!) { child(id: $id) { involvements(first: 100) { nodes { id basis } } } }";
    let rows = app.data("team_manager", query, json!({"id": marks(&app).await["id"]})).await;
    let rows = rows["child"]["involvements"]["nodes"].as_array().unwrap().clone();
    let mark = "mutation($input: MarkLocatingInput!) { it: markLocating(input: $input) { userErrors { code } } }";
    for (n, row) in rows.iter().filter(|r| r["basis"] == "ALLOCATED_WORKER").enumerate() {
        let input = json!({"idempotencyKey": key(70 + u32::try_from(n).unwrap()), "involvementId": row["id"],
          "locates": true});
        assert_eq!(app.data("team_manager", mark, json!({"input": input})).await["it"]["userErrors"], json!([]));
    }
    assert_eq!(kinds().await, ["CHAIR"]);
}

async fn only_exact_marks_find(app: App) {
    let marks = marks(&app).await;
    let health = on_duty(&app, "health_elsewhere");
    let mut shouting = marks.clone();
    shouting["givenName"] = marks["givenName"].as_str().unwrap().to_uppercase().into();
    let access = open(&app, &health, 1, &by_name(&shouting, marks["sex"].as_str().unwrap())).await;
    assert_eq!(record(&app, &health, &access).await["nhsNumber"], marks["nhsNumber"]);
    let other = if marks["sex"] == "F" { "M" } else { "F" };
    let access = open(&app, &health, 2, &by_name(&marks, other)).await;
    assert_eq!(record(&app, &health, &access).await, Value::Null);
    let mut part = marks.clone();
    part["givenName"] = marks["givenName"].as_str().unwrap()[..2].into();
    let access = open(&app, &health, 3, &by_name(&part, marks["sex"].as_str().unwrap())).await;
    assert_eq!(record(&app, &health, &access).await, Value::Null, "no part of a name");
}

async fn a_conflict_still_forbids(app: App) {
    let marks = marks(&app).await;
    let (hit, miss) = hit_and_miss(&app).await;
    let police = on_duty(&app, "police_elsewhere");
    let before = open(&app, &police, 1, &hit).await;
    assert!(record(&app, &police, &before).await.is_object());
    let officer = app.data("police_elsewhere", "{ viewer { practitioner { id } } }", json!({})).await;
    let conflict = json!({"input": {"idempotencyKey": key(40), "childId": marks["id"], "kind": "FAMILY",
      "practitionerId": officer["viewer"]["practitioner"]["id"], "reason": "The father's brother."}});
    let query = "mutation($input: RecordConflictInput!) { it: recordConflict(input: $input) { userErrors { code } } }";
    assert_eq!(app.data("team_manager", query, conflict).await["it"]["userErrors"], json!([]));
    assert_eq!(record(&app, &police, &before).await, Value::Null, "what was open is closed");
    let closed = open(&app, &police, 2, &hit).await;
    let nobody = open(&app, &police, 3, &miss).await;
    let blank = |access: &Value| access.to_string().replace(access["id"].as_str().unwrap(), "ID");
    assert_eq!(blank(&closed), blank(&nobody), "like a miss, byte for byte");
    assert_eq!(record(&app, &police, &closed).await, Value::Null);
    // a row, and nothing that tells those who lead the case apart from a miss
    let db = connect(&app.url).await;
    assert_eq!(number(&db, "SELECT count(*) FROM emergency_access WHERE child_id IS NULL").await, 2);
    assert_eq!(number(&db, "SELECT count(*) FROM notice WHERE kind = 'EMERGENCY_ACCESS'").await, 4);
}

async fn role_scope_and_second_factor_are_asked_for(app: App) {
    let (hit, _) = hit_and_miss(&app).await;
    let police = on_duty(&app, "police");
    let mut refused = vec![
        ("no scope", Claims { scope: "read submit".into(), ..police.clone() }),
        ("no second factor", Claims { acr: None, ..police.clone() }),
        ("another way to sign in", Claims { acr: Some("pwd".into()), ..police.clone() }),
        ("nothing to change with", Claims { scope: "read emergency".into(), ..police.clone() }),
    ];
    let roles = [
        "service_manager",
        "chair",
        "minute_taker",
        "system_admin",
        "auditor",
        "school_dsl",
        "early_help",
        "housing",
        "agency_system",
    ];
    refused.extend(roles.iter().map(|role| (*role, on_duty(&app, role))));
    for (why, claims) in &refused {
        assert_eq!(code(&app, claims, OPEN, input(1, &hit)).await, "FORBIDDEN", "{why}");
    }
    // what is said is asked for before anything is searched
    let with = |field: &str, value: Value| {
        let mut variables = input(2, &hit);
        variables["input"][field] = value;
        variables
    };
    let number = json!({"nhsNumber": {"nhsNumber": "999", "bornOn": "2014-01-01"}});
    let nameless = json!({"name": {"givenName": " ", "familyName": "Harper", "bornOn": "2014-01-01", "sex": "F"}});
    for (variables, field, why) in [
        (with("explanation", "  Nineteen letters.  ".into()), "explanation", "REQUIRED"),
        (with("explanation", "a".repeat(1001).into()), "explanation", "TOO_LONG"),
        (with("by", number), "by.nhsNumber.nhsNumber", "INVALID"),
        (with("by", nameless), "by.name.givenName", "REQUIRED"),
    ] {
        let body = ask(&app, &police, OPEN, variables).await;
        assert_eq!(body["data"]["it"]["userErrors"], json!([{"field": field, "code": why}]), "{body}");
    }
    for by in [json!({}), json!({"nhsNumber": {"nhsNumber": "9990000000"}}), json!({"name": {"familyName": "Harper"}})]
    {
        assert_eq!(code(&app, &police, OPEN, with("by", by)).await, "BAD_USER_INPUT");
    }
    assert_eq!(code(&app, &police, OPEN, with("reason", "CURIOSITY".into())).await, "BAD_USER_INPUT");
    let db = connect(&app.url).await;
    assert_eq!(self::number(&db, "SELECT count(*) FROM emergency_access").await, 0);
    let denied = "SELECT count(*) FROM audit WHERE decision = 'DENIED' AND rule = 'openEmergencyAccess'";
    assert_eq!(self::number(&db, denied).await, i64::try_from(refused.len()).unwrap() - 1, "refusals are recorded");
    // those whose duty it can be
    for (n, persona) in [(10, "police"), (11, "health_visitor"), (12, "social_worker"), (13, "team_manager")] {
        open(&app, &on_duty(&app, persona), n, &hit).await;
    }
}

async fn a_fourth_use_is_refused(app: App) {
    let (hit, miss) = hit_and_miss(&app).await;
    let police = on_duty(&app, "police_elsewhere");
    // all at once: three go through, whichever
    let all = futures_util::future::join_all((1..=6).map(|n| {
        let by = if n % 2 == 0 { hit.clone() } else { miss.clone() };
        let (app, police) = (&app, &police);
        async move { ask(app, police, OPEN, input(n, &by)).await["data"]["it"].clone() }
    }))
    .await;
    let done = all.iter().filter(|it| it["emergencyAccess"].is_object()).count();
    assert_eq!(done, 3, "{all:?}");
    let refused = json!([{"field": "by", "code": "LIMIT_EXCEEDED"}]);
    assert!(all.iter().filter(|it| it["emergencyAccess"].is_null()).all(|it| it["userErrors"] == refused), "{all:?}");
    for by in [&hit, &miss] {
        let body = ask(&app, &police, OPEN, input(7, by)).await;
        assert_eq!(body["data"]["it"], json!({"emergencyAccess": null, "userErrors": refused}), "hit and miss alike");
    }
    let db = connect(&app.url).await;
    assert!(number(&db, "SELECT count(*) FROM audit WHERE rule = 'EMERGENCY_LIMIT'").await >= 2, "recorded");
    open(&app, &on_duty(&app, "health_elsewhere"), 8, &hit).await;
    app.clock.advance(chrono::Duration::hours(24));
    let police = on_duty(&app, "police_elsewhere");
    open(&app, &police, 9, &hit).await;
}

async fn it_lasts_for_an_hour(app: App) {
    let (hit, _) = hit_and_miss(&app).await;
    let access = open(&app, &on_duty(&app, "police_elsewhere"), 1, &hit).await;
    assert_eq!(access["expiresAt"], "2026-11-24T10:00:00+00:00");
    app.clock.advance(chrono::Duration::minutes(60) - chrono::Duration::microseconds(1));
    assert!(record(&app, &on_duty(&app, "police_elsewhere"), &access).await.is_object());
    // with a token that does not allow emergency access, the same person reads the use and not the record
    let body = app.ask("police_elsewhere", READ, json!({"id": access["id"]})).await;
    assert_eq!(body["errors"][0]["extensions"]["code"], "FORBIDDEN");
    assert_eq!(body["data"]["emergencyAccess"]["record"], Value::Null);
    app.clock.advance(chrono::Duration::microseconds(1));
    assert_eq!(
        record(&app, &on_duty(&app, "police_elsewhere"), &access).await,
        Value::Null,
        "the end is not part of it"
    );
    let own = "{ emergencyAccesses { nodes { id } } }";
    let listed = app.data("police_elsewhere", own, json!({})).await;
    assert_eq!(listed["emergencyAccesses"]["nodes"][0]["id"], access["id"], "the use stays");
}

async fn a_retry_is_one_use(app: App) {
    let (hit, miss) = hit_and_miss(&app).await;
    let police = on_duty(&app, "police");
    for by in [&hit, &miss] {
        let mut dry = input(1, by);
        dry["input"]["dryRun"] = true.into();
        let body = ask(&app, &police, OPEN, dry).await;
        assert_eq!(body["data"]["it"], json!({"emergencyAccess": null, "userErrors": []}), "a dry run tells nothing");
    }
    let first = open(&app, &police, 2, &hit).await;
    assert_eq!(open(&app, &police, 2, &hit).await, first);
    assert_eq!(code(&app, &police, OPEN, input(2, &miss)).await, "IDEMPOTENCY_MISMATCH");
    // somebody else of the agency with the same key and input has opened nothing
    let officer = on_duty(&app, "privacy_officer");
    let theirs = open(&app, &officer, 2, &hit).await;
    assert_eq!(theirs, first, "the use of another, which is the officer's to review");
    assert_eq!(record(&app, &officer, &theirs).await, Value::Null);
    let db = connect(&app.url).await;
    assert_eq!(number(&db, "SELECT count(*) FROM emergency_access").await, 1);
    assert_eq!(number(&db, "SELECT count(*) FROM notice WHERE kind = 'EMERGENCY_ACCESS'").await, 2);
    assert_eq!(number(&db, "SELECT count(*) FROM event WHERE kind = 'EMERGENCY_ACCESS_OPENED'").await, 1);
}

async fn a_child_of_another_authority_is_found(app: App) {
    let db = connect(&app.url).await;
    let elsewhere = "SELECT c.nhs_number || ' ' || c.born_on FROM child c JOIN local_authority a ON
      a.id = c.local_authority_id WHERE a.name = 'Bristol' AND c.born_on IS NOT NULL AND c.nhs_number IS NOT NULL
      ORDER BY c.id LIMIT 1";
    let found = texts(&db, elsewhere).await.pop().unwrap();
    let (number_of, born) = found.split_once(' ').unwrap();
    let police = on_duty(&app, "police");
    let access = open(&app, &police, 1, &by_number(&number_of.into(), born)).await;
    let seen = record(&app, &police, &access).await;
    assert_eq!(seen["localAuthority"]["name"], "Bristol");
    assert!(
        seen["contacts"].as_array().unwrap().iter().all(|c| c["agency"]["name"] == "Bristol Children's Social Care")
    );
    // both feeds tell it, each to its own
    let feeds = "SELECT count(DISTINCT local_authority_id) FROM event WHERE kind = 'EMERGENCY_ACCESS_OPENED'";
    assert_eq!(number(&db, feeds).await, 2);
    assert_eq!(app.kinds("privacy_officer").await, ["EMERGENCY_ACCESS_OPENED"]);
    assert_eq!(app.kinds("social_worker").await, Vec::<String>::new());
}

both!(alike, super::a_hit_and_a_miss_answer_alike);
both!(address, super::never_an_address);
both!(locating, super::nobody_who_would_locate_the_child);
both!(marks_of_a_child, super::only_exact_marks_find);
both!(conflict, super::a_conflict_still_forbids);
both!(who, super::role_scope_and_second_factor_are_asked_for);
both!(fourth, super::a_fourth_use_is_refused);
both!(an_hour, super::it_lasts_for_an_hour);
both!(retry, super::a_retry_is_one_use);
both!(elsewhere, super::a_child_of_another_authority_is_found);
