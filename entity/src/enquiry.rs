//! An enquiry under section 47 of the Children Act 1989 about one child.

use sea_orm::entity::prelude::*;

use crate::category::AssessmentDetail;
use crate::codes::codes;
use crate::id::{AgencyId, ChildId, EnquiryId, LocalAuthorityId, PractitionerId, StrategyMeetingId, TeamId};
use crate::sealed::Sealed;

codes! {
    /// Where the enquiry stands.
    pub enum Status { Enquiring, Complete, OutcomeAgreed }
}

codes! {
    /// What the enquiry led to.
    pub enum Outcome {
        Conference, LegalAction, ProvisionOfServices, ShortBreaks, ContinueSingleAssessment, Monitor, NoFurtherAction,
        Other,
    }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "enquiry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EnquiryId,
    pub local_authority_id: LocalAuthorityId,
    /// The social care agency that makes it.
    pub agency_id: AgencyId,
    pub team_id: Option<TeamId>,
    pub child_id: ChildId,
    /// The strategy meeting that began it.
    pub strategy_meeting_id: StrategyMeetingId,
    pub lead_id: PractitionerId,
    /// When it began, and the single assessment with it.
    pub started_at: DateTimeUtc,
    pub status: Status,
    pub completed_at: Option<DateTimeUtc>,
    pub outcome: Sealed<Option<Outcome>, AssessmentDetail>,
    pub agreed_at: Option<DateTimeUtc>,
    pub agreed_by: Option<PractitionerId>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
