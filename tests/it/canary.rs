//! Nothing comes out where the access model says no. A canary sits in every confidential cell; every persona asks
//! everything the schema lets ask; each canary that comes out is held against the model as a person reads it
//! (`support::expected`). What the schema has and nobody reached fails the test.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::contents::rows_of;
use crate::support::samples::{other_social_worker, social_worker_elsewhere};
use crate::support::stage::Stage;
use crate::support::sweep::{Found, Sweep, global};
use crate::support::tries::{said, tries};
use crate::support::walk::Walk;
use crate::support::{App, key};

/// Whom emergency access tells to call.
const EMERGENCY: &str = "{ emergencyAccesses { nodes { __typename id record { __typename contacts { __typename
  practitioner { __typename id } agency { __typename id } } } } } }";

/// What is missing on records and what changed there.
const RECORDS: &str = "{ conferences(first: 20) { nodes { __typename
  attendance { __typename quorum { __typename counted { __typename agency { __typename id } }
    notCounted { __typename agency { __typename id } } } } record { __typename
  missing { __typename child { __typename id givenName } agency { __typename id } person { __typename id givenName } }
  paths { __typename path state passedOver child { __typename id givenName } agency { __typename id } }
  changes { __typename before { __typename id } after { __typename id text number choice } } } } } }";

/// What lies before a conference, and what two versions say differently.
const BUNDLES: &str = "{ conferences(first: 10) { nodes { __typename bundle { __typename
  chronology { __typename row { __typename id text source response } }
  reports(first: 20) { nodes { __typename id changes { __typename item before after } } } } } } }";

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
    ty.ends_with("Payload")
        || ["Mutation", "Subscription", "UserError", "SubmittedReportResult", "FeedResumedEvent"].contains(&ty)
}

async fn every_reading(app: App) {
    let stage = Stage::set(app).await;
    let mut found = Found::default();
    for persona in stage.askers() {
        let work = async |sweep: &mut Sweep<'_>| {
            sweep.queries(&stage.given(sweep.facts)).await;
            sweep.objects().await;
            sweep.pages().await;
            // deeper than everything else is asked
            sweep.ask(EMERGENCY, json!({})).await;
            sweep.ask(RECORDS, json!({})).await;
            sweep.ask(BUNDLES, json!({})).await;
        };
        stage.turn(persona, &mut found, work).await;
    }
    assert!(found.wrong.is_empty(), "{:#?}", found.wrong);
    if !stage.everybody_asks() {
        return;
    }
    // a test in which nothing comes out would pass as well
    // the value that is planted stands where the days that were passed over would
    // whom the chair asks why is for Birmingham; what was there before is asked with an instant
    // no report of the demo has a second version
    let elsewhere = [
        "SkippedDaySummary",
        "NonAttenderSummary",
        "EntryChangeSummary",
        "ReportChangeSummary",
        "PlanComparisonSummary",
    ];
    let is_asked = |ty: &str| !is_of_changes(ty) && !elsewhere.contains(&ty);
    assert_eq!(unreached(&stage.walk, &found, is_asked), Vec::<String>::new(), "reach these as well");
    let silent: Vec<_> = stage.canaries.columns().into_iter().filter(|cell| !found.came.contains_key(cell)).collect();
    let never =
        [("child", "name_key"), ("deadline", "skipped"), ("former_number", "number"), ("involvement", "reason")];
    assert_eq!(silent, never, "what never leaves, and nothing else");
}

/// Who was open to the first family is not any more: by a conflict of interest, or because it is over.
async fn what_was_closed_stays_in(app: App) {
    let stage = Stage::set(app).await;
    for persona in ["social_worker", "service_manager", "chair", "police", "auditor"] {
        stage.close(persona).await;
    }
    for persona in ["school_dsl", "health_visitor"] {
        stage.end(persona).await;
    }
    let mut found = Found::default();
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
    // nor who opened the record of the child: a conflict closes that as well
    let log = "query($id: ID!) { accessLog(childId: $id) { nodes { at } } }";
    let id = json!({"id": global("Child", stage.first_child)});
    for persona in ["social_worker", "service_manager", "chair", "auditor"] {
        assert_eq!(stage.app.code(persona, log, id.clone()).await, "NOT_FOUND", "{persona}");
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
        self.make("police", "requestAttachmentTicket", input("requestAttachmentTicket"), found).await;
        let file = self.make("police", "uploadAttachment", input("uploadAttachment"), found).await;
        let file = with("removeAttachment", "attachmentId", file["attachment"]["id"].clone());
        self.make("police", "removeAttachment", file, found).await;
        // of the personas only those of social care are a colleague and a manager
        let asked = "{ reportRequests(status: OPEN, first: 100) { nodes { id agency { kind } } } }";
        let asked = app.data("social_worker", asked, json!({})).await["reportRequests"]["nodes"].clone();
        let own = asked.as_array().unwrap().iter().find(|request| request["agency"]["kind"] == "CSC").unwrap();
        let draft = with("saveConferenceReportDraft", "reportRequestId", own["id"].clone());
        let draft = self.make("social_worker", "saveConferenceReportDraft", draft, found).await;
        let draft = with("signConferenceReport", "conferenceReportId", draft["conferenceReport"]["id"].clone());
        self.make("team_manager", "signConferenceReport", draft, found).await;
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
        self.make("social_worker", "recordCoreGroupMeeting", input("recordCoreGroupMeeting"), found).await;
        let mut allocated = with("grantInvolvement", "practitionerId", other_social_worker(app).await);
        allocated["agencyId"] = who("team_manager").await["agency"]["id"].clone();
        self.make("team_manager", "grantInvolvement", allocated, found).await;
        self.make("team_manager", "leadEnquiry", input("leadEnquiry"), found).await;
        let group = "query($id: ID!) { node(id: $id) { ... on CoreGroup { version } } }";
        let id = json!({"id": input("leadCoreGroup")["coreGroupId"]});
        let version = app.data("team_manager", group, id).await["node"]["version"].clone();
        self.make("team_manager", "leadCoreGroup", with("leadCoreGroup", "expectedVersion", version), found).await;
        let whom = who("social_worker").await["practitioner"]["id"].clone();
        self.make("school_dsl", "referAllegation", input("referAllegation"), found).await;
        self.make("lado", "leadAllegation", input("leadAllegation"), found).await;
        self.make("service_manager", "closeAllegation", with("closeAllegation", "expectedVersion", 4.into()), found)
            .await;
        self.make("team_manager", "withdrawTransfer", input("withdrawTransfer"), found).await;
        let shared = self.make("team_manager", "shareTransfer", input("shareTransfer"), found).await;
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
        let mut accept = with("acceptTransfer", "transferShareId", shared["transferShare"]["id"].clone());
        accept["workerId"] = social_worker_elsewhere(app).await;
        accept["conferenceAt"] = "2026-12-15T09:00:00Z".into();
        self.make("other_manager", "acceptTransfer", accept, found).await;
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
    let inputs = stage.inputs().await;
    let mut keys = 1000;
    for persona in stage.askers() {
        let work = async |sweep: &mut Sweep<'_>| tries(sweep, &inputs, &mut keys).await;
        stage.turn(persona, &mut found, work).await;
    }
    assert!(found.wrong.is_empty(), "{:#?}", found.wrong);
    Changes { stage: &stage, made: 0 }.all(&inputs, &mut found).await;
    // what was changed is told to whom it may be told
    let since = stage.events_ago(30).await;
    for persona in stage.askers() {
        let work = async |sweep: &mut Sweep<'_>| {
            sweep.subscriptions(&since).await;
            sweep.events(&since).await;
        };
        stage.turn(persona, &mut found, work).await;
    }
    assert!(found.wrong.is_empty(), "{:#?}", found.wrong);
    if stage.everybody_asks() {
        assert_eq!(unreached(&stage.walk, &found, is_of_changes), Vec::<String>::new(), "reach these as well");
    }
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
