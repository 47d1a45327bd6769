//! Which fields lead from a row to other rows: what the selection of an operation asks for is laid out here, and read in
//! one statement by the store before the resolvers ask for it. A field that stands in no line is loaded when it is asked
//! for, in the batch of its level.

use async_graphql::{SelectionField, Value};

use super::connection::page_args;
use super::types::agency::{Agency, LocalAuthority, Practitioner};
use super::types::agency_reference::AgencyReferenceSummary;
use super::types::attachment::Attachment;
use super::types::child::{Child, Involvement};
use super::types::conference::{Conference, ConferenceChild};
use super::types::conflict::Conflict;
use super::types::core_group::{CoreGroup, CoreGroupMeeting, CoreGroupMember};
use super::types::deadline::Deadline;
use super::types::delegation::ChairDelegation;
use super::types::household::{Household, HouseholdMember, Person};
use super::types::invitation::Invitation;
use super::types::plan::{Plan, PlanAction};
use super::types::plan_version::PlanVersion;
use super::types::report::ConferenceReport;
use super::types::report_content::{ChronologyRow, ReportAnswer};
use super::types::report_copies::FamilyCopy;
use super::types::report_request::ReportRequest;
use super::types::restricted::RestrictedItem;
use super::types::strategy_meeting::{StrategyMeeting, StrategyMeetingChild};
use crate::store::ahead::{Ahead, At};
use crate::store::loaders::{
    ActionsOfPlan, AgencyReferenceOf, AnswersOfReport, AttachmentsOfReport, AttachmentsOfRequest, ChildrenOfConference,
    ChildrenOfStrategyMeeting, ChronologyOfReport, ConferencesOfChild, ConflictsOfChild, CoreGroupOf, CurrentPlanOf,
    DeadlinesOfChild, DeadlinesOfConference, DeadlinesOfRequest, DelegationsOfConference, FamilyCopiesOfReport,
    InvitationsToConference, InvitationsToCoreGroupMeeting, InvitationsToStrategyMeeting, InvolvementsOfChild,
    ItemsOfChild, ItemsOfReport, MeetingsOfCoreGroup, MembersOfCoreGroup, MembersOfHousehold, PlansOfChild,
    ReportsToConference, ReportsToRequest, RequestsForConference, VersionsOfPlan,
};
use crate::store::page::PageArgs;
use crate::store::visible::Visible;

/// A type of the API that is one row of a table.
pub trait OfRow {
    /// The table.
    type Table: Visible;

    /// Lays what a field of this type leads to.
    fn lay(ahead: &mut Ahead<'_>, at: At<Self::Table>, field: &SelectionField<'_>);
}

/// Lays what the fields below `field` lead to, from rows of the type it returns.
pub fn follow<N: OfRow>(ahead: &mut Ahead<'_>, at: Option<At<N::Table>>, field: &SelectionField<'_>) {
    let Some(at) = at else { return };
    for below in field.selection_set().filter(is_asked) {
        N::lay(ahead, at, &below);
    }
}

/// The same for a field that returns a page.
pub fn follow_page<N: OfRow>(ahead: &mut Ahead<'_>, at: Option<At<N::Table>>, field: &SelectionField<'_>) {
    for below in field.selection_set().filter(is_asked) {
        match below.name() {
            "nodes" => follow::<N>(ahead, at, &below),
            "edges" => {
                for node in below.selection_set().filter(|field| field.name() == "node" && is_asked(field)) {
                    follow::<N>(ahead, at, &node);
                }
            }
            _ => {}
        }
    }
}

/// False where the operation leaves the field out.
fn is_asked(field: &SelectionField<'_>) -> bool {
    let Ok(directives) = field.directives() else { return false };
    directives.iter().all(|directive| {
        let given = directive.arguments.iter().find(|(name, _)| name.node == "if").map(|(_, value)| &value.node);
        let given = given.is_some_and(|value| *value == async_graphql::Value::Boolean(true));
        match directive.name.node.as_str() {
            "skip" => !given,
            "include" => given,
            _ => true,
        }
    })
}

/// The page a field asks for; `None` where its arguments are wrong, which the resolver says.
fn page_of(field: &SelectionField<'_>) -> Option<PageArgs> {
    let (mut first, mut after) = (None, None);
    for (name, value) in field.arguments().ok()? {
        match (name.as_str(), value) {
            (_, Value::Null) => {}
            ("first", Value::Number(number)) => first = Some(i32::try_from(number.as_i64()?).ok()?),
            ("after", Value::String(text)) => after = Some(text),
            _ => return None,
        }
    }
    page_args(first, after.as_deref()).ok()
}

macro_rules! ways {
    ($($ty:ident($table:ident) { $($($name:literal)|+ => $kind:ident $(($($way:tt)*))?;)* })+) => { $(
        impl OfRow for $ty {
            type Table = entity::$table::Entity;
            #[allow(clippy::allow_attributes, unused_variables, reason = "a type may lead nowhere")]
            fn lay(ahead: &mut Ahead<'_>, at: At<Self::Table>, field: &SelectionField<'_>) {
                match field.name() {
                    $($($name)|+ => { ways!(@$kind $table, ahead, at, field $(, $($way)*)?); })*
                    _ => {}
                }
            }
        }
    )+ };
    // the row an id points to
    (@id $table:ident, $ahead:ident, $at:ident, $field:ident, $to:ident by $column:ident = |$row:ident| $key:expr) => {
        let next = $ahead.by_id($at, entity::$table::Column::$column, |$row| $key);
        follow::<$to>($ahead, next, $field);
    };
    // a page below the row
    (@list $table:ident, $ahead:ident, $at:ident, $field:ident, $to:ident in $list:ident) => {
        if let Some(args) = page_of($field) {
            let next = $ahead.list($at, $list, &args, |row| row.id);
            follow_page::<$to>($ahead, next, $field);
        }
    };
    // one row below the row
    (@one $table:ident, $ahead:ident, $at:ident, $field:ident, $to:ident by $key:ident) => {
        let next = $ahead.one::<_, $key>($at, |row| row.id);
        follow::<$to>($ahead, next, $field);
    };
    // the first row of a list
    (@first $table:ident, $ahead:ident, $at:ident, $field:ident, $to:ident in $list:ident) => {
        let next = $ahead.list($at, $list, &PageArgs { first: 1, after: None }, |row| row.id);
        follow::<$to>($ahead, next, $field);
    };
    (@household $table:ident, $ahead:ident, $at:ident, $field:ident) => {
        let next = $ahead.household($at);
        follow::<Household>($ahead, next, $field);
    };
    // an agency named in what is said of a child, by these columns
    (@about $table:ident, $ahead:ident, $at:ident, $field:ident, $child:ident, $child_of:ident, $agency:ident, $agency_of:ident) => {
        use entity::$table::Column;
        let about = (Column::$child, Column::$agency);
        let next = $ahead.agency_about($at, about, |row| (row.$child_of, row.$agency_of));
        if $field.name().to_ascii_lowercase().ends_with("agency") {
            follow::<Agency>($ahead, next, $field);
        }
    };
    // only for those who must have been invited
    (@invited $table:ident, $ahead:ident, $at:ident, $field:ident) => {
        if !$ahead.scope().who().role.holds_a_social_care_post() {
            $ahead.invited_to($at);
        }
    };
}

ways! {
    LocalAuthority(local_authority) {}
    Agency(agency) {
        "localAuthority" => id(LocalAuthority by LocalAuthorityId = |row| Some(row.local_authority_id));
    }
    Practitioner(practitioner) {}
    Person(person) {}
    Child(child) {
        "localAuthority" => id(LocalAuthority by LocalAuthorityId = |row| Some(row.local_authority_id));
        "household" => household;
        "agencyReference" => one(AgencyReferenceSummary by AgencyReferenceOf);
        "currentPlan" => one(Plan by CurrentPlanOf);
        "plans" => list(Plan in PlansOfChild);
        "deadlines" => list(Deadline in DeadlinesOfChild);
        "conferences" => list(ConferenceChild in ConferencesOfChild);
        "restrictedItems" => list(RestrictedItem in ItemsOfChild);
        "involvements" => list(Involvement in InvolvementsOfChild);
        "conflicts" => list(Conflict in ConflictsOfChild);
    }
    AgencyReferenceSummary(agency_reference) {
        "setBy" => id(Practitioner by SetBy = |row| Some(row.set_by));
    }
    Involvement(involvement) {
        "agency" => id(Agency by AgencyId = |row| Some(row.agency_id));
        "practitioner" => id(Practitioner by PractitionerId = |row| row.practitioner_id);
    }
    Conflict(conflict) {
        "practitioner" => id(Practitioner by PractitionerId = |row| Some(row.practitioner_id));
        "recordedBy" => id(Practitioner by RecordedBy = |row| Some(row.recorded_by));
    }
    RestrictedItem(restricted_item) {
        "child" => id(Child by ChildId = |row| Some(row.child_id));
        "conference" => id(Conference by ConferenceId = |row| row.conference_id);
        "conferenceReport" => id(ConferenceReport by ConferenceReportId = |row| row.conference_report_id);
        "originatorAgency" => id(Agency by OriginatorAgencyId = |row| Some(row.originator_agency_id));
        "originator" => id(Practitioner by OriginatorId = |row| Some(row.originator_id));
    }
    Household(household) {
        "members" => list(HouseholdMember in MembersOfHousehold);
    }
    HouseholdMember(membership) {
        "child" => id(Child by ChildId = |row| row.child_id);
        "person" => id(Person by PersonId = |row| row.person_id);
    }
    Conference(conference) {
        "chair" => id(Practitioner by ChairId = |row| Some(row.chair_id));
        "minuteTaker" => id(Practitioner by MinuteTakerId = |row| row.minute_taker_id);
        "summary" | "withheld" => invited;
        "chairDelegations" => list(ChairDelegation in DelegationsOfConference);
        "children" => list(ConferenceChild in ChildrenOfConference);
        "invitations" => list(Invitation in InvitationsToConference);
        "reportRequests" => list(ReportRequest in RequestsForConference);
        "reports" => list(ConferenceReport in ReportsToConference);
        "deadlines" => list(Deadline in DeadlinesOfConference);
    }
    ConferenceChild(conference_child) {
        "child" => id(Child by ChildId = |row| Some(row.child_id));
        "conference" => id(Conference by ConferenceId = |row| Some(row.conference_id));
    }
    ChairDelegation(chair_delegation) {
        "practitioner" => id(Practitioner by PractitionerId = |row| Some(row.practitioner_id));
        "conference" => id(Conference by ConferenceId = |row| Some(row.conference_id));
    }
    StrategyMeeting(strategy_meeting) {
        "lead" => id(Practitioner by LeadId = |row| Some(row.lead_id));
        "children" => list(StrategyMeetingChild in ChildrenOfStrategyMeeting);
        "invitations" => list(Invitation in InvitationsToStrategyMeeting);
    }
    StrategyMeetingChild(strategy_meeting_child) {
        "child" => id(Child by ChildId = |row| Some(row.child_id));
    }
    Invitation(invitation) {
        "agency" => id(Agency by AgencyId = |row| Some(row.agency_id));
        "practitioner" => id(Practitioner by PractitionerId = |row| row.practitioner_id);
    }
    ReportRequest(report_request) {
        "agency" => id(Agency by AgencyId = |row| Some(row.agency_id));
        "child" => id(Child by ChildId = |row| Some(row.child_id));
        "conference" => id(Conference by ConferenceId = |row| Some(row.conference_id));
        "conferenceReports" => list(ConferenceReport in ReportsToRequest);
        "attachments" => list(Attachment in AttachmentsOfRequest);
        "deadlines" => list(Deadline in DeadlinesOfRequest);
    }
    ConferenceReport(conference_report) {
        "agency" => about(ChildId, child_id, AgencyId, agency_id);
        "child" => id(Child by ChildId = |row| Some(row.child_id));
        "reportRequest" | "receipt" => id(ReportRequest by ReportRequestId = |row| Some(row.report_request_id));
        "answers" => list(ReportAnswer in AnswersOfReport);
        "chronology" => list(ChronologyRow in ChronologyOfReport);
        "familyCopies" => list(FamilyCopy in FamilyCopiesOfReport);
        "restrictedItems" => list(RestrictedItem in ItemsOfReport);
        "attachments" => list(Attachment in AttachmentsOfReport);
    }
    FamilyCopy(family_copy) {
    }
    Attachment(attachment) {
        "agency" => about(ChildId, child_id, AgencyId, agency_id);
        "child" => id(Child by ChildId = |row| Some(row.child_id));
        "reportRequest" => id(ReportRequest by ReportRequestId = |row| Some(row.report_request_id));
        "conferenceReport" => id(ConferenceReport by ConferenceReportId = |row| row.conference_report_id);
    }
    ReportAnswer(report_answer) {
    }
    ChronologyRow(chronology_row) {
        "agency" => about(ChildId, child_id, AgencyId, agency_id);
    }
    Deadline(deadline) {
        "child" => id(Child by ChildId = |row| Some(row.child_id));
        "agency" => id(Agency by AgencyId = |row| Some(row.agency_id));
        "strategyMeeting" => id(StrategyMeeting by StrategyMeetingId = |row| row.strategy_meeting_id);
        "conference" => id(Conference by ConferenceId = |row| row.conference_id);
        "reportRequest" => id(ReportRequest by ReportRequestId = |row| row.report_request_id);
        "coreGroup" => id(CoreGroup by CoreGroupId = |row| row.core_group_id);
    }
    Plan(plan) {
        "actions" => list(PlanAction in ActionsOfPlan);
        "versions" => list(PlanVersion in VersionsOfPlan);
        "coreGroup" => one(CoreGroup by CoreGroupOf);
    }
    PlanVersion(plan_version) {
        "recordedBy" => id(Practitioner by RecordedBy = |row| row.recorded_by);
        "conference" => id(Conference by ConferenceId = |row| row.conference_id);
    }
    PlanAction(plan_action) {
        "ownerAgency" | "withheld" => about(ChildId, child_id, OwnerAgencyId, owner_agency_id);
    }
    CoreGroup(core_group) {
        "lead" => id(Practitioner by LeadId = |row| Some(row.lead_id));
        "members" => list(CoreGroupMember in MembersOfCoreGroup);
        "meetings" => list(CoreGroupMeeting in MeetingsOfCoreGroup);
        "lastMeeting" => first(CoreGroupMeeting in MeetingsOfCoreGroup);
    }
    CoreGroupMember(core_group_member) {
        "agency" => id(Agency by AgencyId = |row| Some(row.agency_id));
        "practitioner" => id(Practitioner by PractitionerId = |row| row.practitioner_id);
    }
    CoreGroupMeeting(core_group_meeting) {
        "invitations" => list(Invitation in InvitationsToCoreGroupMeeting);
    }
}
