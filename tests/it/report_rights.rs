//! Whose report it is to give, to whom it goes, and what the family is given of it.

use std::time::Duration;

use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use serde_json::{Value, json};

use crate::jobs::open_request;
use crate::reports::{RELEASE, it, of_a_school, of_request, submit};
use crate::support::contents::{connect, number};
use crate::support::plant::literal;
use crate::support::process::fields;
use crate::support::table::{me, schedule, scheduling, without_plan};
use crate::support::{App, key};

const HOUSING: &str = "Warwickshire Homes Association";
const SCHOOL: &str = "Warwickshire Oakfield Primary School";
const POLICE: &str = "Warwickshire Police";

const FAMILY: &str = "query($id: ID!) { conferenceReport(id: $id) {
  familyCopy { leftOut agency { name } lines { text } chronology { text } } } }";

async fn refused(app: &App, input: &Value) -> Vec<(String, String)> {
    fields(&it(app, "agency_system", &submit(), input).await)
}

/// A system gives a report only for somebody who could give it.
async fn for_whom_a_system_speaks(app: App) {
    let request = open_request(&app, "health_visitor").await;
    let (_, child) = of_request(&app, "health_visitor", &request).await;
    let of = |n: u32, author: &Value| {
        json!({"idempotencyKey": key(n), "reportRequestId": request, "authorId": author, "involvement": "Visits.",
          "worries": "Weight.", "strengths": "Keeps appointments."})
    };
    let author = me(&app, "health_visitor").await;
    let conflict = "mutation($input: RecordConflictInput!) { it: recordConflict(input: $input) {
      conflict { id } userErrors { field code } } }";
    let personal = json!({"idempotencyKey": key(1), "childId": child, "kind": "PERSONAL", "practitionerId": author,
      "reason": "They are neighbours."});
    let conflict = it(&app, "team_manager", conflict, &personal).await;
    assert_eq!(conflict["userErrors"], json!([]), "{conflict}");
    app.clock.advance(chrono::Duration::seconds(1));
    let not_for = [("authorId".to_owned(), "RULE_REFUSED".to_owned())];
    assert_eq!(refused(&app, &of(2, &author)).await, not_for, "the child is closed to the author");
    let end = "mutation($input: EndConflictInput!) { it: endConflict(input: $input) { userErrors { field code } } }";
    let ended = json!({"idempotencyKey": key(3), "conflictId": conflict["conflict"]["id"]});
    assert_eq!(it(&app, "team_manager", end, &ended).await["userErrors"], json!([]));
    app.clock.advance(chrono::Duration::seconds(1));
    let sent = it(&app, "agency_system", &submit(), &of(5, &author)).await;
    assert_eq!(sent["userErrors"], json!([]), "the conflict is over: {sent}");
    // nor does it take one back but for somebody who may
    let mut back =
        json!({"idempotencyKey": key(6), "conferenceReportId": sent["conferenceReport"]["id"], "reason": "Another's."});
    let of_nobody = it(&app, "agency_system", crate::reports::WITHDRAW, &back).await;
    assert_eq!(fields(&of_nobody), [("authorId".to_owned(), "UNKNOWN_REFERENCE".to_owned())], "{of_nobody}");
    back["authorId"] = me(&app, "police").await;
    let of_others = it(&app, "agency_system", crate::reports::WITHDRAW, &back).await;
    assert_eq!(fields(&of_others), [("authorId".to_owned(), "UNKNOWN_REFERENCE".to_owned())], "{of_others}");
    back["authorId"] = author.clone();
    let done = it(&app, "agency_system", crate::reports::WITHDRAW, &back).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    let by = "query($id: ID!) { conferenceReport(id: $id) { withdrawnBy { id } } }";
    let by = app.data("health_visitor", by, json!({"id": back["conferenceReportId"]})).await;
    assert_eq!(by["conferenceReport"]["withdrawnBy"]["id"], author, "{by}");
}

/// What is marked stays out of what the family is given, whoever makes the copy.
async fn what_the_family_is_given(app: App) {
    let request = open_request(&app, "school_dsl").await;
    let (_, child) = of_request(&app, "school_dsl", &request).await;
    let mut report = of_a_school(1, &request);
    report["answers"][1]["thirdParty"] = true.into();
    report["answers"][3]["locates"] = true.into();
    let sent = it(&app, "school_dsl", &submit(), &report).await;
    assert_eq!(sent["userErrors"], json!([]), "{sent}");
    let id = json!({"id": sent["conferenceReport"]["id"]});
    let copy = app.data("social_worker", FAMILY, id.clone()).await["conferenceReport"]["familyCopy"].clone();
    assert_eq!((&copy["leftOut"], &copy["agency"]["name"]), (&json!(3), &json!(SCHOOL)), "{copy}");
    let words = copy.to_string();
    assert!(words.contains("71") && words.contains("I want breakfast."), "{copy}");
    for kept in ["A year behind in reading.", "Will stop coming.", "A neighbour rang."] {
        assert!(!words.contains(kept), "{kept} in {copy}");
    }
    // the school tells where the child is
    let of = "query($id: ID!) { child(id: $id) { involvements(first: 100) { nodes { id endsAt agency { name } } } } }";
    let of = app.data("social_worker", of, json!({"id": child})).await["child"]["involvements"]["nodes"].clone();
    let ties = of.as_array().unwrap().iter().filter(|each| each["agency"]["name"] == SCHOOL);
    let mark = "mutation($input: MarkLocatingInput!) { it: markLocating(input: $input) { userErrors { code } } }";
    for (n, tie) in (10..).zip(ties) {
        let input = json!({"idempotencyKey": key(n), "involvementId": tie["id"], "locates": true});
        assert_eq!(it(&app, "social_worker", mark, &input).await["userErrors"], json!([]), "{tie}");
    }
    for persona in ["social_worker", "chair", "school_dsl"] {
        let copy = app.data(persona, FAMILY, id.clone()).await["conferenceReport"]["familyCopy"].clone();
        assert_eq!((&copy["leftOut"], &copy["agency"]), (&json!(3), &Value::Null), "{persona}: {copy}");
    }
}

/// Who reads one answer, or one row, has opened the copy.
async fn a_part_is_read(app: App) {
    let opened = "query($id: ID!) { conferenceReport(id: $id) { copies { agency { name } openedAt } } }";
    for (n, part) in [(20, "answers { nodes { text } }"), (30, "chronology { nodes { text } }")] {
        let request = open_request(&app, "school_dsl").await;
        let sent = it(&app, "school_dsl", &submit(), &of_a_school(n, &request)).await["conferenceReport"]["id"].clone();
        let release = json!({"idempotencyKey": key(n + 1), "conferenceReportId": sent});
        assert_eq!(it(&app, "chair", RELEASE, &release).await["userErrors"], json!([]));
        let id = json!({"id": sent});
        app.data("police", &format!("query($id: ID!) {{ conferenceReport(id: $id) {{ {part} }} }}"), id.clone()).await;
        let copies = app.data("chair", opened, id).await["conferenceReport"]["copies"].clone();
        let police = copies.as_array().unwrap().iter().find(|copy| copy["agency"]["name"] == POLICE).unwrap().clone();
        assert!(police["openedAt"].is_string(), "{part}: {copies}");
        let withdraw = json!({"idempotencyKey": key(n + 2), "conferenceReportId": sent, "reason": "Once more."});
        it(&app, "school_dsl", crate::reports::WITHDRAW, &withdraw).await;
    }
}

/// A conference about two children, the housing association asked about the first alone.
async fn about_two(app: &App, n: u32) -> (Value, Vec<Value>) {
    let children: Vec<_> = without_plan(app).await.into_iter().take(2).collect();
    assert_eq!(children.len(), 2);
    let hour = ("INITIAL", "2026-12-08T10:00:00Z");
    let mut input =
        scheduling(app, n, &children, hour, &["Warwickshire Children's Social Care", POLICE, HOUSING]).await;
    input["invitees"][0]["reportRequested"] = false.into();
    input["invitees"][2]["childIds"] = json!([children[0]]);
    let done = schedule(app, "social_worker", &input).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    (done["conference"]["id"].clone(), children)
}

async fn requests(app: &App, persona: &str, conference: &Value) -> Vec<(Value, Value)> {
    let query = "query($c: ID) { reportRequests(filter: {conferenceId: $c}) { nodes { id child { id } } } }";
    let found = app.data(persona, query, json!({"c": conference})).await["reportRequests"]["nodes"].clone();
    found.as_array().unwrap().iter().map(|each| (each["id"].clone(), each["child"]["id"].clone())).collect()
}

fn plain(n: u32, request: &Value) -> Value {
    json!({"idempotencyKey": key(n), "reportRequestId": request, "involvement": "Calls.", "worries": "Two.", "strengths": "Aunt."})
}

/// Who is asked about one of several children learns nothing of the others.
async fn about_one_of_them(app: App) {
    let (conference, children) = about_two(&app, 40).await;
    let of_housing = requests(&app, "housing", &conference).await;
    assert_eq!(of_housing.iter().map(|(_, child)| child).collect::<Vec<_>>(), [&children[0]]);
    let of_police = requests(&app, "police", &conference).await;
    assert_eq!(of_police.len(), 2);
    let children_of = "query($id: ID!) { conference(id: $id) { children { nodes { child { id } } } } }";
    let seen = app.data("housing", children_of, json!({"id": conference})).await["conference"]["children"].clone();
    assert_eq!(seen["nodes"].as_array().unwrap().len(), 1, "{seen}");
    let copies = "query($id: ID!) { conferenceReport(id: $id) { copies { agency { name } } } }";
    for (n, (request, child)) in (41..).zip(&of_police) {
        let sent = it(&app, "police", &submit(), &plain(n, request)).await["conferenceReport"]["id"].clone();
        let release = json!({"idempotencyKey": key(n + 10), "conferenceReportId": sent});
        assert_eq!(it(&app, "chair", RELEASE, &release).await["userErrors"], json!([]));
        let copies = app.data("chair", copies, json!({"id": sent})).await["conferenceReport"]["copies"].clone();
        let to_housing = copies.to_string().contains(HOUSING);
        assert_eq!(to_housing, *child == children[0], "{copies}");
        let told =
            app.ask("housing", "query($id: ID!) { conferenceReport(id: $id) { state } }", json!({"id": sent})).await;
        assert_eq!(told["data"]["conferenceReport"].is_object(), to_housing, "{told}");
    }
    let hour = ("INITIAL", "2026-12-09T10:00:00Z");
    let mut other = scheduling(&app, 60, &children[1..2], hour, &[POLICE, HOUSING]).await;
    other["invitees"][1]["childIds"] = json!([children[0]]);
    let refused = schedule(&app, "social_worker", &other).await;
    assert_eq!(fields(&refused), [("invitees.1.childIds".to_owned(), "UNKNOWN_REFERENCE".to_owned())]);
}

/// Of two last reports that come at once the later one knows that nothing is outstanding.
async fn the_last_two_at_once(app: App) {
    let (conference, _) = about_two(&app, 70).await;
    let before = app.last_event("chair").await;
    for (n, (request, _)) in (71..).zip(requests(&app, "housing", &conference).await) {
        let done = it(&app, "housing", &submit(), &plain(n, &request)).await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
    }
    let last = requests(&app, "police", &conference).await;
    let db = connect(&app.url).await;
    let backend = db.get_database_backend();
    let (_, id) = quorate::graphql::id::split(&conference.as_str().unwrap().into()).unwrap();
    let id = literal(backend, id);
    // both are kept from going on until both have come
    let held = if backend == sea_orm::DatabaseBackend::Postgres {
        let held = db.begin().await.unwrap();
        held.execute_unprepared(&format!("SELECT id FROM conference WHERE id = {id} FOR UPDATE")).await.unwrap();
        Some(held)
    } else {
        None
    };
    let query = submit();
    let (first, second) = (plain(80, &last[0].0), plain(81, &last[1].0));
    let (one, two, ()) = tokio::join!(it(&app, "police", &query, &first), it(&app, "police", &query, &second), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        if let Some(held) = held {
            held.rollback().await.unwrap();
        }
    });
    assert_eq!((&one["userErrors"], &two["userErrors"]), (&json!([]), &json!([])), "{one} {two}");
    let open = format!(
        "SELECT count(*) FROM invitation WHERE conference_id = {id} AND report_due_at IS NOT NULL
      AND report_received_at IS NULL"
    );
    assert_eq!(number(&db, &open).await, 0, "every invitation counts as reported");
    let feed = "query($after: String) { events(after: $after, first: 100, kinds: [CONFERENCE_REPORTS_COMPLETE]) { nodes { kind } } }";
    let complete = app.data("chair", feed, json!({"after": before})).await["events"]["nodes"].clone();
    assert_eq!(complete.as_array().unwrap().len(), 1, "told once: {complete}");
}

/// The social worker's report has clocks of its own: it is with the professionals once it is released, and with the family once
/// every parent has a copy (WAR-PR-04, WAR-PR-06).
async fn its_own_clocks(app: App) {
    let child = without_plan(&app).await[0].clone();
    let hour = ("INITIAL", "2026-12-08T10:00:00Z");
    let agencies = ["Warwickshire Children's Social Care", POLICE];
    let input = scheduling(&app, 100, std::slice::from_ref(&child), hour, &agencies).await;
    let conference = schedule(&app, "social_worker", &input).await["conference"]["id"].clone();
    let stands = async |kind: &str| {
        let query = "query($f: DeadlineFilterInput) { deadlines(filter: $f) { nodes { status conference { id } } } }";
        let filter = json!({"f": {"childId": child, "kinds": [kind]}});
        let found = app.data("social_worker", query, filter).await["deadlines"]["nodes"].clone();
        let found = found.as_array().unwrap().iter().find(|each| each["conference"]["id"] == conference).cloned();
        found.unwrap_or_else(|| panic!("no {kind}"))["status"].clone()
    };
    let asked = "query($c: ID) { reportRequests(filter: {conferenceId: $c}) { nodes { id agency { name } } } }";
    let asked = app.data("social_worker", asked, json!({"c": conference})).await["reportRequests"]["nodes"].clone();
    let own = asked.as_array().unwrap().iter().find(|each| each["agency"]["name"] == agencies[0]);
    let request = own.unwrap()["id"].clone();
    let mut report = plain(101, &request);
    (report["agreedById"], report["agreedOn"]) = (me(&app, "social_worker").await, "2026-11-24".into());
    let own = [("agreedById".to_owned(), "RULE_REFUSED".to_owned())];
    assert_eq!(fields(&it(&app, "social_worker", &submit(), &report).await), own, "nobody agrees one of their own");
    let sent = crate::passages::a_signed_report(&app, &plain(104, &request)).await["id"].clone();
    assert_ne!(stands("REPORT_TO_PROFESSIONALS").await, "MET", "it is with the chair");
    let release = json!({"idempotencyKey": key(102), "conferenceReportId": sent});
    assert_eq!(it(&app, "chair", RELEASE, &release).await["userErrors"], json!([]));
    assert_eq!(stands("REPORT_TO_PROFESSIONALS").await, "MET");
    let share = "mutation($input: RecordFamilyCopyInput!) { it: recordFamilyCopy(input: $input) { userErrors { field code } } }";
    let parents = crate::support::process::parents(&app, &child).await;
    assert!(!parents.is_empty());
    let given = app.clock.now();
    app.clock.advance(chrono::Duration::hours(1));
    let many = i64::try_from(parents.len()).unwrap();
    // the last parent who is recorded was the first to have it
    for (n, parent) in (110..).zip(&parents) {
        assert_ne!(stands("REPORT_TO_FAMILY").await, "MET", "not every parent has it");
        let at = given + chrono::Duration::minutes(many + 110 - i64::from(n));
        let input = json!({"idempotencyKey": key(n), "conferenceReportId": sent, "personId": parent,
          "sharedAt": at.to_rfc3339()});
        assert_eq!(it(&app, "social_worker", share, &input).await["userErrors"], json!([]));
    }
    assert_eq!(stands("REPORT_TO_FAMILY").await, "MET");
    let met = "query($f: DeadlineFilterInput) { deadlines(filter: $f) { nodes { metAt conference { id } } } }";
    let filter = json!({"f": {"childId": child, "kinds": ["REPORT_TO_FAMILY"]}});
    let met = app.data("social_worker", met, filter).await["deadlines"]["nodes"].clone();
    let met = met.as_array().unwrap().iter().find(|each| each["conference"]["id"] == conference).unwrap().clone();
    let at: chrono::DateTime<chrono::Utc> = met["metAt"].as_str().unwrap().parse().unwrap();
    assert_eq!(at, given + chrono::Duration::minutes(many), "when the last of them had it");
    // what was taken back is with nobody
    let withdraw = json!({"idempotencyKey": key(120), "conferenceReportId": sent, "reason": "Another child's."});
    assert_eq!(it(&app, "social_worker", crate::reports::WITHDRAW, &withdraw).await["userErrors"], json!([]));
    for kind in ["REPORT_TO_FAMILY", "REPORT_TO_PROFESSIONALS"] {
        assert_ne!(stands(kind).await, "MET", "{kind}");
    }
}

/// A hundred reports of their usual length go in at once; one more is too many.
async fn a_hundred_at_once(app: App) {
    let request = open_request(&app, "school_dsl").await;
    let words = "Comes without breakfast. ".repeat(800);
    let mut one = of_a_school(90, &request);
    (one["worries"], one["idempotencyKey"]) = (words.into(), Value::Null);
    let mut one = one.as_object().unwrap().clone();
    one.remove("idempotencyKey");
    let batch = "mutation($input: SubmitConferenceReportsInput!) { it: submitConferenceReports(input: $input) {
      results { conferenceReport { id } userErrors { code } } userErrors { field code } } }";
    let of = |n: u32, many: usize| json!({"idempotencyKey": key(n), "reports": vec![one.clone(); many]});
    let more = it(&app, "school_dsl", batch, &of(91, 101)).await;
    assert_eq!(more["userErrors"], json!([{"field": "reports", "code": "TOO_MANY"}]));
    let done = it(&app, "school_dsl", batch, &of(92, 100)).await;
    let results = done["results"].as_array().unwrap();
    assert_eq!(results.len(), 100);
    assert!(results[0]["conferenceReport"]["id"].is_string(), "{}", results[0]);
    // the same was given a hundred times: it is there once
    assert!(results.iter().all(|each| *each == results[0]), "{done}");
}

both!(by_a_system, super::for_whom_a_system_speaks);
both!(for_the_family, super::what_the_family_is_given);
both!(a_part, super::a_part_is_read);
both!(one_of_several, super::about_one_of_them);
both!(the_last_two, super::the_last_two_at_once);
both!(its_clocks, super::its_own_clocks);
both!(a_hundred, super::a_hundred_at_once);
