//! Readers that stop reading hold nobody up, are told why they are closed, and lose nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::{ASKED, Sites, World, figure, servers, size};
use crate::support::wire::{Came, Wire};
use crate::support::{Engine, setting};

/// When which meeting was called, or heard of.
type Times = Arc<std::sync::Mutex<Vec<(String, Instant)>>>;

/// Reads on and notes when it heard of which meeting.
async fn read_on(mut wire: Wire, times: Times, over: Arc<AtomicBool>) {
    while !over.load(Ordering::SeqCst) {
        let Ok(came) = tokio::time::timeout(Duration::from_millis(200), wire.next()).await else { continue };
        let Came::Message(message) = came else { panic!("a healthy reader is not closed: {came:?}") };
        let id = message["payload"]["data"]["feed"]["strategyMeeting"]["id"].as_str().unwrap().to_owned();
        times.lock().unwrap().push((id, Instant::now()));
    }
}

/// Calls meetings for a while; answers them, and how long it took until so many slow readers were closed.
async fn call_on(
    sites: &Sites,
    world: &World,
    (stalled, pause): (usize, Duration),
) -> (Vec<(String, Instant)>, Duration) {
    let time = Duration::from_secs(setting("QUORATE_FEED_SECONDS", 8));
    let (began, mut called, mut all_closed) = (Instant::now(), Vec::new(), None);
    while began.elapsed() < time {
        let mut random = ChaCha8Rng::seed_from_u64(called.len() as u64);
        let (who, query, variables) = world.happening(called.len() * 4, &mut random);
        let done = sites.asked(who, query, &variables).await;
        called.push((done["it"]["strategyMeeting"]["id"].as_str().unwrap().to_owned(), Instant::now()));
        if all_closed.is_none() && figure(&sites.places[0], "quorate_slow_readers_total").await >= stalled {
            all_closed = Some(began.elapsed());
        }
        tokio::time::sleep(pause).await;
    }
    (called, all_closed.expect("all slow readers are closed"))
}

async fn slow_readers_hold_nobody_up(engine: Engine) {
    let readers = size("QUORATE_FEED_READERS", 20);
    let Some((sites, servers)) = servers(engine, 1, 40).await else { return };
    let world = World::of(&sites).await;
    let from = json!(sites.beginning().await);
    let mut stalled = Vec::new();
    for n in 0..readers {
        let mut wire = sites.listener(0, ASKED[n % 4], &from).await.unwrap();
        let Came::Message(_) = wire.next().await else { panic!("it is told how it came to now") };
        stalled.push(wire);
    }
    let memory = servers[0].memory();
    // the others read nothing from here on
    let healthy = stalled.split_off(readers / 10);
    let (times, over) = (Times::default(), Arc::new(AtomicBool::new(false)));
    let reading: Vec<_> =
        healthy.into_iter().map(|wire| tokio::spawn(read_on(wire, times.clone(), over.clone()))).collect();
    let pause = Duration::from_millis(if readers > 100 { 900 } else { 400 });
    let (called, closed_after) = call_on(&sites, &world, (stalled.len(), pause)).await;
    assert!(closed_after < Duration::from_secs(10), "{closed_after:?}");
    tokio::time::sleep(Duration::from_secs(2)).await;
    over.store(true, Ordering::SeqCst);
    for reader in reading {
        reader.await.unwrap();
    }
    let grown = servers[0].memory().saturating_sub(memory);
    let at: BTreeMap<_, _> = called.iter().cloned().collect();
    let heard = times.lock().unwrap().clone();
    let mut lags: Vec<_> = heard.iter().map(|(id, heard)| heard.saturating_duration_since(at[id])).collect();
    lags.sort_unstable();
    assert_eq!(lags.len(), called.len() * (readers - stalled.len()), "each healthy reader hears of each meeting");
    let p95 = lags[lags.len() * 95 / 100];
    eprintln!(
        "{readers} readers, {} stalled, {} events: healthy p95 {p95:?}, slow ones closed after {closed_after:?}, {} KiB more",
        stalled.len(),
        called.len(),
        grown / 1024
    );
    // the program that is built with the tests, on a machine that runs other tests beside this one is given four times as long
    let bound = if std::env::var_os("QUORATE_PROGRAM").is_none() { 2000 } else { 500 };
    assert!(p95 < Duration::from_millis(bound), "{p95:?}");
    assert!(grown < 64 << 20, "{grown} bytes");
    for (n, wire) in stalled.into_iter().enumerate() {
        resumes(&sites, ASKED[n % 4], wire, called.len()).await;
    }
}

/// A reader that reads again finds what was sent, why it was closed, and then the rest.
async fn resumes(sites: &Sites, persona: &str, mut wire: Wire, called: usize) {
    let (mut heard, mut after) = (0, Value::Null);
    let code = loop {
        match wire.next().await {
            Came::Message(message) => {
                heard += 1;
                after = message["payload"]["data"]["feed"]["cursor"].clone();
            }
            Came::Closed(code) => break code,
            Came::Gone => panic!("it is not told why"),
        }
    };
    assert_eq!(code, 1013);
    assert!(heard < called, "it was closed before the end");
    let mut wire = sites.listener(0, persona, &after).await.unwrap();
    loop {
        let Came::Message(message) = wire.next().await else { panic!("it goes on") };
        if message["payload"]["data"]["feed"]["__typename"] == "FeedResumedEvent" {
            break;
        }
        heard += 1;
    }
    assert_eq!(heard, called, "nothing is lost, and nothing told twice");
}

#[actix_web::test]
async fn on_sqlite() {
    slow_readers_hold_nobody_up(Engine::Sqlite).await;
}

#[actix_web::test]
async fn on_postgres() {
    slow_readers_hold_nobody_up(Engine::Postgres).await;
}
