//! Files of reports: announced and sent by a ticket, or sent at once; looked at before anybody reads them; read by who reads
//! the report, and served so that no browser runs them.

use entity::id::{AttachmentId, ConferenceReportId, ReportRequestId, TypedId};
use quorate::event::Event;
use quorate::policy::actions::SubmitConferenceReport;
use quorate::store::audit::AuditKey;
use quorate::store::{Begun, Scoped, Store, Write};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::jobs::{open_request, report};
use crate::support::contents::{Watch, connect, texts};
use crate::support::process::fields;
use crate::support::{App, key};

pub const FILE: &str = "id name mediaType bytes sha256 state uploadedAt checkedAt contentPath withheld";

pub fn ticket() -> String {
    format!(
        "mutation Ticket($input: RequestAttachmentTicketInput!) {{ it: requestAttachmentTicket(input: $input) {{
          attachment {{ {FILE} }} uploadPath expiresAt userErrors {{ field code message }} }} }}"
    )
}

fn upload() -> String {
    format!(
        "mutation Send($input: UploadAttachmentInput!) {{ it: uploadAttachment(input: $input) {{
          attachment {{ {FILE} }} userErrors {{ field code message }} }} }}"
    )
}

const REMOVE: &str = "mutation($input: RemoveAttachmentInput!) { it: removeAttachment(input: $input) {
  attachment { name state contentPath } userErrors { field code } } }";

const UNBOUND: &str =
    "query($id: ID!) { node(id: $id) { ... on ReportRequest { attachments { nodes { id state } } } } }";

/// The hash of a content, in lower-case hex.
pub fn sha256(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// A photograph of one point, with the place where it was taken.
pub fn photograph() -> Vec<u8> {
    let mut exif = vec![0xff, 0xe1, 0, 20];
    exif.extend(b"Exif Secret Street");
    let rest = "ffc0000b080001000101011100ffda0008010100003f0012ff0034ffd9";
    let rest = (0..rest.len()).step_by(2).map(|i| u8::from_str_radix(&rest[i..i + 2], 16).unwrap());
    [0xff, 0xd8].into_iter().chain(exif).chain(rest).collect()
}

async fn it(app: &App, persona: &str, query: &str, input: &Value) -> Value {
    app.data(persona, query, json!({"input": input})).await["it"].clone()
}

pub fn announced(n: u32, request: &str, name: &str, content: &[u8]) -> Value {
    json!({"idempotencyKey": key(n), "reportRequestId": request, "name": name, "bytes": content.len(),
      "sha256": sha256(content)})
}

/// Status and answer of a file that is sent.
pub async fn put(app: &App, path: &Value, content: &[u8]) -> (u16, Value) {
    let request = reqwest::Client::new().put(app.at(path.as_str().unwrap())).body(content.to_vec());
    let answer = request.header("content-type", "text/html").send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// Announces and sends a file, and answers its id.
pub async fn send(app: &App, persona: &str, n: u32, request: &str, (name, content): (&str, &[u8])) -> Value {
    let given = it(app, persona, &ticket(), &announced(n, request, name, content)).await;
    assert_eq!(given["userErrors"], json!([]), "{given}");
    let (status, said) = put(app, &given["uploadPath"], content).await;
    assert_eq!(status, 201, "{said}");
    given["attachment"]["id"].clone()
}

/// Status, headers and body of a file that is read.
async fn get(app: &App, persona: &str, id: &Value) -> (u16, reqwest::header::HeaderMap, Vec<u8>) {
    let path = format!("/attachments/{}", id.as_str().unwrap());
    let request = reqwest::Client::new().get(app.at(&path)).bearer_auth(app.token(persona));
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.headers().clone(), answer.bytes().await.unwrap().to_vec())
}

async fn file(app: &App, persona: &str, id: &Value) -> Value {
    let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on Attachment {{ {FILE} }} }} }}");
    app.data(persona, &query, json!({"id": id})).await["node"].clone()
}

fn stored(app: &App) -> Vec<Vec<u8>> {
    let files = std::fs::read_dir(&app.files.folder).unwrap().map(|file| file.unwrap().path());
    files.map(|file| std::fs::read(file).unwrap()).collect()
}

async fn a_file_comes_by_its_ticket(app: App) {
    let request = open_request(&app, "school_dsl").await;
    let content = photograph();
    let input = announced(1, &request, "Knee.html", &content);
    let given = it(&app, "school_dsl", &ticket(), &input).await;
    assert_eq!(given["userErrors"], json!([]), "{given}");
    assert_eq!(
        (&given["attachment"]["state"], &given["expiresAt"]),
        (&json!("AWAITED"), &json!("2026-11-24T09:15:00+00:00"))
    );
    assert_eq!(it(&app, "school_dsl", &ticket(), &input).await, given, "a retry is given the same ticket");
    let id = given["attachment"]["id"].clone();
    // whoever has the ticket sends the file; it says nothing of whom it is about
    assert!(!given["uploadPath"].as_str().unwrap().contains("Knee"));
    let (status, said) = put(&app, &given["uploadPath"], &content).await;
    assert_eq!(
        (status, &said["state"], &said["mediaType"], &said["id"]),
        (201, &json!("QUARANTINED"), &json!("JPEG"), &id)
    );
    assert_eq!(put(&app, &given["uploadPath"], &content).await.0, 404, "good for one file");
    assert_eq!(it(&app, "school_dsl", &ticket(), &input).await["uploadPath"], Value::Null);
    // nobody reads what nobody looked at, and nobody else knows of it
    let waits = file(&app, "school_dsl", &id).await;
    assert_eq!(
        (&waits["state"], &waits["contentPath"], &waits["name"]),
        (&json!("QUARANTINED"), &Value::Null, &json!("Knee.html"))
    );
    assert_eq!(get(&app, "school_dsl", &id).await.0, 409);
    let node = "query($id: ID!) { node(id: $id) { id } }";
    for persona in ["chair", "social_worker", "police", "health_visitor", "auditor", "school_elsewhere"] {
        assert_eq!(app.code(persona, node, json!({"id": id})).await, "NOT_FOUND", "{persona}");
        assert_eq!(get(&app, persona, &id).await.0, 404, "{persona}");
    }
    let checked = app.api.check_attachments().await.unwrap();
    assert_eq!((checked.clean, checked.refused, checked.waiting), (1, 0, 0));
    let clean = file(&app, "school_dsl", &id).await;
    // nobody looked at it, which is told
    assert_eq!((&clean["state"], &clean["checkedAt"]), (&json!("CLEAN"), &Value::Null));
    let (status, headers, body) = get(&app, "school_dsl", &id).await;
    assert_eq!((status, clean["sha256"].as_str().unwrap()), (200, &*sha256(&body)));
    assert!(!String::from_utf8_lossy(&body).contains("Secret"), "where it was taken went");
    assert_eq!(clean["bytes"], json!(body.len()));
    for (name, value) in [
        ("content-type", "image/jpeg"),
        ("content-disposition", "attachment; filename*=UTF-8''Knee.html.jpg"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(headers[name], value, "{name}");
    }
    let kinds = ["ATTACHMENT_ANNOUNCED", "ATTACHMENT_UPLOADED", "ATTACHMENT_CHECKED"];
    assert_eq!(app.kinds("school_dsl").await, kinds);
    assert_eq!(app.kinds("police").await, Vec::<String>::new());
    assert_eq!(app.kinds("social_worker").await, Vec::<String>::new());
    what_was_done_is_recorded(&app).await;
}

/// Who sent it, though it said nothing of itself; who read it, and who looked for it in vain.
async fn what_was_done_is_recorded(app: &App) {
    let db = connect(&app.url).await;
    let sql = "SELECT a.kind || ' ' || a.operation || ' ' || a.resource || ' ' || a.decision || ' ' || a.rule || ' ' || p.full_name
      FROM audit a JOIN practitioner p ON p.id = a.practitioner_id WHERE a.kind IN ('upload', 'download') ORDER BY a.sequence";
    let lines = texts(&db, sql).await;
    let viewer = app.data("school_dsl", "{ viewer { practitioner { fullName } } }", json!({})).await;
    let name = viewer["viewer"]["practitioner"]["fullName"].as_str().unwrap();
    assert_eq!(lines[0], format!("upload  Attachment ALLOWED UPLOADED {name}"));
    assert_eq!(lines[1], format!("download  Attachment ALLOWED AGENCY {name}"));
    assert!(lines.iter().filter(|line| line.contains("Attachment NOT_FOUND")).count() >= 5, "{lines:#?}");
    assert_eq!(lines.last().unwrap(), &format!("download  Attachment ALLOWED AGENCY {name}"));
    let kept = "SELECT categories FROM audit WHERE kind = 'download' AND decision = 'ALLOWED' ORDER BY sequence";
    assert_eq!(texts(&db, kept).await.last().unwrap(), "Education");
    let upkeep = "SELECT rule FROM audit WHERE kind = 'upkeep' AND resource = 'Attachment'";
    assert_eq!(texts(&db, upkeep).await, ["UNSCANNED"]);
}

async fn what_is_not_taken_leaves_nothing(app: App) {
    let request = open_request(&app, "school_dsl").await;
    for (field, value, code) in [
        ("name", json!(" "), "REQUIRED"),
        ("name", json!("a".repeat(201)), "TOO_LONG"),
        ("name", json!("../a.pdf"), "INVALID"),
        ("name", json!("a\u{202e}fdp.exe"), "INVALID"),
        ("bytes", json!(0), "INVALID"),
        ("bytes", json!(-1), "INVALID"),
        ("bytes", json!(256 * 1024 + 1), "TOO_LARGE"),
        ("sha256", json!("abc"), "INVALID"),
    ] {
        let mut input = announced(1, &request, "a.pdf", b"a");
        input[field] = value;
        assert_eq!(fields(&it(&app, "school_dsl", &ticket(), &input).await), [(field.to_owned(), code.to_owned())]);
    }
    for (persona, code) in [("chair", "FORBIDDEN"), ("social_worker", "FORBIDDEN"), ("police", "NOT_FOUND")] {
        let input = json!({"input": announced(1, &request, "a.pdf", b"a")});
        assert_eq!(app.code(persona, &ticket(), input).await, code, "{persona}");
    }
    let script = b"%PDF-1.7\n1 0 obj << /S /JavaScript >> endobj\n%%EOF";
    let mut n = 10;
    for (content, sent, status, code) in [
        (&b"Hello."[..], &b"Hello!"[..], 422, "FILE_REFUSED"),
        (b"Hello.", b"Hello", 422, "FILE_REFUSED"),
        (b"Hello.", b"Hello. And more.", 413, "PAYLOAD_TOO_LARGE"),
        (script, script, 422, "FILE_REFUSED"),
        (b"MZ\0\0", b"MZ\0\0", 422, "FILE_REFUSED"),
        (&[0; 2000], &[0; 2000], 422, "FILE_REFUSED"),
        (&[0xff; 2000], &[0xff; 2000], 422, "FILE_REFUSED"),
    ] {
        n += 1;
        let given = it(&app, "school_dsl", &ticket(), &announced(n, &request, "a.pdf", content)).await;
        let watch = Watch::over(&app).await;
        let (told, said) = put(&app, &given["uploadPath"], sent).await;
        assert_eq!((told, &said["errors"][0]["extensions"]["code"]), (status, &json!(code)), "{said}");
        watch.unchanged("nothing was written").await;
        assert!(stored(&app).is_empty());
        // the ticket is as good as before
        if content == b"Hello." {
            let (again, _) = put(&app, &given["uploadPath"], content).await;
            assert_eq!(again, 201);
            std::fs::remove_dir_all(&app.files.folder).unwrap();
            std::fs::create_dir(&app.files.folder).unwrap();
        }
    }
    let nothing = app.at("/attachments/AAAA");
    let client = reqwest::Client::new();
    assert_eq!(client.put(&nothing).body("a").send().await.unwrap().status(), 404);
    assert_eq!(client.get(&nothing).send().await.unwrap().status(), 401, "no token");
    assert_eq!(client.get(&nothing).bearer_auth(app.token("police")).send().await.unwrap().status(), 404);
    assert_eq!(client.delete(&nothing).send().await.unwrap().status(), 405);
}

/// A ticket is its owner's: it ends with its time, with the owner's post, by a conflict of interest, by a revocation.
async fn a_ticket_ends(app: App) {
    let request = open_request(&app, "school_dsl").await;
    let given = it(&app, "school_dsl", &ticket(), &announced(1, &request, "a.txt", b"Hello.")).await;
    let path = given["uploadPath"].as_str().unwrap().to_owned();
    let mut other = path.clone().into_bytes();
    let at = other.len() - 9;
    other[at] = if other[at] == b'A' { b'B' } else { b'A' };
    let other = json!(String::from_utf8(other).unwrap());
    assert_eq!(put(&app, &other, b"Hello.").await.0, 404, "not as it was given");
    let db = connect(&app.url).await;
    let claims = app.claims("school_dsl");
    let id = |id: uuid::Uuid| crate::support::plant::literal(sea_orm::ConnectionTrait::get_database_backend(&db), id);
    let (who, agency) = (id(claims.sub), id(claims.agency_id));
    let child = app.first_child("school_dsl").await;
    let (_, child) = quorate::graphql::id::split(&child.as_str().unwrap().into()).unwrap();
    let (child, conflict) = (id(child), id(app.clock.new_id()));
    let ends = [
        (
            format!("UPDATE appointment SET ends_at = '2026-11-24T08:00:00+00:00' WHERE practitioner_id = {who}"),
            format!("UPDATE appointment SET ends_at = NULL WHERE practitioner_id = {who}"),
        ),
        (
            format!("UPDATE practitioner SET active = false WHERE id = {who}"),
            format!("UPDATE practitioner SET active = true WHERE id = {who}"),
        ),
        (
            format!(
                "INSERT INTO conflict (id, practitioner_id, child_id, kind, reason, starts_at, recorded_by, recorded_at_agency_id)
                 VALUES ({conflict}, {who}, {child}, 'FAMILY', 'Kin.', '2026-11-20T00:00:00+00:00', {who}, {agency})"
            ),
            format!("DELETE FROM conflict WHERE id = {conflict}"),
        ),
        (
            format!(
                "INSERT INTO revocation (kind, subject, issued_before, revoked_at) VALUES
                 ('PERSON', '{}', '2026-11-24T09:00:01+00:00', '2026-11-24T09:00:01+00:00')",
                claims.sub
            ),
            "DELETE FROM revocation".to_owned(),
        ),
    ];
    for (closed, open) in ends {
        sea_orm::ConnectionTrait::execute_unprepared(&db, &closed).await.unwrap();
        assert_eq!(put(&app, &json!(path), b"Hello.").await.0, 404, "{closed}");
        sea_orm::ConnectionTrait::execute_unprepared(&db, &open).await.unwrap();
    }
    app.clock.advance(chrono::Duration::minutes(15));
    assert_eq!(put(&app, &json!(path), b"Hello.").await.0, 404, "its time is over");
    app.api.upkeep().await.unwrap();
    let row = file(&app, "school_dsl", &given["attachment"]["id"]).await;
    assert_eq!(row["state"], "LAPSED");
    let list = app.data("school_dsl", UNBOUND, json!({"id": request})).await;
    assert_eq!(list["node"]["attachments"]["nodes"], json!([]));
}

async fn a_report_has_so_many_files(app: App) {
    let request = open_request(&app, "school_dsl").await;
    for n in 0..20 {
        let given = it(&app, "school_dsl", &ticket(), &announced(100 + n, &request, "a.txt", b"Hello.")).await;
        assert_eq!(given["userErrors"], json!([]));
    }
    let refused = it(&app, "school_dsl", &ticket(), &announced(120, &request, "a.txt", b"Hello.")).await;
    assert_eq!(fields(&refused), [("reportRequestId".to_owned(), "LIMIT_EXCEEDED".to_owned())]);
    // those that never came count for nothing
    app.clock.advance(chrono::Duration::minutes(16));
    let given = it(&app, "school_dsl", &ticket(), &announced(120, &request, "a.txt", b"Hello.")).await;
    assert_eq!(given["userErrors"], json!([]));
}

async fn a_file_comes_at_once(app: App) {
    let request = open_request(&app, "school_dsl").await;
    let input = |n: u32, dry: bool| json!({"input": {"idempotencyKey": key(n), "dryRun": dry, "reportRequestId": request, "name": "Knee.jpg", "file": null}});
    let watch = Watch::over(&app).await;
    let content = photograph();
    let dry = app.ask_with_file("school_dsl", &upload(), input(1, true), &content).await;
    assert_eq!(dry["data"]["it"], json!({"attachment": null, "userErrors": []}), "{dry}");
    let dry = app.ask_with_file("school_dsl", &upload(), input(1, true), b"\x7fELF").await;
    assert_eq!(fields(&dry["data"]["it"]), [("file".to_owned(), "FILE_REFUSED".to_owned())]);
    for persona in ["chair", "social_worker"] {
        let refused = app.ask_with_file(persona, &upload(), input(1, false), &content).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN", "{persona}");
    }
    let absent = app.ask_with_file("police", &upload(), input(1, false), &content).await;
    assert_eq!(absent["errors"][0]["extensions"]["code"], "NOT_FOUND");
    the_convention_is_kept(&app, &input(1, false)).await;
    watch.unchanged("nothing of all this was stored").await;
    assert!(stored(&app).is_empty());
    let done = app.ask_with_file("school_dsl", &upload(), input(1, false), &content).await;
    assert_eq!(done["data"]["it"]["userErrors"], json!([]), "{done}");
    let sent = done["data"]["it"]["attachment"].clone();
    assert_eq!((&sent["state"], &sent["mediaType"]), (&json!("QUARANTINED"), &json!("JPEG")));
    let again = app.ask_with_file("school_dsl", &upload(), input(1, false), &content).await;
    assert_eq!(again, done, "a retry answers the same");
    let other = app.ask_with_file("school_dsl", &upload(), input(1, false), b"Something else.").await;
    assert_eq!(other["errors"][0]["extensions"]["code"], "IDEMPOTENCY_MISMATCH");
    assert_eq!(stored(&app).len(), 1, "it is stored once");
    app.api.check_attachments().await.unwrap();
    assert_eq!(get(&app, "school_dsl", &sent["id"]).await.0, 200);
    // and taken back
    let input = json!({"idempotencyKey": key(2), "attachmentId": sent["id"]});
    let gone = it(&app, "school_dsl", REMOVE, &input).await;
    assert_eq!(gone["attachment"], json!({"name": "", "state": "REMOVED", "contentPath": null}));
    assert_eq!(get(&app, "school_dsl", &sent["id"]).await.0, 409);
    assert!(stored(&app).is_empty());
}

/// One file, in one variable, in the order of the convention, and no form of a foreign page.
async fn the_convention_is_kept(app: &App, variables: &Value) {
    let operations = json!({"query": upload(), "variables": variables}).to_string();
    let operations = ("operations", operations.as_bytes());
    let map = |text: &'static str| ("map", text.as_bytes());
    let file = ("0", &b"Hello."[..]);
    let one = map("{\"0\": [\"variables.input.file\"]}");
    let large = vec![b'a'; 256 * 1024 + 1];
    let huge = vec![b'a'; 1024 * 1024];
    for (parts, preflight, status, code) in [
        (vec![operations, one, file], false, 400, "CSRF_PREVENTED"),
        (
            vec![operations, map("{\"0\": [\"variables.input.file\", \"variables.input.name\"]}"), file],
            true,
            400,
            "BAD_REQUEST",
        ),
        (vec![operations, map("{\"0\": [\"variables.input.file\"], \"1\": []}"), file], true, 400, "BAD_REQUEST"),
        (vec![operations, map("{\"0\": [\"variables.input.name\"]}"), file], true, 400, "BAD_REQUEST"),
        (vec![operations, map("{\"0\": [\"variables.nothing\"]}"), file], true, 400, "BAD_REQUEST"),
        (vec![operations, map("[]"), file], true, 400, "BAD_REQUEST"),
        (vec![operations, one, file, ("1", b"Hello.")], true, 400, "BAD_REQUEST"),
        (vec![operations, one], true, 400, "BAD_REQUEST"),
        (vec![one, operations, file], true, 400, "BAD_REQUEST"),
        (vec![file], true, 400, "BAD_REQUEST"),
        (vec![operations, one, ("0", &large)], true, 413, "PAYLOAD_TOO_LARGE"),
        (vec![operations, one, ("0", &huge)], true, 413, "PAYLOAD_TOO_LARGE"),
        (vec![("operations", &large), one, file], true, 413, "PAYLOAD_TOO_LARGE"),
    ] {
        let (told, body) = app.post_parts("school_dsl", &parts, preflight).await;
        assert_eq!((told, &body["errors"][0]["extensions"]["code"]), (status, &json!(code)), "{body}");
    }
    // nor does what only looks like a file stand for one
    let mut plain = variables.clone();
    plain["input"]["file"] = "file".into();
    assert_eq!(app.code("school_dsl", &upload(), plain.clone()).await, "BAD_USER_INPUT");
    plain["input"]["file"] = "#__graphql_file__:7".into();
    assert_eq!(app.code("school_dsl", &upload(), plain).await, "BAD_USER_INPUT");
}

/// A reader of somebody's, past the API.
async fn scope(app: &App, persona: &str) -> Scoped {
    let audit = AuditKey::load_or_create(&app.audit.key_file).unwrap();
    let store = Store::new(app.database.clone(), app.clock.clone(), audit, &app.audit).unwrap();
    let principal = app.verifier().verify(&app.token(persona)).await.unwrap();
    store.scoped(&principal, uuid::Uuid::nil()).await.unwrap()
}

fn typed<T: TypedId>(id: &Value) -> T {
    T::of(quorate::graphql::id::split(&id.as_str().unwrap().into()).unwrap().1)
}

/// Binds files to a version, as who submits one does.
async fn bind(app: &App, n: u32, request: &str, report: &Value, files: &[Value]) -> Result<(), quorate::error::Error> {
    let scope = scope(app, "school_dsl").await;
    let write = Write { key: key(n).parse().unwrap(), fingerprint: String::new(), dry_run: false };
    let report: ConferenceReportId = typed(report);
    let Begun::Fresh(tx) = scope.begin::<SubmitConferenceReport>(&write, report.0).await? else {
        panic!("done before")
    };
    let row = tx.lock::<entity::report_request::Entity>(typed::<ReportRequestId>(&request.into())).await?;
    let files: Vec<AttachmentId> = files.iter().map(typed).collect();
    let files = tx.files_named(&row, &files).await?;
    tx.bind_attachments(report, files).await?;
    tx.commit::<SubmitConferenceReport>(Event::ConferenceReportSubmitted(report)).await?;
    Ok(())
}

async fn a_file_is_read_with_its_report(app: App) {
    const OF: &str = "query($id: ID!) { conferenceReport(id: $id) { attachments { nodes { id name state contentPath withheld } } } }";
    let request = open_request(&app, "school_dsl").await;
    let (knee, letter) = (photograph(), b"A letter.".to_vec());
    let knee = send(&app, "school_dsl", 1, &request, ("Knee.jpg", &knee)).await;
    let letter = send(&app, "school_dsl", 2, &request, ("Letter.txt", &letter)).await;
    app.api.check_attachments().await.unwrap();
    let submit = "mutation($input: SubmitConferenceReportInput!) { it: submitConferenceReport(input: $input) {
      conferenceReport { id } userErrors { field code } } }";
    let mut given = report(&request, &key(3));
    given["input"]["attachmentIds"] = json!([knee, knee]);
    let twice = app.data("school_dsl", submit, given.clone()).await["it"].clone();
    assert_eq!(fields(&twice), [("attachmentIds.1".to_owned(), "DUPLICATE".to_owned())]);
    given["input"]["attachmentIds"] = json!([knee, letter]);
    let first = app.data("school_dsl", submit, given).await["it"]["conferenceReport"]["id"].clone();
    assert!(bind(&app, 5, &request, &first, &[knee.clone(), knee.clone()]).await.is_err(), "named twice");
    let listed = app.data("school_dsl", UNBOUND, json!({"id": request})).await;
    assert_eq!(listed["node"]["attachments"]["nodes"], json!([]), "they belong to a version now");
    // submitted: for those who hold the conference; not for the others at the table
    for (persona, status) in
        [("chair", 200), ("social_worker", 200), ("minute_taker", 200), ("police", 404), ("health_visitor", 404)]
    {
        assert_eq!(get(&app, persona, &knee).await.0, status, "{persona}");
    }
    let input = json!({"idempotencyKey": key(6), "attachmentId": knee});
    let refused = it(&app, "school_dsl", REMOVE, &input).await;
    assert_eq!(fields(&refused), [("attachmentId".to_owned(), "WRONG_STATE".to_owned())]);
    // put right: a file that stays is stored once, and each version has it
    let mut input = report(&request, &key(7));
    input["input"].as_object_mut().unwrap().remove("reportRequestId");
    input["input"]["conferenceReportId"] = first.clone();
    input["input"]["reason"] = "The wrong knee.".into();
    let amend = "mutation($input: AmendConferenceReportInput!) { it: amendConferenceReport(input: $input) {
      conferenceReport { id } userErrors { field code } } }";
    let second = app.data("school_dsl", amend, input).await["it"]["conferenceReport"]["id"].clone();
    bind(&app, 8, &request, &second, std::slice::from_ref(&letter)).await.unwrap();
    let names = async |persona: &str, report: &Value| {
        let of = app.data(persona, OF, json!({"id": report})).await;
        let nodes = of["conferenceReport"]["attachments"]["nodes"].as_array().unwrap().clone();
        let mut names: Vec<_> = nodes.iter().map(|node| node["name"].clone().to_string()).collect();
        names.sort();
        (names.join(" "), nodes)
    };
    assert_eq!(names("chair", &first).await.0, "\"Knee.jpg\" \"Letter.txt\"");
    let (of_second, nodes) = names("chair", &second).await;
    assert_eq!((&*of_second, stored(&app).len()), ("\"Letter.txt\"", 2));
    let copy = nodes[0]["id"].clone();
    assert_ne!(copy, letter);
    assert_eq!(get(&app, "chair", &copy).await.2, b"A letter.");
    // released: for the agencies at the conference, as far as their role reads what a school reports
    let release = "mutation($input: ReleaseConferenceReportInput!) { it: releaseConferenceReport(input: $input) {
      userErrors { code } } }";
    let input = json!({"idempotencyKey": key(9), "conferenceReportId": second});
    assert_eq!(it(&app, "chair", release, &input).await["userErrors"], json!([]));
    let opened = async || {
        let copies = "query($id: ID!) { conferenceReport(id: $id) { copies { agency { name } openedAt } } }";
        let of = app.data("chair", copies, json!({"id": second})).await["conferenceReport"]["copies"].clone();
        let police = |copy: &&Value| copy["agency"]["name"] == "Warwickshire Police";
        of.as_array().unwrap().iter().find(police).unwrap()["openedAt"].is_string()
    };
    assert!(!opened().await, "sent, and not read yet");
    let (status, headers, body) = get(&app, "police", &copy).await;
    assert!(opened().await, "to read a file of it is to open the copy");
    assert_eq!((status, &*body), (200, &b"A letter."[..]));
    assert_eq!(headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(get(&app, "police", &letter).await.0, 404, "the version before was never sent to them");
    assert_eq!(names("police", &second).await.0, "\"Letter.txt\"");
    a_closed_category_is_withheld(&app, &copy).await;
}

/// A file counts once, in however many versions of its report it stands.
async fn a_file_counts_once(app: App) {
    let request = open_request(&app, "school_dsl").await;
    let mut sent = Vec::new();
    for n in 1..=11 {
        sent.push(send(&app, "school_dsl", n, &request, ("Letter.txt", format!("Letter {n}.").as_bytes())).await);
    }
    app.api.check_attachments().await.unwrap();
    let submit = "mutation($input: SubmitConferenceReportInput!) { it: submitConferenceReport(input: $input) {
      conferenceReport { id } userErrors { field code } } }";
    let mut given = report(&request, &key(20));
    given["input"]["attachmentIds"] = json!(sent);
    let first = app.data("school_dsl", submit, given).await["it"]["conferenceReport"]["id"].clone();
    let mut input = report(&request, &key(21));
    input["input"].as_object_mut().unwrap().remove("reportRequestId");
    input["input"]["conferenceReportId"] = first;
    input["input"]["reason"] = "A word was wrong.".into();
    input["input"]["attachmentIds"] = json!(sent);
    let amend = "mutation($input: AmendConferenceReportInput!) { it: amendConferenceReport(input: $input) {
      conferenceReport { version attachments(first: 100) { nodes { id } } } userErrors { field code } } }";
    let second = app.data("school_dsl", amend, input).await["it"]["conferenceReport"].clone();
    assert_eq!((&second["version"], second["attachments"]["nodes"].as_array().unwrap().len()), (&json!(2), 11));
    send(&app, "school_dsl", 22, &request, ("Twelfth.txt", b"One more.")).await;
}

/// Who sees a report and does not read what it says, sees that there is a file, and no more.
async fn a_closed_category_is_withheld(app: &App, file: &Value) {
    let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on Attachment {{ {FILE} }} }} }}");
    let node = app.data("housing", &query, json!({"id": file})).await["node"].clone();
    assert_eq!((&node["name"], &node["contentPath"]), (&Value::Null, &Value::Null));
    assert_eq!((&node["withheld"], &node["state"]), (&json!(["EDUCATION"]), &json!("CLEAN")));
    assert_eq!(get(app, "housing", file).await.0, 403);
}

/// A process that ended between storing a content and writing its row leaves one that nothing refers to: it goes after a day.
/// What a row refers to stays, and so does what is not the program's.
async fn what_nothing_refers_to_goes(app: App) {
    let request = open_request(&app, "school_dsl").await;
    send(&app, "school_dsl", 1, &request, ("Knee.jpg", &photograph())).await;
    let lost = app.files.folder.join(app.clock.new_id().simple().to_string());
    let foreign = app.files.folder.join("read me");
    for file in [&lost, &foreign] {
        std::fs::write(file, "left behind").unwrap();
    }
    app.api.upkeep().await.unwrap();
    assert!(lost.exists(), "what came today may be on its way");
    // files have the time of the machine
    let ahead = quorate::clock::Clock::system().now() - app.clock.now();
    app.clock.advance(ahead + chrono::Duration::days(2));
    app.api.upkeep().await.unwrap();
    assert!(!lost.exists() && foreign.exists());
    assert_eq!(stored(&app).len(), 2, "the one with a row, and what is not ours");
}

both!(a_ticket, super::a_file_comes_by_its_ticket);
both!(a_refusal, super::what_is_not_taken_leaves_nothing);
both!(an_end, super::a_ticket_ends);
both!(a_limit, super::a_report_has_so_many_files);
both!(a_part, super::a_file_comes_at_once);
both!(a_report, super::a_file_is_read_with_its_report);
both!(counted_once, super::a_file_counts_once);
both!(nothing_refers, super::what_nothing_refers_to_goes);
