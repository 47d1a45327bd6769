//! Writing how far the actions of plans are.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::id::PlanActionId;
use uuid::Uuid;

use super::codes::PlanActionStatus;
use super::plan::PlanAction;
use super::write::{UserError, Written, finish, write};
use crate::actions;
use crate::graphql::context::reader;
use crate::graphql::error::Resolved;
use crate::graphql::id::typed;
use crate::graphql::scalars::Date;

/// How far an action of a plan is.
#[derive(InputObject)]
pub struct RecordActionProgressInput {
    /// A fresh UUID for this change; send the same again to retry.
    idempotency_key: Uuid,
    /// True to check everything and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// The action.
    plan_action_id: ID,
    /// The version you read.
    expected_version: i64,
    /// How far it is. What was withdrawn stays so; what was done is put right by another status or another day.
    status: PlanActionStatus,
    /// The day it was done, with DONE: from the day the plan started to today.
    done_on: Option<Date>,
}

/// The action.
#[derive(SimpleObject)]
pub struct RecordActionProgressPayload {
    /// The action; null on a dry run or a refusal.
    plan_action: Option<PlanAction>,
    /// What stands against it; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of plans.
#[derive(Default)]
pub struct PlanMutation;

/// Mutations of plans.
#[Object]
impl PlanMutation {
    /// Record how far an action of a plan is: the agency that does it, and the social care staff who hold the record; these
    /// alone withdraw one (WAR-CG-11). Who works with the child hears of it as PLAN_ACTION_PROGRESSED.
    async fn record_action_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which action, and how far it is.")] input: RecordActionProgressInput,
    ) -> Resolved<RecordActionProgressPayload> {
        let write = write(&input, input.idempotency_key, input.dry_run);
        let progress = actions::plan_action::RecordProgress {
            id: typed(&input.plan_action_id, "input.planActionId")?,
            expected_version: input.expected_version,
            status: input.status.into(),
            done_on: input.done_on.map(|day| day.0),
        };
        let reader = reader(ctx)?;
        let done = actions::plan_action::record_progress(reader.scope(), &write, progress).await;
        let Written { row, user_errors } = finish(&reader, done, PlanActionId).await?;
        Ok(RecordActionProgressPayload { plan_action: row.map(PlanAction), user_errors })
    }
}
