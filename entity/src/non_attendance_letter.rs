//! A letter that asks an agency why it did not come to a conference, or sent no report, and what it answered.

use sea_orm::entity::prelude::*;

use crate::category::NonAttendanceDetail;
use crate::codes::codes;
use crate::id::{AgencyId, ConferenceId, InvitationId, LocalAuthorityId, NonAttendanceLetterId, PractitionerId};
use crate::sealed::Sealed;

codes! {
    /// What the agency is asked about.
    pub enum About { DidNotAttend, NoReport, Neither }
}

codes! {
    /// Where a letter stands.
    pub enum Status { Written, Sent, Replied }
}

codes! {
    /// Why the agency did not come or report, as it says itself.
    pub enum Reason {
        InvitedLate, NotReceived, Clash, Illness, Leave, Vacancy, NotInvolved, ReportSentOtherwise, Attended, Other,
    }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "non_attendance_letter")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NonAttendanceLetterId,
    pub local_authority_id: LocalAuthorityId,
    pub conference_id: ConferenceId,
    pub invitation_id: InvitationId,
    pub agency_id: AgencyId,
    pub about: About,
    pub status: Status,
    pub text: Sealed<String, NonAttendanceDetail>,
    pub written_by: PractitionerId,
    pub written_at: DateTimeUtc,
    pub sent_by: Option<PractitionerId>,
    pub sent_at: Option<DateTimeUtc>,
    /// By when the agency is to answer; None until it is sent.
    pub reply_due_at: Option<DateTimeUtc>,
    pub reason: Sealed<Option<Reason>, NonAttendanceDetail>,
    pub reply: Sealed<Option<String>, NonAttendanceDetail>,
    /// The agency says that what was recorded is wrong.
    pub contested: bool,
    pub replied_by: Option<PractitionerId>,
    pub replied_at: Option<DateTimeUtc>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
