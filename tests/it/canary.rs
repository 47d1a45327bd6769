//! Nothing comes out where the access model says no. A canary sits in every confidential cell; every persona asks
//! everything the schema lets ask; each canary that comes out is held against the model as a person reads it
//! (`support::expected`). What the schema has and nobody reached fails the test.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::{Arc, Mutex};

use sea_orm::{ConnectionTrait as _, DatabaseBackend, DatabaseConnection};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::jobs::call_meeting;
use crate::role_matrix::record_conflict;
use crate::support::contents::{rows_of, texts};
use crate::support::expected::{Eyes, Facts};
use crate::support::plant::Canaries;
use crate::support::samples::{Samples, version};
use crate::support::sweep::{Found, Sweep, global};
use crate::support::walk::{Given, Walk};
use crate::support::{App, key};

/// Everything the process logs, at the finest grain.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Begins to listen; the client of this test, which knows what it asks for, is left out.
    fn new() -> Self {
        let log = Self::default();
        let into = log.clone();
        let filter = "trace,hyper=off,hyper_util=off,reqwest=off,h2=off,rustls=off,mio=off,polling=off";
        let subscriber = tracing_subscriber::fmt().json().with_writer(move || into.clone()).with_env_filter(filter);
        // another test of the process may listen already: then there is nothing to hear, which is told below
        let _ = subscriber.try_init();
        log
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

/// The demo, with a strategy meeting and a conflict of interest on the first family, and a canary in every cell.
struct Stage {
    app: App,
    db: DatabaseConnection,
    walk: Walk,
    canaries: Canaries,
    samples: Samples,
    first_child: Uuid,
}

impl Stage {
    async fn set(app: App) -> Self {
        let meeting = call_meeting(&app, &key(1)).await;
        record_conflict(&app).await;
        let db = crate::support::contents::connect(&app.url).await;
        let id = if db.get_database_backend() == DatabaseBackend::Sqlite { "hex(id)" } else { "id::text" };
        let number = quorate::demo::first_nhs_number();
        let first = texts(&db, &format!("SELECT {id} FROM child WHERE nhs_number = '{number}'")).await;
        let first_child = first[0].parse().unwrap();
        let canaries = Canaries::plant(&db).await;
        let samples = Samples::new(&app, &canaries.of("child", "nhs_number", first_child), &meeting).await;
        Self { app, db, walk: Walk::new(), canaries, samples, first_child }
    }

    /// Values for the arguments of the root: of the first child, and of one that nobody of the first family works with.
    fn given(&self, facts: &Facts) -> Given {
        let last = facts.child.last().unwrap().id.0;
        let texts = |column: &str| {
            vec![self.canaries.of("child", column, self.first_child), self.canaries.of("child", column, last)]
        };
        let mut given = Given::default();
        let mut put = |name: &str, values: Vec<String>| given.0.insert(name.to_owned(), values);
        put("nhsNumber", texts("nhs_number"));
        put("upn", texts("upn"));
        put("localReference", texts("local_reference"));
        put("givenName", texts("name_key"));
        put("familyName", vec![String::new()]);
        put("bornOn", vec![self.canaries.day_of("child", "born_on", self.first_child).to_string()]);
        put("childId", vec![global("Child", self.first_child), global("Child", last)]);
        put("agencyId", vec![self.samples.of("Agency").to_owned()]);
        for ty in ["Child", "Conference", "ConferenceReport", "StrategyMeeting"] {
            put(&format!("id of {ty}"), vec![self.samples.of(ty).to_owned()]);
        }
        put("id of Node", vec![self.samples.of("Child").to_owned()]);
        put("ids of Node", vec![self.samples.of("Child").to_owned()]);
        given
    }

    /// Somebody's turn.
    async fn turn(&self, persona: &'static str, found: &mut Found, work: impl AsyncFnOnce(&mut Sweep<'_>)) {
        let facts = Facts::read(&self.db, self.app.clock.now()).await;
        let tables = facts.tables();
        let eyes = Eyes::of(&self.app, &self.db, &facts, persona).await;
        let (app, walk, canaries) = (&self.app, &self.walk, &self.canaries);
        let mut sweep = Sweep { app, walk, canaries, facts: &facts, tables: &tables, persona, eyes: &eyes, found };
        work(&mut sweep).await;
    }
}

fn marked(canaries: &Canaries, n: usize, value: &Value) -> Value {
    match value {
        Value::String(text) if text == "?" => canaries.word_for_input(n).into(),
        Value::Array(list) => list.iter().map(|each| marked(canaries, n, each)).collect(),
        Value::Object(map) => map.iter().map(|(k, each)| (k.clone(), marked(canaries, n, each))).collect(),
        other => other.clone(),
    }
}

async fn nothing_comes_out(app: App) {
    let log = Log::new();
    let stage = Stage::set(app).await;
    let mut found = Found::default();
    let started = std::time::Instant::now();
    for persona in quorate::demo::personas() {
        let before = (found.asked, started.elapsed());
        stage
            .turn(persona.key, &mut found, async |sweep| {
                sweep.queries(&stage.given(sweep.facts)).await;
                eprintln!(
                    "{} queries {:?} {}",
                    persona.key,
                    started.elapsed() - before.1,
                    sweep.found.asked - before.0
                );
                sweep.objects(6, 8).await;
                eprintln!(
                    "{} objects {:?} {}",
                    persona.key,
                    started.elapsed() - before.1,
                    sweep.found.asked - before.0
                );
                sweep.pages().await;
                eprintln!("{} pages {:?} {}", persona.key, started.elapsed() - before.1, sweep.found.asked - before.0);
            })
            .await;
    }

    assert!(found.wrong.is_empty(), "{:#?}", found.wrong);
}

both!(a_canary, super::nothing_comes_out);
