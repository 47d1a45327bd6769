//! The only way to data. Connections never leave this room.
//!
//! Reads go through [`Scoped`], whose one `find` adds the row rule of the table; writes go through [`Tx`], which
//! cannot commit without an event, an audit row and the caller's idempotency key. A `Scoped` needs a verified
//! [`Principal`](crate::auth::Principal).

pub mod agency;
pub mod agency_reference;
pub mod ahead;
pub mod allegation;
pub mod attachment;
pub mod attendance;
pub mod audience;
pub mod audit;
pub mod bulk;
pub mod child;
pub mod child_match;
pub mod conference;
pub mod connect;
pub mod core_group;
pub mod deadline;
mod deadline_backfill;
mod deadline_standing;
mod deadline_upkeep;
pub mod delegation;
pub mod designation;
pub mod emergency;
pub mod emergency_record;
pub mod episode;
pub mod escalation;
pub mod export;
pub mod export_entry;
pub mod feed;
mod in_flight;
pub mod invitation;
pub mod invitee;
pub mod involvement;
pub mod letter;
mod limits;
pub mod loaders;
pub mod non_attendance;
pub mod outbox;
pub mod page;
pub mod permit;
pub mod place;
pub mod plan;
mod plan_action;
pub mod plan_status;
pub mod plan_version;
pub mod practice;
mod read;
pub mod reason;
pub mod record;
mod record_set;
pub mod report;
pub mod restricted;
pub mod review;
pub mod revocation;
pub mod standing;
pub mod strategy_meeting;
pub mod transfer;
pub mod tx;
pub mod upkeep;
pub mod visible;
mod wake;
pub mod webhook;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, DbErr, PrimaryKeyTrait, Value};

use entity::id::TypedId;
use entity::local_authority::Profile;

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::policy::Standing;
use crate::policy::disclosure::Disclosure;
use crate::policy::emergency::EmergencyLimits;
use crate::policy::limits::AccessLimits;
use crate::practice::Practice;

use self::audit::ledger::{Opening, Watched};
use self::audit::{AuditKey, AuditSettings, Keeper};
pub use self::connect::{Database, StoreSettings};
use self::place::PlaceKey;
use self::read::Rows;
pub use self::tx::{Begun, Tx, Write};
use self::visible::Visible;

/// Owns the connections of the process.
#[derive(Clone)]
pub struct Store {
    db: Database,
    clock: Clock,
    bell: outbox::Bell,
    audit: Arc<Keeper>,
    places: Arc<PlaceKey>,
    emergency: EmergencyLimits,
    limits: Arc<AccessLimits>,
    reads_ahead: bool,
    texts: ahead::Texts,
    broad: moka::sync::Cache<entity::id::AgencyId, bool>,
    practice: Arc<Practice>,
    profiles: moka::sync::Cache<entity::id::LocalAuthorityId, Profile>,
    signer: Arc<report::receipt::Signer>,
    tickets: Arc<attachment::ticket::TicketKey>,
    attachments: Arc<attachment::Attachments>,
    in_flight: Arc<in_flight::InFlight>,
    webhooks: Arc<webhook::settings::WebhookSettings>,
    webhook_secrets: Arc<webhook::secret::SecretKey>,
}

impl Store {
    /// A store over an open database, keeping its access record with `key`. Needs the asynchronous runtime.
    ///
    /// # Errors
    /// `Internal` if the key is of no use.
    pub fn new(db: Database, clock: Clock, key: AuditKey, audit: &AuditSettings) -> Result<Self> {
        let places = Arc::new(PlaceKey::of(&key)?);
        let signer = report::receipt::Signer::new(&key.derive("receipts"))?;
        let tickets = Arc::new(attachment::ticket::TicketKey::of(&key));
        let webhook_secrets = Arc::new(webhook::secret::SecretKey::of(&key));
        let audit = Arc::new(Keeper::start(db.clone(), clock.clone(), key, audit));
        let emergency = EmergencyLimits::default();
        Ok(Self {
            db,
            clock,
            bell: outbox::Bell::default(),
            audit,
            places,
            emergency,
            limits: Arc::default(),
            reads_ahead: true,
            texts: ahead::Texts::default(),
            broad: standing::breadths(),
            practice: Practice::embedded(),
            profiles: practice::profiles(),
            signer: Arc::new(signer),
            tickets,
            attachments: Arc::new(attachment::Attachments::nowhere()),
            in_flight: Arc::default(),
            webhooks: Arc::default(),
            webhook_secrets,
        })
    }

    /// The same store with other limits of emergency access.
    #[must_use]
    pub fn with_emergency(self, emergency: EmergencyLimits) -> Self {
        Self { emergency, ..self }
    }

    /// The limits of emergency access.
    pub const fn emergency(&self) -> &EmergencyLimits {
        &self.emergency
    }

    /// The limits of use.
    pub fn limits(&self) -> &AccessLimits {
        &self.limits
    }

    /// The same store with other limits of use.
    #[must_use]
    pub fn limited(self, limits: AccessLimits) -> Self {
        Self { limits: limits.into(), ..self }
    }

    /// The same store, which sends to webhooks as it is told.
    #[must_use]
    pub fn sending(self, webhooks: webhook::settings::WebhookSettings) -> Self {
        Self { webhooks: webhooks.into(), ..self }
    }

    /// Where webhooks may be.
    pub fn webhooks(&self) -> &webhook::settings::WebhookSettings {
        &self.webhooks
    }

    /// The same store, which reads ahead or leaves all nested rows to the batches. Answers are the same.
    #[must_use]
    pub fn reading_ahead(self, reads_ahead: bool) -> Self {
        Self { reads_ahead, ..self }
    }

    /// The same store, which goes by this calendar and these standards.
    #[must_use]
    pub fn practising(self, practice: Arc<Practice>) -> Self {
        Self { practice, ..self }
    }

    /// The calendar and the standards it goes by.
    pub const fn practice(&self) -> &Arc<Practice> {
        &self.practice
    }

    /// The clock all rows are stamped with.
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }
}

/// A read handle for one standing: every row that comes out passed the row rule of its table.
#[derive(Clone)]
pub struct Scoped {
    store: Store,
    who: Watched,
    request: uuid::Uuid,
}

impl Scoped {
    /// Who reads.
    pub fn who(&self) -> &Standing {
        &self.who
    }

    /// The same reader, for an operation that changes something. What it changes may close to the reader what was open
    /// when the post was read, and its next field is under the rules of that moment.
    #[must_use]
    pub fn changing(self) -> Self {
        Self { who: self.who.under_every_rule(), ..self }
    }

    /// Whether what a field asks for below it is read with it.
    pub const fn reads_ahead(&self) -> bool {
        self.store.reads_ahead
    }

    /// The one `find` of the program: what leaves it passed the row rule and is noted.
    fn rows<E: Visible>(&self) -> Rows<'_, E> {
        Rows::of(self)
    }

    /// What this reader may open on a row of `agency`.
    pub fn disclosure(&self, agency: Option<entity::id::AgencyId>) -> Opening {
        Opening::new(Disclosure::on_row(self.who.role, agency == Some(self.who.agency)), &self.who)
    }

    /// Notes that the text of a report is read.
    pub fn reads_report(&self, report: &entity::conference_report::Model) {
        self.who.read_report(report);
    }

    /// One row by its id; absent and invisible are the same.
    pub async fn by_id<E>(&self, id: <E::PrimaryKey as PrimaryKeyTrait>::ValueType) -> Result<E::Model>
    where
        E: Visible,
        <E::PrimaryKey as PrimaryKeyTrait>::ValueType: TypedId + Into<Value>,
    {
        self.rows::<E>().named(id).await
    }
}

/// The rows whose half-open period `[starts, ends)` holds `at`: the one reading of a period, for instants and days.
fn in_force<C: ColumnTrait>(starts: C, ends: C, at: impl Into<Value> + Copy) -> Condition {
    Condition::all().add(starts.lte(at)).add(lasts(ends, at))
}

/// The rows whose period has no end or ends after `at`, begun or not.
fn lasts<C: ColumnTrait>(ends: C, at: impl Into<Value>) -> Condition {
    Condition::any().add(ends.is_null()).add(ends.gt(at))
}

/// The end of a period that is ended at `at`. A period is never empty: what was to begin later is cut to its first instant
/// and lies in the future still.
fn cut(starts_at: DateTime<Utc>, at: DateTime<Utc>) -> DateTime<Utc> {
    std::cmp::max(at, starts_at + chrono::Duration::microseconds(1))
}

/// A condition that no row meets.
fn nothing() -> Expr {
    Expr::val(1).eq(0)
}

impl From<DbErr> for Error {
    /// Faults of the connection are «unavailable», what another writer wrote first is «stale», all others are faults of
    /// the program. Never «not found».
    fn from(source: DbErr) -> Self {
        match source {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Unavailable,
            other if connect::is_busy(&other) || connect::is_away(&other) => Self::Unavailable,
            other if connect::is_taken(&other) => Self::Stale,
            other => Self::Internal(Box::new(other)),
        }
    }
}
