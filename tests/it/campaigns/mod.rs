//! The feed under stress, over servers in processes of their own: writers and subscribers that come and go while a server is
//! killed, readers that stop reading, thousands of connections that come and go, frames that are none, and a stop under load.
//!
//! Each has a short form here and a long one by the environment: `QUORATE_FEED_EVENTS` (120; long 20,000) and
//! `QUORATE_FEED_LISTENERS` (18; long 50), `QUORATE_FEED_READERS` (20, of which a tenth stalls; long 200),
//! `QUORATE_FEED_CYCLES` (200; long 5,000) and `QUORATE_FEED_FRAMES` (2,000; long 200,000). See docs/feed.md.

mod exactly;
mod rough;
mod slow;
mod stopping;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use quorate::clock::Clock;
use rand::Rng as _;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::support::server::{Place, Server};
use crate::support::wire::{Came, Wire};
use crate::support::{Engine, key, setting};

pub const FEED: &str = "subscription($after: String) {
  feed(after: $after, kinds: [STRATEGY_MEETING_CALLED, AGENCY_REFERENCE_SET]) {
  __typename ... on FeedEvent { cursor kind strategyMeeting { id } } ... on FeedResumedEvent { outcome cursor } } }";

const CALL: &str = "mutation($input: CallStrategyMeetingInput!) { it: callStrategyMeeting(input: $input) {
  strategyMeeting { id } userErrors { field code } } }";

const SET: &str = "mutation($input: SetAgencyReferenceInput!) { it: setAgencyReference(input: $input) {
  child { id } userErrors { field code } } }";

/// Those who listen, in turn.
const READERS: [&str; 6] = ["police", "health_visitor", "school_dsl", "social_worker", "team_manager", "early_help"];
/// Those of them who are asked to every meeting.
const ASKED: [&str; 4] = ["police", "health_visitor", "social_worker", "team_manager"];

fn size(name: &str, short: u64) -> usize {
    usize::try_from(setting(name, short)).unwrap()
}

/// The servers of a campaign, and the tokens of those who ask: read once, as a server writes them anew when it starts.
#[derive(Clone)]
struct Sites {
    places: Vec<Arc<Place>>,
    tokens: Arc<BTreeMap<&'static str, String>>,
}

impl Sites {
    fn of(places: Vec<Arc<Place>>) -> Self {
        let tokens = READERS.iter().map(|persona| (*persona, places[0].token(persona))).collect();
        Self { places, tokens: Arc::new(tokens) }
    }

    /// Asks again until there is an answer: a server may be away for a while.
    async fn asked(&self, persona: &str, query: &str, variables: &Value) -> Value {
        let body = json!({"query": query, "variables": variables});
        for n in 0..600 {
            let place = &self.places[n % self.places.len()];
            if let Some((_, answer)) = place.ask(&self.tokens[persona], &body).await {
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

    /// A listener at one of the servers; `None` where it is away.
    async fn listener(&self, n: usize, persona: &str, after: &Value) -> Option<Wire> {
        let opened = async {
            let mut wire = Wire::of(&self.places[n].endpoint(), &self.tokens[persona]).await?;
            wire.subscribe("1", FEED, &json!({"after": after})).await?;
            Some(wire)
        };
        tokio::time::timeout(Duration::from_secs(5), opened).await.ok()?
    }

    /// The place of the feed before anything of the test.
    async fn beginning(&self) -> String {
        let mut wire = self.listener(0, "police", &Value::Null).await.unwrap();
        let Came::Message(message) = wire.next().await else { panic!("it is told how it came to now") };
        message["payload"]["data"]["feed"]["cursor"].as_str().unwrap().to_owned()
    }
}

/// Whom the writers write about, and whom they ask.
struct World {
    /// Those whom social worker and team manager both work with; the first is known to the agencies as well.
    children: Vec<Value>,
    agencies: BTreeMap<&'static str, Value>,
    /// When the meetings are to be.
    at: Value,
}

impl World {
    async fn of(sites: &Sites) -> Self {
        let query =
            "query($n: String!) { findChild(by: {nhsNumber: $n}) { id } agencies(first: 100) { nodes { id name } } }";
        let n = json!({"n": quorate::demo::first_nhs_number()});
        let data = sites.asked("social_worker", query, &n).await;
        let named = |name: &str| {
            let nodes = data["agencies"]["nodes"].as_array().unwrap();
            nodes.iter().find(|agency| agency["name"] == name).unwrap_or_else(|| panic!("no {name}"))["id"].clone()
        };
        let agencies = BTreeMap::from([
            ("police", named("Warwickshire Police")),
            ("health_visitor", named("Warwickshire Community Health Trust")),
            ("school_dsl", named("Warwickshire Oakfield Primary School")),
        ]);
        let mut children = vec![data["findChild"]["id"].clone()];
        let list = "{ children(first: 40) { nodes { id } } }";
        let managed = sites.asked("team_manager", list, &Value::Null).await;
        let managed = managed["children"]["nodes"].as_array().unwrap();
        let worked_with = sites.asked("social_worker", list, &Value::Null).await;
        let both = worked_with["children"]["nodes"].as_array().unwrap().iter().filter(|child| managed.contains(child));
        children.extend(both.map(|child| child["id"].clone()).filter(|child| *child != data["findChild"]["id"]));
        let at = json!(Clock::system().now() + chrono::Duration::hours(6));
        Self { children, agencies, at }
    }

    /// The `n`th thing that happens: who tells, how, and whom the meeting is told to.
    fn happening(&self, n: usize, random: &mut ChaCha8Rng) -> (&'static str, &'static str, Value) {
        let key = key(u32::try_from(n).unwrap());
        if n % 4 == 3 {
            let who = ["police", "health_visitor", "school_dsl"][random.random_range(0..3)];
            let input = json!({"idempotencyKey": key, "childId": self.children[0], "reference": format!("R-{n}")});
            return (who, SET, json!({"input": input}));
        }
        let child = &self.children[random.random_range(0..self.children.len())];
        let school = random.random_bool(0.3).then_some("school_dsl");
        let asked = ["police", "health_visitor"].into_iter().chain(school);
        let invitees: Vec<_> = asked.map(|who| json!({"agencyId": self.agencies[who]})).collect();
        let input = json!({"idempotencyKey": key, "childIds": [child], "reason": "An injury nobody explains.",
          "scheduledAt": self.at, "invitees": invitees});
        ("social_worker", CALL, json!({"input": input}))
    }
}

/// Servers over one database, and their processes.
async fn servers(engine: Engine, replicas: usize, children: u32) -> Option<(Sites, Vec<Server>)> {
    let first = Place::new(engine).await?;
    let mut servers = vec![first.start(children).await];
    let mut places = vec![Arc::new(first)];
    for _ in 1..replicas {
        let place = places[0].beside();
        servers.push(place.start(children).await);
        places.push(Arc::new(place));
    }
    Some((Sites::of(places), servers))
}

/// A count of a server's metrics.
pub async fn figure(place: &Place, name: &str) -> usize {
    let text = crate::support::metrics(&place.endpoint().replace("/graphql", "/metrics")).await;
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
