//! One missed invitation in the evidence of an escalation, as it stood when that was raised, and whether the agency contests it.

use sea_orm::entity::prelude::*;

use crate::category::NonAttendanceDetail;
use crate::id::{AgencyId, EscalationEntryId, EscalationId, InvitationId, PractitionerId};
use crate::invitation::{Attendance, Meeting};
use crate::sealed::Sealed;

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "escalation_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EscalationEntryId,
    pub escalation_id: EscalationId,
    pub agency_id: AgencyId,
    pub invitation_id: InvitationId,
    pub meeting: Meeting,
    pub scheduled_at: DateTimeUtc,
    pub invited_at: DateTimeUtc,
    pub notice_working_days: Sealed<i32, NonAttendanceDetail>,
    pub attendance: Option<Attendance>,
    pub report_due_at: Option<DateTimeUtc>,
    pub report_received_at: Option<DateTimeUtc>,
    pub contested_because: Sealed<Option<String>, NonAttendanceDetail>,
    pub contested_by: Option<PractitionerId>,
    pub contested_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
