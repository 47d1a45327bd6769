//! Writing on episodes of need: referrals, assessments, the closing of a case; the death of a child.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::id::{AssessmentId, ChildId, EpisodeId};
use uuid::Uuid;

use super::child::Child;
use super::codes::{ClosureReason, PrimaryNeed, ReferralSource};
use super::episode::{Assessment, Episode};
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::graphql::context::reader;
use crate::graphql::error::Resolved;
use crate::graphql::id::typed;
use crate::graphql::scalars::Date;

/// A referral.
#[derive(InputObject)]
pub struct RecordReferralInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The child.
    child_id: ID,
    /// The day of the referral: today or before.
    referred_on: Date,
    /// Who made it.
    source: ReferralSource,
    /// What the child needs help for in the first place.
    need: PrimaryNeed,
    /// True where nothing is done on it: no case is opened then.
    #[graphql(default)]
    no_further_action: bool,
}

/// The episode that a referral began.
#[derive(SimpleObject)]
pub struct RecordReferralPayload {
    /// The episode; null on a dry run or a refusal.
    episode: Option<Episode>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The beginning of an assessment.
#[derive(InputObject)]
pub struct StartAssessmentInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The episode it is made in.
    episode_id: ID,
    /// The day it began: today or before, and not before the referral.
    started_on: Date,
}

/// The assessment that began.
#[derive(SimpleObject)]
pub struct StartAssessmentPayload {
    /// The assessment; null on a dry run or a refusal.
    assessment: Option<Assessment>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The completion of an assessment.
#[derive(InputObject)]
pub struct CompleteAssessmentInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The assessment.
    assessment_id: ID,
    /// The version you read.
    expected_version: i64,
    /// The day it was authorised: today or before.
    completed_on: Date,
}

/// The assessment that was completed.
#[derive(SimpleObject)]
pub struct CompleteAssessmentPayload {
    /// The assessment; null on a dry run or a refusal.
    assessment: Option<Assessment>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The closing of a case.
#[derive(InputObject)]
pub struct CloseEpisodeInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The episode.
    episode_id: ID,
    /// The version you read.
    expected_version: i64,
    /// The day of closure: today or before. Needed, with the reason (rule 8805).
    closed_on: Option<Date>,
    /// Why. Needed, with the day (rule 8810).
    reason: Option<ClosureReason>,
}

/// The case that was closed.
#[derive(SimpleObject)]
pub struct CloseEpisodePayload {
    /// The episode; null on a dry run or a refusal.
    episode: Option<Episode>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The death of a child.
#[derive(InputObject)]
pub struct RecordDeathInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The child.
    child_id: ID,
    /// The day: today or before.
    died_on: Date,
}

/// The child that died.
#[derive(SimpleObject)]
pub struct RecordDeathPayload {
    /// The child as it stands; null on a dry run or a refusal.
    child: Option<Child>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of episodes of need.
#[derive(Default)]
pub struct EpisodeMutation;

/// Mutations of episodes of need.
#[Object]
impl EpisodeMutation {
    /// Record that a child was referred. Unless nothing is done on it, the case is open from that day: one at a time (rule
    /// 8815), and none that overlaps another (rule 8820).
    async fn record_referral(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The referral.")] input: RecordReferralInput,
    ) -> Resolved<RecordReferralPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let refer = actions::episode::Refer {
            child: typed(&input.child_id, "input.childId")?,
            referred_on: input.referred_on.0,
            source: input.source.into(),
            need: input.need.into(),
            no_further_action: input.no_further_action,
        };
        let reader = reader(ctx)?;
        let done = actions::episode::refer(reader.scope(), &write, refer).await;
        let Written { row, user_errors } = finish(&reader, done, EpisodeId).await?;
        Ok(RecordReferralPayload { episode: row.map(Episode), user_errors })
    }

    /// Begin an assessment in an open episode: one at a time (rule 8896).
    async fn start_assessment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which episode, and when.")] input: StartAssessmentInput,
    ) -> Resolved<StartAssessmentPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let start = actions::episode::Start {
            episode: typed(&input.episode_id, "input.episodeId")?,
            started_on: input.started_on.0,
        };
        let reader = reader(ctx)?;
        let done = actions::episode::start_assessment(reader.scope(), &write, start).await;
        let Written { row, user_errors } = finish(&reader, done, AssessmentId).await?;
        Ok(StartAssessmentPayload { assessment: row.map(Assessment), user_errors })
    }

    /// Complete an assessment.
    async fn complete_assessment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which assessment, and when.")] input: CompleteAssessmentInput,
    ) -> Resolved<CompleteAssessmentPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let complete = actions::episode::Complete {
            id: typed(&input.assessment_id, "input.assessmentId")?,
            expected_version: input.expected_version,
            completed_on: input.completed_on.0,
        };
        let reader = reader(ctx)?;
        let done = actions::episode::complete_assessment(reader.scope(), &write, complete).await;
        let Written { row, user_errors } = finish(&reader, done, AssessmentId).await?;
        Ok(CompleteAssessmentPayload { assessment: row.map(Assessment), user_errors })
    }

    /// Close a case, once no plan, enquiry or assessment of it runs any more (rules 8565 and 8867).
    async fn close_episode(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which episode, when, and why.")] input: CloseEpisodeInput,
    ) -> Resolved<CloseEpisodePayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let close = actions::episode::Close {
            id: typed(&input.episode_id, "input.episodeId")?,
            expected_version: input.expected_version,
            closed_on: input.closed_on.map(|day| day.0),
            reason: input.reason.map(Into::into),
        };
        let reader = reader(ctx)?;
        let done = actions::episode::close(reader.scope(), &write, close).await;
        let Written { row, user_errors } = finish(&reader, done, EpisodeId).await?;
        Ok(CloseEpisodePayload { episode: row.map(Episode), user_errors })
    }

    /// Record that a child died, or put the day right. Its plans end on that day (rules 8920 and 4009Q), and nothing that
    /// belongs to them is due any more.
    async fn record_death(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which child, and when.")] input: RecordDeathInput,
    ) -> Resolved<RecordDeathPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let death =
            actions::episode::Death { child: typed(&input.child_id, "input.childId")?, died_on: input.died_on.0 };
        let reader = reader(ctx)?;
        let done = actions::episode::record_death(reader.scope(), &write, death).await;
        let Written { row, user_errors } = finish(&reader, done, ChildId).await?;
        Ok(RecordDeathPayload { child: row.map(Child), user_errors })
    }
}
