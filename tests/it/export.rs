//! Exports: asked for by one person, approved by another, collected by the first, as far as the rights of each reach.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};

use crate::support::contents::{Watch, connect, number, texts};
use crate::support::{App, key};

const REQUEST: &str = "mutation($input: RequestExportInput!) { it: requestExport(input: $input) {
  export { id status selection categories purpose children watermark version requestedBy { fullName } }
  userErrors { field code } } }";
const APPROVE: &str = "mutation($input: ApproveExportInput!) { it: approveExport(input: $input) {
  export { id status children expiresAt watermark version decidedBy { fullName } } userErrors { field code } } }";
const REFUSE: &str = "mutation($input: RefuseExportInput!) { it: refuseExport(input: $input) {
  export { id status watermark } userErrors { field code } } }";
const ROWS: &str =
    "query($id: ID!, $n: Int, $after: String) { it: exportRows(exportId: $id, first: $n, after: $after) {
  status watermark pageInfo { hasNextPage endCursor } rows { localReference givenName familyName bornOn nhsNumber planKind planStartsOn
    planCategory dangerStatement safetyStatement } } }";
const EXPORT: &str = "query($id: ID!) { export(id: $id) { status children watermark } }";

fn code(body: &Value) -> &str {
    body["errors"][0]["extensions"]["code"].as_str().unwrap_or("none")
}

async fn some_children(app: &App, persona: &str, n: usize) -> Vec<Value> {
    let query = "query($n: Int!) { children(first: $n) { nodes { id } } }";
    let data = app.data(persona, query, json!({"n": n})).await;
    data["children"]["nodes"].as_array().unwrap().iter().map(|n| n["id"].clone()).collect()
}

fn asking(n: u32, children: &[Value], categories: &[&str]) -> Value {
    json!({"input": {"idempotencyKey": key(n), "childIds": children, "categories": categories}})
}

fn deciding(n: u32, export: &Value) -> Value {
    json!({"input": {"idempotencyKey": key(n), "exportId": export["id"], "expectedVersion": 1}})
}

async fn done(app: &App, persona: &str, query: &str, variables: Value) -> Value {
    let it = app.data(persona, query, variables).await["it"].clone();
    assert_eq!(it["userErrors"], json!([]), "{it}");
    it["export"].clone()
}

/// The code of the one finding.
async fn finding(app: &App, persona: &str, query: &str, variables: Value) -> String {
    let it = app.data(persona, query, variables).await["it"].clone();
    assert_eq!(it["export"], Value::Null);
    format!("{} {}", it["userErrors"][0]["field"].as_str().unwrap(), it["userErrors"][0]["code"].as_str().unwrap())
}

async fn two_persons_and_a_day(app: App) {
    let children = some_children(&app, "social_worker", 3).await;
    let ask = asking(1, &children, &["IDENTITY", "PLAN", "DANGER_STATEMENTS"]);
    let watch = Watch::over(&app).await;
    // a reason, a token that says so
    assert_eq!(code(&app.ask_because(None, "social_worker", REQUEST, ask.clone()).await), "REASON_REQUIRED");
    let mut plain = app.claims("social_worker");
    plain.scope = "read submit".into();
    let body = json!({"query": REQUEST, "variables": ask}).to_string();
    assert_eq!(code(&app.post(&app.sign(&plain), body).await.1), "FORBIDDEN");
    let mut dry = ask.clone();
    dry["input"]["dryRun"] = true.into();
    let it = app.data("social_worker", REQUEST, dry).await["it"].clone();
    assert_eq!(it, json!({"export": null, "userErrors": []}));
    watch.unchanged("what was refused or tried").await;

    let export = done(&app, "social_worker", REQUEST, ask.clone()).await;
    assert_eq!(done(&app, "social_worker", REQUEST, ask).await, export, "a retry answers the same");
    assert_eq!((&export["status"], &export["children"]), (&json!("REQUESTED"), &json!(children.len())));
    let id = json!({"id": export["id"]});
    let rows = |persona: &'static str, id: Value| {
        let app = &app;
        async move { app.data(persona, ROWS, id).await["it"].clone() }
    };
    let waiting = rows("social_worker", id.clone()).await;
    assert_eq!((&waiting["status"], &waiting["rows"]), (&json!("REQUESTED"), &json!([])));
    // nobody decides about their own, and only managers of the authority do
    assert_eq!(app.code("social_worker", APPROVE, deciding(2, &export)).await, "FORBIDDEN");
    for persona in ["chair", "police", "school_dsl"] {
        assert_eq!(app.code(persona, APPROVE, deciding(2, &export)).await, "NOT_FOUND", "{persona}");
        assert_eq!(app.code(persona, EXPORT, id.clone()).await, "NOT_FOUND", "{persona}");
    }
    assert_eq!(app.code("auditor", APPROVE, deciding(2, &export)).await, "FORBIDDEN", "the token submits nothing");
    let mut stale = deciding(2, &export);
    stale["input"]["expectedVersion"] = 7.into();
    assert_eq!(app.code("team_manager", APPROVE, stale).await, "CONFLICT");
    let approved = done(&app, "team_manager", APPROVE, deciding(3, &export)).await;
    assert_eq!(done(&app, "team_manager", APPROVE, deciding(3, &export)).await, approved);
    assert_eq!(
        (&approved["status"], &approved["expiresAt"]),
        (&json!("APPROVED"), &json!("2026-11-25T09:00:00+00:00"))
    );
    assert_eq!(finding(&app, "service_manager", REFUSE, deciding(4, &export)).await, "exportId ALREADY_DONE");
    assert_eq!(app.kinds("team_manager").await, ["EXPORT_REQUESTED", "EXPORT_APPROVED"]);
    assert_eq!(app.kinds("police").await, Vec::<String>::new());

    // the one who asked collects, page by page, each with the watermark
    let mut seen = Vec::new();
    let mut next = json!({"id": export["id"], "n": 2});
    loop {
        let page = rows("social_worker", next.clone()).await;
        assert_eq!((&page["status"], &page["watermark"]), (&json!("APPROVED"), &approved["watermark"]));
        seen.extend(page["rows"].as_array().unwrap().clone());
        next["after"] = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(seen.len(), children.len());
    assert!(seen.iter().all(|row| row["localReference"].is_string() && row["familyName"].is_string()), "{seen:?}");
    assert!(seen.iter().any(|row| row["nhsNumber"].is_string()), "{seen:?}");
    assert!(seen.iter().any(|row| row["planKind"].is_string() && row["dangerStatement"].is_string()), "{seen:?}");
    assert_eq!(code(&app.ask_because(None, "social_worker", ROWS, id.clone()).await), "REASON_REQUIRED");
    assert_eq!(app.code("team_manager", ROWS, id.clone()).await, "FORBIDDEN", "who approved does not collect");
    assert_eq!(app.code("police", ROWS, id.clone()).await, "FORBIDDEN", "the token of the police exports nothing");
    // recorded apart from the other reading, and not counted with it
    let db = connect(&app.url).await;
    let opened = "SELECT resource || ' ' || touched || ' ' || categories FROM audit WHERE operation = '' AND kind = 'query' \
      AND resource IN ('Child', 'Plan') AND categories LIKE '%Identity%' ORDER BY sequence";
    assert_eq!(texts(&db, opened).await, ["Child 2 Identity", "Child 1 Identity"]);
    let counted = "SELECT count FROM access_count WHERE kind = 'CHILDREN' ORDER BY count DESC LIMIT 1";
    assert_eq!(number(&db, counted).await, i64::try_from(children.len()).unwrap(), "those of the list before");

    app.clock.advance(chrono::Duration::hours(24));
    let over = rows("social_worker", id.clone()).await;
    assert_eq!((&over["status"], &over["watermark"], &over["rows"]), (&json!("EXPIRED"), &Value::Null, &json!([])));
}

async fn rights_are_those_of_the_moment(app: App) {
    let children = some_children(&app, "social_worker", 3).await;
    let export = done(&app, "social_worker", REQUEST, asking(10, &children, &["IDENTITY"])).await;
    // one child is closed to who asked before the approval, one after it
    let declare =
        "mutation($input: RecordConflictInput!) { it: recordConflict(input: $input) { userErrors { code } } }";
    let close = |n: u32, child: &Value| json!({"input": {"idempotencyKey": key(n), "childId": child, "kind": "FAMILY", "reason": "My cousin."}});
    app.data("social_worker", declare, close(11, &children[0])).await;
    let approved = done(&app, "service_manager", APPROVE, deciding(12, &export)).await;
    assert_eq!(approved["children"], children.len() - 1, "the rest is still in reach");
    app.clock.advance(chrono::Duration::hours(1));
    app.data("social_worker", declare, close(13, &children[1])).await;
    let page = app.data("social_worker", ROWS, json!({"id": export["id"]})).await["it"].clone();
    assert_eq!(page["rows"].as_array().unwrap().len(), children.len() - 2, "{page}");
    assert!(page["rows"].as_array().unwrap().iter().all(|row| row["planKind"].is_null()), "not approved for");
    // the post ends: nothing can be approved any more
    let late = done(&app, "social_worker", REQUEST, asking(14, &children[2..], &["IDENTITY"])).await;
    let db = connect(&app.url).await;
    let who = entity::id::PractitionerId(app.claims("social_worker").sub);
    let ended = entity::appointment::Entity::update_many()
        .col_expr(entity::appointment::Column::EndsAt, Expr::val(app.clock.now()))
        .filter(entity::appointment::Column::PractitionerId.eq(who));
    assert_eq!(ended.exec(&db).await.unwrap().rows_affected, 1);
    assert_eq!(finding(&app, "team_manager", APPROVE, deciding(15, &late)).await, "exportId RULE_REFUSED");
    let refused = done(&app, "team_manager", REFUSE, deciding(16, &late)).await;
    assert_eq!((&refused["status"], &refused["watermark"]), (&json!("REFUSED"), &Value::Null));
}

async fn what_can_be_asked_for(app: App) {
    let children = some_children(&app, "team_manager", 2).await;
    for (n, category) in
        ["PROTECTED_ADDRESS", "RESTRICTED", "POLICE_INTELLIGENCE", "HOUSEHOLD", "LEGAL"].iter().enumerate()
    {
        // what the role does not read in full is refused as a whole, what is never exported is a finding
        let ask = asking(20 + u32::try_from(n).unwrap(), &children, &[category]);
        let body = app.ask("team_manager", REQUEST, ask).await;
        let finding = body["data"]["it"]["userErrors"][0]["code"].as_str().unwrap_or(code(&body));
        assert!(["RULE_REFUSED", "FORBIDDEN"].contains(&finding), "{category} {body}");
    }
    let nobody = json!("Q2hpbGQ6MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA");
    assert_eq!(
        finding(&app, "team_manager", REQUEST, asking(30, &[children[0].clone(), nobody], &["PLAN"])).await,
        "childIds.1 UNKNOWN_REFERENCE"
    );
    assert_eq!(finding(&app, "team_manager", REQUEST, asking(31, &[], &["PLAN"])).await, "childIds REQUIRED");
    assert_eq!(finding(&app, "team_manager", REQUEST, asking(32, &children, &[])).await, "categories REQUIRED");
    // the police read in full, and may ask with a token that says so; housing reads summaries
    let mut claims = app.claims("police");
    claims.scope = "read submit export".into();
    let own = some_children(&app, "police", 2).await;
    let ask = |ask: Value| json!({"query": REQUEST, "variables": ask}).to_string();
    let body = app.post(&app.sign(&claims), ask(asking(33, &own, &["IDENTITY"]))).await.1;
    assert_eq!(body["data"]["it"]["export"]["children"], own.len(), "{body}");
    let mut claims = app.claims("housing");
    claims.scope = "read submit export".into();
    let body = app.post(&app.sign(&claims), ask(asking(34, &own, &["IDENTITY"]))).await.1;
    assert_eq!(code(&body), "FORBIDDEN");
    // all open plans in scope
    let mut all = json!({"input": {"idempotencyKey": key(35), "allWithOpenCpPlan": true, "categories": ["PLAN"]}});
    let export = done(&app, "service_manager", REQUEST, all.clone()).await;
    let plans = "{ children(first: 100) { nodes { currentPlan { kind } } } }";
    let listed = app.data("service_manager", plans, json!({})).await;
    let open =
        listed["children"]["nodes"].as_array().unwrap().iter().filter(|c| c["currentPlan"]["kind"] == "CP").count();
    assert_eq!((&export["children"], &export["selection"]), (&json!(open), &json!("OPEN_CP_PLANS")));
    assert!(open > 1);
    all["input"]["childIds"] = json!(children);
    assert_eq!(app.code("service_manager", REQUEST, all).await, "BAD_USER_INPUT");
    // the managers and the auditor see that it was asked for
    let listed = "{ exports(first: 100) { nodes { id } } }";
    for (persona, n) in [("team_manager", 2), ("auditor", 2), ("service_manager", 2), ("police", 1), ("chair", 0)] {
        let data = app.data(persona, listed, json!({})).await;
        assert_eq!(data["exports"]["nodes"].as_array().unwrap().len(), n, "{persona}");
    }
}

async fn an_export_is_bounded(app: App) {
    let children = some_children(&app, "service_manager", 3).await;
    assert_eq!(finding(&app, "service_manager", REQUEST, asking(40, &children, &["PLAN"])).await, "childIds TOO_MANY");
    let all = json!({"input": {"idempotencyKey": key(41), "allWithOpenCpPlan": true, "categories": ["PLAN"]}});
    assert_eq!(finding(&app, "service_manager", REQUEST, all).await, "allWithOpenCpPlan TOO_MANY");
    assert_eq!(quorate::policy::limits::AccessLimits::default().export_children, 500);
    assert_eq!(quorate::policy::limits::AccessLimits::default().export_hours, 24);
}

const ENTRIES: &str =
    "query($id: ID!, $n: Int, $after: String) { it: exportEntries(exportId: $id, first: $n, after: $after) {
  status watermark pageInfo { hasNextPage endCursor }
  entries { localReference record item line recordedAt choice number at text timescale reasonNot } } }";

/// Which items belong to which category, as the list of them says.
async fn categories_of_items(app: &App) -> std::collections::BTreeMap<String, String> {
    let mut all = std::collections::BTreeMap::new();
    for record in ["STRATEGY_MEETING", "ENQUIRY", "CONFERENCE", "CORE_GROUP_MEETING", "PLAN"] {
        let query = "query($r: RecordKind!) { recordItems(record: $r) { code category } }";
        let items = app.data("social_worker", query, json!({"r": record})).await["recordItems"].clone();
        all.extend(
            items
                .as_array()
                .unwrap()
                .iter()
                .map(|item| (item["code"].as_str().unwrap().to_owned(), item["category"].as_str().unwrap().to_owned())),
        );
    }
    all
}

/// What stands on the records about the children comes with an export: of the categories it was approved for, entry by entry
/// as its collector may read it.
async fn with_what_stands_on_records(app: App) {
    let children = some_children(&app, "social_worker", 100).await;
    let export = done(&app, "social_worker", REQUEST, asking(50, &children, &["IDENTITY", "PLAN"])).await;
    let all = async |persona: &str, export: &Value| {
        let mut found = Vec::new();
        let mut next = json!({"id": export["id"], "n": 7});
        loop {
            let page = app.data(persona, ENTRIES, next.clone()).await["it"].clone();
            found.extend(page["entries"].as_array().unwrap().clone());
            next["after"] = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                return found;
            }
        }
    };
    let waiting = app.data("social_worker", ENTRIES, json!({"id": export["id"]})).await["it"].clone();
    assert_eq!(
        (&waiting["status"], &waiting["watermark"], &waiting["entries"]),
        (&json!("REQUESTED"), &Value::Null, &json!([]))
    );
    let approved = done(&app, "team_manager", APPROVE, deciding(51, &export)).await;
    let first = app.data("social_worker", ENTRIES, json!({"id": export["id"], "n": 1})).await["it"].clone();
    assert_eq!((&first["status"], &first["watermark"]), (&json!("APPROVED"), &approved["watermark"]));
    let of = categories_of_items(&app).await;
    let found = all("social_worker", &export).await;
    assert!(found.len() > 7, "the first family has records: {}", found.len());
    for entry in &found {
        assert_eq!(of[entry["item"].as_str().unwrap()], "PLAN", "{entry}");
        assert!(entry["localReference"].is_string(), "{entry}");
    }
    assert!(found.iter().any(|entry| entry["text"].is_string()));
    // who the children are was not approved for, and nothing else than what was
    let export = done(&app, "social_worker", REQUEST, asking(52, &children, &["DANGER_STATEMENTS"])).await;
    done(&app, "team_manager", APPROVE, deciding(53, &export)).await;
    let danger = all("social_worker", &export).await;
    assert!(!danger.is_empty());
    for entry in &danger {
        assert_eq!(
            (&entry["localReference"], of[entry["item"].as_str().unwrap()].as_str()),
            (&Value::Null, "DANGER_STATEMENTS")
        );
    }
    // a child that left the reach takes its entries along
    let gone = found[0]["localReference"].clone();
    let mine = "{ children(first: 100) { nodes { id localReference } } }";
    let mine = app.data("social_worker", mine, json!({})).await["children"]["nodes"].clone();
    let child = mine.as_array().unwrap().iter().find(|child| child["localReference"] == gone).unwrap()["id"].clone();
    let ask = asking(54, &children, &["IDENTITY", "PLAN"]);
    let export = done(&app, "social_worker", REQUEST, ask).await;
    done(&app, "team_manager", APPROVE, deciding(55, &export)).await;
    let declare =
        "mutation($input: RecordConflictInput!) { it: recordConflict(input: $input) { userErrors { code } } }";
    let conflict = json!({"idempotencyKey": key(56), "childId": child, "kind": "FAMILY", "reason": "My cousin."});
    app.data("social_worker", declare, json!({"input": conflict})).await;
    let left = all("social_worker", &export).await;
    let about_gone = |all: &[Value]| all.iter().filter(|entry| entry["localReference"] == gone).count();
    assert_eq!((about_gone(&left), about_gone(&found) > 0), (0, true));
    // and so does what stands on a record that is about this child as well
    assert!(left.len() + about_gone(&found) <= found.len());
    // as the rows: a reason, the token, and who asked
    assert_eq!(
        code(&app.ask_because(None, "social_worker", ENTRIES, json!({"id": export["id"]})).await),
        "REASON_REQUIRED"
    );
    assert_eq!(app.code("team_manager", ENTRIES, json!({"id": export["id"]})).await, "FORBIDDEN");
    assert_eq!(app.code("chair", ENTRIES, json!({"id": export["id"]})).await, "NOT_FOUND", "nobody's but theirs");
    // recorded apart
    let opened = "SELECT count(*) FROM audit WHERE resource = 'Entry' AND operation = '' AND kind = 'query' \
      AND categories LIKE '%Plan%'";
    assert!(number(&connect(&app.url).await, opened).await > 0);
}

both!(with_entries, super::with_what_stands_on_records);
both!(an_export, super::two_persons_and_a_day);
both!(rights, super::rights_are_those_of_the_moment);
both!(a_request, super::what_can_be_asked_for);

mod a_large_request {
    use quorate::policy::limits::AccessLimits;

    use crate::support::{App, Engine};

    async fn on(engine: Engine) {
        let limits = AccessLimits { export_children: 2, ..AccessLimits::default() };
        let Some(app) = App::limited(engine, limits).await else { return };
        super::an_export_is_bounded(app).await;
    }

    #[actix_web::test]
    async fn on_sqlite() {
        on(Engine::Sqlite).await;
    }

    #[actix_web::test]
    async fn on_postgres() {
        on(Engine::Postgres).await;
    }
}
