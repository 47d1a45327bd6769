//! Nothing comes out where the access model says no. A canary sits in every confidential cell; every persona asks
//! everything the schema lets ask; each canary that comes out is held against the model as a person reads it
//! (`support::expected`). What the schema has and nobody reached fails the test.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::{ConnectionTrait as _, DatabaseBackend};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::jobs::call_meeting;
use crate::role_matrix::{break_glass, record_conflict};
use crate::support::contents::{Beside, connect, number, rows_of, texts};
use crate::support::expected::{Eyes, Facts};
use crate::support::plant::{Canaries, literal};
use crate::support::samples::Samples;
use crate::support::sweep::{Found, Most, Sweep, global};
use crate::support::walk::{Given, Walk};
use crate::support::{App, key};

/// Whom emergency access tells to call.
const EMERGENCY: &str = "{ emergencyAccesses { nodes { __typename id record { __typename contacts { __typename
  practitioner { __typename id } agency { __typename id } } } } } }";

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
    db: Beside,
    walk: Walk,
    canaries: Canaries,
    samples: Samples,
    first_child: Uuid,
}

/// An alert about somebody of the police, so that there is one to be read.
async fn raise_alert(app: &App, db: &Beside) {
    let claims = app.claims("police");
    let row = entity::access_alert::Model {
        id: entity::id::AccessAlertId(app.clock.new_id()),
        kind: entity::access_alert::Kind::ManyChildren,
        practitioner_id: entity::id::PractitionerId(claims.sub),
        agency_id: entity::id::AgencyId(claims.agency_id),
        window_at: app.clock.now(),
        count: 51,
        raised_at: app.clock.now(),
    };
    sea_orm::ActiveModelTrait::insert(sea_orm::IntoActiveModel::into_active_model(row), db).await.unwrap();
}

impl Stage {
    async fn set(app: App) -> Self {
        let meeting = call_meeting(&app, &key(1)).await;
        record_conflict(&app).await;
        break_glass(&app).await;
        let db = connect(&app.url).await;
        let id = if db.get_database_backend() == DatabaseBackend::Sqlite { "hex(id)" } else { "id::text" };
        let number = quorate::demo::first_nhs_number();
        let first = texts(&db, &format!("SELECT {id} FROM child WHERE nhs_number = '{number}'")).await;
        let first_child = first[0].parse().unwrap();
        let canaries = Canaries::plant(&db).await;
        let samples = Samples::new(&app, &canaries.of("child", "nhs_number", first_child), &meeting).await;
        raise_alert(&app, &db).await;
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
        for ty in ["Allegation", "Child", "Conference", "ConferenceReport", "EmergencyAccess", "StrategyMeeting"] {
            put(&format!("id of {ty}"), vec![self.samples.of(ty).to_owned()]);
        }
        put("quarter", vec!["2026-Q3".to_owned()]);
        put("exportId", vec![self.samples.of("Export").to_owned()]);
        put("id of Export", vec![self.samples.of("Export").to_owned()]);
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
        let most = Most::of_the_environment();
        let mut sweep =
            Sweep { app, walk, canaries, facts: &facts, tables: &tables, persona, eyes: &eyes, found, most };
        work(&mut sweep).await;
    }
}

/// The fields of object types that nobody reached, of those types that `of` names.
fn unreached(walk: &Walk, found: &Found, of: impl Fn(&str) -> bool) -> Vec<String> {
    let mut out = Vec::new();
    for (ty, _) in walk.objects().iter().filter(|(ty, _)| of(ty)) {
        let fields = walk.fields(ty).into_iter().map(|field| field.name.to_string());
        out.extend(
            fields.filter(|f| !found.reached.contains(&(ty.clone(), f.clone()))).map(|field| format!("{ty}.{field}")),
        );
    }
    out
}

fn is_of_changes(ty: &str) -> bool {
    ty.ends_with("Payload") || ["Mutation", "Subscription", "UserError"].contains(&ty)
}

async fn every_reading(app: App) {
    let stage = Stage::set(app).await;
    let mut found = Found::default();
    for persona in quorate::demo::personas() {
        let work = async |sweep: &mut Sweep<'_>| {
            sweep.queries(&stage.given(sweep.facts)).await;
            sweep.objects().await;
            sweep.pages().await;
            // deeper than everything else is asked
            sweep.ask(EMERGENCY, json!({})).await;
        };
        stage.turn(persona.key, &mut found, work).await;
    }
    assert!(found.wrong.is_empty(), "{:#?}", found.wrong);
    // a test in which nothing comes out would pass as well
    assert_eq!(unreached(&stage.walk, &found, |ty| !is_of_changes(ty)), Vec::<String>::new(), "reach these as well");
    let silent: Vec<_> = stage.canaries.columns().into_iter().filter(|cell| !found.came.contains_key(cell)).collect();
    assert_eq!(silent, [("child", "name_key"), ("involvement", "reason")], "what never leaves, and nothing else");
}

/// Who was open to the first family is not any more: by a conflict of interest, or because it is over.
async fn what_was_closed_stays_in(app: App) {
    let stage = Stage::set(app).await;
    let child = literal(stage.db.get_database_backend(), stage.first_child);
    let id = |id: Uuid| literal(stage.db.get_database_backend(), id);
    let mut found = Found::default();
    for persona in ["social_worker", "service_manager", "chair", "police", "auditor"] {
        let claims = stage.app.claims(persona);
        let sql = format!(
            "INSERT INTO conflict (id, practitioner_id, child_id, kind, reason, starts_at, recorded_by, recorded_at_agency_id)
             VALUES ({}, {}, {child}, 'FAMILY', 'Kin.', '2026-11-20T00:00:00+00:00', {}, {})",
            id(Uuid::from_u128(rand::random())),
            id(claims.sub),
            id(claims.sub),
            id(claims.agency_id),
        );
        stage.db.execute_unprepared(&sql).await.unwrap();
    }
    for persona in ["school_dsl", "health_visitor"] {
        let agency = id(stage.app.claims(persona).agency_id);
        let sql = format!(
            "UPDATE involvement SET ends_at = '2026-11-24T09:30:00+00:00'
             WHERE agency_id = {agency} AND starts_at < '2026-11-24T09:30:00+00:00'"
        );
        stage.db.execute_unprepared(&sql).await.unwrap();
    }
    stage.app.clock.advance(chrono::Duration::hours(1));
    for persona in ["social_worker", "service_manager", "chair", "police", "auditor", "school_dsl", "health_visitor"] {
        let work = async |sweep: &mut Sweep<'_>| {
            assert!(!sweep.eyes.sees("child", stage.first_child), "{persona} is out");
            sweep.queries(&stage.given(sweep.facts)).await;
            sweep.objects().await;
            sweep.pages().await;
        };
        stage.turn(persona, &mut found, work).await;
    }
    assert!(found.wrong.is_empty(), "{:#?}", found.wrong);
}

/// An input with a word of its own wherever a person would say something.
fn said(value: &Value, word: &mut impl FnMut() -> String) -> Value {
    match value {
        Value::String(text) if text == "?" => word().into(),
        Value::Array(list) => list.iter().map(|each| said(each, word)).collect(),
        Value::Object(map) => map.iter().map(|(name, each)| (name.clone(), said(each, word))).collect(),
        other => other.clone(),
    }
}

/// The same input over rows that may not be seen.
fn elsewhere(sweep: &Sweep<'_>, value: &Value) -> Value {
    match value {
        Value::String(text) => {
            let noun = URL_SAFE_NO_PAD.decode(text).ok().and_then(|plain| String::from_utf8(plain).ok());
            let ty = noun.and_then(|plain| Some(plain.split_once(':')?.0.to_owned()));
            let ty = ty.filter(|ty| sweep.walk.nodes().contains(ty));
            let unseen = ty.and_then(|ty| sweep.some(&ty, 0, 1).pop());
            unseen.map_or_else(|| value.clone(), Value::from)
        }
        Value::Array(list) => list.iter().map(|each| elsewhere(sweep, each)).collect(),
        Value::Object(map) => map.iter().map(|(name, each)| (name.clone(), elsewhere(sweep, each))).collect(),
        other => other.clone(),
    }
}

/// Every mutation as somebody: tried without effect, with nothing said, and over rows that may not be seen.
async fn tries(sweep: &mut Sweep<'_>, inputs: &[(String, Value)], keys: &mut u32) {
    for (mutation, input) in inputs {
        let dry = |mut input: Value| {
            *keys += 1;
            input["idempotencyKey"] = key(*keys).into();
            input["dryRun"] = true.into();
            input
        };
        let words = said(input, &mut || sweep.canaries.word_for_input(1));
        let unseen = elsewhere(sweep, &words);
        for input in [words, said(input, &mut || " ".to_owned()), unseen].map(dry) {
            sweep.change(mutation, &input).await;
        }
    }
}

/// The changes as they are made, each by who makes it.
struct Changes<'s> {
    stage: &'s Stage,
    made: u32,
}

impl Changes<'_> {
    async fn make(&mut self, persona: &'static str, mutation: &str, mut input: Value, found: &mut Found) -> Value {
        self.made += 1;
        input["idempotencyKey"] = key(5000 + self.made).into();
        let mut words = 100 * self.made as usize;
        let input = said(&input, &mut || {
            words += 1;
            self.stage.canaries.word_for_input(words)
        });
        let capital = mutation[..1].to_uppercase() + &mutation[1..];
        let plain = format!("mutation($i: {capital}Input!) {{ {mutation}(input: $i) {{ userErrors {{ code }} }} }}");
        self.stage.app.data(persona, &plain, json!({"i": input})).await;
        self.stage.canaries.find_inputs(&self.stage.db).await;
        // the retry answers the same, and is judged by the rights that follow from the change
        let mut answer = Value::Null;
        let work = async |sweep: &mut Sweep<'_>| answer = sweep.change(mutation, &input).await;
        self.stage.turn(persona, found, work).await;
        let done = answer["data"][mutation].clone();
        assert_eq!(done["userErrors"], json!([]), "{mutation}: {answer}");
        done
    }

    async fn all(&mut self, inputs: &[(String, Value)], found: &mut Found) {
        let app = &self.stage.app;
        let input = |name: &str| inputs.iter().find(|(mutation, _)| mutation == name).unwrap().1.clone();
        let with = |name: &str, field: &str, value: Value| {
            let mut input = input(name);
            input[field] = value;
            input
        };
        let who = async |persona: &str| {
            let viewer = app.data(persona, "{ viewer { practitioner { id } agency { id } } }", json!({})).await;
            viewer["viewer"].clone()
        };
        let report = self.make("police", "submitConferenceReport", input("submitConferenceReport"), found).await;
        let report = with("releaseConferenceReport", "conferenceReportId", report["conferenceReport"]["id"].clone());
        self.make("chair", "releaseConferenceReport", report, found).await;
        self.make("police", "replyToInvitation", input("replyToInvitation"), found).await;
        let (police, health) = (who("police").await, who("health_visitor").await);
        let invitees = json!([{"agencyId": police["agency"]["id"]}, {"agencyId": health["agency"]["id"]}]);
        self.make("social_worker", "callStrategyMeeting", with("callStrategyMeeting", "invitees", invitees), found)
            .await;
        let outcome = input("recordStrategyMeetingOutcome");
        self.make("social_worker", "recordStrategyMeetingOutcome", outcome, found).await;
        let granted = self.make("social_worker", "grantInvolvement", input("grantInvolvement"), found).await;
        let granted = with("endInvolvement", "involvementId", granted["involvement"]["id"].clone());
        self.make("social_worker", "endInvolvement", granted, found).await;
        let whom = who("school_elsewhere").await["practitioner"]["id"].clone();
        self.make("team_manager", "recordConflict", with("recordConflict", "practitionerId", whom), found).await;
        self.make("team_manager", "endConflict", input("endConflict"), found).await;
        let chair = who("chair").await["practitioner"]["id"].clone();
        self.make("social_worker", "scheduleConference", with("scheduleConference", "chairId", chair), found).await;
        let group = input("recordCoreGroupMeeting");
        let members = "query($id: ID!) { node(id: $id) { ... on CoreGroup { members { nodes { agency { id } } } } } }";
        let members = app.data("social_worker", members, json!({"id": group["coreGroupId"]})).await;
        let member = members["node"]["members"]["nodes"][0]["agency"]["id"].clone();
        let came = json!([{"agencyId": member, "attendance": "REMOTE"}]);
        self.make("social_worker", "recordCoreGroupMeeting", with("recordCoreGroupMeeting", "attendance", came), found)
            .await;
        let whom = who("social_worker").await["practitioner"]["id"].clone();
        self.make("school_dsl", "referAllegation", input("referAllegation"), found).await;
        self.make("lado", "leadAllegation", input("leadAllegation"), found).await;
        self.make("service_manager", "closeAllegation", with("closeAllegation", "expectedVersion", 4.into()), found)
            .await;
        let duty = with("grantDesignation", "practitionerId", whom);
        let duty = self.make("team_manager", "grantDesignation", duty, found).await;
        let duty = with("endDesignation", "designationId", duty["designation"]["id"].clone());
        self.make("team_manager", "endDesignation", duty, found).await;
        // it finds nobody: what is planted is no number of ten digits, and a word alone is too short for an explanation
        let open = with("openEmergencyAccess", "explanation", "A caller heard screams next door.".into());
        let access = self.make("police", "openEmergencyAccess", open, found).await;
        let review = with("reviewEmergencyAccess", "emergencyAccessId", access["emergencyAccess"]["id"].clone());
        self.make("privacy_officer", "reviewEmergencyAccess", review, found).await;
        self.conference(input("recordConferenceAttendance"), input("recordConferenceOutcome"), found).await;
    }

    /// The conference to come, on its day.
    async fn conference(&mut self, mut attendance: Value, mut outcome: Value, found: &mut Found) {
        let app = &self.stage.app;
        app.clock.advance(chrono::Duration::days(15));
        let id = &attendance["conferenceId"];
        let query = "query($id: ID!) { conference(id: $id) { children { nodes { child { id } } }
          invitations(first: 40) { nodes { agency { id } } } } }";
        let conference = app.data("chair", query, json!({"id": id})).await["conference"].clone();
        let list = |list: &str| conference[list]["nodes"].as_array().unwrap().clone();
        attendance["entries"] = list("invitations")
            .iter()
            .map(|i| json!({"agencyId": i["agency"]["id"], "attendance": "APOLOGIES", "apologiesReason": "?"}))
            .collect();
        outcome["outcomes"] =
            list("children").iter().map(|c| json!({"childId": c["child"]["id"], "outcome": "CP_PLAN_ENDS"})).collect();
        outcome["summary"] = "?".into();
        let held = self.make("chair", "recordConferenceAttendance", attendance, found).await;
        outcome["expectedVersion"] = held["conference"]["version"].clone();
        self.make("chair", "recordConferenceOutcome", outcome, found).await;
    }
}

async fn every_change(app: App) {
    let log = Log::new();
    let stage = Stage::set(app).await;
    // the statements that planted are this test's own
    log.0.lock().unwrap().clear();
    let mut found = Found::default();
    let mut inputs = Vec::new();
    for field in stage.walk.fields("Mutation") {
        let name = field.name.to_string();
        inputs.push((name.clone(), stage.samples.input(&stage.app, &name).await));
    }
    let mut keys = 1000;
    for persona in quorate::demo::personas() {
        let work = async |sweep: &mut Sweep<'_>| tries(sweep, &inputs, &mut keys).await;
        stage.turn(persona.key, &mut found, work).await;
    }
    assert!(found.wrong.is_empty(), "{:#?}", found.wrong);
    Changes { stage: &stage, made: 0 }.all(&inputs, &mut found).await;
    // what was changed is told to whom it may be told
    let authority = "SELECT local_authority_id FROM agency WHERE name = 'Warwickshire Police'";
    let newest = format!("SELECT position FROM feed WHERE local_authority_id = ({authority})");
    let newest = number(&stage.db, &newest).await;
    let since = URL_SAFE_NO_PAD.encode(format!("feed:{}", newest - 25));
    for persona in quorate::demo::personas() {
        let work = async |sweep: &mut Sweep<'_>| {
            sweep.subscriptions(&since).await;
            sweep.events(&since).await;
        };
        stage.turn(persona.key, &mut found, work).await;
    }
    assert!(found.wrong.is_empty(), "{:#?}", found.wrong);
    assert_eq!(unreached(&stage.walk, &found, is_of_changes), Vec::<String>::new(), "reach these as well");
    nothing_is_written_down(&stage, &log).await;
}

/// Neither the log nor the feed, the access record and the memory of retries holds anything of what was read and said;
/// but the access record holds the reason its caller gave.
async fn nothing_is_written_down(stage: &Stage, log: &Log) {
    let reason = stage.canaries.word_for_input(0);
    for table in ["event", "feed", "audit", "audit_subject", "audit_head", "audit_before", "idempotency", "revocation"]
    {
        let rows = rows_of(&stage.db, table).await;
        let with_reason = rows.iter().filter(|row| row.contains(&reason)).count();
        assert_eq!(with_reason > 0, table == "audit", "the reason stands in {table}");
        for row in rows {
            let told = stage.canaries.in_text(&row.replace(&reason, ""));
            assert!(told.is_empty(), "{table} holds {:?}", told.first());
        }
    }
    let log = log.text();
    assert!(log.contains("quorate") && log.lines().count() > 500, "the log was heard");
    for line in log.lines() {
        let told = stage.canaries.in_text(line);
        assert!(told.is_empty(), "the log tells {:?}: {:.300}", told.first(), line);
    }
}

both!(a_reading, super::every_reading);
both!(a_closed_door, super::what_was_closed_stays_in);
both!(a_change, super::every_change);
