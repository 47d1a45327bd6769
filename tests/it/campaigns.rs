//! The feed under stress, over servers in processes of their own: writers and subscribers that come and go while a server is
//! killed, readers that stop reading, thousands of connections that come and go, frames that are none, and a stop under load.
//!
//! Each has a short form here and a long one by the environment: `QUORATE_FEED_EVENTS` (300; long 20,000),
//! `QUORATE_FEED_READERS` (40, of which a tenth stalls; long 200), `QUORATE_FEED_CYCLES` (200; long 5,000) and
//! `QUORATE_FEED_FRAMES` (2,000; long 200,000). See docs/feed.md.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Mutex;

use crate::support::server::{Place, Server};
use crate::support::wire::{Came, Wire};
use crate::support::{Engine, key, setting};

const FEED: &str = "subscription($after: String) {
  feed(after: $after, kinds: [STRATEGY_MEETING_CALLED, AGENCY_REFERENCE_SET]) {
  __typename ... on FeedEvent { cursor kind strategyMeeting { id } } ... on FeedResumed { outcome cursor } } }";

const PULL: &str = "query($after: String) { events(first: 100, after: $after,
  kinds: [STRATEGY_MEETING_CALLED, AGENCY_REFERENCE_SET]) {
  nodes { cursor kind strategyMeeting { id } } pageInfo { hasNextPage endCursor } } }";

const CALL: &str = "mutation($input: CallStrategyMeetingInput!) { it: callStrategyMeeting(input: $input) {
  strategyMeeting { id } userErrors { field code } } }";

const SET: &str = "mutation($input: SetAgencyReferenceInput!) { it: setAgencyReference(input: $input) {
  child { id } userErrors { field code } } }";

/// Those who listen, in turn.
const READERS: [&str; 6] = ["police", "health_visitor", "school_dsl", "social_worker", "team_manager", "early_help"];
const WRITERS: usize = 16;

fn size(name: &str, short: u64) -> usize {
    usize::try_from(setting(name, short)).unwrap()
}

/// Asks again until there is an answer: a server may be away for a while.
async fn asked(places: &[Arc<Place>], persona: &str, query: &str, variables: &Value) -> Value {
    let body = json!({"query": query, "variables": variables});
    for n in 0..600 {
        let place = &places[n % places.len()];
        if let Some((_, answer)) = place.ask(&place.token(persona), &body).await {
            let code = answer["errors"][0]["extensions"]["code"].as_str();
            let passing = ["STORAGE_UNAVAILABLE", "IDEMPOTENCY_IN_FLIGHT", "TIMEOUT"];
            if !code.is_some_and(|code| passing.contains(&code)) {
                assert!(answer["data"].is_object(), "{persona}: {answer}");
                return answer["data"].clone();
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{persona} is not answered");
}

/// Whom the writers write about, and whom they ask.
struct World {
    child: Value,
    agencies: BTreeMap<&'static str, Value>,
}

impl World {
    async fn of(places: &[Arc<Place>]) -> Self {
        let query = "query($n: String!) { findChild(by: {nhsNumber: $n}) { id } agencies(first: 100) { nodes { id name } } }";
        let n = json!({"n": quorate::demo::first_nhs_number()});
        let data = asked(places, "social_worker", query, &n).await;
        let named = |name: &str| {
            let nodes = data["agencies"]["nodes"].as_array().unwrap();
            nodes.iter().find(|agency| agency["name"] == name).unwrap_or_else(|| panic!("no {name}"))["id"].clone()
        };
        let agencies = BTreeMap::from([
            ("police", named("Warwickshire Police")),
            ("health_visitor", named("Warwickshire Community Health Trust")),
            ("school_dsl", named("Warwickshire Oakfield Primary School")),
        ]);
        Self { child: data["findChild"]["id"].clone(), agencies }
    }

    /// The `n`th thing that happens: who tells, how, and whom the meeting is told to.
    fn happening(&self, n: usize, random: &mut ChaCha8Rng) -> (&'static str, &'static str, Value) {
        let key = key(u32::try_from(n).unwrap());
        if n % 4 == 3 {
            let who = ["police", "health_visitor", "school_dsl"][random.random_range(0..3)];
            let input = json!({"idempotencyKey": key, "childId": self.child, "reference": format!("R-{n}")});
            return (who, SET, json!({"input": input}));
        }
        let school = random.random_bool(0.3).then_some("school_dsl");
        let asked = ["police", "health_visitor"].into_iter().chain(school);
        let invitees: Vec<_> = asked.map(|who| json!({"agencyId": self.agencies[who]})).collect();
        let input = json!({"idempotencyKey": key, "childIds": [self.child], "reason": "An injury nobody explains.",
          "scheduledAt": "2027-12-31T15:00:00Z", "invitees": invitees});
        ("social_worker", CALL, json!({"input": input}))
    }
}

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
async fn listen(places: Vec<Arc<Place>>, persona: &'static str, from: String, seed: u64, over: Arc<AtomicBool>) -> Vec<Value> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (mut heard, mut after) = (Vec::new(), from);
    loop {
        let was_over = over.load(Ordering::SeqCst);
        let place = &places[random.random_range(0..places.len())];
        let opened = async {
            let mut wire = Wire::of(&place.endpoint(), &place.token(persona)).await?;
            wire.subscribe("1", FEED, &json!({"after": after})).await?;
            Some(wire)
        };
        let Ok(Some(mut wire)) = tokio::time::timeout(Duration::from_secs(5), opened).await else {
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
            after = item["cursor"].as_str().unwrap().to_owned();
            if item["__typename"] == "FeedResumed" {
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
async fn pulled(places: &[Arc<Place>], persona: &str, from: &str) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), json!(from));
    loop {
        let page = asked(places, persona, PULL, &json!({"after": after})).await["events"].clone();
        all.extend(page["nodes"].as_array().unwrap().iter().cloned());
        if page["pageInfo"]["hasNextPage"] != true {
            return all;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

async fn each_hears_exactly_what_it_may(engine: Engine, replicas: usize) {
    let Some(first) = Place::new(engine).await else { return };
    let mut places = vec![Arc::new(first)];
    let mut servers = vec![Some(places[0].start(40).await)];
    for _ in 1..replicas {
        let place = places[0].beside();
        servers.push(Some(place.start(40).await));
        places.push(Arc::new(place));
    }
    let many = size("QUORATE_FEED_EVENTS", 300);
    let seed = setting("QUORATE_FEED_SEED", u64::from(std::process::id()));
    eprintln!("seed {seed}");
    let world = Arc::new(World::of(&places).await);
    let from = beginning(&places[0]).await;
    let over = Arc::new(AtomicBool::new(false));
    let listeners: Vec<_> = (0..50)
        .map(|n| {
            let (places, over) = (places.clone(), over.clone());
            tokio::spawn(listen(places, READERS[n % READERS.len()], from.clone(), seed + n as u64, over))
        })
        .collect();
    let (next, ledger) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Ledger::default())));
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let (places, world, next, ledger) = (places.clone(), world.clone(), next.clone(), ledger.clone());
            tokio::spawn(async move {
                loop {
                    let n = next.fetch_add(1, Ordering::SeqCst);
                    if n >= many {
                        return;
                    }
                    let mut random = ChaCha8Rng::seed_from_u64(seed ^ n as u64);
                    let (who, query, variables) = world.happening(n, &mut random);
                    let done = asked(&places, who, query, &variables).await;
                    assert_eq!(done["it"]["userErrors"], json!([]), "{done}");
                    ledger.lock().await.enter(who, &variables, &done, &world);
                }
            })
        })
        .collect();
    // one of the servers is killed on the way, and comes again
    while next.load(Ordering::SeqCst) < many / 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let killed = replicas - 1;
    servers[killed].take().unwrap().kill();
    servers[killed] = Some(places[killed].start(40).await);
    for writer in writers {
        writer.await.unwrap();
    }
    over.store(true, Ordering::SeqCst);
    let ledger = ledger.lock().await;
    let mut expected = BTreeMap::new();
    for reader in READERS {
        let all = pulled(&places, reader, &from).await;
        let mut meetings: Vec<_> =
            all.iter().filter_map(|node| node["strategyMeeting"]["id"].as_str().map(str::to_owned)).collect();
        let references = all.len() - meetings.len();
        meetings.sort_unstable();
        let mut told = ledger.meetings.get(reader).cloned().unwrap_or_default();
        told.sort_unstable();
        assert_eq!(meetings, told, "{reader}: the meetings it was asked to, and no others");
        assert_eq!(references, ledger.references.get(reader).copied().unwrap_or_default(), "{reader}: its own");
        expected.insert(reader, all);
    }
    let mut heard_in_all = 0;
    for (n, listener) in listeners.into_iter().enumerate() {
        let reader = READERS[n % READERS.len()];
        let heard = tokio::time::timeout(Duration::from_secs(120), listener).await.expect("it comes to the end").unwrap();
        heard_in_all += heard.len();
        let place = |node: &Value| node["cursor"].clone();
        let (heard, all): (Vec<_>, Vec<_>) =
            (heard.iter().map(place).collect(), expected[reader].iter().map(place).collect());
        assert_eq!(heard.len(), all.len(), "seed {seed}: {reader} hears each of them once");
        assert_eq!(heard, all, "seed {seed}: {reader} hears them in order");
    }
    eprintln!("{many} events by {WRITERS} writers: 50 listeners heard {heard_in_all} exactly, in order");
}

/// The place of the feed before anything of the test.
async fn beginning(place: &Arc<Place>) -> String {
    let mut wire = Wire::of(&place.endpoint(), &place.token("police")).await.unwrap();
    wire.subscribe("1", FEED, &json!({})).await.unwrap();
    let Came::Message(message) = wire.next().await else { panic!("it is told how it came to now") };
    message["payload"]["data"]["feed"]["cursor"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn exactly_once_on_sqlite() {
    each_hears_exactly_what_it_may(Engine::Sqlite, 1).await;
}

#[actix_web::test]
async fn exactly_once_on_two_servers_over_postgres() {
    each_hears_exactly_what_it_may(Engine::Postgres, 2).await;
}

/// A figure of a server's metrics.
async fn figure(place: &Place, name: &str) -> f64 {
    let text = reqwest::get(place.endpoint().replace("/graphql", "/metrics")).await.unwrap().text().await.unwrap();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name}: {text}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what} does not come");
}

async fn slow_readers_hold_nobody_up(engine: Engine) {
    let Some(place) = Place::new(engine).await else { return };
    let place = Arc::new(place);
    let server = place.start(40).await;
    let readers = size("QUORATE_FEED_READERS", 40);
    let places = [place.clone()];
    let world = World::of(&places).await;
    let from = beginning(&place).await;
    let mut wires = Vec::new();
    for n in 0..readers {
        let persona = ["police", "health_visitor", "social_worker", "team_manager"][n % 4];
        let mut wire = Wire::of(&place.endpoint(), &place.token(persona)).await.unwrap();
        wire.subscribe("1", FEED, &json!({"after": from})).await.unwrap();
        let Came::Message(_) = wire.next().await else { panic!("it is told how it came to now") };
        wires.push(wire);
    }
    let memory = server.memory();
    let healthy = wires.split_off(readers / 10);
    let stalled = wires;
    // each healthy reader tells when it heard which meeting; the stalled ones read nothing at all
    let called: Arc<std::sync::Mutex<BTreeMap<String, Instant>>> = Arc::default();
    let times: Arc<std::sync::Mutex<Vec<(String, Instant)>>> = Arc::default();
    let over = Arc::new(AtomicBool::new(false));
    let reading: Vec<_> = healthy
        .into_iter()
        .map(|mut wire| {
            let (times, over) = (times.clone(), over.clone());
            tokio::spawn(async move {
                while !over.load(Ordering::SeqCst) {
                    let Ok(came) = tokio::time::timeout(Duration::from_millis(200), wire.next()).await else { continue };
                    let Came::Message(message) = came else { panic!("a healthy reader is not closed: {came:?}") };
                    let id = message["payload"]["data"]["feed"]["strategyMeeting"]["id"].as_str().unwrap().to_owned();
                    times.lock().unwrap().push((id, Instant::now()));
                }
            })
        })
        .collect();
    let began = Instant::now();
    let rounds = size("QUORATE_FEED_SECONDS", 12);
    let mut n = 0;
    let mut all_slow = None;
    while began.elapsed() < Duration::from_secs(rounds as u64) {
        let mut random = ChaCha8Rng::seed_from_u64(n as u64);
        let (who, query, variables) = world.happening(n * 4, &mut random);
        let done = asked(&places, who, query, &variables).await;
        let id = done["it"]["strategyMeeting"]["id"].as_str().unwrap().to_owned();
        called.lock().unwrap().insert(id, Instant::now());
        n += 1;
        if all_slow.is_none() && figure(&place, "quorate_slow_readers_total").await >= stalled.len() as f64 {
            all_slow = Some(began.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(if readers > 100 { 900 } else { 400 })).await;
    }
    let all_slow = all_slow.expect("all slow readers are closed");
    assert!(all_slow < Duration::from_secs(10), "{all_slow:?}");
    tokio::time::sleep(Duration::from_secs(1)).await;
    over.store(true, Ordering::SeqCst);
    for reader in reading {
        reader.await.unwrap();
    }
    let grown = server.memory().saturating_sub(memory);
    let called = called.lock().unwrap().clone();
    let mut lags: Vec<_> =
        times.lock().unwrap().iter().filter_map(|(id, at)| Some(at.saturating_duration_since(*called.get(id)?))).collect();
    lags.sort_unstable();
    assert_eq!(lags.len(), called.len() * (readers - readers / 10), "each healthy reader hears each meeting");
    let p95 = lags[lags.len() * 95 / 100];
    eprintln!(
        "{readers} readers, {} stalled, {n} events: healthy p95 {p95:?}, slow ones closed after {all_slow:?}, {} KiB more",
        stalled.len(),
        grown / 1024
    );
    assert!(p95 < Duration::from_millis(500), "{p95:?}");
    assert!(grown < 64 << 20, "{grown} bytes");
    for (n, wire) in stalled.into_iter().enumerate() {
        resumes(&place, n, wire, called.len()).await;
    }
}

/// A reader that reads again finds what was sent, why it was closed, and then the rest.
async fn resumes(place: &Arc<Place>, n: usize, mut wire: Wire, called: usize) {
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
    let persona = ["police", "health_visitor", "social_worker", "team_manager"][n % 4];
    let mut wire = Wire::of(&place.endpoint(), &place.token(persona)).await.unwrap();
    wire.subscribe("1", FEED, &json!({"after": after})).await.unwrap();
    loop {
        let Came::Message(message) = wire.next().await else { panic!("it goes on") };
        if message["payload"]["data"]["feed"]["__typename"] == "FeedResumed" {
            break;
        }
        heard += 1;
    }
    assert_eq!(heard, called, "nothing is lost, and nothing told twice");
}

#[actix_web::test]
async fn slow_readers_on_sqlite() {
    slow_readers_hold_nobody_up(Engine::Sqlite).await;
}

#[actix_web::test]
async fn slow_readers_on_postgres() {
    slow_readers_hold_nobody_up(Engine::Postgres).await;
}

/// Connections that come and go leave nothing behind.
#[actix_web::test]
async fn who_comes_and_goes_leaves_nothing() {
    let Some(place) = Place::new(Engine::Sqlite).await else { return };
    let server = place.start(40).await;
    let cycles = size("QUORATE_FEED_CYCLES", 200);
    let token = place.token("police");
    let once = async |n: usize| {
        let mut wire = Wire::of(&place.endpoint(), &token).await.expect("a socket");
        wire.subscribe("1", FEED, &json!({})).await.unwrap();
        match n % 3 {
            // in the middle of it, when it listens, and properly
            0 => {}
            1 => assert!(matches!(wire.next().await, Came::Message(_))),
            _ => {
                wire.next().await;
                wire.frame(8, &1000_u16.to_be_bytes()).await.unwrap();
                assert_eq!(wire.next().await, Came::Closed(1000));
            }
        }
    };
    for n in 0..20 {
        once(n).await;
    }
    let quiet = async || {
        figure(&place, "quorate_connections ").await == 0.0 && figure(&place, "quorate_feed_listeners ").await == 0.0
    };
    until("quiet", quiet).await;
    let before = (server.files(), server.threads());
    for some in (0..cycles).collect::<Vec<_>>().chunks(20) {
        join_all(some.iter().map(|n| once(*n))).await;
    }
    until("quiet", quiet).await;
    // a connection of this test's own client may be kept open on either side
    until("the files of before", async || server.files() <= before.0 + 2).await;
    assert_eq!(server.threads(), before.1);
    eprintln!("{cycles} cycles: {} open files before, {} after; {} threads", before.0, server.files(), before.1);
}

/// Frames that are none, and messages that say nothing: the server closes or goes on, and serves everybody else.
#[actix_web::test]
async fn nonsense_harms_nobody() {
    let Some(place) = Place::new(Engine::Sqlite).await else { return };
    let mut server = place.start(40).await;
    let frames = size("QUORATE_FEED_FRAMES", 2_000);
    let seed = setting("QUORATE_FEED_SEED", u64::from(std::process::id()));
    let token = place.token("police");
    let (mut sent, mut sockets) = (0, 0);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    while sent < frames {
        sockets += 1;
        let known = random.random_bool(0.7);
        let wire = if known { Wire::of(&place.endpoint(), &token).await } else { Wire::open(&place.endpoint()).await };
        let mut wire = wire.unwrap_or_else(|| panic!("seed {seed}: a socket after {sent} frames"));
        for _ in 0..20 {
            sent += 1;
            if nonsense(&mut wire, &mut random).await.is_none() {
                break;
            }
            // it is told what came of it, unless it goes on
            if let Ok(Came::Closed(_) | Came::Gone) = tokio::time::timeout(Duration::from_millis(2), wire.next()).await {
                break;
            }
        }
    }
    let query = json!({"query": "{ viewer { posts } }"});
    let (_, answer) = place.ask(&token, &query).await.expect("it still answers");
    assert!(answer["data"]["viewer"]["posts"].is_array(), "{answer}");
    let said = place.said();
    assert!(!said.contains("panick"), "seed {seed}: {said}");
    eprintln!("{sent} malformed frames on {sockets} sockets: no panic");
    server.ask_to_stop();
    assert!(server.ended(Duration::from_secs(15)).await.expect("it ends").success());
}

async fn nonsense(wire: &mut Wire, random: &mut ChaCha8Rng) -> Option<()> {
    let mut bytes = vec![0; random.random_range(0..200)];
    random.fill(&mut bytes[..]);
    let halves = [
        "{}", "[]", "null", "{\"type\":", "{\"type\":7}", "{\"type\":\"subscribe\"}", "{\"type\":\"subscribe\",\"id\":\"\"}",
        "{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":[]}", "{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":{\"query\":\"{\"}}",
        "{\"type\":\"complete\",\"id\":\"none\"}", "{\"type\":\"pong\"}", "{\"type\":\"ping\",\"payload\":{\"a\":[1]}}",
        "{\"type\":\"connection_init\",\"payload\":7}", "\"\\ud800\"",
    ];
    match random.random_range(0..7) {
        0 => wire.raw(&bytes).await,
        1 => wire.frame(random.random_range(0..16), &bytes).await,
        2 => wire.frame(1, &bytes).await,
        3 => wire.frame(1, halves[random.random_range(0..halves.len())].as_bytes()).await,
        // a length that does not come, and one that is too much
        4 => wire.raw(&[0x81, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4]).await,
        5 => wire.raw(&[0x01, 0x80 | 2, 0, 0, 0, 0, b'{', b'"']).await,
        _ => {
            let depth = random.random_range(1..3000);
            wire.frame(1, "[".repeat(depth).as_bytes()).await
        }
    }
}

/// Asked to stop under load it is not ready from that moment on, tells the sockets, and loses nothing it has answered.
async fn it_stops_under_load(engine: Engine) {
    let Some(place) = Place::new(engine).await else { return };
    let place = Arc::new(place);
    let mut server = place.start(40).await;
    let places = [place.clone()];
    let world = Arc::new(World::of(&places).await);
    let mut sockets = Vec::new();
    for n in 0..20 {
        let persona = READERS[n % READERS.len()];
        let mut wire = Wire::of(&place.endpoint(), &place.token(persona)).await.unwrap();
        wire.subscribe("1", FEED, &json!({})).await.unwrap();
        sockets.push(tokio::spawn(async move {
            loop {
                match wire.next().await {
                    Came::Message(_) => {}
                    other => return other,
                }
            }
        }));
    }
    let answered = Arc::new(AtomicUsize::new(0));
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let (place, world, answered) = (place.clone(), world.clone(), answered.clone());
            tokio::spawn(async move {
                for n in (writer..).step_by(8) {
                    let mut random = ChaCha8Rng::seed_from_u64(n as u64);
                    let (who, query, variables) = world.happening(n * 4, &mut random);
                    let body = json!({"query": query, "variables": variables});
                    let Some((_, answer)) = place.ask(&place.token(who), &body).await else { return };
                    if answer["data"]["it"]["strategyMeeting"]["id"].is_string() {
                        answered.fetch_add(1, Ordering::SeqCst);
                    }
                }
            })
        })
        .collect();
    until("some answers", async || answered.load(Ordering::SeqCst) > 10).await;
    let mut door = tokio::net::TcpStream::connect(("127.0.0.1", place.port)).await.unwrap();
    assert!(health(&mut door).await.starts_with("HTTP/1.1 200"));
    let asked_at = Instant::now();
    server.ask_to_stop();
    // the signal is on its way to the server
    tokio::time::sleep(Duration::from_millis(100)).await;
    let said = health(&mut door).await;
    assert!(said.starts_with("HTTP/1.1 503") || said.is_empty(), "{said}");
    for socket in sockets {
        let closed = tokio::time::timeout(Duration::from_secs(5), socket).await.expect("it is told").unwrap();
        assert_eq!(closed, Came::Closed(1012));
    }
    let status = server.ended(Duration::from_secs(15)).await.expect("it ends in time");
    assert_eq!(status.code(), Some(0));
    eprintln!("it ended {:?} after it was asked to, with {} writes answered", asked_at.elapsed(), answered.load(Ordering::SeqCst));
    for writer in writers {
        writer.await.unwrap();
    }
    let _again: Server = place.start(40).await;
    let db = crate::support::contents::connect(&place.url).await;
    let kept = "SELECT count(*) FROM event e JOIN idempotency i ON i.result_id = e.strategy_meeting_id";
    let kept = crate::support::contents::number(&db, kept).await;
    assert!(kept >= i64::try_from(answered.load(Ordering::SeqCst)).unwrap(), "{kept}: what was answered stands");
}

/// The answer of a kept connection to «are you ready»; nothing where it is closed.
async fn health(door: &mut tokio::net::TcpStream) -> String {
    let mut answer = vec![0; 4096];
    if door.write_all(b"GET /health/ready HTTP/1.1\r\nhost: here\r\n\r\n").await.is_err() {
        return String::new();
    }
    let read = tokio::time::timeout(Duration::from_secs(3), door.read(&mut answer)).await.expect("an answer");
    String::from_utf8_lossy(&answer[..read.unwrap_or(0)]).into_owned()
}

#[actix_web::test]
async fn a_stop_under_load_on_sqlite() {
    it_stops_under_load(Engine::Sqlite).await;
}

#[actix_web::test]
async fn a_stop_under_load_on_postgres() {
    it_stops_under_load(Engine::Postgres).await;
}
