//! Connections that come and go, and frames that are none.

use std::time::Duration;

use futures_util::future::join_all;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use super::{FEED, figure, size, until};
use crate::support::server::Place;
use crate::support::wire::{Came, Wire};
use crate::support::{Engine, setting};

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
        figure(&place, "quorate_connections ").await == 0 && figure(&place, "quorate_feed_listeners ").await == 0
    };
    until("quiet", quiet).await;
    let before = (server.files(), server.threads());
    for some in (0..cycles).collect::<Vec<_>>().chunks(20) {
        join_all(some.iter().map(|n| once(*n))).await;
    }
    until("quiet", quiet).await;
    // a connection of this test's own client may be kept open on either side
    until("the files of before", async || server.files() <= before.0 + 2).await;
    // one that waits for work on files goes when there is none
    assert!(server.threads() <= before.1, "{} threads, {} before", server.threads(), before.1);
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
    let senders = (0..8).map(|n| send_nonsense(&place, &token, frames / 8, seed + n));
    let sockets: usize = join_all(senders).await.into_iter().sum();
    let query = json!({"query": "{ viewer { posts } }"});
    let (_, answer) = place.ask(&token, &query).await.expect("it still answers");
    assert!(answer["data"]["viewer"]["posts"].is_array(), "{answer}");
    let said = place.said();
    assert!(!said.contains("panick"), "seed {seed}: {said}");
    eprintln!("seed {seed}: {frames} malformed frames on {sockets} sockets: no panic");
    server.ask_to_stop();
    assert!(server.ended(Duration::from_secs(15)).await.expect("it ends").success());
}

/// Sends so many, each once it is known what became of the one before; answers how many sockets that took.
async fn send_nonsense(place: &Place, token: &str, frames: usize, seed: u64) -> usize {
    let (mut sent, mut sockets) = (0, 0);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    while sent < frames {
        sockets += 1;
        let known = random.random_bool(0.7);
        let wire = if known { Wire::of(&place.endpoint(), token).await } else { Wire::open(&place.endpoint()).await };
        let mut wire = wire.unwrap_or_else(|| panic!("seed {seed}: a socket after {sent} frames"));
        for _ in 0..20 {
            sent += 1;
            if nonsense(&mut wire, &mut random).await.is_none() {
                break;
            }
            // it is closed, or told something, or waited for
            if let Ok(Came::Closed(_) | Came::Gone) = tokio::time::timeout(Duration::from_millis(2), wire.next()).await
            {
                break;
            }
        }
    }
    sockets
}

async fn nonsense(wire: &mut Wire, random: &mut ChaCha8Rng) -> Option<()> {
    let mut bytes = vec![0; random.random_range(0..200)];
    random.fill(&mut bytes[..]);
    let halves = [
        "{}",
        "[]",
        "null",
        "{\"type\":",
        "{\"type\":7}",
        "{\"type\":\"subscribe\"}",
        "{\"type\":\"subscribe\",\"id\":\"\"}",
        "{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":[]}",
        "{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":{\"query\":\"{\"}}",
        "{\"type\":\"complete\",\"id\":\"none\"}",
        "{\"type\":\"pong\"}",
        "{\"type\":\"ping\",\"payload\":{\"a\":[1]}}",
        "{\"type\":\"connection_init\",\"payload\":7}",
        "\"\\ud800\"",
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
