//! The real server on a free port over a database of the test's own, with the demo's data and personas.

pub mod contents;
pub mod node;
pub mod server;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Utc};
use quorate::app::Quorate;
use quorate::auth::{AuthSettings, Claims, KeySource, Signer, default_audience, default_leeway, default_lifetime};
use quorate::clock::Clock;
use quorate::demo::{self, DemoSettings, Persona};
use quorate::graphql::limits::DocumentLimits;
use quorate::http::HttpSettings;
use quorate::store::{Database, StoreSettings};
use serde_json::{Value, json};

/// The two engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// Runs a test on both engines: `both!(name, |app| { … })`.
#[macro_export]
macro_rules! both {
    ($name:ident, $run:path) => {
        mod $name {
            #[actix_web::test]
            async fn on_sqlite() {
                if let Some(app) = $crate::support::App::start($crate::support::Engine::Sqlite).await {
                    $run(app).await;
                }
            }
            #[actix_web::test]
            async fn on_postgres() {
                if let Some(app) = $crate::support::App::start($crate::support::Engine::Postgres).await {
                    $run(app).await;
                }
            }
        }
    };
}

/// A running server.
pub struct App {
    pub endpoint: String,
    pub clock: Clock,
    pub statements: Arc<AtomicUsize>,
    /// Where its data is, for a connection beside the server's.
    pub url: String,
    /// The private key its tokens are signed with, for forgeries.
    pub key: Vec<u8>,
    signer: Signer,
    personas: HashMap<&'static str, Persona>,
    http: reqwest::Client,
    handle: actix_web::dev::ServerHandle,
    file: Option<PathBuf>,
}

/// A database of the test's own; `None` where the engine is not there.
pub async fn database(engine: Engine) -> Option<(String, Option<PathBuf>)> {
    let name = format!("quorate_test_{}", Clock::system().new_id().simple());
    match engine {
        Engine::Sqlite => {
            let file = std::env::temp_dir().join(format!("{name}.db"));
            Some((format!("sqlite://{}", file.display()), Some(file)))
        }
        Engine::Postgres => {
            use sea_orm::ConnectionTrait as _;
            #[expect(clippy::disallowed_methods, reason = "where the test's server is")]
            let Ok(server) = std::env::var("QUORATE_TEST_POSTGRES") else {
                assert!(std::env::var_os("CI").is_none(), "CI runs on both databases: use ./scripts/test");
                eprintln!("skipped on PostgreSQL: run ./scripts/test");
                return None;
            };
            #[expect(clippy::disallowed_methods, reason = "to make the test's own database")]
            let admin = sea_orm::Database::connect(&server).await.unwrap();
            admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
            let base = server.rsplit_once('/').unwrap().0.to_owned();
            Some((format!("{base}/{name}"), None))
        }
    }
}

pub async fn open(url: &str) -> Database {
    let settings = StoreSettings { url: url.to_owned().into(), max_connections: 8 };
    Database::open(&settings).await.unwrap()
}

/// A signer and its private key.
fn signer() -> (Signer, Vec<u8>) {
    let file = std::env::temp_dir().join(format!("quorate_test_{}.key", Clock::system().new_id().simple()));
    let signer = Signer::load_or_create(&file).unwrap();
    let key = std::fs::read(&file).unwrap();
    std::fs::remove_file(file).unwrap();
    (signer, key)
}

impl App {
    pub async fn start(engine: Engine) -> Option<Self> {
        let at = "2026-11-24T09:00:00Z".parse::<DateTime<Utc>>().unwrap();
        Self::start_at(engine, at, |_| {}).await
    }

    /// Starts at an instant, with other settings of identity.
    pub async fn start_at(engine: Engine, at: DateTime<Utc>, change: impl FnOnce(&mut AuthSettings)) -> Option<Self> {
        let (url, file) = database(engine).await?;
        let clock = Clock::fixed(at);
        let mut database = open(&url).await;
        database.migrate().await.unwrap();
        let settings = DemoSettings { children: 60, seed: 7 };
        demo::prepare(&database, &settings, clock.now(), &|_| {}).await.unwrap();
        let statements = Arc::new(AtomicUsize::new(0));
        let counter = statements.clone();
        database.on_statement(move || {
            counter.fetch_add(1, Ordering::SeqCst);
        });
        let (signer, key) = signer();
        let mut auth = AuthSettings {
            issuer: "https://issuer.example".into(),
            audience: default_audience(),
            keys: KeySource::Set(signer.jwks().unwrap()),
            leeway_seconds: default_leeway(),
            max_lifetime_seconds: default_lifetime(),
        };
        change(&mut auth);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}/graphql", listener.local_addr().unwrap());
        let api = Quorate::new(database, clock.clone(), DocumentLimits::default()).unwrap();
        let server = api.serve(listener, auth, HttpSettings { workers: 1, ..HttpSettings::default() }).unwrap();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        let personas = demo::personas().into_iter().map(|p| (p.key, p)).collect();
        let http = reqwest::Client::new();
        Some(Self { endpoint, clock, statements, url, key, signer, personas, http, handle, file })
    }

    pub fn claims(&self, persona: &str) -> Claims {
        let persona = &self.personas[persona];
        let now = self.clock.now().timestamp();
        Claims {
            iss: "https://issuer.example".into(),
            aud: default_audience(),
            sub: persona.practitioner.0,
            exp: now + 900,
            nbf: None,
            iat: now,
            jti: "1".into(),
            sid: None,
            agency_id: persona.agency_id.0,
            roles: vec![persona.post.word()],
            act: None,
            acr: None,
            scope: persona.scope.into(),
        }
    }

    pub fn token(&self, persona: &str) -> String {
        self.sign(&self.claims(persona))
    }

    pub fn sign(&self, claims: &Claims) -> String {
        self.signer.sign(claims).unwrap()
    }

    /// The whole answer to an operation.
    pub async fn ask(&self, persona: &str, query: &str, variables: Value) -> Value {
        let (_, body) =
            self.post(&self.token(persona), json!({"query": query, "variables": variables}).to_string()).await;
        body
    }

    /// The data of an operation that must not fail.
    pub async fn data(&self, persona: &str, query: &str, variables: Value) -> Value {
        let body = self.ask(persona, query, variables).await;
        assert!(body.get("errors").is_none(), "{persona}: {body}");
        body["data"].clone()
    }

    /// Status and body of a raw request.
    pub async fn post(&self, token: &str, body: String) -> (u16, Value) {
        let request = self.http.post(&self.endpoint).bearer_auth(token).header("content-type", "application/json");
        let answer = request.header("accept", "application/graphql-response+json").body(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// The first error code of an operation that must fail.
    pub async fn code(&self, persona: &str, query: &str, variables: Value) -> String {
        let body = self.ask(persona, query, variables).await;
        body["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("no error: {body}")).to_owned()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(file) = &self.file {
            for suffix in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
            }
        }
    }
}
