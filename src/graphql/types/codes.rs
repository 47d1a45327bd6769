//! The coded columns as enums of the API. Each mirrors its source exhaustively: a new code breaks the build until the
//! API decides about it.

use async_graphql::Enum;

/// What an agency does.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::agency::Kind")]
pub enum AgencyKind {
    /// Children's social care.
    Csc,
    /// Police.
    Police,
    /// Health.
    Health,
    /// School, nursery or college.
    Education,
    /// Early help.
    EarlyHelp,
    /// Probation.
    Probation,
    /// Housing.
    Housing,
    /// Voluntary sector.
    Voluntary,
    /// Legal services.
    Legal,
    /// Another local authority.
    OtherLa,
}

/// Which set of local practice standards an authority follows.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::local_authority::Profile")]
pub enum PracticeProfileName {
    /// Bristol.
    Bristol,
    /// Birmingham.
    Birmingham,
    /// Lancashire.
    Lancashire,
    /// Warwickshire.
    Warwickshire,
}

/// A post at an agency.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::appointment::Post")]
pub enum Post {
    /// Social worker.
    SocialWorker,
    /// Manager of a social work team.
    TeamManager,
    /// Service or operations manager.
    ServiceManager,
    /// Conference chair or independent reviewing officer.
    Chair,
    /// Minute taker or business support.
    MinuteTaker,
    /// Practitioner of a partner agency.
    Practitioner,
    /// Designated safeguarding lead of a partner agency.
    SafeguardingLead,
    /// Runs the machine; sees no child.
    SystemAdmin,
    /// Audits how the record is used.
    Auditor,
    /// A system that submits for its agency.
    AgencySystem,
}

/// Sex as in the national returns.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::child::Sex")]
pub enum Sex {
    /// Male.
    M,
    /// Female.
    F,
    /// Unknown, and every unborn child.
    U,
}

/// Whether an address is protected.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::household::AddressStatus")]
pub enum AddressStatus {
    /// Not protected.
    None,
    /// Withheld: shown to nobody but those who hold the record.
    Withheld,
    /// A refuge; told as WITHHELD to those who may not read it.
    Refuge,
}

/// Relationship to the children of a household.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::membership::Relationship")]
pub enum Relationship {
    /// A child of the household.
    Child,
    /// Mother.
    Mother,
    /// Father.
    Father,
    /// Step-parent.
    StepParent,
    /// Partner of a parent.
    PartnerOfParent,
    /// Grandparent.
    Grandparent,
    /// Adult sibling.
    AdultSibling,
    /// Other relative.
    OtherRelative,
    /// Carer.
    Carer,
    /// Other.
    Other,
}

/// On what ground an agency or person is involved with a child.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::involvement::Basis")]
pub enum InvolvementBasis {
    /// Allocated worker.
    AllocatedWorker,
    /// The agency works with the child.
    Agency,
    /// Made the referral.
    Referrer,
    /// Invited to a strategy meeting.
    StrategyInvitation,
    /// Invited to a conference.
    ConferenceInvitation,
    /// Chairs a conference.
    Chair,
    /// Takes the minutes of a conference.
    MinuteTaker,
    /// Member of the core group.
    CoreGroup,
    /// Owns an action of the plan.
    PlanAction,
    /// Emergency access.
    BreakGlass,
}

/// Where a strategy meeting stands.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::strategy_meeting::Status")]
pub enum StrategyMeetingStatus {
    /// Called, not held yet.
    Called,
    /// Held and decided.
    Held,
    /// Cancelled.
    Cancelled,
}

/// Decision on the section 47 threshold.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::strategy_meeting_child::Decision")]
pub enum StrategyDecision {
    /// Section 47 enquiry by social care and police together.
    Section47Joint,
    /// Section 47 enquiry by social care.
    Section47SingleAgency,
    /// Single assessment.
    SingleAssessment,
    /// No further action.
    NoFurtherAction,
}

/// What kind of conference.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::conference::Kind")]
pub enum ConferenceKind {
    /// Initial conference.
    Initial,
    /// Review conference.
    Review,
    /// Pre-birth conference.
    PreBirth,
    /// Transfer-in conference.
    TransferIn,
}

/// Where a conference stands.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::conference::Status")]
pub enum ConferenceStatus {
    /// Scheduled.
    Scheduled,
    /// Held; attendance is recorded.
    Held,
    /// Concluded; every child has an outcome.
    Concluded,
    /// Cancelled.
    Cancelled,
}

/// What a conference decided for a child.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::conference_child::Outcome")]
pub enum ConferenceOutcome {
    /// A child protection plan is made.
    CpPlan,
    /// The child protection plan continues.
    CpPlanContinues,
    /// The child protection plan ends.
    CpPlanEnds,
    /// Services are provided.
    ProvisionOfServices,
    /// Single assessment.
    SingleAssessment,
    /// Referral to another agency.
    ReferralToOtherAgency,
    /// No further action.
    NoFurtherAction,
    /// Another outcome.
    Other,
}

/// Category of abuse, as in the national returns.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::conference_child::AbuseCategory")]
pub enum AbuseCategory {
    /// Neglect.
    Neg,
    /// Physical abuse.
    Phy,
    /// Sexual abuse.
    Sab,
    /// Emotional abuse.
    Emo,
    /// Multiple or not recommended.
    Mul,
}

/// How a child took part, as in the national returns.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::conference_child::Participation")]
pub enum Participation {
    /// Under four years old.
    Pn0,
    /// Attends and speaks.
    Pn1,
    /// Attends, an advocate speaks.
    Pn2,
    /// Attends, views by symbols.
    Pn3,
    /// Attends, does not contribute.
    Pn4,
    /// Absent, briefs an advocate.
    Pn5,
    /// Absent, views by another medium.
    Pn6,
    /// Absent, no views.
    Pn7,
}

/// The kind of meeting an invitation is to.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::invitation::Meeting")]
pub enum MeetingKind {
    /// A conference.
    Conference,
    /// A strategy meeting.
    StrategyMeeting,
    /// A core group meeting.
    CoreGroup,
}

/// What an invited agency answered.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::invitation::Reply")]
pub enum Reply {
    /// No answer yet.
    Awaited,
    /// Comes in person.
    Attending,
    /// Takes part remotely.
    AttendingRemotely,
    /// Sends a deputy.
    SendingDeputy,
    /// Sends apologies.
    Apologies,
}

/// Whether an invited agency took part.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::invitation::Attendance")]
pub enum Attendance {
    /// In person.
    InPerson,
    /// Remotely.
    Remote,
    /// By a deputy.
    Deputy,
    /// Absent with apologies.
    Apologies,
    /// Absent without a word.
    NoWord,
}

/// Where a version of a report stands.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::conference_report::State")]
pub enum ReportState {
    /// Draft of its agency.
    Draft,
    /// Submitted to the conference.
    Submitted,
    /// Released to the conference's list.
    Released,
    /// Replaced by a later version.
    Superseded,
    /// Withdrawn.
    Withdrawn,
}

/// What an agency thinks a conference should decide.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::conference_report::Recommendation")]
pub enum ReportRecommendation {
    /// A child protection plan.
    CpPlan,
    /// No child protection plan.
    NoCpPlan,
    /// Undecided.
    Undecided,
}

/// What kind of thing happened.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::chronology_row::Kind")]
pub enum ChronologyKind {
    /// Something happened.
    Event,
    /// A call, a letter, somebody came.
    Contact,
    /// Somebody of the agency came to the family.
    Visit,
    /// A meeting.
    Meeting,
    /// Of health: an injury, an admission, a missed appointment.
    Health,
    /// Of school or nursery.
    Education,
    /// An offence, an arrest, a call to the police.
    Offence,
    /// Something was decided.
    Decision,
    /// Something else.
    Other,
}

/// How exactly a day is known.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::chronology_row::Precision")]
pub enum DatePrecision {
    /// The day.
    Day,
    /// The month; its first day is given.
    Month,
    /// The year; its first day is given.
    Year,
}

/// What kind of plan.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::plan::Kind")]
pub enum PlanKind {
    /// Child protection plan.
    Cp,
    /// Child in need plan.
    Cin,
}

/// How far a plan is. A child protection plan: OUTLINE, DETAILED, FINAL, UNDER_REVIEW, REVISED, CEASED; a child in need plan:
/// AWAITING_SIGNATURES, COMPLETE, AMENDED, CLOSED.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::plan::State")]
pub enum PlanState {
    /// The outline that its conference made (WAR-MI-06).
    Outline,
    /// Its core group has detailed it (WAR-CG-03).
    Detailed,
    /// The manager has signed it (WAR-PL-03).
    Final,
    /// A review has come together over it and has not decided.
    UnderReview,
    /// A review or the core group has changed it since it was signed.
    Revised,
    /// It has ended.
    Ceased,
    /// Its meeting made it; not everybody has signed (WAR-CN-15).
    AwaitingSignatures,
    /// Everybody has signed, or it is said why not.
    Complete,
    /// It was changed since it was signed.
    Amended,
    /// It has ended.
    Closed,
}

/// A part of a plan that two versions differ in.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
pub enum PlanPart {
    /// How far it is.
    State,
    /// The category of abuse.
    Category,
    /// What is feared.
    DangerStatement,
    /// What safety would look like.
    SafetyStatement,
    /// How often the child is visited.
    VisitEveryDays,
}

/// How far an action is.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::plan_action::Status")]
pub enum PlanActionStatus {
    /// Not started.
    NotStarted,
    /// In progress.
    InProgress,
    /// Done.
    Done,
    /// Withdrawn.
    Withdrawn,
}

/// What happened.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::event::Kind")]
pub enum EventKind {
    /// A strategy meeting was called.
    StrategyMeetingCalled,
    /// A strategy meeting decided.
    StrategyMeetingOutcomeRecorded,
    /// A conference was scheduled.
    ConferenceScheduled,
    /// An agency answered an invitation.
    InvitationReplied,
    /// A report arrived.
    ConferenceReportSubmitted,
    /// A draft of a report was written; told to its agency.
    ConferenceReportDrafted,
    /// A version took the place of a submitted report.
    ConferenceReportAmended,
    /// A manager signed a report, a draft mostly.
    ConferenceReportSigned,
    /// A submitted report was taken back.
    ConferenceReportWithdrawn,
    /// The family was given a copy of a report.
    ConferenceReportShared,
    /// All reports that were asked for a conference have come.
    ConferenceReportsComplete,
    /// A file was announced, to be added to a report.
    AttachmentAnnounced,
    /// A file came, and waits to be looked at.
    AttachmentUploaded,
    /// A file was looked at: its state says what became of it.
    AttachmentChecked,
    /// A file was taken back.
    AttachmentRemoved,
    /// Your agency set or cleared its own reference of a child; told to that agency alone.
    AgencyReferenceSet,
    /// A child was referred to social care.
    ReferralRecorded,
    /// An assessment began.
    AssessmentStarted,
    /// An assessment was completed.
    AssessmentCompleted,
    /// A case was closed.
    EpisodeClosed,
    /// The death of a child was recorded, or its day put right.
    DeathRecorded,
    /// A letter about non-attendance was written; told to the agency that writes it.
    NonAttendanceLetterWritten,
    /// A letter about non-attendance was sent.
    NonAttendanceLetterSent,
    /// An agency answered a letter about non-attendance.
    NonAttendanceLetterReplied,
    /// A pattern of non-attendance was taken up with an agency.
    EscalationRaised,
    /// The agency contests an entry of the evidence.
    EscalationEntryContested,
    /// The agency answered an escalation.
    EscalationAnswered,
    /// A meeting about an escalation was agreed.
    EscalationMeetingAgreed,
    /// An escalation was closed.
    EscalationClosed,
    /// Attendance was recorded.
    ConferenceAttendanceRecorded,
    /// A conference decided.
    ConferenceOutcomeRecorded,
    /// A core group met.
    CoreGroupMeetingRecorded,
    /// A relationship to a child was granted.
    InvolvementGranted,
    /// A relationship to a child was ended.
    InvolvementEnded,
    /// A conflict of interest was recorded.
    ConflictRecorded,
    /// A conflict of interest ended.
    ConflictEnded,
    /// A report was released.
    ConferenceReportReleased,
    /// A relationship was marked as telling where a child is, or no longer so.
    InvolvementMarked,
    /// A restricted item was recorded; told to its readers.
    RestrictedItemRecorded,
    /// Somebody was put on a reader list; told to the reader and to those who may change the list.
    ReaderListed,
    /// Somebody was taken off a reader list.
    ReaderUnlisted,
    /// Somebody was given a duty beside the post.
    DesignationGranted,
    /// A duty beside the post ended.
    DesignationEnded,
    /// Somebody used emergency access; told to those who have a notice of it.
    EmergencyAccessOpened,
    /// A use of emergency access was reviewed; told to those who have a notice of it.
    EmergencyAccessReviewed,
    /// An export was asked for.
    ExportRequested,
    /// An export was approved.
    ExportApproved,
    /// An export was refused.
    ExportRefused,
    /// The review of a quarter is to be answered.
    AccessReviewIssued,
    /// Something in a review was answered.
    AccessReviewAnswered,
    /// Somebody else chairs a conference for a time.
    ChairDelegated,
    /// A delegation of the chair was ended.
    ChairDelegationEnded,
    /// A child was shared with another authority; told to both sides.
    TransferShared,
    /// A share was taken back; told to the side that made it.
    TransferWithdrawn,
    /// A share was accepted; told to both sides.
    TransferAccepted,
    /// An allegation against a professional was referred; told to who reads it and to who referred it.
    AllegationReferred,
    /// It was named who leads on an allegation; told to who reads it.
    AllegationLeadNamed,
    /// An allegation was closed; told to who reads it.
    AllegationClosed,
    /// Something is due soon.
    DeadlineApproaching,
    /// Something was not done in time.
    DeadlineMissed,
    /// It was recorded that something that was due was done.
    DeadlineMet,
    /// It was recorded why something is not due any more.
    DeadlineWaived,
    /// Something was written on a record.
    EntryRecorded,
    /// A step of a record was finished.
    StepFinished,
    /// A document was sent.
    DocumentIssued,
    /// An agency said that it has its copy.
    DocumentReceived,
    /// The first strategy meeting about a contact was put off, once the police were consulted.
    StrategyMeetingExtended,
    /// A conference was adjourned to another time.
    ConferenceAdjourned,
    /// A strategy meeting was called off.
    StrategyMeetingCancelled,
    /// A conference was called off.
    ConferenceCancelled,
    /// A conference that has not begun is at another time, sooner or later.
    ConferenceMoved,
    /// A child in need plan was opened.
    PlanOpened,
    /// A child in need plan ended.
    PlanEnded,
    /// It was recorded how far an action of a plan is.
    PlanActionProgressed,
    /// The chair overruled a conference that would have ended a plan.
    ConferenceDecisionOverruled,
    /// It was named who leads an enquiry from now on.
    EnquiryLeadNamed,
    /// It was named who leads a core group from now on.
    CoreGroupLeadNamed,
}

/// A kind of information; which roles may read it is the access matrix.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::category::Category")]
pub enum InformationCategory {
    /// Who the child is.
    Identity,
    /// A protected address.
    ProtectedAddress,
    /// Household and family.
    Household,
    /// Education.
    Education,
    /// Health.
    Health,
    /// Police intelligence.
    PoliceIntelligence,
    /// Social care assessment.
    SocialCareAssessment,
    /// Views of child and family.
    FamilyViews,
    /// Danger and safety statements.
    DangerStatements,
    /// The plan.
    Plan,
    /// Legal planning.
    Legal,
    /// Restricted items.
    Restricted,
    /// Non-attendance.
    NonAttendance,
    /// Who read the record.
    AuditLog,
    /// An allegation against a professional.
    Allegation,
}

/// What non-attendance is grouped by.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::store::non_attendance::Dimension")]
pub enum NonAttendanceDimension {
    /// One bucket an agency.
    Agency,
    /// One bucket a kind of agency.
    AgencyKind,
    /// One bucket a calendar month in England.
    Month,
    /// One bucket a quarter of a calendar year in England; not together with MONTH.
    Quarter,
    /// One bucket a kind of meeting.
    Meeting,
    /// One bucket who chairs a conference, or leads a strategy meeting.
    Chair,
    /// One bucket the team whose conference it is.
    Team,
    /// One bucket a stage of the child's process.
    Stage,
}

/// What is counted as one.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::store::non_attendance::Unit")]
pub enum NonAttendanceUnit {
    /// An agency at a meeting, about however many brothers and sisters: one attendance of the person.
    Invitation,
    /// An agency at a meeting about one child, as a return counts.
    Child,
}

/// Where a child stands in the process, by the meeting an agency is asked to.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::store::non_attendance::Stage")]
pub enum NonAttendanceStage {
    /// A strategy meeting: whether to enquire.
    Enquiry,
    /// A conference before a birth.
    PreBirth,
    /// The first conference.
    Initial,
    /// The conference that takes a child over from another authority.
    TransferIn,
    /// A core group, while a plan runs.
    Plan,
    /// A review.
    Review,
}

/// What buckets are sorted by; those of which it is not told come last.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::store::non_attendance::Sort")]
pub enum NonAttendanceSort {
    /// What the buckets are of.
    Key,
    /// Most invitations first.
    Invitations,
    /// Most missed first.
    Missed,
    /// Highest rate first.
    Rate,
    /// Highest rate of those with proper notice first.
    AdjustedRate,
}

/// Which of the invitations behind a bucket.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::store::non_attendance::Behind")]
pub enum NonAttendanceList {
    /// All.
    All,
    /// Those that were missed, with apologies or without a word.
    Missed,
    /// Those that were missed although there was proper notice.
    MissedWithProperNotice,
    /// Those whose reports were due and did not come.
    ReportMissing,
}

/// What an agency is asked about.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::non_attendance_letter::About")]
pub enum NonAttendanceLetterAbout {
    /// It did not come; a report came, or none was asked for.
    DidNotAttend,
    /// It came; the report that was asked for did not.
    NoReport,
    /// It neither came nor sent the report it was asked for.
    Neither,
}

/// Where a letter stands.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::store::letter::Standing")]
pub enum NonAttendanceLetterStatus {
    /// Written, not sent.
    Written,
    /// Sent; the reply is awaited.
    Sent,
    /// Sent; no reply came in the time of the authority's practice.
    NoReply,
    /// Answered.
    Replied,
}

/// Why an agency did not come or report, as it says itself.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::non_attendance_letter::Reason")]
pub enum NonAttendanceReplyReason {
    /// The invitation came too late.
    InvitedLate,
    /// The invitation never came.
    NotReceived,
    /// Another duty at the same hour: court, clinic, emergency.
    Clash,
    /// The professional was ill.
    Illness,
    /// The professional was on leave.
    Leave,
    /// The post is vacant.
    Vacancy,
    /// The agency does not work with the family.
    NotInvolved,
    /// A report was sent another way.
    ReportSentOtherwise,
    /// Somebody attended: what was recorded is wrong.
    Attended,
    /// Something else, which the reply says.
    Other,
}

/// Where an escalation stands.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::escalation::Status")]
pub enum EscalationStatus {
    /// Raised with the agency's safeguarding lead.
    Open,
    /// A meeting is agreed.
    MeetingAgreed,
    /// Closed with its outcome.
    Closed,
}

/// What became of an escalation.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::escalation::Outcome")]
pub enum EscalationOutcome {
    /// The agency explained it.
    Explained,
    /// The agency does something about it.
    ActionAgreed,
    /// What was recorded was wrong and is put right.
    RecordsCorrected,
    /// Not resolved.
    NotResolved,
}

/// Where a webhook stands.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::webhook::State")]
pub enum WebhookState {
    /// What happens is sent to it.
    Active,
    /// Somebody paused it: nothing is sent, and nothing is lost for as long as the feed is kept.
    Paused,
    /// The post of the person it followed ended, or the person's access was taken back: nothing is sent until a colleague
    /// takes it over.
    Suspended,
    /// The receiver answered 410: nothing is sent until somebody has it go on (`changeWebhook`, `paused: false`).
    Gone,
    /// It ended.
    Removed,
}

/// What became of a message to a webhook.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::webhook_delivery::State")]
pub enum WebhookDeliveryState {
    /// An attempt failed, and another follows.
    Retrying,
    /// The receiver took it, with a status from 200 to 299.
    Delivered,
    /// It was given up: three days after it happened, or after the webhook was active again, if that was later. It can be sent
    /// once more (`replayWebhookDelivery`).
    Dead,
    /// It was given up, and is to be sent once more.
    Replaying,
}

/// Why an attempt to send to a webhook failed.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::webhook_delivery::Failure")]
pub enum WebhookFailure {
    /// The host is not among those that are allowed any more.
    HostNotAllowed,
    /// The name of the host leads nowhere.
    NameNotResolved,
    /// The name leads to an address that is not of the public internet.
    AddressRefused,
    /// The connection failed, or its certificate is not good.
    Connection,
    /// It took longer than ten seconds.
    Timeout,
    /// It was answered with another address, to which nothing is sent.
    Redirect,
    /// It was answered with a status that is no success.
    Status,
    /// It was answered with 410: nothing more is to be sent.
    Gone,
    /// The event is not kept any more, or the person the webhook follows may not see it any more.
    NotReadable,
}

/// Which way a rate went.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::store::non_attendance::Direction")]
pub enum TrendDirection {
    /// More stayed away than chance explains.
    Up,
    /// Fewer.
    Down,
    /// Chance explains the difference.
    Steady,
}

/// Where a report request stands.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::store::report::RequestStatus")]
pub enum ReportRequestStatus {
    /// Nothing received, not due for two days or more.
    Open,
    /// Nothing received, due within two days.
    Due,
    /// Nothing received, due passed.
    Overdue,
    /// Received.
    Done,
    /// Nothing received, and nothing needed: the conference was called off.
    NotNeeded,
}

/// What kind of finding it is.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::error::ProblemCode")]
pub enum UserErrorCode {
    /// A value is missing that the rule needs.
    Required,
    /// A value is outside its range or form.
    Invalid,
    /// A text is too long.
    TooLong,
    /// A list has too many entries.
    TooMany,
    /// Something is named twice.
    Duplicate,
    /// A date is on the wrong side of another or of now.
    WrongTime,
    /// The thing named cannot be found by you.
    UnknownReference,
    /// The meeting was held, cancelled or decided already.
    AlreadyConcluded,
    /// The conference is over.
    ConferenceOver,
    /// This was done before and stands.
    AlreadyDone,
    /// The agencies do not meet the minimum.
    NotQuorate,
    /// As often as it may be done for now; the message names the limit.
    LimitExceeded,
    /// A rule refuses the combination; the message names it.
    RuleRefused,
    /// Something has no answer yet that a practice standard asks for before this step; `field` names the item.
    Missing,
    /// The record is not in a state from which this can be done; the message names the states.
    WrongState,
    /// A file has more bytes than are taken.
    TooLarge,
    /// A file is of no kind that is taken, not whole, or holds what is not taken; the message says which.
    FileRefused,
}

/// Why a caller said it asked.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::audit::Purpose")]
pub enum AccessPurpose {
    /// Child protection duty.
    CpDuty,
    /// Preparing a conference.
    ConferencePrep,
    /// A strategy meeting.
    Strategy,
    /// Auditing.
    Audit,
    /// A subject access request.
    Sar,
    /// An emergency.
    Emergency,
}

/// What became of an access.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::audit::Decision")]
pub enum AccessDecision {
    /// It was given.
    Allowed,
    /// There was nothing, or nothing the caller may see.
    NotFound,
    /// A search that fitted more than one child.
    Ambiguous,
    /// It was refused.
    Denied,
}

/// The role an access was decided in.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::policy::roles::Role")]
pub enum AccessRole {
    /// Allocated social worker of children's social care.
    SocialWorker,
    /// Manager of a social work team.
    TeamManager,
    /// Service or operations manager.
    ServiceManager,
    /// Conference chair or independent reviewing officer.
    Chair,
    /// Minute taker or business support of conferences.
    MinuteTaker,
    /// Police.
    Police,
    /// Health.
    Health,
    /// School, nursery or college.
    Education,
    /// Early help.
    EarlyHelp,
    /// Any other agency.
    OtherAgency,
    /// Runs the machine.
    SystemAdmin,
    /// Audits how the record is used.
    Auditor,
    /// A system that submits for its agency.
    AgencySystem,
}

/// What is due.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::deadline::Kind")]
pub enum DeadlineKind {
    /// The strategy meeting a contact gave rise to.
    FirstStrategyMeeting,
    /// The outcome of a strategy meeting, in the hands of those at it.
    StrategyOutcomeDocument,
    /// What a strategy meeting discussed and decided, on the record.
    StrategyDocument,
    /// The full record of a strategy meeting, sent to every party.
    StrategyRecordCirculated,
    /// The initial conference after an enquiry began.
    InitialConference,
    /// The social work report to an initial conference, with the family.
    ReportToFamily,
    /// The same, with chair and professionals.
    ReportToProfessionals,
    /// The social work report to a review, with the family.
    ReviewReportToFamily,
    /// The same, with the safeguarding unit.
    ReviewReportToUnit,
    /// An agency's report to an initial conference.
    AgencyReport,
    /// An agency's report to a review.
    AgencyReportToReview,
    /// The chair meets the family before an initial conference.
    FamilyMetByChair,
    /// The decisions of a conference, sent to all who were invited.
    DecisionsCirculated,
    /// The minutes of a conference, sent to all who were invited.
    MinutesCirculated,
    /// The outline plan of a conference, written up.
    OutlinePlan,
    /// The first meeting of a core group.
    FirstCoreGroup,
    /// The next meeting of a core group.
    NextCoreGroup,
    /// Minutes and plan, sent ahead of a core group.
    CoreGroupPapers,
    /// What a core group recommends to a review.
    CoreGroupRecommendation,
    /// The first review of a child protection plan.
    FirstReview,
    /// The next review of a child protection plan.
    NextReview,
    /// The supervision before the nine-month review.
    NineMonthSupervision,
    /// The chair's conversation before the nine-month review.
    NineMonthConversation,
    /// The referral to family support, before the review that is to end a plan.
    SupportReferral,
    /// The discussion of the case with family support, before that review.
    SupportDiscussion,
    /// The plan that follows a child protection plan.
    FollowOnPlan,
    /// Copies of a child in need plan.
    CinPlanCopies,
}

/// What a time limit is counted in.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::deadline::Unit")]
pub enum DeadlineUnit {
    /// Elapsed hours.
    Hours,
    /// Days of the calendar.
    Days,
    /// Working days of England and Wales.
    WorkingDays,
    /// Weeks.
    Weeks,
    /// Months of the calendar.
    Months,
}

/// The kind of record that practice asks things of.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::entry::Record")]
pub enum RecordKind {
    /// Of a strategy meeting.
    StrategyMeeting,
    /// Of an enquiry under section 47.
    Enquiry,
    /// Of a conference.
    Conference,
    /// Of a core group meeting.
    CoreGroupMeeting,
    /// Of a plan.
    Plan,
}

/// What on a record goes through several states, each of which follows from what stands there.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::store::record::sheet::Path")]
pub enum RecordPath {
    /// What a nine-month review asks about a child before it: OPEN, DISCUSSED in supervision, CHAIR_TALKED with the social worker,
    /// DECIDED (BRI-NM-02).
    NineMonthReview,
    /// A proposal that a child's plan ends: PROPOSED, SUPPORT_PLANNED, at level 3 REFERRED and REFERRAL_OUTCOME_KNOWN,
    /// TO_CONFERENCE, then AGREED, NOT_AGREED or OVERRULED (LAN-SD-01 to 04, LAN-DE-02).
    StepDown,
    /// An agency that stays away from a core group: NOTED, WITH_TEAM_MANAGER, AGENCY_CONTACTED, then WRITTEN_ESCALATION
    /// or RESOLVED (BIR-NA-03 to 05).
    AttendanceTrouble,
}

/// How far a core group is.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::store::core_group::Group")]
pub enum CoreGroupState {
    /// It was formed in the conference, and has not met.
    FirstMeetingDue,
    /// It meets.
    Active,
    /// The plan it carries out has ended.
    Ended,
}

/// How far the next meeting of a core group is.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::store::core_group::Next")]
pub enum NextCoreGroupState {
    /// No day is set.
    Due,
    /// A day is set.
    Scheduled,
    /// The papers are out to everybody who needs them, where the authority sets a time for papers (WAR-CG-07).
    PapersSent,
    /// Its day or its time is over, and no meeting is recorded.
    Overdue,
}

/// Who of those that read a record reads an entry on it.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::entry::Audience")]
pub enum EntryAudience {
    /// All of them.
    Meeting,
    /// Social care, chair and minute taker.
    Chair,
    /// The social care staff who hold the record.
    SocialCare,
}

/// Who writes an entry.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::entry::Writer")]
pub enum EntryWriter {
    /// The social care staff who hold the record.
    SocialCare,
    /// A manager of social care.
    Manager,
    /// The Operations Manager.
    Operations,
    /// Chair and minute taker of the conference.
    Chair,
    /// The agency it is about.
    Agency,
}

/// A step of a record: finished, what belongs on it is told to be whole.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::finished_step::Step")]
pub enum RecordStep {
    /// The record of a strategy meeting.
    StrategyRecord,
    /// The enquiries of an enquiry are complete.
    Enquiries,
    /// The line manager agreed the outcome of an enquiry.
    EnquiryOutcome,
    /// A conference is prepared.
    Preparation,
    /// The social work report is signed.
    SocialWorkReport,
    /// The minutes of a conference.
    Minutes,
    /// The minutes of a core group meeting.
    CoreGroupMinutes,
    /// The detailed plan.
    DetailedPlan,
    /// The team manager's signature under the plan.
    PlanSignOff,
    /// A child in need plan.
    CinPlan,
}

/// A document of a record.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::document_issue::Document")]
pub enum RecordDocument {
    /// The outcome of a strategy meeting, as it is handed out there.
    StrategyOutcome,
    /// The whole record of a strategy meeting.
    StrategyRecord,
    /// The social work report to a conference.
    SocialWorkReport,
    /// The decisions of a conference.
    Decisions,
    /// The minutes of a conference.
    Minutes,
    /// Minutes and revised plan of a core group.
    CoreGroupPapers,
    /// A plan.
    Plan,
}

/// Where an enquiry stands.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::enquiry::Status")]
pub enum EnquiryStatus {
    /// Under way.
    Enquiring,
    /// The enquiries are complete; the line manager agrees the outcome.
    Complete,
    /// The outcome is agreed.
    OutcomeAgreed,
}

/// What an enquiry led to.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::enquiry::Outcome")]
pub enum EnquiryOutcome {
    /// An initial child protection conference.
    Conference,
    /// Legal action.
    LegalAction,
    /// Services for a child in need.
    ProvisionOfServices,
    /// Short breaks.
    ShortBreaks,
    /// The single assessment goes on, and nothing else.
    ContinueSingleAssessment,
    /// The case is watched.
    Monitor,
    /// Nothing further.
    NoFurtherAction,
    /// Something else.
    Other,
}

/// Where a case stands.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::episode::Status")]
pub enum EpisodeStatus {
    /// Open.
    Open,
    /// The referral led to nothing.
    NoFurtherAction,
    /// Closed.
    Closed,
}

/// Who referred a child, by the codes of the national returns.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::episode::Source")]
pub enum ReferralSource {
    /// A member of the family, a relative or carer (1A).
    FamilyMember,
    /// An acquaintance (1B).
    Acquaintance,
    /// The child (1C).
    ChildThemselves,
    /// Another individual (1D).
    OtherIndividual,
    /// A school (2A).
    School,
    /// An education service (2B).
    EducationService,
    /// A general practitioner (3A).
    Gp,
    /// A health visitor (3B).
    HealthVisitor,
    /// A school nurse (3C).
    SchoolNurse,
    /// Another primary health service (3D).
    OtherPrimaryHealth,
    /// An emergency department (3E).
    EmergencyDepartment,
    /// Another health service (3F).
    OtherHealth,
    /// Housing (4).
    Housing,
    /// Social care of the own authority, such as that for adults (5A).
    OwnSocialCare,
    /// Another service of the own authority (5B).
    OwnOtherService,
    /// Another authority (5C).
    OtherAuthority,
    /// Early help (5D).
    EarlyHelp,
    /// The police (6).
    Police,
    /// Courts, probation, immigration, prisons (7).
    OtherLegal,
    /// Somebody else (8).
    Other,
    /// Somebody who gave no name (9).
    Anonymous,
    /// Not known (10).
    Unknown,
}

/// What a child needs help for in the first place, by the codes of the national returns.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::episode::Need")]
pub enum PrimaryNeed {
    /// Abuse or neglect (N1).
    AbuseOrNeglect,
    /// The child's disability (N2).
    ChildDisability,
    /// A parent's disability or illness (N3).
    ParentalDisabilityOrIllness,
    /// The family is in acute stress (N4).
    FamilyInAcuteStress,
    /// The family does not work as one (N5).
    FamilyDysfunction,
    /// Socially unacceptable behaviour (N6).
    UnacceptableBehaviour,
    /// Low income (N7).
    LowIncome,
    /// No parent is there (N8).
    AbsentParenting,
    /// A case other than that of a child in need (N9).
    OtherThanInNeed,
    /// Not stated (N0).
    NotStated,
}

/// Why a case was closed, by the codes of the national returns.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "entity::episode::Reason")]
pub enum ClosureReason {
    /// Adopted (RC1).
    Adopted,
    /// Died (RC2).
    Died,
    /// A child arrangements order (RC3).
    ChildArrangementsOrder,
    /// A special guardianship order (RC4).
    SpecialGuardianshipOrder,
    /// Moved to another authority (RC5).
    Transferred,
    /// Goes on with services for adults (RC6).
    AdultServices,
    /// Another reason (RC7).
    Other,
    /// After assessment, no further action (RC8).
    NoFurtherActionAfterAssessment,
    /// After assessment, early help (RC9).
    EarlyHelpAfterAssessment,
}
