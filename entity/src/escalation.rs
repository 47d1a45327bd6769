//! A pattern of non-attendance, taken up with the safeguarding lead of an agency.

use sea_orm::entity::prelude::*;

use crate::category::NonAttendanceDetail;
use crate::codes::codes;
use crate::id::{AgencyId, EscalationId, LocalAuthorityId, PractitionerId};
use crate::sealed::Sealed;

codes! {
    /// Where it stands.
    pub enum Status { Open, MeetingAgreed, Closed }
}

codes! {
    /// What became of it.
    pub enum Outcome { Explained, ActionAgreed, RecordsCorrected, NotResolved }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "escalation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EscalationId,
    pub local_authority_id: LocalAuthorityId,
    /// The agency whose pattern it is.
    pub agency_id: AgencyId,
    pub status: Status,
    pub from_on: Date,
    pub until_on: Date,
    pub reason: Sealed<String, NonAttendanceDetail>,
    /// The figures as they stood, in words; never changed.
    pub figures: Sealed<String, NonAttendanceDetail>,
    /// SHA-256 over figures and entries as they were written, lower-case hex.
    pub sha256: String,
    pub raised_by: PractitionerId,
    pub raised_at: DateTimeUtc,
    pub answer: Sealed<Option<String>, NonAttendanceDetail>,
    pub answered_by: Option<PractitionerId>,
    pub answered_at: Option<DateTimeUtc>,
    pub meeting_at: Option<DateTimeUtc>,
    pub outcome: Sealed<Option<Outcome>, NonAttendanceDetail>,
    pub outcome_text: Sealed<Option<String>, NonAttendanceDetail>,
    pub closed_by: Option<PractitionerId>,
    pub closed_at: Option<DateTimeUtc>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
