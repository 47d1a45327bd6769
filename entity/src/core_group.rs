//! The group that puts a child protection plan into practice.

use sea_orm::entity::prelude::*;

use crate::id::{ChildId, CoreGroupId, PlanId, PractitionerId};

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "core_group")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CoreGroupId,
    pub plan_id: PlanId,
    pub child_id: ChildId,
    /// The lead social worker.
    pub lead_id: PractitionerId,
    pub formed_on: Date,
    /// The first meeting is due by the end of this day.
    pub first_meeting_due_on: Date,
    pub ends_on: Option<Date>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
