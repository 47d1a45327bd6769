//! The steps of a process through the API, each as the persona whose step it is: what the tests of records and profiles are
//! told in.

use entity::id::{AgencyId, ChildId, ConferenceId, MembershipId, PersonId, TypedId as _};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::{Value, json};

use super::contents::{connect, texts};
use super::table::{ATTEND, READ};
use super::{App, key};

const WRITE: &str = "mutation($input: RecordEntriesInput!) { it: recordEntries(input: $input) {
  record { kind entries(first: 100) { nodes { id item line choice number at text timescale reasonNot supersededAt
    child { id } agency { name } } } } userErrors { field code message } } }";

const FINISH: &str = "mutation($input: FinishStepInput!) { it: finishStep(input: $input) {
  record { finishedSteps { nodes { step finishedBy { id } } } } userErrors { field code message } } }";

const ISSUE: &str = "mutation($input: IssueDocumentInput!) { it: issueDocument(input: $input) {
  document { id document unfinished copies(first: 100) { nodes { id agency { name } person { id } receivedAt } } }
  userErrors { field code } } }";

const MISSING: &str = "query($id: ID!) { node(id: $id) {
  ... on StrategyMeeting { record { missing { item step hold rules child { id } agency { name } person { id } } } }
  ... on Enquiry { record { missing { item step hold rules child { id } agency { name } person { id } } } }
  ... on Conference { record { missing { item step hold rules child { id } agency { name } person { id } } } }
  ... on CoreGroupMeeting { record { missing { item step hold rules child { id } agency { name } person { id } } } }
  ... on Plan { record { missing { item step hold rules child { id } agency { name } person { id } } } } } }";

/// Has the authority of the personas go by another practice, before anybody has asked it anything.
pub async fn go_by(app: &App, profile: &str) {
    let db = connect(&app.url).await;
    let sql = format!("UPDATE local_authority SET profile = '{profile}' WHERE code = '937' RETURNING name");
    assert_eq!(texts(&db, &sql).await.len(), 1);
}

/// Has children live in the household of the first of them, past the program.
pub async fn live_together(app: &App, children: &[Value]) {
    use entity::membership;
    let db = connect(&app.url).await;
    let ids = children.iter().map(|each| {
        let (_, id) = quorate::graphql::id::split(&each.as_str().unwrap().into()).unwrap();
        ChildId::of(id)
    });
    let ids: Vec<_> = ids.collect();
    let of = membership::Entity::find().filter(membership::Column::ChildId.eq(ids[0]));
    let household = of.filter(membership::Column::EndsOn.is_null()).one(&db).await.unwrap().unwrap().household_id;
    let moved = membership::Entity::update_many()
        .col_expr(membership::Column::HouseholdId, Expr::val(household))
        .filter(membership::Column::ChildId.is_in(ids))
        .filter(membership::Column::EndsOn.is_null())
        .exec(&db)
        .await
        .unwrap();
    assert_eq!(moved.rows_affected, children.len() as u64);
}

/// Gives the children of an adult another one with parental responsibility, past the program.
pub async fn another_parent(app: &App, like: &Value) {
    use entity::{membership, person};
    let (db, ids) = (connect(&app.url).await, quorate::clock::Clock::system());
    let (_, id) = quorate::graphql::id::split(&like.as_str().unwrap().into()).unwrap();
    let mut one = person::Entity::find_by_id(PersonId::of(id)).one(&db).await.unwrap().unwrap();
    let at_home = membership::Entity::find().filter(membership::Column::PersonId.eq(one.id));
    let mut lives = at_home.filter(membership::Column::EndsOn.is_null()).one(&db).await.unwrap().unwrap();
    one.id = PersonId(ids.new_id());
    (lives.id, lives.person_id) = (MembershipId(ids.new_id()), Some(one.id));
    person::Entity::insert(one.into_active_model().reset_all()).exec_without_returning(&db).await.unwrap();
    membership::Entity::insert(lives.into_active_model().reset_all()).exec_without_returning(&db).await.unwrap();
}

/// Writes entries, and answers the payload.
pub async fn write(app: &App, n: u32, persona: &str, record: &Value, entries: &Value) -> Value {
    let input = json!({"idempotencyKey": key(n), "recordId": record, "entries": entries});
    app.data(persona, WRITE, json!({"input": input})).await["it"].clone()
}

/// Writes entries that nothing stands against; answers what stands on the record then.
pub async fn written(app: &App, n: u32, persona: &str, record: &Value, entries: &Value) -> Vec<Value> {
    let done = write(app, n, persona, record, entries).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    done["record"]["entries"]["nodes"].as_array().unwrap().clone()
}

/// Why somebody may not write at all.
pub async fn may_not_write(app: &App, n: u32, persona: &str, record: &Value, entries: &Value) -> String {
    let input = json!({"idempotencyKey": key(n), "recordId": record, "entries": entries});
    app.code(persona, WRITE, json!({"input": input})).await
}

/// Finishes a step, and answers the payload.
pub async fn finish(app: &App, n: u32, persona: &str, (record, step): (&Value, &str), outcome: Option<&str>) -> Value {
    let input = json!({"idempotencyKey": key(n), "recordId": record, "step": step, "outcome": outcome});
    app.data(persona, FINISH, json!({"input": input})).await["it"].clone()
}

/// Why somebody may not finish a step.
pub async fn may_not_finish(app: &App, n: u32, persona: &str, (record, step): (&Value, &str)) -> String {
    let input = json!({"idempotencyKey": key(n), "recordId": record, "step": step});
    app.code(persona, FINISH, json!({"input": input})).await
}

/// Sends a document, and answers the payload.
pub async fn issue(app: &App, n: u32, persona: &str, record: &Value, document: &str, more: &Value) -> Value {
    let mut input = json!({"idempotencyKey": key(n), "recordId": record, "document": document});
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    app.data(persona, ISSUE, json!({"input": input})).await["it"].clone()
}

/// What is missing on a record.
pub async fn missing(app: &App, persona: &str, record: &Value) -> Vec<Value> {
    let data = app.data(persona, MISSING, json!({"id": record})).await;
    data["node"]["record"]["missing"].as_array().cloned().unwrap_or_default()
}

/// The items of gaps or entries, each once, in the order of the alphabet.
pub fn items(of: &[Value]) -> Vec<String> {
    let mut items: Vec<_> = of.iter().map(|each| each["item"].as_str().unwrap().to_owned()).collect();
    items.sort_unstable();
    items.dedup();
    items
}

/// The fields that findings name.
pub fn fields(done: &Value) -> Vec<(String, String)> {
    let of = |each: &Value, name: &str| each[name].as_str().unwrap().to_owned();
    done["userErrors"].as_array().unwrap().iter().map(|each| (of(each, "field"), of(each, "code"))).collect()
}

/// The adults with parental responsibility in the household of a child.
pub async fn parents(app: &App, child: &Value) -> Vec<Value> {
    let query = "query($id: ID!) { child(id: $id) { household { members(first: 50) { nodes {
      parentalResponsibility endsOn person { id } } } } } }";
    let data = app.data("social_worker", query, json!({"id": child})).await;
    let members = data["child"]["household"]["members"]["nodes"].as_array().unwrap().clone();
    let is_parent = |m: &&Value| m["parentalResponsibility"] == true && m["endsOn"].is_null();
    members.iter().filter(is_parent).map(|m| m["person"]["id"].clone()).collect()
}

/// Records who came to a conference, agency by agency.
pub async fn attend(app: &App, n: u32, conference: &Value, came: &[(&str, &str)]) {
    let read = app.data("chair", READ, json!({"id": conference})).await["conference"].clone();
    let mut entries = Vec::new();
    for (name, attendance) in came {
        entries.push(json!({"agencyId": app.agency(name).await, "attendance": attendance}));
    }
    let input = json!({"idempotencyKey": key(n), "conferenceId": conference, "expectedVersion": read["version"],
      "entries": entries});
    let held = app.data("chair", ATTEND, json!({"input": input})).await["it"].clone();
    assert_eq!(held["userErrors"], json!([]), "{held}");
}

/// Has the reports of some agencies come in, past the program: whose they are is not what the test is about.
pub async fn report_for(app: &App, conference: &Value, agencies: &[&str]) {
    use entity::{invitation, report_request};
    let (_, id) = quorate::graphql::id::split(&conference.as_str().unwrap().into()).unwrap();
    let db = connect(&app.url).await;
    let at = app.clock.now();
    for name in agencies {
        let agency = app.agency(name).await;
        let (_, agency) = quorate::graphql::id::split(&agency.as_str().unwrap().into()).unwrap();
        let done = report_request::Entity::update_many()
            .col_expr(report_request::Column::ReceivedAt, Expr::val(at))
            .filter(report_request::Column::ConferenceId.eq(ConferenceId::of(id)))
            .filter(report_request::Column::AgencyId.eq(AgencyId::of(agency)))
            .exec(&db)
            .await
            .unwrap();
        assert_eq!(done.rows_affected, 1, "{name}");
        invitation::Entity::update_many()
            .col_expr(invitation::Column::ReportReceivedAt, Expr::val(at))
            .filter(invitation::Column::ConferenceId.eq(ConferenceId::of(id)))
            .filter(invitation::Column::AgencyId.eq(AgencyId::of(agency)))
            .exec(&db)
            .await
            .unwrap();
    }
}
