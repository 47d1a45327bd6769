//! Writing on the process itself: strategy meetings that are put off, conferences that are adjourned, moved or called off,
//! child in need plans.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::id::{ConferenceId, PlanId, StrategyMeetingId};
use uuid::Uuid;

use super::conference::Conference;
use super::plan::Plan;
use super::strategy_meeting::StrategyMeeting;
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::graphql::context::reader;
use crate::graphql::error::Resolved;
use crate::graphql::id::typed;
use crate::graphql::scalars::{Date, Instant};

/// That a first strategy meeting is put off.
#[derive(InputObject)]
pub struct ExtendStrategyMeetingInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The meeting.
    strategy_meeting_id: ID,
    /// The version you read.
    expected_version: i64,
    /// The officer who was consulted; 200 characters at most.
    #[graphql(secret)]
    police_officer: String,
    /// When: between the contact and now.
    consulted_at: Instant,
    /// Which information has to be gathered still; 2,000 characters at most.
    #[graphql(secret)]
    reason: String,
}

/// The meeting that was put off.
#[derive(SimpleObject)]
pub struct ExtendStrategyMeetingPayload {
    /// The meeting; null on a dry run or a refusal.
    strategy_meeting: Option<StrategyMeeting>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// That a conference is adjourned.
#[derive(InputObject)]
pub struct AdjournConferenceInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The conference.
    conference_id: ID,
    /// The version you read.
    expected_version: i64,
    /// When it goes on.
    scheduled_at: Instant,
    /// Why; 2,000 characters at most.
    #[graphql(secret)]
    reason: String,
    /// True where it is adjourned over the support after the plan: that is the last resort, and it is asked what was tried
    /// before (LAN-SD-14).
    #[graphql(default)]
    over_support: bool,
    /// What was tried before; 2,000 characters at most. Where your authority asks for it and it is left out, the record
    /// asks for it (`record.missing`, ALTERNATIVES_TRIED); REQUIRED only where the authority refuses without it.
    #[graphql(secret)]
    alternatives_tried: Option<String>,
}

/// The conference that was adjourned.
#[derive(SimpleObject)]
pub struct AdjournConferencePayload {
    /// The conference; null on a dry run or a refusal.
    conference: Option<Conference>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// That a conference is at another time.
#[derive(InputObject)]
pub struct MoveConferenceInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The conference.
    conference_id: ID,
    /// The version you read.
    expected_version: i64,
    /// When it is now: later than now, sooner or later than it was. An initial conference is not on a weekend.
    scheduled_at: Instant,
    /// Why; 2,000 characters at most.
    #[graphql(secret)]
    reason: String,
}

/// The conference that was moved.
#[derive(SimpleObject)]
pub struct MoveConferencePayload {
    /// The conference; null on a dry run or a refusal.
    conference: Option<Conference>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// That a conference is called off.
#[derive(InputObject)]
pub struct CancelConferenceInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The conference.
    conference_id: ID,
    /// The version you read.
    expected_version: i64,
    /// Why; 2,000 characters at most.
    #[graphql(secret)]
    reason: String,
}

/// The conference that was called off.
#[derive(SimpleObject)]
pub struct CancelConferencePayload {
    /// The conference; null on a dry run or a refusal.
    conference: Option<Conference>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// That a strategy meeting is called off.
#[derive(InputObject)]
pub struct CancelStrategyMeetingInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The meeting.
    strategy_meeting_id: ID,
    /// The version you read.
    expected_version: i64,
    /// Why; 2,000 characters at most.
    #[graphql(secret)]
    reason: String,
}

/// The meeting that was called off.
#[derive(SimpleObject)]
pub struct CancelStrategyMeetingPayload {
    /// The meeting; null on a dry run or a refusal.
    strategy_meeting: Option<StrategyMeeting>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// A child in need plan.
#[derive(InputObject)]
pub struct OpenCinPlanInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The child.
    child_id: ID,
    /// When the meeting was that made it: the plan starts on that day.
    met_at: Instant,
    /// Days between visits at the most.
    visit_every_days: i32,
    /// What, by which agency, by when; 50 at most.
    #[graphql(default)]
    actions: Vec<CinPlanActionInput>,
}

/// One thing somebody does under a plan.
#[derive(InputObject)]
pub struct CinPlanActionInput {
    /// What; 1,000 characters at most.
    #[graphql(secret)]
    description: String,
    /// By which agency.
    owner_agency_id: ID,
    /// By the end of this day.
    due_on: Date,
}

/// The plan.
#[derive(SimpleObject)]
pub struct OpenCinPlanPayload {
    /// The plan; null on a dry run or a refusal.
    plan: Option<Plan>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The end of a child in need plan.
#[derive(InputObject)]
pub struct EndCinPlanInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The plan.
    plan_id: ID,
    /// The version you read.
    expected_version: i64,
    /// The day it ends.
    ends_on: Date,
    /// Why before its three months are over, where your authority wants them (BIR-SD-01); can be written on its record later.
    #[graphql(secret)]
    reason: Option<String>,
}

/// The plan that ended.
#[derive(SimpleObject)]
pub struct EndCinPlanPayload {
    /// The plan; null on a dry run or a refusal.
    plan: Option<Plan>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of the process.
#[derive(Default)]
pub struct ProcessMutation;

/// Mutations of the process.
#[Object]
impl ProcessMutation {
    /// Put a first strategy meeting off, once, after talking to the police: a manager of social care, where your authority
    /// lets it (WAR-SM-03).
    async fn extend_strategy_meeting(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which meeting, and why.")] input: ExtendStrategyMeetingInput,
    ) -> Resolved<ExtendStrategyMeetingPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let extend = actions::putting_off::Extend {
            id: typed(&input.strategy_meeting_id, "input.strategyMeetingId")?,
            expected_version: input.expected_version,
            police_officer: input.police_officer,
            consulted_at: input.consulted_at.0,
            reason: input.reason,
        };
        let reader = reader(ctx)?;
        let done = actions::putting_off::extend_strategy_meeting(reader.scope(), &write, extend).await;
        let Written { row, user_errors } = finish(&reader, done, StrategyMeetingId).await?;
        Ok(ExtendStrategyMeetingPayload { strategy_meeting: row.map(StrategyMeeting), user_errors })
    }

    /// Adjourn a conference to a later time: its chair. Who came to this session stands on the record; the next is attended
    /// anew. One that has not begun is moved.
    async fn adjourn_conference(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which conference, until when, and why.")] input: AdjournConferenceInput,
    ) -> Resolved<AdjournConferencePayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let adjourn = actions::putting_off::Adjourn {
            id: typed(&input.conference_id, "input.conferenceId")?,
            expected_version: input.expected_version,
            scheduled_at: input.scheduled_at.0,
            reason: input.reason,
            over_support: input.over_support,
            alternatives_tried: input.alternatives_tried,
        };
        let reader = reader(ctx)?;
        let done = actions::putting_off::adjourn(reader.scope(), &write, adjourn).await;
        let Written { row, user_errors } = finish(&reader, done, ConferenceId).await?;
        Ok(AdjournConferencePayload { conference: row.map(Conference), user_errors })
    }

    /// Move a conference that has not begun, sooner or later: social care that convenes it, its chair or its minute taker.
    /// What is due before it is due before the new time, the reports that have not come among it, and the invitations have
    /// the notice that is left from now; replies stand until they are given anew.
    async fn move_conference(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which conference, to when, and why.")] input: MoveConferenceInput,
    ) -> Resolved<MoveConferencePayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let moved = actions::putting_off::Move {
            id: typed(&input.conference_id, "input.conferenceId")?,
            expected_version: input.expected_version,
            scheduled_at: input.scheduled_at.0,
            reason: input.reason,
        };
        let reader = reader(ctx)?;
        let done = actions::putting_off::move_conference(reader.scope(), &write, moved).await;
        let Written { row, user_errors } = finish(&reader, done, ConferenceId).await?;
        Ok(MoveConferencePayload { conference: row.map(Conference), user_errors })
    }

    /// Call a conference off that has not come together: its chair, or a manager of social care. What was due before it is
    /// not due any more; the initial conference after an enquiry and the review of a plan stay due. What the invitations
    /// opened closes with the next working day.
    async fn cancel_conference(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which conference, and why.")] input: CancelConferenceInput,
    ) -> Resolved<CancelConferencePayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let cancel = actions::cancelling::Cancel {
            id: typed(&input.conference_id, "input.conferenceId")?,
            expected_version: input.expected_version,
            reason: input.reason,
        };
        let reader = reader(ctx)?;
        let done = actions::cancelling::cancel_conference(reader.scope(), &write, cancel).await;
        let Written { row, user_errors } = finish(&reader, done, ConferenceId).await?;
        Ok(CancelConferencePayload { conference: row.map(Conference), user_errors })
    }

    /// Call a strategy meeting off that was not held: social care. The time in which the contact asks for a first meeting
    /// runs on, in the next meeting that is called about the child. What the invitations opened closes with the next
    /// working day.
    async fn cancel_strategy_meeting(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which meeting, and why.")] input: CancelStrategyMeetingInput,
    ) -> Resolved<CancelStrategyMeetingPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let cancel = actions::cancelling::CancelMeeting {
            id: typed(&input.strategy_meeting_id, "input.strategyMeetingId")?,
            expected_version: input.expected_version,
            reason: input.reason,
        };
        let reader = reader(ctx)?;
        let done = actions::cancelling::cancel_strategy_meeting(reader.scope(), &write, cancel).await;
        let Written { row, user_errors } = finish(&reader, done, StrategyMeetingId).await?;
        Ok(CancelStrategyMeetingPayload { strategy_meeting: row.map(StrategyMeeting), user_errors })
    }

    /// Open a child in need plan. Never beside another open plan (rules 4001 and 4004 of the national return).
    async fn open_cin_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plan.")] input: OpenCinPlanInput,
    ) -> Resolved<OpenCinPlanPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let mut planned = Vec::new();
        for (i, action) in input.actions.iter().enumerate() {
            let owner = typed(&action.owner_agency_id, &format!("input.actions.{i}.ownerAgencyId"))?;
            planned.push((action.description.clone(), owner, action.due_on.0));
        }
        let open = actions::cin_plan::Open {
            child: typed(&input.child_id, "input.childId")?,
            met_at: input.met_at.0,
            visit_every_days: input.visit_every_days,
            actions: planned,
        };
        let reader = reader(ctx)?;
        let done = actions::cin_plan::open(reader.scope(), &write, open).await;
        let Written { row, user_errors } = finish(&reader, done, PlanId).await?;
        Ok(OpenCinPlanPayload { plan: row.map(Plan), user_errors })
    }

    /// End a child in need plan. Where your authority wants three months of it after a child protection plan (BIR-SD-01), a
    /// reason that is not given is missing on its record: `ENDED_EARLY_BECAUSE`.
    async fn end_cin_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which plan, and when.")] input: EndCinPlanInput,
    ) -> Resolved<EndCinPlanPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let end = actions::cin_plan::End {
            id: typed(&input.plan_id, "input.planId")?,
            expected_version: input.expected_version,
            ends_on: input.ends_on.0,
            reason: input.reason,
        };
        let reader = reader(ctx)?;
        let done = actions::cin_plan::end(reader.scope(), &write, end).await;
        let Written { row, user_errors } = finish(&reader, done, PlanId).await?;
        Ok(EndCinPlanPayload { plan: row.map(Plan), user_errors })
    }
}
