//! A professional, or a system that speaks for its agency.

use sea_orm::entity::prelude::*;

use crate::id::PractitionerId;

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "practitioner")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PractitionerId,
    pub full_name: String,
    /// Post as the person signs it, such as Designated safeguarding lead.
    pub designation: String,
    pub active: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
