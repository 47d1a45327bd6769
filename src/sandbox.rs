//! The demo as the partners' sandbox: who its tokens are for, a clock that can be moved, and scenarios that bring about
//! within a moment what takes days. `serve` knows nothing of it.
//!
//! What a scenario does to the record it does through the API, as a persona: nothing here goes past the five locks.

use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::app::{Quorate, StartError};
use crate::auth::{
    AuthSettings, Claims, KeySource, Signer, Verifier, default_audience, default_leeway, default_lifetime,
};
use crate::clock::Clock;
use crate::demo::{self, Persona};
use crate::error::{Error, Result};
use crate::http::sandbox::{Move, Play, Refused, Scenario};
use crate::store::Database;

/// Who issues the tokens of a demo.
const ISSUER: &str = "https://issuer.quorate.example";
/// Under which name a database remembers how far its clock is ahead.
const LEAD: &str = "clock ahead";
/// So far ahead of the machine's a clock goes at the most: the diary is as long, and the bank holidays after it are listed.
const MOST: Duration = Duration::days(366);
/// Before and after the instant that a scenario is about.
const JUST: Duration = Duration::minutes(30);

/// Settings that accept the tokens of a demo's signer.
///
/// # Errors
/// Never for a key of this program.
pub fn trusting(signer: &Signer) -> std::result::Result<AuthSettings, StartError> {
    Ok(AuthSettings {
        issuer: ISSUER.into(),
        audience: default_audience(),
        keys: KeySource::Set(signer.jwks()?),
        leeway_seconds: default_leeway(),
        max_lifetime_seconds: default_lifetime(),
    })
}

/// The claims of a persona's token. It runs by the machine's time, wherever the clock was moved to.
pub fn claims(persona: &Persona, clock: &Clock, seconds: i64) -> Claims {
    let now = clock.token_time().timestamp();
    Claims {
        iss: ISSUER.into(),
        aud: default_audience(),
        sub: persona.practitioner.0,
        exp: now + seconds,
        nbf: None,
        iat: now,
        jti: clock.new_id().to_string(),
        sid: None,
        agency_id: persona.agency_id.0,
        roles: vec![persona.post.word()],
        act: None,
        acr: persona.acr.map(Into::into),
        scope: persona.scope.into(),
    }
}

/// The clock of a demo: as far ahead as it was when the demo stopped, so that nothing in it lies in the future.
///
/// # Errors
/// If the database cannot be used.
pub async fn clock(database: &Database) -> Result<Clock> {
    let held = database.instance_value(LEAD).await?;
    let micros = held.and_then(|text| text.parse().ok()).unwrap_or(0);
    Ok(Clock::ahead(Duration::microseconds(micros)))
}

/// The sandbox of a demo. Clones are the same one.
#[derive(Clone)]
pub struct Sandbox(Arc<Inner>);

struct Inner {
    api: Quorate,
    database: Database,
    signer: Signer,
    verifier: Verifier,
    operator: String,
    /// One at a time moves the clock.
    turn: Mutex<()>,
}

const REQUESTS: &str = "query SandboxRequests($n: String!, $after: String) { findChild(by: {nhsNumber: $n}) { id }
  reportRequests(first: 100, after: $after) { pageInfo { hasNextPage endCursor }
    nodes { id dueAt receivedAt child { id } conference { id status } deadlines { nodes { lateAfter } } } } }";
const SUBMIT: &str = "mutation SandboxSubmits($input: SubmitConferenceReportInput!) {
  it: submitConferenceReport(input: $input) { conferenceReport { id } userErrors { code } } }";
const REPORTS: &str =
    "query SandboxReports($id: ID!) { conference(id: $id) { reports(first: 100) { nodes { id state } } } }";
const RELEASE: &str = "mutation SandboxReleases($input: ReleaseConferenceReportInput!) {
  it: releaseConferenceReport(input: $input) { conferenceReport { id } userErrors { code } } }";

/// The report of the police about the first family that is asked for the conference to come.
struct Asked {
    id: Value,
    conference: Value,
    due_at: DateTime<Utc>,
    /// From here on it is missed, and said to be.
    late_after: DateTime<Utc>,
    is_open: bool,
}

impl Sandbox {
    /// The sandbox of a demo; `folder` is where the key of its tokens is.
    ///
    /// # Errors
    /// If the key cannot be read.
    pub fn new(api: Quorate, database: Database, folder: &Path) -> std::result::Result<Self, StartError> {
        let signer = Signer::load_or_create(&folder.join("signing.key"))?;
        let verifier = Verifier::new(trusting(&signer)?, api.clock().clone())?;
        let operator = format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>());
        Ok(Self(Arc::new(Inner { api, database, signer, verifier, operator, turn: Mutex::new(()) })))
    }

    /// The operator's token: of this run alone.
    pub fn operator(&self) -> &str {
        &self.0.operator
    }

    async fn as_persona(&self, key: &str, document: &str, variables: Value) -> Result<Value> {
        let persona = demo::personas().into_iter().find(|persona| persona.key == key);
        let persona = persona.ok_or_else(|| Error::internal("a persona that is none"))?;
        let token = self.0.signer.sign(&claims(&persona, self.0.api.clock(), 60));
        let token = token.map_err(|error| Error::Internal(Box::new(error)))?;
        let principal = self.0.verifier.verify(&token).await;
        let principal = principal.map_err(|_| Error::internal("a token of the program's own does not verify"))?;
        self.0.api.ask(&principal, document, variables).await
    }

    /// Moves the clock, which only goes on, remembers how far, and does what is due by then.
    async fn go_on(&self, by: Duration) -> std::result::Result<(), Refused> {
        let clock = self.0.api.clock();
        if by < Duration::zero() {
            return Err(Refused::Conflict("The clock does not go back: begin with another database."));
        }
        if by > MOST || clock.lead() + by > MOST {
            return Err(Refused::Invalid("The clock goes a year ahead at the most."));
        }
        // remembered first: a demo that stops here begins later, never earlier than what it wrote
        let lead = (clock.lead() + by).num_microseconds().unwrap_or(0).to_string();
        self.0.database.say_of_instance(LEAD, &lead).await.map_err(failed)?;
        clock.advance(by);
        self.0.api.upkeep().await.map_err(failed)?;
        Ok(())
    }

    /// What the police are asked about the first family for the conference to come.
    async fn asked(&self) -> Result<Option<Asked>> {
        let mut after = Value::Null;
        loop {
            let variables = json!({"n": demo::first_nhs_number(), "after": after});
            let found = self.as_persona("police", REQUESTS, variables).await?;
            let (child, page) = (found.pointer("/findChild/id"), found.get("reportRequests"));
            let nodes = page.and_then(|page| page.get("nodes")).and_then(Value::as_array).into_iter().flatten();
            let of_child = |node: &&Value| {
                node.pointer("/child/id") == child
                    && node.pointer("/conference/status").and_then(Value::as_str) == Some("SCHEDULED")
            };
            if let Some(node) = nodes.clone().find(of_child) {
                return Ok(read(node));
            }
            if page.and_then(|page| page.pointer("/pageInfo/hasNextPage")) != Some(&Value::Bool(true)) {
                return Ok(None);
            }
            after = page.and_then(|page| page.pointer("/pageInfo/endCursor")).cloned().unwrap_or_default();
        }
    }

    async fn play(&self, scenario: Scenario) -> std::result::Result<Value, Refused> {
        const OVER: &str = "The review of the first family is over: begin with another database.";
        const GIVEN: &str = "The police have given their report already: begin with another database.";
        let asked = self.asked().await.map_err(failed)?.ok_or(Refused::Conflict(OVER))?;
        if scenario != Scenario::Released && !asked.is_open {
            return Err(Refused::Conflict(GIVEN));
        }
        let now = self.0.api.clock().now();
        let mut released = Vec::new();
        match scenario {
            // where it is due or overdue already there is nothing to be moved
            Scenario::Due if (asked.due_at - JUST..asked.due_at).contains(&now) => {}
            Scenario::Due => self.go_on(asked.due_at - JUST - now).await?,
            Scenario::Overdue if now > asked.late_after => {}
            Scenario::Overdue => self.go_on(asked.late_after + JUST - now).await?,
            Scenario::Released => released = self.release(&asked).await.map_err(failed)?,
        }
        Ok(json!({"now": told(self.0.api.clock().now()), "reportRequestId": asked.id, "dueAt": told(asked.due_at),
            "conferenceId": asked.conference, "released": released}))
    }

    /// Releases what was submitted to the conference, as its chair; the police submit first, so that there is something.
    async fn release(&self, asked: &Asked) -> Result<Vec<Value>> {
        let key = || self.0.api.clock().new_id();
        if asked.is_open {
            let input = json!({"idempotencyKey": key(), "reportRequestId": asked.id,
                "involvement": "Called to the home twice since the last conference.",
                "worries": "Neighbours report shouting at night; the children were awake both times.",
                "strengths": "The mother rang us herself the second time.", "recommendation": "CP_PLAN"});
            self.as_persona("police", SUBMIT, json!({"input": input})).await?;
        }
        let found = self.as_persona("chair", REPORTS, json!({"id": asked.conference})).await?;
        let nodes = found.pointer("/conference/reports/nodes").and_then(Value::as_array).into_iter().flatten();
        let mut released = Vec::new();
        for report in nodes.filter(|node| node.get("state").and_then(Value::as_str) == Some("SUBMITTED")) {
            let input = json!({"idempotencyKey": key(), "conferenceReportId": report.get("id")});
            let done = self.as_persona("chair", RELEASE, json!({"input": input})).await?;
            released.extend(done.pointer("/it/conferenceReport/id").cloned());
        }
        Ok(released)
    }
}

fn read(node: &Value) -> Option<Asked> {
    let instant = |value: &Value| value.as_str().and_then(|text| text.parse::<DateTime<Utc>>().ok());
    let due_at = node.get("dueAt").and_then(instant)?;
    let deadlines = node.pointer("/deadlines/nodes").and_then(Value::as_array).into_iter().flatten();
    let late_after = deadlines.filter_map(|each| each.get("lateAfter").and_then(instant)).max();
    Some(Asked {
        id: node.get("id")?.clone(),
        conference: node.pointer("/conference/id")?.clone(),
        due_at,
        late_after: late_after.unwrap_or(due_at).max(due_at),
        is_open: node.get("receivedAt")?.is_null(),
    })
}

fn told(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where errors are turned into others")]
fn failed(error: Error) -> Refused {
    tracing::error!(%error, "the sandbox");
    Refused::Failed
}

impl Play for Sandbox {
    fn admits(&self, token: &str) -> bool {
        verify_slices_are_equal(token.as_bytes(), self.0.operator.as_bytes()).is_ok()
    }

    async fn shift(&self, to: Move) -> std::result::Result<Value, Refused> {
        let _turn = self.0.turn.lock().await;
        let was = self.0.api.clock().now();
        let by = match to {
            Move::To(at) => at - was,
            Move::By(span) => span,
        };
        self.go_on(by).await?;
        Ok(json!({"was": told(was), "now": told(self.0.api.clock().now())}))
    }

    async fn stage(&self, scenario: Scenario) -> std::result::Result<Value, Refused> {
        let _turn = self.0.turn.lock().await;
        self.play(scenario).await
    }
}
