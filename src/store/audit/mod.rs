//! The access record: a row for everything that is read or changed of a child, there before the answer leaves.
//!
//! What the row-returning functions of `store` hand out is noted in the [`ledger`] of its request. Reads are settled by
//! the [`writer`], which commits the rows of many requests at once; a write takes its rows along in its own
//! transaction. Rows are chained by hashes ([`chain`]), the head is signed and kept outside the database ([`heads`]),
//! and [`verify`] finds what does not fit.

mod at_once;
mod chain;
mod copies;
pub mod heads;
pub mod key;
pub mod ledger;
pub mod log;
pub(super) mod notices;
pub(in crate::store) mod reading;
pub mod verify;
mod writer;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use entity::audit::{self, Decision, Purpose};
use entity::category::Category;
use entity::id::ConferenceReportId;
use entity::notice;
use serde::Deserialize;
use uuid::Uuid;

use self::chain::Head;
use self::copies::Copies;
use self::heads::Heads;
pub use self::key::AuditKey;
use self::key::Pseudonyms;
use self::ledger::{Noted, Watched};
use self::notices::Given;
use self::reading::{Counted, Showing};
use self::writer::{Answer, Memory, Writer};
use super::{Database, Scoped, Store, Tx};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::policy::Standing;
use crate::policy::actions::Action;

/// Where key and signed heads are: both outside the database they are to hold to account.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditSettings {
    /// The key of pseudonyms and signatures: a file of 32 bytes or more, readable by the server only.
    pub key_file: PathBuf,
    /// Where signed heads of the record are appended; best on another machine's disk.
    pub heads_file: PathBuf,
    /// Seconds between signed heads at the most.
    #[serde(default = "default_seconds")]
    pub head_every_seconds: u64,
    /// Rows between signed heads at the most.
    #[serde(default = "default_rows")]
    pub head_every_rows: i64,
    /// Searches by name that one person may end nowhere with in an hour before their privacy officer is told.
    #[serde(default = "default_misses")]
    pub misses_an_hour: i64,
}

const fn default_seconds() -> u64 {
    60
}

const fn default_rows() -> i64 {
    1000
}

const fn default_misses() -> i64 {
    5
}

impl AuditSettings {
    /// Settings with the usual intervals.
    pub const fn of(key_file: PathBuf, heads_file: PathBuf) -> Self {
        Self {
            key_file,
            heads_file,
            head_every_seconds: default_seconds(),
            head_every_rows: default_rows(),
            misses_an_hour: default_misses(),
        }
    }
}

/// What an operation says of itself for the record: no variables, no content.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Query, mutation or subscription.
    pub kind: String,
    /// Name of the operation, where it has one.
    pub operation: Option<String>,
    /// Hash of the document.
    pub document: String,
    /// Why the caller says it asks.
    pub purpose: Option<Purpose>,
    /// The caller's reason in its own words.
    pub reason: Option<String>,
}

impl Store {
    /// What stands for an id in the record.
    pub(super) fn audit_pseudonym(&self, noun: &str, id: Uuid) -> Uuid {
        self.audit.key.pseudonym(noun, id)
    }

    /// Writes the row of something that was done without being asked, for nobody: the head of the record is locked by
    /// this until the transaction ends, so it comes last.
    pub(super) async fn record_upkeep(
        &self,
        tx: &sea_orm::DatabaseTransaction,
        resource: &str,
        rule: &str,
        touched: usize,
        about: &[(&'static str, Uuid)],
        at: chrono::DateTime<chrono::Utc>,
    ) -> Result<()> {
        let nobody = Doer {
            who: entity::id::PractitionerId(Uuid::nil()),
            agency: entity::id::AgencyId(Uuid::nil()),
            request: Uuid::nil(),
            role: "Upkeep".to_owned(),
            kind: "upkeep",
        };
        self.record_doing(tx, nobody, (resource, rule, touched), about, at).await
    }

    /// Writes the row of something that was done outside an operation; the head of the record is locked as above.
    pub(super) async fn record_doing(
        &self,
        tx: &sea_orm::DatabaseTransaction,
        doer: Doer,
        (resource, rule, touched): (&str, &str, usize),
        about: &[(&'static str, Uuid)],
        at: chrono::DateTime<chrono::Utc>,
    ) -> Result<()> {
        let subjects: BTreeSet<Uuid> = about.iter().map(|(noun, id)| self.audit_pseudonym(noun, *id)).collect();
        let row = audit::Model {
            sequence: 0,
            at,
            practitioner_id: doer.who,
            agency_id: doer.agency,
            request_id: doer.request,
            role: doer.role,
            purpose: None,
            reason: None,
            kind: doer.kind.to_owned(),
            operation: String::new(),
            document: String::new(),
            resource: resource.to_owned(),
            categories: String::new(),
            decision: Decision::Allowed,
            rule: rule.to_owned(),
            touched: i64::try_from(touched).unwrap_or(i64::MAX),
            subjects: subjects.into_iter().flat_map(Uuid::into_bytes).collect(),
            hash: Vec::new(),
        };
        let head = chain::lock(tx).await?;
        chain::append(tx, head, vec![row], vec![]).await?;
        Ok(())
    }
}

/// Who does something outside an operation.
pub(super) struct Doer {
    pub who: entity::id::PractitionerId,
    pub agency: entity::id::AgencyId,
    pub request: Uuid,
    pub role: String,
    pub kind: &'static str,
}

/// What the store needs to keep the record.
pub(super) struct Keeper {
    key: Arc<AuditKey>,
    heads: Arc<Heads>,
    writer: Writer,
    given: Given,
    counted: Counted,
    opened: copies::Opened,
}

impl Keeper {
    /// Starts keeping the record of `db`.
    pub(super) fn start(db: Database, clock: Clock, key: AuditKey, settings: &AuditSettings) -> Self {
        let key = Arc::new(key);
        let heads = Arc::new(Heads::new(key.clone(), clock, settings));
        let (given, counted) = (Given::default(), reading::memory());
        let opened = copies::memory();
        let memory = Memory { given: given.clone(), counted: counted.clone(), opened: opened.clone() };
        let writer = Writer::start(db, heads.clone(), memory, settings.misses_an_hour);
        Self { key, heads, writer, given, counted, opened }
    }
}

impl Scoped {
    /// The same reader, with what its operation says of itself.
    #[must_use]
    pub fn asking(mut self, asked: Arc<Asked>) -> Self {
        self.who = self.who.asking(asked);
        self
    }

    /// The same reader with a ledger apart: for exports, which have limits of their own. Whoever takes it settles it.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self { who: self.who.apart(), ..self.clone() }
    }

    /// Notes that the operation was refused.
    pub fn refused(&self) {
        let ledger = self.who.ledger();
        if !ledger.holds(Decision::Denied) {
            ledger.refused("Operation", "FORBIDDEN");
        }
    }

    /// Writes down what was handed out since the last time, and counts the children in it. No answer may leave before
    /// this has returned.
    ///
    /// # Errors
    /// `RateLimited` if it shows more children than the reader may open; `Unavailable` if it cannot be written, for
    /// whatever reason.
    pub async fn settle(&self) -> Result<()> {
        let copies = self.opened_copies();
        let (noted, opened) = self.who.ledger().take();
        if noted.is_empty() {
            return Ok(());
        }
        let notices = self.store.audit.given.ungiven(notices::of_openings(&self.who, &noted));
        let (rows, showing) = {
            let mut pseudonyms = Pseudonyms::by(&self.store.audit.key);
            let rows = noted.iter().map(|each| self.row(each, &each.categories(&opened), &mut pseudonyms)).collect();
            (rows, self.showing(&noted, &mut pseudonyms))
        };
        let answer = Answer { rows, notices, showing, copies };
        self.store.audit.writer.write(answer).await
    }

    /// The copies that were read and are not known to have been opened before.
    fn opened_copies(&self) -> Copies {
        let agency = self.who.agency;
        let is_new = |report: &ConferenceReportId| !self.store.audit.opened.contains_key(&(*report, agency));
        let reports = self.who.ledger().take_copies().into_iter().filter(is_new).collect();
        Copies { reports, agency, person: self.who.practitioner, at: self.who.at }
    }

    /// The children that what was noted shows and that are still to be counted.
    fn showing(&self, noted: &[Noted], pseudonyms: &mut Pseudonyms<'_>) -> Option<Showing> {
        if !self.who.is_counted() {
            return None;
        }
        let keeper = &self.store.audit;
        Showing::of(&self.who, noted, pseudonyms, &self.store.limits, &keeper.counted)
    }

    fn row(&self, noted: &Noted, categories: &[Category], pseudonyms: &mut Pseudonyms<'_>) -> audit::Model {
        let words: Vec<_> = categories.iter().map(|c| format!("{c:?}")).collect();
        draft(&self.who, self.request, noted, words.join(" "), pseudonyms)
    }
}

impl Tx {
    /// Writes the rows of `A` and of all that was read for it into the transaction. The head of the record is locked
    /// by this until the transaction ends, so it comes last.
    pub(super) async fn append_audit<A: Action>(&self, resource: Uuid, noun: &'static str) -> Result<Appended> {
        let scope = self.scope();
        let (noted, opened) = scope.who.ledger().take();
        let mut subjects = vec![(noun, resource)];
        if !scope.who.ledger().is_discreet() {
            let all = noted.iter().flat_map(|each| each.subjects.iter().copied());
            subjects.extend(all.filter(|(n, _)| *n == "Child"));
        }
        let change = Noted::change(noun, A::NAME, subjects);
        let notices = scope.store.audit.given.ungiven(notices::of_openings(&scope.who, &noted));
        let (rows, showing) = {
            let mut pseudonyms = Pseudonyms::by(&scope.store.audit.key);
            let mut rows = vec![scope.row(&change, &[], &mut pseudonyms)];
            rows.extend(noted.iter().map(|each| scope.row(each, each.all_categories(), &mut pseudonyms)));
            (rows, scope.showing(&noted, &mut pseudonyms))
        };
        let refused = match self.append_rows(rows, notices.clone(), showing.as_ref()).await {
            Ok(Ok(head)) => return Ok(Appended { head, noted, opened, notices, showing }),
            Ok(Err(refused)) => refused,
            Err(error) => {
                tracing::error!(%error, "the access record cannot be written");
                Error::Unavailable
            }
        };
        // what was read for it is still to be written, or refused, with the answer
        scope.who.ledger().put_back(noted, opened);
        Err(refused)
    }

    async fn append_rows(
        &self,
        rows: Vec<audit::Model>,
        notices: Vec<notice::Model>,
        showing: Option<&Showing>,
    ) -> std::result::Result<Result<Head>, sea_orm::DbErr> {
        let head = chain::lock(&self.inner).await?;
        let stopped = reading::admit(&self.inner, &[showing]).await?;
        if let (Some(Some(kind)), Some(showing)) = (stopped.first(), showing) {
            return Ok(Err(showing.refusal(*kind)));
        }
        Ok(Ok(chain::append(&self.inner, head, rows, notices).await?))
    }
}

/// Rows that stand once their transaction is committed.
pub(super) struct Appended {
    head: Head,
    noted: Vec<Noted>,
    opened: BTreeSet<Category>,
    notices: Vec<notice::Model>,
    showing: Option<Showing>,
}

impl Appended {
    /// The transaction was committed.
    pub(super) fn stands(self, keeper: &Keeper) {
        keeper.given.remember(&self.notices);
        keeper.heads.reached(self.head);
        if let Some(showing) = self.showing {
            showing.remember(&keeper.counted);
        }
    }

    /// The transaction was taken back: what was read for it is still to be written.
    pub(super) fn taken_back(self, scope: &Scoped) {
        scope.who.ledger().put_back(self.noted, self.opened);
    }
}

fn draft(
    who: &Watched,
    request: Uuid,
    noted: &Noted,
    categories: String,
    pseudonyms: &mut Pseudonyms<'_>,
) -> audit::Model {
    let standing: &Standing = who;
    let asked = who.asked();
    let subjects = noted.subjects.iter().flat_map(|subject| pseudonyms.of(*subject).into_bytes()).collect();
    audit::Model {
        sequence: 0,
        at: standing.at,
        practitioner_id: standing.practitioner,
        agency_id: standing.agency,
        request_id: request,
        role: format!("{:?}", standing.role),
        purpose: asked.purpose,
        reason: asked.reason.clone(),
        kind: asked.kind.clone(),
        operation: asked.operation.clone().filter(|_| !who.ledger().is_discreet()).unwrap_or_default(),
        document: asked.document.clone(),
        resource: noted.noun.to_owned(),
        categories,
        decision: noted.decision,
        rule: noted.rule.to_owned(),
        touched: i64::try_from(noted.touched).unwrap_or(i64::MAX),
        subjects,
        hash: Vec::new(),
    }
}
