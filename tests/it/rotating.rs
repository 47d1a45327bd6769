//! A system that submits reports with the tokens of a real identity provider while the provider's keys change: a key that is
//! published is accepted all along, a withdrawn one ends, and what was taken back here ends at once.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use quorate::clock::Clock;
use serde_json::{Value, json};

use crate::identity::{Provider, behind, token_of};
use crate::jobs::report;
use crate::revocation::revoke;
use crate::storm::requests_like;
use crate::support::contents::{connect, number};
use crate::support::{App, Engine, key};

/// Those that submit at once.
const WORKERS: usize = 8;
const SUBMIT: &str = "mutation($input: SubmitConferenceReportInput!) { submitConferenceReport(input: $input) {
  conferenceReport { id } userErrors { field code } } }";

/// What a system does while the keys change: it submits reports for a named author, over and over.
struct Load<'a> {
    app: &'a App,
    issuer: String,
    author: Value,
    requests: Vec<String>,
    /// Since when a key is published, and whether it still is.
    keys: Mutex<HashMap<String, (DateTime<Utc>, bool)>>,
    /// The report of each request, once it is there.
    reports: Mutex<HashMap<usize, String>>,
    next: AtomicUsize,
    accepted: AtomicUsize,
    refused: AtomicUsize,
    over: AtomicBool,
}

impl<'a> Load<'a> {
    async fn new(app: &'a App, provider: &Provider) -> Self {
        let query = "{ viewer { practitioner { id } } reportRequests(status: OPEN, first: 1) { nodes { id } } }";
        let token = provider.token("health_visitor", "api:ES256").await;
        let (_, body) = app.post(&token, json!({"query": query}).to_string()).await;
        let one = body["data"]["reportRequests"]["nodes"][0]["id"].as_str().unwrap_or_else(|| panic!("none: {body}"));
        let load = Self {
            app,
            issuer: provider.issuer.clone(),
            author: body["data"]["viewer"]["practitioner"]["id"].clone(),
            requests: requests_like(app, one, 40).await,
            keys: Mutex::default(),
            reports: Mutex::default(),
            next: AtomicUsize::new(0),
            accepted: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
            over: AtomicBool::new(false),
        };
        assert_eq!(load.requests.len(), 40);
        load.published(provider.kids().await);
        load
    }

    fn published(&self, kids: Vec<String>) {
        let (mut keys, now) = (self.keys.lock().unwrap(), self.app.clock.now());
        for kid in kids {
            keys.entry(kid).or_insert((now, true));
        }
    }

    fn is_published(&self, kid: &str) -> bool {
        self.keys.lock().unwrap().get(kid).is_some_and(|(_, stands)| *stands)
    }

    /// True of a key that is published for so long that nobody needs to have read the keys just before.
    fn is_settled(&self, kid: &str) -> bool {
        let now = self.app.clock.now();
        self.keys.lock().unwrap().get(kid).is_some_and(|(since, stands)| *stands && now - *since > Duration::minutes(1))
    }

    fn input(&self, n: usize) -> String {
        let mut variables = report(&self.requests[n], &key(u32::try_from(n).unwrap()));
        variables["input"]["authorId"] = self.author.clone();
        // the provider's clock is the machine's, whatever its year
        variables["input"].as_object_mut().unwrap().remove("sharedWithFamilyOn");
        json!({"query": SUBMIT, "variables": variables}).to_string()
    }

    /// One that submits: with a fresh token each time, or with one that it holds until it is refused.
    async fn work(&self, holds: bool, algorithm: &str) {
        let mut held: Option<String> = None;
        while !self.over.load(Ordering::SeqCst) {
            let n = self.next.fetch_add(1, Ordering::SeqCst) % self.requests.len();
            let token = match held.take() {
                Some(token) => token,
                None => token_of(&self.issuer, "agency_system", &format!("api:{algorithm}")).await,
            };
            let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
            let was_settled = self.is_settled(&kid);
            let (status, answer) = self.app.post(&token, self.input(n)).await;
            if status == 401 {
                assert!(!was_settled || !self.is_published(&kid), "refused, though {kid} is published: {answer}");
                self.refused.fetch_add(1, Ordering::SeqCst);
                continue;
            }
            let id = answer["data"]["submitConferenceReport"]["conferenceReport"]["id"].as_str();
            let id = id.unwrap_or_else(|| panic!("{status} {answer}")).to_owned();
            assert_eq!(self.reports.lock().unwrap().entry(n).or_insert_with(|| id.clone()), &id, "once, and the same");
            self.accepted.fetch_add(1, Ordering::SeqCst);
            held = holds.then_some(token);
        }
    }

    /// Waits until so many more were accepted.
    async fn goes_on(&self, what: &str) {
        let until = self.accepted.load(Ordering::SeqCst) + 2 * WORKERS;
        for _ in 0..6000 {
            if self.accepted.load(Ordering::SeqCst) >= until {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("nothing is accepted any more: {what}");
    }
}

/// Rotates and withdraws keys while reports come in: a key that is published is accepted all along, whoever has a token of it.
async fn change_keys(load: &Load<'_>, provider: &mut Provider) {
    load.goes_on("before").await;
    for round in 0..3 {
        let before = provider.kids().await;
        let old = provider.token("agency_system", "api:ES256").await;
        provider.order("rotate").await;
        load.published(provider.kids().await);
        load.app.clock.advance(Duration::seconds(61));
        load.goes_on(&format!("rotation {round}")).await;
        assert_eq!(load.app.post(&old, load.input(0)).await.0, 200, "the former key is published still");
        for kid in &before {
            load.keys.lock().unwrap().get_mut(kid).unwrap().1 = false;
        }
        provider.order("withdraw").await;
        load.goes_on(&format!("withdrawal {round}")).await;
        load.app.clock.advance(Duration::minutes(15));
        load.goes_on(&format!("a quarter of an hour after withdrawal {round}")).await;
        assert_eq!(load.app.post(&old, load.input(0)).await.0, 401, "a withdrawn key ends");
    }
    load.over.store(true, Ordering::SeqCst);
}

async fn its_keys_rotate_under_load(engine: Engine) {
    let Some((app, mut provider)) = behind(engine).await else { return };
    let load = Load::new(&app, &provider).await;
    let workers = (0..WORKERS).map(|n| load.work(n % 2 == 0, ["ES256", "RS256", "EdDSA"][n % 3]));
    tokio::join!(futures_util::future::join_all(workers), change_keys(&load, &mut provider));
    // those that held a token of a withdrawn key were refused once each time; nothing got lost by that
    assert!(load.refused.load(Ordering::SeqCst) >= WORKERS / 2, "withdrawn keys were used");
    let reports = load.reports.lock().unwrap().len();
    assert!(reports >= WORKERS, "{reports} reports");
    let there = "SELECT count(*) FROM conference_report r JOIN idempotency i ON i.result_id = r.id";
    assert_eq!(number(&connect(&app.url).await, there).await, i64::try_from(reports).unwrap(), "each once");
    // read when a key was not known or its time was over, not for each of all these tokens
    let read = provider.node.count("jwks");
    assert!(read < 20, "the keys were read {read} times");
}

/// What a provider has given can be taken back here, token by token and person by person.
async fn its_tokens_are_taken_back(engine: Engine) {
    let Some((app, provider)) = behind(engine).await else { return };
    let load = Load::new(&app, &provider).await;
    let token = async || provider.token("agency_system", "api:ES256").await;
    let (first, second) = (token().await, token().await);
    let claims = |token: &str| {
        let part = token.split('.').nth(1).unwrap();
        serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    assert_eq!((app.post(&first, load.input(0)).await.0, app.post(&second, load.input(1)).await.0), (200, 200));
    assert!(revoke(&app, &["--jti", claims(&first)["jti"].as_str().unwrap()]));
    assert_eq!(app.post(&first, load.input(2)).await.0, 401, "taken back");
    assert_eq!(app.post(&second, load.input(2)).await.0, 200, "another token of the same system");
    // issued before a second that has begun since
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let before = Clock::system().now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    assert!(revoke(&app, &["--person", claims(&second)["sub"].as_str().unwrap(), "--before", &before]));
    assert_eq!(app.post(&second, load.input(3)).await.0, 401, "all that the system had");
    assert_eq!(app.post(&token().await, load.input(3)).await.0, 200, "what it is given afterwards");
}

#[actix_web::test]
async fn rotation_under_load_on_sqlite() {
    its_keys_rotate_under_load(Engine::Sqlite).await;
}

#[actix_web::test]
async fn rotation_under_load_on_postgres() {
    its_keys_rotate_under_load(Engine::Postgres).await;
}

#[actix_web::test]
async fn taken_back_on_sqlite() {
    its_tokens_are_taken_back(Engine::Sqlite).await;
}

#[actix_web::test]
async fn taken_back_on_postgres() {
    its_tokens_are_taken_back(Engine::Postgres).await;
}
