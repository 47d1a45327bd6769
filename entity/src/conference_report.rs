//! One version of an agency's report to a conference about one child.

use sea_orm::entity::prelude::*;

use crate::category::{ByRow, FamilyView};
use crate::codes::codes;
use crate::id::{AgencyId, ChildId, ConferenceId, ConferenceReportId, PractitionerId, ReportRequestId};
use crate::sealed::Sealed;

codes! {
    /// Where the version stands.
    pub enum State { Draft, Submitted, Released, Superseded, Withdrawn }
}

codes! {
    /// What the agency thinks the conference should decide.
    pub enum Recommendation { CpPlan, NoCpPlan, Undecided }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "conference_report")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConferenceReportId,
    pub report_request_id: ReportRequestId,
    pub conference_id: ConferenceId,
    pub child_id: ChildId,
    pub agency_id: AgencyId,
    pub author_id: PractitionerId,
    /// From 1; a draft has 0 until it is submitted.
    pub version: i32,
    pub state: State,
    pub involvement: Sealed<String, ByRow>,
    pub worries: Sealed<String, ByRow>,
    pub strengths: Sealed<String, ByRow>,
    pub child_voice: Sealed<Option<String>, FamilyView>,
    pub family_views: Sealed<Option<String>, FamilyView>,
    pub what_must_change: Sealed<Option<String>, ByRow>,
    /// 0 (most worried) to 10.
    pub safety_score: Sealed<Option<i32>, ByRow>,
    pub recommendation: Sealed<Option<Recommendation>, ByRow>,
    pub shared_with_family_on: Option<Date>,
    pub submitted_at: DateTimeUtc,
    pub released_at: Option<DateTimeUtc>,
    /// SHA-256 over the submitted content, lower-case hex.
    pub receipt: String,
    /// The template it was written by, and its version.
    #[sea_orm(column_type = "String(StringLen::N(40))")]
    pub template: String,
    pub template_version: i32,
    /// Counts the changes of a draft.
    pub revision: i64,
    /// Whole working days from its submission to the day it was due; below zero where it came late.
    pub working_days_early: Option<i32>,
    /// Submitted when its conference was over.
    pub after_conference: bool,
    /// When it was due, as it came; its request may be due at another time since.
    pub due_at: Option<DateTimeUtc>,
    /// Who agreed it at the agency, a line manager mostly, and when: as its author says.
    pub agreed_by: Option<PractitionerId>,
    pub agreed_on: Option<Date>,
    /// Who signed it, in their own name, and when.
    pub signed_by: Option<PractitionerId>,
    pub signed_at: Option<DateTimeUtc>,
    /// Why this version took the place of the one before.
    pub reason: Sealed<Option<String>, ByRow>,
    pub withdrawn_at: Option<DateTimeUtc>,
    pub withdrawn_by: Option<PractitionerId>,
    pub withdrawn_because: Sealed<Option<String>, ByRow>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
