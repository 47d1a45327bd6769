//! The schema: thin types over store and actions. Fields say what they show; who may see it is decided below.

mod ahead;
pub mod code;
pub mod connection;
pub mod context;
pub mod document;
pub mod error;
pub mod id;
pub mod limits;
pub mod scalars;
pub mod types;

use async_graphql::{MergedObject, MergedSubscription, SDLExportOptions, Schema, ValidationMode};

use types::access::AccessQuery;
use types::agency::AgencyQuery;
use types::agency_reference::AgencyReferenceMutation;
use types::alert::AlertQuery;
use types::allegation::{AllegationMutation, AllegationQuery};
use types::attachment_writes::AttachmentMutation;
use types::child::ChildQuery;
use types::child_match::ChildMatchQuery;
use types::conference::ConferenceQuery;
use types::conference_writes::ConferenceMutation;
use types::conflict::ConflictMutation;
use types::core_group::CoreGroupMutation;
use types::deadline::{DeadlineMutation, DeadlineQuery};
use types::delegation::DelegationMutation;
use types::designation::DesignationMutation;
use types::emergency::EmergencyQuery;
use types::emergency_writes::EmergencyMutation;
use types::enquiry::EnquiryMutation;
use types::episode_writes::EpisodeMutation;
use types::escalation::EscalationQuery;
use types::escalation_writes::EscalationMutation;
use types::event::{EventQuery, EventSubscription};
use types::export::{ExportMutation, ExportQuery};
use types::invitation::InvitationMutation;
use types::involvement::InvolvementMutation;
use types::letter::LetterQuery;
use types::letter_writes::LetterMutation;
use types::node::NodeQuery;
use types::non_attendance::NonAttendanceQuery;
use types::notice::NoticeQuery;
use types::plan_status::PlanStatusQuery;
use types::plan_writes::PlanMutation;
use types::practice::PracticeQuery;
use types::process_writes::ProcessMutation;
use types::record_writes::RecordMutation;
use types::report_copies::ReportCopyMutation;
use types::report_queries::ReportQuery;
use types::report_signing::ReportSigningMutation;
use types::report_writes::ReportMutation;
use types::restricted::RestrictedMutation;
use types::review::{ReviewMutation, ReviewQuery};
use types::strategy_meeting::{StrategyMeetingMutation, StrategyMeetingQuery};
use types::transfer::{TransferMutation, TransferQuery};
use types::viewer::ViewerQuery;
use types::webhook::WebhookQuery;
use types::webhook_writes::WebhookMutation;

// Merged in groups: each that stands behind another is resolved one call deeper, and a list of all of them would use up the
// stack of a thread.

/// What can be asked.
#[derive(MergedObject, Default)]
pub struct Query(PeopleQueries, MeetingQueries, OversightQueries, FollowUpQueries);

#[derive(MergedObject, Default)]
struct PeopleQueries(ViewerQuery, NodeQuery, ChildQuery, ChildMatchQuery, AgencyQuery, PracticeQuery);

#[derive(MergedObject, Default)]
struct MeetingQueries(
    ConferenceQuery,
    StrategyMeetingQuery,
    ReportQuery,
    DeadlineQuery,
    PlanStatusQuery,
    TransferQuery,
);

#[derive(MergedObject, Default)]
struct OversightQueries(
    AccessQuery,
    EmergencyQuery,
    NoticeQuery,
    AlertQuery,
    AllegationQuery,
    ExportQuery,
    ReviewQuery,
);

#[derive(MergedObject, Default)]
struct FollowUpQueries(EventQuery, NonAttendanceQuery, LetterQuery, EscalationQuery, WebhookQuery);

/// What can be done. Every input carries an idempotency key; every payload says what stands against it.
#[derive(MergedObject, Default)]
pub struct Mutation(MeetingMutations, CaseMutations, AccessMutations, OversightMutations);

#[derive(MergedObject, Default)]
struct MeetingMutations(
    StrategyMeetingMutation,
    ConferenceMutation,
    InvitationMutation,
    ReportMutation,
    ReportSigningMutation,
    ReportCopyMutation,
    AttachmentMutation,
    CoreGroupMutation,
);

#[derive(MergedObject, Default)]
struct CaseMutations(
    DeadlineMutation,
    RecordMutation,
    ProcessMutation,
    PlanMutation,
    EnquiryMutation,
    EpisodeMutation,
    LetterMutation,
    EscalationMutation,
);

#[derive(MergedObject, Default)]
struct AccessMutations(
    InvolvementMutation,
    ConflictMutation,
    AgencyReferenceMutation,
    RestrictedMutation,
    DesignationMutation,
    DelegationMutation,
    TransferMutation,
);

#[derive(MergedObject, Default)]
struct OversightMutations(EmergencyMutation, ExportMutation, ReviewMutation, AllegationMutation, WebhookMutation);

/// What can be listened to.
#[derive(MergedSubscription, Default)]
pub struct Subscription(EventSubscription);

/// The schema of the API.
pub type ApiSchema = Schema<Query, Mutation, Subscription>;

/// Builds the schema. Documents are measured and validated before they reach it.
pub fn schema() -> ApiSchema {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .disable_suggestions()
        // every document was validated by the specification, once, before it came here
        .validation_mode(ValidationMode::Fast)
        .register_output_type::<types::node::Node>()
        .finish()
}

/// The schema as text, in a stable order.
pub fn sdl() -> String {
    sdl_of(&schema())
}

/// The text of a schema that was built already.
pub fn sdl_of(schema: &ApiSchema) -> String {
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items().include_specified_by();
    let text = schema.sdl_with_options(options);
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    let text = lines.join("\n");
    // the directives of the specification itself are known to every reader and are not repeated
    let own = match text.find("\n\"\"\"\nDirects the executor to include") {
        Some(from) => match text.find("\nschema {") {
            Some(until) if from < until => {
                format!("{}{}", text.get(..from).unwrap_or_default(), text.get(until..).unwrap_or_default())
            }
            _ => text,
        },
        None => text,
    };
    format!("{}\n", own.trim())
}

#[cfg(test)]
mod sizes;
