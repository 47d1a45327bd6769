//! A change that is being made when the same is sent again: the second waits for the first, and is told so where that takes
//! too long, by the same server and by another over the same database. Nothing is refused that was not decided.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use serde_json::{Value, json};

use crate::jobs::{open_request, report};
use crate::support::contents::{connect, number};
use crate::support::{App, Engine, key};

const SUBMIT: &str = "mutation($input: SubmitConferenceReportInput!) { submitConferenceReport(input: $input) {
  conferenceReport { id } userErrors { code } } }";

/// How many reports were written here.
const REPORTS: &str = "SELECT count(*) FROM conference_report r JOIN idempotency i ON i.result_id = r.id";

async fn send(endpoint: &str, token: &str, variables: &Value) -> Value {
    let body = json!({"query": SUBMIT, "variables": variables});
    let answer = reqwest::Client::new().post(endpoint).bearer_auth(token).json(&body).send().await.unwrap();
    answer.json().await.unwrap()
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

#[actix_web::test]
async fn on_postgres() {
    let Some(app) = App::start(Engine::Postgres).await else { return };
    let request = open_request(&app, "school_dsl").await;
    let (variables, token) = (report(&request, &key(1)), app.token("school_dsl"));
    let mut other = variables.clone();
    other["input"]["worries"] = "Another.".into();
    let beside = app.beside(quorate::policy::limits::AccessLimits::default());
    // somebody holds the row that the change needs
    let db = connect(&app.url).await;
    let held = db.begin().await.unwrap();
    held.execute_unprepared("SELECT id FROM report_request FOR UPDATE").await.unwrap();
    let began = Instant::now();
    let (first, ()) = tokio::join!(send(&app.endpoint, &token, &variables), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let (twin, unlike) = tokio::join!(send(&app.endpoint, &token, &variables), send(&app.endpoint, &token, &other));
        for answer in [&twin, &unlike] {
            assert_eq!(code(answer), "IDEMPOTENCY_IN_FLIGHT", "{answer}");
            assert_eq!(answer["errors"][0]["extensions"]["retryAfter"], 1, "{answer}");
        }
        assert!(began.elapsed() >= Duration::from_secs(5), "they waited");
        // another server has no word of it but the row of the key, and waits there
        let (elsewhere, ()) = tokio::join!(send(&beside, &token, &variables), async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            held.rollback().await.unwrap();
        });
        assert!(elsewhere["data"]["submitConferenceReport"]["conferenceReport"]["id"].is_string(), "{elsewhere}");
    });
    let id = &first["data"]["submitConferenceReport"]["conferenceReport"]["id"];
    assert!(id.is_string(), "{first}");
    // sent again, both hear what became of it
    assert_eq!(send(&app.endpoint, &token, &variables).await, first);
    assert_eq!(send(&beside, &token, &variables).await, first);
    assert_eq!(code(&send(&app.endpoint, &token, &other).await), "IDEMPOTENCY_MISMATCH");
    assert_eq!(number(&db, REPORTS).await, 1);
}

/// SQLite has one writer: who waits for it waits at most five seconds, and so does the twin that waits behind.
#[actix_web::test]
async fn on_sqlite() {
    let Some(app) = App::start(Engine::Sqlite).await else { return };
    let request = open_request(&app, "school_dsl").await;
    let (variables, token) = (report(&request, &key(1)), app.token("school_dsl"));
    let mut other = variables.clone();
    other["input"]["worries"] = "Another.".into();
    let beside = app.beside(quorate::policy::limits::AccessLimits::default());
    let db = connect(&app.url).await;
    let writer = sea_orm::TransactionOptions {
        sqlite_transaction_mode: Some(sea_orm::SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    // somebody else writes for longer than anybody waits
    let held = db.begin_with_options(writer).await.unwrap();
    let began = Instant::now();
    let twin = async |after: u64| {
        tokio::time::sleep(Duration::from_millis(after)).await;
        send(&app.endpoint, &token, &variables).await
    };
    let free = async {
        tokio::time::sleep(Duration::from_secs(7)).await;
        held.rollback().await.unwrap();
    };
    let (first, one, two, ()) = tokio::join!(twin(0), twin(1000), twin(1000), free);
    // the first gave way after five seconds; one of those that waited for it took its place and came through, and the other was
    // told that the change is being made
    assert_eq!(code(&first), "STORAGE_UNAVAILABLE", "{first}");
    assert!(began.elapsed() >= Duration::from_secs(7));
    let id = |answer: &Value| answer["data"]["submitConferenceReport"]["conferenceReport"]["id"].clone();
    let (done, told) = if id(&one).is_string() { (&one, &two) } else { (&two, &one) };
    assert!(id(done).is_string(), "{done}");
    assert_eq!(code(told), "IDEMPOTENCY_IN_FLIGHT", "{told}");
    assert_eq!(told["errors"][0]["extensions"]["retryAfter"], 1, "{told}");
    // sent again, all hear what became of it, from another server as well
    assert_eq!(&send(&app.endpoint, &token, &variables).await, done);
    assert_eq!(&send(&beside, &token, &variables).await, done);
    assert_eq!(code(&send(&app.endpoint, &token, &other).await), "IDEMPOTENCY_MISMATCH");
    assert_eq!(number(&db, REPORTS).await, 1);
}
