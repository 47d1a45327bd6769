//! A step of a record that was finished: from then on its entries are told to be whole.

use sea_orm::entity::prelude::*;

use crate::codes::codes;
use crate::id::{
    AgencyId, ConferenceId, CoreGroupMeetingId, EnquiryId, FinishedStepId, LocalAuthorityId, PlanId, PractitionerId,
    StrategyMeetingId,
};

codes! {
    /// What is finished.
    pub enum Step {
        StrategyRecord, Enquiries, EnquiryOutcome, Preparation, SocialWorkReport, Minutes, CoreGroupMinutes, DetailedPlan,
        PlanSignOff, CinPlan,
    }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "finished_step")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FinishedStepId,
    pub local_authority_id: LocalAuthorityId,
    pub strategy_meeting_id: Option<StrategyMeetingId>,
    pub enquiry_id: Option<EnquiryId>,
    pub conference_id: Option<ConferenceId>,
    pub core_group_meeting_id: Option<CoreGroupMeetingId>,
    pub plan_id: Option<PlanId>,
    pub step: Step,
    pub finished_at: DateTimeUtc,
    pub finished_by: PractitionerId,
    pub agency_id: AgencyId,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
