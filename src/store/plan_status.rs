//! The status of a child's protection plan, which stays known for a time after an involvement.

use chrono::{DateTime, NaiveDate, Utc};
use entity::id::{ChildId, TypedId as _};
use entity::{child, involvement, plan};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Scoped;
use super::visible::status_known;
use crate::clock::london_day;
use crate::error::{Error, Result};
use crate::practice::retention::status_kept_until;

/// What is known of a child's protection plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanStatus {
    /// First and last day of the latest plan that the reader may know of; `None` where there is none.
    pub plan: Option<(NaiveDate, Option<NaiveDate>)>,
    /// The last day on which this is known to the reader; `None` while an involvement lasts.
    pub kept_until: Option<NaiveDate>,
}

impl Scoped {
    /// The status of a child's protection plan: while an involvement lasts, and for twelve months from its end. A plan
    /// that began after that end is not told, the end of one that began before is.
    ///
    /// # Errors
    /// `NotFound` for a child that the reader has or had nothing to do with in that time, and for none.
    pub async fn plan_status(&self, id: ChildId) -> Result<PlanStatus> {
        use involvement::Column as C;
        // SECURITY: widened to involvements that are over and to their child's plans; first and last day leave, and the
        // reading is recorded as one of the child
        let ends: Vec<Option<DateTime<Utc>>> = involvement::Entity::find()
            .select_only()
            .column(C::EndsAt)
            .filter(C::ChildId.eq(id))
            .filter(C::Id.in_subquery(status_known(&self.who, C::Id)))
            .into_tuple()
            .all(&self.store.db.reads)
            .await?;
        let lasts = ends.iter().any(|end| end.is_none_or(|end| end > self.who.at));
        let Some(last) = ends.into_iter().flatten().max().or(lasts.then_some(self.who.at)) else {
            self.who.missed::<child::Entity>(std::iter::once(id.uuid()));
            return Err(Error::NotFound);
        };
        let until = if lasts { self.who.at } else { last };
        let plan = plan::Entity::find()
            .filter(plan::Column::ChildId.eq(id))
            .filter(plan::Column::Kind.eq(plan::Kind::Cp))
            .filter(plan::Column::StartsOn.lte(london_day(until)))
            .order_by_desc(plan::Column::StartsOn)
            .one(&self.store.db.reads)
            .await?;
        self.who.concerned("PlanStatus", id);
        Ok(PlanStatus {
            plan: plan.map(|plan| (plan.starts_on, plan.ends_on)),
            kept_until: (!lasts).then(|| status_kept_until(last)),
        })
    }
}
