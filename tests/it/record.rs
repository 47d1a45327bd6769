//! The access record of a day, a year or ten: what many readers at once leave behind is whole, and quickly read again.
//!
//! `QUORATE_RECORD_ROWS` is how many rows are left, 2,000 if it is not set. The time of the verification is told; of a
//! million rows and more it is held to ten seconds a million, which is a promise of the optimised program: name it in
//! `QUORATE_PROGRAM`.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use crate::support::contents::{connect, number};
use crate::support::server::Place;
use crate::support::{Engine, setting};

/// A screen that opens thirteen kinds of things, each a row.
const SCREEN: &str = "query Screen {
  children(first: 2) { nodes { id household { members { nodes { id } } } involvements { nodes { id } }
    currentPlan { dangerStatement actions { nodes { id } } coreGroup { members { nodes { id } } meetings { nodes { id } } } } } }
  conferences(first: 1) { nodes { id children { nodes { id } } invitations { nodes { id } }
    reportRequests { nodes { id } } reports { nodes { id } } } } }";

const READERS: usize = 16;
const WHO: [&str; 4] = ["social_worker", "chair", "team_manager", "police"];

async fn reads_until(place: &Place, persona: &str, enough: &AtomicBool, read: &AtomicU64) {
    let token = place.token(persona);
    while !enough.load(Ordering::Relaxed) {
        let (_, answer) = place.ask(&token, &json!({"query": SCREEN})).await.expect("an answer");
        assert!(answer.get("errors").is_none(), "{persona}: {answer}");
        read.fetch_add(1, Ordering::Relaxed);
    }
}

async fn it_is_whole(engine: Engine) {
    let Some(place) = Place::new(engine).await else { return };
    let rows = i64::try_from(setting("QUORATE_RECORD_ROWS", 2000)).unwrap();
    let mut server = place.start(200).await;
    let db = connect(&place.url).await;
    let (enough, read, began) = (AtomicBool::new(false), AtomicU64::new(0), Instant::now());
    let readers = (0..READERS).map(|n| reads_until(&place, WHO[n % WHO.len()], &enough, &read));
    let count = async {
        while number(&db, "SELECT sequence FROM audit_head").await < rows {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        enough.store(true, Ordering::Relaxed);
    };
    tokio::join!(join_all(readers), count);
    let (read, took) = (read.load(Ordering::Relaxed), began.elapsed());
    server.ask_to_stop();
    assert!(server.ended(Duration::from_secs(5)).await.expect("it ends").success());

    let began = Instant::now();
    let (status, said) = place.verify();
    let verified = began.elapsed();
    let held = number(&db, "SELECT sequence FROM audit_head").await;
    eprintln!("{engine:?}: {read} readings left {held} rows in {took:.1?}; verified in {verified:.2?}");
    assert!(status.success() && said.contains(&format!("whole: {held} rows")), "{said}");
    assert!(held >= rows && held > i64::try_from(read).unwrap() * 5, "a row for each kind of thing");
    if let Ok(millions @ 1..) = u32::try_from(held / 1_000_000) {
        assert!(verified < Duration::from_secs(10) * millions, "{verified:?}");
    }
}

#[actix_web::test]
async fn on_sqlite() {
    it_is_whole(Engine::Sqlite).await;
}

#[actix_web::test]
async fn on_postgres() {
    it_is_whole(Engine::Postgres).await;
}
