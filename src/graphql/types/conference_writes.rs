//! The mutations of conferences.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::id::ConferenceId;
use uuid::Uuid;

use super::codes::{AbuseCategory, Attendance, ConferenceKind, ConferenceOutcome, Participation};
use super::conference::Conference;
use super::strategy_meeting::InviteeInput;
use super::write::{UserError, Written, finish, write};
use crate::actions::conference::{Outline, RecordAttendance, RecordOutcome, Schedule};
use crate::actions::{self};
use crate::graphql::context::reader;
use crate::graphql::error::Resolved;
use crate::graphql::id::{typed, typed_list, typed_opt};
use crate::graphql::scalars::{Date, Instant};
use crate::store::conference::ChildOutcome;
use crate::store::invitee::AskedToConference;

/// An agency asked to a conference.
#[derive(InputObject)]
pub struct ConferenceInviteeInput {
    /// The agency.
    agency_id: ID,
    /// The professional asked for by name; needs a post at the agency.
    practitioner_id: Option<ID>,
    /// True to ask for a report about each child. Of a conference that is written down afterwards, one was asked for only
    /// where `invitedAt` says that they heard of it before.
    #[graphql(default = true)]
    report_requested: bool,
    /// About which of the children it is asked: it learns nothing of the others, is asked for no report about them, and is sent
    /// none. About all, if left out.
    child_ids: Option<Vec<ID>>,
}

/// A conference to be scheduled.
#[derive(InputObject)]
pub struct ScheduleConferenceInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The children it is about; 20 at most.
    child_ids: Vec<ID>,
    /// What kind.
    kind: ConferenceKind,
    /// When; in the past, where it is written down after it was held. An initial conference is not on a weekend.
    scheduled_at: Instant,
    /// When those who were asked heard of it, where it is written down afterwards; now if left out, which leaves them no
    /// notice. Not after the conference.
    invited_at: Option<Instant>,
    /// The meeting room or link, never a home; 200 characters at most.
    venue: String,
    /// Who chairs: a conference chair of your agency, independent of the line management of the case.
    chair_id: ID,
    /// Who takes the minutes: a minute taker of your agency.
    minute_taker_id: Option<ID>,
    /// Who is asked; 60 at most.
    invitees: Vec<ConferenceInviteeInput>,
}

/// The scheduled conference.
#[derive(SimpleObject)]
pub struct ScheduleConferencePayload {
    /// The conference; null on a dry run or a refusal, and where scheduling it does not make it yours to read.
    conference: Option<Conference>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Who took part in a conference.
#[derive(InputObject)]
pub struct RecordConferenceAttendanceInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The conference.
    conference_id: ID,
    /// The version you read.
    expected_version: i64,
    /// An entry for every invited agency.
    entries: Vec<ConferenceAttendanceInput>,
}

/// Whether an agency took part.
#[derive(InputObject)]
pub struct ConferenceAttendanceInput {
    /// The agency.
    agency_id: ID,
    /// Whether it took part.
    attendance: Attendance,
    /// The reason it gave; 500 characters at most. If left out, what the agency wrote itself stands.
    apologies_reason: Option<String>,
}

/// The conference with its attendance.
#[derive(SimpleObject)]
pub struct RecordConferenceAttendancePayload {
    /// The conference; null on a dry run or a refusal.
    conference: Option<Conference>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What a conference decided.
#[derive(InputObject)]
pub struct RecordConferenceOutcomeInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The conference.
    conference_id: ID,
    /// The version you read.
    expected_version: i64,
    /// The chair's summary; 10,000 characters at most.
    #[graphql(secret)]
    summary: Option<String>,
    /// The outcome for every child of the conference.
    outcomes: Vec<ConferenceOutcomeInput>,
}

/// The outcome for one child.
#[derive(InputObject)]
pub struct ConferenceOutcomeInput {
    /// The child.
    child_id: ID,
    /// What was decided.
    outcome: ConferenceOutcome,
    /// Category of abuse; a child protection plan needs one.
    abuse_category: Option<AbuseCategory>,
    /// How the child took part.
    participation: Option<Participation>,
    /// The outline of the plan that is made, or what is added to one that continues; refused with any other outcome.
    plan: Option<OutlinePlanInput>,
}

/// The outline of a child protection plan. Of one that continues, what is left out stays as it is.
#[derive(InputObject)]
pub struct OutlinePlanInput {
    /// What is feared; 4,000 characters at most.
    #[graphql(secret)]
    danger_statement: Option<String>,
    /// What safety would look like; 4,000 characters at most.
    #[graphql(secret)]
    safety_statement: Option<String>,
    /// Days between visits at the most, 1 to 60; 14 if left out of a new plan.
    visit_every_days: Option<i32>,
    /// The first actions, or further ones; 50 at most.
    #[graphql(default)]
    actions: Vec<OutlineActionInput>,
    /// The agencies of the core group, or those who join it; 60 at most.
    #[graphql(default)]
    core_group: Vec<InviteeInput>,
}

/// An action of an outline plan.
#[derive(InputObject)]
pub struct OutlineActionInput {
    /// What is to be done; 1,000 characters at most.
    #[graphql(secret)]
    description: String,
    /// The agency that does it.
    owner_agency_id: ID,
    /// By the end of this day.
    due_on: Date,
}

/// The conference with its outcome.
#[derive(SimpleObject)]
pub struct RecordConferenceOutcomePayload {
    /// The conference; null on a dry run or a refusal.
    conference: Option<Conference>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

impl ConferenceOutcomeInput {
    fn read(self, path: &str) -> Resolved<(ChildOutcome, Option<Outline>)> {
        let outcome = ChildOutcome {
            child: typed(&self.child_id, &format!("{path}.childId"))?,
            outcome: self.outcome.into(),
            category: self.abuse_category.map(Into::into),
            participation: self.participation.map(Into::into),
        };
        let Some(plan) = self.plan else { return Ok((outcome, None)) };
        let mut actions = Vec::new();
        for (i, action) in plan.actions.into_iter().enumerate() {
            let owner = typed(&action.owner_agency_id, &format!("{path}.plan.actions.{i}.ownerAgencyId"))?;
            actions.push((action.description, owner, action.due_on.0));
        }
        let members = plan.core_group.iter().enumerate();
        let outline = Outline {
            danger_statement: plan.danger_statement,
            safety_statement: plan.safety_statement,
            visit_every_days: plan.visit_every_days,
            actions,
            core_group: members
                .map(|(i, member)| member.read(&format!("{path}.plan.coreGroup.{i}")))
                .collect::<Resolved<_>>()?,
        };
        Ok((outcome, Some(outline)))
    }
}

/// Mutations of conferences.
#[derive(Default)]
pub struct ConferenceMutation;

/// Mutations of conferences.
#[Object]
impl ConferenceMutation {
    /// Schedule a conference, or write one down that was held: social care. Invitations and report requests come with it.
    async fn schedule_conference(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The conference.")] input: ScheduleConferenceInput,
    ) -> Resolved<ScheduleConferencePayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let mut invitees = Vec::new();
        for (i, each) in input.invitees.into_iter().enumerate() {
            let path = format!("input.invitees.{i}");
            let about = each.child_ids.map(|ids| typed_list(&ids, &format!("{path}.childIds"))).transpose()?;
            invitees.push(AskedToConference {
                invitee: InviteeInput::of(each.agency_id, each.practitioner_id).read(&path)?,
                report: each.report_requested,
                children: about.unwrap_or_default(),
            });
        }
        let schedule = Schedule {
            children: typed_list(&input.child_ids, "input.childIds")?,
            kind: input.kind.into(),
            scheduled_at: input.scheduled_at.0,
            invited_at: input.invited_at.map(|at| at.0),
            venue: input.venue,
            chair: typed(&input.chair_id, "input.chairId")?,
            minute_taker: typed_opt(input.minute_taker_id.as_ref(), "input.minuteTakerId")?,
            invitees,
        };
        let reader = reader(ctx)?;
        let done = actions::conference::schedule(reader.scope(), &write, schedule).await;
        let Written { row, user_errors } = finish(&reader, done, ConferenceId).await?;
        Ok(ScheduleConferencePayload { conference: row.map(Conference), user_errors })
    }

    /// Record who took part, for every invited agency: the chair or the minute taker of the conference.
    async fn record_conference_attendance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who took part.")] input: RecordConferenceAttendanceInput,
    ) -> Resolved<RecordConferenceAttendancePayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let mut entries = Vec::new();
        for (i, entry) in input.entries.into_iter().enumerate() {
            let agency = typed(&entry.agency_id, &format!("input.entries.{i}.agencyId"))?;
            entries.push((agency, entry.attendance.into(), entry.apologies_reason));
        }
        let attendance = RecordAttendance {
            id: typed(&input.conference_id, "input.conferenceId")?,
            expected_version: input.expected_version,
            entries,
        };
        let reader = reader(ctx)?;
        let done = actions::conference::record_attendance(reader.scope(), &write, attendance).await;
        let Written { row, user_errors } = finish(&reader, done, ConferenceId).await?;
        Ok(RecordConferenceAttendancePayload { conference: row.map(Conference), user_errors })
    }

    /// Record the outcome for every child: the chair of the conference. Makes, continues or ends plan and core group.
    async fn record_conference_outcome(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The outcome.")] input: RecordConferenceOutcomeInput,
    ) -> Resolved<RecordConferenceOutcomePayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let outcomes = input.outcomes.into_iter().enumerate();
        let outcome = RecordOutcome {
            id: typed(&input.conference_id, "input.conferenceId")?,
            expected_version: input.expected_version,
            summary: input.summary,
            outcomes: outcomes.map(|(i, each)| each.read(&format!("input.outcomes.{i}"))).collect::<Resolved<_>>()?,
        };
        let reader = reader(ctx)?;
        let done = actions::conference::record_outcome(reader.scope(), &write, outcome).await;
        let Written { row, user_errors } = finish(&reader, done, ConferenceId).await?;
        Ok(RecordConferenceOutcomePayload { conference: row.map(Conference), user_errors })
    }
}
