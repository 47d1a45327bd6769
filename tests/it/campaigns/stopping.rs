//! A server that is asked to stop under load.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{READERS, Sites, World, until};
use crate::support::Engine;
use crate::support::contents::{connect, number};
use crate::support::server::{Place, Server};
use crate::support::wire::Came;

/// Asked to stop under load it is not ready from that moment on, tells the sockets, and loses nothing it has answered.
async fn it_stops_under_load(engine: Engine) {
    let Some(place) = Place::new(engine).await else { return };
    let place = Arc::new(place);
    let mut server = place.start(40).await;
    let sites = Sites::of(vec![place.clone()]);
    let world = Arc::new(World::of(&sites).await);
    let mut sockets = Vec::new();
    for n in 0..20 {
        let mut wire = sites.listener(0, READERS[n % READERS.len()], &Value::Null).await.unwrap();
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
            let (place, sites, world, answered) = (place.clone(), sites.clone(), world.clone(), answered.clone());
            tokio::spawn(async move {
                for n in (writer..).step_by(8) {
                    let mut random = ChaCha8Rng::seed_from_u64(n as u64);
                    let (who, query, variables) = world.happening(n * 4, &mut random);
                    let body = json!({"query": query, "variables": variables});
                    let Some((_, answer)) = place.ask(&sites.tokens[who], &body).await else { return };
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
    eprintln!(
        "it ended {:?} after it was asked to, with {} writes answered",
        asked_at.elapsed(),
        answered.load(Ordering::SeqCst)
    );
    for writer in writers {
        writer.await.unwrap();
    }
    let _again: Server = place.start(40).await;
    let db = connect(&place.url).await;
    let kept = "SELECT count(*) FROM event e JOIN idempotency i ON i.result_id = e.strategy_meeting_id";
    let kept = number(&db, kept).await;
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
async fn on_sqlite() {
    it_stops_under_load(Engine::Sqlite).await;
}

#[actix_web::test]
async fn on_postgres() {
    it_stops_under_load(Engine::Postgres).await;
}
