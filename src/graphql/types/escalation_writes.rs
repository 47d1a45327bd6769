//! Mutations of escalations.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::id::{EscalationEntryId, EscalationId};
use uuid::Uuid;

use super::codes::EscalationOutcome;
use super::escalation::{Escalation, EscalationEntry};
use super::non_attendance::may_count;
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::graphql::context::reader;
use crate::graphql::error::Resolved;
use crate::graphql::id::typed;
use crate::graphql::scalars::{Date, Instant};

/// A pattern to be taken up.
#[derive(InputObject)]
pub struct RaiseEscalationInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// With which agency.
    agency_id: ID,
    /// First day of the time it is about.
    from: Date,
    /// First day after it; three years later at the most.
    until: Date,
    /// Why, 4,000 characters at the most, and nothing that tells of a child.
    reason: String,
}

/// The escalation as it stands.
#[derive(SimpleObject)]
pub struct RaiseEscalationPayload {
    /// The escalation; null on a dry run or a refusal.
    escalation: Option<Escalation>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// An entry that is contested.
#[derive(InputObject)]
pub struct ContestEscalationEntryInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The entry.
    entry_id: ID,
    /// Why, 4,000 characters at the most.
    because: String,
}

/// The entry as it stands.
#[derive(SimpleObject)]
pub struct ContestEscalationEntryPayload {
    /// The entry; null on a dry run or a refusal.
    entry: Option<EscalationEntry>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What an agency answers.
#[derive(InputObject)]
pub struct AnswerEscalationInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The escalation.
    escalation_id: ID,
    /// The version you read.
    expected_version: i64,
    /// The answer, 4,000 characters at the most. It is given once.
    answer: String,
}

/// The escalation as it stands.
#[derive(SimpleObject)]
pub struct AnswerEscalationPayload {
    /// The escalation; null on a dry run or a refusal.
    escalation: Option<Escalation>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// A meeting with the safeguarding lead.
#[derive(InputObject)]
pub struct AgreeEscalationMeetingInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The escalation.
    escalation_id: ID,
    /// The version you read.
    expected_version: i64,
    /// When it is, or was; not before the escalation was raised.
    meeting_at: Instant,
}

/// The escalation as it stands.
#[derive(SimpleObject)]
pub struct AgreeEscalationMeetingPayload {
    /// The escalation; null on a dry run or a refusal.
    escalation: Option<Escalation>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What became of an escalation.
#[derive(InputObject)]
pub struct CloseEscalationInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The escalation.
    escalation_id: ID,
    /// The version you read.
    expected_version: i64,
    /// The outcome.
    outcome: EscalationOutcome,
    /// In words, 4,000 characters at the most.
    text: Option<String>,
}

/// The escalation as it stands.
#[derive(SimpleObject)]
pub struct CloseEscalationPayload {
    /// The escalation; null on a dry run or a refusal.
    escalation: Option<Escalation>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of escalations.
#[derive(Default)]
pub struct EscalationMutation;

/// Mutations of escalations.
#[Object]
impl EscalationMutation {
    /// Take a pattern of non-attendance up with an agency. Its evidence are the meetings it missed and the reports that did not
    /// come, as far as you see them, 200 at the most, and the figures; none of it changes any more.
    async fn raise_escalation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "With whom, about which time.")] input: RaiseEscalationInput,
    ) -> Resolved<RaiseEscalationPayload> {
        may_count(ctx)?;
        let write = write(&input, input.idempotency_key, input.dry_run);
        let raise = actions::escalation::Raise {
            agency: typed(&input.agency_id, "input.agencyId")?,
            from: input.from.0,
            until: input.until.0,
            reason: input.reason,
        };
        let reader = reader(ctx)?;
        let done = actions::escalation::raise(reader.scope(), &write, raise).await;
        let Written { row, user_errors } = finish(&reader, done, EscalationId).await?;
        Ok(RaiseEscalationPayload { escalation: row.map(Escalation), user_errors })
    }

    /// Contest an entry of the evidence, for the agency it is about.
    async fn contest_escalation_entry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entry, and why.")] input: ContestEscalationEntryInput,
    ) -> Resolved<ContestEscalationEntryPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let id = typed(&input.entry_id, "input.entryId")?;
        let reader = reader(ctx)?;
        let done = actions::escalation::contest(reader.scope(), &write, id, input.because).await;
        let Written { row, user_errors } = finish(&reader, done, EscalationEntryId).await?;
        Ok(ContestEscalationEntryPayload { entry: row.map(EscalationEntry), user_errors })
    }

    /// Answer an escalation, for the agency it is about.
    async fn answer_escalation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you answer.")] input: AnswerEscalationInput,
    ) -> Resolved<AnswerEscalationPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let id = (typed(&input.escalation_id, "input.escalationId")?, input.expected_version);
        let reader = reader(ctx)?;
        let done = actions::escalation::answer(reader.scope(), &write, id, input.answer).await;
        let Written { row, user_errors } = finish(&reader, done, EscalationId).await?;
        Ok(AnswerEscalationPayload { escalation: row.map(Escalation), user_errors })
    }

    /// Record when the agency's safeguarding lead is met.
    async fn agree_escalation_meeting(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "When.")] input: AgreeEscalationMeetingInput,
    ) -> Resolved<AgreeEscalationMeetingPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let id = (typed(&input.escalation_id, "input.escalationId")?, input.expected_version);
        let reader = reader(ctx)?;
        let done = actions::escalation::agree_meeting(reader.scope(), &write, id, input.meeting_at.0).await;
        let Written { row, user_errors } = finish(&reader, done, EscalationId).await?;
        Ok(AgreeEscalationMeetingPayload { escalation: row.map(Escalation), user_errors })
    }

    /// Close an escalation with its outcome.
    async fn close_escalation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What became of it.")] input: CloseEscalationInput,
    ) -> Resolved<CloseEscalationPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let close = actions::escalation::Close {
            id: typed(&input.escalation_id, "input.escalationId")?,
            expected_version: input.expected_version,
            outcome: input.outcome.into(),
            text: input.text,
        };
        let reader = reader(ctx)?;
        let done = actions::escalation::close(reader.scope(), &write, close).await;
        let Written { row, user_errors } = finish(&reader, done, EscalationId).await?;
        Ok(CloseEscalationPayload { escalation: row.map(Escalation), user_errors })
    }
}
