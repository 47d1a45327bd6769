//! Plans: from the outline of the conference to the manager's signature and through its reviews, every version kept; how far
//! each of its actions is; how often the child is visited.

use chrono::Duration;
use serde_json::{Value, json};

use crate::support::process::{fields, finish, go_by, issue, items, may_not_finish, missing, write, written};
use crate::support::table::{decide, deciding, hold, schedule, scheduling, without_plan};
use crate::support::{App, key};

const CSC: &str = "Warwickshire Children's Social Care";
const POLICE: &str = "Warwickshire Police";
const HEALTH: &str = "Warwickshire Community Health Trust";
const HOMES: &str = "Warwickshire Homes Association";

const PLAN: &str = "query($id: ID!) { child(id: $id) { currentPlan { id state version visitEveryDays
  versions(first: 100) { nodes { number state since recordedAt supersededAt latestCategory dangerStatement visitEveryDays
    withheld recordedBy { id } conference { id } } }
  actions { nodes { id version planVersion status doneOn description ownerAgency { name } } } } } }";

const DUE: &str = "query($id: ID!) { child(id: $id) { deadlines(first: 100) { nodes { kind status metAt } } } }";

/// A child protection plan that a conference of 9 December made of this outline; answers child and conference.
async fn made(app: &App, n: u32, outline: &Value) -> (Value, Value) {
    let child = without_plan(app).await[0].clone();
    let about = std::slice::from_ref(&child);
    let input = scheduling(app, n, about, ("INITIAL", "2026-12-09T10:00:00Z"), &[CSC, POLICE, HEALTH]).await;
    let id = schedule(app, "social_worker", &input).await["conference"]["id"].clone();
    app.clock.advance("2026-12-09T13:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap() - app.clock.now());
    let outcome = json!({"outcome": "CP_PLAN", "abuseCategory": "NEG", "plan": outline});
    let done = decide(app, &deciding(n + 1, &hold(app, n + 2, &id).await, &outcome)).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    (child, id)
}

async fn outline(app: &App) -> Value {
    let action =
        |agency: &Value, what: &str| json!({"description": what, "ownerAgencyId": agency, "dueOn": "2027-01-15"});
    let (health, homes) = (app.agency(HEALTH).await, app.agency(HOMES).await);
    json!({"dangerStatement": "Left alone at night.", "safetyStatement": "An adult is there at night.",
      "actions": [action(&health, "Weighs each week."), action(&homes, "Mends the door.")],
      "coreGroup": [{"agencyId": health}, {"agencyId": homes}]})
}

async fn plan(app: &App, persona: &str, child: &Value) -> Value {
    app.data(persona, PLAN, json!({"id": child})).await["child"]["currentPlan"].clone()
}

/// The states of all versions of a plan, in their order.
fn states(plan: &Value) -> Vec<&str> {
    let all = plan["versions"]["nodes"].as_array().unwrap();
    let numbers: Vec<_> = all.iter().map(|v| v["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=all.len() as u64).collect::<Vec<_>>(), "each change is a version");
    all.iter().map(|v| v["state"].as_str().unwrap()).collect()
}

fn message(done: &Value) -> &str {
    assert_eq!(fields(done), [("step".to_owned(), "WRONG_STATE".to_owned())], "{done}");
    done["userErrors"][0]["message"].as_str().unwrap()
}

/// Outline, detailed plan, signature, review, revised plan, signature, end (WAR-MI-06, WAR-CG-03, BIR-CG-01, WAR-PL-03).
async fn from_outline_to_end(app: App) {
    // a practice that warns: what is missing of the plan is not what this is about
    go_by(&app, "BIRMINGHAM").await;
    let (child, conference) = made(&app, 4000, &outline(&app).await).await;
    let outlined = plan(&app, "social_worker", &child).await;
    let id = outlined["id"].clone();
    assert_eq!((&outlined["state"], states(&outlined)), (&json!("OUTLINE"), vec!["OUTLINE"]));
    let first = &outlined["versions"]["nodes"][0];
    assert_eq!((&first["since"], &first["conference"]["id"]), (&json!("2026-12-09"), &conference));
    assert!(first["recordedBy"]["id"].is_string() && first["supersededAt"].is_null(), "{first}");

    // the manager signs what the core group has detailed
    let early = finish(&app, 4010, "team_manager", (&id, "PLAN_SIGN_OFF"), None).await;
    assert_eq!(message(&early), "PLAN_SIGN_OFF is finished when the record is DETAILED or REVISED; it is OUTLINE.");
    app.clock.advance(Duration::days(2));
    let detail = json!([{"item": "OUTCOME", "text": "Sleeps at home in safety on every night."}]);
    written(&app, 4011, "social_worker", &id, &detail).await;
    assert_eq!(finish(&app, 4012, "social_worker", (&id, "DETAILED_PLAN"), None).await["userErrors"], json!([]));
    assert_eq!(may_not_finish(&app, 4013, "social_worker", (&id, "PLAN_SIGN_OFF")).await, "FORBIDDEN");
    let draft = issue(&app, 4014, "social_worker", &id, "PLAN", &json!({})).await;
    assert_eq!(draft["document"]["unfinished"], true, "{draft}");
    let signed = finish(&app, 4015, "team_manager", (&id, "PLAN_SIGN_OFF"), None).await;
    assert_eq!(signed["userErrors"], json!([]));
    assert_eq!(
        finish(&app, 4015, "team_manager", (&id, "PLAN_SIGN_OFF"), None).await,
        signed,
        "a retry answers the same"
    );
    let again = finish(&app, 4016, "team_manager", (&id, "PLAN_SIGN_OFF"), None).await;
    assert_eq!(message(&again), "PLAN_SIGN_OFF is finished when the record is DETAILED or REVISED; it is FINAL.");
    let whole = issue(&app, 4017, "social_worker", &id, "PLAN", &json!({})).await;
    assert_eq!(whole["document"]["unfinished"], false, "{whole}");
    assert_eq!(states(&plan(&app, "social_worker", &child).await), ["OUTLINE", "OUTLINE", "DETAILED", "FINAL"]);

    // what is said of it leaves it signed; what it says itself does not
    let agreed = json!([{"item": "ENDORSEMENT", "agencyId": app.agency(HEALTH).await, "choice": "YES"}]);
    written(&app, 4018, "health_visitor", &id, &agreed).await;
    assert_eq!(plan(&app, "social_worker", &child).await["state"], "FINAL");
    let more = json!([{"item": "OUTCOME", "text": "Is at nursery on every day of the week."}]);
    written(&app, 4019, "social_worker", &id, &more).await;
    assert_eq!(plan(&app, "social_worker", &child).await["state"], "REVISED");
    let changed = issue(&app, 4020, "social_worker", &id, "PLAN", &json!({})).await;
    assert_eq!(changed["document"]["unfinished"], true, "it waits for a signature again: {changed}");
    assert_eq!(finish(&app, 4021, "team_manager", (&id, "PLAN_SIGN_OFF"), None).await["userErrors"], json!([]));

    reviewed(&app, &child, &id).await;
}

/// A review that changes a signed plan, and one that ends it.
async fn reviewed(app: &App, child: &Value, id: &Value) {
    let about = std::slice::from_ref(child);
    let review = async |n: u32, at: &str| {
        let input = scheduling(app, n, about, ("REVIEW", at), &[CSC, HEALTH]).await;
        let id = schedule(app, "social_worker", &input).await["conference"]["id"].clone();
        app.clock.advance(at.parse::<chrono::DateTime<chrono::Utc>>().unwrap() + Duration::hours(2) - app.clock.now());
        hold(app, n + 1, &id).await
    };
    let held = review(4030, "2027-02-10T10:00:00Z").await;
    assert_eq!(plan(app, "social_worker", child).await["state"], "UNDER_REVIEW");
    let meanwhile = finish(app, 4032, "social_worker", (id, "DETAILED_PLAN"), None).await;
    assert_eq!(
        message(&meanwhile),
        "DETAILED_PLAN is finished when the record is OUTLINE or REVISED; it is UNDER_REVIEW."
    );
    let goes_on = json!({"outcome": "CP_PLAN_CONTINUES", "abuseCategory": "EMO", "plan": {
      "dangerStatement": "Shouted at each day.", "visitEveryDays": 10, "actions": [
        {"description": "Talks with the father.", "ownerAgencyId": app.agency(HEALTH).await, "dueOn": "2027-03-15"}]}});
    assert_eq!(decide(app, &deciding(4033, &held, &goes_on)).await["userErrors"], json!([]));
    let revised = plan(app, "social_worker", child).await;
    assert_eq!(
        states(&revised),
        ["OUTLINE", "OUTLINE", "DETAILED", "FINAL", "FINAL", "REVISED", "FINAL", "UNDER_REVIEW", "REVISED"]
    );
    let all = revised["versions"]["nodes"].as_array().unwrap();
    let said =
        |n: usize| (&all[n - 1]["dangerStatement"], &all[n - 1]["latestCategory"], &all[n - 1]["visitEveryDays"]);
    assert_eq!(said(8), (&json!("Left alone at night."), &json!("NEG"), &json!(14)), "what was stays as it was");
    assert_eq!(said(9), (&json!("Shouted at each day."), &json!("EMO"), &json!(10)));
    let came_with: Vec<_> = revised["actions"]["nodes"].as_array().unwrap().iter().map(|a| &a["planVersion"]).collect();
    assert_eq!(came_with, [1, 1, 9]);
    compared(app, id).await;

    assert_eq!(finish(app, 4034, "social_worker", (id, "DETAILED_PLAN"), None).await["userErrors"], json!([]));
    assert_eq!(finish(app, 4035, "team_manager", (id, "PLAN_SIGN_OFF"), None).await["userErrors"], json!([]));
    let held = review(4040, "2027-07-14T10:00:00Z").await;
    let ends = json!({"outcome": "CP_PLAN_ENDS"});
    assert_eq!(decide(app, &deciding(4042, &held, &ends)).await["userErrors"], json!([]));
    let over = finish(app, 4043, "social_worker", (id, "DETAILED_PLAN"), None).await;
    assert_eq!(message(&over), "DETAILED_PLAN is finished when the record is OUTLINE or REVISED; it is CEASED.");
}

/// The version of a day, two versions side by side, and what is withheld of them.
async fn compared(app: &App, id: &Value) {
    let query = "query($id: ID!, $day: Date) { node(id: $id) { ... on Plan { asOf(day: $day) { number state
      dangerStatement latestCategory withheld entries { nodes { text } } } } } }";
    let on = async |persona: &str, day: &str| {
        app.data(persona, query, json!({"id": id, "day": day})).await["node"]["asOf"].clone()
    };
    assert_eq!(on("social_worker", "2026-12-08").await, Value::Null, "before it began");
    let outline = on("social_worker", "2026-12-09").await;
    assert_eq!(
        (&outline["number"], &outline["state"], &outline["entries"]["nodes"]),
        (&json!(1), &json!("OUTLINE"), &json!([]))
    );
    let signed = on("social_worker", "2027-02-09").await;
    assert_eq!(
        (&signed["number"], &signed["state"], &signed["latestCategory"]),
        (&json!(7), &json!("FINAL"), &json!("NEG"))
    );
    assert_eq!(signed["entries"]["nodes"].as_array().unwrap().len(), 3, "as they stood then");
    let now = on("social_worker", "2027-02-10").await;
    assert_eq!((&now["number"], &now["dangerStatement"]), (&json!(9), &json!("Shouted at each day.")));
    let told = on("housing", "2027-02-10").await;
    assert_eq!((&told["state"], &told["dangerStatement"]), (&json!("REVISED"), &Value::Null));
    assert!(!told["withheld"].as_array().unwrap().is_empty(), "a gap that is said: {told}");
    assert_eq!(app.code("police_elsewhere", query, json!({"id": id, "day": "2027-02-10"})).await, "NOT_FOUND");

    let query = "query($id: ID!, $from: Int, $until: Int) { node(id: $id) { ... on Plan {
      comparison(from: $from, until: $until) { changed before { number } after { number }
        entries { before { text } after { item text } } } } } }";
    let between = async |persona: &str, from: u32, until: u32| {
        let of = json!({"id": id, "from": from, "until": until});
        app.data(persona, query, of).await["node"]["comparison"].clone()
    };
    let whole = between("social_worker", 1, 9).await;
    let parts = json!(["STATE", "CATEGORY", "DANGER_STATEMENT", "VISIT_EVERY_DAYS"]);
    assert_eq!(whole["changed"], parts, "{whole}");
    assert_eq!(whole["entries"].as_array().unwrap().len(), 3, "{whole}");
    assert_eq!(between("social_worker", 3, 4).await["changed"], json!(["STATE"]), "a signature changes nothing else");
    assert_eq!(between("social_worker", 3, 40).await, Value::Null);
    assert_eq!(between("housing", 1, 9).await["changed"], json!(["STATE"]), "nothing of what is withheld");
    let last = app.data("social_worker", query, json!({"id": id})).await["node"]["comparison"].clone();
    assert_eq!((&last["before"]["number"], &last["after"]["number"]), (&json!(8), &json!(9)), "the last change");
    assert_eq!(app.code("social_worker", query, json!({"id": id, "from": 3, "until": 3})).await, "BAD_USER_INPUT");
}

const PROGRESS: &str = "mutation($input: RecordActionProgressInput!) { it: recordActionProgress(input: $input) {
  planAction { id status doneOn version } userErrors { field code message } } }";

/// Who does something under a plan says how far it is (WAR-CG-11, BIR-CG-10); social care as well, who alone withdraws it.
async fn progress_of_actions(app: App) {
    let (child, _) = made(&app, 4100, &outline(&app).await).await;
    let found = plan(&app, "social_worker", &child).await["actions"]["nodes"].clone();
    let action = found.as_array().unwrap().iter().find(|a| a["ownerAgency"]["name"] == HEALTH).unwrap().clone();
    app.clock.advance(Duration::days(3));
    let input = |n: u32, version: u32, status: &str, done_on: Option<&str>| {
        json!({"idempotencyKey": key(n), "planActionId": action["id"], "expectedVersion": version, "status": status,
          "doneOn": done_on})
    };
    let ask =
        async |persona: &str, input: &Value| app.data(persona, PROGRESS, json!({"input": input})).await["it"].clone();
    let refused = async |persona: &str, input: Value| app.code(persona, PROGRESS, json!({"input": input})).await;
    assert_eq!(refused("police", input(4110, 1, "IN_PROGRESS", None)).await, "FORBIDDEN", "another agency's");
    assert_eq!(refused("chair", input(4110, 1, "IN_PROGRESS", None)).await, "FORBIDDEN");
    assert_eq!(refused("police_elsewhere", input(4110, 1, "IN_PROGRESS", None)).await, "NOT_FOUND");
    assert_eq!(refused("health_visitor", input(4110, 1, "WITHDRAWN", None)).await, "FORBIDDEN", "for social care");
    let begun = ask("health_visitor", &input(4111, 1, "IN_PROGRESS", None)).await;
    assert_eq!((&begun["userErrors"], &begun["planAction"]["status"]), (&json!([]), &json!("IN_PROGRESS")));
    assert_eq!(ask("health_visitor", &input(4111, 1, "IN_PROGRESS", None)).await, begun, "a retry answers the same");
    assert_eq!(
        refused("health_visitor", input(4112, 1, "DONE", Some("2026-12-10"))).await,
        "CONFLICT",
        "not the version that stands"
    );
    for (n, day, code) in
        [(4113, None, "REQUIRED"), (4114, Some("2026-12-08"), "WRONG_TIME"), (4115, Some("2026-12-13"), "WRONG_TIME")]
    {
        let done = ask("health_visitor", &input(n, 2, "DONE", day)).await;
        assert_eq!(fields(&done), [("doneOn".to_owned(), code.to_owned())], "{day:?}");
    }
    let done = ask("health_visitor", &input(4116, 2, "DONE", Some("2026-12-11"))).await;
    assert_eq!((&done["planAction"]["status"], &done["planAction"]["doneOn"]), (&json!("DONE"), &json!("2026-12-11")));
    let wrong = ask("social_worker", &input(4117, 3, "WITHDRAWN", None)).await;
    assert_eq!(fields(&wrong), [("status".to_owned(), "WRONG_STATE".to_owned())]);
    let named = wrong["userErrors"][0]["message"].as_str().unwrap();
    assert_eq!(named, "An action is withdrawn while it is NOT_STARTED or IN_PROGRESS; it is DONE.");
    // it was not done after all
    let back = ask("social_worker", &input(4118, 3, "IN_PROGRESS", None)).await;
    assert_eq!((&back["planAction"]["status"], &back["planAction"]["doneOn"]), (&json!("IN_PROGRESS"), &Value::Null));
    assert_eq!(ask("team_manager", &input(4119, 4, "WITHDRAWN", None)).await["userErrors"], json!([]));
    let over = ask("social_worker", &input(4120, 5, "DONE", Some("2026-12-11"))).await;
    assert_eq!(fields(&over), [("status".to_owned(), "ALREADY_CONCLUDED".to_owned())]);
    // the core group hears of it, and it changes nothing of the plan itself
    let heard = app.kinds("housing").await;
    assert_eq!(heard.iter().filter(|kind| *kind == "PLAN_ACTION_PROGRESSED").count(), 4, "{heard:?}");
    assert_eq!(states(&plan(&app, "social_worker", &child).await), ["OUTLINE"]);
}

/// What makes an outline plan meets its clock: with the decision, or on the plan's record later (WAR-MI-06).
async fn the_outline_in_time(app: App) {
    let due = async |child: &Value| {
        let data = app.data("social_worker", DUE, json!({"id": child})).await;
        let all = data["child"]["deadlines"]["nodes"].as_array().unwrap().clone();
        all.into_iter().find(|each| each["kind"] == "OUTLINE_PLAN").unwrap()
    };
    let (child, _) = made(&app, 4200, &outline(&app).await).await;
    let met = due(&child).await;
    assert_eq!((&met["status"], &met["metAt"]), (&json!("MET"), &json!("2026-12-09T13:00:00+00:00")));

    // no action was agreed: it is not written up
    let child = without_plan(&app).await[0].clone();
    let about = std::slice::from_ref(&child);
    let input = scheduling(&app, 4210, about, ("INITIAL", "2026-12-14T10:00:00Z"), &[CSC, POLICE, HEALTH]).await;
    let id = schedule(&app, "social_worker", &input).await["conference"]["id"].clone();
    app.clock.advance(Duration::days(5));
    let outcome = json!({"outcome": "CP_PLAN", "abuseCategory": "NEG", "plan": {"visitEveryDays": 28}});
    let held = hold(&app, 4211, &id).await;
    assert_eq!(decide(&app, &deciding(4212, &held, &outcome)).await["userErrors"], json!([]));
    assert_eq!(due(&child).await["status"], "UPCOMING");
    let record = plan(&app, "social_worker", &child).await["id"].clone();
    let agreed = json!([{"item": "ENDORSEMENT", "agencyId": app.agency(CSC).await, "choice": "YES"}]);
    let none = write(&app, 4213, "social_worker", &record, &agreed).await;
    assert_eq!(due(&child).await["status"], "UPCOMING", "said of it: {none}");
    let written_up = json!([{"item": "OUTCOME", "text": "Sleeps at home in safety on every night."}]);
    written(&app, 4214, "social_worker", &record, &written_up).await;
    assert_eq!(due(&child).await["status"], "MET");

    // twice as seldom as Warwickshire wants: what the conference decided stands, and the minutes are asked why (WAR-VI-03)
    assert_eq!(plan(&app, "social_worker", &child).await["visitEveryDays"], 28);
    let asked: Vec<_> = missing(&app, "chair", &id).await;
    let asked: Vec<_> = asked.into_iter().filter(|gap| gap["item"] == "VISITS_SPARSER_BECAUSE").collect();
    assert_eq!((asked.len(), &asked[0]["child"]["id"], &asked[0]["hold"]), (1, &child, &json!("WARN")));
    let why =
        json!([{"item": "VISITS_SPARSER_BECAUSE", "childId": child, "text": "The grandmother calls on each day."}]);
    written(&app, 4215, "chair", &id, &why).await;
    assert!(!items(&missing(&app, "chair", &id).await).contains(&"VISITS_SPARSER_BECAUSE".to_owned()));
}

/// The chair overrules that a plan ends: then it goes on, and that is told (LAN-DE-02).
async fn by_the_chair(app: App) {
    go_by(&app, "LANCASHIRE").await;
    let (child, initial) = made(&app, 4300, &outline(&app).await).await;
    let overrules = json!([{"item": "CONFERENCE_DECISION", "childId": child, "choice": "CP_PLAN_ENDS"}]);
    let refused = [("entries.0.choice".to_owned(), "RULE_REFUSED".to_owned())];
    assert_eq!(fields(&write(&app, 4310, "chair", &initial, &overrules).await), refused, "it made the plan");
    let about = std::slice::from_ref(&child);
    let review = async |n: u32, at: &str| {
        let input = scheduling(&app, n, about, ("REVIEW", at), &[CSC, HEALTH]).await;
        let id = schedule(&app, "social_worker", &input).await["conference"]["id"].clone();
        app.clock.advance(at.parse::<chrono::DateTime<chrono::Utc>>().unwrap() + Duration::hours(2) - app.clock.now());
        hold(&app, n + 1, &id).await
    };
    let held = review(4320, "2027-02-10T10:00:00Z").await;
    written(&app, 4322, "chair", &held["id"], &overrules).await;
    let told = async || {
        let kinds = app.kinds("health_visitor").await;
        kinds.into_iter().filter(|kind| kind == "CONFERENCE_DECISION_OVERRULED").count()
    };
    let (ends, goes_on) = (json!({"outcome": "CP_PLAN_ENDS"}), json!({"outcome": "CP_PLAN_CONTINUES"}));
    let against = decide(&app, &deciding(4323, &held, &ends)).await;
    assert_eq!(fields(&against), [("outcomes.0.outcome".to_owned(), "RULE_REFUSED".to_owned())]);
    assert_eq!(told().await, 0, "nothing was decided");
    let decided = deciding(4324, &held, &goes_on);
    assert_eq!(decide(&app, &decided).await["userErrors"], json!([]));
    decide(&app, &decided).await;
    assert_eq!(told().await, 1, "beside the outcome, and once");

    // written down after the outcome it is told then
    let held = review(4330, "2027-06-09T10:00:00Z").await;
    assert_eq!(decide(&app, &deciding(4332, &held, &goes_on)).await["userErrors"], json!([]));
    written(&app, 4333, "chair", &held["id"], &overrules).await;
    assert_eq!(told().await, 2);
    // a plan that has ended was not kept by anybody
    let held = review(4340, "2027-11-10T10:00:00Z").await;
    assert_eq!(decide(&app, &deciding(4342, &held, &ends)).await["userErrors"], json!([]));
    assert_eq!(fields(&write(&app, 4343, "chair", &held["id"], &overrules).await), refused);
    assert_eq!(told().await, 2);
}

both!(an_override, super::by_the_chair);
both!(a_plan_and_its_versions, super::from_outline_to_end);
both!(actions_of_a_plan, super::progress_of_actions);
both!(an_outline, super::the_outline_in_time);
