//! The versions of plans: each change writes one, and the one before it stays as it was.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use entity::id::{ChildId, ConferenceId, PlanId, PlanVersionId};
use entity::plan_version::Column as C;
use entity::{conference, plan, plan_version};
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Query};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter};

use super::permit::Permit;
use super::{Scoped, Tx};
use crate::clock::london_day;
use crate::error::Result;
use crate::policy::actions::RecordConferenceAttendance;
use crate::practice::states::of_plan;

/// What made a version: from which day it holds, and the conference, where it was one.
pub(super) type Because = (NaiveDate, Option<ConferenceId>);

impl Tx {
    /// Writes a plan that was changed, and the version that it is from now on.
    pub(super) async fn write_plan(
        &self,
        mut row: plan::ActiveModel,
        version: i64,
        because: Because,
    ) -> Result<plan::Model> {
        row.version = Set(version + 1);
        let row = row.update(&self.inner).await?;
        self.keep_version(&row, because).await?;
        Ok(row)
    }

    /// Writes the version that a plan is from now on; the one before it is over.
    pub(super) async fn keep_version(&self, row: &plan::Model, (since, conference): Because) -> Result<()> {
        let who = self.who();
        plan_version::Entity::update_many()
            .set(plan_version::ActiveModel { superseded_at: Set(Some(who.at)), ..Default::default() })
            .filter(C::PlanId.eq(row.id))
            .filter(C::SupersededAt.is_null())
            .exec(&self.inner)
            .await?;
        plan_version::ActiveModel {
            id: Set(PlanVersionId(self.new_id())),
            plan_id: Set(row.id),
            child_id: Set(row.child_id),
            number: Set(row.version),
            state: Set(row.state),
            category_latest: Set(row.category_latest.clone()),
            danger_statement: Set(row.danger_statement.clone()),
            safety_statement: Set(row.safety_statement.clone()),
            visit_every_days: Set(row.visit_every_days.clone()),
            since: Set(since),
            conference_id: Set(conference),
            recorded_at: Set(Some(who.at)),
            recorded_by: Set(Some(who.practitioner)),
            superseded_at: Set(None),
        }
        .insert(&self.inner)
        .await?;
        Ok(())
    }

    /// Items of the record of a plan were written, which the writer has locked: each change of it is a version.
    pub(super) async fn plan_written(&self, id: PlanId, items: &[String]) -> Result<()> {
        let row = self.lock::<plan::Entity>(id).await?;
        let state = of_plan::written(row.state, items);
        self.move_plan(row, state, (london_day(self.who().at), None)).await
    }

    /// A step of a plan was finished, which the writer has locked.
    pub async fn advance_plan(&self, id: PlanId, to: plan::State) -> Result<()> {
        let row = self.lock::<plan::Entity>(id).await?;
        self.move_plan(row, to, (london_day(self.who().at), None)).await
    }

    /// A review came together over the plans of `children`: those that were signed are under review.
    pub async fn come_under_review(
        &self,
        leave: &Permit<RecordConferenceAttendance, conference::Model>,
        children: &[ChildId],
    ) -> Result<()> {
        let (id, held_on) = (leave.row().id, london_day(leave.row().scheduled_at));
        for (_, plan) in self.open_plans(children).await? {
            if of_plan::REVIEW.from.contains(&plan.state) {
                self.move_plan(plan, of_plan::REVIEW.to, (held_on, Some(id))).await?;
            }
        }
        Ok(())
    }

    async fn move_plan(&self, plan: plan::Model, to: plan::State, because: Because) -> Result<()> {
        let version = plan.version;
        let mut row = plan.into_active_model();
        row.state = Set(to);
        self.write_plan(row, version, because).await.map(drop)
    }
}

impl Scoped {
    /// The versions of `plans` that held on a day: of each the last that was written of those that hold since then or before.
    /// What was written down late holds from its own day.
    pub(super) async fn versions_on(&self, plans: &[PlanId], day: NaiveDate) -> Result<Vec<plan_version::Model>> {
        let of = Alias::new("of_day");
        let last = Query::select()
            .expr(Expr::col((of.clone(), C::Number)).max())
            .from_as(plan_version::Entity, of.clone())
            .and_where(Expr::col((of.clone(), C::PlanId)).equals(C::PlanId.as_column_ref()))
            .and_where(Expr::col((of, C::Since)).lte(day))
            .to_owned();
        let held = C::PlanId.is_in(plans.iter().copied()).and(C::Number.into_expr().in_subquery(last));
        self.rows::<plan_version::Entity>().filter(held).all().await
    }

    /// Versions of plans, by their numbers.
    pub(super) async fn versions_numbered(&self, named: &[(PlanId, i64)]) -> Result<Vec<plan_version::Model>> {
        let any = named
            .iter()
            .fold(Condition::any(), |any, (plan, number)| any.add(C::PlanId.eq(*plan).and(C::Number.eq(*number))));
        self.rows::<plan_version::Entity>().filter(any).all().await
    }
}

/// The last instant of a version: before the next was written, or now.
pub fn last_of(version: &plan_version::Model, now: DateTime<Utc>) -> DateTime<Utc> {
    version.superseded_at.map_or(now, |until| until - Duration::microseconds(1))
}
