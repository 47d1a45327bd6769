//! Writers and subscribers that come and go while a server is killed: each hears exactly what it may, in order.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::{READERS, Sites, World, servers, size};
use crate::support::wire::Came;
use crate::support::{Engine, setting};

const PULL: &str = "query($after: String) { events(first: 100, after: $after,
  kinds: [STRATEGY_MEETING_CALLED, AGENCY_REFERENCE_SET]) {
  nodes { cursor kind strategyMeeting { id } } pageInfo { hasNextPage endCursor } } }";

/// Who write at a time.
const WRITERS: usize = 16;

/// What each reader is to hear: the meetings it was asked to, by their ids, and how many references of its own agency.
#[derive(Default)]
struct Ledger {
    meetings: BTreeMap<&'static str, Vec<String>>,
    references: BTreeMap<&'static str, usize>,
}

impl Ledger {
    fn enter(&mut self, who: &'static str, input: &Value, done: &Value, world: &World) {
        if who != "social_worker" {
            *self.references.entry(who).or_default() += 1;
            return;
        }
        let id = done["it"]["strategyMeeting"]["id"].as_str().unwrap();
        for reader in READERS {
            let is_asked = world.agencies.get(reader).is_some_and(|agency| {
                input["input"]["invitees"].as_array().unwrap().iter().any(|invitee| invitee["agencyId"] == *agency)
            });
            if is_asked || matches!(reader, "social_worker" | "team_manager") {
                self.meetings.entry(reader).or_default().push(id.to_owned());
            }
        }
    }
}

/// One who listens, leaves at random, and goes on where it was; all it heard, in order.
async fn listen(sites: Sites, persona: &'static str, from: Value, seed: u64, over: Arc<AtomicBool>) -> Vec<Value> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (mut heard, mut after) = (Vec::new(), from);
    loop {
        let was_over = over.load(Ordering::SeqCst);
        let server = random.random_range(0..sites.places.len());
        let Some(mut wire) = sites.listener(server, persona, &after).await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let mut left = random.random_range(1..60);
        let (mut caught_up, mut silent) = (false, 0);
        while left > 0 {
            let Ok(came) = tokio::time::timeout(Duration::from_millis(500), wire.next()).await else {
                silent += 1;
                // all is written, and all that was there was replayed: what was to come has come
                if caught_up && was_over && silent > 1 {
                    return heard;
                }
                if over.load(Ordering::SeqCst) != was_over {
                    break;
                }
                continue;
            };
            let Came::Message(message) = came else { break };
            assert_eq!(message["type"], "next", "{persona}: {message}");
            let item = message["payload"]["data"]["feed"].clone();
            assert!(item.is_object(), "{persona}: {message}");
            after = item["cursor"].clone();
            if item["__typename"] == "FeedResumedEvent" {
                assert_ne!(item["outcome"], "CANNOT_REPLAY");
                caught_up = true;
                continue;
            }
            left -= 1;
            heard.push(item);
        }
    }
}

/// All that a reader may see, by query.
async fn pulled(sites: &Sites, persona: &str, from: &Value) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), from.clone());
    loop {
        let page = sites.asked(persona, PULL, &json!({"after": after})).await["events"].clone();
        all.extend(page["nodes"].as_array().unwrap().iter().cloned());
        if page["pageInfo"]["hasNextPage"] != true {
            return all;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Sixteen who write, until so much has happened.
fn writers(
    sites: &Sites,
    (many, seed): (usize, u64),
    next: &Arc<AtomicUsize>,
    (world, ledger): (&Arc<World>, &Arc<Mutex<Ledger>>),
) -> Vec<JoinHandle<()>> {
    let one = || {
        let (sites, world, next, ledger) = (sites.clone(), world.clone(), next.clone(), ledger.clone());
        tokio::spawn(async move {
            loop {
                let n = next.fetch_add(1, Ordering::SeqCst);
                if n >= many {
                    return;
                }
                let mut random = ChaCha8Rng::seed_from_u64(seed ^ n as u64);
                let (who, query, variables) = world.happening(n, &mut random);
                let done = sites.asked(who, query, &variables).await;
                assert_eq!(done["it"]["userErrors"], json!([]), "{done}");
                ledger.lock().await.enter(who, &variables, &done, &world);
            }
        })
    };
    (0..WRITERS).map(|_| one()).collect()
}

/// What each reader may see, by query; it is what the ledger says.
async fn permitted(sites: &Sites, from: &Value, ledger: &Ledger) -> BTreeMap<&'static str, Vec<Value>> {
    let mut permitted = BTreeMap::new();
    for reader in READERS {
        let all = pulled(sites, reader, from).await;
        let mut meetings: Vec<_> =
            all.iter().filter_map(|node| node["strategyMeeting"]["id"].as_str().map(str::to_owned)).collect();
        let references = all.len() - meetings.len();
        meetings.sort_unstable();
        let mut told = ledger.meetings.get(reader).cloned().unwrap_or_default();
        told.sort_unstable();
        assert_eq!(meetings, told, "{reader}: the meetings it was asked to, and no others");
        assert_eq!(references, ledger.references.get(reader).copied().unwrap_or_default(), "{reader}: its own");
        permitted.insert(reader, all);
    }
    permitted
}

async fn each_hears_exactly_what_it_may(engine: Engine, replicas: usize) {
    // more children where more is written: nobody has thousands of meetings
    let many = size("QUORATE_FEED_EVENTS", 120);
    let children = u32::try_from(many / 10).unwrap().clamp(40, 1000);
    let Some((sites, mut servers)) = servers(engine, replicas, children).await else { return };
    let seed = setting("QUORATE_FEED_SEED", u64::from(std::process::id()));
    let world = Arc::new(World::of(&sites).await);
    let from = json!(sites.beginning().await);
    let over = Arc::new(AtomicBool::new(false));
    let listener =
        |n: usize| listen(sites.clone(), READERS[n % READERS.len()], from.clone(), seed + n as u64, over.clone());
    let listeners: Vec<_> = (0..size("QUORATE_FEED_LISTENERS", 18)).map(|n| tokio::spawn(listener(n))).collect();
    let (next, ledger) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Ledger::default())));
    let writers = writers(&sites, (many, seed), &next, (&world, &ledger));
    // one of the servers is killed on the way, and comes again
    while next.load(Ordering::SeqCst) < many / 2 {
        assert!(!writers.iter().all(JoinHandle::is_finished), "somebody writes");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    servers.pop().unwrap().kill();
    servers.push(sites.places[replicas - 1].start(children).await);
    for writer in writers {
        writer.await.unwrap();
    }
    over.store(true, Ordering::SeqCst);
    let permitted = permitted(&sites, &from, &*ledger.lock().await).await;
    let (mut in_all, of) = (0, listeners.len());
    // who leaves all the time reads long at what happened in its absence
    let patience = Duration::from_mins(2) + Duration::from_millis(100) * u32::try_from(many).unwrap();
    for (n, listener) in listeners.into_iter().enumerate() {
        let reader = READERS[n % READERS.len()];
        let heard = tokio::time::timeout(patience, listener).await.expect("it comes to the end").unwrap();
        in_all += heard.len();
        let places = |nodes: &[Value]| nodes.iter().map(|node| node["cursor"].clone()).collect::<Vec<_>>();
        let (heard, all) = (places(&heard), places(&permitted[reader]));
        let lost = all.iter().enumerate().filter(|(_, place)| !heard.contains(place)).map(|(n, _)| n);
        let lost: Vec<_> = lost.collect();
        assert!(lost.is_empty(), "seed {seed}: of {} {reader} did not hear {lost:?}", all.len());
        assert_eq!(heard.len(), all.len(), "seed {seed}: {reader} hears each of them once");
        assert_eq!(heard, all, "seed {seed}: {reader} hears them in order");
    }
    eprintln!(
        "seed {seed}: {many} events by {WRITERS} writers, heard {in_all} times by {of} listeners: exact, in order"
    );
}

#[actix_web::test]
async fn on_sqlite() {
    each_hears_exactly_what_it_may(Engine::Sqlite, 1).await;
}

#[actix_web::test]
async fn on_two_servers_over_postgres() {
    each_hears_exactly_what_it_may(Engine::Postgres, 2).await;
}
