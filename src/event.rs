//! What can happen, as the feed tells it: kinds and ids only, no personal data.

use chrono::{DateTime, Utc};
use entity::entry::Audience;
use entity::event::Kind;
use entity::id::{
    AccessReviewId, AgencyId, AllegationId, AttachmentId, ChildId, ConferenceId, ConferenceReportId, ConflictId,
    CoreGroupId, DeadlineId, DesignationId, EmergencyAccessId, EnquiryId, EpisodeId, EscalationId, EventId, ExportId,
    InvitationId, InvolvementId, LocalAuthorityId, PlanId, ReaderListingId, RestrictedItemId, StrategyMeetingId,
    TransferShareId,
};

/// Something that happened to a child protection process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A strategy meeting was called.
    StrategyMeetingCalled(StrategyMeetingId),
    /// A strategy meeting decided.
    StrategyMeetingOutcomeRecorded(StrategyMeetingId),
    /// A conference was scheduled and its invitations sent.
    ConferenceScheduled(ConferenceId),
    /// An agency answered an invitation.
    InvitationReplied(InvitationId),
    /// A report arrived.
    ConferenceReportSubmitted(ConferenceReportId),
    /// A draft of a report was written.
    ConferenceReportDrafted(ConferenceReportId),
    /// A version took the place of a submitted one.
    ConferenceReportAmended(ConferenceReportId),
    /// A manager signed a version, a draft mostly.
    ConferenceReportSigned(ConferenceReportId),
    /// A submitted version was taken back.
    ConferenceReportWithdrawn(ConferenceReportId),
    /// The family was given a copy of a report.
    ConferenceReportShared(ConferenceReportId),
    /// All reports that were asked for a conference have come.
    ConferenceReportsComplete(ConferenceId),
    /// A file was announced, to be added to a report.
    AttachmentAnnounced(AttachmentId),
    /// A file came, and waits to be looked at.
    AttachmentUploaded(AttachmentId),
    /// A file was looked at: it may be read, or was thrown away.
    AttachmentChecked(AttachmentId),
    /// A file was taken back.
    AttachmentRemoved(AttachmentId),
    /// Attendance was recorded.
    ConferenceAttendanceRecorded(ConferenceId),
    /// A conference decided.
    ConferenceOutcomeRecorded(ConferenceId),
    /// A core group met.
    CoreGroupMeetingRecorded(CoreGroupId),
    /// A relationship to a child was granted.
    InvolvementGranted(InvolvementId),
    /// A relationship to a child was ended, now or for a day to come.
    InvolvementEnded(InvolvementId),
    /// A conflict of interest closed a child to somebody.
    ConflictRecorded(ConflictId),
    /// A conflict of interest ended.
    ConflictEnded(ConflictId),
    /// A report was released to the agencies at its conference.
    ConferenceReportReleased(ConferenceReportId),
    /// A relationship was marked as telling where a child is, or no longer so.
    InvolvementMarked(InvolvementId),
    /// A restricted item was recorded.
    RestrictedItemRecorded(RestrictedItemId),
    /// Somebody was put on a reader list.
    ReaderListed(ReaderListingId),
    /// Somebody was taken off a reader list.
    ReaderUnlisted(ReaderListingId),
    /// Somebody was given a duty beside the post.
    DesignationGranted(DesignationId),
    /// A duty ended, now or for a day to come.
    DesignationEnded(DesignationId),
    /// Somebody used emergency access, whether it found a child or not.
    EmergencyAccessOpened(EmergencyAccessId),
    /// A use of emergency access was reviewed.
    EmergencyAccessReviewed(EmergencyAccessId),
    /// An export was asked for.
    ExportRequested(ExportId),
    /// An export was approved.
    ExportApproved(ExportId),
    /// An export was refused.
    ExportRefused(ExportId),
    /// The review of a quarter is to be answered.
    AccessReviewIssued(AccessReviewId),
    /// Something in a review was answered.
    AccessReviewAnswered(AccessReviewId),
    /// Somebody else chairs a conference for a time.
    ChairDelegated(ConferenceId),
    /// The chair chairs again.
    ChairDelegationEnded(ConferenceId),
    /// A child was shared with another authority.
    TransferShared(TransferShareId),
    /// A share was taken back.
    TransferWithdrawn(TransferShareId),
    /// A share was accepted.
    TransferAccepted(TransferShareId),
    /// An allegation against a professional was referred.
    AllegationReferred(AllegationId),
    /// It was named who leads on an allegation.
    AllegationLeadNamed(AllegationId),
    /// An allegation was closed.
    AllegationClosed(AllegationId),
    /// Something is due soon.
    DeadlineApproaching(DeadlineId),
    /// Something was not done in time.
    DeadlineMissed(DeadlineId),
    /// It was recorded that something was done.
    DeadlineMet(DeadlineId),
    /// It was recorded why something is not due any more.
    DeadlineWaived(DeadlineId),
    /// Something was written on a record.
    EntryRecorded(OnRecord, Audience),
    /// A step of a record was finished.
    StepFinished(OnRecord),
    /// A document was sent.
    DocumentIssued(OnRecord),
    /// An agency said that it has its copy.
    DocumentReceived(OnRecord),
    /// The first strategy meeting about a contact was put off, once the police were consulted.
    StrategyMeetingExtended(StrategyMeetingId),
    /// A conference was adjourned to another time.
    ConferenceAdjourned(ConferenceId),
    /// A strategy meeting was called off.
    StrategyMeetingCancelled(StrategyMeetingId),
    /// A conference was called off.
    ConferenceCancelled(ConferenceId),
    /// A conference that has not begun is at another time.
    ConferenceMoved(ConferenceId),
    /// The chair overruled a conference that would have ended a plan.
    ConferenceDecisionOverruled(ConferenceId),
    /// It was named who leads an enquiry from now on.
    EnquiryLeadNamed(EnquiryId),
    /// It was named who leads a core group from now on.
    CoreGroupLeadNamed(CoreGroupId),
    /// A child in need plan was opened.
    PlanOpened(PlanId),
    /// A child in need plan ended.
    PlanEnded(PlanId),
    /// It was recorded how far an action of a plan is.
    PlanActionProgressed(PlanId),
    /// An agency set or cleared its own reference of a child.
    AgencyReferenceSet(AgencyId, ChildId),
    /// A child was referred to social care.
    ReferralRecorded(EpisodeId),
    /// An assessment began in an episode.
    AssessmentStarted(EpisodeId),
    /// An assessment of an episode was completed.
    AssessmentCompleted(EpisodeId),
    /// A case was closed.
    EpisodeClosed(EpisodeId),
    /// The death of a child was recorded.
    DeathRecorded(ChildId),
    /// A letter was written about an invitation; told to the agency that writes it.
    NonAttendanceLetterWritten(InvitationId, AgencyId),
    /// A letter about an invitation was sent.
    NonAttendanceLetterSent(InvitationId),
    /// An agency answered a letter about an invitation.
    NonAttendanceLetterReplied(InvitationId),
    /// A pattern was taken up with an agency.
    EscalationRaised(EscalationId),
    /// The agency contests an entry of the evidence.
    EscalationEntryContested(EscalationId),
    /// The agency answered.
    EscalationAnswered(EscalationId),
    /// A meeting with the safeguarding lead was agreed.
    EscalationMeetingAgreed(EscalationId),
    /// It was closed with its outcome.
    EscalationClosed(EscalationId),
}

/// What a record is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnRecord {
    /// A strategy meeting.
    StrategyMeeting(StrategyMeetingId),
    /// An enquiry.
    Enquiry(EnquiryId),
    /// A conference.
    Conference(ConferenceId),
    /// A meeting of this core group.
    CoreGroup(CoreGroupId),
    /// A plan.
    Plan(PlanId),
}

impl OnRecord {
    const fn name(self, row: &mut entity::event::Model) {
        match self {
            Self::StrategyMeeting(id) => row.strategy_meeting_id = Some(id),
            Self::Enquiry(id) => row.enquiry_id = Some(id),
            Self::Conference(id) => row.conference_id = Some(id),
            Self::CoreGroup(id) => row.core_group_id = Some(id),
            Self::Plan(id) => row.plan_id = Some(id),
        }
    }
}

impl Event {
    /// The kind as stored.
    pub const fn kind(self) -> Kind {
        match self {
            Self::StrategyMeetingCalled(_) => Kind::StrategyMeetingCalled,
            Self::StrategyMeetingOutcomeRecorded(_) => Kind::StrategyMeetingOutcomeRecorded,
            Self::ConferenceScheduled(_) => Kind::ConferenceScheduled,
            Self::InvitationReplied(_) => Kind::InvitationReplied,
            Self::ConferenceReportSubmitted(_) => Kind::ConferenceReportSubmitted,
            Self::ConferenceReportDrafted(_) => Kind::ConferenceReportDrafted,
            Self::ConferenceReportAmended(_) => Kind::ConferenceReportAmended,
            Self::ConferenceReportSigned(_) => Kind::ConferenceReportSigned,
            Self::ConferenceReportWithdrawn(_) => Kind::ConferenceReportWithdrawn,
            Self::ConferenceReportShared(_) => Kind::ConferenceReportShared,
            Self::ConferenceReportsComplete(_) => Kind::ConferenceReportsComplete,
            Self::AttachmentAnnounced(_) => Kind::AttachmentAnnounced,
            Self::AttachmentUploaded(_) => Kind::AttachmentUploaded,
            Self::AttachmentChecked(_) => Kind::AttachmentChecked,
            Self::AttachmentRemoved(_) => Kind::AttachmentRemoved,
            Self::ConferenceAttendanceRecorded(_) => Kind::ConferenceAttendanceRecorded,
            Self::ConferenceOutcomeRecorded(_) => Kind::ConferenceOutcomeRecorded,
            Self::CoreGroupMeetingRecorded(_) => Kind::CoreGroupMeetingRecorded,
            Self::InvolvementGranted(_) => Kind::InvolvementGranted,
            Self::InvolvementEnded(_) => Kind::InvolvementEnded,
            Self::ConflictRecorded(_) => Kind::ConflictRecorded,
            Self::ConflictEnded(_) => Kind::ConflictEnded,
            Self::ConferenceReportReleased(_) => Kind::ConferenceReportReleased,
            Self::InvolvementMarked(_) => Kind::InvolvementMarked,
            Self::RestrictedItemRecorded(_) => Kind::RestrictedItemRecorded,
            Self::ReaderListed(_) => Kind::ReaderListed,
            Self::ReaderUnlisted(_) => Kind::ReaderUnlisted,
            Self::DesignationGranted(_) => Kind::DesignationGranted,
            Self::DesignationEnded(_) => Kind::DesignationEnded,
            Self::EmergencyAccessOpened(_) => Kind::EmergencyAccessOpened,
            Self::EmergencyAccessReviewed(_) => Kind::EmergencyAccessReviewed,
            Self::ExportRequested(_) => Kind::ExportRequested,
            Self::ExportApproved(_) => Kind::ExportApproved,
            Self::ExportRefused(_) => Kind::ExportRefused,
            Self::AccessReviewIssued(_) => Kind::AccessReviewIssued,
            Self::AccessReviewAnswered(_) => Kind::AccessReviewAnswered,
            Self::ChairDelegated(_) => Kind::ChairDelegated,
            Self::ChairDelegationEnded(_) => Kind::ChairDelegationEnded,
            Self::TransferShared(_) => Kind::TransferShared,
            Self::TransferWithdrawn(_) => Kind::TransferWithdrawn,
            Self::TransferAccepted(_) => Kind::TransferAccepted,
            Self::AllegationReferred(_) => Kind::AllegationReferred,
            Self::AllegationLeadNamed(_) => Kind::AllegationLeadNamed,
            Self::AllegationClosed(_) => Kind::AllegationClosed,
            Self::DeadlineApproaching(_) => Kind::DeadlineApproaching,
            Self::DeadlineMissed(_) => Kind::DeadlineMissed,
            Self::DeadlineMet(_) => Kind::DeadlineMet,
            Self::DeadlineWaived(_) => Kind::DeadlineWaived,
            Self::EntryRecorded(..) => Kind::EntryRecorded,
            Self::StepFinished(_) => Kind::StepFinished,
            Self::DocumentIssued(_) => Kind::DocumentIssued,
            Self::DocumentReceived(_) => Kind::DocumentReceived,
            Self::StrategyMeetingExtended(_) => Kind::StrategyMeetingExtended,
            Self::ConferenceAdjourned(_) => Kind::ConferenceAdjourned,
            Self::StrategyMeetingCancelled(_) => Kind::StrategyMeetingCancelled,
            Self::ConferenceCancelled(_) => Kind::ConferenceCancelled,
            Self::ConferenceMoved(_) => Kind::ConferenceMoved,
            Self::ConferenceDecisionOverruled(_) => Kind::ConferenceDecisionOverruled,
            Self::EnquiryLeadNamed(_) => Kind::EnquiryLeadNamed,
            Self::CoreGroupLeadNamed(_) => Kind::CoreGroupLeadNamed,
            Self::PlanOpened(_) => Kind::PlanOpened,
            Self::PlanEnded(_) => Kind::PlanEnded,
            Self::PlanActionProgressed(_) => Kind::PlanActionProgressed,
            Self::AgencyReferenceSet(..) => Kind::AgencyReferenceSet,
            Self::ReferralRecorded(_) => Kind::ReferralRecorded,
            Self::AssessmentStarted(_) => Kind::AssessmentStarted,
            Self::AssessmentCompleted(_) => Kind::AssessmentCompleted,
            Self::EpisodeClosed(_) => Kind::EpisodeClosed,
            Self::DeathRecorded(_) => Kind::DeathRecorded,
            Self::NonAttendanceLetterWritten(..) => Kind::NonAttendanceLetterWritten,
            Self::NonAttendanceLetterSent(_) => Kind::NonAttendanceLetterSent,
            Self::NonAttendanceLetterReplied(_) => Kind::NonAttendanceLetterReplied,
            Self::EscalationRaised(_) => Kind::EscalationRaised,
            Self::EscalationEntryContested(_) => Kind::EscalationEntryContested,
            Self::EscalationAnswered(_) => Kind::EscalationAnswered,
            Self::EscalationMeetingAgreed(_) => Kind::EscalationMeetingAgreed,
            Self::EscalationClosed(_) => Kind::EscalationClosed,
        }
    }

    /// The noun the event is about.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::StrategyMeetingCalled(_)
            | Self::StrategyMeetingOutcomeRecorded(_)
            | Self::StrategyMeetingExtended(_)
            | Self::StrategyMeetingCancelled(_) => "StrategyMeeting",
            Self::PlanOpened(_) | Self::PlanEnded(_) => "Plan",
            Self::PlanActionProgressed(_) => "PlanAction",
            Self::NonAttendanceLetterWritten(..)
            | Self::NonAttendanceLetterSent(_)
            | Self::NonAttendanceLetterReplied(_) => "NonAttendanceLetter",
            Self::EscalationRaised(_)
            | Self::EscalationAnswered(_)
            | Self::EscalationMeetingAgreed(_)
            | Self::EscalationClosed(_) => "Escalation",
            // what is contested is one of its entries
            Self::EscalationEntryContested(_) => "EscalationEntry",
            Self::AgencyReferenceSet(..) | Self::DeathRecorded(_) => "Child",
            Self::ReferralRecorded(_) | Self::EpisodeClosed(_) => "Episode",
            // what is written is one of its assessments
            Self::AssessmentStarted(_) | Self::AssessmentCompleted(_) => "Assessment",
            Self::EntryRecorded(..) => "Entry",
            Self::StepFinished(_) => "FinishedStep",
            Self::DocumentIssued(_) | Self::DocumentReceived(_) => "DocumentIssue",
            Self::ConferenceScheduled(_)
            | Self::ConferenceAttendanceRecorded(_)
            | Self::ConferenceOutcomeRecorded(_)
            | Self::ChairDelegated(_)
            | Self::ChairDelegationEnded(_)
            | Self::ConferenceAdjourned(_)
            | Self::ConferenceCancelled(_)
            | Self::ConferenceMoved(_)
            | Self::ConferenceDecisionOverruled(_)
            | Self::ConferenceReportsComplete(_) => "Conference",
            Self::TransferShared(_) | Self::TransferWithdrawn(_) | Self::TransferAccepted(_) => "TransferShare",
            Self::InvitationReplied(_) => "Invitation",
            Self::ConferenceReportSubmitted(_)
            | Self::ConferenceReportReleased(_)
            | Self::ConferenceReportDrafted(_)
            | Self::ConferenceReportAmended(_)
            | Self::ConferenceReportSigned(_)
            | Self::ConferenceReportWithdrawn(_) => "ConferenceReport",
            Self::ConferenceReportShared(_) => "FamilyCopy",
            Self::AttachmentAnnounced(_)
            | Self::AttachmentUploaded(_)
            | Self::AttachmentChecked(_)
            | Self::AttachmentRemoved(_) => "Attachment",
            Self::EnquiryLeadNamed(_) => "Enquiry",
            Self::CoreGroupMeetingRecorded(_) | Self::CoreGroupLeadNamed(_) => "CoreGroup",
            Self::InvolvementGranted(_) | Self::InvolvementEnded(_) | Self::InvolvementMarked(_) => "Involvement",
            Self::ConflictRecorded(_) | Self::ConflictEnded(_) => "Conflict",
            Self::RestrictedItemRecorded(_) => "RestrictedItem",
            Self::ReaderListed(_) | Self::ReaderUnlisted(_) => "ReaderListing",
            Self::DesignationGranted(_) | Self::DesignationEnded(_) => "Designation",
            Self::EmergencyAccessOpened(_) | Self::EmergencyAccessReviewed(_) => "EmergencyAccess",
            Self::ExportRequested(_) | Self::ExportApproved(_) | Self::ExportRefused(_) => "Export",
            Self::AccessReviewIssued(_) => "AccessReview",
            // what is answered is one of its entries
            Self::AccessReviewAnswered(_) => "AccessReviewEntry",
            Self::AllegationReferred(_) | Self::AllegationLeadNamed(_) | Self::AllegationClosed(_) => "Allegation",
            Self::DeadlineApproaching(_) | Self::DeadlineMissed(_) | Self::DeadlineMet(_) | Self::DeadlineWaived(_) => {
                "Deadline"
            }
        }
    }

    /// The event at its place in an authority's feed.
    #[expect(clippy::too_many_lines, reason = "an arm for each kind of thing an event names")]
    pub const fn row(
        self,
        authority: LocalAuthorityId,
        position: i64,
        id: EventId,
        occurred_at: DateTime<Utc>,
    ) -> entity::event::Model {
        let mut row = entity::event::Model {
            local_authority_id: authority,
            position,
            id,
            kind: self.kind(),
            strategy_meeting_id: None,
            conference_id: None,
            invitation_id: None,
            conference_report_id: None,
            core_group_id: None,
            involvement_id: None,
            conflict_id: None,
            restricted_item_id: None,
            reader_listing_id: None,
            designation_id: None,
            emergency_access_id: None,
            export_id: None,
            access_review_id: None,
            allegation_id: None,
            transfer_share_id: None,
            deadline_id: None,
            enquiry_id: None,
            episode_id: None,
            plan_id: None,
            attachment_id: None,
            escalation_id: None,
            agency_id: None,
            child_id: None,
            audience: None,
            occurred_at,
        };
        match self {
            Self::StrategyMeetingCalled(id)
            | Self::StrategyMeetingOutcomeRecorded(id)
            | Self::StrategyMeetingExtended(id)
            | Self::StrategyMeetingCancelled(id) => {
                row.strategy_meeting_id = Some(id);
            }
            Self::ConferenceScheduled(id)
            | Self::ConferenceAttendanceRecorded(id)
            | Self::ConferenceOutcomeRecorded(id)
            | Self::ChairDelegated(id)
            | Self::ChairDelegationEnded(id)
            | Self::ConferenceAdjourned(id)
            | Self::ConferenceCancelled(id)
            | Self::ConferenceMoved(id)
            | Self::ConferenceDecisionOverruled(id)
            | Self::ConferenceReportsComplete(id) => row.conference_id = Some(id),
            Self::PlanOpened(id) | Self::PlanEnded(id) | Self::PlanActionProgressed(id) => row.plan_id = Some(id),
            Self::ReferralRecorded(id)
            | Self::AssessmentStarted(id)
            | Self::AssessmentCompleted(id)
            | Self::EpisodeClosed(id) => row.episode_id = Some(id),
            Self::DeathRecorded(child) => row.child_id = Some(child),
            Self::AgencyReferenceSet(agency, child) => {
                row.agency_id = Some(agency);
                row.child_id = Some(child);
            }
            Self::EntryRecorded(on, audience) => {
                on.name(&mut row);
                row.audience = Some(audience);
            }
            Self::StepFinished(on) | Self::DocumentIssued(on) | Self::DocumentReceived(on) => on.name(&mut row),
            Self::TransferShared(id) | Self::TransferWithdrawn(id) | Self::TransferAccepted(id) => {
                row.transfer_share_id = Some(id);
            }
            Self::ConferenceReportSubmitted(id)
            | Self::ConferenceReportReleased(id)
            | Self::ConferenceReportDrafted(id)
            | Self::ConferenceReportAmended(id)
            | Self::ConferenceReportSigned(id)
            | Self::ConferenceReportWithdrawn(id)
            | Self::ConferenceReportShared(id) => {
                row.conference_report_id = Some(id);
            }
            Self::AttachmentAnnounced(id)
            | Self::AttachmentUploaded(id)
            | Self::AttachmentChecked(id)
            | Self::AttachmentRemoved(id) => row.attachment_id = Some(id),
            Self::EnquiryLeadNamed(id) => row.enquiry_id = Some(id),
            Self::CoreGroupMeetingRecorded(id) | Self::CoreGroupLeadNamed(id) => row.core_group_id = Some(id),
            Self::InvolvementGranted(id) | Self::InvolvementEnded(id) | Self::InvolvementMarked(id) => {
                row.involvement_id = Some(id);
            }
            Self::ConflictRecorded(id) | Self::ConflictEnded(id) => row.conflict_id = Some(id),
            Self::RestrictedItemRecorded(id) => row.restricted_item_id = Some(id),
            Self::ReaderListed(id) | Self::ReaderUnlisted(id) => row.reader_listing_id = Some(id),
            Self::DesignationGranted(id) | Self::DesignationEnded(id) => row.designation_id = Some(id),
            Self::EmergencyAccessOpened(id) | Self::EmergencyAccessReviewed(id) => row.emergency_access_id = Some(id),
            Self::NonAttendanceLetterWritten(id, agency) => {
                row.invitation_id = Some(id);
                row.agency_id = Some(agency);
            }
            Self::InvitationReplied(id) | Self::NonAttendanceLetterSent(id) | Self::NonAttendanceLetterReplied(id) => {
                row.invitation_id = Some(id);
            }
            Self::EscalationRaised(id)
            | Self::EscalationEntryContested(id)
            | Self::EscalationAnswered(id)
            | Self::EscalationMeetingAgreed(id)
            | Self::EscalationClosed(id) => row.escalation_id = Some(id),
            Self::ExportRequested(id) | Self::ExportApproved(id) | Self::ExportRefused(id) => row.export_id = Some(id),
            Self::AccessReviewIssued(id) | Self::AccessReviewAnswered(id) => row.access_review_id = Some(id),
            Self::AllegationReferred(id) | Self::AllegationLeadNamed(id) | Self::AllegationClosed(id) => {
                row.allegation_id = Some(id);
            }
            Self::DeadlineApproaching(id)
            | Self::DeadlineMissed(id)
            | Self::DeadlineMet(id)
            | Self::DeadlineWaived(id) => row.deadline_id = Some(id),
        }
        row
    }
}
