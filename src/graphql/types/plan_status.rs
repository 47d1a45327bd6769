//! The status of a child's protection plan.

use async_graphql::{Context, ID, Object, SimpleObject};

use crate::graphql::context::reader;
use crate::graphql::error::{Resolved, found};
use crate::graphql::id::typed;
use crate::graphql::scalars::Date;

/// What is known of a child's protection plan, and nothing else of the child.
#[derive(SimpleObject)]
pub struct PlanStatusSummary {
    /// First day of the latest child protection plan; null where there was none.
    starts_on: Option<Date>,
    /// Its last day; null while it lasts, and where there was none.
    ends_on: Option<Date>,
    /// The last day on which this is known to you; null while you work with the child.
    kept_until: Option<Date>,
}

/// Root fields about the status of plans.
#[derive(Default)]
pub struct PlanStatusQuery;

/// Root fields about the status of plans.
#[Object]
impl PlanStatusQuery {
    /// Whether a child is or was on a child protection plan: while you work with the child, and for twelve months from the
    /// end of that. A plan that began after that end is not told, the end of one that began before is. NOT_FOUND for every
    /// other child.
    async fn plan_status(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The child.")] child_id: ID,
    ) -> Option<PlanStatusSummary> {
        found(ctx, read(ctx, &child_id).await)
    }
}

async fn read(ctx: &Context<'_>, id: &ID) -> Resolved<PlanStatusSummary> {
    let status = reader(ctx)?.scope().plan_status(typed(id, "childId")?).await?;
    Ok(PlanStatusSummary {
        starts_on: status.plan.map(|(starts_on, _)| Date(starts_on)),
        ends_on: status.plan.and_then(|(_, ends_on)| ends_on).map(Date),
        kept_until: status.kept_until.map(Date),
    })
}
