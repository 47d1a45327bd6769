//! A strategy meeting or discussion.

use sea_orm::entity::prelude::*;

use crate::category::RowRule;
use crate::codes::codes;
use crate::id::{AgencyId, AllegationId, LocalAuthorityId, PractitionerId, StrategyMeetingId};
use crate::sealed::Sealed;

codes! {
    /// Where the meeting stands.
    pub enum Status { Called, Held, Cancelled }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "strategy_meeting")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: StrategyMeetingId,
    pub local_authority_id: LocalAuthorityId,
    /// The social care agency that called it.
    pub agency_id: AgencyId,
    pub called_by: PractitionerId,
    pub lead_id: PractitionerId,
    /// Why it is called: the allegation or concern, for the invitees only.
    pub reason: Sealed<String, RowRule>,
    pub status: Status,
    pub scheduled_at: DateTimeUtc,
    pub held_at: Option<DateTimeUtc>,
    /// What is handed out at the meeting.
    pub outcome_summary: Sealed<Option<String>, RowRule>,
    pub called_at: DateTimeUtc,
    /// The allegation it is about, where it is about a professional.
    pub allegation_id: Option<AllegationId>,
    /// Whether the minimum of agencies took part; None until that is recorded.
    pub quorate: Option<bool>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
