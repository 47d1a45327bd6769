//! An agency asked to a meeting, its reply, and whether it came. Kept apart from the report.

use sea_orm::entity::prelude::*;

use crate::category::NonAttendanceDetail;
use crate::codes::codes;
use crate::id::{
    AgencyId, ConferenceId, CoreGroupMeetingId, InvitationId, LocalAuthorityId, PractitionerId, StrategyMeetingId,
};
use crate::sealed::Sealed;

codes! {
    /// The kind of meeting.
    pub enum Meeting { Conference, StrategyMeeting, CoreGroup }
}

codes! {
    /// What the agency answered.
    pub enum Reply { Awaited, Attending, AttendingRemotely, SendingDeputy, Apologies }
}

codes! {
    /// Whether the agency took part.
    pub enum Attendance { InPerson, Remote, Deputy, Apologies, NoWord }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "invitation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InvitationId,
    pub local_authority_id: LocalAuthorityId,
    pub meeting: Meeting,
    pub conference_id: Option<ConferenceId>,
    pub strategy_meeting_id: Option<StrategyMeetingId>,
    pub core_group_meeting_id: Option<CoreGroupMeetingId>,
    pub agency_id: AgencyId,
    pub practitioner_id: Option<PractitionerId>,
    /// When the meeting is or was, as the meeting says; kept here so that patterns are counted from one table.
    pub scheduled_at: DateTimeUtc,
    pub invited_at: DateTimeUtc,
    /// Working days between the invitation and the meeting.
    pub notice_working_days: Sealed<i32, NonAttendanceDetail>,
    pub reply: Sealed<Reply, NonAttendanceDetail>,
    pub replied_at: Option<DateTimeUtc>,
    pub apologies_reason: Sealed<Option<String>, NonAttendanceDetail>,
    /// None until attendance is recorded.
    pub attendance: Option<Attendance>,
    /// When the agency's reports were due; None where none was asked.
    pub report_due_at: Option<DateTimeUtc>,
    /// When the last of the reports asked of the agency arrived.
    pub report_received_at: Option<DateTimeUtc>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
