//! Any object by its global id.

use async_graphql::{Context, ID, Interface, Object};
use entity::id::TypedId;

use super::agency::{Agency, LocalAuthority, Practitioner};
use super::allegation::Allegation;
use super::attachment::Attachment;
use super::child::{Child, Involvement};
use super::conference::{Conference, ConferenceChild};
use super::conflict::Conflict;
use super::core_group::{CoreGroup, CoreGroupMeeting, CoreGroupMember};
use super::deadline::Deadline;
use super::delegation::ChairDelegation;
use super::designation::Designation;
use super::document::{DocumentCopy, DocumentIssue};
use super::emergency::EmergencyAccess;
use super::enquiry::Enquiry;
use super::episode::{Assessment, Episode};
use super::escalation::{Escalation, EscalationEntry};
use super::export::Export;
use super::household::{Household, HouseholdMember, Person};
use super::invitation::Invitation;
use super::letter::NonAttendanceLetter;
use super::notice::Notice;
use super::plan::{Plan, PlanAction};
use super::plan_version::PlanVersion;
use super::record::{Entry, FinishedStep};
use super::report::ConferenceReport;
use super::report_content::{ChronologyRow, ReportAnswer};
use super::report_copies::FamilyCopy;
use super::report_request::ReportRequest;
use super::restricted::{ReaderListing, RestrictedItem};
use super::review::{AccessReview, AccessReviewEntry};
use super::strategy_meeting::{StrategyMeeting, StrategyMeetingChild};
use super::transfer::TransferShare;
use super::webhook::{Webhook, WebhookDelivery};
use crate::graphql::context::reader;
use crate::graphql::error::{Fault, Resolved, found};
use crate::graphql::id::split;

macro_rules! nodes {
    ($($name:ident($table:ident, $id:ident)),+ $(,)?) => {
        /// Anything with a global id.
        #[derive(Interface)]
        #[graphql(field(name = "id", ty = "ID", desc = "Global id."))]
        pub enum Node { $(#[doc = "A node."] $name($name)),+ }

        /// The row of a global id, if the reader may see it.
        async fn node(ctx: &Context<'_>, id: &ID, argument: &str) -> Resolved<Node> {
            let (noun, key) = split(id).ok_or_else(|| Fault::argument(argument, "This is not an id of this API."))?;
            let reader = reader(ctx)?;
            let scope = reader.scope();
            if noun == entity::id::ChildId::NOUN {
                scope.reason_to_open(entity::id::ChildId(key)).await?;
            }
            if noun == entity::id::AllegationId::NOUN {
                scope.open_allegations()?;
            }
            match noun.as_str() {
                $(entity::id::$id::NOUN => {
                    let row = scope.by_id::<entity::$table::Entity>(entity::id::$id(key)).await?;
                    Ok(Node::$name($name(row)))
                })+
                _ => Err(Fault::argument(argument, "This is not an id of this API.")),
            }
        }
    };
}

nodes! {
    LocalAuthority(local_authority, LocalAuthorityId),
    Agency(agency, AgencyId),
    Practitioner(practitioner, PractitionerId),
    Child(child, ChildId),
    Involvement(involvement, InvolvementId),
    Conflict(conflict, ConflictId),
    Designation(designation, DesignationId),
    EmergencyAccess(emergency_access, EmergencyAccessId),
    Notice(notice, NoticeId),
    Household(household, HouseholdId),
    HouseholdMember(membership, MembershipId),
    Person(person, PersonId),
    StrategyMeeting(strategy_meeting, StrategyMeetingId),
    StrategyMeetingChild(strategy_meeting_child, StrategyMeetingChildId),
    Conference(conference, ConferenceId),
    ConferenceChild(conference_child, ConferenceChildId),
    ChairDelegation(chair_delegation, ChairDelegationId),
    TransferShare(transfer_share, TransferShareId),
    Invitation(invitation, InvitationId),
    NonAttendanceLetter(non_attendance_letter, NonAttendanceLetterId),
    Escalation(escalation, EscalationId),
    EscalationEntry(escalation_entry, EscalationEntryId),
    ReportRequest(report_request, ReportRequestId),
    ConferenceReport(conference_report, ConferenceReportId),
    ReportAnswer(report_answer, ReportAnswerId),
    ChronologyRow(chronology_row, ChronologyRowId),
    FamilyCopy(family_copy, FamilyCopyId),
    Attachment(attachment, AttachmentId),
    Plan(plan, PlanId),
    PlanVersion(plan_version, PlanVersionId),
    PlanAction(plan_action, PlanActionId),
    CoreGroup(core_group, CoreGroupId),
    CoreGroupMember(core_group_member, CoreGroupMemberId),
    CoreGroupMeeting(core_group_meeting, CoreGroupMeetingId),
    Deadline(deadline, DeadlineId),
    Enquiry(enquiry, EnquiryId),
    Episode(episode, EpisodeId),
    Assessment(assessment, AssessmentId),
    Entry(entry, EntryId),
    FinishedStep(finished_step, FinishedStepId),
    DocumentIssue(document_issue, DocumentIssueId),
    DocumentCopy(document_copy, DocumentCopyId),
    Allegation(allegation, AllegationId),
    RestrictedItem(restricted_item, RestrictedItemId),
    ReaderListing(reader_listing, ReaderListingId),
    Export(export, ExportId),
    AccessReview(access_review, AccessReviewId),
    AccessReviewEntry(access_review_entry, AccessReviewEntryId),
    Webhook(webhook, WebhookId),
    WebhookDelivery(webhook_delivery, WebhookDeliveryId),
}

/// Root fields about anything.
#[derive(Default)]
pub struct NodeQuery;

/// Root fields about anything.
#[Object]
impl NodeQuery {
    /// Any object by its global id; NOT_FOUND if it does not exist or you may not see it.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "Global id.")] id: ID) -> Option<Node> {
        found(ctx, node(ctx, &id, "id").await)
    }

    /// Several objects by their global ids, in order; null with NOT_FOUND for each you may not see. At most 20.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global ids, 20 at most.")] ids: Vec<ID>,
    ) -> Resolved<Vec<Option<Node>>> {
        if ids.len() > 20 {
            return Err(Fault::argument("ids", "At most 20."));
        }
        let mut out = Vec::with_capacity(ids.len());
        for (i, id) in ids.iter().enumerate() {
            out.push(found(ctx, node(ctx, id, &format!("ids.{i}")).await));
        }
        Ok(out)
    }
}
