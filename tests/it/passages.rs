//! Passages of a report that only some may read: they come with it, are told to their list, lie in the bundle of who reads
//! them, and go with it. And who agreed a report, where practice wants that.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::attachments::send;
use crate::jobs::open_request;
use crate::reports::{WITHDRAW, amend, canonical, it, of_a_school, of_request, save, submit, submit_draft};
use crate::support::process::{fields, go_by};
use crate::support::{App, key};

const OF_REPORT: &str = "query($id: ID!) { conferenceReport(id: $id) { receipt { sha256 }
  restrictedItems { nodes { id kind text thirdParty conferenceReport { id } } } } }";

const ITEM: &str = "query($id: ID!) { node(id: $id) { ... on RestrictedItem { text withdrawnAt version } } }";

const BUNDLE: &str = "query($id: ID!, $child: ID) { conference(id: $id) { bundle(childId: $child) {
  restrictedItems { nodes { id kind } pageInfo { hasNextPage } } } } }";

const PERSONAS: [&str; 10] = [
    "social_worker",
    "team_manager",
    "service_manager",
    "chair",
    "minute_taker",
    "police",
    "health_visitor",
    "school_dsl",
    "early_help",
    "housing",
];

async fn items(app: &App, persona: &str, report: &Value) -> Vec<Value> {
    let data = app.ask(persona, OF_REPORT, json!({"id": report})).await["data"].clone();
    data["conferenceReport"]["restrictedItems"]["nodes"].as_array().cloned().unwrap_or_default()
}

async fn with_passage(app: &App, n: u32, request: &str) -> Value {
    let health = app.agency("Warwickshire Community Health Trust").await;
    let mut input = of_a_school(n, request);
    input["restrictedItems"] = json!([{"kind": "RESTRICTED", "text": "He waits at the gate; she has not told him.",
      "thirdParty": true, "readers": [{"agencyId": health}]}]);
    input
}

async fn they_come_with_a_report(app: App) {
    let request = open_request(&app, "school_dsl").await;
    let (conference, child) = of_request(&app, "school_dsl", &request).await;
    let input = with_passage(&app, 1, &request).await;
    let done = it(&app, "school_dsl", &submit(), &input).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    let report = done["conferenceReport"]["id"].clone();
    assert_eq!(it(&app, "school_dsl", &submit(), &input).await, done, "a retry answers the same");

    let own = items(&app, "school_dsl", &report).await;
    assert_eq!(own.len(), 1, "once: {own:?}");
    assert_eq!(own[0]["text"], "He waits at the gate; she has not told him.");
    assert_eq!(own[0]["conferenceReport"]["id"], report);
    // the receipt is over it too
    let said = it(&app, "school_dsl", &submit(), &input).await["conferenceReport"]["receipt"]["sha256"].clone();
    let author = app.data("school_dsl", "{ viewer { practitioner { id } } }", json!({})).await["viewer"].clone();
    let mut whole = input.clone();
    for (name, value) in [
        ("authorId", author["practitioner"]["id"].clone()),
        ("template", json!("SCHOOL")),
        ("templateVersion", json!(1)),
    ] {
        whole[name] = value;
    }
    whole.as_object_mut().unwrap().remove("idempotencyKey");
    for line in whole["chronology"].as_array_mut().unwrap() {
        let line = line.as_object_mut().unwrap();
        line.entry("precision").or_insert(json!("DAY"));
        line.entry("thirdParty").or_insert(json!(false));
        line.entry("locates").or_insert(json!(false));
    }
    let hash = crate::attachments::hex(&Sha256::digest(canonical(&whole)));
    assert_eq!(said, hash, "{whole}");

    // the chair and the list read it, each in its own bundle as well; to all others it is not there
    let id = json!({"id": own[0]["id"]});
    let readers = ["school_dsl", "chair", "health_visitor"];
    for persona in PERSONAS {
        let reads = readers.contains(&persona);
        assert_eq!(app.ask(persona, ITEM, id.clone()).await["data"]["node"]["text"].is_string(), reads, "{persona}");
        let bundle = app.ask(persona, BUNDLE, json!({"id": conference, "child": child})).await;
        let bundle = bundle["data"]["conference"]["bundle"].clone();
        if bundle.is_object() {
            let lies =
                bundle["restrictedItems"]["nodes"].as_array().unwrap().iter().any(|item| item["id"] == own[0]["id"]);
            assert_eq!(
                (lies, &bundle["restrictedItems"]["pageInfo"]["hasNextPage"]),
                (reads, &json!(false)),
                "{persona}"
            );
        }
    }
    let told = ["CONFERENCE_REPORT_SUBMITTED", "RESTRICTED_ITEM_RECORDED"];
    assert!(app.kinds("health_visitor").await.iter().any(|kind| kind == told[1]), "the list is told at once");
    assert!(app.kinds("police").await.iter().all(|kind| kind != told[1]));

    // what is put right keeps it; what is taken back takes it along, and leaves it with its agency
    let mut better = of_a_school(2, &request);
    better.as_object_mut().unwrap().remove("reportRequestId");
    better["conferenceReportId"] = report.clone();
    better["reason"] = "A date was wrong.".into();
    let better = it(&app, "school_dsl", &amend(), &better).await;
    assert_eq!(better["userErrors"], json!([]), "{better}");
    assert!(app.data("health_visitor", ITEM, id.clone()).await["node"]["text"].is_string());
    let back = json!({"idempotencyKey": key(3), "reason": "Another child.",
      "conferenceReportId": better["conferenceReport"]["id"]});
    assert_eq!(it(&app, "school_dsl", WITHDRAW, &back).await["userErrors"], json!([]));
    for persona in ["chair", "health_visitor"] {
        assert_eq!(app.code(persona, ITEM, id.clone()).await, "NOT_FOUND", "{persona}");
    }
    let left = app.data("school_dsl", ITEM, id).await["node"].clone();
    assert!(left["withdrawnAt"].is_string() && left["version"] == 2, "{left}");
    let bundle = app.data("school_dsl", BUNDLE, json!({"id": conference, "child": child})).await;
    assert_eq!(bundle["conference"]["bundle"]["restrictedItems"]["nodes"], json!([]), "nor in its own bundle");
}

async fn what_is_wrong_with_them_is_told(app: App) {
    let request = open_request(&app, "school_dsl").await;
    let csc = app.agency("Warwickshire Children's Social Care").await;
    let mut input = with_passage(&app, 1, &request).await;
    input["restrictedItems"] = json!([
      {"kind": "POLICE_INTELLIGENCE", "text": "Source A.", "readers": []},
      {"kind": "RESTRICTED", "text": " ", "readers": [{"agencyId": csc}]}]);
    let refused = it(&app, "school_dsl", &submit(), &input).await;
    let found = fields(&refused);
    for (field, code) in [
        ("restrictedItems.0.kind", "RULE_REFUSED"),
        ("restrictedItems.1.text", "REQUIRED"),
        ("restrictedItems.1.readers.0.practitionerId", "REQUIRED"),
    ] {
        assert!(found.contains(&(field.to_owned(), code.to_owned())), "{field}: {refused}");
    }
    input["restrictedItems"] = json!(vec![json!({"kind": "RESTRICTED", "text": "x"}); 11]);
    let refused = it(&app, "school_dsl", &submit(), &input).await;
    assert_eq!(fields(&refused), [("restrictedItems".to_owned(), "TOO_MANY".to_owned())], "{refused}");
    // nothing was stored by any of these, nor by a dry run
    let mut dry = with_passage(&app, 2, &request).await;
    dry["dryRun"] = true.into();
    assert_eq!(it(&app, "school_dsl", &submit(), &dry).await["userErrors"], json!([]));
    let mine = "query($id: ID!) { child(id: $id) { restrictedItems(first: 100) { nodes { id } } } }";
    let (_, child) = of_request(&app, "school_dsl", &request).await;
    let before = app.data("school_dsl", mine, json!({"id": child})).await;
    assert_eq!(before["child"]["restrictedItems"]["nodes"], json!([]));

    // a draft holds none; they are given as it is submitted, by a system in the name of who wrote it
    let draft = it(&app, "school_dsl", &save(), &of_a_school(3, &request)).await["conferenceReport"].clone();
    let given = json!({"idempotencyKey": key(4), "conferenceReportId": draft["id"],
      "expectedRevision": draft["revision"], "restrictedItems": [{"kind": "RESTRICTED", "text": "Not before him."}]});
    let done = it(&app, "school_dsl", &submit_draft(), &given).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    assert_eq!(items(&app, "school_dsl", &done["conferenceReport"]["id"]).await.len(), 1);

    let request = open_request(&app, "health_visitor").await;
    let author = app.data("health_visitor", "{ viewer { practitioner { id } } }", json!({})).await["viewer"].clone();
    let mut by_system = crate::jobs::report(&request, &key(5))["input"].clone();
    by_system["authorId"] = author["practitioner"]["id"].clone();
    by_system["restrictedItems"] = json!([{"kind": "RESTRICTED", "text": "Not before her."}]);
    let done = it(&app, "agency_system", &submit(), &by_system).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    let report = done["conferenceReport"]["id"].clone();
    assert_eq!(items(&app, "health_visitor", &report).await[0]["text"], "Not before her.", "the author's own");
    assert_eq!(items(&app, "agency_system", &report).await, Vec::<Value>::new(), "a system reads nothing");
}

async fn a_manager_agrees(app: App) {
    let request = asked_of_social_care(&app).await;
    let input = |n: u32, agreed: Option<&Value>| {
        let mut input = crate::jobs::report(&request, &key(n))["input"].clone();
        if let Some(by) = agreed {
            input["agreedById"] = by.clone();
            input["agreedOn"] = "2026-11-23".into();
        }
        input
    };
    let person = async |persona: &str| {
        let data = app.data(persona, "{ viewer { practitioner { id } } }", json!({})).await;
        data["viewer"]["practitioner"]["id"].clone()
    };
    let (worker, manager) = (person("social_worker").await, person("team_manager").await);
    let kind = "query($id: ID!) { node(id: $id) { ... on ReportRequest { conference { kind } } } }";
    let kind = app.data("social_worker", kind, json!({"id": request})).await["node"]["conference"]["kind"].clone();
    assert_eq!(kind, "REVIEW");
    // Warwickshire warns of a review's report that nobody agreed, and takes it; that nobody but a manager agrees it is refused
    let warned = it(&app, "social_worker", &submit(), &dry(input(1, None))).await;
    assert_eq!(warned["userErrors"], json!([]), "{warned}");
    let refused = it(&app, "social_worker", &submit(), &dry(input(2, Some(&worker)))).await;
    assert_eq!(fields(&refused), [("agreedById".to_owned(), "RULE_REFUSED".to_owned())], "{refused}");
    // for an initial conference the team manager signs it
    become_initial(&app, &request).await;
    let refused = it(&app, "social_worker", &submit(), &input(4, None)).await;
    assert_eq!(fields(&refused), [("agreedById".to_owned(), "MISSING".to_owned())], "{refused}");
    assert!(refused["userErrors"][0]["message"].as_str().unwrap().contains("WAR-PR-05"), "{refused}");
    let said = it(&app, "social_worker", &submit(), &input(5, Some(&manager))).await;
    assert_eq!(fields(&said), [("agreedById".to_owned(), "MISSING".to_owned())], "a signature is no word: {said}");
    let done = a_signed_report(&app, &input(7, Some(&manager))).await;
    assert_eq!(done["signedBy"]["id"], manager, "{done}");
    // no other agency's report is held to that
    let school = open_request(&app, "school_dsl").await;
    let done = it(&app, "school_dsl", &submit(), &of_a_school(6, &school)).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
}

const SIGN: &str = "mutation($input: SignConferenceReportInput!) { it: signConferenceReport(input: $input) {
  conferenceReport { revision state signedAt signedBy { id } } userErrors { field code } } }";

/// A report of the social worker that the manager signed as a draft.
pub async fn a_signed_report(app: &App, input: &Value) -> Value {
    let draft = it(app, "social_worker", &save(), input).await;
    assert_eq!(draft["userErrors"], json!([]), "{draft}");
    let draft = draft["conferenceReport"].clone();
    let of = |n: u32| json!({"idempotencyKey": key(n), "conferenceReportId": draft["id"], "expectedRevision": draft["revision"]});
    let signed = it(app, "team_manager", SIGN, &of(990)).await;
    assert_eq!(signed["userErrors"], json!([]), "{signed}");
    let done = it(app, "social_worker", &submit_draft(), &of(991)).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    let of = "query($id: ID!) { conferenceReport(id: $id) { id state signedAt signedBy { id } } }";
    app.data("chair", of, json!({"id": draft["id"]})).await["conferenceReport"].clone()
}

/// Who signs a report signs what was read, and nobody else's place or own report.
async fn a_report_is_signed(app: App) {
    let request = asked_of_social_care(&app).await;
    become_initial(&app, &request).await;
    let draft = crate::jobs::report(&request, &key(1))["input"].clone();
    let saved = it(&app, "social_worker", &save(), &draft).await["conferenceReport"].clone();
    let sign = |n: u32, revision: i32| json!({"idempotencyKey": key(n), "conferenceReportId": saved["id"], "expectedRevision": revision});
    for (persona, code) in [("social_worker", "FORBIDDEN"), ("chair", "FORBIDDEN"), ("school_dsl", "NOT_FOUND")] {
        assert_eq!(app.code(persona, SIGN, json!({"input": sign(2, 1)})).await, code, "{persona}");
    }
    assert_eq!(app.code("team_manager", SIGN, json!({"input": sign(3, 7)})).await, "CONFLICT", "not what was read");
    let signed = it(&app, "team_manager", SIGN, &sign(4, 1)).await;
    assert_eq!(signed["userErrors"], json!([]), "{signed}");
    assert_eq!(signed["conferenceReport"]["state"], "DRAFT");
    assert_eq!(it(&app, "team_manager", SIGN, &sign(4, 1)).await, signed, "a retry answers the same");
    let twice = it(&app, "team_manager", SIGN, &sign(5, 1)).await;
    assert_eq!(fields(&twice), [("conferenceReportId".to_owned(), "ALREADY_DONE".to_owned())], "{twice}");
    assert!(app.kinds("social_worker").await.contains(&"CONFERENCE_REPORT_SIGNED".to_owned()), "the author is told");
    // written again, it is signed by nobody
    let mut again = crate::jobs::report(&request, &key(6))["input"].clone();
    (again["expectedRevision"], again["worries"]) = (1.into(), "Another.".into());
    assert_eq!(it(&app, "social_worker", &save(), &again).await["userErrors"], json!([]));
    let mut submit = sign(7, 2);
    let refused = it(&app, "social_worker", &submit_draft(), &submit).await;
    assert_eq!(fields(&refused), [("agreedById".to_owned(), "MISSING".to_owned())], "{refused}");
    // nor once one of its files was taken back
    let file = send(&app, "social_worker", 8, &request, ("Letter.txt", b"A letter.")).await;
    let mut with_file = again.clone();
    (with_file["idempotencyKey"], with_file["expectedRevision"]) = (key(9).into(), 2.into());
    with_file["attachmentIds"] = json!([file]);
    assert_eq!(it(&app, "social_worker", &save(), &with_file).await["userErrors"], json!([]));
    assert_eq!(it(&app, "team_manager", SIGN, &sign(10, 3)).await["userErrors"], json!([]));
    let remove = "mutation($input: RemoveAttachmentInput!) { it: removeAttachment(input: $input) { userErrors { field code } } }";
    let removal = json!({"idempotencyKey": key(11), "attachmentId": file});
    assert_eq!(it(&app, "social_worker", remove, &removal).await["userErrors"], json!([]));
    submit["idempotencyKey"] = key(12).into();
    submit["expectedRevision"] = 3.into();
    assert_eq!(app.code("social_worker", &submit_draft(), json!({"input": submit})).await, "CONFLICT");
    submit["expectedRevision"] = 4.into();
    let refused = it(&app, "social_worker", &submit_draft(), &submit).await;
    assert_eq!(fields(&refused), [("agreedById".to_owned(), "MISSING".to_owned())], "{refused}");
    // a version that stands is signed as well
    assert_eq!(it(&app, "team_manager", SIGN, &sign(13, 4)).await["userErrors"], json!([]));
    assert_eq!(it(&app, "social_worker", &submit_draft(), &submit).await["userErrors"], json!([]));
    let school = open_request(&app, "school_dsl").await;
    let done = it(&app, "school_dsl", &crate::reports::submit(), &of_a_school(14, &school)).await;
    let own =
        json!({"idempotencyKey": key(15), "conferenceReportId": done["conferenceReport"]["id"], "expectedRevision": 1});
    assert_eq!(app.code("school_dsl", SIGN, json!({"input": own})).await, "FORBIDDEN", "nobody signs an own report");
}

/// Where the practice says nothing of it, anybody of the agency may be named, and nobody has to be.
async fn anybody_agrees(app: App) {
    go_by(&app, "BRISTOL").await;
    let request = asked_of_social_care(&app).await;
    become_initial(&app, &request).await;
    let colleague = app.data("minute_taker", "{ viewer { practitioner { id } } }", json!({})).await["viewer"].clone();
    let mut input = crate::jobs::report(&request, &key(1))["input"].clone();
    assert_eq!(it(&app, "social_worker", &submit(), &dry(input.clone())).await["userErrors"], json!([]));
    input["agreedById"] = colleague["practitioner"]["id"].clone();
    input["agreedOn"] = "2026-11-23".into();
    let done = it(&app, "social_worker", &submit(), &input).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
}

fn dry(mut input: Value) -> Value {
    input["dryRun"] = true.into();
    input
}

/// What social care itself was asked for the review of the first family.
async fn asked_of_social_care(app: &App) -> String {
    let query =
        "{ reportRequests(status: OPEN, first: 100) { nodes { id agency { kind } conference { scheduledAt } } } }";
    let data = app.data("social_worker", query, json!({})).await;
    let own = |node: &&Value| {
        node["agency"]["kind"] == "CSC"
            && node["conference"]["scheduledAt"].as_str().unwrap().starts_with("2026-12-08T10:00:00")
    };
    let nodes = data["reportRequests"]["nodes"].as_array().unwrap();
    nodes.iter().find(own).unwrap_or_else(|| panic!("{data}"))["id"].as_str().unwrap().to_owned()
}

/// Has the conference of a request be an initial one, past the program.
async fn become_initial(app: &App, request: &str) {
    use entity::conference;
    use sea_orm::sea_query::Expr;
    use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
    let (conference, _) = of_request(app, "social_worker", request).await;
    let (_, id) = quorate::graphql::id::split(&conference.as_str().unwrap().into()).unwrap();
    let db = crate::support::contents::connect(&app.url).await;
    let kind = Expr::val(conference::Kind::Initial.word());
    let change = conference::Entity::update_many().col_expr(conference::Column::Kind, kind);
    assert_eq!(change.filter(conference::Column::Id.eq(id)).exec(&db).await.unwrap().rows_affected, 1);
}

both!(with_a_report, super::they_come_with_a_report);
both!(refused, super::what_is_wrong_with_them_is_told);
both!(agreed, super::a_manager_agrees);
both!(signed, super::a_report_is_signed);
both!(silent, super::anybody_agrees);
