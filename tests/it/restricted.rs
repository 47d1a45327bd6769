//! Reader lists: items for a few, protected addresses, and what would give them away.

use serde_json::{Value, json};

use crate::support::{App, key};

const RECORD: &str = "mutation($input: RecordRestrictedItemInput!) { recordRestrictedItem(input: $input) {
  restrictedItem { id version text readers { nodes { agency { name } } } } userErrors { field code } } }";
const LIST: &str = "mutation($input: ListReaderInput!) { listReader(input: $input) {
  readerListing { id endsAt } userErrors { field code } } }";
const UNLIST: &str = "mutation($input: UnlistReaderInput!) { unlistReader(input: $input) {
  readerListing { endsAt } userErrors { field code } } }";
const ITEM: &str = "query($id: ID!) { node(id: $id) { ... on RestrictedItem { text version category
  readers { nodes { id agency { name } practitioner { fullName } } } } } }";
const ITEMS: &str =
    "query($id: ID!) { child(id: $id) { restrictedItems(first: 100) { nodes { id } pageInfo { hasNextPage } } } }";
const HOME: &str = "query($id: ID!) { child(id: $id) { household {
  id address postcode addressStatus withheld addressReaders { nodes { id agency { name } } } } } }";

async fn items(app: &App, persona: &str, child: &Value) -> Vec<Value> {
    let data = app.data(persona, ITEMS, json!({"id": child})).await;
    data["child"]["restrictedItems"]["nodes"].as_array().unwrap().iter().map(|n| n["id"].clone()).collect()
}

async fn somebody(app: &App, persona: &str) -> Value {
    app.data(persona, "{ viewer { practitioner { id } } }", json!({})).await["viewer"]["practitioner"]["id"].clone()
}

async fn an_item_is_read_by_its_list_only(app: App) {
    let child = app.first_child("police").await;
    let health = app.agency("Warwickshire Community Health Trust").await;
    let csc = app.agency("Warwickshire Children's Social Care").await;
    let good = json!({"input": {"idempotencyKey": key(40), "childId": child, "kind": "POLICE_INTELLIGENCE",
      "text": "Source A says he has a key.", "thirdParty": true, "readers": [{"agencyId": health}]}});
    // who may write which kind is the matrix's word
    for persona in ["social_worker", "chair", "school_dsl", "health_visitor"] {
        assert_eq!(app.code(persona, RECORD, good.clone()).await, "FORBIDDEN", "{persona}");
    }
    assert_eq!(app.code("police_elsewhere", RECORD, good.clone()).await, "NOT_FOUND");
    let mut wrong = good.clone();
    wrong["input"]["readers"] = json!([{"agencyId": app.agency("Warwickshire Oakfield Primary School").await},
      {"agencyId": csc}]);
    let refused = app.data("police", RECORD, wrong).await["recordRestrictedItem"]["userErrors"].clone();
    assert_eq!(refused[0]["field"], "readers.0.agencyId", "intelligence goes to no school: {refused}");
    assert_eq!(refused[1]["field"], "readers.1.practitionerId", "in social care a person is named: {refused}");

    let before: Vec<_> = items(&app, "chair", &child).await;
    let done = app.data("police", RECORD, good.clone()).await["recordRestrictedItem"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    assert_eq!(app.data("police", RECORD, good).await["recordRestrictedItem"], done, "a retry answers the same");
    let id = json!({"id": done["restrictedItem"]["id"]});
    let read = app.data("health_visitor", ITEM, id.clone()).await["node"].clone();
    assert_eq!(
        (&read["text"], &read["category"]),
        (&json!("Source A says he has a key."), &json!("POLICE_INTELLIGENCE"))
    );
    for persona in
        ["social_worker", "team_manager", "service_manager", "chair", "minute_taker", "school_dsl", "auditor"]
    {
        assert_eq!(app.code(persona, ITEM, id.clone()).await, "NOT_FOUND", "{persona}");
    }
    assert_eq!(items(&app, "chair", &child).await, before, "nor in a list");
    let told = ["RESTRICTED_ITEM_RECORDED"];
    assert_eq!(app.kinds("health_visitor").await, told);
    assert!(app.kinds("chair").await.is_empty() && app.kinds("social_worker").await.is_empty());

    // only the originator widens; it reads from then on, with the version it was at
    let widen = |key: String, person: Value, version: i64| {
        json!({"input": {"idempotencyKey": key, "agencyId": csc, "practitionerId": person,
          "on": {"restrictedItem": {"id": id["id"], "expectedVersion": version}}}})
    };
    let manager = somebody(&app, "team_manager").await;
    assert_eq!(app.code("health_visitor", LIST, widen(key(41), manager.clone(), 1)).await, "FORBIDDEN");
    let listed = app.data("police", LIST, widen(key(42), manager.clone(), 1)).await["listReader"].clone();
    assert_eq!(listed["userErrors"], json!([]), "{listed}");
    assert_eq!(
        app.code("police", LIST, widen(key(43), manager, 1)).await,
        "CONFLICT",
        "a version that was read before"
    );
    assert_eq!(
        app.data("team_manager", ITEM, id.clone()).await["node"]["readers"]["nodes"].as_array().unwrap().len(),
        1
    );
    assert_eq!(app.data("police", ITEM, id.clone()).await["node"]["readers"]["nodes"].as_array().unwrap().len(), 2);
    assert_eq!(app.code("social_worker", ITEM, id.clone()).await, "NOT_FOUND");
    // taken off again: absent as before
    app.clock.advance(chrono::Duration::seconds(1));
    let off = json!({"input": {"idempotencyKey": key(44), "readerListingId": listed["readerListing"]["id"]}});
    assert_eq!(app.code("team_manager", UNLIST, off.clone()).await, "FORBIDDEN");
    assert!(app.data("police", UNLIST, off.clone()).await["unlistReader"]["readerListing"]["endsAt"].is_string());
    assert_eq!(app.code("team_manager", ITEM, id.clone()).await, "NOT_FOUND");
    assert_eq!(app.data("police", UNLIST, off).await["unlistReader"]["userErrors"], json!([]), "a retry");
}

async fn the_chair_reads_and_narrows_the_restricted_section(app: App) {
    let child = app.first_child("police").await;
    let query = "query($id: ID!) { child(id: $id) { id } conferences(filter: {status: SCHEDULED}, first: 100) {
      nodes { id scheduledAt } } }";
    let data = app.data("police", query, json!({"id": child})).await;
    let conferences = data["conferences"]["nodes"].as_array().unwrap();
    let review = conferences.iter().find(|c| c["scheduledAt"].as_str().unwrap().starts_with("2026-12-08T10:00"));
    let good = json!({"input": {"idempotencyKey": key(45), "childId": child, "kind": "RESTRICTED",
      "conferenceId": review.unwrap()["id"], "text": "Not in front of the father.",
      "readers": [{"agencyId": app.agency("Warwickshire Oakfield Primary School").await}]}});
    let done = app.data("police", RECORD, good).await["recordRestrictedItem"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    let id = json!({"id": done["restrictedItem"]["id"]});
    for (persona, reads) in [("chair", true), ("school_dsl", true), ("minute_taker", false), ("health_visitor", false)]
    {
        let seen = app.ask(persona, ITEM, id.clone()).await["data"]["node"].is_object();
        assert_eq!(seen, reads, "{persona}");
    }
    let entry = app.data("chair", ITEM, id.clone()).await["node"]["readers"]["nodes"][0]["id"].clone();
    app.clock.advance(chrono::Duration::seconds(1));
    let off = json!({"input": {"idempotencyKey": key(46), "readerListingId": entry}});
    assert_eq!(app.data("chair", UNLIST, off).await["unlistReader"]["userErrors"], json!([]));
    assert_eq!(app.code("school_dsl", ITEM, id.clone()).await, "NOT_FOUND");
    let widen = json!({"input": {"idempotencyKey": key(47),
      "agencyId": app.agency("Warwickshire Community Health Trust").await,
      "on": {"restrictedItem": {"id": id["id"], "expectedVersion": 2}}}});
    assert_eq!(app.code("chair", LIST, widen).await, "FORBIDDEN", "the chair may narrow, not widen");
}

async fn a_protected_address_is_open_to_its_list(app: App) {
    let child = app.first_child("social_worker").await;
    let id = json!({"id": child});
    let home = app.data("social_worker", HOME, id.clone()).await["child"]["household"].clone();
    assert!(home["address"].is_string(), "{home}");
    let hidden = app.data("health_visitor", HOME, id.clone()).await["child"]["household"].clone();
    assert_eq!((&hidden["address"], &hidden["postcode"]), (&Value::Null, &Value::Null));
    assert_eq!(hidden["withheld"], json!(["PROTECTED_ADDRESS"]), "withheld is said");
    assert_eq!(hidden["addressReaders"]["nodes"], json!([]));
    let list = json!({"input": {"idempotencyKey": key(48), "on": {"householdId": home["id"]},
      "agencyId": app.agency("Warwickshire Community Health Trust").await}});
    assert_eq!(app.code("chair", LIST, list.clone()).await, "FORBIDDEN");
    assert_eq!(app.code("police_elsewhere", LIST, list.clone()).await, "NOT_FOUND");
    let listed = app.data("social_worker", LIST, list).await["listReader"].clone();
    assert_eq!(listed["userErrors"], json!([]), "{listed}");
    let open = app.data("health_visitor", HOME, id.clone()).await["child"]["household"].clone();
    assert_eq!((&open["address"], &open["withheld"]), (&home["address"], &json!([])));
    let never = json!({"input": {"idempotencyKey": key(49), "on": {"householdId": home["id"]},
      "agencyId": app.agency("Warwickshire Homes Association").await}});
    let refused = app.data("social_worker", LIST, never).await["listReader"]["userErrors"].clone();
    assert_eq!(refused[0]["code"], "RULE_REFUSED", "housing is never shown a protected address");
    app.clock.advance(chrono::Duration::seconds(1));
    let off = json!({"input": {"idempotencyKey": key(50), "readerListingId": listed["readerListing"]["id"]}});
    app.data("team_manager", UNLIST, off).await;
    assert_eq!(app.data("health_visitor", HOME, id).await["child"]["household"]["address"], Value::Null);
}

async fn it_is_told_to_who_says_why(app: App) {
    let child = app.first_child("police").await;
    let health = app.agency("Warwickshire Community Health Trust").await;
    let input = json!({"idempotencyKey": key(47), "childId": child, "kind": "RESTRICTED", "text": "He is back.",
      "thirdParty": false, "readers": [{"agencyId": health}]});
    let done = app.data("school_dsl", RECORD, json!({"input": input})).await["recordRestrictedItem"].clone();
    let id = json!({"id": done["restrictedItem"]["id"]});
    let (no, why) = (Value::from("REASON_REQUIRED"), Some("Called by the ward at once."));
    for persona in ["school_dsl", "health_visitor"] {
        let silent = app.ask_because(None, persona, ITEM, id.clone()).await;
        let node = &silent["data"]["node"];
        assert_eq!((&silent["errors"][0]["extensions"]["code"], &node["text"]), (&no, &Value::Null), "{silent}");
        assert_eq!(node["version"], 1, "the rest is told: {silent}");
        let said = app.ask_because(why, persona, ITEM, id.clone()).await;
        assert_eq!(said["data"]["node"]["text"], "He is back.", "{persona} {said}");
    }
    // who may not read it is told nothing else without a reason than with one
    let with = app.ask_because(why, "social_worker", ITEM, id.clone()).await;
    assert_eq!(app.ask_because(None, "social_worker", ITEM, id).await, with);
    assert_eq!(with["errors"][0]["extensions"]["code"], "NOT_FOUND");

    let home = json!({"id": child});
    for persona in ["social_worker", "team_manager", "police"] {
        let silent = app.ask_because(None, persona, HOME, home.clone()).await;
        let (seen, errors) = (&silent["data"]["child"]["household"], silent["errors"].as_array().unwrap());
        assert_eq!((&seen["address"], &seen["postcode"]), (&Value::Null, &Value::Null), "{persona}");
        assert_eq!((&seen["addressStatus"], errors.len()), (&Value::from("WITHHELD"), 2), "{persona} {silent}");
        assert!(errors.iter().all(|e| e["extensions"]["code"] == no), "{persona} {silent}");
        let said = app.ask_because(why, persona, HOME, home.clone()).await;
        assert!(said["data"]["child"]["household"]["address"].is_string(), "{persona} {said}");
    }
    let with = app.ask_because(why, "school_dsl", HOME, home.clone()).await;
    assert_eq!(app.ask_because(None, "school_dsl", HOME, home).await, with, "withheld is withheld");
    // an address that is not protected is daily work
    let open = "{ children(first: 100) { nodes { household { address addressStatus } } } }";
    let all = app.ask_because(None, "social_worker", open, json!({})).await;
    let nodes = all["data"]["children"]["nodes"].as_array().unwrap();
    let plain = nodes.iter().find(|n| n["household"]["addressStatus"] == "NONE").expect("an address for all");
    assert!(plain["household"]["address"].is_string(), "{plain}");
}

const MARK: &str = "mutation($input: MarkLocatingInput!) { markLocating(input: $input) {
  involvement { locates } userErrors { field code } } }";
const AROUND: &str = "query($id: ID!) { child(id: $id) { involvements(first: 100) { nodes { agency { name } } }
  currentPlan { actions(first: 100) { nodes { description withheld owner { fullName } ownerAgency { name } } }
    coreGroup { members(first: 100) { nodes { agency { name } } } lastMeeting { invitations { nodes { agency { name } } } } } } }
  conferences(filter: {from: \"2026-12-08T10:00:00Z\", until: \"2026-12-08T10:00:01Z\"}) { nodes {
    invitations(first: 100) { nodes { agency { name } } }
    reports(first: 100) { nodes { withheld agency { name } author { fullName } } } } } }";

/// A school that is marked as locating is named to nobody who may not read the address.
async fn what_locates_a_child_is_told_to_the_list_only(app: App) {
    let child = app.first_child("social_worker").await;
    let id = json!({"id": child});
    let school = "Warwickshire Oakfield Primary School";
    for persona in ["police", "health_visitor", "early_help"] {
        assert!(app.data(persona, AROUND, id.clone()).await.to_string().contains(school), "{persona}, to begin with");
    }
    let query =
        "query($id: ID!) { child(id: $id) { involvements(first: 100) { nodes { id endsAt agency { name } } } } }";
    let involvements = app.data("social_worker", query, id.clone()).await;
    let nodes = involvements["child"]["involvements"]["nodes"].as_array().unwrap().clone();
    let of_school = nodes.iter().find(|n| n["agency"]["name"] == school && n["endsAt"].is_null()).unwrap();
    let mark = json!({"input": {"idempotencyKey": key(51), "involvementId": of_school["id"], "locates": true}});
    for persona in ["chair", "police"] {
        assert_eq!(app.code(persona, MARK, mark.clone()).await, "FORBIDDEN", "{persona}");
    }
    let done = app.data("social_worker", MARK, mark.clone()).await["markLocating"].clone();
    assert_eq!((&done["userErrors"], &done["involvement"]["locates"]), (&json!([]), &json!(true)), "{done}");
    assert_eq!(app.data("social_worker", MARK, mark).await["markLocating"], done, "a retry answers the same");
    assert_eq!(app.kinds("health_visitor").await, Vec::<String>::new());
    assert_eq!(app.kinds("police").await, ["INVOLVEMENT_MARKED"]);
    // police are on the list of the address, health and early help are not
    for (persona, told) in [
        ("social_worker", true),
        ("chair", true),
        ("police", true),
        ("school_dsl", true),
        ("health_visitor", false),
        ("early_help", false),
    ] {
        let around = app.data(persona, AROUND, id.clone()).await;
        let names = if persona == "chair" { around["conferences"].clone() } else { around };
        assert_eq!(names.to_string().contains(school), told, "{persona}: {names}");
    }
}

both!(one_item, super::an_item_is_read_by_its_list_only);
both!(restricted_section, super::the_chair_reads_and_narrows_the_restricted_section);
both!(address, super::a_protected_address_is_open_to_its_list);
both!(locating, super::what_locates_a_child_is_told_to_the_list_only);
both!(a_reason, super::it_is_told_to_who_says_why);
