//! The real server on a free port over a database of the test's own, with the demo's data and personas.

mod alleged;
pub mod contents;
pub mod expected;
pub mod files;
pub mod followed;
pub mod hooked;
mod listed;
pub mod node;
pub mod pages;
pub mod plant;
pub mod process;
pub mod receiver;
pub mod samples;
pub mod server;
mod shared;
pub mod stage;
pub mod sweep;
pub mod table;
pub mod told;
pub mod tries;
pub mod walk;
pub mod wire;
pub mod worlds;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Utc};
use entity::appointment::Post;
use entity::id::{AgencyId, PractitionerId};
use quorate::app::Quorate;
use quorate::auth::{
    AuthSettings, Claims, KeySource, Signer, Verifier, default_audience, default_leeway, default_lifetime,
};
use quorate::clock::Clock;
use quorate::demo::{self, DemoSettings, Persona};
use quorate::graphql::limits::DocumentLimits;
use quorate::http::HttpSettings;
use quorate::policy::limits::AccessLimits;
use quorate::scan::Scanning;
use quorate::store::attachment::Attachments;
use quorate::store::attachment::settings::AttachmentSettings;
use quorate::store::audit::{AuditKey, AuditSettings};
use quorate::store::place::Order;
use quorate::store::webhook::settings::WebhookSettings;
use quorate::store::{Database, Store, StoreSettings};
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

/// When every test begins.
pub const START: &str = "2026-11-24T09:00:00Z";

/// The `n`th idempotency key of a test.
pub fn key(n: u32) -> String {
    format!("6f0d5b0e-2222-4222-8333-{n:012}")
}

/// The figures of a server of the tests.
pub async fn metrics(url: &str) -> String {
    let asked = reqwest::Client::new().get(url).bearer_auth("demo").send().await.unwrap();
    asked.text().await.unwrap()
}

/// Settings of the transports, as tests have them.
pub fn http_settings() -> HttpSettings {
    HttpSettings { workers: 1, metrics_token: Some("demo".to_owned().into()), ..HttpSettings::default() }
}

/// A running server.
pub struct App {
    pub endpoint: String,
    pub database: Database,
    /// What it serves, for what is done without being asked.
    pub api: Quorate,
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
    /// Where the key and the signed heads of the access record are.
    pub audit: AuditSettings,
    /// Where attachments are; nobody looks at them, and small ones only are taken.
    pub files: AttachmentSettings,
}

/// True where what is missing must not be passed over.
pub fn is_ci() -> bool {
    std::env::var_os("CI").is_some()
}

/// A number from the environment: how long a test is to run, where it can run longer.
pub fn setting(name: &str, otherwise: u64) -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a setting of the test")]
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// Whether the servers of tests read ahead: the whole suite proves both ways, and QUORATE_READ_LATE=1 leaves nested rows to
/// the batches.
pub fn reads_ahead() -> bool {
    setting("QUORATE_READ_LATE", 0) == 0
}

/// Files for the access record of a test of its own.
pub fn audit_files() -> AuditSettings {
    let name = format!("quorate_test_{}", Clock::system().new_id().simple());
    let file = |ending: &str| std::env::temp_dir().join(format!("{name}.{ending}"));
    let settings = AuditSettings::of(file("key"), file("heads"));
    AuditKey::load_or_create(&settings.key_file).unwrap();
    settings
}

/// A folder for the attachments of a test of its own.
fn attachment_files() -> AttachmentSettings {
    let folder = std::env::temp_dir().join(format!("quorate_test_{}.files", Clock::system().new_id().simple()));
    AttachmentSettings { folder, scanner: Scanning::Nobody, max_bytes: 256 * 1024, ..AttachmentSettings::default() }
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
                assert!(!is_ci(), "CI runs on both databases: use ./scripts/test");
                eprintln!("skipped on PostgreSQL: run ./scripts/test");
                return None;
            };
            let admin = contents::connect(&server).await;
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

/// Webhooks on this machine, which tests allow, and on one host that is nowhere.
pub fn here() -> WebhookSettings {
    WebhookSettings { hosts: vec!["127.0.0.1".into(), "hooks.invalid".into()], test_allowance: true }
}

/// Settings that accept the tokens of one signer.
fn trusting(signer: &Signer) -> AuthSettings {
    AuthSettings {
        issuer: "https://issuer.example".into(),
        audience: default_audience(),
        keys: KeySource::Set(signer.jwks().unwrap()),
        leeway_seconds: default_leeway(),
        max_lifetime_seconds: default_lifetime(),
    }
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
    /// What verifies the tokens of this server.
    pub fn verifier(&self) -> Verifier {
        Verifier::new(trusting(&self.signer), self.clock.clone()).unwrap()
    }

    /// Over the demo's data.
    pub async fn start(engine: Engine) -> Option<Self> {
        Self::over(engine, true).await
    }

    /// Over the demo's data, or over migrated tables with nothing in them.
    pub async fn over(engine: Engine, filled: bool) -> Option<Self> {
        Self::start_with(engine, START.parse().unwrap(), filled, AccessLimits::default(), |_| {}).await
    }

    /// Starts at an instant, with other settings of identity.
    pub async fn start_at(engine: Engine, at: DateTime<Utc>, change: impl FnOnce(&mut AuthSettings)) -> Option<Self> {
        Self::start_with(engine, at, true, AccessLimits::default(), change).await
    }

    /// Over the demo's data, with other limits of use.
    pub async fn limited(engine: Engine, limits: AccessLimits) -> Option<Self> {
        Self::start_with(engine, START.parse().unwrap(), true, limits, |_| {}).await
    }

    /// A second server over the same database, with what it remembers of its own; where it answers.
    pub fn beside(&self, limits: AccessLimits) -> String {
        self.beside_with(|api| api.limited(limits))
    }

    /// A second server over the same database that does not read ahead; where it answers.
    pub fn beside_that_reads_late(&self) -> String {
        self.beside_with(|api| api.reading_ahead(false))
    }

    /// A second server over the same database that keeps attachments elsewhere; where it answers.
    pub fn beside_that_keeps(&self, attachments: Attachments) -> String {
        self.beside_with(|api| api.keeping(attachments))
    }

    /// A second server over the same database with other settings of the transports; where it answers.
    pub fn beside_as(&self, settings: HttpSettings) -> String {
        self.beside_serving(|api| api, settings)
    }

    /// A program over the same database that sends to webhooks as it is told, and answers nobody.
    pub fn sender(&self, webhooks: WebhookSettings) -> Quorate {
        let api = Quorate::new(self.database.clone(), self.clock.clone(), DocumentLimits::default(), &self.audit);
        api.unwrap().sending(webhooks)
    }

    fn beside_with(&self, change: impl FnOnce(Quorate) -> Quorate) -> String {
        self.beside_serving(change, http_settings())
    }

    fn beside_serving(&self, change: impl FnOnce(Quorate) -> Quorate, settings: HttpSettings) -> String {
        let api = Quorate::new(self.database.clone(), self.clock.clone(), DocumentLimits::default(), &self.audit);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}/graphql", listener.local_addr().unwrap());
        let server = change(api.unwrap()).serve(listener, trusting(&self.signer), settings).unwrap();
        actix_web::rt::spawn(server);
        endpoint
    }

    async fn start_with(
        engine: Engine,
        at: DateTime<Utc>,
        filled: bool,
        limits: AccessLimits,
        change: impl FnOnce(&mut AuthSettings),
    ) -> Option<Self> {
        let (url, file) = database(engine).await?;
        let clock = Clock::fixed(at);
        let mut database = open(&url).await;
        database.migrate().await.unwrap();
        let settings = DemoSettings { children: 60, seed: 7 };
        if filled {
            demo::prepare(&database, &settings, clock.now(), &|_| {}).await.unwrap();
        }
        let statements = Arc::new(AtomicUsize::new(0));
        let counter = statements.clone();
        database.on_statement(move || {
            counter.fetch_add(1, Ordering::SeqCst);
        });
        let (signer, key) = signer();
        let mut auth = trusting(&signer);
        change(&mut auth);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}/graphql", listener.local_addr().unwrap());
        let audit = AuditSettings { head_every_rows: 1, ..audit_files() };
        let api = Quorate::new(database.clone(), clock.clone(), DocumentLimits::default(), &audit).unwrap();
        let files = attachment_files();
        let api = api.limited(limits).reading_ahead(reads_ahead()).keeping(Attachments::open(&files).unwrap());
        let api = api.sending(here());
        let server = api.clone().serve(listener, auth, http_settings()).unwrap();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        let personas = demo::personas().into_iter().map(|p| (p.key, p)).collect();
        let http = reqwest::Client::new();
        Some(Self {
            endpoint,
            database,
            api,
            clock,
            statements,
            url,
            key,
            signer,
            personas,
            http,
            handle,
            file,
            audit,
            files,
        })
    }

    /// Gives somebody of the demo a name that tests can ask as.
    pub fn enrol(&mut self, key: &'static str, practitioner: PractitionerId, agency_id: AgencyId, post: Post) {
        let scope = "read submit subscribe analytics";
        let (name, agency) = (key.to_owned(), String::new());
        self.personas.insert(key, Persona { key, name, agency, practitioner, agency_id, post, scope, acr: None });
    }

    pub fn claims(&self, persona: &str) -> Claims {
        let persona = &self.personas[persona];
        let claims = self.claims_of(persona.practitioner, persona.agency_id, persona.post, persona.scope);
        Claims { acr: persona.acr.map(Into::into), ..claims }
    }

    /// The claims of anybody's token.
    pub fn claims_of(&self, who: PractitionerId, agency: AgencyId, post: Post, scope: &str) -> Claims {
        let now = self.clock.now().timestamp();
        Claims {
            iss: "https://issuer.example".into(),
            aud: default_audience(),
            sub: who.0,
            exp: now + 900,
            nbf: None,
            iat: now,
            jti: "1".into(),
            sid: None,
            agency_id: agency.0,
            roles: vec![post.word()],
            act: None,
            acr: None,
            scope: scope.into(),
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

    /// The cursor of a place in the feed of the personas' authority.
    pub async fn feed_cursor(&self, position: i64) -> String {
        let key = AuditKey::load_or_create(&self.audit.key_file).unwrap();
        let store = Store::new(self.database.clone(), self.clock.clone(), key, &self.audit).unwrap();
        let principal = self.verifier().verify(&self.token("chair")).await.unwrap();
        let scope = store.scoped(&principal, uuid::Uuid::nil()).await.unwrap();
        scope.seal_place(Order::Feed, position).unwrap()
    }

    /// The kinds of the events since the test began that a persona can read, in order.
    pub async fn kinds(&self, persona: &str) -> Vec<String> {
        let query = "query($after: String) { events(first: 100, after: $after) {
          nodes { kind occurredAt } pageInfo { hasNextPage endCursor } } }";
        let (mut kinds, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = self.data(persona, query, json!({"after": after})).await["events"].clone();
            let new = page["nodes"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|n| n["occurredAt"].as_str().unwrap() >= START.trim_end_matches('Z'));
            kinds.extend(new.map(|n| n["kind"].as_str().unwrap().to_owned()));
            if page["pageInfo"]["hasNextPage"] != true {
                return kinds;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }

    /// The global id of an agency of the personas' authority.
    pub async fn agency(&self, name: &str) -> Value {
        let data = self.data("social_worker", "{ agencies(first: 100) { nodes { id name } } }", json!({})).await;
        let nodes = data["agencies"]["nodes"].as_array().unwrap();
        nodes.iter().find(|a| a["name"] == name).unwrap_or_else(|| panic!("no agency {name}"))["id"].clone()
    }

    /// The global id of the oldest child of the first family.
    pub async fn first_child(&self, persona: &str) -> Value {
        let query = "query($n: String!) { findChild(by: {nhsNumber: $n}) { id } }";
        self.data(persona, query, json!({"n": demo::first_nhs_number()})).await["findChild"]["id"].clone()
    }

    /// The status with which a stream of server-sent events opens; it is closed at once.
    pub async fn opens_stream(&self, persona: &str, query: &str) -> u16 {
        let request = self.http.post(&self.endpoint).bearer_auth(self.token(persona));
        let body = json!({"query": query}).to_string();
        let request = request.header("content-type", "application/json").header("accept", "text/event-stream");
        request.body(body).send().await.unwrap().status().as_u16()
    }

    /// The cursor of the newest event a persona sees; `None` where there is none.
    pub async fn last_event(&self, persona: &str) -> Option<String> {
        let query = "query($after: String) { events(after: $after, first: 100) {
          pageInfo { hasNextPage endCursor } } }";
        let mut last: Option<String> = None;
        loop {
            let page = self.data(persona, query, json!({"after": last})).await["events"]["pageInfo"].clone();
            last = page["endCursor"].as_str().map(str::to_owned).or(last);
            if page["hasNextPage"] != true {
                return last;
            }
        }
    }

    /// Headers and body of the answer to a request with headers of its own.
    pub async fn exchange(&self, token: &str, headers: &[(&str, &str)], body: String) -> (String, String) {
        let mut request = files::with_body(self.http.post(&self.endpoint).bearer_auth(token), body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        (format!("{:?}", answer.headers()), answer.text().await.unwrap())
    }

    /// What a subscription tells over server-sent events until it has been quiet for a while; where so many bytes were
    /// told before, it is given ten times as long to tell them again.
    pub async fn overhear(&self, persona: &str, query: &str, quiet: std::time::Duration, before: usize) -> String {
        let request = self.http.post(&self.endpoint).bearer_auth(self.token(persona));
        let request = request.header("content-type", "application/json").header("accept", "text/event-stream");
        let mut answer = request.body(json!({"query": query}).to_string()).send().await.unwrap();
        let mut heard = Vec::new();
        let patience = |heard: usize| if heard < before { quiet * 10 } else { quiet };
        while let Ok(Ok(Some(bytes))) = tokio::time::timeout(patience(heard.len()), answer.chunk()).await {
            heard.extend_from_slice(&bytes);
        }
        String::from_utf8(heard).unwrap()
    }

    /// Where a path of the server is.
    pub fn at(&self, path: &str) -> String {
        self.endpoint.replace("/graphql", path)
    }

    /// Status and answer to a multipart request of these parts: each with its name and its content.
    pub async fn post_parts(&self, persona: &str, parts: &[(&str, &[u8])], preflight: bool) -> (u16, Value) {
        let request = self.http.post(&self.endpoint).bearer_auth(self.token(persona));
        let request = request.header("accept", "application/graphql-response+json");
        let request = if preflight {
            files::multipart(request, files::parts(parts))
        } else {
            let request = request.header("content-type", "multipart/form-data; boundary=frontier");
            request.body(files::parts(parts))
        };
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// The answer to an operation whose null in `variables.input.file` is this file.
    pub async fn ask_with_file(&self, persona: &str, query: &str, variables: Value, content: &[u8]) -> Value {
        let operations = json!({"query": query, "variables": variables}).to_string();
        let map = json!({"0": ["variables.input.file"]}).to_string();
        let parts = [("operations", operations.as_bytes()), ("map", map.as_bytes()), ("0", content)];
        self.post_parts(persona, &parts, true).await.1
    }

    /// Status and body of a raw request that says why.
    pub async fn post(&self, token: &str, body: String) -> (u16, Value) {
        self.post_because(token, body, Some("A test of the rules")).await
    }

    /// Status and body of a raw request with a reason of its own, or without one.
    pub async fn post_because(&self, token: &str, body: String, reason: Option<&str>) -> (u16, Value) {
        let request = files::with_body(self.http.post(&self.endpoint).bearer_auth(token), body);
        let request = reason.into_iter().fold(request, |request, reason| request.header("x-access-reason", reason));
        let answer = request.header("accept", "application/graphql-response+json").send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// The whole answer to an operation that gives a reason of its own, or none.
    pub async fn ask_because(&self, reason: Option<&str>, persona: &str, query: &str, variables: Value) -> Value {
        let body = json!({"query": query, "variables": variables}).to_string();
        self.post_because(&self.token(persona), body, reason).await.1
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
        let _ = std::fs::remove_file(&self.audit.key_file);
        let _ = std::fs::remove_file(&self.audit.heads_file);
        let _ = std::fs::remove_dir_all(&self.files.folder);
        if let Some(file) = &self.file {
            for suffix in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
            }
        }
    }
}
