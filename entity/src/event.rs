//! The outbox: what happened, kinds and ids only.

use sea_orm::entity::prelude::*;

use crate::codes::codes;
use crate::id::{
    AccessReviewId, AllegationId, ConferenceId, ConferenceReportId, ConflictId, CoreGroupId, DesignationId,
    EmergencyAccessId, EventId, ExportId, InvitationId, InvolvementId, LocalAuthorityId, ReaderListingId,
    RestrictedItemId, StrategyMeetingId,
};

codes! {
    /// What happened.
    pub enum Kind {
        StrategyMeetingCalled, StrategyMeetingOutcomeRecorded, ConferenceScheduled, InvitationReplied,
        ConferenceReportSubmitted, ConferenceAttendanceRecorded, ConferenceOutcomeRecorded, CoreGroupMeetingRecorded,
        InvolvementGranted, InvolvementEnded, ConflictRecorded, ConflictEnded, ConferenceReportReleased,
        InvolvementMarked, RestrictedItemRecorded, ReaderListed, ReaderUnlisted,
        DesignationGranted, DesignationEnded, EmergencyAccessOpened, EmergencyAccessReviewed,
        ExportRequested, ExportApproved, ExportRefused, AccessReviewIssued, AccessReviewAnswered,
        ChairDelegated, ChairDelegationEnded, TransferShared, TransferWithdrawn, TransferAccepted,
        AllegationReferred, AllegationLeadNamed, AllegationClosed,
        DeadlineApproaching, DeadlineMissed, DeadlineMet, DeadlineWaived,
        EntryRecorded, StepFinished, DocumentIssued, DocumentReceived, StrategyMeetingExtended, ConferenceAdjourned,
        PlanOpened, PlanEnded, ConferenceReportDrafted, ConferenceReportAmended, ConferenceReportWithdrawn,
        AgencyReferenceSet, ReferralRecorded, EpisodeClosed, AssessmentStarted, AssessmentCompleted, DeathRecorded,
        AttachmentAnnounced, AttachmentChecked, AttachmentRemoved, AttachmentUploaded, ConferenceReportShared, ConferenceReportsComplete,
        NonAttendanceLetterWritten, NonAttendanceLetterSent, NonAttendanceLetterReplied,
        EscalationRaised, EscalationEntryContested, EscalationAnswered, EscalationMeetingAgreed, EscalationClosed,
        StrategyMeetingCancelled, ConferenceCancelled, ConferenceMoved, ConferenceReportSigned,
        PlanActionProgressed, ConferenceDecisionOverruled, EnquiryLeadNamed, CoreGroupLeadNamed,
    }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub local_authority_id: LocalAuthorityId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    pub id: EventId,
    pub kind: Kind,
    pub strategy_meeting_id: Option<StrategyMeetingId>,
    pub conference_id: Option<ConferenceId>,
    pub invitation_id: Option<InvitationId>,
    pub conference_report_id: Option<ConferenceReportId>,
    pub core_group_id: Option<CoreGroupId>,
    pub involvement_id: Option<InvolvementId>,
    pub conflict_id: Option<ConflictId>,
    pub restricted_item_id: Option<RestrictedItemId>,
    pub reader_listing_id: Option<ReaderListingId>,
    pub designation_id: Option<DesignationId>,
    pub emergency_access_id: Option<EmergencyAccessId>,
    pub export_id: Option<ExportId>,
    pub access_review_id: Option<AccessReviewId>,
    pub allegation_id: Option<AllegationId>,
    pub transfer_share_id: Option<crate::id::TransferShareId>,
    pub deadline_id: Option<crate::id::DeadlineId>,
    pub enquiry_id: Option<crate::id::EnquiryId>,
    pub episode_id: Option<crate::id::EpisodeId>,
    pub plan_id: Option<crate::id::PlanId>,
    pub attachment_id: Option<crate::id::AttachmentId>,
    pub escalation_id: Option<crate::id::EscalationId>,
    /// The one agency it is told to; all of the authority where none is named.
    pub agency_id: Option<crate::id::AgencyId>,
    pub child_id: Option<crate::id::ChildId>,
    /// Who of those that see what it names is told; everybody where nothing is said.
    pub audience: Option<crate::entry::Audience>,
    pub occurred_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
