//! A child that an export was asked for.

use sea_orm::entity::prelude::*;

use crate::id::{ChildId, ExportId};

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "export_child")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub export_id: ExportId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub child_id: ChildId,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
