//! Finding the right child, and how agencies name children in their own systems.

use entity::child;
use quorate::demo;
use quorate::policy::limits::AccessLimits;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};

use crate::support::contents::{Watch, connect, number, texts};
use crate::support::process::fields;
use crate::support::{App, Engine, key};

const MATCH: &str = "query($by: MatchChildInput!) { it: matchChild(by: $by) {
  outcome child { id givenName familyName bornOn sex upn localReference agencyReference { reference } }
  userErrors { field code message } } }";

const SET: &str = "mutation($input: SetAgencyReferenceInput!) { it: setAgencyReference(input: $input) {
  child { id agencyReference { reference version setAt setBy { id } } } userErrors { field code message } } }";

const READ: &str = "query($id: ID!) { child(id: $id) { agencyReference { reference version } } }";

/// A number that checks, and is nobody's here.
const NOBODYS: &str = "9434765919";

async fn find(app: &App, persona: &str, by: Value) -> Value {
    app.data(persona, MATCH, json!({"by": by})).await["it"].clone()
}

/// What a search came to, in a word, and the child's id.
async fn outcome(app: &App, persona: &str, by: Value) -> (String, Value) {
    let it = find(app, persona, by).await;
    assert_eq!(it["userErrors"], json!([]), "{it}");
    (it["outcome"].as_str().unwrap().to_owned(), it["child"]["id"].clone())
}

fn named(child: &Value, and: &Value) -> Value {
    json!({"nameAndBirthDate": {"givenName": child["givenName"], "familyName": child["familyName"],
      "bornOn": child["bornOn"], "and": and}})
}

/// The oldest child of the first family, as the police find it.
async fn first(app: &App) -> Value {
    find(app, "police", json!({"nhsNumber": demo::first_nhs_number()})).await["child"].clone()
}

async fn a_number_finds_one_child(app: App) {
    let child = first(&app).await;
    let nhs = demo::first_nhs_number();
    let spaced = format!("{} {}-{}", &nhs[..3], &nhs[3..6], &nhs[6..]);
    let upn = child["upn"].as_str().unwrap().to_lowercase();
    let own = child["agencyReference"]["reference"].clone();
    let ways = [
        json!({"nhsNumber": spaced}),
        json!({"upn": upn}),
        json!({"localReference": child["localReference"]}),
        json!({"agencyReference": own}),
    ];
    for by in &ways {
        assert_eq!(outcome(&app, "police", by.clone()).await, ("MATCH".into(), child["id"].clone()), "{by}");
    }
    // a number that was superseded names the child, and says that it is an old one
    let old = json!({"nhsNumber": demo::former_nhs_number()});
    let (word, brother) = outcome(&app, "social_worker", old.clone()).await;
    assert!(word == "INACTIVE_NUMBER" && brother.is_string() && brother != child["id"], "{word} {brother}");
    // who does not work with the child is answered as for a number that is nobody's, byte for byte
    let ask = async |by: &Value| app.ask("health_elsewhere", MATCH, json!({"by": by})).await.to_string();
    let nobody = ask(&json!({"nhsNumber": NOBODYS})).await;
    let none = json!({"data": {"it": {"outcome": "NO_MATCH", "child": null, "userErrors": []}}});
    assert_eq!(nobody, none.to_string());
    for by in ways.iter().chain([&old]) {
        assert_eq!(ask(by).await, nobody, "{by}");
    }
    // another agency's reference is nobody's, also for who works with the child
    assert_eq!(outcome(&app, "health_visitor", json!({"agencyReference": own})).await.0, "NO_MATCH");
    // a role that may not read numbers does not search by them
    for by in [&ways[0], &ways[1], &json!({"nhsNumber": "1"})] {
        assert_eq!(app.code("housing", MATCH, json!({"by": by})).await, "FORBIDDEN", "{by}");
    }
}

async fn a_slip_of_the_finger_is_told(app: App) {
    let table = [
        (json!({"nhsNumber": "9434765918"}), "by.nhsNumber"),
        (json!({"nhsNumber": "943476591"}), "by.nhsNumber"),
        (json!({"nhsNumber": ""}), "by.nhsNumber"),
        (json!({"upn": "A801200001001"}), "by.upn"),
        (json!({"upn": "H80120000100"}), "by.upn"),
    ];
    for (by, field) in &table {
        let it = find(&app, "police", by.clone()).await;
        assert_eq!(fields(&it), [((*field).to_owned(), "INVALID".to_owned())], "{by}");
        assert_eq!((&it["outcome"], &it["child"]), (&json!("NO_MATCH"), &Value::Null));
    }
    assert_eq!(app.code("police", MATCH, json!({"by": {"upn": "a\u{0}"}})).await, "BAD_USER_INPUT");
}

async fn names_need_one_more_fact(app: App) {
    let child = first(&app).await;
    let id = child["id"].clone();
    let hit = ("MATCH".to_owned(), id.clone());
    let miss = ("NO_MATCH".to_owned(), Value::Null);
    let police = app.agency("Warwickshire Police").await;
    let elsewhere = app.agency("Warwickshire Transport Police").await;
    let query = "query($id: ID!) { child(id: $id) { household { members(first: 20) { nodes {
      relationship person { givenName } child { givenName } } } } } }";
    let home = app.data("social_worker", query, json!({"id": id})).await["child"]["household"].clone();
    let members = home["members"]["nodes"].as_array().unwrap();
    let mother = members.iter().find(|m| m["relationship"] == "MOTHER").unwrap()["person"]["givenName"].clone();
    let table = [
        (json!({"sex": "F"}), "school_dsl", &hit),
        (json!({"sex": "M"}), "school_dsl", &miss),
        (json!({"livesWith": "noah"}), "school_dsl", &hit),
        (json!({"livesWith": "Amelia"}), "school_dsl", &miss),
        // a school is not told who the adults are, and so not whether it is right about one
        (json!({"livesWith": mother}), "school_dsl", &miss),
        (json!({"livesWith": mother.as_str().unwrap().to_uppercase()}), "police", &hit),
        (json!({"agencyId": police}), "school_dsl", &hit),
        (json!({"agencyId": elsewhere}), "school_dsl", &miss),
        (json!({"sex": "F"}), "school_elsewhere", &miss),
        (json!({"livesWith": "Noah"}), "school_elsewhere", &miss),
        (json!({"agencyId": police}), "health_elsewhere", &miss),
    ];
    for (and, persona, expected) in table {
        assert_eq!(outcome(&app, persona, named(&child, &and)).await, *expected, "{persona} {and}");
    }
    let own = find(&app, "police", named(&child, &json!({"agencyId": police}))).await;
    assert_eq!(fields(&own), [("by.nameAndBirthDate.and.agencyId".to_owned(), "RULE_REFUSED".to_owned())]);
    let by = json!({"by": named(&child, &json!({"sex": "F"}))});
    let silent = app.ask_because(None, "police", MATCH, by).await;
    assert_eq!(silent["errors"][0]["extensions"]["code"], "REASON_REQUIRED", "{silent}");

    // a brother of that name and day: the home they share says no more, what tells them apart does
    let (_, first) = quorate::graphql::id::split(&id.as_str().unwrap().into()).unwrap();
    let db = connect(&app.url).await;
    let given = texts(&db, "SELECT name_key FROM child WHERE name_key = 'amelia harper'").await;
    assert_eq!(given.len(), 1);
    let born: chrono::NaiveDate = child["bornOn"].as_str().unwrap().parse().unwrap();
    let changed = child::Entity::update_many()
        .col_expr(child::Column::NameKey, Expr::val("amelia harper"))
        .col_expr(child::Column::BornOn, Expr::val(born))
        .filter(child::Column::NameKey.eq("noah harper"))
        .filter(child::Column::Id.ne(entity::id::ChildId(first)))
        .exec(&db)
        .await
        .unwrap();
    assert_eq!(changed.rows_affected, 1);
    let many = ("MANY".to_owned(), Value::Null);
    assert_eq!(outcome(&app, "police", named(&child, &json!({"livesWith": mother}))).await, many);
    assert_eq!(outcome(&app, "police", named(&child, &json!({"sex": "F"}))).await, hit);
}

async fn an_agency_names_its_child(app: App) {
    let child = first(&app).await;
    let id = json!({"id": child["id"]});
    let input = |n: u32, reference: Value| {
        json!({"input": {"idempotencyKey": key(n), "childId": child["id"],
      "reference": reference}})
    };
    let watch = Watch::over(&app).await;
    let mut dry = input(1, json!("OAK-2026/0417"));
    dry["input"]["dryRun"] = true.into();
    let done = app.data("school_dsl", SET, dry).await["it"].clone();
    assert_eq!(done, json!({"child": null, "userErrors": []}));
    for (reference, code) in [
        (json!(""), "REQUIRED"),
        (json!("A".repeat(41)), "TOO_LONG"),
        (json!("A B"), "INVALID"),
        (json!("é"), "INVALID"),
    ] {
        let done = app.data("school_dsl", SET, input(2, reference.clone())).await["it"].clone();
        assert_eq!(fields(&done), [("reference".to_owned(), code.to_owned())], "{reference}");
    }
    for (persona, code) in [("school_elsewhere", "NOT_FOUND"), ("system_admin", "FORBIDDEN")] {
        assert_eq!(app.code(persona, SET, input(3, json!("X"))).await, code, "{persona}");
    }
    watch.unchanged("nothing of all this was kept").await;

    let done = app.data("school_dsl", SET, input(4, json!("OAK-2026/0417"))).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    let held = &done["child"]["agencyReference"];
    let me = app.data("school_dsl", "{ viewer { practitioner { id } } }", json!({})).await;
    assert_eq!((&held["reference"], &held["setBy"]), (&json!("OAK-2026/0417"), &me["viewer"]["practitioner"]));
    let again = app.data("school_dsl", SET, input(4, json!("OAK-2026/0417"))).await["it"].clone();
    assert_eq!(again, done, "a retry answers the same");
    assert_eq!(outcome(&app, "school_dsl", json!({"agencyReference": " OAK-2026/0417 "})).await.1, child["id"]);
    // others see their own, and hear nothing of it
    let theirs = app.data("police", READ, id.clone()).await["child"]["agencyReference"]["reference"].clone();
    assert!(theirs.is_string() && theirs != "OAK-2026/0417", "{theirs}");
    assert_eq!(app.data("social_worker", READ, id.clone()).await["child"]["agencyReference"], Value::Null);
    let kinds = async |persona: &str| app.kinds(persona).await.contains(&"AGENCY_REFERENCE_SET".to_owned());
    assert!(kinds("school_dsl").await);
    for persona in ["social_worker", "police", "health_visitor", "school_elsewhere", "chair"] {
        assert!(!kinds(persona).await, "{persona}");
    }
    let heard = "query($id: ID!) { events(kinds: [AGENCY_REFERENCE_SET], childId: $id) { nodes { child { id } } } }";
    let heard = app.data("school_dsl", heard, id.clone()).await["events"]["nodes"].clone();
    assert_eq!(heard, json!([{"child": {"id": child["id"]}}]));
    // who reads the record finds the act and not the word
    let db = connect(&app.url).await;
    let acts = "SELECT count(*) FROM audit WHERE resource = 'Child' AND kind = 'WRITE' AND operation LIKE '%OAK%'";
    assert_eq!(number(&db, acts).await, 0);

    // it names one child of the agency, and which other is not told; of another agency it may name another
    let (_, brother) = outcome(&app, "social_worker", json!({"nhsNumber": demo::former_nhs_number()})).await;
    let mut other = input(5, json!("OAK-2026/0417"));
    other["input"]["childId"] = brother.clone();
    let refused = app.data("school_dsl", SET, other.clone()).await["it"].clone();
    let message = "Your agency uses this reference for another child.";
    assert_eq!(refused["userErrors"], json!([{"field": "reference", "code": "DUPLICATE", "message": message}]));
    assert_eq!(app.data("police", SET, other).await["it"]["userErrors"], json!([]));

    // changed as it was read, cleared, set anew
    let version = held["version"].as_i64().unwrap();
    let mut change = input(6, json!("OAK-7"));
    change["input"]["expectedVersion"] = (version - 1).into();
    assert_eq!(app.code("school_dsl", SET, change.clone()).await, "CONFLICT");
    change["input"]["expectedVersion"] = version.into();
    let done = app.data("school_dsl", SET, change).await["it"]["child"]["agencyReference"].clone();
    assert_eq!((&done["reference"], &done["version"]), (&json!("OAK-7"), &json!(version + 1)));
    let done = app.data("school_dsl", SET, input(7, Value::Null)).await["it"].clone();
    assert_eq!(done["child"]["agencyReference"], Value::Null, "{done}");
    let twice = app.data("school_dsl", SET, input(8, Value::Null)).await["it"].clone();
    assert_eq!(fields(&twice), [("reference".to_owned(), "ALREADY_DONE".to_owned())]);
    assert_eq!(outcome(&app, "school_dsl", json!({"agencyReference": "OAK-7"})).await.0, "NO_MATCH");
    let mut fresh = input(9, json!("OAK-7"));
    fresh["input"]["expectedVersion"] = 0.into();
    let done = app.data("school_dsl", SET, fresh).await["it"]["child"]["agencyReference"].clone();
    assert_eq!((&done["reference"], &done["version"]), (&json!("OAK-7"), &json!(version + 3)));
}

/// Searches are counted, hits and misses alike; what fails its own check is none.
async fn searches_run_out(engine: Engine) {
    let limits = AccessLimits { searches_per_hour: 3, ..AccessLimits::default() };
    let Some(app) = App::limited(engine, limits).await else { return };
    for _ in 0..5 {
        let it = find(&app, "police", json!({"nhsNumber": "9434765918"})).await;
        assert_eq!(it["outcome"], "NO_MATCH");
    }
    for by in [json!({"nhsNumber": NOBODYS}), json!({"agencyReference": "X"})] {
        assert_eq!(outcome(&app, "police", by).await.0, "NO_MATCH");
    }
    assert_eq!(outcome(&app, "police", json!({"nhsNumber": demo::first_nhs_number()})).await.0, "MATCH");
    for by in [json!({"nhsNumber": NOBODYS}), json!({"nhsNumber": demo::first_nhs_number()})] {
        assert_eq!(app.code("police", MATCH, json!({"by": by})).await, "RATE_LIMITED");
    }
}

#[actix_web::test]
async fn searches_run_out_on_sqlite() {
    searches_run_out(Engine::Sqlite).await;
}

#[actix_web::test]
async fn searches_run_out_on_postgres() {
    searches_run_out(Engine::Postgres).await;
}

both!(a_number, super::a_number_finds_one_child);
both!(a_slip, super::a_slip_of_the_finger_is_told);
both!(a_name, super::names_need_one_more_fact);
both!(an_own_reference, super::an_agency_names_its_child);
