//! Typed ids: a conference cannot be asked for with the id of a child.

use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, Value, ValueType, ValueTypeErr};
use sea_orm::{ColIdx, DbErr, QueryResult, TryFromU64, TryGetError, TryGetable};
use uuid::Uuid;

/// What all typed ids have in common.
pub trait TypedId: Copy + Eq + std::hash::Hash + Ord + Send + Sync + 'static {
    /// The noun the id is of, as the API spells it.
    const NOUN: &'static str;
    /// Wraps a bare id.
    fn of(id: Uuid) -> Self;
    /// The bare id.
    fn uuid(self) -> Uuid;
}

/// A column that holds a typed id, or may hold one.
pub trait Key: ValueType {}

macro_rules! ids {
    ($($name:ident => $noun:literal),+ $(,)?) => { $(
        #[doc = concat!("Id of a ", $noun, ".")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub struct $name(pub Uuid);

        impl Key for $name {}
        impl Key for Option<$name> {}
        impl TypedId for $name {
            const NOUN: &'static str = $noun;
            fn of(id: Uuid) -> Self { Self(id) }
            fn uuid(self) -> Uuid { self.0 }
        }
        impl From<$name> for Value {
            fn from(id: $name) -> Self { id.0.into() }
        }
        impl TryGetable for $name {
            fn try_get_by<I: ColIdx>(res: &QueryResult, index: I) -> Result<Self, TryGetError> {
                Uuid::try_get_by(res, index).map(Self)
            }
        }
        impl ValueType for $name {
            fn try_from(v: Value) -> Result<Self, ValueTypeErr> { <Uuid as ValueType>::try_from(v).map(Self) }
            fn type_name() -> String { stringify!($name).to_owned() }
            fn array_type() -> ArrayType { <Uuid as ValueType>::array_type() }
            fn column_type() -> ColumnType { <Uuid as ValueType>::column_type() }
        }
        impl Nullable for $name {
            fn null() -> Value { <Uuid as Nullable>::null() }
        }
        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> { Err(DbErr::ConvertFromU64(stringify!($name))) }
        }
        impl sea_orm::IntoActiveValue<$name> for $name {
            fn into_active_value(self) -> sea_orm::ActiveValue<$name> { sea_orm::ActiveValue::Set(self) }
        }
    )+ };
}

ids! {
    LocalAuthorityId => "LocalAuthority",
    AgencyId => "Agency",
    TeamId => "Team",
    PractitionerId => "Practitioner",
    AppointmentId => "Appointment",
    ChildId => "Child",
    PersonId => "Person",
    HouseholdId => "Household",
    MembershipId => "Membership",
    InvolvementId => "Involvement",
    StrategyMeetingId => "StrategyMeeting",
    StrategyMeetingChildId => "StrategyMeetingChild",
    ConferenceId => "Conference",
    ConferenceChildId => "ConferenceChild",
    InvitationId => "Invitation",
    ReportRequestId => "ReportRequest",
    ConferenceReportId => "ConferenceReport",
    ReportAnswerId => "ReportAnswer",
    ChronologyRowId => "ChronologyRow",
    FamilyCopyId => "FamilyCopy",
    AttachmentId => "Attachment",
    PlanId => "Plan",
    PlanActionId => "PlanAction",
    PlanVersionId => "PlanVersion",
    CoreGroupId => "CoreGroup",
    CoreGroupMemberId => "CoreGroupMember",
    CoreGroupMeetingId => "CoreGroupMeeting",
    DeadlineId => "Deadline",
    EnquiryId => "Enquiry",
    EpisodeId => "Episode",
    AssessmentId => "Assessment",
    EntryId => "Entry",
    FinishedStepId => "FinishedStep",
    DocumentIssueId => "DocumentIssue",
    DocumentCopyId => "DocumentCopy",
    ChairDelegationId => "ChairDelegation",
    TransferShareId => "TransferShare",
    ConflictId => "Conflict",
    DesignationId => "Designation",
    RestrictedItemId => "RestrictedItem",
    ReaderListingId => "ReaderListing",
    AllegationId => "Allegation",
    EventId => "Event",
    EmergencyAccessId => "EmergencyAccess",
    NoticeId => "Notice",
    AccessAlertId => "AccessAlert",
    ExportId => "Export",
    AccessReviewId => "AccessReview",
    AccessReviewEntryId => "AccessReviewEntry",
    NonAttendanceLetterId => "NonAttendanceLetter",
    EscalationId => "Escalation",
    EscalationEntryId => "EscalationEntry",
    FormerNumberId => "FormerNumber",
    AgencyReferenceId => "AgencyReference",
    WebhookId => "Webhook",
    WebhookDeliveryId => "WebhookDelivery",
}
