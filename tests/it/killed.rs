//! SIGKILL in the middle of submissions: after a restart and a retry with the same keys, each report is there once and whole,
//! with its answers, its rows, its passages with their readers and its file, with one event and one audit row.
//!
//! `QUORATE_KILL_ROUNDS` is how often the server is killed, twice if it is not set; `QUORATE_KILL_SEED` chooses the
//! moments, which are told, so that a run can be repeated.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::jobs::report;
use crate::support::contents::{Beside, connect, number, texts};
use crate::support::files::attach_to;
use crate::support::server::Place;
use crate::support::{Engine, setting};

const SUBMIT: &str = "mutation($input: SubmitConferenceReportInput!) { submitConferenceReport(input: $input) {
  conferenceReport { id } userErrors { code } } }";

/// What is asked of somebody, and who that is.
const OPEN: &str = "{ viewer { practitioner { id } agency { id } }
  reportRequests(status: OPEN, first: 100) { nodes { id } } }";

/// Those who submit, each for an agency of its own.
const SUBMITTERS: [&str; 4] = ["police", "health_visitor", "school_dsl", "early_help"];
/// Requests at once, and the times each is sent at once: a client whose first try is slow sends a second one.
const AT_ONCE: usize = 12;
const TWINS: usize = 2;

/// A report to be submitted: the token of who does, and the body that is sent each time.
#[derive(Clone)]
pub struct Task {
    /// The id of its request.
    request: Uuid,
    pub token: String,
    pub body: Value,
}

pub async fn tasks(place: &Place) -> Vec<Task> {
    let query = json!({"query": OPEN});
    let (_, reader) = place.ask(&place.token("social_worker"), &query).await.unwrap();
    let db = connect(&place.url).await;
    let mut all = Vec::new();
    for persona in SUBMITTERS {
        let token = place.token(persona);
        let (_, open) = place.ask(&token, &query).await.unwrap();
        for node in open["data"]["reportRequests"]["nodes"].as_array().unwrap() {
            let request = node["id"].as_str().unwrap();
            let (_, id) = quorate::graphql::id::split(&request.into()).unwrap();
            let mut variables = report(request, &format!("6f0d5b0e-1111-4222-8333-{:012}", all.len()));
            let file = attach_to(&db, id).await;
            // early help records nothing restricted
            let reader = (persona != "early_help").then_some(&reader["data"]["viewer"]);
            complete(&mut variables["input"], &file, reader);
            let body = json!({"query": SUBMIT, "variables": variables});
            all.push(Task { request: id, token: token.clone(), body });
        }
    }
    all
}

/// Makes a report a whole one, with a row in every table that holds a part of it.
fn complete(input: &mut Value, file: &str, reader: Option<&Value>) {
    input["answers"] = json!([{"item": "FUTURE_DANGER", "text": "It will go on."},
      {"item": "COMPLICATING_FACTORS", "text": "Debts."}]);
    let row = |day: &str| json!({"occurredOn": day, "kind": "VISIT", "text": "Seen.", "source": "Case notes"});
    input["chronology"] = ["2026-01-05", "2026-02-06", "2026-03-07"].map(row).into_iter().collect();
    input["attachmentIds"] = json!([file]);
    let Some(reader) = reader else { return };
    let readers = json!([{"agencyId": reader["agency"]["id"], "practitionerId": reader["practitioner"]["id"]}]);
    let passage = |text: &str| json!({"kind": "RESTRICTED", "text": text, "thirdParty": true, "readers": readers});
    input["restrictedItems"] = json!([passage("Not before him."), passage("Nor before her.")]);
}

impl Task {
    fn list(&self, name: &str) -> usize {
        self.body["variables"]["input"][name].as_array().map_or(0, Vec::len)
    }

    /// How many rows of each kind its report has where it is whole.
    fn parts(&self) -> String {
        let items = self.list("restrictedItems");
        format!(
            "requests 1 events 1 answers {} rows {} files {} items {items} readers {items}",
            self.list("answers"),
            self.list("chronology"),
            self.list("attachmentIds")
        )
    }
}

/// Sends every task, each by several at once, and counts the answers; answers which got a report.
async fn send(place: &Arc<Place>, tasks: &[Task], answered: &AtomicUsize) -> Vec<Option<String>> {
    let sent = tasks.iter().flat_map(|task| std::iter::repeat_n(task.clone(), TWINS)).map(|task| {
        let place = place.clone();
        async move {
            let (_, answer) = place.ask(&task.token, &task.body).await?;
            answered.fetch_add(1, Ordering::SeqCst);
            let id = answer["data"]["submitConferenceReport"]["conferenceReport"]["id"].as_str();
            Some(id.unwrap_or_else(|| panic!("refused: {answer}")).to_owned())
        }
    });
    join_all(sent).await
}

async fn each_report_is_there_exactly_once(engine: Engine) {
    let Some(place) = Place::new(engine).await else { return };
    let place = Arc::new(place);
    let rounds = usize::try_from(setting("QUORATE_KILL_ROUNDS", 2)).unwrap();
    let seed = setting("QUORATE_KILL_SEED", u64::from(std::process::id()));
    let mut moments = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let children = u32::try_from(200 + rounds * 120).unwrap();
    let mut server = place.start(children).await;
    let tasks = tasks(&place).await;
    assert!(tasks.len() > rounds * 2, "{} open requests", tasks.len());
    let each = (tasks.len() / rounds).clamp(1, AT_ONCE);
    let (mut killed_in_time, mut sent) = (0, Vec::new());
    for batch in tasks.chunks(each).take(rounds) {
        // anywhere in the work, on a machine of any speed: after so many answers and a little while
        let after_answers = moments.random_range(0..batch.len());
        let moment = Duration::from_millis(moments.random_range(0..5));
        let answered = AtomicUsize::new(0);
        let (before, ()) = tokio::join!(send(&place, batch, &answered), async {
            while answered.load(Ordering::SeqCst) < after_answers {
                tokio::time::sleep(Duration::from_micros(500)).await;
            }
            tokio::time::sleep(moment).await;
            server.kill();
        });
        eprintln!(
            "seed {seed}: killed {moment:?} after {after_answers} answers, {} of {} answered",
            before.iter().flatten().count(),
            before.len()
        );
        killed_in_time += usize::from(before.iter().any(Option::is_none));
        server = place.start(children).await;
        let after = send(&place, batch, &answered).await;
        for (was, is) in before.iter().zip(&after) {
            assert!(is.is_some(), "seed {seed}: every retry is answered");
            assert!(was.is_none() || was == is, "seed {seed}: what was answered before stands");
        }
        sent.extend(batch.iter().cloned());
    }
    assert!(killed_in_time > 0, "seed {seed}: no kill came in time");
    once_each(&place, engine, &sent).await;
}

/// What there is of each report that was written here, by the id of its request.
async fn parts_there(db: &Beside, engine: Engine) -> BTreeSet<String> {
    let id = if engine == Engine::Sqlite {
        "lower(hex(r.report_request_id))"
    } else {
        "replace(r.report_request_id::text, '-', '')"
    };
    let of = |name: &str, from: &str| format!(" || ' {name} ' || (SELECT count(*) FROM {from})");
    let counts = [
        of("requests", "conference_report o WHERE o.report_request_id = r.report_request_id"),
        of("events", "event e WHERE e.conference_report_id = r.id"),
        of("answers", "report_answer a WHERE a.conference_report_id = r.id"),
        of("rows", "chronology_row c WHERE c.conference_report_id = r.id"),
        of("files", "attachment f WHERE f.conference_report_id = r.id"),
        of("items", "restricted_item t WHERE t.conference_report_id = r.id"),
        of(
            "readers",
            "reader_listing l JOIN restricted_item t ON t.id = l.restricted_item_id WHERE t.conference_report_id = r.id",
        ),
    ];
    // those written here are told from the demo's own by their key
    let written = "conference_report r JOIN idempotency i ON i.result_id = r.id";
    let all = texts(db, &format!("SELECT {id}{} FROM {written}", counts.concat())).await;
    let each: BTreeSet<_> = all.iter().cloned().collect();
    assert_eq!(each.len(), all.len(), "no report is there twice");
    each
}

/// Counts in the database itself.
pub async fn once_each(place: &Place, engine: Engine, sent: &[Task]) {
    let db = connect(&place.url).await;
    let whole = sent.iter().map(|task| format!("{} {}", task.request.simple(), task.parts()));
    assert_eq!(parts_there(&db, engine).await, whole.collect::<BTreeSet<_>>(), "each is there once, and whole");
    let sent = i64::try_from(sent.len()).unwrap();
    for (what, sql) in [
        ("keys", "SELECT count(*) FROM idempotency"),
        (
            "events",
            "SELECT count(*) FROM event e JOIN idempotency i ON i.result_id = e.conference_report_id
             WHERE e.kind = 'CONFERENCE_REPORT_SUBMITTED'",
        ),
        (
            "requests",
            "SELECT count(DISTINCT r.report_request_id) FROM conference_report r JOIN idempotency i ON i.result_id = r.id",
        ),
        ("rows of the access record", "SELECT count(*) FROM audit WHERE rule = 'submitConferenceReport'"),
    ] {
        assert_eq!(number(&db, sql).await, sent, "{what}");
    }
    // the feed has no gap and no doubled place
    let gaps = "SELECT count(*) FROM feed f WHERE f.position <> (SELECT count(*) FROM event e
      WHERE e.local_authority_id = f.local_authority_id)";
    assert_eq!(number(&db, gaps).await, 0);
}

#[actix_web::test]
async fn on_sqlite() {
    each_report_is_there_exactly_once(Engine::Sqlite).await;
}

#[actix_web::test]
async fn on_postgres() {
    each_report_is_there_exactly_once(Engine::Postgres).await;
}

/// What was answered is in the access record, though the server was killed the moment the answer had come.
async fn a_reading_that_was_answered_is_recorded(engine: Engine) {
    let Some(place) = Place::new(engine).await else { return };
    for round in 1..=3 {
        let server = place.start(40).await;
        let query = format!("query Round{round} {{ children(first: 1) {{ nodes {{ givenName }} }} }}");
        let (_, answer) = place.ask(&place.token("police"), &json!({"query": query})).await.unwrap();
        server.kill();
        assert!(answer["data"]["children"]["nodes"][0]["givenName"].is_string(), "{answer}");
        // the kill may come before the first head is signed
        OpenOptions::new().create(true).append(true).open(place.folder.join("audit.heads")).unwrap();
        let (_, said) = place.verify();
        assert!(said.contains("is whole"), "{said}");
        let db = connect(&place.url).await;
        let rows = format!("SELECT count(*) FROM audit WHERE operation = 'Round{round}'");
        assert_eq!(number(&db, &rows).await, 1, "{said}");
    }
}

#[actix_web::test]
async fn a_reading_that_was_answered_is_recorded_on_sqlite() {
    a_reading_that_was_answered_is_recorded(Engine::Sqlite).await;
}

#[actix_web::test]
async fn a_reading_that_was_answered_is_recorded_on_postgres() {
    a_reading_that_was_answered_is_recorded(Engine::Postgres).await;
}
