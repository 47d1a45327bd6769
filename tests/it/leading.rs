//! Another worker leads an enquiry, or a core group: the manager names who, once the worker is allocated to the child.

use serde_json::{Value, json};

use crate::support::samples::{enquire, other_social_worker};
use crate::support::{App, key};

const LEAD: &str = "mutation($input: LeadEnquiryInput!) { it: leadEnquiry(input: $input) {
  enquiry { id version lead { id } } userErrors { field code message } } }";
const LEAD_GROUP: &str = "mutation($input: LeadCoreGroupInput!) { it: leadCoreGroup(input: $input) {
  coreGroup { id version lead { id } } userErrors { field code message } } }";
const GRANT: &str = "mutation($input: GrantInvolvementInput!) { it: grantInvolvement(input: $input) {
  userErrors { field code message } } }";
const WRITE: &str = "mutation($input: RecordEntriesInput!) { it: recordEntries(input: $input) {
  userErrors { field code message } } }";
const FIND: &str = "query($id: ID!) { child(id: $id) {
  enquiries(first: 10) { nodes { id version lead { id } record { entries(first: 20) { nodes { item } } } } }
  currentPlan { coreGroup { id version lead { id } } } } }";

async fn ask(app: &App, persona: &str, query: &str, input: &Value) -> Value {
    app.data(persona, query, json!({"input": input})).await["it"].clone()
}

async fn found(app: &App, child: &str) -> Value {
    app.data("social_worker", FIND, json!({"id": child})).await["child"].clone()
}

fn problem(done: &Value) -> (&str, &str) {
    let problems = done["userErrors"].as_array().unwrap();
    assert_eq!(problems.len(), 1, "{done}");
    (problems[0]["field"].as_str().unwrap(), problems[0]["code"].as_str().unwrap())
}

/// The first child is allocated to another worker as well.
async fn allocate(app: &App, n: u32, child: &str, worker: &Value) {
    let agency = app.data("team_manager", "{ viewer { agency { id } } }", json!({})).await["viewer"]["agency"].clone();
    let input = json!({"idempotencyKey": key(n), "childId": child, "agencyId": agency["id"], "practitionerId": worker,
      "reason": "The worker who led is away."});
    assert_eq!(ask(app, "team_manager", GRANT, &input).await["userErrors"], json!([]));
}

async fn an_enquiry(app: App) {
    let child = app.first_child("social_worker").await.as_str().unwrap().to_owned();
    let id = enquire(&app, &child).await;
    let worker = other_social_worker(&app).await;
    let answers = json!([{"item": "LEAD_QUALIFIED", "choice": "YES"}, {"item": "LEAD_NEWLY_QUALIFIED", "choice": "NO"},
      {"item": "RECORD_ACCURATE", "choice": "YES"},
      {"item": "LATERAL_CHECK", "at": app.clock.now(), "text": "The school knows of nothing."}]);
    let answers = json!({"idempotencyKey": key(900), "recordId": id, "entries": answers});
    assert_eq!(ask(&app, "team_manager", WRITE, &answers).await["userErrors"], json!([]));
    let input = |n: u32, version: i64, lead: &Value| json!({"idempotencyKey": key(n), "enquiryId": id, "expectedVersion": version, "leadId": lead});
    let refused = async |persona: &str| app.code(persona, LEAD, json!({"input": input(901, 1, &worker)})).await;
    for persona in ["social_worker", "chair", "police"] {
        assert_eq!(refused(persona).await, "FORBIDDEN", "{persona}");
    }
    assert_eq!(refused("police_elsewhere").await, "NOT_FOUND");

    let early = ask(&app, "team_manager", LEAD, &input(902, 1, &worker)).await;
    assert_eq!(problem(&early), ("leadId", "RULE_REFUSED"), "not allocated to the child");
    let police = app.data("police", "{ viewer { practitioner { id } } }", json!({})).await;
    let strange = ask(&app, "team_manager", LEAD, &input(903, 1, &police["viewer"]["practitioner"]["id"])).await;
    assert_eq!(problem(&strange), ("leadId", "UNKNOWN_REFERENCE"));
    allocate(&app, 904, &child, &worker).await;
    let dry =
        json!({"idempotencyKey": key(905), "enquiryId": id, "expectedVersion": 1, "leadId": worker, "dryRun": true});
    assert_eq!(ask(&app, "team_manager", LEAD, &dry).await, json!({"enquiry": null, "userErrors": []}));
    assert_ne!(found(&app, &child).await["enquiries"]["nodes"][0]["lead"]["id"], worker);

    let done = ask(&app, "team_manager", LEAD, &input(906, 1, &worker)).await;
    assert_eq!(done["enquiry"], json!({"id": id, "version": 2, "lead": {"id": worker}}));
    assert_eq!(ask(&app, "team_manager", LEAD, &input(906, 1, &worker)).await, done, "a retry answers the same");
    let stale = app.code("team_manager", LEAD, json!({"input": input(907, 1, &worker)})).await;
    assert_eq!(stale, "CONFLICT", "not the version that stands");
    let again = ask(&app, "service_manager", LEAD, &input(908, 2, &worker)).await;
    assert_eq!(problem(&again), ("leadId", "ALREADY_DONE"));

    // what was said of the one who led is asked for anew (WAR-S47-02, WAR-S47-03), and nothing else
    let record = found(&app, &child).await["enquiries"]["nodes"][0]["record"]["entries"]["nodes"].clone();
    let items: Vec<_> = record.as_array().unwrap().iter().map(|entry| entry["item"].clone()).collect();
    assert_eq!(items, ["LATERAL_CHECK"]);
    for persona in ["social_worker", "health_visitor"] {
        let heard = app.kinds(persona).await;
        assert!(heard.iter().any(|kind| kind == "ENQUIRY_LEAD_NAMED"), "{persona}: {heard:?}");
    }
}

async fn a_core_group(app: App) {
    let child = app.first_child("social_worker").await.as_str().unwrap().to_owned();
    let group = found(&app, &child).await["currentPlan"]["coreGroup"].clone();
    let worker = other_social_worker(&app).await;
    let version = group["version"].as_i64().unwrap();
    let input = |n: u32, version: i64| json!({"idempotencyKey": key(n), "coreGroupId": group["id"], "expectedVersion": version, "leadId": worker});
    let refused = async |persona: &str| app.code(persona, LEAD_GROUP, json!({"input": input(911, version)})).await;
    assert_eq!(refused("social_worker").await, "FORBIDDEN");
    assert_eq!(refused("police_elsewhere").await, "NOT_FOUND");
    let early = ask(&app, "team_manager", LEAD_GROUP, &input(912, version)).await;
    assert_eq!(problem(&early), ("leadId", "RULE_REFUSED"));
    allocate(&app, 913, &child, &worker).await;
    let done = ask(&app, "team_manager", LEAD_GROUP, &input(914, version)).await;
    assert_eq!(done["coreGroup"], json!({"id": group["id"], "version": version + 1, "lead": {"id": worker}}));
    let again = ask(&app, "team_manager", LEAD_GROUP, &input(915, version + 1)).await;
    assert_eq!(problem(&again), ("leadId", "ALREADY_DONE"));
    let heard = app.kinds("health_visitor").await;
    assert!(heard.iter().any(|kind| kind == "CORE_GROUP_LEAD_NAMED"), "{heard:?}");
}

both!(of_an_enquiry, super::an_enquiry);
both!(of_a_core_group, super::a_core_group);
