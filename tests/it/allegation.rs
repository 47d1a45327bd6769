//! Allegations against professionals: who reads one, who has a receipt, and that to all others, and to whom it is about
//! whatever that person is besides, there is none.

use std::sync::atomic::Ordering;
use std::time::Duration;

use entity::id::{AgencyId, AllegationId, PractitionerId, ReaderListingId, TypedId as _};
use entity::{agency, appointment::Post, designation, reader_listing};
use quorate::graphql::id::split;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::{Value, json};

use crate::support::contents::connect;
use crate::support::samples::subject;
use crate::support::table::me;
use crate::support::{App, key};

const REFER: &str = "mutation ReferAllegation($input: ReferAllegationInput!) { it: referAllegation(input: $input) {
  allegation { id text status outcome version late referralDueAt withheld lead { id } readers { nodes { id } } }
  userErrors { field code } } }";
const LEAD: &str = "mutation($input: LeadAllegationInput!) { it: leadAllegation(input: $input) {
  allegation { version lead { id } } userErrors { field code } } }";
const CLOSE: &str = "mutation($input: CloseAllegationInput!) { it: closeAllegation(input: $input) {
  allegation { status outcome closedAt version } userErrors { field code } } }";
const LIST: &str = "mutation($input: ListReaderInput!) { it: listReader(input: $input) {
  readerListing { id allegation { version } } userErrors { field code } } }";
const UNLIST: &str = "mutation($input: UnlistReaderInput!) { it: unlistReader(input: $input) {
  readerListing { id } userErrors { field code } } }";
const READ: &str = "query($id: ID!) { allegation(id: $id) { id text status outcome closedAt version withheld
  lead { id } child { id } subject { fullName } readers { nodes { id practitioner { id } } } } }";
const NODE: &str = "query($id: ID!) { node(id: $id) { id } }";
const ALL: &str = "query($status: AllegationStatus) { allegations(status: $status, first: 100) { nodes { id }
  pageInfo { hasNextPage endCursor } } }";
const CALL: &str = "mutation($input: CallStrategyMeetingInput!) { it: callStrategyMeeting(input: $input) {
  strategyMeeting { id allegation { id } } userErrors { field code } } }";
const MEETING: &str = "query($id: ID!) { strategyMeeting(id: $id) { id reason allegation { id }
  children { nodes { id child { id } } } invitations { nodes { id } } } }";
const CONFLICTS: &str = "query($id: ID!) { child(id: $id) { conflicts(first: 100) { nodes { id kind } } } }";

async fn listed(app: &App, persona: &str, status: Value) -> Vec<Value> {
    let data = app.data(persona, ALL, json!({"status": status})).await;
    data["allegations"]["nodes"].as_array().unwrap().iter().map(|n| n["id"].clone()).collect()
}

/// The allegation of the demo.
async fn first(app: &App) -> Value {
    listed(app, "lado", Value::Null).await[0].clone()
}

/// An allegation that a persona refers about another.
async fn refer(app: &App, n: u32, by: &str, about: &str, child: &Value) -> Value {
    let whose = app.data(about, "{ viewer { practitioner { id } agency { id } } }", json!({})).await["viewer"].clone();
    let input = json!({"input": {"idempotencyKey": key(n), "practitionerId": whose["practitioner"]["id"],
      "agencyId": whose["agency"]["id"], "childId": child, "text": "Said to have struck a child.",
      "knownAt": "2026-11-20T15:00:00Z"}});
    let done = app.data(by, REFER, input.clone()).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    assert_eq!(app.data(by, REFER, input).await["it"], done, "a retry answers the same");
    done["allegation"].clone()
}

async fn lead(app: &App, n: u32, id: &Value, version: i64) {
    let input = json!({"input": {"idempotencyKey": key(n), "allegationId": id, "expectedVersion": version,
      "leadId": me(app, "service_manager").await}});
    let done = app.data("lado", LEAD, input.clone()).await["it"].clone();
    assert_eq!((&done["userErrors"], &done["allegation"]["version"]), (&json!([]), &json!(version + 1)), "{done}");
    assert_eq!(app.data("lado", LEAD, input).await["it"], done, "a retry answers the same");
}

/// To this persona there is no such thing: by no id, in no list, in no event, for no change.
async fn knows_nothing(app: &App, persona: &str, id: &Value) {
    let by_id = json!({"id": id});
    if persona == "agency_system" {
        // reads nothing at all
        assert_eq!(app.code(persona, READ, by_id).await, "FORBIDDEN");
        return;
    }
    assert_eq!(app.code(persona, READ, by_id.clone()).await, "NOT_FOUND", "{persona}");
    assert_eq!(app.code(persona, NODE, by_id).await, "NOT_FOUND", "{persona}");
    for status in [Value::Null, json!("OPEN"), json!("CLOSED")] {
        assert!(!listed(app, persona, status).await.contains(id), "{persona}");
    }
    let told: Vec<_> = app.kinds(persona).await.into_iter().filter(|kind| kind.starts_with("ALLEGATION")).collect();
    assert!(told.is_empty(), "{persona}: {told:?}");
    // a token that changes nothing is refused before anything is looked for
    let refusal = if ["system_admin", "auditor"].contains(&persona) { "FORBIDDEN" } else { "NOT_FOUND" };
    let person = me(app, "service_manager").await;
    let close = json!({"input": {"idempotencyKey": key(900), "allegationId": id, "expectedVersion": 1,
      "outcome": "FALSE"}});
    assert_eq!(app.code(persona, CLOSE, close).await, refusal, "{persona}");
    let lead = json!({"input": {"idempotencyKey": key(901), "allegationId": id, "expectedVersion": 1,
      "leadId": person}});
    assert_eq!(app.code(persona, LEAD, lead).await, refusal, "{persona}");
    let list = json!({"input": {"idempotencyKey": key(902), "on": {"allegation": {"id": id, "expectedVersion": 1}},
      "agencyId": app.agency("Warwickshire Police").await, "practitionerId": me(app, "police").await}});
    assert_eq!(app.code(persona, LIST, list).await, refusal, "{persona}");
}

fn bare(id: &Value) -> uuid::Uuid {
    split(&id.as_str().unwrap().into()).unwrap().1
}

async fn is_read_by_few(app: App) {
    let id = first(&app).await;
    let by_id = json!({"id": id});
    for persona in ["lado", "service_manager", "police"] {
        let it = app.data(persona, READ, by_id.clone()).await["allegation"].clone();
        assert!(it["text"].as_str().unwrap().contains("took hold of her arm"), "{persona}: {it}");
        assert_eq!((&it["status"], &it["version"], &it["withheld"]), (&json!("OPEN"), &json!(3), &json!([])));
        assert_eq!(it["lead"]["id"], me(&app, "service_manager").await);
        // the whole list for the LADO, the own entry for who is on it
        let entries = it["readers"]["nodes"].as_array().unwrap().len();
        assert_eq!(entries, usize::from(persona != "service_manager"), "{persona}");
        assert_eq!(listed(&app, persona, json!("OPEN")).await, std::slice::from_ref(&id));
        assert!(listed(&app, persona, json!("CLOSED")).await.is_empty());
    }
    // a receipt: that and when it was sent, and its own text
    let it = app.data("school_dsl", READ, by_id.clone()).await["allegation"].clone();
    assert!(it["text"].is_string() && it["subject"]["fullName"] == "Mr Owen Price", "{it}");
    for field in ["status", "outcome", "closedAt", "version", "lead"] {
        assert_eq!(it[field], Value::Null, "{field}");
    }
    assert_eq!((&it["withheld"], &it["readers"]["nodes"]), (&json!(["ALLEGATION"]), &json!([])));
    assert_eq!(listed(&app, "school_dsl", Value::Null).await, std::slice::from_ref(&id));
    assert!(listed(&app, "school_dsl", json!("OPEN")).await.is_empty(), "where it stands is not told by a filter");
    for persona in quorate::demo::personas() {
        if !["lado", "service_manager", "police", "school_dsl"].contains(&persona.key) {
            knows_nothing(&app, persona.key, &id).await;
        }
    }
    // the LADO of another authority
    let db = connect(&app.url).await;
    let elsewhere = agency::Entity::find().filter(agency::Column::Name.eq("Bristol Children's Social Care"));
    let elsewhere = elsewhere.one(&db).await.unwrap().unwrap().id;
    let other = designation::Entity::find()
        .filter(designation::Column::Kind.eq(designation::Kind::Lado))
        .filter(designation::Column::AgencyId.eq(elsewhere));
    let other = other.one(&db).await.unwrap().unwrap().practitioner_id;
    let token = app.sign(&app.claims_of(other, elsewhere, Post::Chair, "read"));
    let (_, body) = app.post(&token, json!({"query": READ, "variables": by_id}).to_string()).await;
    assert_eq!(body["errors"][0]["extensions"]["code"], "NOT_FOUND", "{body}");
    // whom it is about, at a school that is no persona's
    let token = token_of_subject(&app).await;
    for query in [READ, NODE] {
        let (_, body) = app.post(&token, json!({"query": query, "variables": by_id}).to_string()).await;
        assert_eq!(body["errors"][0]["extensions"]["code"], "NOT_FOUND", "{body}");
    }
    let (_, body) = app
        .post(
            &token,
            json!({"query": "{ allegations { nodes { id } } events(first: 100) {
      nodes { kind } } }"})
            .to_string(),
        )
        .await;
    assert_eq!(body["data"]["allegations"]["nodes"], json!([]));
    assert!(!body.to_string().contains("ALLEGATION"), "{body}");
}

async fn token_of_subject(app: &App) -> String {
    let (person, agency) = subject(app).await;
    let (person, agency) = (PractitionerId::of(bare(&person)), AgencyId::of(bare(&agency)));
    app.sign(&app.claims_of(person, agency, Post::SafeguardingLead, "read submit subscribe"))
}

async fn nothing_without_a_reason(app: App) {
    let id = first(&app).await;
    let nobody = quorate::graphql::id::global(AllegationId(uuid::Uuid::nil()));
    let code = async |persona: &str, query: &str, variables: Value| {
        app.ask_because(None, persona, query, variables).await["errors"][0]["extensions"]["code"].clone()
    };
    for persona in ["lado", "social_worker"] {
        for id in [json!(id), json!(nobody.as_str())] {
            // the same whether it is there or not
            assert_eq!(code(persona, READ, json!({"id": id})).await, "REASON_REQUIRED", "{persona}");
            assert_eq!(code(persona, NODE, json!({"id": id})).await, "REASON_REQUIRED", "{persona}");
        }
        assert_eq!(code(persona, ALL, json!({})).await, "REASON_REQUIRED", "{persona}");
    }
    let query = "{ events(kinds: [ALLEGATION_REFERRED]) { nodes { kind allegation { text } } } }";
    let body = app.ask_because(None, "lado", query, json!({})).await;
    assert_eq!(body["errors"][0]["extensions"]["code"], "REASON_REQUIRED");
    assert_eq!(body["data"]["events"]["nodes"][0], json!({"kind": "ALLEGATION_REFERRED", "allegation": null}));
    let close = json!({"input": {"idempotencyKey": key(1), "allegationId": id, "expectedVersion": 3,
      "outcome": "FALSE"}});
    assert_eq!(code("lado", CLOSE, close).await, "REASON_REQUIRED");
    assert_eq!(app.data("lado", READ, json!({"id": id})).await["allegation"]["status"], "OPEN", "nothing was done");
}

/// From the referral to the outcome, with a social worker who had the child.
async fn runs_to_its_outcome(app: App) {
    let child = app.first_child("social_worker").await;
    let of_child = json!({"id": child});
    let open = "query($id: ID!) { child(id: $id) { id } }";
    let before = app.data("team_manager", CONFLICTS, of_child.clone()).await;
    let led = app.data("service_manager", CONFLICTS, of_child.clone()).await;
    let since = app.last_event("social_worker").await.unwrap();
    let input = |n: u32, person: &Value, agency: &Value| {
        json!({"input": {"idempotencyKey": key(n), "practitionerId": person, "agencyId": agency, "childId": child,
          "text": "Said to have struck a child.", "knownAt": "2026-11-23T15:00:00Z"}})
    };
    let worker = me(&app, "social_worker").await;
    let csc = app.agency("Warwickshire Children's Social Care").await;
    for persona in ["early_help", "housing", "system_admin", "auditor", "agency_system", "social_worker"] {
        assert_eq!(app.code(persona, REFER, input(9, &worker, &csc)).await, "FORBIDDEN", "{persona}");
    }
    let police = app.agency("Warwickshire Police").await;
    let mut wrong = input(9, &worker, &police);
    wrong["input"]["knownAt"] = "2026-11-24T09:30:00Z".into();
    let refused = app.data("health_visitor", REFER, wrong).await["it"].clone();
    let expected = json!([{"field": "practitionerId", "code": "UNKNOWN_REFERENCE"},
      {"field": "knownAt", "code": "WRONG_TIME"}]);
    assert_eq!(refused["userErrors"], expected);
    let refused = app.data("police_elsewhere", REFER, input(9, &worker, &csc)).await["it"].clone();
    assert_eq!(refused["userErrors"], json!([{"field": "childId", "code": "UNKNOWN_REFERENCE"}]));
    let mut dry = input(9, &worker, &csc);
    dry["input"]["dryRun"] = true.into();
    let dry = app.data("health_visitor", REFER, dry).await["it"].clone();
    assert_eq!(dry, json!({"allegation": null, "userErrors": []}));
    assert_eq!(app.data("social_worker", open, of_child.clone()).await["child"]["id"], child, "nothing was done");
    let on_time = app.data("health_visitor", REFER, input(8, &worker, &csc)).await["it"].clone();
    assert_eq!(
        // within a working day of when it was known (WAR-SM-04)
        (&on_time["allegation"]["late"], &on_time["allegation"]["referralDueAt"]),
        (&json!(false), &json!("2026-11-25T00:00:00+00:00")),
        "{on_time}"
    );

    // the child is closed to the person, and to nobody else; nobody but the readers learns why
    assert_eq!(app.code("social_worker", open, of_child.clone()).await, "NOT_FOUND");
    let it = refer(&app, 10, "health_visitor", "social_worker", &child).await;
    assert_eq!((&it["late"], &it["status"], &it["withheld"]), (&json!(true), &Value::Null, &json!(["ALLEGATION"])));
    let id = it["id"].clone();
    for persona in ["social_worker", "team_manager", "service_manager", "chair", "police", "school_dsl"] {
        knows_nothing(&app, persona, &id).await;
    }
    assert_eq!(app.data("team_manager", CONFLICTS, of_child.clone()).await, before);
    // the one of the demo, which the service manager leads on
    assert_eq!(app.data("service_manager", CONFLICTS, of_child.clone()).await, led);
    // nor by trying: a manager who records a conflict of the person hears of none before it
    let conflict = "mutation($input: RecordConflictInput!) { it: recordConflict(input: $input) {
      userErrors { code } } }";
    let of_worker = json!({"input": {"idempotencyKey": key(11), "childId": child, "kind": "PERSONAL",
      "practitionerId": worker, "reason": "Neighbours."}});
    assert_eq!(app.data("team_manager", conflict, of_worker).await["it"]["userErrors"], json!([]));
    assert_eq!(app.kinds("health_visitor").await, ["ALLEGATION_REFERRED", "ALLEGATION_REFERRED"]);
    let heard = app
        .overhear(
            "social_worker",
            &format!("subscription {{ events(after: \"{since}\") {{ kind }} }}"),
            Duration::from_millis(700),
            0,
        )
        .await;
    assert!(!heard.contains("ALLEGATION") && !heard.contains("CONFLICT"), "{heard}");

    lead(&app, 12, &id, 1).await;
    let conflicts = app.data("service_manager", CONFLICTS, of_child.clone()).await;
    let count = |data: &Value| data["child"]["conflicts"]["nodes"].as_array().unwrap().len();
    // with the one that the team manager recorded
    assert_eq!(count(&conflicts), count(&led) + 2, "who leads is told: {conflicts}");
    let stale = json!({"input": {"idempotencyKey": key(13), "allegationId": id, "expectedVersion": 1,
      "leadId": me(&app, "service_manager").await}});
    assert_eq!(app.code("lado", LEAD, stale).await, "CONFLICT");
    let by_leader = json!({"input": {"idempotencyKey": key(14), "allegationId": id, "expectedVersion": 2,
      "leadId": me(&app, "service_manager").await}});
    assert_eq!(app.code("service_manager", LEAD, by_leader.clone()).await, "FORBIDDEN");
    for (person, code) in [(me(&app, "team_manager").await, "UNKNOWN_REFERENCE"), (worker.clone(), "RULE_REFUSED")] {
        let mut input = by_leader.clone();
        input["input"]["leadId"] = person;
        let refused = app.data("lado", LEAD, input).await["it"]["userErrors"].clone();
        assert_eq!(refused, json!([{"field": "leadId", "code": code}]));
    }
    reader_list(&app, &id, &worker).await;
    closing(&app, &id).await;
}

async fn reader_list(app: &App, id: &Value, worker: &Value) {
    let csc = app.agency("Warwickshire Children's Social Care").await;
    let police = app.agency("Warwickshire Police").await;
    let list = |n: u32, agency: &Value, person: Value| {
        json!({"input": {"idempotencyKey": key(n), "on": {"allegation": {"id": id, "expectedVersion": 2}},
          "agencyId": agency, "practitionerId": person}})
    };
    let officer = me(app, "police").await;
    for persona in ["service_manager", "health_visitor"] {
        assert_eq!(app.code(persona, LIST, list(20, &police, officer.clone())).await, "FORBIDDEN", "{persona}");
    }
    for (agency, person, code) in
        [(&police, Value::Null, "REQUIRED"), (&csc, Value::Null, "REQUIRED"), (&csc, worker.clone(), "RULE_REFUSED")]
    {
        let refused = app.data("lado", LIST, list(21, agency, person)).await["it"]["userErrors"].clone();
        assert_eq!(refused, json!([{"field": "practitionerId", "code": code}]));
    }
    let auditor = app.data("lado", LIST, list(22, &csc, me(app, "auditor").await)).await["it"].clone();
    assert_eq!(auditor["userErrors"][0]["code"], "RULE_REFUSED", "no list opens it to who audits");
    let done = app.data("lado", LIST, list(23, &police, officer.clone())).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    assert_eq!(done["readerListing"]["allegation"]["version"], 3);
    assert_eq!(app.data("lado", LIST, list(23, &police, officer)).await["it"]["userErrors"], json!([]), "a retry");
    let read = app.data("police", READ, json!({"id": id})).await["allegation"].clone();
    assert_eq!((&read["status"], &read["text"]), (&json!("OPEN"), &json!("Said to have struck a child.")));
    knows_nothing(app, "privacy_officer", id).await;
    app.clock.advance(chrono::Duration::seconds(1));
    let off = json!({"input": {"idempotencyKey": key(24), "readerListingId": done["readerListing"]["id"]}});
    assert_eq!(app.code("police", UNLIST, off.clone()).await, "FORBIDDEN", "one's own entry");
    assert_eq!(app.code("service_manager", UNLIST, off.clone()).await, "NOT_FOUND");
    assert_eq!(app.data("lado", UNLIST, off).await["it"]["userErrors"], json!([]));
    assert_eq!(app.code("police", READ, json!({"id": id})).await, "NOT_FOUND");
    // were the person on the list in spite of all, it would open nothing
    let row = reader_listing::Model {
        id: ReaderListingId(app.clock.new_id()),
        restricted_item_id: None,
        household_id: None,
        allegation_id: Some(AllegationId(bare(id))),
        agency_id: AgencyId(bare(&csc)),
        practitioner_id: Some(PractitionerId(bare(worker))),
        starts_at: app.clock.now(),
        ends_at: None,
        listed_by: PractitionerId(bare(&me(app, "lado").await)),
    };
    row.into_active_model().insert(&connect(&app.url).await).await.unwrap();
    knows_nothing(app, "social_worker", id).await;
}

async fn closing(app: &App, id: &Value) {
    let close = |n: u32, version: i64| {
        json!({"input": {"idempotencyKey": key(n), "allegationId": id, "expectedVersion": version,
          "outcome": "UNSUBSTANTIATED"}})
    };
    assert_eq!(app.code("health_visitor", CLOSE, close(30, 4)).await, "FORBIDDEN", "who referred it");
    assert_eq!(app.code("lado", CLOSE, close(31, 3)).await, "CONFLICT");
    let done = app.data("service_manager", CLOSE, close(32, 4)).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    assert_eq!(
        (&done["allegation"]["status"], &done["allegation"]["outcome"]),
        (&json!("CLOSED"), &json!("UNSUBSTANTIATED"))
    );
    assert_eq!(app.data("service_manager", CLOSE, close(32, 4)).await["it"], done, "a retry answers the same");
    let again = app.data("lado", CLOSE, close(33, 5)).await["it"].clone();
    assert_eq!(again["userErrors"], json!([{"field": "allegationId", "code": "ALREADY_CONCLUDED"}]));
    // the receipt tells nothing of it
    let receipt = app.data("health_visitor", READ, json!({"id": id})).await["allegation"].clone();
    assert_eq!(
        (&receipt["status"], &receipt["outcome"], &receipt["closedAt"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert!(listed(app, "health_visitor", json!("CLOSED")).await.is_empty());
    assert_eq!(app.kinds("health_visitor").await, ["ALLEGATION_REFERRED", "ALLEGATION_REFERRED"]);
    let told = app.kinds("lado").await;
    assert_eq!(told.iter().filter(|kind| *kind == "ALLEGATION_CLOSED").count(), 1, "{told:?}");
    assert!(app.kinds("service_manager").await.contains(&"ALLEGATION_CLOSED".to_owned()));
    knows_nothing(app, "social_worker", id).await;
    knows_nothing(app, "team_manager", id).await;
}

/// The record of a child tells nobody that somebody referred or read an allegation that names it.
async fn the_record_of_the_child_is_silent(app: App) {
    let child = app.first_child("team_manager").await;
    let it = refer(&app, 40, "health_visitor", "social_worker", &child).await;
    lead(&app, 41, &it["id"], 1).await;
    let named = READ.replace("query(", "query ReadAllegation(");
    app.data("service_manager", &named, json!({"id": it["id"]})).await;
    let log = "query($id: ID!) { accessLog(childId: $id, first: 100) { nodes { resource operationName categories
      decision practitioner { id } } } }";
    for persona in ["team_manager", "service_manager", "auditor"] {
        let read = app.data(persona, log, json!({"id": child})).await.to_string();
        assert!(read.contains("\"Child\""), "{persona}: something was read");
        assert!(!read.to_lowercase().contains("allegation"), "{persona}: {read}");
    }
    app.api.upkeep().await.unwrap();
    let review = "{ accessReview { entries(kind: CONFLICT, first: 100) { nodes { practitioner { id } } } } }";
    let worker = me(&app, "social_worker").await;
    let review = app.data("auditor", review, json!({})).await;
    assert!(!review.to_string().contains(worker.as_str().unwrap()), "{review}");
    // an auditor whom it is about does not audit the child
    let of_auditor = refer(&app, 42, "health_visitor", "auditor", &child).await;
    assert_eq!(app.code("auditor", log, json!({"id": child})).await, "NOT_FOUND");
    knows_nothing(&app, "auditor", &of_auditor["id"]).await;
}

/// The LADO looks into all but those about the LADO.
async fn the_accused_is_the_lado(app: App) {
    let it = refer(&app, 50, "police", "lado", &Value::Null).await;
    knows_nothing(&app, "lado", &it["id"]).await;
    assert_eq!(app.data("police", READ, json!({"id": it["id"]})).await["allegation"]["id"], it["id"], "the receipt");
    assert!(app.kinds("lado").await.is_empty());
}

async fn agencies(app: &App) -> [Value; 2] {
    [app.agency("Warwickshire Police").await, app.agency("Warwickshire Community Health Trust").await]
}

async fn meetings_about_professionals(app: App) {
    let child = app.first_child("team_manager").await;
    let it = refer(&app, 60, "health_visitor", "social_worker", &Value::Null).await;
    let id = it["id"].clone();
    let [police, health] = agencies(&app).await;
    let worker = me(&app, "social_worker").await;
    let csc = app.agency("Warwickshire Children's Social Care").await;
    let input = |n: u32| {
        json!({"input": {"idempotencyKey": key(n), "childIds": [child], "reason": "What was said of a colleague.",
          "scheduledAt": "2026-11-24T09:00:00Z", "allegationId": id,
          "invitees": [{"agencyId": police}, {"agencyId": health}]}})
    };
    let refusal = async |persona: &str, input: Value| app.data(persona, CALL, input).await["it"]["userErrors"].clone();
    let refused = refusal("team_manager", input(61)).await;
    assert_eq!(refused[0], json!({"field": "allegationId", "code": "RULE_REFUSED"}), "{refused}");
    let unknown = json!([{"field": "allegationId", "code": "UNKNOWN_REFERENCE"}]);
    assert_eq!(refusal("service_manager", input(62)).await, unknown, "who does not read it");
    let mut absent = input(63);
    absent["input"]["allegationId"] = quorate::graphql::id::global(AllegationId(uuid::Uuid::nil())).as_str().into();
    assert_eq!(refusal("service_manager", absent).await, unknown, "in the same words");
    lead(&app, 64, &id, 1).await;
    let mut with_accused = input(65);
    let invitees = with_accused["input"]["invitees"].as_array_mut().unwrap();
    invitees.push(json!({"agencyId": csc, "practitionerId": worker}));
    let expected = json!([{"field": "invitees.2.practitionerId", "code": "UNKNOWN_REFERENCE"}]);
    assert_eq!(refusal("service_manager", with_accused).await, expected);
    for leader in [me(&app, "team_manager").await, worker.clone()] {
        let mut led = input(66);
        led["input"]["leadId"] = leader;
        let expected = json!([{"field": "leadId", "code": "UNKNOWN_REFERENCE"}]);
        assert_eq!(refusal("service_manager", led).await, expected, "an Operations Manager leads (WAR-SM-06)");
    }
    let counts = "{ nonAttendance(filter: {from: \"2026-11-24\", until: \"2026-11-25\",
      meetingKind: STRATEGY_MEETING}, groupBy: []) { buckets { invitations } } }";
    let before = app.data("chair", counts, json!({})).await;
    let open = "query($id: ID!) { child(id: $id) { id } }";
    assert!(app.data("social_worker", open, json!({"id": child})).await["child"].is_object());
    let done = app.data("service_manager", CALL, input(67)).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    assert_eq!(done["strategyMeeting"]["allegation"]["id"], id);
    assert_eq!(app.data("service_manager", CALL, input(67)).await["it"], done, "a retry answers the same");
    let meeting = json!({"id": done["strategyMeeting"]["id"]});
    for (persona, allegation, children) in [("service_manager", true, 1), ("lado", true, 0), ("police", false, 1)] {
        let seen = app.data(persona, MEETING, meeting.clone()).await["strategyMeeting"].clone();
        assert_eq!(seen["reason"], "What was said of a colleague.", "{persona}");
        assert_eq!(seen["allegation"].is_object(), allegation, "{persona}: {seen}");
        assert_eq!(seen["children"]["nodes"].as_array().unwrap().len(), children, "{persona}");
        assert!(app.kinds(persona).await.contains(&"STRATEGY_MEETING_CALLED".to_owned()), "{persona}");
    }
    // whom it is about has lost the child; the manager of that person keeps it and hears of no meeting
    assert_eq!(app.code("social_worker", open, json!({"id": child})).await, "NOT_FOUND");
    let log = "query($id: ID!) { accessLog(childId: $id, first: 100) { nodes { resource operationName } } }";
    for persona in ["social_worker", "team_manager", "school_dsl"] {
        assert_eq!(app.code(persona, MEETING, meeting.clone()).await, "NOT_FOUND", "{persona}");
        let all = app.data(persona, "{ strategyMeetings(first: 100) { nodes { id } } }", json!({})).await;
        assert!(!all.to_string().contains(meeting["id"].as_str().unwrap()), "{persona}");
        assert!(app.kinds(persona).await.is_empty(), "{persona}");
    }
    for persona in ["team_manager", "auditor"] {
        let read = app.data(persona, log, json!({"id": child})).await.to_string();
        assert!(!read.contains("StrategyMeeting") && !read.contains("llegation"), "{persona}: {read}");
    }
    app.clock.advance(chrono::Duration::minutes(1));
    assert_eq!(app.data("chair", counts, json!({})).await, before, "nor is it counted");
    record_outcome(&app, &meeting["id"], &child).await;
    let read = app.data("team_manager", log, json!({"id": child})).await.to_string();
    assert!(!read.contains("StrategyMeeting"), "{read}");
}

async fn record_outcome(app: &App, id: &Value, child: &Value) {
    let record =
        "mutation($input: RecordStrategyMeetingOutcomeInput!) { it: recordStrategyMeetingOutcome(input: $input) {
      strategyMeeting { status } userErrors { field code } } }";
    let input = json!({"input": {"idempotencyKey": key(68), "strategyMeetingId": id, "expectedVersion": 1,
      "heldAt": "2026-11-24T09:00:30Z", "outcomeSummary": "To be looked into.",
      "decisions": [{"childId": child, "decision": "NO_FURTHER_ACTION"}]}});
    assert_eq!(app.code("team_manager", record, input.clone()).await, "NOT_FOUND");
    assert_eq!(app.data("service_manager", record, input).await["it"]["userErrors"], json!([]));
}

/// The agency of the person is asked; the person is not.
async fn the_accused_is_of_an_invited_agency(app: App) {
    let child = app.first_child("police").await;
    let it = refer(&app, 70, "school_dsl", "police", &Value::Null).await;
    lead(&app, 71, &it["id"], 1).await;
    let [police, health] = agencies(&app).await;
    let call = async |n: u32, of_police: Value| {
        let input = json!({"input": {"idempotencyKey": key(n), "childIds": [child], "reason": "An officer's behaviour.",
          "scheduledAt": "2026-11-24T12:00:00Z", "allegationId": it["id"],
          "invitees": [of_police, {"agencyId": health}]}});
        let done = app.data("service_manager", CALL, input).await["it"].clone();
        assert_eq!(done["userErrors"], json!([]), "{done}");
        done
    };
    // the whole agency was asked: nobody there hears of what is about a colleague
    let whole = call(78, json!({"agencyId": police})).await["strategyMeeting"]["id"].clone();
    for persona in ["privacy_officer", "police"] {
        assert_eq!(app.code(persona, MEETING, json!({"id": whole})).await, "NOT_FOUND", "{persona}");
        assert!(app.kinds(persona).await.is_empty(), "{persona}");
    }
    let asked = app.data("service_manager", MEETING, json!({"id": whole})).await["strategyMeeting"].clone();
    for node in asked["invitations"]["nodes"].as_array().unwrap() {
        assert_eq!(app.code("privacy_officer", NODE, json!({"id": node["id"]})).await, "NOT_FOUND", "{node}");
    }
    assert!(app.data("health_visitor", MEETING, json!({"id": whole})).await["strategyMeeting"].is_object());
    // one of its people was asked by name
    let officer = app.data("privacy_officer", "{ viewer { practitioner { id } } }", json!({})).await;
    let officer = json!({"agencyId": police, "practitionerId": officer["viewer"]["practitioner"]["id"]});
    let done = call(72, officer).await;
    let meeting = json!({"id": done["strategyMeeting"]["id"]});
    let seen = app.data("privacy_officer", MEETING, meeting.clone()).await["strategyMeeting"].clone();
    let invitation = seen["invitations"]["nodes"][0]["id"].clone();
    assert!(invitation.is_string(), "asked by name: {seen}");
    assert_eq!(app.code("police", MEETING, meeting.clone()).await, "NOT_FOUND");
    assert_eq!(app.code("police", NODE, meeting).await, "NOT_FOUND");
    assert_eq!(app.code("police", NODE, json!({"id": invitation})).await, "NOT_FOUND");
    assert!(app.kinds("police").await.is_empty());
    assert_eq!(
        app.code("police", "query($id: ID!) { child(id: $id) { id } }", json!({"id": child})).await,
        "NOT_FOUND"
    );
    // were the conflict of interest ended, the meeting would still not be theirs
    let conflicts = app.data("service_manager", CONFLICTS, json!({"id": child})).await;
    let conflicts = conflicts["child"]["conflicts"]["nodes"].as_array().unwrap().clone();
    app.clock.advance(chrono::Duration::seconds(1));
    let end = "mutation($input: EndConflictInput!) { it: endConflict(input: $input) { userErrors { code } } }";
    for (n, conflict) in (73..).zip(conflicts.iter().filter(|c| c["kind"] == "ALLEGATION_SUBJECT")) {
        let input = json!({"input": {"idempotencyKey": key(n), "conflictId": conflict["id"]}});
        assert_eq!(app.data("service_manager", end, input).await["it"]["userErrors"], json!([]));
    }
    app.clock.advance(chrono::Duration::seconds(1));
    let child_again = app
        .data(
            "police",
            "query($id: ID!) { child(id: $id) { id
      involvements(first: 100) { nodes { basis } } } }",
            json!({"id": child}),
        )
        .await;
    assert!(child_again["child"].is_object() && !child_again.to_string().contains("STRATEGY_INVITATION"));
    let meeting = json!({"id": done["strategyMeeting"]["id"]});
    assert_eq!(app.code("police", MEETING, meeting).await, "NOT_FOUND");
    assert_eq!(app.code("police", NODE, json!({"id": invitation})).await, "NOT_FOUND");
    let told = app.kinds("police").await;
    assert!(told.is_empty(), "{told:?}");
}

/// Statements do not grow with rows.
async fn a_list_is_one_query(app: App) {
    for n in 80..86 {
        refer(&app, n, "school_dsl", "health_elsewhere", &Value::Null).await;
    }
    let query = "query($n: Int!) { allegations(first: $n) { nodes { id text status version withheld lead { id }
      subject { id } referringAgency { id } child { id } readers { nodes { id } } } } }";
    for persona in ["lado", "school_dsl"] {
        let mut counts = Vec::new();
        for n in [1, 50] {
            app.data(persona, query, json!({"n": n})).await;
            let before = app.statements.load(Ordering::SeqCst);
            let data = app.data(persona, query, json!({"n": n})).await;
            counts.push(app.statements.load(Ordering::SeqCst) - before);
            assert_eq!(data["allegations"]["nodes"].as_array().unwrap().len(), if n == 1 { 1 } else { 7 });
        }
        // the post, the list, what is read in whole, people, agencies, child, reader lists, four for the record; where
        // the fields of a level ask at different moments, some of these twice
        assert!(counts.iter().all(|n| *n <= 18), "{persona}: {counts:?}");
    }
}

both!(readers, super::is_read_by_few);
both!(reasons, super::nothing_without_a_reason);
both!(a_life, super::runs_to_its_outcome);
both!(records, super::the_record_of_the_child_is_silent);
both!(lado, super::the_accused_is_the_lado);
both!(meetings, super::meetings_about_professionals);
both!(invited, super::the_accused_is_of_an_invited_agency);
both!(statements, super::a_list_is_one_query);
