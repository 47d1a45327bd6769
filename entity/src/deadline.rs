//! What is due about a child, by when and by which standard: made with what makes it due, met with what meets it.

use sea_orm::entity::prelude::*;

use crate::category::PlanDetail;
use crate::codes::codes;
use crate::id::{
    AgencyId, ChildId, ConferenceId, CoreGroupId, DeadlineId, LocalAuthorityId, ReportRequestId, StrategyMeetingId,
    TeamId,
};
use crate::sealed::Sealed;

codes! {
    /// What is due.
    pub enum Kind {
        FirstStrategyMeeting, StrategyOutcomeDocument, StrategyDocument, StrategyRecordCirculated, InitialConference,
        ReportToFamily, ReportToProfessionals, ReviewReportToFamily, ReviewReportToUnit, AgencyReport,
        AgencyReportToReview, FamilyMetByChair, DecisionsCirculated, MinutesCirculated, OutlinePlan, FirstCoreGroup,
        NextCoreGroup, CoreGroupPapers, CoreGroupRecommendation, FirstReview, NextReview, NineMonthSupervision,
        NineMonthConversation, SupportReferral, SupportDiscussion, FollowOnPlan, CinPlanCopies,
    }
}

codes! {
    /// What a limit is counted in.
    pub enum Unit { Hours, Days, WorkingDays, Weeks, Months }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "deadline")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DeadlineId,
    pub local_authority_id: LocalAuthorityId,
    pub child_id: ChildId,
    /// Who has to meet it.
    pub agency_id: AgencyId,
    pub team_id: Option<TeamId>,
    pub kind: Kind,
    pub strategy_meeting_id: Option<StrategyMeetingId>,
    pub conference_id: Option<ConferenceId>,
    pub report_request_id: Option<ReportRequestId>,
    pub core_group_id: Option<CoreGroupId>,
    /// The rule it was made under, with the figure that stood then.
    pub rule: String,
    pub amount: i32,
    pub unit: Unit,
    /// Counted back from an event that is to come.
    pub before: bool,
    /// From when it was counted.
    pub counted_from: DateTimeUtc,
    /// The days that were passed over: a JSON list of pairs of day and reason.
    pub skipped: String,
    /// A year on the way whose bank holidays were not listed: until they are, its holidays were counted as working days.
    pub missing_year: Option<i32>,
    pub due_at: DateTimeUtc,
    /// Later than `due_at` only for what is due at once.
    pub late_after: DateTimeUtc,
    pub approaches_at: DateTimeUtc,
    pub made_at: DateTimeUtc,
    pub met_at: Option<DateTimeUtc>,
    /// When it stopped being due without having been met, and why where somebody said so.
    pub lapsed_at: Option<DateTimeUtc>,
    pub lapsed_because: Sealed<Option<String>, PlanDetail>,
    pub approaching_told_at: Option<DateTimeUtc>,
    pub missed_told_at: Option<DateTimeUtc>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
