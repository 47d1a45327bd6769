//! A child moves to another authority: a frozen share first, live rights from the transfer-in conference on, on one side
//! as they end on the other.

use entity::appointment::Post;
use entity::id::{AgencyId, ChildId, PractitionerId};
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};

use crate::jobs::call_meeting;
use crate::support::contents::{Watch, connect};
use crate::support::samples::social_care_elsewhere;
use crate::support::table::{ATTEND, DECIDE, SCHEDULE};
use crate::support::{App, key};

const SHARE: &str = "mutation($input: ShareTransferInput!) { it: shareTransfer(input: $input) {
  transferShare { id version conferenceDueAt } userErrors { field code } } }";
const WITHDRAW: &str = "mutation($input: WithdrawTransferInput!) { it: withdrawTransfer(input: $input) {
  transferShare { withdrawnAt } userErrors { field code } } }";
const ACCEPT: &str = "mutation($input: AcceptTransferInput!) { it: acceptTransfer(input: $input) {
  transferShare { rightsFrom worker { id } version } userErrors { field code } } }";
const READ: &str = "query($id: ID!) { transferShare(id: $id) { id withheld child { id }
  identity { givenName familyName nhsNumber } statements { dangerStatement }
  plan { startsOn category actions { description } conference { kind outcome } } contacts { agency { name } } } }";
const CHILD: &str = "query($id: ID!) { child(id: $id) { id givenName } }";

/// Somebody who holds a post at the other authority's social care.
async fn elsewhere(app: &App, post: Post) -> (PractitionerId, AgencyId) {
    use entity::appointment::{Column, Entity};
    let (_, agency) = quorate::graphql::id::split(&social_care_elsewhere(app).await.as_str().unwrap().into()).unwrap();
    let held = Entity::find().filter(Column::AgencyId.eq(AgencyId(agency))).filter(Column::Post.eq(post));
    let row = held.filter(Column::EndsAt.is_null()).one(&connect(&app.url).await).await.unwrap().unwrap();
    (row.practitioner_id, row.agency_id)
}

/// Names for those of the other authority, and the global id of its social worker.
async fn enrol(app: &mut App) -> Value {
    let (manager, agency) = elsewhere(app, Post::ServiceManager).await;
    app.enrol("their_manager", manager, agency, Post::ServiceManager);
    let (worker, agency) = elsewhere(app, Post::SocialWorker).await;
    app.enrol("their_worker", worker, agency, Post::SocialWorker);
    quorate::graphql::id::global(worker).to_string().into()
}

async fn share(app: &App, n: u32, child: &Value) -> Value {
    let input = json!({"idempotencyKey": key(n), "childId": child, "agencyId": social_care_elsewhere(app).await,
      "reason": "They move on Monday."});
    let done = app.data("team_manager", SHARE, json!({"input": input})).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    assert_eq!(app.data("team_manager", SHARE, json!({"input": input})).await["it"], done, "a retry");
    done["transferShare"].clone()
}

async fn a_snapshot_and_nothing_else(mut app: App) {
    enrol(&mut app).await;
    let child = app.first_child("team_manager").await;
    assert_eq!(app.code("their_manager", CHILD, json!({"id": child})).await, "NOT_FOUND");
    let school = "UPDATE involvement SET locates = TRUE WHERE agency_id IN
      (SELECT id FROM agency WHERE name LIKE '%Oakfield%')";
    connect(&app.url).await.execute_unprepared(school).await.unwrap();
    let shared = share(&app, 1, &child).await;
    assert_eq!(shared["conferenceDueAt"], "2026-12-16T00:00:00+00:00", "the end of the fifteenth working day");
    let id = json!({"id": shared["id"]});
    let theirs = app.data("their_manager", READ, id.clone()).await["transferShare"].clone();
    let plan = "query($id: ID!) { child(id: $id) { givenName nhsNumber currentPlan { startsOn dangerStatement } } }";
    let ours = app.data("team_manager", plan, json!({"id": child})).await["child"].clone();
    assert_eq!(theirs["identity"]["givenName"], ours["givenName"]);
    assert_eq!(theirs["identity"]["nhsNumber"], ours["nhsNumber"]);
    assert_eq!(theirs["plan"]["startsOn"], ours["currentPlan"]["startsOn"]);
    assert_eq!(theirs["statements"]["dangerStatement"], ours["currentPlan"]["dangerStatement"]);
    assert!(theirs["plan"]["conference"]["outcome"].is_string(), "{theirs}");
    assert_eq!((&theirs["withheld"], &theirs["child"]), (&json!([]), &Value::Null), "the live record is not theirs");
    // the family's address is protected, and the school would give it away
    let home = "query($id: ID!) { child(id: $id) { household { address postcode } } }";
    let home = app.data("team_manager", home, json!({"id": child})).await["child"]["household"].clone();
    for value in [&home["address"], &home["postcode"]] {
        assert!(!theirs.to_string().contains(value.as_str().unwrap()), "{theirs}");
    }
    assert!(!theirs["contacts"].to_string().contains("Oakfield"), "{theirs}");
    assert!(theirs["contacts"].to_string().contains("Warwickshire"), "{theirs}");
    assert_eq!(app.code("their_manager", CHILD, json!({"id": child})).await, "NOT_FOUND");

    for persona in ["social_worker", "service_manager"] {
        assert_eq!(app.data(persona, READ, id.clone()).await["transferShare"]["id"], shared["id"], "{persona}");
    }
    for persona in ["their_worker", "chair", "police", "school_dsl", "auditor", "lado"] {
        assert_eq!(app.code(persona, READ, id.clone()).await, "NOT_FOUND", "{persona}");
    }
    assert_eq!(app.kinds("their_manager").await, ["TRANSFER_SHARED"]);
    assert_eq!(app.kinds("team_manager").await, ["TRANSFER_SHARED"]);

    // what happens afterwards does not enter
    let db = connect(&app.url).await;
    let (_, uuid) = quorate::graphql::id::split(&child.as_str().unwrap().into()).unwrap();
    entity::child::Entity::update_many()
        .col_expr(entity::child::Column::GivenName, sea_orm::sea_query::Expr::val("Renamed"))
        .filter(entity::child::Column::Id.eq(entity::id::ChildId(uuid)))
        .exec(&db)
        .await
        .unwrap();
    call_meeting(&app, &key(9)).await;
    assert_eq!(app.data("their_manager", READ, id.clone()).await["transferShare"], theirs, "frozen");

    let taken = json!({"input": {"idempotencyKey": key(2), "transferShareId": shared["id"], "expectedVersion": 1}});
    assert_eq!(app.code("their_manager", WITHDRAW, taken.clone()).await, "FORBIDDEN");
    assert_eq!(app.code("social_worker", WITHDRAW, taken.clone()).await, "FORBIDDEN");
    let done = app.data("team_manager", WITHDRAW, taken).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    assert_eq!(app.code("their_manager", READ, id.clone()).await, "NOT_FOUND", "taken back is gone");
    assert!(app.data("team_manager", READ, id).await["transferShare"].is_object());
    share(&app, 3, &child).await;
}

async fn rights_begin_and_end_at_one_instant(mut app: App) {
    let worker = enrol(&mut app).await;
    let child = app.first_child("team_manager").await;
    let id = json!({"id": child});
    let shared = share(&app, 1, &child).await;
    let accept = |n: u32, worker: &Value, at: &str| {
        json!({"input": {"idempotencyKey": key(n), "transferShareId": shared["id"], "expectedVersion": 1,
          "workerId": worker, "conferenceAt": at}})
    };
    let errors = async |input: Value| app.data("their_manager", ACCEPT, input).await["it"]["userErrors"].clone();
    let watch = Watch::over(&app).await;
    let wrong = |field: &str, code: &str| json!([{"field": field, "code": code}]);
    assert_eq!(errors(accept(2, &worker, "2026-11-23T09:00:00Z")).await, wrong("conferenceAt", "WRONG_TIME"));
    assert_eq!(
        errors(accept(2, &worker, "2026-12-16T00:00:00Z")).await,
        wrong("conferenceAt", "WRONG_TIME"),
        "too late"
    );
    let ours = app.data("social_worker", "{ viewer { practitioner { id } } }", json!({})).await;
    let ours = &ours["viewer"]["practitioner"]["id"];
    assert_eq!(errors(accept(2, ours, "2026-12-08T10:00:00Z")).await, wrong("workerId", "UNKNOWN_REFERENCE"));
    for persona in ["team_manager", "social_worker"] {
        let own = accept(2, &worker, "2026-12-08T10:00:00Z");
        assert_eq!(app.code(persona, ACCEPT, own).await, "FORBIDDEN", "{persona}");
    }
    watch.unchanged("refusals").await;
    let good = accept(3, &worker, "2026-12-08T10:00:00Z");
    let done = app.data("their_manager", ACCEPT, good.clone()).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    assert_eq!(app.data("their_manager", ACCEPT, good).await["it"], done, "a retry");
    assert_eq!(done["transferShare"]["worker"]["id"], worker);
    // the worker named reads the share at once, and the child not before its conference
    assert!(app.data("their_worker", READ, json!({"id": shared["id"]})).await["transferShare"].is_object());
    assert_eq!(app.code("their_worker", CHILD, id.clone()).await, "NOT_FOUND");
    assert!(app.data("social_worker", CHILD, id.clone()).await["child"].is_object());
    app.clock.advance(chrono::Duration::days(14) + chrono::Duration::hours(1) - chrono::Duration::microseconds(1));
    assert_eq!(app.code("their_worker", CHILD, id.clone()).await, "NOT_FOUND");
    assert!(app.data("team_manager", CHILD, id.clone()).await["child"].is_object());
    app.clock.advance(chrono::Duration::microseconds(1));
    assert!(app.data("their_worker", CHILD, id.clone()).await["child"].is_object());
    assert!(app.data("their_manager", CHILD, id.clone()).await["child"].is_object());
    for persona in ["social_worker", "team_manager", "service_manager"] {
        assert_eq!(app.code(persona, CHILD, id.clone()).await, "NOT_FOUND", "{persona}");
    }
    let twice = json!({"input": {"idempotencyKey": key(4), "transferShareId": shared["id"], "expectedVersion": 2,
      "workerId": worker, "conferenceAt": "2026-12-09T10:00:00Z"}});
    assert_eq!(errors(twice).await, wrong("transferShareId", "ALREADY_DONE"));
    assert_eq!(app.kinds("their_manager").await, ["TRANSFER_SHARED", "TRANSFER_ACCEPTED"]);
}

async fn who_may_share_with_whom(mut app: App) {
    enrol(&mut app).await;
    let child = app.first_child("team_manager").await;
    let to = social_care_elsewhere(&app).await;
    let input = |child: &Value, to: &Value| json!({"input": {"idempotencyKey": key(1), "dryRun": true, "childId": child, "agencyId": to, "reason": "Moves."}});
    for persona in ["social_worker", "chair", "police", "school_dsl"] {
        assert_eq!(app.code(persona, SHARE, input(&child, &to)).await, "FORBIDDEN", "{persona}");
    }
    assert_eq!(app.code("their_manager", SHARE, input(&child, &to)).await, "NOT_FOUND", "not theirs to share");
    for name in ["Warwickshire Children's Social Care", "Warwickshire Police"] {
        let refused = app.data("team_manager", SHARE, input(&child, &app.agency(name).await)).await["it"].clone();
        assert_eq!(refused["userErrors"], json!([{"field": "agencyId", "code": "UNKNOWN_REFERENCE"}]), "{name}");
    }
    share(&app, 2, &child).await;
    let again = app.data("team_manager", SHARE, input(&child, &to)).await["it"]["userErrors"].clone();
    assert_eq!(again, json!([{"field": "childId", "code": "ALREADY_DONE"}]));
}

both!(a_share, super::a_snapshot_and_nothing_else);
both!(an_acceptance, super::rights_begin_and_end_at_one_instant);
both!(a_refusal, super::who_may_share_with_whom);

/// Schedules, holds and decides a transfer-in conference at the other authority; answers the payload of the decision.
async fn transfer_in(app: &App, child: &Value) -> Value {
    let person = |persona: &str| {
        let id = app.claims(persona).sub;
        Value::from(quorate::graphql::id::global(PractitionerId(id)).to_string())
    };
    let own = quorate::graphql::id::global(AgencyId(app.claims("their_worker").agency_id)).to_string();
    let input = json!({"idempotencyKey": key(20), "childIds": [child], "kind": "TRANSFER_IN", "venue": "Room 1",
      "scheduledAt": "2026-12-10T10:00:00Z", "chairId": person("their_chair"), "invitees": [{"agencyId": own}]});
    let done = app.data("their_worker", SCHEDULE, json!({"input": input})).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    app.clock.advance(chrono::Duration::days(2) + chrono::Duration::hours(2));
    let (id, version) = (&done["conference"]["id"], &done["conference"]["version"]);
    let input = json!({"idempotencyKey": key(21), "conferenceId": id, "expectedVersion": version,
      "entries": [{"agencyId": own, "attendance": "IN_PERSON"}]});
    let held = app.data("their_chair", ATTEND, json!({"input": input})).await["it"].clone();
    assert_eq!(held["userErrors"], json!([]), "{held}");
    let input = json!({"idempotencyKey": key(22), "conferenceId": id, "expectedVersion": held["conference"]["version"],
      "outcomes": [{"childId": child, "outcome": "CP_PLAN_CONTINUES"}]});
    app.data("their_chair", DECIDE, json!({"input": input})).await["it"].clone()
}

async fn the_child_is_theirs_from_the_outcome_on(mut app: App) {
    let worker = enrol(&mut app).await;
    let (chair, agency) = elsewhere(&app, Post::Chair).await;
    app.enrol("their_chair", chair, agency, Post::Chair);
    let child = app.first_child("team_manager").await;
    let shared = share(&app, 1, &child).await;
    let input = json!({"idempotencyKey": key(2), "transferShareId": shared["id"], "expectedVersion": 1,
      "workerId": worker, "conferenceAt": "2026-12-08T10:00:00Z"});
    let done = app.data("their_manager", ACCEPT, json!({"input": input})).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    // somebody of the old authority is allocated beyond the day after all
    let ours = app.data("social_worker", "{ viewer { practitioner { id } agency { id } } }", json!({})).await;
    let grant =
        "mutation($input: GrantInvolvementInput!) { it: grantInvolvement(input: $input) { userErrors { code } } }";
    let input = json!({"idempotencyKey": key(3), "childId": child, "agencyId": ours["viewer"]["agency"]["id"],
      "practitionerId": crate::ends::colleague(&app).await, "reason": "Holds on."});
    let held_on = app.data("team_manager", grant, json!({"input": input})).await["it"].clone();
    assert_eq!(held_on["userErrors"], json!([]));
    app.clock.advance(chrono::Duration::days(14) + chrono::Duration::hours(1));
    let whose = "query($id: ID!) { child(id: $id) { localAuthority { name } } }";
    let before = app.data("their_worker", whose, json!({"id": child})).await["child"].clone();
    assert_eq!(before["localAuthority"]["name"], "Warwickshire");
    assert!(open_deadlines(&app, &child, &ours["viewer"]["agency"]["id"]).await > 0, "before it moved");
    assert!(app.data("team_manager", CHILD, json!({"id": child})).await["child"].is_object(), "by the late grant");
    let decided = transfer_in(&app, &child).await;
    assert_eq!(decided["userErrors"], json!([]), "{decided}");
    let after = app.data("their_worker", whose, json!({"id": child})).await["child"].clone();
    assert_eq!(after["localAuthority"]["name"], "Birmingham");
    assert_eq!(app.code("team_manager", CHILD, json!({"id": child})).await, "NOT_FOUND");
    // nobody is told for good that something is overdue that is not theirs to do
    assert_eq!(open_deadlines(&app, &child, &ours["viewer"]["agency"]["id"]).await, 0);
    let due = "query($id: ID!) { child(id: $id) { deadlines(first: 100) { nodes { kind status } } } }";
    let due = app.data("their_worker", due, json!({"id": child})).await["child"]["deadlines"]["nodes"].clone();
    let next =
        due.as_array().unwrap().iter().find(|each| each["kind"] == "NEXT_REVIEW" && each["status"] == "UPCOMING");
    assert!(next.is_some(), "the plan goes on, and so does its review: {due}");
}

/// What an agency has open about a child.
async fn open_deadlines(app: &App, child: &Value, agency: &Value) -> u64 {
    use entity::deadline::{Column, Entity};
    use sea_orm::PaginatorTrait as _;
    let uuid = |id: &Value| quorate::graphql::id::split(&id.as_str().unwrap().into()).unwrap().1;
    let of = Entity::find().filter(Column::ChildId.eq(ChildId(uuid(child))));
    let of = of.filter(Column::AgencyId.eq(AgencyId(uuid(agency))));
    let open = of.filter(Column::MetAt.is_null()).filter(Column::LapsedAt.is_null());
    open.count(&connect(&app.url).await).await.unwrap()
}

both!(an_outcome, super::the_child_is_theirs_from_the_outcome_on);
