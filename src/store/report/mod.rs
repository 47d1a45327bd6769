//! Report requests and conference reports: what a report says, and how its versions are written.

mod author;
pub mod bundle;
pub mod receipt;
mod send;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use entity::chronology_row::{Kind as ChronologyKind, Precision};
use entity::conference_report::Recommendation;
use entity::id::{AttachmentId, ChildId, ConferenceId, ConferenceReportId, PractitionerId, RestrictedItemId};
use entity::{agency, report_request, restricted_item};
use sea_orm::{ColumnTrait, Condition};
use serde::Serialize as _;

use super::Scoped;
use super::invitee::Invitee;
use crate::error::{Error, Result};
use crate::global::global;

pub use self::send::Marked;
/// What a template asks, and how it is answered: the practice rooms' own types, for the API.
pub use crate::practice::templates::{Answer, Asked, Form, Says, Section, Template};

/// What is due sooner than this is due, and not merely open.
const SOON: chrono::TimeDelta = chrono::TimeDelta::days(2);

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestStatus {
    /// Nothing received, not due for two days or more.
    Open,
    /// Nothing received, due within two days.
    Due,
    /// Nothing received, due passed.
    Overdue,
    /// Received.
    Done,
    /// Nothing received, and nothing needed: the conference was called off.
    NotNeeded,
}

impl RequestStatus {
    /// The status of a request at `now`.
    pub fn of(row: &report_request::Model, now: DateTime<Utc>) -> Self {
        match (row.received_at, row.lapsed_at) {
            (Some(_), _) => Self::Done,
            (None, Some(_)) => Self::NotNeeded,
            (None, None) if row.due_at < now => Self::Overdue,
            (None, None) if row.due_at < now + SOON => Self::Due,
            (None, None) => Self::Open,
        }
    }

    /// The requests that stand so at `now`.
    pub fn condition(self, now: DateTime<Utc>) -> Condition {
        use report_request::Column as C;
        let missing = Condition::all().add(C::ReceivedAt.is_null());
        let waits = missing.clone().add(C::LapsedAt.is_null());
        match self {
            Self::Open => waits.add(C::DueAt.gte(now + SOON)),
            Self::Due => waits.add(C::DueAt.gte(now)).add(C::DueAt.lt(now + SOON)),
            Self::Overdue => waits.add(C::DueAt.lt(now)),
            Self::Done => Condition::all().add(C::ReceivedAt.is_not_null()),
            Self::NotNeeded => missing.add(C::LapsedAt.is_not_null()),
        }
    }
}

/// Which requests somebody wants.
#[derive(Clone, Debug, Default)]
pub struct WantedRequests {
    /// That stand so.
    pub status: Option<RequestStatus>,
    /// About this child.
    pub child: Option<ChildId>,
    /// For this conference.
    pub conference: Option<ConferenceId>,
    /// Due at this instant or later.
    pub due_from: Option<DateTime<Utc>>,
    /// Due before this instant.
    pub due_until: Option<DateTime<Utc>>,
}

impl WantedRequests {
    pub(super) fn condition(&self, now: DateTime<Utc>) -> Condition {
        use report_request::Column as C;
        Condition::all()
            .add_option(self.status.map(|status| status.condition(now)))
            .add_option(self.child.map(|id| C::ChildId.eq(id)))
            .add_option(self.conference.map(|id| C::ConferenceId.eq(id)))
            .add_option(self.due_from.map(|at| C::DueAt.gte(at)))
            .add_option(self.due_until.map(|at| C::DueAt.lt(at)))
    }
}

/// What an agency reports, as it was given.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportContent {
    /// The agency's involvement.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub involvement: String,
    /// Worries.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub worries: String,
    /// Strengths and safety.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub strengths: String,
    /// The child's voice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub child_voice: Option<String>,
    /// The family's views.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_views: Option<String>,
    /// What must change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what_must_change: Option<String>,
    /// 0 (most worried) to 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub safety_score: Option<i32>,
    /// Recommendation.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "word")]
    pub recommendation: Option<Recommendation>,
    /// When it was shared with the family.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared_with_family_on: Option<NaiveDate>,
    /// Answers to the other items of its template.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// What happened when.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chronology: Vec<ChronologyLine>,
    /// The files that belong to it.
    #[serde(rename = "attachmentIds", skip_serializing_if = "Vec::is_empty", serialize_with = "files")]
    pub attachments: Vec<AttachmentId>,
    /// Passages that only some may read; a draft has none.
    #[serde(rename = "restrictedItems", skip_serializing_if = "Vec::is_empty")]
    pub restricted: Vec<Passage>,
}

/// A passage of a report that only its agency and some readers may read, as it was given.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Passage {
    /// What kind it is.
    #[serde(serialize_with = "kind_of_item")]
    pub kind: restricted_item::Kind,
    /// What it says.
    pub text: String,
    /// About, or from, a third party.
    pub third_party: bool,
    /// Who may read it.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "readers")]
    pub readers: Vec<Invitee>,
}

/// A row of a chronology, as it was given.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChronologyLine {
    /// The day, or the first of the month or year.
    pub occurred_on: NaiveDate,
    /// How exactly it is known.
    #[serde(serialize_with = "precision")]
    pub precision: Precision,
    /// The last day of what lasted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_on: Option<NaiveDate>,
    /// What kind of thing it was.
    #[serde(serialize_with = "kind")]
    pub kind: ChronologyKind,
    /// What happened.
    pub text: String,
    /// How the agency knows.
    pub source: String,
    /// What was done about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<String>,
    /// About, or from, a third party.
    pub third_party: bool,
    /// It tells where the child is.
    pub locates: bool,
}

fn files<S: serde::Serializer>(ids: &[AttachmentId], to: S) -> std::result::Result<S::Ok, S::Error> {
    ids.iter().map(|id| global(*id)).collect::<Vec<_>>().serialize(to)
}

#[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
fn word<S: serde::Serializer>(code: &Option<Recommendation>, to: S) -> std::result::Result<S::Ok, S::Error> {
    code.map(Recommendation::word).serialize(to)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
fn precision<S: serde::Serializer>(code: &Precision, to: S) -> std::result::Result<S::Ok, S::Error> {
    code.word().serialize(to)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
fn kind_of_item<S: serde::Serializer>(code: &restricted_item::Kind, to: S) -> std::result::Result<S::Ok, S::Error> {
    code.word().serialize(to)
}

fn readers<S: serde::Serializer>(readers: &[Invitee], to: S) -> std::result::Result<S::Ok, S::Error> {
    let named = |reader: &Invitee| {
        let agency = ("agencyId", global(reader.agency));
        let person = reader.practitioner.map(|id| ("practitionerId", global(id)));
        std::iter::once(agency).chain(person).collect::<BTreeMap<_, _>>()
    };
    readers.iter().map(named).collect::<Vec<_>>().serialize(to)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
fn kind<S: serde::Serializer>(code: &ChronologyKind, to: S) -> std::result::Result<S::Ok, S::Error> {
    code.word().serialize(to)
}

/// By which template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByTemplate {
    /// Its code.
    pub code: String,
    /// Its version.
    pub version: i32,
}

/// A version of a report that is submitted.
#[derive(Clone, Debug)]
pub struct NewReport {
    /// Its id.
    pub id: ConferenceReportId,
    /// Who wrote it.
    pub author: PractitionerId,
    /// By which template.
    pub template: ByTemplate,
    /// When it is due.
    pub due_at: DateTime<Utc>,
    /// Who agreed it, and on which day: as its author says.
    pub agreed: Option<(PractitionerId, NaiveDate)>,
    /// Who signed its draft, and when.
    pub signed: Option<(PractitionerId, DateTime<Utc>)>,
    /// Whole working days before it was due; below zero, after.
    pub working_days_early: Option<i32>,
    /// The conference is over.
    pub after_conference: bool,
    /// Why it takes the place of the version before.
    pub reason: Option<String>,
    /// What it says.
    pub content: ReportContent,
    /// The ids of its restricted passages, in their order.
    pub items: Vec<RestrictedItemId>,
}

impl Scoped {
    /// The newest version of each template, those of the reader's agency first.
    pub async fn report_templates(&self) -> Result<Vec<Arc<Template>>> {
        let kind = self.by_id::<agency::Entity>(self.who.agency).await?.kind;
        Ok(self.store.practice.templates.for_agency(kind))
    }

    /// The newest templates of agencies of a kind, the common core last.
    pub fn templates_of(&self, kind: agency::Kind) -> Vec<Arc<Template>> {
        self.store.practice.templates.of_agency(kind)
    }

    /// A template by its code, and its version or the newest.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub fn report_template(&self, code: &str, version: Option<i32>) -> Result<Arc<Template>> {
        let templates = &self.store.practice.templates;
        let found = version.map_or_else(|| templates.newest(code), |version| templates.get(code, version));
        found.cloned().ok_or(Error::NotFound)
    }
}
