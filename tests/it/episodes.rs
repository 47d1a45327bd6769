//! Episodes of need: what the rules of the national return let stand beside each other, told by their numbers.

use chrono::Duration;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::support::contents::{connect, number};
use crate::support::table::{deciding, hold, schedule, scheduling, without_plan};
use crate::support::{App, key};

const CSC: &str = "Warwickshire Children's Social Care";
const POLICE: &str = "Warwickshire Police";
const HEALTH: &str = "Warwickshire Community Health Trust";

const REFER: &str = "mutation($input: RecordReferralInput!) { it: recordReferral(input: $input) {
  episode { id status referredOn source need closedOn version child { id } } userErrors { field code message } } }";
const START: &str = "mutation($input: StartAssessmentInput!) { it: startAssessment(input: $input) {
  assessment { id startedOn completedOn version episode { id } } userErrors { field code message } } }";
const COMPLETE: &str = "mutation($input: CompleteAssessmentInput!) { it: completeAssessment(input: $input) {
  assessment { completedOn version } userErrors { field code message } } }";
const CLOSE: &str = "mutation($input: CloseEpisodeInput!) { it: closeEpisode(input: $input) {
  episode { status closedOn closedBecause version } userErrors { field code message } } }";
const DIED: &str = "mutation($input: RecordDeathInput!) { it: recordDeath(input: $input) {
  child { diedOn currentPlan { id } plans(first: 1) { nodes { kind startsOn endsOn } } }
  userErrors { field code message } } }";
const OPEN: &str = "mutation($input: OpenCinPlanInput!) { it: openCinPlan(input: $input) {
  plan { id version } userErrors { field code message } } }";
const END: &str = "mutation($input: EndCinPlanInput!) { it: endCinPlan(input: $input) {
  plan { id endsOn } userErrors { field code message } } }";
const DECIDE: &str = "mutation($input: RecordConferenceOutcomeInput!) { it: recordConferenceOutcome(input: $input) {
  conference { children(first: 9) { nodes { child { id currentPlan { startsOn } } } } }
  userErrors { field code message } } }";
const CALL: &str = "mutation($input: CallStrategyMeetingInput!) { it: callStrategyMeeting(input: $input) {
  strategyMeeting { id version } userErrors { field code message } } }";
const HELD: &str =
    "mutation($input: RecordStrategyMeetingOutcomeInput!) { it: recordStrategyMeetingOutcome(input: $input) {
  strategyMeeting { enquiries { nodes { id } } } userErrors { field code message } } }";
const READ: &str =
    "query($id: ID!) { child(id: $id) { diedOn episodes { nodes { id status source closedBecause withheld
  assessments { nodes { startedOn completedOn } } } } } }";

/// Does something as the social worker; answers the payload.
async fn act(app: &App, n: u32, query: &str, mut input: Value) -> Value {
    input["idempotencyKey"] = key(n).into();
    app.data("social_worker", query, json!({"input": input})).await["it"].clone()
}

/// The fields and rules that a payload names; nothing in place of a rule where its message names none.
fn refused(payload: &Value) -> Vec<(String, String)> {
    let each = |error: &Value| {
        let message = error["message"].as_str().unwrap();
        let rule = message.split_once("(rule").and_then(|(_, rest)| rest.split(')').next()).unwrap_or_default();
        (error["field"].as_str().unwrap().to_owned(), rule.trim_start_matches('s').trim().to_owned())
    };
    payload["userErrors"].as_array().unwrap().iter().map(each).collect()
}

fn of(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(field, rule)| ((*field).to_owned(), (*rule).to_owned())).collect()
}

fn done(payload: Value) -> Value {
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    payload
}

fn referral(child: &Value, day: &str, nothing: bool) -> Value {
    json!({"childId": child, "referredOn": day, "source": "SCHOOL", "need": "ABUSE_OR_NEGLECT",
      "noFurtherAction": nothing})
}

/// What opens a child in need plan that was made on a day, and writes nothing.
fn plan(child: &Value, day: &str) -> Value {
    json!({"childId": child, "metAt": format!("{day}T08:00:00Z"), "visitEveryDays": 14, "dryRun": true})
}

/// As before anybody recorded an episode.
async fn forget_episodes(app: &App) {
    let db = connect(&app.url).await;
    db.execute_unprepared("DELETE FROM assessment").await.unwrap();
    db.execute_unprepared("DELETE FROM episode").await.unwrap();
    // and no enquiry of the demo runs that would have begun before what is referred here
    let agreed = "UPDATE enquiry SET status = 'OUTCOME_AGREED', agreed_at = started_at WHERE agreed_at IS NULL";
    db.execute_unprepared(agreed).await.unwrap();
}

/// A strategy meeting held now about a child; answers what recording that enquiries begin comes to.
async fn enquire(app: &App, n: u32, child: &Value) -> Value {
    let invitees = json!([{"agencyId": app.agency(POLICE).await}, {"agencyId": app.agency(HEALTH).await}]);
    let call =
        json!({"childIds": [child], "reason": "A bruise.", "scheduledAt": app.clock.now(), "invitees": invitees});
    let meeting = done(act(app, n, CALL, call).await)["strategyMeeting"].clone();
    let outcome = json!({"strategyMeetingId": meeting["id"], "expectedVersion": meeting["version"],
      "heldAt": app.clock.now(), "outcomeSummary": "Enquiries begin.",
      "decisions": [{"childId": child, "decision": "SECTION47_JOINT"}]});
    act(app, n + 1, HELD, outcome).await
}

/// A referral on which nothing is done, one on which a case is opened, its assessments, and its end.
async fn a_case(app: App) {
    forget_episodes(&app).await;
    let children = without_plan(&app).await;
    let child = &children[0];
    // of a child without an episode nothing is refused
    done(act(&app, 1, OPEN, plan(child, "2026-11-24")).await);
    // a day to come
    let early = act(&app, 2, REFER, referral(child, "2026-11-25", false)).await;
    assert_eq!(early["userErrors"][0]["code"], "WRONG_TIME");

    let none = done(act(&app, 3, REFER, referral(child, "2026-11-20", true)).await)["episode"].clone();
    assert_eq!((&none["status"], &none["source"]), (&json!("NO_FURTHER_ACTION"), &json!("SCHOOL")));
    let cin = act(&app, 4, OPEN, plan(child, "2026-11-24")).await;
    assert_eq!(refused(&cin), of(&[("metAt", "4000")]));
    assert_eq!(refused(&enquire(&app, 5, child).await), of(&[("decisions.0.decision", "8831")]));
    let start = |episode: &Value, day: &str| json!({"episodeId": episode["id"], "startedOn": day});
    let assessed = act(&app, 7, START, start(&none, "2026-11-21")).await;
    assert_eq!(refused(&assessed), of(&[("startedOn", "8831")]));
    let closing = json!({"episodeId": none["id"], "expectedVersion": 1, "closedOn": "2026-11-24", "reason": "OTHER"});
    assert_eq!(act(&app, 8, CLOSE, closing).await["userErrors"][0]["code"], "ALREADY_CONCLUDED");

    let input = referral(child, "2026-11-23", false);
    let case = done(act(&app, 9, REFER, input.clone()).await)["episode"].clone();
    let again = done(act(&app, 9, REFER, input.clone()).await)["episode"].clone();
    assert_eq!((&case["status"], &again), (&json!("OPEN"), &case), "a retry answers the same");
    assert_eq!(refused(&act(&app, 10, REFER, input).await), of(&[("referredOn", "8815")]));
    let none = act(&app, 11, REFER, referral(child, "2026-11-24", true)).await;
    assert_eq!(refused(&none), of(&[("referredOn", "8820")]));
    let cin = act(&app, 12, OPEN, plan(child, "2026-11-19")).await;
    assert_eq!(refused(&cin), of(&[("metAt", "4015")]));

    let early = act(&app, 13, START, start(&case, "2026-11-22")).await;
    assert_eq!(refused(&early), of(&[("startedOn", "1103")]));
    let first = done(act(&app, 14, START, start(&case, "2026-11-23")).await)["assessment"].clone();
    assert_eq!(first["episode"]["id"], case["id"]);
    let second = act(&app, 15, START, start(&case, "2026-11-24")).await;
    assert_eq!(refused(&second), of(&[("startedOn", "8896")]));
    let close = |on: Value, why: Value| json!({"episodeId": case["id"], "expectedVersion": case["version"], "closedOn": on, "reason": why});
    let open = act(&app, 16, CLOSE, close("2026-11-24".into(), "OTHER".into())).await;
    assert_eq!(refused(&open), of(&[("closedOn", "8867")]));
    let complete = |day: &str| json!({"assessmentId": first["id"], "expectedVersion": 1, "completedOn": day});
    assert_eq!(refused(&act(&app, 17, COMPLETE, complete("2026-11-22")).await), of(&[("completedOn", "8608")]));
    let complete = done(act(&app, 18, COMPLETE, complete("2026-11-24")).await);
    assert_eq!(complete["assessment"]["completedOn"], "2026-11-24");
    let beside = act(&app, 19, START, start(&case, "2026-11-23")).await;
    assert_eq!(refused(&beside), of(&[("startedOn", "8863")]));

    let no_reason = act(&app, 20, CLOSE, close("2026-11-24".into(), Value::Null)).await;
    assert_eq!(refused(&no_reason), of(&[("reason", "8810")]));
    let no_day = act(&app, 21, CLOSE, close(Value::Null, "OTHER".into())).await;
    assert_eq!(refused(&no_day), of(&[("closedOn", "8805")]));
    let too_early = act(&app, 22, CLOSE, close("2026-11-23".into(), "OTHER".into())).await;
    assert_eq!(refused(&too_early), of(&[("closedOn", "8565")]), "the assessment was completed after that");
    let closed = done(act(&app, 23, CLOSE, close("2026-11-24".into(), "EARLY_HELP_AFTER_ASSESSMENT".into())).await);
    assert_eq!(closed["episode"]["closedBecause"], "EARLY_HELP_AFTER_ASSESSMENT");

    app.clock.advance(Duration::days(1));
    let cin = act(&app, 24, OPEN, plan(child, "2026-11-25")).await;
    assert_eq!(refused(&cin), of(&[("metAt", "8565")]));
    assert_eq!(refused(&enquire(&app, 25, child).await), of(&[("decisions.0.decision", "8565")]));
    let overlap = act(&app, 27, REFER, referral(child, "2026-11-23", false)).await;
    assert_eq!(refused(&overlap), of(&[("referredOn", "8820")]));
    let case = done(act(&app, 28, REFER, referral(child, "2026-11-25", false)).await)["episode"].clone();
    let enquiry = done(enquire(&app, 29, child).await);
    assert_eq!(enquiry["strategyMeeting"]["enquiries"]["nodes"].as_array().unwrap().len(), 1);
    // with the enquiry the assessment begins, and once (WAR-S47-14)
    let assessed = async || {
        let data = app.data("social_worker", READ, json!({"id": child})).await;
        let cases = data["child"]["episodes"]["nodes"].as_array().unwrap().clone();
        cases.into_iter().find(|each| each["id"] == case["id"]).unwrap()["assessments"]["nodes"].clone()
    };
    let begun = json!([{"startedOn": "2026-11-25", "completedOn": null}]);
    assert_eq!(assessed().await, begun);
    done(enquire(&app, 33, child).await);
    assert_eq!(assessed().await, begun, "one that runs is the one");
    assert_eq!(app.kinds("social_worker").await.iter().filter(|kind| *kind == "ASSESSMENT_STARTED").count(), 2);
    let closing = json!({"episodeId": case["id"], "expectedVersion": 1, "closedOn": "2026-11-25",
      "reason": "NO_FURTHER_ACTION_AFTER_ASSESSMENT"});
    let runs = act(&app, 31, CLOSE, closing).await;
    let mut all = refused(&runs);
    all.sort_unstable();
    assert_eq!(all, of(&[("closedOn", "8565"), ("closedOn", "8867"), ("reason", "2990")]));
}

/// A case is social care's own: others neither write on it, nor read it, nor hear of it.
async fn of_social_care(app: App) {
    let child = app.first_child("social_worker").await;
    let read = async |persona: &str| {
        app.data(persona, READ, json!({"id": child})).await["child"]["episodes"]["nodes"].as_array().unwrap().clone()
    };
    let case = read("social_worker").await[0].clone();
    assert_eq!((&case["status"], &case["withheld"]), (&json!("OPEN"), &json!([])));
    assert_eq!(case["assessments"]["nodes"].as_array().unwrap().len(), 1);
    assert_eq!(read("team_manager").await.len(), 1);
    assert_eq!(read("chair").await.len(), 1, "of the conference assigned to them");
    for persona in ["police", "health_visitor", "school_dsl", "housing"] {
        assert_eq!(read(persona).await, Vec::<Value>::new(), "{persona}");
        let node = "query($id: ID!) { node(id: $id) { id } }";
        assert_eq!(app.code(persona, node, json!({"id": case["id"]})).await, "NOT_FOUND", "{persona}");
        let input = json!({"idempotencyKey": key(40), "episodeId": case["id"], "startedOn": "2026-11-24"});
        assert_eq!(app.code(persona, START, json!({"input": input})).await, "NOT_FOUND", "{persona}");
        let mut input = referral(&child, "2026-11-24", true);
        input["idempotencyKey"] = key(41).into();
        assert_eq!(app.code(persona, REFER, json!({"input": input})).await, "FORBIDDEN", "{persona}");
    }
    let mut input = referral(&child, "2026-11-24", true);
    input["idempotencyKey"] = key(42).into();
    assert_eq!(app.code("chair", REFER, json!({"input": input})).await, "FORBIDDEN");
    let assessed = act(&app, 43, START, json!({"episodeId": case["id"], "startedOn": "2026-11-24"})).await;
    let first = if assessed["userErrors"] == json!([]) { "ASSESSMENT_STARTED" } else { "" };
    if first.is_empty() {
        // the one of the demo runs: it is completed
        let list = "query($id: ID!) { node(id: $id) { ... on Episode { assessments { nodes { id version } } } } }";
        let node = app.data("social_worker", list, json!({"id": case["id"]})).await["node"].clone();
        let open = &node["assessments"]["nodes"][0];
        let input =
            json!({"assessmentId": open["id"], "expectedVersion": open["version"], "completedOn": "2026-11-24"});
        done(act(&app, 44, COMPLETE, input).await);
    }
    let told = if first.is_empty() { "ASSESSMENT_COMPLETED" } else { first };
    let heard = async |persona: &str| app.kinds(persona).await.contains(&told.to_owned());
    assert!(heard("social_worker").await && heard("chair").await);
    assert!(!heard("police").await && !heard("school_dsl").await);
    app.api.upkeep().await.unwrap();
    let written = "SELECT count(*) FROM audit WHERE resource = 'Assessment' AND decision = 'ALLOWED'";
    assert!(number(&connect(&app.url).await, written).await > 0, "in the access record");
}

/// Two who record a referral at the same time leave one open episode (rule 8815).
async fn at_the_same_time(app: App) {
    forget_episodes(&app).await;
    let child = without_plan(&app).await[0].clone();
    let input = || referral(&child, "2026-11-24", false);
    let (one, other) = futures_util::future::join(act(&app, 50, REFER, input()), act(&app, 51, REFER, input())).await;
    let mut found = [refused(&one), refused(&other)];
    found.sort();
    assert_eq!(found, [of(&[]), of(&[("referredOn", "8815")])]);
}

/// A conference decides within the episodes of its children, and what it makes begins on its day.
async fn a_conference(app: App) {
    forget_episodes(&app).await;
    let children = without_plan(&app).await;
    let about = &children[..3];
    let at = "2026-11-30T10:00:00Z";
    let agencies = [CSC, POLICE, HEALTH];
    let called = schedule(&app, "social_worker", &scheduling(&app, 60, about, ("INITIAL", at), &agencies).await).await;
    assert_eq!(called["userErrors"], json!([]), "{called}");
    let case = done(act(&app, 61, REFER, referral(&about[2], "2026-11-24", false)).await)["episode"].clone();
    app.clock.advance(Duration::days(7));
    done(act(&app, 62, REFER, referral(&about[0], "2026-12-01", false)).await);
    done(act(&app, 63, REFER, referral(&about[1], "2026-11-27", true)).await);
    let held = hold(&app, 64, &called["conference"]["id"]).await;
    let mut input = deciding(65, &held, &json!({"outcome": "CP_PLAN", "abuseCategory": "NEG"}));
    let place = |child: &Value| {
        let outcomes = input["outcomes"].as_array().unwrap();
        outcomes.iter().position(|outcome| outcome["childId"] == *child).unwrap()
    };
    let (early, nothing) = (place(&about[0]), place(&about[1]));
    let answer = app.data("chair", DECIDE, json!({"input": input})).await["it"].clone();
    let mut found = refused(&answer);
    let (early, nothing) = (format!("outcomes.{early}.outcome"), format!("outcomes.{nothing}.outcome"));
    let mut expected = of(&[(&*early, "1104"), (&*early, "1105"), (&*nothing, "8831"), (&*nothing, "8832")]);
    found.sort();
    expected.sort();
    assert_eq!(found, expected);

    // of a child that was referred before it
    let again = scheduling(&app, 66, &about[2..], ("INITIAL", "2026-12-02T10:00:00Z"), &agencies).await;
    let called = schedule(&app, "social_worker", &again).await;
    assert_eq!(called["userErrors"], json!([]), "{called}");
    app.clock.advance(Duration::days(3));
    let held = hold(&app, 67, &called["conference"]["id"]).await;
    input = deciding(68, &held, &json!({"outcome": "CP_PLAN", "abuseCategory": "NEG"}));
    let decided = done(app.data("chair", DECIDE, json!({"input": input})).await["it"].clone());
    let child = &decided["conference"]["children"]["nodes"][0]["child"];
    assert_eq!(child["currentPlan"]["startsOn"], "2026-12-02", "on the day of the conference (rule 2885)");
    let closing = json!({"episodeId": case["id"], "expectedVersion": 1, "closedOn": "2026-12-04", "reason": "OTHER"});
    assert_eq!(refused(&act(&app, 69, CLOSE, closing).await), of(&[("closedOn", "8565")]), "the plan runs");
}

/// A child's plans end with it, and nothing begins after.
async fn a_death(app: App) {
    let child = app.first_child("social_worker").await;
    let died = |child: &Value, day: &str| json!({"childId": child, "diedOn": day});
    let code = async |n: u32, day: &str| act(&app, n, DIED, died(&child, day)).await["userErrors"][0]["code"].clone();
    assert_eq!(code(70, "2026-11-25").await, "WRONG_TIME");
    assert_eq!(code(71, "2001-01-01").await, "WRONG_TIME");
    // before the plan began
    let before = act(&app, 72, DIED, died(&child, "2026-08-01")).await;
    assert_eq!(refused(&before), of(&[("diedOn", "8915")]));
    let mut input = died(&child, "2026-11-21");
    input["dryRun"] = true.into();
    done(act(&app, 73, DIED, input).await);
    assert_eq!(app.data("social_worker", READ, json!({"id": child})).await["child"]["diedOn"], Value::Null);

    let dead = done(act(&app, 74, DIED, died(&child, "2026-11-21")).await)["child"].clone();
    assert_eq!((&dead["diedOn"], &dead["currentPlan"]), (&json!("2026-11-21"), &Value::Null));
    assert_eq!(dead["plans"]["nodes"][0]["endsOn"], "2026-11-21");
    assert_eq!(code(75, "2026-11-21").await, "ALREADY_DONE");
    // put right, and the plan with it
    let dead = done(act(&app, 76, DIED, died(&child, "2026-11-20")).await)["child"].clone();
    assert_eq!(dead["plans"]["nodes"][0]["endsOn"], "2026-11-20");
    let due = "query($id: ID!) { child(id: $id) { deadlines(first: 100) { nodes { kind status } } } }";
    let due = app.data("social_worker", due, json!({"id": child})).await["child"]["deadlines"]["nodes"].clone();
    let open =
        |row: &&Value| row["kind"] == "FIRST_REVIEW" && row["status"] != "NOT_APPLICABLE" && row["status"] != "MET";
    assert_eq!(due.as_array().unwrap().iter().find(open), None, "no review is due any more");
    let cin = act(&app, 77, OPEN, plan(&child, "2026-11-24")).await;
    assert!(refused(&cin).contains(&("metAt".to_owned(), "4008".to_owned())), "{cin}");
    // it is told to all who work with the child
    let seen = app.data("police", READ, json!({"id": child})).await["child"]["diedOn"].clone();
    assert_eq!(seen, "2026-11-20");
    assert!(app.kinds("police").await.contains(&"DEATH_RECORDED".to_owned()));
    assert!(!app.kinds("health_elsewhere").await.contains(&"DEATH_RECORDED".to_owned()));
    let mut input = died(&child, "2026-11-19");
    input["idempotencyKey"] = key(78).into();
    assert_eq!(app.code("police", DIED, json!({"input": input})).await, "FORBIDDEN");

    forget_episodes(&app).await;
    let others = without_plan(&app).await;
    let child = others.iter().find(|other| **other != child).unwrap().clone();
    let mut input = plan(&child, "2026-11-20");
    input["dryRun"] = false.into();
    let cin = done(act(&app, 79, OPEN, input).await)["plan"].clone();
    let ending =
        json!({"planId": cin["id"], "expectedVersion": cin["version"], "endsOn": "2026-11-24", "reason": "Over."});
    done(act(&app, 80, END, ending).await);
    let between = act(&app, 81, DIED, died(&child, "2026-11-22")).await;
    assert_eq!(refused(&between), of(&[("diedOn", "4009Q")]));
}

/// Plans lie beside each other and begin at an initial conference, whatever kind of conference decides.
async fn plans_beside_each_other(app: App) {
    forget_episodes(&app).await;
    let children = without_plan(&app).await;
    let agencies = [CSC, POLICE, HEALTH];
    // on a weekend there is no initial conference of any kind
    for (n, kind) in ["INITIAL", "PRE_BIRTH", "TRANSFER_IN"].into_iter().enumerate() {
        let n = 90 + u32::try_from(n).unwrap();
        let input = scheduling(&app, n, &children[..1], (kind, "2026-11-28T10:00:00Z"), &agencies).await;
        let weekend = schedule(&app, "social_worker", &input).await;
        assert_eq!(weekend["userErrors"], json!([{"field": "scheduledAt", "code": "RULE_REFUSED"}]), "8875: {kind}");
    }
    let schedule = async |n: u32, child: &Value, kind: &str, at: &str| {
        let about = std::slice::from_ref(child);
        let called = schedule(&app, "social_worker", &scheduling(&app, n, about, (kind, at), &agencies).await).await;
        assert_eq!(called["userErrors"], json!([]), "{called}");
        called["conference"]["id"].clone()
    };
    let decide = async |n: u32, held: &Value, outcome: Value| {
        let answer = app.data("chair", DECIDE, json!({"input": deciding(n, held, &outcome)})).await["it"].clone();
        refused(&answer)
    };
    let outcome = "outcomes.0.outcome";
    let made = || json!({"outcome": "CP_PLAN", "abuseCategory": "NEG"});

    let review = schedule(100, &children[0], "REVIEW", "2026-11-30T09:00:00Z").await;
    let initial = schedule(101, &children[1], "INITIAL", "2026-11-30T10:00:00Z").await;
    let born = schedule(102, &children[2], "PRE_BIRTH", "2026-11-30T11:00:00Z").await;
    app.clock.advance(Duration::days(7));
    let held = hold(&app, 103, &review).await;
    assert_eq!(decide(104, &held, made()).await, of(&[(outcome, "2885, 2883")]), "a review makes no plan");
    // a child in need plan that began before the conference and ended after it
    let plan = |child: &Value| json!({"childId": child, "metAt": "2026-11-27T08:00:00Z", "visitEveryDays": 14});
    let cin = done(act(&app, 105, OPEN, plan(&children[1])).await)["plan"].clone();
    let end = |day: &str| json!({"planId": cin["id"], "expectedVersion": cin["version"], "endsOn": day});
    assert_eq!(refused(&act(&app, 106, END, end("2026-11-27")).await), of(&[("endsOn", "8840, 4012Q")]));
    assert_eq!(refused(&act(&app, 107, END, end("2026-11-26")).await), of(&[("endsOn", "8925")]));
    done(act(&app, 108, END, end("2026-12-01")).await);
    let held = hold(&app, 109, &initial).await;
    assert_eq!(decide(110, &held, made()).await, of(&[(outcome, "4016, 4017")]));
    for (n, ends) in [(111, "CP_PLAN_CONTINUES"), (112, "CP_PLAN_ENDS")] {
        assert_eq!(decide(n, &held, json!({"outcome": ends})).await, of(&[(outcome, "2885")]), "{ends}");
    }
    // an enquiry that begins after a conference is not the one before it
    done(act(&app, 113, REFER, referral(&children[2], "2026-11-24", false)).await);
    done(enquire(&app, 114, &children[2]).await);
    let held = hold(&app, 116, &born).await;
    assert_eq!(decide(117, &held, made()).await, of(&[(outcome, "8615")]));
    // a plan does not begin on the day of a death, nor end on the day it began
    let cin = done(act(&app, 118, OPEN, plan(&children[0])).await)["plan"].clone();
    assert!(cin["id"].is_string());
    let died = act(&app, 119, DIED, json!({"childId": children[0], "diedOn": "2026-11-27"})).await;
    assert_eq!(refused(&died), of(&[("diedOn", "4012Q")]));
    done(act(&app, 120, DIED, json!({"childId": children[0], "diedOn": "2026-11-28"})).await);
}

both!(cases, super::a_case);
both!(cases_are_social_cares, super::of_social_care);
both!(referrals_at_once, super::at_the_same_time);
both!(conferences, super::a_conference);
both!(deaths, super::a_death);
both!(plans, super::plans_beside_each_other);
