//! Deadlines: made with what makes them due, met with what meets them, explained, told once, seen by who sees what they are
//! about.

use chrono::Duration;
use serde_json::{Value, json};

use crate::jobs::call_meeting;
use crate::support::table::{decide, deciding, hold, schedule, scheduling, without_plan};
use crate::support::{App, key};

const OF_CHILD: &str =
    "query($id: ID!) { child(id: $id) { deadlines(first: 100) { nodes { id kind status dueAt lateAfter
  metAt lapsedAt version agency { name } conference { id } reportRequest { id } strategyMeeting { id }
  explanation { rule source countedFrom before amount unit convention missingYear lastWorkingDay
    skippedDays { day reason } } } } } }";

const OF_MINE: &str = "query($f: DeadlineFilterInput, $after: String, $n: Int) {
  deadlines(filter: $f, first: $n, after: $after) { nodes { id kind status dueAt child { id } }
    pageInfo { hasNextPage endCursor } } }";

const MEET: &str = "mutation($input: MeetDeadlineInput!) { it: meetDeadline(input: $input) {
  deadline { kind status metAt version } userErrors { field code } } }";

const WAIVE: &str = "mutation($input: WaiveDeadlineInput!) { it: waiveDeadline(input: $input) {
  deadline { kind status lapsedBecause version } userErrors { field code } } }";

const AGENCIES: [&str; 3] =
    ["Warwickshire Children's Social Care", "Warwickshire Police", "Warwickshire Community Health Trust"];

/// The deadlines about a child, but for those it had before.
async fn deadlines(app: &App, persona: &str, child: &Value, before: &[Value]) -> Vec<Value> {
    let data = app.data(persona, OF_CHILD, json!({"id": child})).await;
    let all = data["child"]["deadlines"]["nodes"].as_array().unwrap().clone();
    all.into_iter().filter(|each| !before.iter().any(|old| old["id"] == each["id"])).collect()
}

fn of<'d>(all: &'d [Value], kind: &str) -> &'d Value {
    let found: Vec<_> = all.iter().filter(|each| each["kind"] == kind).collect();
    assert_eq!(found.len(), 1, "{kind}: {all:#?}");
    found[0]
}

/// What is due by when: in the order it is answered, and by its name where it is due at one instant.
fn due(all: &[Value]) -> Vec<(&str, &str)> {
    let mut due: Vec<_> =
        all.iter().map(|each| (each["kind"].as_str().unwrap(), each["dueAt"].as_str().unwrap())).collect();
    assert!(due.is_sorted_by_key(|(_, at)| *at), "{due:?}");
    due.sort_by_key(|(kind, at)| (*at, *kind));
    due
}

/// A child about whom a conference before Christmas is scheduled, with what was due about it before.
async fn scheduled(app: &App) -> (Value, Value, Vec<Value>) {
    let child = without_plan(app).await[0].clone();
    let before = deadlines(app, "social_worker", &child, &[]).await;
    let about = std::slice::from_ref(&child);
    let input = scheduling(app, 300, about, ("INITIAL", "2026-12-22T10:00:00Z"), &AGENCIES).await;
    let id = schedule(app, "social_worker", &input).await["conference"]["id"].clone();
    (child, id, before)
}

async fn around_a_conference(app: App) {
    let (child, conference, before) = scheduled(&app).await;
    let now = deadlines(&app, "social_worker", &child, &before).await;
    assert_eq!(
        due(&now),
        [
            ("REPORT_TO_FAMILY", "2026-12-20T10:00:00+00:00"),
            ("AGENCY_REPORT", "2026-12-21T10:00:00+00:00"),
            ("AGENCY_REPORT", "2026-12-21T10:00:00+00:00"),
            ("AGENCY_REPORT", "2026-12-21T10:00:00+00:00"),
            ("REPORT_TO_PROFESSIONALS", "2026-12-21T10:00:00+00:00"),
        ],
        "by when they are due"
    );
    let police = deadlines(&app, "police", &child, &[]).await;
    let reports: Vec<_> = police.iter().filter(|each| each["conference"]["id"] == conference).collect();
    let asked: Vec<_> = reports.iter().filter(|each| each["kind"] == "AGENCY_REPORT").collect();
    assert_eq!(asked.len(), 1, "what was asked of others is not told: {reports:#?}");
    assert_eq!(asked[0]["agency"]["name"], "Warwickshire Police");

    app.clock.advance(Duration::days(28) + Duration::hours(4));
    let held = hold(&app, 301, &conference).await;
    let made = json!({"outcome": "CP_PLAN", "abuseCategory": "NEG"});
    assert_eq!(decide(&app, &deciding(302, &held, &made)).await["userErrors"], json!([]));
    let after = deadlines(&app, "social_worker", &child, &[before.as_slice(), now.as_slice()].concat()).await;
    assert_eq!(
        due(&after),
        [
            ("DECISIONS_CIRCULATED", "2026-12-24T00:00:00+00:00"),
            ("OUTLINE_PLAN", "2026-12-24T00:00:00+00:00"),
            ("FIRST_CORE_GROUP", "2027-01-09T00:00:00+00:00"),
            ("MINUTES_CIRCULATED", "2027-01-16T00:00:00+00:00"),
            ("FIRST_REVIEW", "2027-03-23T00:00:00+00:00"),
        ]
    );
    // reports that did not come cannot come any more
    let reports = deadlines(&app, "social_worker", &child, &before).await;
    let mut reports = reports.iter().filter(|each| each["kind"] == "AGENCY_REPORT");
    assert!(reports.all(|each| each["status"] == "NOT_APPLICABLE"));
    let explained = &of(&after, "FIRST_CORE_GROUP")["explanation"];
    assert_eq!(
        (&explained["rule"], &explained["amount"], &explained["unit"], &explained["before"]),
        (&json!("WAR-CG-01"), &json!(10), &json!("WORKING_DAYS"), &json!(false))
    );
    assert_eq!(explained["countedFrom"], "2026-12-22T10:00:00+00:00");
    assert_eq!(explained["lastWorkingDay"], "2027-01-08");
    let skipped: Vec<_> = explained["skippedDays"].as_array().unwrap().iter().map(counted_out).collect();
    assert_eq!(
        skipped,
        [
            "2026-12-25 BANK_HOLIDAY",
            "2026-12-26 WEEKEND",
            "2026-12-27 WEEKEND",
            "2026-12-28 BANK_HOLIDAY",
            "2027-01-01 BANK_HOLIDAY",
            "2027-01-02 WEEKEND",
            "2027-01-03 WEEKEND"
        ]
    );
    recounted(&[now, after].concat(), &["HOURS", "WORKING_DAYS", "MONTHS"]);
    // a bystander hears of none of it
    assert_eq!(app.code("police_elsewhere", OF_CHILD, json!({"id": child})).await, "NOT_FOUND");
    let filter = json!({"f": {"childId": child}});
    assert_eq!(app.data("police_elsewhere", OF_MINE, filter).await["deadlines"]["nodes"], json!([]));
}

fn counted_out(skipped: &Value) -> String {
    format!("{} {}", skipped["day"].as_str().unwrap(), skipped["reason"].as_str().unwrap())
}

/// Counts again, by hand, from what explanations say, and comes to the same instants; these units are among them.
fn recounted(all: &[Value], units: &[&str]) {
    use chrono::{DateTime, Months, Utc};
    use quorate::practice::calendar::end_of;
    let mut counted = std::collections::BTreeSet::new();
    for each in all {
        let explained = &each["explanation"];
        let instant = |value: &Value| value.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        let (from, due) = (instant(&explained["countedFrom"]), instant(&each["dueAt"]));
        let amount = explained["amount"].as_i64().unwrap();
        let skipped = i64::try_from(explained["skippedDays"].as_array().unwrap().len()).unwrap();
        let before = explained["before"] == true;
        let sign = if before { -1 } else { 1 };
        let day = quorate::clock::london_day(from);
        let unit = explained["unit"].as_str().unwrap();
        let by_hand = match unit {
            "HOURS" => from + Duration::hours(sign * amount),
            // at any time before the meeting begins
            _ if before && amount == 0 => from,
            "WORKING_DAYS" => end_of(day + Duration::days(sign * (amount + skipped))),
            "DAYS" => end_of(day + Duration::days(sign * amount)),
            "WEEKS" => end_of(day + Duration::days(sign * amount * 7)),
            "MONTHS" if before => end_of(day - Months::new(amount.try_into().unwrap())),
            "MONTHS" => end_of(day + Months::new(amount.try_into().unwrap())),
            other => panic!("{other}"),
        };
        assert_eq!(by_hand, due, "{each}");
        assert!(skipped == 0 || unit == "WORKING_DAYS", "only working days pass days over: {each}");
        counted.insert(unit.to_owned());
    }
    assert!(units.iter().all(|unit| counted.contains(*unit)), "{units:?}: {counted:?}");
}

async fn of_reports(app: App) {
    let (child, conference, before) = scheduled(&app).await;
    let asked = deadlines(&app, "police", &child, &before).await;
    let mine =
        asked.iter().find(|each| each["kind"] == "AGENCY_REPORT" && each["conference"]["id"] == conference).unwrap();
    let submit = "mutation($input: SubmitConferenceReportInput!) { it: submitConferenceReport(input: $input) {
      conferenceReport { id } userErrors { field code } } }";
    let input = json!({"idempotencyKey": key(305), "reportRequestId": mine["reportRequest"]["id"],
      "involvement": "Two calls this year.", "worries": "Drink.", "strengths": "The grandmother."});
    // who only has to submit cannot say that it was done
    let meet =
        json!({"input": {"idempotencyKey": key(306), "deadlineId": mine["id"], "expectedVersion": mine["version"]}});
    assert_eq!(app.code("police", MEET, meet.clone()).await, "FORBIDDEN");
    app.clock.advance(Duration::days(2));
    let done = app.data("police", submit, json!({"input": input})).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    let now = deadlines(&app, "police", &child, &before).await;
    let done = now.iter().find(|each| each["id"] == mine["id"]).unwrap();
    assert_eq!((&done["status"], &done["metAt"]), (&json!("MET"), &json!("2026-11-26T09:00:00+00:00")), "{done}");
    // the others are still to come
    let all = deadlines(&app, "social_worker", &child, &before).await;
    let open = all.iter().filter(|each| each["kind"] == "AGENCY_REPORT" && each["status"] == "UPCOMING").count();
    assert_eq!(open, 2, "{all:#?}");
}

async fn around_a_strategy_meeting(app: App) {
    let meeting = call_meeting(&app, &key(310)).await;
    let read = "query($id: ID!) { strategyMeeting(id: $id) { version children { nodes { child { id } } } } }";
    let read = app.data("social_worker", read, json!({"id": meeting["id"]})).await["strategyMeeting"].clone();
    let children = read["children"]["nodes"].as_array().unwrap().clone();
    let child = children[0]["child"]["id"].clone();
    let before = deadlines(&app, "social_worker", &child, &[]).await;
    app.clock.advance(Duration::hours(7));
    let decisions: Vec<_> =
        children.iter().map(|c| json!({"childId": c["child"]["id"], "decision": "SECTION47_JOINT"})).collect();
    let record =
        "mutation($input: RecordStrategyMeetingOutcomeInput!) { it: recordStrategyMeetingOutcome(input: $input) {
      userErrors { field code } } }";
    let input = json!({"idempotencyKey": key(311), "strategyMeetingId": meeting["id"], "expectedVersion": read["version"],
      "heldAt": "2026-11-24T15:00:00Z", "outcomeSummary": "Section 47 by both agencies.", "decisions": decisions});
    let done = app.data("social_worker", record, json!({"input": input})).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]));
    let now = deadlines(&app, "social_worker", &child, &before).await;
    assert_eq!(
        due(&now),
        [
            ("STRATEGY_DOCUMENT", "2026-11-24T15:00:00+00:00"),
            ("STRATEGY_OUTCOME_DOCUMENT", "2026-11-25T00:00:00+00:00"),
            ("STRATEGY_RECORD_CIRCULATED", "2026-12-09T00:00:00+00:00"),
        ],
        "a child with a plan has its next review, and no initial conference"
    );
    // due at the meeting, late when the day has ended: the outcome alone is not the document (CON-07, AMB-42)
    let document = of(&now, "STRATEGY_DOCUMENT");
    assert_eq!((&document["metAt"], &document["lateAfter"]), (&Value::Null, &json!("2026-11-25T00:00:00+00:00")));
    // of the meeting nobody hears who was not asked to it
    let school = app.data("school_dsl", OF_MINE, json!({"n": 100, "f": {"childId": child}})).await;
    let heard = school["deadlines"]["nodes"].as_array().unwrap().clone();
    assert!(heard.iter().all(|each| now.iter().all(|due| due["id"] != each["id"])), "{heard:?}");
}

/// The clock of the first meeting runs from the contact (WAR-SM-02), and a meeting says why it is called (WAR-SM-15).
async fn called_for_a_contact(app: App) {
    let call = "mutation($input: CallStrategyMeetingInput!) { it: callStrategyMeeting(input: $input) {
      strategyMeeting { id version } userErrors { field code } } }";
    let child = without_plan(&app).await[0].clone();
    let before = deadlines(&app, "social_worker", &child, &[]).await;
    let mut input = json!({"idempotencyKey": key(330), "childIds": [child], "reason": "",
      "scheduledAt": "2026-11-24T15:00:00Z", "contactReceivedAt": "2026-11-24T23:30:00Z", "invitees": [
        {"agencyId": app.agency("Warwickshire Police").await},
        {"agencyId": app.agency("Warwickshire Community Health Trust").await}]});
    let ask = async |input: &Value| app.data("social_worker", call, json!({"input": input})).await["it"].clone();
    let refused =
        json!([{"field": "reason", "code": "REQUIRED"}, {"field": "contactReceivedAt", "code": "WRONG_TIME"}]);
    assert_eq!(ask(&input).await["userErrors"], refused);
    input["reason"] = "A bruise.".into();
    input["contactReceivedAt"] = "2026-11-23T23:30:00Z".into();
    let meeting = ask(&input).await["strategyMeeting"].clone();
    let now = deadlines(&app, "social_worker", &child, &before).await;
    // late from the start: received the night before, and a fact all the same
    let first = of(&now, "FIRST_STRATEGY_MEETING").clone();
    assert_eq!((&first["dueAt"], &first["status"]), (&json!("2026-11-24T00:00:00+00:00"), &json!("OVERDUE")));
    assert_eq!(first["explanation"]["rule"], "WAR-SM-02");
    app.clock.advance(Duration::hours(7));
    let record =
        "mutation($input: RecordStrategyMeetingOutcomeInput!) { it: recordStrategyMeetingOutcome(input: $input) {
      userErrors { field code } } }";
    let outcome = json!({"idempotencyKey": key(331), "strategyMeetingId": meeting["id"],
      "expectedVersion": meeting["version"], "heldAt": "2026-11-24T15:00:00Z", "outcomeSummary": "An enquiry.",
      "decisions": [{"childId": child, "decision": "SECTION47_SINGLE_AGENCY"}]});
    assert_eq!(app.data("social_worker", record, json!({"input": outcome})).await["it"]["userErrors"], json!([]));
    let now = deadlines(&app, "social_worker", &child, &before).await;
    let first = of(&now, "FIRST_STRATEGY_MEETING");
    assert_eq!((&first["status"], &first["metAt"]), (&json!("MET_LATE"), &json!("2026-11-24T15:00:00+00:00")));
    // one clock for an enquiry, whether it began now or was running
    let running = async || {
        let all = deadlines(&app, "social_worker", &child, &[]).await;
        let runs = |d: &&Value| d["kind"] == "INITIAL_CONFERENCE" && d["metAt"].is_null() && d["lapsedAt"].is_null();
        all.iter().filter(runs).count()
    };
    assert_eq!(running().await, 1);
    // a later meeting goes on with the enquiry, and adds no clock; another ends it
    for (n, decision, clocks) in [(332, "SECTION47_JOINT", 1), (335, "NO_FURTHER_ACTION", 0)] {
        app.clock.advance(Duration::days(1));
        let at = app.clock.now();
        let mut again = input.clone();
        again["idempotencyKey"] = key(n).into();
        again["scheduledAt"] = json!(at);
        again.as_object_mut().unwrap().remove("contactReceivedAt");
        let meeting = ask(&again).await["strategyMeeting"].clone();
        let outcome = json!({"idempotencyKey": key(n + 1), "strategyMeetingId": meeting["id"],
          "expectedVersion": meeting["version"], "heldAt": at, "outcomeSummary": "Again.",
          "decisions": [{"childId": child, "decision": decision}]});
        assert_eq!(app.data("social_worker", record, json!({"input": outcome})).await["it"]["userErrors"], json!([]));
        assert_eq!(running().await, clocks, "{decision}");
    }
}

/// A core group in time for its limit, and the day of the next one: SCN-23 of the register, a week earlier. And an early
/// review, which nothing refuses (WAR-RV-03): it meets the first one, and the next is due from it.
async fn while_a_plan_lasts(app: App) {
    let child = without_plan(&app).await[0].clone();
    let input =
        scheduling(&app, 340, std::slice::from_ref(&child), ("INITIAL", "2026-12-02T10:00:00Z"), &AGENCIES).await;
    let id = schedule(&app, "social_worker", &input).await["conference"]["id"].clone();
    app.clock.advance(Duration::days(8) + Duration::hours(4));
    let made = json!({"outcome": "CP_PLAN", "abuseCategory": "NEG", "plan": {"coreGroup": [
      {"agencyId": app.agency("Warwickshire Community Health Trust").await}]}});
    assert_eq!(decide(&app, &deciding(341, &hold(&app, 342, &id).await, &made)).await["userErrors"], json!([]));
    let before = deadlines(&app, "social_worker", &child, &[]).await;
    let read = "query($id: ID!) { child(id: $id) { currentPlan { coreGroup { id version } } } }";
    let group =
        app.data("social_worker", read, json!({"id": child})).await["child"]["currentPlan"]["coreGroup"].clone();
    app.clock.advance(Duration::days(8));
    let meet = "mutation($input: RecordCoreGroupMeetingInput!) { it: recordCoreGroupMeeting(input: $input) {
      userErrors { field code } } }";
    let input = json!({"idempotencyKey": key(343), "coreGroupId": group["id"], "expectedVersion": group["version"],
      "heldAt": "2026-12-10T10:00:00Z", "progress": "Weighed weekly.", "nextMeetingOn": "2027-01-07",
      "attendance": [{"agencyId": app.agency("Warwickshire Community Health Trust").await, "attendance": "REMOTE"}]});
    assert_eq!(app.data("social_worker", meet, json!({"input": input})).await["it"]["userErrors"], json!([]));
    let now = deadlines(&app, "social_worker", &child, &before).await;
    assert_eq!(
        due(&now),
        [("CORE_GROUP_PAPERS", "2027-01-03T00:00:00+00:00"), ("NEXT_CORE_GROUP", "2027-01-08T00:00:00+00:00")]
    );
    assert_eq!(
        of(&now, "CORE_GROUP_PAPERS")["explanation"]["lastWorkingDay"],
        "2026-12-31",
        "a Saturday is no day to send"
    );
    let all = deadlines(&app, "social_worker", &child, &[]).await;
    assert_eq!(of(&all, "FIRST_CORE_GROUP")["status"], "MET");
    // one before it that is written down only now makes nothing due, and meets nothing that came after it
    let mut earlier = input.clone();
    earlier["idempotencyKey"] = key(347).into();
    earlier["heldAt"] = "2026-12-07T10:00:00Z".into();
    earlier["expectedVersion"] = (group["version"].as_i64().unwrap() + 1).into();
    earlier.as_object_mut().unwrap().remove("nextMeetingOn");
    assert_eq!(app.data("social_worker", meet, json!({"input": earlier})).await["it"]["userErrors"], json!([]));
    let after = deadlines(&app, "social_worker", &child, &before).await;
    assert_eq!((due(&after), of(&after, "NEXT_CORE_GROUP")["metAt"].clone()), (due(&now), Value::Null));

    let input =
        scheduling(&app, 344, std::slice::from_ref(&child), ("REVIEW", "2027-01-13T10:00:00Z"), &AGENCIES).await;
    let id = schedule(&app, "social_worker", &input).await["conference"]["id"].clone();
    app.clock.advance(Duration::days(34));
    let held = hold(&app, 345, &id).await;
    let goes_on = json!({"outcome": "CP_PLAN_CONTINUES"});
    assert_eq!(decide(&app, &deciding(346, &held, &goes_on)).await["userErrors"], json!([]));
    let all = deadlines(&app, "social_worker", &child, &[]).await;
    assert_eq!(of(&all, "FIRST_REVIEW")["status"], "MET");
    assert_eq!(of(&all, "NEXT_REVIEW")["dueAt"], "2027-07-13T23:00:00+00:00");
    recounted(&all, &["HOURS", "DAYS", "WEEKS", "WORKING_DAYS", "MONTHS"]);
}

async fn that_somebody_settles(app: App) {
    let (child, _, before) = scheduled(&app).await;
    let all = deadlines(&app, "social_worker", &child, &before).await;
    let family = of(&all, "REPORT_TO_FAMILY").clone();
    let meet = |n: u32, id: &Value, version: &Value| json!({"idempotencyKey": key(n), "deadlineId": id, "expectedVersion": version});
    let ask = async |persona: &str, input: &Value| app.data(persona, MEET, json!({"input": input})).await["it"].clone();
    let input = meet(320, &family["id"], &family["version"]);
    let mut later = input.clone();
    later["metAt"] = "2026-12-01T09:00:00Z".into();
    assert_eq!(ask("social_worker", &later).await["userErrors"], json!([{"field": "metAt", "code": "WRONG_TIME"}]));
    let mut dry = input.clone();
    dry["dryRun"] = true.into();
    assert_eq!(ask("social_worker", &dry).await, json!({"deadline": null, "userErrors": []}));
    assert_eq!(app.code("health_visitor", MEET, json!({"input": input})).await, "FORBIDDEN");
    assert_eq!(app.code("police_elsewhere", MEET, json!({"input": input})).await, "NOT_FOUND");
    let stale = meet(321, &family["id"], &json!(7));
    assert_eq!(app.code("social_worker", MEET, json!({"input": stale})).await, "CONFLICT");
    let done = ask("social_worker", &input).await;
    assert_eq!(done["deadline"]["status"], "MET", "{done}");
    assert_eq!(ask("social_worker", &input).await, done, "a retry answers the same");
    let again = meet(322, &family["id"], &done["deadline"]["version"]);
    assert_eq!(
        ask("social_worker", &again).await["userErrors"],
        json!([{"field": "deadlineId", "code": "ALREADY_DONE"}])
    );
    // what the record itself shows is not said by hand
    let report = all.iter().find(|d| d["kind"] == "AGENCY_REPORT" && d["agency"]["name"] == AGENCIES[0]).unwrap();
    let said = ask("social_worker", &meet(323, &report["id"], &report["version"])).await;
    assert_eq!(said["userErrors"], json!([{"field": "deadlineId", "code": "RULE_REFUSED"}]));

    let professionals = of(&all, "REPORT_TO_PROFESSIONALS");
    let mut waive = meet(324, &professionals["id"], &professionals["version"]);
    waive["reason"] = "The family moved away.".into();
    assert_eq!(app.code("social_worker", WAIVE, json!({"input": waive})).await, "FORBIDDEN");
    let waived = app.data("team_manager", WAIVE, json!({"input": waive})).await["it"].clone();
    assert_eq!(
        waived["deadline"],
        json!({"kind": "REPORT_TO_PROFESSIONALS", "status": "NOT_APPLICABLE", "lapsedBecause": "The family moved away.",
          "version": 2})
    );
    let told = app.kinds("social_worker").await;
    assert!(told.ends_with(&["DEADLINE_MET".into(), "DEADLINE_WAIVED".into()]), "{told:?}");
}

/// Each once, whoever and however often it is looked for, and to those who see what it is about.
async fn told_once(app: App) {
    let (child, _, before) = scheduled(&app).await;
    let upkeep = async || {
        let other = app.api.clone();
        let all = futures_util::future::join_all(vec![app.api.upkeep(), other.upkeep(), app.api.upkeep()]).await;
        all.into_iter().map(|done| done.unwrap().told).sum::<usize>()
    };
    upkeep().await;
    let seen = app.kinds("social_worker").await.len();
    assert_eq!(upkeep().await, 0, "nothing comes near in no time");
    let mine = async |kind: &str| {
        let told = app.kinds("social_worker").await;
        told.iter().skip(seen).filter(|each| *each == kind).count()
    };
    // two working days before the 20th, a Sunday, are over with the 17th
    app.clock.advance(Duration::days(24));
    upkeep().await;
    let near = deadlines(&app, "social_worker", &child, &before).await;
    assert_eq!(of(&near, "REPORT_TO_FAMILY")["status"], "DUE", "{near:#?}");
    let approaching = mine("DEADLINE_APPROACHING").await;
    assert!(approaching >= 1, "{approaching}");
    upkeep().await;
    assert_eq!(mine("DEADLINE_APPROACHING").await, approaching, "once");
    // who follows this child hears of it as well
    let feed =
        "query($c: ID!, $p: String) { events(childId: $c, first: 100, after: $p) { nodes { kind deadline { id } } } }";
    let feed = app.data("social_worker", feed, json!({"c": child, "p": null})).await["events"]["nodes"].clone();
    let of_family = of(&near, "REPORT_TO_FAMILY");
    let told = |event: &&Value| event["kind"] == "DEADLINE_APPROACHING" && event["deadline"]["id"] == of_family["id"];
    assert_eq!(feed.as_array().unwrap().iter().filter(told).count(), 1, "{feed}");
    let missed = mine("DEADLINE_MISSED").await;
    app.clock.advance(Duration::days(4));
    upkeep().await;
    upkeep().await;
    let late = deadlines(&app, "social_worker", &child, &before).await;
    assert_eq!(of(&late, "REPORT_TO_FAMILY")["status"], "OVERDUE");
    assert_eq!(of(&late, "REPORT_TO_PROFESSIONALS")["status"], "OVERDUE");
    assert!(mine("DEADLINE_MISSED").await >= missed + 2);
}

/// What was under way before deadlines were kept has the same deadlines as what began since: each made once, whoever makes it,
/// and none that was there already.
async fn made_for_what_was_under_way(app: App) {
    use entity::deadline::{Column as C, Entity, Kind};
    use entity::plan;
    use sea_orm::{ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _};
    let db = crate::support::contents::connect(&app.url).await;
    let of_plans = [Kind::FirstReview, Kind::NextReview, Kind::FirstCoreGroup, Kind::NextCoreGroup];
    let open = async |kinds: &[Kind]| {
        let rows = Entity::find().filter(C::MetAt.is_null()).filter(C::LapsedAt.is_null());
        let rows = rows.filter(C::Kind.is_in(kinds.iter().copied())).all(&db).await.unwrap();
        let mut rows: Vec<_> =
            rows.into_iter().map(|row| (row.child_id, row.kind, row.due_at, row.agency_id)).collect();
        rows.sort();
        rows
    };
    let plans = plan::Entity::find().filter(plan::Column::EndsOn.is_null()).all(&db).await.unwrap();
    let has_plan = |child| plans.iter().any(|row| row.child_id == child && row.kind == plan::Kind::Cp);
    let before = open(&of_plans).await;
    assert!(before.len() > 20 && before.iter().all(|row| has_plan(row.0)), "{}", before.len());
    let reports = [Kind::AgencyReport, Kind::AgencyReportToReview];
    let asked = open(&reports).await;
    db.execute_unprepared("UPDATE event SET deadline_id = NULL").await.unwrap();
    db.execute_unprepared("DELETE FROM deadline").await.unwrap();
    let mark = "INSERT INTO instance (key, value) VALUES ('deadlines_to_make', 'plans')";
    db.execute_unprepared(mark).await.unwrap();
    let upkeep = async || {
        let other = app.api.clone();
        let all = futures_util::future::join_all(vec![app.api.upkeep(), other.upkeep(), app.api.upkeep()]).await;
        all.into_iter().map(|done| done.unwrap().made).sum::<usize>()
    };
    let made = upkeep().await + upkeep().await;
    let all = Entity::find().all(&db).await.unwrap();
    assert_eq!(all.len(), made, "nothing twice, nothing else");
    let after = open(&of_plans).await;
    let missing: Vec<_> = before.iter().filter(|row| !after.contains(row)).collect();
    assert_eq!(missing, Vec::<&_>::new(), "as what began since");
    let protected = plans.iter().filter(|row| row.kind == plan::Kind::Cp && row.conference_id.is_some());
    for plan in protected {
        let of = |kinds: [Kind; 2]| after.iter().filter(|row| row.0 == plan.child_id && kinds.contains(&row.1)).count();
        assert_eq!(of([Kind::FirstReview, Kind::NextReview]), 1, "{plan:?}");
        // not every authority sets a time for the next one
        assert!(of([Kind::FirstCoreGroup, Kind::NextCoreGroup]) <= 1, "{plan:?}");
    }
    let now = open(&reports).await;
    assert!(!now.is_empty() && now.iter().all(|row| asked.contains(row)), "of conferences to come");
    // marked again, as after a second start: all of it is there
    db.execute_unprepared(mark).await.unwrap();
    assert_eq!(upkeep().await + upkeep().await, 0);
    let gone = "SELECT count(*) FROM instance WHERE key = 'deadlines_to_make'";
    assert_eq!(crate::support::contents::number(&db, gone).await, 0, "and it is looked for no more");
}

both!(backfill, super::made_for_what_was_under_way);

/// A worklist: by status, kind, agency and time, page by page in the order of time.
async fn as_a_worklist(app: App) {
    let all = app.data("team_manager", OF_MINE, json!({"n": 100})).await["deadlines"]["nodes"].clone();
    let all = all.as_array().unwrap();
    assert!(all.len() > 20, "{}", all.len());
    let at = |each: &Value| each["dueAt"].as_str().unwrap().to_owned();
    assert!(all.windows(2).all(|pair| at(&pair[0]) <= at(&pair[1])));
    let mut seen: Vec<Value> = Vec::new();
    let mut after = Value::Null;
    loop {
        let page = app.data("team_manager", OF_MINE, json!({"n": 7, "after": after})).await["deadlines"].clone();
        seen.extend(page["nodes"].as_array().unwrap().iter().cloned());
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false || seen.len() >= all.len() {
            break;
        }
    }
    assert_eq!(seen.iter().take(all.len()).collect::<Vec<_>>(), all.iter().collect::<Vec<_>>());
    let mut there = 0;
    for status in ["UPCOMING", "DUE", "MET", "MET_LATE", "OVERDUE", "NOT_APPLICABLE"] {
        let data = app.data("team_manager", OF_MINE, json!({"n": 100, "f": {"statuses": [status]}})).await;
        let nodes = data["deadlines"]["nodes"].as_array().unwrap().clone();
        there += usize::from(!nodes.is_empty());
        assert!(nodes.iter().all(|each| each["status"] == status), "{status}: {nodes:?}");
    }
    assert!(there >= 4, "the demo has them in all ways: {there}");
    let data = app
        .data("team_manager", OF_MINE, json!({"f": {"kinds": ["NEXT_CORE_GROUP"], "dueFrom": "2026-11-24T09:00:00Z"}}))
        .await;
    let nodes = data["deadlines"]["nodes"].as_array().unwrap();
    assert!(
        !nodes.is_empty() && nodes.iter().all(|d| d["kind"] == "NEXT_CORE_GROUP" && at(d).as_str() >= "2026-11-24T09")
    );
}

const PROFILE: &str = "query($p: PracticeProfileName) { practiceProfile(profile: $p) { profile name document
  standards { rule says source force hold deadline within appliesFrom } } }";

async fn by_the_book(app: App) {
    let own = app.data("police", PROFILE, json!({})).await["practiceProfile"].clone();
    assert_eq!((&own["profile"], &own["name"]), (&json!("WARWICKSHIRE"), &json!("Warwickshire")));
    let find = |book: &Value, rule: &str| {
        book["standards"].as_array().unwrap().iter().find(|each| each["rule"] == rule).cloned().unwrap_or_default()
    };
    let core_group = find(&own, "WAR-CG-01");
    assert_eq!(
        (&core_group["deadline"], &core_group["within"], &core_group["hold"], &core_group["force"]),
        (&json!("FIRST_CORE_GROUP"), &json!("10 working days"), &json!("WARN"), &json!("must"))
    );
    let bristol = app.data("police", PROFILE, json!({"p": "BRISTOL"})).await["practiceProfile"].clone();
    assert_eq!(find(&bristol, "BRI-NM-03")["appliesFrom"], "2022-06-01");
    assert_eq!(find(&bristol, "WAR-CG-01"), Value::Null, "nobody is held to what another says of itself");
}

both!(around_conferences, super::around_a_conference);
both!(around_strategy_meetings, super::around_a_strategy_meeting);
both!(a_contact, super::called_for_a_contact);
both!(a_plan, super::while_a_plan_lasts);
both!(reports, super::of_reports);
both!(settled, super::that_somebody_settles);
both!(are_told_once, super::told_once);
both!(a_worklist, super::as_a_worklist);
both!(a_profile, super::by_the_book);
