//! Batched reads for nested fields. A loader belongs to one request and starts from `rows::<E>()`, so a batch
//! inherits the row rule and can never cross readers.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// How a batch is loaded; what is read ahead has the same keys and values.
pub use async_graphql::dataloader::Loader;
use entity::entry;
use entity::id::{
    AccessReviewEntryId, AccessReviewId, AgencyId, AllegationId, AssessmentId, AttachmentId, ChairDelegationId,
    ChildId, ChronologyRowId, ConferenceId, ConferenceReportId, ConflictId, CoreGroupId, CoreGroupMeetingId,
    DeadlineId, DesignationId, DocumentCopyId, DocumentIssueId, EmergencyAccessId, EnquiryId, EntryId, EpisodeId,
    EscalationEntryId, EscalationId, ExportId, FamilyCopyId, FinishedStepId, HouseholdId, InvitationId, InvolvementId,
    LocalAuthorityId, NonAttendanceLetterId, PersonId, PlanActionId, PlanId, PlanVersionId, PractitionerId,
    ReaderListingId, ReportAnswerId, ReportRequestId, RestrictedItemId, StrategyMeetingId, TransferShareId, TypedId,
    WebhookDeliveryId, WebhookId,
};
use entity::invitation::Meeting;
use sea_orm::sea_query::{IntoCondition as _, Order};
use sea_orm::{ColumnTrait, Condition, EntityTrait, FromQueryResult, Value};

use super::ahead::{Among, One};
use super::emergency_record::{EmergencyRecord, RecordOf};
use super::page::{Listed, Page, PageArgs};
use super::read::Identified;
use super::{Scoped, in_force};
use crate::clock::london_day;
use crate::error::Error;
use crate::policy::Standing;

pub mod about;
pub mod allegation;
pub mod copies;
pub mod plans;
pub mod records;

/// A loader's error: shared by all who wait for the batch.
pub type Shared = Arc<Error>;

/// An id that a row is loaded by.
pub trait RowKey: TypedId + Into<Value> {
    /// The table of the row.
    type Table: Identified<Self>;
}

macro_rules! by_id {
    ($($id:ident => $table:ident),+ $(,)?) => { $(
        impl RowKey for $id {
            type Table = entity::$table::Entity;
        }
        impl Identified<$id> for entity::$table::Entity {
            fn id_of(row: &Self::Model) -> $id { row.id }
        }
        impl Loader<$id> for Scoped {
            type Value = entity::$table::Model;
            type Error = Shared;
            async fn load(&self, keys: &[$id]) -> Result<HashMap<$id, Self::Value>, Shared> {
                let rows = self
                    .rows::<entity::$table::Entity>()
                    .all_named(keys)
                    .await
                    .map_err(Arc::new)?;
                Ok(rows.into_iter().map(|row| (row.id, row)).collect())
            }
        }
    )+ };
}

by_id! {
    LocalAuthorityId => local_authority,
    AgencyId => agency,
    PractitionerId => practitioner,
    ChildId => child,
    InvolvementId => involvement,
    ConflictId => conflict,
    PersonId => person,
    HouseholdId => household,
    ConferenceId => conference,
    StrategyMeetingId => strategy_meeting,
    InvitationId => invitation,
    NonAttendanceLetterId => non_attendance_letter,
    EscalationId => escalation,
    EscalationEntryId => escalation_entry,
    WebhookId => webhook,
    WebhookDeliveryId => webhook_delivery,
    ReportRequestId => report_request,
    ConferenceReportId => conference_report,
    ReportAnswerId => report_answer,
    ChronologyRowId => chronology_row,
    FamilyCopyId => family_copy,
    AttachmentId => attachment,
    PlanId => plan,
    PlanVersionId => plan_version,
    PlanActionId => plan_action,
    CoreGroupId => core_group,
    CoreGroupMeetingId => core_group_meeting,
    DeadlineId => deadline,
    EnquiryId => enquiry,
    EpisodeId => episode,
    AssessmentId => assessment,
    EntryId => entry,
    FinishedStepId => finished_step,
    DocumentIssueId => document_issue,
    DocumentCopyId => document_copy,
    RestrictedItemId => restricted_item,
    ReaderListingId => reader_listing,
    ChairDelegationId => chair_delegation,
    TransferShareId => transfer_share,
    DesignationId => designation,
    EmergencyAccessId => emergency_access,
    ExportId => export,
    AccessReviewId => access_review,
    AccessReviewEntryId => access_review_entry,
}

/// One page of a list below one parent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Below<L, K> {
    /// Which list.
    pub list: L,
    /// Below which parent.
    pub parent: K,
    /// Which page of it.
    pub args: PageArgs,
}

/// A list below a parent: which rows it is made of, and how it goes along them.
pub trait List: Copy + Eq + Hash + std::fmt::Debug + Send + Sync + 'static {
    /// Its table.
    type Entity: Listed<Model: FromQueryResult>;
    /// What the parent's id is.
    type Parent: TypedId + Into<Value>;
    /// Newest first, or oldest first.
    const NEWEST_FIRST: bool;
    /// The column with the parent's id.
    fn column() -> <Self::Entity as EntityTrait>::Column;
    /// The parent's id in a row.
    fn parent(row: &<Self::Entity as EntityTrait>::Model) -> Option<Self::Parent>;
    /// The kind of meeting, of a list of invitations.
    const MEETING: Option<Meeting>;
    /// Which rows below the parent the list has, where it has not all of them.
    fn only() -> Option<Condition> {
        None
    }
}

/// A row of a table.
pub type Row<E> = <E as EntityTrait>::Model;

/// A row of a list.
pub type RowOf<L> = <<L as List>::Entity as EntityTrait>::Model;

impl<L: List> Loader<Below<L, L::Parent>> for Scoped {
    type Value = Page<<L::Entity as EntityTrait>::Model>;
    type Error = Shared;
    async fn load(&self, keys: &[Below<L, L::Parent>]) -> Result<HashMap<Below<L, L::Parent>, Self::Value>, Shared> {
        let mut out = HashMap::new();
        // fields of one place in the document share their arguments, so this is one turn for each such place
        for (args, parents) in by_args(keys) {
            let pages = self.pages_below::<L>(&parents, &args).await.map_err(Arc::new)?;
            let list = keys.first().map(|key| key.list);
            out.extend(
                pages
                    .into_iter()
                    .filter_map(|(parent, page)| Some((Below { list: list?, parent, args: args.clone() }, page))),
            );
        }
        Ok(out)
    }
}

macro_rules! below {
    ($($(#[$meta:meta])* $list:ident: $table:ident by $column:ident($key:ty) $($newest:literal)? $(to $meeting:ident)? = |$row:ident| $parent:expr $(, only $only:expr)?;)+) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $list;

        impl List for $list {
            type Entity = entity::$table::Entity;
            type Parent = $key;
            // the first that is there: as the list says, else as all lists of its rows
            const NEWEST_FIRST: bool = [$($newest,)? <entity::$table::Entity as Listed>::NEWEST_FIRST][0];
            const MEETING: Option<Meeting> = [$(Some(Meeting::$meeting),)? None][0];
            fn column() -> entity::$table::Column { entity::$table::Column::$column }
            fn parent($row: &entity::$table::Model) -> Option<$key> { $parent }
            $(fn only() -> Option<Condition> { Some($only) })?
        }
    )+ };
}

fn by_args<L, K: Copy>(keys: &[Below<L, K>]) -> HashMap<PageArgs, Vec<K>> {
    let mut groups: HashMap<PageArgs, Vec<K>> = HashMap::new();
    for key in keys {
        groups.entry(key.args.clone()).or_default().push(key.parent);
    }
    groups
}

below! {
    /// The children a conference is about.
    ChildrenOfConference: conference_child by ConferenceId(ConferenceId) = |row| Some(row.conference_id);
    /// The conferences about a child, the one that was called last first.
    ConferencesOfChild: conference_child by ChildId(ChildId) true = |row| Some(row.child_id);
    /// The agencies invited to a conference.
    InvitationsToConference: invitation by ConferenceId(ConferenceId) to Conference = |row| row.conference_id;
    /// The agencies invited to a strategy meeting.
    InvitationsToStrategyMeeting: invitation by StrategyMeetingId(StrategyMeetingId) to StrategyMeeting = |row| row.strategy_meeting_id;
    /// Who came to a core group meeting.
    InvitationsToCoreGroupMeeting: invitation by CoreGroupMeetingId(CoreGroupMeetingId) to CoreGroup = |row| row.core_group_meeting_id;
    /// The letters to those who did not come to a conference or sent no report.
    LettersOfConference: non_attendance_letter by ConferenceId(ConferenceId) = |row| Some(row.conference_id);
    /// The evidence of an escalation.
    EntriesOfEscalation: escalation_entry by EscalationId(EscalationId) = |row| Some(row.escalation_id);
    /// The reports asked for a conference.
    RequestsForConference: report_request by ConferenceId(ConferenceId) = |row| Some(row.conference_id);
    /// The reports submitted to a conference.
    ReportsToConference: conference_report by ConferenceId(ConferenceId) = |row| Some(row.conference_id);
    /// The versions that answer a request.
    ReportsToRequest: conference_report by ReportRequestId(ReportRequestId) = |row| Some(row.report_request_id);
    /// What a version of a report says to the items of its template.
    AnswersOfReport: report_answer by ConferenceReportId(ConferenceReportId) = |row| Some(row.conference_report_id);
    /// The chronology of a version of a report, in the order of its days.
    ChronologyOfReport: chronology_row by ConferenceReportId(ConferenceReportId) = |row| Some(row.conference_report_id);
    /// The copies of a version that the family was given.
    FamilyCopiesOfReport: family_copy by ConferenceReportId(ConferenceReportId) = |row| Some(row.conference_report_id);
    /// The files of a version of a report.
    AttachmentsOfReport: attachment by ConferenceReportId(ConferenceReportId) = |row| row.conference_report_id;
    /// The files that came for a request, or are to come, and belong to no version yet.
    AttachmentsOfRequest: attachment by ReportRequestId(ReportRequestId) = |row| Some(row.report_request_id), only unbound();
    /// The children a strategy meeting is about.
    ChildrenOfStrategyMeeting: strategy_meeting_child by StrategyMeetingId(StrategyMeetingId) = |row| Some(row.strategy_meeting_id);
    /// Who lives in a household.
    MembersOfHousehold: membership by HouseholdId(HouseholdId) = |row| Some(row.household_id);
    /// The relationships to a child.
    InvolvementsOfChild: involvement by ChildId(ChildId) = |row| Some(row.child_id);
    /// The conflicts of interest that close a child.
    ConflictsOfChild: conflict by ChildId(ChildId) = |row| Some(row.child_id);
    /// The restricted items about a child.
    ItemsOfChild: restricted_item by ChildId(ChildId) = |row| Some(row.child_id);
    /// The restricted items that came with a version of a report.
    ItemsOfReport: restricted_item by ConferenceReportId(ConferenceReportId) = |row| row.conference_report_id;
    /// The reader list of a restricted item.
    ReadersOfItem: reader_listing by RestrictedItemId(RestrictedItemId) = |row| row.restricted_item_id;
    /// The reader list of an allegation.
    ReadersOfAllegation: reader_listing by AllegationId(AllegationId) = |row| row.allegation_id;
    /// The reader list of a household's protected address.
    ReadersOfAddress: reader_listing by HouseholdId(HouseholdId) = |row| row.household_id;
    /// The delegations of the chair of a conference.
    DelegationsOfConference: chair_delegation by ConferenceId(ConferenceId) = |row| Some(row.conference_id);
    /// The duties held at an agency.
    DesignationsOfAgency: designation by AgencyId(AgencyId) = |row| Some(row.agency_id);
    /// What is due about a child, by when.
    DeadlinesOfChild: deadline by ChildId(ChildId) = |row| Some(row.child_id);
    /// What is due about a report that was asked.
    DeadlinesOfRequest: deadline by ReportRequestId(ReportRequestId) = |row| row.report_request_id;
    /// What is due about a conference, by when.
    DeadlinesOfConference: deadline by ConferenceId(ConferenceId) = |row| row.conference_id;
    /// What stands on the record of a strategy meeting.
    EntriesOfStrategyMeeting: entry by StrategyMeetingId(StrategyMeetingId) = |row| row.strategy_meeting_id, only entry::Column::SupersededAt.is_null().into_condition();
    /// All that was ever written on the record of a strategy meeting.
    HistoryOfStrategyMeeting: entry by StrategyMeetingId(StrategyMeetingId) = |row| row.strategy_meeting_id;
    /// The finished steps of a strategy meeting.
    StepsOfStrategyMeeting: finished_step by StrategyMeetingId(StrategyMeetingId) = |row| row.strategy_meeting_id;
    /// The documents of a strategy meeting that were sent.
    DocumentsOfStrategyMeeting: document_issue by StrategyMeetingId(StrategyMeetingId) = |row| row.strategy_meeting_id;
    /// What stands on the record of an enquiry.
    EntriesOfEnquiry: entry by EnquiryId(EnquiryId) = |row| row.enquiry_id, only entry::Column::SupersededAt.is_null().into_condition();
    /// All that was ever written on the record of an enquiry.
    HistoryOfEnquiry: entry by EnquiryId(EnquiryId) = |row| row.enquiry_id;
    /// The finished steps of an enquiry.
    StepsOfEnquiry: finished_step by EnquiryId(EnquiryId) = |row| row.enquiry_id;
    /// The documents of an enquiry that were sent.
    DocumentsOfEnquiry: document_issue by EnquiryId(EnquiryId) = |row| row.enquiry_id;
    /// What stands on the record of a conference.
    EntriesOfConference: entry by ConferenceId(ConferenceId) = |row| row.conference_id, only entry::Column::SupersededAt.is_null().into_condition();
    /// All that was ever written on the record of a conference.
    HistoryOfConference: entry by ConferenceId(ConferenceId) = |row| row.conference_id;
    /// The finished steps of a conference.
    StepsOfConference: finished_step by ConferenceId(ConferenceId) = |row| row.conference_id;
    /// The documents of a conference that were sent.
    DocumentsOfConference: document_issue by ConferenceId(ConferenceId) = |row| row.conference_id;
    /// What stands on the record of a core group meeting.
    EntriesOfCoreGroupMeeting: entry by CoreGroupMeetingId(CoreGroupMeetingId) = |row| row.core_group_meeting_id, only entry::Column::SupersededAt.is_null().into_condition();
    /// All that was ever written on the record of a core group meeting.
    HistoryOfCoreGroupMeeting: entry by CoreGroupMeetingId(CoreGroupMeetingId) = |row| row.core_group_meeting_id;
    /// The finished steps of a core group meeting.
    StepsOfCoreGroupMeeting: finished_step by CoreGroupMeetingId(CoreGroupMeetingId) = |row| row.core_group_meeting_id;
    /// The documents of a core group meeting that were sent.
    DocumentsOfCoreGroupMeeting: document_issue by CoreGroupMeetingId(CoreGroupMeetingId) = |row| row.core_group_meeting_id;
    /// What stands on the record of a plan.
    EntriesOfPlan: entry by PlanId(PlanId) = |row| row.plan_id, only entry::Column::SupersededAt.is_null().into_condition();
    /// All that was ever written on the record of a plan.
    HistoryOfPlan: entry by PlanId(PlanId) = |row| row.plan_id;
    /// The finished steps of a plan.
    StepsOfPlan: finished_step by PlanId(PlanId) = |row| row.plan_id;
    /// The documents of a plan that were sent.
    DocumentsOfPlan: document_issue by PlanId(PlanId) = |row| row.plan_id;
    /// The copies of a document.
    CopiesOfDocument: document_copy by DocumentIssueId(DocumentIssueId) = |row| Some(row.document_issue_id);
    /// The enquiries about a child.
    EnquiriesOfChild: enquiry by ChildId(ChildId) = |row| Some(row.child_id);
    /// The episodes of need of a child.
    EpisodesOfChild: episode by ChildId(ChildId) = |row| Some(row.child_id);
    /// The assessments of an episode.
    AssessmentsOfEpisode: assessment by EpisodeId(EpisodeId) = |row| Some(row.episode_id);
    /// The enquiries that a strategy meeting began.
    EnquiriesOfStrategyMeeting: enquiry by StrategyMeetingId(StrategyMeetingId) = |row| Some(row.strategy_meeting_id);
    /// The plans of a child.
    PlansOfChild: plan by ChildId(ChildId) = |row| Some(row.child_id);
    /// The versions of a plan.
    VersionsOfPlan: plan_version by PlanId(PlanId) = |row| Some(row.plan_id);
    /// The actions of a plan.
    ActionsOfPlan: plan_action by PlanId(PlanId) = |row| Some(row.plan_id);
    /// The members of a core group.
    MembersOfCoreGroup: core_group_member by CoreGroupId(CoreGroupId) = |row| Some(row.core_group_id);
    /// The meetings of a core group.
    MeetingsOfCoreGroup: core_group_meeting by CoreGroupId(CoreGroupId) = |row| Some(row.core_group_id);
}

/// Files that belong to no version, without those that never came or were taken back.
fn unbound() -> Condition {
    use entity::attachment::{Column as C, State};
    Condition::all().add(C::ConferenceReportId.is_null()).add(C::State.is_not_in([State::Lapsed, State::Removed]))
}

/// The household a child belongs to now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HouseholdOf(pub ChildId);

impl Loader<HouseholdOf> for Scoped {
    type Value = entity::household::Model;
    type Error = Shared;
    async fn load(&self, keys: &[HouseholdOf]) -> Result<HashMap<HouseholdOf, Self::Value>, Shared> {
        use entity::{household, membership};
        let today = london_day(self.who.at);
        let members = self
            .rows::<membership::Entity>()
            .filter(membership::Column::ChildId.is_in(keys.iter().map(|k| k.0)))
            .filter(in_force(membership::Column::StartsOn, membership::Column::EndsOn, today))
            .order_by(membership::Column::StartsOn, Order::Asc)
            .order_by(membership::Column::Id, Order::Asc)
            .all()
            .await
            .map_err(Arc::new)?;
        let households: HashMap<HouseholdId, household::Model> = self
            .rows::<household::Entity>()
            .filter(household::Column::Id.is_in(members.iter().map(|m| m.household_id)))
            .all()
            .await
            .map_err(Arc::new)?
            .into_iter()
            .map(|h| (h.id, h))
            .collect();
        let of = |m: &membership::Model| Some((HouseholdOf(m.child_id?), households.get(&m.household_id)?.clone()));
        Ok(members.iter().filter_map(of).collect())
    }
}

macro_rules! one {
    ($($(#[$meta:meta])* $key:ident: $table:ident by $column:ident($parent:ty) = |$row:ident| $of:expr, |$who:ident| $among:expr;)+) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $key(pub $parent);

        impl One for $key {
            type Entity = entity::$table::Entity;
            type Parent = $parent;
            fn of(parent: $parent) -> Self { Self(parent) }
            fn column() -> entity::$table::Column { entity::$table::Column::$column }
            fn parent($row: &entity::$table::Model) -> $parent { $of }
            fn among($who: &Standing) -> Among<Self::Entity> { $among }
        }

        impl Loader<$key> for Scoped {
            type Value = entity::$table::Model;
            type Error = Shared;
            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, Self::Value>, Shared> {
                self.ones(keys.iter().map(|key| key.0)).await
            }
        }
    )+ };
}

one! {
    /// The plan of a child that is open now.
    CurrentPlanOf: plan by ChildId(ChildId) = |row| row.child_id, |who| {
        use entity::plan::Column as C;
        (in_force(C::StartsOn, C::EndsOn, london_day(who.at)), vec![(C::StartsOn, Order::Desc), (C::Id, Order::Desc)])
    };
    /// How the reader's agency names a child.
    AgencyReferenceOf: agency_reference by ChildId(ChildId) = |row| row.child_id, |_who| {
        use entity::agency_reference::Column as C;
        (C::Reference.is_not_null().into_condition(), vec![(C::Id, Order::Desc)])
    };
    /// The core group of a plan.
    CoreGroupOf: core_group by PlanId(PlanId) = |row| row.plan_id, |_who| {
        (Condition::all(), vec![(entity::core_group::Column::Id, Order::Desc)])
    };
}

impl Scoped {
    /// The one row below each parent.
    async fn ones<O: One>(
        &self,
        parents: impl Iterator<Item = O::Parent>,
    ) -> Result<HashMap<O, Row<O::Entity>>, Shared> {
        let (among, order) = O::among(&self.who);
        let mut rows = self.rows::<O::Entity>().filter(O::column().is_in(parents)).filter(among);
        for (column, order) in order {
            rows = rows.order_by(column, order);
        }
        let mut ones = HashMap::new();
        for row in rows.all().await.map_err(Arc::new)? {
            ones.entry(O::of(O::parent(&row))).or_insert(row);
        }
        Ok(ones)
    }
}

impl Loader<RecordOf> for Scoped {
    type Value = EmergencyRecord;
    type Error = Shared;
    async fn load(&self, keys: &[RecordOf]) -> Result<HashMap<RecordOf, EmergencyRecord>, Shared> {
        self.emergency_records(keys).await.map_err(Arc::new)
    }
}
