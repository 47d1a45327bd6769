//! One thing somebody does under a plan.

use sea_orm::entity::prelude::*;

use crate::category::RowRule;
use crate::codes::codes;
use crate::id::{AgencyId, ChildId, PlanActionId, PlanId, PractitionerId};
use crate::sealed::Sealed;

codes! {
    /// How far the action is.
    pub enum Status { NotStarted, InProgress, Done, Withdrawn }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "plan_action")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PlanActionId,
    pub plan_id: PlanId,
    pub child_id: ChildId,
    pub description: Sealed<String, RowRule>,
    pub owner_agency_id: AgencyId,
    pub owner_id: Option<PractitionerId>,
    pub due_on: Date,
    pub status: Status,
    pub done_on: Option<Date>,
    /// The version of the plan that it came with.
    pub plan_version: i64,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
