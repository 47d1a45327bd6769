//! Notices about the use of the record: the right people see them, nobody else.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use crate::emergency::{hit_and_miss, marks, on_duty, open};
use crate::ends::colleague;
use crate::support::contents::{connect, number};
use crate::support::node::Node;
use crate::support::{App, key};

const NOTICES: &str = "{ notices(first: 100) { nodes { id kind at child { id } agency { name }
  practitioner { fullName } emergencyAccess { id } } } }";
const CHILD: &str = "query($id: ID!) { child(id: $id) { givenName } }";
const EVERYBODY: [&str; 17] = [
    "social_worker",
    "team_manager",
    "service_manager",
    "chair",
    "minute_taker",
    "system_admin",
    "auditor",
    "police",
    "health_visitor",
    "school_dsl",
    "early_help",
    "housing",
    "police_elsewhere",
    "health_elsewhere",
    "school_elsewhere",
    "agency_system",
    "privacy_officer",
];

async fn notices(app: &App, persona: &str) -> Vec<Value> {
    app.data(persona, NOTICES, json!({})).await["notices"]["nodes"].as_array().unwrap().clone()
}

/// Nobody but these has a notice.
async fn told_alone(app: &App, told: &[&str]) {
    // the system of an agency reads nothing at all
    for persona in EVERYBODY.iter().filter(|p| **p != "agency_system" && !told.contains(p)) {
        assert_eq!(notices(app, persona).await, Vec::<Value>::new(), "{persona}");
    }
}

async fn a_first_opening_of_the_day(app: App) {
    let id = json!({"id": marks(&app).await["id"]});
    told_alone(&app, &[]).await;
    // their own people's reading is told to nobody
    app.data("chair", CHILD, id.clone()).await;
    app.data("service_manager", CHILD, id.clone()).await;
    told_alone(&app, &[]).await;
    let statements = |app: &App| app.statements.load(Ordering::SeqCst);
    let mut costs = Vec::new();
    for _ in 0..3 {
        let before = statements(&app);
        app.data("school_dsl", CHILD, id.clone()).await;
        costs.push(statements(&app) - before);
    }
    // PostgreSQL takes the record in one statement where nothing is counted, and locks its head first where something is
    let more = 5;
    assert_eq!(
        (costs[0], costs[1]),
        (costs[1] + more, costs[2]),
        "one more for the notice or the head, and four for the count, and only the first time: {costs:?}"
    );
    for persona in ["social_worker", "team_manager"] {
        let seen = notices(&app, persona).await;
        assert_eq!(seen.len(), 1, "{persona} {seen:?}");
        let notice = &seen[0];
        assert_eq!((&notice["kind"], &notice["child"]["id"]), (&json!("RECORD_OPENED"), &id["id"]));
        assert_eq!(notice["agency"]["name"], "Warwickshire Oakfield Primary School");
        assert_eq!(notice["practitioner"]["fullName"], "Mr Peter Lang");
    }
    told_alone(&app, &["social_worker", "team_manager"]).await;
    // a miss opens nothing, and what was looked for and not seen is told to nobody
    app.code("school_elsewhere", CHILD, id.clone()).await;
    assert_eq!(notices(&app, "social_worker").await.len(), 1);
    // by its id it is there for those it is for
    let node = "query($id: ID!) { node(id: $id) { ... on Notice { kind } } }";
    let notice = json!({"id": notices(&app, "social_worker").await[0]["id"]});
    assert_eq!(app.data("team_manager", node, notice.clone()).await["node"]["kind"], "RECORD_OPENED");
    for persona in ["school_dsl", "chair", "service_manager", "privacy_officer"] {
        assert_eq!(app.code(persona, node, notice.clone()).await, "NOT_FOUND", "{persona}");
    }
    // a new day in England begins at midnight: another notice, newest first
    app.clock.advance(chrono::Duration::hours(15));
    app.data("school_dsl", CHILD, id.clone()).await;
    let seen = notices(&app, "social_worker").await;
    assert_eq!(
        seen.iter().map(|n| n["at"].as_str().unwrap()).collect::<Vec<_>>(),
        ["2026-11-25T00:00:00+00:00", "2026-11-24T09:00:00+00:00"]
    );
    // in pages
    let page = "query($after: String) { notices(first: 1, after: $after) { nodes { at } pageInfo { endCursor } } }";
    let first = app.data("social_worker", page, json!({})).await["notices"].clone();
    let next = app.data("social_worker", page, json!({"after": first["pageInfo"]["endCursor"]})).await;
    assert_eq!(next["notices"]["nodes"][0]["at"], "2026-11-24T09:00:00+00:00");
    app.clock.advance(chrono::Duration::days(28) - chrono::Duration::hours(15));
    assert_eq!(notices(&app, "social_worker").await.len(), 2);
    app.clock.advance(chrono::Duration::microseconds(1));
    assert_eq!(notices(&app, "social_worker").await.len(), 1, "after 28 days it is gone");
    let (db, kept) = (connect(&app.url).await, "SELECT count(*) FROM notice");
    let before = number(&db, kept).await;
    app.api.upkeep().await.unwrap();
    assert_eq!(number(&db, kept).await, before - 1, "and is kept no longer");
}

async fn who_leads_the_case_is_asked_when_it_is_read(app: App) {
    let id = marks(&app).await["id"].clone();
    app.data("school_dsl", CHILD, json!({"id": id})).await;
    assert_eq!(notices(&app, "social_worker").await.len(), 1);
    let query = "query($id: ID!) { child(id: $id) { involvements(first: 100) { nodes { id basis } } } }";
    // a child is not left to nobody
    let grant =
        "mutation($input: GrantInvolvementInput!) { it: grantInvolvement(input: $input) { userErrors { code } } }";
    let successor = json!({"idempotencyKey": key(49), "childId": id, "practitionerId": colleague(&app).await,
      "agencyId": app.agency("Warwickshire Children's Social Care").await, "reason": "Takes over."});
    let rows = app.data("team_manager", query, json!({"id": id})).await["child"]["involvements"]["nodes"].clone();
    let granted = app.data("team_manager", grant, json!({"input": successor})).await;
    assert_eq!(granted["it"]["userErrors"], json!([]));
    let end = "mutation($input: EndInvolvementInput!) { it: endInvolvement(input: $input) { userErrors { code } } }";
    for (n, row) in rows.as_array().unwrap().iter().filter(|r| r["basis"] == "ALLOCATED_WORKER").enumerate() {
        let input = json!({"idempotencyKey": key(50 + u32::try_from(n).unwrap()), "involvementId": row["id"]});
        assert_eq!(app.data("team_manager", end, json!({"input": input})).await["it"]["userErrors"], json!([]));
    }
    // the successor is of the same team
    told_alone(&app, &["team_manager"]).await;
    assert_eq!(notices(&app, "team_manager").await.len(), 1);
}

async fn emergency_access_is_told_to_those_it_concerns(app: App) {
    let marks = marks(&app).await;
    let (hit, miss) = hit_and_miss(&app).await;
    let document = "subscription { events(kinds: [EMERGENCY_ACCESS_OPENED]) { kind emergencyAccess { id } } }";
    let worker = Node::persona(&app, "social_worker", document);
    let police = Node::persona(&app, "police_elsewhere", document);
    if let (Some(worker), Some(police)) = (&worker, &police) {
        assert!(worker.next("connected").await.is_some() && police.next("connected").await.is_some());
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
    let found = open(&app, &on_duty(&app, "police_elsewhere"), 1, &hit).await;
    if let (Some(worker), Some(police)) = (worker, police) {
        let heard =
            worker.next("next").await.expect("the social worker hears at once")["payload"]["data"]["events"].clone();
        assert_eq!(heard, json!({"kind": "EMERGENCY_ACCESS_OPENED", "emergencyAccess": null}), "not theirs to review");
        assert!(police.next("next").await.is_none(), "the person has no notice of it");
    }
    open(&app, &on_duty(&app, "police"), 2, &miss).await;
    // those who lead the case: of what found their child
    for persona in ["social_worker", "team_manager"] {
        let seen = notices(&app, persona).await;
        assert_eq!(seen.len(), 1, "{persona} {seen:?}");
        assert_eq!((&seen[0]["kind"], &seen[0]["child"]["id"]), (&json!("EMERGENCY_ACCESS"), &marks["id"]));
        assert_eq!(seen[0]["agency"]["name"], "Warwickshire Transport Police");
        assert_eq!(seen[0]["emergencyAccess"], Value::Null);
        assert_eq!(app.kinds(persona).await, ["EMERGENCY_ACCESS_OPENED"], "{persona}");
    }
    // privacy officers: of their own people, without a word of a child
    let seen = notices(&app, "service_manager").await;
    assert_eq!(seen.len(), 1, "the police have their own: {seen:?}");
    assert_eq!((&seen[0]["child"], &seen[0]["emergencyAccess"]["id"]), (&Value::Null, &found["id"]));
    let seen = notices(&app, "privacy_officer").await;
    assert_eq!((seen.len(), &seen[0]["child"]), (1, &Value::Null));
    assert_eq!(seen[0]["agency"]["name"], "Warwickshire Police");
    let told = ["social_worker", "team_manager", "service_manager", "privacy_officer"];
    told_alone(&app, &told).await;
    for persona in EVERYBODY.iter().filter(|p| **p != "agency_system" && !told.contains(p)) {
        assert_eq!(app.kinds(persona).await, Vec::<String>::new(), "{persona}");
    }
    // the duty ends, and with it what it showed
    let officer = "{ viewer { agency { designations { nodes { id kind } } } } }";
    let nodes =
        app.data("service_manager", officer, json!({})).await["viewer"]["agency"]["designations"]["nodes"].clone();
    let officer = nodes.as_array().unwrap().iter().find(|n| n["kind"] == "PRIVACY_OFFICER").unwrap()["id"].clone();
    let end = "mutation($input: EndDesignationInput!) { it: endDesignation(input: $input) { userErrors { code } } }";
    let input = json!({"input": {"idempotencyKey": key(60), "designationId": officer}});
    assert_eq!(app.data("team_manager", end, input).await["it"]["userErrors"], json!([]));
    assert_eq!(notices(&app, "service_manager").await, Vec::<Value>::new());
}

async fn searching_by_name_in_vain_is_told(app: App) {
    let by_name = "query($g: String!) { findChild(by: {nameAndBirthDate: {givenName: $g, familyName: \"Nobody\",
      bornOn: \"2015-05-05\"}}) { id } }";
    let by_number = "{ findChild(by: {nhsNumber: \"9990000000\"}) { id } }";
    let search = async |n: usize| {
        assert_eq!(app.code("police", by_name, json!({"g": format!("Name{n}")})).await, "NOT_FOUND");
    };
    for n in 0..4 {
        search(n).await;
        app.code("police", by_number, json!({})).await;
    }
    told_alone(&app, &[]).await;
    // an hour later they no longer count
    app.clock.advance(chrono::Duration::hours(1));
    search(4).await;
    told_alone(&app, &[]).await;
    // several in one document are several
    let many = (0..4).map(|n| {
        format!(
            "n{n}: findChild(by: {{nameAndBirthDate: {{givenName: \"A{n}\", familyName: \"B\",
      bornOn: \"2015-05-05\"}}}}) {{ id }}"
        )
    });
    app.ask("police", &format!("{{ {} }}", many.collect::<String>()), json!({})).await;
    let seen = notices(&app, "privacy_officer").await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!((&seen[0]["kind"], &seen[0]["child"]), (&json!("UNUSUAL_LOOKUPS"), &Value::Null));
    assert_eq!(seen[0]["agency"]["name"], "Warwickshire Police");
    search(5).await;
    search(6).await;
    assert_eq!(notices(&app, "privacy_officer").await.len(), 1, "once an hour");
    told_alone(&app, &["privacy_officer"]).await;
    // nothing of the names stands anywhere but in nobody's head
    let db = connect(&app.url).await;
    assert_eq!(number(&db, "SELECT count(*) FROM audit WHERE rule = 'NAME'").await, 8);
    assert_eq!(number(&db, "SELECT count(*) FROM notice WHERE child_id IS NOT NULL").await, 0);
}

both!(openings, super::a_first_opening_of_the_day);
both!(when_read, super::who_leads_the_case_is_asked_when_it_is_read);
both!(emergencies, super::emergency_access_is_told_to_those_it_concerns);
both!(searches, super::searching_by_name_in_vain_is_told);
