//! What follows from what a conference has written down: made due first, met by what is there, and not twice.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use crate::support::process::{fields, go_by, items, may_not_write, missing, write, written};
use crate::support::table::{decide, deciding, hold, schedule, scheduling, without_plan};
use crate::support::{App, key};

const AGENCIES: [&str; 3] =
    ["Warwickshire Children's Social Care", "Warwickshire Police", "Warwickshire Community Health Trust"];

const DUE: &str = "query($id: ID!) { child(id: $id) { deadlines(first: 100) { nodes { kind status metAt
  conference { id } } } } }";

const OPEN: &str = "mutation($input: OpenCinPlanInput!) { it: openCinPlan(input: $input) {
  plan { id } userErrors { field code message } } }";

/// How what is due of a kind about a conference stands.
async fn stands(app: &App, child: &Value, conference: &Value, kind: &str) -> Vec<String> {
    let data = app.data("social_worker", DUE, json!({"id": child})).await;
    let all = data["child"]["deadlines"]["nodes"].as_array().unwrap().clone();
    let of = all.iter().filter(|each| each["kind"] == kind && each["conference"]["id"] == *conference);
    let mut of: Vec<_> = of.map(|each| each["status"].as_str().unwrap().to_owned()).collect();
    of.sort();
    of
}

async fn conference(app: &App, n: u32, children: &[Value], (kind, at): (&str, &str)) -> Value {
    let done = schedule(app, "social_worker", &scheduling(app, n, children, (kind, at), &AGENCIES).await).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    app.clock.advance(at.parse::<DateTime<Utc>>().unwrap() + Duration::hours(2) - app.clock.now());
    hold(app, n + 1, &done["conference"]["id"]).await
}

/// Decides for each child what is named for it.
async fn decided(app: &App, n: u32, held: &Value, outcomes: &[(&Value, &str)]) {
    let mut input = deciding(n, held, &json!({}));
    for entry in input["outcomes"].as_array_mut().unwrap() {
        let outcome = outcomes.iter().find(|(child, _)| entry["childId"] == **child).unwrap().1;
        entry["outcome"] = outcome.into();
        if outcome == "CP_PLAN" {
            entry["abuseCategory"] = "NEG".into();
        }
    }
    let done = decide(app, &input).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
}

/// Writes which plan follows, in the place of what was said before; answers the entry.
async fn follows(app: &App, n: u32, (record, child): (&Value, &Value), choice: &str, before: &Value) -> Value {
    let mut entry = json!({"item": "FOLLOW_ON", "childId": child, "choice": choice});
    if !before.is_null() {
        entry["replacesId"] = before.clone();
    }
    let all = written(app, n, "chair", record, &json!([entry])).await;
    let of = |each: &&Value| each["item"] == "FOLLOW_ON" && each["child"]["id"] == *child;
    all.iter().find(of).unwrap()["id"].clone()
}

/// The plan that follows a child protection plan that ends (WAR-SD-02), and no other (AMB-37).
async fn a_plan_that_follows(app: App) {
    let children = without_plan(&app).await[..3].to_vec();
    let [one, early, without] = &children[..] else { panic!("three") };
    let held = conference(&app, 10, &children, ("INITIAL", "2026-12-09T10:00:00Z")).await;
    let plan = "CP_PLAN";
    decided(&app, 12, &held, &[(one, plan), (early, plan), (without, "PROVISION_OF_SERVICES")]).await;
    let initial = &held["id"];
    follows(&app, 13, (initial, without), "CIN_PLAN", &Value::Null).await;
    assert_eq!(stands(&app, without, initial, "FOLLOW_ON_PLAN").await, Vec::<String>::new(), "AMB-37");

    let held = conference(&app, 20, &children[..2], ("REVIEW", "2027-03-01T10:00:00Z")).await;
    let review = &held["id"];
    let of = async |child: &Value| stands(&app, child, review, "FOLLOW_ON_PLAN").await;
    // said before it is decided that the plan ends
    let first = follows(&app, 22, (review, one), "EARLY_HELP", &Value::Null).await;
    assert_eq!(of(one).await, Vec::<String>::new(), "nothing has ended yet");
    let ends = "CP_PLAN_ENDS";
    decided(&app, 23, &held, &[(one, ends), (early, ends)]).await;
    assert_eq!(of(one).await, ["UPCOMING"], "due with the decision");
    // taken back and said again: one that lapsed, and one
    let none = follows(&app, 25, (review, one), "NONE", &first).await;
    assert_eq!(of(one).await, ["NOT_APPLICABLE"]);
    let again = follows(&app, 26, (review, one), "CIN_PLAN", &none).await;
    assert_eq!(of(one).await, ["NOT_APPLICABLE", "UPCOMING"]);
    let open = async |n: u32, child: &Value| {
        let input = json!({"idempotencyKey": key(n), "childId": child, "metAt": app.clock.now(), "visitEveryDays": 14});
        let done = app.data("social_worker", OPEN, json!({"input": input})).await["it"].clone();
        assert_eq!(done["userErrors"], json!([]), "{done}");
        done["plan"]["id"].clone()
    };
    app.clock.advance(Duration::days(1));
    let plan = open(27, one).await;
    // it takes up what the conference recommended (WAR-SD-04); whether lawyers are asked is not the social worker's (WAR-PL-05)
    let asked = items(&missing(&app, "social_worker", &plan).await);
    assert!(asked.contains(&"RECOMMENDATIONS_USED".to_owned()), "{asked:?}");
    let legal = json!([{"item": "LEGAL_ADVICE", "choice": "YES"}]);
    assert_eq!(may_not_write(&app, 32, "social_worker", &plan, &legal).await, "FORBIDDEN");
    written(&app, 33, "service_manager", &plan, &legal).await;
    assert_eq!(of(one).await, ["MET", "NOT_APPLICABLE"]);
    let rewritten = follows(&app, 28, (review, one), "EARLY_HELP", &again).await;
    assert_eq!(of(one).await, ["MET", "NOT_APPLICABLE"], "what was met is not due again");
    let back = json!([{"item": "FOLLOW_ON", "childId": one, "replacesId": rewritten, "withdraw": true}]);
    written(&app, 29, "chair", review, &back).await;
    assert_eq!(of(one).await, ["MET", "NOT_APPLICABLE"]);

    // the plan was made before the chair wrote that one follows
    open(30, early).await;
    app.clock.advance(Duration::days(15));
    follows(&app, 31, (review, early), "CIN_PLAN", &Value::Null).await;
    assert_eq!(of(early).await, ["MET"], "no false OVERDUE");
}

/// Support at level 3 is referred and discussed before the review (LAN-SD-03); what is done in the same write meets it, and
/// nothing is done in a time to come.
async fn support(app: App) {
    go_by(&app, "LANCASHIRE").await;
    let child = app.first_child("social_worker").await;
    let about = std::slice::from_ref(&child);
    let input = scheduling(&app, 40, about, ("REVIEW", "2026-12-16T10:00:00Z"), &AGENCIES).await;
    let id = schedule(&app, "social_worker", &input).await["conference"]["id"].clone();
    let of = async |kind: &str| stands(&app, &child, &id, kind).await;
    let referral = |at: &str| json!({"item": "SUPPORT_REFERRAL", "childId": child, "at": at});
    let level = |n: u32| json!({"item": "SUPPORT_LEVEL", "childId": child, "number": n});
    let entries = json!([level(3), referral("2026-12-01T09:00:00Z")]);
    let to_come = write(&app, 41, "social_worker", &id, &entries).await;
    assert_eq!(fields(&to_come), [("entries.1.at".to_owned(), "WRONG_TIME".to_owned())]);
    let entries = json!([referral("2026-11-23T09:00:00Z"), level(3)]);
    let all = written(&app, 42, "social_worker", &id, &entries).await;
    assert_eq!(of("SUPPORT_REFERRAL").await, ["MET"], "in one write, in whichever order");
    assert_eq!(of("SUPPORT_DISCUSSION").await, ["UPCOMING"]);
    let said = all.iter().find(|each| each["item"] == "SUPPORT_LEVEL").unwrap()["id"].clone();
    let mut lower = level(2);
    lower["replacesId"] = said;
    written(&app, 43, "social_worker", &id, &json!([lower])).await;
    assert_eq!(of("SUPPORT_DISCUSSION").await, ["NOT_APPLICABLE"]);
    assert_eq!(of("SUPPORT_REFERRAL").await, ["MET"], "what was done was done");
}

both!(plans, super::a_plan_that_follows);
both!(supports, super::support);
