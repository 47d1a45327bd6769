//! A number that was a child's until another took its place. It finds the child, and is shown to nobody.

use sea_orm::entity::prelude::*;

use crate::category::IdentityDetail;
use crate::codes::codes;
use crate::id::{ChildId, FormerNumberId};
use crate::sealed::Sealed;

codes! {
    /// What kind of number.
    pub enum Kind { Nhs, Upn }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "former_number")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FormerNumberId,
    pub child_id: ChildId,
    pub kind: Kind,
    pub number: Sealed<String, IdentityDetail>,
    /// The day from which it is not the child's any more.
    pub until: Date,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
