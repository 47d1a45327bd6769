//! Reports as agencies write them: by a template, drafted, submitted, put right, taken back, with a receipt that anybody can
//! check.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::attachments::{send, sha256};
use crate::jobs::open_request;
use crate::support::contents::Watch;
use crate::support::process::fields;
use crate::support::table::me;
use crate::support::{App, key, pages};

const REPORT: &str =
    "id version state revision reason withdrawnBecause afterConference agreedOn template { code version }
  receipt { sha256 says timeliness workingDaysEarly token dueAt }
  answers(first: 60) { nodes { id item asks says text choice number day withheld } }
  chronology(first: 100) { nodes { id occurredOn precision kind text source response thirdParty locates withheld } }
  missing { code }";

pub fn submit() -> String {
    format!(
        "mutation($input: SubmitConferenceReportInput!) {{ it: submitConferenceReport(input: $input) {{
          conferenceReport {{ {REPORT} }} userErrors {{ field code message }} }} }}"
    )
}

pub fn save() -> String {
    format!(
        "mutation($input: SaveConferenceReportDraftInput!) {{ it: saveConferenceReportDraft(input: $input) {{
          conferenceReport {{ {REPORT} }} userErrors {{ field code message }} }} }}"
    )
}

pub fn submit_draft() -> String {
    format!(
        "mutation($input: SubmitConferenceReportDraftInput!) {{ it: submitConferenceReportDraft(input: $input) {{
          conferenceReport {{ {REPORT} }} userErrors {{ field code message }} }} }}"
    )
}

pub fn amend() -> String {
    format!(
        "mutation($input: AmendConferenceReportInput!) {{ it: amendConferenceReport(input: $input) {{
          conferenceReport {{ {REPORT} }} userErrors {{ field code message }} }} }}"
    )
}

fn read() -> String {
    format!("query($id: ID!) {{ conferenceReport(id: $id) {{ {REPORT} }} }}")
}

pub const WITHDRAW: &str =
    "mutation($input: WithdrawConferenceReportInput!) { it: withdrawConferenceReport(input: $input) {
  conferenceReport { state withdrawnBecause reportRequest { status receivedAt } } userErrors { field code } } }";

pub const RELEASE: &str =
    "mutation($input: ReleaseConferenceReportInput!) { it: releaseConferenceReport(input: $input) {
  conferenceReport { state } userErrors { field code } } }";

/// A report of a school by its template, with all that it requires.
pub fn of_a_school(n: u32, request: &str) -> Value {
    json!({"idempotencyKey": key(n), "reportRequestId": request, "template": {"code": "SCHOOL", "version": 1},
      "involvement": "Known since reception.", "worries": "Comes without breakfast.", "strengths": "Mother comes to every talk.",
      "childVoice": "I want breakfast.", "safetyScore": 4, "recommendation": "CP_PLAN",
      "answers": [{"item": "ATTENDANCE_PERCENT", "number": 71}, {"item": "LEARNING", "text": "A year behind in reading."},
        {"item": "SPECIAL_NEEDS", "choice": "SUPPORT"}, {"item": "FUTURE_DANGER", "text": "Will stop coming."}],
      "chronology": [
        {"occurredOn": "2026-10-05", "kind": "EDUCATION", "text": "Found asleep in class.", "source": "Class record"},
        {"occurredOn": "2026-09-01", "precision": "MONTH", "kind": "CONTACT", "text": "A neighbour rang.",
         "source": "Telephone note", "thirdParty": true}]})
}

/// Asks as somebody, and answers the payload.
pub async fn it(app: &App, persona: &str, query: &str, input: &Value) -> Value {
    app.data(persona, query, json!({"input": input})).await["it"].clone()
}

/// The canonical JSON of a value, written here anew: names in order, no space.
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut names: Vec<_> = map.keys().collect();
            names.sort();
            let parts = names.iter().map(|name| format!("{}:{}", json!(name), canonical(&map[name.as_str()])));
            format!("{{{}}}", parts.collect::<Vec<_>>().join(","))
        }
        Value::Array(list) => format!("[{}]", list.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

async fn a_template_is_a_form(app: App) {
    let query = "query { reportTemplates { code version name agencies items {
      code section asks says field answer choices least most required category } } }";
    let templates = app.data("school_dsl", query, json!({})).await["reportTemplates"].clone();
    let codes: Vec<_> = templates.as_array().unwrap().iter().map(|t| t["code"].as_str().unwrap().to_owned()).collect();
    assert_eq!(codes[..2], ["SCHOOL", "GENERAL"], "the agency's own first: {codes:?}");
    assert_eq!(codes.len(), 10);
    let unknown = "query { reportTemplate(code: \"SCHOOL\", version: 9) { name } }";
    assert_eq!(app.code("school_dsl", unknown, json!({})).await, "NOT_FOUND");

    // drawn from the form alone, a report of every template is taken; and each wrong input is told by its path
    let request = open_request(&app, "school_dsl").await;
    let watch = Watch::over(&app).await;
    for template in templates.as_array().unwrap() {
        let fits = template["agencies"].as_array().unwrap().contains(&json!("EDUCATION"));
        let items: Vec<_> =
            template["items"].as_array().unwrap().iter().filter(|item| item["field"].is_null()).collect();
        let right = |item: &Value| match item["answer"].as_str().unwrap() {
            "TEXT" => json!({"item": item["code"], "text": "Seen."}),
            "YES_NO" => json!({"item": item["code"], "choice": "NO"}),
            "CHOICE" => json!({"item": item["code"], "choice": item["choices"][0]}),
            "NUMBER" => json!({"item": item["code"], "number": item["most"]}),
            _ => json!({"item": item["code"], "day": "2026-11-20"}),
        };
        let answers: Vec<_> = items.iter().map(|item| right(item)).collect();
        let input = json!({"idempotencyKey": key(1), "dryRun": true, "reportRequestId": request,
          "template": {"code": template["code"], "version": template["version"]},
          "involvement": "Known.", "worries": "Some.", "strengths": "Some.", "answers": answers});
        let done = it(&app, "school_dsl", &submit(), &input).await;
        let expected = if fits { vec![] } else { vec![("template.code".to_owned(), "INVALID".to_owned())] };
        assert_eq!(fields(&done), expected, "{template}");
        for (n, item) in items.iter().enumerate() {
            let wrong = match item["answer"].as_str().unwrap() {
                "TEXT" => ("text", json!({"item": item["code"], "text": "  "}), "REQUIRED"),
                "YES_NO" | "CHOICE" => ("choice", json!({"item": item["code"], "choice": "PERHAPS"}), "INVALID"),
                "NUMBER" => ("number", json!({"item": item["code"], "number": -1}), "INVALID"),
                _ => ("text", json!({"item": item["code"], "text": "lately"}), "INVALID"),
            };
            let mut input = input.clone();
            input["answers"][n] = wrong.1;
            let found = fields(&it(&app, "school_dsl", &submit(), &input).await);
            let expected = (format!("answers.{n}.{}", wrong.0), wrong.2.to_owned());
            assert!(found.contains(&expected), "{}: {found:?}", item["code"]);
            if item["required"] == true {
                input["answers"].as_array_mut().unwrap().remove(n);
                let found = fields(&it(&app, "school_dsl", &submit(), &input).await);
                let path = format!("answers.{}", item["code"].as_str().unwrap());
                assert!(found.contains(&(path, "REQUIRED".to_owned())), "{found:?}");
            }
        }
    }
    let mut input = of_a_school(2, &request);
    input["template"] = json!({"code": "SCHOOL", "version": 2});
    let unknown = it(&app, "school_dsl", &submit(), &input).await;
    assert_eq!(fields(&unknown), [("template".to_owned(), "UNKNOWN_REFERENCE".to_owned())]);
    let mut input = of_a_school(2, &request);
    input["chronology"][0]["occurredOn"] = "2026-12-24".into();
    input["chronology"][1]["endedOn"] = "2026-08-01".into();
    input["chronology"][1]["text"] = "".into();
    input["agreedOn"] = "2026-11-20".into();
    let found = fields(&it(&app, "school_dsl", &submit(), &input).await);
    for (path, code) in [
        ("chronology.0.occurredOn", "WRONG_TIME"),
        ("chronology.1.endedOn", "WRONG_TIME"),
        ("chronology.1.text", "REQUIRED"),
        ("agreedOn", "REQUIRED"),
    ] {
        assert!(found.contains(&(path.to_owned(), code.to_owned())), "{path}: {found:?}");
    }
    watch.unchanged("nothing of all this was stored").await;
}

async fn a_receipt_can_be_checked(app: App) {
    let request = open_request(&app, "school_dsl").await;
    let mut files = Vec::new();
    for (n, text) in [(50, "A letter."), (51, "An earlier one.")] {
        files.push(send(&app, "school_dsl", n, &request, ("Letter.txt", text.as_bytes())).await);
    }
    let mut input = of_a_school(1, &request);
    input["attachmentIds"] = json!(files);
    let done = it(&app, "school_dsl", &submit(), &input).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    let report = done["conferenceReport"].clone();
    assert_eq!(report["missing"], json!([]));
    assert_eq!(report["receipt"]["timeliness"], "IN_TIME");
    // due on the third working day before Tuesday 8 December: Thursday 3 December; it is Tuesday 24 November
    assert_eq!(report["receipt"]["says"], "7 working days early", "{report}");
    // the hash is that of what was sent, made anew here
    let mut sent = of_a_school(1, &request);
    let map = sent.as_object_mut().unwrap();
    map.remove("idempotencyKey");
    map.insert("template".into(), "SCHOOL".into());
    map.insert("templateVersion".into(), 1.into());
    // of files their contents, in whatever order they were named
    let mut contents = [sha256(b"A letter."), sha256(b"An earlier one.")];
    contents.sort();
    map.insert("attachments".into(), json!(contents));
    let me = app.data("school_dsl", "{ viewer { practitioner { id } } }", json!({})).await;
    map.insert("authorId".into(), me["viewer"]["practitioner"]["id"].clone());
    for line in map["chronology"].as_array_mut().unwrap() {
        for (name, default) in [("precision", json!("DAY")), ("thirdParty", json!(false)), ("locates", json!(false))] {
            line.as_object_mut().unwrap().entry(name).or_insert(default);
        }
    }
    let hash = format!("{:x}", Sha256::digest(canonical(&sent)));
    assert_eq!(report["receipt"]["sha256"], hash, "{}", canonical(&sent));
    // and the signature is that of the published key
    let keys = app.endpoint.replace("/graphql", "/receipts/keys");
    let keys: Value = reqwest::get(keys).await.unwrap().json().await.unwrap();
    let token = report["receipt"]["token"].as_str().unwrap();
    let claims = checked(&keys, token).expect("signed");
    assert_eq!(claims["sha256"], hash);
    assert_eq!(claims["jti"], report["id"]);
    assert_eq!(claims["says"], "7 working days early");
    let (text, _) = token.rsplit_once('.').unwrap();
    assert!(checked(&keys, &format!("{text}.{}", URL_SAFE_NO_PAD.encode([7; 64]))).is_none());
    // it says the same when the conference is at another time
    let (conference, _) = of_request(&app, "school_dsl", &request).await;
    let moved = "mutation($input: MoveConferenceInput!) { it: moveConference(input: $input) { userErrors { field code message } } }";
    let version = "query($id: ID!) { conference(id: $id) { version } }";
    let version = app.data("social_worker", version, json!({"id": conference})).await["conference"]["version"].clone();
    let to = json!({"idempotencyKey": key(60), "conferenceId": conference, "expectedVersion": version,
      "scheduledAt": "2026-12-10T10:00:00Z", "reason": "A parent is in hospital."});
    let moved = it(&app, "social_worker", moved, &to).await;
    assert_eq!(moved["userErrors"], json!([]), "{moved}");
    let after =
        app.data("school_dsl", &read(), json!({"id": report["id"]})).await["conferenceReport"]["receipt"].clone();
    assert_eq!(after, report["receipt"]);
}

/// The claims of a token that one of the keys signed.
fn checked(keys: &Value, token: &str) -> Option<Value> {
    use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
    let (text, signature) = token.rsplit_once('.')?;
    let (header, claims) = text.split_once('.')?;
    let plain = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    let header = plain(header)?;
    let key = keys["keys"].as_array()?.iter().find(|key| key["kid"] == header["kid"])?;
    let key = URL_SAFE_NO_PAD.decode(key["x"].as_str()?).ok()?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    UnparsedPublicKey::new(&ED25519, key).verify(text.as_bytes(), &signature).ok()?;
    plain(claims)
}

async fn a_draft_becomes_a_report(app: App) {
    let request = open_request(&app, "school_dsl").await;
    let mut first = of_a_school(1, &request);
    first["answers"] = json!([{"item": "LEARNING", "text": "To be written."}]);
    first["worries"] = Value::Null;
    let saved = it(&app, "school_dsl", &save(), &first).await;
    assert_eq!(saved["userErrors"], json!([]), "{saved}");
    let draft = saved["conferenceReport"].clone();
    assert_eq!((&draft["state"], &draft["version"], &draft["receipt"]), (&json!("DRAFT"), &json!(0), &Value::Null));
    let missing: Vec<_> = draft["missing"].as_array().unwrap().iter().map(|item| item["code"].clone()).collect();
    assert_eq!(missing, [json!("PAST_HARM"), json!("ATTENDANCE_PERCENT")]);
    let id = json!({"id": draft["id"]});
    // nobody but the agency reads it, and its request is as open as before
    for persona in ["chair", "social_worker", "minute_taker", "police", "health_visitor"] {
        assert_eq!(app.code(persona, &read(), id.clone()).await, "NOT_FOUND", "{persona}");
    }
    let status = "query($id: ID!) { conferenceReport(id: $id) { reportRequest { status receivedAt } } }";
    let status = app.data("school_dsl", status, id.clone()).await["conferenceReport"]["reportRequest"].clone();
    assert_eq!(status, json!({"status": "OPEN", "receivedAt": null}));
    // what two write at once is not lost
    let mut second = of_a_school(2, &request);
    assert_eq!(app.code("school_dsl", &save(), json!({"input": second})).await, "CONFLICT", "there is one already");
    second["expectedRevision"] = 1.into();
    let saved = it(&app, "school_dsl", &save(), &second).await;
    assert_eq!((&saved["conferenceReport"]["revision"], &saved["conferenceReport"]["id"]), (&json!(2), &draft["id"]));
    assert_eq!(it(&app, "school_dsl", &save(), &second).await, saved, "a retry answers the same");
    second["idempotencyKey"] = key(3).into();
    assert_eq!(app.code("school_dsl", &save(), json!({"input": second})).await, "CONFLICT", "changed since");
    let mut input = json!({"idempotencyKey": key(4), "conferenceReportId": draft["id"], "expectedRevision": 1});
    assert_eq!(app.code("school_dsl", &submit_draft(), json!({"input": input})).await, "CONFLICT");
    input["expectedRevision"] = 2.into();
    let done = it(&app, "school_dsl", &submit_draft(), &input).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    let report = &done["conferenceReport"];
    assert_eq!((&report["id"], &report["version"], &report["state"]), (&draft["id"], &json!(1), &json!("SUBMITTED")));
    assert_eq!(report["answers"]["nodes"].as_array().unwrap().len(), 4);
    assert_eq!(report["chronology"]["nodes"][0]["text"], "A neighbour rang.", "in the order of days");
    assert!(app.data("chair", &read(), id).await["conferenceReport"].is_object(), "now it is read");
    input["idempotencyKey"] = key(5).into();
    let again = it(&app, "school_dsl", &submit_draft(), &input).await;
    assert_eq!(fields(&again), [("conferenceReportId".to_owned(), "ALREADY_DONE".to_owned())]);
    // what was saved before answers still as it did, to who did not hear it
    let mut heard = of_a_school(2, &request);
    heard["expectedRevision"] = 1.into();
    let late = it(&app, "school_dsl", &save(), &heard).await;
    assert_eq!((&late["userErrors"], &late["conferenceReport"]["id"]), (&json!([]), &draft["id"]), "{late}");
}

/// A system is told what a draft lacks, and reads none of it.
async fn a_system_learns_what_is_missing(app: App) {
    let request = open_request(&app, "health_visitor").await;
    let mut draft = crate::jobs::report(&request, &key(1))["input"].clone();
    draft["worries"] = Value::Null;
    draft["authorId"] = me(&app, "health_visitor").await;
    let saved = it(&app, "agency_system", &save(), &draft).await;
    assert_eq!(saved["userErrors"], json!([]), "{saved}");
    assert_eq!(saved["conferenceReport"]["missing"], json!([{"code": "PAST_HARM"}]), "{saved}");
}

async fn what_is_wrong_is_put_right(app: App) {
    let request = open_request(&app, "school_dsl").await;
    let done = it(&app, "school_dsl", &submit(), &of_a_school(1, &request)).await;
    let first = done["conferenceReport"]["id"].clone();
    let release = json!({"idempotencyKey": key(2), "conferenceReportId": first});
    assert_eq!(it(&app, "chair", RELEASE, &release).await["conferenceReport"]["state"], "RELEASED");
    assert!(app.data("police", &read(), json!({"id": first})).await["conferenceReport"].is_object());

    let mut input = of_a_school(3, &request);
    input.as_object_mut().unwrap().remove("reportRequestId");
    input["conferenceReportId"] = first.clone();
    input["answers"][0]["number"] = 75.into();
    input["worries"] = "Comes without breakfast on most days.".into();
    input["chronology"].as_array_mut().unwrap().remove(0);
    assert_eq!(
        fields(
            &it(&app, "school_dsl", &amend(), &{
                let mut i = input.clone();
                i["reason"] = "".into();
                i
            })
            .await
        ),
        [("reason".to_owned(), "REQUIRED".to_owned())]
    );
    input["reason"] = "The register was read wrongly.".into();
    for persona in ["police", "chair", "social_worker"] {
        assert_eq!(app.code(persona, &amend(), json!({"input": input})).await, "FORBIDDEN", "{persona}");
    }
    let amended = it(&app, "school_dsl", &amend(), &input).await;
    assert_eq!(amended["userErrors"], json!([]), "{amended}");
    let second = amended["conferenceReport"].clone();
    assert_eq!((&second["version"], &second["state"]), (&json!(2), &json!("SUBMITTED")));
    assert_eq!(second["reason"], "The register was read wrongly.");
    let changes =
        "query($id: ID!, $since: ID!) { conferenceReport(id: $id) { changes(sinceId: $since) { item before after } } }";
    let both = json!({"id": second["id"], "since": first});
    let found = app.data("chair", changes, both.clone()).await["conferenceReport"]["changes"].clone();
    assert_eq!(
        found,
        json!([
        {"item": "ATTENDANCE_PERCENT", "before": "71", "after": "75"},
        {"item": "CHRONOLOGY 2026-10-05", "before": "Found asleep in class. | Class record | EDUCATION | DAY",
         "after": null},
        {"item": "PAST_HARM", "before": "Comes without breakfast.", "after": "Comes without breakfast on most days."}])
    );
    let before = "query($id: ID!) { conferenceReport(id: $id) { changes { item } } }";
    let told = app.data("chair", before, json!({"id": second["id"]})).await["conferenceReport"]["changes"].clone();
    assert_eq!(told.as_array().unwrap().len(), 3, "since the version before");
    // the copy that went out stays as it was, and says that it was replaced; the new one is not out
    let copy = app.data("police", &read(), json!({"id": first})).await["conferenceReport"].clone();
    assert_eq!(copy["state"], "SUPERSEDED");
    assert_eq!(app.code("police", &read(), json!({"id": second["id"]})).await, "NOT_FOUND");
    assert_eq!(app.code("police", changes, both).await, "NOT_FOUND");
    input["idempotencyKey"] = key(4).into();
    let again = it(&app, "school_dsl", &amend(), &input).await;
    assert_eq!(fields(&again), [("conferenceReportId".to_owned(), "ALREADY_CONCLUDED".to_owned())], "only what stands");

    let mut back = json!({"idempotencyKey": key(5), "conferenceReportId": second["id"], "reason": "Another child's."});
    assert_eq!(app.code("chair", WITHDRAW, json!({"input": back})).await, "FORBIDDEN");
    let done = it(&app, "school_dsl", WITHDRAW, &back).await;
    assert_eq!(done["conferenceReport"]["state"], "WITHDRAWN", "{done}");
    assert_eq!(done["conferenceReport"]["reportRequest"], json!({"status": "OPEN", "receivedAt": null}));
    back["idempotencyKey"] = key(6).into();
    let twice = it(&app, "school_dsl", WITHDRAW, &back).await;
    assert_eq!(fields(&twice), [("conferenceReportId".to_owned(), "ALREADY_DONE".to_owned())]);
    let due = "query($id: ID!) { conferenceReport(id: $id) { reportRequest { deadlines { nodes { status metAt
      explanation { rule } } } } } }";
    let due = app.data("school_dsl", due, json!({"id": first})).await["conferenceReport"]["reportRequest"].clone();
    assert!(due["deadlines"]["nodes"].as_array().unwrap().iter().all(|each| each["metAt"].is_null()), "{due}");
    // what it had replaced does not stand again, for nobody
    let laid = "query($id: ID!) { conferenceReport(id: $id) { reportRequest { child { id }
      conference { id } } } }";
    let laid = app.data("school_dsl", laid, json!({"id": first})).await["conferenceReport"]["reportRequest"].clone();
    let of = json!({"id": laid["conference"]["id"], "child": laid["child"]["id"]});
    let bundle = "query($id: ID!, $child: ID!) { conference(id: $id) { bundle(childId: $child) {
      reports(first: 100) { nodes { id } } missing(first: 100) { nodes { id } } } } }";
    for persona in ["chair", "school_dsl", "police", "social_worker"] {
        let bundle = app.data(persona, bundle, of.clone()).await["conference"]["bundle"].take();
        let (reports, missing) = (bundle["reports"].to_string(), bundle["missing"].to_string());
        let is_shown = |id: &Value| reports.contains(id.as_str().unwrap());
        assert!(!is_shown(&first) && !is_shown(&second["id"]), "{persona}: {reports}");
        assert!(persona != "chair" || missing.contains(&request), "{missing}");
    }
    // and is answered again by the next version
    let third = it(&app, "school_dsl", &submit(), &of_a_school(7, &request)).await;
    assert_eq!(third["conferenceReport"]["version"], 3, "{third}");
    let kinds = app.kinds("school_dsl").await;
    for kind in ["CONFERENCE_REPORT_AMENDED", "CONFERENCE_REPORT_WITHDRAWN"] {
        assert!(kinds.iter().any(|each| each == kind), "{kind}: {kinds:?}");
    }
}

async fn a_batch_is_each_for_itself(app: App) {
    let query = "query { reportRequests(first: 100) { nodes { id status conference { status } } } }";
    let requests = app.data("police", query, json!({})).await["reportRequests"]["nodes"].clone();
    let open = |each: &&Value| each["conference"]["status"] == "SCHEDULED" && each["status"] != "DONE";
    let mut ids: Vec<_> = requests.as_array().unwrap().iter().filter(open).map(|each| each["id"].clone()).collect();
    ids.truncate(5);
    assert!(ids.len() >= 2, "{requests}");
    let batch = "mutation($input: SubmitConferenceReportsInput!) { it: submitConferenceReports(input: $input) {
      results { place refused conferenceReport { id receipt { sha256 } } userErrors { field code } } userErrors { field code } } }";
    let one =
        |id: &Value| json!({"reportRequestId": id, "involvement": "Calls.", "worries": "Two.", "strengths": "Aunt."});
    let mut reports: Vec<_> = ids.iter().map(one).collect();
    reports[0]["strengths"] = "".into();
    let foreign = open_request(&app, "school_dsl").await;
    reports.push(one(&foreign.into()));
    let input = json!({"idempotencyKey": key(1), "reports": reports});
    let done = it(&app, "police", batch, &input).await;
    let results = done["results"].as_array().unwrap();
    assert_eq!(results.len(), reports.len());
    assert_eq!(results[0]["userErrors"], json!([{"field": "strengths", "code": "REQUIRED"}]));
    assert_eq!(results.last().unwrap()["refused"], "NOT_FOUND");
    let (mut sent, n) = (0, results.len());
    for result in &results[1..n - 1] {
        assert!(result["conferenceReport"]["id"].is_string(), "{result}");
        sent += 1;
    }
    assert!(sent >= 1);
    // the same batch again answers the same; what was refused of it may be put right under the same key
    let mut input = input;
    assert_eq!(it(&app, "police", batch, &input).await, done);
    input["reports"][0]["strengths"] = "The aunt.".into();
    let again = it(&app, "police", batch, &input).await;
    assert!(again["results"][0]["conferenceReport"]["id"].is_string(), "{again}");
    assert_eq!(again["results"][1], done["results"][1]);
    let none = it(&app, "police", batch, &json!({"idempotencyKey": key(2), "reports": []})).await;
    assert_eq!(none["userErrors"], json!([{"field": "reports", "code": "TOO_MANY"}]));
}

const BUNDLE: &str = "query($id: ID!, $child: ID!) { conference(id: $id) { bundle(childId: $child) {
  reports { nodes { id agency { name } version } } missing { nodes { agency { name } } } chronologyComplete
  chronology { duplicateOfId conflictsWithIds row { id text occurredOn source withheld agency { name } } } } } }";

/// The conference and the child of a request.
pub async fn of_request(app: &App, persona: &str, request: &str) -> (Value, Value) {
    let query = "query($id: ID!) { node(id: $id) { ... on ReportRequest { conference { id } child { id } } } }";
    let node = app.data(persona, query, json!({"id": request})).await["node"].clone();
    (node["conference"]["id"].clone(), node["child"]["id"].clone())
}

/// Has the address of the child's household be protected, past the program.
async fn protect(app: &App, child: &Value) {
    use entity::{household, membership};
    use sea_orm::sea_query::Expr;
    use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
    let (_, id) = quorate::graphql::id::split(&child.as_str().unwrap().into()).unwrap();
    let db = crate::support::contents::connect(&app.url).await;
    let of = membership::Entity::find().filter(membership::Column::ChildId.eq(entity::id::ChildId(id)));
    let home = of.filter(membership::Column::EndsOn.is_null()).one(&db).await.unwrap().unwrap().household_id;
    let withheld = Expr::val(household::AddressStatus::Withheld.word());
    let change = household::Entity::update_many().col_expr(household::Column::AddressStatus, withheld);
    assert_eq!(change.filter(household::Column::Id.eq(home)).exec(&db).await.unwrap().rows_affected, 1);
}

async fn one_chronology_of_many(app: App) {
    let school = open_request(&app, "school_dsl").await;
    let (conference, child) = of_request(&app, "school_dsl", &school).await;
    let mut of_school = of_a_school(1, &school);
    of_school["chronology"] = json!([
      {"occurredOn": "2026-10-05", "kind": "EDUCATION", "text": "Found alone at home for 3 hours.", "source": "Class record"},
      {"occurredOn": "2026-10-07", "kind": "OTHER", "text": "Lives at the aunt's in Mill Lane.", "source": "Told by child",
       "locates": true}]);
    let sent = it(&app, "school_dsl", &submit(), &of_school).await["conferenceReport"]["id"].clone();
    let query = "query($c: ID, $k: ID) { reportRequests(filter: {conferenceId: $c, childId: $k}) { nodes { id } } }";
    let police =
        app.data("police", query, json!({"c": conference, "k": child})).await["reportRequests"]["nodes"].clone();
    let police = police[0]["id"].clone();
    protect(&app, &child).await;
    let of_police = json!({"idempotencyKey": key(2), "reportRequestId": police, "involvement": "Calls.", "worries": "Two.",
      "strengths": "Aunt.", "chronology": [
        {"occurredOn": "2026-10-05", "kind": "OFFENCE", "text": "Found alone at home for 3 hours", "source": "Log 12"},
        {"occurredOn": "2026-10-05", "kind": "OFFENCE", "text": "Found alone at home for 8 hours", "source": "Log 13"}]});
    let of_police = it(&app, "police", &submit(), &of_police).await;
    assert_eq!(of_police["userErrors"], json!([]), "{of_police}");
    let ids = json!({"id": conference, "child": child});
    let chair = app.data("chair", BUNDLE, ids.clone()).await["conference"]["bundle"].clone();
    let rows = chair["chronology"].as_array().unwrap();
    let texts: Vec<_> = rows.iter().map(|each| each["row"]["text"].clone()).collect();
    assert!(rows.len() >= 4, "{texts:?}");
    let row = |text: &str| {
        rows.iter().find(|each| each["row"]["text"] == text).unwrap_or_else(|| panic!("{text}: {texts:?}"))
    };
    let (first, same, differs) = (
        row("Found alone at home for 3 hours."),
        row("Found alone at home for 3 hours"),
        row("Found alone at home for 8 hours"),
    );
    let marked = [&first["duplicateOfId"], &same["duplicateOfId"]];
    assert!(
        marked.contains(&&first["row"]["id"]) || marked.contains(&&same["row"]["id"]),
        "one tells what the other told"
    );
    assert_eq!(differs["conflictsWithIds"], json!([first["row"]["id"]]), "another agency's, with other figures");
    // whoever may not read the address is not told it by a chronology
    let aunt = rows.iter().find(|each| each["row"]["occurredOn"] == "2026-10-07").unwrap();
    assert_eq!((&aunt["row"]["text"], &aunt["row"]["withheld"]), (&Value::Null, &json!(["PROTECTED_ADDRESS"])));
    let worker = app.data("social_worker", BUNDLE, ids.clone()).await["conference"]["bundle"]["chronology"].clone();
    let worker = worker.as_array().unwrap().clone();
    assert!(worker.iter().any(|each| each["row"]["text"] == "Lives at the aunt's in Mill Lane."), "{worker:?}");
    // before its release another agency has its own alone; afterwards what was released, without what tells where the child is
    let own = app.data("police", BUNDLE, ids.clone()).await["conference"]["bundle"].clone();
    assert!(
        own["chronology"].as_array().unwrap().iter().all(|each| each["row"]["agency"]["name"] == "Warwickshire Police")
    );
    let release = json!({"idempotencyKey": key(3), "conferenceReportId": sent});
    assert_eq!(it(&app, "chair", RELEASE, &release).await["conferenceReport"]["state"], "RELEASED");
    let theirs = app.data("early_help", BUNDLE, ids.clone()).await["conference"]["bundle"].clone();
    let theirs = theirs["chronology"].as_array().unwrap().clone();
    let aunt = theirs.iter().find(|each| each["row"]["occurredOn"] == "2026-10-07").unwrap();
    assert_eq!((&aunt["row"]["text"], &aunt["row"]["withheld"]), (&Value::Null, &json!(["PROTECTED_ADDRESS"])));
    assert!(theirs.iter().any(|each| each["row"]["text"] == "Found alone at home for 3 hours."));
    assert_eq!(app.code("school_elsewhere", BUNDLE, ids.clone()).await, "NOT_FOUND");
}

/// A report that fills pages: with words wider than a line and than a column, rows that go on on the next page, a file, and
/// somebody who agreed it.
async fn long(app: &App, request: &str) -> Value {
    let mut input = of_a_school(1, request);
    let wide = "W".repeat(200);
    input["worries"] =
        format!("Comes without breakfast.\n{wide}\n{}", "Seen in the corridor again. ".repeat(300)).into();
    input["strengths"] = "CPOMS".into();
    let row = |n: usize| {
        json!({"occurredOn": "2026-10-06", "kind": "EDUCATION", "text": format!("{wide} {}", "Late again. ".repeat(n * 8)),
          "source": format!("Register-{wide}")})
    };
    input["chronology"].as_array_mut().unwrap().extend((1..25).map(row));
    input["agreedById"] = me(app, "school_dsl").await;
    input["agreedOn"] = "2026-11-23".into();
    input["attachmentIds"] = json!([send(app, "school_dsl", 50, request, ("Letter.txt", b"A letter.")).await]);
    input
}

async fn a_bundle_is_a_file(app: App) {
    let school = open_request(&app, "school_dsl").await;
    let (conference, child) = of_request(&app, "school_dsl", &school).await;
    let sent = it(&app, "school_dsl", &submit(), &long(&app, &school).await).await["conferenceReport"]["id"].clone();
    let text = |id: &Value| id.as_str().unwrap().to_owned();
    let url = app.endpoint.replace("/graphql", &format!("/bundles/{}/{}", text(&conference), text(&child)));
    let get = async |persona: &str, accept: &str| {
        let request = reqwest::Client::new().get(&url).bearer_auth(app.token(persona)).header("accept", accept);
        let answer = request.header("x-access-reason", "To prepare the conference").send().await.unwrap();
        let status = answer.status().as_u16();
        let media = answer.headers()["content-type"].to_str().unwrap().to_owned();
        let saved = answer.headers().get("content-disposition").is_some();
        (status, media, saved, answer.bytes().await.unwrap())
    };
    let (status, media, _, json) = get("chair", "application/json").await;
    assert_eq!((status, media.as_str()), (200, "application/json"));
    let data: Value = serde_json::from_slice(&json).unwrap();
    let reports = data["conference"]["bundle"]["reports"]["nodes"].as_array().unwrap();
    assert!(reports.iter().any(|report| report["id"] == sent), "{data}");
    let (status, media, saved, pdf) = get("chair", "application/pdf").await;
    assert_eq!((status, media.as_str(), saved), (200, "application/pdf", true));
    assert!(pdf.starts_with(b"%PDF-1.7"));
    // the reader's own, and not a word more: the police are not sent what was not released
    let (_, _, _, theirs) = get("police", "application/json").await;
    assert!(!String::from_utf8_lossy(&theirs).contains("Comes without breakfast."));
    assert!(String::from_utf8_lossy(&json).contains("Comes without breakfast."));
    let (status, _, _, refusal) = get("school_elsewhere", "application/pdf").await;
    let refusal: Value = serde_json::from_slice(&refusal).unwrap();
    assert_eq!((status, &refusal["errors"][0]["extensions"]["code"]), (200, &json!("NOT_FOUND")), "{refusal}");
    let bare = reqwest::get(&url).await.unwrap().status().as_u16();
    assert_eq!(bare, 401);
    pages::say(
        &pdf,
        &[
            "Comes without breakfast.",
            "Found asleep in class.",
            "Attendance of this school year",
            "Class record",
            "CPOMS",
        ],
    );
    pages::say(&pdf, &["Agreed by", "(about, or from, a third party)", "Letter.txt", &sha256(b"A letter.")]);
    assert!(pages::are_well_drawn(&pdf).is_none_or(|pages| pages > 3));
}

const COPIES: &str = "query($id: ID!) { conferenceReport(id: $id) { copies { agency { name } openedAt }
  familyCopies { nodes { toTheChild sharedAt leftOut person { id } } }
  familyCopy { leftOut lines { asks says text } chronology { text } } } }";

async fn a_copy_is_opened_and_the_family_has_its_own(app: App) {
    let request = open_request(&app, "school_dsl").await;
    let sent = it(&app, "school_dsl", &submit(), &of_a_school(1, &request)).await["conferenceReport"]["id"].clone();
    let id = json!({"id": sent});
    let release = json!({"idempotencyKey": key(2), "conferenceReportId": sent});
    it(&app, "chair", RELEASE, &release).await;
    let police = |data: &Value| {
        let copies = data["conferenceReport"]["copies"].as_array().unwrap().clone();
        copies.into_iter().find(|copy| copy["agency"]["name"] == "Warwickshire Police").unwrap()
    };
    assert_eq!(police(&app.data("school_dsl", COPIES, id.clone()).await)["openedAt"], Value::Null);
    // that there is one is not read; what it says is
    app.data("police", "query($id: ID!) { conferenceReport(id: $id) { state withheld } }", id.clone()).await;
    assert_eq!(police(&app.data("chair", COPIES, id.clone()).await)["openedAt"], Value::Null);
    app.data("police", "query($id: ID!) { conferenceReport(id: $id) { worries } }", id.clone()).await;
    let first = police(&app.data("chair", COPIES, id.clone()).await)["openedAt"].clone();
    assert!(first.is_string(), "opened");
    app.clock.advance(chrono::Duration::hours(1));
    app.data("police", "query($id: ID!) { conferenceReport(id: $id) { worries } }", id.clone()).await;
    assert_eq!(police(&app.data("school_dsl", COPIES, id.clone()).await)["openedAt"], first, "once");
    let theirs = app.data("police", COPIES, id.clone()).await["conferenceReport"].clone();
    assert_eq!((&theirs["copies"], &theirs["familyCopy"]), (&json!([]), &Value::Null), "not whom else it went to");

    let copy = app.data("social_worker", COPIES, id.clone()).await["conferenceReport"]["familyCopy"].clone();
    assert_eq!(copy["leftOut"], 1, "the neighbour: {copy}");
    assert_eq!(copy["chronology"], json!([{"text": "Found asleep in class."}]));
    let lines = copy["lines"].as_array().unwrap();
    assert!(lines.iter().any(|line| line["text"] == "I want breakfast." && line["says"] == "VIEW"), "{copy}");
    assert!(lines.iter().any(|line| line["text"] == "71" && line["says"] == "FACT"));
    let query = "mutation($input: RecordFamilyCopyInput!) { it: recordFamilyCopy(input: $input) {
      familyCopy { toTheChild leftOut person { id } } userErrors { field code } } }";
    let (_, child) = of_request(&app, "school_dsl", &request).await;
    let mother = crate::support::process::parents(&app, &child).await[0].clone();
    let mut input = json!({"idempotencyKey": key(3), "conferenceReportId": sent, "personId": mother,
      "sharedAt": "2026-11-25T09:00:00Z"});
    let future = it(&app, "social_worker", query, &input).await;
    assert_eq!(fields(&future), [("sharedAt".to_owned(), "WRONG_TIME".to_owned())]);
    input["sharedAt"] = "2026-11-24T09:30:00Z".into();
    assert_eq!(app.code("police", query, json!({"input": input})).await, "FORBIDDEN");
    let done = it(&app, "social_worker", query, &input).await;
    assert_eq!(done["familyCopy"], json!({"toTheChild": false, "leftOut": 1, "person": {"id": mother}}), "{done}");
    input["idempotencyKey"] = key(4).into();
    input["personId"] = Value::Null;
    assert_eq!(it(&app, "school_dsl", query, &input).await["familyCopy"]["toTheChild"], true);
    let shared = app.data("chair", COPIES, id).await["conferenceReport"]["familyCopies"]["nodes"].clone();
    assert_eq!(shared.as_array().unwrap().len(), 2, "{shared}");
}

both!(by_template, super::a_template_is_a_form);
both!(a_receipt, super::a_receipt_can_be_checked);
both!(a_draft, super::a_draft_becomes_a_report);
both!(lacks, super::a_system_learns_what_is_missing);
both!(put_right, super::what_is_wrong_is_put_right);
both!(a_batch, super::a_batch_is_each_for_itself);
both!(a_chronology, super::one_chronology_of_many);
both!(a_bundle, super::a_bundle_is_a_file);
both!(copies, super::a_copy_is_opened_and_the_family_has_its_own);
