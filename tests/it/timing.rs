//! What may not be seen and what does not exist are answered alike: with the same bytes, by the same statements, in the
//! same time.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::json;
use uuid::Uuid;

use crate::jobs::call_meeting;
use crate::support::plant::ids;
use crate::support::sweep::global;
use crate::support::{App, contents, key};

/// Root fields that answer by an id, the kind of the id, and the table it is of.
const FIELDS: [(&str, &str, &str); 6] = [
    ("child", "Child", "child"),
    ("conference", "Conference", "conference"),
    ("strategyMeeting", "StrategyMeeting", "strategy_meeting"),
    ("conferenceReport", "ConferenceReport", "conference_report"),
    ("node", "Household", "household"),
    ("node", "Plan", "plan"),
];

const SAMPLES: usize = 200;

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

async fn unseen_and_absent_are_alike(app: App) {
    call_meeting(&app, &key(1)).await;
    let db = contents::connect(&app.url).await;
    // works with few children: nearly every row is hidden from it
    let persona = "police_elsewhere";
    let token = app.token(persona);
    for (field, ty, table) in FIELDS {
        let query = format!("query($id: ID!) {{ {field}(id: $id) {{ id }} }}");
        let ask = async |id: Uuid| {
            let body = json!({"query": query, "variables": {"id": global(ty, id)}}).to_string();
            let (statements, asked) = (app.statements.load(Ordering::SeqCst), Instant::now());
            let (_, answer) = app.exchange(&token, &[], body).await;
            let statements = app.statements.load(Ordering::SeqCst) - statements;
            (asked.elapsed(), statements, answer)
        };
        let mut hidden = Vec::new();
        for id in ids(&db, table).await {
            let answer = app.ask(persona, &query, json!({"id": global(ty, id)})).await;
            if answer["errors"][0]["extensions"]["code"] == "NOT_FOUND" {
                hidden.push(id);
            }
        }
        assert!(!hidden.is_empty(), "no {ty} is hidden");
        let (mut unseen, mut absent) = (Vec::new(), Vec::new());
        for n in 0..SAMPLES {
            let (one, other) = (hidden[n % hidden.len()], Uuid::from_u128(rand::random()));
            // one first, then the other: whatever else the machine does meets both
            let (one, other) = if n % 2 == 0 {
                let one = ask(one).await;
                (one, ask(other).await)
            } else {
                let other = ask(other).await;
                (ask(one).await, other)
            };
            assert_eq!((&one.1, &one.2), (&other.1, &other.2), "{field} {ty}: statements and bytes");
            unseen.push(one.0);
            absent.push(other.0);
        }
        let (unseen, absent) = (median(unseen), median(absent));
        eprintln!("{field} {ty}: unseen {unseen:?}, absent {absent:?}");
        assert!(
            unseen.abs_diff(absent) < Duration::from_millis(5),
            "{field} {ty}: unseen {unseen:?}, absent {absent:?}"
        );
    }
}

both!(by_id, super::unseen_and_absent_are_alike);
