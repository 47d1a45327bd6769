//! Submissions over a network that loses answers: each is sent up to five times at once through a proxy that drops every fifth
//! answer after the server has given it, and again until one comes through. Each report is there once.
//!
//! `QUORATE_STORM` is how many are submitted, 150 if it is not set.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use rand::{Rng as _, SeedableRng as _};
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::jobs::{open_request, report};
use crate::support::contents::{Beside, connect, number, texts};
use crate::support::{App, key, setting};

const SUBMIT: &str = "mutation($input: SubmitConferenceReportInput!) { submitConferenceReport(input: $input) {
  conferenceReport { id version receipt { sha256 } } userErrors { code } } }";

/// Tries at once, of all that are sent.
const AT_ONCE: usize = 24;
/// Tries of one submission, one after the other, before it is given up.
const TRIES: usize = 60;

/// A proxy that hands requests on, one a connection, and drops every fifth answer once it has it whole.
async fn lossy(server: String, dropped: Arc<AtomicUsize>) -> String {
    let door = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/graphql", door.local_addr().unwrap());
    actix_web::rt::spawn(async move {
        let mut n = 0_usize;
        while let Ok((mut client, _)) = door.accept().await {
            n += 1;
            let (server, dropped, is_lost) = (server.clone(), dropped.clone(), n.is_multiple_of(5));
            actix_web::rt::spawn(async move {
                let Ok(mut upstream) = TcpStream::connect(&server).await else { return };
                let (mut from_client, mut to_client) = client.split();
                let (mut from_server, mut to_server) = upstream.split();
                let mut answer = Vec::new();
                let there = async {
                    let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
                };
                let back = async {
                    // the server closes the connection when its answer is whole, as it was asked to
                    let _ = from_server.read_to_end(&mut answer).await;
                };
                tokio::select! { () = back => {}, () = async { there.await; std::future::pending().await } => {} }
                if is_lost {
                    dropped.fetch_add(1, Ordering::SeqCst);
                } else {
                    let _ = to_client.write_all(&answer).await;
                    let _ = to_client.shutdown().await;
                }
            });
        }
    });
    address
}

/// Conferences like the one of a request: a request is of one conference about one child.
async fn more_conferences(db: &Beside, request: uuid::Uuid, many: u64) {
    use entity::{conference, report_request};
    let request = report_request::Entity::find_by_id(entity::id::ReportRequestId(request)).one(db).await.unwrap();
    let of = conference::Entity::find_by_id(request.unwrap().conference_id).one(db).await.unwrap().unwrap();
    let ids = quorate::clock::Clock::system();
    let copies = (0..many).map(|_| {
        let copy = conference::Model { id: entity::id::ConferenceId(ids.new_id()), ..of.clone() };
        copy.into_active_model().reset_all()
    });
    for some in copies.collect::<Vec<_>>().chunks(100) {
        conference::Entity::insert_many(some.to_vec()).exec_without_returning(db).await.unwrap();
    }
}

/// Requests for reports of one agency, as many as are to be submitted: about any child, for any conference.
async fn requests(app: &App, n: u64) -> Vec<String> {
    let one = open_request(app, "health_visitor").await;
    requests_like(app, &one, n).await
}

/// Requests for reports of the agency of one, as many as are to be submitted.
pub async fn requests_like(app: &App, one: &str, n: u64) -> Vec<String> {
    let (_, one) = quorate::graphql::id::split(&one.into()).unwrap();
    let db = connect(&app.url).await;
    let is_postgres = app.url.starts_with("postgres");
    let id = if is_postgres { "gen_random_uuid()".to_owned() } else { "randomblob(16)".to_owned() };
    let literal = crate::support::plant::literal(sea_orm::ConnectionTrait::get_database_backend(&db), one);
    more_conferences(&db, one, n / 20).await;
    let sql = format!(
        "INSERT INTO report_request (id, conference_id, child_id, agency_id, invitation_id, asked_at, due_at)
         SELECT {id}, c.id, k.id, r.agency_id, r.invitation_id, r.asked_at, r.due_at
         FROM report_request r CROSS JOIN conference c CROSS JOIN child k
         WHERE r.id = {literal} AND c.status = 'SCHEDULED' AND NOT EXISTS (SELECT 1 FROM report_request o
           WHERE o.conference_id = c.id AND o.child_id = k.id AND o.agency_id = r.agency_id) LIMIT {n}"
    );
    sea_orm::ConnectionTrait::execute_unprepared(&db, &sql).await.unwrap();
    // the author of a report works with the child
    let works = format!(
        "INSERT INTO involvement (id, child_id, agency_id, basis, starts_at, reason, locates)
         SELECT {id}, k.id, r.agency_id, 'AGENCY', r.asked_at, 'Known to the agency', FALSE
         FROM report_request r CROSS JOIN child k WHERE r.id = {literal}"
    );
    sea_orm::ConnectionTrait::execute_unprepared(&db, &works).await.unwrap();
    let hex = if is_postgres { "replace(id::text, '-', '')" } else { "lower(hex(id))" };
    let open = format!(
        "SELECT {hex} FROM report_request WHERE received_at IS NULL AND agency_id =
           (SELECT agency_id FROM report_request WHERE id = {literal}) AND asked_at =
           (SELECT asked_at FROM report_request WHERE id = {literal}) ORDER BY id LIMIT {n}"
    );
    let ids = texts(&db, &open).await;
    let global =
        |id: &String| quorate::graphql::id::global(entity::id::ReportRequestId(uuid::Uuid::try_parse(id).unwrap()));
    ids.iter().map(|id| global(id).to_string()).collect()
}

/// Sends a submission so often at once, and again until an answer comes through; answers all that came.
async fn submit(http: &reqwest::Client, address: &str, token: &str, body: &Value, at_once: usize) -> Vec<Value> {
    let once = async || {
        let request = http.post(address).bearer_auth(token).header("connection", "close").json(body);
        let answer = request.timeout(Duration::from_secs(30)).send().await.ok()?;
        answer.json::<Value>().await.ok()
    };
    for _ in 0..TRIES {
        let answers = futures_util::future::join_all((0..at_once).map(|_| once())).await;
        let answers: Vec<_> = answers.into_iter().flatten().filter(|answer| answer["data"].is_object()).collect();
        if !answers.is_empty() {
            return answers;
        }
    }
    panic!("no answer after {TRIES} tries")
}

async fn each_is_there_once(app: App) {
    let n = setting("QUORATE_STORM", 150);
    let requests = requests(&app, n).await;
    assert_eq!(requests.len() as u64, n, "requests to submit to");
    let viewer = app.data("health_visitor", "{ viewer { practitioner { id } } }", json!({})).await;
    let author = viewer["viewer"]["practitioner"]["id"].clone();
    let dropped = Arc::new(AtomicUsize::new(0));
    let server = app.endpoint.trim_start_matches("http://").trim_end_matches("/graphql").to_owned();
    let address = lossy(server, dropped.clone()).await;
    let (http, token) = (reqwest::Client::new(), app.token("agency_system"));
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(7);
    let times: Vec<usize> = requests.iter().map(|_| random.random_range(1..=5)).collect();
    let began = std::time::Instant::now();
    let body = |place: usize, request: &str| {
        let mut variables = report(request, &key(u32::try_from(place).unwrap()));
        variables["input"]["authorId"] = author.clone();
        json!({"query": SUBMIT, "variables": variables})
    };
    let sent = requests.iter().zip(times).enumerate().map(|(place, (request, at_once))| {
        let (http, address, token, body) = (&http, &address, &token, body(place, request));
        async move { submit(http, address, token, &body, at_once).await }
    });
    let answers: Vec<Vec<Value>> = futures_util::stream::iter(sent).buffered(AT_ONCE).collect().await;
    let took = began.elapsed();
    for (place, answers) in answers.iter().enumerate() {
        let first = &answers[0];
        assert!(first["data"]["submitConferenceReport"]["conferenceReport"]["id"].is_string(), "{place}: {first}");
        assert!(answers.iter().all(|answer| answer == first), "{place}: all answers are the same: {answers:?}");
    }
    let db = connect(&app.url).await;
    let of = "FROM conference_report r JOIN idempotency i ON i.result_id = r.id";
    assert_eq!(number(&db, &format!("SELECT count(*) {of}")).await, i64::try_from(n).unwrap(), "each once");
    let twice = "SELECT count(*) FROM (SELECT report_request_id FROM conference_report WHERE state = 'SUBMITTED'
      GROUP BY report_request_id HAVING count(*) > 1) twice";
    assert_eq!(number(&db, twice).await, 0);
    let events = format!("SELECT count(*) {of} JOIN event e ON e.conference_report_id = r.id");
    assert_eq!(number(&db, &events).await, i64::try_from(n).unwrap(), "told once");
    assert!(dropped.load(Ordering::SeqCst) > requests.len() / 10, "answers were lost");
    eprintln!("{n} submissions, {} answers lost, {:.1} s", dropped.load(Ordering::SeqCst), took.as_secs_f64());
    // the same key with another body is refused, and changes nothing
    let mut other = body(0, &requests[0]);
    other["variables"]["input"]["worries"] = "Another.".into();
    assert_eq!(app.code("agency_system", SUBMIT, other["variables"].clone()).await, "IDEMPOTENCY_MISMATCH");
    assert_eq!(number(&db, &format!("SELECT count(*) {of}")).await, i64::try_from(n).unwrap());
}

both!(answers_that_are_lost, super::each_is_there_once);
