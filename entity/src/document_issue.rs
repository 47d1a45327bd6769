//! A document of a record that was sent out.

use sea_orm::entity::prelude::*;

use crate::codes::codes;
use crate::id::{
    AgencyId, ConferenceId, CoreGroupMeetingId, DocumentIssueId, EnquiryId, LocalAuthorityId, PlanId, PractitionerId,
    StrategyMeetingId,
};

codes! {
    /// Which document.
    pub enum Document {
        StrategyOutcome, StrategyRecord, SocialWorkReport, Decisions, Minutes, CoreGroupPapers, Plan,
    }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "document_issue")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DocumentIssueId,
    pub local_authority_id: LocalAuthorityId,
    pub strategy_meeting_id: Option<StrategyMeetingId>,
    pub enquiry_id: Option<EnquiryId>,
    pub conference_id: Option<ConferenceId>,
    pub core_group_meeting_id: Option<CoreGroupMeetingId>,
    pub plan_id: Option<PlanId>,
    pub document: Document,
    /// Sent before the step it belongs to was finished: without signature, or as a draft.
    pub unfinished: bool,
    pub issued_at: DateTimeUtc,
    pub issued_by: PractitionerId,
    pub agency_id: AgencyId,
    /// When it was written down.
    pub recorded_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
