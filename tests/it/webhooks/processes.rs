//! Servers in processes of their own: one is killed while it sends, two send from one database.

use std::time::{Duration, Instant};

use quorate::demo;
use serde_json::{Value, json};

use crate::support::contents::{connect, number, texts};
use crate::support::receiver::{Message, Receiver};
use crate::support::server::Place;
use crate::support::{Engine, key};

async fn data(place: &Place, query: &str, variables: Value) -> Value {
    data_of(place, "school_dsl", query, variables).await
}

async fn data_of(place: &Place, persona: &str, query: &str, variables: Value) -> Value {
    let (_, body) = place.ask(&place.token(persona), &json!({"query": query, "variables": variables})).await.unwrap();
    assert!(body.get("errors").is_none(), "{body}");
    body["data"].clone()
}

/// Registers a webhook of the school; the cursor from which on it is sent what happens.
async fn register(place: &Place, receiver: &Receiver) -> Value {
    let query = "mutation($input: RegisterWebhookInput!) { it: registerWebhook(input: $input) {
      webhook { cursor } userErrors { code } } }";
    let input = json!({"idempotencyKey": key(1), "url": receiver.url()});
    data(place, query, json!({"input": input})).await["it"]["webhook"]["cursor"].clone()
}

pub async fn happen(place: &Place, child: &Value, n: u32) {
    happen_of(place, "school_dsl", child, n).await;
}

async fn happen_of(place: &Place, persona: &str, child: &Value, n: u32) {
    let query =
        "mutation($input: SetAgencyReferenceInput!) { it: setAgencyReference(input: $input) { userErrors { code } } }";
    let input = json!({"idempotencyKey": key(n), "childId": child, "reference": format!("R{n}")});
    assert_eq!(data_of(place, persona, query, json!({"input": input})).await["it"]["userErrors"], json!([]));
}

pub async fn first_child(place: &Place) -> Value {
    let query = "query($n: String!) { findChild(by: {nhsNumber: $n}) { id } }";
    data(place, query, json!({"n": demo::first_nhs_number()})).await["findChild"]["id"].clone()
}

pub async fn feed(place: &Place, after: &Value) -> Vec<String> {
    let query = "query($after: String) { events(first: 100, after: $after) { nodes { cursor } } }";
    let nodes = data(place, query, json!({"after": after})).await["events"]["nodes"].as_array().unwrap().clone();
    nodes.iter().map(|node| node["cursor"].as_str().unwrap().to_owned()).collect()
}

/// Waits until something holds, half a minute at the most.
pub async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn what_was_being_sent_is_sent_again(engine: Engine) {
    let Some(place) = Place::new(engine).await else { return };
    let server = place.start_as(60, &["--webhooks"]).await;
    let receiver = Receiver::start();
    let (start, child) = (register(&place, &receiver).await, first_child(&place).await);
    receiver.takes(Duration::from_secs(5));
    for n in 10..13 {
        happen(&place, &child, n).await;
    }
    until("it is sent", async || receiver.begun() > 0).await;
    server.kill();
    receiver.takes(Duration::ZERO);
    let _again = place.start_as(60, &["--webhooks"]).await;
    // the lease of the one that died is over
    let clock = place.endpoint().replace("/graphql", "/sandbox/clock");
    let moved = reqwest::Client::new().post(clock).bearer_auth(place.operator()).json(&json!({"forward": "1 hour"}));
    assert!(moved.send().await.unwrap().status().is_success());
    let feed = feed(&place, &start).await;
    let mut all: Vec<Message> = Vec::new();
    let begun = Instant::now();
    while all.last().is_none_or(|message| Some(&message.cursor()) != feed.last()) {
        assert!(begun.elapsed() < Duration::from_secs(30), "{all:?}");
        all.extend(receiver.take());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(all.windows(2).all(|two| (two[0].id == two[1].id) == (two[0].cursor() == two[1].cursor())));
    let mut told: Vec<_> = all.iter().map(Message::cursor).collect();
    told.dedup();
    assert_eq!(told, feed, "in order, and nothing is passed over");
}

#[actix_web::test]
async fn killed_on_sqlite() {
    what_was_being_sent_is_sent_again(Engine::Sqlite).await;
}

#[actix_web::test]
async fn killed_on_postgres() {
    what_was_being_sent_is_sent_again(Engine::Postgres).await;
}

/// Asked to stop while it sends, a server begins nothing more, and writes down what becomes of what is under way: the receiver
/// and the log say the same.
async fn a_stop_waits_for_what_is_being_sent(engine: Engine) {
    let Some(place) = Place::new(engine).await else { return };
    let mut server = place.start_as(60, &["--webhooks"]).await;
    let receiver = Receiver::start();
    let (start, child) = (register(&place, &receiver).await, first_child(&place).await);
    receiver.takes(Duration::from_secs(6));
    for n in 10..13 {
        happen(&place, &child, n).await;
    }
    until("it is sent", async || receiver.begun() > 0).await;
    let asked = Instant::now();
    server.ask_to_stop();
    let status = server.ended(Duration::from_secs(15)).await.expect("it ends in time");
    eprintln!("it ended {:?} after it was asked to", asked.elapsed());
    assert_eq!(status.code(), Some(0));
    let mut told: Vec<_> = receiver.take().iter().map(Message::cursor).collect();
    assert_eq!((receiver.begun(), told.len()), (1, 1), "what was under way is taken, and nothing else is begun");
    let db = connect(&place.url).await;
    assert_eq!(texts(&db, "SELECT state FROM webhook_delivery").await, ["DELIVERED"]);
    assert_eq!(number(&db, "SELECT count(*) FROM webhook WHERE lease IS NOT NULL").await, 0, "nobody waits for it");
    receiver.takes(Duration::ZERO);
    let _again = place.start_as(60, &["--webhooks"]).await;
    until("all is sent", async || receiver.begun() >= 3).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    told.extend(receiver.take().iter().map(Message::cursor));
    assert_eq!(told, feed(&place, &start).await, "in order, each once");
}

#[actix_web::test]
async fn stopped_on_sqlite() {
    a_stop_waits_for_what_is_being_sent(Engine::Sqlite).await;
}

#[actix_web::test]
async fn stopped_on_postgres() {
    a_stop_waits_for_what_is_being_sent(Engine::Postgres).await;
}

/// A receiver that never answers holds no stop up: that it did not is written down, and nobody waits for a lease.
#[actix_web::test]
async fn stopped_while_nobody_answers() {
    let Some(place) = Place::new(Engine::Sqlite).await else { return };
    let mut server = place.start_as(60, &["--webhooks"]).await;
    let receiver = Receiver::start();
    register(&place, &receiver).await;
    receiver.takes(Duration::from_mins(1));
    happen(&place, &first_child(&place).await, 10).await;
    until("it is sent", async || receiver.begun() > 0).await;
    server.ask_to_stop();
    assert_eq!(server.ended(Duration::from_secs(15)).await.expect("it ends in time").code(), Some(0));
    let db = connect(&place.url).await;
    assert_eq!(texts(&db, "SELECT state || ' ' || failure FROM webhook_delivery").await, ["RETRYING TIMEOUT"]);
    assert_eq!(number(&db, "SELECT count(*) FROM webhook WHERE lease IS NOT NULL").await, 0);
}

/// How long it takes from the answer of who told until a webhook is sent it, among what is not for it.
async fn it_is_sent_at_once(engine: Engine) {
    let Some(place) = Place::new(engine).await else { return };
    let _server = place.start_as(60, &["--webhooks"]).await;
    let receiver = Receiver::start();
    register(&place, &receiver).await;
    let child = first_child(&place).await;
    let mut took = Vec::new();
    for n in 0..20 {
        // of the police alone: the webhook is looked at, and rests
        happen_of(&place, "police", &child, 100 + n).await;
        tokio::time::sleep(Duration::from_millis(50 * u64::from(n % 5))).await;
        happen(&place, &child, 200 + n).await;
        let begun = Instant::now();
        until("it is sent", async || !receiver.take().is_empty()).await;
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    eprintln!("{engine:?}: sent within {:?}, half of them {:?}", took[19], took[10]);
    assert!(took[10] < Duration::from_millis(500), "{took:?}");
}

#[actix_web::test]
async fn at_once_on_sqlite() {
    it_is_sent_at_once(Engine::Sqlite).await;
}

#[actix_web::test]
async fn at_once_on_postgres() {
    it_is_sent_at_once(Engine::Postgres).await;
}

#[actix_web::test]
async fn two_send_from_one_database() {
    let Some(place) = Place::new(Engine::Postgres).await else { return };
    let _one = place.start_as(60, &["--webhooks"]).await;
    let other = place.beside();
    let _other = other.start_as(60, &["--webhooks"]).await;
    let receiver = Receiver::start();
    let (start, child) = (register(&place, &receiver).await, first_child(&place).await);
    receiver.takes(Duration::from_millis(10));
    for n in 10..30 {
        happen(if n % 2 == 0 { &place } else { &other }, &child, n).await;
    }
    let feed = feed(&place, &start).await;
    assert!(feed.len() >= 20);
    until("all is sent", async || receiver.begun() >= feed.len()).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let told: Vec<_> = receiver.take().iter().map(Message::cursor).collect();
    assert_eq!(told, feed, "in order, each once, whoever sends");
    assert_eq!(receiver.most_at_once(), 1);
}
