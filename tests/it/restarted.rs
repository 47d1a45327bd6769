//! A database that falls over in the middle of submissions and comes back: no report that was acknowledged is lost, none is
//! there twice or in half, and the server finds its database again by itself.
//!
//! One process of a PostgreSQL of the test's own is killed, upon which PostgreSQL ends all others, forgets its memory and
//! replays its log. `QUORATE_FALLS` is how often, twice if it is not set.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::Value;

use crate::killed::{Task, once_each, tasks};
use crate::support::contents::{connect, number};
use crate::support::server::Place;
use crate::support::{Engine, is_ci, setting};

/// Requests at once.
const AT_ONCE: usize = 12;
/// How long the database may take to come back.
const BACK: Duration = Duration::from_mins(1);

/// A PostgreSQL that keeps its promises, of the test's own: others go on with theirs.
struct Postgres {
    process: Child,
    url: String,
}

impl Postgres {
    fn start() -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "where the tests' server is")]
        if std::env::var("QUORATE_TEST_POSTGRES").is_err() {
            assert!(!is_ci(), "CI runs on both databases: use ./scripts/test");
            eprintln!("skipped on PostgreSQL: run ./scripts/test");
            return None;
        }
        let mut process = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/with-postgres"))
            .args(["sh", "-c", "echo \"$QUORATE_TEST_POSTGRES\"; exec sleep 3600"])
            .env("QUORATE_POSTGRES_OPTIONS", "-c fsync=on -c synchronous_commit=on -c full_page_writes=on")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut url).unwrap();
        assert!(url.starts_with("postgres://"), "{url}");
        Some(Self { process, url: url.trim().to_owned() })
    }

    /// Has it fall over.
    async fn fall(&self) {
        let db = connect(&self.url).await;
        let mine = number(&db, "SELECT pg_backend_pid()::bigint").await;
        assert!(Command::new("kill").args(["-KILL", &mine.to_string()]).status().unwrap().success());
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
    }
}

/// The report of an answer; nothing where the database could not be reached. Any other answer is a fault.
fn report_of(place: &Place, answer: &Value) -> Option<String> {
    let id = answer["data"]["submitConferenceReport"]["conferenceReport"]["id"].as_str();
    let code = answer["errors"][0]["extensions"]["code"].as_str();
    let faults = || place.said().lines().filter(|line| line.contains("ERROR")).map(str::to_owned).collect::<Vec<_>>();
    let away = matches!(code, Some("STORAGE_UNAVAILABLE" | "TIMEOUT" | "IDEMPOTENCY_IN_FLIGHT"));
    assert!(id.is_some() || away, "refused: {answer} {:#?}", faults());
    id.map(str::to_owned)
}

async fn send(place: &Arc<Place>, tasks: &[Task], answered: &AtomicUsize) -> Vec<Option<String>> {
    join_all(tasks.iter().map(|task| async move {
        let (_, answer) = place.ask(&task.token, &task.body).await?;
        let report = report_of(place, &answer);
        answered.fetch_add(usize::from(report.is_some()), Ordering::SeqCst);
        report
    }))
    .await
}

#[actix_web::test]
async fn on_postgres() {
    let Some(postgres) = Postgres::start() else { return };
    let place = Arc::new(Place::over(postgres.url.clone(), None));
    let falls = usize::try_from(setting("QUORATE_FALLS", 2)).unwrap();
    let _server = place.start(u32::try_from(200 + falls * 120).unwrap()).await;
    let tasks = tasks(&place).await;
    let each = (tasks.len() / falls).clamp(1, AT_ONCE);
    let (mut in_time, mut sent) = (0, Vec::new());
    for (fall, batch) in tasks.chunks(each).take(falls).enumerate() {
        let answered = AtomicUsize::new(0);
        let (before, ()) = tokio::join!(send(&place, batch, &answered), async {
            while answered.load(Ordering::SeqCst) < fall % batch.len() {
                tokio::time::sleep(Duration::from_micros(500)).await;
            }
            postgres.fall().await;
        });
        in_time += usize::from(before.iter().any(Option::is_none));
        let (fell, mut after) = (Instant::now(), vec![None; batch.len()]);
        while after.iter().any(Option::is_none) {
            assert!(fell.elapsed() < BACK, "the server has its database again: {}", place.said());
            tokio::time::sleep(Duration::from_millis(100)).await;
            after = send(&place, batch, &answered).await;
        }
        eprintln!(
            "fall {fall}: {} of {} answered, all after {:?}",
            before.iter().flatten().count(),
            batch.len(),
            fell.elapsed()
        );
        for (was, is) in before.iter().zip(&after) {
            assert!(was.is_none() || was == is, "what was answered before stands");
        }
        sent.extend(batch.iter().cloned());
    }
    assert!(in_time > 0, "no fall came in time");
    once_each(&place, Engine::Postgres, &sent).await;
}
