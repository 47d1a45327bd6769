//! An agency's member of a core group.

use sea_orm::entity::prelude::*;

use crate::id::{AgencyId, CoreGroupId, CoreGroupMemberId, PractitionerId};

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "core_group_member")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CoreGroupMemberId,
    pub core_group_id: CoreGroupId,
    pub agency_id: AgencyId,
    pub practitioner_id: Option<PractitionerId>,
    pub starts_on: Date,
    pub ends_on: Option<Date>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
