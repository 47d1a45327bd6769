//! The relationship between an agency (or one of its people) and a child. Row scope reads nothing else.

use sea_orm::entity::prelude::*;

use crate::category::RowRule;
use crate::codes::codes;
use crate::id::{AgencyId, ChildId, ConferenceId, InvolvementId, PractitionerId, StrategyMeetingId, TeamId};
use crate::sealed::Sealed;

codes! {
    /// On what ground the agency or person is involved.
    pub enum Basis {
        AllocatedWorker, Agency, Referrer, StrategyInvitation, ConferenceInvitation,
        Chair, MinuteTaker, CoreGroup, PlanAction, BreakGlass,
    }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "involvement")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InvolvementId,
    pub child_id: ChildId,
    pub agency_id: AgencyId,
    /// The named professional, where there is one.
    pub practitioner_id: Option<PractitionerId>,
    pub team_id: Option<TeamId>,
    pub basis: Basis,
    /// The conference that gave the relationship.
    pub conference_id: Option<ConferenceId>,
    /// The strategy meeting that gave the relationship.
    pub strategy_meeting_id: Option<StrategyMeetingId>,
    pub starts_at: DateTimeUtc,
    pub ends_at: Option<DateTimeUtc>,
    pub granted_by: Option<PractitionerId>,
    pub reason: Sealed<String, RowRule>,
    /// True if knowing the agency tells where a child with a protected address is.
    pub locates: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
