//! How a socket is ended that does not keep to graphql-transport-ws: each code of the protocol, by a client that breaks it.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use crate::campaigns::FEED;
use crate::support::Engine;
use crate::support::server::Place;
use crate::support::wire::{Came, Wire};

/// What the socket is ended with, after the messages before that.
async fn ended(mut wire: Wire) -> Option<u16> {
    loop {
        match tokio::time::timeout(Duration::from_secs(20), wire.next()).await.ok()? {
            Came::Message(_) => {}
            Came::Closed(code) => return Some(code),
            Came::Gone => return None,
        }
    }
}

#[actix_web::test]
async fn each_breach_has_its_code() {
    let Some(place) = Place::new(Engine::Sqlite).await else { return };
    let _server = place.start(40).await;
    let (endpoint, token) = (place.endpoint(), place.token("police"));
    let subscribe = json!({"id": "1", "type": "subscribe", "payload": {"query": FEED}});
    let again = json!({"type": "connection_init", "payload": {"Authorization": format!("Bearer {token}")}});
    let wrong = json!({"type": "connection_init", "payload": {"Authorization": "Bearer nobody"}});
    let nobody = json!({"type": "connection_init"});
    let mut unnamed = subscribe.clone();
    unnamed["id"] = "".into();
    // whether the socket was opened properly first, what is said then, and the code
    let cases = [
        (false, vec![subscribe.clone()], 4401),
        (false, vec![wrong], 4403),
        (false, vec![nobody], 4403),
        (true, vec![again.clone()], 4429),
        (true, vec![subscribe.clone(), subscribe.clone()], 4409),
        (true, vec![unnamed], 4400),
        (true, vec![json!({"type": "start"})], 4400),
        (true, vec![json!([1])], 4400),
        (true, vec![json!({"type": "ping", "payload": {"a": "x".repeat(2 << 20)}})], 1009),
    ];
    join_all(cases.into_iter().enumerate().map(|(n, (is_known, said, code))| {
        let (endpoint, token) = (&endpoint, &token);
        async move {
            let opened = if is_known { Wire::of(endpoint, token).await } else { Wire::open(endpoint).await };
            let mut wire = opened.expect("a socket");
            for message in said {
                let _ = wire.say(&message).await;
            }
            assert_eq!(ended(wire).await, Some(code), "case {n}");
        }
    }))
    .await;
    let mut binary = Wire::of(&endpoint, &token).await.unwrap();
    binary.frame(2, b"{}").await.unwrap();
    assert_eq!(ended(binary).await, Some(4400), "no text");
    // who never says who it is
    let began = Instant::now();
    assert_eq!(ended(Wire::open(&endpoint).await.unwrap()).await, Some(4408));
    assert!((Duration::from_secs(9)..Duration::from_secs(13)).contains(&began.elapsed()), "{:?}", began.elapsed());
    // the same id is free again once its operation is over, and others were not harmed
    let mut wire = Wire::of(&endpoint, &token).await.unwrap();
    for _ in 0..2 {
        wire.say(&subscribe).await.unwrap();
        assert!(matches!(wire.next().await, Came::Message(message) if message["type"] == "next"));
        wire.say(&json!({"id": "1", "type": "complete"})).await.unwrap();
    }
}
