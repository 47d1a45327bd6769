//! Documents meet what was due by them once everybody has them whom the rule names, and in the form it names.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use crate::support::App;
use crate::support::process::{another_parent, attend, finish, issue, live_together, parents, written};
use crate::support::table::{READ, decide, deciding, hold, schedule, scheduling, without_plan};

const CSC: &str = "Warwickshire Children's Social Care";
const POLICE: &str = "Warwickshire Police";
const HEALTH: &str = "Warwickshire Community Health Trust";
const AGENCIES: [&str; 3] = [CSC, POLICE, HEALTH];

const DUE: &str = "query($id: ID!) { child(id: $id) { deadlines(first: 100) { nodes { kind metAt
  conference { id } } } } }";

/// When what was due about a conference was met, by its kind.
async fn met(app: &App, child: &Value, conference: &Value, kind: &str) -> Value {
    let data = app.data("social_worker", DUE, json!({"id": child})).await;
    let all = data["child"]["deadlines"]["nodes"].as_array().unwrap().clone();
    let of: Vec<_> = all.iter().filter(|d| d["kind"] == kind && d["conference"]["id"] == *conference).collect();
    assert_eq!(of.len(), 1, "{kind}: {all:#?}");
    of[0]["metAt"].clone()
}

/// Two children of one household, and the two adults with parental responsibility for them.
async fn with_two_parents(app: &App) -> (Vec<Value>, Vec<Value>) {
    let children: Vec<_> = without_plan(app).await.into_iter().take(2).collect();
    live_together(app, &children).await;
    another_parent(app, &parents(app, &children[0]).await[0]).await;
    let family = parents(app, &children[0]).await;
    assert_eq!((children.len(), family.len()), (2, 2));
    (children, family)
}

fn until(app: &App, at: &str) {
    app.clock.advance(at.parse::<DateTime<Utc>>().unwrap() - app.clock.now());
}

/// The report before an initial conference: the family has it when all of it has it (WAR-PR-04), the professionals when it is
/// signed (WAR-PR-06); decisions and minutes go to all, the family among them (WAR-MI-03, WAR-MI-04).
async fn around_an_initial_conference(app: App) {
    let (children, family) = with_two_parents(&app).await;
    let child = children[0].clone();
    let input = scheduling(&app, 1, &children, ("INITIAL", "2026-12-09T10:00:00Z"), &AGENCIES).await;
    let id = schedule(&app, "social_worker", &input).await["conference"]["id"].clone();
    let sent = async |n: u32, persona: &str, document: &str, more: Value| {
        let done = issue(&app, n, persona, &id, document, &more).await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        done["document"]["unfinished"] == true
    };
    let to_family = async || met(&app, &child, &id, "REPORT_TO_FAMILY").await;
    let to_professionals = async || met(&app, &child, &id, "REPORT_TO_PROFESSIONALS").await;

    assert!(sent(2, "social_worker", "SOCIAL_WORK_REPORT", json!({"personIds": [family[0]]})).await, "unsigned");
    assert_eq!(
        (to_family().await, to_professionals().await),
        (Value::Null, Value::Null),
        "the mother has it, unsigned"
    );
    app.clock.advance(Duration::days(1));
    let father = json!({"agencyIds": [], "personIds": family[1..]});
    sent(3, "social_worker", "SOCIAL_WORK_REPORT", father).await;
    assert_eq!(to_family().await, json!("2026-11-25T09:00:00+00:00"), "the father a day later");
    let agreed = json!([{"item": "REPORT_AGREED", "at": "2026-11-25T08:00:00Z"}]);
    written(&app, 4, "team_manager", &id, &agreed).await;
    assert_eq!(finish(&app, 5, "team_manager", (&id, "SOCIAL_WORK_REPORT"), None).await["userErrors"], json!([]));
    assert_eq!(to_professionals().await, Value::Null, "what they have is the draft");
    assert!(!sent(6, "social_worker", "SOCIAL_WORK_REPORT", json!({})).await);
    assert_eq!(to_professionals().await, json!("2026-11-25T09:00:00+00:00"));

    until(&app, "2026-12-09T13:00:00Z");
    let held = hold(&app, 7, &id).await;
    let made = json!({"outcome": "CP_PLAN", "abuseCategory": "NEG"});
    assert_eq!(decide(&app, &deciding(8, &held, &made)).await["userErrors"], json!([]));
    let decisions = async || met(&app, &child, &id, "DECISIONS_CIRCULATED").await;
    sent(9, "chair", "DECISIONS", json!({"personIds": [family[0]]})).await;
    assert_eq!(decisions().await, Value::Null, "the father was asked as well");
    sent(10, "chair", "DECISIONS", json!({"agencyIds": [], "personIds": family[1..]})).await;
    assert_eq!(decisions().await, json!("2026-12-09T13:00:00+00:00"));
    let minutes = async || met(&app, &child, &id, "MINUTES_CIRCULATED").await;
    assert!(sent(11, "chair", "MINUTES", json!({"personIds": family})).await);
    assert_eq!(minutes().await, Value::Null, "a draft is not the full minutes");
}

/// A report to a review has reached the Safeguarding Unit when the unit has it, whoever else does (WAR-RV-06).
async fn before_a_review(app: App) {
    let child = app.first_child("social_worker").await;
    let about = std::slice::from_ref(&child);
    let input = scheduling(&app, 20, about, ("REVIEW", "2026-12-16T10:00:00Z"), &AGENCIES).await;
    let done = schedule(&app, "social_worker", &input).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    let id = done["conference"]["id"].clone();
    let unit = async || met(&app, &child, &id, "REVIEW_REPORT_TO_UNIT").await;
    let others = json!({"agencyIds": [app.agency(POLICE).await, app.agency(HEALTH).await]});
    issue(&app, 21, "social_worker", &id, "SOCIAL_WORK_REPORT", &others).await;
    assert_eq!(unit().await, Value::Null);
    app.clock.advance(Duration::hours(1));
    issue(&app, 22, "social_worker", &id, "SOCIAL_WORK_REPORT", &json!({"agencyIds": [app.agency(CSC).await]})).await;
    assert_eq!(unit().await, json!("2026-11-24T10:00:00+00:00"));
}

/// Decisions go to all who were asked (SCN-18): to the one of four who stayed away as well.
async fn who_stayed_away(app: App) {
    let (children, family) = with_two_parents(&app).await;
    let child = children[0].clone();
    let school = "Warwickshire Oakfield Primary School";
    let names = [CSC, POLICE, HEALTH, school];
    let input = scheduling(&app, 30, &children, ("INITIAL", "2026-12-09T10:00:00Z"), &names).await;
    let id = schedule(&app, "social_worker", &input).await["conference"]["id"].clone();
    until(&app, "2026-12-09T13:00:00Z");
    attend(&app, 31, &id, &[(CSC, "IN_PERSON"), (POLICE, "REMOTE"), (HEALTH, "REMOTE"), (school, "NO_WORD")]).await;
    let held = app.data("chair", READ, json!({"id": id})).await["conference"].clone();
    let made = json!({"outcome": "CP_PLAN", "abuseCategory": "NEG"});
    assert_eq!(decide(&app, &deciding(32, &held, &made)).await["userErrors"], json!([]));
    let mut came = Vec::new();
    for name in [CSC, POLICE, HEALTH] {
        came.push(app.agency(name).await);
    }
    issue(&app, 33, "chair", &id, "DECISIONS", &json!({"agencyIds": came, "personIds": family})).await;
    assert_eq!(met(&app, &child, &id, "DECISIONS_CIRCULATED").await, Value::Null);
    issue(&app, 34, "chair", &id, "DECISIONS", &json!({"agencyIds": [app.agency(school).await]})).await;
    assert_eq!(met(&app, &child, &id, "DECISIONS_CIRCULATED").await, json!("2026-12-09T13:00:00+00:00"));
}

both!(staying_away, super::who_stayed_away);
both!(initial_conferences, super::around_an_initial_conference);
both!(reviews, super::before_a_review);
