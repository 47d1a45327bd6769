//! The client `graphql-ws` as people use it, which comes back by itself: after a restart, where it read too slowly, and with a
//! new token where the old one was taken back. It goes on from its last cursor and misses nothing.

use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::campaigns::figure;
use crate::support::Engine;
use crate::support::node::Node;
use crate::support::server::Place;
use crate::webhooks::processes::{feed, first_child, happen, until};

/// How long it may take to come back: it waits longer before each try.
const BACK: Duration = Duration::from_secs(30);

/// A client of the school, with the token that it reads from a file; and the cursor from which on it listens.
async fn client(place: &Place, token: &str) -> Option<(Node, Value)> {
    give(place, token);
    let file = place.folder.join("client.token");
    let node = Node::start("returning.mjs", &[&place.endpoint().replace("http", "ws"), file.to_str().unwrap()])?;
    assert_eq!(node.next_within("connected", BACK).await.expect("a connection")["again"], false);
    let resumed = node.next_within("resumed", BACK).await.expect("it listens");
    assert_eq!(resumed["outcome"], "NOTHING_MISSED");
    Some((node, resumed["cursor"].clone()))
}

/// Has the client come with this token from now on.
fn give(place: &Place, token: &str) {
    std::fs::write(place.folder.join("client.token"), token).unwrap();
}

/// A token of its own, as a demo signs them.
fn token(place: &Place) -> String {
    let mut sign = Command::new(env!("CARGO_BIN_EXE_quorate"));
    sign.args(["token", "school_dsl", "--key"]).arg(place.folder.join("signing.key"));
    String::from_utf8(sign.output().unwrap().stdout).unwrap().trim().to_owned()
}

async fn cursor(node: &Node, why: &str) -> Value {
    node.next_within("event", BACK).await.unwrap_or_else(|| panic!("{why}"))["cursor"].clone()
}

/// It was closed so, came back by itself, and was told this many that it had missed; what it was told.
async fn came_back(node: &Node, (code, missed): (u16, usize)) -> Vec<Value> {
    assert_eq!(node.next_within("closed", BACK).await.expect("it is closed")["code"], code);
    assert_eq!(node.next_within("connected", BACK).await.expect("it comes back")["again"], true);
    let mut told = Vec::new();
    for _ in 0..missed {
        told.push(cursor(node, "it is told what it had missed").await);
    }
    let resumed = node.next_within("resumed", BACK).await.expect("it is told how it came to now");
    assert_eq!((&resumed["outcome"], &resumed["replayed"]), (&json!("REPLAYED"), &json!(missed)));
    told
}

/// The client was closed by a code and comes back by itself: what it hears then goes on where it was, to the newest.
async fn misses_nothing(
    (place, child): (&Place, &Value),
    node: &Node,
    (mut told, start): (Vec<Value>, &Value),
    code: u16,
) {
    told.extend(came_back(node, (code, 1)).await);
    happen(place, child, 4).await;
    told.push(cursor(node, "it hears on").await);
    assert_eq!(told, feed(place, start).await, "each once, in order");
    assert_eq!((node.count("event"), node.count("ended")), (0, 0));
}

async fn after_a_restart(engine: Engine) {
    let Some(place) = Place::new(engine).await else { return };
    let mut server = place.start(40).await;
    let child = first_child(&place).await;
    let Some((node, start)) = client(&place, &place.token("school_dsl")).await else { return };
    happen(&place, &child, 2).await;
    let told = vec![cursor(&node, "it hears").await];
    server.ask_to_stop();
    assert_eq!(server.ended(Duration::from_secs(15)).await.expect("it ends").code(), Some(0));
    let _again = place.start(40).await;
    // the client waits for a second and more before it comes back
    happen(&place, &child, 3).await;
    misses_nothing((&place, &child), &node, (told, &start), 1012).await;
}

#[actix_web::test]
async fn after_a_restart_on_sqlite() {
    after_a_restart(Engine::Sqlite).await;
}

#[actix_web::test]
async fn after_a_restart_on_postgres() {
    after_a_restart(Engine::Postgres).await;
}

#[actix_web::test]
async fn after_it_was_too_slow() {
    let Some(place) = Place::new(Engine::Sqlite).await else { return };
    let _server = place.start(40).await;
    let child = first_child(&place).await;
    let Some((mut node, start)) = client(&place, &place.token("school_dsl")).await else { return };
    node.say("pause");
    // the program has read it by then
    tokio::time::sleep(Duration::from_millis(500)).await;
    happen(&place, &child, 2).await;
    until("it is given up", async || figure(&place, "quorate_slow_readers_total").await == 1).await;
    happen(&place, &child, 3).await;
    node.say("resume");
    let told = vec![cursor(&node, "it reads what was written").await];
    misses_nothing((&place, &child), &node, (told, &start), 1013).await;
}

async fn with_a_new_token(engine: Engine) {
    let Some(place) = Place::new(engine).await else { return };
    let _server = place.start(40).await;
    let child = first_child(&place).await;
    let old = token(&place);
    let Some((node, start)) = client(&place, &old).await else { return };
    happen(&place, &child, 2).await;
    let told = vec![cursor(&node, "it hears").await];
    give(&place, &token(&place));
    let claims = URL_SAFE_NO_PAD.decode(old.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    let mut revoke = Command::new(env!("CARGO_BIN_EXE_quorate"));
    revoke.args(["revoke", "--database-url", &place.url, "--jti", claims["jti"].as_str().unwrap()]);
    assert!(revoke.output().unwrap().status.success());
    until("nobody listens", async || figure(&place, "quorate_feed_listeners ").await == 0).await;
    happen(&place, &child, 3).await;
    misses_nothing((&place, &child), &node, (told, &start), 4403).await;
}

#[actix_web::test]
async fn with_a_new_token_on_sqlite() {
    with_a_new_token(Engine::Sqlite).await;
}

#[actix_web::test]
async fn with_a_new_token_on_postgres() {
    with_a_new_token(Engine::Postgres).await;
}

/// Its pings are answered, and where it says that a subscription is over the server ends it.
#[actix_web::test]
async fn it_is_answered_and_taken_at_its_word() {
    let Some(place) = Place::new(Engine::Sqlite).await else { return };
    let _server = place.start(40).await;
    let Some((mut node, _)) = client(&place, &place.token("school_dsl")).await else { return };
    for _ in 0..3 {
        assert!(node.next("pong").await.is_some(), "a ping is answered");
    }
    let figures =
        async || (figure(&place, "quorate_feed_listeners ").await, figure(&place, "quorate_connections ").await);
    assert_eq!(figures().await, (1, 1));
    node.say("complete");
    until("the subscription ends", async || figures().await == (0, 1)).await;
    happen(&place, &first_child(&place).await, 1).await;
    assert!(node.next("pong").await.is_some(), "the connection goes on");
    assert_eq!((node.count("event"), node.count("closed")), (0, 0));
}
