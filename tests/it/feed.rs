//! The feed: how a listener comes to now, how long events are kept, whom they concern, and what is said of it all.

use std::sync::atomic::Ordering;
use std::time::Duration;

use entity::event;
use quorate::auth::Principal;
use quorate::http::HttpSettings;
use quorate::policy::limits::AccessLimits;
use quorate::store::audience::{Audience, Listener};
use quorate::store::audit::AuditKey;
use quorate::store::outbox::{Named, Wanted};
use quorate::store::{Scoped, Store};
use sea_orm::{ConnectionTrait as _, EntityTrait as _, TransactionTrait as _};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::jobs::call_meeting;
use crate::support::contents::{connect, number};
use crate::support::node::Node;
use crate::support::plant::literal;
use crate::support::wire::{Came, Wire};
use crate::support::{App, Engine, http_settings, key};

const FEED: &str = "subscription($after: String, $kinds: [EventKind!]) { feed(after: $after, kinds: $kinds) {
  __typename ... on FeedEvent { cursor kind strategyMeeting { id } }
  ... on FeedResumedEvent { outcome replayed cursor } } }";

/// A listener on the feed that is there.
async fn listening(app: &App, persona: &str, after: &Value) -> Wire {
    let mut wire = Wire::of(&app.endpoint, &app.token(persona)).await.expect("a socket");
    wire.subscribe("1", FEED, &json!({"after": after})).await.unwrap();
    wire
}

/// What it is told next.
async fn told(wire: &mut Wire) -> Value {
    let came = tokio::time::timeout(Duration::from_secs(5), wire.next()).await.expect("it is told something");
    let Came::Message(message) = came else { panic!("{came:?}") };
    assert_eq!(message["type"], "next", "{message}");
    message["payload"]["data"]["feed"].clone()
}

async fn says_how_one_came_to_now(app: App) {
    let mut wire = listening(&app, "police", &Value::Null).await;
    let fresh = told(&mut wire).await;
    assert_eq!((&fresh["outcome"], &fresh["replayed"]), (&json!("NOTHING_MISSED"), &json!(0)), "{fresh}");
    let first = call_meeting(&app, &key(1)).await;
    let heard = told(&mut wire).await;
    assert_eq!((&heard["__typename"], &heard["strategyMeeting"]["id"]), (&json!("FeedEvent"), &first["id"]));
    drop(wire);

    // nothing came while it was away
    let mut wire = listening(&app, "police", &heard["cursor"]).await;
    assert_eq!(told(&mut wire).await["outcome"], "NOTHING_MISSED");
    drop(wire);
    let (second, third) = (call_meeting(&app, &key(2)).await, call_meeting(&app, &key(3)).await);
    // what concerns others only is not counted
    let mut school = listening(&app, "school_dsl", &heard["cursor"]).await;
    let nothing = told(&mut school).await;
    assert_eq!(nothing["outcome"], "NOTHING_MISSED", "{nothing}");
    let mut wire = listening(&app, "police", &heard["cursor"]).await;
    for missed in [&second, &third] {
        assert_eq!(told(&mut wire).await["strategyMeeting"]["id"], missed["id"]);
    }
    let resumed = told(&mut wire).await;
    assert_eq!((&resumed["outcome"], &resumed["replayed"]), (&json!("REPLAYED"), &json!(2)), "{resumed}");
    let fourth = call_meeting(&app, &key(4)).await;
    assert_eq!(told(&mut wire).await["strategyMeeting"]["id"], fourth["id"], "what is new follows");
    // its own cursor goes on from there
    let mut wire = listening(&app, "police", &resumed["cursor"]).await;
    assert_eq!(told(&mut wire).await["strategyMeeting"]["id"], fourth["id"]);
}

/// What was told by a server whose clock goes ahead, and before what another told later: who reads the second while the first
/// is not of its time yet would go on behind both.
async fn passes_over_nothing_that_is_ahead(app: App) {
    let mut wire = listening(&app, "police", &Value::Null).await;
    let from = told(&mut wire).await["cursor"].clone();
    drop(wire);
    let ahead = chrono::Duration::seconds(1);
    app.clock.advance(ahead);
    let first = call_meeting(&app, &key(1)).await;
    app.clock.advance(-ahead);
    let second = call_meeting(&app, &key(2)).await;
    let pull = "query($after: String) { events(after: $after) { nodes { strategyMeeting { id } } } }";
    let pulled = async || {
        let page = app.data("police", pull, json!({"after": from})).await["events"]["nodes"].clone();
        page.as_array().unwrap().iter().map(|node| node["strategyMeeting"]["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(pulled().await, Vec::<Value>::new(), "what is behind the first waits for it");

    let clock = app.clock.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(500)).await;
        clock.advance(ahead);
    });
    let mut wire = listening(&app, "police", &from).await;
    for meeting in [&first, &second] {
        assert_eq!(told(&mut wire).await["strategyMeeting"]["id"], meeting["id"]);
    }
    let resumed = told(&mut wire).await;
    assert_eq!((&resumed["outcome"], &resumed["replayed"]), (&json!("REPLAYED"), &json!(2)), "{resumed}");
    assert_eq!(pulled().await, [first["id"].clone(), second["id"].clone()]);
}

/// What is older than it is kept is forgotten, and said to be.
async fn is_kept_for_some_days(engine: Engine) {
    let limits = AccessLimits { feed_days: 30, ..AccessLimits::default() };
    let Some(app) = App::limited(engine, limits).await else { return };
    let db = connect(&app.url).await;
    let (old, newest) = (app.feed_cursor(0).await, app.last_event("chair").await.unwrap());
    let pull = "query($after: String) { events(after: $after, first: 100) { nodes { kind occurredAt } } }";
    assert!(!app.data("chair", pull, json!({"after": old})).await["events"]["nodes"].as_array().unwrap().is_empty());
    let events = number(&db, "SELECT count(*) FROM event").await;
    let done = app.api.upkeep().await.unwrap();
    let left = number(&db, "SELECT count(*) FROM event").await;
    assert!(left > 0 && left < events && done.forgotten > 0, "{left} of {events}");
    let wrong = "SELECT count(*) FROM feed f WHERE f.position - f.forgotten <>
      (SELECT count(*) FROM event e WHERE e.local_authority_id = f.local_authority_id)";
    assert_eq!(number(&db, wrong).await, 0, "no place is missing of those behind what was forgotten");

    assert_eq!(app.code("chair", pull, json!({"after": old})).await, "RESYNC_REQUIRED");
    let kept = app.data("chair", pull, json!({"after": newest})).await;
    assert!(kept["events"]["nodes"].as_array().unwrap().len() < 100);
    let all = app.data("chair", pull, json!({})).await["events"]["nodes"].clone();
    let days = |node: &Value| node["occurredAt"].as_str().unwrap() >= "2026-10-25";
    assert!(all.as_array().unwrap().iter().all(days), "without a cursor it begins with what is kept: {all}");

    let again = format!("subscription {{ events(after: \"{old}\") {{ kind }} }}");
    let ended = app.overhear("police", &again, Duration::from_secs(1), 0).await;
    assert!(ended.contains("RESYNC_REQUIRED") && ended.ends_with("event: complete\ndata:\n\n"), "{ended}");
    let mut wire = listening(&app, "police", &json!(old)).await;
    let resumed = told(&mut wire).await;
    assert_eq!((&resumed["outcome"], &resumed["replayed"]), (&json!("CANNOT_REPLAY"), &json!(0)), "{resumed}");
    let meeting = call_meeting(&app, &key(1)).await;
    assert_eq!(told(&mut wire).await["strategyMeeting"]["id"], meeting["id"], "and goes on from now");
    let mut wire = listening(&app, "police", &resumed["cursor"]).await;
    assert_eq!(told(&mut wire).await["strategyMeeting"]["id"], meeting["id"]);
}

#[actix_web::test]
async fn kept_on_sqlite() {
    is_kept_for_some_days(Engine::Sqlite).await;
}

#[actix_web::test]
async fn kept_on_postgres() {
    is_kept_for_some_days(Engine::Postgres).await;
}

/// A store of its own over the database of a server.
pub fn store(app: &App) -> Store {
    let key = AuditKey::load_or_create(&app.audit.key_file).unwrap();
    Store::new(app.database.clone(), app.clock.clone(), key, &app.audit).unwrap()
}

/// The audiences of all events of a reader's feed.
async fn audiences(scope: &Scoped) -> Vec<Audience> {
    let (authority, head) = (scope.who().authority, scope.feed_position().await.unwrap());
    let mut all = Vec::new();
    for from in (0..head).step_by(100) {
        all.extend(scope.store().audiences(authority, from, from + 100).await.unwrap());
    }
    all
}

/// How many events a reader sees, and how many it would be asked about; none is seen that it would not be asked about.
pub async fn asked_about(principal: &Principal, scope: &Scoped) -> (usize, usize, usize) {
    let all = audiences(scope).await;
    let listener = Listener::new(principal.clone(), scope, Wanted::default());
    let asked: Vec<i64> = all.iter().filter(|event| listener.may_hear(event)).map(|event| event.position).collect();
    let seen: Vec<event::Model> =
        scope.events_between(0, i64::MAX, &Wanted::default(), u64::from(u32::MAX)).await.unwrap();
    for event in &seen {
        let role = scope.who().role;
        assert!(asked.contains(&event.position), "{role:?} sees {event:?} and would not be asked about it");
    }
    (seen.len(), asked.len(), all.len())
}

async fn concerns_few(app: App) {
    let (store, verifier) = (store(&app), app.verifier());
    let mut narrower = 0;
    for persona in quorate::demo::personas() {
        let Ok(principal) = verifier.verify(&app.token(persona.key)).await else { continue };
        let Ok(scope) = store.scoped(&principal, Uuid::nil()).await else { continue };
        let (seen, asked, all) = asked_about(&principal, &scope).await;
        eprintln!("{}: sees {seen}, is asked about {asked} of {all}", persona.key);
        narrower += usize::from(asked * 2 < all);
    }
    assert!(narrower >= 4, "for some, most events are passed over without a question");
    let events = event::Entity::find().all(&connect(&app.url).await).await.unwrap();
    assert!(events.len() > 100, "there are events: {}", events.len());
}

/// Who is asked about no more than what some events name sees of them what the whole rule lets through.
async fn asks_about_what_is_named(app: App) {
    let (store, verifier) = (store(&app), app.verifier());
    let everything = event::Entity::find().all(&connect(&app.url).await).await.unwrap();
    let (mut seen, mut hidden) = (0, 0);
    for persona in quorate::demo::personas() {
        let Ok(principal) = verifier.verify(&app.token(persona.key)).await else { continue };
        let Ok(scope) = store.scoped(&principal, Uuid::nil()).await else { continue };
        let mut rows: Vec<_> =
            everything.iter().filter(|row| row.local_authority_id == scope.who().authority).collect();
        rows.sort_by_key(|row| row.position);
        // the newest ones, few at a time
        for few in rows.rchunks(3).take(150) {
            let (Some(first), Some(last)) = (few.first(), few.last()) else { continue };
            let (from, to) = (first.position - 1, last.position);
            let named = few.iter().fold(Named::default(), |all, row| all.or(Named::of(row)));
            let whole = scope.events_between(from, to, &Wanted::default(), 100).await.unwrap();
            let asked = scope.events_that_name(named, (from, to), &Wanted::default(), 100).await.unwrap();
            assert_eq!(asked, whole, "{}: {from} to {to}", persona.key);
            let nothing = scope.events_that_name(Named::default(), (from, to), &Wanted::default(), 100).await.unwrap();
            assert!(nothing.iter().all(|row| Named::of(row) == Named::of(&bare(row))), "what is not named is not told");
            (seen, hidden) = (seen + whole.len(), hidden + few.len() - whole.len());
        }
    }
    assert!(seen > 50 && hidden > 50, "{seen} seen, {hidden} hidden");
}

/// An event with the columns that every event fills, and an agency or an audience where it has one.
fn bare(row: &event::Model) -> event::Model {
    event::Model {
        strategy_meeting_id: None,
        conference_id: None,
        invitation_id: None,
        conference_report_id: None,
        core_group_id: None,
        child_id: None,
        deadline_id: None,
        plan_id: None,
        ..row.clone()
    }
}

/// Those whom an event does not concern cost nothing when it happens.
async fn costs_those_concerned(app: App) {
    let mut police = listening(&app, "police", &Value::Null).await;
    told(&mut police).await;
    let costs = async |police: &mut Wire, n: u32| {
        let before = app.statements.load(Ordering::SeqCst);
        call_meeting(&app, &key(n)).await;
        told(police).await;
        // whatever others would ask, they ask by then
        tokio::time::sleep(Duration::from_millis(700)).await;
        app.statements.load(Ordering::SeqCst) - before
    };
    costs(&mut police, 1).await;
    let alone = costs(&mut police, 2).await;
    let mut others = Vec::new();
    for _ in 0..40 {
        let mut other = listening(&app, "system_admin", &Value::Null).await;
        told(&mut other).await;
        others.push(other);
    }
    let among = costs(&mut police, 3).await;
    // the rights of all of them may be looked at meanwhile, which is two statements for two hundred
    assert!(among <= alone + 8, "{alone} statements alone, {among} among forty whom it does not concern");
}

async fn says_what_it_does(app: App) {
    let metrics = async || crate::support::metrics(&app.at("/metrics")).await;
    // how much happens is told to nobody else
    assert_eq!(reqwest::get(app.at("/metrics")).await.unwrap().status().as_u16(), 404);
    let figure = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name}: {text}"));
        line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
    };
    let before = metrics().await;
    let mut wire = listening(&app, "police", &Value::Null).await;
    told(&mut wire).await;
    call_meeting(&app, &key(1)).await;
    told(&mut wire).await;
    let after = metrics().await;
    for (name, by) in [
        ("quorate_connections ", 1.0),
        ("quorate_feed_listeners ", 1.0),
        ("quorate_feed_delivered_total ", 1.0),
        ("quorate_feed_lag_seconds_count ", 1.0),
        ("quorate_feed_events ", 1.0),
        ("quorate_slow_readers_total ", 0.0),
        ("quorate_feed_depth ", 0.0),
    ] {
        let (was, is) = (figure(&before, name), figure(&after, name));
        assert!((is - was - by).abs() < f64::EPSILON, "{name}: {was}, {is}");
    }
    assert!(figure(&after, "quorate_feed_lag_seconds_sum ") < 2.0);
    assert!(!after.contains("Police") && !after.contains("police"), "it names nobody: {after}");
    drop(wire);
    for _ in 0..100 {
        if figure(&metrics().await, "quorate_feed_listeners ") < 0.5 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("who left is still counted");
}

async fn has_places(app: App) {
    let mut held = Vec::new();
    for _ in 0..50 {
        held.push(Wire::of(&app.endpoint, &app.token("police")).await.expect("a place"));
    }
    let mut more = Wire::open(&app.endpoint).await.unwrap();
    let init =
        json!({"type": "connection_init", "payload": {"Authorization": format!("Bearer {}", app.token("police"))}});
    more.say(&init).await.unwrap();
    assert_eq!(more.next().await, Came::Closed(1013), "one person, fifty connections");
    assert_eq!(app.opens_stream("police", "subscription { events { kind } }").await, 429);
    assert!(Wire::of(&app.endpoint, &app.token("chair")).await.is_some(), "others have theirs");
    held.pop();
    for _ in 0..100 {
        if Wire::of(&app.endpoint, &app.token("police")).await.is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("a place that is left is free again");
}

/// The clients people use, each in a process of its own: they hear, lose the connection, and come back to what they missed.
async fn real_clients(app: App) {
    for client in ["sse", "apollo", "urql"] {
        let url = if client == "sse" { app.endpoint.clone() } else { app.endpoint.replace("http", "ws") };
        let Some(node) = Node::start("feed.mjs", &[client, &url, &app.endpoint, &app.token("police")]) else { return };
        let fresh = node.next_within("resumed", Duration::from_secs(10)).await;
        let fresh = fresh.unwrap_or_else(|| panic!("{client} is told how it came to now"));
        assert_eq!(fresh["outcome"], "NOTHING_MISSED", "{client}");
        let n = u32::try_from(client.len()).unwrap() * 10;
        let meeting = call_meeting(&app, &key(n)).await;
        let heard = node.next_within("event", Duration::from_secs(5)).await;
        assert_eq!(heard.unwrap_or_else(|| panic!("{client} hears"))["meeting"], meeting["id"], "{client}");
        let cursor = node.next("cursor").await.unwrap()["cursor"].as_str().unwrap().to_owned();
        drop(node);
        let missed = call_meeting(&app, &key(n + 1)).await;
        let again = Node::start("feed.mjs", &[client, &url, &app.endpoint, &app.token("police"), &cursor]).unwrap();
        let heard = again.next_within("event", Duration::from_secs(10)).await;
        assert_eq!(heard.unwrap_or_else(|| panic!("{client} is replayed to"))["meeting"], missed["id"], "{client}");
        let resumed = again.next_within("resumed", Duration::from_secs(5)).await.unwrap();
        assert_eq!((&resumed["outcome"], &resumed["replayed"]), (&json!("REPLAYED"), &json!(1)), "{client}");
        // what stands in the way of it reaches the program as an error it can read
        let refused =
            Node::start("feed.mjs", &[client, &url, &app.endpoint, &app.token("police"), "nonsense"]).unwrap();
        let refused = refused.next_within("refused", Duration::from_secs(10)).await;
        assert_eq!(refused.unwrap_or_else(|| panic!("{client} is refused"))["code"], "BAD_USER_INPUT", "{client}");
    }
}

/// What one server commits is heard on another within the second, though nobody calls it.
async fn reaches_other_servers(app: App) {
    let beside = app.beside(AccessLimits::default());
    let mut wire = Wire::of(&beside, &app.token("police")).await.unwrap();
    wire.subscribe("1", FEED, &json!({})).await.unwrap();
    told(&mut wire).await;
    let mut slowest = Duration::ZERO;
    for n in 1..=5 {
        let meeting = call_meeting(&app, &key(n)).await;
        let begun = std::time::Instant::now();
        assert_eq!(told(&mut wire).await["strategyMeeting"]["id"], meeting["id"]);
        slowest = slowest.max(begun.elapsed());
    }
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");

    // of what comes past every call it hears by looking
    let db = connect(&app.url).await;
    let id = literal(db.get_database_backend(), app.clock.new_id());
    let newest = "e.kind = 'STRATEGY_MEETING_CALLED' ORDER BY e.occurred_at DESC, e.position DESC LIMIT 1";
    let again = format!(
        "INSERT INTO event (local_authority_id, position, id, kind, strategy_meeting_id, occurred_at)
         SELECT e.local_authority_id, f.position + 1, {id}, e.kind, e.strategy_meeting_id, e.occurred_at
         FROM event e JOIN feed f ON f.local_authority_id = e.local_authority_id WHERE {newest}"
    );
    let place = format!(
        "UPDATE feed SET position = position + 1
         WHERE local_authority_id = (SELECT e.local_authority_id FROM event e WHERE {newest})"
    );
    let write = db.begin().await.unwrap();
    write.execute_unprepared(&again).await.unwrap();
    write.execute_unprepared(&place).await.unwrap();
    write.commit().await.unwrap();
    let begun = std::time::Instant::now();
    assert_eq!(told(&mut wire).await["__typename"], "FeedEvent");
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

/// Events of the police that happen after all others, past the program.
async fn plant(app: &App, many: i64) {
    let db = connect(&app.url).await;
    let backend = db.get_database_backend();
    let id = if backend == sea_orm::DatabaseBackend::Postgres { "gen_random_uuid()" } else { "randomblob(16)" };
    let of_police = literal(backend, app.claims("police").agency_id);
    let like = "(SELECT * FROM event WHERE kind = 'AGENCY_REFERENCE_SET' ORDER BY position DESC LIMIT 1)";
    let rows = format!(
        "INSERT INTO event (local_authority_id, position, id, kind, child_id, agency_id, occurred_at)
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many})
         SELECT e.local_authority_id, f.position + n.i, {id}, e.kind, e.child_id, {of_police}, e.occurred_at
         FROM {like} e JOIN feed f ON f.local_authority_id = e.local_authority_id CROSS JOIN n"
    );
    let place = format!(
        "UPDATE feed SET position = position + {many}
         WHERE local_authority_id = (SELECT e.local_authority_id FROM {like} e)"
    );
    let write = db.begin().await.unwrap();
    write.execute_unprepared(&rows).await.unwrap();
    write.execute_unprepared(&place).await.unwrap();
    write.commit().await.unwrap();
}

async fn set_reference(app: &App, n: u32) {
    let input = json!({"idempotencyKey": key(n), "childId": app.first_child("school_dsl").await, "reference": "R"});
    let query =
        "mutation($input: SetAgencyReferenceInput!) { it: setAgencyReference(input: $input) { userErrors { code } } }";
    let done = app.data("school_dsl", query, json!({"input": input})).await;
    assert_eq!(done["it"]["userErrors"], json!([]));
}

/// Who comes from long ago is read to in windows, however little of it is for that reader, and misses nothing.
async fn is_read_in_windows(app: App) {
    set_reference(&app, 1).await;
    let old = app.last_event("school_dsl").await.unwrap();
    plant(&app, 3000).await;
    set_reference(&app, 2).await;
    plant(&app, 3000).await;
    let pull = "query($after: String, $first: Int) { events(after: $after, first: $first) { nodes { cursor }
      pageInfo { hasNextPage } } }";
    let costs = async |after: &str, first: i32| {
        let before = app.statements.load(Ordering::SeqCst);
        let told = app.data("school_dsl", pull, json!({"after": after, "first": first})).await["events"].clone();
        (told, app.statements.load(Ordering::SeqCst) - before)
    };
    let (told_of, long) = costs(&old, 20).await;
    assert_eq!(told_of["nodes"].as_array().unwrap().len(), 1, "{told_of}");
    assert_eq!(told_of["pageInfo"]["hasNextPage"], false);
    let missed = told_of["nodes"][0]["cursor"].clone();
    set_reference(&app, 3).await;
    let newest = app.last_event("school_dsl").await.unwrap();
    let (nothing, short) = costs(&newest, 20).await;
    assert_eq!(nothing["nodes"], json!([]));
    assert!(long >= short + 3, "six thousand places in statements of two thousand: {long}, {short}");
    let (page, _) = costs(&old, 1).await;
    assert_eq!((&page["nodes"][0]["cursor"], &page["pageInfo"]["hasNextPage"]), (&missed, &json!(true)));

    let mut wire = listening(&app, "school_dsl", &json!(old)).await;
    assert_eq!(told(&mut wire).await["cursor"], missed);
    assert_eq!(told(&mut wire).await["cursor"], json!(newest));
    let resumed = told(&mut wire).await;
    assert_eq!((&resumed["outcome"], &resumed["replayed"]), (&json!("REPLAYED"), &json!(2)), "{resumed}");
    set_reference(&app, 4).await;
    let follows = told(&mut wire).await["cursor"].clone();
    assert_eq!(follows, json!(app.last_event("school_dsl").await.unwrap()), "what is new follows");
}

/// Sockets that do not say whose they are have places of their own: more are turned away before they are taken up.
async fn has_places_for_the_unnamed(app: App) {
    let endpoint = app.beside_as(HttpSettings { unnamed_connections: 3, ..http_settings() });
    let figures = async || crate::support::metrics(&endpoint.replace("/graphql", "/metrics")).await;
    let mut silent = Vec::new();
    for _ in 0..3 {
        silent.push(Wire::open(&endpoint).await.expect("a place"));
    }
    let more = reqwest::Client::new().get(&endpoint).header("connection", "upgrade").header("upgrade", "websocket");
    let more = more.header("sec-websocket-version", "13").header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    let refused = more.header("sec-websocket-protocol", "graphql-transport-ws").send().await.unwrap();
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (503, "1"));
    let said = figures().await;
    assert!(said.contains("\nquorate_connections_unnamed 3\n"), "{said}");
    assert!(said.contains("\nquorate_connections_refused_total 1\n"), "{said}");
    // who says it leaves its place to the next
    let init =
        json!({"type": "connection_init", "payload": {"Authorization": format!("Bearer {}", app.token("police"))}});
    silent[0].say(&init).await.unwrap();
    assert!(matches!(silent[0].next().await, Came::Message(message) if message["type"] == "connection_ack"));
    let mut named = Wire::of(&endpoint, &app.token("chair")).await.expect("a place is free");
    named.subscribe("1", FEED, &json!({})).await.unwrap();
    assert_eq!(told(&mut named).await["outcome"], "NOTHING_MISSED");
    // and so does who goes
    silent.truncate(1);
    for _ in 0..100 {
        if figures().await.contains("\nquorate_connections_unnamed 0\n") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("who left has its place still");
}

both!(a_window, super::is_read_in_windows);
both!(the_unnamed, super::has_places_for_the_unnamed);
both!(a_resumption, super::says_how_one_came_to_now);
both!(an_order, super::passes_over_nothing_that_is_ahead);
both!(an_event, super::concerns_few);
both!(a_name, super::asks_about_what_is_named);
both!(a_question, super::costs_those_concerned);
both!(a_figure, super::says_what_it_does);
both!(a_place, super::has_places);
both!(a_client, super::real_clients);
both!(a_server, super::reaches_other_servers);

/// The work that comes again and again is done by one server at a time, and goes on when that one is gone.
async fn one_does_the_work(engine: Engine) {
    let Some(app) = App::start(engine).await else { return };
    let (one, other) = (store(&app), store(&app));
    let both = tokio::join!(one.upkeep_if_free(), other.upkeep_if_free());
    let done = [both.0.unwrap(), both.1.unwrap()];
    if engine == Engine::Postgres {
        assert_eq!(done.iter().flatten().count(), 1, "{done:?}");
    }
    assert!(one.upkeep_if_free().await.unwrap().is_some() && other.upkeep_if_free().await.unwrap().is_some());
}

#[actix_web::test]
async fn work_on_sqlite() {
    one_does_the_work(Engine::Sqlite).await;
}

#[actix_web::test]
async fn work_on_postgres() {
    one_does_the_work(Engine::Postgres).await;
}
