//! Nobody grants themselves a relationship, by no way: posts fit, and a role is what a request is made in.

use chrono::Duration;
use entity::appointment::{self, Post};
use entity::id::{AgencyId, AppointmentId, PractitionerId, TeamId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};

use crate::jobs::{open_request, report};
use crate::support::contents::connect;
use crate::support::table::{me, schedule, scheduling, without_plan};
use crate::support::{App, key};

const CALL: &str = "mutation($input: CallStrategyMeetingInput!) { it: callStrategyMeeting(input: $input) {
  strategyMeeting { id } userErrors { field code } } }";
const SUBMIT: &str = "mutation($input: SubmitConferenceReportInput!) { it: submitConferenceReport(input: $input) {
  conferenceReport { author { fullName } } userErrors { field code } } }";
const CHILDREN: &str = "{ children(first: 100) { nodes { id } } }";

/// The appointments of a persona.
async fn appointments(app: &App, persona: &str) -> Vec<appointment::Model> {
    let person = PractitionerId(app.claims(persona).sub);
    let of = appointment::Entity::find().filter(appointment::Column::PractitionerId.eq(person));
    of.all(&connect(&app.url).await).await.unwrap()
}

/// Appoints a persona to another post at its agency.
async fn appoint(app: &App, persona: &str, post: Post, team_id: Option<TeamId>, ended: bool) {
    let claims = app.claims(persona);
    let row = appointment::Model {
        id: AppointmentId(quorate::clock::Clock::system().new_id()),
        practitioner_id: PractitionerId(claims.sub),
        agency_id: AgencyId(claims.agency_id),
        team_id,
        post,
        starts_at: app.clock.now() - Duration::days(9),
        ends_at: ended.then(|| app.clock.now() - Duration::days(1)),
    };
    let mut bulk = app.database.bulk(false).await.unwrap();
    bulk.insert::<appointment::Entity>(vec![row]).await.unwrap();
    bulk.commit().await.unwrap();
}

async fn by_a_strategy_meeting(app: App) {
    let child = app.first_child("social_worker").await;
    let mut invitees = Vec::new();
    for name in ["Warwickshire Children's Social Care", "Warwickshire Police", "Warwickshire Community Health Trust"] {
        invitees.push(json!({"agencyId": app.agency(name).await}));
    }
    let mut input = json!({"idempotencyKey": key(80), "childIds": [child], "reason": "A disclosure.",
      "scheduledAt": "2026-11-24T15:00:00Z", "invitees": invitees});
    let ask = async |persona: &str, input: &Value| {
        app.data(persona, CALL, json!({"input": input})).await["it"]["userErrors"].clone()
    };
    // for the own agency as a whole, yes; for the caller in person, only what the caller has already
    let mut dry = input.clone();
    dry["dryRun"] = true.into();
    assert_eq!(ask("team_manager", &dry).await, json!([]));
    dry["invitees"][0]["practitionerId"] = me(&app, "team_manager").await;
    let refused = json!([{"field": "invitees.0.practitionerId", "code": "RULE_REFUSED"}]);
    assert_eq!(ask("team_manager", &dry).await, refused);
    dry["invitees"][0]["practitionerId"] = me(&app, "social_worker").await;
    assert_eq!(ask("team_manager", &dry).await, json!([]), "a colleague");
    assert_eq!(ask("social_worker", &dry).await, json!([]), "the child's own worker");
    // led by social care that works with cases
    for persona in ["system_admin", "auditor", "chair", "police"] {
        input["leadId"] = me(&app, persona).await;
        let refused = json!([{"field": "leadId", "code": "UNKNOWN_REFERENCE"}]);
        assert_eq!(ask("social_worker", &input).await, refused, "{persona}");
    }
    input["leadId"] = me(&app, "service_manager").await;
    assert_eq!(ask("social_worker", &input).await, json!([]));
}

async fn by_a_conference(app: App) {
    let child = without_plan(&app).await[0].clone();
    let agencies = ["Warwickshire Children's Social Care", "Warwickshire Police"];
    let good = scheduling(&app, 81, std::slice::from_ref(&child), ("INITIAL", "2026-12-09T10:00:00Z"), &agencies).await;
    let mut dry = good.clone();
    dry["dryRun"] = true.into();
    let errors = async |persona: &str, field: &str, value: Value| {
        let mut input = dry.clone();
        input[field] = value;
        schedule(&app, persona, &input).await["userErrors"].clone()
    };
    let unfit = json!([{"field": "minuteTakerId", "code": "UNKNOWN_REFERENCE"}]);
    let myself = json!([unfit[0], {"field": "minuteTakerId", "code": "RULE_REFUSED"}]);
    assert_eq!(errors("social_worker", "minuteTakerId", me(&app, "social_worker").await).await, myself);
    assert_eq!(errors("social_worker", "minuteTakerId", me(&app, "auditor").await).await, unfit);
    let mut myself = good["invitees"].clone();
    myself[0]["practitionerId"] = me(&app, "team_manager").await;
    let granted = json!([{"field": "invitees.0.practitionerId", "code": "RULE_REFUSED"}]);
    assert_eq!(errors("team_manager", "invitees", myself).await, granted);
    // a social worker who is a minute taker as well does not take the minutes of the own case
    appoint(&app, "social_worker", Post::MinuteTaker, None, false).await;
    let granted = json!([{"field": "minuteTakerId", "code": "RULE_REFUSED"}]);
    assert_eq!(errors("social_worker", "minuteTakerId", me(&app, "social_worker").await).await, granted);
    assert_eq!(schedule(&app, "social_worker", &dry).await["userErrors"], json!([]));
    // nor does a manager of the team chair
    let team = appointments(&app, "team_manager").await[0].team_id;
    appoint(&app, "chair", Post::TeamManager, team, true).await;
    assert_eq!(schedule(&app, "social_worker", &dry).await["userErrors"], json!([]), "that was before");
    appoint(&app, "chair", Post::TeamManager, team, false).await;
    let dependent = json!([{"field": "chairId", "code": "RULE_REFUSED"}]);
    assert_eq!(schedule(&app, "social_worker", &dry).await["userErrors"], dependent);
}

async fn by_another_role(app: App) {
    let attend = "mutation($input: RecordConferenceAttendanceInput!) { recordConferenceAttendance(input: $input) {
      userErrors { field code } } }";
    let release = "mutation($input: ReleaseConferenceReportInput!) { releaseConferenceReport(input: $input) {
      userErrors { field code } } }";
    let request = open_request(&app, "police").await;
    let sent = app.data("police", &SUBMIT.replace("author { fullName }", "id"), report(&request, &key(82))).await;
    let sent = sent["it"]["conferenceReport"]["id"].clone();
    let conference = crate::support::table::first_review(&app).await;
    entity::conference::Entity::update_many()
        .col_expr(entity::conference::Column::MinuteTakerId, Expr::val(PractitionerId(app.claims("social_worker").sub)))
        .exec(&connect(&app.url).await)
        .await
        .unwrap();
    let input = json!({"input": {"idempotencyKey": key(83), "conferenceId": conference, "expectedVersion": 1,
      "entries": [{"agencyId": app.agency("Warwickshire Police").await, "attendance": "REMOTE"}]}});
    assert_eq!(app.code("social_worker", attend, input).await, "FORBIDDEN");
    let input = json!({"input": {"idempotencyKey": key(84), "conferenceReportId": sent}});
    assert_eq!(app.code("social_worker", release, input).await, "FORBIDDEN");
}

async fn under_a_name(app: App) {
    let request = open_request(&app, "health_visitor").await;
    let mut input = report(&request, &key(85));
    assert_eq!(app.code("chair", SUBMIT, input.clone()).await, "FORBIDDEN", "chairs ask for reports");
    let unnamed = app.data("agency_system", SUBMIT, input.clone()).await["it"]["userErrors"].clone();
    assert_eq!(unnamed, json!([{"field": "authorId", "code": "UNKNOWN_REFERENCE"}]), "a system is no author");
    let mut police = report(&open_request(&app, "police").await, &key(86));
    police["input"]["authorId"] = me(&app, "privacy_officer").await;
    assert_eq!(app.code("police", SUBMIT, police).await, "FORBIDDEN", "a colleague's name");
    input["input"]["authorId"] = me(&app, "health_visitor").await;
    let done = app.data("agency_system", SUBMIT, input).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
}

async fn twice(app: App) {
    let count = async |persona: &str| {
        let data = app.data(persona, CHILDREN, json!({})).await;
        data["children"]["nodes"].as_array().unwrap().len()
    };
    let posts =
        async |persona: &str| app.data(persona, "{ viewer { posts } }", json!({})).await["viewer"]["posts"].clone();
    let (worker, manager) = (count("social_worker").await, count("team_manager").await);
    let own = appointments(&app, "social_worker").await;
    appoint(&app, "social_worker", Post::SocialWorker, own[0].team_id, false).await;
    appoint(&app, "social_worker", Post::Chair, None, true).await;
    assert_eq!(count("social_worker").await, worker, "one post, held twice over");
    assert_eq!(posts("social_worker").await, json!(["SOCIAL_WORKER", "SOCIAL_WORKER"]), "those held now");
    // a manager of two teams sees the children of both
    let mine = appointments(&app, "team_manager").await[0].team_id.unwrap();
    let of_other = entity::team::Entity::find()
        .filter(entity::team::Column::AgencyId.eq(AgencyId(app.claims("team_manager").agency_id)))
        .filter(entity::team::Column::Id.ne(mine))
        .one(&connect(&app.url).await)
        .await
        .unwrap();
    if let Some(other) = of_other {
        appoint(&app, "team_manager", Post::TeamManager, Some(other.id), false).await;
        assert!(count("team_manager").await > manager);
    } else {
        appoint(&app, "team_manager", Post::TeamManager, Some(mine), false).await;
        assert_eq!(count("team_manager").await, manager);
    }
}

both!(a_relationship_by_a_meeting, super::by_a_strategy_meeting);
both!(a_relationship_by_a_conference, super::by_a_conference);
both!(a_post_by_another_role, super::by_another_role);
both!(a_report_under_a_name, super::under_a_name);
both!(a_post_held, super::twice);
