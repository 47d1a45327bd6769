//! Every relationship ends: with the meeting or the plan that gave it, or when the manager says so.

use entity::id::AgencyId;
use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};
use serde_json::{Value, json};

use crate::support::contents::{connect, number};
use crate::support::table::{decide, deciding, first_review, hold, schedule, scheduling, without_plan};
use crate::support::{App, key};

const CHILD: &str = "query($id: ID!) { child(id: $id) { id } }";
const GRANT: &str = "mutation($input: GrantInvolvementInput!) { it: grantInvolvement(input: $input) {
  involvement { id startsAt } userErrors { field code } } }";
const END: &str = "mutation($input: EndInvolvementInput!) { it: endInvolvement(input: $input) {
  involvement { endsAt } userErrors { field code } } }";
const CALL: &str = "mutation($input: CallStrategyMeetingInput!) { it: callStrategyMeeting(input: $input) {
  strategyMeeting { id version } userErrors { field code } } }";
const RECORD: &str = "mutation($input: RecordStrategyMeetingOutcomeInput!) { it: recordStrategyMeetingOutcome(
  input: $input) { strategyMeeting { status } userErrors { field code } } }";

/// Calls a meeting about the first child with the transport police, who do not know it otherwise.
async fn called(app: &App, n: u32, child: &Value) -> Value {
    let mut invitees = Vec::new();
    for name in ["Warwickshire Transport Police", "Warwickshire Hospitals Trust"] {
        invitees.push(json!({"agencyId": app.agency(name).await}));
    }
    let input = json!({"idempotencyKey": key(n), "childIds": [child], "reason": "Found at the station.",
      "scheduledAt": "2026-11-24T12:00:00Z", "invitees": invitees});
    let done = app.data("social_worker", CALL, json!({"input": input})).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]));
    done["strategyMeeting"].clone()
}

async fn a_strategy_meeting_closes(app: App) {
    let child = app.first_child("social_worker").await;
    let id = json!({"id": child});
    assert_eq!(app.code("police_elsewhere", CHILD, id.clone()).await, "NOT_FOUND");
    let meeting = called(&app, 50, &child).await;
    assert!(app.data("police_elsewhere", CHILD, id.clone()).await["child"].is_object());
    // held two days later than it was called for: ten working days run from then
    app.clock.advance(chrono::Duration::days(3));
    let held = json!({"idempotencyKey": key(51), "strategyMeetingId": meeting["id"],
      "expectedVersion": meeting["version"], "heldAt": "2026-11-26T12:00:00Z", "outcomeSummary": "Said.",
      "decisions": [{"childId": child, "decision": "SECTION47_JOINT"}]});
    let done = app.data("social_worker", RECORD, json!({"input": held})).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]));
    app.clock.advance(chrono::Duration::days(13));
    assert!(app.data("police_elsewhere", CHILD, id.clone()).await["child"].is_object(), "on the tenth working day");
    app.clock.advance(chrono::Duration::days(1));
    assert_eq!(app.code("police_elsewhere", CHILD, id).await, "NOT_FOUND");
    let read = "query($id: ID!) { strategyMeeting(id: $id) { outcomeSummary } }";
    let kept = app.data("police_elsewhere", read, json!({"id": meeting["id"]})).await;
    assert_eq!(kept["strategyMeeting"]["outcomeSummary"], "Said.", "the record stays with those who were asked");
}

async fn a_meeting_nobody_records_closes_too(app: App) {
    let child = app.first_child("social_worker").await;
    called(&app, 50, &child).await;
    app.clock.advance(chrono::Duration::days(14));
    assert!(app.data("police_elsewhere", CHILD, json!({"id": child})).await["child"].is_object());
    app.clock.advance(chrono::Duration::days(1));
    assert_eq!(app.code("police_elsewhere", CHILD, json!({"id": child})).await, "NOT_FOUND");
}

async fn a_conference_closes(app: App) {
    let child = without_plan(&app).await[0].clone();
    let agencies = ["Warwickshire Transport Police", "Warwickshire Hospitals Trust"];
    let input =
        scheduling(&app, 52, std::slice::from_ref(&child), ("INITIAL", "2026-12-09T10:00:00Z"), &agencies).await;
    let done = schedule(&app, "social_worker", &input).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    let id = done["conference"]["id"].clone();
    let read = "query($id: ID!) { conference(id: $id) { id } }";
    app.clock.advance(chrono::Duration::days(41));
    assert!(app.data("police_elsewhere", CHILD, json!({"id": child})).await["child"].is_object(), "the fifteenth");
    app.clock.advance(chrono::Duration::days(1));
    assert_eq!(app.code("police_elsewhere", CHILD, json!({"id": child})).await, "NOT_FOUND", "never concluded");
    // what is late can still be recorded; it opens nothing again, and closes for those at the table as well
    let held = hold(&app, 53, &id).await;
    let done = decide(&app, &deciding(54, &held, &json!({"outcome": "NO_FURTHER_ACTION"}))).await;
    assert_eq!((&done["conference"]["status"], &done["userErrors"]), (&json!("CONCLUDED"), &json!([])));
    assert_eq!(app.code("police_elsewhere", CHILD, json!({"id": child})).await, "NOT_FOUND");
    assert!(app.data("minute_taker", read, json!({"id": id})).await["conference"].is_object(), "until the day is over");
    // the posts at it as well; both hold others that are to come about the child, so that the rows are asked
    let (_, conference) = quorate::graphql::id::split(&id.as_str().unwrap().into()).unwrap();
    let later = entity::involvement::Entity::find()
        .filter(entity::involvement::Column::ConferenceId.eq(entity::id::ConferenceId(conference)))
        .filter(entity::involvement::Column::EndsAt.gt(app.clock.now() + chrono::Duration::days(1)))
        .count(&connect(&app.url).await)
        .await;
    assert_eq!(later.unwrap(), 0);
}

async fn a_plan_closes_its_core_group(app: App) {
    let child = app.first_child("social_worker").await;
    let id = json!({"id": child});
    let agency = app.agency("Warwickshire Transport Police").await;
    app.clock.advance(chrono::Duration::days(14) + chrono::Duration::hours(4));
    let held = hold(&app, 55, &first_review(&app).await).await;
    let plan = json!({"dangerStatement": "Alone at the station.", "visitEveryDays": 5,
      "actions": [{"description": "A lift home.", "ownerAgencyId": agency, "dueOn": "2026-12-20"}],
      "coreGroup": [{"agencyId": agency}]});
    let goes_on = json!({"outcome": "CP_PLAN_CONTINUES", "plan": plan});
    let done = decide(&app, &deciding(56, &held, &goes_on)).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    // nothing that was sent is left out
    let read = "query($id: ID!) { child(id: $id) { currentPlan { dangerStatement safetyStatement visitEveryDays
      actions(first: 100) { nodes { description } } coreGroup { members(first: 100) { nodes { agency { name } } } } } } }";
    let now = app.data("social_worker", read, id.clone()).await["child"]["currentPlan"].clone();
    assert_eq!((&now["dangerStatement"], &now["visitEveryDays"]), (&json!("Alone at the station."), &json!(5)));
    assert!(now["safetyStatement"].is_string(), "what was not sent stays as it was");
    assert!(now["actions"].to_string().contains("A lift home."), "{now}");
    assert!(now["coreGroup"].to_string().contains("Warwickshire Transport Police"), "{now}");
    assert!(
        app.data("police_elsewhere", CHILD, id.clone()).await["child"].is_object(),
        "a member works with the child"
    );

    let agencies = ["Warwickshire Children's Social Care"];
    let children: Vec<_> =
        held["children"]["nodes"].as_array().unwrap().iter().map(|c| c["child"]["id"].clone()).collect();
    let input = scheduling(&app, 57, &children, ("REVIEW", "2026-12-15T10:00:00Z"), &agencies).await;
    let review = schedule(&app, "social_worker", &input).await["conference"]["id"].clone();
    app.clock.advance(chrono::Duration::days(7));
    let held = hold(&app, 58, &review).await;
    let mut with_plan = deciding(59, &held, &json!({"outcome": "CP_PLAN_ENDS", "plan": plan}));
    let refused = decide(&app, &with_plan).await;
    assert_eq!(refused["userErrors"][0], json!({"field": "outcomes.0.plan", "code": "RULE_REFUSED"}));
    for outcome in with_plan["outcomes"].as_array_mut().unwrap() {
        outcome.as_object_mut().unwrap().remove("plan");
    }
    assert_eq!(decide(&app, &with_plan).await["userErrors"], json!([]));
    app.clock.advance(chrono::Duration::days(1));
    assert_eq!(app.code("police_elsewhere", CHILD, id).await, "NOT_FOUND");
}

/// Grants what `change` says of a relationship to the child.
async fn grant(app: &App, persona: &str, n: u32, child: &Value, change: Value) -> Value {
    let mut input = json!({"idempotencyKey": key(n), "childId": child, "reason": "For the test."});
    input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    app.data(persona, GRANT, json!({"input": input})).await["it"].clone()
}

async fn end(app: &App, n: u32, id: &Value, ends_at: Option<&str>) -> Value {
    let input = json!({"idempotencyKey": key(n), "involvementId": id, "endsAt": ends_at});
    app.data("team_manager", END, json!({"input": input})).await["it"]["userErrors"].clone()
}

async fn a_child_is_never_left_to_nobody(app: App) {
    let child = app.first_child("team_manager").await;
    let allocation = "query($id: ID!) { child(id: $id) { involvements(first: 100) { nodes { id basis endsAt } } } }";
    let all = app.data("team_manager", allocation, json!({"id": child})).await["child"]["involvements"].clone();
    let fits = |i: &&Value| i["basis"] == "ALLOCATED_WORKER" && i["endsAt"].is_null();
    let id = all["nodes"].as_array().unwrap().iter().find(fits).unwrap()["id"].clone();
    let orphaned = json!([{"field": "endsAt", "code": "RULE_REFUSED"}]);
    assert_eq!(end(&app, 60, &id, None).await, orphaned);

    let csc = app.agency("Warwickshire Children's Social Care").await;
    let other = crate::support::table::me(&app, "social_worker").await;
    // somebody for a week only is no successor
    let week = json!({"agencyId": csc, "practitionerId": colleague(&app).await, "endsAt": "2026-12-01T09:00:00Z"});
    assert_eq!(grant(&app, "team_manager", 61, &child, week).await["userErrors"], json!([]));
    assert_eq!(end(&app, 62, &id, None).await, orphaned);
    let tomorrow = json!({"agencyId": csc, "practitionerId": other, "startsAt": "2027-01-05T09:00:00Z"});
    let overlap = grant(&app, "team_manager", 63, &child, tomorrow).await["userErrors"].clone();
    assert_eq!(overlap, json!([{"field": "agencyId", "code": "ALREADY_DONE"}]), "two of one kind at one time");
    let successor =
        json!({"agencyId": csc, "practitionerId": colleague(&app).await, "startsAt": "2026-12-01T09:00:00Z"});
    assert_eq!(grant(&app, "team_manager", 64, &child, successor).await["userErrors"], json!([]));
    assert_eq!(end(&app, 65, &id, None).await, orphaned, "not before the successor has the child");
    assert_eq!(end(&app, 66, &id, Some("2026-12-01T09:00:00Z")).await, json!([]));
    app.clock.advance(chrono::Duration::days(8));
    assert!(app.data("team_manager", CHILD, json!({"id": child})).await["child"].is_object());
}

/// Another social worker of the personas' social care.
pub async fn colleague(app: &App) -> Value {
    let persona = app.claims("social_worker");
    let row = entity::appointment::Entity::find()
        .filter(entity::appointment::Column::AgencyId.eq(AgencyId(persona.agency_id)))
        .filter(entity::appointment::Column::Post.eq(entity::appointment::Post::SocialWorker))
        .filter(entity::appointment::Column::EndsAt.is_null())
        .filter(entity::appointment::Column::PractitionerId.ne(entity::id::PractitionerId(persona.sub)))
        .one(&connect(&app.url).await)
        .await
        .unwrap()
        .unwrap();
    quorate::graphql::id::global(row.practitioner_id).to_string().into()
}

async fn ending_does_not_prolong(app: App) {
    let child = app.first_child("social_worker").await;
    let agency = app.agency("Warwickshire Transport Police").await;
    let to_come = json!({"agencyId": agency, "startsAt": "2026-11-26T09:00:00Z", "endsAt": "2026-11-28T09:00:00Z"});
    let id = grant(&app, "team_manager", 70, &child, to_come).await["involvement"]["id"].clone();
    let across = json!({"agencyId": agency, "endsAt": "2026-11-27T09:00:00Z"});
    let refused = grant(&app, "team_manager", 71, &child, across).await["userErrors"].clone();
    assert_eq!(refused, json!([{"field": "agencyId", "code": "ALREADY_DONE"}]), "one now, across one to come");
    let until = json!({"agencyId": agency, "endsAt": "2026-11-26T09:00:00Z"});
    assert_eq!(grant(&app, "team_manager", 72, &child, until).await["userErrors"], json!([]), "up to it");
    let later = end(&app, 73, &id, Some("2026-11-29T09:00:00Z")).await;
    assert_eq!(later, json!([{"field": "endsAt", "code": "WRONG_TIME"}]));
    assert_eq!(end(&app, 74, &id, Some("2026-11-27T09:00:00Z")).await, json!([]));
}

async fn what_was_open_is_closed(app: App) {
    let db = connect(&app.url).await;
    let given = "basis IN ('STRATEGY_INVITATION', 'CONFERENCE_INVITATION', 'CHAIR', 'MINUTE_TAKER', 'CORE_GROUP')";
    let open = format!("SELECT count(*) FROM involvement WHERE ends_at IS NULL AND {given}");
    let lasting = number(&db, &open).await;
    assert!(lasting > 0, "the core groups of open plans");
    db.execute_unprepared("CREATE TABLE before_it AS SELECT id, ends_at FROM involvement").await.unwrap();
    db.execute_unprepared(&format!("UPDATE involvement SET ends_at = NULL WHERE {given}")).await.unwrap();
    let since = Migrator::migrations().iter().filter(|m| m.name() >= "m20261126_012").count();
    Migrator::down(&db, Some(u32::try_from(since).unwrap())).await.unwrap();
    Migrator::up(&db, None).await.unwrap();
    assert_eq!(number(&db, &open).await, lasting, "what is to last lasts");
    let sooner = "SELECT count(*) FROM involvement i JOIN before_it b ON b.id = i.id WHERE i.ends_at < b.ends_at";
    assert_eq!(number(&db, sooner).await, 0, "and nothing ends sooner than by the rule");
    // the same form as the program writes, so that they compare
    let read = "{ children(first: 100) { nodes { involvements(first: 100) { nodes { endsAt } } } } }";
    app.data("service_manager", read, json!({})).await;
}

both!(a_strategy_meeting, super::a_strategy_meeting_closes);
both!(an_unrecorded_meeting, super::a_meeting_nobody_records_closes_too);
both!(a_conference, super::a_conference_closes);
both!(a_plan, super::a_plan_closes_its_core_group);
both!(a_child, super::a_child_is_never_left_to_nobody);
both!(an_end, super::ending_does_not_prolong);
both!(a_migration, super::what_was_open_is_closed);
