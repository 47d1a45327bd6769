//! The access record: everything leaves a row before it is answered, nothing can be taken out unseen, and those who may
//! know can read it.

use std::path::PathBuf;

use quorate::demo;
use quorate::store::audit::AuditKey;
use quorate::store::audit::verify::Verdict;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::jobs::{call_meeting, open_request, report};
use crate::support::contents::{Beside, connect, number, texts};
use crate::support::{App, audit_files, open};

async fn verdict(app: &App) -> Verdict {
    let key = AuditKey::load(&app.audit.key_file).unwrap();
    open(&app.url).await.verify_audit(Some((&app.audit.heads_file, &key))).await.unwrap()
}

async fn whole(app: &App) -> i64 {
    match verdict(app).await {
        Verdict::Whole { rows, .. } => rows,
        other => panic!("{other:?}"),
    }
}

async fn first_child(app: &App, persona: &str) -> Value {
    let find = "query Find($n: String!) { findChild(by: {nhsNumber: $n}) { id givenName } }";
    app.data(persona, find, json!({"n": demo::first_nhs_number()})).await["findChild"]["id"].clone()
}

const LINE: &str = "SELECT kind || ' ' || operation || ' ' || resource || ' ' || decision || ' ' || rule || ' ' || \
    touched || ' ' || categories FROM audit ORDER BY sequence";

async fn each_operation_leaves_its_rows(app: App) {
    let db = connect(&app.url).await;
    app.data("school_dsl", "query Me { viewer { posts } }", json!({})).await;
    assert_eq!(texts(&db, LINE).await, Vec::<String>::new(), "nothing of a child was read");
    let child = first_child(&app, "school_dsl").await;
    assert_eq!(texts(&db, LINE).await, ["query Find Child ALLOWED AGENCY 1 Identity"]);
    app.ask("school_elsewhere", "query($id: ID!) { child(id: $id) { id } }", json!({"id": child})).await;
    app.ask("school_dsl", "query Miss { findChild(by: {nhsNumber: \"9999999999\"}) { id } }", json!({})).await;
    app.data("school_dsl", "query Page { children(first: 2) { nodes { id } } }", json!({})).await;
    let lines = texts(&db, LINE).await;
    let expected = [
        "query  Child NOT_FOUND AGENCY 0 ",
        "query Miss Child NOT_FOUND AGENCY 0 ",
        "query Page Child ALLOWED AGENCY 2 ",
    ];
    assert_eq!(lines[1..], expected);
    // a write takes its rows along, a refusal and a dry run leave theirs as well
    let request = open_request(&app, "school_dsl").await;
    let submit = "mutation Send($input: SubmitConferenceReportInput!) { submitConferenceReport(input: $input) {
      conferenceReport { worries } userErrors { code } } }";
    let key = "6f0d5b0e-1111-4222-8333-121212121212";
    assert_eq!(app.code("chair", submit, report(&request, key)).await, "FORBIDDEN");
    let mut dry = report(&request, key);
    dry["input"]["dryRun"] = true.into();
    app.data("school_dsl", submit, dry).await;
    let before = texts(&db, LINE).await.len();
    app.data("school_dsl", submit, report(&request, key)).await;
    let lines = texts(&db, LINE).await;
    assert!(lines.contains(&"mutation Send Operation DENIED submitConferenceReport 0 ".to_owned()), "{lines:#?}");
    assert!(!lines[..before].contains(&"mutation Send ConferenceReport ALLOWED submitConferenceReport 1 ".to_owned()));
    assert_eq!(lines[before], "mutation Send ConferenceReport ALLOWED submitConferenceReport 1 ");
    assert!(lines.contains(&"mutation Send ConferenceReport ALLOWED AGENCY 1 Education".to_owned()), "{lines:#?}");
    assert_eq!(
        app.code("minute_taker", "query Sum { nonAttendance(groupBy: []) { from } }", json!({})).await,
        "FORBIDDEN"
    );
    app.data("chair", "query Sum { nonAttendance(groupBy: []) { from } }", json!({})).await;
    let lines = texts(&db, LINE).await;
    let last = &lines[lines.len() - 2..];
    assert_eq!(
        last,
        ["query Sum Operation DENIED FORBIDDEN 0 ", "query Sum NonAttendance ALLOWED AGGREGATE 1 NonAttendance"]
    );
    // ids of children stand nowhere in it
    let ids = number(&db, "SELECT count(*) FROM audit_subject JOIN child ON child.id = audit_subject.subject").await;
    assert_eq!(ids, 0);
    assert_eq!(whole(&app).await, i64::try_from(lines.len()).unwrap());
}

async fn a_delivery_leaves_its_rows(app: App) {
    let document = "subscription Listen { strategyMeetingCalled { strategyMeeting { reason } } }";
    let request = reqwest::Client::new().post(&app.endpoint).bearer_auth(app.token("police"));
    let request = request.header("accept", "text/event-stream").header("x-purpose", "STRATEGY");
    let mut answer = request.json(&json!({"query": document})).send().await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    call_meeting(&app, "6f0d5b0e-1111-4222-8333-131313131313").await;
    let mut heard = String::new();
    while !heard.contains("explains") {
        heard += std::str::from_utf8(&answer.chunk().await.unwrap().unwrap()).unwrap();
    }
    let db = connect(&app.url).await;
    let lines = texts(
        &db,
        "SELECT resource || ' ' || purpose || ' ' || decision FROM audit WHERE kind = 'subscription' ORDER BY sequence",
    )
    .await;
    assert_eq!(lines, ["Event STRATEGY ALLOWED", "StrategyMeeting STRATEGY ALLOWED"]);
    whole(&app).await;
}

async fn purpose_and_reason_are_the_callers(app: App) {
    let ask = |purpose: &'static str, reason: String| {
        let request = reqwest::Client::new().post(&app.endpoint).bearer_auth(app.token("police"));
        let request = request.header("x-purpose", purpose).header("x-access-reason", reason);
        let request = request.json(&json!({"query": "{ children(first: 1) { nodes { id } } }"}));
        async move {
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
        }
    };
    assert_eq!(ask("CP_DUTY", "Called at the desk".into()).await.0, 200);
    for (purpose, reason, header) in
        [("CURIOSITY", "x".to_owned(), "X-Purpose"), ("SAR", "a".repeat(501), "X-Access-Reason")]
    {
        let (status, body) = ask(purpose, reason).await;
        assert_eq!((status, &body["errors"][0]["extensions"]["code"]), (400, &json!("BAD_REQUEST")));
        assert!(body["errors"][0]["message"].as_str().unwrap().starts_with(header), "{body}");
    }
    let said = texts(&connect(&app.url).await, "SELECT purpose || ' ' || reason FROM audit").await;
    assert_eq!(said, ["CP_DUTY Called at the desk"]);
}

async fn nothing_leaves_unrecorded(app: App) {
    let child = first_child(&app, "police").await;
    let db = connect(&app.url).await;
    db.execute_unprepared("ALTER TABLE audit RENAME TO audit_away").await.unwrap();
    let query = json!({"query": "query($id: ID!) { child(id: $id) { givenName } }", "variables": {"id": child}});
    let (status, body) = app.post(&app.token("police"), query.to_string()).await;
    assert_eq!((status, &body["errors"][0]["extensions"]["code"]), (503, &json!("STORAGE_UNAVAILABLE")));
    assert!(body.get("data").is_none(), "{body}");
    let request = json!({"query": "{ reportRequests(status: OPEN, first: 1) { nodes { id } } }"});
    assert_eq!(app.post(&app.token("school_dsl"), request.to_string()).await.0, 503);
    // what reads nothing of a child is answered
    app.data("police", "{ viewer { posts } }", json!({})).await;
    db.execute_unprepared("ALTER TABLE audit_away RENAME TO audit").await.unwrap();
    let request = open_request(&app, "school_dsl").await;
    db.execute_unprepared("ALTER TABLE audit RENAME TO audit_away").await.unwrap();
    let submit = "mutation($input: SubmitConferenceReportInput!) { submitConferenceReport(input: $input) {
      conferenceReport { id } } }";
    let variables = report(&request, "6f0d5b0e-1111-4222-8333-141414141414");
    assert_eq!(app.code("school_dsl", submit, variables).await, "STORAGE_UNAVAILABLE");
    assert_eq!(number(&db, "SELECT count(*) FROM idempotency").await, 0, "and nothing is changed");
    db.execute_unprepared("ALTER TABLE audit_away RENAME TO audit").await.unwrap();
    assert_eq!(open_request(&app, "school_dsl").await, request);
    whole(&app).await;
}

async fn many_at_once_share_a_commit(app: App) {
    let document = json!({"query": "{ children(first: 20) { nodes { id givenName } } }"}).to_string();
    let token = app.token("police");
    let before = app.statements.load(std::sync::atomic::Ordering::SeqCst);
    let asks = (0..64).map(|_| app.post(&token, document.clone()));
    for (status, _) in futures_util::future::join_all(asks).await {
        assert_eq!(status, 200);
    }
    let statements = app.statements.load(std::sync::atomic::Ordering::SeqCst) - before;
    let rows = whole(&app).await;
    assert_eq!(rows, 64, "one row for each");
    // two statements a read for post and page, four a batch
    let batches = (statements - 64 * 2).div_ceil(4);
    assert!(batches < 64, "{batches} transactions for 64 reads");
}

/// Makes some rows and stops the triggers, so that the test may do what nobody else can.
async fn tampered(app: &App) -> Beside {
    for _ in 0..6 {
        first_child(app, "police").await;
    }
    let db = connect(&app.url).await;
    for sql in [
        "UPDATE audit SET role = 'Chair' WHERE sequence = 2",
        "DELETE FROM audit WHERE sequence = 2",
        "UPDATE audit_head SET sequence = 1",
        "DELETE FROM audit_head",
        "DELETE FROM audit_subject",
        "UPDATE audit_subject SET sequence = 9",
    ] {
        assert!(db.execute_unprepared(sql).await.is_err(), "{sql}");
    }
    // a row far away would stop everybody who comes to its place
    for far in [8, 1_000_000] {
        let sql = format!("INSERT INTO audit (sequence, {COPY}) SELECT {far}, {COPY} FROM audit WHERE sequence = 2");
        assert!(db.execute_unprepared(&sql).await.is_err(), "{far}");
    }
    let sqlite = db.get_database_backend() == sea_orm::DatabaseBackend::Sqlite;
    let refused: &[&str] = if sqlite {
        &[
            "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE sequence = 2",
            "REPLACE INTO audit_head VALUES (1, 1, x'00')",
            "INSERT OR REPLACE INTO audit_subject SELECT * FROM audit_subject",
            "UPDATE OR REPLACE audit SET sequence = 3 WHERE sequence = 2",
        ]
    } else {
        &["TRUNCATE audit", "TRUNCATE audit_subject", "TRUNCATE audit_head"]
    };
    for sql in refused {
        assert!(db.execute_unprepared(sql).await.is_err(), "{sql}");
    }
    assert_eq!(whole(app).await, 6);
    let names = if sqlite {
        texts(&db, "SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger'").await
    } else {
        texts(
            &db,
            "SELECT 'ALTER TABLE ' || t || ' DISABLE TRIGGER USER' FROM (VALUES ('audit'), ('audit_subject'), \
             ('audit_head')) AS v(t)",
        )
        .await
    };
    for sql in names {
        db.execute_unprepared(&sql).await.unwrap();
    }
    db
}

fn broken_at(verdict: &Verdict) -> i64 {
    match verdict {
        Verdict::Broken { sequence, .. } => *sequence,
        other => panic!("{other:?}"),
    }
}

const COPY: &str = "at, practitioner_id, agency_id, request_id, role, purpose, reason, kind, operation, document, \
    resource, categories, decision, rule, touched, subjects, hash";

async fn tampering_is_found(app: App) {
    let db = tampered(&app).await;
    let back_to = |sql: &'static str| db.execute_unprepared(sql);
    db.execute_unprepared("CREATE TABLE audit_kept AS SELECT * FROM audit").await.unwrap();
    db.execute_unprepared("CREATE TABLE subject_kept AS SELECT * FROM audit_subject").await.unwrap();
    db.execute_unprepared("CREATE TABLE head_kept AS SELECT * FROM audit_head").await.unwrap();
    let inserted = format!("INSERT INTO audit (sequence, {COPY}) SELECT 7, {COPY} FROM audit WHERE sequence = 3");
    let shifted = format!("INSERT INTO audit (sequence, {COPY}) SELECT 4, {COPY} FROM audit_kept WHERE sequence = 2");
    let cases: &[(&str, &[&str], i64)] = &[
        ("edit", &["UPDATE audit SET role = 'Chair' WHERE sequence = 3"], 3),
        ("edit of a time", &["UPDATE audit SET touched = 2 WHERE sequence = 1"], 1),
        ("delete", &["DELETE FROM audit WHERE sequence = 2"], 2),
        ("insert at the end", &[&inserted], 7),
        (
            "insert between",
            &[
                "UPDATE audit SET sequence = -sequence - 1 WHERE sequence >= 4",
                "UPDATE audit SET sequence = -sequence WHERE sequence < 0",
                &shifted,
            ],
            4,
        ),
        (
            "swap",
            &[
                "UPDATE audit SET sequence = -4 WHERE sequence = 4",
                "UPDATE audit SET sequence = 4 WHERE sequence = 5",
                "UPDATE audit SET sequence = 5 WHERE sequence = -4",
            ],
            4,
        ),
        ("tail cut off", &["DELETE FROM audit WHERE sequence > 4", "DELETE FROM audit_subject WHERE sequence > 4"], 5),
        // the head as well: only what was signed outside the database tells
        (
            "old copy",
            &[
                "DELETE FROM audit WHERE sequence > 4",
                "DELETE FROM audit_subject WHERE sequence > 4",
                "UPDATE audit_head SET sequence = 4, hash = (SELECT hash FROM audit WHERE sequence = 4)",
            ],
            5,
        ),
        ("index", &["DELETE FROM audit_subject WHERE sequence = 2"], 2),
    ];
    for (name, acts, sequence) in cases {
        for act in *acts {
            db.execute_unprepared(act).await.unwrap();
        }
        assert_eq!(broken_at(&verdict(&app).await), *sequence, "{name}");
        for table in ["audit", "audit_subject", "audit_head"] {
            db.execute_unprepared(&format!("DELETE FROM {table}")).await.unwrap();
        }
        back_to("INSERT INTO audit SELECT * FROM audit_kept").await.unwrap();
        back_to("INSERT INTO audit_subject SELECT * FROM subject_kept").await.unwrap();
        back_to("INSERT INTO audit_head SELECT * FROM head_kept").await.unwrap();
        assert_eq!(whole(&app).await, 6, "after {name}");
    }
    // an old copy that was written to since: the chain fits, the signed heads do not
    for act in cases[7].1 {
        db.execute_unprepared(act).await.unwrap();
    }
    first_child(&app, "chair").await;
    first_child(&app, "chair").await;
    assert_eq!(broken_at(&verdict(&app).await), 5);
    let text = std::fs::read_to_string(&app.audit.heads_file).unwrap();
    std::fs::write(&app.audit.heads_file, text.replacen("5 ", "9 ", 1)).unwrap();
    assert!(matches!(verdict(&app).await, Verdict::Heads(_)));
}

async fn the_command_tells_and_fails(app: App) {
    let db = tampered(&app).await;
    let run = || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_quorate"));
        command.args(["audit", "verify", "--database-url", &app.url, "--key-file"]).arg(&app.audit.key_file);
        command.arg("--heads-file").arg(&app.audit.heads_file);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = run();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("whole: 6 rows"), "{said}");
    db.execute_unprepared("UPDATE audit SET reason = 'none' WHERE sequence = 4").await.unwrap();
    let (code, said) = run();
    assert_eq!(code, Some(1));
    assert!(said.starts_with("row 4:"), "{said}");
}

const LOG: &str = "query Log($id: ID!, $after: String) { accessLog(childId: $id, first: 2, after: $after) {
  nodes { at practitioner { fullName } agency { name } role purpose decision categories resource operationName }
  pageInfo { hasNextPage endCursor } } }";

async fn those_who_may_know_read_it(app: App) {
    let child = first_child(&app, "police").await;
    app.ask("school_elsewhere", "query Peek($id: ID!) { child(id: $id) { id } }", json!({"id": child})).await;
    let ask = json!({"id": child});
    let log = app.data("team_manager", LOG, ask.clone()).await["accessLog"].clone();
    assert_eq!(log["nodes"][1]["agency"]["name"], "Warwickshire Police", "{log}");
    assert_eq!(log["nodes"][1]["role"], "POLICE");
    assert_eq!(log["nodes"][1]["categories"], json!(["IDENTITY"]));
    assert_eq!(log["nodes"][1]["operationName"], "Find");
    assert_eq!(log["nodes"][0]["decision"], "NOT_FOUND", "who looked in vain is told as well: {log}");
    // reading it is an access of its own
    let log = app.data("auditor", LOG, ask.clone()).await["accessLog"].clone();
    assert_eq!(
        (&log["nodes"][0]["resource"], &log["nodes"][0]["role"]),
        (&json!("AccessRecord"), &json!("TEAM_MANAGER"))
    );
    assert_eq!(log["pageInfo"]["hasNextPage"], true);
    let mut next = ask.clone();
    next["after"] = log["pageInfo"]["endCursor"].clone();
    let log = app.data("auditor", LOG, next).await["accessLog"].clone();
    assert_eq!(log["nodes"][0]["operationName"], "Find", "{log}");
    // in summary for the allocated worker and the chair
    for persona in ["social_worker", "chair"] {
        let log = app.data(persona, LOG, ask.clone()).await["accessLog"].clone();
        assert!(log["nodes"][0]["practitioner"]["fullName"].is_string(), "{log}");
        assert_eq!((&log["nodes"][0]["resource"], &log["nodes"][0]["operationName"]), (&Value::Null, &Value::Null));
    }
    app.data("service_manager", LOG, ask.clone()).await;
    for (persona, code) in [
        ("police", "FORBIDDEN"),
        ("health_visitor", "FORBIDDEN"),
        ("minute_taker", "FORBIDDEN"),
        ("school_elsewhere", "NOT_FOUND"),
        ("system_admin", "NOT_FOUND"),
    ] {
        assert_eq!(app.code(persona, LOG, ask.clone()).await, code, "{persona}");
    }
    let mut plain = app.claims("auditor");
    plain.scope = "read".into();
    let (_, body) = app.post(&app.sign(&plain), json!({"query": LOG, "variables": ask}).to_string()).await;
    assert_eq!(body["errors"][0]["extensions"]["code"], "FORBIDDEN");
    assert_eq!(app.code("auditor", LOG, json!({"id": child, "after": "nonsense"})).await, "BAD_USER_INPUT");
    whole(&app).await;
}

#[test]
fn a_pseudonym_needs_the_key_and_the_noun() {
    let (one, other) = (audit_files(), audit_files());
    let key = |path: &PathBuf| AuditKey::load(path).unwrap();
    let id = uuid::Uuid::from_u128(7);
    let pseudonym = key(&one.key_file).pseudonym("Child", id);
    assert_eq!(pseudonym, key(&one.key_file).pseudonym("Child", id));
    assert_ne!(pseudonym, key(&other.key_file).pseudonym("Child", id));
    assert_ne!(pseudonym, key(&one.key_file).pseudonym("Conference", id));
    std::fs::write(&other.key_file, "short").unwrap();
    assert!(AuditKey::load(&other.key_file).is_err());
    for settings in [one, other] {
        std::fs::remove_file(settings.key_file).unwrap();
    }
}

both!(an_operation, super::each_operation_leaves_its_rows);
both!(a_delivery, super::a_delivery_leaves_its_rows);
both!(a_purpose, super::purpose_and_reason_are_the_callers);
both!(a_record_out_of_reach, super::nothing_leaves_unrecorded);
both!(a_crowd, super::many_at_once_share_a_commit);
both!(tampering, super::tampering_is_found);
both!(the_command, super::the_command_tells_and_fails);
both!(the_log, super::those_who_may_know_read_it);
