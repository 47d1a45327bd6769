//! Duties beside the post: who gives them to whom, and for how long they hold.

use serde_json::{Value, json};

use crate::support::{App, key};

const GRANT: &str = "mutation($input: GrantDesignationInput!) { it: grantDesignation(input: $input) {
  designation { id kind startsAt endsAt practitioner { id } agency { name } } userErrors { field code } } }";
const END: &str = "mutation($input: EndDesignationInput!) { it: endDesignation(input: $input) {
  designation { endsAt } userErrors { field code } } }";

async fn practitioner(app: &App, persona: &str) -> Value {
    app.data(persona, "{ viewer { practitioner { id } } }", json!({})).await["viewer"]["practitioner"]["id"].clone()
}

async fn duties(app: &App, persona: &str) -> Value {
    app.data(persona, "{ viewer { designations } }", json!({})).await["viewer"]["designations"].clone()
}

fn input(n: u32, fields: &Value) -> Value {
    let mut fields = fields.clone();
    fields["idempotencyKey"] = key(n).into();
    json!({"input": fields})
}

async fn managers_give_and_end_duties(app: App) {
    assert_eq!(duties(&app, "service_manager").await, json!(["PRIVACY_OFFICER"]));
    assert_eq!(duties(&app, "privacy_officer").await, json!(["PRIVACY_OFFICER"]));
    let worker = practitioner(&app, "social_worker").await;
    let duty = json!({"practitionerId": worker, "kind": "LADO", "startsAt": "2026-11-25T09:00:00Z",
      "endsAt": "2026-11-26T09:00:00Z"});
    for persona in ["social_worker", "chair", "minute_taker", "system_admin", "auditor", "police", "health_visitor"] {
        assert_eq!(app.code(persona, GRANT, input(1, &duty)).await, "FORBIDDEN", "{persona}");
    }
    // nobody to themselves; nobody of another agency; nobody who runs or audits the system
    let to = |person: Value| input(2, &json!({"practitionerId": person, "kind": "LADO"}));
    let own = practitioner(&app, "team_manager").await;
    assert_eq!(app.code("team_manager", GRANT, to(own)).await, "FORBIDDEN");
    for persona in ["police", "auditor", "system_admin"] {
        let person = practitioner(&app, persona).await;
        let refused = app.data("team_manager", GRANT, to(person)).await["it"]["userErrors"].clone();
        assert_eq!(refused, json!([{"field": "practitionerId", "code": "UNKNOWN_REFERENCE"}]), "{persona}");
    }
    let mut past = duty.clone();
    past["startsAt"] = "2026-11-20T09:00:00Z".into();
    past["endsAt"] = "2026-11-20T08:00:00Z".into();
    let refused = app.data("team_manager", GRANT, input(3, &past)).await["it"]["userErrors"].clone();
    assert_eq!((&refused[0]["field"], &refused[1]["field"]), (&json!("startsAt"), &json!("endsAt")));

    let done = app.data("team_manager", GRANT, input(4, &duty)).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    assert_eq!(done["designation"]["agency"]["name"], "Warwickshire Children's Social Care");
    assert_eq!(app.data("team_manager", GRANT, input(4, &duty)).await["it"], done, "a retry answers the same");
    let again = app.data("service_manager", GRANT, input(5, &duty)).await["it"]["userErrors"][0]["code"].clone();
    assert_eq!(again, "ALREADY_DONE");
    // half-open: from its first instant until just before its last
    for (hours, held) in [(0, json!([])), (24, json!(["LADO"])), (24, json!([]))] {
        app.clock.advance(chrono::Duration::hours(hours));
        assert_eq!(duties(&app, "social_worker").await, held);
    }
    let listed = "{ viewer { agency { designations { nodes { kind practitioner { id } } } } } }";
    let listed = app.data("social_worker", listed, json!({})).await;
    let nodes = listed["viewer"]["agency"]["designations"]["nodes"].as_array().unwrap().clone();
    assert_eq!(nodes.len(), 3, "{nodes:?}");
    assert_eq!(nodes[0], json!({"kind": "LADO", "practitioner": {"id": worker}}), "the latest first");
}

async fn a_duty_ends_at_once(app: App) {
    let officer = "{ viewer { agency { designations { nodes { id kind } } } } }";
    let nodes =
        app.data("service_manager", officer, json!({})).await["viewer"]["agency"]["designations"]["nodes"].clone();
    let officer = nodes.as_array().unwrap().iter().find(|n| n["kind"] == "PRIVACY_OFFICER").unwrap()["id"].clone();
    let end = |n| input(n, &json!({"designationId": officer}));
    assert_eq!(app.code("service_manager", END, end(10)).await, "FORBIDDEN", "nobody their own");
    assert_eq!(app.code("social_worker", END, end(11)).await, "FORBIDDEN");
    assert_eq!(app.code("school_dsl", END, end(12)).await, "FORBIDDEN", "another agency's");
    let done = app.data("team_manager", END, end(13)).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    assert_eq!(duties(&app, "service_manager").await, json!([]));
    let again = app.data("team_manager", END, end(14)).await["it"]["userErrors"][0]["code"].clone();
    assert_eq!(again, "ALREADY_DONE");
}

async fn a_safeguarding_lead_gives_all_but_one(app: App) {
    let own = practitioner(&app, "school_dsl").await;
    let duty = |kind: &str| json!({"practitionerId": own, "kind": kind});
    assert_eq!(app.code("school_dsl", GRANT, input(20, &duty("PRIVACY_OFFICER"))).await, "FORBIDDEN", "not themselves");
    let other = practitioner(&app, "early_help").await;
    let elsewhere = json!({"practitionerId": other, "kind": "PRIVACY_OFFICER"});
    let refused = app.data("school_dsl", GRANT, input(21, &elsewhere)).await["it"]["userErrors"].clone();
    assert_eq!(refused, json!([{"field": "practitionerId", "code": "UNKNOWN_REFERENCE"}]));
    let lado = json!({"practitionerId": other, "kind": "LADO"});
    assert_eq!(app.code("school_dsl", GRANT, input(22, &lado)).await, "FORBIDDEN", "the authority's");
}

both!(managers, super::managers_give_and_end_duties);
both!(an_end, super::a_duty_ends_at_once);
both!(a_lead, super::a_safeguarding_lead_gives_all_but_one);
