//! A meeting a core group held.

use sea_orm::entity::prelude::*;

use crate::category::PlanDetail;
use crate::id::{ChildId, CoreGroupId, CoreGroupMeetingId, PractitionerId};
use crate::sealed::Sealed;

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "core_group_meeting")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CoreGroupMeetingId,
    pub core_group_id: CoreGroupId,
    pub child_id: ChildId,
    pub held_at: DateTimeUtc,
    pub progress: Sealed<String, PlanDetail>,
    pub next_meeting_on: Option<Date>,
    pub recorded_by: PractitionerId,
    pub recorded_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
