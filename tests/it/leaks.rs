//! Ways a record once told more than it should, each held shut.

use quorate::graphql::id::global;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::jobs::call_meeting;
use crate::support::contents::{connect, texts};
use crate::support::plant::literal;
use crate::support::{App, key};

/// Who was asked to a strategy meeting got a relationship from it; that betrays the meeting.
async fn a_relationship_betrays_no_meeting(app: App) {
    let query = "query($id: ID!) { child(id: $id) { involvements(first: 100) { nodes { id basis } } } }";
    let id = json!({"id": app.first_child("school_dsl").await});
    let before = app.data("school_dsl", query, id.clone()).await;
    call_meeting(&app, &key(60)).await;
    assert_eq!(app.data("school_dsl", query, id.clone()).await, before, "a school that was not asked");
    assert!(!before.to_string().contains("STRATEGY_INVITATION"));
    let told = app.data("police", query, id).await;
    assert!(told.to_string().contains("STRATEGY_INVITATION"), "the police were asked: {told}");
}

/// The outcome of a conference is a matter of the plan: what is withheld there is withheld here, and said.
async fn an_outcome_is_sealed_like_the_plan(app: App) {
    let query = "query($status: ConferenceStatus) { conferences(filter: {status: $status}, first: 100) { nodes {
      withheld summary children(first: 10) { nodes { withheld outcome abuseCategory participation } } } } }";
    let concluded = json!({"status": "CONCLUDED"});
    let full = app.data("social_worker", query, concluded.clone()).await;
    assert!(full.to_string().contains("\"CP_PLAN"), "{full}");
    let housing = app.data("housing", query, concluded).await;
    let nodes = housing["conferences"]["nodes"].as_array().unwrap();
    assert!(!nodes.is_empty());
    for node in nodes {
        assert_eq!((&node["summary"], &node["withheld"]), (&Value::Null, &json!(["PLAN"])));
        for child in node["children"]["nodes"].as_array().unwrap() {
            assert_eq!((&child["outcome"], &child["abuseCategory"]), (&Value::Null, &Value::Null), "{child}");
            assert_eq!(child["withheld"], json!(["PLAN"]));
        }
    }
}

/// Adults of the home are for those who read the household; the summary is of its children.
async fn adults_are_left_out_of_the_summary(app: App) {
    let query =
        "query($id: ID!) { child(id: $id) { household { members(first: 100) { nodes { person { id } child { id } }
      pageInfo { hasNextPage } } } } }";
    for (persona, adults) in [("social_worker", true), ("police", true), ("school_dsl", false), ("housing", false)] {
        let id = json!({"id": app.first_child("police").await});
        let data = app.data(persona, query, id).await;
        let nodes = data["child"]["household"]["members"]["nodes"].as_array().unwrap();
        assert_eq!(nodes.iter().any(|n| n["person"].is_object()), adults, "{persona}");
        assert!(nodes.iter().any(|n| n["child"].is_object()), "{persona}");
    }
}

/// A hit would confirm a number; a code of the courts is no part of an identity.
async fn numbers_and_codes_stay_with_their_category(app: App) {
    let by_number = "query($n: String!) { findChild(by: {nhsNumber: $n}) { id } }";
    let number = json!({"n": quorate::demo::first_nhs_number()});
    assert_eq!(app.code("housing", by_number, number).await, "FORBIDDEN");
    assert_eq!(app.code("housing", by_number, json!({"n": "9990000000"})).await, "FORBIDDEN", "known or not");
    let id = json!({"id": app.first_child("police").await});
    let query = "query($id: ID!) { child(id: $id) { legalStatus withheld } }";
    let police = app.data("police", query, id.clone()).await;
    assert_eq!(police["child"], json!({"legalStatus": null, "withheld": ["LEGAL"]}));
    assert_eq!(app.data("social_worker", query, id).await["child"]["withheld"], json!([]));
}

const REPLY: &str = "mutation($input: ReplyToInvitationInput!) { replyToInvitation(input: $input) {
  invitation { version } userErrors { field code } } }";

/// What an agency answers is for itself and for social care, as an event as well.
async fn an_answer_is_told_to_few(app: App) {
    let query = "{ conferences(filter: {from: \"2026-12-08T10:00:00Z\", until: \"2026-12-08T10:00:01Z\"}) { nodes {
      invitations(first: 20) { nodes { id version agency { name } } } } } }";
    let of = |data: &Value| {
        let nodes = data["conferences"]["nodes"][0]["invitations"]["nodes"].as_array().unwrap().clone();
        nodes.into_iter().find(|n| n["agency"]["name"] == "Warwickshire Police").unwrap()
    };
    let own = of(&app.data("police", query, json!({})).await);
    let input = json!({"input": {"idempotencyKey": key(61), "invitationId": own["id"],
      "expectedVersion": own["version"], "reply": "APOLOGIES", "apologiesReason": "Night duty."}});
    let done = app.data("police", REPLY, input).await["replyToInvitation"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    assert_eq!(of(&app.data("health_visitor", query, json!({})).await)["version"], Value::Null);
    assert_eq!(of(&app.data("social_worker", query, json!({})).await)["version"], done["invitation"]["version"]);
    assert_eq!(app.kinds("health_visitor").await, Vec::<String>::new());
    assert_eq!(app.kinds("police").await, ["INVITATION_REPLIED"]);
    assert_eq!(app.kinds("chair").await, ["INVITATION_REPLIED"]);
}

const CONFLICT: &str = "mutation($input: RecordConflictInput!) { recordConflict(input: $input) {
  conflict { id } userErrors { field code } } }";
const END: &str = "mutation($input: EndConflictInput!) { endConflict(input: $input) { userErrors { field code } } }";
const CONFLICTS: &str = "query($id: ID!) { child(id: $id) { conflicts(first: 100) { nodes { id } } } }";

/// A conflict is never shown to whom it is about, not even after its end; an allegation is for the service manager.
async fn a_conflict_is_kept_from_whom_it_is_about(app: App) {
    let child = app.first_child("social_worker").await;
    let me = app.data("social_worker", "{ viewer { practitioner { id } } }", json!({})).await;
    let about = &me["viewer"]["practitioner"]["id"];
    let record = |n: u32, kind: &str, person: &Value| {
        json!({"input": {"idempotencyKey": key(n), "childId": child, "kind": kind, "practitionerId": person,
          "reason": "Said to have been seen there."}})
    };
    let done = app.data("team_manager", CONFLICT, record(62, "PERSONAL", about)).await["recordConflict"].clone();
    let end = json!({"input": {"idempotencyKey": key(63), "conflictId": done["conflict"]["id"]}});
    app.clock.advance(chrono::Duration::seconds(1));
    assert_eq!(app.data("service_manager", END, end).await["endConflict"]["userErrors"], json!([]));
    app.clock.advance(chrono::Duration::seconds(1));
    let read = "query($id: ID!) { node(id: $id) { id } }";
    let id = json!({"id": done["conflict"]["id"]});
    assert_eq!(app.code("social_worker", read, id.clone()).await, "NOT_FOUND");
    assert_eq!(app.data("team_manager", read, id.clone()).await["node"]["id"], id["id"]);

    let officer = app.data("police", "{ viewer { practitioner { id } } }", json!({})).await;
    let officer = &officer["viewer"]["practitioner"]["id"];
    let done = app.data("service_manager", CONFLICT, record(64, "ALLEGATION_SUBJECT", officer)).await;
    let conflict = &done["recordConflict"]["conflict"]["id"];
    for (persona, sees) in [("service_manager", true), ("team_manager", false), ("social_worker", false)] {
        let list = app.data(persona, CONFLICTS, json!({"id": child})).await["child"]["conflicts"]["nodes"].clone();
        assert_eq!(list.as_array().unwrap().iter().any(|n| n["id"] == *conflict), sees, "{persona}");
    }
    // the counts of those it closes the child to say nothing of the child's meetings either
    let counts = "{ nonAttendance(filter: {from: \"2026-10-01\", until: \"2027-01-01\", meetingKind: STRATEGY_MEETING},
      groupBy: []) { buckets { invitations } } }";
    let meeting = call_meeting(&app, &key(65)).await;
    app.clock.advance(chrono::Duration::days(45));
    let with = app.data("police", counts, json!({})).await;
    let control = app.data("service_manager", counts, json!({})).await;
    let (_, id) = quorate::graphql::id::split(&meeting["id"].as_str().unwrap().into()).unwrap();
    let db = connect(&app.url).await;
    let id = literal(db.get_database_backend(), id);
    let gone =
        db.execute_unprepared(&format!("DELETE FROM invitation WHERE strategy_meeting_id = {id}")).await.unwrap();
    assert!(gone.rows_affected() > 0);
    assert_eq!(app.data("police", counts, json!({})).await, with);
    let after = app.data("service_manager", counts, json!({})).await;
    assert_ne!(after, control, "to whom nothing is closed the difference shows");
}

/// An agency of another authority is nobody that a relationship, an invitation or a list can name.
async fn nothing_crosses_to_another_authority(app: App) {
    let db = connect(&app.url).await;
    let id = if app.url.starts_with("sqlite") { "hex(id)" } else { "id::text" };
    let sql = format!("SELECT {id} FROM agency WHERE name = 'Bristol Children''s Social Care'");
    let bristol = global(entity::id::AgencyId(texts(&db, &sql).await[0].parse().unwrap()));
    let child = app.first_child("social_worker").await;
    let query = "mutation($input: GrantInvolvementInput!) { it: grantInvolvement(input: $input) {
      involvement { id } userErrors { field code } } }";
    let input = json!({"input": {"idempotencyKey": key(66), "childId": child, "agencyId": bristol.as_str(),
      "reason": "They asked."}});
    let refused = app.data("social_worker", query, input).await["it"].clone();
    assert_eq!(refused["involvement"], Value::Null);
    assert_eq!(refused["userErrors"], json!([{"field": "agencyId", "code": "UNKNOWN_REFERENCE"}]));
}

both!(authorities, super::nothing_crosses_to_another_authority);
both!(relationships, super::a_relationship_betrays_no_meeting);
both!(outcomes, super::an_outcome_is_sealed_like_the_plan);
both!(adults, super::adults_are_left_out_of_the_summary);
both!(numbers, super::numbers_and_codes_stay_with_their_category);
both!(answers, super::an_answer_is_told_to_few);
both!(conflicts, super::a_conflict_is_kept_from_whom_it_is_about);
